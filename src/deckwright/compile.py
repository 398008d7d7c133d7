"""One file of cards → its cards, their notes, and what is wrong with them.

In: the bytes of a file, and what all cards share. Out: a `Compiled`. A file depends on no other, and compiling one has
no effects, so a file whose bytes did not change is never compiled again.
"""

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from deckwright.anki.notes import Note, Notes
from deckwright.checks.advice import Wanted, advise
from deckwright.checks.alike import ALIKE_RULES, Asked, asked
from deckwright.checks.card import check_cards
from deckwright.checks.deck import FileFacts, facts_of
from deckwright.checks.support import cited, unneeded, verify
from deckwright.files import Files
from deckwright.model import CardKind, Deck
from deckwright.problem import Problem, errors
from deckwright.reading.cards import CardFile, load_cards
from deckwright.sources.texts import Known

Progress = Callable[[int, int], None]
"""Told how many files of cards are done, and of how many."""


class Context(NamedTuple):
    """What compiling any file of a deck takes besides its bytes."""

    deck: Deck
    images: Mapping[str, str] | None
    """The name under which each media file travels; without it no notes are made."""
    sources: Known | None
    """What the sources are known to say; without it figures on cards are not held against them."""
    advice: Wanted
    """The rules of writing that are looked at."""


class Compiled(NamedTuple):
    """What one file comes to."""

    file: CardFile
    notes: tuple[Note, ...]
    """Of its published cards, in order; none when the file has errors, or notes are not wanted."""
    problems: tuple[Problem, ...]
    facts: FileFacts
    """What the rules for the whole deck need of it."""
    cited: Mapping[tuple[str, int], str]
    """Paragraphs that its cards cite, each with a card; none when figures are not held against sources."""
    asked: tuple[Asked, ...]
    """What is compared of its cards with others; empty if no rule compares any."""
    data: bytes
    """What it was compiled from."""
    context: Context

    @property
    def pairs(self) -> Iterator[tuple[CardKind, Note]]:
        """Its published cards with their notes; none if the file has errors."""
        return zip(self.file.published, self.notes, strict=False)

    @property
    def images(self) -> Mapping[str, str]:
        """The name of each media file in a package."""
        return self.context.images or {}


def compile_file(name: str, data: bytes, context: Context) -> Compiled:
    """Compiles the file called `name`. Pure."""
    return _compiled(name, data, context, Notes(context.deck, context.images or {}))


def _compiled(name: str, data: bytes, context: Context, maker: Notes) -> Compiled:
    """As `compile_file`; `maker` remembers the citations and tags that it has seen."""
    file = load_cards(name, data, context.deck)
    problems = [*file.problems, *check_cards(file, context.deck)]
    published = file.published
    wanted = published if context.images is not None and not errors(problems) else []
    notes = tuple([maker.note(card) for card in wanted])
    cites = {}
    if context.sources is not None:
        problems += [*verify(published, context.sources), *unneeded(published, context.sources)]
        cites = cited(published)
    compared: tuple[Asked, ...] = ()
    if context.advice and not errors(problems):  # how a card is best written is of interest once it can be read
        problems += advise(file.cards, context.deck, context.advice)
        compared = asked(file.cards) if not context.advice.keys().isdisjoint(ALIKE_RULES) else ()
    return Compiled(file, notes, tuple(problems), facts_of(file), cites, compared, data, context)


def compile_all(
    files: Files,
    names: Sequence[str],
    context: Context,
    earlier: Mapping[str, Compiled] | None = None,
    progress: Progress | None = None,
) -> dict[str, Compiled]:
    """The files `names`, in order. Those of `earlier` that were compiled from the same bytes in the same context are
    kept. May raise OSError."""
    maker = Notes(context.deck, context.images or {})
    kept = earlier or {}
    result: dict[str, Compiled] = {}
    with collector_off():
        for number, name in enumerate(names, 1):
            data = files.read(name)
            had = kept.get(name)
            same = had is not None and had.data == data and (had.context is context or had.context == context)
            result[name] = had if had is not None and same else _compiled(name, data, context, maker)
            if progress:
                progress(number, len(names))
    return result


@contextmanager
def collector_off() -> Iterator[None]:
    """Keeps Python's collector of garbage from running: a build frees almost nothing, and the collector doubled the
    time of large decks."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
