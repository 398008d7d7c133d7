"""The author's text → text that CommonMark reads as we mean it.

In: a text as written. Out: a `Prepared`: the text with markers, and what they hold. tree.py makes a tree of it.

Whatever CommonMark would misread is replaced by a marker that it takes for punctuation or for a letter, and put back
when the tree is made. A marker holds a Unicode noncharacter, which the reader refuses in authors' texts.
"""

import re
from typing import NamedTuple

import pyromark

from deckwright.markup.cloze import clozes

EDGE = "\u2e31"  # punctuation to CommonMark, so that **bold** opens and closes beside a marker
OPEN, CLOSE, HELD, SUB, SUB_END, SUP, SUP_END, UNDERSCORE, _TICK, _BACKSLASH = (
    f"{EDGE}{chr(0xFDD0 + n)}{EDGE}" for n in range(10)
)
LESS, AMPERSAND, STAR, PLAIN = (chr(0xFDE0 + n) for n in range(4))  # letters to CommonMark
AS_WRITTEN = {
    LESS: "<", AMPERSAND: "&", STAR: "*", PLAIN: "", UNDERSCORE: "_", _TICK: "`", _BACKSLASH: "\\",
}  # fmt: skip
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
    rf"(?<=[\w)\]^{EDGE}])(?<!~)~(?P<sub>{_RAISED_TEXT})~(?!~)|(?<=[\w)\]~{EDGE}])\^(?P<sup>{_RAISED_TEXT})\^"
)
_INNER_STAR = re.compile(r"\*(?<=\w\*)(?=\w)")
_RULE = r"(?::-+:?|--+:?|-:)"  # of one column; a single - is a test result
BELOW_HEAD = re.compile(rf"^(?=[^\n|]*\|) *+(?:\| *+)?{_RULE} *+(?:\| *+{_RULE} *+)*(?:\| *+)?$", re.MULTILINE)
# Lists with - or 1. and tables are the only blocks; anything else that would start a block is text. The look-ahead is
# never tried in another way, as with `*+`; Python 3.11.2 loses its place after a group with `*+` (Debian 12 has it).
_NO_BLOCK = re.compile(
    rf"^(?:(?!{BELOW_HEAD.pattern})(?P<row> *+\|?)(?=[|: ]*+-[|: -]*+$)"
    r"|(?=(?P<list>(?: *+(?:- (?! *$)|\d+\. (?! *$)))* *))(?P=list)"
    r"(?=>|#|\+ |\* |\+ *$|[=~`_*]{3}|=+ *$|-[- ]*$|[*_][*_ ]*$|\d{1,9}\)(?: |$)|\d{1,9}\. *$|\[[^\]\n]*\]:))",
    re.MULTILINE,
)
LITERALLY, ESCAPED = 0x4E00, 0x5000  # the first letters that represent a character in a marker
MARKER = re.compile(f"{EDGE}(?:[\ufdd0-\ufdd9]|\ufdda(?P<sign>.)){EDGE}|[\ufde0-\ufde3]")
SPACE_BEFORE = "\u00a0"

DEEPEST = 40
"""The most elements inside each other; a text nested deeper is shown as it was written."""

COMMONMARK = pyromark.Markdown(options=pyromark.Options.ENABLE_TABLES)


class Held(NamedTuple):
    """A part of a text in which only gaps are markup."""

    source: str
    """Its text, with the markers of gaps."""
    shape: str
    """`code` or `text`; for a formula `block` or empty."""
    written: str
    """All of it, as it was written."""


class Prepared(NamedTuple):
    text: str
    gaps: list[tuple[str, str]]
    """Numbers and hint of each gap, in the order their markers open."""
    held: list[Held]
    """Code, formulas and anything else hidden from CommonMark, in order."""


def prepare(text: str, *, gaps: bool) -> Prepared:
    gaps_held: list[tuple[str, str]] = []
    if gaps:
        cuts: list[tuple[int, int, str]] = []
        for cloze in clozes(text):
            gaps_held.append((",".join(map(str, cloze.numbers)), text[cloze.hint + 2 : cloze.stop]))
            cuts.append((cloze.start, cloze.inner, OPEN))
            cuts.append((cloze.hint, cloze.stop + 2, CLOSE))
        parts, last = [], 0
        for start, stop, marker in sorted(cuts):
            parts += [text[last:start], marker]
            last = stop
        text = "".join(parts) + text[last:]
    held: list[Held] = []

    def hold(match: re.Match[str]) -> str:
        match match.lastgroup:
            case "ticks":
                return match[0]
            case "code":
                held.append(Held(match["code"], "code", match[0]))
            case "block" | "inline" as shape:
                held.append(Held(match[shape], "block" if shape == "block" else "", match[0]))
            case "address":
                return _IN_ADDRESS.sub(_sign, match[0])
            case "sign":
                return _sign(match)
            case _:
                held.append(Held(match[0], "text", match[0]))
        return HELD

    def take_raised(match: re.Match[str]) -> str:
        return f"{SUB}{match['sub']}{SUB_END}" if match["sub"] else f"{SUP}{match['sup']}{SUP_END}"

    if "$" in text or "\\" in text or "`" in text or "](" in text or "[/" in text:
        text = _HOLDING.sub(hold, text)
    if "~" in text or "^" in text:
        text = RAISED.sub(take_raised, text)
    return Prepared(shielded(text), gaps_held, held)


def _sign(match: re.Match[str]) -> str:
    """The marker for a character that is not markup, or for one that a backslash makes plain."""
    sign = match["sign"]
    return f"{EDGE}\ufdda{chr(ESCAPED + ord(sign) if sign else LITERALLY + ord(match[0]))}{EDGE}"


def shielded(text: str) -> str:
    """`text` with markers for everything that is markup in CommonMark but not here."""
    if "*" in text:
        text = _INNER_STAR.sub(STAR, text)
    # The space keeps a block from starting in a one-line text; beside it a * opens as at the start of a line.
    text = _NO_BLOCK.sub(rf"\g<row>\g<list>{PLAIN}", text) if "\n" in text else SPACE_BEFORE + text
    text = text.replace("<", LESS).replace("&", AMPERSAND).replace("_", UNDERSCORE)
    return text.replace("`", _TICK).replace("\\", _BACKSLASH)


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
        if BELOW_HEAD.match(line) and "|" in before:
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
