"""What all printed quizzes have in common: the marking strip, points, lines to write on, the source line.

In: forms and questions. Out: texts and table rows for sheets, Word documents and pages.
"""

from collections.abc import Sequence
from typing import NamedTuple

from deckwright.quiz.forms import Form, Question
from deckwright.words import Words

CHARACTERS_A_LINE = 36
"""Characters of handwriting that fit on a line across the page: each takes 4 to 5 mm."""

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


def marking_strip(forms: Sequence[Form], words: Words) -> Strip:
    """The marking strip of these forms."""
    tables = []
    for first in range(0, len(forms), STRIP_FORMS):
        part = forms[first : first + STRIP_FORMS]
        letters = [{question.number: question.marking for question in form.questions} for form in part]
        numbers = [question.number for question in part[0].questions if question.choices]
        for start in range(0, len(numbers), STRIP_ROWS):
            rows = [[words["number"], *(form.letter or words["answer"] for form in part)]]
            for number in numbers[start : start + STRIP_ROWS]:
                rows.append([str(number), *(of_form.get(number, "") for of_form in letters)])
            tables.append(rows)
    questions = forms[0].questions
    rules = []
    if tables:
        rules.append(words["rule_letter"])
    if any(question.several for question in questions):
        rules.append(words["rule_several"])
    if any(question.section != "choices" for question in questions):
        rules.append(words["rule_written"])
    if any("*" in cell for rows in tables for row in rows for cell in row):
        rules.append(words["rule_asterisk"])
    if any(question.withdrawn for question in questions):
        rules.append(words["rule_dash"])
    return Strip(tables, " ".join([*rules, words.count("rule_total", total(forms[0]))]))


def total(form: Form) -> int:
    return sum(question.points for question in form.questions)


def _lines_to_write(characters: int, columns: int = 1) -> int:
    """How many lines an answer of this length needs, on a page of one or two columns."""
    return min(MOST_LINES, 1 + (characters * 5 // 4) // (CHARACTERS_A_LINE // columns))


def lines_for(question: Question, fewest: int, columns: int = 1) -> list[int]:
    """How many lines there are for each written answer to a question: as many for each entry of a list as the longest
    one needs, so that they do not show which is long; otherwise at least `fewest`."""
    needed = [_lines_to_write(characters, columns) for characters in question.lines]
    return [max(needed)] * len(needed) if len(needed) > 1 else [max(lines, fewest) for lines in needed]


def how_to_answer(form: Form, words: Words, *, answer_sheet: bool) -> str:
    """What students must know before they begin, in sentences; empty if there is nothing."""
    chosen = [question for question in form.questions if question.choices]
    how = []
    if chosen and answer_sheet:
        how.append(words["use_answer_sheet"])
    elif chosen:
        how.append(words["circle_letters" if any(question.several for question in chosen) else "circle_letter"])
    if total(form) != len(form.questions):
        how.append(words["list_points"])
    return " ".join(how)


def gap_width(characters: int) -> int:
    """The width of an open gap, in characters. There are only three widths, so that the gap does not show how long the
    word is."""
    return 12 if characters <= 10 else 20 if characters <= 25 else 30


def source_line(question: Question) -> str:
    """The sources of the answer, its last review, and the card's id."""
    return " · ".join([*(citation.text for citation in question.citations), question.reviewed, question.id])
