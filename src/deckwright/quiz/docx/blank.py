"""A blank Word document: its pages, properties and styles.

In: a layout, a deck and a size of text. Out: python-docx's document without text. It is apart because all of this is
set once, and most of it in XML that python-docx has no names for.
"""

from datetime import datetime
from typing import Any

import docx
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from deckwright.model import Deck
from deckwright.quiz.job import Layout
from deckwright.words import direction

A4, LETTER = (Mm(210), Mm(297)), (Mm(215.9), Mm(279.4))
MARGIN = Mm(20)

DARK = RGBColor(0x22, 0x22, 0x22)
"""The colour of headings."""

NOT_BEFORE = datetime(2000, 1, 1)


def blank(layout: Layout, deck: Deck, size: int) -> Any:
    """A document without text. All its styles inherit font, size (in points), language and direction from Normal."""
    document: Any = docx.Document()
    right_to_left = direction(str(deck.settings.language)) == "rtl"
    _set_page(document.sections[0], layout.paper, right_to_left=right_to_left)
    _set_properties(document.core_properties, layout.title, deck)
    _set_fonts(document.styles, size)
    _set_paragraphs(document.styles, size, right_to_left=right_to_left)
    language = document.styles.element.find(f".//{qn('w:docDefaults')}//{qn('w:lang')}")
    language.set(qn("w:bidi" if right_to_left else "w:val"), str(deck.settings.language))
    return document


def width_of_text(paper: str) -> int:
    """The width of the text on a page of this paper."""
    return int(_paper(paper)[0] - 2 * MARGIN)


def element(name: str, **values: str) -> Any:
    """An element of a Word document, with its attributes."""
    made = OxmlElement(f"w:{name}")
    for attribute, value in values.items():
        made.set(qn(f"w:{attribute}"), value)
    return made


def _paper(paper: str) -> tuple[Mm, Mm]:
    return LETTER if paper == "letter" else A4


def _set_page(section: Any, paper: str, *, right_to_left: bool) -> None:
    section.page_width, section.page_height = _paper(paper)
    section.left_margin = section.right_margin = section.bottom_margin = MARGIN
    section.top_margin, section.header_distance, section.footer_distance = Mm(24), Mm(9), Mm(10)
    if right_to_left:
        section._sectPr.find(qn("w:docGrid")).addprevious(element("bidi"))


def _set_properties(properties: Any, title: str, deck: Deck) -> None:
    properties.title, properties.language = title[:255], str(deck.settings.language)  # Word's limit
    properties.author = ", ".join(author for author in deck.settings.authors)[:255]
    properties.created = properties.modified = NOT_BEFORE


def _set_fonts(styles: Any, size: int) -> None:
    for name, points in {"Normal": size, "Heading 1": size * 1.5, "Heading 2": size * 1.2}.items():
        style = styles[name]
        style.font.size = Pt(points)
        properties = style.element.rPr
        for old in (*properties.findall(qn("w:rFonts")), *properties.findall(qn("w:szCs"))):
            properties.remove(old)
        style.font.name = "Arial"
        properties.find(qn("w:rFonts")).set(qn("w:cs"), "Arial")
        properties.find(qn("w:sz")).addnext(element("szCs", val=str(round(2 * points))))
    for name in ("Heading 1", "Heading 2"):
        styles[name].font.color.rgb = DARK
    styles["Footer"].font.size = Pt(9)


def _set_paragraphs(styles: Any, size: int, *, right_to_left: bool) -> None:
    for name in ("Heading 1", "Heading 2"):
        styles[name].paragraph_format.space_before = Pt(0 if name == "Heading 1" else 1.3 * size)
        styles[name].paragraph_format.space_after = Pt(4)
    normal = styles["Normal"].paragraph_format
    normal.space_after, normal.line_spacing, normal.widow_control = Pt(4), 1.1, True
    if right_to_left:
        styles["Normal"].element.pPr.find(qn("w:spacing")).addprevious(element("bidi"))
    for name in ("Header", "Footer"):
        styles[name].paragraph_format.tab_stops.clear_all()
