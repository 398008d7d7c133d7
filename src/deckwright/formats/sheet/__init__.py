"""Quizzes on paper: PDFs of a quiz's forms and of their answers.

In: a quiz, its forms and a layout. Out: files, and problems that name card and sign where the fonts lack one. What
stands on a sheet is decided in quiz.py, what it looks like in sheet.typ.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from deckwright import tex
from deckwright.formats import File, Medium
from deckwright.formats.sheet.pdf import FALLBACK, SANS, Document, Fault, render
from deckwright.markup import Element, Tree, said
from deckwright.model import CardKind, Deck, written
from deckwright.problem import Problem, Span
from deckwright.quiz import SECTIONS, Form, Question, Quiz

LINE = 55
"""Characters of handwriting that a line on paper takes."""

MOST_LINES = 12
LONG = (16, 1500)
"""Choices, and characters, from which on a question may be split over two pages: it may not fit on one."""


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
    instructions: str = ""
    points: bool = False
    answer_sheet: bool = False
    """Whether a page of circles to fill in comes first."""
    answers: str = "separate"
    """separate, appended or none."""
    fonts: tuple[str, ...] = ()
    """Families that come before ours."""
    font_folders: tuple[Path, ...] = ()


class _Image(NamedTuple):
    """A picture of a card as it lies beside the template."""

    name: str
    data: bytes


def sheets(
    quiz: Quiz,
    forms: Sequence[Form],
    deck: Deck,
    cards: Mapping[str, CardKind],
    media: Mapping[str, Medium],
    layout: Layout,
    *,
    answers_only: bool = False,
) -> tuple[list[File], list[Problem]]:
    """The PDFs of every form and of its answers. May raise OSError."""
    names: list[tuple[str, str]] = []
    documents: list[Document] = []
    for form in forms:
        ending = f"-{form.letter}" if form.letter else ""
        count = f"{len(form.questions)} question{'' if len(form.questions) == 1 else 's'}"
        if not answers_only:
            names.append((f"{layout.name}{ending}.pdf", count))
            documents.append(_document(quiz, form, forms, deck, media, layout, answers=False))
        if answers_only or layout.answers == "separate":
            names.append((f"{layout.name}{ending}-ANSWERS.pdf", "the answers: do not hand out"))
            documents.append(_document(quiz, form, forms, deck, media, layout, answers=True))
    made = render(documents, layout.font_folders)
    files = [File(name, pdf, about) for (name, about), pdf in zip(names, made, strict=True) if isinstance(pdf, bytes)]
    faults = [pdf for pdf in made if isinstance(pdf, Fault)]
    problems = sorted({problem for fault in faults for problem in _problems(fault, quiz, cards)})
    return ([] if problems else files), problems


@dataclass(frozen=True, kw_only=True)
class Cutting:
    """How cut-out flash cards are printed."""

    flip: str = "long"
    """The edge of the paper that the printer turns it over: long or short."""
    dx: float = 0.0
    """Millimetres by which backs are moved to the right, because the printer is off."""
    dy: float = 0.0
    """And down."""


def flashcards(
    quiz: Quiz,
    form: Form,
    deck: Deck,
    cards: Mapping[str, CardKind],
    media: Mapping[str, Medium],
    layout: Layout,
    cutting: Cutting,
) -> tuple[list[File], list[Problem]]:
    """The questions of a form as cards to cut out, eight a page, their backs on the next one. May raise OSError."""
    data = _Data(media)
    document = Document(
        "cards.typ",
        {
            "title": layout.title,
            "authors": [author.text for author in deck.settings.authors],
            "language": deck.settings.language.text[:2],
            "cards": [data.question(question) for question in form.questions],
            "flip": cutting.flip,
            "dx": cutting.dx,
            "dy": cutting.dy,
            "cut-marks": True,
            "layout": {
                "paper": {"letter": "us-letter"}.get(layout.paper, layout.paper),
                "fonts": [*layout.fonts, SANS, *FALLBACK],
            },
        },
        data.images,
    )
    [made] = render([document], layout.font_folders)
    if isinstance(made, Fault):
        return [], sorted(set(_problems(made, quiz, cards)))
    about = f"{len(form.questions)} cards to cut out; print on both sides, turned over the {cutting.flip} edge"
    return [File(f"{layout.name}-flashcards.pdf", made, about)], []


def _problems(fault: Fault, quiz: Quiz, cards: Mapping[str, CardKind]) -> Iterable[Problem]:
    """Where the signs stand that no font has."""
    found = False
    for chosen in quiz.questions:
        card = cards[chosen.id]
        for key, text in written(card):
            for sign in sorted(set(fault.missing) & set(text)):
                found = True
                message = f"no font has the sign {sign!r} (U+{ord(sign):04X}) in `{key}` of card {chosen.id}"
                hint = "name a folder with a font that has it: --font-path DIR --font 'Its Name'"
                yield Problem(Span(card.span.file, card.id.line, card.id.column), "missing-glyph", message, hint)
    if not found:
        yield Problem(
            Span("cards"),
            "not-printable",
            f"the PDF engine says: {fault.message}",
            "look at the pictures of these cards",
        )


def _document(
    quiz: Quiz,
    form: Form,
    forms: Sequence[Form],
    deck: Deck,
    media: Mapping[str, Medium],
    layout: Layout,
    *,
    answers: bool,
) -> Document:
    data = _Data(media)
    sections = [
        {"title": title, "questions": [data.question(q) for q in form.questions if q.section == key]}
        for key, title in SECTIONS.items()
        if any(question.section == key for question in form.questions)
    ]
    named = f"Form {form.letter} · " if form.letter else ""
    identity = f"{named}quiz {quiz.digest} · seed {quiz.seed}"
    logo = None
    if layout.logo is not None:
        logo = data.image(layout.logo)
    appended = [] if answers or layout.answers != "appended" else [data.question(q) for q in form.questions]
    bubbles = [
        {"number": question.number, "letters": [choice.letter for choice in question.choices]}
        for question in form.questions
        if question.choices
    ]
    return Document(
        "sheet.typ",
        {
            "title": layout.title + (" – answers" if answers else ""),
            "subtitle": f"{named}{len(form.questions)} questions, {_total(form)} points",
            "authors": [author.text for author in deck.settings.authors],
            "language": deck.settings.language.text[:2],
            "foot": identity,
            "answers": answers,
            "instructions": "" if answers else layout.instructions,
            "total": _total(form),
            "sections": sections,
            "appended": appended,
            "strip": _strip(forms),
            "bubbles": bubbles if layout.answer_sheet and not answers else [],
            "layout": {
                "paper": {"letter": "us-letter"}.get(layout.paper, layout.paper),
                "columns": 1 if layout.large or answers else layout.columns,
                "size": 18 if layout.large else 11,
                "fonts": [*layout.fonts, SANS, *FALLBACK],
                "logo": logo,
                "logo-alt": f"Logo of {layout.institution}" if layout.institution else "Logo",
                "institution": layout.institution,
                "points": layout.points,
                "even": not answers,
            },
        },
        data.images,
    )


def _total(form: Form) -> int:
    return sum(question.points for question in form.questions)


STRIP_ROWS = 25
"""Questions in one part of the marking strip."""


def _strip(forms: Sequence[Form]) -> dict[str, Any]:
    """The letters of all forms side by side, and how to count."""
    letters = [{question.number: question.letters for question in form.questions if question.choices} for form in forms]
    numbers = sorted({number for of_form in letters for number in of_form})
    parts = []
    for start in range(0, len(numbers), STRIP_ROWS):
        rows = [
            [str(number), *(of_form.get(number, "") for of_form in letters)]
            for number in numbers[start : start + STRIP_ROWS]
        ]
        head = ["No.", *(form.letter or "Answer" for form in forms)]
        parts.append({"columns": len(head), "head": head, "rows": rows})
    rules = []
    if parts:
        rules.append("One point for each question with the right letter.")
    if any(question.several for form in forms for question in form.questions):
        rules.append("Where several answers are right: one point if exactly these are marked, else none.")
    if any(question.section != "choices" for form in forms for question in form.questions):
        rules.append("Gaps and written answers: one point each, one for each entry of a list.")
    return {"parts": parts, "rule": " ".join(rules)}


class _Data:
    """Questions as JSON, and the images in them."""

    def __init__(self, media: Mapping[str, Medium]) -> None:
        self.media = media
        self.images: dict[str, bytes] = {}

    def image(self, medium: Medium) -> str:
        self.images[medium.travels_as] = medium.data
        return medium.travels_as

    def question(self, question: Question) -> dict[str, Any]:
        length = sum(len(choice.letter) + _length(choice.text) for choice in question.choices) + _length(question.stem)
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
            "lines": [min(MOST_LINES, 1 + (characters * 5 // 4) // LINE) for characters in question.lines],
            "numbered": question.numbered,
            "points": question.points,
            "long": len(question.choices) > LONG[0] or length > LONG[1] or len(question.lines) > LONG[0],
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
                return {"tag": node.tag, "text": said(node.children)}
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
                width = min(18.0, max(5.0, 0.75 * int(node.value)))
                return {"tag": "gap", "width": width, "hint": node.note}
            case _:
                return {"tag": node.tag, "children": self.tree(node.children)}

    def items(self, node: Element) -> list[Any]:
        return [{"children": self.tree(item.children)} for item in _elements(node)]


def _elements(node: Element) -> list[Element]:
    return [child for child in node.children if isinstance(child, Element)]


def _length(nodes: Tree) -> int:
    return len(said(nodes))


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
