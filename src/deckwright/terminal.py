"""What all commands use to talk to the user: problems, counts, safe text, progress, and the clock.

In: problems, paths, texts from strangers' files. Out: lines that cannot control a terminal. The clock and the
environment variables that outputs depend on are read here and nowhere else.
"""

import os
import re
import sys
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from deckwright.problem import TODAY, Trouble

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import date
    from pathlib import Path
    from typing import TextIO

    from deckwright.formats import File
    from deckwright.problem import Problem


def print_problems(problems: "Sequence[Problem]", stream: "TextIO", root: "Path") -> int:
    """Prints every problem of the project in `root` and, once for each place, the line that it points at. Returns how
    many are errors."""
    if not problems:
        return 0
    from deckwright.reports import Places, as_text

    places, width, colours = Places(root), columns(stream), coloured(stream)
    errors = 0
    shown = None
    for problem in dated(problems):
        line = places.line(problem.span) if problem.span != shown else ""
        shown = problem.span
        text = as_text(problem, line, width, colours=colours)
        print(text if colours else safe(text), file=stream)
        errors += problem.severity == "error"
    return errors


def dated(problems: "Iterable[Problem]") -> "Iterator[Problem]":
    """The problems with today's date in their fixes."""
    for problem in problems:
        fix = problem.hint
        yield problem._replace(hint=fix.replace(TODAY, str(today()))) if TODAY in fix else problem


def print_written(written: "Iterable[tuple[Path, File]]") -> None:
    """Prints which files were written, and what each of them is."""
    for path, file in written:
        print(safe(f"{path}  ({file.about})"))


def print_gone(removed: "Iterable[Path]", left: "Iterable[Path]") -> None:
    """Prints which files of earlier builds were removed, and which files were left in place."""
    for path in removed:
        print(safe(f"{path} was removed; it is no longer an output"), file=sys.stderr)
    for path in left:
        print(safe(f"{path} was not written by this build; delete it unless you want to keep it"), file=sys.stderr)


def safe(text: str) -> str:
    """Text from a stranger's file, which commands neither a terminal nor, in a workflow there, GitHub: its runner obeys
    lines that begin with `::`, and `##[…]` anywhere."""
    if os.environ.get("GITHUB_ACTIONS"):
        text = re.sub(r"^(\s*):(?=:)", r"\1: ", text, flags=re.MULTILINE).replace("##[", "# #[")
    return escaped(text)


def escaped(text: str) -> str:
    """Text from a stranger's file, with all characters escaped that could control a terminal."""
    if text.replace("\n", "").isprintable():
        return text  # nearly every text; checking each character takes ten times as long
    from unicodedata import category

    return "".join(
        c.encode("unicode_escape").decode() if c != "\n" and category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") else c
        for c in text
    )


def counted(number: int, what: str) -> str:
    """`1 card`, `1,200 cards`."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def coloured(stream: "TextIO") -> bool:
    """Whether the stream shows colours and the user wants them."""
    return stream.isatty() and not os.environ.get("NO_COLOR")


def columns(stream: "TextIO") -> int:
    """How wide a terminal is; 100 for anything else."""
    try:
        return os.get_terminal_size(stream.fileno()).columns or 100
    except (OSError, ValueError):  # it is a file, a pipe, or in memory
        return 100


UNCOLOURED = "\x1b[0m"
"""Ends a colour on a terminal."""


class Progress:
    """A progress bar on a terminal. It appears once something has taken longer than a second."""

    def __init__(self) -> None:
        self.start = time.monotonic()
        self.shown = False

    def __enter__(self) -> "Callable[[int, int], None] | None":
        return self.step if sys.stderr.isatty() else None

    def step(self, done: int, of: int) -> None:
        if time.monotonic() - self.start > 1:
            self.shown = True
            filled = 30 * done // of
            print(f"\r[{'#' * filled}{'.' * (30 - filled)}] {done:,} of {of:,} files", end="", file=sys.stderr)

    def __exit__(self, *_: object) -> None:
        if self.shown:
            print("\r" + " " * 70 + "\r", end="", file=sys.stderr)


TIMES = range(315_532_800, 4_291_747_200)
"""The years 1980 to 2105, in seconds since 1970. A clock outside them is wrong, and not every format can hold it."""


def now() -> int:
    """The time in seconds since 1970. SOURCE_DATE_EPOCH replaces it, so that a draft can be rebuilt with the same
    bytes."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    try:
        seconds = int(epoch or time.time())
    except ValueError:
        seconds = 0
    if seconds in TIMES:
        return seconds
    if epoch:
        message = "not a valid Unix time; set it to the seconds since 1970 of a time between 1980 and 2105, or unset it"
        raise Trouble(message, about="SOURCE_DATE_EPOCH")
    raise Trouble("this machine's clock is not between 1980 and 2105; correct it")


def today() -> "date":
    """The day in UTC."""
    return datetime.fromtimestamp(now(), UTC).date()
