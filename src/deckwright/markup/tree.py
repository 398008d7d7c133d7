r"""The author's Markdown, clozes and math → a small tree. The interface to pyromark.

In: a text as written. Out: a tree (`tree`, `cloze_tree`). Every output renders the same tree in its own language.

What is markup: `**bold**`, `*italic*`, `` `code` ``, `~sub~`, `^sup^`, `$math$`, links to web addresses, images, a
backslash that makes a character plain, and in cloze cards `{{c1::gap::hint}}`; in texts of several lines also
paragraphs, lists with `-` or `1.`, and tables. All else is text and is shown as it was written: HTML and entities,
`_x_`, `\(x\)`, `> 3 months`, headings, rules, fences, an asterisk inside a word or number (`2*3*4`, `HLA-B*27`).

How: whatever CommonMark would misread is replaced by a marker that it takes for punctuation or for a letter, and put
back when the tree is made. A marker holds a Unicode noncharacter, which the reader refuses in authors' texts. At the
end the tree is compared with the text, character by character (`is_complete`), so that nothing that CommonMark drops
is lost unnoticed.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import pyromark

from deckwright.markup.cloze import clozes

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


# --- author's text → text that CommonMark reads as we mean it ------------------------------------------------

_EDGE = "\u2e31"  # punctuation to CommonMark, so that **bold** opens and closes beside a marker
_OPEN, _CLOSE, _HELD, _SUB, _SUB_END, _SUP, _SUP_END, UNDERSCORE, _TICK, _BACKSLASH = (
    f"{_EDGE}{chr(0xFDD0 + n)}{_EDGE}" for n in range(10)
)
LESS, AMPERSAND, STAR, _PLAIN = (chr(0xFDE0 + n) for n in range(4))  # letters to CommonMark
_AS_WRITTEN = {
    LESS: "<", AMPERSAND: "&", STAR: "*", _PLAIN: "", UNDERSCORE: "_", _TICK: "`", _BACKSLASH: "\\",
}  # fmt: skip
_RAISED_SIGNS = {_SUB: "~", _SUB_END: "~", _SUP: "^", _SUP_END: "^"}
_CLOSES = {_SUB_END: "sub", _SUP_END: "sup", _CLOSE: "cloze"}

SPECIAL = re.compile(r"[*`\[\]\\~^$\n&<>{}]")
MARKED_UP = re.compile(r"[*`\[\]\\~^$\n]")
MORE_THAN_EMPHASIS = re.compile(r"[`\[\]\\~^$\n{}]")
_PUNCTUATION = r"[!-/:-@\[-`{-~]"
_HOLDING = re.compile(
    # `code`, and runs of ` that are not code
    r"(?P<ticks>`+)(?:(?<!```)(?P<code>(?:(?!(?P=ticks))[^\n])+)(?P=ticks)(?!`))?"
    # Formulas. Not formulas: “between $5 and 10$”, “$5/day or 10$/day”, “($) or ($)”, “[$] or [$]”
    r"|(?<![$\w])(?:\$\$(?P<block>[^$]+)\$\$"
    r"|\$(?![\s$),;?'\"”’])(?!(?<=\[\$)\])"
    r"(?!\d[^\\^_=+<>{}*/$\n]*\$|\d(?=[^$\n]*[A-Za-z]{2})[^\\^_=+<>{}*$\n]*\$|\d[^\\^_={}$\n]*\$/[A-Za-z])"
    r"(?P<inline>(?:[^$\\\n]|\\.)*)(?<![\s(“‘])\$(?!(?<=\[\$)\]))(?![\d$])"
    # Formulas as Anki has them, which are text here
    r"|(?P<foreign>\\\((?:[^\\\n]|\\[^()\n])*\\\)|\\\[(?:[^\\]|\\[^\[\]])*\\\]"
    r"|\[(?P<name>latex|\$\$?)\](?:[^\[]|\[(?!/?(?:latex|\$\$?)\]))*\[/(?P=name)\])"
    # The address of a link
    r"|(?<=\]\()(?P<address>(?:https?://|mailto:)(?:\\.|[^\s\\)])*)"
    rf"|\\(?P<sign>(?![()<&]){_PUNCTUATION})",
    re.IGNORECASE,
)
_IN_ADDRESS = re.compile(rf"\\(?P<sign>{_PUNCTUATION})|[~^]")
_RAISED_TEXT = r"[+−-]?[^\s~^+−/=,;-]+[+−-]?|[+−-]"  # no operator inside: 10^3-10^5 is two numbers
RAISED = re.compile(
    rf"(?<=[\w)\]^{_EDGE}])(?<!~)~(?P<sub>{_RAISED_TEXT})~(?!~)|(?<=[\w)\]~{_EDGE}])\^(?P<sup>{_RAISED_TEXT})\^"
)
_INNER_STAR = re.compile(r"\*(?<=\w\*)(?=\w)")
_RULE = r"(?::-+:?|--+:?|-:)"  # of one column; a single - is a test result
_BELOW_HEAD = re.compile(rf"^(?=[^\n|]*\|) *+(?:\| *+)?{_RULE} *+(?:\| *+{_RULE} *+)*(?:\| *+)?$", re.MULTILINE)
# Lists with - or 1. and tables are the only blocks; anything else that would start a block is text. The look-ahead is
# never tried in another way, as with `*+`; Python 3.11.2 loses its place after a group with `*+` (Debian 12 has it).
_NO_BLOCK = re.compile(
    rf"^(?:(?!{_BELOW_HEAD.pattern})(?P<row> *+\|?)(?=[|: ]*+-[|: -]*+$)"
    r"|(?=(?P<list>(?: *+(?:- (?! *$)|\d+\. (?! *$)))* *))(?P=list)"
    r"(?=>|#|\+ |\* |\+ *$|[=~`_*]{3}|=+ *$|-[- ]*$|[*_][*_ ]*$|\d{1,9}\)(?: |$)|\d{1,9}\. *$|\[[^\]\n]*\]:))",
    re.MULTILINE,
)
_LITERALLY, _ESCAPED = 0x4E00, 0x5000  # the first letters that represent a character in a marker
_MARKER = re.compile(f"{_EDGE}(?:[\ufdd0-\ufdd9]|\ufdda(?P<sign>.)){_EDGE}|[\ufde0-\ufde3]")
SPACE_BEFORE = "\u00a0"

DEEPEST = 40
"""The most elements inside each other; a text nested deeper is shown as it was written."""

COMMONMARK = pyromark.Markdown(options=pyromark.Options.ENABLE_TABLES)


class _Held(NamedTuple):
    """A part of a text in which only gaps are markup."""

    source: str
    """Its text, with the markers of gaps."""
    shape: str
    """`code` or `text`; for a formula `block` or empty."""
    written: str
    """All of it, as it was written."""


class _Prepared(NamedTuple):
    text: str
    gaps: list[tuple[str, str]]
    """Numbers and hint of each gap, in the order their markers open."""
    held: list[_Held]
    """Code, formulas and anything else hidden from CommonMark, in order."""


def prepare(text: str, *, gaps: bool) -> _Prepared:
    gaps_held: list[tuple[str, str]] = []
    if gaps:
        cuts: list[tuple[int, int, str]] = []
        for cloze in clozes(text):
            gaps_held.append((",".join(map(str, cloze.numbers)), text[cloze.hint + 2 : cloze.stop]))
            cuts.append((cloze.start, cloze.inner, _OPEN))
            cuts.append((cloze.hint, cloze.stop + 2, _CLOSE))
        parts, last = [], 0
        for start, stop, marker in sorted(cuts):
            parts += [text[last:start], marker]
            last = stop
        text = "".join(parts) + text[last:]
    held: list[_Held] = []

    def hold(match: re.Match[str]) -> str:
        match match.lastgroup:
            case "ticks":
                return match[0]
            case "code":
                held.append(_Held(match["code"], "code", match[0]))
            case "block" | "inline" as shape:
                held.append(_Held(match[shape], "block" if shape == "block" else "", match[0]))
            case "address":
                return _IN_ADDRESS.sub(_sign, match[0])
            case "sign":
                return _sign(match)
            case _:
                held.append(_Held(match[0], "text", match[0]))
        return _HELD

    def take_raised(match: re.Match[str]) -> str:
        return f"{_SUB}{match['sub']}{_SUB_END}" if match["sub"] else f"{_SUP}{match['sup']}{_SUP_END}"

    if "$" in text or "\\" in text or "`" in text or "](" in text or "[/" in text:
        text = _HOLDING.sub(hold, text)
    if "~" in text or "^" in text:
        text = RAISED.sub(take_raised, text)
    return _Prepared(shielded(text), gaps_held, held)


def _sign(match: re.Match[str]) -> str:
    """The marker for a character that is not markup, or for one that a backslash makes plain."""
    sign = match["sign"]
    return f"{_EDGE}\ufdda{chr(_ESCAPED + ord(sign) if sign else _LITERALLY + ord(match[0]))}{_EDGE}"


def shielded(text: str) -> str:
    """`text` with markers for everything that is markup in CommonMark but not here."""
    if "*" in text:
        text = _INNER_STAR.sub(STAR, text)
    # The space keeps a block from starting in a one-line text; beside it a * opens as at the start of a line.
    text = _NO_BLOCK.sub(rf"\g<row>\g<list>{_PLAIN}", text) if "\n" in text else SPACE_BEFORE + text
    text = text.replace("<", LESS).replace("&", AMPERSAND).replace("_", UNDERSCORE)
    return text.replace("`", _TICK).replace("\\", _BACKSLASH)


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


def _built(prepared: _Prepared) -> Tree:
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

    def __init__(self, prepared: _Prepared, *, literal: bool = False) -> None:
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
            if _EDGE in value + note and _MARKER.search(value + note):
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
        if _PLAIN in text[:2]:  # a bar may precede it
            self.own_line = True
            if self.stack[-1].children[-1:] == ["\n"]:
                self.stack[-1].children[-1] = Element("br", [])
        last = 0
        for match in _MARKER.finditer(text):
            if match.start() > last:
                self.stack[-1].children.append(text[last : match.start()])
            last = match.end()
            marker = match[0]
            if marker == _HELD:
                self.put_back(next(self.held))
            elif marker == _OPEN:
                self.open(Element("cloze", [], *next(self.gaps)))
            elif marker in (_SUB, _SUP):
                self.open(Element("sub" if marker == _SUB else "sup", []))
            elif marker in _CLOSES:
                if self.stack[-1].tag == _CLOSES[marker]:
                    self.stack.pop()
                else:
                    self.crossed = True
            else:
                self.stack[-1].children.append(_stands_for(match, literal=self.literal))
        if last < len(text):
            self.stack[-1].children.append(text[last:])

    def put_back(self, held: _Held) -> None:
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
        written = _MARKER.sub(lambda match: _once_written(match, held), written)
        if "|" in written and "\n" in written:
            written = _BELOW_HEAD.sub(lambda row: re.sub("-+", "-", row[0]), written)
        return _signs(_said(self.root)) == _signs(written)


_NO_LINK = "as written"
"""Tag of the element that collects the text of a link whose address is not a web address; no finished tree has it."""


def _stands_for(match: re.Match[str], *, literal: bool = False) -> str:
    """What a marker represents that opens and closes nothing; if `literal`, with the backslash that was before it."""
    if match["sign"] is None:
        return _AS_WRITTEN[match[0]]
    letter = ord(match["sign"])
    if letter < _ESCAPED:
        return chr(letter - _LITERALLY)
    return ("\\" if literal else "") + chr(letter - _ESCAPED)


def _unmarked(text: str) -> str:
    """`text` with the characters that its markers represent; other markers stay."""
    return _MARKER.sub(lambda match: _stands_for(match) if match["sign"] or match[0] in _AS_WRITTEN else match[0], text)


def _once_written(match: re.Match[str], held: Iterator[_Held]) -> str:
    """The text that a marker replaced, without the delimiters of gaps, code and formulas."""
    marker = match[0]
    if marker == _HELD:
        return next(held).source.replace(_OPEN, "").replace(_CLOSE, "")
    if marker in _RAISED_SIGNS:
        return _RAISED_SIGNS[marker]
    return "" if marker in (_OPEN, _CLOSE) else _stands_for(match)


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


def set_aside(text: str) -> tuple[str, list[str]]:
    """`text` without its code, its formulas, its links' addresses and the characters that a backslash makes plain, and
    a list of these in order; `\0n\0` replaces the nth."""
    aside: list[str] = []

    def put(match: re.Match[str]) -> str:
        if match.lastgroup in ("ticks", "foreign", "name"):
            return match[0]
        aside.append(match[0])
        return f"\0{len(aside) - 1}\0"

    return _HOLDING.sub(put, text), aside


def broken_row(text: str) -> tuple[str, int, int] | None:
    """The first row because of which a table is shown as written, with the numbers of its cells and of the header's."""
    lines = set_aside(text)[0].split("\n")
    head = 0  # cells of the current table's header; 0 outside of a table
    for before, line, written in zip(["", *lines], lines, text.split("\n"), strict=False):
        if _BELOW_HEAD.match(line) and "|" in before:
            head = _cells(before)
            if _cells(line) != head:
                return written, _cells(line), head
        elif not line.strip():
            head = 0
        elif head and _cells(line) > head:
            return written, _cells(line), head
    return None


def _cells(row: str) -> int:
    """How many cells a row of a table has; empty ones at its end do not count."""
    return row.strip().removeprefix("|").rstrip("| ").count("|") + 1
