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
from deckwright.load import DECK, SOURCES
from deckwright.markup import Element, Tree, said
from deckwright.model import CardKind, Deck, written
from deckwright.problem import Problem, Span
from deckwright.quiz import SECTIONS, Form, Question, Quiz

LINE = 55
"""Characters of handwriting that a line on paper takes."""

MOST_LINES = 12
LONG = 34
"""Lines of 11 pt that fit on a page in any case. A question that takes more may be split over two."""


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
        count = counted(len(form.questions), "question")
        if not answers_only:
            names.append((f"{layout.name}{ending}.pdf", count))
            documents.append(_document(quiz, form, forms, deck, media, layout, answers=False))
        if answers_only or layout.answers == "separate":
            names.append((f"{layout.name}{ending}-ANSWERS.pdf", "the answers: do not hand out"))
            documents.append(_document(quiz, form, forms, deck, media, layout, answers=True))
    made = render(documents, layout.font_folders)
    files = [File(name, pdf, about) for (name, about), pdf in zip(names, made, strict=True) if isinstance(pdf, bytes)]
    faults = [pdf for pdf in made if isinstance(pdf, Fault)]
    problems = _explained(faults, documents, quiz, cards, deck, media, layout)
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
    data = _Data(media, layout)
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
                "highest": 6,
            },
        },
        data.images,
    )
    [made] = render([document], layout.font_folders)
    if isinstance(made, Fault):
        return [], _explained([made], [document], quiz, cards, deck, media, layout)
    about = (
        f"{counted(len(form.questions), 'card')} to cut out; print on both sides, turned over the {cutting.flip} edge"
    )
    return [File(f"{layout.name}-flashcards.pdf", made, about)], []


def _problems(fault: Fault, quiz: Quiz, cards: Mapping[str, CardKind], deck: Deck) -> Iterable[Problem]:
    """Where the signs stand that no font has."""
    hint = "name a folder with a font that has it: --font-path DIR --font 'Its Name'"
    for sign in sorted(set(fault.missing)):
        what = f"no font has the sign {sign!r} (U+{ord(sign):04X})"
        places = []
        for chosen in quiz.questions:
            card = cards[chosen.id]
            texts = [*written(card), *(("sources", citation.locator) for citation in card.sources)]
            at = Span(card.span.file, card.id.line, card.id.column)
            places += [(at, f"{what} in `{key}` of card {chosen.id}") for key, text in texts if sign in text]
        for source in deck.sources.values():
            if sign in f"{source.title}{source.authors}":
                places.append((Span(SOURCES, source.id.line, source.id.column), f"{what}, of source {source.id}"))
        for at, message in places or [(Span(DECK), f"{what}: look at titles, names and pictures")]:
            yield Problem(at, "missing-glyph", message, hint)
    if not fault.missing:
        message = f"the PDF engine says: {fault.message}"
        yield Problem(Span("cards"), "not-printable", message, "look at the pictures of these cards")


def _explained(
    faults: Sequence[Fault],
    documents: Sequence[Document],
    quiz: Quiz,
    cards: Mapping[str, CardKind],
    deck: Deck,
    media: Mapping[str, Medium],
    layout: Layout,
) -> list[Problem]:
    """Faults as problems that name their place."""
    if any(not fault.missing for fault in faults):
        pictures = sorted(_bad_pictures(documents, media, layout))
        if pictures:
            return pictures
    return sorted({problem for fault in faults for problem in _problems(fault, quiz, cards, deck)})


def _bad_pictures(documents: Sequence[Document], media: Mapping[str, Medium], layout: Layout) -> Iterable[Problem]:
    """The pictures that the engine cannot draw: each is tried alone."""
    images = {name: data for document in documents for name, data in document.images.items()}
    known = {medium.travels_as: name for name, medium in media.items()}
    tried = [Document("image.typ", {"file": name}, {name: data}) for name, data in images.items()]
    for name, made in zip(images, render(tried, layout.font_folders), strict=True):
        if isinstance(made, Fault):
            at = Span(f"cards/media/{known[name]}") if name in known else Span(name)
            message = f"this picture cannot be printed: {made.message.splitlines()[0]}"
            yield Problem(at, "bad-picture", message, "save it anew, without links to other files")


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
    data = _Data(media, layout)
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
    strip = marking_strip(forms)
    appended = [] if answers or layout.answers != "appended" else [data.question(q) for q in form.questions]
    bubbles = [
        {"number": question.number, "letters": [choice.letter for choice in question.choices]}
        for question in form.questions
        if question.choices
    ]
    return Document(
        "sheet.typ",
        {
            "title": broken(layout.title + (" – answers" if answers else "")),
            "subtitle": f"{named}{counted(len(form.questions), 'question')}, {counted(_total(form), 'point')}",
            "authors": [author.text for author in deck.settings.authors],
            "language": deck.settings.language.text[:2],
            "foot": identity,
            "answers": answers,
            "instructions": "" if answers else broken(layout.instructions),
            "total": _total(form),
            "sections": sections,
            "appended": appended,
            "strip": {
                "rule": strip.rule,
                "parts": [{"columns": len(rows[0]), "head": rows[0], "rows": rows[1:]} for rows in strip.tables],
            },
            "bubbles": bubbles if layout.answer_sheet and not answers else [],
            "layout": {
                "paper": {"letter": "us-letter"}.get(layout.paper, layout.paper),
                "columns": 1 if layout.large or answers else layout.columns,
                "size": 18 if layout.large else 11,
                "fonts": [*layout.fonts, SANS, *FALLBACK],
                "highest": 14,
                "logo": logo,
                "logo-alt": f"Logo of {layout.institution}" if layout.institution else "Logo",
                "institution": broken(layout.institution),
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
        letters = [{question.number: question.letters for question in form.questions} for form in part]
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
    return Strip(tables, " ".join([*rules, f"{counted(_total(forms[0]), 'point')} in all."]))


def counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


class _Data:
    """Questions as JSON, and the images in them."""

    def __init__(self, media: Mapping[str, Medium], layout: Layout) -> None:
        self.media = media
        self.scale = 2.7 if layout.large else 2.0 if layout.columns > 1 else 1.0
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
            "lines": [_lines(characters) for characters in question.lines],
            "numbered": question.numbered,
            "points": question.points,
            "long": _height(question) * self.scale > LONG,
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


def _lines(characters: int) -> int:
    """Lines to write an answer of so many characters on."""
    return min(MOST_LINES, 1 + (characters * 5 // 4) // LINE)


def gap_width(characters: int) -> int:
    """Characters of an open gap: one of three widths, so that it does not tell how long the word is."""
    return 12 if characters <= 10 else 20 if characters <= 25 else 30


def _height(question: Question) -> float:
    """About how many lines of 11 pt a question takes in one column."""
    choices = sum(_tall(choice.text) for choice in question.choices)
    return _tall(question.stem) + choices + 1.7 * sum(map(_lines, question.lines))


def _tall(nodes: Tree) -> float:
    """About how many lines a text takes."""
    lines = 1 + len(said(nodes)) / 80
    for node in nodes:
        if isinstance(node, Element):
            own = {"img": 12.0, "tr": 0.6, "li": 0.5, "p": 0.5, "pre": 1.0}.get(node.tag, 0.0)
            lines += own + _tall(node.children) - 1
    return lines


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
