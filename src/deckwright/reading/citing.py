"""What an author wrote as a source → the entry to paste into cards/sources.yaml, and how to cite it.

In: a text such as `10.1002/art.34347`, `PMID: 22231424 p. 3` or `Blanpied et al. 2017`. Out: an entry with everything
that the text says, and gaps for what it does not say. Nothing is looked up or invented.
"""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from deckwright.model import Source
from deckwright.reading.describing import FINDS, found_by, identities, source_entry, source_id
from deckwright.reading.scalars import SLUG
from deckwright.reading.values import slugged


class Meant(NamedTuple):
    """The source that a text names."""

    name: str
    """What names it in the text."""
    id: str
    """An id for it."""
    keys: Mapping[str, str]
    """What the text says of it: `doi`, `pmid`, `isbn`, `url` or `year`."""
    locator: str
    """The place in it."""

    @property
    def citation(self) -> str:
        """How a card cites it."""
        return f"{self.id} {self.locator}".strip()

    def entry(self) -> str:
        """The lines for cards/sources.yaml."""
        keys = {"title": "…", "kind": "…", **self.keys}
        if keys.keys().isdisjoint(FINDS):
            keys["doi"] = "…"
        return source_entry(self.id, keys)

    def among(self, sources: Iterable[Source]) -> str:
        """The id of the source that it is; empty if it is none of them."""
        own = identities(self.keys)
        return next((source.id for source in sources if own & identities(found_by(source))), "") if own else ""


_PLACE = re.compile(
    r"(?<![\s,;:])[\s,;:]+(?=(?:pp?\.?|para\.?|page|table|chapter|section|figure|fig\.?) *\d|¶)", re.IGNORECASE
)


def meant(text: str) -> Meant:
    """The source that a text names, which is no source of the deck."""
    for key, pattern in FINDS.items():
        if found := re.search(pattern, text, re.IGNORECASE):
            value = found[1].rstrip(".,;:")
            words = text[: found.start()].strip(" .,;:(")
            locator = text[found.start(1) + len(value) : found.end()].strip("./,;:") + text[found.end() :]
            id_ = _named(words) or {"pmid": f"pmid-{value}", "isbn": f"isbn-{value}"}.get(key) or _addressed(value)
            return Meant(found[0].rstrip(".,;:"), id_.lower(), {**_year(words), key: value}, locator.strip(" ,;:)"))
    first, _, rest = text.partition(" ")
    if re.fullmatch(SLUG, first) and re.search(r"[\d-]", first):  # it is written as an id
        return Meant(first, first, {}, rest.strip())
    name, *place = _PLACE.split(text, maxsplit=1)
    return Meant(name, _named(name) or "my-source", _year(name), "".join(place))


def identified(text: str) -> Mapping[str, str]:
    """The key by which a source is found, from a text that is a DOI, a PubMed number, an ISBN or an address; empty if
    it is none of them."""
    bare = re.sub(r"[\s-]", "", text)
    if re.fullmatch(r"97[89][0-9]{10}|[0-9]{9}[0-9Xx]", bare):
        text = f"ISBN {text}"
    elif re.fullmatch(r"[0-9]{1,9}", bare):
        text = f"PMID {text}"
    return {key: value for key, value in meant(text).keys.items() if key in FINDS}


def _named(words: str) -> str:
    """An id from an author's words: `Blanpied et al. 2017` gives `blanpied-2017`."""
    listed = re.sub(r"\bet al\b\.?", " ", words).split()
    year = _year(words).get("year", "")
    return source_id(listed[0], year) if year and len(listed) > 3 else slugged(" ".join(listed[:6]))


def _year(words: str) -> dict[str, str]:
    """The last year that some words name, as a key; empty if they name none."""
    years = re.findall(r"\b(?:19|20)\d\d\b", words)
    return {"year": years[-1]} if years else {}


def _addressed(address: str) -> str:
    """An id from an address or a DOI."""
    return slugged(re.sub(r"^https?://(?:www\.)?", "", address))[:60].strip("-")
