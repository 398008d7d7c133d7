"""The table of all problems, and what a card may accept of them."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import ROOT, STAMP, MakeProject, release
from deckwright.checks import card, support
from deckwright.checks.advice import ADVICE_RULES
from deckwright.checks.alike import ALIKE_RULES
from deckwright.checks.card import CARD_RULES
from deckwright.checks.page import examples
from deckwright.checks.support import SUPPORT_RULES
from deckwright.problem import (
    ACCEPTABLE,
    CODES,
    LEVELS,
    NOWHERE,
    Problem,
    Severity,
    Span,
    Trouble,
    as_errors,
    as_warnings,
)
from deckwright.project import build, check
from deckwright.release import harm
from deckwright.release.publish import prepare_release

PLACES = {"Problem": 1, "ClozeFault": 0, "note": 1, "_note": 1, "matching": 3}
"""Where the code stands among what is handed to these."""


def trees() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted((ROOT / "src").rglob("*.py")):
        if path.name != "problem.py":
            yield path, ast.parse(path.read_text(encoding="utf-8"))


def uses() -> Iterator[tuple[str, str, ast.Call]]:
    """Every code written where a problem is made: its place, itself, the call."""
    for path, tree in trees():
        for call in ast.walk(tree):
            if isinstance(call, ast.Call):
                name = getattr(call.func, "id", getattr(call.func, "attr", ""))
                named = [keyword.value for keyword in call.keywords if keyword.arg == "code"]
                for code in named or call.args[PLACES.get(name, 99) :][:1]:
                    if isinstance(code, ast.Constant) and isinstance(code.value, str):
                        yield f"{path.name}:{call.lineno}", code.value, call


def test_a_request_that_cannot_be_met_has_no_place() -> None:
    asked, written = Problem(NOWHERE, "quiz-empty", "no card fits"), Problem(Span("a.yaml", 2, 3), "tab", "a tab")
    assert sorted([written, asked]) == [asked, written]
    assert str(asked) == "error: no card fits [quiz-empty]"
    assert str(written) == "a.yaml:2:3: error: a tab [tab]"


def test_trouble_is_one_line() -> None:
    assert str(Trouble("two\nlines", about="a\nb")) == "a\\nb: two lines"


def test_every_code_is_in_the_table() -> None:
    found = list(uses())
    assert len(found) > 80
    for place, code, _ in found:
        assert code in CODES, (
            f"{place} uses the code {code!r}: add it to CODES in src/deckwright/problem.py with its severity, one line"
            " of meaning, and acceptable=True if a card may accept it with `allow:`; then run"
            " pytest tests/test_commands.py --refresh, which rewrites docs/problems.md"
        )


def test_every_code_of_the_table_is_used() -> None:
    written = {
        node.value
        for _, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    unused = set(CODES) - written
    assert not unused, f"nothing in src/ uses {sorted(unused)}: take it out of CODES in src/deckwright/problem.py"


def test_only_the_table_says_how_severe_a_problem_is() -> None:
    """Where a command judges otherwise, it says so by `as_errors` or `as_warnings`."""
    found = [
        f"{path.name}:{node.lineno}"
        for path, tree in trees()
        for node in ast.walk(tree)
        if (isinstance(node, ast.Attribute) and ast.unparse(node.value) == "Severity")
        or (isinstance(node, ast.keyword) and node.arg == "severity")
    ]
    assert found == []
    assert all(
        problem.severity is CODES[problem.code].severity for problem in [Problem(Span("a"), c, "") for c in CODES]
    )


def test_a_command_may_judge_otherwise() -> None:
    problems = [Problem(Span("a"), "no-paragraph", "m"), Problem(Span("a"), "text-changed", "m")]
    assert [problem.severity for problem in problems] == [Severity.WARNING, Severity.ERROR]
    assert {problem.severity for problem in as_errors(problems)} == {Severity.ERROR}
    assert {problem.severity for problem in as_warnings(problems)} == {Severity.WARNING}


def test_only_a_runner_knows_what_a_card_accepts() -> None:
    """A rule looks nothing up in `allow`; what may be accepted is found by a rule for cards, or is a harmful change."""
    for path, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Compare) and re.search(r"\ballow\b", ast.unparse(node.comparators[0])):
                raise AssertionError(
                    f"{path.name}:{node.lineno} looks a code up in `allow`: leave that to `not_accepted`"
                )
    of_cards = {rule for rules in CARD_RULES.values() for rule in rules} | set(SUPPORT_RULES)
    of_writing = {code: rule for rules in ADVICE_RULES.values() for code, rule in rules.items()} | {**ALIKE_RULES}
    assert {code: {*examples(rule).fails} for code, rule in of_writing.items()} == {code: {code} for code in LEVELS}
    found = {code for rule in of_cards for code in examples(rule).fails}
    harmful = {code for place, code, _ in uses() if place.startswith("harm.py")}
    assert set(ACCEPTABLE) <= found | harmful | {*LEVELS}, "no rule finds these"
    looked_for = [*card.LOOKED_FOR, *support.LOOKED_FOR, *harm.LOOKED_FOR, *LEVELS]
    assert sorted(looked_for) == sorted(ACCEPTABLE), "each is in one LOOKED_FOR, beside the rule that finds it"
    assert {*card.LOOKED_FOR, *support.LOOKED_FOR} <= found
    assert set(harm.LOOKED_FOR) <= harmful


def test_the_table_reads_well() -> None:
    for code, about in CODES.items():
        assert about.meaning.endswith("."), code
        assert "|" not in about.meaning, code


CARD = "topic: T\ncards:\n  - id: one\n    question: Q?\n    answer: $\\foo$\n    sources: book\n    allow: {}\n"


@pytest.mark.parametrize(
    ("code", "message", "hint"),
    [
        ("math-not-printd", "no problem has the code `math-not-printd`", "did you mean `math-not-printed`?"),
        ("number-mvoed", "no problem has the code `number-mvoed`", "did you mean `number-moved` or `number-gone`?"),
        ("nonsense", "no problem has the code `nonsense`", "these can be accepted: absolute-wording, all-"),
        ("missing-key", "`missing-key` cannot be accepted", "these can be accepted: absolute-wording, all-"),
        ("not-compared", "`not-compared` cannot be accepted", "these can be accepted: "),
    ],
)
def test_what_cannot_be_accepted(code: str, message: str, hint: str, project: MakeProject) -> None:
    root = project({"a.yaml": CARD.format(f'{{{code}: "why", math-not-printed: "why"}}')})
    [problem] = [problem for problem in check(root, STAMP).problems if problem.severity is Severity.ERROR]
    assert (problem.code, problem.message) == ("bad-allow", message)
    assert problem.hint.startswith(hint)
    assert problem.span == ("cards/a.yaml", 7, 13)


def test_what_is_accepted_without_need(project: MakeProject) -> None:
    """It is a warning, but only where the rule looked for the problem."""
    text = CARD.format('{math-not-printed: "why", html-tag: "why", figure-unsupported: "why", number-gone: "why"}')
    root = project({"a.yaml": text})
    span = Span("cards/a.yaml", 7, 48)
    hint = "delete it from allow:, so that it hides no such problem later"
    unused = Problem(span, "unused-allow", "card one accepts `html-tag`, but has no such problem", hint)
    assert check(root, STAMP).problems == build(root, root / "build", [], STAMP).problems == [unused]
    (root / "cards/a.yaml").write_text(text.replace("answer: $", "answer: A ![](none.svg) $"))
    assert {problem.code for problem in check(root, STAMP).problems} == {"image-text", "missing-file"}
    (root / "cards/a.yaml").write_text(text.replace("book", "nothing"))
    assert [problem.code for problem in check(root, STAMP).problems] == ["unknown-source"]


def test_a_harmful_change_is_accepted_until_it_is_released(project: MakeProject) -> None:
    items = "topic: T\ncards:\n  - id: one\n    question: Q?\n    sources: book\n    items:\n      - A\n      - B\n"
    allowed = items + '    allow: {number-gone: "why"}\n'
    root = project({"a.yaml": allowed.replace("      - B\n", "      - B\n      - C\n")})
    assert check(root, STAMP).problems == [], "nothing is released"
    release(root)
    accepted = ["card one accepts `number-gone`, but has no such problem"]
    assert [problem.message for problem in check(root, STAMP).problems] == accepted
    (root / "cards/a.yaml").write_text(allowed)
    assert check(root, STAMP).problems == []
    assert build(root, root / "build", [], STAMP).problems == []
    release(root, STAMP + 86400)
    assert [problem.message for problem in check(root, STAMP + 86400).problems] == accepted
    (root / "cards/a.yaml").write_text(items)
    assert check(root, STAMP + 86400).problems == []


def test_what_can_be_accepted(project: MakeProject) -> None:
    every = ", ".join(f'{code}: "why"' for code in ACCEPTABLE)
    problems = check(project({"a.yaml": CARD.format(f"{{{every}}}")}), STAMP).problems
    assert {problem.code for problem in problems} == {"unused-allow"}
    unused = {problem.message.split("`")[1] for problem in problems}
    assert unused == set(card.LOOKED_FOR) - {"math-not-printed"}, "nothing is recorded of sources, nothing is released"


DATED = """\
topic: T
cards:
  - id: one
    question: Q?
    answer: A
    sources: book
    {}
"""


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("reviewed: {} JW", "reviewed:"),
        ("corrected: {{on: {}, was: B}}", "corrected: on:"),
        ("withdrawn: {{on: {}, reason: No}}", "withdrawn: on:"),
    ],
)
def test_dates_that_are_still_to_come(line: str, name: str, project: MakeProject) -> None:
    """STAMP is the beginning of 2026-11-22 in UTC: somewhere it may be the 23rd, nowhere the 24th."""
    root = project({"a.yaml": DATED.format(line.format("2026-11-23"))})
    assert check(root, STAMP).problems == []
    root = project({"a.yaml": DATED.format(line.format("2026-11-24"))})
    [problem] = check(root, STAMP).problems
    assert (problem.code, problem.severity) == ("future-date", Severity.ERROR)
    assert problem.message == f"card one has `{name} 2026-11-24`, but today is 2026-11-22"
    assert build(root, root / "build", [], STAMP).written == []
    assert [problem.code for problem in prepare_release(root, STAMP).problems] == ["future-date"]
    assert check(root, STAMP + 86400).problems == []


def test_what_was_released_is_built_on_any_day(project: MakeProject) -> None:
    root = project({"a.yaml": DATED.format("reviewed: 2026-11-22")})
    release(root)
    assert build(root, root / "again", [], STAMP - 30 * 86400, released_only=True).written
    assert {problem.code for problem in check(root, STAMP - 30 * 86400).problems} == {"future-date", "lock-ahead"}


BASIC = "question: Q?\n    answer: About **12** weeks.\n    also:\n      - 3 months"
CLOZE = "cloze: Acute until {{c1::6 weeks::how long}}, chronic from {{c2::**12** weeks}} on."
SINGLE = "question: Q?\n    options:\n      - correct: MRI, at once\n      - wrong: CT"
MULTIPLE = "question: Q?\n    options:\n      - correct: Fever\n      - wrong: Stiffness\n      - correct: Weight loss"
ITEMS = "question: Q?\n    items:\n      - One\n      - Two\n      - retired: Three"


@pytest.mark.parametrize(
    ("card", "was", "same"),
    [
        (BASIC, "About 12 weeks", True),
        (BASIC, "3 months", True),
        (BASIC, "About 6 weeks", False),
        (CLOZE, "12 weeks", True),
        (CLOZE, "6 weeks", True),
        (CLOZE, "Acute until 6 weeks, chronic from 12 weeks on.", True),
        (CLOZE, "chronic from 6 weeks on", False),
        (SINGLE, "MRI, at once", True),
        (SINGLE, "CT", False),
        (MULTIPLE, "Weight loss, fever", False),
        (MULTIPLE, "Weight loss; Fever", True),
        (MULTIPLE, "|\n        - Fever\n        - Weight loss", True),
        (MULTIPLE, "Fever", False),
        (ITEMS, "Two, One", True),
        (ITEMS + "\n    ordered: true", "Two, One", False),
        (ITEMS + "\n    ordered: true", "One, Two", True),
        (ITEMS, "One, Two, Three", False),
    ],
)
def test_a_correction_that_corrects_nothing(card: str, was: str, same: bool, project: MakeProject) -> None:
    """For several right options and for items, what is compared is all of them: that one of them was the whole answer
    once is a correction."""
    text = f"    {card}\n    sources: book\n    corrected:\n      on: 2026-11-22\n      was: {was}\n"
    found = check(project({"a.yaml": f"topic: T\ncards:\n  - id: one\n{text}"}), STAMP).problems
    assert [problem.code for problem in found] == ["not-corrected"] * same
