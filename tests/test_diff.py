"""What the next release changes, word by word, in a terminal with colours. Without colours: tests/test_release.py."""

from deckwright.problem import Span
from deckwright.release.compare import Change, Edition, Outcome, What
from deckwright.release.diff import COLOURED, PLAIN, Marks, differences, lines
from deckwright.release.lock import Lock

BEFORE = [("question", "What \x1b[31m is one?"), ("tag", "old")]
AFTER = [("question", "What \x1b[31m was one?")]


def shown(marks: Marks) -> list[str]:
    change = Change(
        id="one",
        span=Span("cards/a.yaml"),
        topic="T",
        headline="What \x1b[31m was one?",
        what=What.CORRECTED,
        reasons=("content", "tags"),
        fields=("Question",),
        correction=None,
        withdrawal="",
        moved_from="",
        lost=("the old gap",),
    )
    outcome = Outcome(
        first=False,
        changes=(change,),
        notetypes=(),
        resent=(),
        rendered=(),
        gone=(),
        new=0,
        unchanged=1,
        notes=(),
        problems=(),
        edition=Edition(draft=True, seconds=0, notetypes={}),
        lock=Lock("", "", {}, frozenset(), {}, {}),
    )
    return [*lines(outcome, {"one": BEFORE}, {"one": AFTER}, marks=marks, shown=lambda text: text.replace("\x1b", "␛"))]


def test_marks_and_colours_are_the_only_commands_to_a_terminal() -> None:
    heading = ["Corrected or reworded: 1", "  one: What ␛[31m was one? (changed: content, tags)"]
    assert shown(PLAIN) == [
        *heading,
        "    question: What ␛[31m [-is-]{+was+} one?",
        "    tag: [-old-]",
        "    learners keep an empty card, which asked: the old gap",
        "Unchanged: 1",
    ]
    assert shown(COLOURED) == [
        *heading,
        "    question: What ␛[31m \x1b[31;9mis\x1b[0m\x1b[32mwas\x1b[0m one?",
        "    tag: \x1b[31;9mold\x1b[0m",
        "    learners keep an empty card, which asked: the old gap",
        "Unchanged: 1",
    ]


def merged(was: str, now: str) -> str:
    [(_, pieces)] = differences([("answer", was)], [("answer", now)])
    return "".join(f"[-{p.text}-]" if p.went else f"{{+{p.text}+}}" if p.came else p.text for p in pieces)


def test_changes_with_only_space_between_them_are_one() -> None:
    assert merged("up [20 times]. Then", "up 20 times. Then") == "up [-[20 times].-]{+20 times.+} Then"
    assert merged("one two", "one new and two") == "one {+new and +}two"
    assert merged("a b", "x a y b z") == "{+x +}a {+y +}b{+ z+}"
    assert merged("a\nb", "a b") == "a[-\n-]{+ +}b"
    assert merged("", "all of it") == "{+all of it+}"
