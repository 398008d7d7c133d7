"""Card → what a release remembers of it: short digests of what Anki will hold and of what its author wrote.

In: a card and its note. Out: the note's key, of all that Anki will hold, and the fingerprint, which tells how two keys
come to differ; it is made only where they do, because it takes as long as the note. Nothing here depends on a clock.
"""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import NamedTuple
from zlib import crc32

from deckwright.anki.notes import Note
from deckwright.anki.prompts import asked, headline
from deckwright.markup.cloze import filled
from deckwright.markup.text import plain
from deckwright.model import Basic, CardKind, Cloze, Items, Options, written
from deckwright.release.answers import answers
from deckwright.release.lock import LONGEST, NONE, Fingerprint


def shown(text: str) -> str:
    """A text that may have been cut at LONGEST, for people: whole words, and an ellipsis where there was more."""
    return f"{text.rpartition(' ')[0] or text} …" if len(text) == LONGEST else text


class Correction(NamedTuple):
    """What a corrected card asks, said and says, in plain text."""

    asks: str
    was: str
    now: str


def note_key(note: Note) -> str:
    """Digest of all that Anki will hold of a note: two notes of one key are the same to learners."""
    return digest("\x1f".join((note.guid, note.type.name, note.topic, *note.tags, *note.fields)))


def fingerprint(card: CardKind, note: Note, images: Mapping[str, str]) -> Fingerprint:
    """What a release remembers of a card. `images` gives the name under which each media file travels."""
    return Fingerprint(
        note.guid,
        type(card).__name__.lower(),
        "withdrawn" if card.withdrawn else NONE,
        digest(card.corrected.was) if card.corrected else NONE,
        ",".join([field and str(crc32(field.encode())) for field in note.fields]).rstrip(","),
        digest(" ".join(note.tags)),
        # The names by which images travel end in a hash of their bytes.
        digest(" ".join([images[name].rpartition("-")[2] for name in note.media])) if note.media else NONE,
        digest("\0".join([part for pair in written(card) for part in pair])),
        digest("\0".join([part for cited in card.sources for part in (cited.source, cited.locator)])),
        note.topic,
        headline(card)[:LONGEST],
        _json({str(number): text[:LONGEST] for number, text in asked(card).items()}),
        _json(
            {}
            if isinstance(card, Cloze | Items)
            else {role: [text[:LONGEST] for text in texts] for role, texts in answers(card).items()}
        ),
    )


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def digest(text: str) -> str:
    """48 bits of a text: two texts of one card have the same by chance once in 2^48."""
    return sha256(text.encode()).hexdigest()[:12]


def correction_of(card: CardKind) -> Correction | None:
    """What a corrected card asks, said and says."""
    if card.corrected is None:
        return None
    return Correction(headline(card), plain(card.corrected.was), _answer(card))


def withdrawal_text(card: CardKind) -> str:
    """Why a card is withdrawn and what to learn instead, in plain text; empty if it is not."""
    if card.withdrawn is None:
        return ""
    instead = f" Learn instead: {card.withdrawn.see}" if card.withdrawn.see else ""
    return f"{plain(card.withdrawn.reason)}{instead}"


def _answer(card: CardKind) -> str:
    """What a card says now, in plain text."""
    match card:
        case Basic():
            return plain(card.answer)
        case Cloze():
            return plain(filled(card.cloze))
        case Options():
            return ", ".join(plain(option.text) for option in card.options if option.correct)
        case Items():
            return ", ".join(plain(item.text) for item in card.items if not item.retired)
