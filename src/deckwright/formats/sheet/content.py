"""What stands on a sheet, as data for its templates: questions as JSON, the marking strip, and how much room they take.

In: questions and forms. Out: JSON's dictionaries, and the images in them. Texts of cards are data from here on.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from deckwright import tex
from deckwright.formats import Medium
from deckwright.markup import Element, Tree, said
from deckwright.quizforms import Form, Question

LINE = 55
"""Characters of handwriting that a line on paper takes."""

MOST_LINES = 12

STRIP_ROWS = 25
"""Questions in one part of the marking strip."""
STRIP_FORMS = 6
"""Forms in one part of it."""


class Strip(NamedTuple):
    """The letters of the forms side by side, in tables that fit on a page, and how to count."""

    tables: list[list[list[str]]]
    """Rows of cells, the first of them the head."""
    rule: str


def marking_strip(forms: Sequence[Form]) -> Strip:
    """What one marks by."""
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


class Content:
    """Questions as JSON, and the images in them."""

    def __init__(self, media: Mapping[str, Medium]) -> None:
        self.media = media
        self.images: dict[str, bytes] = {}

    def image(self, medium: Medium) -> str:
        self.images[medium.travels_as] = medium.data
        return medium.travels_as

    def question(self, question: Question) -> dict[str, Any]:
        return {
            "number": question.number,
            "stem": self.tree(question.stem),
            "choices": [
                {
                    "letter": choice.letter,
                    "text": self.tree(choice.text),
                    "correct": choice.correct,
                    "why": self.tree(choice.why or []),
                }
                for choice in question.choices
            ],
            "several": question.several,
            "lines": [lines_to_write(characters) for characters in question.lines],
            "numbered": question.numbered,
            "points": question.points,
            "status": question.status,
            "answers": [self.tree(answer) for answer in question.answers],
            "also": [self.tree(also) for also in question.also],
            "explanation": self.tree(question.explanation or []),
            "caveat": self.tree(question.caveat or []),
            "notice": question.notice,
            "source": source_line(question),
        }

    def tree(self, nodes: Tree) -> list[Any]:
        return [broken(node) if isinstance(node, str) else self.element(node) for node in nodes]

    def element(self, node: Element) -> Any:
        match node.tag:
            case "code" | "pre":
                return {"tag": node.tag, "text": broken(said(node.children))}
            case "math":
                source = said(node.children)
                formula = tex.parse(source)
                if formula is None:
                    return f"${source}$"
                return {
                    "tag": "math",
                    "block": node.value == "block",
                    "alt": tex.spoken(formula),
                    "tree": _math(formula),
                }
            case "img":
                if node.value not in self.media:  # of a card that was printed once
                    return f"[picture: {said(node.children)}]"
                return {
                    "tag": "img",
                    "file": self.image(self.media[node.value]),
                    "alt": said(node.children) or node.value,
                    "width": 60,
                }
            case "table":
                rows = [[{"nodes": self.tree(cell.children)} for cell in _elements(row)] for row in _elements(node)]
                head = [cell["nodes"] for cell in rows[0]]
                return {"tag": "table", "columns": len(head), "rows": [head, *rows[1:]]}
            case "ol":
                return {"tag": "ol", "start": int(node.value or 1), "children": self.items(node)}
            case "ul":
                return {"tag": "ul", "children": self.items(node)}
            case "gap":
                width = gap_width(int(node.value)) * 0.6
                return {"tag": "gap", "width": width, "hint": node.note}
            case _:
                return {"tag": node.tag, "children": self.tree(node.children)}

    def items(self, node: Element) -> list[Any]:
        return [{"children": self.tree(item.children)} for item in _elements(node)]


def _elements(node: Element) -> list[Element]:
    return [child for child in node.children if isinstance(child, Element)]


def lines_to_write(characters: int) -> int:
    """Lines to write an answer of so many characters on."""
    return min(MOST_LINES, 1 + (characters * 5 // 4) // LINE)


def gap_width(characters: int) -> int:
    """Characters of an open gap: one of three widths, so that it does not tell how long the word is."""
    return 12 if characters <= 10 else 20 if characters <= 25 else 30


def broken(text: str) -> str:
    """Text in which a word longer than a line may be broken anywhere: a place to break after every 30 characters."""
    if len(text) <= 60:
        return text
    return " ".join(
        word if len(word) <= 60 else "\u200b".join(word[start : start + 30] for start in range(0, len(word), 30))
        for word in text.split(" ")
    )


def source_line(question: Question) -> str:
    """Where the answer stands, and when it was last checked."""
    return " · ".join([*(citation.text for citation in question.citations), question.reviewed, question.id])


def _math(node: tex.Node) -> dict[str, Any]:
    match node:
        case tex.Row():
            return {"kind": "row", "children": [_math(child) for child in node.children]}
        case tex.Sign():
            return {"kind": "sign", "text": node.text}
        case tex.Fraction():
            return {"kind": "fraction", "above": _math(node.above), "below": _math(node.below)}
        case tex.Root():
            return {"kind": "root", "inner": _math(node.inner)}
        case tex.Raised():
            sub, sup = (_math(part) if part is not None else None for part in (node.sub, node.sup))
            return {"kind": "raised", "base": _math(node.base), "sub": sub, "sup": sup}
