"""The formats a quiz can be printed in, by the name given to `quiz --to`.

In: a `QuizJob`. Out: files, and the problems that kept others from being made. The same job gives the same bytes. To
add a format, write a module with a `render(job)` and add a line to `QUIZ_FORMATS`. This table is quick to import: each
module is imported when it is used.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from deckwright.formats import File
    from deckwright.problem import Problem
    from deckwright.quiz.job import QuizJob

Rendered = tuple[Iterable["File"], list["Problem"]]
"""Files may be made one by one as they are taken. The problems are complete when all files were taken."""


class QuizFormat(NamedTuple):
    """One entry of `QUIZ_FORMATS`."""

    render: Callable[["QuizJob"], Rendered]
    """May raise OSError."""
    heeds: frozenset[str]
    """The options of the command that have an effect on it: field names of a `Layout`, `forms`, and `cutting`."""


def _pdf(job: "QuizJob") -> Rendered:
    from deckwright.quiz.pdf import sheets

    return sheets.render(job)


def _flashcards(job: "QuizJob") -> Rendered:
    from deckwright.quiz.pdf import flashcards

    return flashcards.render(job)


def _html(job: "QuizJob") -> Rendered:
    from deckwright.quiz import html

    return html.render(job)


def _docx(job: "QuizJob") -> Rendered:
    from deckwright.quiz.docx import sheets

    return sheets.render(job)


_ON_PAPER = frozenset({"paper", "large", "institution", "instructions", "points", "forms", "answers"})
_FONTS = frozenset({"fonts", "font_folders"})

QUIZ_FORMATS: Mapping[str, QuizFormat] = {
    "pdf": QuizFormat(_pdf, _ON_PAPER | _FONTS | {"columns", "logo", "answer_sheet", "status", "lines"}),
    "flashcards": QuizFormat(_flashcards, _FONTS | {"paper", "cutting"}),
    "html": QuizFormat(_html, frozenset({"status"})),
    "docx": QuizFormat(_docx, _ON_PAPER | {"status", "lines"}),
}
