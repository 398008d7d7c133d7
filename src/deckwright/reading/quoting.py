"""Lines of YAML as they should be written: a text in quotes, a line with its value in quotes.

In: a line of an author's file. Out: the same line, so that YAML reads its value as the author meant it. A module of
its own because both the reader and its repairs propose such lines.
"""

import re
from collections.abc import Iterable
from itertools import islice
from typing import cast


def quote(text: str) -> str:
    """`text` as a quoted YAML scalar, in double quotes where that needs no escapes."""
    if '"' not in text and "\\" not in text:
        return f'"{text}"'
    return "'" + text.replace("'", "''") + "'"


_PLAIN = re.compile(r"(?:[^\W_]|…)(?:[^:#]|:(?=\S)|(?<!\s)#)*")


def scalar(text: str) -> str:
    """`text` on one line as a YAML scalar, in quotes only if YAML needs them."""
    line = " ".join(text.split())
    return line if _PLAIN.fullmatch(line) else quote(line)


def entries(texts: Iterable[str]) -> str:
    """The lines of a list below its key; of a very long list, its beginning."""
    listed = [f"\n  - {scalar(text)}" for text in islice(texts, MOST_ENTRIES + 1)]
    return "".join([*listed[:MOST_ENTRIES], *(["\n  …"] if listed[MOST_ENTRIES:] else [])])


MOST_ENTRIES = 100
"""How many entries of a list are shown in a hint."""


def single_quoted(line: str) -> str:
    """`line` with its double quotes turned into single ones."""
    before, value = split_line(line)
    inside = value[1:-1] if value[-1:] == '"' else value[1:]
    return before + "'" + inside.replace('\\"', '"').replace("'", "''") + "'"


_LINE = re.compile(r"""^(\s*(?:-\s+)*(?:(?:"[^"]*"|'[^']*'|[^\s"'#:{}\[\]]+)\s*:\s+)?)(.*?)\s*$""")
_ENTRY = re.compile(r"^(\s*(?:-\s+)*)(.*?)\s*$")
_UNSAFE_END = re.compile(r"""^(?:"[^"]*|'[^']*)$""")


def quoted(line: str, *, entry: bool = False) -> str:
    """`line` with the text after its key, or (always in an `entry`) after its dash, in quotes."""
    before, value = split_line(line, entry=entry)
    mark = value[:1]
    if mark in ("'", '"'):
        apostrophes = mark == "'" and not re.search(r"(?<!\w)'|'(?!\w)", value[1:])
        if apostrophes or _UNSAFE_END.match(value):  # the closing quote was forgotten
            value = value[1:]
        elif len(value) > 1 and value[-1] == mark:  # quotes inside the quotes
            value = value[1:-1].replace("''", "'") if mark == "'" else value[1:-1].replace('\\"', '"')
    return before + quote(value)


def split_line(line: str, *, entry: bool = False) -> tuple[str, str]:
    """A line in two: what comes before its value, and the value. In an `entry`, the value starts after the dash."""
    match = (_ENTRY if entry else _LINE).match(line)
    before, value = cast("re.Match[str]", match).groups()  # every part may be empty, so it always matches
    return before, value


def value_column(line: str) -> int:
    return len(split_line(line)[0]) + 1
