"""In which order each form of a quiz asks its questions, and the letters of their options.

In: the questions that were chosen. Out: a `Quiz`. Everything that looks random is a hash, so the same request gives the
same sheets.
"""

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from itertools import takewhile
from math import ceil
from typing import NamedTuple

from deckwright.anki.prompts import ordered
from deckwright.model import CardKind, Option, Options
from deckwright.parts import texts
from deckwright.quiz.select import Asked, Quiz, Selected, digest_of, letter, on_paper, section_place

_TRIES = 50
"""How many orders are tried for a form before it may be the same as another. Three questions have only six orders."""
LONGEST_RUN = 3
"""The most questions in a row that may have the same correct letter."""


def arranged(selected: Selected, forms: int) -> Quiz:
    """The quiz, with a different order for each form as long as there are different orders."""
    digest = selected.digest
    cards = [on_paper(pick.card) for pick in selected.picks]
    shown = [_Shown.of(card) for card in cards]
    orders: dict[_Order, None] = {}
    chosen = []
    for number in range(forms):
        form = letter(number)
        tries = (_order(cards, shown, digest, f"{form}{again or ''}") for again in range(_TRIES))
        order = next((order for order in tries if order not in orders), None) or _order(cards, shown, digest, form)
        orders[order] = None
        chosen.append(order)
    questions = tuple(
        Asked(
            card=card,
            gap=pick.gap,
            points=len(texts(card, "item", "mask")) or 1,
            numbers=tuple(order.numbers[place] for order in chosen),
            letters=tuple(order.letters[place] for order in chosen) if isinstance(card, Options) else (),
        )
        for place, (pick, card) in enumerate(zip(selected.picks, cards, strict=True))
    )
    return Quiz(selected.namespace, selected.seed, forms, questions)


class _Order(NamedTuple):
    """The order of one form, question by question."""

    numbers: tuple[int, ...]
    letters: tuple[tuple[str, ...], ...]


def _order(cards: Sequence[CardKind], shown: Sequence["_Shown"], digest: str, salt: str) -> _Order:
    numbers = numbered(cards, digest, salt)
    form = f"{digest}\0{salt}"
    sheet = sorted(range(len(cards)), key=lambda place: numbers[place])
    keys = dict(zip(sheet, _keys([shown[place] for place in sheet], form), strict=True))
    letters = (
        lettered(
            options.digests, form, options.id, fixed=options.fixed, last=options.last, key=options.key, at=keys[place]
        )
        for place, options in enumerate(shown)
    )
    return _Order(numbers, tuple(letters))


def numbered(cards: Sequence[CardKind], digest: str, salt: str) -> tuple[int, ...]:
    """The number of each card's question on one form of a quiz: section by section, in the order of hashes."""
    rank = {card.id: (section_place(card), digest_of(digest, salt, card.id)) for card in cards}
    places = sorted(range(len(cards)), key=lambda place: rank[cards[place].id])
    numbers = {place: number for number, place in enumerate(places, 1)}
    return tuple(numbers[place] for place in range(len(cards)))


# --- letters -------------------------------------------------------------------------------------------------------


class _Shown(NamedTuple):
    """The options of a question in the order of prompts.py."""

    id: str
    digests: tuple[str, ...] = ()
    """The digests of the options; none for a question without options."""
    fixed: bool = False
    """Whether they have this order on every form."""
    last: int = 0
    """How many of them stay at the end."""
    key: int | None = None
    """Which of them is correct; None if there are several, or no options."""

    @classmethod
    def of(cls, card: CardKind) -> "_Shown":
        if not isinstance(card, Options):
            return cls(card.id)
        options, fixed, last = ordered(card)
        correct = [place for place, option in enumerate(options) if option.correct]
        key = correct[0] if len(correct) == 1 else None
        return cls(card.id, tuple(map(option_digest, options)), fixed, last, key)

    @property
    def places(self) -> Sequence[int]:
        """Where its key can be on a sheet, counted from 0; empty if it has no single key."""
        if self.key is None:
            return ()
        free = len(self.digests) - self.last
        return (self.key,) if self.fixed or self.key >= free else range(free)


def _keys(questions: Sequence[_Shown], form: str) -> list[int | None]:
    """Where the correct option of each question goes, counted from 0; None if it has no single key. The questions are
    in the order of the form.

    If the options have a fixed order, or the correct one stays at the end, its place is given. The others are placed
    one after another. Each goes where

    1. at most `LONGEST_RUN` keys in a row are the same, together with the given ones that follow;
    2. its letter is the key of at most one question more than is its fair share: a question with n options adds 1/n to
       the share of each of its letters, and the sum is rounded up. Without the one more, whoever counts letters could
       guess the last keys;
    3. the hash of form, card and letter is lowest.

    If no place fulfils both 1 and 2, 1 counts more.
    """
    keys: list[int | None] = [question.key if len(question.places) == 1 else None for question in questions]
    used = Counter(key for key in keys if key is not None)
    sizes = Counter(len(question.digests) for question in questions if question.places)
    shares = [
        ceil(sum(Fraction(count, size) for size, count in sizes.items() if size > place))
        for place in range(max(sizes, default=0))
    ]
    for number, question in enumerate(questions):
        if len(question.places) > 1:
            hashes = {place: digest_of(form, question.id, letter(place)) for place in question.places}
            place = min(
                hashes, key=lambda at: (_run(keys, number, at) > LONGEST_RUN, used[at] > shares[at], hashes[at])
            )
            keys[number] = place
            used[place] += 1
    return keys


def _run(keys: Sequence[int | None], number: int, key: int) -> int:
    """How many keys in a row would be the same if the question with this number, counted from 0, had this key."""
    before = takewhile(lambda other: other == key, reversed(keys[max(0, number - LONGEST_RUN) : number]))
    after = takewhile(lambda other: other == key, keys[number + 1 : number + 1 + LONGEST_RUN])
    return 1 + sum(1 for _ in before) + sum(1 for _ in after)


def lettered(
    digests: Sequence[str],
    form: str,
    id_: str,
    *,
    fixed: bool,
    last: int,
    key: int | None = None,
    at: int | None = None,
) -> tuple[str, ...]:
    """The letters of options on a form. The options are given by their digests in the order of prompts.py, and stand in
    the order of their hashes, except that the one at `key` goes to the place `at`."""
    places = list(range(len(digests)))
    rest = places[: len(places) - last]
    if not fixed:
        rest.sort(key=lambda place: digest_of(form, id_, digests[place]))
    if key in rest and at is not None:
        rest.remove(key)
        rest.insert(at, key)
    letters = {place: letter(on_sheet) for on_sheet, place in enumerate([*rest, *places[len(places) - last :]])}
    return tuple(letters[place] for place in places)


def option_digest(option: Option) -> str:
    return digest_of(option.text)[:8]


def alike(quiz: Quiz) -> dict[int, int]:
    """The forms that are the same as an earlier form: the position of each, and the position of the earlier one."""
    first: dict[object, int] = {}
    same = {}
    for form in range(quiz.forms):
        order = tuple((asked.numbers[form], asked.letters[form] if asked.letters else ()) for asked in quiz.questions)
        earlier = first.setdefault(order, form)
        if earlier != form:
            same[form] = earlier
    return same
