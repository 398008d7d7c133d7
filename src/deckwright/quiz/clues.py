"""Which questions give away each other's answers.

In: cards. Out: what a question shows and which answer it wants (`exposure`), and whether it clashes with the questions
chosen so far (`Clues`). Texts are compared by their words alone, without case and markup.
"""

import re
from typing import NamedTuple

from deckwright.anki.prompts import headline
from deckwright.markup.cloze import DEEPEST_GAP
from deckwright.markup.text import gap_texts, plain, said
from deckwright.markup.tree import cloze_tree
from deckwright.model import CardKind, Cloze
from deckwright.parts import texts
from deckwright.quiz.gaps import with_gap


class Exposure(NamedTuple):
    """What a question shows and which answers it wants: the texts by which one question can give away another."""

    shows: str
    """Its stem."""
    offers: str
    """Its options, separated by slashes."""
    wants: tuple[str, ...]


_LONG_ENOUGH = 8
"""Characters. An answer at least this long is given away by a stem that contains its words. Shorter answers (MRI, L5)
are in many stems."""
_LONG_AMONG_OPTIONS = 5
"""The same for an answer whose words are among the options of another question."""


def exposure(card: CardKind, gap: int) -> Exposure:
    """What a card's question shows and wants; `gap` is the number of the gap that is asked of a cloze card."""
    shows = headline(card)
    wants: list[str] = [*texts(card, "answer", "correct", "item", "mask")]
    # A gap of 0 is an error, reported when the card is used; too many gaps are not compared.
    if isinstance(card, Cloze) and gap and card.cloze.count("{{c") <= DEEPEST_GAP * DEEPEST_GAP:
        shows = said(with_gap(cloze_tree(card.cloze), gap))
        wants = [gap_texts(card.cloze)[gap]]
    return Exposure(
        _words(shows),
        " / ".join(_words(plain(offer)) for offer in texts(card, "correct", "wrong")),
        tuple(text for text in (_words(plain(want)) for want in wants) if text),
    )


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


class Clues:
    """What the questions chosen so far give away."""

    def __init__(self) -> None:
        self.stems = _Texts(_LONG_ENOUGH)
        self.options = _Texts(_LONG_AMONG_OPTIONS)
        self.answers: set[frozenset[str]] = set()

    def add(self, question: Exposure) -> None:
        self.stems.add(question.shows, question.wants)
        self.options.add(question.offers, question.wants)
        self.answers.add(frozenset(question.wants))

    def answer(self, question: Exposure) -> bool:
        """Whether the stem of one of these gives away the question's answer, or the reverse."""
        return self.stems.clashes(question.shows, question.wants)

    def hint_at(self, question: Exposure) -> bool:
        """Whether the question has the same answer as one of these, or has its answer among the options of one, or the
        reverse."""
        return frozenset(question.wants) in self.answers or self.options.clashes(question.offers, question.wants)


class _Texts:
    """Texts and answers of questions, indexed by their words: to compare every pair would take as long as printing
    them."""

    def __init__(self, long_enough: int) -> None:
        self.long_enough = long_enough
        self.showing: dict[str, dict[str, None]] = {}
        self.wanting: dict[str, dict[tuple[str, ...], None]] = {}

    def add(self, shows: str, wants: tuple[str, ...]) -> None:
        for word in set(shows.split()):
            self.showing.setdefault(word, {})[shows] = None
        if self.tells(wants):
            self.wanting.setdefault(_telling(wants[0]), {})[wants] = None

    def tells(self, wants: tuple[str, ...]) -> bool:
        """Whether an answer is long enough to be given away."""
        return bool(wants) and all(len(want) >= self.long_enough for want in wants)

    def clashes(self, shows: str, wants: tuple[str, ...]) -> bool:
        """Whether a question shows the answer of one of these, or the reverse."""
        for word in set(shows.split()):
            if any(_answers(shows, other) for other in self.wanting.get(word, ())):
                return True
        return self.tells(wants) and any(_answers(other, wants) for other in self.showing.get(_telling(wants[0]), ()))


def _telling(text: str) -> str:
    """The longest word of a text; few other texts share it."""
    return max(text.split(), key=len)


def _answers(shows: str, wants: tuple[str, ...]) -> bool:
    """Whether a text contains every answer that a question wants."""
    return all(f" {want} " in f" {shows} " for want in wants)
