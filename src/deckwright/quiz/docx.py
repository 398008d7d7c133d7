"""Quizzes as Word documents, for teachers who adjust them. Only this module uses python-docx.

In: a quiz, its forms and a layout. Out: a .docx of each form, and one of its answers. Formulas are written as text.
"""

import re
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from io import BytesIO
from typing import Any, NamedTuple
from unicodedata import bidirectional
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import docx
from docx.enum.table import WD_TABLE_DIRECTION
from docx.enum.text import WD_TAB_ALIGNMENT, WD_TAB_LEADER
from docx.image.exceptions import InvalidImageStreamError, UnexpectedEndOfFileError, UnrecognizedImageError
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Emu, Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph

from deckwright.formats import File
from deckwright.markup import tex
from deckwright.markup.text import said
from deckwright.markup.tree import Element, Tree
from deckwright.problem import Problem
from deckwright.quiz.forms import Form, Question
from deckwright.quiz.gaps import Box, boxes
from deckwright.quiz.job import QuizJob
from deckwright.quiz.marking import Strip, gap_width, lines_for, marking_strip, source_line, total
from deckwright.quiz.pdf.engine import FALLBACK, SANS, Document, draw
from deckwright.quiz.select import SECTIONS
from deckwright.words import direction, primary

WIDEST, HIGHEST = 80, 120
"""The largest size of a picture, in millimetres."""

PITCH = Mm(9)
"""The distance between two lines to write on."""
DARK = RGBColor(0x22, 0x22, 0x22)
"""The colour of headings."""

UNREADABLE = (
    UnrecognizedImageError, InvalidImageStreamError, UnexpectedEndOfFileError, struct.error, ZeroDivisionError,
    ValueError, KeyError, IndexError,
)  # fmt: skip
"""What python-docx raises for pictures that it does not know or cannot read completely."""

NOT_BEFORE = datetime(2000, 1, 1)


def render(job: QuizJob) -> tuple[Iterator[File], list[Problem]]:
    """The documents of every form and its answer key, made as they are taken. May raise OSError."""
    return _files(job), []


def _files(job: QuizJob) -> Iterator[File]:
    pictures = _pictures(job)
    kinds = (False,) if job.layout.answers == "none" else (False, True)
    planned = [(place, form, answers) for place, form in enumerate(job.forms) for answers in kinds]
    for done, (place, form, answers) in enumerate(planned, 1):
        writer = _Writer(job, pictures, answers=answers)
        writer.sheet(form, answers=answers)
        about = "the answer key, to adjust: do not hand out" if answers else f"{job.about(place)}, to adjust"
        yield File(f"{job.layout.name}{form.ending}{'-ANSWERS' if answers else ''}.docx", writer.bytes(), about)
        if job.progress:
            job.progress(done, len(planned))


class _Picture(NamedTuple):
    """A picture as it is shown."""

    name: str
    """In cards/media/."""
    boxes: tuple[Box, ...]
    filled: bool
    """Whether the boxes hide what is below them."""


def _pictures(job: QuizJob) -> dict[_Picture, bytes]:
    """The pictures of the quiz. The PDF engine draws those that Word does not show (SVG, WebP), and boxes on any.
    Pictures that it cannot draw are left out."""
    used = {each for question in job.forms[0].questions for tree in _trees(question) for each in _used(tree)}
    known = sorted(each for each in used if each.name in job.media)
    drawn = [each for each in known if each.boxes or each.name.lower().endswith((".svg", ".webp"))]
    documents = [
        Document(
            "picture.typ",
            {
                "file": job.media[each.name].travels_as, "width": WIDEST, "height": HIGHEST, "boxes": each.boxes,
                "filled": each.filled, "fonts": [*job.layout.fonts, SANS, *FALLBACK],
            },
            {job.media[each.name].travels_as: job.media[each.name].data},
            "png",
        )
        for each in drawn
    ]  # fmt: skip
    drawings = dict(zip(drawn, draw(documents, job.layout.font_folders) if documents else (), strict=True))
    pictures = {each: drawings.get(each, job.media[each.name].data) for each in known}
    return {each: data for each, data in pictures.items() if isinstance(data, bytes)}


def _trees(question: Question) -> Iterator[Tree]:
    yield question.stem
    yield from (*question.answers, *question.also)
    for choice in question.choices:
        yield from (choice.text, choice.why or [])
    yield from (question.explanation or [], question.caveat or [])


def _used(nodes: Tree) -> Iterator[_Picture]:
    for node in nodes:
        if isinstance(node, Element):
            if node.tag in ("img", "masked"):
                yield _Picture(node.value, boxes(node), filled=False)
            if node.tag == "masked":
                yield _Picture(node.value, boxes(node), filled=True)
            yield from _used(node.children)


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


PLAIN, BOLD, ITALIC = Style(), Style(bold=True), Style(italic=True)


class _Writer:
    """One document in the making."""

    def __init__(self, job: QuizJob, pictures: Mapping[_Picture, bytes], *, answers: bool) -> None:
        self.job = job
        self.pictures = pictures
        self.answers = answers
        self.layout, self.words, self.language = job.layout, job.deck.words, str(job.deck.settings.language)
        self.document: Any = docx.Document()
        self.block: list[Any] = []
        """The paragraphs of the question in the making."""
        self.size = 18 if self.layout.large else 11
        self.step = Mm(0.8 * self.size)
        """How far a text is indented to make room for its number or letter."""
        self.width = self._page()
        self._properties()
        self._styles()

    def _page(self) -> int:
        """Sets up the pages, and returns the width of their text."""
        section = self.document.sections[0]
        paper = (Mm(215.9), Mm(279.4)) if self.layout.paper == "letter" else (Mm(210), Mm(297))
        section.page_width, section.page_height = paper
        section.left_margin = section.right_margin = section.bottom_margin = Mm(20)
        section.top_margin, section.header_distance, section.footer_distance = Mm(24), Mm(9), Mm(10)
        if self.right_to_left:
            section._sectPr.find(qn("w:docGrid")).addprevious(_element("bidi"))
        return int(paper[0] - 2 * Mm(20))

    @property
    def right_to_left(self) -> bool:
        """Whether the language is written from right to left."""
        return direction(self.language) == "rtl"

    def _properties(self) -> None:
        properties, deck = self.document.core_properties, self.job.deck
        properties.title, properties.language = self.layout.title[:255], self.language  # Word's limit
        properties.author = ", ".join(author for author in deck.settings.authors)[:255]
        properties.created = properties.modified = NOT_BEFORE

    def _styles(self) -> None:
        """Sets font, language, spaces and direction. All other styles inherit from Normal."""
        styles = self.document.styles
        sizes = {"Normal": self.size, "Heading 1": self.size * 1.5, "Heading 2": self.size * 1.2}
        for name, size in sizes.items():
            style = styles[name]
            style.font.size = Pt(size)
            properties = style.element.rPr
            for old in (*properties.findall(qn("w:rFonts")), *properties.findall(qn("w:szCs"))):
                properties.remove(old)
            style.font.name = "Arial"
            properties.find(qn("w:rFonts")).set(qn("w:cs"), "Arial")
            properties.find(qn("w:sz")).addnext(_element("szCs", val=str(round(2 * size))))
        for name in ("Heading 1", "Heading 2"):
            styles[name].font.color.rgb = DARK
            styles[name].paragraph_format.space_before = Pt(0 if name == "Heading 1" else 1.3 * self.size)
            styles[name].paragraph_format.space_after = Pt(4)
        normal = styles["Normal"].paragraph_format
        normal.space_after, normal.line_spacing, normal.widow_control = Pt(4), 1.1, True
        if self.right_to_left:
            styles["Normal"].element.pPr.find(qn("w:spacing")).addprevious(_element("bidi"))
        language = styles.element.find(f".//{qn('w:docDefaults')}//{qn('w:lang')}")
        language.set(qn("w:bidi" if self.right_to_left else "w:val"), self.language)
        for name in ("Header", "Footer"):
            styles[name].paragraph_format.tab_stops.clear_all()
        styles["Footer"].font.size = Pt(9)

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

    # --- the sheet -------------------------------------------------------------------------------------------------

    def sheet(self, form: Form, *, answers: bool) -> None:
        layout, words = self.layout, self.words
        self.head(form, answers=answers)
        self.foot(form, answers=answers)
        if layout.institution:
            self.run(self.paragraph(), layout.institution)
        title = words.say("answers_of", title=layout.title) if answers else layout.title
        self.run(self.document.add_heading(level=1), title)
        questions = f"{words.count('questions', len(form.questions))}, {words.count('points', total(form))}"
        self.own(self.paragraph(), form.named + questions)
        if answers:
            self.strip(marking_strip(self.job.forms, words))
        else:
            paragraph = self.of_words(self.paragraph())
            self.to_fill_in(paragraph, f"{words['date']} ", 0.4)
            self.to_fill_in(paragraph, f"  {words['score']} ", 0.6)
            self.run(paragraph, f" / {total(form)}")
            if layout.instructions:
                self.run(self.paragraph(), layout.instructions)
            if any(question.choices for question in form.questions):
                self.own(self.of_words(self.paragraph()), words["circle_letters"])
            self.close()
        for key in SECTIONS:
            of_section = [question for question in form.questions if question.section == key]
            if of_section:
                self.own(self.document.add_heading(level=2), words[key])
            for question in of_section:
                self.question(question, answers=answers)

    def head(self, form: Form, *, answers: bool) -> None:
        """The head of every page: a line for the name or a warning, and the form's letter, to be read from afar."""
        paragraph = self.of_words(self.document.sections[0].header.paragraphs[0])
        if answers:
            self.own(paragraph, self.words["do_not_hand_out"], BOLD)
        else:
            self.to_fill_in(paragraph, f"{self.words['name']} ", 0.75)
        if form.letter:
            paragraph.paragraph_format.tab_stops.add_tab_stop(self.width, WD_TAB_ALIGNMENT.RIGHT)
            self.run(paragraph, "\t")
            run = self.run(paragraph, f"\u00a0{form.letter}\u00a0", BOLD)
            run.font.size = Pt(28)
            border = _element("bdr", val="single", sz="12", space="0", color="auto")
            run._r.rPr.append(border)

    def foot(self, form: Form, *, answers: bool) -> None:
        """The foot of every page, with its number."""
        paragraph = self.of_words(self.document.sections[0].footer.paragraphs[0])
        paragraph.paragraph_format.tab_stops.add_tab_stop(self.width, WD_TAB_ALIGNMENT.RIGHT)
        warning = f" · {self.words['do_not_hand_out']}" if answers else ""
        self.own(paragraph, f"{form.named}{self.job.identity}{warning}\t")
        for piece in re.split(r"(\{\w+\})", self.words["page_of"]):
            if piece in _FIELDS:
                field = _element("fldSimple", instr=_FIELDS[piece])
                run = self.own(paragraph, "1")
                paragraph._p.append(field)
                field.append(run._r)
            elif piece:
                self.own(paragraph, piece)

    def to_fill_in(self, paragraph: Any, text: str, until: float) -> None:
        """A text, and a line up to this part of the width."""
        stops = paragraph.paragraph_format.tab_stops
        # A line that ends exactly at the margin is broken by some programs.
        stops.add_tab_stop(int(self.width * until) - Pt(1), WD_TAB_ALIGNMENT.LEFT, WD_TAB_LEADER.LINES)
        self.own(paragraph, f"{text}\t")

    def strip(self, strip: Strip) -> None:
        for rows in strip.tables:
            self.table(0, [[[cell] for cell in row] for row in rows], head=True)
            self.paragraph()
        self.own(self.of_words(self.paragraph()), strip.rule)
        self.close()

    def question(self, question: Question, *, answers: bool) -> None:
        start = self.paragraph(f"{question.number}.", style=BOLD)
        start.paragraph_format.space_before = Pt(0.7 * self.size)
        paragraph = self.rich(start, question.stem)
        if question.status and (answers or self.layout.status):
            self.own(paragraph, f" [{question.status}]", ITALIC)
        if self.layout.points and not answers:
            self.own(paragraph, f" ({self.words.count('points', question.points)})")
        if question.several:
            self.own(paragraph, f" {self.words['several_right']}", ITALIC)
        if answers:
            self.answer(question)
        else:
            for choice in question.choices:
                self.rich(self.paragraph(f"{choice.letter}.", at=1), choice.text)
            self.lines(question)
        self.close()

    def lines(self, question: Question) -> None:
        """The lines to write on, up to the margin."""
        for place, number in enumerate(lines_for(question, self.layout.lines), 1):
            paragraph = self.paragraph(f"{place}." if question.numbered else "", at=1)
            self.to_fill_in(paragraph, "\t\n" * (number - 1), 1)
            paragraph.paragraph_format.line_spacing = PITCH / Pt(1.15 * self.size)

    def answer(self, question: Question) -> None:
        words = self.words
        if question.notice:
            self.own(self.paragraph(at=1), question.notice, BOLD)
        for choice in question.choices:
            if choice.correct or choice.why:
                paragraph = self.paragraph(at=1)
                said_of = words.say("is_right" if choice.correct else "is_wrong", letter=choice.letter)
                self.own(paragraph, f"{said_of} ", BOLD)
                paragraph = self.rich(paragraph, choice.text)
                if choice.why:
                    self.run(paragraph, " – ")
                    self.rich(paragraph, choice.why)
        if not question.choices:
            several = len(question.answers) > 1
            for place, answer in enumerate(question.answers, 1):
                label = f"{place}." if question.numbered else "•" if several else ""
                self.rich(self.paragraph(label, at=1), answer, BOLD)
        if question.also:
            paragraph = self.paragraph(at=1)
            self.own(paragraph, f"{words['also_counts']} ")
            for place, also in enumerate(question.also):
                self.run(paragraph, " · " if place else "")
                self.rich(paragraph, also)
        for tree in (question.explanation, question.caveat):
            if tree:
                self.rich(self.paragraph(at=1), tree)
        self.run(self.paragraph(at=1), source_line(question), ITALIC)

    # --- its parts -------------------------------------------------------------------------------------------------

    def paragraph(self, label: str = "", *, at: int = 0, style: Style = PLAIN) -> Any:
        """A new paragraph at the end, indented by some steps, with its label to the left of the text."""
        return self._indented(at * self.step, label, style)

    def _indented(self, indent: int, label: str, style: Style = PLAIN) -> Any:
        # document.add_paragraph() would go through all paragraphs each time.
        element = _element("p")
        self.document.element.body.sectPr.addprevious(element)
        paragraph = Paragraph(element, self.document._body)
        self.block.append(paragraph)
        if indent or label:
            paragraph.paragraph_format.left_indent = indent + (self.step if label else 0)
        if label:
            paragraph.paragraph_format.first_line_indent = -self.step
            self.run(paragraph, f"{label}\t", style)
        return paragraph

    def like(self, paragraph: Any, label: str = "") -> Any:
        """A new paragraph at the end, indented like another, or one step more if it has a label."""
        return self._indented(paragraph.paragraph_format.left_indent or 0, label)

    def at_start(self, paragraph: Any) -> Any:
        """The paragraph if there is nothing in it but a label; otherwise a new one like it."""
        runs = paragraph._p.r_lst
        return paragraph if all(run.text.endswith("\t") for run in runs) else self.like(paragraph)

    def close(self) -> None:
        """Ends a question: it stays on one page if it can. Empty paragraphs become a small space after a table, and
        go elsewhere."""
        kept = []
        for paragraph in self.block:
            if len(paragraph._p) > (paragraph._p.pPr is not None):
                kept.append(paragraph)
            elif paragraph._p.getprevious().tag == qn("w:tbl"):
                kept.append(paragraph)
                paragraph.paragraph_format.line_spacing, paragraph.paragraph_format.space_after = Pt(6), Pt(0)
            else:
                paragraph._p.getparent().remove(paragraph._p)
        for place, paragraph in enumerate(kept, 1):
            paragraph.paragraph_format.keep_together = True
            paragraph.paragraph_format.keep_with_next = place < len(kept)
        self.block = []

    def run(self, paragraph: Any, text: str, style: Style = PLAIN) -> Any:
        """Adds text to a paragraph."""
        run = paragraph.add_run(_allowed(text))
        style.put_on(run)
        if self.right_to_left or not text.isascii():
            strong = {bidirectional(character) for character in text}
            if strong & {"R", "AL"} or (self.right_to_left and "L" not in strong):
                run.font.rtl, run.font.cs_bold, run.font.cs_italic = True, style.bold or None, style.italic or None
        return run

    def of_words(self, paragraph: Any) -> Any:
        """The paragraph, in the direction of what the program says."""
        if self.right_to_left and direction(self.words.language) == "ltr":
            paragraph._p.get_or_add_pPr().append(_element("bidi", val="0"))
        return paragraph

    def own(self, paragraph: Any, text: str, style: Style = PLAIN) -> Any:
        """Adds what the program says, which may be in another language than the deck."""
        run = self.run(paragraph, text, style)
        if primary(self.words.language) != primary(self.language):
            run._r.get_or_add_rPr().append(_element("lang", val=self.words.language))
        return run

    def rich(self, paragraph: Any, nodes: Sequence[Element | str], style: Style = PLAIN) -> Any:
        """Adds a tree's text to a paragraph. Blocks after the first are new paragraphs, indented like it. Returns the
        paragraph for the text that follows."""
        for node in nodes:
            if isinstance(node, str):
                self.run(paragraph, node, style)
            else:
                paragraph = ELEMENTS[node.tag](self, paragraph, node, style)
        return paragraph

    def table(self, indent: int, rows: Sequence[Sequence[Tree]], *, head: bool) -> None:
        """Adds a table at the end of the document. With `head`, its first row is repeated on every page."""
        table = self.document.add_table(len(rows), len(rows[0]), style="Table Grid")
        if self.right_to_left:
            table.table_direction = WD_TABLE_DIRECTION.RTL
            indent = 0  # Not all programs measure it from the right.
        table._tbl.tblPr.find(qn("w:tblW")).addnext(_element("tblInd", w=str(Emu(indent).twips), type="dxa"))
        width = (self.width - indent) // len(rows[0])
        for place, (row, table_row) in enumerate(zip(rows, table.rows, strict=True)):
            properties = table_row._tr.get_or_add_trPr()
            properties.append(_element("cantSplit"))
            if head and place == 0:
                properties.append(_element("tblHeader"))
            for cell, into in zip(row, table_row.cells, strict=False):
                into.width = width
                self.rich(into.paragraphs[0], cell, Style(bold=head and place == 0))


_FIELDS = {"{page}": "PAGE", "{pages}": "NUMPAGES"}
"""The fields of Word for the placeholders of `page_of`."""


def _element(name: str, **values: str) -> Any:
    """An element of a Word document, with its attributes."""
    element = OxmlElement(f"w:{name}")
    for attribute, value in values.items():
        element.set(qn(f"w:{attribute}"), value)
    return element


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
    return writer.rich(writer.at_start(paragraph), node.children, style)


def _bulleted(writer: _Writer, paragraph: Any, node: Element, style: Style) -> Any:
    for item in _elements(node):
        writer.rich(writer.like(paragraph, "•"), item.children, style)
    return writer.like(paragraph)


def _numbered(writer: _Writer, paragraph: Any, node: Element, style: Style) -> Any:
    for number, item in enumerate(_elements(node), int(node.value or 1)):
        writer.rich(writer.like(paragraph, f"{number}."), item.children, style)
    return writer.like(paragraph)


def _table(writer: _Writer, paragraph: Any, node: Element, style: Style) -> Any:
    rows = _elements(node)
    cells = [[cell.children for cell in _elements(row)] for row in rows]
    writer.table(paragraph.paragraph_format.left_indent or 0, cells, head=rows[0].tag == "thead")
    after = writer.like(paragraph)
    after.paragraph_format.space_before = Pt(4)
    return after


def _image(writer: _Writer, paragraph: Any, node: Element, style: Style) -> Any:
    """A picture with its masks, or its description if the picture cannot be shown."""
    masks = node.tag == "masked"
    description = _allowed(node.note if masks else said(node.children))
    shown = _Picture(node.value, boxes(node), filled=masks and not writer.answers)
    if masks:
        paragraph.add_run().add_break()
    try:
        picture = paragraph.add_run().add_picture(BytesIO(writer.pictures[shown]))
    except UNREADABLE:
        writer.own(paragraph, writer.words.say("picture_gone", description=description))
        return paragraph
    scale = min(Mm(WIDEST) / picture.width, Mm(HIGHEST) / picture.height)
    picture.width, picture.height = int(picture.width * scale), int(picture.height * scale)
    picture._inline.docPr.set("descr", description)
    return paragraph


def _formula(writer: _Writer, paragraph: Any, node: Element, style: Style) -> Any:
    source = said(node.children)
    formula = tex.parse(source)
    writer.run(paragraph, tex.spoken(formula) if formula else f"${source}$")
    return paragraph


def _gap(writer: _Writer, paragraph: Any, node: Element, style: Style) -> Any:
    writer.run(paragraph, "_" * gap_width(int(node.value)) + (f" ({node.note})" if node.note else ""))
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
    "masked": _image,
    "math": _formula,
    "gap": _gap,
}
"""How each tag of a quiz's trees is added to a paragraph."""
PARTS = frozenset({"thead", "tr", "td", "li", "mask"})
"""Tags that the functions for tables, lists and pictures handle."""


def _elements(node: Element) -> list[Element]:
    return [child for child in node.children if isinstance(child, Element)]


def _allowed(text: str) -> str:
    """Text without the characters that XML cannot hold."""
    return "".join(character for character in text if character >= " " or character in "\t\n")
