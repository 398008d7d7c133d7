"""Card → what a release remembers of it: short digests of what Anki will hold and of what the author wrote.

In: a card and its note. Out: the key of the note, one digest of all that Anki will hold; and the fingerprint, which
tells why two keys differ. A fingerprint takes as long to make as the note, so it is made only if the keys differ.
Nothing here depends on a clock.
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
from deckwright.model import KIND_OF, CardKind, Occlusion
from deckwright.parts import texts, written
from deckwright.release.answers import answers
from deckwright.release.lock import LONGEST, NONE, Fingerprint


def shown(text: str) -> str:
    """A text that may have been cut at LONGEST, for people: if it was, it ends with a whole word and an ellipsis."""
    return f"{text.rpartition(' ')[0] or text} …" if len(text) == LONGEST else text


class Correction(NamedTuple):
    """The question of a corrected card, its wrong and its right answer, in plain text."""

    asks: str
    was: str
    now: str


def note_key(note: Note) -> str:
    """Digest of all that Anki will hold of a note: notes with the same key are the same to learners."""
    return digest("\x1f".join((note.guid, note.type.name, note.topic, *note.tags, *note.fields)))


def fingerprint(card: CardKind, note: Note, images: Mapping[str, str]) -> Fingerprint:
    """What a release remembers of a card. `images` gives the name of each media file in the package."""
    return Fingerprint(
        note.guid,
        KIND_OF[type(card)].name,
        "withdrawn" if card.withdrawn else NONE,
        digest(card.corrected.was) if card.corrected else NONE,
        ",".join([field and str(crc32(field.encode())) for field in note.fields]).rstrip(","),
        digest(" ".join(note.tags)),
        # The name of an image in the package ends with a hash of its bytes.
        digest(" ".join([images[name].rpartition("-")[2] for name in note.media])) if note.media else NONE,
        digest("\0".join([part for pair in written(card) for part in pair])),
        digest("\0".join([part for cited in card.sources for part in (cited.source, cited.locator)])),
        note.topic,
        headline(card)[:LONGEST],
        _json({str(number): text[:LONGEST] for number, text in asked(card).items()}),
        _json(
            {"places": [mask.at.written if mask.at else "" for mask in card.masks]}
            if isinstance(card, Occlusion)
            else {}
            if KIND_OF[type(card)].numbered
            else {role: [text[:LONGEST] for text in texts] for role, texts in answers(card).items()}
        ),
    )


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def digest(text: str) -> str:
    """48 bits of a hash: two texts have the same digest by chance once in 2^48."""
    return sha256(text.encode()).hexdigest()[:12]


def correction_of(card: CardKind) -> Correction | None:
    """What learners must relearn of a corrected card; None if it has no `corrected:`."""
    if card.corrected is None:
        return None
    return Correction(headline(card), plain(card.corrected.was), _answer(card))


def withdrawal_text(card: CardKind) -> str:
    """Why a card is withdrawn and what to learn instead, in plain text; empty if it is not."""
    if card.withdrawn is None:
        return ""
    reason = plain(card.withdrawn.reason).rstrip(".")
    return f"{reason}. Learn instead: {card.withdrawn.see}" if card.withdrawn.see else reason


def _answer(card: CardKind) -> str:
    """The present answer of a card, in plain text."""
    gapped = [filled(text) for text in texts(card, "cloze")]
    return ", ".join(plain(text) for text in gapped or texts(card, "answer", "correct", "item", "mask"))
