"""BibTeX, which reference managers and publishers export. The door to bibtexparser.

bibtexparser does not raise: an entry that it cannot read is a block that failed, and becomes a problem here. Names are
split before they are decoded from LaTeX, because the braces that protect a name go with that.
"""

import logging
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from deckwright.problem import Problem, Span
from deckwright.sources.bibliography.work import (
    MOST_NAMED,
    Read,
    Work,
    finding,
    people,
    person,
    title_of,
    unreadable,
    year_in,
)

if TYPE_CHECKING:
    from bibtexparser.middlewares import LatexDecodingMiddleware
    from bibtexparser.model import Block, Entry

KINDS = {
    "book": "textbook",
    "booklet": "textbook",
    "collection": "textbook",
    "electronic": "web",
    "inbook": "textbook",
    "incollection": "textbook",
    "mvbook": "textbook",
    "online": "web",
    "webpage": "web",
    "www": "web",
}
"""Kinds of sources by BibTeX's and biblatex's types of entries."""

_WHOLE = ("book", "booklet", "collection", "mvbook")
"""Types of works that an ISBN is the number of."""

_TITLES = ("title", "booktitle")
_CONTAINERS = ("shortjournal", "journalabbr", "journal", "journaltitle", "booktitle", "organization")
_LATEX = (*_TITLES, "subtitle", *_CONTAINERS)
_AS_WRITTEN = ("year", "date", "doi", "pmid", "isbn", "url", "howpublished", "note", "eprint", "eprinttype")
_USED = {*_LATEX, *_AS_WRITTEN, "author", "editor"}

_LONGEST = 10_000
"""Characters. Decoding LaTeX is slow, and no title is as long."""


def read(name: str, text: str) -> Read:
    """The works in a text in BibTeX."""
    from bibtexparser.entrypoint import parse_string
    from bibtexparser.library import Library
    from bibtexparser.middlewares import LatexDecodingMiddleware
    from bibtexparser.middlewares.parsestack import default_parse_stack

    for library_of in ("bibtexparser", "pylatexenc"):  # what they warn of becomes a problem, or does not matter
        logging.getLogger(library_of).setLevel(logging.CRITICAL)
    blocks = [_despite_doubled_keys(block, n) for n, block in enumerate(parse_string(text, parse_stack=[]).blocks)]
    library = Library(blocks)
    for middleware in default_parse_stack():
        library = middleware.transform(library)
    strings = {string.key.lower(): str(string.value) for string in library.strings}
    decoder = LatexDecodingMiddleware(keep_math_mode=False)
    found = Read([], [_failed(name, block) for block in library.failed_blocks])
    for entry in library.entries:
        work = _work(Span(name, (entry.start_line or 0) + 1), entry, strings, decoder)
        if isinstance(work, Work):
            found.works.append(work)
        else:
            found.problems.append(work)
    return found


def _despite_doubled_keys(block: "Block", number: int) -> "Block":
    """The entry in a block that failed only because the key of an entry, or one of the fields that we do not use, is
    there twice; else the block itself."""
    from bibtexparser.model import DuplicateBlockKeyBlock, DuplicateFieldKeyBlock, Entry

    inside = block.ignore_error_block if isinstance(block, DuplicateBlockKeyBlock | DuplicateFieldKeyBlock) else None
    if not isinstance(inside, Entry):
        return block
    if isinstance(block, DuplicateFieldKeyBlock):
        values = {(field.key.lower(), field.value) for field in inside.fields if field.key.lower() in _USED}
        if len(values) != len({key for key, _ in values}):
            return block
        inside.fields = [*{field.key: field for field in inside.fields}.values()]
    inside.key = f"{inside.key} {number}"
    return inside


def _failed(name: str, block: "Block") -> Problem:
    from bibtexparser.model import DuplicateFieldKeyBlock

    span = Span(name, (block.start_line or 0) + 1)
    if isinstance(block, DuplicateFieldKeyBlock):
        doubled = " and ".join(f"`{key}`" for key in sorted(block.duplicate_keys))
        return unreadable(span, f"this entry has {doubled} twice", "delete one of them")
    hint = "look for a brace, a quote or a comma that is missing, here or in the entry above"
    return unreadable(span, "this entry of BibTeX cannot be read to its end", hint)


def _work(span: Span, entry: "Entry", strings: Mapping[str, str], decoder: "LatexDecodingMiddleware") -> Work | Problem:
    from bibtexparser.middlewares.names import parse_single_name_into_parts, split_multiple_persons_names

    fields: dict[str, str] = {}
    for field in entry.fields:
        value = str(field.value)
        if field.enclosing == "no-enclosing":  # texts and @string names with # between them
            parts = [part.strip() for part in value.split("#")]
            value = "".join(strings.get(part.lower(), part.strip('"{}')) for part in parts)
        fields.setdefault(field.key.lower(), value)
    names = split_multiple_persons_names(fields.get("author") or fields.get("editor") or "")
    others = names[-1:] == ["others"]
    named = [parse_single_name_into_parts(each, strict=False) for each in names[: MOST_NAMED + 1] if each != "others"]
    latex = {key: fields[key] for key in _LATEX if key in fields}
    for place, name in enumerate(named):
        latex[f"family {place}"] = " ".join([*name.von, *name.last])
        latex[f"given {place}"] = " ".join(name.first)
    texts = _decoded(latex, decoder)
    if texts is None:
        return unreadable(span, "LaTeX in this entry cannot be read", "write its title and names as plain text")
    kind = KINDS.get(entry.entry_type.lower(), "")
    pubmed = fields.get("eprinttype", "").lower() in ("pubmed", "pmid")
    title = title_of(*(texts.get(key, "") for key in _TITLES))
    subtitle = title_of(texts.get("subtitle", ""))
    return Work(
        span=span,
        title=f"{title}: {subtitle}" if title and subtitle else title,
        authors=people(person(texts[f"family {place}"], texts[f"given {place}"]) for place in range(len(named))),
        others=others or len(names) > len(named),
        year=year_in(fields.get("year", ""), fields.get("date", "")),
        container=title_of(*(text for key in _CONTAINERS if (text := texts.get(key, "")) != title)),
        kinds=frozenset({kind} - {""}),
        found_by=finding(
            doi=_as_written(fields.get("doi", "")),
            pmid=fields.get("pmid", "") or (fields.get("eprint", "") if pubmed else ""),
            isbn=fields.get("isbn", ""),
            book=entry.entry_type.lower() in _WHOLE,
            urls=[_as_written(fields.get(key, "")) for key in ("url", "howpublished")],
            notes=fields.get("note", ""),
        ),
    )


def _decoded(latex: Mapping[str, str], decoder: "LatexDecodingMiddleware") -> dict[str, str] | None:
    """Texts in LaTeX as plain texts; None if one of them cannot be read."""
    from bibtexparser.library import Library
    from bibtexparser.model import Entry, Field

    if any(len(text) > _LONGEST for text in latex.values()):
        return None
    # Many programs write % and & as they are; LaTeX would read a comment and the edge of a cell.
    fields = [Field(key, re.sub(r"(?<!\\)[%&]", r"\\\g<0>", text)) for key, text in latex.items()]
    block = decoder.transform_entry(Entry("", "", fields), Library())
    return {field.key: str(field.value) for field in block.fields} if isinstance(block, Entry) else None


def _as_written(address: str) -> str:
    """An address or a DOI out of `\\url{…}`, and without the backslashes and braces of LaTeX."""
    inside = re.search(r"\\url\s*\{([^{}]*)\}", address)
    return re.sub(r"\\(?=[_%&#$~{}])|[{}]", "", inside[1] if inside else address).strip()
