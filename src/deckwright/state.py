"""Card → what a release remembers of it: short digests of what Anki will hold and of what its author wrote.

In: cards, their notes and the deck's sources. Out: `Candidate`s, notes on their way to learners, each with a key of all
that Anki will hold: two notes of one key are the same to learners. The state tells how two keys come to differ; it is
made only where they do, because it takes as long as the note. Nothing here depends on a clock.
"""

import json
from collections.abc import Mapping, Set
from hashlib import sha256
from typing import NamedTuple
from zlib import crc32

from deckwright.markup import filled, plain
from deckwright.model import Basic, CardKind, Citation, Cloze, Deck, Items, Options, written
from deckwright.notes import Note, Notes
from deckwright.prompts import asked, headline
from deckwright.yamltext import Text

NONE = "-"
"""Stands where a column has nothing."""

LONGEST = 300
"""Characters kept of a question, and of what a gap hides: enough to tell texts apart and to be read by people."""


class State(NamedTuple):
    """What a release remembers of one card, besides its times. Every part is text without tabs and line ends."""

    guid: str
    kind: str
    """basic, cloze, options or items."""
    withdrawn: str
    """`withdrawn`, or NONE."""
    corrected: str
    """Digest of `was:` in `corrected:`, or NONE."""
    fields: str
    """The checksum of each Anki field in order, nothing for an empty one, parted by commas: it tells which changed."""
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
        """What each number asks; nothing when that was tampered with."""
        try:
            return {int(number): str(text) for number, text in json.loads(self.asks).items()}
        except (ValueError, AttributeError):
            return {}


def shown(text: str) -> str:
    """A text that may have been cut at LONGEST, for people: whole words, and an ellipsis where there was more."""
    return f"{text.rpartition(' ')[0] or text} …" if len(text) == LONGEST else text


def parsed(state: str) -> State:
    """A state from its text."""
    return State(*state.split("\t"))


class Correction(NamedTuple):
    """What a corrected card asks, said and says, in plain text."""

    asks: str
    was: str
    now: str


class Candidate(NamedTuple):
    """A note on its way to learners."""

    id: Text
    note: Note
    key: str
    """Digest of all that Anki will hold."""
    state: str
    """The parts of a `State`, parted by tabs; nothing when learners have the very note, or nothing is compared."""
    allow: Mapping[str, str] | None
    """Harmful changes that its author accepts, by their codes."""
    correction: Correction | None
    withdrawal: str
    """Why it is withdrawn and what to learn instead, in plain text; else nothing."""


class Candidates:
    """Makes the candidates of one deck. `images` gives the name under which each media file travels; `known` the keys
    of what learners have, or None when nothing is compared."""

    def __init__(self, deck: Deck, images: Mapping[str, str], known: Set[str] | None) -> None:
        self.notes = Notes(deck, images)
        self.images = images
        self.deck = deck
        self.known = known

    def candidate(self, card: CardKind) -> Candidate:
        """The candidate of one card."""
        note = self.notes.note(card)
        key = digest("\x1f".join((note.guid, note.type.name, note.topic, *note.tags, *note.fields)))
        state = "" if self.known is None or key in self.known else "\t".join(self.state(card, note))
        correction = (
            Correction(headline(card), plain(card.corrected.was.text), _answer(card)) if card.corrected else None
        )
        return Candidate(card.id, note, key, state, card.allow or None, correction, _withdrawal(card))

    def state(self, card: CardKind, note: Note) -> State:
        """What a release remembers of a card."""
        return State(
            note.guid,
            type(card).__name__.lower(),
            "withdrawn" if card.withdrawn else NONE,
            digest(card.corrected.was.text) if card.corrected else NONE,
            ",".join([field and str(crc32(field.encode())) for field in note.fields]).rstrip(","),
            digest(" ".join(note.tags)),
            # The names by which images travel end in a hash of their bytes.
            digest(" ".join([self.images[name].rpartition("-")[2] for name in note.media])) if note.media else NONE,
            digest("\0".join([part for pair in written(card) for part in pair])),
            self._sources(card.sources),
            note.topic,
            headline(card)[:LONGEST],
            _asks(card),
        )

    def _sources(self, cited: tuple[Citation, ...]) -> str:
        shown: list[str] = []
        for citation in cited:
            source = self.deck.sources.get(citation.source.text)
            if source is not None:
                parts = (source.authors, source.title, source.doi, source.url, source.pmid, source.isbn)
                shown += [str(part) for part in (*parts, source.year)]
            shown += [citation.source.text, citation.locator]
        return digest("\0".join(shown))


def _asks(card: CardKind) -> str:
    asks = {number: text[:LONGEST] for number, text in asked(card).items()}
    return json.dumps(asks, ensure_ascii=False)


def digest(text: str) -> str:
    """48 bits of a text: two texts of one card have the same by chance once in 2^48."""
    return sha256(text.encode()).hexdigest()[:12]


def _withdrawal(card: CardKind) -> str:
    if card.withdrawn is None:
        return ""
    instead = f" Learn instead: {card.withdrawn.see}" if card.withdrawn.see else ""
    return f"{plain(card.withdrawn.reason.text)}{instead}"


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
