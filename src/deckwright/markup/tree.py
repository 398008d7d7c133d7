r"""The author's Markdown, clozes and math → a small tree.

In: a text as written. Out: a tree (`tree`, `cloze_tree`). Every output renders the same tree in its own language.

What is markup: `**bold**`, `*italic*`, `` `code` ``, `~sub~`, `^sup^`, `$math$`, links to web addresses, images, a
backslash that makes a character plain, and in cloze cards `{{c1::gap::hint}}`; in texts of several lines also
paragraphs, lists with `-` or `1.`, and tables. All else is text and is shown as it was written: HTML and entities,
`_x_`, `\(x\)`, `> 3 months`, headings, rules, fences, an asterisk inside a word or number (`2*3*4`, `HLA-B*27`).

prepared.py puts markers into a text, so that CommonMark reads it as we mean it; here they are put back. At the end the
tree is compared with the text, character by character (`is_complete`), so that nothing that CommonMark drops is lost
unnoticed.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from deckwright.markup.prepared import (
    AS_WRITTEN,
    BELOW_HEAD,
    CLOSE,
    COMMONMARK,
    DEEPEST,
    EDGE,
    ESCAPED,
    HELD,
    LITERALLY,
    MARKER,
    OPEN,
    PLAIN,
    SPACE_BEFORE,
    SUB,
    SUB_END,
    SUP,
    SUP_END,
    Held,
    Prepared,
    prepare,
)

# --- the tree ---------------------------------------------------------------------------------------------


class Element(NamedTuple):
    """A marked-up part of a text."""

    tag: str
    """One of `TAGS`."""
    children: list["Element | str"]
    value: str = ""
    """a, img: the address; ol: the first number; table: the row below its header; math: `block` or empty; cloze: the
    numbers, as in `1,2`."""
    note: str = ""
    """a, img: the title; cloze: the hint."""


Tree = list[Element | str]

TAGS = frozenset({
    "p", "ul", "ol", "li", "table", "thead", "tr", "td", "br",
    "strong", "em", "code", "sub", "sup", "a", "img", "math", "cloze",
})  # fmt: skip
"""Every tag that a tree can hold. They are named as in HTML, except `math` and `cloze`. Each output has one table
with a function for each of them."""


# --- CommonMark's events → tree ----------------------------------------------------------------------------

_TAGS = {
    "Paragraph": "p",
    "Item": "li",
    "TableHead": "thead",
    "TableRow": "tr",
    "TableCell": "td",
    "Emphasis": "em",
    "Strong": "strong",
}
_RAISED_SIGNS = {SUB: "~", SUB_END: "~", SUP: "^", SUP_END: "^"}
_CLOSES = {SUB_END: "sub", SUP_END: "sup", CLOSE: "cloze"}
_ALIGNED = {"None": "-", "Left": ":-", "Center": ":-:", "Right": "-:"}
_SAFE_ADDRESS = re.compile(r"https?://|mailto:", re.IGNORECASE)


def tree(text: str) -> Tree:
    """`text` as a tree. {{c1::…}} is text in it.

    A one-line text gives inline elements, a longer one blocks. Where CommonMark would drop anything (a table row with
    too many cells, a list numbered 1, 3) or a gap would open inside an element and close outside it, the text is
    shown as it was written.
    """
    return _built(prepare(text, gaps=False))


def cloze_tree(text: str) -> Tree:
    """The text of a cloze card as a tree: {{c1::…}} is a gap. Otherwise as `tree`."""
    return _built(prepare(text, gaps=True))


def _built(prepared: Prepared) -> Tree:
    builder = TreeBuilder(prepared)
    builder.read(prepared.text)
    builder.unwrap()
    if builder.is_complete():
        return builder.root
    builder = TreeBuilder(prepared, literal=True)
    builder.read_literally(prepared.text)
    return builder.root


class TreeBuilder:
    """One reading of a prepared text. `root` is the tree; `is_complete()` tells whether all of the text is in it."""

    def __init__(self, prepared: Prepared, *, literal: bool = False) -> None:
        self.prepared = prepared
        self.literal = literal
        self.gaps = iter(prepared.gaps)
        self.held = iter(prepared.held)
        self.root: Tree = []
        self.stack: list[Element] = [Element("", self.root)]
        self.crossed = False
        self.refused = False
        """Whether there was a CommonMark block that we do not have."""
        self.indented: list[str] | None = None
        """The lines of the current indented block; None outside of one."""
        self.own_line = False
        """Whether this line starts with CommonMark markup that is not ours; it stays a line of its own."""

    def read(self, text: str) -> None:
        encoded = b""  # pyromark counts bytes
        last = 0  # where the last event ended that was not a start
        for event, place in COMMONMARK.events_with_range(text):
            if isinstance(event, str):
                self.line_end(event)
                last = place["end"]
                continue
            kind: str
            value: Any
            ((kind, value),) = event.items()
            if kind == "Start":
                self.start(value)
                continue
            if kind == "Text" and self.indented is not None:
                self.indented.append(value)
            elif kind == "Text":
                self.text(value)
            elif self.indented is not None:
                lines, self.indented = "".join(self.indented), None
                self.read("\n".join(line.strip() for line in lines.splitlines()))
            elif self.stack[-1].tag == _NO_LINK:
                self.stack.pop()
                encoded = encoded or text.encode()
                self.text(encoded[max(last, place["start"] + 1) : place["end"]].decode())
            else:
                self.close()
            last = place["end"]

    def start(self, start: Any) -> None:
        """One of pyromark's `Start` values."""
        if start == {"CodeBlock": "Indented"}:
            self.indented = []  # code to CommonMark, a paragraph to us
            return
        element = _element(start)
        if element is None:
            self.refused = True
            element = Element("", [])
        if element.tag == "a" and not _SAFE_ADDRESS.match(element.value):
            self.stack[-1].children.append("[")
            self.stack.append(Element(_NO_LINK, self.stack[-1].children))
        else:
            self.own_line = self.own_line and element.tag not in ("p", "li", "td")
            self.open(element)

    def line_end(self, event: str) -> None:
        self.refused = self.refused or event == "Rule"
        self.stack[-1].children.append("\n" if event == "SoftBreak" and not self.own_line else Element("br", []))
        self.own_line = False

    def unwrap(self) -> None:
        """Removes the paragraph around a one-line text."""
        first = self.root[0] if self.root else ""
        if "\n" not in self.prepared.text and isinstance(first, Element):
            self.root = first.children
            if self.root and isinstance(self.root[0], str):
                self.root[0] = self.root[0].removeprefix(SPACE_BEFORE)

    def read_literally(self, text: str) -> None:
        """Line by line, with gaps, formulas and nothing else."""
        for number, line in enumerate(text.removeprefix(SPACE_BEFORE).split("\n")):
            if number:
                self.stack[-1].children.append(Element("br", []))
            self.text(line)

    def open(self, element: Element) -> None:
        if element.value or element.note:
            value, note = map(_unmarked, (element.value, element.note))
            if EDGE in value + note and MARKER.search(value + note):
                self.crossed = True  # a gap or a formula in an address cannot be put back
            element = element._replace(value=value, note=note)
        if len(self.stack) > DEEPEST or (element.tag == "cloze" and any(outer.tag == "img" for outer in self.stack)):
            self.crossed = True  # nested too deep, or a gap where none can be shown
        self.stack[-1].children.append(element)
        self.stack.append(element)

    def close(self) -> None:
        while self.stack[-1].tag in ("cloze", "sub", "sup"):
            self.crossed = True
            self.stack.pop()
        self.stack.pop()

    def text(self, text: str) -> None:
        """Appends `text`, with its markers replaced by what they represent."""
        if PLAIN in text[:2]:  # a bar may precede it
            self.own_line = True
            if self.stack[-1].children[-1:] == ["\n"]:
                self.stack[-1].children[-1] = Element("br", [])
        last = 0
        for match in MARKER.finditer(text):
            if match.start() > last:
                self.stack[-1].children.append(text[last : match.start()])
            last = match.end()
            marker = match[0]
            if marker == HELD:
                self.put_back(next(self.held))
            elif marker == OPEN:
                self.open(Element("cloze", [], *next(self.gaps)))
            elif marker in (SUB, SUP):
                self.open(Element("sub" if marker == SUB else "sup", []))
            elif marker in _CLOSES:
                if self.stack[-1].tag == _CLOSES[marker]:
                    self.stack.pop()
                else:
                    self.crossed = True
            else:
                self.stack[-1].children.append(_stands_for(match, literal=self.literal))
        if last < len(text):
            self.stack[-1].children.append(text[last:])

    def put_back(self, held: Held) -> None:
        if held.shape == "text" or (held.shape == "code" and self.literal):
            for number, line in enumerate(held.written.split("\n")):
                if number:
                    self.stack[-1].children.append(Element("br", []))
                self.text(line)
            return
        self.open(Element("code", []) if held.shape == "code" else Element("math", [], held.shape))
        self.text(held.source)
        self.close()

    def is_complete(self) -> bool:
        """Whether everything written, including gaps and formulas, is in the tree, in order."""
        if self.crossed or self.refused or len(self.stack) > 1 or next(self.gaps, None) or next(self.held, None):
            return False
        written = self.prepared.text
        if "\n" not in written and "[" not in written:
            return True  # emphasis and code alone drop nothing
        held = iter(self.prepared.held)
        written = MARKER.sub(lambda match: _once_written(match, held), written)
        if "|" in written and "\n" in written:
            written = BELOW_HEAD.sub(lambda row: re.sub("-+", "-", row[0]), written)
        return _signs(_said(self.root)) == _signs(written)


_NO_LINK = "as written"
"""Tag of the element that collects the text of a link whose address is not a web address; no finished tree has it."""


def _stands_for(match: re.Match[str], *, literal: bool = False) -> str:
    """What a marker represents that opens and closes nothing; if `literal`, with the backslash that was before it."""
    if match["sign"] is None:
        return AS_WRITTEN[match[0]]
    letter = ord(match["sign"])
    if letter < ESCAPED:
        return chr(letter - LITERALLY)
    return ("\\" if literal else "") + chr(letter - ESCAPED)


def _unmarked(text: str) -> str:
    """`text` with the characters that its markers represent; other markers stay."""
    return MARKER.sub(lambda match: _stands_for(match) if match["sign"] or match[0] in AS_WRITTEN else match[0], text)


def _once_written(match: re.Match[str], held: Iterator[Held]) -> str:
    """The text that a marker replaced, without the delimiters of gaps, code and formulas."""
    marker = match[0]
    if marker == HELD:
        return next(held).source.replace(OPEN, "").replace(CLOSE, "")
    if marker in _RAISED_SIGNS:
        return _RAISED_SIGNS[marker]
    return "" if marker in (OPEN, CLOSE) else _stands_for(match)


def _signs(text: str) -> str:
    """A text without what may vary in Markdown: spaces, a table's bars, the kind of quotes."""
    return "".join(text.split()).replace("|", "").replace("'", '"')


_AROUND = {"strong": ("**", "**"), "em": ("*", "*"), "sub": ("~", "~"), "sup": ("^", "^")}


def _said(nodes: Tree) -> str:
    """The text of a tree in the order of its source, with its markup."""
    parts: list[str] = []
    for node in nodes:
        if isinstance(node, str):
            parts.append(node)
            continue
        inside = _said(node.children)
        if node.tag in _AROUND:
            opening, closing = _AROUND[node.tag]
            parts += [opening, inside, closing]
        elif node.tag in ("a", "img"):
            note = f'"{node.note}"' if node.note else ""
            parts += ["!" if node.tag == "img" else "", "[", inside, "](", node.value, note, ")"]
        elif node.tag == "ul":
            parts += [f"-{_said([item])}" for item in node.children]
        elif node.tag == "ol":
            parts += [f"{number}.{_said([item])}" for number, item in enumerate(node.children, int(node.value))]
        elif node.tag == "table":
            parts += [_said(node.children[:1]), node.value, _said(node.children[1:])]
        else:
            parts.append(inside)
    return "".join(parts)


def _element(start: Any) -> Element | None:
    """The element for one of pyromark's `Start` values; None for a block that we do not have."""
    if isinstance(start, str):
        return Element(_TAGS[start], []) if start in _TAGS else None
    ((kind, value),) = start.items()
    match kind:
        case "List":
            return Element("ul", []) if value is None else Element("ol", [], str(value))
        case "Table":
            return Element("table", [], "|".join(_ALIGNED[alignment] for alignment in value))
        case "Link" | "Image":
            return Element("a" if kind == "Link" else "img", [], value["dest_url"], value["title"])
        case _:
            return None
