"""A Word document that grows at its end: paragraphs, runs of text, lines to fill in, tables and pictures.

In: texts, and how they look. Out: the bytes of a .docx. It is apart because it knows Word and nothing of quizzes.
"""

import struct
from io import BytesIO
from typing import Any, NamedTuple
from unicodedata import bidirectional
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from docx.enum.table import WD_TABLE_DIRECTION
from docx.enum.text import WD_TAB_ALIGNMENT, WD_TAB_LEADER
from docx.image.exceptions import InvalidImageStreamError, UnexpectedEndOfFileError, UnrecognizedImageError
from docx.oxml.ns import qn
from docx.shared import Emu, Mm, Pt
from docx.text.paragraph import Paragraph

from deckwright.model import Deck
from deckwright.quiz.docx.blank import blank, element, width_of_text
from deckwright.quiz.job import Layout
from deckwright.words import direction, primary

PITCH = Mm(9)
"""The distance between two lines to write on."""

UNREADABLE = (
    UnrecognizedImageError, InvalidImageStreamError, UnexpectedEndOfFileError, struct.error, ZeroDivisionError,
    ValueError, KeyError, IndexError,
)  # fmt: skip
"""What python-docx raises for pictures that it does not know or cannot read completely."""


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


class WordDocument:
    """One document in the making."""

    def __init__(self, layout: Layout, deck: Deck) -> None:
        self.words, self.language = deck.words, str(deck.settings.language)
        self.right_to_left = direction(self.language) == "rtl"
        self.size = 18 if layout.large else 11
        """The size of the text, in points."""
        self.step = Mm(0.8 * self.size)
        """How far a text is indented to make room for its number or letter."""
        self.width = width_of_text(layout.paper)
        self.document = blank(layout, deck, self.size)
        self.block: list[Any] = []
        """The paragraphs that are kept on one page, so far."""

    def saved(self) -> bytes:
        """The document, without times in its zip."""
        stream = BytesIO()
        self.document.save(stream)
        packed = BytesIO()
        with ZipFile(stream) as original, ZipFile(packed, "w", ZIP_DEFLATED) as archive:
            for name in original.namelist():
                entry = ZipInfo(name, (1980, 1, 1, 0, 0, 0))
                entry.compress_type = ZIP_DEFLATED
                archive.writestr(entry, original.read(name))
        return packed.getvalue()

    # --- paragraphs ------------------------------------------------------------------------------------------------

    def head(self) -> Any:
        """The paragraph at the head of every page."""
        return self.document.sections[0].header.paragraphs[0]

    def foot(self) -> Any:
        """The paragraph at the foot of every page."""
        return self.document.sections[0].footer.paragraphs[0]

    def heading(self, level: int) -> Any:
        """A new heading at the end."""
        return self.document.add_heading(level=level)

    def paragraph(self, label: str = "", *, at: int = 0, style: Style = PLAIN, above: float | None = None) -> Any:
        """A new paragraph at the end, indented by some steps, with its label to the left of the text. `above` is the
        space above it in points."""
        return self._indented(at * self.step, label, style, above)

    def like(self, paragraph: Any, label: str = "", above: float | None = None) -> Any:
        """A new paragraph at the end, indented like another, or one step more if it has a label."""
        return self._indented(self.indent(paragraph), label, PLAIN, above)

    def at_start(self, paragraph: Any) -> Any:
        """The paragraph if there is nothing in it but a label; otherwise a new one like it."""
        runs = paragraph._p.r_lst
        return paragraph if all(run.text.endswith("\t") for run in runs) else self.like(paragraph)

    def indent(self, paragraph: Any) -> int:
        """How far a paragraph is indented."""
        return paragraph.paragraph_format.left_indent or 0

    def _indented(self, indent: int, label: str, style: Style, above: float | None) -> Any:
        # document.add_paragraph() would go through all paragraphs each time.
        new = element("p")
        self.document.element.body.sectPr.addprevious(new)
        paragraph = Paragraph(new, self.document._body)
        self.block.append(paragraph)
        if indent or label:
            paragraph.paragraph_format.left_indent = indent + (self.step if label else 0)
        if label:
            paragraph.paragraph_format.first_line_indent = -self.step
            self.run(paragraph, f"{label}\t", style)
        if above is not None:
            paragraph.paragraph_format.space_before = Pt(above)
        return paragraph

    def close(self) -> None:
        """Ends a block of paragraphs: it stays on one page if it can. Empty paragraphs become a small space after a
        table, and go elsewhere."""
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

    def of_words(self, paragraph: Any) -> Any:
        """The paragraph, in the direction of what the program says."""
        if self.right_to_left and direction(self.words.language) == "ltr":
            paragraph._p.get_or_add_pPr().append(element("bidi", val="0"))
        return paragraph

    # --- what is in a paragraph ------------------------------------------------------------------------------------

    def run(self, paragraph: Any, text: str, style: Style = PLAIN) -> Any:
        """Adds text to a paragraph."""
        run = paragraph.add_run(_allowed(text))
        style.put_on(run)
        if self.right_to_left or not text.isascii():
            strong = {bidirectional(character) for character in text}
            if strong & {"R", "AL"} or (self.right_to_left and "L" not in strong):
                run.font.rtl, run.font.cs_bold, run.font.cs_italic = True, style.bold or None, style.italic or None
        return run

    def own(self, paragraph: Any, text: str, style: Style = PLAIN) -> Any:
        """Adds what the program says, which may be in another language than the deck."""
        run = self.run(paragraph, text, style)
        if primary(self.words.language) != primary(self.language):
            run._r.get_or_add_rPr().append(element("lang", val=self.words.language))
        return run

    def framed(self, paragraph: Any, text: str) -> None:
        """Adds a large text in a frame, to be read from afar."""
        run = self.run(paragraph, text, BOLD)
        run.font.size = Pt(28)
        run._r.rPr.append(element("bdr", val="single", sz="12", space="0", color="auto"))

    def field(self, paragraph: Any, instruction: str) -> None:
        """Adds a number that Word computes."""
        field = element("fldSimple", instr=instruction)
        run = self.own(paragraph, "1")
        paragraph._p.append(field)
        field.append(run._r)

    def stop_at_margin(self, paragraph: Any) -> None:
        """What follows a tab in the paragraph ends at the margin."""
        paragraph.paragraph_format.tab_stops.add_tab_stop(self.width, WD_TAB_ALIGNMENT.RIGHT)

    def to_fill_in(self, paragraph: Any, text: str, until: float) -> None:
        """Adds a text, and a line up to this part of the width."""
        stops = paragraph.paragraph_format.tab_stops
        # A line that ends exactly at the margin is broken by some programs.
        stops.add_tab_stop(int(self.width * until) - Pt(1), WD_TAB_ALIGNMENT.LEFT, WD_TAB_LEADER.LINES)
        self.own(paragraph, f"{text}\t")

    def lines(self, paragraph: Any, number: int) -> None:
        """Adds lines to write on, up to the margin."""
        self.to_fill_in(paragraph, "\t\n" * (number - 1), 1)
        paragraph.paragraph_format.line_spacing = PITCH / Pt(1.15 * self.size)

    def line_break(self, paragraph: Any) -> None:
        paragraph.add_run().add_break()

    def picture(self, paragraph: Any, data: bytes, description: str, *, widest: int, highest: int) -> bool:
        """Adds a picture of at most this size in millimetres. Returns whether python-docx can read it."""
        try:
            picture = paragraph.add_run().add_picture(BytesIO(data))
        except UNREADABLE:
            return False
        scale = min(Mm(widest) / picture.width, Mm(highest) / picture.height)
        picture.width, picture.height = int(picture.width * scale), int(picture.height * scale)
        picture._inline.docPr.set("descr", _allowed(description))
        return True

    # --- tables ----------------------------------------------------------------------------------------------------

    def table(self, indent: int, rows: int, columns: int, *, head: bool) -> list[list[Any]]:
        """A new table at the end: the paragraph in each cell of each row. With `head`, its first row is repeated on
        every page."""
        table = self.document.add_table(rows, columns, style="Table Grid")
        if self.right_to_left:
            table.table_direction = WD_TABLE_DIRECTION.RTL
            indent = 0  # Not all programs measure it from the right.
        table._tbl.tblPr.find(qn("w:tblW")).addnext(element("tblInd", w=str(Emu(indent).twips), type="dxa"))
        width = (self.width - indent) // columns
        paragraphs = []
        for place, row in enumerate(table.rows):
            properties = row._tr.get_or_add_trPr()
            properties.append(element("cantSplit"))
            if head and place == 0:
                properties.append(element("tblHeader"))
            cells = row.cells
            for cell in cells:
                cell.width = width
            paragraphs.append([cell.paragraphs[0] for cell in cells])
        return paragraphs


def _allowed(text: str) -> str:
    """Text without the characters that XML cannot hold."""
    return "".join(character for character in text if character >= " " or character in "\t\n")
