"""CSL-JSON, which Zotero and Mendeley export and DOI services answer with.

What is found in it often differs from its schema: a title or the name of a journal may be a list of one, a number may
be a text, an author may have a `literal` name, and the notes may hold a PubMed number.
"""

import json
import re
from collections.abc import Iterator
from itertools import repeat
from typing import Any

from deckwright.problem import Problem, Span
from deckwright.sources.bibliography.work import (
    Person,
    Read,
    Work,
    finding,
    people,
    person,
    title_of,
    unreadable,
    year_in,
)

KINDS = {
    "book": "textbook",
    "book-chapter": "textbook",
    "chapter": "textbook",
    "monograph": "textbook",
    "post": "web",
    "post-weblog": "web",
    "webpage": "web",
}
"""Kinds of sources by CSL's and Crossref's types."""


def read(name: str, text: str) -> Read:
    """The works in a text in CSL-JSON: a list of them, or one alone."""
    try:
        content = json.loads(text)
    except RecursionError:
        return _broken(Span(name), "the lists in this file are nested too deeply")
    except json.JSONDecodeError as error:
        return _broken(Span(name, error.lineno, error.colno), f"JSON cannot be read on from here: {error.msg}")
    except ValueError:  # Python reads no number of thousands of digits
        return _broken(Span(name), "a number in this file is too long")
    if isinstance(content, dict):
        content = content["items"] if isinstance(content.get("items"), list) else [content]
    listed = content if isinstance(content, list) else []
    found = Read([], [])
    for span, entry in zip(_spans(name, text), listed, strict=False):
        if isinstance(entry, dict):
            found.works.append(_work(span, entry))
        else:
            message = "this is not an entry of a bibliography"
            found.problems.append(unreadable(span, message, 'an entry looks like {"type": …, "title": …}'))
    return found


def _broken(span: Span, message: str) -> Read:
    return Read([], [Problem(span, "bibliography-unread", message, "export the sources again, as CSL-JSON")])


def _spans(name: str, text: str) -> Iterator[Span]:
    """Where the entries of a list begin. Only a list alone is looked into."""
    opened = re.match(r"\s*\[\s*", text)
    if opened is None:
        yield from repeat(Span(name))
        return
    decoder, between = json.JSONDecoder(), re.compile(r"[\s,]*")
    place, line, counted = opened.end(), 1, 0
    while text[place] != "]":
        line, counted = line + text.count("\n", counted, place), place
        yield Span(name, line, place - text.rfind("\n", 0, place))
        _, end = decoder.raw_decode(text, place)
        place = between.match(text, end).end()  # type: ignore[union-attr] # it matches everywhere


def _work(span: Span, entry: dict[str, Any]) -> Work:
    def text(*keys: str) -> str:
        return next((written for key in keys if (written := _text(entry.get(key)))), "")

    kind = KINDS.get(text("type").lower(), "")
    names = next(
        (listed for key in ("author", "editor") if (listed := entry.get(key)) and isinstance(listed, list)), []
    )
    return Work(
        span=span,
        title=title_of(text("title")),
        authors=people(_person(name) for name in names),
        others=False,
        year=next((year for key in _DATES if (year := _year(entry.get(key)))), ""),
        container="" if text("type").lower() in _WHOLE else title_of(*map(text, _CONTAINERS)),
        kinds=frozenset({kind} - {""}),
        found_by=finding(
            doi=text("DOI", "doi"),
            pmid=text("PMID"),
            isbn=text("ISBN"),
            book=text("type").lower() in _WHOLE,
            urls=[text("URL")],
            notes=text("note"),
        ),
    )


_WHOLE = ("book", "monograph")
"""Types of works that are in nothing but a series, whose name says less than the title."""
_CONTAINERS = ("container-title-short", "journalAbbreviation", "short-container-title", "container-title")
_DATES = ("issued", "published", "published-print", "published-online", "event-date")


def _text(value: object) -> str:
    """A value as a text: of a list, its first."""
    if isinstance(value, list):
        value = value[0] if value else ""
    return str(value) if isinstance(value, str | int) else ""


def _year(value: object) -> str:
    if not isinstance(value, dict):
        return year_in(_text(value))
    parts = value.get("date-parts")
    first = parts[0] if isinstance(parts, list) and parts else ""
    return year_in(_text(first)) or year_in(*(_text(value.get(key)) for key in ("raw", "literal", "date-time")))


def _person(name: object) -> Person:
    if not isinstance(name, dict):
        return person(_text(name))
    body = _text(name.get("literal")) or _text(name.get("name"))
    particles = (_text(name.get(key)) for key in ("dropping-particle", "non-dropping-particle"))
    family = " ".join([*filter(None, particles), _text(name.get("family"))])
    return person(body) if body else person(family, _text(name.get("given")))
