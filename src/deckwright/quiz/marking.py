"""What all printed quizzes have in common: the marking strip, points, lines to write on, the source line.

In: forms and questions. Out: texts and table rows for sheets, Word documents and pages.
"""

from collections.abc import Sequence
from typing import NamedTuple

from deckwright.quiz.forms import Form, Question

CHARACTERS_A_LINE = 55
"""Characters of handwriting that fit on a line of paper."""

MOST_LINES = 12

STRIP_ROWS = 25
"""Questions in one part of the marking strip."""
STRIP_FORMS = 6
"""Forms in one part of the marking strip."""


class Strip(NamedTuple):
    """The correct letters of the forms side by side, in tables that fit on a page, and how to count points."""

    tables: list[list[list[str]]]
    """For each table, its rows of cells; the first row is the header."""
    rule: str


def marking_strip(forms: Sequence[Form]) -> Strip:
    """The marking strip of these forms."""
    tables = []
    for first in range(0, len(forms), STRIP_FORMS):
        part = forms[first : first + STRIP_FORMS]
        letters = [{question.number: question.marking for question in form.questions} for form in part]
        numbers = [question.number for question in part[0].questions if question.choices]
        for start in range(0, len(numbers), STRIP_ROWS):
            rows = [["No.", *(form.letter or "Answer" for form in part)]]
            for number in numbers[start : start + STRIP_ROWS]:
                rows.append([str(number), *(of_form.get(number, "") for of_form in letters)])
            tables.append(rows)
    questions = forms[0].questions
    rules = []
    if tables:
        rules.append("One point for each question with the right letter.")
    if any(question.several for question in questions):
        rules.append("Where several answers are right: one point if exactly these are marked, else none.")
    if any(question.section != "choices" for question in questions):
        rules.append("Gaps and written answers: one point each, one for each entry of a list.")
    if any("*" in cell for rows in tables for row in rows for cell in row):
        rules.append("An asterisk: changed since this quiz was first printed; the question below says how.")
    if any(question.withdrawn for question in questions):
        rules.append("A dash, and what is marked so below, was withdrawn since and is not counted.")
    return Strip(tables, " ".join([*rules, f"{counted(total(forms[0]), 'point')} in all."]))


def counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def total(form: Form) -> int:
    return sum(question.points for question in form.questions)


def lines_to_write(characters: int) -> int:
    """How many lines an answer of this length needs."""
    return min(MOST_LINES, 1 + (characters * 5 // 4) // CHARACTERS_A_LINE)


def gap_width(characters: int) -> int:
    """The width of an open gap, in characters. There are only three widths, so that the gap does not show how long the
    word is."""
    return 12 if characters <= 10 else 20 if characters <= 25 else 30


def source_line(question: Question) -> str:
    """The sources of the answer, its last review, and the card's id."""
    return " · ".join([*(citation.text for citation in question.citations), question.reviewed, question.id])
