"""One YAML file read to its end, however broken it is.

In: the bytes. Out: its nodes, and every problem. Where YAML cannot read on, the line at fault is put in quotes, or the
card around it is left out, and reading goes on, so that one error hides no other.
"""

import re
from bisect import bisect_right
from contextlib import suppress
from typing import Any

import yaml
from yaml.events import ScalarEvent

from deckwright.problem import Problem, Span
from deckwright.reading.nodes import (
    INVISIBLE,
    ODD_SPACE,
    GaveUp,
    Mapping,
    Node,
    NodeReader,
    Sequence,
    Source,
    decode,
    span_at,
    swallowed,
)
from deckwright.reading.quoting import quoted, split_line, value_column

LOOK_AHEAD = 1024
"""How many characters libyaml reads ahead of the events that it emits, in search of the colon of a key."""

REPAIRING = 100_000_000
"""How many characters may be processed to show more than the first error of a file, on top of thirty times its length.
A character that YAML reads again counts as ten. This is about a second's work."""

_CARD = re.compile(r" *- +id *:")
"""How a card starts, in a file that YAML cannot read."""


def read(file: str, data: bytes) -> tuple[Source, Node | None, list[Problem]]:
    """Reads one YAML file. The node is None if the file is empty or could not be read to its end."""
    text, problems = decode(file, data)
    source = Source(file, text)
    if problems and not _readable(text):
        return source, None, problems
    if problems:
        text = ODD_SPACE.sub(lambda match: match[0][:-1] + " ", INVISIBLE.sub("", text).replace("\t", " "))
    if "<<<<<<<" in text or "=======" in text or ">>>>>>>" in text:
        text, conflicts = one_side(file, text)
        problems += conflicts
    reader = NodeReader(Source(file, text))
    node: Node | None = None
    try:
        node = reader.document()
    except GaveUp:
        pass
    except yaml.YAMLError:
        return source, *_repairing(source, text, problems)
    return source, node, _in_order(source, problems + reader.problems)


_MARKER = re.compile(r"(<{7}|\|{7}|={7}|>{7})(?: .*)?\r?")


def one_side(file: str, text: str) -> tuple[str, list[Problem]]:
    """A text in which a merge by Git left two versions, with empty lines in place of the second versions and of the
    markers; and a problem for each conflict."""
    problems: list[Problem] = []
    lines = text.split("\n")
    opened = 0  # the line on which the conflict began; 0 outside
    dropped = False
    for number, line in enumerate(lines, 1):
        marker = _MARKER.fullmatch(line)
        if marker is None:
            lines[number - 1] = "" if dropped else line
            continue
        lines[number - 1] = ""
        sign = marker[1][0]
        if sign == "<":
            hint = "choose one version, and delete the other and the lines that begin with <<<<<<<, ======= and >>>>>>>"
            message = "a merge by Git left two versions here"
            problems.append(Problem(Span(file, number), "merge-conflict", message, hint))
        elif not opened:  # it was left when the conflict was resolved
            message = "a merge by Git left this line here"
            problems.append(Problem(Span(file, number), "merge-conflict", message, "delete this line"))
        opened = number if sign == "<" else 0 if sign == ">" else opened
        dropped = bool(opened) and sign in "|="
    return "\n".join(lines), problems


def _repairing(source: Source, text: str, problems: list[Problem]) -> tuple[Node | None, list[Problem]]:
    """Reads a text with syntax errors. `source` is the text as its author wrote it, and `problems` are those found so
    far."""
    file = source.file
    lines = text.split("\n")
    cards = [place for place, line in enumerate(lines) if _CARD.match(line)]
    keys = [place for place, line in enumerate(lines) if re.match(r"[^\s#-]", line)] if not cards else []
    budget = REPAIRING + 30 * len(text)
    repaired: set[int] = set()
    number = 0  # the line repaired last; 0 if all lines are to be read
    while True:
        now = Source(file, "\n".join(_still_to_read(lines, cards or keys, number)))
        reader = NodeReader(now)
        node: Node | None = None
        try:
            node = reader.document()
        except GaveUp:
            pass
        except yaml.YAMLError as error:
            too_deep = _too_deep(now, error)
            if too_deep:
                return None, _in_order(source, problems + too_deep)
            budget -= len(now.text) + 10 * _read_until(error)
            place, fixed = _repair(now, error, reader.last)
            if fixed is not None and place not in repaired:
                repaired.add(place)
                problems.append(swallowed(source, place, value_column(source.line(place))))
                lines[place - 1] = fixed
            else:
                problem = _syntax_problem(now, error, reader.stack)
                place = problem.span.line
                card = _card_around(lines, cards, place)
                if card is None and number:
                    number = 0  # read the whole file again before giving up on it
                    continue
                rest = "card" if card is not None and budget > 0 else "rest of this file"
                hint = f"compare indentation, quotes and colons with the card above; the {rest} was not read"
                problems.append(problem._replace(hint=hint))
                if card is None:
                    return None, _in_order(source, problems + reader.problems)
                lines[card.start : card.stop] = [""] * len(card)
                cards.remove(card.start)
            if budget < 0:
                message = f"the rest of this file was not read ({len(lines) - place:,} more lines)"
                hint = "fix the errors above, then check again"
                at = Span(file, min(place + 1, len(lines)), 1)
                problems.append(Problem(at, "yaml-syntax", message, hint))
                return None, _in_order(source, problems + reader.problems)
            # If other quotes swallow the start of a card, they would open or close elsewhere in fewer lines.
            swallowing = any(note.code == "open-quote" and note.span.line != place for note in reader.problems)
            number = 0 if swallowing else place
            continue
        if not number:
            return node, _in_order(source, problems + reader.problems)
        number = 0


def _still_to_read(lines: list[str], starts: list[int], number: int) -> list[str]:
    """The lines of a file in which line `number` was just repaired, without the entries that were read before it, so
    that a file with many errors is not read from the top for each. The first entry stays, because it sets the
    indentation; `starts` are the places where an entry starts."""
    entry = bisect_right(starts, number - 1) - 1
    while entry > 1 and _indentation(lines[starts[entry]]) != _indentation(lines[starts[0]]):
        entry -= 1  # perhaps a line of a longer text that only looks like a start
    if entry <= 1:
        return lines
    return [*lines[: starts[1]], *[""] * (starts[entry] - starts[1]), *lines[starts[entry] :]]


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _card_around(lines: list[str], cards: list[int], number: int) -> range | None:
    """The lines of the card around a line; None if there is no card. `cards` are the places where a card starts."""
    card = bisect_right(cards, number - 1)
    if not card:
        return None
    return range(cards[card - 1], cards[card] if card < len(cards) else len(lines))


def _read_until(error: yaml.YAMLError) -> int:
    """How much of the text was read before an error."""
    mark = getattr(error, "problem_mark", None)
    return mark.index if mark is not None else 0


def _readable(text: str) -> bool:
    """Whether a text with tabs or invisible characters makes sense without them: no tab is used for indentation."""
    return bool(text) and not re.search(r"^ *\t|\r(?!\n)", text, re.MULTILINE)


def _in_order(source: Source, problems: list[Problem]) -> list[Problem]:
    """Problems by place, one per line and code, because the first repair of a line often triggers a second problem. A
    repaired line may be longer than the line of `source`, which the author sees."""
    seen: dict[tuple[int, str], Problem] = {}
    for problem in sorted(problems):
        file, line, column = problem.span
        span = Span(file, line, min(column, len(source.line(line)) + 1))
        seen.setdefault((line, problem.code), problem._replace(span=span))
    return list(seen.values())


def _too_deep(source: Source, error: yaml.YAMLError) -> list[Problem]:
    """The problems of a text that libyaml refused because its lists are nested too deep; empty if it was not for that.

    Since 0.2.6, libyaml has a limit of its own (1,000). It reads ahead, so it may refuse the text before it has emitted
    the levels that `NodeReader` counts. The text before the place where it stopped can be read.
    """
    mark = getattr(error, "problem_mark", None)
    before = source.text[: mark.index] if mark is not None else ""
    brackets = before.count("[", -LOOK_AHEAD) + before.count("{", -LOOK_AHEAD)
    if brackets < LOOK_AHEAD // 2:
        return []
    reader = NodeReader(Source(source.file, before))
    with suppress(yaml.YAMLError, GaveUp):
        reader.document()
    return reader.problems if any(problem.code == "too-deep" for problem in reader.problems) else []


def _repair(source: Source, error: yaml.YAMLError, last: Any) -> tuple[int, str | None]:
    """The number of the line that YAML cannot read, and that line with its value in quotes, or None if quotes do not
    help."""
    marks = [getattr(error, name, None) for name in ("problem_mark", "context_mark")]
    places = [mark.line + 1 for mark in marks if mark is not None]
    if last is not None and last.style in ("'", '"') and last.start_mark.line != last.end_mark.line:
        places.insert(0, last.start_mark.line + 1)  # the quote that was left open is further up
    if getattr(error, "problem", "") == "found unexpected end of stream":
        places.reverse()
    for number in places:
        line = source.line(number)
        before, value = split_line(line)
        if value and before.strip() and _needs_quotes(value):
            return number, quoted(line)
    return places[0] if places else 1, None


def _needs_quotes(value: str) -> bool:
    """Whether YAML would not read this value, alone after a key, as text."""
    try:
        events = list(yaml.parse(f"- {value}\n", Loader=yaml.CBaseLoader))
    except yaml.YAMLError:
        return True
    return len(events) != 7 or not isinstance(events[3], ScalarEvent) or events[3].value == ""


_PLAINLY = {
    "did not find expected key": "this line's indentation does not fit the lines above it",
    "did not find expected '-' indicator": "this line's indentation does not fit the list above it",
    "could not find expected ':'": "this is a key without its colon, or text that belongs to the line above",
    "mapping values are not allowed in this context": "there cannot be a key here",
    "a key must be one word": "there is a [ or { here where a key should be",
    "found unexpected end of stream": "the quotes that open here are never closed",
    "did not find expected node content": "something is missing here",
    "did not find expected ',' or ']'": "a comma is missing here, or the closing ]",
    "did not find expected ',' or '}'": "a comma is missing here, or the closing }",
}


def _syntax_problem(source: Source, error: yaml.YAMLError, open_: "list[Sequence | Mapping]") -> Problem:
    """What YAML cannot read, in plain words, and where; `open_` are the lists and mappings still open."""
    mark = getattr(error, "problem_mark", None)
    start = getattr(error, "context_mark", None)
    reason = str(getattr(error, "problem", "") or error)
    message = _PLAINLY.get(reason, f"YAML cannot read on here: {reason}")
    line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
    rest = source.text[mark.index :].partition("\n")[0] if mark is not None else ""
    bracket = next((node for node in reversed(open_) if node.flow), None)
    if bracket is not None and (bracket.line != line or not re.search(r"[\]}]", rest)):
        line, column, message = bracket.line, bracket.column, "the [ or { that opens here is not closed"
    elif start is not None and reason in ("found unexpected end of stream", "could not find expected ':'"):
        line, column = start.line + 1, start.column + 1
    elif column == 1 and mark is not None and mark.index >= len(source.text):  # after the last line end
        return Problem(span_at(source.file, source.text, len(source.text.rstrip())), "yaml-syntax", message)
    return Problem(Span(source.file, line, column), "yaml-syntax", message)
