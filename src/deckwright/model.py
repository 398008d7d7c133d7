"""The deck as its author wrote it: cards by kind, sources, topics. Frozen data; nothing is done to it here.

In: nothing. Out: the types that every later stage reads. Each key that an author may write is declared here once, with
its shape and its purpose; the reader (reading/values.py), the JSON Schema and docs/cards.md (reading/schema.py) follow
from these declarations. A text keeps its place in the file, so that any stage can point at it.
"""

import dataclasses
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum, StrEnum
from typing import Any, Literal, NamedTuple

from deckwright.problem import Span
from deckwright.words import Words


class Text(str):
    """A scalar as written, which knows its place. The model's texts are these very objects."""

    __slots__ = ("column", "line")

    line: int
    """From 1."""
    column: int
    """From 1, in characters."""

    def __new__(cls, text: str = "", line: int = 1, column: int = 1) -> "Text":
        self = str.__new__(cls, text)
        self.line = line
        self.column = column
        return self


SOURCE_KINDS = ("guideline", "systematic-review", "review", "cohort", "trial", "textbook", "web", "document")
PAPERS = ("a4", "letter")
HIDES = ("all", "one")


class Shape(Enum):
    """What may stand behind a key. reading/shapes.py has for each how it is read and its JSON Schema."""

    SLUG = "lower-case letters, digits and hyphens"
    LINE = "one line of text, without markup"
    LANGUAGE = "a language code, en or en-GB"
    MARKDOWN = "text; Markdown, several lines with |"
    FLAG = "true or false"
    REVERSE = "true, the question the other way round, or retired"
    DATE = "a date, 2026-11-22"
    YEAR = "a year, 2010"
    STATUS = "current, contested, superseded or draft"
    SOURCE_KIND = "one of " + ", ".join(SOURCE_KINDS)
    PAPER = "one of " + ", ".join(PAPERS)
    MONTHS = "a number of months, 24 months"
    REPORT = "a web address or mailto:, with {id} where the card's id belongs"
    DOI = "a DOI, 10.1002/art.34347"
    URL = "a web address"
    FILE = "a file name"
    PICTURE = "the name of a picture in cards/media/"
    LINES = "one text, or a list with one text per entry"
    TAGS = "one tag, or a list of tags: words without spaces"
    TOPIC = "a topic and its subtopics, Topic::Subtopic"
    REVIEWED = "a date and, if you like, who: 2026-11-22 JW"
    CITATIONS = "one source, or a list: its id, then where in it (para 28)"
    OPTIONS = "a list of `correct:` and `wrong:`, each with `why:` if you like"
    ITEMS = "a list of texts; `retired:` in front of one that no longer counts"
    MASKS = "a list of `answer:` and `at:`, each with `also:` and `why:` if you like"
    BOX = "left, top, width and height in per cent of the picture: 12 30 18 9"
    HIDE = "all or one"
    NUMBER = "a number"
    RETIRED_GAPS = "the number and the text of each, {c2: 12 weeks}"
    CORRECTED = "`on:` a date, `was:` the wrong answer"
    WITHDRAWN = "`on:` a date, `reason:`, and `see:` another card's id if there is one"
    ALLOW = "a problem's code (problems.md lists them) and why it is accepted here"
    CARDS = "a list of cards"


@dataclass(frozen=True)
class Key:
    """One key of a mapping: how it reads and what it is for."""

    name: str
    shape: Shape
    about: str
    example: str
    required: bool


def key(shape: Shape, about: str, example: str = "", **more: Any) -> Any:
    """A dataclass field that an author may write; required unless it has a default."""
    return dataclasses.field(metadata={"shape": shape, "about": about, "example": example}, **more)


def keys(kind: type) -> tuple[Key, ...]:
    """The keys an author may write for `kind`, in the order declared."""
    return tuple(
        Key(
            field.name,
            field.metadata["shape"],
            field.metadata["about"],
            field.metadata["example"],
            field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING,
        )
        for field in dataclasses.fields(kind)
        if "shape" in field.metadata
    )


# --- deck.yaml, sources.yaml --------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Settings:
    """cards/deck.yaml: the deck as a whole."""

    title: Text = key(Shape.LINE, "The top deck in Anki. Fixed after the first release.", "Neck pain")
    namespace: Text = key(
        Shape.SLUG, "Identity of every card and root of its tags. Fixed after the first release.", "neck-pain"
    )
    language: Text = key(Shape.LANGUAGE, "Language of the cards, as in HTML.", "en", default=Text("en"))
    license: Text | None = key(Shape.LINE, "What learners may do with the deck.", "CC BY 4.0", default=None)
    authors: tuple[Text, ...] = key(Shape.LINES, "Who wrote it.", "A. Author", default=())
    notice: Text | None = key(
        Shape.LINE,
        "What learners are told about the deck before they rely on it.",
        "No clinician has reviewed these cards.",
        default=None,
    )
    review_every: int = key(
        Shape.MONTHS, "A card whose `reviewed` is older than this is stale.", "24 months", default=24
    )
    paper: str = key(Shape.PAPER, "Paper of printed sheets.", "a4", default="a4")
    report: Text | None = key(
        Shape.REPORT, "Where learners report an error.", "https://example.org/report?card={id}", default=None
    )


@dataclass(frozen=True, kw_only=True)
class Source:
    """One entry of cards/sources.yaml: something a card can cite."""

    id: Text
    title: Text = key(Shape.LINE, "Its title.", "A systematic review of the global prevalence of low back pain")
    kind: str = key(Shape.SOURCE_KIND, "What sort of source it is.", "systematic-review")
    authors: Text | None = key(Shape.LINE, "Its authors, short, or the body.", "Hoy D, et al.", default=None)
    short: Text | None = key(
        Shape.LINE, "Its journal, or its title in a few words; cards show it instead of the title.", "Arthritis Rheum",
        default=None,
    )  # fmt: skip
    year: int | None = key(Shape.YEAR, "When it was published.", "2012", default=None)
    doi: Text | None = key(Shape.DOI, "Its DOI.", "10.1002/art.34347", default=None)
    url: Text | None = key(Shape.URL, "Its address, where it has no DOI.", "https://example.org/", default=None)
    isbn: Text | None = key(Shape.LINE, "Its ISBN.", "978-3-16-148410-0", default=None)
    pmid: Text | None = key(Shape.LINE, "Its PubMed number.", "22231424", default=None)
    file: Text | None = key(Shape.FILE, "A text that can be checked when it is at hand.", "origin.txt", default=None)
    figures: tuple[Text, ...] = key(Shape.LINES, "Figures it supports.", "23.2 %", default=())


# --- parts of cards -----------------------------------------------------------------------------------------


class Status(StrEnum):
    """How far a card's fact still holds."""

    CURRENT = "current"
    CONTESTED = "contested"
    SUPERSEDED = "superseded"
    DRAFT = "draft"


@dataclass(frozen=True, slots=True)
class Citation:
    """One source of a card, and where in it the fact is."""

    source: Text
    """The source's id."""
    locator: str
    """`para 28`, `p. 1013`, `table 2`; empty for the whole."""


@dataclass(frozen=True, slots=True)
class Option:
    """One answer to choose from."""

    text: Text
    correct: bool
    why: Text | None


@dataclass(frozen=True, slots=True)
class OptionKeys:
    """How an option is written."""

    correct: Text | None = key(Shape.MARKDOWN, "The text of a correct answer.", "Emergency MRI", default=None)
    wrong: Text | None = key(Shape.MARKDOWN, "The text of a wrong answer.", "Plain radiograph", default=None)
    why: Text | None = key(Shape.MARKDOWN, "Why it is correct or wrong.", "It shows no nerve roots.", default=None)


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a list that is asked entry by entry."""

    text: Text
    retired: bool
    number: int
    """The number of its gap. The numbers of a list of three are 1, 2 and 3, in any order."""


@dataclass(frozen=True, slots=True)
class ItemKeys:
    """How an item is written that is more than a text."""

    item: Text | None = key(Shape.MARKDOWN, "The text of an item.", "Referred", default=None)
    retired: Text | None = key(
        Shape.MARKDOWN, "The text of an item that no longer counts. It keeps its place.", "Lumbago", default=None
    )
    number: int | None = key(
        Shape.NUMBER, "The next number, for a new item between released ones. Learners' schedules go by it.", "4",
        default=None,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on a picture, in per cent of the picture's width and height."""

    left: float
    top: float
    width: float
    height: float
    written: Text
    """As its author wrote it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mask:
    """One place on a picture that is asked."""

    answer: Text = key(Shape.MARKDOWN, "What is at this place.", "Iliopsoas")
    at: Box | None = key(Shape.BOX, "Where it is on the picture: left, top, width, height in per cent.", "12 30 18 9")
    """None only for a mask that no longer counts."""
    also: tuple[Text, ...] = key(Shape.LINES, "Answers that count as well.", "Hip flexor", default=())
    why: Text | None = key(
        Shape.MARKDOWN, "How to recognise it.", "It is the only one behind the vessels.", default=None
    )
    retired: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RetiredMask:
    """How a mask that no longer counts is written."""

    retired: Text = key(Shape.MARKDOWN, "The answer of a mask that no longer counts. It keeps its place.", "Sartorius")
    at: Box | None = key(Shape.BOX, "Where it was. It is not drawn any more.", "40 52 20 8", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """The answer was wrong once; learners are told to relearn it."""

    on: date = key(Shape.DATE, "When it was corrected.", "2026-11-22")
    was: Text = key(Shape.MARKDOWN, "The wrong answer.", "6 weeks")


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """The card no longer counts; it stays as a tombstone."""

    on: date = key(Shape.DATE, "When it was withdrawn.", "2026-11-22")
    reason: Text = key(Shape.MARKDOWN, "Why.", "Not supported by the source")
    see: Text | None = key(Shape.SLUG, "The id of the card to learn instead.", "lbp-chronic", default=None)


@dataclass(frozen=True, slots=True)
class Review:
    """When somebody last checked the card against its sources."""

    on: date
    by: str


# --- cards --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What every card has; one Anki note."""

    span: Span
    topic: Text
    id: Text = key(Shape.SLUG, "Names the card for ever: unique in the project and never reused.", "lbp-chronic")
    explanation: Text | None = key(
        Shape.MARKDOWN, "Shown below the answer.", "It follows from the definition.", default=None
    )
    sources: tuple[Citation, ...] = key(
        Shape.CITATIONS, "What the fact rests on. Only a draft or a withdrawn card may do without.", "hoy-2012",
        default=(),
    )  # fmt: skip
    status: Status = key(
        Shape.STATUS, "Whether the fact still holds; `draft` keeps the card out of every output.", "contested",
        default=Status.CURRENT,
    )  # fmt: skip
    as_of: int | None = key(
        Shape.YEAR, "The year the figure describes. Required with `superseded`.", "2010", default=None
    )
    caveat: Text | None = key(
        Shape.MARKDOWN, "What to keep in mind. Required with `contested` and `superseded`.", "Estimates differ.",
        default=None,
    )  # fmt: skip
    reviewed: Review | None = key(
        Shape.REVIEWED, "When the card was last checked. Name who did it only if a person did.", "2026-11-22 JW",
        default=None,
    )  # fmt: skip
    derived: tuple[Text, ...] = key(
        Shape.LINES, "Figures that no source gives as they stand: how they came about.", "0.90 × 0.75", default=()
    )
    tags: tuple[Text, ...] = key(Shape.TAGS, "Tags, besides those of the file.", "prevalence", default=())
    corrected: Correction | None = key(
        Shape.CORRECTED, "The answer was wrong: the back says what it was, learners are told to relearn it.",
        "{on: 2026-11-22, was: 6 weeks}", default=None,
    )  # fmt: skip
    withdrawn: Withdrawal | None = key(
        Shape.WITHDRAWN, "The card no longer counts. It stays, with a notice to suspend it.",
        "{on: 2026-11-22, reason: Not supported by the source}", default=None,
    )  # fmt: skip
    allow: Mapping[str, Text] = key(
        Shape.ALLOW, "Accepts one warning, or one harmful change, on record.", '{code: "why"}',
        default_factory=dict,
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Basic(Card):
    """A question and its answer."""

    question: Text = key(Shape.MARKDOWN, "What is asked.", "From how many weeks on is low back pain chronic?")
    answer: Text = key(Shape.MARKDOWN, "The answer.", "12 weeks")
    also: tuple[Text, ...] = key(
        Shape.LINES, "Answers that count as well; shown with the answer.", "3 months", default=()
    )
    reverse: bool | Text | Literal["retired"] = key(
        Shape.REVERSE, "Asks the other way round too, with this question; `true` asks `Which term?`. May be switched"
        " on later; `retired` if it no longer counts.", "Which vertebra is the first?", default=False,
    )  # fmt: skip
    typed: bool = key(Shape.FLAG, "Has the learner type the answer. May be switched on later.", "true", default=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloze(Card):
    """A text with gaps. Anki makes one card of each number; gaps with the same number are asked together."""

    cloze: Text = key(
        Shape.MARKDOWN, "The text, each gap as {{c1::hidden}} or {{c1::hidden::hint}}.",
        "Low back pain is chronic from {{c1::12 weeks::how long}} on.",
    )  # fmt: skip
    retired: Mapping[int, Text] = key(
        Shape.RETIRED_GAPS, "Released gaps that no longer count and are not in the text any more.", "{c2: 12 weeks}",
        default_factory=dict,
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Options(Card):
    """A question with answers to choose from: one `correct` makes a single best answer, several a multiple answer."""

    question: Text = key(Shape.MARKDOWN, "What is asked.", "New saddle numbness. Which imaging first?")
    options: tuple[Option, ...] = key(Shape.OPTIONS, "The answers to choose from.", "correct: Emergency MRI")


@dataclass(frozen=True, slots=True, kw_only=True)
class Items(Card):
    """A question whose answer is a list. Every entry is asked in its place, the others shown."""

    question: Text = key(Shape.MARKDOWN, "What is asked.", "Name the three classes of low back pain by cause.")
    items: tuple[Item, ...] = key(Shape.ITEMS, "The entries. Add new ones at the end, or with a number.", "Mechanical")
    ordered: bool = key(Shape.FLAG, "Whether the order matters; it is numbered then.", "false", default=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Occlusion(Card):
    """A picture with places to name. Every mask is asked in its place."""

    question: Text = key(Shape.MARKDOWN, "What is asked of every place.", "Name the marked muscle.")
    image: Text = key(Shape.PICTURE, "The picture.", "hip-flexor-group.svg")
    alt: Text | None = key(
        Shape.LINE, "What the picture shows, for people who cannot see it. It must not name what is asked.",
        "The right hip from in front", default=None,
    )  # fmt: skip
    hide: str = key(
        Shape.HIDE, "Whether all masks are covered while one is asked, or only that `one`.", "all", default="all"
    )
    masks: tuple[Mask, ...] = key(Shape.MASKS, "The places. Add new ones at the end.", "answer: Iliopsoas")


CardKind = Basic | Cloze | Options | Items | Occlusion


class Kind(NamedTuple):
    """What is said of one kind of card."""

    card: type[CardKind]
    name: str
    """As it is written in released.lock and behind `--kind`."""
    mark: str
    """The key that tells it."""
    called: str
    """What messages call a card of it."""
    numbered: str = ""
    """What has a number of its own, by which Anki schedules it; empty if nothing has."""


KINDS = (
    Kind(Basic, "basic", "answer", "a question with an answer"),
    Kind(Cloze, "cloze", "cloze", "a cloze", "gap"),
    Kind(Options, "options", "options", "a question with options"),
    Kind(Items, "items", "items", "a question with items", "item"),
    Kind(Occlusion, "occlusion", "masks", "a picture with masks", "mask"),
)
KIND_OF: Mapping[type[CardKind], Kind] = {kind.card: kind for kind in KINDS}
NUMBERED: Mapping[str, str] = {kind.name: kind.numbered for kind in KINDS if kind.numbered}
"""The kinds that ask several things, by name, each with what it numbers."""


@dataclass(frozen=True, kw_only=True)
class FileKeys:
    """How a file of cards is written."""

    topic: Text = key(Shape.TOPIC, "The subdeck. Its first part names the package.", "Low back pain::Epidemiology")
    tags: tuple[Text, ...] = key(Shape.TAGS, "Tags of every card in the file.", "epidemiology", default=())
    cards: tuple[CardKind, ...] = key(Shape.CARDS, "The cards, in the order they are learnt.", "")


# --- the whole ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Deck:
    """What all cards share."""

    settings: Settings
    sources: Mapping[str, Source]
    """By id."""
    citable: frozenset[str] | None
    """The ids that cards may cite; None when sources.yaml could not be read to its end."""
    words: Words
    """What the program itself says on cards, sheets and pages."""
    media: tuple[str, ...]
    """The files of cards/media/, by name."""
    unusable: Mapping[str, str] = field(default_factory=dict)
    """Those of them that are no picture that can travel, each with why."""
    unmaskable: Mapping[str, str] = field(default_factory=dict)
    """Pictures on which masks would be in the wrong place, each with what to do about it."""


DEVICE = r"(?i:con|prn|aux|nul|(?:com|lpt)[0-9¹²³])"
"""A name that Windows opens no file under, whatever its ending."""


def file_name(title: str) -> str:
    """The name of an output made from a title, without its ending: `Low back pain` gives `low-back-pain`."""
    plain = re.sub(r"[\W_]+", "-", unicodedata.normalize("NFC", title).casefold()).strip("-")
    if re.fullmatch(DEVICE, plain):
        return f"{plain}-topic"
    return plain.encode()[:120].decode(errors="ignore").strip("-") or "topic"


def complete_name(title: str) -> str:
    """The name of the output of a whole deck."""
    return f"{file_name(title)}-complete"


def standing(status: Status, as_of: int | None, words: Words) -> str:
    """How far a fact still holds: `Superseded · as of 2010`; empty for one that holds and has no date."""
    parts = [words[status]] if status is not Status.CURRENT else []
    parts += [words.say("as_of", year=as_of)] if as_of is not None else []
    return " · ".join(parts)
