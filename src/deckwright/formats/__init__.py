"""The formats a deck can be built to, by the name behind `--to`.

In: a `Job`, then the notes of each file of cards. Out: files in memory and problems. The same job and notes give the
same bytes. Adding a format takes a module with an `Output` and a line in `FORMATS`.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from deckwright.model import Deck
from deckwright.notes import Note
from deckwright.problem import Problem


class Medium(NamedTuple):
    """A file of cards/media/ as it travels."""

    travels_as: str
    """An ASCII name that holds a hash of its bytes: Anki never replaces a file of the same name."""
    data: bytes


class File(NamedTuple):
    """One output."""

    name: str
    data: bytes
    about: str
    """What it is, for START-HERE.html: `Low back pain: 34 cards`."""


class Job(NamedTuple):
    """What all outputs of a build share."""

    deck: Deck
    media: Mapping[str, Medium]
    """By the name in cards/media/."""
    stamp: datetime
    """The time that new and changed notes carry."""
    draft: bool
    """Whether anything in it is unreleased; outputs say so in their names."""


class Output(Protocol):
    """One format in the making. It takes a deck's notes file by file, in order, and then gives its files."""

    def take(self, notes: Sequence[Note]) -> None:
        """The notes of the next file of cards."""

    def finish(self) -> tuple[list[File], list[Problem]]:
        """The files, and what kept others from being made."""


class Format(NamedTuple):
    """One entry of `FORMATS`."""

    start: Callable[[Job], Output]
    default: bool
    """Whether a plain `deckwright build` makes it."""


def _anki(job: Job) -> Output:
    from deckwright.formats.anki import AnkiPackages  # genanki and its kin are slow to import

    return AnkiPackages(job)


FORMATS: dict[str, Format] = {"anki": Format(_anki, default=True)}
