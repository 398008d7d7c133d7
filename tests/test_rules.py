"""Every rule has a name that says what it requires, a place in a table, and examples that are true."""

import inspect
import re
from pathlib import Path
from textwrap import indent

import pytest

from conftest import STAMP, SVG, MakeProject
from deckwright.checks import alike, card, deck, items, masks, notation, recall, support, writing
from deckwright.checks.deck import DeckFacts, check_deck, facts_of
from deckwright.checks.page import RULES, examples
from deckwright.files import Folder
from deckwright.problem import CODES
from deckwright.project import check
from deckwright.reading.cards import load_cards, load_deck

SOURCES = """\
book:
  title: A textbook
  kind: textbook
  isbn: 978-3-16-148410-0
  figures:
    - 12 weeks
report:
  title: A report
  kind: document
  url: https://example.org/
"""
RECORDED = "report\tpara 1\t0123456789ab\t\nreport\tpara 2\tba9876543210\t\n"
CARD = "- id: other\n  question: Which bone is the smallest?\n  answer: The stapes\n  sources: book\n"


def files_of(example: str) -> dict[str, str | bytes]:
    """The project of an example: its cards, and the files whose names are in lines above them."""
    cards, *others = re.split(r"^# cards/(.+)\n", example, flags=re.MULTILINE)
    named = dict(zip(others[::2], others[1::2], strict=True))
    files: dict[str, str | bytes] = {"media/knee.svg": SVG, "sources.yaml": SOURCES, "sources.figures": RECORDED}
    files["deck.yaml"] = "title: Examples\nnamespace: examples\n"
    files |= {name: text or SVG for name, text in named.items()}
    if not any(name.endswith(".yaml") and name not in ("deck.yaml", "sources.yaml") for name in named):
        files["a.yaml"] = f"topic: Examples\ncards:\n{indent(cards or CARD, '  ')}"
    return files


def codes(root: Path) -> list[str]:
    return [problem.code for problem in check(root, STAMP).problems]


PASSES = {rule.__name__: examples(rule).passes for rule in RULES}
FAILS = {(rule.__name__, code): example for rule in RULES for code, example in examples(rule).fails.items()}


@pytest.mark.parametrize("example", list(PASSES.values()), ids=PASSES)
def test_what_passes_has_no_problem(example: str, project: MakeProject) -> None:
    assert codes(project(files_of(example))) == []


@pytest.mark.parametrize(("rule", "code"), list(FAILS))
def test_what_fails_has_only_its_problem(rule: str, code: str, project: MakeProject) -> None:
    """If CODES says that a card may accept the problem, it is gone once the card accepts it."""
    files = files_of(FAILS[rule, code])
    assert codes(project(files)) == [code]
    cards = files.get("a.yaml")
    if isinstance(cards, str) and CODES[code].acceptable:
        assert codes(project({**files, "a.yaml": f"{cards}    allow:\n      {code}: It is meant so\n"})) == []


def test_every_function_that_finds_problems_is_in_a_table() -> None:
    found = {
        function
        for module in (card, masks, writing, support, deck, items, recall, notation, alike)
        for _, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and "\nfails [" in inspect.cleandoc(function.__doc__ or "")
    }
    assert found == {*RULES}
    assert len(RULES) > 20


def test_facts_of_a_file_do_not_depend_on_others(project: MakeProject) -> None:
    """If one file changes, only its facts are needed again for the rules that see the whole deck."""
    root = project({})
    shared, _ = load_deck(Folder(root))
    text = "topic: T\ncards:\n" + indent(CARD, "  ")
    first, second = (facts_of(load_cards(f"cards/{name}.yaml", text.encode(), shared)) for name in "ab")
    assert [problem.code for problem in check_deck(shared, [first, second])] == ["doubled-id"]
    changed = facts_of(load_cards("cards/b.yaml", text.replace("other", "another").encode(), shared))
    assert check_deck(shared, [first, changed]) == []
    facts = DeckFacts(shared, (first, changed))
    assert [(file.name, known.id) for file, known in facts.cards()] == [
        ("cards/a.yaml", "other"),
        ("cards/b.yaml", "another"),
    ]
