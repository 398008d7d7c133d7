"""The page of all problems, docs/problems.md: the table of codes, and the examples of the rules.

In: `CODES`, and the docstrings of the rules. Out: Markdown. A docstring says what the rule requires; below that, it has
an indented example after `passes:` and one after `fails [code]:` for each code of the rule. An example is a list of
cards, then other files of the project, each below a line `# cards/…` with its name.
"""

import re
from collections.abc import Callable
from inspect import cleandoc
from textwrap import dedent
from typing import Any, NamedTuple

from deckwright.checks.advice import ADVICE_RULES
from deckwright.checks.alike import ALIKE_RULES
from deckwright.checks.card import CARD_RULES
from deckwright.checks.deck import DECK_RULES, no_future_date
from deckwright.checks.support import SUPPORT_RULES
from deckwright.problem import CODES, LEVELS

RULES: tuple[Callable[..., Any], ...] = (
    *dict.fromkeys(rule for rules in CARD_RULES.values() for rule in rules),
    *SUPPORT_RULES,
    *DECK_RULES,
    no_future_date,
    *dict.fromkeys(rule for rules in ADVICE_RULES.values() for rule in rules.values()),
    *ALIKE_RULES.values(),
)
"""Every rule once."""


class Examples(NamedTuple):
    """What the docstring of a rule says."""

    holds: str
    """What the rule requires."""
    passes: str
    fails: dict[str, str]
    """By code."""


_EXAMPLE = re.compile(r"^(?:passes|fails \[([a-z-]+)\]):\n((?: {4}.*\n|\n)+)", re.MULTILINE)


def examples(rule: Callable[..., Any]) -> Examples:
    """The examples of a rule."""
    text = cleandoc(rule.__doc__ or "") + "\n"
    found = {code: dedent(example).strip() + "\n" for code, example in _EXAMPLE.findall(text)}
    return Examples(" ".join(text.split("\n\n")[0].split()), found.pop(""), found)


_INTRODUCTION = """\
# Every problem, by its code

`deckwright check` prints each problem with its place, its code in [ ] and how to fix it. An error keeps the outputs
from being written; a warning does not. A card accepts a problem by naming its code and why: `allow: {code: "why"}`.
This page is made from `CODES` in `src/deckwright/problem.py` and from the rules in `src/deckwright/checks/`; a test
keeps it up to date. Codes with an example are links.

Below it, the rules of writing have a table of their own: they are judgements, and a deck can switch them.

| code | severity | a card may accept it | meaning |
|---|---|---|---|
"""

_WRITING = """
## Rules of writing

`deckwright check` applies them, each with the level that this table gives it. `cards/deck.yaml` can change that:
`rules: {key-longest: off, near-duplicate: error}`. Levels are `off`, `warning` and `error`; only a rule that is an
error keeps outputs from being written. A card accepts any of them. Files with errors are judged once these are fixed.

The rules were tried on questions of a board examination and of an entrance examination, and on this project's deck
(`tests/bench/rules.py` prints what came of it). A rule is off if more than one in five of its warnings were wrong, or
if good examinations do what it warns of. Rules that look for English words are not applied to decks in other
languages.

Each rule names what it rests on. NBME is the item-writing guide of the National Board of Medical Examiners (2020). H
and a number is a guideline of Haladyna, Downing and Rodriguez (2002, doi:10.1207/S15324818AME1503_5). W and a number
is one of Wozniak's twenty rules of formulating knowledge (1999). M is Matuschak's *How to write good prompts* (2020).
JC is the "Do Not Use" list of the Joint Commission, and ISMP the list of error-prone abbreviations of the Institute
for Safe Medication Practices.

| code | level | meaning |
|---|---|---|
"""

_EXAMPLES = """\
## Examples

A test runs every example: the first has no problem, the second has only the problem named. The examples are cards of
one file; where other files matter, a line `# cards/…` names each. The source `book` is recorded as containing
`12 weeks`, two paragraphs of the source `report` are recorded, and `knee.svg` is a picture in `cards/media/`.
"""


def problems_page() -> str:
    """The page."""
    by_code: dict[str, list[Examples]] = {}
    for rule in RULES:
        of_rule = examples(rule)
        for code in of_rule.fails:
            by_code.setdefault(code, []).append(of_rule)
    rows = [
        f"| {f'[`{name}`](#{name})' if name in by_code else f'`{name}`'} | {code.severity} "
        f"| {'yes' if code.acceptable else 'no'} | {code.meaning} |\n"
        for name, code in sorted(CODES.items())
        if code.level is None
    ]
    writing = [f"| [`{name}`](#{name}) | {level} | {CODES[name].meaning} |\n" for name, level in LEVELS.items()]
    sections = [
        f"\n### {code}\n" + "".join(_section(code, of_rule) for of_rule in by_code[code]) for code in sorted(by_code)
    ]
    return "".join([_INTRODUCTION, *rows, _WRITING, *writing, "\n", _EXAMPLES, *sections])


def _section(code: str, of_rule: Examples) -> str:
    return f"\n{of_rule.holds}\n\n```yaml\n{of_rule.passes}```\n\nWrong:\n\n```yaml\n{of_rule.fails[code]}```\n"
