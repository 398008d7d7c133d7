"""What happened to the cards of a quiz since it was first printed.

In: a question as it was printed, and today's card. Out: which of today's options matches which printed one (`matched`),
or the quiz with today's words (`refreshed`). No letter ever moves.
"""

from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from deckwright.anki.notes import media_of
from deckwright.anki.prompts import ordered
from deckwright.markup.cloze import cloze_numbers
from deckwright.model import CardKind, Cloze, Items, Occlusion, Option, Options, Text
from deckwright.parts import texts
from deckwright.pictures.media import Medium
from deckwright.quiz.select import Asked, Quiz, letter, on_paper


def still(asked: Asked, cards: Mapping[str, CardKind]) -> CardKind | None:
    """Today's card, if it still asks the same kind of question."""
    card = cards.get(asked.id)
    if card is None or type(card) is not type(asked.card):
        return None
    if isinstance(card, Cloze) and asked.gap not in cloze_numbers(card.cloze):
        return None
    return card


def with_pictures(quiz: Quiz, media: Mapping[str, Medium]) -> Quiz:
    """The quiz with a record of its pictures as they are today."""
    return quiz._replace(questions=tuple(asked._replace(pictures=pictures(asked, media)) for asked in quiz.questions))


def pictures(asked: Asked, media: Mapping[str, Medium]) -> tuple[str, ...]:
    """The pictures of a question as they are today, each named with a digest of its bytes."""
    return tuple(media[name].travels_as for name in media_of(asked.card) if name in media)


def refreshed(quiz: Quiz, cards: Mapping[str, CardKind]) -> Quiz:
    """The quiz with today's words at the printed letters."""
    return quiz._replace(questions=tuple(_refreshed(asked, still(asked, cards)) for asked in quiz.questions))


def _refreshed(asked: Asked, card: CardKind | None) -> Asked:
    if card is None:
        return asked
    now = on_paper(card)
    if isinstance(now, Items | Occlusion):
        return asked._replace(card=now, points=len(texts(now, "item", "mask")))
    if not isinstance(now, Options) or not isinstance(asked.card, Options):
        return asked._replace(card=now)
    match = matched(asked, card)
    options = (*(option or TAKEN_OUT for option in match.now), *match.added)
    new = tuple(letter(place) for place in range(len(match.now), len(options)))
    card = Options(span=now.span, topic=now.topic, id=now.id, question=now.question,
                   options=tuple(Option(option.text, option.correct, None) for option in options))  # fmt: skip
    return asked._replace(card=card, letters=tuple((*letters, *new) for letters in asked.letters))


TAKEN_OUT = Option(Text("–"), correct=False, why=None)
"""What is printed at the letter of an option that was removed."""

UNRECORDED = "(its words were not recorded)"
"""What is printed for words that a quiz of version 1 did not record."""

_ALIKE = 0.6
"""At this similarity or above, one text is taken as the other, reworded."""
_MOST_COMPARED = 400
"""The most pairs of options that are compared. If more changed, only the author can tell which is which."""


class Match(NamedTuple):
    """Today's card, compared with what was printed of it."""

    card: CardKind
    now: tuple[Option | None, ...] = ()
    """Today's option for each printed one; None if it was removed."""
    added: tuple[Option, ...] = ()
    """Today's options that were not printed."""
    unclear: bool = False
    """Whether it is unclear which of the printed options is correct today."""


def matched(asked: Asked, card: CardKind) -> Match:
    """Matches today's options with the printed ones: first those with the same text; then correct with correct and
    wrong with wrong, by similarity; then the rest by similarity alone."""
    if not isinstance(card, Options) or not isinstance(asked.card, Options):
        return Match(card)
    printed = asked.card.options
    by_text = {option.text: option for option in reversed(card.options)}
    now = [by_text.pop(option.text, None) for option in printed]
    others = [option for option in ordered(card).options if option.text in by_text]
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
    """The options that are not matched yet."""
    texts = {option.text for option in placed if option}
    return [option for option in options if option.text not in texts]


def _pair(
    printed: Sequence[Option], now: list[Option | None], free: Sequence[int], others: Sequence[Option], *, certain: bool
) -> None:
    """Puts each of `others` at the free position whose text is most similar. If it is `certain` that they are these
    texts, reworded, any similarity will do; otherwise it must be at least `_ALIKE`."""
    if len(free) * len(others) > _MOST_COMPARED:
        if certain:
            for place, option in zip(free, others, strict=True):
                now[place] = option
        return
    pairs = [(_similarity(printed[place], option), place, option) for place in free for option in others]
    used: set[str] = set()
    for similarity, place, option in sorted(pairs, key=lambda pair: -pair[0]):
        if now[place] is None and option.text not in used and (certain or similarity >= _ALIKE):
            now[place] = option
            used.add(option.text)


def _similarity(one: Option, other: Option) -> float:
    return SequenceMatcher(None, one.text.casefold(), other.text.casefold(), autojunk=False).ratio()
