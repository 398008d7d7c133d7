"""PubMed's own format (MEDLINE), which its button "Save" writes as .txt and "Cite" as .nbib.

A field is a tag of up to four letters, `- ` and its value, which goes on on lines that are set in by six spaces. Our
own reader, because the one on the package index has not been kept since 2021 and fails on irregular files.
"""

import re
from collections import defaultdict

from deckwright.problem import Span
from deckwright.sources.bibliography.work import (
    Person,
    Read,
    Work,
    finding,
    people,
    person,
    plain,
    title_of,
    unreadable,
    year_in,
)

_FIELD = re.compile(r"([A-Z][A-Z0-9 ]{3})- ?(.*)")

_AUTHOR = re.compile(r"(.*?)(?: ([^\W\d_a-z]{1,4})(?: (?:Jr|Sr|\d\w\w))?)?")
"""A family name, initials if there are any, and what follows them in families."""

KINDS = {
    "clinical trial": "trial",
    "controlled clinical trial": "trial",
    "guideline": "guideline",
    "meta-analysis": "systematic-review",
    "practice guideline": "guideline",
    "pragmatic clinical trial": "trial",
    "randomized controlled trial": "trial",
    "review": "review",
    "systematic review": "systematic-review",
}
"""Kinds of sources by PubMed's types of publications."""


def read(name: str, text: str) -> Read:
    """The works in a text in PubMed's format."""
    found = Read([], [])
    if not re.search(r"^PMID- ", text, re.MULTILINE):
        return found
    fields: dict[str, list[str]] = defaultdict(list)
    start, tag = 1, ""
    for number, line in enumerate([*text.split("\n"), "PMID- "], 1):
        match = _FIELD.match(line)
        if match is None:
            if line.startswith("      ") and tag:
                fields[tag][-1] += f" {line.strip()}"
            elif line.strip() and fields:
                message = f"this line of an entry is not in PubMed's format: {line.strip()[:40]}"
                found.problems.append(unreadable(Span(name, number), message, "save the entries from PubMed again"))
            continue
        tag = match[1].strip()
        if tag == "PMID":
            if fields and "PMID" not in fields:
                message = "these lines are in front of the first entry"
                found.problems.append(unreadable(Span(name, start), message, "an entry begins with PMID-"))
            elif fields:
                found.works.append(_work(Span(name, start), fields))
            fields, start = defaultdict(list), number
        fields[tag].append(match[2].strip())
    return found


def _work(span: Span, fields: dict[str, list[str]]) -> Work:
    def first(*tags: str) -> str:
        return next((value for tag in tags for value in fields.get(tag, ())), "")

    identifiers = [*fields.get("LID", ()), *fields.get("AID", ())]
    types = {kind.lower() for kind in fields.get("PT", ())}
    written = [Person(*_AUTHOR.fullmatch(plain(name)).groups("")) for name in fields.get("AU", ())]  # type: ignore[union-attr]
    book = first("BTI")
    return Work(
        span=span,
        title=title_of(re.sub(r"^\[(.*)\]\.?$", r"\1", first("TI")), book),
        authors=people([*written, *(person(body) for body in fields.get("CN", ()))]),
        others=False,
        year=year_in(first("DP", "DEP")),
        container=title_of(first("TA", "JT"), book if first("TI") else ""),
        kinds=frozenset(kind for word, kind in KINDS.items() if word in types) | ({"textbook"} if book else set()),
        found_by=finding(
            doi=next((text.removesuffix("[doi]").strip() for text in identifiers if text.endswith("[doi]")), ""),
            pmid=first("PMID"),
            isbn=first("ISBN"),
            book=not first("TI"),
        ),
    )
