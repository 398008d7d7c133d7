"""Which questions a quiz asks.

In: cards and a request. Out: the cards that were chosen (`Selected`). arrange.py makes a `Quiz` of them, which is all
that is recorded of a quiz. Everything that looks random is a hash of the quiz and a card's id, so that adding, fixing
or moving another card does not change the choice.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import NamedTuple

from deckwright.anki.prompts import ordered
from deckwright.markup.cloze import cloze_numbers
from deckwright.model import KIND_OF, Basic, CardKind, Cloze, Items, Occlusion, Options, Status
from deckwright.parts import Role, parts
from deckwright.quiz.clues import Clues, Exposure, exposure

SECTIONS = ("choices", "gaps", "written")
"""The parts of a sheet, in order. Their headings are the words of these names."""

MOST_FORMS = 26


@dataclass(frozen=True, kw_only=True)
class Request:
    """What an educator asks for."""

    topics: tuple[str, ...] = ()
    """Topics, each with its subtopics; empty for any topic. Tags, kinds and ids are empty for any as well. Topics and
    tags may have other capitals than on the cards."""
    blueprint: tuple[tuple[str, int], ...] = ()
    """How many questions each of these topics is to give, with its subtopics. If there is one, `topics` is empty and
    `count` is None."""
    tags: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    count: int | None = None
    """How many questions; None for all that match."""
    superseded: bool = False
    """Whether superseded cards may be asked."""
    excluded: frozenset[str] = frozenset()
    """Ids that other quizzes have asked already."""
    seed: str = ""
    """If empty, it follows from the namespace and the rest of the request."""


class Pick(NamedTuple):
    """One question that was chosen."""

    card: CardKind
    gap: int
    """The number of the gap that is asked of a cloze card; 0 for other cards."""

    @property
    def id(self) -> str:
        return self.card.id


class Asked(NamedTuple):
    """One question of a quiz as it is printed, with its answer. It stays the same whatever happens to its card."""

    card: CardKind
    """Only the texts that are on paper or needed for marking (`on_paper`)."""
    gap: int
    """The number of the gap that is asked of a cloze card; 0 for other cards."""
    points: int
    numbers: tuple[int, ...]
    """Its number on each form."""
    letters: tuple[tuple[str, ...], ...] = ()
    """For each form, the letters of the card's options, in the order of `card.options`."""
    known: bool = True
    """Whether all of this was recorded. Quizzes of version 1 recorded only digests."""
    notice: str = ""
    """What a marker must know if not all of this was recorded."""
    pictures: tuple[str, ...] = ()
    """Its pictures as they were printed, each named with a digest of its bytes."""

    @property
    def id(self) -> str:
        return self.card.id


class Quiz(NamedTuple):
    """A quiz as it is printed, apart from its layout."""

    namespace: str
    seed: str
    forms: int
    questions: tuple[Asked, ...]

    @property
    def digest(self) -> str:
        """Eight characters that identify the quiz. All its forms and layouts share them, and so do reprints with other
        words. Each call hashes every question, so call it once."""
        return quiz_digest(self.namespace, self.seed, [(question.id, question.gap) for question in self.questions])


def quiz_digest(namespace: str, seed: str, asked: Iterable[tuple[str, int]]) -> str:
    """The digest of a quiz that asks these ids and gaps, 8 characters long."""
    return digest_of(namespace, seed, *(f"{id_}/{gap}" for id_, gap in asked))[:8]


def content_digest(quiz: Quiz) -> str:
    """The digest of all that is printed of a quiz: words, numbers, letters, answers, points. It is 8 characters long.
    Sheets and answer keys belong together only if they have the same one."""
    return digest_of(*(repr(_content(question)) for question in quiz.questions))[:8]


_PRINTED: tuple[Role, ...] = (
    "question", "answer", "also", "cloze", "correct", "wrong", "item", "mask", "retired",
)  # fmt: skip
"""The texts of a question that are on paper or needed for marking."""


def _content(question: Asked) -> tuple[object, ...]:
    card = question.card
    printed: list[object] = [
        (text, role == "correct") if role in ("correct", "wrong") else text
        for role, text, _ in parts(card)
        if role in _PRINTED
    ]
    if isinstance(card, Items):
        printed.insert(1, card.ordered)
    if isinstance(card, Occlusion):
        printed += [card.image, *(mask.at.written for mask in card.masks if mask.at)]
    return (
        question.id, question.gap, type(card).__name__, tuple(printed), question.points, question.numbers,
        question.letters, *question.pictures,
    )  # fmt: skip


def digest_of(*parts: str) -> str:
    """The digest of some texts, in hexadecimal."""
    return sha256("\0".join(parts).encode()).hexdigest()


class Unknown(NamedTuple):
    """A name in a request that no card has."""

    what: str
    """`topic`, `tag` or `id`."""
    name: str
    known: tuple[str, ...]
    """The names that cards have."""


class Short(NamedTuple):
    """A number of questions that was asked for and cannot be had."""

    topic: str
    """Empty if the number is that of all questions."""
    wanted: int
    chosen: int


class Selected(NamedTuple):
    """The outcome of a selection."""

    namespace: str
    seed: str
    picks: tuple[Pick, ...]
    short: tuple[Short, ...]
    """Where there are fewer questions than requested. Then there is no quiz to print."""
    superseded: int
    """How many superseded cards were left out."""
    alike: int
    """How many cards were left out because they and a chosen one would give away each other's answers."""
    unknown: tuple[Unknown, ...]
    """The names in the request that no card has."""

    @property
    def digest(self) -> str:
        """The digest of the quiz."""
        return quiz_digest(self.namespace, self.seed, [(pick.id, pick.gap) for pick in self.picks])


# --- which -----------------------------------------------------------------------------------------------------


def fits(card: CardKind, request: Request) -> bool:
    """Whether a card matches a request, whatever its status."""
    topic, topics = card.topic, (*request.topics, *(name for name, _ in request.blueprint))
    return (
        (not topics or any(_below(topic, name) for name in topics))
        and (not request.tags or any(tag in request.tags for tag in card.tags))
        and (not request.kinds or KIND_OF[type(card)].name in request.kinds)
        and (not request.ids or card.id in request.ids)
        and card.id not in request.excluded
    )


def _below(topic: str, name: str) -> bool:
    """Whether a topic is `name` or one of its subtopics. Every topic is one of the empty name."""
    return not name or topic == name or topic.startswith(f"{name}::")


def select(cards: Sequence[CardKind], namespace: str, request: Request) -> Selected:
    """Chooses the questions of a quiz by hash, balanced over topics, so that no question gives away the answer of
    another. If there are more than enough cards, it prefers those whose answer is not that of another question and not
    among its options."""
    request, unknown = as_on_cards(request, cards)
    fitting = [card for card in cards if fits(card, request) and not card.withdrawn and card.status is not Status.DRAFT]
    left = [card for card in fitting if card.status is Status.SUPERSEDED and not request.superseded]
    usable = [card for card in fitting if card.status is not Status.SUPERSEDED or request.superseded]
    seed = request.seed or _default_seed(namespace, request)
    wanted = request.blueprint or (("", len(usable) if request.count is None else request.count),)
    limited = request.count is not None or bool(request.blueprint)
    best = _picked(usable, seed, seed, wanted, request)
    for attempt in range(1, _ORDERS if limited else 1):
        if not best.short:
            break
        other = _picked(usable, f"{seed}/{attempt}", seed, wanted, request)
        best = other if len(other.picks) > len(best.picks) else best
    return Selected(
        namespace=namespace,
        seed=seed,
        picks=best.picks,
        short=best.short if limited else (),
        superseded=len(left),
        alike=best.alike,
        unknown=unknown,
    )


_ORDERS = 40
"""How many orders are tried before a request is refused. Questions that would give away others are left out in the
order in which they come, so another order can have more."""


class _Picked(NamedTuple):
    """What one order of the cards gives."""

    picks: tuple[Pick, ...]
    short: tuple[Short, ...]
    alike: int


def _picked(
    usable: Sequence[CardKind], salt: str, seed: str, wanted: Sequence[tuple[str, int]], request: Request
) -> _Picked:
    """Chooses in the order of `salt`."""
    limited = request.count is not None or bool(request.blueprint)
    order = list(_balanced(usable, salt))
    places = _Places(wanted)
    clues = Clues()
    picks: list[Pick] = []
    hinted: list[tuple[Pick, Exposure]] = []
    alike_cards = 0
    for card in order:
        if not places.free(card):
            continue
        pick = Pick(card, _gap(card, seed))
        exposed = exposure(card, pick.gap)
        if not request.ids and clues.answer(exposed):
            alike_cards += 1
        elif limited and not request.ids and clues.hint_at(exposed):
            hinted.append((pick, exposed))
        else:
            clues.add(exposed)
            picks.append(pick)
            places.take(card)
    for pick, exposed in hinted:
        if not places.free(pick.card):
            continue
        if clues.answer(exposed):
            alike_cards += 1
        else:
            clues.add(exposed)
            picks.append(pick)
            places.take(pick.card)
    turn = {id(card): place for place, card in enumerate(order)}
    picks.sort(key=lambda pick: turn[id(pick.card)])
    return _Picked(tuple(picks), tuple(places.short()), alike_cards)


class _Places:
    """How many questions are still wanted of each topic."""

    def __init__(self, wanted: Sequence[tuple[str, int]]) -> None:
        # A card counts for the narrowest topic that still wants one. So a topic gets its number whenever it can.
        self.wanted = sorted(wanted, key=lambda place: -len(place[0].split("::")))
        self.left = [number for _, number in self.wanted]

    def free(self, card: CardKind) -> bool:
        """Whether a topic of the card still wants a question."""
        return self._of(card) is not None

    def take(self, card: CardKind) -> None:
        place = self._of(card)
        if place is not None:
            self.left[place] -= 1

    def _of(self, card: CardKind) -> int | None:
        places = (place for place, (name, _) in enumerate(self.wanted) if self.left[place] and _below(card.topic, name))
        return next(places, None)

    def short(self) -> Iterable[Short]:
        for (name, number), left in zip(self.wanted, self.left, strict=True):
            if left:
                yield Short(name, number, number - left)


def _default_seed(namespace: str, request: Request) -> str:
    """The same request gives the same seed. The excluded cards are left out of it: they would reshuffle the rest."""
    parts: tuple[object, ...] = (
        request.topics, request.tags, request.kinds, request.ids, request.count, request.superseded,
    )  # fmt: skip
    if request.blueprint:
        parts = (*parts, request.blueprint)
    return digest_of(namespace, repr(parts))[:8]


def as_on_cards(request: Request, cards: Sequence[CardKind]) -> tuple[Request, tuple[Unknown, ...]]:
    """A request with its topics and tags written as on the cards, whatever its capitals and blanks, and the names that
    no card has."""
    topics = sorted({name for card in cards for name in _with_those_above(card.topic)})
    tags = sorted({str(tag) for card in cards for tag in card.tags})
    ids = {card.id for card in cards}
    topic_of = {_bare(name): name for name in reversed(topics)}
    tags_of: dict[str, list[str]] = {}
    for tag in tags:
        tags_of.setdefault(_bare(tag), []).append(tag)
    named = [*request.topics, *(name for name, _ in request.blueprint)]
    unknown = (
        *(Unknown("topic", name, tuple(topics)) for name in named if _bare(name) not in topic_of),
        *(Unknown("tag", name, tuple(tags)) for name in request.tags if _bare(name) not in tags_of),
        *(Unknown("id", name, tuple(sorted(ids))) for name in request.ids if name not in ids),
    )
    found = replace(
        request,
        topics=tuple(topic_of.get(_bare(name), name) for name in request.topics),
        blueprint=tuple((topic_of.get(_bare(name), name), number) for name, number in request.blueprint),
        tags=tuple(tag for name in request.tags for tag in tags_of.get(_bare(name), [name])),
    )
    return found, unknown


def _bare(name: str) -> str:
    """A topic or tag without capitals and surrounding blanks."""
    return "::".join(part.strip() for part in name.casefold().split("::"))


class Offer(NamedTuple):
    """How many questions a topic can give."""

    topic: str
    """Empty for all topics together."""
    kinds: Counter[str]
    """How many questions of each kind there are in a quiz of the whole topic."""


def offers(cards: Sequence[CardKind], namespace: str, request: Request) -> list[Offer]:
    """How many questions each topic of a request can give, in the order of the cards, and then all of them together.
    Numbers in the request are ignored."""
    request, _ = as_on_cards(request, cards)
    asked = (*request.topics, *(name for name, _ in request.blueprint))
    names = dict.fromkeys(name for card in cards for name in _with_those_above(card.topic))
    topics = [name for name in names if not asked or any(_below(name, above) for above in asked)]
    requests = [(topic, (topic,)) for topic in topics] + [("", asked)]
    found = []
    for topic, within in requests:
        selected = select(cards, namespace, replace(request, topics=within, blueprint=(), count=None))
        found.append(Offer(topic, Counter(KIND_OF[type(pick.card)].name for pick in selected.picks)))
    return found


def _with_those_above(topic: str) -> list[str]:
    """A topic after those that it is a subtopic of: `A`, `A::B`, `A::B::C`."""
    parts = topic.split("::")
    return ["::".join(parts[:depth]) for depth in range(1, len(parts) + 1)]


def _balanced(cards: Sequence[CardKind], seed: str) -> Iterable[CardKind]:
    """The cards in the order of their hashes, one from each topic in turn."""
    topics: dict[str, list[CardKind]] = {}
    for card in sorted(cards, key=lambda card: digest_of(seed, card.id)):
        topics.setdefault(card.topic, []).append(card)
    turns = sorted(topics, key=lambda topic: digest_of(seed, "topic", topic))
    for place in range(max(map(len, topics.values()), default=0)):
        for topic in turns:
            if place < len(topics[topic]):
                yield topics[topic][place]


def _gap(card: CardKind, seed: str) -> int:
    """The number of the gap that is asked of a cloze card; 0 for a card without gaps, which `check` calls an error."""
    if not isinstance(card, Cloze):
        return 0
    numbers = cloze_numbers(card.cloze)
    return min(numbers, key=lambda number: digest_of(seed, card.id, str(number)), default=0)


# --- a card on paper ----------------------------------------------------------------------------------------------


def on_paper(card: CardKind) -> CardKind:
    """A card with only the texts that are on paper or needed for marking. Options are in the order of prompts.py."""
    match card:
        case Basic():
            return Basic(
                span=card.span, topic=card.topic, id=card.id, question=card.question, answer=card.answer, also=card.also
            )
        case Cloze():
            return Cloze(span=card.span, topic=card.topic, id=card.id, cloze=card.cloze)
        case Options():
            options = tuple(replace(option, why=None) for option in ordered(card).options)
            return Options(span=card.span, topic=card.topic, id=card.id, question=card.question, options=options)
        case Items():
            items = tuple(item for item in card.items if not item.retired)
            return Items(
                span=card.span, topic=card.topic, id=card.id, question=card.question, items=items, ordered=card.ordered
            )
        case Occlusion():
            return Occlusion(
                span=card.span, topic=card.topic, id=card.id, question=card.question, image=card.image, alt=card.alt,
                masks=tuple(replace(mask, why=None) for mask in card.masks if not mask.retired),
            )  # fmt: skip


def section(card: CardKind) -> str:
    """The part of a sheet that a card's question belongs to: one of SECTIONS."""
    match card:
        case Options():
            return "choices"
        case Cloze():
            return "gaps"
        case Basic() | Items() | Occlusion():
            return "written"


def section_place(card: CardKind) -> int:
    return SECTIONS.index(section(card))


def letter(place: int) -> str:
    """The letter of the option at a position counted from 0: A to Z, then AA, AB and so on."""
    return (letter(place // 26 - 1) if place >= 26 else "") + chr(ord("A") + place % 26)
