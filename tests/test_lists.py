"""Lists of cards that their authors should look at."""

from datetime import date

import pytest

from conftest import MakeProject
from deckwright.checks.lists import LISTS
from deckwright.project import listed
from test_commands import run

CARD = "  - id: {}\n    question: What is {}?\n    answer: A\n    sources: book\n"
MORE = {
    "fresh": "    reviewed: 2026-01-31\n",
    "old": "    reviewed: 2024-11-22 JW\n",
    "just-not": "    reviewed: 2024-11-23\n",
    "never": "",
    "contested": "    reviewed: 2026-01-31\n    status: contested\n    caveat: C\n",
    "superseded": "    reviewed: 2026-01-31\n    status: superseded\n    as_of: 2010\n    caveat: C\n",
    "withdrawn": "    status: contested\n    withdrawn:\n      on: 2026-02-03\n"
    "      reason: |\n        Unsafe\n        for all\n",
    "draft": "    status: draft\n",
}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("stale", [("old", "reviewed 2024-11-22"), ("never", "never reviewed")]),
        ("contested", [("contested", "contested")]),
        ("superseded", [("superseded", "as of 2010")]),
        ("withdrawn", [("withdrawn", "withdrawn 2026-02-03: Unsafe for all")]),
        ("draft", [("draft", "draft")]),
    ],
)
def test_lists(name: str, expected: list[tuple[str, str]], project: MakeProject) -> None:
    cards = "".join(CARD.format(id_, id_) + more for id_, more in MORE.items())
    root = project({"a.yaml": f"topic: T\ncards:\n{cards}"})
    found = listed(root, name, date(2026, 11, 22))
    assert [(card.id, card.why) for card in found] == expected
    done = run("-C", root, "check", "--list", name)
    assert done.returncode == 0
    assert f"cards/a.yaml:{found[0].span.line}:9: {found[0].id} ({found[0].why}): What is {found[0].id}?" in done.stdout
    assert set(LISTS) == {"stale", "contested", "superseded", "withdrawn", "draft"}
