"""Works from bibliographies → entries for cards/sources.yaml.

In: the works, and the sources that are there. Out: what to write under which id, and which works are there already.
Nothing is looked up; what a work does not say is left out.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from deckwright.model import Source
from deckwright.problem import NOWHERE, Problem, Trouble
from deckwright.reading.citing import identified
from deckwright.reading.describing import found_by, free_id, identities, source_id
from deckwright.sources.bibliography import FORMATS
from deckwright.sources.bibliography.work import MOST_NAMED, Person, Work, people, plain, title_of, unreadable

DEFAULT_KIND = "document"
"""The kind of a source of which no other kind is known."""

_LONGEST = 2000
"""Characters of a title, a name, a journal or an address."""

_TITLES = {
    "systematic-review": r"systematic (?:literature |scoping )?reviews?\b|\bmeta-?analys[ei]s\b",
    "guideline": r"^(?!.*(?:adheren|complian|concordan|implement)).*\bguidelines?\b",
    "review": r"\b(?<!chart )(?<!record )(?<!records )reviews?\b",
    "trial": r"\brandomi[sz]ed\b.*\btrial\b|\b(?:clinical|controlled) trial\b",
    "cohort": r"\bcohort(?: study)?\b",
}
"""What the title of a source of each kind says; the first that fits counts."""

_PLANNED = r"\b(?:study|trial|review) protocol\b|\bprotocol (?:for|of) an?\b"
"""What the title says of a study that has no results yet."""

_KINDS = ("systematic-review", "guideline", "trial", "cohort", "review", "textbook", "web")
"""The kinds that the type and the title can name, the most telling first."""


class Additions(NamedTuple):
    """What adding some works comes to."""

    entries: Mapping[str, Mapping[str, str]]
    """The keys of each new entry, by its id."""
    unsure: tuple[str, ...]
    """The ids of the new entries whose kind is not known."""
    there: tuple[tuple[str, str], ...]
    """Of each work that is there already, its title and the id of its source."""
    problems: tuple[Problem, ...]
    """The works that cannot be added."""


def additions(works: Iterable[Work], sources: Iterable[Source], taken: Iterable[str], kind: str = "") -> Additions:
    """What to add so that all works are among the sources. `taken` are the ids that are there; `kind` is the kind of
    all works, if somebody says so."""
    known = _Known()
    for source in sources:
        own = identities(found_by(source))
        known.add(own, _told_apart(source.title, source.authors or "", str(source.year or "")), str(source.id))
    ids = {*taken}
    entries: dict[str, Mapping[str, str]] = {}
    unsure, there, problems = [], [], []
    for work in works:
        if not work.title:
            hint = "write its title into the file, or delete the entry there"
            problems.append(unreadable(work.span, "this entry has no title", hint))
            continue
        if not work.found_by:
            message = "this entry has no DOI, PubMed number, ISBN or web address, so it cannot be looked up"
            problems.append(unreadable(work.span, message, "write one into the file, or delete the entry there"))
            continue
        texts = (work.title, work.container, *(each.short for each in work.authors), *work.found_by.values())
        if max(map(len, texts)) > _LONGEST:
            hint = "look for a title, a name or an address that goes on where it should end"
            problems.append(unreadable(work.span, f"a text of this entry has more than {_LONGEST:,} characters", hint))
            continue
        known_kind = kind or _kind(work)
        keys = _keys(work, known_kind or DEFAULT_KIND)
        own, text = identities(keys), _told_apart(work.title, keys.get("authors", ""), work.year)
        if same := known.same(own, text):
            there.append((work.title, same))
            continue
        id_ = free_id(_id(work), ids)
        ids.add(id_)
        entries[id_] = keys
        unsure += [] if known_kind else [id_]
        known.add(own, text, id_)
    return Additions(entries, tuple(unsure), tuple(there), tuple(problems))


def described(what: Sequence[str], keys: Mapping[str, str]) -> Work:
    """The one work that somebody describes: by its DOI, PubMed number, ISBN or address, and its `title`, `authors`,
    `short` and `year`, each of which may be empty. Raises Trouble: it is none of them, or it has no title."""
    if len(what) > 1:
        raise Trouble(f"{' '.join(what)}: name files only, or one DOI, PubMed number, ISBN or web address")
    found_by = identified(what[0])
    if not found_by:
        endings = ", ".join(FORMATS)
        message = f"not a DOI, PubMed number, ISBN or web address, nor a file whose name ends in one of {endings}"
        raise Trouble(message, about=what[0])
    if not keys["title"].strip():
        raise Trouble("nothing is looked up, so write its title: --title '…'", about=what[0])
    named = re.sub(r"\bet al\b\.?", "", keys["authors"])
    authors = [re.fullmatch(r"(.*?)(?: ([A-ZÀ-Þ]{1,4}))?", name.strip()) for name in re.split("[,;]", named)]
    return Work(
        span=NOWHERE,
        title=title_of(keys["title"]),
        authors=people(Person(plain(each[1]), each[2] or "") for each in authors if each),
        others=named != keys["authors"],
        year=keys["year"],
        container=plain(keys["short"]),
        kinds=frozenset({"web"} if "url" in found_by else ()),
        found_by=found_by,
    )


class _Known:
    """The sources that are there, by what tells them apart."""

    def __init__(self) -> None:
        self.by_identity: dict[tuple[str, str], str] = {}
        self.by_text: dict[str, tuple[str, frozenset[str]]] = {}  # the id, and the keys that the source is found by

    def add(self, own: frozenset[tuple[str, str]], text: str, id_: str) -> None:
        self.by_identity |= dict.fromkeys(own, id_)
        self.by_text.setdefault(text, (id_, frozenset(key for key, _ in own)))

    def same(self, own: frozenset[tuple[str, str]], text: str) -> str:
        """The id of the source that a work is; empty if it is none of them. Works with one title are two if their DOIs,
        PubMed numbers or ISBNs differ: a preprint and its article, or a correction."""
        id_ = next((self.by_identity[identity] for identity in sorted(own) if identity in self.by_identity), "")
        like, keys = self.by_text.get(text, ("", frozenset()))
        return id_ or ("" if keys & {key for key, _ in own if key != "url"} else like)


def _told_apart(title: str, authors: str, year: str) -> str:
    """What tells works apart that share no number: the letters of the title, the year and the first author."""
    return re.sub(r"[\W_]+", "", f"{title} {year} {authors.split(',')[0]}").casefold()


def _id(work: Work) -> str:
    """An id from the first author, else from the first words of the title, and the year."""
    name = work.authors[0].name if work.authors else ""
    words = " ".join(work.title.split()[:4])
    return source_id(name, work.year) or source_id(words, work.year) or f"source-{work.year}".strip("-")


def _kind(work: Work) -> str:
    """The kind of a source that its type or its title says; empty if neither does."""
    title = work.title.casefold()
    named = next((kind for kind, pattern in _TITLES.items() if re.search(pattern, title)), "")
    kinds = {*work.kinds, "" if re.search(_PLANNED, title) else named}
    if "cochrane database" in work.container.casefold():
        kinds.add("systematic-review")
    return next((kind for kind in _KINDS if kind in kinds), "")


def _keys(work: Work, kind: str) -> dict[str, str]:
    """The keys of an entry, in the order of cards/sources.yaml."""
    named = [person.short for person in work.authors]
    if work.others or len(named) > MOST_NAMED:
        named = [*named[:1], "et al."]
    keys = {"title": work.title, "authors": ", ".join(named), "short": work.container, "year": work.year, "kind": kind}
    return {key: value for key, value in {**keys, **work.found_by}.items() if value}
