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
from deckwright.problem import Problem, errors
from deckwright.state import Candidate, Candidates

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
    candidates: tuple[Candidate, ...]
    """Of the cards that are no drafts; none when they are not wanted, or the file has errors."""
    problems: tuple[Problem, ...]


def compiled(files: Files, names: Sequence[str], deck: Deck, images: Mapping[str, str] | None) -> Iterator[Part]:
    """The files `names` in order. `images` gives the name under which each media file travels; without it no
    candidates are made. A second process, where it pays, is at work as soon as this returns. May raise OSError."""
    if sum(map(files.size, names)) < LARGE:
        return _parts(files, names, deck, images)
    from concurrent.futures import ProcessPoolExecutor  # slow to import
    from multiprocessing import get_context

    length = -(-len(names) // RUNS)
    runs = [names[start : start + length] for start in range(0, len(names), length)]
    other = ProcessPoolExecutor(1, get_context("fork" if sys.platform == "linux" else "spawn"))
    futures = [other.submit(_packed, files, run, deck, images) for run in reversed(runs)]
    return _shared(other, files, list(zip(runs, reversed(futures), strict=True)), deck, images)


def _shared(
    other: "ProcessPoolExecutor",
    files: Files,
    runs: "Sequence[tuple[Sequence[str], Future[list[bytes]]]]",
    deck: Deck,
    images: Mapping[str, str] | None,
) -> Iterator[Part]:
    """The parts of all runs in order, those that the other process has not begun made here."""
    from concurrent.futures import BrokenExecutor

    try:
        for names, future in runs:
            if future.cancel():
                yield from _parts(files, names, deck, images)
            else:
                yield from (pickle.loads(part) for part in future.result())  # noqa: S301 - our own process made it
    except BrokenExecutor as error:
        raise OSError(ECHILD, "the second process was stopped from outside (out of memory?)") from error
    finally:
        other.shutdown(cancel_futures=True)


def _packed(files: Files, names: Sequence[str], deck: Deck, images: Mapping[str, str] | None) -> list[bytes]:
    """Parts as bytes, to be opened one at a time: half a deck's notes at once would be a lot of memory."""
    gc.disable()  # as cli.py does, for the same reason; a process that was not forked starts with it enabled
    return [pickle.dumps(part, pickle.HIGHEST_PROTOCOL) for part in _parts(files, names, deck, images)]


def _parts(files: Files, names: Sequence[str], deck: Deck, images: Mapping[str, str] | None) -> Iterator[Part]:
    candidates = Candidates(deck, images) if images is not None else None
    for name in names:
        file = load_cards(name, files.read(name), deck)
        problems = [*file.problems, *check_cards(file, deck)]
        published = [card for card in file.cards if card.status is not Status.DRAFT]
        wanted = published if candidates is not None and not errors(problems) else []
        made = [candidates.candidate(card) for card in wanted] if candidates is not None else []
        yield Part(seen(file), len(file.cards), len(file.cards) - len(published), tuple(made), tuple(problems))
