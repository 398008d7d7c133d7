"""A file that a reference manager or a library of articles exported → the works in it.

In: the name of a file and its bytes. Out: what we use of each entry, and a problem for each entry that cannot be read.
One module a format; to add a format, write a module with `read(name, text)` and add a line to `FORMATS`.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from deckwright.problem import Problem, Span
from deckwright.reading.nodes import in_utf8
from deckwright.sources.bibliography import bibtex, csl, medline, ris
from deckwright.sources.bibliography.work import Read


class Format(NamedTuple):
    """One format of bibliographies."""

    called: str
    """Its name, as the programs that export it write it."""
    read: Callable[[str, str], Read]
    """The name of a file and its text → its works."""
    sign: str
    """What a file in this format contains, as a pattern."""


_MEDLINE = Format("PubMed", medline.read, r"^PMID- ")
FORMATS: Mapping[str, Format] = {
    ".bib": Format("BibTeX", bibtex.read, r"^\s*@\w+\s*[{(]"),
    ".ris": Format("RIS", ris.read, r"^TY {2}-"),
    ".nbib": _MEDLINE,
    ".txt": _MEDLINE,
    ".json": Format("CSL-JSON", csl.read, r'"(?:type|issued|container-title)"\s*:'),
}
"""The formats, by how the names of their files end."""

LARGEST = 50_000_000
"""Bytes. Fifty thousand articles with their abstracts are not as large."""


def ending(name: str) -> str:
    """How the name of a file ends, in lower case."""
    return Path(name).suffix.lower()


def read(path: Path) -> Read:
    """The works in a file, whose name ends like one of `FORMATS`. May raise OSError."""
    with path.open("rb") as stream:
        data = stream.read(LARGEST + 1)
    if len(data) > LARGEST:
        return _unread(str(path), "this file is too large for a bibliography", "export a part of it at a time")
    return parsed(str(path), data)


def parsed(name: str, data: bytes) -> Read:
    """The works in the bytes of a file. Pure."""
    text, problems = in_utf8(name, data)
    if problems:
        return Read([], problems)
    form = FORMATS[ending(name)]
    found = form.read(name, text.replace("\r\n", "\n").replace("\r", "\n"))
    if found.works or found.problems:
        return found
    others = [(end, other.called) for end, other in FORMATS.items() if re.search(other.sign, text, re.MULTILINE)]
    hint = "export the sources again, as BibTeX, RIS, PubMed or CSL-JSON"
    if others and not re.search(form.sign, text, re.MULTILINE):
        hint = f"it looks like {others[0][1]}: rename it so that it ends in {others[0][0]}"
    return _unread(name, f"there are no entries of {form.called} in this file", hint)


def _unread(name: str, message: str, hint: str) -> Read:
    return Read([], [Problem(Span(name), "bibliography-unread", message, hint)])
