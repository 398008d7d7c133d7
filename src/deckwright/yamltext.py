"""YAML text → nodes that know their line and column, every scalar as it was written.

In: the bytes of one file. Out: a node (`Text`, `Sequence` or `Mapping`) and the problems found on the way.
The door to PyYAML: libyaml's event stream, read once. Apart because plain YAML loses what authors write
(`0.10` becomes 0.1, `no` becomes False, everything after ` #` vanishes); here nothing is converted, and
whatever YAML would swallow is a problem that shows the line as it should be.

A line that YAML cannot read is put in quotes, reported, and the file is read again; where quotes are no remedy, the
card around it is left out. One mistake does not hide the next.
"""

import re
from bisect import bisect_right
from contextlib import suppress
from functools import lru_cache
from itertools import accumulate
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

from deckwright.problem import Problem, Span

if TYPE_CHECKING:
    from collections.abc import Callable

DEEPEST = 12
"""Card files need five levels; more is a slip or an attack."""

STARTS = ("id", "correct", "wrong", "retired")
"""Keys with which an entry of a list starts; a second one in one entry is a forgotten dash."""

LOOK_AHEAD = 1024
"""How many characters libyaml looks ahead of the events that it hands out, in search of the colon of a key."""

REPAIRING = 100_000_000
"""How many characters may be handled for the sake of showing more than the first mistake of a file, besides thirty
times its own. One that YAML reads again counts as ten. It is about a second's work."""

_CARD = re.compile(r" *- +id *:")
"""How a card starts, in a file that YAML cannot read."""


class Text(str):
    """A scalar as written, which knows its place. The model's texts are these very objects."""

    __slots__ = ("column", "line")

    line: int
    """From 1."""
    column: int
    """From 1, in characters."""

    def __new__(cls, text: str = "", line: int = 1, column: int = 1) -> "Text":
        self = str.__new__(cls, text)
        self.line = line
        self.column = column
        return self


class Sequence(NamedTuple):
    """A list."""

    items: list["Node"]
    line: int
    column: int
    flow: bool
    """Written as [a, b]."""


class Mapping(NamedTuple):
    """Keys and values in the order written; a key stands there once."""

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
        """Line `number` (from 1), without its end; empty when there is no such line."""
        lines = _lines(self.text)
        return lines[number - 1].rstrip("\r") if number <= len(lines) else ""

    def span(self, node: Node) -> Span:
        return Span(self.file, node.line, node.column)

    def quoted(self, number: int, *, entry: bool = False) -> str:
        """The way out for a line whose value YAML reads as something else; `entry` when all behind the dash is text."""
        line = self.line(number)
        if not entry and re.match(r"\{(?!\{)", line[_value_column(line) - 1 :]):
            return "put the text in quotes, and each key on a line of its own instead of in { }"
        return f"put the text in quotes:\n{quoted(line, entry=entry).strip()}"


def read(file: str, data: bytes) -> tuple[Source, Node | None, list[Problem]]:
    """Reads one YAML file. The node is None when the file is empty or could not be read to its end."""
    text, problems = _decode(file, data)
    source = Source(file, text)
    if problems and not _readable(text):
        return source, None, problems
    if problems:
        text = _ODD_SPACE.sub(lambda match: match[0][:-1] + " ", _INVISIBLE.sub("", text).replace("\t", " "))
    reader = _Reader(Source(file, text))
    node: Node | None = None
    try:
        node = reader.document()
    except _GaveUp:
        pass
    except yaml.YAMLError:
        return source, *_repairing(source, text, problems)
    return source, node, _in_order(problems + reader.problems)


def _repairing(source: Source, text: str, problems: list[Problem]) -> tuple[Node | None, list[Problem]]:
    """Reads a text that YAML cannot read as it is. `source` has it as its author wrote it, and `problems` has what was
    found so far."""
    file = source.file
    lines = text.split("\n")
    cards = [place for place, line in enumerate(lines) if _CARD.match(line)]
    keys = [place for place, line in enumerate(lines) if re.match(r"[^\s#-]", line)] if not cards else []
    budget = REPAIRING + 30 * len(text)
    repaired: set[int] = set()
    number = 0  # the line repaired last; 0 when all lines are to be read
    while True:
        now = Source(file, "\n".join(_still_to_read(lines, cards or keys, number)))
        reader = _Reader(now)
        node: Node | None = None
        try:
            node = reader.document()
        except _GaveUp:
            pass
        except yaml.YAMLError as error:
            too_deep = _too_deep(now, error)
            if too_deep:
                return None, _in_order(problems + too_deep)
            budget -= len(now.text) + 10 * _read_until(error)
            place, mended = _repair(now, error, reader.last)
            if mended is not None and place not in repaired:
                repaired.add(place)
                problems.append(_swallowed(source, place, _value_column(source.line(place))))
                lines[place - 1] = mended
            else:
                problem = _syntax_problem(now, error, reader.stack)
                place = problem.span.line
                card = _card_around(lines, cards, place)
                if card is None and number:
                    number = 0  # what becomes of the whole file is decided by the whole file
                    continue
                rest = "card" if card is not None and budget > 0 else "rest of this file"
                hint = f"compare indentation, quotes and colons with the card above; the {rest} was not read"
                problems.append(problem._replace(hint=hint))
                if card is None:
                    return None, _in_order(problems + reader.problems)
                lines[card.start : card.stop] = [""] * len(card)
                cards.remove(card.start)
            if budget < 0:
                message = f"from about here on this file was not read ({len(lines) - place:,} more lines)"
                hint = "mend the mistakes above, then check again"
                at = Span(file, min(place + 1, len(lines)), 1)
                problems.append(Problem(at, "yaml-syntax", message, hint))
                return None, _in_order(problems + reader.problems)
            # Other quotes that swallow the start of a card would begin or end elsewhere in fewer lines.
            swallowing = any(note.code == "open-quote" and note.span.line != place for note in reader.problems)
            number = 0 if swallowing else place
            continue
        if not number:
            return node, _in_order(problems + reader.problems)
        number = 0


def _still_to_read(lines: list[str], starts: list[int], number: int) -> list[str]:
    """The lines of a file in which line `number` was just repaired, without the entries that were read before it: so a
    file of many mistakes is not read from the top for each. The first entry stays, as it sets the indentation; `starts`
    are the places where one starts."""
    entry = bisect_right(starts, number - 1) - 1
    while entry > 1 and _indentation(lines[starts[entry]]) != _indentation(lines[starts[0]]):
        entry -= 1  # perhaps a line of a longer text that only looks like a start
    if entry <= 1:
        return lines
    return [*lines[: starts[1]], *[""] * (starts[entry] - starts[1]), *lines[starts[entry] :]]


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _card_around(lines: list[str], cards: list[int], number: int) -> range | None:
    """The lines of the card around a line; None where no card is. `cards` are the places where one starts."""
    card = bisect_right(cards, number - 1)
    if not card:
        return None
    return range(cards[card - 1], cards[card] if card < len(cards) else len(lines))


def _read_until(error: yaml.YAMLError) -> int:
    """How much of the text was read before an error."""
    mark = getattr(error, "problem_mark", None)
    return mark.index if mark is not None else 0


def _readable(text: str) -> bool:
    """Whether a text with tabs or invisible characters makes sense without them: no tab stands in an indentation."""
    return bool(text) and not re.search(r"^ *\t|\r(?!\n)", text, re.MULTILINE)


def quote(text: str) -> str:
    """`text` as a quoted YAML scalar, in double quotes where that needs no escapes."""
    if '"' not in text and "\\" not in text:
        return f'"{text}"'
    return "'" + text.replace("'", "''") + "'"


def single_quoted(line: str) -> str:
    """`line` with its double quotes turned into single ones."""
    before, value = _split(line)
    inside = value[1:-1] if value[-1:] == '"' else value[1:]
    return before + "'" + inside.replace('\\"', '"').replace("'", "''") + "'"


_LINE = re.compile(r"""^(\s*(?:-\s+)*(?:(?:"[^"]*"|'[^']*'|[^\s"'#:{}\[\]]+)\s*:\s+)?)(.*?)\s*$""")
_ENTRY = re.compile(r"^(\s*(?:-\s+)*)(.*?)\s*$")
_UNSAFE_END = re.compile(r"""^(?:"[^"]*|'[^']*)$""")


def quoted(line: str, *, entry: bool = False) -> str:
    """`line` with the text behind its key, or (always when it is an `entry`) behind its dash, in quotes."""
    before, value = _split(line, entry=entry)
    mark = value[:1]
    if mark in ("'", '"'):
        apostrophes = mark == "'" and not re.search(r"(?<!\w)'|'(?!\w)", value[1:])
        if apostrophes or _UNSAFE_END.match(value):  # the closing quote was forgotten
            value = value[1:]
        elif len(value) > 1 and value[-1] == mark:  # quotes inside the quotes
            value = value[1:-1].replace("''", "'") if mark == "'" else value[1:-1].replace('\\"', '"')
    return before + quote(value)


def _split(line: str, *, entry: bool = False) -> tuple[str, str]:
    """A line in two: what stands before its value, and the value; all behind the dash is value in an `entry`."""
    match = (_ENTRY if entry else _LINE).match(line)
    before, value = cast("re.Match[str]", match).groups()  # every part may be empty, so it always matches
    return before, value


def _value_column(line: str) -> int:
    return len(_split(line)[0]) + 1


def _in_order(problems: list[Problem]) -> list[Problem]:
    """By place, one a line and code: the first repair of a line often trips a second rule."""
    seen: dict[tuple[int, str], Problem] = {}
    for problem in sorted(problems):
        seen.setdefault((problem.span.line, problem.code), problem)
    return list(seen.values())


# --- bytes → text -----------------------------------------------------------------------------------------

_PRINTABLE = bytes(b for b in range(256) if (b >= 0x20 and b != 0x7F) or b in b"\t\n\r")
_INVISIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufdd0-\ufdef\ufeff\ufffe\uffff]")
_ODD = "[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000]"
_ODD_SPACE = re.compile(f"^[ -]*(?:[A-Za-z_]+ *:)?{_ODD}|^[ -]*[A-Za-z_]+{_ODD}(?= *:)", re.MULTILINE)
_WIDE_BOMS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}


def _decode(file: str, data: bytes) -> tuple[str, list[Problem]]:
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
        return "", [Problem(_span_at(file, before, len(before)), "encoding", message, hint)]
    problems = []
    # One pass in C over the bytes; the costly search runs only where it will find something.
    if data.translate(None, _PRINTABLE) or not text.isascii():
        for match in _INVISIBLE.finditer(text):
            span = _span_at(file, text, match.start())
            message = f"an invisible character (U+{ord(match[0]):04X}) stands here"
            problems.append(Problem(span, "invisible-character", message, "delete it"))
    if "\t" in text:
        for number, written in enumerate(_lines(text), 1):
            if "\t" in written:
                span = Span(file, number, written.index("\t") + 1)
                problems.append(Problem(span, "tab", "a tab stands here", "use spaces"))
    if not text.isascii():
        for match in _ODD_SPACE.finditer(text):
            at = match.end() - 1
            message = f"this space is none that YAML knows (U+{ord(text[at]):04X}, as word processors make)"
            problems.append(Problem(_span_at(file, text, at), "odd-space", message, "type an ordinary space over it"))
    bare_return = re.search("\r(?!\n)", text) if "\r" in text else None
    if bare_return:
        span = _span_at(file, text, bare_return.start())
        message = "this line ends in an old Macintosh line end"
        problems.append(Problem(span, "line-end", message, "save the file with ordinary line ends (LF)"))
    return text, sorted(problems)


@lru_cache(maxsize=2)
def _lines(text: str) -> list[str]:
    return text.split("\n")


@lru_cache(maxsize=2)
def _line_starts(text: str) -> list[int]:
    return [0, *accumulate(len(line) + 1 for line in _lines(text))]


def _span_at(file: str, text: str, index: int) -> Span:
    starts = _line_starts(text)
    line = bisect_right(starts, index)
    return Span(file, line, index - starts[line - 1] + 1)


# --- text → nodes -----------------------------------------------------------------------------------------


class _GaveUp(Exception):  # noqa: N818 - it is a way out of a loop, not an error
    """The file goes on in a way that is not worth reading; its problem has been noted."""


class _Reader:
    """One pass over the events of one text. `last` is the latest scalar, for finding a quote left open; `stack` has the
    lists and mappings that are being read."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.problems: list[Problem] = []
        self.last: Any = None
        self.stack: list[Sequence | Mapping] = []
        self.second_start: object = None
        self.scalars: list[tuple[int, int]] | None = [] if "#" in source.text else None

    def document(self) -> Node | None:
        """The one document of the text."""
        # Everything below runs once an event, hence the local names and the one flat loop.
        parser = yaml.CBaseLoader(self.source.text)
        get_event: Callable[[], Any] = parser.get_event  # the stubs know no event's marks
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
                    self._note(node, "swallowed-text", "YAML would swallow this mark", rewrite=True)
                if len(stack) >= DEEPEST:
                    self._note(node, "too-deep", f"lists nested more than {DEEPEST} deep", "check the indentation")
                    raise _GaveUp
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                stack.pop()
                container = stack[-1] if stack else None
                entries = container.entries if isinstance(container, Mapping) else None
                items = container.items if isinstance(container, Sequence) else None
                continue
            elif kind is AliasEvent:
                mark = event.start_mark
                node = Text("*" + event.anchor, mark.line + 1, mark.column + 1)
                self._note(node, "alias", "YAML reads a * in front of text as a reference", rewrite=True)
            elif kind is DocumentStartEvent:
                documents += 1
                place_of = Text("", event.start_mark.line + 1, event.start_mark.column + 1)
                if documents > 1:
                    self._note(place_of, "several-documents", "a second YAML document starts here", "delete this line")
                    raise _GaveUp
                if event.version or event.tags:
                    self._note(place_of, "directive", "a YAML directive stands here", "delete this line")
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
        """A key that stands there already, or merges."""
        if key == "<<":
            self._note(key, "merge-key", "`<<` would merge other keys in", "write the keys out")
            return
        first = entries[key][0]
        message = f"`{key}` stands here a second time (first on line {first.line})"
        hint = "keep one of the two"
        if key in STARTS:
            hint = f"if a new entry of the list starts here, put a dash in front: - {key}: …"
            self.second_start = entries
        if key in STARTS or self.second_start is not entries:  # what follows a missing dash doubles too
            self._note(key, "doubled-key", message, hint)

    def _note(self, node: Node, code: str, message: str, hint: str = "", *, rewrite: bool = False) -> None:
        hint = self.source.quoted(node.line) if rewrite else hint
        self.problems.append(Problem(self.source.span(node), code, message, hint))

    def _unusual(self, event: Any, node: Text) -> Text:
        """Quoted and block scalars, and scalars with a `!tag` or an `&anchor` in front."""
        if event.tag is not None or event.anchor is not None:
            mark = "!" if event.tag is not None else "&"
            self._note(node, "swallowed-text", f"YAML would swallow the {mark} and what clings to it", rewrite=True)
        elif event.style in ("|", ">"):
            header = self.source.line(node.line)[node.column - 1 :]
            if not re.fullmatch(r"[|>][+-]?\s*", header):
                self._note(node, "swallowed-text", f"YAML would swallow `{header}`", rewrite=True)
                return Text(header, node.line, node.column)
        else:
            written = self.source.text[event.start_mark.index : event.end_mark.index]
            escape = re.search(r"\\[^\"\\]", written.replace("\\\\", "")) if event.style == '"' else None
            if escape:
                message = f"in double quotes YAML reads `{escape[0].strip()}` as something else"
                hint = f"use single quotes:\n{single_quoted(self.source.line(node.line)).strip()}"
                self._note(node, "swallowed-text", message, hint)
                return Text(written[1:-1].strip(), node.line, node.column)
            if "\n" in written and re.search(r"\n\s*(?:- )?[A-Za-z_]+:(?:\s|$)", written):
                message = "the quotes that open here close only after the next key"
                self._note(node, "open-quote", message, rewrite=True)
        return node

    def _run_on(self, event: Any) -> None:
        """`- a` under text that has no bar: YAML runs it into the text above."""
        written = self.source.text[event.start_mark.index : event.end_mark.index]
        match = re.search(r"\n\s*- ", written)
        if match:
            dash = event.start_mark.index + match.end() - len("- ")
            message = "this list would run into the text above it"
            hint = "line the dash up with the one above, or write a bar after the key and the text below it:\n"
            hint += "explanation: |\n    Text\n\n    - first\n    - second"
            span = _span_at(self.source.file, self.source.text, dash)
            self.problems.append(Problem(span, "run-on-list", message, hint))

    def _swallowed_comments(self, scalars: list[tuple[int, int]]) -> None:
        """A # behind something on its line and outside every text: YAML drops the rest of the line."""
        text = self.source.text
        place = 0  # in scalars, which are in the order of the text
        reported = 0  # the line reported last: one problem a line
        for match in re.finditer("#", text):
            index = match.start()
            while place < len(scalars) and scalars[place][1] <= index:
                place += 1
            if place < len(scalars) and scalars[place][0] <= index:
                continue
            span = _span_at(self.source.file, text, index)
            before = self.source.line(span.line)[: span.column - 1].lstrip()
            if not before and place and self._deeper_than_its_key(span, scalars[place - 1][0]):
                self.problems.append(_swallowed(self.source, span.line, span.column))
            if before and not before.startswith("#") and span.line != reported:
                reported = span.line
                self.problems.append(_swallowed(self.source, span.line, span.column))

    def _deeper_than_its_key(self, comment: Span, index: int) -> bool:
        """Whether a comment of its own line is set like a further line of the text that starts at `index`."""
        start = _span_at(self.source.file, self.source.text, index)
        line = self.source.line(start.line)
        key = len(line) - len(line.lstrip(" -"))
        return start.column - 1 > key and comment.column - 1 > key


def _swallowed(source: Source, number: int, column: int) -> Problem:
    line = source.line(number)
    rest = line[column - 1 :].strip()
    message = f"YAML cannot take `{rest}` as text"
    if rest.startswith("#"):
        message = f"YAML would drop `{rest}`"
    hint = source.quoted(number)
    if not re.match(r"\s*-|[^\s#]+\s*:", line.lstrip()):  # it continues the text of a line above
        hint = "put the whole text in quotes, or write it on the lines below a bar:\nanswer: |\n  …"
    if rest.startswith("#"):
        own_line = line[: column - 1].isspace()
        hint += "\nor, if it is a comment, " + ("set it as far left as its key" if own_line else "give it its own line")
    return Problem(Span(source.file, number, column), "swallowed-text", message, hint)


def _too_deep(source: Source, error: yaml.YAMLError) -> list[Problem]:
    """The problems of a text whose lists are nested too deep, where libyaml refused it for that; empty if they are not.

    From 0.2.6 on libyaml has a limit of its own (1,000). It looks ahead, so it may refuse the text before it has handed
    out the levels that `_Reader` counts. What stands before the place where it stopped can be read.
    """
    mark = getattr(error, "problem_mark", None)
    before = source.text[: mark.index] if mark is not None else ""
    brackets = before.count("[", -LOOK_AHEAD) + before.count("{", -LOOK_AHEAD)
    if brackets < LOOK_AHEAD // 2:
        return []
    reader = _Reader(Source(source.file, before))
    with suppress(yaml.YAMLError, _GaveUp):
        reader.document()
    return reader.problems if any(problem.code == "too-deep" for problem in reader.problems) else []


def _repair(source: Source, error: yaml.YAMLError, last: Any) -> tuple[int, str | None]:
    """The number of the line that YAML tripped over and the line with its value in quotes; None where quotes are no
    remedy."""
    marks = [getattr(error, name, None) for name in ("problem_mark", "context_mark")]
    places = [mark.line + 1 for mark in marks if mark is not None]
    if last is not None and last.style in ("'", '"') and last.start_mark.line != last.end_mark.line:
        places.insert(0, last.start_mark.line + 1)  # the quote that was left open is further up
    if getattr(error, "problem", "") == "found unexpected end of stream":
        places.reverse()
    for number in places:
        line = source.line(number)
        before, value = _split(line)
        if value and before.strip() and _needs_quotes(value):
            return number, quoted(line)
    return places[0] if places else 1, None


def _needs_quotes(value: str) -> bool:
    """Whether this value, alone behind a key, is something other than a text to YAML."""
    try:
        events = list(yaml.parse(f"- {value}\n", Loader=yaml.CBaseLoader))
    except yaml.YAMLError:
        return True
    return len(events) != 7 or not isinstance(events[3], ScalarEvent) or events[3].value == ""


_PLAINLY = {
    "did not find expected key": "this line's indentation does not fit the lines above it",
    "did not find expected '-' indicator": "this line's indentation does not fit the list above it",
    "could not find expected ':'": "a key without its colon stands here, or text that belongs to the line above",
    "mapping values are not allowed in this context": "a key stands here where none can be",
    "a key must be one word": "a [ or { stands here where a key should be",
    "found unexpected end of stream": "the quotes that open here are never closed",
    "did not find expected node content": "something is missing here",
    "did not find expected ',' or ']'": "a comma is missing here, or the closing ]",
    "did not find expected ',' or '}'": "a comma is missing here, or the closing }",
}


def _syntax_problem(source: Source, error: yaml.YAMLError, open_: "list[Sequence | Mapping]") -> Problem:
    """What YAML cannot read, in plain words, and where; `open_` are the lists and mappings it was in the middle of."""
    mark = getattr(error, "problem_mark", None)
    start = getattr(error, "context_mark", None)
    said = str(getattr(error, "problem", "") or error)
    message = _PLAINLY.get(said, f"YAML cannot read on here: {said}")
    line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
    rest = source.text[mark.index :].partition("\n")[0] if mark is not None else ""
    bracket = next((node for node in reversed(open_) if node.flow), None)
    if bracket is not None and (bracket.line != line or not re.search(r"[\]}]", rest)):
        line, column, message = bracket.line, bracket.column, "the [ or { that opens here is not closed"
    elif start is not None and said in ("found unexpected end of stream", "could not find expected ':'"):
        line, column = start.line + 1, start.column + 1
    elif column == 1 and mark is not None and mark.index >= len(source.text):  # behind the last line end
        return Problem(_span_at(source.file, source.text, len(source.text.rstrip())), "yaml-syntax", message)
    return Problem(Span(source.file, line, column), "yaml-syntax", message)
