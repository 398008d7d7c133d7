"""Bytes of one file → nodes, each with its line and column. The interface to PyYAML.

In: the bytes. Out: scalars, lists and mappings as they were written, and a problem for whatever YAML would drop or
change. Every scalar is text, whatever it looks like.
"""

import re
from bisect import bisect_right
from functools import lru_cache
from itertools import accumulate
from textwrap import dedent, indent
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from deckwright.model import Text
from deckwright.problem import Fix, Problem, Rewrite, Span
from deckwright.reading.quoting import quoted, scalar, single_quoted, split_line, value_column

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


DEEPEST = 12
"""Card files need five levels; more is a slip or an attack."""

STARTS = ("id", "correct", "wrong", "item", "retired")
"""Keys that start an entry of a list; a second one in the same entry means that a dash is missing."""


MOST_SHOWN = 8
"""How many lines of a text are shown in a hint, besides its first."""


class Sequence(NamedTuple):
    """A list."""

    items: list["Node"]
    line: int
    column: int
    flow: bool
    """Written as [a, b]."""


class Mapping(NamedTuple):
    """Keys and values in the order written; each key occurs once."""

    entries: dict[str, tuple[Text, "Node"]]
    line: int
    column: int
    flow: bool
    """Written as {a: b}."""


Node = Text | Sequence | Mapping


class Source(NamedTuple):
    """One file's text, for pointing at places in it."""

    file: str
    text: str

    def line(self, number: int) -> str:
        """Line `number` (from 1), without its end; empty if there is no such line."""
        lines = _lines(self.text)
        return lines[number - 1].rstrip("\r") if number <= len(lines) else ""

    def span(self, node: Node) -> Span:
        return Span(self.file, node.line, node.column)

    def below_bar(self, first: int, last: int) -> str:
        """The text of lines `first` to `last` as it is written below a bar, with an empty line before its list."""
        before, value = split_line(self.line(first))
        below = [value, *(self.line(number).strip() for number in range(first + 1, min(last, first + MOST_SHOWN) + 1))]
        below += ["…"] if last > first + MOST_SHOWN else []
        dash = next((place for place, text in enumerate(below) if place and text.startswith("- ")), len(below))
        text = "\n".join([*below[:dash], *([""] if below[dash:] else []), *below[dash:]])
        return f"{before.strip()} |\n{indent(text, '    ')}"

    def quoted(self, number: int, *, entry: bool = False) -> str:
        """The hint for a line whose value YAML would change; `entry` if everything after the dash is text."""
        line = self.line(number)
        if not entry and re.match(r"\{(?!\{)", line[value_column(line) - 1 :]):
            return "put the text in quotes, and each key on a line of its own instead of in { }"
        return self.fixed(number, "put the text in quotes:", quoted(line, entry=entry))

    def fixed(self, number: int, advice: str, *lines: str) -> Fix:
        """The hint that line `number` should be written as `lines`."""
        shown = "\n".join(lines)
        return Fix(f"{advice}\n{dedent(shown).rstrip()}", Rewrite(number, number, lines))

    def fixed_line(self, number: int, advice: str, fixed: "Callable[[str], str]") -> Fix:
        """The hint `advice`, of which a program makes what `fixed` makes of line `number`."""
        return Fix(advice, Rewrite(number, number, (fixed(self.line(number)),)))

    def listed(self, place: "Text | Sequence", written: str, texts: "Iterable[str]", advice: str) -> str:
        """The hint `advice`, of which a program makes a list with one of `texts` per entry, if `written` is all that
        follows on the line where `place` starts."""
        line, start = self.line(place.line), place.column - 1
        match = re.fullmatch(r"( *)(- +)?([A-Za-z_]+ *:)? +|( *- +)", line[:start])
        if match is None or line[start:].rstrip() != written:
            return advice
        entries = [scalar(text) for text in texts]
        lines = [line[:start] + entry for entry in entries]
        if match[3]:
            indent = " " * (len(match[1]) + len(match[2] or "") + 2)
            lines = [line[:start].rstrip(), *(f"{indent}- {entry}" for entry in entries)]
        return Fix(advice, Rewrite(place.line, place.line, tuple(lines)))

    def with_dashes(self, node: Mapping) -> Rewrite:
        """The lines of a mapping as a list: with a dash before its first key and before each that starts an entry."""
        indent, last, number = node.column - 1, node.line, node.line
        while (line := self.line(number)) or number < len(_lines(self.text)):
            if line.strip() and len(line) - len(line.lstrip(" ")) < indent:
                break
            last = number if line.strip() else last
            number += 1
        starts = re.compile(rf" {{{indent}}}(?:{'|'.join(STARTS)}) *:")
        lines = [self.line(number) for number in range(node.line, last + 1)]
        dashes = ["- " if not place or starts.match(line) else "  " for place, line in enumerate(lines)]
        written = [f"{' ' * indent}{dash}{line[indent:]}".rstrip() for dash, line in zip(dashes, lines, strict=True)]
        return Rewrite(node.line, last, tuple(written))

    def replaced(self, node: Node, written: str, text: str, advice: str) -> str:
        """The hint `advice`, which a program can take if `written` is on the line where `node` starts: there it writes
        `text` instead."""
        line, start = self.line(node.line), node.column - 1
        if not line.startswith(written, start):
            return advice
        return Fix(advice, Rewrite(node.line, node.line, (line[:start] + text + line[start + len(written) :],)))


# --- bytes → text -----------------------------------------------------------------------------------------

_PRINTABLE = bytes(b for b in range(256) if (b >= 0x20 and b != 0x7F) or b in b"\t\n\r")
INVISIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufdd0-\ufdef\ufeff\ufffe\uffff]")
_ODD = "[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000]"
ODD_SPACE = re.compile(f"^[ -]*(?:[A-Za-z_]+ *:)?{_ODD}|^[ -]*[A-Za-z_]+{_ODD}(?= *:)", re.MULTILINE)
_WIDE_BOMS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}


def in_utf8(file: str, data: bytes) -> tuple[str, list[Problem]]:
    """The text of a file. If it is not saved as UTF-8, it is empty, and there is a problem that says so."""
    for bom, name in _WIDE_BOMS.items():
        if data.startswith(bom):
            hint = 'save it as "UTF-8" (in Notepad: Save as, Encoding)'
            return "", [Problem(Span(file), "encoding", f"this file is saved as {name}", hint)]
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        before = data[: error.start].decode()
        likely = data[error.start : error.start + 1].decode("cp1252", "replace")
        message = f"this file is not saved as UTF-8 (a byte here would be “{likely}” in Windows-1252)"
        hint = 'save it as "UTF-8" (most editors: Save with encoding)'
        return "", [Problem(span_at(file, before, len(before)), "encoding", message, hint)]
    return text, []


def decode(file: str, data: bytes) -> tuple[str, list[Problem]]:
    """The text of a YAML file, and a problem for each character that should not be in one."""
    text, problems = in_utf8(file, data)
    if problems:
        return text, problems
    # One pass in C over the bytes; the costly search runs only where it will find something.
    if data.translate(None, _PRINTABLE) or not text.isascii():
        for match in INVISIBLE.finditer(text):
            span = span_at(file, text, match.start())
            message = f"there is an invisible character here (U+{ord(match[0]):04X})"
            hint = "delete it"
            if match[0] == "\ufeff":  # a byte order mark inside a file never stands for anything
                hint = Source(file, text).fixed_line(span.line, hint, lambda line: line.replace("\ufeff", ""))
            problems.append(Problem(span, "invisible-character", message, hint))
    if "\t" in text:
        for number, written in enumerate(_lines(text), 1):
            if "\t" in written:
                span = Span(file, number, written.index("\t") + 1)
                hint = "use spaces"
                if written[: span.column - 1].strip():  # how deep an indentation is meant, only its author knows
                    hint = Source(file, text).fixed_line(number, hint, lambda line: line.replace("\t", " "))
                problems.append(Problem(span, "tab", "there is a tab here", hint))
    if not text.isascii():
        for match in ODD_SPACE.finditer(text):
            at = match.end() - 1
            message = f"YAML does not accept this space (U+{ord(text[at]):04X}, often typed by word processors)"
            span = span_at(file, text, at)
            hint = Source(file, text).fixed_line(span.line, "replace it with an ordinary space", _with_spaces)
            problems.append(Problem(span, "odd-space", message, hint))
    bare_return = re.search("\r(?!\n)", text) if "\r" in text else None
    if bare_return:
        span = span_at(file, text, bare_return.start())
        message = "this line has the line ending of old Macintosh computers (CR)"
        problems.append(Problem(span, "line-end", message, "save the file with ordinary line endings (LF)"))
    return text, sorted(problems)


def _with_spaces(line: str) -> str:
    return ODD_SPACE.sub(lambda match: match[0][:-1] + " ", line)


@lru_cache(maxsize=2)
def _lines(text: str) -> list[str]:
    return text.split("\n")


@lru_cache(maxsize=2)
def _line_starts(text: str) -> list[int]:
    return [0, *accumulate(len(line) + 1 for line in _lines(text))]


def span_at(file: str, text: str, index: int) -> Span:
    starts = _line_starts(text)
    line = bisect_right(starts, index)
    return Span(file, line, index - starts[line - 1] + 1)


# --- text → nodes -----------------------------------------------------------------------------------------


class GaveUp(Exception):  # noqa: N818 - it leaves a loop; it is not an error
    """The rest of the file is not worth reading. Its problem has been noted."""


class NodeReader:
    """One pass over the events of one text. `last` is the latest scalar, for finding a quote left open; `stack` holds
    the lists and mappings that are being read."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.problems: list[Problem] = []
        self.last: Any = None
        self.stack: list[Sequence | Mapping] = []
        self.second_start: object = None
        self.scalars: list[tuple[int, int]] | None = [] if "#" in source.text else None

    def document(self) -> Node | None:
        """The one document of the text."""
        # Everything below runs once per event, hence the local names and the one flat loop.
        parser = yaml.CBaseLoader(self.source.text)
        get_event: Callable[[], Any] = parser.get_event  # the stubs do not declare the marks of events
        new = tuple.__new__  # what Text() calls, without the detour
        scalars = self.scalars
        root: Node | None = None
        documents = 0
        stack = self.stack
        items: list[Node] | None = None  # of the list being read
        entries: dict[str, tuple[Text, Node]] | None = None  # of the mapping being read
        key: Text | None = None  # read, and waiting for its value
        node: Node
        while True:
            event = get_event()
            kind = type(event)
            if kind is ScalarEvent:
                mark = event.start_mark
                node = Text(event.value, mark.line + 1, mark.column + 1)
                self.last = event
                if event.style or event.tag is not None or event.anchor is not None:
                    node = self._unusual(event, node)
                elif event.end_mark.line != mark.line:
                    self._run_on(event)
                if scalars is not None:
                    scalars.append((mark.index, event.end_mark.index))
                if key is None and entries is not None:
                    key = node
                    continue
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                mark = event.start_mark
                place = (mark.line + 1, mark.column + 1, event.flow_style)
                node = new(Mapping, ({}, *place)) if kind is MappingStartEvent else new(Sequence, ([], *place))
                if event.tag is not None or event.anchor is not None:
                    self._note(node, "swallowed-text", "YAML would drop this mark", rewrite=True)
                if len(stack) >= DEEPEST:
                    self._note(node, "too-deep", f"lists are nested more than {DEEPEST} deep", "check the indentation")
                    raise GaveUp
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                stack.pop()
                container = stack[-1] if stack else None
                entries = container.entries if isinstance(container, Mapping) else None
                items = container.items if isinstance(container, Sequence) else None
                continue
            elif kind is AliasEvent:
                mark = event.start_mark
                node = Text("*" + event.anchor, mark.line + 1, mark.column + 1)
                self._note(node, "alias", "YAML reads a * before text as a reference", rewrite=True)
            elif kind is DocumentStartEvent:
                documents += 1
                place_of = Text("", event.start_mark.line + 1, event.start_mark.column + 1)
                if documents > 1:
                    self._note(place_of, "several-documents", "a second YAML document starts here", "delete this line")
                    raise GaveUp
                if event.version or event.tags:
                    self._note(place_of, "directive", "this line is a YAML directive", "delete this line")
                continue
            elif kind is StreamEndEvent:
                break
            else:
                continue

            if entries is not None:
                if key is None:
                    raise yaml.MarkedYAMLError(problem="a key must be one word", problem_mark=event.start_mark)
                name = key
                if name in entries or name == "<<":
                    self._unwanted(entries, key)
                else:
                    entries[name] = (key, node)
                key = None
            elif items is not None:
                items.append(node)
            else:
                root = node
            if type(node) is not Text:
                stack.append(cast("Sequence | Mapping", node))
                entries = node.entries if isinstance(node, Mapping) else None
                items = node.items if isinstance(node, Sequence) else None
        if scalars:
            self._swallowed_comments(scalars)
        return root

    def _unwanted(self, entries: dict[str, tuple[Text, Node]], key: Text) -> None:
        """Notes a key that is already there, or one that merges."""
        if key == "<<":
            self._note(key, "merge-key", "`<<` would merge in other keys", "write the keys out")
            return
        first = entries[key][0]
        message = f"`{key}` appears twice (first on line {first.line})"
        hint = "keep one of the two"
        if key in STARTS:
            written = self.source.line(key.line)[key.column - 1 :].strip()
            hint = f"if a new list entry starts here, put a dash before it: - {written}"
            self.second_start = entries
        if key in STARTS or self.second_start is not entries:  # keys after a missing dash are doubled too
            self._note(key, "doubled-key", message, hint)

    def _note(self, node: Node, code: str, message: str, hint: str = "", *, rewrite: bool = False) -> None:
        hint = self.source.quoted(node.line) if rewrite else hint
        self.problems.append(Problem(self.source.span(node), code, message, hint))

    def _unusual(self, event: Any, node: Text) -> Text:
        """Quoted and block scalars, and scalars with a `!tag` or an `&anchor` before them."""
        if event.tag is not None or event.anchor is not None:
            mark = "!" if event.tag is not None else "&"
            self._note(node, "swallowed-text", f"YAML would drop the {mark} and the word attached to it", rewrite=True)
        elif event.style in ("|", ">"):
            header = self.source.line(node.line)[node.column - 1 :]
            if not re.fullmatch(r"[|>][+-]?\s*", header):
                self._note(node, "swallowed-text", f"YAML would drop `{header}`", rewrite=True)
                return Text(header, node.line, node.column)
        else:
            written = self.source.text[event.start_mark.index : event.end_mark.index]
            escape = re.search(r"\\[^\"\\]", written.replace("\\\\", "")) if event.style == '"' else None
            if escape:
                message = f"in double quotes, YAML reads `{escape[0].strip()}` as something else"
                hint = self.source.fixed(node.line, "use single quotes:", single_quoted(self.source.line(node.line)))
                self._note(node, "swallowed-text", message, hint)
                return Text(written[1:-1].strip(), node.line, node.column)
            if "\n" in written and re.search(r"\n\s*(?:- )?[A-Za-z_]+:(?:\s|$)", written):
                message = "the quotes that open here close only after the next key"
                self._note(node, "open-quote", message, str(self.source.quoted(node.line)))
        return node

    def _run_on(self, event: Any) -> None:
        """`- a` under text that has no bar: YAML runs it into the text above."""
        written = self.source.text[event.start_mark.index : event.end_mark.index]
        match = re.search(r"\n\s*- ", written)
        if match:
            dash = event.start_mark.index + match.end() - len("- ")
            message = "YAML would run this list into the text above it"
            first, last = event.start_mark.line + 1, event.end_mark.line + 1
            hint = "align the dash with the one above, or write a bar (|) after the key and the text below it:\n"
            hint += self.source.below_bar(first, last)
            span = span_at(self.source.file, self.source.text, dash)
            self.problems.append(Problem(span, "run-on-list", message, hint))

    def _swallowed_comments(self, scalars: list[tuple[int, int]]) -> None:
        """Notes each # that follows something on its line outside every text: YAML drops the rest of the line."""
        text = self.source.text
        place = 0  # in scalars, which are in the order of the text
        reported = 0  # the line reported last: one problem per line
        for match in re.finditer("#", text):
            index = match.start()
            while place < len(scalars) and scalars[place][1] <= index:
                place += 1
            if place < len(scalars) and scalars[place][0] <= index:
                continue
            span = span_at(self.source.file, text, index)
            before = self.source.line(span.line)[: span.column - 1].lstrip()
            if not before and place and self._deeper_than_its_key(span, scalars[place - 1][0]):
                self.problems.append(swallowed(self.source, span.line, span.column))
            if before and not before.startswith("#") and span.line != reported:
                reported = span.line
                self.problems.append(swallowed(self.source, span.line, span.column))

    def _deeper_than_its_key(self, comment: Span, index: int) -> bool:
        """Whether a comment on its own line is indented as if it continued the text that starts at `index`."""
        start = span_at(self.source.file, self.source.text, index)
        line = self.source.line(start.line)
        key = len(line) - len(line.lstrip(" -"))
        return start.column - 1 > key and comment.column - 1 > key


_KEY = re.compile(r"\s*(?:-\s+)*[A-Za-z_]+\s*:")


def swallowed(source: Source, number: int, column: int) -> Problem:
    line = source.line(number)
    rest = line[column - 1 :].strip()
    message = f"YAML does not read `{rest}` as text"
    if rest.startswith("#"):
        message = f"YAML would drop `{rest}`"
    hint = source.quoted(number)
    rewrite = hint.rewrite if isinstance(hint, Fix) else None
    if not re.match(r"\s*-|[^\s#]+\s*:", line.lstrip()):  # it continues the text of a line above
        above = range(number - 1, max(number - 100, 0), -1)
        first = next((key for key in above if _KEY.match(source.line(key))), 0)
        hint = "put the whole text in quotes, or write it on the lines below a bar (|)"
        hint += f":\n{source.below_bar(first, number)}" if first else ""
        rewrite = None
    if rest.startswith("#"):
        own_line = line[: column - 1].isspace()
        hint += "\nor, if it is a comment, " + (
            "indent it no further than its key" if own_line else "put it on its own line"
        )
    if rewrite is not None and not re.match(r"#+(?:\s|$)", rest):  # `# ` is more likely a comment
        hint = Fix(hint, rewrite)
    return Problem(Span(source.file, number, column), "swallowed-text", message, hint)
