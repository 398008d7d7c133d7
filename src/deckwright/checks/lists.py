"""Lists of cards that their authors should look at: stale, contested, superseded, withdrawn, draft.

In: a card, the deck's settings and today. Out: why the card is on a list. To be on a list is not a mistake; mistakes
are found by the rules beside this file. A list is a function and its name in `LISTS`.
"""

from collections.abc import Callable, Iterator
from datetime import date
from typing import NamedTuple

from deckwright.anki.prompts import headline
from deckwright.files import Files
from deckwright.model import CardKind, Settings, Status
from deckwright.problem import Span, one_line, spelt_out
from deckwright.reading.cards import load_deck, load_files


class Listed(NamedTuple):
    """One card on a list."""

    span: Span
    id: str
    why: str
    headline: str

    def __str__(self) -> str:
        file, line, column = self.span
        return f"{spelt_out(file)}:{line}:{column}: {self.id} ({self.why}): {one_line(self.headline)}"


def listed(files: Files, name: str, today: date) -> list[Listed]:
    """The cards of the list called `name` (a key of LISTS), in the order of the files. Cards with mistakes are on none.
    May raise OSError."""
    deck, _ = load_deck(files)
    reasons = LISTS[name]
    cards = []
    for file in load_files(files, deck):
        for card in file.cards:
            for reason in reasons(card, deck.settings, today):
                span = Span(card.span.file, card.id.line, card.id.column)
                cards.append(Listed(span, card.id, reason, headline(card)))
    return cards


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
    """Of that status, and not withdrawn."""

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
