"""The texts of a quiz → Word paragraphs, with one function for each tag.

In: a tree, and a paragraph of a `WordDocument`. Out: the paragraph for the text that follows. It is apart because this
is where the tags of `markup.tree` and Word meet.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from deckwright.markup import tex
from deckwright.markup.text import said
from deckwright.markup.tree import Element, Tree
from deckwright.quiz.docx.document import PLAIN, Style, WordDocument
from deckwright.quiz.docx.pictures import HIGHEST, WIDEST, ShownPicture
from deckwright.quiz.gaps import boxes
from deckwright.quiz.marking import gap_width


@dataclass(frozen=True)
class TreeWriter:
    """Adds trees to a document."""

    document: WordDocument
    pictures: Mapping[ShownPicture, bytes]
    filled: bool
    """Whether masks hide what is below them."""

    def add(self, paragraph: Any, nodes: Sequence[Element | str], style: Style = PLAIN) -> Any:
        """Adds a tree's text to a paragraph. Blocks after the first are new paragraphs, indented like it. Returns the
        paragraph for the text that follows."""
        for node in nodes:
            if isinstance(node, str):
                self.document.run(paragraph, node, style)
            else:
                paragraph = ELEMENTS[node.tag](self, paragraph, node, style)
        return paragraph

    def table(self, indent: int, rows: Sequence[Sequence[Tree]], *, head: bool) -> None:
        """Adds a table at the end of the document. With `head`, its first row is a header."""
        paragraphs = self.document.table(indent, len(rows), len(rows[0]), head=head)
        for place, (row, into) in enumerate(zip(rows, paragraphs, strict=True)):
            for cell, paragraph in zip(row, into, strict=True):
                self.add(paragraph, cell, Style(bold=head and place == 0))


def _plain(writer: TreeWriter, paragraph: Any, node: Element, style: Style) -> Any:
    return writer.add(paragraph, node.children, style)


def _strong(writer: TreeWriter, paragraph: Any, node: Element, style: Style) -> Any:
    return writer.add(paragraph, node.children, style._replace(bold=True))


def _em(writer: TreeWriter, paragraph: Any, node: Element, style: Style) -> Any:
    return writer.add(paragraph, node.children, style._replace(italic=True))


def _sub(writer: TreeWriter, paragraph: Any, node: Element, style: Style) -> Any:
    return writer.add(paragraph, node.children, style._replace(raised="subscript"))


def _sup(writer: TreeWriter, paragraph: Any, node: Element, style: Style) -> Any:
    return writer.add(paragraph, node.children, style._replace(raised="superscript"))


def _break(writer: TreeWriter, paragraph: Any, node: Element, style: Style) -> Any:
    writer.document.line_break(paragraph)
    return paragraph


def _paragraph(writer: TreeWriter, paragraph: Any, node: Element, style: Style) -> Any:
    return writer.add(writer.document.at_start(paragraph), node.children, style)


def _bulleted(writer: TreeWriter, paragraph: Any, node: Element, style: Style) -> Any:
    for item in _elements(node):
        writer.add(writer.document.like(paragraph, "•"), item.children, style)
    return writer.document.like(paragraph)


def _numbered(writer: TreeWriter, paragraph: Any, node: Element, style: Style) -> Any:
    for number, item in enumerate(_elements(node), int(node.value or 1)):
        writer.add(writer.document.like(paragraph, f"{number}."), item.children, style)
    return writer.document.like(paragraph)


def _table(writer: TreeWriter, paragraph: Any, node: Element, style: Style) -> Any:
    rows = _elements(node)
    cells = [[cell.children for cell in _elements(row)] for row in rows]
    writer.table(writer.document.indent(paragraph), cells, head=rows[0].tag == "thead")
    return writer.document.like(paragraph, above=4)


def _image(writer: TreeWriter, paragraph: Any, node: Element, style: Style) -> Any:
    return _picture(writer, paragraph, ShownPicture(node.value, (), filled=False), said(node.children))


def _masked(writer: TreeWriter, paragraph: Any, node: Element, style: Style) -> Any:
    writer.document.line_break(paragraph)
    return _picture(writer, paragraph, ShownPicture(node.value, boxes(node), filled=writer.filled), node.note)


def _formula(writer: TreeWriter, paragraph: Any, node: Element, style: Style) -> Any:
    """A formula as it is read aloud."""
    source = said(node.children)
    formula = tex.parse(source)
    writer.document.run(paragraph, tex.spoken(formula) if formula else f"${source}$")
    return paragraph


def _gap(writer: TreeWriter, paragraph: Any, node: Element, style: Style) -> Any:
    writer.document.run(paragraph, "_" * gap_width(int(node.value)) + (f" ({node.note})" if node.note else ""))
    return paragraph


ELEMENTS: Mapping[str, Callable[[TreeWriter, Any, Element, Style], Any]] = {
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
    "masked": _masked,
    "math": _formula,
    "gap": _gap,
}
"""How each tag of a quiz's trees is added to a paragraph."""
PARTS = frozenset({"thead", "tr", "td", "li", "mask"})
"""Tags that the functions for tables, lists and pictures handle."""


def _picture(writer: TreeWriter, paragraph: Any, shown: ShownPicture, description: str) -> Any:
    """A picture, or its description if it cannot be shown."""
    document = writer.document
    data = writer.pictures.get(shown, b"")
    if not document.picture(paragraph, data, description, widest=WIDEST, highest=HIGHEST):
        document.own(paragraph, document.words.say("picture_gone", description=description))
    return paragraph


def _elements(node: Element) -> list[Element]:
    return [child for child in node.children if isinstance(child, Element)]
