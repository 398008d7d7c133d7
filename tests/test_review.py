"""`deckwright review`: what it shows, asks and stamps."""

import os
import re
import sys
from datetime import date

import pytest

from conftest import CASES, Expect, MakeProject, typed
from deckwright.problem import Trouble
from deckwright.project import check
from deckwright.reviewing import initials, reviewing, stamped
from test_commands import run

NOON = 1_800_014_400
"""2027-01-15, at noon in UTC."""
TODAY = {"SOURCE_DATE_EPOCH": str(NOON)}

FILE = """\
# A file with comments
topic: Neck::Muscles
cards:
  # before the card
  - id: fresh
    question: Q?
    answer: A
    reviewed: 2026-11-22 AB
    sources: book
  - id: stale
    question: |
      Which muscle?

      Look at it.
    answer: The **trapezius**
    also:
      - Trapezius
    reviewed: 2020-01-31 A. Bee
    # after the stamp
    sources:
      - hoy-2012 p. 3
      - book

  - id: never
    question: Which?
    options:
      - correct: This
        why: Because
      - wrong: That
    sources: book
  - {id: in-braces, question: Q?, answer: A, sources: book}
  - id: draft
    question: Q?
    answer: A
    status: draft
"""
OTHER = "topic: Hip\ncards:\n  - id: hip\n    question: Hip?\n    answer: A\n    sources: book\n"

at_a_terminal = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such terminals")


@at_a_terminal
def test_a_review(project: MakeProject, expect: Expect) -> None:
    root = project({"a.yaml": FILE, "b.yaml": OTHER})
    printed, code = typed(["JW\n", "y\n", "what\n", "YES\n", "y\n", "w\n"], "review", cwd=root, NO_COLOR="1", **TODAY)
    expect(printed, CASES / "review/printed.txt")
    assert code == 1, "a card in braces cannot be stamped"
    text = FILE.replace("2020-01-31 A. Bee", "2027-01-15 JW")
    text = text.replace("That\n    sources: book\n", "That\n    sources: book\n    reviewed: 2027-01-15 JW\n")
    assert (root / "cards/a.yaml").read_text() == text
    assert (root / "cards/b.yaml").read_text() == OTHER
    assert check(root, NOON).problems == []


@at_a_terminal
@pytest.mark.parametrize("who", ["\n", "  \n", "\x04", "2027\n", "J: W\n", "JW # me\n", "x\x1b[31m\n", "…\n"])
def test_without_initials_nothing_is_stamped(who: str, project: MakeProject) -> None:
    root = project({"a.yaml": FILE})
    printed, code = typed([who, "y\n", "y\n"], "review", cwd=root, **TODAY)
    assert code == 2
    assert "Still right" not in printed
    assert "nothing was stamped" in printed
    assert (root / "cards/a.yaml").read_text() == FILE


@at_a_terminal
def test_stopping_keeps_what_was_stamped(project: MakeProject) -> None:
    root = project({"a.yaml": FILE, "b.yaml": OTHER})
    for answers in (["y\n", "q\n"], ["s\n", "s\n", "\x04"]):
        printed, code = typed(answers, "review", "--by", "J. Weir", cwd=root, **TODAY)
        assert code == 0
        assert "initials:" not in printed
    assert (root / "cards/a.yaml").read_text().count("reviewed: 2027-01-15 J. Weir") == 1


@at_a_terminal
def test_a_topic_or_a_card(project: MakeProject) -> None:
    root = project({"a.yaml": FILE, "b.yaml": OTHER})
    printed, _ = typed(["JW\n", "q\n"], "review", "--topic", "hip", cwd=root, **TODAY)
    assert "1 card to review" in printed
    printed, _ = typed(["JW\n", "s\n", "s\n", "s\n"], "review", "--topic", "Neck", cwd=root, **TODAY)
    assert "3 cards to review" in printed
    printed, code = typed([], "review", "--topic", "Hips", cwd=root, **TODAY)
    assert (printed, code) == ("deckwright: no card has the topic 'Hips'\n", 2)
    printed, _ = typed(["JW\n", "y\n"], "review", "--id", "fresh", cwd=root, **TODAY)
    assert "fresh (reviewed 2026-11-22 AB; 1 of 1)" in printed
    assert "reviewed: 2027-01-15 JW" in (root / "cards/a.yaml").read_text()


@at_a_terminal
def test_no_text_of_an_author_commands_the_terminal(project: MakeProject) -> None:
    root = project({"a.yaml": OTHER.replace("Hip?", "A\u202eB")})
    printed, _ = typed(["JW\n", "q\n"], "review", cwd=root, **TODAY)
    assert "question: A\\u202eB" in printed
    assert "\x1b" not in re.sub(r"\x1b\[\?2004[hl]", "", printed)


def test_scripts_name_the_cards_and_who(project: MakeProject) -> None:
    root = project({"a.yaml": FILE, "b.yaml": OTHER})
    environment = {**os.environ, **TODAY}
    for arguments in ([], ["--by", "JW"], ["--id", "hip"], ["--topic", "Hip", "--by", "JW"]):
        done = run("-C", root, "review", *arguments, env=environment, input="JW\ny\n")
        assert (done.returncode, done.stdout) == (2, "")
        assert "nobody can be asked" in done.stderr
    for by in ("", " ", "# me"):
        done = run("-C", root, "review", "--id", "hip", "--by", by, env=environment)
        assert (done.returncode, done.stdout) == (2, ""), "a name is neither left out nor invented"
    done = run("-C", root, "review", "--id", "nobody", "--by", "JW", env=environment)
    assert done.stderr == "deckwright: there is no card with the id nobody, or it has an error\n"
    done = run("-C", root, "review", "--topic", "Hip", "--id", "hip", "--by", "JW", env=environment)
    assert done.stderr == "deckwright: --id cannot be combined with --topic\n"
    done = run("-C", root, "review", "--id", "hip", "--id", "in-braces", "--by", "JW", env=environment)
    assert (done.returncode, done.stdout) == (1, "nothing was stamped\n")
    assert "edit-impossible" in done.stderr
    assert ((root / "cards/a.yaml").read_text(), (root / "cards/b.yaml").read_text()) == (FILE, OTHER), "all or none"
    done = run("-C", root, "review", "--id", "hip", "--id", "never", "--id", "stale", "--by", "JW", env=environment)
    assert (done.returncode, done.stdout, done.stderr) == (0, "3 cards reviewed\n", "")
    assert (root / "cards/a.yaml").read_text().count("reviewed: 2027-01-15 JW\n") == 2
    assert (root / "cards/b.yaml").read_text() == OTHER + "    reviewed: 2027-01-15 JW\n"
    assert check(root, NOON).problems == []


@at_a_terminal
def test_nothing_is_due(project: MakeProject) -> None:
    root = project({"a.yaml": OTHER + "    reviewed: 2027-01-01\n"})
    printed, code = typed([], "review", cwd=root, **TODAY)
    assert (printed, code) == ("no card is due for review\n", 0), "and nobody is asked for initials"


def test_who_may_sign() -> None:
    for name in ("JW", "J. W.", "Jo Weir", "O'Neill", "Müller-Lü", "王芳", " JW "):
        assert initials(name) == name.strip()
    for name in ("", "2027", ": x", "a: b", "a #b", "-", "…", "x" * 99, "a\nb", "J  W"):
        with pytest.raises(Trouble):
            initials(name)


def test_a_card_that_was_changed_meanwhile_is_not_stamped(project: MakeProject) -> None:
    """What was shown is what is stamped."""
    root = project({"b.yaml": OTHER})
    day = date(2027, 1, 15)
    review = reviewing(root, day)
    (root / "cards/b.yaml").write_text(OTHER.replace("answer: A", "answer: B"))
    with pytest.raises(Trouble, match="changed meanwhile"):
        stamped(review, review.due, day, "JW")
    (root / "cards/b.yaml").write_text("# more\n" + OTHER)
    [(_, _, after)] = stamped(review, review.due, day, "JW").changes
    assert after.decode() == "# more\n" + OTHER + "    reviewed: 2027-01-15 JW\n"
