"""One page on the sources of a deck, for its authors: which card rests on which source.

In: the cards, the record of the source texts, and the reasons for paragraphs on no card. Out: one HTML page with every
paragraph and its cards, every source and its cards, the cards to look at, and the numbers of cards by topic, kind and
status. The words are in templates/sources.html; `SourcesPage` holds all that the template can use.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from deckwright.anki.prompts import headline
from deckwright.checks.lists import LISTS
from deckwright.formats import File
from deckwright.model import CardKind, Deck, Source
from deckwright.pages import rendered
from deckwright.sources.cited import address
from deckwright.sources.coverage import Excused, still_open
from deckwright.sources.texts import Record, paragraph_numbers


@dataclass(frozen=True)
class CardLine:
    """A card as the page shows it."""

    id: str
    headline: str
    why: str = ""
    """Why it is on a list; empty elsewhere."""


@dataclass(frozen=True)
class ParagraphLine:
    """One paragraph of a source text."""

    number: int
    figures: Sequence[str]
    cards: Sequence[CardLine]
    """The cards that cite it."""
    excused: Sequence[Excused]
    """Why it, or a statement in it, is on no card."""
    open: bool
    """Whether it is neither cited nor excused as a whole."""


@dataclass(frozen=True)
class SourceLine:
    """One entry of the bibliography."""

    source: Source
    address: str
    """Its web address; empty if it has none."""
    cards: Sequence[CardLine]
    """The cards that cite it."""


@dataclass(frozen=True, kw_only=True)
class SourcesPage:
    """What the template is filled with."""

    title: str
    """The deck's."""
    cards: int
    documents: Mapping[str, Sequence[ParagraphLine]]
    """The recorded source texts by source id, paragraph by paragraph."""
    sources: Sequence[SourceLine]
    lists: Mapping[str, Sequence[CardLine]]
    """The cards to look at, by the name of the list."""
    spread: Mapping[str, Mapping[str, int]]
    """How many cards there are of each topic, kind and status."""


def report(deck: Deck, cards: Sequence[CardKind], record: Record, excused: Sequence[Excused], today: date) -> File:
    """The page as a file."""
    page = rendered("sources.html", **vars(sources_page(deck, cards, record, excused, today)))
    return File("sources.html", page.encode(), f"{len(cards)} cards and their sources")


def sources_page(
    deck: Deck, cards: Sequence[CardKind], record: Record, excused: Sequence[Excused], today: date
) -> SourcesPage:
    """What the template needs to know about the sources of a deck."""
    by_source: dict[str, list[CardLine]] = {}
    by_paragraph: dict[tuple[str, int], list[CardLine]] = {}
    for card in cards:
        line = CardLine(card.id, headline(card))
        for citation in card.sources:
            by_source.setdefault(citation.source, []).append(line)
            for number in paragraph_numbers(citation.locator):
                by_paragraph.setdefault((citation.source, number), []).append(line)
    return SourcesPage(
        title=deck.settings.title,
        cards=len(cards),
        documents=_documents(record, by_paragraph, excused),
        sources=[
            SourceLine(source, address(source), by_source.get(id_, [])) for id_, source in sorted(deck.sources.items())
        ],
        lists={
            name: [CardLine(card.id, headline(card), why) for card in cards for why in rule(card, deck.settings, today)]
            for name, rule in LISTS.items()
        },
        spread={
            "Topics": _counts(card.topic for card in cards),
            "Kinds": _counts(type(card).__name__ for card in cards),
            "Status": _counts("withdrawn" if card.withdrawn else str(card.status) for card in cards),
        },
    )


def _documents(
    record: Record, citing: Mapping[tuple[str, int], Sequence[CardLine]], excused: Sequence[Excused]
) -> dict[str, list[ParagraphLine]]:
    """Every recorded paragraph, by source id. `citing` gives the cards that cite a paragraph."""
    opened = set(still_open(record, citing, excused))
    return {
        id_: [
            ParagraphLine(
                number=number,
                figures=sorted(map(str, paragraph.figures)),
                cards=citing.get((id_, number), []),
                excused=[entry for entry in excused if (entry.source, entry.paragraph) == (id_, number)],
                open=(id_, number) in opened,
            )
            for number, paragraph in enumerate(paragraphs, 1)
        ]
        for id_, paragraphs in record.items()
    }


def _counts(names: Iterable[str]) -> dict[str, int]:
    """How often each name occurs, in alphabetical order."""
    return dict(sorted(Counter(names).items()))
