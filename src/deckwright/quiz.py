"""Which questions stand on a quiz, in which order on which form, and what their answers are, whatever prints it.

In: cards and a request. Out: a `Quiz` (what is remembered) and its `Form`s (what is printed). Everything that looks
random is a hash of the quiz and a card's id, so that a card that is added, mended or moved elsewhere shuffles nothing.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

from deckwright.markup import Element, Tree, cloze_numbers, gap_texts, plain, said, tree
from deckwright.model import Basic, CardKind, Cloze, Deck, Items, Option, Options, Status, standing
from deckwright.notes import address
from deckwright.prompts import headline, ordered

SECTIONS = {"choices": "Multiple choice", "gaps": "Fill the gaps", "written": "Written answers"}
"""The parts of a sheet, in order, with their headings."""

KINDS = {"options": Options, "cloze": Cloze, "basic": Basic, "items": Items}
"""What `--kind` may name."""

MOST_FORMS = 26


@dataclass(frozen=True, kw_only=True)
class Request:
    """What an educator asks for."""

    topics: tuple[str, ...] = ()
    """A topic with all below it, or any if there is none. The same for tags, kinds and ids."""
    tags: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    count: int | None = None
    """How many questions; None for all there are."""
    superseded: bool = False
    """Whether superseded cards may be asked."""
    excluded: frozenset[str] = frozenset()
    """Ids that other quizzes have asked already."""
    seed: str = ""
    """Nothing: it follows from the namespace and the rest of the request."""


class Chosen(NamedTuple):
    """One question of a quiz."""

    id: str
    gap: int
    """The number that is asked of a cloze card; 0 for others."""
    answer: str
    """Digest of the answer: whether it changed since."""
    options: tuple[str, ...] = ()
    """Digests of the options, in the order of prompts.py when it was first printed. Letters follow from these: they
    stay what they were on paper when a text is mended."""
    fixed: bool = False
    """Whether that order stays on every form."""
    last: int = 0
    """How many of them stay at the end."""


class Quiz(NamedTuple):
    """What a quiz is, apart from how it is printed."""

    namespace: str
    seed: str
    questions: tuple[Chosen, ...]

    @property
    def digest(self) -> str:
        """Names the quiz: 8 characters. Forms and layouts of one quiz share it."""
        asked = [f"{question.id}/{question.gap}" for question in self.questions]
        return _hash(self.namespace, self.seed, *asked)[:8]


class Selected(NamedTuple):
    """The outcome of a selection."""

    quiz: Quiz
    available: int
    """How many cards fit the request. When it is less than asked for, there is no quiz to print."""
    superseded: int
    """Superseded cards left out."""
    alike: int
    """Cards left out because they and one that was chosen would answer each other."""
    unknown: tuple[str, ...]
    """Topics, tags and ids of the request that no card has."""


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
    """`Superseded · as of 2010`; nothing for what holds."""
    citations: tuple[Citation, ...]
    reviewed: str
    """`reviewed 2026-11-22`, or that it never was."""
    withdrawn: bool
    """Whether it was withdrawn since the quiz was first printed, and is not counted."""
    notice: str
    """What a marker must know: that the answer changed since the quiz was first printed, or was withdrawn."""

    @property
    def letters(self) -> str:
        """The letters of the correct choices: `B`, `A C`; a dash when it is not counted."""
        if self.withdrawn:
            return "–"
        return " ".join(choice.letter for choice in self.choices if choice.correct)


class Form(NamedTuple):
    """One form of a quiz."""

    letter: str
    """A to Z; nothing when there is only one."""
    questions: tuple[Question, ...]

    @property
    def ending(self) -> str:
        """What the names of its files end in."""
        return f"-{self.letter}" if self.letter else ""

    @property
    def named(self) -> str:
        """What stands before what is said of it: `Form A · `."""
        return f"Form {self.letter} · " if self.letter else ""


# --- which -----------------------------------------------------------------------------------------------------


def fits(card: CardKind, request: Request) -> bool:
    """Whether a request wants a card, its status aside."""
    topic = card.topic.text
    return (
        (not request.topics or any(_below(topic, name) for name in request.topics))
        and (not request.tags or any(tag.text in request.tags for tag in card.tags))
        and (not request.kinds or any(isinstance(card, KINDS[kind]) for kind in request.kinds))
        and (not request.ids or card.id.text in request.ids)
        and card.id.text not in request.excluded
    )


def _below(topic: str, name: str) -> bool:
    """Whether a topic is the one called `name`, or below it."""
    return topic == name or topic.startswith(f"{name}::")


def select(cards: Sequence[CardKind], namespace: str, request: Request) -> Selected:
    """Chooses the questions of a quiz: by hash, balanced over topics, none that answers another."""
    fitting = [card for card in cards if fits(card, request) and not card.withdrawn and card.status is not Status.DRAFT]
    left = [card for card in fitting if card.status is Status.SUPERSEDED and not request.superseded]
    usable = [card for card in fitting if card.status is not Status.SUPERSEDED or request.superseded]
    seed = request.seed or _default_seed(namespace, request)
    chosen: list[CardKind] = []
    alike = 0
    visible = _Visible()
    for card in _balanced(usable, seed):
        if request.count is not None and len(chosen) == request.count:
            break
        said = _said(card, _gap(card, seed))
        if not request.ids and visible.clashes(said):
            alike += 1
            continue
        visible.add(said)
        chosen.append(card)
    questions = tuple(_chosen(card, seed) for card in chosen)
    return Selected(
        Quiz(namespace, seed, questions), len(usable) - alike, len(left), alike, tuple(_unknown(cards, request))
    )


def _chosen(card: CardKind, seed: str) -> Chosen:
    if not isinstance(card, Options):
        return Chosen(card.id.text, _gap(card, seed), answer_digest(card))
    shown = ordered(card)
    options = tuple(_option_digest(option) for option in shown.options)
    return Chosen(card.id.text, 0, answer_digest(card), options, shown.fixed, shown.last)


def _option_digest(option: Option) -> str:
    return _hash(option.text.text)[:8]


def _default_seed(namespace: str, request: Request) -> str:
    """The same request gives the same quiz. The excluded cards are no part of it: they would reshuffle the rest."""
    parts = (request.topics, request.tags, request.kinds, request.ids, request.count, request.superseded)
    return _hash(namespace, repr(parts))[:8]


def _unknown(cards: Sequence[CardKind], request: Request) -> Iterable[str]:
    topics = {card.topic.text for card in cards}
    yield from (name for name in request.topics if not any(_below(topic, name) for topic in topics))
    yield from sorted(set(request.tags) - {tag.text for card in cards for tag in card.tags})
    yield from sorted(set(request.ids) - {card.id.text for card in cards})


def _balanced(cards: Sequence[CardKind], seed: str) -> Iterable[CardKind]:
    """The cards of each topic by their rank, one topic after the other in turn."""
    topics: dict[str, list[CardKind]] = {}
    for card in sorted(cards, key=lambda card: _hash(seed, card.id.text)):
        topics.setdefault(card.topic.text, []).append(card)
    turns = sorted(topics, key=lambda topic: _hash(seed, "topic", topic))
    for place in range(max(map(len, topics.values()), default=0)):
        for topic in turns:
            if place < len(topics[topic]):
                yield topics[topic][place]


def _gap(card: CardKind, seed: str) -> int:
    """The number that is asked of a cloze card."""
    if not isinstance(card, Cloze):
        return 0
    return min(cloze_numbers(card.cloze.text), key=lambda number: _hash(seed, card.id.text, str(number)))


class _Said(NamedTuple):
    """What a question shows, and what it wants, as far as one can give away the other."""

    shows: str
    wants: tuple[str, ...]


_LONG_ENOUGH = 8
"""Letters of an answer from which on its words standing in another question give it away; shorter ones (MRI, L5) stand
in many."""


def _said(card: CardKind, gap: int) -> _Said:
    shows = headline(card)
    match card:
        case Basic():
            wants = [card.answer.text]
        case Cloze():
            shows = said(_with_gap(tree(card.cloze.text, gaps=True), gap))
            wants = [gap_texts(card.cloze.text)[gap]]
        case Options():
            wants = [option.text.text for option in card.options if option.correct]
        case Items():
            wants = [item.text.text for item in card.items if not item.retired]
    return _Said(_words(shows), tuple(text for text in (_words(plain(want)) for want in wants) if text))


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


class _Visible:
    """The questions chosen so far, found by the words they show and want: comparing each with each would take as long
    as printing them."""

    def __init__(self) -> None:
        self.showing: dict[str, list[_Said]] = {}
        self.wanting: dict[str, list[_Said]] = {}

    def add(self, said: _Said) -> None:
        for word in set(said.shows.split()):
            self.showing.setdefault(word, []).append(said)
        if said.wants:
            self.wanting.setdefault(_telling(said.wants[0]), []).append(said)

    def clashes(self, said: _Said) -> bool:
        """Whether a question and one of these would answer each other."""
        shown = (other for word in set(said.shows.split()) for other in self.wanting.get(word, ()))
        wanted = self.showing.get(_telling(said.wants[0]), ()) if said.wants else ()
        return any(_answers(said, other) for other in shown) or any(_answers(other, said) for other in wanted)


def _telling(text: str) -> str:
    """The longest word of a text, which the fewest others share."""
    return max(text.split(), key=len)


def _answers(one: _Said, other: _Said) -> bool:
    """Whether one question shows all that another wants."""
    return bool(other.wants) and all(
        len(want) >= _LONG_ENOUGH and f" {want} " in f" {one.shows} " for want in other.wants
    )


def answer_digest(card: CardKind) -> str:
    """Of what a marker goes by: when it changes, a printed key is wrong."""
    match card:
        case Basic():
            parts = [card.answer.text, *(also.text for also in card.also)]
        case Cloze():
            parts = [card.cloze.text]
        case Options():
            parts = sorted(option.text.text for option in card.options if option.correct)
        case Items():
            parts = [f"{item.retired} {item.text.text}" for item in card.items]
    return _hash(*parts)[:8]


def _hash(*parts: str) -> str:
    return sha256("\0".join(parts).encode()).hexdigest()


# --- in which order ---------------------------------------------------------------------------------------------


def forms(quiz: Quiz, cards: Mapping[str, CardKind], deck: Deck, number: int) -> list[Form]:
    """The forms of a quiz. `cards` holds every card of it, by id."""
    letters = [chr(ord("A") + place) for place in range(number)]
    return [_form(quiz, cards, deck, letter, single=number == 1) for letter in letters]


def _form(quiz: Quiz, cards: Mapping[str, CardKind], deck: Deck, letter: str, *, single: bool) -> Form:
    rank = {chosen.id: _hash(quiz.digest, letter, chosen.id) for chosen in quiz.questions}
    sections = list(SECTIONS)
    order = sorted(
        quiz.questions, key=lambda chosen: (sections.index(_section(cards[chosen.id])), rank[chosen.id])
    )  # fmt: skip
    questions = tuple(
        _question(number, chosen, cards[chosen.id], deck, f"{quiz.digest}\0{letter}")
        for number, chosen in enumerate(order, 1)
    )
    return Form("" if single else letter, questions)


def _section(card: CardKind) -> str:
    match card:
        case Options():
            return "choices"
        case Cloze():
            return "gaps"
        case Basic() | Items():
            return "written"


def _question(number: int, chosen: Chosen, card: CardKind, deck: Deck, form: str) -> Question:
    answers: tuple[Tree, ...]
    choices: tuple[Choice, ...] = ()
    also: tuple[Tree, ...] = ()
    lines: tuple[int, ...] = ()
    match card:
        case Basic():
            stem = tree(card.question.text)
            answers = (tree(card.answer.text),)
            also = tuple(tree(text.text) for text in card.also)
            lines = (len(plain(card.answer.text)),)
        case Cloze():
            whole = tree(card.cloze.text, gaps=True)
            numbers = cloze_numbers(card.cloze.text)
            gap = chosen.gap if chosen.gap in numbers else numbers[0]
            stem = _with_gap(whole, gap)
            answers = tuple(_gaps(whole, gap))
        case Options():
            stem = tree(card.question.text)
            choices = tuple(_choices(card, chosen, form))
            answers = tuple(choice.text for choice in choices if choice.correct)
        case Items():
            items = [item.text.text for item in card.items if not item.retired]
            stem = tree(card.question.text)
            answers = tuple(map(tree, items))
            lines = tuple(len(plain(text)) for text in items)
    notice = ""
    if answer_digest(card) != chosen.answer:
        notice = "The answer changed since this quiz was first printed."
        if card.corrected:
            notice += f" Until {card.corrected.on} it was: {plain(card.corrected.was.text)}"
    elif isinstance(card, Options) and len(card.options) != len(chosen.options):
        notice = "Options were added or taken out since this quiz was first printed: compare the letters."
    if card.withdrawn:
        notice = "Withdrawn since this quiz was first printed: do not count it."
    return Question(
        number,
        card.id.text,
        next(name for name, kind in KINDS.items() if isinstance(card, kind)),
        _section(card),
        stem,
        choices,
        sum(choice.correct for choice in choices) > 1,
        lines,
        isinstance(card, Items) and card.ordered,
        0 if card.withdrawn else len(lines) if isinstance(card, Items) else 1,
        answers,
        also,
        tree(card.explanation.text) if card.explanation else None,
        tree(card.caveat.text) if card.caveat else None,
        standing(card.status, card.as_of),
        tuple(_citations(card, deck)),
        f"reviewed {card.reviewed.on}" if card.reviewed else "not reviewed yet",
        card.withdrawn is not None,
        notice,
    )


def _choices(card: Options, chosen: Chosen, form: str) -> Iterable[Choice]:
    """The options in the order of one form: the one policy of prompts.py, with a form's own shuffle."""
    places = _as_printed(card, chosen)
    rest = places[: len(places) - chosen.last]
    if not chosen.fixed:
        rest = sorted(rest, key=lambda place: _hash(form, card.id.text, place[0]))
    for number, (_, option) in enumerate([*rest, *places[len(places) - chosen.last :]]):
        why = tree(option.why.text) if option.why else None
        yield Choice(letter(number), tree(option.text.text), option.correct, why)


def _as_printed(card: Options, chosen: Chosen) -> list[tuple[str, Option]]:
    """The options in the order they had when the quiz was first printed. One that was reworded since takes the place
    that no other has; a new one comes before those that stay last."""
    now = {_option_digest(option): option for option in card.options}
    others = [option for digest, option in now.items() if digest not in chosen.options]
    places = []
    for digest in chosen.options:
        if digest in now:
            places.append((digest, now[digest]))
        elif others:
            places.append((digest, others.pop(0)))
    new = [(_option_digest(option), option) for option in others]
    stop = len(places) - chosen.last
    return [*places[:stop], *new, *places[stop:]]


def letter(place: int) -> str:
    """The letter of the option at a place counted from 0: A to Z, then AA, AB and so on."""
    return (letter(place // 26 - 1) if place >= 26 else "") + chr(ord("A") + place % 26)


def _with_gap(nodes: Tree, gap: int, inside: str = "") -> Tree:
    """A cloze text with one number's gaps open and the others filled; `inside` names the formula or code around."""
    shown: Tree = []
    for node in nodes:
        if isinstance(node, str):
            shown.append(node)
        elif node.tag == "cloze" and str(gap) in node.value.split(","):
            if inside:
                shown.append(r"\text{______}" if inside == "math" else "______")
            else:
                shown.append(Element("gap", [], str(len(said(node.children))), node.note))
        elif node.tag == "cloze":
            shown += _with_gap(node.children, gap, inside)
        else:
            within = node.tag if node.tag in ("math", "code", "pre") else inside
            shown.append(node._replace(children=_with_gap(node.children, gap, within)))
    return shown


def _gaps(nodes: Tree, gap: int) -> Iterable[Tree]:
    """What the gaps of one number hide, in the order they stand."""
    for node in nodes:
        if isinstance(node, Element):
            if node.tag == "cloze" and str(gap) in node.value.split(","):
                yield _with_gap(node.children, -1)
            else:
                yield from _gaps(node.children, gap)


def _citations(card: CardKind, deck: Deck) -> Iterable[Citation]:
    for citation in card.sources:
        source = deck.sources.get(citation.source.text)
        if source is None:
            yield Citation(f"{citation.source} {citation.locator}".strip(), "")
            continue
        name = (source.authors or source.title).text
        words = [f"{name} {source.year}" if source.year else name, citation.locator]
        yield Citation(", ".join(word for word in words if word), address(source))
