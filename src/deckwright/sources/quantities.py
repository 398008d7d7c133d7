"""Figures in a text: numbers with their units.

In: a text. Out: its figures in a normal form, so that `20 to 40 years` equals `20–40 years`, and `twelve weeks` equals
`12 weeks`. Years (2010), names with a number (L5, C6, HLA-B27) and numbers of references ([7]) are not figures.
"""

import re
from collections.abc import Iterable, Mapping, Set
from typing import NamedTuple


class Figure(NamedTuple):
    """One figure."""

    sign: str
    """≥, ≤, <, > or empty."""
    low: str
    """The number, with its digits as written but without separators of thousands."""
    high: str
    """The other end of a range; 13 for `1 in 13`; else empty."""
    unit: str
    """`%`, `million`, `week`, `in` (1 in 13), `time` (four times); empty if there is none."""

    def __str__(self) -> str:
        between = " in " if self.unit == "in" else "–"
        number = f"{self.low}{between}{self.high}" if self.high else self.low
        unit = "" if self.unit in ("", "in") else f" {self.unit}"
        return f"{self.sign}{' ' if self.sign else ''}{number}{unit}"


_TO_TWENTY = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
)  # fmt: skip
_TENS = {
    "twenty": "20", "thirty": "30", "forty": "40", "fifty": "50", "sixty": "60", "seventy": "70", "eighty": "80",
    "ninety": "90",
}  # fmt: skip
SPELT = {word: str(number) for number, word in enumerate(_TO_TWENTY)} | _TENS
"""Numbers that are written as words."""

_UNITS = {
    "percent": "%", "per cent": "%", "%": "%", "million": "million", "billion": "billion", "thousand": "thousand",
    "year": "year", "month": "month", "week": "week", "day": "day", "hour": "hour", "minute": "minute",
    "second": "second", "time": "time", "-fold": "time", "fold": "time", "breath": "breath", "rep": "repetition",
    "repetition": "repetition", "set": "set", "degree": "°", "°": "°", "mg": "mg", "g": "g", "kg": "kg", "mm": "mm",
    "cm": "cm", "ml": "ml", "point": "point",
}  # fmt: skip

_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,3}(?: \d{3})+(?:\.\d+)?(?!\d)|\d+(?:\.\d+)?"
_SPELT = "|".join(SPELT)
_ANY = rf"(?:{_NUMBER}|\b(?:{_SPELT})\b)"
_UNIT = "|".join(re.escape(unit) for unit in sorted(_UNITS, key=len, reverse=True))
_FIGURE = re.compile(
    rf"(?P<sign>[<>≤≥]|\bat least\b|\bmore than\b|\bless than\b|\bup to\b)?\s*"
    rf"(?<![\w.,-])(?P<low>{_ANY})"
    rf"(?:(?P<ratio>\s+(?:in|out of)\s+)(?P<of>{_ANY})"
    rf"|\s*(?:%|percent)?\s*(?:[-–—]|\bto\b|\bor\b|\band\b)\s*(?P<high>{_ANY})(?=[\s-]*(?:{_UNIT})))?"
    rf"(?:[\s-]*(?P<unit>{_UNIT})s?(?![a-z]))?",
    re.IGNORECASE,
)
_ANY_NUMBER = re.compile(rf"\d|\b(?:{_SPELT})\b", re.IGNORECASE)
_SIGNS = {"at least": "≥", "more than": ">", "less than": "<", "up to": "≤"}
_COMPOUND = re.compile(rf"\b({'|'.join(_TENS)})[- ]({'|'.join(_TO_TWENTY[1:10])})\b", re.IGNORECASE)
_REFERENCE = re.compile(r"\[\d{1,4}\]")
_YEAR = re.compile(r"(?:1[89]|20)\d\d")


def figures(text: str) -> set[Figure]:
    """The figures of a text."""
    found: set[Figure] = set()
    if not _ANY_NUMBER.search(text):
        return found  # most texts have no number; the search below takes far longer
    text = _COMPOUND.sub(lambda match: f"{int(_number(match[1])) + int(_number(match[2]))}", text)
    text = " ".join(_REFERENCE.sub(" ", text).split())  # a run of spaces would take quadratic time
    for match in _FIGURE.finditer(text):
        low, high = _number(match["low"]), _number(match["of"] or match["high"] or "")
        unit = "in" if match["ratio"] else _UNITS[match["unit"].casefold()] if match["unit"] else ""
        after = text[match.end() : match.end() + 1]
        if not unit and (_YEAR.fullmatch(match["low"]) or match["low"].casefold() in SPELT or after.isalpha()):
            continue  # a year, `one of them`, a name
        if match["low"].casefold() == "one" and unit == "time":
            continue  # `at one time`
        sign = match["sign"] or ""
        found.add(Figure(_SIGNS.get(sign.casefold(), sign), low, high, unit))
    return found


def _number(text: str) -> str:
    return SPELT.get(text.casefold(), text.replace(",", "").replace(" ", ""))


def units(by: Iterable[Figure]) -> dict[str, set[str]]:
    """The numbers of figures, including both ends of a range, each with its units."""
    found: dict[str, set[str]] = {}
    for figure in by:
        for number in (figure.low, figure.high):
            found.setdefault(number, set()).add(figure.unit)
    return found


def supported(figure: Figure, by: Mapping[str, Set[str]]) -> bool:
    """Whether sources support a figure of a card. `by` is what `units` returns for the figures of the sources. These
    must have its numbers with the same unit; a missing unit fits every unit. A range is supported by its two ends, and
    each end by the range."""
    numbers = [number for number in (figure.low, figure.high) if number]
    return all(number in by and (not figure.unit or by[number] & {figure.unit, ""}) for number in numbers)
