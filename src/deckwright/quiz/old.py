"""Quizzes of version 1, whose files recorded digests of answers and options but not their words.

In: what such a file recorded, and today's cards. Out: a `Quiz`, as complete as it can be, with a notice on what is
unknown. A single correct answer is always known: its digest is that of an option. No letter ever moves.
"""

from collections.abc import Mapping
from typing import NamedTuple

from deckwright.markup.cloze import cloze_numbers
from deckwright.markup.text import plain
from deckwright.model import Basic, CardKind, Cloze, Items, Option, Options, Text
from deckwright.parts import parts, texts
from deckwright.problem import Span
from deckwright.quiz.arrange import lettered, numbered, option_digest
from deckwright.quiz.select import Asked, Quiz, digest_of, letter, on_paper, quiz_digest
from deckwright.quiz.today import UNRECORDED


class OldQuestion(NamedTuple):
    """One question of a quiz of version 1."""

    id: str
    gap: int
    answer: str
    """The digest of the answer."""
    options: tuple[str, ...] = ()
    """The digests of the options, in the order that prompts.py gave when the quiz was first printed."""
    fixed: bool = False
    """Whether that order is the same on every form."""
    last: int = 0
    """How many of the options stay at the end."""


class OldQuiz(NamedTuple):
    """A quiz of version 1."""

    namespace: str
    seed: str
    forms: int
    questions: tuple[OldQuestion, ...]

    @property
    def digest(self) -> str:
        return quiz_digest(self.namespace, self.seed, [(chosen.id, chosen.gap) for chosen in self.questions])


def upgraded(old: OldQuiz, cards: Mapping[str, CardKind]) -> Quiz:
    """The quiz with the words of today's cards, as far as they are the words that were printed."""
    asked = [_asked(chosen, cards.get(chosen.id)) for chosen in old.questions]
    digest = old.digest
    salts = [letter(place) for place in range(old.forms)]
    numbers = [numbered([one.card for one in asked], digest, salt) for salt in salts]
    return Quiz(
        old.namespace,
        old.seed,
        old.forms,
        questions=tuple(
            one._replace(
                numbers=tuple(of_form[place] for of_form in numbers),
                letters=tuple(_letters(chosen, f"{digest}\0{salt}") for salt in salts) if chosen.options else (),
            )
            for place, (one, chosen) in enumerate(zip(asked, old.questions, strict=True))
        ),
    )


def _letters(chosen: OldQuestion, form: str) -> tuple[str, ...]:
    """The letters of its options on one form."""
    return lettered(chosen.options, form, chosen.id, fixed=chosen.fixed, last=chosen.last)


_UNKNOWN = "Which letters were right when this quiz was first printed was not recorded."


def _asked(chosen: OldQuestion, card: CardKind | None) -> Asked:
    if card is None or isinstance(card, Options) is not bool(chosen.options):
        return _of_a_missing_card(chosen)
    if isinstance(card, Options):
        return _of_options(chosen, card)
    notice = ""
    if _answer_digest(card) != chosen.answer:
        notice = "The answer changed since this quiz was first printed."
        if isinstance(card, Cloze):
            notice = "The text changed since this quiz was first printed: compare its answer with the sheet."
        if card.corrected:
            notice += f" Until {card.corrected.on} it was: {plain(card.corrected.was)}"
    paper = on_paper(card)
    gap = chosen.gap
    if isinstance(card, Cloze) and gap not in cloze_numbers(card.cloze):
        return _of_a_missing_card(chosen)
    points = len(paper.items) if isinstance(paper, Items) else 1
    return Asked(paper, gap, points, numbers=(), notice=notice)


def _of_options(chosen: OldQuestion, card: Options) -> Asked:
    """An option has its words if its digest was recorded, and no words otherwise."""
    today = {option_digest(option): option for option in card.options}
    unchanged = _answer_digest(card) == chosen.answer
    known = unchanged or chosen.answer in chosen.options
    right = {digest for digest, option in today.items() if option.correct} if unchanged else {chosen.answer}
    options = tuple(
        Option(today[digest].text if digest in today else Text(""), digest in right, None) for digest in chosen.options
    )
    notice = "" if known else _UNKNOWN
    paper = Options(span=card.span, topic=card.topic, id=card.id, question=card.question, options=options)
    return Asked(paper, gap=0, points=1, numbers=(), known=known, notice=notice)


def _of_a_missing_card(chosen: OldQuestion) -> Asked:
    """A question of which only digests are left."""
    span, id_, words = Span("cards"), Text(chosen.id), Text(UNRECORDED)
    if chosen.options:
        known = chosen.answer in chosen.options
        options = tuple(Option(words, digest == chosen.answer, None) for digest in chosen.options)
        card: CardKind = Options(span=span, topic=Text(""), id=id_, question=words, options=options)
        return Asked(card, gap=0, points=1, numbers=(), known=known, notice="" if known else _UNKNOWN)
    if chosen.gap:
        card = Cloze(span=span, topic=Text(""), id=id_, cloze=Text(f"{{{{c{chosen.gap}::{words}}}}}"))
    else:
        card = Basic(span=span, topic=Text(""), id=id_, question=words, answer=words)
    return Asked(card, chosen.gap, points=1, numbers=())


def _answer_digest(card: CardKind) -> str:
    """The digest that version 1 recorded for an answer."""
    written = texts(card, "answer", "also", "cloze") or sorted(texts(card, "correct"))
    items = [f"{role == 'retired'} {text}" for role, text, _ in parts(card) if role in ("item", "retired")]
    return digest_of(*written, *items)[:8]
