"""What every quiz format gets: a quiz in all its forms, with the cards, the deck, the pictures and the layout."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from deckwright.model import CardKind, Deck
from deckwright.pictures.media import Medium
from deckwright.quiz.forms import Form
from deckwright.quiz.marking import counted
from deckwright.quiz.select import letter


@dataclass(frozen=True, kw_only=True)
class Layout:
    """How sheets look. Measures are those of a desk: A4 or Letter, 11 pt, black on white."""

    title: str
    name: str
    """Of the files, without an ending."""
    paper: str = "a4"
    """a4 or letter."""
    columns: int = 1
    large: bool = False
    """18 pt and one column."""
    institution: str = ""
    logo: Medium | None = None
    logo_name: str = ""
    """The name of its file."""
    instructions: str = ""
    points: bool = False
    answer_sheet: bool = False
    """Whether a page of circles to fill in comes first."""
    answers: str = "separate"
    """separate, appended or none."""
    fonts: tuple[str, ...] = ()
    """Families that come before ours."""
    font_folders: tuple[Path, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Cutting:
    """How cut-out flash cards are printed."""

    flip: str = "long"
    """The edge of the paper that the printer turns it over: long or short."""
    dx: float = 0.0
    """Millimetres by which backs are moved to the right, because the printer is off."""
    dy: float = 0.0
    """And down."""


@dataclass(frozen=True, kw_only=True)
class QuizJob:
    """What every output of a quiz is made of."""

    identity: str
    """The digests and the seed, as they are at the bottom of every page."""
    forms: Sequence[Form]
    cards: Mapping[str, CardKind]
    """Today's cards of the quiz, by id."""
    deck: Deck
    media: Mapping[str, Medium]
    layout: Layout
    like: Mapping[int, int] = field(default_factory=dict)
    """Forms, by their places, that are the same as an earlier one, and which."""
    cutting: Cutting = Cutting()
    answers_only: bool = False
    """Whether only answers are wanted, for sheets that were handed out."""

    def about(self, place: int) -> str:
        """What the sheet of a form holds, in words."""
        count = counted(len(self.forms[place].questions), "question")
        return f"{count}, the same as form {letter(self.like[place])}" if place in self.like else count
