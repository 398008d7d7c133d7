"""What we use of an entry of a bibliography, whatever its format, and how its values become plain text.

In: values as they are written in a file. Out: lines of text without markup, names, numbers.
"""

import html
import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from deckwright.problem import Problem, Span
from deckwright.reading.describing import FINDS
from deckwright.reading.nodes import INVISIBLE

MOST_NAMED = 3
"""How many authors an entry names; of more, it names the first."""


class Person(NamedTuple):
    """An author."""

    name: str
    """The family name, or the whole name of a body."""
    initials: str = ""
    """Empty for a body."""

    @property
    def short(self) -> str:
        """As it is cited: `Hoy D`."""
        return f"{self.name} {self.initials}".strip()


class Work(NamedTuple):
    """One entry of a bibliography. A text is empty if the entry does not have it."""

    span: Span
    title: str
    authors: tuple[Person, ...]
    others: bool
    """Whether there are authors that are not named."""
    year: str
    container: str
    """The journal, its abbreviation if there is one, or the site or book that it is in."""
    kinds: frozenset[str]
    """The kinds of sources, as in cards/sources.yaml, that its type is one of."""
    found_by: Mapping[str, str]
    """Its `doi`, `pmid`, `isbn` and `url`, as far as it has them."""


class Read(NamedTuple):
    """What was found in a file."""

    works: list[Work]
    problems: list[Problem]


def unreadable(span: Span, message: str, hint: str) -> Problem:
    """The problem of one entry."""
    return Problem(span, "bibliography-entry", message, hint)


# --- texts --------------------------------------------------------------------------------------------------

_INLINE = (
    "a|b|bold|em|i|inf|inline-formula|italic|monospace|p|roman|sans-serif|sc|scp|small|span|strong|sub|sup|title|tt|u"
)
_TAG = re.compile(rf"</?(?:jats:|mml:)?(?:{_INLINE})(?:\s[^<>]*)?/?>", re.IGNORECASE)


def plain(text: str) -> str:
    """A value as one line of text: without the tags of HTML and JATS, with the characters that entities stand for, and
    without those that nobody can see."""
    for _ in range(2):  # some exports escape their markup once more
        text = html.unescape(_TAG.sub("", text))
    shown = "".join(
        " " if (category := unicodedata.category(character)) in ("Cc", "Zl", "Zp", "Zs")
        else "" if category in ("Cf", "Cs") and character not in _JOINERS
        else character
        for character in INVISIBLE.sub(" ", unicodedata.normalize("NFC", text))
    )  # fmt: skip
    return " ".join(shown.split())


_JOINERS = "\u200c\u200d"
"""Characters that nobody can see and that some scripts need."""


def title_of(*texts: str) -> str:
    """The first of some titles that is not empty, without the full stop at its end."""
    titles = (re.sub(r"(?<![.\s])\.$", "", plain(text)).strip() for text in texts)
    return next((title for title in titles if re.search(r"\w", title)), "")


def year_in(*texts: str) -> str:
    """The first year in some dates."""
    found = re.search(r"(?<!\d)[12]\d{3}(?!\d)", " ".join(texts), re.ASCII)
    return found[0] if found else ""


# --- names --------------------------------------------------------------------------------------------------


def person(family: str, given: str = "") -> Person:
    """An author by name; a body has no given name."""
    words = re.split(r"[\s.\-‐]+", plain(given))
    initials = [word if word.isupper() and len(word) <= 3 else word[:1].upper() for word in words]
    return Person(plain(family).strip(" ,;"), "".join(initials))


def people(names: Iterable[Person]) -> tuple[Person, ...]:
    """Those whose names are not empty."""
    return tuple(person for person in names if re.search(r"\w", person.name))


def comma_name(name: str) -> Person:
    """A name that is written with the family name first: `Hoy, Damian G.`; without a comma, it is that of a body."""
    family, _, given = name.partition(",")
    return person(family, given.split(",")[0])


# --- what a work is found by ----------------------------------------------------------------------------------


def finding(
    *, doi: str = "", pmid: str = "", isbn: str = "", urls: Iterable[str] = (), notes: str = "", book: bool = False
) -> dict[str, str]:
    """By what a work is found, from the values of an entry; `notes` may name its PubMed number. An address is used
    only if there is nothing else, and the ISBN of what is not a whole `book` only if there is no address either: it is
    that of the book around it."""
    found: dict[str, str] = {}
    if number := re.search(r"10\.\d{4,9}/\S+", plain(doi), re.ASCII):
        found |= _doi(number[0].rstrip(".,;"))
    numbers = re.search(r"\d{1,9}", pmid, re.ASCII) or re.search(r"\bPMID:?\s*(\d{1,9})", notes, re.ASCII)
    if numbers:
        found["pmid"] = numbers[numbers.lastindex or 0]
    number = re.search(r"(?:97[89][ -]?)?(?:\d[ -]?){9}[\dX]", isbn.upper(), re.ASCII)
    if number and book:
        found["isbn"] = number[0]
    addresses = (re.match(FINDS["url"], plain(url)) for url in urls)
    address = next((match[0] for match in addresses if match), "")
    if address and not found:
        found["url"] = address
    return found or ({"isbn": number[0]} if number else {})


def _doi(doi: str) -> dict[str, str]:
    """A DOI or, if it has characters that cannot be written in cards/sources.yaml, its address."""
    from urllib.parse import quote, unquote

    doi = unquote(doi) if re.search(r"%[0-9A-Fa-f]{2}", doi) else doi
    if re.fullmatch(FINDS["doi"], doi):
        return {"doi": doi}
    return {"url": f"https://doi.org/{quote(doi, safe='/:;()')}"}
