"""Which changes make a different answer, and which are only a new wording."""

from conftest import CASES
from deckwright.release.answers import changed

FALSE_ALARMS = {"632 million | 632 million (about 9 %)", "X-ray | Plain radiograph"}
"""Rewordings that are reported although they should not be: one adds a number, the other shares no word."""


def pairs(name: str) -> list[str]:
    lines = (CASES / "answers" / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if not line.startswith("#")]


def told(pair: str) -> bool:
    was, now = pair.split(" | ")
    return changed({"answer": [was], "also": []}, {"answer": [now], "also": []}) is not None


def test_rewordings_pass() -> None:
    rewordings = pairs("reworded.txt")
    assert len(rewordings) >= 50
    assert {pair for pair in rewordings if told(pair)} == FALSE_ALARMS


def test_other_answers_are_told() -> None:
    others = pairs("other.txt")
    assert len(others) >= 30
    assert [pair for pair in others if not told(pair)] == []


def test_what_counts_as_well_may_become_the_answer() -> None:
    assert changed({"answer": ["632 million"], "also": ["630 million"]},
                   {"answer": ["630 million"], "also": ["632 million"]}) is None  # fmt: skip


def test_another_spelling_of_what_counts_as_well() -> None:
    before = {"answer": ["Atlas"], "also": ["C1", "First cervical vertebra"]}
    assert changed(before, {"answer": ["Atlas"], "also": ["C1", "The first cervical vertebra"]}) is None
    found = changed(before, {"answer": ["Atlas"], "also": ["First cervical vertebra"]})
    assert found
    assert (found.was, found.now) == ("C1", "")


def test_options_that_were_only_reworded() -> None:
    before = {"correct": ["Emergency MRI"], "wrong": ["Plain radiograph", "Bone scan"]}
    assert changed(before, {"correct": ["MRI as an emergency"], "wrong": ["Bone scan", "CT"]}) is None
    assert changed(before, {"correct": ["Emergency MRI"], "wrong": ["Radiograph of the spine"]}) is None
    found = changed(before, {"correct": ["Bone scintigraphy"], "wrong": ["Emergency MRI"]})
    assert found
    assert found.how == "'Emergency MRI' was correct and is now wrong"


def test_a_correct_option_more_is_another_answer() -> None:
    before = {"correct": ["Fever"], "wrong": ["Stiffness"]}
    found = changed(before, {"correct": ["Fever", "Weight loss"], "wrong": ["Stiffness"]})
    assert found
    assert found.how == "a different set of correct options"
