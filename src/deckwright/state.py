"""Card → what a release remembers of it: short digests of what Anki will hold and of what its author wrote.

In: cards, their notes and the deck's sources. Out: `Candidate`s, notes on their way to learners. Two states that are
the same text mean that learners need nothing new. Nothing here depends on a clock.
"""

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

from deckwright.markup import filled, plain
from deckwright.model import Basic, CardKind, Cloze, Deck, Items, Options, written
from deckwright.notes import Note, Notes
from deckwright.prompts import asked, headline
from deckwright.yamltext import Text

NONE = "-"
"""Stands where a column has nothing."""

LONGEST = 80
"""Characters kept of a question, and of what a gap hides: enough to tell texts apart and to be read by people."""


class State(NamedTuple):
    """What a release remembers of one card, besides its times. Every part is text without tabs and line ends."""

    guid: str
    kind: str
    """basic, cloze, options or items."""
    withdrawn: str
    """`withdrawn`, or NONE."""
    corrected: str
    """The date of `corrected:`, or NONE."""
    fields: str
    """The digest of each Anki field in order, nothing for an empty one, parted by commas."""
    tags: str
    """Digest of the tags, without those that come from the lock."""
    media: str
    """Digest of the bytes of its images, or NONE."""
    content: str
    """Digest of what the author wrote, sources and tags left out. When the fields differ and this does not, it was the
    program that changed."""
    sources: str
    """Digest of the sources, as far as a citation shows them."""
    topic: str
    headline: str
    asks: str
    """JSON: each number, and what it asks."""

    def numbers(self) -> dict[int, str]:
        """What each number asks."""
        return {int(number): text for number, text in json.loads(self.asks).items()}


def parsed(state: str) -> State:
    """A state from its text."""
    return State(*state.split("\t"))


class Correction(NamedTuple):
    """What a corrected card said and says, in plain text."""

    was: str
    now: str


class Candidate(NamedTuple):
    """A note on its way to learners."""

    id: Text
    note: Note
    state: str
    """The parts of a `State`, parted by tabs."""
    allow: Mapping[str, str] | None
    """Harmful changes that its author accepts, by their codes."""
    correction: Correction | None


class Candidates:
    """Makes the candidates of one deck. `images` gives the name under which each media file travels."""

    def __init__(self, deck: Deck, images: Mapping[str, str]) -> None:
        self.notes = Notes(deck, images)
        self.images = images
        self.deck = deck
        # A deck cites the same few places and uses the same few tags over and over.
        self.sources = lru_cache(maxsize=None)(self._sources)
        self.tags = lru_cache(maxsize=None)(digest)

    def candidate(self, card: CardKind) -> Candidate:
        """The candidate of one card."""
        note = self.notes.note(card)
        state = (
            note.guid,
            type(card).__name__.lower(),
            "withdrawn" if card.withdrawn else NONE,
            str(card.corrected.on) if card.corrected else NONE,
            ",".join([digest(field) if field else "" for field in note.fields]).rstrip(","),
            self.tags(" ".join(note.tags)),
            digest(" ".join([self.images[name] for name in note.media])) if note.media else NONE,
            digest("\0".join([part for pair in written(card) for part in pair])),
            self.sources(tuple([(citation.source.text, citation.locator) for citation in card.sources])),
            note.topic,
            headline(card)[:LONGEST],
            json.dumps({number: text[:LONGEST] for number, text in asked(card).items()}, ensure_ascii=False),
        )
        correction = Correction(plain(card.corrected.was.text), _answer(card)) if card.corrected else None
        return Candidate(card.id, note, "\t".join(state), card.allow or None, correction)

    def _sources(self, cited: tuple[tuple[str, str], ...]) -> str:
        shown: list[str] = []
        for id_, locator in cited:
            source = self.deck.sources.get(id_)
            if source is not None:
                parts = (source.authors, source.title, source.doi, source.url, source.pmid, source.isbn)
                shown += [str(part) for part in (*parts, source.year)]
            shown += [id_, locator]
        return digest("\0".join(shown))


def digest(text: str) -> str:
    """48 bits of a text in 8 characters: two texts of one card have the same by chance once in 2^48."""
    return urlsafe_b64encode(blake2b(text.encode(), digest_size=6).digest()).decode()


def _answer(card: CardKind) -> str:
    """What a card says now, in plain text."""
    match card:
        case Basic():
            return plain(card.answer.text)
        case Cloze():
            return plain(filled(card.cloze.text))
        case Options():
            return ", ".join(plain(option.text.text) for option in card.options if option.correct)
        case Items():
            return ", ".join(plain(item.text.text) for item in card.items if not item.retired)
