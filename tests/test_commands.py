"""The commands as a user runs them: output, exit codes, and what failures of the machine look like."""

import errno
import json
import os
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from conftest import CASES, DECK, ROOT, MakeProject
from deckwright import cli, commands, terminal
from deckwright import write as writing
from deckwright.checks.page import problems_page
from deckwright.model import Shape, Text
from deckwright.parsers import parsers, with_tasks
from deckwright.reading.nodes import Mapping, Node, Sequence
from deckwright.reading.schema import page, schema
from deckwright.reading.yaml import read

CARDS = """\
topic: Low back pain::Imaging
cards:
  - id: one
    question: Q?
    answer: A
    sources: book
  - id: later
    question: Not yet?
    answer: No
    status: draft
"""


def run(*arguments: str | Path, **more: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "deckwright", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, **more)  # noqa: S603 - our own command


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_build(project: MakeProject) -> None:
    root = project({"a.yaml": CARDS, "b.yaml": CARDS.replace("Low back pain::Imaging", "Hip").replace("one", "two")
                    .replace("later", "much-later")})  # fmt: skip
    done = run("-C", root, "build")
    assert (done.returncode, done.stderr) == (0, "")
    names = [
        ".written",
        "START-HERE.html",
        "hip-DRAFT.apkg",
        "low-back-pain-DRAFT.apkg",
        "test-deck-complete-DRAFT.apkg",
    ]
    assert files_in(root / "build") == names
    assert f"{root / 'build' / 'hip-DRAFT.apkg'}  (Hip: 1 card)" in done.stdout
    page = (root / "build/START-HERE.html").read_text(encoding="utf-8")
    for name in names[2:]:
        assert f'href="{name}"' in page
    for part in ("draft", "AnkiDroid", "AnkiMobile", "Merge note types: off", "CC BY 4.0", "test::"):
        assert part in page


def test_a_notice_stands_at_the_top_of_the_start_page(project: MakeProject) -> None:
    root = project({"a.yaml": CARDS, "deck.yaml": DECK + "notice: No <i>clinician</i> has read this & that.\n"})
    assert run("-C", root, "build").returncode == 0
    page = (root / "build/START-HERE.html").read_text(encoding="utf-8")
    assert "No &lt;i&gt;clinician&lt;/i&gt; has read this &amp; that." in page.partition("<h2>")[0]
    (root / "cards/deck.yaml").write_text(DECK)
    assert run("-C", root, "build").returncode == 0
    assert 'class="notice"' not in (root / "build/START-HERE.html").read_text(encoding="utf-8")


def test_a_small_project_and_another_folder(project: MakeProject, tmp_path: Path) -> None:
    root = project({"a.yaml": CARDS})
    done = run("build", "--to", "anki", "--out", tmp_path / "new" / "folder", cwd=root)
    assert done.returncode == 0
    assert files_in(tmp_path / "new" / "folder") == [".written", "START-HERE.html", "low-back-pain-DRAFT.apkg"]
    assert not (root / "build").exists()


def test_a_package_of_a_topic_that_is_gone_goes_too(project: MakeProject) -> None:
    root = project({"a.yaml": CARDS})
    assert run("-C", root, "build").stderr == ""
    (root / "cards/a.yaml").write_text(CARDS.replace("Low back pain", "Back"))
    done = run("-C", root, "build")
    assert done.returncode == 0
    assert f"{root / 'build' / 'low-back-pain-DRAFT.apkg'} was removed; it is no longer an output" in done.stderr
    assert not (root / "build/low-back-pain-DRAFT.apkg").exists()


def test_check_writes_nothing(project: MakeProject) -> None:
    root = project({"a.yaml": CARDS, "note.txt": "x"})
    done = run("-C", root, "check")
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == "2 cards, 0 errors, 1 warning, 1 draft"
    assert done.stderr == "next: deckwright build\n"
    assert files_in(root) == ["cards"]


def test_the_next_step_is_named(project: MakeProject) -> None:
    root = project({"a.yaml": CARDS.replace("sources: book", "status: draft")})
    assert "next: remove `status: draft`" in run("-C", root, "check").stderr
    (root / "cards/a.yaml").write_text(CARDS)
    assert run("-C", root, "build").stdout.endswith("To study or publish it: deckwright release\n")
    (root / "cards/a.yaml").write_text(WRONG)
    assert run("-C", root, "check").stderr == "to fix what a program can fix: deckwright check --fix\n"


def test_errors_exit_with_1_and_leave_the_outputs(project: MakeProject) -> None:
    root = project({"a.yaml": CARDS})
    assert run("-C", root, "build").returncode == 0
    before = {path: path.read_bytes() for path in (root / "build").iterdir()}
    (root / "cards/a.yaml").write_text(CARDS.replace("answer: A", "answer: **A** b"))
    done = run("-C", root, "build")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("cards/a.yaml:5:13: error: ")
    assert done.stderr.endswith("1 error; nothing was written\n")
    assert {path: path.read_bytes() for path in (root / "build").iterdir()} == before
    assert run("-C", root, "check").returncode == 1


def test_a_fix_has_the_date_of_today(project: MakeProject) -> None:
    card = (
        "  - id: one\n    question: How many?\n    answer: 632 million\n    corrected: 619 million\n    sources: book\n"
    )
    root = project({"a.yaml": f"topic: T\ncards:\n{card}"})
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "1800000000"}
    done = run("-C", root, "check", env=environment)
    fix = "    corrected:\n      on: 2027-01-15\n      was: 619 million\n"
    assert fix in done.stdout
    (root / "cards/a.yaml").write_text(f"topic: T\ncards:\n{card.replace('    corrected: 619 million', fix.rstrip())}")
    assert run("-C", root, "check", env=environment).returncode == 0


def test_no_text_of_an_author_commands_the_terminal(project: MakeProject) -> None:
    root = project({"a.yaml": CARDS.replace("topic:", "x\u202ey: z\ntopic:"), "b\x1b[31m.yaml": "x"})
    done = run("-C", root, "check")
    assert done.returncode == 1
    assert "\u202e" not in done.stdout
    assert "x\\u202ey" in done.stdout
    assert "\x1b" not in done.stdout
    assert "b\\x1b[31m.yaml" in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [["-C", "nowhere", "build"], ["-C", "nowhere", "check"], ["build", "--to", "pdf"], ["nonsense"],
     ["schema", "x"], ["build", "--out"]],
)  # fmt: skip
def test_wrong_usage_exits_with_2(arguments: list[str], project: MakeProject) -> None:
    done = run(*arguments, cwd=project({"a.yaml": CARDS}))
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def one_line_exit_2(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 2
    assert done.stderr.startswith("deckwright: ")
    assert done.stderr.count("\n") == 1
    return done.stderr


def test_a_folder_that_cannot_be_made(project: MakeProject, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    done = run("-C", project({"a.yaml": CARDS}), "build", "--out", tmp_path / "file")
    assert "file" in one_line_exit_2(done)
    assert (tmp_path / "file").read_text() == "in the way"


@pytest.mark.parametrize("epoch", ["soon", "1e9", "-62135596800", "0", "4291747200", "253402300799", "253402300800000"])
def test_a_time_that_is_none(epoch: str, project: MakeProject) -> None:
    """Clocks at the ends of the calendar once broke what was written with them, and the next reading of it."""
    root = project({"a.yaml": CARDS})
    environment = {**os.environ, "SOURCE_DATE_EPOCH": epoch}
    for command in (["build"], ["check"], ["check", "--list", "stale"], ["release", "--yes"], ["sources", "report"]):
        done = run("-C", root, *command, env=environment)
        assert "SOURCE_DATE_EPOCH: not a valid Unix time; set it to the seconds since 1970" in one_line_exit_2(done)
    assert not (root / "cards/released.lock").exists()


def test_a_clock_that_is_wrong(
    project: MakeProject, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A machine with an empty battery starts in 1970."""
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    monkeypatch.setattr("time.time", lambda: 12.5)
    assert cli.main(["-C", str(project({"a.yaml": CARDS})), "check"]) == 2
    assert "this machine's clock" in capsys.readouterr().err


WRONG = CARDS.replace("answer: A", "answer: **A** b")


@pytest.mark.skipif(sys.platform == "win32", reason="a shell closes the streams")
@pytest.mark.parametrize("streams", [">&-", "2>&-", "<&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize(
    ("arguments", "cards", "code"),
    [
        ("check", CARDS, 0),
        ("check", WRONG, 1),
        ("build", CARDS, 0),
        ("build", WRONG, 1),
        ("build --to nothing", CARDS, 2),
        ("release --yes", CARDS, 0),
        ("release", CARDS, 1),  # there is nobody to ask
        ("quiz --to html --name q", CARDS, 0),
        ("quiz --name q", WRONG, 1),
        ("diff", CARDS, 0),
        ("--help", CARDS, 0),
        ("chekc", CARDS, 2),
    ],
)
def test_closed_streams(streams: str, arguments: str, cards: str, code: int, project: MakeProject) -> None:
    """As cron, service managers and pythonw start programs: nobody reads or answers, but everything else works."""
    root = project({"a.yaml": cards})
    command = f"exec {sys.executable} -W error -m deckwright {arguments} {streams}"
    done = subprocess.run(command, shell=True, cwd=root, capture_output=True, text=True, check=False)  # noqa: S602
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    assert "Error" not in done.stderr
    outputs = {path.name for path in (root / "build").glob("*")}
    if code == 0 and arguments.startswith(("build", "release")):
        assert any(name.endswith(".apkg") for name in outputs)
    elif arguments.startswith("quiz") and code == 0:
        assert "q.quiz.yaml" in outputs
    else:
        assert outputs == set()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
@pytest.mark.parametrize(("arguments", "streams"), [("check", ">"), ("build --to nothing", "2>")])
def test_streams_that_cannot_be_written(arguments: str, streams: str, project: MakeProject) -> None:
    command = f"exec {sys.executable} -m deckwright {arguments} {streams}/dev/full"
    root = project({"a.yaml": CARDS})
    done = subprocess.run(command, shell=True, cwd=root, capture_output=True, text=True, check=False)  # noqa: S602
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_a_disk_that_is_full(project: MakeProject) -> None:
    """A limit on file size simulates a full disk: the temporary database of a package cannot be written, and the write
    of a quiz fails in the middle."""
    root = project({"a.yaml": CARDS})
    assert run("-C", root, "build").returncode == 0
    assert run("-C", root, "quiz", "--to", "html", "--name", "quiz").returncode == 0
    before = {path: path.read_bytes() for path in (root / "build").iterdir()}
    (root / "cards/a.yaml").write_text(CARDS.replace("Q?", "Another question?"))

    resource = pytest.importorskip("resource")

    def small_disk() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))

    done = run("-C", root, "build", preexec_fn=small_disk)
    assert "the temporary database cannot be written" in one_line_exit_2(done)
    again = ("quiz", "--again", root / "build/quiz.quiz.yaml", "--to", "html")
    done = run("-C", root, *again, preexec_fn=small_disk)
    assert os.strerror(errno.EFBIG) in one_line_exit_2(done)
    assert {path: path.read_bytes() for path in (root / "build").iterdir()} == before, "the old outputs are whole"


def test_no_permission(
    project: MakeProject, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = project({"a.yaml": CARDS})

    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert cli.main(["-C", str(root), "check"]) == 2
    assert capsys.readouterr().err == f"deckwright: {root / 'cards/deck.yaml'}: Permission denied\n"


def test_our_own_bugs_keep_their_traceback(project: MakeProject, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("ours")

    monkeypatch.setattr("deckwright.project.load_deck", broken)
    with pytest.raises(RuntimeError, match="ours"):
        cli.main(["-C", str(project({"a.yaml": CARDS})), "check"])


def test_a_build_can_be_repeated_to_the_byte(project: MakeProject, tmp_path: Path) -> None:
    root = project({"a.yaml": CARDS, "b.yaml": (CASES / "kinds/options.yaml").read_bytes()})
    outputs = []
    for number, (zone, seed) in enumerate([("UTC", "1"), ("Asia/Tokyo", "2")]):
        out = tmp_path / str(number)
        environment = {**os.environ, "SOURCE_DATE_EPOCH": "1800000000", "TZ": zone, "PYTHONHASHSEED": seed}
        assert run("-C", root, "build", "--out", out, env=environment).returncode == 0
        outputs.append({path.name: path.read_bytes() for path in out.iterdir()})
    assert outputs[0] == outputs[1]


def test_version_and_help() -> None:
    assert run("--version").stdout.startswith("deckwright ")
    help_ = run("--help")
    assert help_.returncode == 0
    bare = run()
    assert (bare.returncode, bare.stdout) == (0, help_.stdout)
    for command in ("build", "check", "schema"):
        assert command in help_.stdout


def test_every_module_of_a_command_is_in_the_table() -> None:
    modules = {path.stem for path in Path(commands.__file__).parent.glob("*.py")} - {"__init__"}
    assert modules == set(commands.COMMANDS)
    help_ = run("--help").stdout
    for name, about in commands.COMMANDS.items():
        assert about in help_
        usage, description, *_ = run(name, "--help").stdout.split("\n\n")
        assert usage.startswith(f"usage: deckwright {name} ")
        assert " ".join(description.split()) == f"{about[0].upper()}{about[1:]}."
    for task in ("record", "verify", "find", "report"):
        _, description, *_ = run("sources", task, "--help").stdout.split("\n\n")
        assert description.strip().endswith(".")


def test_every_help_ends_in_an_example() -> None:
    """tests/test_docs.py runs the examples, which are also in docs/commands.md."""
    parser, _ = parsers(commands.COMMANDS)
    every = {each.prog: each.format_help() for each in with_tasks(parser)}
    assert commands.EXAMPLES.keys() == every.keys()
    for name, help_ in every.items():
        assert commands.EXAMPLES[name].startswith(name)
        last = help_.strip().split("\n\n")[-1]
        assert last == f"example: {commands.EXAMPLES[name]}", "it is on one line, so that it can be copied"
    assert run("sources", "find", "--help").stdout.endswith(
        f"example: {commands.EXAMPLES['deckwright sources find']}\n"
    )


COMPLETIONS = [
    ("deckwright rel", {"release"}),
    ("deckwright sources re", {"record", "report"}),
    ("deckwright quiz --ans", {"--answers", "--answers-only", "--answer-sheet"}),
    ("deckwright check --list su", {"superseded"}),
    ("deckwright init some", {"some-folder"}),
    ("deckwright quiz --logo lo", {"logo.svg"}),
]


@pytest.mark.parametrize(("line", "completed"), COMPLETIONS)
def test_bash_completes(line: str, completed: set[str], tmp_path: Path) -> None:
    (tmp_path / "some-folder").mkdir()
    (tmp_path / "logo.svg").touch()
    (tmp_path / "deckwright.bash").write_text(run("completion", "bash").stdout)
    script = (
        f"source ./deckwright.bash; COMP_WORDS=({line}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); _shtab_deckwright;"
        ' printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)  # noqa: S603, S607
    assert set(done.stdout.split()) == completed


@pytest.mark.skipif(not shutil.which("zsh"), reason="there is no zsh here")
def test_zsh_takes_the_script(tmp_path: Path) -> None:
    (tmp_path / "_deckwright").write_text(run("completion", "zsh").stdout)
    script = f"fpath=({tmp_path} $fpath); autoload -Uz compinit; compinit -u -D; print $_comps[deckwright]"
    found = subprocess.run(["zsh", "-fc", script], capture_output=True, text=True, check=True)  # noqa: S603, S607
    assert (found.stdout, found.stderr) == ("_deckwright\n", "")
    subprocess.run(["zsh", "-n", tmp_path / "_deckwright"], check=True)  # noqa: S603, S607


def test_a_folder_called_as_a_command_is(project: MakeProject) -> None:
    root = project({"a.yaml": CARDS})
    root = root.rename(root.with_name("build"))
    done = run("-C", "build", "check", cwd=root.parent)
    assert (done.returncode, done.stdout) == (0, "2 cards, 0 errors, 1 draft\n")
    done = run("check", "-C", "build", cwd=root.parent)
    assert (done.returncode, done.stdout) == (0, "2 cards, 0 errors, 1 draft\n")


def test_the_project_is_found_from_a_folder_in_it(project: MakeProject, tmp_path: Path) -> None:
    root = project({"a.yaml": CARDS, "neck/b.yaml": CARDS.replace("one", "two").replace("later", "last")})
    deep = root / "cards/neck/cards-to-come/deep"
    deep.mkdir(parents=True)
    for folder in (root / "cards", root / "cards/neck", deep):
        done = run("check", cwd=folder)
        assert (done.returncode, done.stdout) == (0, "4 cards, 0 errors, 2 drafts\n"), done.stderr
    done = run("build", cwd=deep)
    assert (root / "build/START-HERE.html").exists()
    assert str(Path("../../../../build/START-HERE.html")) in done.stdout
    (deep / "cards").mkdir()
    assert "no-deck" in run("check", cwd=deep).stdout, "a folder with cards/ is a project of its own"
    (deep / "cards").rmdir()
    assert "there is no such folder" in one_line_exit_2(run("check", "-C", ".", cwd=deep)), "-C names the folder itself"
    (root / "cards/deck.yaml").unlink()
    assert "cards/deck.yaml:1:1: error: this file is missing" in run("check", cwd=deep).stdout
    assert "there is no such folder" in one_line_exit_2(run("check", cwd=tmp_path))


def test_options_for_every_command_can_be_typed_anywhere(project: MakeProject, tmp_path: Path) -> None:
    root = project({"a.yaml": CARDS})
    for arguments in (["-C", root, "check"], ["check", "-C", root], ["check", f"-C{root}", "--list", "draft"]):
        assert run(*arguments, cwd=tmp_path).returncode == 0
    (root / "texts").mkdir()
    done = run("sources", "find", "--text", root / "texts", "-C", root, "saddle")
    assert done.stderr.startswith("cards/sources.yaml:1:1: error: no source has a text file [missing-text]\n")
    assert run("check", "--version", cwd=tmp_path).stdout == run("--version").stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("chek", "there is no command 'chek'; did you mean `check`?"),
        ("Build", "there is no command 'Build'; did you mean `build`?"),
        ("frobnicate", "there is no command 'frobnicate'"),
        ("quiz --cuont 5", "unknown argument: --cuont 5; did you mean `--count`?"),
        ("build --realesed=yes", "unknown argument: --realesed=yes; did you mean `--released`?"),
        ("--vresion", "unknown argument: --vresion; did you mean `--version`?"),
        ("check everything", "unknown argument: everything"),
    ],
)
def test_what_was_probably_meant(arguments: str, message: str, project: MakeProject) -> None:
    done = run(*arguments.split(), cwd=project({"a.yaml": CARDS}))
    assert done.returncode == 2
    assert done.stderr.endswith(f": error: {message}\n")


def test_schema_accepts_the_cards_we_ship_and_rejects_errors() -> None:
    def seen(node: Node | None) -> Any:
        """A node as an editor's YAML 1.2 parser gives it to the schema."""
        match node:
            case Mapping():
                return {key: seen(value) for key, (_, value) in node.entries.items()}
            case Sequence():
                return [seen(item) for item in node.items]
            case Text() if node in ("true", "false"):
                return node == "true"
            case Text():
                return int(node) if re.fullmatch(r"\d+", node) else node
            case None:
                return None

    def loaded(path: Path) -> Any:
        return seen(read(path.name, path.read_bytes())[1])

    for path in set((ROOT / "cards").rglob("*.yaml")) - {ROOT / "cards/coverage.yaml"}:
        sort = path.stem if path.stem in ("deck", "sources") else "cards"
        jsonschema.validate(loaded(path), schema(sort))
    for path in (CASES / "kinds").glob("*.yaml"):
        jsonschema.validate(loaded(path), schema("cards"))
    for wrong in ("options", "keys"):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(loaded(CASES / "mistakes" / f"{wrong}.yaml"), schema("cards"))
    printed = run("schema", "sources")
    assert json.loads(printed.stdout) == schema("sources")
    jsonschema.Draft202012Validator.check_schema(schema("deck"))


def test_the_reference_page_is_up_to_date(request: pytest.FixtureRequest) -> None:
    path = ROOT / "docs" / "cards.md"
    if request.config.getoption("--refresh"):
        path.write_text(page(), encoding="utf-8")
    assert page() == path.read_text(encoding="utf-8")
    for shape in Shape:
        assert shape.value.split("|")[0] in page()


def test_the_page_on_problems_is_up_to_date(request: pytest.FixtureRequest) -> None:
    path = ROOT / "docs" / "problems.md"
    if request.config.getoption("--refresh"):
        path.write_text(problems_page(), encoding="utf-8")
    assert problems_page() == path.read_text(encoding="utf-8")


def test_the_page_on_commands_is_up_to_date(request: pytest.FixtureRequest) -> None:
    path = ROOT / "docs" / "commands.md"
    made = runpy.run_path(str(ROOT / "docs/commands.py"))["page"]()
    if request.config.getoption("--refresh"):
        path.write_text(made, encoding="utf-8")
    assert made == path.read_text(encoding="utf-8")
    assert "|  |" not in made, "an option has no help"
    assert [name for name in commands.COMMANDS if f"## deckwright {name}\n" not in made] == []


def test_no_module_is_imported_before_it_is_needed() -> None:
    code = "import sys, deckwright.cli as c\ntry: c.main(['--help'])\nexcept SystemExit: pass\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    modules = set(done.stdout.splitlines()[-1].split())
    heavy = {"yaml", "genanki", "jinja2", "pyromark", "sqlite3", "dataclasses"}
    assert not modules & {*heavy, *(f"deckwright.commands.{name}" for name in commands.COMMANDS)}


def test_progress_only_on_a_terminal_and_only_when_it_takes_long(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    clock = iter([0.0, 0.5, 1.5])
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    with terminal.Progress() as step:
        assert step is not None
        step(1, 10)
        assert capsys.readouterr().err == ""
        step(5, 10)
        assert "5 of 10 files" in capsys.readouterr().err
    monkeypatch.setattr("sys.stderr.isatty", lambda: False)
    monkeypatch.setattr("time.monotonic", lambda: 0.0)
    with terminal.Progress() as step:
        assert step is None


def test_a_write_that_fails_leaves_no_half_file(tmp_path: Path) -> None:
    from deckwright.formats import File

    (tmp_path / "b.txt").write_text("old")
    files = [File("b.txt", b"new", ""), File("no/such/folder.txt", b"x", "")]
    with pytest.raises(FileNotFoundError):
        writing.write([(tmp_path, files)])
    assert (tmp_path / "b.txt").read_text() == "old"
    assert files_in(tmp_path) == ["b.txt"]


def test_an_output_that_is_a_folder(project: MakeProject) -> None:
    root = project({"a.yaml": CARDS})
    (root / "build/low-back-pain-DRAFT.apkg").mkdir(parents=True)
    message = "this is a folder, but a file must be written under this name; rename the folder"
    assert one_line_exit_2(run("-C", root, "build")).endswith(f"build/low-back-pain-DRAFT.apkg: {message}\n")
    assert files_in(root / "build") == ["low-back-pain-DRAFT.apkg"]


@pytest.mark.skipif(sys.platform == "win32", reason="there it cannot be known whether a process is running")
def test_what_a_killed_run_left_goes_with_the_next_write(project: MakeProject, tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    root = project({"a.yaml": CARDS})
    for folder in (root / "build", root / "cards/releases", tmp_path / "temporary"):
        folder.mkdir()

    def leave(process: int, old: bool = False) -> dict[str, list[Path]]:
        left = [
            folder / f".x.apkg.{process}.part" for folder in (root / "build", root / "cards", root / "cards/releases")
        ]
        for path in left:
            path.write_bytes(b"half")
        texts = tmp_path / f"temporary/deckwright-{process}-ab_1"
        texts.mkdir()
        (texts / "rich.typ").write_text("all texts of the cards")
        for path in [*left, texts]:
            os.utime(path, (0, 0) if old else None)
        return {"release": left, "quiz": [texts]}

    dead, living, long_ago = leave(ended.pid), leave(os.getpid()), leave(os.getppid(), old=True)
    other = root / "cards/.notes.part"
    other.write_text("the author's own")
    environment = {**os.environ, "TMPDIR": str(tmp_path / "temporary")}
    for command in (["release", "--yes"], ["quiz"]):
        done = run("-C", root, *command, env=environment)
        assert (done.returncode, done.stderr) == (0, "")
        for left, stays in ((dead, False), (living, True), (long_ago, False)):
            assert [path.exists() for path in left[command[0]]] == [stays] * len(left[command[0]])
    assert other.exists()
    assert files_in(tmp_path / "temporary") == [living["quiz"][0].name]


def test_git_takes_no_leftovers(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_bytes((ROOT / ".gitignore").read_bytes())
    ignored = ["git", "check-ignore", "cards/.released.lock.12038.part"]
    subprocess.run(["git", "init"], cwd=tmp_path, check=True, capture_output=True)  # noqa: S607
    done = subprocess.run(ignored, cwd=tmp_path, check=True, capture_output=True, text=True)  # noqa: S603
    assert done.stdout == "cards/.released.lock.12038.part\n"


@pytest.mark.skipif(sys.platform == "win32", reason="no file can be named like that there")
def test_a_file_name_forges_no_line(project: MakeProject) -> None:
    forged = "a\nb.yaml:1:1: error: gone [x].yaml"
    root = project({forged: CARDS.replace("sources: book", "sources: none"), "b.yaml": CARDS.replace("later", "last")})
    done = run("-C", root, "check")
    assert done.returncode == 1
    spelt = "cards/a\\nb.yaml:1:1: error: gone [x].yaml"
    assert done.stdout.splitlines()[0].startswith(f"{spelt}:6:14: error: there is no source")
    for line in done.stdout.splitlines()[:-1]:
        assert line.startswith((spelt, "cards/b.yaml:", "    ")), line
    assert f"first at {spelt}:3" in done.stdout
    (root / "cards" / forged).write_text(CARDS)
    (root / "cards/b.yaml").unlink()
    listed = run("-C", root, "check", "--list", "draft").stdout
    assert listed.startswith(f"{spelt}:7:9: later")
    (root / "cards" / forged).unlink()
    missing = run("-C", root / "a\nb", "check")
    assert "a\\nb/cards" in one_line_exit_2(missing)


def test_more_topics_than_files_can_be_open(project: MakeProject) -> None:
    """macOS lets a process open 256 files."""
    resource = pytest.importorskip("resource")
    root = project(
        {f"{n}.yaml": CARDS.replace("topic: ", f"topic: {n} ").replace("id: ", f"id: n{n}-") for n in range(100)}
    )

    def few_files() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (50, 50))

    done = run("-C", root, "build", preexec_fn=few_files)
    assert done.returncode == 0, done.stderr
    assert len(list((root / "build").glob("*.apkg"))) == 101
