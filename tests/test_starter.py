"""A new project: what `init` writes, that it works at once, and that nothing of the author's is touched."""

import json
import os
import re
import subprocess
from fnmatch import fnmatch
from pathlib import Path

import jsonschema
import pytest
import yaml

from conftest import ROOT, STAMP
from deckwright.model import KINDS
from deckwright.project import build, check
from deckwright.reading.schema import FILES, schema
from learner import Learner
from test_commands import run

FILES_OF_A_PROJECT = {
    ".gitattributes",
    ".github/workflows/deck.yaml",
    ".gitignore",
    ".pre-commit-config.yaml",
    ".vscode/cards.schema.json",
    ".vscode/deck.schema.json",
    ".vscode/extensions.json",
    ".vscode/settings.json",
    ".vscode/sources.schema.json",
    "cards/deck.yaml",
    "cards/examples.yaml",
    "cards/media/motion-segment.svg",
    "cards/sources.yaml",
}


def files_below(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.fixture
def started(tmp_path: Path) -> Path:
    done = run("init", "neck_pain", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    return tmp_path / "neck_pain"


def test_a_new_project_builds_at_once(started: Path, learner: Learner) -> None:
    assert files_below(started).keys() == FILES_OF_A_PROJECT
    found = check(started, STAMP)
    assert (found.cards, found.problems) == (len(KINDS), [])
    built = build(started, started / "build", [], STAMP)
    [package] = [path for path, _ in built.written if path.suffix == ".apkg"]
    assert len(learner.imports(package).new) == len(KINDS)


def test_the_title_and_the_namespace_are_its_own(tmp_path: Path) -> None:
    written = []
    for _ in range(2):
        run("init", "lbp-hip", cwd=tmp_path)
        deck = tmp_path / "lbp-hip/cards/deck.yaml"
        written.append(deck.read_text())
        deck.unlink()
    for text in written:
        assert "\ntitle: Lbp hip\n" in text
        assert re.search(r"\nnamespace: lbp-hip-[0-9a-f]{6}\n", text)
    assert written[0] != written[1], "the tail is random, so that the same folder's name elsewhere is another deck"


def test_the_title_is_not_doubled(started: Path) -> None:
    topics = re.findall(r"^topic: (.*)", (started / "cards/examples.yaml").read_text(), re.MULTILINE)
    assert topics == ["Examples"]


def test_what_is_there_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "cards").mkdir()
    (tmp_path / "cards/mine.yaml").write_text("topic: Mine\ncards: []\n")
    (tmp_path / ".gitignore").write_text("secret\n")
    (tmp_path / ".gitattributes").symlink_to("nowhere")
    done = run("init", ".", cwd=tmp_path)
    assert ".gitignore was there already; it was not touched\n" in done.stdout
    assert ".gitattributes was there already; it was not touched\n" in done.stdout
    assert "cd " not in done.stdout
    assert (tmp_path / ".gitignore").read_text() == "secret\n"
    names = set(files_below(tmp_path))
    assert "cards/examples.yaml" not in names, "a folder with cards gets no examples"
    assert FILES_OF_A_PROJECT - names == {
        ".gitattributes",
        "cards/examples.yaml",
        "cards/sources.yaml",
        "cards/media/motion-segment.svg",
    }
    before = files_below(tmp_path)
    again = run("init", tmp_path)
    assert again.returncode == 0
    assert again.stdout.count("was there already") == len(FILES_OF_A_PROJECT) - 3
    assert files_below(tmp_path) == before


def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = run("init", tmp_path / "file")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


def test_editors_find_the_schemas(started: Path) -> None:
    for name in FILES:
        assert json.loads((started / f".vscode/{name}.schema.json").read_text()) == schema(name)
    for path in (started / "cards").glob("*.yaml"):
        [line] = re.findall(r"\A# yaml-language-server: \$schema=(.*)\n", path.read_text())
        kind = path.stem if path.stem in FILES else "cards"
        assert (path.parent / line).resolve() == started / f".vscode/{kind}.schema.json"
    settings = json.loads((started / ".vscode/settings.json").read_text())

    def schemas(name: str) -> list[str]:
        """As the YAML extension chooses them; `**/` may also be nothing."""
        chosen = []
        for path, globs in settings["yaml.schemas"].items():
            yes = [g.replace("**/", "*") for g in globs if not g.startswith("!")]
            no = [g[1:] for g in globs if g.startswith("!")]
            if any(fnmatch(name, g) for g in yes) and name not in no:
                chosen.append(path)
        return chosen

    assert schemas("cards/hip/pain.yaml") == schemas("cards/pain.yaml") == [".vscode/cards.schema.json"]
    assert schemas("cards/deck.yaml") == [".vscode/deck.schema.json"]
    assert schemas("cards/sources.yaml") == [".vscode/sources.schema.json"]
    assert schemas("cards/words.yaml") == schemas("cards/coverage.yaml") == []
    assert all((started / path).exists() for path in settings["yaml.schemas"])


def test_the_workflow_may_only_read_and_its_actions_are_pinned(started: Path) -> None:
    text = (started / ".github/workflows/deck.yaml").read_text()
    workflow = yaml.safe_load(text)
    assert workflow["permissions"] == {"contents": "read"}
    steps = workflow["jobs"]["deck"]["steps"]
    assert "${{" not in text, "nothing that a stranger wrote becomes code"
    assert all(re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40}", step["uses"]) for step in steps if "uses" in step)
    version = run("--version").stdout.split()[1]
    commands = [step["run"] for step in steps if "run" in step]
    assert commands == [f"pip install deckwright=={version}", "deckwright check", "deckwright build"]


def test_git_keeps_the_lines_of_two_releases(started: Path) -> None:
    """The lock of a merge has all lines of both sides, and `check` names those that are about one thing."""

    def git(*arguments: str) -> str:
        identity = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
        command = ["git", "-C", str(started), *identity, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603

    def release(word: str, day: int) -> None:
        card = ["--topic", word, "--question", f"{word}?", "--answer", "A", "--source", "acr-2021"]
        assert run("-C", started, "new", *card).returncode == 0
        now = {**os.environ, "SOURCE_DATE_EPOCH": str(STAMP + day * 86400)}
        assert run("-C", started, "release", "--yes", env=now).returncode == 0
        git("add", ".")
        git("commit", "-m", word)

    git("init", "-b", "main")
    release("First", 0)
    git("checkout", "-b", "other")
    release("Other", 1)
    git("checkout", "main")
    release("Main", 2)
    git("merge", "other")
    lock = (started / "cards/released.lock").read_text()
    assert all(f"card\t{id_}\t" in lock for id_ in ("first", "other", "main"))
    codes = re.findall(r": error: .* \[([\w-]+)\]", run("-C", started, "check").stdout)
    assert set(codes) <= {"lock-doubled"}


def test_pre_commit_checks_the_deck(started: Path) -> None:
    [repository] = yaml.safe_load((started / ".pre-commit-config.yaml").read_text())["repos"]
    [local], [ours] = repository["hooks"], yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    same = ("id", "name", "entry", "files", "pass_filenames")
    assert [local[key] for key in same] == [ours[key] for key in same]
    assert (local["language"], ours["language"]) == ("system", "python")


def test_a_schema_is_written_in_utf_8(tmp_path: Path) -> None:
    done = run("schema", "deck", "--out", tmp_path / "new/deck.json")
    assert done.stdout == f"{tmp_path / 'new/deck.json'}  (the schema for editors)\n"
    written = json.loads((tmp_path / "new/deck.json").read_text(encoding="utf-8"))
    assert written == json.loads(run("schema", "deck").stdout)
    jsonschema.Draft202012Validator.check_schema(written)
