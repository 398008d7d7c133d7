"""Quizzes as Word documents, for teachers who adjust them. Only this module uses python-docx.

In: a quiz, its forms and a layout. Out: a .docx of each form, and one of its answers. Formulas are written as text.
"""

import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from io import BytesIO
from typing import Any, NamedTuple
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import docx
from docx.image.exceptions import InvalidImageStreamError, UnexpectedEndOfFileError, UnrecognizedImageError
from docx.shared import Mm, Pt

from deckwright.formats import File
from deckwright.markup import tex
from deckwright.markup.text import said
from deckwright.markup.tree import Element, Tree
from deckwright.problem import Problem
from deckwright.quiz.forms import Form, Question
from deckwright.quiz.job import QuizJob
from deckwright.quiz.marking import Strip, gap_width, lines_to_write, marking_strip, source_line, total
from deckwright.quiz.pdf.engine import Document, draw
from deckwright.quiz.select import SECTIONS
from deckwright.terminal import counted

WIDEST, HIGHEST = 80, 120
"""The largest size of a picture, in millimetres."""

UNREADABLE = (
    UnrecognizedImageError, InvalidImageStreamError, UnexpectedEndOfFileError, struct.error, ZeroDivisionError,
    ValueError, KeyError, IndexError,
)  # fmt: skip
"""What python-docx raises for pictures that it does not know or cannot read completely."""

NOT_BEFORE = datetime(2000, 1, 1)


def render(job: QuizJob) -> tuple[list[File], list[Problem]]:
    """The documents of every form and its answer key. May raise OSError."""
    files = []
    pictures = _pictures(job)
    for place, form in enumerate(job.forms):
        for answers in (False, True) if job.layout.answers != "none" else (False,):
            writer = _Writer(job, pictures)
            writer.sheet(form, answers=answers)
            about = "the answer key, to adjust: do not hand out" if answers else f"{job.about(place)}, to adjust"
            name = f"{job.layout.name}{form.ending}{'-ANSWERS' if answers else ''}.docx"
            files.append(File(name, writer.bytes(), about))
    return files, []


def _pictures(job: QuizJob) -> dict[str, bytes]:
    """The pictures of the quiz, by their names in cards/media/. The PDF engine draws those that Word does not show
    (SVG, WebP). Pictures that it cannot draw are left out."""
    used = {name for question in job.forms[0].questions for tree in _trees(question) for name in _images(tree)}
    names = sorted(used & set(job.media))
    drawn = [name for name in names if name.lower().endswith((".svg", ".webp"))]
    documents = [
        Document(
            "picture.typ",
            {"file": job.media[name].travels_as, "width": WIDEST, "height": HIGHEST},
            {job.media[name].travels_as: job.media[name].data},
            "png",
        )
        for name in drawn
    ]
    drawings = dict(zip(drawn, draw(documents, job.layout.font_folders) if documents else (), strict=True))
    pictures = {name: drawings.get(name, job.media[name].data) for name in names}
    return {name: data for name, data in pictures.items() if isinstance(data, bytes)}


def _trees(question: Question) -> Iterator[Tree]:
    yield question.stem
    yield from (*question.answers, *question.also)
    for choice in question.choices:
        yield from (choice.text, choice.why or [])
    yield from (question.explanation or [], question.caveat or [])


def _images(nodes: Tree) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, Element):
            if node.tag == "img":
                yield node.value
            yield from _images(node.children)


class Style(NamedTuple):
    """How a run of text looks."""

    bold: bool = False
    italic: bool = False
    raised: str = ""
    """`subscript`, `superscript` or empty."""

    def put_on(self, run: Any) -> None:
        run.bold = self.bold or None
        if self.italic:
            run.italic = True
        if self.raised:
            setattr(run.font, self.raised, True)


PLAIN = Style()


class _Writer:
    """One document in the making."""

    def __init__(self, job: QuizJob, pictures: Mapping[str, bytes]) -> None:
        self.job = job
        self.pictures = pictures
        self.layout = layout = job.layout
        deck = job.deck
        self.document: Any = docx.Document()
        properties = self.document.core_properties
        properties.title, properties.language = layout.title[:255], deck.settings.language  # Word's limit
        properties.author = ", ".join(author for author in deck.settings.authors)[:255]
        properties.created = properties.modified = NOT_BEFORE
        style = self.document.styles["Normal"]
        style.font.size, style.font.name = Pt(18 if layout.large else 11), "Arial"
        section = self.document.sections[0]
        size = (Mm(215.9), Mm(279.4)) if layout.paper == "letter" else (Mm(210), Mm(297))
        section.page_width, section.page_height = size

    def bytes(self) -> bytes:
        """The document, without times in its zip."""
        stream = BytesIO()
        self.document.save(stream)
        packed = BytesIO()
        with ZipFile(stream) as saved, ZipFile(packed, "w", ZIP_DEFLATED) as archive:
            for name in saved.namelist():
                entry = ZipInfo(name, (1980, 1, 1, 0, 0, 0))
                entry.compress_type = ZIP_DEFLATED
                archive.writestr(entry, saved.read(name))
        return packed.getvalue()

    def sheet(self, form: Form, *, answers: bool) -> None:
        footer = self.document.sections[0].footer.paragraphs[0]
        footer.text = form.named + self.job.identity
        if answers:
            self.document.sections[0].header.paragraphs[0].text = "ANSWERS – do not hand out"
            footer.text += " · ANSWERS – do not hand out"
        self.document.add_heading(self.layout.title + (" – answers" if answers else ""), 1)
        if self.layout.institution:
            self.document.add_paragraph(self.layout.institution)
        if not answers:
            self.document.add_paragraph(f"Name {'_' * 28}   Date {'_' * 12}   Score ____ / {total(form)}")
            if self.layout.instructions:
                self.document.add_paragraph(self.layout.instructions)
        else:
            self.strip(marking_strip(self.job.forms, self.job.deck.words))
        for key, title in SECTIONS.items():
            of_section = [question for question in form.questions if question.section == key]
            if of_section:
                self.document.add_heading(title, 2)
            for question in of_section:
                self.question(question, answers=answers)

    def strip(self, strip: Strip) -> None:
        for rows in strip.tables:
            table = self.document.add_table(len(rows), len(rows[0]), style="Table Grid")
            for place, (row, table_row) in enumerate(zip(rows, table.rows, strict=True)):
                for text, cell in zip(row, table_row.cells, strict=True):
                    cell.paragraphs[0].add_run(text).bold = place == 0
            self.document.add_paragraph()
        self.document.add_paragraph(strip.rule)

    def question(self, question: Question, *, answers: bool) -> None:
        paragraph = self.document.add_paragraph()
        paragraph.paragraph_format.keep_with_next = bool(question.choices)
        paragraph.add_run(f"{question.number}. ").bold = True
        self.rich(paragraph, question.stem)
        if question.status:
            paragraph.add_run(f" [{question.status}]").italic = True
        if self.layout.points and not answers:
            paragraph.add_run(f" ({counted(question.points, 'point')})")
        if question.several:
            paragraph.add_run(" Several answers are right.").italic = True
        if answers:
            self.answer(question)
            return
        for place, choice in enumerate(question.choices, 1):
            option = self.document.add_paragraph(f"{choice.letter}. ")
            option.paragraph_format.left_indent = Mm(8)
            option.paragraph_format.keep_with_next = place < len(question.choices)
            self.rich(option, choice.text)
        for place, length in enumerate(question.lines, 1):
            label = f"{place}. " if question.numbered else ""
            for _ in range(lines_to_write(length)):
                self.document.add_paragraph(label + "_" * 60)
                label = ""

    def answer(self, question: Question) -> None:
        if question.notice:
            self.document.add_paragraph().add_run(question.notice).bold = True
        for choice in question.choices:
            if choice.correct or choice.why:
                paragraph = self.document.add_paragraph()
                paragraph.add_run(f"{choice.letter} {'is right' if choice.correct else 'is wrong'}: ").bold = True
                self.rich(paragraph, choice.text)
                if choice.why:
                    paragraph.add_run(" – ")
                    self.rich(paragraph, choice.why)
        if not question.choices:
            style = "List Number" if question.numbered else "List Bullet" if len(question.answers) > 1 else None
            paragraphs = [self.document.add_paragraph(style=style) for _ in question.answers]
            if question.numbered:
                self.numbered_from_one(paragraphs)
            for paragraph, answer in zip(paragraphs, question.answers, strict=True):
                self.rich(paragraph, answer, Style(bold=True))
        if question.also:
            paragraph = self.document.add_paragraph("Also counts: ")
            for place, also in enumerate(question.also):
                paragraph.add_run(" · " if place else "")
                self.rich(paragraph, also)
        for tree in (question.explanation, question.caveat):
            if tree:
                self.rich(self.document.add_paragraph(), tree)
        self.document.add_paragraph().add_run(source_line(question)).italic = True

    def numbered_from_one(self, paragraphs: Sequence[Any]) -> None:
        """Makes these paragraphs a list that starts at 1. Otherwise Word continues one list of that style through
        the whole document."""
        numbering = self.document.part.numbering_part.numbering_definitions._numbering
        of_style = self.document.styles["List Number"].element.pPr.numPr.numId.val
        new_list = numbering.add_num(numbering.num_having_numId(of_style).abstractNumId.val)
        new_list.add_lvlOverride(ilvl=0).add_startOverride(1)
        for paragraph in paragraphs:
            numbers = paragraph._p.get_or_add_pPr().get_or_add_numPr()
            numbers.get_or_add_ilvl().val = 0
            numbers.get_or_add_numId().val = new_list.numId

    def rich(self, paragraph: Any, nodes: Sequence[Element | str], style: Style = PLAIN) -> Any:
        """Adds a tree's text to a paragraph; blocks continue in it, on a new line. Returns the paragraph for the text
        that follows: after a table it is a new one."""
        for node in nodes:
            if isinstance(node, str):
                style.put_on(paragraph.add_run(_allowed(node)))
            else:
                paragraph = ELEMENTS[node.tag](self, paragraph, node, style)
        return paragraph


# --- one function for each tag -------------------------------------------------------------------------------------


def _plain(writer: _Writer, paragraph: Any, node: Element, style: Style) -> Any:
    return writer.rich(paragraph, node.children, style)


def _strong(writer: _Writer, paragraph: Any, node: Element, style: Style) -> Any:
    return writer.rich(paragraph, node.children, style._replace(bold=True))


def _em(writer: _Writer, paragraph: Any, node: Element, style: Style) -> Any:
    return writer.rich(paragraph, node.children, style._replace(italic=True))


def _sub(writer: _Writer, paragraph: Any, node: Element, style: Style) -> Any:
    return writer.rich(paragraph, node.children, style._replace(raised="subscript"))


def _sup(writer: _Writer, paragraph: Any, node: Element, style: Style) -> Any:
    return writer.rich(paragraph, node.children, style._replace(raised="superscript"))


def _break(writer: _Writer, paragraph: Any, node: Element, style: Style) -> Any:
    paragraph.add_run().add_break()
    return paragraph


def _paragraph(writer: _Writer, paragraph: Any, node: Element, style: Style) -> Any:
    paragraph = writer.rich(paragraph, node.children, style)
    paragraph.add_run("\n")
    return paragraph


def _bulleted(writer: _Writer, paragraph: Any, node: Element, style: Style) -> Any:
    for item in _elements(node):
        paragraph.add_run("\n• ")
        paragraph = writer.rich(paragraph, item.children, style)
    return paragraph


def _numbered(writer: _Writer, paragraph: Any, node: Element, style: Style) -> Any:
    for number, item in enumerate(_elements(node), int(node.value or 1)):
        paragraph.add_run(f"\n{number}. ")
        paragraph = writer.rich(paragraph, item.children, style)
    return paragraph


def _table(writer: _Writer, paragraph: Any, node: Element, style: Style) -> Any:
    """A table at the end of the document."""
    rows = [_elements(row) for row in _elements(node)]
    table = writer.document.add_table(len(rows), len(rows[0]), style="Table Grid")
    for place, (row, table_row) in enumerate(zip(rows, table.rows, strict=True)):
        for cell, into in zip(row, table_row.cells, strict=False):
            writer.rich(into.paragraphs[0], cell.children, Style(bold=place == 0))
    return writer.document.add_paragraph()


def _image(writer: _Writer, paragraph: Any, node: Element, style: Style) -> Any:
    """A picture, or its description if the picture cannot be shown."""
    words = _allowed(said(node.children))
    try:
        picture = paragraph.add_run().add_picture(BytesIO(writer.pictures[node.value]))
    except UNREADABLE:
        paragraph.add_run(f"[picture: {words}]")
        return paragraph
    scale = min(Mm(WIDEST) / picture.width, Mm(HIGHEST) / picture.height)
    picture.width, picture.height = int(picture.width * scale), int(picture.height * scale)
    picture._inline.docPr.set("descr", words)
    return paragraph


def _formula(writer: _Writer, paragraph: Any, node: Element, style: Style) -> Any:
    source = said(node.children)
    formula = tex.parse(source)
    paragraph.add_run(_allowed(tex.spoken(formula) if formula else f"${source}$"))
    return paragraph


def _gap(writer: _Writer, paragraph: Any, node: Element, style: Style) -> Any:
    paragraph.add_run("_" * gap_width(int(node.value)))
    if node.note:
        paragraph.add_run(f" ({_allowed(node.note)})")
    return paragraph


ELEMENTS: Mapping[str, Callable[[_Writer, Any, Element, Style], Any]] = {
    "p": _paragraph,
    "br": _break,
    "strong": _strong,
    "em": _em,
    "sub": _sub,
    "sup": _sup,
    "code": _plain,
    "a": _plain,
    "ul": _bulleted,
    "ol": _numbered,
    "table": _table,
    "img": _image,
    "math": _formula,
    "gap": _gap,
}
"""How each tag of a quiz's trees is added to a paragraph."""
PARTS = frozenset({"thead", "tr", "td", "li"})
"""Tags that the functions for tables and lists handle."""


def _elements(node: Element) -> list[Element]:
    return [child for child in node.children if isinstance(child, Element)]


def _allowed(text: str) -> str:
    """Text without the characters that XML cannot hold."""
    return "".join(character for character in text if character >= " " or character in "\t\n")
