"""Problems as people and programs read them: text with the line at fault, JSON, and commands for GitHub.

In: problems, and the files that they are about. Out: text that commands neither a terminal nor GitHub, whatever the
author's files contain.
"""

import json
import os
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from pathlib import Path
from unicodedata import category, east_asian_width

from deckwright.edit import card_places
from deckwright.files import Folder
from deckwright.problem import NOWHERE, Problem, Span, one_line
from deckwright.terminal import UNCOLOURED, escaped

GUTTER = "    | "
"""What a line of an author's file begins with, so that nobody takes it for one of ours."""


class Places:
    """What is written at the places of problems. Only the files of the project itself are read; the latest is kept,
    because problems come sorted by file."""

    def __init__(self, root: Path) -> None:
        files = Folder(root)
        self._files = files
        self._names = {name for name in files.names if name.endswith(".yaml")}
        self._name = ""
        self._data = b""
        self._lines: list[str] = []
        self._cards: list[tuple[int, str]] | None = None

    def line(self, span: Span) -> str:
        """The line at a place; empty if there is none that can be shown."""
        self._read(span.file)
        return self._lines[span.line - 1].rstrip("\r") if 0 < span.line <= len(self._lines) else ""

    def card(self, span: Span) -> str | None:
        """The id of the card around a place; None if there is no card, or it has no id."""
        self._read(span.file)
        if self._cards is None:
            self._cards = card_places(self._data)
        before = bisect_right(self._cards, span.line, key=lambda card: card[0])
        return (self._cards[before - 1][1] or None) if before else None

    def _read(self, name: str) -> None:
        if name == self._name:
            return
        self._name, self._data, self._lines, self._cards = name, b"", [], None
        if name in self._names:
            try:
                self._data = self._files.read(name).removeprefix(b"\xef\xbb\xbf")
                self._lines = self._data.decode().split("\n")
            except (OSError, UnicodeDecodeError):  # it was removed meanwhile, or its encoding is the problem
                self._data, self._lines = b"", []


def as_text(problem: Problem, line: str, width: int, *, colours: bool = False) -> str:
    """A problem for a person: where it is and what is wrong, the line that it points at, and how to fix it. No line is
    wider than `width` for the sake of the line pointed at."""
    first, *fix = escaped(str(problem)).split("\n")
    shown = _pointed_at(line, problem.span.column, width)
    if colours:
        severity, colour = str(problem.severity), _COLOURS[problem.severity]
        first = first.replace(f" {severity}: ", f" {colour}{severity}{UNCOLOURED}: ", 1)
        shown = [*shown[:-1], *(f"{colour}{caret}{UNCOLOURED}" for caret in shown[-1:])]
    return "\n".join([first, *shown, *fix])


_COLOURS = {"error": "\x1b[1;31m", "warning": "\x1b[1;33m"}


def _pointed_at(line: str, column: int, width: int) -> list[str]:
    """A line and, below it, a caret under one of its columns; a long line is cut around it. Empty for an empty line."""
    if not line or line.isspace():
        return []
    place, room = min(column - 1, len(line)), max(width - len(GUTTER), 20)
    left, right = line[max(place - room, 0) : place], line[place : place + room]
    if len(line) > room or _width(line) > room:
        room -= 2  # for the marks where the line is cut
        left = _fitting(left[::-1], max(room // 2, room - _width(right)))[::-1]
        right = _fitting(right, room - _width(left))
    cut = "…" if len(left) < place else ""
    shown = f"{cut}{escaped(left + right)}{'…' if place + len(right) < len(line) else ''}"
    return [f"{GUTTER}{shown}", f"{GUTTER}{' ' * (len(cut) + _width(left))}^"]


def _fitting(text: str, room: int) -> str:
    """The beginning of a text that is not wider than `room`."""
    used = 0
    for place, character in enumerate(text):
        used += _width(character)
        if used > room:
            return text[:place]
    return text


def _width(text: str) -> int:
    """How many columns a text takes on a terminal, as it is shown there."""
    if text.isascii() and text.isprintable():
        return len(text)
    return sum(0 if category(c) in ("Mn", "Me") else 2 if east_asian_width(c) in "WF" else 1 for c in escaped(text))


def as_json(problems: Iterable[Problem], places: Places) -> str:
    """A list of objects, which docs/checking.md describes, in ASCII."""
    objects = [
        {
            "file": problem.span.file,
            "line": problem.span.line,
            "column": problem.span.column,
            "code": problem.code,
            "severity": str(problem.severity),
            "message": problem.message,
            "fix": problem.hint,
            "card": places.card(problem.span),
        }
        for problem in problems
    ]
    return json.dumps(objects, indent=2).replace("\x7f", "\\u007f")


def as_github(problems: Sequence[Problem], folder: str) -> str:
    """A workflow command for each problem, which GitHub shows beside the line. `folder` is the path of the project from
    the top of the repository."""
    return "\n".join([_workflow_command(problem, folder) for problem in problems])


def _workflow_command(problem: Problem, folder: str) -> str:
    file, line, column = problem.span
    place = "" if problem.span == NOWHERE else f"file={_property(os.path.normpath(os.path.join(folder, file)))},"
    place += f"line={line},col={column}," if line else ""
    text = "\n".join(filter(None, (one_line(problem.message), problem.hint)))
    return f"::{problem.severity} {place}title={_property(problem.code)}::{_value(text)}"


def _value(text: str) -> str:
    """A text as the value of a workflow command. What could end it is escaped as the runner expects it."""
    lines = [escaped(line) for line in text.replace("%", "%25").split("\n")]
    return "%0A".join(lines)


def _property(text: str) -> str:
    """A text as a property of a workflow command."""
    return _value(text).replace(":", "%3A").replace(",", "%2C")
