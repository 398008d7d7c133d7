"""The forms of a quiz, ready to be printed: questions, their answers, and what changed since they were first printed.

In: a quiz as it was printed, and today's cards. Out: `Form`s. Numbers and letters stay as they were printed, whatever
happened to the cards. The answers follow today's cards if it is certain which option is which, and otherwise the
printed key.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from deckwright.anki.prompts import is_term
from deckwright.markup.text import gap_texts, plain, said
from deckwright.markup.tree import Tree, cloze_tree, tree
from deckwright.model import Basic, CardKind, Cloze, Deck, Items, Mask, Occlusion, Option, Options, standing
from deckwright.parts import texts
from deckwright.pictures.media import Medium
from deckwright.quiz.gaps import hidden, masked, with_gap, with_gaps_emptied
from deckwright.quiz.select import Asked, Quiz, letter, section
from deckwright.quiz.today import TAKEN_OUT, UNRECORDED, Match, matched, pictures, still
from deckwright.sources.cited import Cited, cited
from deckwright.words import Words


class Choice(NamedTuple):
    """An option as it is printed."""

    letter: str
    text: Tree
    correct: bool
    why: Tree | None


class Question(NamedTuple):
    """A question as it is printed on one form, with its answer."""

    number: int
    id: str
    section: str
    """A key of SECTIONS."""
    stem: Tree
    choices: tuple[Choice, ...]
    several: bool
    """Whether more than one choice is correct."""
    lines: tuple[int, ...]
    """The length of each written answer in characters. It decides how many lines there are to write on."""
    numbered: bool
    """Whether the order of the lines matters."""
    points: int
    answers: tuple[Tree, ...]
    also: tuple[Tree, ...]
    explanation: Tree | None
    caveat: Tree | None
    status: str
    """`Superseded · as of 2010`; empty for a current card."""
    citations: tuple[Cited, ...]
    reviewed: str
    """`reviewed 2026-11-22 by JW`, `last checked 2026-11-22` if nobody is named, or `not reviewed yet`."""
    withdrawn: bool
    """Whether its card was withdrawn after the quiz was first printed. It is then not counted."""
    letters: str
    """The letters of the correct choices: `B`, `A C`; a dash if the question is not counted, a question mark if the
    letters are not known."""
    were: str
    """The letters that were correct when the quiz was first printed."""
    notice: str
    """What a marker must know: that the question or its answer changed, or that its card was withdrawn, after the quiz
    was first printed."""

    @property
    def marking(self) -> str:
        """Its cell in the marking strip: `B`, or `B* (was A)` if something changed."""
        if self.withdrawn or not self.notice:
            return self.letters
        return f"{self.letters}*" + (f" (was {self.were})" if self.were != self.letters else "")


class Form(NamedTuple):
    """One form of a quiz."""

    letter: str
    """A to Z; empty if there is only one form."""
    questions: tuple[Question, ...]
    named: str
    """The beginning of texts about it: `Form A · `; empty if there is only one form."""

    @property
    def ending(self) -> str:
        """The end of its file names."""
        return f"-{self.letter}" if self.letter else ""


def forms(
    quiz: Quiz, cards: Mapping[str, CardKind], deck: Deck, media: Mapping[str, Medium], *, as_printed: bool = False
) -> list[Form]:
    """The forms of a quiz. `cards` holds today's cards by id; if a card is missing, its answer is the printed one. The
    questions have today's words, or with `as_printed` the words of the sheets that were handed out."""
    matches = {asked.id: matched(asked, card) for asked in quiz.questions if (card := still(asked, cards))}
    printed = []
    for place in range(quiz.forms):
        order = sorted(quiz.questions, key=lambda asked: asked.numbers[place])
        questions = []
        for asked in order:
            question = _question(asked, matches.get(asked.id), deck, place, as_printed=as_printed)
            questions.append(_with_picture(question, asked, deck, media))
        name = "" if quiz.forms == 1 else letter(place)
        named = f"{deck.words.say('form', letter=name)} · " if name else ""
        printed.append(Form(name, tuple(questions), named))
    return printed


def _with_picture(question: Question, asked: Asked, deck: Deck, media: Mapping[str, Medium]) -> Question:
    """A question with a notice if its picture is not the one that was printed."""
    if question.withdrawn or asked.pictures in ((), pictures(asked, media)):
        return question
    return question._replace(notice=f"{question.notice} {deck.words['picture_changed_since']}".strip())


# --- one question --------------------------------------------------------------------------------------------------


def _question(asked: Asked, match: Match | None, deck: Deck, form: int, *, as_printed: bool) -> Question:
    printed = asked.card
    card = match.card if match else printed
    shown = printed if as_printed or not match else card
    choices, were = _choices(asked, match, form, as_printed=as_printed)
    letters = " ".join(choice.letter for choice in choices if choice.correct)
    answers: tuple[Tree, ...] = tuple(_answers(card, asked.gap, deck.words))
    lines = tuple(len(plain(text)) for text in texts(shown, "answer", "item", "mask"))
    points = len(lines) if match and not as_printed and isinstance(card, Items | Occlusion) else asked.points
    notice = _notice(asked, match, choices, were, deck.words, as_printed=as_printed)
    return Question(
        number=asked.numbers[form],
        id=asked.id,
        section=section(printed),
        stem=_stem(shown, asked.gap, deck.words),
        choices=choices,
        several=sum(choice.correct for choice in choices) > 1,
        lines=lines,
        numbered=isinstance(shown, Occlusion) or (isinstance(shown, Items) and shown.ordered),
        points=0 if card.withdrawn else points,
        answers=tuple(choice.text for choice in choices if choice.correct) or answers,
        also=tuple(map(tree, texts(card, "also"))) if isinstance(card, Basic) else (),
        explanation=tree(card.explanation) if card.explanation else None,
        caveat=tree(card.caveat) if card.caveat else None,
        status=standing(card.status, card.as_of, deck.words),
        citations=tuple(cited(card.sources, deck.sources)),
        reviewed=_review(card, deck.words) if match else deck.words["not_in_deck"],
        withdrawn=card.withdrawn is not None,
        letters="–" if card.withdrawn else letters or ("?" if choices else ""),
        were=were,
        notice=notice,
    )


def _stem(card: CardKind, gap: int, words: Words) -> Tree:
    if isinstance(card, Cloze):
        return with_gap(cloze_tree(card.cloze), gap)
    stem = tree(card.question)
    if isinstance(card, Occlusion):
        return [*stem, masked(card, words)]
    if isinstance(card, Basic) and card.reverse and is_term(card.question):
        return [f"{words['define']} ", *stem]  # a bare term, whose answer is its definition
    return stem


def _review(card: CardKind, words: Words) -> str:
    """When the card was last reviewed, and by whom."""
    if not card.reviewed:
        return words["not_reviewed"]
    date, by = card.reviewed.on, card.reviewed.by
    return words.say("reviewed_by", date=date, reviewer=by) if by else words.say("last_checked", date=date)


def _answers(card: CardKind, gap: int, words: Words) -> Iterable[Tree]:
    match card:
        case Cloze():
            yield from hidden(cloze_tree(card.cloze), gap)
        case Occlusion():
            yield from (_named(mask, words) for mask in card.masks if not mask.retired)
        case _:
            yield from map(tree, texts(card, "answer", "item"))


def _named(mask: Mask, words: Words) -> Tree:
    """The answer of a mask, what counts as well, and how to recognise it."""
    named = tree(mask.answer)
    for place, also in enumerate(mask.also):
        named += [" · " if place else f" ({words['also_right']} ", *tree(also)]
    named += [")"] if mask.also else []
    return [*named, " – ", *tree(mask.why)] if mask.why else named


def _choices(
    asked: Asked, match: Match | None, form: int, *, as_printed: bool
) -> tuple[tuple[Choice, ...], str]:  # fmt: skip
    """The options on one form in the order of their letters, and the letters that were correct when it was printed."""
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
        choices.append(Choice(letter_, tree(text), correct, _reason(option)))
    if match and not as_printed:
        for place, option in enumerate(match.added, len(now)):
            choices.append(Choice(letter(place), tree(option.text), option.correct, _reason(option)))
    return tuple(choices), were


def _reason(option: Option | None) -> Tree | None:
    return tree(option.why) if option and option.why else None


def _notice(
    asked: Asked, match: Match | None, choices: Sequence[Choice], were: str, words: Words, *, as_printed: bool
) -> str:
    """What a marker must know, in sentences."""
    if match is None:
        return f"{words['card_gone']} {asked.notice}".strip()
    card = match.card
    if card.withdrawn:
        return words["withdrawn_since"]
    notices = [asked.notice] if asked.notice else []
    letters = " ".join(choice.letter for choice in choices if choice.correct)
    if match.unclear:
        notices.append(words["options_unclear"])
    elif not asked.notice and _answer_changed(asked, match, letters, were):
        notices.append(words["answer_changed"])
        if card.corrected:
            notices.append(words.say("was_until", date=card.corrected.on, answer=plain(card.corrected.was)))
        else:
            notices.append(words.say("it_was", answer=_printed_answer(asked, were)))
        if as_printed and not any(option and option.correct for option in match.now) and isinstance(card, Options):
            right = " / ".join(plain(option.text) for option in match.added if option.correct)
            notices.append(words.say("not_on_sheet", answer=right))
    if match.added or None in match.now:
        notices.append(words["options_changed"])
    before, after = _around(asked.card), _around(card)
    if before != after:
        said_now = words.say("question_now", question=after)
        notices.append(said_now if as_printed else words.say("question_then", question=before))
    return " ".join(notices)


def _answer_changed(asked: Asked, match: Match, letters: str, were: str) -> bool:
    """Whether a marker who goes by the printed answer would mark wrongly, or would not find its words."""
    if not isinstance(asked.card, Options):
        return _marked_by(asked.card, asked.gap) != _marked_by(match.card, asked.gap)
    printed = zip(asked.card.options, match.now, strict=True)
    reworded = any(was.correct and option is not None and was.text != option.text for was, option in printed)
    return letters != were or reworded


def _marked_by(card: CardKind, gap: int) -> tuple[str, ...]:
    """The texts that a written answer is marked by."""
    if isinstance(card, Cloze):
        return (gap_texts(card.cloze)[gap],)
    if isinstance(card, Occlusion):
        return tuple(sorted(f"{mask.at.written}: {mask.answer}" for mask in card.masks if mask.at and not mask.retired))
    return tuple(texts(card, "answer", "also", "correct", "item"))


def _printed_answer(asked: Asked, were: str) -> str:
    printed = texts(asked.card, "mask") or _marked_by(asked.card, asked.gap)
    return f"{were} {' / '.join(plain(text) or UNRECORDED for text in printed)}".strip() + "."


def _around(card: CardKind) -> str:
    """The words of a question without the text in its gaps: other words in another gap do not change the question."""
    if isinstance(card, Cloze):
        return said(with_gaps_emptied(cloze_tree(card.cloze)))
    return plain(card.question)
