"""A mistake is a value: where it is, what is wrong, and the way out.

In: what a stage found. Out: one clickable line per problem, with its hint below. Apart because every stage
hands problems on and only the command line prints them.
"""

import re
from enum import StrEnum
from typing import NamedTuple


class Severity(StrEnum):
    ERROR = "error"
    """Nothing is written until it is mended."""
    ADVICE = "advice"
    """Worth a look; the outputs are written all the same."""


class Span(NamedTuple):
    """A place in one of the author's files."""

    file: str
    """Path from the project's folder, with forward slashes."""
    line: int = 1
    """From 1."""
    column: int = 1
    """From 1, in characters."""


class Problem(NamedTuple):
    """One mistake. Sorts by place."""

    span: Span
    code: str
    """A stable slug that can be looked up and, for advice, accepted with `allow:`."""
    message: str
    """What is wrong, in the author's words, without a full stop."""
    hint: str = ""
    """The way out; may hold a line as it should be written."""
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        file, line, column = self.span
        first = f"{spelt_out(file)}:{line}:{column}: {self.severity}: {one_line(self.message)} [{self.code}]"
        return first + "".join(f"\n    {part}" for part in self.hint.splitlines())


def one_line(text: str) -> str:
    """A text without its line ends. Editors and programs read what is printed line by line, and an author's text must
    not look like one of ours."""
    return " ".join(line.strip() for line in text.splitlines() if line.strip())


def spelt_out(name: str) -> str:
    """The name of a file with its line ends and other control characters spelt out."""
    return _CONTROL.sub(lambda match: match[0].encode("unicode_escape").decode(), name)


_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def errors(problems: list[Problem]) -> list[Problem]:
    """Those that keep the outputs from being written."""
    return [problem for problem in problems if problem.severity is Severity.ERROR]
