"""The formats a deck can be built to, by the name behind `--to`.

In: a `Job`, the notes of each file of cards, and the edition. Out: files in memory and problems. The same of these give
the same bytes. Adding a format takes a module with an `Output` and a line in `FORMATS`.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, Protocol

from deckwright.model import Deck
from deckwright.problem import Problem
from deckwright.release.compare import Edition, Stamped


class Medium(NamedTuple):
    """A file of cards/media/ as it travels."""

    travels_as: str
    """An ASCII name that holds a hash of its bytes in cards/media/: Anki never replaces a file of the same name."""
    data: bytes
    """Without metadata; empty when it is no picture that can travel."""
    left_out: tuple[str, ...] = ()
    """The metadata that may tell of a person."""


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


class Output(Protocol):
    """One format in the making. It takes a deck's notes file by file, in order, and then gives its files."""

    def take(self, notes: Sequence[Stamped]) -> None:
        """The notes of the next file of cards."""

    def finish(self, edition: Edition) -> tuple[list[File], list[Problem]]:
        """The files, and what kept others from being made."""


class Format(NamedTuple):
    """One entry of `FORMATS`."""

    start: Callable[[Job], Output]
    default: bool
    """Whether a plain `deckwright build` makes it while something is unreleased."""


def _anki(job: Job) -> Output:
    from deckwright.anki.packages import AnkiPackages  # genanki and its kin are slow to import

    return AnkiPackages(job)


def _anki_text(job: Job) -> Output:
    from deckwright.anki.text import TextCorrections

    return TextCorrections(job)


FORMATS: dict[str, Format] = {
    "anki": Format(_anki, default=True),
    "anki-text": Format(_anki_text, default=False),
}
