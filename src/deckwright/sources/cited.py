"""What people read of a card's sources: authors or body, journal or title, year, and where in it.

In: the citations of a card and the sources of its deck. Out: one `Cited` per source, for cards, sheets and pages.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from deckwright.model import Citation, Source


class Cited(NamedTuple):
    """One source as it is shown."""

    name: str
    """`Hoy D, et al., Arthritis Rheum 2012`."""
    locator: str
    """`p. 1013`, or several with semicolons between them; empty for the whole."""
    title: str
    """The full title."""
    address: str
    """Its web address; empty if it has none."""

    @property
    def text(self) -> str:
        """The name and the locator."""
        return f"{self.name}, {self.locator}" if self.locator else self.name


def cited(citations: Iterable[Citation], sources: Mapping[str, Source]) -> list[Cited]:
    """The sources that a card shows, in the order cited, each once. A text that was never published is shown only where
    nothing else is cited, and without its paragraph, because nobody can look that up."""
    locators: dict[str, dict[str, None]] = {}
    for citation in citations:
        locators.setdefault(citation.source, {})[citation.locator] = None
    known = {id_: sources.get(id_) for id_ in locators}
    published = {id_: source for id_, source in known.items() if source is None or is_published(source)}
    shown: dict[Cited, None] = {}
    for id_, source in (published or known).items():
        places = "; ".join(filter(None, locators[id_])) if id_ in published else ""
        shown[Cited(id_, places, "", "") if source is None else _cited(source, places)] = None
    return list(shown)


def is_published(source: Source) -> bool:
    """Whether anybody can find it: it is not a document that is only in the hands of the deck's authors."""
    return source.kind != "document" or bool(address(source) or source.isbn)


def address(source: Source) -> str:
    """The web address of a source; empty if it has none."""
    if source.doi:
        return f"https://doi.org/{source.doi}"
    return source.url or (f"https://pubmed.ncbi.nlm.nih.gov/{source.pmid}" if source.pmid else "")


def _cited(source: Source, locator: str) -> Cited:
    where = address(source)
    year = str(source.year) if source.year else ""
    work = f"{source.short} {year}".strip() if source.short else ", ".join(filter(None, (source.title, year)))
    name = ", ".join(filter(None, (source.authors, work)))
    name += f", ISBN {source.isbn}" if source.isbn and not where else ""
    return Cited(name, locator, source.title, where)
