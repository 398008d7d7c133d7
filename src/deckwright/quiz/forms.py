"""The forms of a quiz, ready to be printed: questions, their answers, and what changed since they were first printed.

In: a quiz as it was printed, and today's cards. Out: `Form`s. Numbers and letters are those on paper, whatever became
of the cards; what is right follows today's cards where it is certain which option is which, and else the printed key.
"""

from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from deckwright.anki.notes import address
from deckwright.markup.cloze import cloze_numbers
from deckwright.markup.text import gap_texts, plain, said
from deckwright.markup.tree import Tree, tree
from deckwright.model import KIND_OF, CardKind, Cloze, Deck, Items, Option, Options, Text, standing, texts
from deckwright.quiz.select import Asked, Quiz, hidden, letter, on_paper, section, with_gap


class Choice(NamedTuple):
    """An option as it is printed."""

    letter: str
    text: Tree
    correct: bool
    why: Tree | None


class Citation(NamedTuple):
    """A source on an answer sheet."""

    text: str
    address: str


class Question(NamedTuple):
    """A question as it is printed on one form, and its answer."""

    number: int
    id: str
    kind: str
    section: str
    """A key of SECTIONS."""
    stem: Tree
    choices: tuple[Choice, ...]
    several: bool
    """Whether more than one choice is correct."""
    lines: tuple[int, ...]
    """The characters that each answer to be written takes; lines are as long as that needs."""
    numbered: bool
    """Whether the order of the lines matters."""
    points: int
    answers: tuple[Tree, ...]
    also: tuple[Tree, ...]
    explanation: Tree | None
    caveat: Tree | None
    status: str
    """`Superseded · as of 2010`; empty for what holds."""
    citations: tuple[Citation, ...]
    reviewed: str
    """`reviewed 2026-11-22 by JW`, `last checked 2026-11-22` when nobody is named, or that it never was."""
    withdrawn: bool
    """Whether it was withdrawn since the quiz was first printed, and is not counted."""
    letters: str
    """The letters of the correct choices: `B`, `A C`; a dash when it is not counted, a question mark when it is
    not known."""
    were: str
    """The letters that were correct when the quiz was first printed."""
    notice: str
    """What a marker must know: that question or answer changed since the quiz was first printed, or was withdrawn."""

    @property
    def marking(self) -> str:
        """Its cell in the marking strip: `B`, or `B* (was A)` when something changed."""
        if self.withdrawn or not self.notice:
            return self.letters
        return f"{self.letters}*" + (f" (was {self.were})" if self.were != self.letters else "")


class Form(NamedTuple):
    """One form of a quiz."""

    letter: str
    """A to Z; empty when there is only one."""
    questions: tuple[Question, ...]

    @property
    def ending(self) -> str:
        """What the names of its files end in."""
        return f"-{self.letter}" if self.letter else ""

    @property
    def named(self) -> str:
        """How a text about it begins: `Form A · `."""
        return f"Form {self.letter} · " if self.letter else ""


def forms(quiz: Quiz, cards: Mapping[str, CardKind], deck: Deck, *, as_printed: bool = False) -> list[Form]:
    """The forms of a quiz. `cards` holds today's cards by id; of one that is missing, the key is the printed one. The
    questions have today's words, or, `as_printed`, those of the sheets that were handed out."""
    matches = {asked.id: matched(asked, card) for asked in quiz.questions if (card := still(asked, cards))}
    made = []
    for place in range(quiz.forms):
        order = sorted(quiz.questions, key=lambda asked: asked.numbers[place])
        questions = [_question(asked, matches.get(asked.id), deck, place, as_printed=as_printed) for asked in order]
        made.append(Form("" if quiz.forms == 1 else letter(place), tuple(questions)))
    return made


def still(asked: Asked, cards: Mapping[str, CardKind]) -> CardKind | None:
    """Today's card, if it still asks the same kind of question."""
    card = cards.get(asked.id)
    if card is None or type(card) is not type(asked.card):
        return None
    if isinstance(card, Cloze) and asked.gap not in cloze_numbers(card.cloze):
        return None
    return card


def refreshed(quiz: Quiz, cards: Mapping[str, CardKind]) -> Quiz:
    """The quiz with today's words at the letters on paper."""
    return quiz._replace(questions=tuple(_refreshed(asked, still(asked, cards)) for asked in quiz.questions))


def _refreshed(asked: Asked, card: CardKind | None) -> Asked:
    if card is None:
        return asked
    now = on_paper(card)
    if isinstance(now, Items):
        return asked._replace(card=now, points=len(now.items))
    if not isinstance(now, Options) or not isinstance(asked.card, Options):
        return asked._replace(card=now)
    match = matched(asked, card)
    options = (*(option or TAKEN_OUT for option in match.now), *match.added)
    new = tuple(letter(place) for place in range(len(match.now), len(options)))
    card = Options(span=now.span, topic=now.topic, id=now.id, question=now.question,
                   options=tuple(Option(option.text, option.correct, None) for option in options))  # fmt: skip
    return asked._replace(card=card, letters=tuple((*letters, *new) for letters in asked.letters))


# --- what became of the options ------------------------------------------------------------------------------------

TAKEN_OUT = Option(Text("–"), correct=False, why=None)
"""Stands at the letter of an option that is no longer there."""

UNRECORDED = "(its words were not recorded)"
"""Stands for what a quiz of version 1 does not tell."""

_ALIKE = 0.6
"""The likeness above which two texts are one text, reworded."""
_MOST_COMPARED = 400
"""Pairs of options that are compared; a card of more changes is one for its author."""


class Match(NamedTuple):
    """A card today, beside what was printed of it."""

    card: CardKind
    now: tuple[Option | None, ...] = ()
    """What each option on paper is today; None when it was taken out."""
    added: tuple[Option, ...] = ()
    """Those that are not on paper."""
    unclear: bool = False
    """Whether it cannot be told which of the options on paper is right today."""


def matched(asked: Asked, card: CardKind) -> Match:
    """Which of today's options is which on paper: the same text; else correct to correct and wrong to wrong, by
    likeness; else by likeness alone."""
    if not isinstance(card, Options) or not isinstance(asked.card, Options):
        return Match(card)
    printed = asked.card.options
    by_text = {option.text: option for option in reversed(card.options)}
    now = [by_text.pop(option.text, None) for option in printed]
    others = [option for option in on_paper_options(card) if option.text in by_text]
    for side in (True, False) if asked.known else ():
        free = [place for place, option in enumerate(now) if option is None and printed[place].correct is side]
        new = [option for option in others if option.correct is side]
        _pair(printed, now, free, new, certain=len(free) == len(new))
        others = _without(others, now)
    free = [place for place, option in enumerate(now) if option is None]
    _pair(printed, now, free, others, certain=not asked.known and len(free) == len(others) == 1)
    others = _without(others, now)
    unclear = any(option.correct for option in others) and None in now
    return Match(card, tuple(now), tuple(others), unclear)


def _without(options: Sequence[Option], placed: Sequence[Option | None]) -> list[Option]:
    """The options that have no place yet."""
    texts = {option.text for option in placed if option}
    return [option for option in options if option.text not in texts]


def on_paper_options(card: Options) -> tuple[Option, ...]:
    """A card's options in the order of prompts.py, with their reasons."""
    own = {option.text: option for option in card.options}
    paper = on_paper(card)
    return tuple(own[option.text] for option in paper.options) if isinstance(paper, Options) else ()


def _pair(
    printed: Sequence[Option], now: list[Option | None], free: Sequence[int], others: Sequence[Option], *, certain: bool
) -> None:
    """Puts each of `others` at the free place whose text is most like its own. Where it is `certain` that they are
    these texts, reworded, they go there however little they are alike; else they must be alike."""
    if len(free) * len(others) > _MOST_COMPARED:
        if certain:
            for place, option in zip(free, others, strict=True):
                now[place] = option
        return
    pairs = [(_likeness(printed[place], option), place, option) for place in free for option in others]
    used: set[str] = set()
    for likeness, place, option in sorted(pairs, key=lambda pair: -pair[0]):
        if now[place] is None and option.text not in used and (certain or likeness >= _ALIKE):
            now[place] = option
            used.add(option.text)


def _likeness(one: Option, other: Option) -> float:
    return SequenceMatcher(None, one.text.casefold(), other.text.casefold(), autojunk=False).ratio()


# --- one question --------------------------------------------------------------------------------------------------


def _question(asked: Asked, match: Match | None, deck: Deck, form: int, *, as_printed: bool) -> Question:
    printed = asked.card
    card = match.card if match else printed
    shown = printed if as_printed or not match else card
    choices, were = _choices(asked, match, form, as_printed=as_printed)
    letters = " ".join(choice.letter for choice in choices if choice.correct)
    answers: tuple[Tree, ...] = tuple(_answers(card, asked.gap))
    lines = tuple(len(plain(text)) for text in texts(shown, "answer", "item"))
    points = asked.points if as_printed or not isinstance(card, Items) or not match else len(lines)
    notice = _notice(asked, match, choices, were, as_printed=as_printed)
    review = "not reviewed yet" if match else "the card is not in the deck"
    if card.reviewed:
        by = card.reviewed.by
        review = f"reviewed {card.reviewed.on} by {by}" if by else f"last checked {card.reviewed.on}"
    return Question(
        number=asked.numbers[form],
        id=asked.id,
        kind=KIND_OF[type(card)].name,
        section=section(printed),
        stem=_stem(shown, asked.gap),
        choices=choices,
        several=sum(choice.correct for choice in choices) > 1,
        lines=lines,
        numbered=isinstance(shown, Items) and shown.ordered,
        points=0 if card.withdrawn else points,
        answers=tuple(choice.text for choice in choices if choice.correct) or answers,
        also=tuple(tree(text) for text in texts(card, "also")),
        explanation=tree(card.explanation) if card.explanation else None,
        caveat=tree(card.caveat) if card.caveat else None,
        status=standing(card.status, card.as_of),
        citations=tuple(_citations(card, deck)),
        reviewed=review,
        withdrawn=card.withdrawn is not None,
        letters="–" if card.withdrawn else letters or ("?" if choices else ""),
        were=were,
        notice=notice,
    )


def _stem(card: CardKind, gap: int) -> Tree:
    if isinstance(card, Cloze):
        return with_gap(tree(card.cloze, gaps=True), gap)
    return tree(card.question)


def _answers(card: CardKind, gap: int) -> Iterable[Tree]:
    """The answers to be written."""
    if isinstance(card, Cloze):
        yield from hidden(tree(card.cloze, gaps=True), gap)
    yield from map(tree, texts(card, "answer", "item"))


def _choices(
    asked: Asked, match: Match | None, form: int, *, as_printed: bool
) -> tuple[tuple[Choice, ...], str]:  # fmt: skip
    """The options of one form by their letters, and the letters that were right when it was printed."""
    if not isinstance(asked.card, Options):
        return (), ""
    printed, letters = asked.card.options, asked.letters[form]
    now = match.now if match else printed
    rows = sorted(zip(letters, printed, now, strict=True), key=lambda row: (len(row[0]), row[0]))
    were = " ".join(letter for letter, option, _ in rows if option.correct) if asked.known else "?"
    by_print = match is None or match.unclear
    if as_printed and not by_print:
        by_print = not any(option is not None and option.correct for option in now)
    choices = []
    for letter_, was, option in rows:
        text = was.text if as_printed and was.text else (option or TAKEN_OUT).text
        correct = was.correct if by_print else option is not None and option.correct
        why = option.why if option else None
        choices.append(Choice(letter_, tree(text), correct, tree(why) if why else None))
    if match and not as_printed:
        for place, option in enumerate(match.added, len(now)):
            why = option.why
            choices.append(Choice(letter(place), tree(option.text), option.correct, tree(why) if why else None))
    return tuple(choices), were


def _notice(
    asked: Asked, match: Match | None, choices: Sequence[Choice], were: str, *, as_printed: bool
) -> str:  # fmt: skip
    """What a marker must know, in sentences."""
    since = "since this quiz was first printed"
    if match is None:
        return " ".join([f"Its card is gone {since}, or has errors: this is the printed key.", asked.notice]).strip()
    card = match.card
    if card.withdrawn:
        return f"Withdrawn {since}: do not count it."
    notices = [asked.notice] if asked.notice else []
    letters = " ".join(choice.letter for choice in choices if choice.correct)
    if match.unclear:
        notices.append(f"The options changed so much {since} that it is unclear which is which: see the sheet.")
    elif not asked.notice and _answer_changed(asked, match, letters, were):
        notices.append(f"The answer changed {since}.")
        if card.corrected:
            notices.append(f"Until {card.corrected.on} it was: {plain(card.corrected.was)}")
        else:
            notices.append(f"It was: {_printed_answer(asked, were)}")
        if as_printed and not any(option and option.correct for option in match.now) and isinstance(card, Options):
            right = " / ".join(plain(option.text) for option in match.added if option.correct)
            notices.append(f"What is right today is not on that sheet: {right}")
    if match.added or None in match.now:
        notices.append(f"Options were added or taken out {since}: compare the letters.")
    before, after = _around(asked.card), _around(card)
    if before != after:
        shown, verb = (after, "now reads") if as_printed else (before, "read")
        notices.append(f"The question was reworded {since}; it {verb}: {shown}")
    return " ".join(notices)


def _answer_changed(asked: Asked, match: Match, letters: str, were: str) -> bool:
    """Whether one who marks by what was printed would mark wrongly, or would not find its words."""
    if not isinstance(asked.card, Options):
        return _marked_by(asked.card, asked.gap) != _marked_by(match.card, asked.gap)
    printed = zip(asked.card.options, match.now, strict=True)
    reworded = any(was.correct and option is not None and was.text != option.text for was, option in printed)
    return letters != were or reworded


def _marked_by(card: CardKind, gap: int) -> tuple[str, ...]:
    """The texts that one marks a written answer by."""
    if isinstance(card, Cloze):
        return (gap_texts(card.cloze)[gap],)
    return tuple(texts(card, "answer", "also", "correct", "item"))


def _printed_answer(asked: Asked, were: str) -> str:
    texts = " / ".join(plain(text) or UNRECORDED for text in _marked_by(asked.card, asked.gap))
    return f"{were} {texts}".strip() + "."


def _around(card: CardKind) -> str:
    """The words of a question, without what its gaps hide: another gap's wording changes nothing that is asked."""
    if isinstance(card, Cloze):
        return said(with_gaps_emptied(tree(card.cloze, gaps=True)))
    return plain(card.question)


def with_gaps_emptied(nodes: Tree) -> Tree:
    """A cloze text with all its gaps as dots."""
    return [
        node
        if isinstance(node, str)
        else "…"
        if node.tag == "cloze"
        else node._replace(children=with_gaps_emptied(node.children))
        for node in nodes
    ]


def _citations(card: CardKind, deck: Deck) -> Iterable[Citation]:
    for citation in card.sources:
        source = deck.sources.get(citation.source)
        if source is None:
            yield Citation(f"{citation.source} {citation.locator}".strip(), "")
            continue
        name = source.authors or source.title
        words = [f"{name} {source.year}" if source.year else name, citation.locator]
        yield Citation(", ".join(word for word in words if word), address(source))
