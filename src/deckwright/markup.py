"""The author's Markdown, clozes and math → a small tree → HTML for Anki, or plain text.

In: a text as written. Out: a tree (`tree`), a string made of it (`html`, `plain`), or what is wrong with its clozes
(`cloze_faults`). The door to pyromark. Apart because every output shows the same texts, each in its own language.

What is markup: CommonMark without HTML, tables, `~sub~`, `^sup^`, `$math$`, and in cloze cards `{{c1::gap::hint}}`.
Raw HTML and entities are text. A one-line text is inline only, so `> 3 months` and `12. rib` are text as well, and
so is an asterisk inside a word or number (`2*3*4`, `HLA-B*27`).

How: whatever CommonMark would misread is replaced by a marker that it takes for punctuation or for a letter, and put
back when the tree is made. A marker holds a Unicode noncharacter, which the reader refuses in author's texts.
"""

import re
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any, NamedTuple

import pyromark

# --- the tree ---------------------------------------------------------------------------------------------


class Element(NamedTuple):
    """A marked-up stretch of text."""

    tag: str
    """Named as in HTML, and `h` for a heading, `math`, `cloze`."""
    children: list["Element | str"]
    value: str = ""
    """a, img: the address; ol: the first number; math: `block` or nothing; cloze: the numbers, as in `1,2`."""
    note: str = ""
    """a, img: the title; cloze: the hint."""


Tree = list[Element | str]


class ClozeFault(NamedTuple):
    """What is wrong with a cloze text."""

    code: str
    message: str
    hint: str


# --- clozes -----------------------------------------------------------------------------------------------

MOST_GAPS = 500
"""The highest number of a gap that Anki makes a card of."""
DEEPEST_GAP = 8
"""How deep Anki takes gaps inside gaps."""

_CLOZE_OPEN = re.compile(r"\{\{c(\d{1,9}(?:,\d{1,9})*)::")
_CLOZE_TOKEN = re.compile(r"\\.|\{\{c\d{1,9}(?:,\d{1,9})*::|::|\{|\}")
_CLOZE_NEARLY = re.compile(
    r"\{{1,3}\s{0,3}[cC]\s{0,3}(\d{0,9})[\d\s,]{0,9}:{1,2}|\{{2,3}\s{0,3}(\d{1,9})[\d\s,]{0,9}:{1,2}"
)


class Cloze(NamedTuple):
    """One gap: its numbers, and where it stands in the text."""

    numbers: tuple[int, ...]
    start: int
    """Where its `{{` stands."""
    inner: int
    """Where the hidden text starts."""
    hint: int
    """Where the `::` before its hint stands, or its `}}`."""
    stop: int
    """Where its `}}` stands; -1 when it is never closed."""


def clozes(text: str) -> list[Cloze]:
    """The gaps of a text in the order they open, nested ones too; one left open is not among them.

    Braces inside a gap are counted, so `{{c1::$\\frac{a}{b}$}}` ends where it should. `\\::` and `\\:` are no hint.
    """
    whole = [cloze for cloze in _scan(text) if cloze.stop >= 0]
    in_hints = _in_hints(whole)
    return [cloze for cloze in whole if cloze.start not in in_hints]


def _in_hints(found: list[Cloze]) -> set[int]:
    """Where gaps start that stand in the hint of another one; Anki would take the hint for their text."""
    inside: set[int] = set()
    end = -1  # of the hints seen so far; gaps come in the order they open
    hints = sorted((cloze.hint, cloze.stop) for cloze in found if cloze.hint < cloze.stop)
    starts = sorted(cloze.start for cloze in found)
    place = 0
    for start in starts:
        while place < len(hints) and hints[place][0] < start:
            end = max(end, hints[place][1])
            place += 1
        if start < end:
            inside.add(start)
    return inside


def _scan(text: str) -> list[Cloze]:
    found: list[Cloze] = []
    open_: list[tuple[int, int, int, int]] = []  # index in found, inner, hint, braces opened since
    for match in _CLOZE_TOKEN.finditer(text):
        sign, at = match[0], match.start()
        if sign.startswith("{{c"):
            numbers = tuple(map(int, sign[3:-2].split(",")))
            open_.append((len(found), match.end(), -1, 0))
            found.append(Cloze(numbers, at, match.end(), -1, -1))
        elif not open_ or sign[0] == "\\":
            continue
        else:
            place, inner, hint, braces = open_[-1]
            if sign == "::":
                if hint < 0 and not braces:
                    open_[-1] = (place, inner, at, braces)
            elif sign == "{":
                open_[-1] = (place, inner, hint, braces + 1)
            elif braces:
                open_[-1] = (place, inner, hint, braces - 1)
            elif text.startswith("}}", at) and found[place].stop < 0:
                found[place] = found[place]._replace(hint=hint if hint >= 0 else at, stop=at)
                open_.pop()
                # The second brace of this pair is the next token; it must not close the gap around.
                if open_:
                    place, inner, hint, braces = open_[-1]
                    open_[-1] = (place, inner, hint, braces + 1)
    return found


def cloze_numbers(text: str) -> list[int]:
    """The numbers of the gaps in a text, ascending, each once."""
    return sorted({number for cloze in clozes(text) for number in cloze.numbers})


def gap_texts(text: str) -> dict[int, str]:
    """What each number hides, without markup; gaps of one number are parted by a slash."""
    hidden: dict[int, list[str]] = {}
    for cloze in clozes(text):
        for number in cloze.numbers:
            hidden.setdefault(number, []).append(plain(filled(text[cloze.inner : cloze.hint])))
    return {number: " / ".join(texts) for number, texts in sorted(hidden.items())}


def filled(text: str) -> str:
    """A cloze text with its gaps filled: `{{c1::12 weeks::how long}}` gives `12 weeks`."""
    kept, place = [], 0
    edges = [(cloze.start, cloze.inner) for cloze in clozes(text)]
    edges += [(cloze.hint, cloze.stop + 2) for cloze in clozes(text)]
    for start, stop in sorted(edges):
        kept.append(text[place:start])
        place = max(place, stop)
    return "".join([*kept, text[place:]])


def cloze_faults(text: str) -> Iterator[ClozeFault]:
    """What Anki would show wrongly or not at all."""
    found = _scan(text)
    in_hints = _in_hints([cloze for cloze in found if cloze.stop >= 0])
    ends: list[int] = []  # of the gaps around
    for cloze in found:
        while ends and ends[-1] < cloze.start:
            ends.pop()
        ends.append(cloze.stop)
        if len(ends) == DEEPEST_GAP + 1:
            yield ClozeFault("cloze-deep", f"more than {DEEPEST_GAP} gaps stand inside each other", "take some apart")
        written = text[cloze.start : cloze.start + 20]
        if cloze.stop < 0:
            hint = "close it with }}, and write every { inside it with its }"
            yield ClozeFault("cloze-unclosed", f"the gap `{written}…` is not closed", hint)
            continue
        written = text[cloze.start : min(cloze.stop + 2, cloze.start + 60)]
        if 0 in cloze.numbers or max(cloze.numbers) > MOST_GAPS:
            yield ClozeFault(
                "cloze-number", f"the gap `{written}` has no number from 1 to {MOST_GAPS}", "count from c1"
            )
        if cloze.start in in_hints:
            yield ClozeFault("cloze-in-hint", f"the gap `{written}` stands in a hint", "a hint holds no gap")
        if not plain(text[cloze.inner : cloze.hint]).strip():
            yield ClozeFault("cloze-empty", f"the gap `{written}` hides nothing", "write the hidden text behind the ::")
    if not found:
        hint = "hide the answer like this: {{c1::12 weeks}}"
        yield ClozeFault("cloze-missing", "this cloze text has no gap", hint)
    for match in _CLOZE_NEARLY.finditer(text):
        if not _CLOZE_OPEN.match(text, match.start()):
            hint = f"a gap opens like this: {{{{c{match[1] or match[2] or 1}::"
            yield ClozeFault("cloze-malformed", f"`{match[0]}` is nearly a gap", hint)
    if found and _crosses(text):
        message = "a gap opens inside marked-up text and closes outside it, or the reverse"
        hint = "open and close the gap inside the same **bold**, *italic*, table cell, list entry or formula"
        yield ClozeFault("cloze-crosses", message, hint)


def _crosses(text: str) -> bool:
    prepared = _prepare(text, gaps=True)
    builder = _Builder(prepared)
    builder.read(prepared.text)
    return builder.crossed


# --- author's text → text that CommonMark reads as we mean it ------------------------------------------------

_EDGE = "\u2e31"  # punctuation to CommonMark, so that **bold** opens and closes beside a marker
_OPEN, _CLOSE, _MATH, _SUB, _SUB_END, _SUP, _SUP_END = (f"{_EDGE}{chr(0xFDD0 + n)}{_EDGE}" for n in range(7))
_LESS, _AMPERSAND, _STAR, _PLAIN = (chr(0xFDE0 + n) for n in range(4))  # letters to CommonMark
_AS_WRITTEN = {_LESS: "<", _AMPERSAND: "&", _STAR: "*", _PLAIN: ""}
_RAISED_SIGNS = {_SUB: "~", _SUB_END: "~", _SUP: "^", _SUP_END: "^"}
_CLOSES = {_SUB_END: "sub", _SUP_END: "sup", _CLOSE: "cloze"}

_SPECIAL = re.compile(r"[*_`\[\]\\~^$\n&<>{}]")
_MARKED_UP = re.compile(r"[*_`\[\]\\~^$\n]")
_MORE_THAN_EMPHASIS = re.compile(r"[`\[\]\\~^$\n{}]")
_MATH_TEXT = re.compile(
    r"(?<![\\$\w])(?:\$\$(?P<block>[^$]+)\$\$|\$(?P<inline>(?![\s$])(?:[^$\\\n]|\\.)*(?<!\s))\$)(?![\d$])"
)
_MONEY = re.compile(r"\d[^\\^_=+<>{}*/]*")  # “between $5 and 10$” is no formula
_RAISED_TEXT = r"[+−-]?[^\s~^+−/=,;-]+[+−-]?|[+−-]"  # no sign in the midst: 10^3-10^5 is two numbers
_RAISED = re.compile(
    rf"(?<=[\w)\]^{_EDGE}])(?<!~)~(?P<sub>{_RAISED_TEXT})~(?!~)|(?<=[\w)\]~{_EDGE}])\^(?P<sup>{_RAISED_TEXT})\^"
)
_INNER_STAR = re.compile(r"\*(?<=\w\*)(?=\w)")
# Lists with - or 1. and tables are all the blocks there are; what else would start one is text.
_NO_BLOCK = re.compile(
    r"^((?: *(?:- |\d+[.)] ))* *)(?=>|#|[+*] |[=~`_*]{3,}|=+ *$|-{2,} *$|(?:[-*_] *){3,}$|\[[^\]\n]*\]:)",
    re.MULTILINE,
)
_MARKER = re.compile(f"{_EDGE}[\ufdd0-\ufdd6]{_EDGE}|[\ufde0-\ufde3]")
_SPACE_BEFORE = "\u00a0"

DEEPEST = 40
"""Elements inside each other; a text nested deeper stays as it was written."""

_COMMONMARK = pyromark.Markdown(options=pyromark.Options.ENABLE_TABLES)


class _Prepared(NamedTuple):
    text: str
    gaps: list[tuple[str, str]]
    """Numbers and hint of each gap, in the order their markers open."""
    math: list[tuple[str, str]]
    """Source (with the markers of gaps) of each formula, and `block` or nothing."""


def _prepare(text: str, *, gaps: bool) -> _Prepared:
    held: list[tuple[str, str]] = []
    if gaps:
        cuts: list[tuple[int, int, str]] = []
        for cloze in clozes(text):
            held.append((",".join(map(str, cloze.numbers)), text[cloze.hint + 2 : cloze.stop]))
            cuts.append((cloze.start, cloze.inner, _OPEN))
            cuts.append((cloze.hint, cloze.stop + 2, _CLOSE))
        parts, last = [], 0
        for start, stop, marker in sorted(cuts):
            parts += [text[last:start], marker]
            last = stop
        text = "".join(parts) + text[last:]
    math: list[tuple[str, str]] = []

    def take_math(match: re.Match[str]) -> str:
        if match["inline"] and _MONEY.fullmatch(match["inline"]):
            return match[0]
        math.append((match["inline"], "") if match["inline"] else (match["block"], "block"))
        return _MATH

    def take_raised(match: re.Match[str]) -> str:
        return f"{_SUB}{match['sub']}{_SUB_END}" if match["sub"] else f"{_SUP}{match['sup']}{_SUP_END}"

    if "$" in text:
        text = _MATH_TEXT.sub(take_math, text)
    if "~" in text or "^" in text:
        text = _RAISED.sub(take_raised, text)
    return _Prepared(_shielded(text), held, math)


def _shielded(text: str) -> str:
    """`text` with everything that is no markup of ours, but would be CommonMark's, behind markers."""
    if "*" in text:
        text = _INNER_STAR.sub(_STAR, text)
    # The space keeps a block from starting in a one-line text; beside it a * opens as at the start of a line.
    text = _NO_BLOCK.sub(rf"\1{_PLAIN}", text) if "\n" in text else _SPACE_BEFORE + text
    return text.replace("<", _LESS).replace("&", _AMPERSAND)


# --- CommonMark's events → tree ----------------------------------------------------------------------------

_TAGS = {
    "Paragraph": "p",
    "Item": "li",
    "TableHead": "thead",
    "TableRow": "tr",
    "TableCell": "td",
    "Emphasis": "em",
    "Strong": "strong",
    "Heading": "h",
    "BlockQuote": "blockquote",
    "Table": "table",
}
_BREAKS: dict[str, Element | str] = {"SoftBreak": "\n", "HardBreak": Element("br", []), "Rule": Element("hr", [])}


def tree(text: str, *, gaps: bool = False) -> Tree:
    """`text` as a tree; `gaps` when {{c1::…}} is a gap, as in a cloze card, and not text.

    A one-line text gives inline elements, a longer one blocks. Where CommonMark would drop a word (a table row with
    too many cells, a list numbered 1, 3) or a gap would open inside an element and close outside it, the text stays as
    it was written.
    """
    prepared = _prepare(text, gaps=gaps)
    builder = _Builder(prepared)
    builder.read(prepared.text)
    if builder.whole():
        return builder.root
    builder = _Builder(prepared)
    builder.read_literally(prepared.text)
    return builder.root


class _Builder:
    """One reading of a prepared text. `root` is the tree; `whole()` tells whether all of the text is in it."""

    def __init__(self, prepared: _Prepared) -> None:
        self.prepared = prepared
        self.gaps = iter(prepared.gaps)
        self.math = iter(prepared.math)
        self.root: Tree = []
        self.stack: list[Element] = [Element("", self.root)]
        self.crossed = False

    def read(self, text: str) -> None:
        for event in _COMMONMARK.events(text):
            if isinstance(event, str):
                self.stack[-1].children.append(_BREAKS[event])
                continue
            kind: str
            value: Any
            ((kind, value),) = event.items()
            if kind == "Text":
                self.text(value, code=self.stack[-1].tag == "pre")
            elif kind == "Start":
                self.open(_element(value))
            elif kind == "End":
                self.close()
            else:
                self.open(Element("code", []))
                self.text(value, code=True)
                self.close()
        first = self.root[0] if self.root else ""
        if "\n" not in text and isinstance(first, Element):
            self.root = first.children
            if self.root and isinstance(self.root[0], str):
                self.root[0] = self.root[0].removeprefix(_SPACE_BEFORE)

    def read_literally(self, text: str) -> None:
        """Line by line, with gaps, formulas and nothing else."""
        for number, line in enumerate(text.removeprefix(_SPACE_BEFORE).split("\n")):
            if number:
                self.stack[-1].children.append(Element("br", []))
            self.text(line, code=False)

    def open(self, element: Element) -> None:
        if element.value or element.note:
            value, note = map(_unmarked, (element.value, element.note))
            if _EDGE in value + note and _MARKER.search(value + note):
                self.crossed = True  # a gap or a formula in an address cannot be put back
            element = element._replace(value=value, note=note)
        if len(self.stack) > DEEPEST or (element.tag == "cloze" and any(outer.tag == "img" for outer in self.stack)):
            self.crossed = True  # nested too deep, or a gap where no gap is shown
        self.stack[-1].children.append(element)
        self.stack.append(element)

    def close(self) -> None:
        while self.stack[-1].tag in ("cloze", "sub", "sup"):
            self.crossed = True
            self.stack.pop()
        self.stack.pop()

    def text(self, text: str, *, code: bool) -> None:
        """Appends `text`, its markers replaced by what they stand for; in code only gaps mean anything."""
        if _MARKER.search(text) is None:
            self.stack[-1].children.append(text)
            return
        last = 0
        for match in _MARKER.finditer(text):
            if match.start() > last:
                self.stack[-1].children.append(text[last : match.start()])
            last = match.end()
            marker = match[0]
            if marker in _AS_WRITTEN:
                self.stack[-1].children.append(_AS_WRITTEN[marker])
            elif marker == _MATH:
                self.formula(code=code)
            elif code and marker in _RAISED_SIGNS:
                self.stack[-1].children.append(_RAISED_SIGNS[marker])
            elif marker == _OPEN:
                self.open(Element("cloze", [], *next(self.gaps)))
            elif marker in (_SUB, _SUP):
                self.open(Element("sub" if marker == _SUB else "sup", []))
            elif self.stack[-1].tag == _CLOSES[marker]:
                self.stack.pop()
            else:
                self.crossed = True
        if last < len(text):
            self.stack[-1].children.append(text[last:])

    def formula(self, *, code: bool) -> None:
        source, shape = next(self.math)
        if code:
            sign = "$$" if shape else "$"
            self.text(f"{sign}{source}{sign}", code=True)
            return
        self.open(Element("math", [], shape))
        self.text(source, code=True)
        self.close()

    def whole(self) -> bool:
        """Whether every word, gap and formula of the text stands in the tree, in order."""
        if self.crossed or len(self.stack) > 1 or next(self.gaps, None) or next(self.math, None):
            return False
        written = self.prepared.text
        if "\n" not in written and "[" not in written:
            return True  # emphasis and code alone drop nothing
        for source, _ in self.prepared.math:
            written = written.replace(_MATH, source, 1)
        return _signs(_said(self.root)) == _signs(written)


def _unmarked(text: str) -> str:
    for marker, sign in _AS_WRITTEN.items():
        text = text.replace(marker, sign)
    return text


def _signs(text: str) -> str:
    """Everything but spaces, markers, and the signs that Markdown itself is written with."""
    return _MARKDOWN.sub("", _unmarked(text))


_MARKDOWN = re.compile(rf"[\s\\*_`|~^$\[\]()!.:\"'-]|[{_EDGE}\ufdd0-\ufdef]")


def _said(nodes: Tree) -> str:
    """What a tree says, in the order in which its source said it."""
    parts: list[str] = []
    for node in nodes:
        if isinstance(node, str):
            parts.append(node)
        elif node.tag == "ol":
            for number, item in enumerate(node.children, int(node.value)):
                parts += [str(number), _said([item])]
        else:
            parts.append(_said(node.children))
            if node.tag in ("a", "img"):
                parts += [node.value, node.note]
    return "".join(parts)


def _element(start: Any) -> Element:
    """The element for one of pyromark's `Start` values."""
    if isinstance(start, str):
        return Element(_TAGS[start], [])
    ((kind, value),) = start.items()
    match kind:
        case "List":
            return Element("ul", []) if value is None else Element("ol", [], str(value))
        case "CodeBlock":
            info = value["Fenced"] if isinstance(value, dict) else ""
            return Element("pre", [f"{info}\n"] if info else [])
        case "Link" | "Image":
            return Element("a" if kind == "Link" else "img", [], value["dest_url"], value["title"])
        case _:
            return Element(_TAGS[kind], [])


# --- tree → HTML, plain text -------------------------------------------------------------------------------


def html(text: str, images: Mapping[str, str], *, gaps: bool = False) -> str:
    """`text` as the HTML of an Anki field.

    `images` gives the name under which each file of media/ travels; `gaps` as in `tree`. Nothing in it is live: no
    script, no address but http, https and mailto, no template braces, none of Anki's own [brackets].
    """
    if not gaps:
        if _SPECIAL.search(text) is None:
            return text
        if _MARKED_UP.search(text) is None:
            return html_text(text)
        if _MORE_THAN_EMPHASIS.search(text) is None and text.count("*") + text.count("_") <= DEEPEST:
            return _emphasis_html(text)
    return _html(tree(text, gaps=gaps), images)


def _emphasis_html(text: str) -> str:
    """One line with * and _ alone, the most frequent markup by far: pyromark's own HTML says what the tree would."""
    made = _COMMONMARK.html(_shielded(text))
    made = made[len("<p>") + len(_SPACE_BEFORE) : -len("</p>\n")]
    if _LESS in made or _AMPERSAND in made or _STAR in made:
        made = made.replace(_LESS, "&lt;").replace(_AMPERSAND, "&amp;").replace(_STAR, "*")
    return made.replace("&quot;", '"')


def gap(text: str, number: int, images: Mapping[str, str], hint: str = "") -> str:
    """`text` as the HTML of gap `number`, for lists that are asked entry by entry."""
    nodes = tree(text)
    return _gap(Element("cloze", nodes, str(number), hint), _html(nodes, images, in_gap=True))


def plain(text: str) -> str:
    """`text` without its markup, for comparing and for typing in."""
    if _MARKED_UP.search(text) is None:
        return text
    return _plain(tree(text)).strip()


def image_names(text: str) -> list[tuple[str, str]]:
    """File name and alternative text of every image in a text."""
    return list(_images(tree(text))) if "![" in text else []


def formulas(text: str) -> list[str]:
    """The source of every formula in a text, gaps in it filled."""
    return list(_formulas(tree(text, gaps=True))) if "$" in text else []


def _formulas(nodes: Tree) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, Element):
            if node.tag == "math":
                yield said(node.children)
            else:
                yield from _formulas(node.children)


def said(nodes: Tree) -> str:
    """The letters of a tree, as they stand."""
    return "".join(node if isinstance(node, str) else said(node.children) for node in nodes)


def _images(nodes: Tree) -> Iterator[tuple[str, str]]:
    for node in nodes:
        if isinstance(node, Element):
            if node.tag == "img":
                yield node.value, _plain(node.children)
            yield from _images(node.children)


def _plain(nodes: Tree) -> str:
    return "".join(
        node
        if isinstance(node, str)
        else "\n"
        if node.tag == "br"
        else _plain(node.children) + ("\n" if node.tag in ("p", "li", "tr", "pre", "h", "td") else "")
        for node in nodes
    )


_OWN_BRACKET = re.compile(r"\[(?=sound:|anki:|/?latex\]|/?\$)", re.IGNORECASE)  # Anki's own
_LIVE = re.compile(rf"[&<>{{}}]|\\[()\[\]]|{_OWN_BRACKET.pattern}", re.IGNORECASE)


def _made_dead(match: re.Match[str]) -> str:
    found = match[0]
    if found[0] == "\\":  # MathJax does not look across an element's edge
        return f"\\<span>{found[1]}</span>"
    return _DEAD[found]


_DEAD = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "{": "&#123;", "}": "&#125;", "[": "&#91;"}


def html_text(text: str) -> str:
    """Text for an HTML field of Anki: neither a tag nor a template, nor one of Anki's own brackets."""
    return _LIVE.sub(_made_dead, text)


def as_written(text: str) -> str:
    """Text for CommonMark as Anki and others read it: neither markup nor HTML."""
    text = re.sub(r"([\\`*_\[\]~^$|])", r"\\\1", escape(text, quote=False))
    return re.sub(r"^(\d*)([-+#.)=])", r"\1\\\2", text)  # what would begin a list or a heading


def page(markdown: str) -> str:
    """The HTML of a text in CommonMark that this program wrote; authors' texts stand in it `as_written`."""
    return pyromark.html(markdown)


def attribute(text: str) -> str:
    """Text for a quoted HTML attribute in a field of Anki."""
    text = escape(text)
    for sign, entity in (("{", "&#123;"), ("}", "&#125;"), ("[", "&#91;"), ("::", "&#58;&#58;")):
        text = text.replace(sign, entity)
    return text


_WRAPPED = {
    tag: (f"<{tag}>", f"</{tag}>")
    for tag in ("p", "ul", "li", "tr", "td", "strong", "em", "code", "sub", "sup", "blockquote")
} | {"h": ("<h4>", "</h4>"), "pre": ("<pre><code>", "</code></pre>"), "br": ("<br>", ""), "hr": ("<hr>", "")}
_SAFE_ADDRESS = re.compile(r"https?://|mailto:", re.IGNORECASE)
_ACTIVE_TEX = re.compile(r"\\(?:href|url|require|style|class|cssId|data|html\w*|texttip|mmlToken|action\w*)\b")


def _html(nodes: Tree, images: Mapping[str, str], *, in_gap: bool = False) -> str:
    parts: list[str] = []
    for node in nodes:
        if isinstance(node, str):
            text = html_text(node)
            parts.append(text.replace("::", "&#58;&#58;") if in_gap else text)
            continue
        tag = node.tag
        if tag == "cloze":
            parts.append(_gap(node, _html(node.children, images, in_gap=True)))
        elif tag == "math":
            parts.append(_formula(node, in_gap=in_gap))
        else:
            inside = _html(node.children, images, in_gap=in_gap)
            if tag in _WRAPPED:
                opening, closing = _WRAPPED[tag]
                parts.append(f"{opening}{inside}{closing}")
            elif tag == "ol":
                start = "" if node.value == "1" else f' start="{int(node.value)}"'
                parts.append(f"<ol{start}>{inside}</ol>")
            elif tag == "table":
                head, _, body = inside.partition("</thead>")
                parts.append(f"<table>{head}</thead><tbody>{body}</tbody></table>")
            elif tag == "thead":
                parts.append(f"<thead><tr>{inside.replace('<td>', '<th>').replace('</td>', '</th>')}</tr></thead>")
            elif tag == "img" and node.value in images:
                title = f' title="{attribute(node.note)}"' if node.note else ""
                alternative = attribute(_plain(node.children))
                parts.append(f'<img src="{attribute(images[node.value])}" alt="{alternative}"{title}>')
            elif tag == "a" and _SAFE_ADDRESS.match(node.value):
                title = f' title="{attribute(node.note)}"' if node.note else ""
                parts.append(f'<a href="{attribute(node.value)}"{title}>{inside}</a>')
            else:  # an address that is no web address, an image that is not there: as text
                rest = " ".join(part for part in (node.value, node.note) if part)
                parts.append(f"{inside} ({_html([rest], images, in_gap=in_gap)})")
    return "".join(parts)


def _gap(node: Element, inside: str) -> str:
    """{{c1::inside::hint}} as Anki reads it: a colon at the end of `inside` must not join the hint's."""
    if inside.endswith(":"):
        inside = inside[:-1] + "&#58;"
    hint = "::" + html_text(node.note).replace("::", "&#58;&#58;") if node.note else ""
    if hint.endswith(":"):
        hint = hint[:-1] + "&#58;"
    return f"{{{{c{node.value}::{inside}{hint}}}}}"


def _formula(node: Element, *, in_gap: bool) -> str:
    """A formula between the signs that MathJax looks for; `}}` would end a gap, so braces are kept apart."""
    source = _tex(node.children, in_gap=in_gap)
    if _ACTIVE_TEX.search(source):
        return f"<code>{html_text(source)}</code>"
    return f"\\[{source}\\]" if node.value else f"\\({source}\\)"


def _tex(nodes: Tree, *, in_gap: bool) -> str:
    parts: list[str] = []
    for node in nodes:
        if isinstance(node, Element):  # only gaps stand in formulas
            inside = _tex(node.children, in_gap=True)
            parts.append(_gap(node, inside + " " if inside.endswith("}") else inside))
            continue
        source = re.sub(r"\\\\(?=[()\[\]])|\\[()\[\]]", lambda m: "\\\\ " if m[0] == "\\\\" else m[0][1], node)
        source = re.sub(r"(?<=\{)(?=\{)|(?<=\})(?=\})", " ", source)
        if in_gap:
            source = re.sub(":(?=:)", ": ", source)
        source = source.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        parts.append(_OWN_BRACKET.sub("&#91;", source))
    return "".join(parts)
