"""Card → what a learner is asked, and the order of options.

In: a card. Out: its prompts, or its options in order. This is the only module that knows how many Anki cards a card
makes; tests compare it with Anki.
"""

import re
from hashlib import sha256
from typing import NamedTuple

from deckwright.markup.cloze import cloze_numbers, filled
from deckwright.markup.text import gap_texts, plain
from deckwright.model import Basic, CardKind, Cloze, Items, Occlusion, Option, Options
from deckwright.parts import texts


class Prompt(NamedTuple):
    """One thing that a learner is asked: one Anki card."""

    ordinal: int
    """Anki's number for it within the note: the number of the template, or the gap's number minus one."""
    asks: str
    """`answer`, `question` (the other way round), `option`, `gap 2`, `item 2` or `mask 2`."""


_ANSWER = Prompt(0, "answer")
_QUESTION = Prompt(1, "question")
_OPTION = Prompt(0, "option")


def prompts(card: CardKind) -> tuple[Prompt, ...]:
    """What a learner is asked, in the order of Anki's ordinals."""
    match card:
        case Basic():
            return (_ANSWER, _QUESTION) if card.reverse else (_ANSWER,)
        case Cloze():
            numbers = sorted({*cloze_numbers(card.cloze), *card.retired})
            return tuple(Prompt(number - 1, f"gap {number}") for number in numbers)
        case Options():
            return (_OPTION,)
        case Items():
            return tuple(Prompt(place, f"item {place + 1}") for place in range(len(card.items)))
        case Occlusion():
            return tuple(Prompt(place, f"mask {place + 1}") for place in range(len(card.masks)))


def headline(card: CardKind) -> str:
    """What a card is about, in one line without markup: its question, or its text with the gaps filled."""
    return _line(filled(card.cloze) if isinstance(card, Cloze) else card.question)


def asked(card: CardKind) -> dict[int, str]:
    """What each number of a card (Anki's ordinal plus one) asks, in one line without markup."""
    match card:
        case Basic() | Options():
            return {prompt.ordinal + 1: prompt.asks for prompt in prompts(card)}
        case Cloze():
            return {number: _line(text) for number, text in sorted({**card.retired, **gap_texts(card.cloze)}.items())}
        case Items():
            return {item.number: _line(item.text) for item in sorted(card.items, key=lambda item: item.number)}
        case Occlusion():
            return {number: _line(mask.answer) for number, mask in enumerate(card.masks, 1)}


def is_term(question: str) -> bool:
    """Whether a question is a bare term (`Atlas`), whose answer is its definition, and not a sentence that asks."""
    return not _SENTENCE.search(question)


_SENTENCE = re.compile(r"[?？؟!.:…;]\W*$")
"""The end of a text that asks something. Terms have no such end."""

_SPACES = re.compile(r"\s\s|[^\S ]|^\s|\s$")


def _line(text: str) -> str:
    text = plain(text)
    return " ".join(text.split()) if _SPACES.search(text) else text


class Ordered(NamedTuple):
    """Options in the order in which they are shown if nothing shuffles them."""

    options: tuple[Option, ...]
    fixed: bool
    """Whether the order has a meaning (ascending numbers) and must not be shuffled."""
    last: int
    """How many options must stay at the end (none of the above)."""


_NUMBER = re.compile(r"([<>≤≥~≈±+−-]?)\s*(\d+(?:[.,]\d+)*)(?:\s*[-–]\s*(\d+(?:[.,]\d+)*))?\s*(\D*)")
_OF_THE_ABOVE = re.compile(r"\b(?:none|all|both|neither) of (?:the above|these|them)\b", re.IGNORECASE)


def ordered(card: Options) -> Ordered:
    """The order of options in Anki, on paper and in every other output, whatever order they were written in.

    Numbers with the same unit ascend, and options such as "none of the above" come last. All others are ordered by a
    hash of card and option, so that adding or rewording one option does not move the others. If a text refers to
    "option B", the options keep the order in which they were written, because only there does the letter make sense.
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
    """Whether a text refers to an option by its letter."""
    return _LETTER.search(text) is not None


class _Value(NamedTuple):
    """A number as an option gives it. Values sort as a reader would sort them."""

    number: float
    bound: int
    """-1 for below the number, 1 for above it, 0 for the number itself."""
    upper: float
    """The other end of a range."""
    unit: str
    """In the singular, so that 1 week and 2 weeks have the same unit."""


def _value(text: str) -> _Value | None:
    """The number that is the whole text; None for any other text."""
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
    """A number with a decimal point or comma; a comma before three digits separates thousands."""
    plain_digits = re.sub(r",(?=\d{3}(?!\d))", "", digits).replace(",", ".")
    return float(plain_digits) if plain_digits.count(".") < 2 else None
