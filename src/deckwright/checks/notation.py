"""The rules for writing doses: notation that has led to wrong ones.

In: a card and what its deck shares. Out: problems. The table that names these rules is in advice.py. The sources: JC is
the "Do Not Use" list of the Joint Commission (2004, with its fact sheet); ISMP is the list of error-prone abbreviations
of the Institute for Safe Medication Practices (2021).
"""

import re
from collections.abc import Iterator

from deckwright.markup.text import plain
from deckwright.model import CardKind, Deck
from deckwright.parts import place_of, texts
from deckwright.problem import Problem, Swap

_DOSE = r"(?:mg|mcg|[µμ]g|ug|g|gm|grams?|milligrams?|micrograms?|mL|ml|units?|U|IU|mEq|mmol|puffs?|tablets?)"

_NAKED = re.compile(rf"(?<![\w.,])\.\d+\s?{_DOSE}(?![\w])")


def digit_before_point(card: CardKind, deck: Deck) -> Iterator[Problem]:
    """An amount below one has a zero before its point: .5 mg has been read as 5 mg. (JC; ISMP)

    passes:
        - id: adrenaline
          question: How much adrenaline is given for anaphylaxis?
          answer: 0.5 mg
          sources: book
          derived: 0.5 mg
    fails [naked-decimal]:
        - id: adrenaline
          question: How much adrenaline is given for anaphylaxis?
          answer: .5 mg
          sources: book
          derived: 5 mg
    """
    for text in texts(card):
        if "." in text and (match := _NAKED.search(plain(text))):
            message = f"`{match[0]}` can be read as `{match[0][1:]}`"
            yield Problem(place_of(card, text), "naked-decimal", message, Swap(match[0], f"0{match[0]}"))


_TRAILING = re.compile(rf"(?<![\d.,–-])(\d+)\.0+(\s?{_DOSE})(?!\w|\s?[/%]|\s(?:per|of (?:blood|urine|protein))\b)")
_MEASURED = re.compile(
    r"\b(?:level|count|concentration|weigh\w*|weight|excretion|loss|normal|range|haemoglobin|hemoglobin|serum|plasma|"
    r"urine|urinary|ha?emoglobin|creatinine|albumin|protein|volume|measur\w+)\b",
    re.IGNORECASE,
)


_BROKEN = re.compile(rf"\d\.\d*[1-9]\s?{_DOSE}(?!\w)")
"""An amount with a decimal that is not zero. Beside it, a zero says how exact a measured value is."""


def no_zero_after_point(card: CardKind, deck: Deck) -> Iterator[Problem]:
    """A dose has no zero after its point: 5.0 mg has been read as 50 mg. Measured values may have one. (JC; ISMP)

    passes:
        - id: adrenaline
          question: How much adrenaline is given in cardiac arrest?
          answer: 1 mg
          sources: book
          derived: 1 mg
    fails [trailing-zero]:
        - id: adrenaline
          question: How much adrenaline is given in cardiac arrest?
          answer: 1.0 mg
          sources: book
          derived: 1.0 mg
    """
    for text in texts(card):
        if ".0" not in text:
            continue
        shown = plain(text)
        for match in _TRAILING.finditer(shown):
            measured = _MEASURED.search(shown, max(0, match.start() - 60), match.start())
            if not measured and not any(_BROKEN.search(plain(other)) for other in texts(card)):
                message = f"`{match[0]}` can be read as ten times as much"
                yield Problem(place_of(card, text), "trailing-zero", message, Swap(match[0], f"{match[1]}{match[2]}"))
                break


_DRUGS = r"insulin|heparin|penicillin|oxytocin|vasopressin|botulinum|dalteparin|streptokinase|urokinase"
_INSTEAD = (
    (re.compile(r"(?<![\w/])MgSO4(?!\w)"), "magnesium sulfate"),
    (re.compile(r"(?<![\w/])MSO4(?!\w)"), "morphine sulfate"),
    (re.compile(r"(?<![\w/.])(?:QD|Q\.D\.|q\.d\.|qd)(?![\w])"), "daily"),
    (re.compile(r"(?<![\w/.])(?:QOD|Q\.O\.D\.|q\.o\.d\.|qod)(?![\w])"), "every other day"),
    (re.compile(r"(?<=\d)\s?cc(?![\w/])"), "mL"),
    (re.compile(rf"(?<=\d)\s?I?U(?=\s(?:of\s)?(?:{_DRUGS}|SC|subcut\w*|IV|IM|daily|bolus)\b|/kg\b)"), "units"),
    (re.compile(r"(?:(?<=insulin )|(?<=heparin ))\d[\d,]*\s?I?U(?![\w/])", re.IGNORECASE), "units"),
)


_PERHAPS = re.compile(r"SO4|[Qq]\.?[OoDd]|\d\s?(?:cc|I?U)")
"""What each of them has, for a quick look."""


def no_error_prone_abbreviation(card: CardKind, deck: Deck) -> Iterator[Problem]:
    """No abbreviation that has led to wrong doses: U (read as 0), QD and QOD (read as QID), MSO4 and MgSO4 (taken for
    each other), cc (read as U or 00). Units of laboratory values such as U/L are left alone. (JC; ISMP)

    passes:
        - id: insulin
          question: How much insulin does a person without diabetes make a day?
          answer: Some 30 units
          sources: book
          derived: "30"
    fails [error-prone-abbreviation]:
        - id: eclampsia
          question: Which drug is given against seizures in eclampsia?
          answer: MgSO4
          sources: book
    """
    for text in texts(card):
        shown = plain(text) if _PERHAPS.search(text) else ""
        for pattern, instead in _INSTEAD:
            if match := pattern.search(shown):
                message = f"`{match[0].strip()}` has been misread in prescriptions"
                yield Problem(place_of(card, text), "error-prone-abbreviation", message, f"write {instead}")
                break
