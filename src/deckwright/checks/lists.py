"""Lists of cards that their authors should look at: stale, contested, superseded, withdrawn, draft.

In: a card, the deck's settings and today. Out: why the card is on a list. Being on a list is not an error; errors are
found by the rules beside this file. Each list is a function in the table `LISTS`.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import NamedTuple

from deckwright.anki.prompts import headline
from deckwright.model import CardKind, Settings, Status
from deckwright.parts import place_of
from deckwright.problem import Span, one_line, spelt_out


class Listed(NamedTuple):
    """One card on a list."""

    span: Span
    id: str
    why: str
    headline: str

    def __str__(self) -> str:
        file, line, column = self.span
        return f"{spelt_out(file)}:{line}:{column}: {self.id} ({self.why}): {one_line(self.headline)}"


def listed(cards: Iterable[CardKind], settings: Settings, name: str, today: date) -> list[Listed]:
    """The cards of the list called `name` (a key of LISTS), in the order given."""
    return [
        Listed(place_of(card, card.id), card.id, reason, headline(card))
        for card in cards
        for reason in LISTS[name](card, settings, today)
    ]


Reasons = Callable[[CardKind, Settings, date], Iterator[str]]
"""Why a card is on a list: one text, or none if it is not on it."""


def _was_not_reviewed(card: CardKind, settings: Settings, today: date) -> Iterator[str]:
    """Reviewed longer ago than `review_every`, or never. Drafts and withdrawn cards reach nobody."""
    if card.withdrawn or card.status is Status.DRAFT:
        return
    if card.reviewed is None:
        yield "never reviewed"
    elif _months_between(card.reviewed.on, today) >= settings.review_every:
        yield f"reviewed {card.reviewed.on}"


def _months_between(start: date, end: date) -> int:
    """Whole months from one day to another."""
    return (end.year - start.year) * 12 + end.month - start.month - (end.day < start.day)


def _has_status(status: Status) -> Reasons:
    """Has that status, and is not withdrawn."""

    def reasons(card: CardKind, settings: Settings, today: date) -> Iterator[str]:
        if card.status is status and not card.withdrawn:
            yield f"as of {card.as_of}" if card.as_of else str(status)

    return reasons


def _was_withdrawn(card: CardKind, settings: Settings, today: date) -> Iterator[str]:
    if card.withdrawn:
        yield f"withdrawn {card.withdrawn.on}: {one_line(card.withdrawn.reason)}"


LISTS: dict[str, Reasons] = {
    "stale": _was_not_reviewed,
    "contested": _has_status(Status.CONTESTED),
    "superseded": _has_status(Status.SUPERSEDED),
    "withdrawn": _was_withdrawn,
    "draft": _has_status(Status.DRAFT),
}
