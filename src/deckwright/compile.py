"""Card files → parts: what the outputs and the rules over the whole deck need of each file.

In: the files of a project and what its cards share. Out: one `Part` a file, in order. A file depends on no other, so
large decks are compiled by two processes; a part is all that is kept of its file, so that memory stays small.
"""

import gc
import pickle
import sys
from collections.abc import Iterator, Mapping, Sequence
from errno import ECHILD
from typing import TYPE_CHECKING, NamedTuple

from deckwright.checks import Seen, check_cards, seen
from deckwright.load import Files, load_cards
from deckwright.model import Deck, Status
from deckwright.notes import Note, Notes
from deckwright.problem import Problem, errors

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor

LARGE = 1_000_000
"""Bytes of card files (some 3,000 cards) from which on a second process pays for its start."""

RUNS = 32
"""How many runs of files a large deck is cut into. The second process works from the last one backwards, this one from
the first one on, until they meet."""


class Part(NamedTuple):
    """What one file comes to."""

    seen: Seen
    cards: int
    drafts: int
    """How many of the cards are drafts."""
    notes: tuple[Note, ...]
    """Of the cards that are no drafts; none when they are not wanted, or the file has errors."""
    problems: tuple[Problem, ...]


def compiled(
    files: Files, names: Sequence[str], deck: Deck, images: Mapping[str, str], *, notes: bool
) -> Iterator[Part]:
    """The files `names` in order, with their `notes` if wanted. `images` gives the name under which each media file
    travels. A second process, where it pays, is at work as soon as this returns. May raise OSError."""
    if sum(map(files.size, names)) < LARGE:
        makes = Notes(deck, images) if notes else None
        return (_part(files, name, deck, makes) for name in names)
    from concurrent.futures import ProcessPoolExecutor  # slow to import
    from multiprocessing import get_context

    length = -(-len(names) // RUNS)
    runs = [names[start : start + length] for start in range(0, len(names), length)]
    other = ProcessPoolExecutor(1, get_context("fork" if sys.platform == "linux" else "spawn"))
    futures = [other.submit(_packed, files, run, deck, images, notes) for run in reversed(runs)]
    return _shared(other, files, list(zip(runs, reversed(futures), strict=True)), deck, images, notes=notes)


def _shared(
    other: "ProcessPoolExecutor",
    files: Files,
    runs: "Sequence[tuple[Sequence[str], Future[list[bytes]]]]",
    deck: Deck,
    images: Mapping[str, str],
    *,
    notes: bool,
) -> Iterator[Part]:
    """The parts of all runs in order, those that the other process has not begun made here."""
    from concurrent.futures import BrokenExecutor

    makes = Notes(deck, images) if notes else None
    try:
        for names, future in runs:
            if future.cancel():
                yield from (_part(files, name, deck, makes) for name in names)
            else:
                yield from (pickle.loads(part) for part in future.result())  # noqa: S301 - our own process made it
    except BrokenExecutor as error:
        raise OSError(ECHILD, "the second process was stopped from outside (out of memory?)") from error
    finally:
        other.shutdown(cancel_futures=True)


def _packed(files: Files, names: Sequence[str], deck: Deck, images: Mapping[str, str], notes: bool) -> list[bytes]:
    """Parts as bytes, to be opened one at a time: half a deck's notes at once would be a lot of memory."""
    gc.disable()  # as cli.py does, for the same reason; a process that was not forked starts with it enabled
    makes = Notes(deck, images) if notes else None
    return [pickle.dumps(_part(files, name, deck, makes), pickle.HIGHEST_PROTOCOL) for name in names]


def _part(files: Files, name: str, deck: Deck, makes: Notes | None) -> Part:
    file = load_cards(name, files.read(name), deck)
    problems = [*file.problems, *check_cards(file, deck)]
    published = [card for card in file.cards if card.status is not Status.DRAFT]
    notes = tuple([makes.note(card) for card in published]) if makes is not None and not errors(problems) else ()
    return Part(seen(file), len(file.cards), len(file.cards) - len(published), notes, tuple(problems))
