"""What stands where: one page on the sources of a deck, for its authors.

In: the cards, what is recorded of the source texts, and the reasons for what is on no card. Out: one HTML page without
anything from outside: every paragraph with its cards, every source with its cards, what to look at, and how the cards
spread over topics, kinds and status.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from deckwright.anki.notes import address
from deckwright.anki.prompts import headline
from deckwright.checks.lists import LISTS
from deckwright.formats import File
from deckwright.model import CardKind, Deck
from deckwright.pages import rendered
from deckwright.sources.coverage import Excused, still_open
from deckwright.sources.texts import Record, paragraph_numbers

NAME = "sources.html"


class Entry(NamedTuple):
    """A card as the page names it."""

    id: str
    headline: str
    why: str = ""


class Row(NamedTuple):
    """One paragraph."""

    number: int
    figures: str
    cards: list[Entry]
    excused: list[Excused]
    open: bool


class Bar(NamedTuple):
    """One bar of a picture."""

    name: str
    number: int
    share: float
    """Of the longest bar, in percent."""


def report(deck: Deck, cards: Sequence[CardKind], record: Record, excused: Sequence[Excused], today: date) -> File:
    """The page."""
    citing: dict[tuple[str, int], list[Entry]] = {}
    of_source: dict[str, list[Entry]] = {}
    for card in cards:
        entry = Entry(card.id, headline(card))
        for citation in card.sources:
            of_source.setdefault(citation.source, []).append(entry)
            for number in paragraph_numbers(citation.locator):
                citing.setdefault((citation.source, number), []).append(entry)
    reasons: dict[tuple[str, int], list[Excused]] = {}
    for reason in excused:
        reasons.setdefault((reason.source, reason.paragraph), []).append(reason)
    opened = set(still_open(record, citing, excused))
    documents = {
        id_: [
            Row(
                number,
                ", ".join(sorted(map(str, paragraph.figures))),
                citing.get((id_, number), []),
                reasons.get((id_, number), []),
                (id_, number) in opened,
            )
            for number, paragraph in enumerate(paragraphs, 1)
        ]
        for id_, paragraphs in record.items()
    }
    page = rendered(
        "sources.html",
        title=deck.settings.title,
        cards=len(cards),
        documents=documents,
        sources=[(source, address(source), of_source.get(id_, [])) for id_, source in sorted(deck.sources.items())],
        lists={
            name: [Entry(card.id, headline(card), why) for card in cards for why in rule(card, deck.settings, today)]
            for name, rule in LISTS.items()
        },
        pictures={
            "Topics": _bars(card.topic for card in cards),
            "Kinds": _bars(type(card).__name__ for card in cards),
            "Status": _bars("withdrawn" if card.withdrawn else str(card.status) for card in cards),
        },
    )
    return File(NAME, page.encode(), f"{len(cards)} cards and their sources")


def _bars(names: Iterable[str]) -> list[Bar]:
    counts = Counter(names)
    most = max(counts.values(), default=1)
    return [Bar(name, number, 100 * number / most) for name, number in sorted(counts.items())]
