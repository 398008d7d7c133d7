"""What `check --fix` does to a file, and what it leaves alone."""

import dataclasses
import os
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import CASES, SVG, Expect, MakeProject
from deckwright import edit
from deckwright.files import Folder
from deckwright.fixing import _fixed, _OfCards, repaired
from deckwright.problem import Fix, Problem, Trouble
from deckwright.project import Project, check
from deckwright.reading.cards import load_cards
from test_commands import CARDS, run

FIXES = CASES / "fixes"
FIXED = (FIXES / "fixed.yaml").read_bytes()
LEFT = (FIXES / "left.yaml").read_bytes()
DECK = Project.open(Folder(CASES.parent.parent)).deck


def test_what_is_fixed(project: MakeProject, expect: Expect) -> None:
    rules = "rules: {few-options: off, same-question: off, near-duplicate: off, key-longest: off, yes-no: off}\n"
    root = project({"fixed.yaml": FIXED, "media/circle.svg": SVG, "deck.yaml": f"titel: T\nnamespace: t\n{rules}"})
    done = run("-C", root, "check", "--fix")
    expect(done.stdout, FIXES / "fixed.txt")
    assert (done.returncode, done.stderr) == (0, "next: deckwright build\n")
    assert (root / "cards/deck.yaml").read_text() == f"title: T\nnamespace: t\n{rules}"
    again = run("-C", root, "check", "--fix")
    assert again.stdout == "there is nothing that a program can fix\n8 cards, 0 errors\n"


def test_what_is_left_to_the_author(project: MakeProject) -> None:
    root = project({"left.yaml": LEFT, "media/circle.svg": SVG})
    done = run("-C", root, "check", "--fix")
    assert done.stdout.startswith("there is nothing that a program can fix\n")
    assert (root / "cards/left.yaml").read_bytes() == LEFT
    assert done.returncode == 1


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["", "mark"])
@pytest.mark.parametrize("ends", [b"\n", b"\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("last", [True, False], ids=["whole", "no last line end"])
def test_every_other_byte_stays(mark: bytes, ends: bytes, last: bool, project: MakeProject) -> None:
    def written(text: bytes) -> bytes:
        return mark + (text if last else text.rstrip()).replace(b"\n", ends)

    root = project({"fixed.yaml": FIXED, "media/circle.svg": SVG})
    [plain] = repaired(root)
    (root / "cards/fixed.yaml").write_bytes(written(FIXED))
    [file] = repaired(root)
    assert file.after == written(plain.after)
    for comment in re.findall(rb"# [a-z].*", FIXED):
        assert comment in file.after
    assert b"quotes   " + ends in file.after, "not even blanks at the end of a line go"


def problems_with_fixes() -> list[Problem]:
    found = []
    for path in sorted([*(CASES / "mistakes").glob("*.yaml"), *FIXES.glob("*.yaml")]):
        deck = dataclasses.replace(DECK, citable=frozenset(("book", "hoy-2012")))
        found += [problem for problem in load_cards(path.name, path.read_bytes(), deck).problems if problem.rewrite]
    return found


def test_what_is_shown_is_what_is_done() -> None:
    """Every word that a fix writes is in the text that `check` shows."""
    found = problems_with_fixes()
    assert len(found) > 60
    for problem in found:
        assert isinstance(problem.hint, Fix)
        lines = Path(next(CASES.rglob(problem.span.file))).read_text(encoding="utf-8").split("\n")
        first, last, written = problem.hint.rewrite
        words = re.findall(r"[^\s,]+", " ".join(lines[first - 1 : last]))
        for word in re.findall(r"[^\s,]+", " ".join(written)):
            assert word in words or word.strip("{}") in problem.hint or f"{word.rstrip(':')}`" in problem.hint, problem


def test_a_conflict_is_not_touched(project: MakeProject) -> None:
    text = CARDS.replace("answer: A", "<<<<<<< HEAD\n    anwser: A\n=======\n    answer: B: C\n>>>>>>> other")
    root = project({"a.yaml": text})
    assert repaired(root) == []


@pytest.mark.skipif(os.name == "nt", reason="links are made differently there")
def test_a_link_is_not_replaced_by_a_file(project: MakeProject) -> None:
    root = project({"a.yaml": CARDS.replace("answer: A", "anwser: A")})
    (root / "cards/b.yaml").symlink_to("a.yaml")
    assert [file.name for file in repaired(root)] == ["cards/a.yaml"]


def test_all_files_or_none(project: MakeProject, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = CARDS.replace("answer: A", "anwser: A")
    root = project({"a.yaml": broken, "b.yaml": broken})
    files = repaired(root)
    assert len(files) == 2
    (root / "cards/b.yaml").write_text(broken + "# somebody else\n")
    with pytest.raises(Trouble, match="changed by somebody else"):
        edit.save_all(root, [(file.name, file.before, file.after) for file in files])
    assert (root / "cards/a.yaml").read_text() == broken
    assert not list((root / "cards").glob(".*"))


def test_a_bad_fix_keeps_no_other_from_being_made(project: MakeProject) -> None:
    cards = "".join(
        f"  - id: c-{n}\n    question: Q?\n    {'anwser: A' if n % 7 else f'answer: A{chr(10)}    reverese: yes'}\n"
        "    sources: book\n"
        for n in range(60)
    )
    root = project({"a.yaml": f"topic: T\ncards:\n{cards}"})
    [file] = repaired(root)
    assert len(file.problems) == 51
    assert (file.after.count(b"    answer: A"), file.after.count(b"reverese")) == (60, 9)


def test_many_bad_fixes_take_no_longer_than_few(project: MakeProject) -> None:
    """To try each of them alone would take hours."""
    card = "  - id: c-{}\n    question: Q?\n    answer: A\n    reverese: yes\n    sources: book\n"
    cards = "".join(map(card.format, range(1_000)))
    root = project({"a.yaml": f"topic: T\ncards:\n{cards}"})
    done = run("-C", root, "check", "--fix", timeout=120)
    assert done.stdout.startswith("there is nothing that a program can fix\n")
    assert done.stderr == "fixes that would make something else wrong are left to you\n"


def test_a_fix_never_takes_back_what_another_card_says(project: MakeProject) -> None:
    """The fix that is proposed here would open a quote that the next card closes."""
    text = CARDS.replace("answer: A", "answer: 'A").replace("answer: No", "answer: No'")
    root = project({"a.yaml": text})
    after = [file.after for file in repaired(root)] or [text.encode()]
    assert b"    sources: book\n  - id: later\n    question: Not yet?\n" in after[0]


def test_fix_is_for_people(project: MakeProject) -> None:
    root = project({"a.yaml": CARDS})
    for more in (["--list", "stale"], ["--format", "json"]):
        done = run("-C", root, "check", "--fix", *more)
        assert (done.returncode, done.stdout) == (2, "")
    assert "check --fix" not in run("-C", root, "check").stderr
    (root / "cards/a.yaml").write_text(CARDS.replace("answer: A", "anwser: A"))
    assert run("-C", root, "check").stderr == "to fix what a program can fix: deckwright check --fix\n"


def test_the_difference_commands_no_terminal(project: MakeProject) -> None:
    root = project({"a.yaml": CARDS.replace("answer: A", "# \u202e\n    anwser: A")})
    done = run("-C", root, "check", "--fix")
    assert "+    answer: A\n" in done.stdout
    assert "\u202e" not in done.stdout
    assert done.stdout.splitlines()[0].startswith("--- cards/a.yaml")


FILES = [path.read_bytes() for path in sorted((CASES / "mistakes").glob("*.yaml"))] + [FIXED, LEFT]
NOISE = st.sampled_from(["", "\n", "# note\n", "  # note\n", "    extra: x\n", "  - id: n\n", "x\n", "    'x\n", "]\n"])


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(FILES), st.lists(st.tuples(st.integers(0, 200), NOISE), max_size=4))
def test_whatever_the_file(data: bytes, noises: list[tuple[int, str]]) -> None:
    """There are fewer problems afterwards, and no card that could be read and no comment is gone."""
    lines = data.decode().splitlines(keepends=True)
    for place, noise in noises:
        lines.insert(place % (len(lines) + 1), noise)
    data = "".join(lines).encode()
    file = _fixed("a.yaml", data, _OfCards("a.yaml", DECK))
    before, after = (load_cards("a.yaml", text, DECK) for text in (data, file.after))
    assert len(after.problems) <= len(before.problems) - len(file.problems)
    assert {card.id for card in before.cards} <= {card.id for card in after.cards}
    comments, left = (re.findall(rb"(?m)^ *(#.*)$", text) for text in (data, file.after))
    assert comments == left


def test_check_after_a_fix_is_check(project: MakeProject) -> None:
    root = project({"fixed.yaml": FIXED, "media/circle.svg": SVG})
    run("-C", root, "check", "--fix")
    assert check(root, 1_800_000_000).problems == []


DOSES = b"""\
topic: Doses
cards:
  - id: dose
    question: How much adrenaline is given in cardiac arrest?
    answer: 1.0 mg by vein
    sources: book
    derived:
      - 1 mg
  - id: twice
    question: How much is given first, .5 mg or .5 mg twice?
    answer: .5 mg
    sources: book
    derived:
      - 0.5 mg
  - id: chronic
    question: From when on is low back pain called chronic?
    options:
      - correct: 12 weeks
        why: By definition.
      # a comment
      - wrong: 4 weeks
        why: |
          That is acute.

          Really.
      - wrong: 26 weeks
    explanation: More.
    sources: book
"""


def test_doses_and_the_order_of_numbers_are_fixed(project: MakeProject) -> None:
    deck = "title: T\nnamespace: t\n"
    root = project({"a.yaml": DOSES, "deck.yaml": deck})
    done = run("-C", root, "check", "--fix")
    assert "3 problems fixed in 1 file" in done.stdout
    answer, order = DOSES.replace(b"1.0 mg", b"1 mg").replace(b"answer: .5", b"answer: 0.5").split(b"    options:\n")
    entries = order.partition(b"    explanation")[0]
    first, second = entries.split(b"      - wrong: 4")
    second, third = second.split(b"      - wrong: 26")
    assert (root / "cards/a.yaml").read_bytes() == b"".join(
        [answer, b"    options:\n      - wrong: 4", second, first, b"      - wrong: 26", third, order[len(entries) :]]
    )
    off = "rules: {options-order: off, trailing-zero: off, naked-decimal: off}\n"
    root = project({"a.yaml": DOSES, "deck.yaml": deck + off})
    assert "nothing that a program can fix" in run("-C", root, "check", "--fix").stdout
