"""A source as keys and values → its entry in cards/sources.yaml, an id for it, and what tells it from other sources.

In: what is known of a source. Out: the lines of its entry, in the layout of the file. Both the messages about sources
without an entry and `deckwright sources add` make entries here, so that the two look alike.
"""

import re
from collections.abc import Container, Iterator, Mapping
from itertools import count
from urllib.parse import unquote

from deckwright.model import Source
from deckwright.reading.quoting import scalar
from deckwright.reading.values import slugged

FINDS = {
    "doi": r"(?:https?://(?:dx\.)?doi\.org/|doi:?\s*)?(10\.\d{4,9}/[^\s<>\"'{}\\]+)",
    "pmid": r"(?:https?://pubmed\.ncbi\.nlm\.nih\.gov/|\bpmid:?\s*)(\d{1,9})/?",
    "isbn": r"\bisbn:?\s*([\dX-]{10,17})",
    "url": r"(https?://[^\s<>\"'\\{}]+)",
}
"""The keys by which a source is found, and how each is written in a text."""


def source_entry(id_: str, keys: Mapping[str, str]) -> str:
    """The lines of an entry, without a line end behind the last."""
    return f"{id_}:" + "".join(f"\n  {key}: {scalar(value)}" for key, value in keys.items())


def source_id(name: str, year: str) -> str:
    """An id from the name of an author or body, or else from the words of a title, and a year. It is empty if an id may
    have none of their characters."""
    words = slugged(name)
    if len(words) > _LONGEST_NAME:
        words = words[: _LONGEST_NAME + 1].rpartition("-")[0] or words[:_LONGEST_NAME]
    return f"{words}-{year}".strip("-") if words else ""


_LONGEST_NAME = 40


def free_id(id_: str, taken: Container[str]) -> str:
    """`id_` or, if it is taken, the first of `id_-b`, `id_-c`, … that is free."""
    return next(candidate for candidate in _like(id_) if candidate not in taken)


def _like(id_: str) -> Iterator[str]:
    yield id_
    for letter in "bcdefghijklmnopqrstuvwxyz":
        yield f"{id_}-{letter}"
    for number in count(27):
        yield f"{id_}-{number}"


def found_by(source: Source) -> dict[str, str]:
    """The keys of a source by which it is found."""
    return {key: value for key in FINDS if (value := getattr(source, key))}


def identities(keys: Mapping[str, str]) -> frozenset[tuple[str, str]]:
    """What a source shares with no other, each in the one form in which it can be compared: DOIs in lower case, also
    out of an address; PubMed numbers; ISBNs as thirteen digits; other addresses without `https://www.` in front."""
    found = {(key, _comparable(key, value)) for key, value in keys.items() if key in FINDS and key != "url"}
    address = keys.get("url", "")
    for key in ("doi", "pmid"):
        if match := re.fullmatch(_ADDRESSES[key], address, re.IGNORECASE):
            return frozenset({*found, (key, _comparable(key, unquote(match[1])))})
    return frozenset({*found, ("url", re.sub(r"^https?://(www\.)?", "", address).rstrip("/"))} if address else found)


_ADDRESSES = {
    "doi": r"https?://(?:dx\.|www\.)?doi\.org/(10\..+)",
    "pmid": r"https?://(?:pubmed\.ncbi\.nlm\.nih\.gov|(?:www\.)?ncbi\.nlm\.nih\.gov/pubmed)/(\d+)/?",
}


def _comparable(key: str, value: str) -> str:
    if key == "doi":
        return value.casefold()
    if key == "pmid":
        return value.lstrip("0")
    digits = re.sub(r"[^0-9X]", "", value.upper())
    if not re.fullmatch(r"[0-9]{9}[0-9X]", digits):
        return digits
    first = "978" + digits[:9]
    check = -sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(first)) % 10
    return f"{first}{check}"
