"""Card files → parts: what the outputs and the rules over the whole deck need of each file.

In: the files of a project and what its cards share. Out: one `Part` a file, in order. A file depends on no other, so
large decks are compiled by two processes; a part is all that is kept of its file, so that memory stays small.
"""

import gc
import pickle
import sys
from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from errno import ECHILD
from typing import TYPE_CHECKING, NamedTuple, cast

from deckwright.anki.notes import Note
from deckwright.checks.card import check_cards
from deckwright.checks.deck import Seen, seen
from deckwright.checks.support import cited, verify
from deckwright.files import Files
from deckwright.model import Deck, Status
from deckwright.problem import Problem, Severity, errors
from deckwright.reading.cards import load_cards
from deckwright.release.fingerprint import Candidate, Candidates
from deckwright.sources.texts import Known

if TYPE_CHECKING:
    from concurrent.futures import Future


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
    cited: Mapping[tuple[str, int], str]
    """Paragraphs that its cards cite, each with a card; none when figures are not held against sources."""


class Work(NamedTuple):
    """What compiling any file of a deck takes."""

    files: Files
    deck: Deck
    images: Mapping[str, str] | None
    """The name under which each media file travels; without it no candidates are made."""
    known: Set[str] | None
    """The keys of what learners have; None when nothing is compared."""
    sources: Known | None = None
    """What figures on cards are held against; None when they are not."""


@contextmanager
def compiled(work: Work, names: Sequence[str]) -> Iterator[Iterator[Part]]:
    """The files `names` in order. Where it pays, a second process is at work from the beginning of the `with` on; it is
    gone at the end of it, whatever happened. May raise OSError."""
    if sum(map(work.files.size, names)) < LARGE:
        yield _parts(work, names)
        return
    from concurrent.futures import ProcessPoolExecutor  # slow to import
    from multiprocessing import get_context

    length = -(-len(names) // RUNS)
    runs = [names[start : start + length] for start in range(0, len(names), length)]
    context = get_context("fork" if sys.platform == "linux" else "spawn")
    other = ProcessPoolExecutor(1, context, initializer=_begin, initargs=(work,))
    try:
        futures = [other.submit(_packed, run) for run in reversed(runs)]
        yield _shared(work, list(zip(runs, reversed(futures), strict=True)))
    finally:
        other.shutdown(cancel_futures=True)


def _shared(work: Work, runs: "Sequence[tuple[Sequence[str], Future[list[bytes]]]]") -> Iterator[Part]:
    """The parts of all runs in order, those that the other process has not begun made here."""
    from concurrent.futures import BrokenExecutor

    try:
        for names, future in runs:
            if future.cancel():
                yield from _parts(work, names)
            else:
                yield from map(_unpacked, future.result())
    except BrokenExecutor as error:
        raise OSError(ECHILD, "the second process was stopped from outside (out of memory?)") from error


_work: Work
"""In the second process: what it was started with. Handed over once, for it holds a key of every released card."""


def _begin(work: Work) -> None:
    global _work
    _work = work
    gc.disable()  # as cli.py does, for the same reason; a process that was not forked starts with it enabled


def _packed(names: Sequence[str]) -> list[bytes]:
    """Parts as bytes, to be opened one at a time: half a deck's notes at once would be a lot of memory."""
    return [_pack(part) for part in _parts(_work, names)]


def _pack(part: Part) -> bytes:
    """A part as bytes. Its candidates as bare tuples, which takes half the time."""
    bare = [(c.id, tuple(c.note), *c[2:]) for c in part.candidates]
    return pickle.dumps((part._replace(candidates=()), bare), pickle.HIGHEST_PROTOCOL)


def _unpacked(packed: bytes) -> Part:
    part, bare = pickle.loads(packed)  # noqa: S301 - our own process made it
    candidates = [Candidate(id_, Note(*note), *more) for id_, note, *more in bare]
    return cast("Part", part._replace(candidates=tuple(candidates)))


def _parts(work: Work, names: Sequence[str]) -> Iterator[Part]:
    candidates = Candidates(work.deck, work.images, work.known) if work.images is not None else None
    for name in names:
        file = load_cards(name, work.files.read(name), work.deck)
        problems = [*file.problems, *check_cards(file, work.deck)]
        published = [card for card in file.cards if card.status is not Status.DRAFT]
        wanted = published if candidates is not None and not errors(problems) else []
        made = [candidates.candidate(card) for card in wanted] if candidates is not None else []
        cites = {}
        if work.sources is not None:
            problems += [problem._replace(severity=Severity.ADVICE) for problem in verify(published, work.sources)]
            cites = cited(published)
        yield Part(seen(file), len(file.cards), len(file.cards) - len(published), tuple(made), tuple(problems), cites)
