"""The formats a deck can be built to, by the name behind `--to`.

In: a `Job`. Out: files in memory and problems. A format is pure: the same job gives the same bytes. Adding one takes a
module with a `render` and a line in `FORMATS`.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import NamedTuple

from deckwright.model import Deck
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
    """Everything a format may look at."""

    deck: Deck
    """Without drafts."""
    media: Mapping[str, Medium]
    """By the name in cards/media/."""
    stamp: datetime
    """The time that new and changed notes carry."""
    draft: bool
    """Whether anything in it is unreleased; outputs say so in their names."""


Rendered = tuple[list[File], list[Problem]]


class Format(NamedTuple):
    """One entry of `FORMATS`."""

    render: Callable[[Job], Rendered]
    default: bool
    """Whether a plain `deckwright build` makes it."""


def _anki(job: Job) -> Rendered:
    from deckwright.formats import anki  # genanki and its kin are slow to import

    return anki.render(job)


FORMATS: dict[str, Format] = {"anki": Format(_anki, default=True)}
