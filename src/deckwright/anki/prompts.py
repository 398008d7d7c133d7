"""Card → what a learner is asked, and the one order of options.

In: a card. Out: its prompts, or its options in order. The only place that knows how many Anki cards a card makes;
tests hold it equal to what real Anki makes.
"""

import re
from hashlib import sha256
from typing import NamedTuple

from deckwright.markup.cloze import cloze_numbers, filled
from deckwright.markup.text import gap_texts, plain
from deckwright.model import Basic, CardKind, Cloze, Items, Option, Options, texts


class Prompt(NamedTuple):
    """One thing a learner is asked; one Anki card."""

    ordinal: int
    """Anki's number for it within the note: the template, or the gap's number less one."""
    asks: str
    """`answer`, `question` (the other way round), `option`, `gap 2` or `item 2`."""


_ANSWER = Prompt(0, "answer")
_QUESTION = Prompt(1, "question")
_OPTION = Prompt(0, "option")


def prompts(card: CardKind) -> tuple[Prompt, ...]:
    """What a learner is asked, in the order of Anki's ordinals."""
    match card:
        case Basic():
            return (_ANSWER, _QUESTION) if card.reverse else (_ANSWER,)
        case Cloze():
            return tuple(Prompt(number - 1, f"gap {number}") for number in cloze_numbers(card.cloze))
        case Options():
            return (_OPTION,)
        case Items():
            return tuple(Prompt(place, f"item {place + 1}") for place in range(len(card.items)))


def headline(card: CardKind) -> str:
    """What a card is about, in one line without markup: its question, or its text with the gaps filled."""
    return _line(filled(card.cloze) if isinstance(card, Cloze) else card.question)


def asked(card: CardKind) -> dict[int, str]:
    """What each number of a card (Anki's ordinal and one) asks, in one line without markup."""
    match card:
        case Basic() | Options():
            return {prompt.ordinal + 1: prompt.asks for prompt in prompts(card)}
        case Cloze():
            return {number: _line(text) for number, text in gap_texts(card.cloze).items()}
        case Items():
            return {number: _line(item.text) for number, item in enumerate(card.items, 1)}


_SPACES = re.compile(r"\s\s|[^\S ]|^\s|\s$")


def _line(text: str) -> str:
    text = plain(text)
    return " ".join(text.split()) if _SPACES.search(text) else text


class Ordered(NamedTuple):
    """Options in the order in which they are shown where nothing shuffles them."""

    options: tuple[Option, ...]
    fixed: bool
    """Whether the order means something (numbers ascending) and must stay."""
    last: int
    """How many at the end stay there (none of the above)."""


_NUMBER = re.compile(r"([<>≤≥~≈±+−-]?)\s*(\d+(?:[.,]\d+)*)(?:\s*[-–]\s*(\d+(?:[.,]\d+)*))?\s*(\D*)")
_OF_THE_ABOVE = re.compile(r"\b(?:none|all|both|neither) of (?:the above|these|them)\b", re.IGNORECASE)


def ordered(card: Options) -> Ordered:
    """The one order of options, for Anki, paper and every other output, whatever order they were written in.

    Numbers of one unit ascend; "none of the above" and its like stand last; the rest goes by a hash of card and
    option, so that adding or rewording one option leaves the others' order alone. Where a text speaks of "option B",
    the order written is the only one in which that means anything.
    """
    if any(points_at_letter(text) for text in texts(card)):
        return Ordered(card.options, fixed=True, last=0)
    last: list[Option] = []
    rest: list[Option] = []
    for option in card.options:
        (last if _OF_THE_ABOVE.search(option.text) else rest).append(option)
    values = [_value(plain(option.text)) for option in rest]
    numbers = [value for value in values if value is not None]
    fixed = len(rest) > 1 and len(numbers) == len(rest) and len({value.unit for value in numbers}) == 1
    if fixed:
        rest = [option for _, option in sorted(zip(numbers, rest, strict=True), key=lambda pair: pair[0])]
    else:
        rest.sort(key=lambda option: sha256(f"{card.id}\0{option.text}".encode()).digest())
    return Ordered((*rest, *last), fixed, len(last))


_LETTER = re.compile(r"\b(?:options?|answers?|choices?|statements?) \(?[A-H]\b")


def points_at_letter(text: str) -> bool:
    """Whether a text speaks of an option by its letter."""
    return _LETTER.search(text) is not None


class _Value(NamedTuple):
    """A number as an option gives it. Sorts as a reader would."""

    number: float
    bound: int
    """-1 below it, 1 above it."""
    upper: float
    """The other end of a range."""
    unit: str
    """In the singular: 1 week goes with 2 weeks."""


def _value(text: str) -> _Value | None:
    """The number that a text consists of; None for other text."""
    match = _NUMBER.fullmatch(text.strip())
    if match is None:
        return None
    sign, lower, upper, unit = match.groups()
    numbers = [_float(lower), _float(upper or lower)]
    if None in numbers:
        return None
    first, last = (number or 0.0 for number in numbers)
    unit = unit.strip().casefold()
    singular = unit[:-1] if len(unit) > 2 and unit.endswith("s") else unit
    return _Value(-first if sign in ("−", "-") else first, (sign in (">", "≥")) - (sign in ("<", "≤")), last, singular)


def _float(digits: str) -> float | None:
    """A number as written in English or with a decimal comma; a comma before three digits groups thousands."""
    plain_digits = re.sub(r",(?=\d{3}(?!\d))", "", digits).replace(",", ".")
    return float(plain_digits) if plain_digits.count(".") < 2 else None
