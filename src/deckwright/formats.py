"""The formats a deck can be built to, by the name given to `--to`.

In: a `DeckJob`. Out: files in memory, and problems. To add a format, write a module with a `render` and add a line to
`DECK_FORMATS`.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from deckwright.model import Deck
from deckwright.pictures.media import Medium
from deckwright.problem import Problem
from deckwright.release.compare import DatedNote, Edition


class File(NamedTuple):
    """One output."""

    name: str
    data: bytes
    about: str
    """What the file is, for START-HERE.html: `Low back pain: 34 cards`."""


class DeckJob(NamedTuple):
    """What a format for decks is given."""

    deck: Deck
    media: Mapping[str, Medium]
    """By their names in cards/media/."""
    notes: Sequence[DatedNote]
    """In the order of the deck."""
    edition: Edition


Rendered = tuple[list[File], list[Problem]]
"""The files of a format, and the problems that kept others from being made."""


class DeckFormat(NamedTuple):
    """One entry of `DECK_FORMATS`."""

    render: Callable[[DeckJob], Rendered]
    """Pure: the same job gives the same bytes."""
    default: bool
    """Whether `deckwright build` without `--to` makes it while something is unreleased."""


def _anki(job: DeckJob) -> Rendered:
    from deckwright.anki.packages import render  # genanki and its dependencies are slow to import

    return render(job)


def _anki_text(job: DeckJob) -> Rendered:
    from deckwright.anki.text import render

    return render(job)


DECK_FORMATS: dict[str, DeckFormat] = {
    "anki": DeckFormat(_anki, default=True),
    "anki-text": DeckFormat(_anki_text, default=False),
}
"""The outputs for Anki: packages, and text files that update notes in place."""
