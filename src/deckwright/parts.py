"""The texts of a card by their role: which of them ask, which answer, which explain, and where each is written.

In: a card. Out: its texts in the order a reader meets them. Every rule, release and quiz takes them from here, so a new
kind of card is taught here once.
"""

from typing import Literal, Protocol

from deckwright.model import KINDS, Basic, CardKind, Cloze, Items, Occlusion, Options, Shape, Status, Text, keys
from deckwright.problem import Span

Role = Literal[
    "question", "answer", "also", "reverse", "cloze", "correct", "wrong", "why", "item", "mask", "retired",
    "explanation", "caveat", "was", "reason",
]  # fmt: skip
"""What a text of a card is for, named as its author names it; `mask` is the answer of a mask. `why` gives the reason of
an option or mask, `was` what the answer was before it was corrected, `reason` why the card was withdrawn."""

Part = tuple[Role, Text, int]
"""One Markdown text of a card: its role, the text, and, of an option, item or mask, its place among the others, from 1.
A bare tuple with a bare role, because every rule asks for those of every card."""


def parts(card: CardKind) -> list[Part]:
    """Every Markdown text of a card with its role, in the order a reader meets them."""
    found = _own_parts(card)
    if card.explanation is not None:
        found.append(("explanation", card.explanation, 0))
    if card.caveat is not None:
        found.append(("caveat", card.caveat, 0))
    if card.corrected is not None:
        found.append(("was", card.corrected.was, 0))
    if card.withdrawn is not None:
        found.append(("reason", card.withdrawn.reason, 0))
    return found


def _own_parts(card: CardKind) -> list[Part]:
    """The texts that only a card of this kind has."""
    found: list[Part]
    match card:
        case Basic():
            found = [("question", card.question, 0), ("answer", card.answer, 0)]
            found += [("also", text, 0) for text in card.also]
            if isinstance(card.reverse, Text):
                found.append(("reverse", card.reverse, 0))
            return found
        case Cloze():
            found = [("cloze", card.cloze, 0)]
            found += [("retired", text, number) for number, text in card.retired.items()]
            return found
        case Options():
            found = [("question", card.question, 0)]
            for number, option in enumerate(card.options, 1):
                found.append(("correct" if option.correct else "wrong", option.text, number))
                if option.why is not None:
                    found.append(("why", option.why, number))
            return found
        case Items():
            found = [("question", card.question, 0)]
            for number, item in enumerate(card.items, 1):
                found.append(("retired" if item.retired else "item", item.text, number))
            return found
        case Occlusion():
            found = [("question", card.question, 0)]
            for number, mask in enumerate(card.masks, 1):
                found.append(("retired" if mask.retired else "mask", mask.answer, number))
                found += [("also", text, number) for text in mask.also]
                if mask.why is not None:
                    found.append(("why", mask.why, number))
            return found


def texts(card: CardKind, *roles: Role) -> list[Text]:
    """The Markdown texts of a card that play one of these roles, or all of them if none is named, in the order a reader
    meets them."""
    if not roles:
        return [text for _, text, _ in parts(card)]
    return [text for role, text, _ in parts(card) if role in roles]


class Placed(Protocol):
    """A card, or what is kept of one, that knows its file."""

    @property
    def span(self) -> Span: ...


def place_of(card: Placed, text: Text) -> Span:
    """Where a text of a card is written."""
    return Span(card.span.file, text.line, text.column)


def written(card: CardKind) -> list[tuple[str, str]]:
    """All that an author wrote on a card and that learners see, as (key, text) in reading order; without sources and
    tags. What only authors see (`reviewed`, `derived`, `allow`) is not among it."""
    found: list[tuple[str, str]] = [(_key(card, role, number), text) for role, text, number in _own_parts(card)]
    found += [(name, "true") for name in _SWITCHES[type(card)] if getattr(card, name) is True]
    if isinstance(card, Basic) and card.reverse == "retired":
        found.append(("reverse", card.reverse))
    if isinstance(card, Occlusion):
        found += [("image", card.image), ("hide", card.hide)]
        found += [("alt", card.alt)] if card.alt is not None else []
        found += [(f"at of {number}", mask.at.written) for number, mask in enumerate(card.masks, 1) if mask.at]
    if card.explanation is not None:
        found.append(("explanation", card.explanation))
    if card.caveat is not None:
        found.append(("caveat", card.caveat))
    if card.status is not Status.CURRENT:
        found.append(("status", str(card.status)))
    if card.as_of is not None:
        found.append(("as_of", str(card.as_of)))
    if card.corrected is not None:
        found += [("corrected on", str(card.corrected.on)), ("was", card.corrected.was)]
    if card.withdrawn is not None:
        found += [("withdrawn on", str(card.withdrawn.on)), ("reason", card.withdrawn.reason)]
        found += [("see", card.withdrawn.see)] if card.withdrawn.see is not None else []
    return found


def _key(card: CardKind, role: Role, number: int) -> str:
    """What the text of a card is called in `written`. An item has its number only if that is not its place."""
    match card:
        case _ if role == "why":
            return f"why of {number}"
        case Cloze() if role == "retired":
            return f"retired c{number}"
        case Items() if number and card.items[number - 1].number != number:
            return f"{role} {card.items[number - 1].number}"
    return role


_SWITCHES = {
    kind.card: tuple(key.name for key in keys(kind.card) if key.shape in (Shape.FLAG, Shape.REVERSE)) for kind in KINDS
}
"""The keys of each kind that are switched on and off."""
