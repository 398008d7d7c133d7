"""What every quiz format is given: all forms of a quiz, with the cards, the deck, the pictures and the layout."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from deckwright.model import CardKind, Deck
from deckwright.pictures.media import Medium
from deckwright.quiz.forms import Form
from deckwright.quiz.select import letter
from deckwright.terminal import counted


@dataclass(frozen=True, kw_only=True)
class Layout:
    """How sheets look."""

    title: str
    name: str
    """The name of the files, without a suffix."""
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
    status: bool = False
    """Whether questions say that their fact is contested or superseded, and of which year it is."""
    lines: int = 0
    """The fewest lines to write on below a question that is answered in writing; a list is given what it needs."""
    answer_sheet: bool = False
    """Whether there is a page of circles to fill in."""
    answers: str = "separate"
    """separate, appended or none."""
    fonts: tuple[str, ...] = ()
    """Font families to use before our own."""
    font_folders: tuple[Path, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Cutting:
    """How flash cards to cut out are printed."""

    flip: str = "long"
    """The edge that the printer flips the paper on: long or short."""
    dx: float = 0.0
    """Millimetres by which the backs are moved right, for printers that print them out of place."""
    dy: float = 0.0
    """Millimetres by which they are moved down."""


@dataclass(frozen=True, kw_only=True)
class QuizJob:
    """What every output of a quiz is made from."""

    identity: str
    """The digests and the seed, as printed at the bottom of every page."""
    forms: Sequence[Form]
    cards: Mapping[str, CardKind]
    """Today's cards of the quiz, by id."""
    deck: Deck
    media: Mapping[str, Medium]
    layout: Layout
    like: Mapping[int, int] = field(default_factory=dict)
    """The forms that are the same as an earlier form: the position of each, and the position of the earlier one."""
    cutting: Cutting = Cutting()
    answers_only: bool = False
    """Whether only the answer key is wanted, for sheets that were handed out."""
    progress: Callable[[int, int], None] | None = None
    """Called with the number of PDFs that are made, and the number of all."""

    def about(self, place: int) -> str:
        """What the sheet of a form contains, in words."""
        count = counted(len(self.forms[place].questions), "question")
        return f"{count}, the same as form {letter(self.like[place])}" if place in self.like else count
