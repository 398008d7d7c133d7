"""Which questions give each other's answers away.

In: cards. Out: what a question shows and what it wants (`exposure`), and whether it clashes with those chosen so far
(`Clues`). All is compared by words alone, without case and markup.
"""

import re
from typing import NamedTuple

from deckwright.anki.prompts import headline
from deckwright.markup.cloze import DEEPEST_GAP
from deckwright.markup.text import gap_texts, plain, said
from deckwright.markup.tree import cloze_tree
from deckwright.model import Basic, CardKind, Cloze, Items, Options
from deckwright.quiz.gaps import with_gap


class Exposure(NamedTuple):
    """What a question shows, and what it wants, as far as one can give away the other."""

    shows: str
    """Its stem."""
    offers: str
    """Its options, separated by slashes."""
    wants: tuple[str, ...]


_LONG_ENOUGH = 8
"""Letters of an answer above which its words in the stem of another question give it away; shorter ones (MRI, L5) are
in many."""
_LONG_AMONG_OPTIONS = 5
"""The same for words among the options of another question."""


def exposure(card: CardKind, gap: int) -> Exposure:
    """What a question of a card shows and wants; `gap` is the number that is asked of a cloze card."""
    shows, offers = headline(card), []
    wants: list[str]
    match card:
        case Basic():
            wants = [card.answer]
        case Cloze():
            if not gap or card.cloze.count("{{c") > DEEPEST_GAP * DEEPEST_GAP:
                wants = []  # an error that is reported when the card is used, or too much to compare
            else:
                shows = said(with_gap(cloze_tree(card.cloze), gap))
                wants = [gap_texts(card.cloze)[gap]]
        case Options():
            wants = [option.text for option in card.options if option.correct]
            offers = [option.text for option in card.options]
        case Items():
            wants = [item.text for item in card.items if not item.retired]
    return Exposure(
        _words(shows),
        " / ".join(_words(plain(offer)) for offer in offers),
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
        """Whether the question and the stem of one of these would answer each other."""
        return self.stems.clashes(question.shows, question.wants)

    def hint_at(self, question: Exposure) -> bool:
        """Whether its answer is that of one of these, or is among the options of one; or the reverse."""
        return frozenset(question.wants) in self.answers or self.options.clashes(question.offers, question.wants)


class _Texts:
    """Texts and answers of questions, found by their words: comparing each with each would take
    as long as printing them."""

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
        """Whether a question and one of these would answer each other."""
        for word in set(shows.split()):
            if any(_answers(shows, other) for other in self.wanting.get(word, ())):
                return True
        return self.tells(wants) and any(_answers(other, wants) for other in self.showing.get(_telling(wants[0]), ()))


def _telling(text: str) -> str:
    """The longest word of a text, which the fewest others share."""
    return max(text.split(), key=len)


def _answers(shows: str, wants: tuple[str, ...]) -> bool:
    """Whether a text shows all that a question wants."""
    return all(f" {want} " in f" {shows} " for want in wants)
