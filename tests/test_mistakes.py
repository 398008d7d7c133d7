"""Every error an author can make: its place, its code and its hint, all in one run."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import CASES, SOURCES, STAMP, SVG, Expect, MakeProject
from deckwright.problem import Problem, Severity, Span
from deckwright.project import build, check
from deckwright.reading.nodes import DEEPEST
from test_commands import run


def shown(problems: list[Problem]) -> str:
    assert problems == sorted(problems)
    return "".join(f"{problem}\n" for problem in problems)


def codes(root: Path) -> list[str]:
    return [problem.code for problem in check(root, STAMP).problems]


@pytest.mark.parametrize("case", sorted(path.stem for path in (CASES / "mistakes").glob("*.yaml")))
def test_errors_in_a_file(case: str, project: MakeProject, expect: Expect, tmp_path: Path) -> None:
    source = CASES / "mistakes" / f"{case}.yaml"
    root = project({f"{case}.yaml": source.read_bytes(), "media/circle.svg": SVG, "media/notes.txt": "text"})
    out = tmp_path / "out"
    out.mkdir()
    (out / "old.apkg").write_text("old")
    result = build(root, out, [], STAMP)
    assert result.written == []
    assert [path.name for path in out.iterdir()] == ["old.apkg"], "build/ stays as it was"
    expect(shown(result.problems), source.with_suffix(".txt"))


@pytest.mark.parametrize(
    ("card", "code"),
    [
        ("question: Q?\n    answer: $\\mathbb{R}$\n", "math-not-printed"),
        (
            "question: Q?\n    options:\n      - correct: A third one\n      - wrong: Only option B\n",
            "points-at-letter",
        ),
    ],
)
def test_a_warning_is_shown_until_it_is_accepted(project: MakeProject, card: str, code: str) -> None:
    text = f"topic: T\ncards:\n  - id: one\n    sources: book\n    {card}"
    problems = check(project({"a.yaml": text}), STAMP).problems
    assert [(problem.code, problem.severity) for problem in problems] == [(code, Severity.WARNING)]
    assert codes(project({"a.yaml": text + f"    allow:\n      {code}: no way round it\n"})) == []


def test_an_invalid_language(project: MakeProject) -> None:
    deck = "title: T\nnamespace: t\nlanguage: English (UK)\n"
    assert codes(project({"a.yaml": FILE.format("T", "one"), "deck.yaml": deck})) == ["bad-language"]


@pytest.mark.parametrize(
    "name", ["Thumbs.db", "desktop.ini", ".DS_Store", "low-back-pain/Thumbs.db", "media/desktop.ini"]
)
def test_files_of_the_operating_system_are_ignored(project: MakeProject, name: str) -> None:
    assert codes(project({"a.yaml": FILE.format("T", "one"), name: b"\0"})) == []
    assert codes(project({"a.yaml": FILE.format("T", "one"), f"{name}.txt": b"\0"})) == (
        [] if name.startswith((".", "media/")) else ["stray-file"]
    )


CARD = "  - id: {}\n    question: Q?\n    answer: A\n    sources: book\n"
FILE = "topic: {}\ncards:\n" + CARD


def test_errors_in_several_files_are_all_shown(project: MakeProject, expect: Expect) -> None:
    root = project(
        {
            "a.yaml": FILE.format("Low back pain::Imaging", "one"),
            "b.yaml": FILE.format("low back pain::Imaging", "two"),
            "c.yaml": FILE.format("Low-back pain", "one"),
            "d.yaml": "topic: [\n",
            "e.yml": FILE.format("Lost", "lost"),
            "f.docx": b"PK",
            "mine.yaml.txt": FILE.format("Lost too", "lost-too"),
            "g.yaml": FILE.format("Test deck complete", "three"),
            "empty.yaml": "",
            "media/a.svg": SVG,
            "media/A.svg": SVG,
            "sources.yaml": "book:\n  title: A book\n  kind: textbook\nHoy:\n  title: B\n  kind: paper\n  doi: hoy\n",
            "deck.yaml": "title: Test deck\nnamespace: test\nreview_every: often\nreport: javascript:alert(1)\n"
            "rules: {near-duplicate: off}\n",
        }
    )
    expect(shown(check(root, STAMP).problems), CASES / "folders" / "several-files.txt")


def test_a_key_without_its_text_is_one_error(project: MakeProject) -> None:
    sources = "book:\n  title: A book\n  kind: textbook\n  isbn: 1\n  doi:\n"
    assert codes(project({"a.yaml": FILE.format("T", "one"), "sources.yaml": sources})) == ["empty-text"]


def test_an_empty_project(project: MakeProject, expect: Expect) -> None:
    root = project({})
    (root / "cards/deck.yaml").unlink()
    found = re.sub(r"(namespace: project)-[0-9a-f]{6}\n", r"\1-0a1b2c\n", shown(check(root, STAMP).problems))
    expect(found, CASES / "folders" / "nothing-there.txt")


@pytest.mark.parametrize(
    ("name", "title", "namespace"),
    [
        ("neck_pain 2", "Neck pain 2", "neck-pain-2"),
        ("lbp-hip", "Lbp hip", "lbp-hip"),
        ("Übungen", "Übungen", "ubungen"),
        ("腰痛", "腰痛", "deck"),
        ('a: "b" #c', "A b c", "a-b-c"),
        ("x" * 200, "X" + "x" * 199, "x" * 40),
    ],
)
def test_what_is_proposed_for_a_new_deck(name: str, title: str, namespace: str, tmp_path: Path) -> None:
    """It is taken from the folder, works when pasted, and differs from that of another folder with the same name."""
    hints = []
    for place in ("one", "two"):
        root = tmp_path / place / name
        (root / "cards").mkdir(parents=True)
        (root / "cards/sources.yaml").write_text(SOURCES)
        (root / "cards/a.yaml").write_text(FILE.format("T", "one"))
        [problem] = check(root, STAMP).problems
        lines = problem.hint.splitlines()
        hints.append(lines[2])
        assert lines[1] == f'title: "{title}"'
        assert re.fullmatch(rf"namespace: {namespace}-[0-9a-f]{{6}}", lines[2])
        assert check(root, STAMP).problems == [problem], "the same each time"
        (root / "cards/deck.yaml").write_text("\n".join(lines[1:]))
        assert check(root, STAMP).problems == []
    assert hints[0] != hints[1]


def test_no_hint_repeats_our_own_deck(project: MakeProject) -> None:
    """Hints show what is missing in the author's own words, or as a gap to fill."""
    root = project(
        {
            "deck.yaml": "language: en\n",
            "sources.yaml": "- a\n",
            "neck_pain.yaml": "cards:\n  - question: Which muscle turns the head to the other side?\n    answer: A\n"
            "  - id: Ü\n    cloze: 腰痛\n  - cloze: 腰痛\n  - id: one\n    answer: A\n",
            "b.yaml": "topic: ':'\ncards: []\n",
            "neck/upper_part.yaml": 'cards:\n  - id: two\n    cloze: "{{c1::x}}"\n',
            "coverage.yaml": "- a\n",
        }
    )
    (root / "cards/sources.figures").write_text("")
    hints = "\n".join(problem.hint for problem in check(root, STAMP).problems)
    for own in ("lbp", "Low back", "low back", "hoy-2012", "origin-000"):
        assert own not in hints
    assert "add topic: Neck pain\n" in hints
    assert "add topic: Neck::Upper part\n" in hints
    assert "add id: which-muscle-turns-the-head\n" in hints
    assert "add namespace: … (lower-case letters, digits and hyphens)" in hints


def test_missing_sources_are_one_problem(project: MakeProject) -> None:
    """Its fix is the beginning of the file."""
    cards = CARD.format("one").replace("book", "Blanpied et al. 2017 p. 3") + CARD.format("two") + CARD.format("three")
    root = project({"a.yaml": f"topic: T\ncards:\n{cards}", "b.yaml": FILE.format("T", "four")})
    (root / "cards/sources.yaml").unlink()
    [problem] = check(root, STAMP).problems
    assert (problem.span.file, problem.code) == ("cards/sources.yaml", "no-sources")
    assert problem.hint.splitlines()[1:] == [
        "blanpied-2017:",
        "  title: …",
        "  kind: …",
        "  year: 2017",
        "  doi: …",
        "and write blanpied-2017 p. 3 instead of Blanpied et al. 2017 p. 3 on the card",
    ]
    assert not build(root, root / "build", [], STAMP).written
    (root / "cards/sources.yaml").write_text("# none yet\n")
    assert codes(root) == ["no-sources"]
    drafts = "".join(CARD.format(id_).replace("sources: book", "status: draft") for id_ in ("one", "two"))
    (root / "cards/a.yaml").write_text(f"topic: T\ncards:\n{drafts}")
    (root / "cards/b.yaml").unlink()
    assert codes(root) == [], "drafts need no sources"


@pytest.mark.parametrize(
    "written",
    ["10.1000/182", "https://doi.org/10.1016/S0140-6736(18)30480-X p. 12", "PMID: 22231424", "Blanpied et al. 2017",
     "https://pubmed.ncbi.nlm.nih.gov/22231424/", "https://example.org/a?b=c#d", "Gray, ISBN 978-0-7020-7705-0, p. 44",
     "nice-ng59 1.1.4", "腰痛", "Smith & Jones: backs, 1999", "10.1002/(SICI)1097-0258(19980815/30)17:15/16<1661::A>3",
     "- a", "2017", "UPPER", "x y z # 1"],
)  # fmt: skip
def test_the_entry_for_a_new_source_can_be_pasted(written: str, project: MakeProject) -> None:
    """With its gaps filled, and the card as the fix says, nothing is wrong any more."""
    card = CARD.format("one").replace("book", f"'{written}'")
    root = project({"a.yaml": f"topic: T\ncards:\n{card}"})
    [problem] = check(root, STAMP).problems
    assert problem.code == "unknown-source"
    _, *entry = problem.hint.splitlines()
    citation = re.fullmatch("and write (.*) here", entry[-1])
    entry = entry[:-1] if citation else entry
    (root / "cards/sources.yaml").write_text(SOURCES + "\n".join(entry) + "\n")
    gaps = sum(line.endswith("…") for line in entry)
    found = [problem for problem in check(root, STAMP).problems if problem.span.file == "cards/sources.yaml"]
    assert len(found) == gaps >= 2, "no gap is taken for a text"
    filled = "\n".join(entry).replace("title: …", "title: T").replace("kind: …", "kind: web")
    (root / "cards/sources.yaml").write_text(SOURCES + filled.replace("doi: …", "doi: 10.1000/1") + "\n")
    fixed = card.replace(f"'{written}'", citation[1]) if citation else card
    (root / "cards/a.yaml").write_text(f"topic: T\ncards:\n{fixed}")
    assert check(root, STAMP).problems == []


@pytest.mark.parametrize(
    ("data", "code", "line", "column"),
    [
        (b"topic: a\n\tb: c\n", "tab", 2, 1),
        (b"topic: a\x00b\n", "invisible-character", 1, 9),
        (b"topic: a\ntags: [\x1b]\n", "invisible-character", 2, 8),
        ("topic: a\u2028b\n".encode(), "invisible-character", 1, 9),
        ("topic: a\nx: é\u200e\ufdd0\n".encode(), "invisible-character", 2, 6),
        (b"topic: caf\xe9\n", "encoding", 1, 11),
        ("topic: a\n".encode("utf-16"), "encoding", 1, 1),
        (b"topic: a\rcards: b\n", "line-end", 1, 9),
        (b"topic: a\n---\ntopic: b\n", "several-documents", 2, 1),
        (b"%TAG ! x\n---\ntopic: b\n", "directive", 1, 1),
        (b"[" * 5000, "too-deep", 1, 13),
        (b"".join(b" " * n + b"a:\n" for n in range(5000)), "too-deep", 13, 13),
        (b"{a: " * 5000, "too-deep", 1, 49),
        (b"[\n" * 5000, "too-deep", 13, 1),
        (b"- " * 5000, "too-deep", 1, 25),
        (b"topic: T\ncards: " + b"[" * 2000, "too-deep", 2, 19),
        (b"topic: T\ncards: " + b"[" * 2000 + b"]" * 2000 + b"\n", "too-deep", 2, 19),
        ("topic: Zwölf\ntags: [é]\ncards: ".encode() + b"[" * 2000, "too-deep", 3, 19),
    ],
)
def test_bytes_that_are_not_cards(project: MakeProject, data: bytes, code: str, line: int, column: int) -> None:
    problem = next(problem for problem in check(project({"a.yaml": data}), STAMP).problems if problem.code == code)
    assert problem.span == ("cards/a.yaml", line, column)
    assert problem.hint


def test_lists_nested_too_deep_are_one_problem(project: MakeProject) -> None:
    """Some versions of libyaml have a limit of their own; its message is not shown, and no quotes are recommended."""
    for data in (b"[" * 5000, b"topic: T\ncards: " + b"[" * 2000, b"topic: T\ncards: {a: " + b"[" * 2000 + b"]" * 2000):
        [problem] = check(project({"a.yaml": data}), STAMP).problems
        assert (problem.code, problem.message) == ("too-deep", f"lists are nested more than {DEEPEST} deep")


def test_a_byte_order_mark_and_windows_line_ends_are_fine(project: MakeProject) -> None:
    text = FILE.format("T", "one").replace("\n", "\r\n")
    assert check(project({"a.yaml": b"\xef\xbb\xbf" + text.encode()}), STAMP).problems == []


def test_a_folder_named_as_a_file(project: MakeProject) -> None:
    root = project({"a.yaml": FILE.format("T", "one"), "x.yaml/b.yaml": FILE.format("T", "two"), "old.YML/c.txt": "c"})
    (root / "cards/empty.yaml").mkdir()
    found = [(problem.span.file, problem.code) for problem in check(root, STAMP).problems]
    assert found == [
        ("cards/empty.yaml", "stray-file"),
        ("cards/old.YML", "stray-file"),
        ("cards/old.YML/c.txt", "stray-file"),
        ("cards/x.yaml", "stray-file"),
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="links and pipes are made differently there")
def test_links(project: MakeProject, tmp_path: Path) -> None:
    root = project({"a.yaml": FILE.format("T", "one")})
    secret = tmp_path / "secret.yaml"
    secret.write_text(FILE.format("Secret", "secret"))
    (root / "cards/b.yaml").symlink_to(secret)
    (root / "cards/media").mkdir()
    (root / "cards/media/passwd.png").symlink_to("/etc/passwd")
    (root / "cards/folder").symlink_to(root / "cards/media")
    (root / "cards/inside.yaml").symlink_to(root / "cards/a.yaml")
    os.mkfifo(root / "cards/pipe.yaml")
    (root / "cards/to-pipe.yaml").symlink_to(root / "cards/pipe.yaml")
    (root / "cards/gone.yaml").symlink_to(root / "cards/nothing.yaml")
    (root / "cards/loop.yaml").symlink_to(root / "cards/loop.yaml")
    found = [(problem.span.file, problem.code) for problem in check(root, STAMP).problems]
    assert found == [
        ("cards/b.yaml", "link-outside"),
        ("cards/folder", "linked-folder"),
        ("cards/gone.yaml", "stray-file"),
        ("cards/inside.yaml", "doubled-id"),
        ("cards/loop.yaml", "stray-file"),
        ("cards/media/passwd.png", "link-outside"),
        ("cards/pipe.yaml", "stray-file"),
        ("cards/to-pipe.yaml", "stray-file"),
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="links are made differently there")
def test_cards_outside_the_project(project: MakeProject, tmp_path: Path) -> None:
    elsewhere = project({"a.yaml": FILE.format("T", "one")})
    (tmp_path / "other").mkdir()
    (tmp_path / "other/cards").symlink_to(elsewhere / "cards")
    assert "link-outside" in codes(tmp_path / "other")


def test_outputs_with_the_same_name(project: MakeProject) -> None:
    """However long or foreign the names are, no two outputs share one."""
    long = "Einigermaßen lange Bezeichnung " * 6
    root = project({"a.yaml": FILE.format(long + "eins", "one"), "b.yaml": FILE.format(long + "zwei", "two")})
    assert codes(root) == ["output-clash"]
    device = project({"a.yaml": FILE.format("AUX", "one"), "b.yaml": FILE.format("COM1::B", "two")})
    names = [path.name for path, _ in build(device, device / "build", [], STAMP).written]
    assert "aux-topic-DRAFT.apkg" in names, "Windows opens no file called aux"
    foreign = project({"a.yaml": FILE.format("腰痛と股関節痛の疫学" * 9, "one"), "b.yaml": FILE.format("T", "two")})
    result = build(foreign, foreign / "build", [], STAMP)
    assert len(result.written) == 4


@pytest.mark.parametrize(
    "cloze",
    [
        "{{" + "9" * 100_000,
        "{{c1::" * 3_000,
        "{{c1::a}} " * 20_000,
        "{{c1::a::" * 1_000 + "}}" * 1_000,
        "{c1, " * 20_000,
    ],
    ids=["digits", "open", "many", "hints", "nearly"],
)
def test_no_cloze_text_takes_long(project: MakeProject, cloze: str) -> None:
    """In quadratic time, each of these would take minutes; a check takes a second at most."""
    root = project({"a.yaml": f"topic: T\ncards:\n  - id: a\n    cloze: '{cloze}'\n    sources: book\n"})
    assert run("-C", root, "check", timeout=60).returncode in (0, 1)


@pytest.mark.parametrize(
    "line",
    [
        "sources: 'x{}'".format(", " * 200_000),
        "sources: {}".format("doi " * 200_000),
        "items: {}".format("a, " * 200_000),
        "tags: {}".format("a, " * 200_000),
        "corrected: {}".format("2026-11-22 " * 100_000),
        "answer: '{}'".format("![a b](c d.svg) " * 20_000),
        "answer: a\n{}".format("      - b # c\n" * 5_000),
    ],
    ids=["commas", "doi", "items", "tags", "dates", "pictures", "run-on"],
)
def test_no_fix_takes_long_or_is_endless(project: MakeProject, line: str) -> None:
    """In quadratic time, some of these would take minutes."""
    root = project({"a.yaml": f"topic: T\ncards:\n  - id: a\n    question: Q?\n    {line}\n    status: draft\n"})
    done = run("-C", root, "check", timeout=60)
    assert done.returncode == 1, done.stderr
    assert done.stdout.count("\n") < 50_000


@pytest.mark.parametrize(
    "text", ["> " * 3_000, "- " * 3_000, "-   " * 3_000, "![" * 3_000, "[" * 3_000, "*a **b " * 1_000, "((" * 9_000]
)
def test_deep_nesting_breaks_nothing(project: MakeProject, text: str) -> None:
    root = project({"a.yaml": f"topic: T\ncards:\n  - id: a\n    question: |\n      x\n\n      {text}y\n    answer: A\n"
                    "    sources: book\n"})  # fmt: skip
    assert codes(root) == []
    assert build(root, root / "build", [], STAMP).written


def test_thousands_of_errors(project: MakeProject) -> None:
    cards = "".join(f"  - id: c-{n}\n    question: Q?\n    answer: A\n    sources: hoy-{n}\n" for n in range(5_000))
    sources = "".join(f"hoy-2012-{n}:\n  title: T\n  kind: web\n  pmid: {n}\n" for n in range(300))
    assert len(codes(project({"a.yaml": f"topic: T\ncards:\n{cards}", "sources.yaml": sources}))) == 5_000


def test_one_error_hides_no_other(project: MakeProject) -> None:
    """Forty broken lines in one file give forty problems, and the next file is still read."""
    broken = "".join(
        f"  - id: c-{n}\n    question: Q{n}?\n    answer: **{n}** x\n    sources: book\n" for n in range(40)
    )
    root = project({"a.yaml": f"topic: T\ncards:\n{broken}", "b.yaml": FILE.format("T", "UPPER")})
    found = check(root, STAMP).problems
    assert [problem.code for problem in found] == ["swallowed-text"] * 40 + ["bad-id"]
    assert [problem.span.line for problem in found[:40]] == list(range(5, 165, 4))


TEXTS = st.text(st.sampled_from(list("ab :`[]\n\r\x0b\x0c\x1c\x85\u2028\u2029\x1b")), max_size=20)


@given(TEXTS, TEXTS, TEXTS)
def test_a_problem_is_one_line_and_its_hint(file: str, message: str, hint: str) -> None:
    first, *more = str(Problem(Span(file), "stray-file", message, hint)).split("\n")
    assert first.splitlines() == [first]
    assert first.endswith(" [stray-file]")
    assert all(line.startswith("    ") and line.splitlines() == [line] for line in more)


def test_texts_of_several_lines_in_messages(project: MakeProject) -> None:
    """A gap, an id and a file name that span several lines."""
    gap = "topic: T\ncards:\n  - id: gap\n    cloze: |\n      {{c2::\n\n      }}\n    sources: book\n"
    id_ = "topic: T\ncards:\n  - id: 1. one\n      two\n    tags: [a]\n"
    root = project({"gap.yaml": gap, "id.yaml": id_, "a\nb.yaml:1:1: x.yaml": FILE.format("T", "UPPER")})
    for problem in check(root, STAMP).problems:
        first = str(problem).split("\n")[0]
        assert first.startswith("cards/")
        assert first.endswith(f" [{problem.code}]")


@pytest.mark.parametrize(
    "card",
    [
        "    question: 'Q{}'\n    answer: A\n".format("![" * 200_000),
        "    question: 'Q{}'\n    answer: A\n".format("![a" * 100_000),
        "    question: |\n      x\n      {}\n    answer: A\n".format("$x$ [a] " * 60_000),
        "    question: Q?\n    answer: '{}'\n".format("<b>x " * 100_000),
        "    question: Q?\n    answer: '{}'\n".format("\\(x \\[y [sound:z $a= &lt " * 20_000),
        "    question: Q?\n    options:\n"
        + "".join(f"      - {'wrong' if n else 'correct'}: None of the above {n}\n" for n in range(20_000)),
    ],
    ids=["pictures", "pictures-with-words", "formulas", "tags", "foreign-markup", "none-of-the-above"],
)
def test_no_text_takes_quadratic_time(project: MakeProject, card: str) -> None:
    """In quadratic time, each of these would take minutes; it takes a second or two."""
    root = project({"a.yaml": f"topic: T\ncards:\n  - id: a\n{card}    sources: book\n"})
    command = [sys.executable, "-m", "deckwright", "-C", str(root), "build"]
    done = subprocess.run(command, capture_output=True, timeout=60, check=False)  # noqa: S603 - our own command
    assert done.returncode == 0, done.stderr[-2000:]
