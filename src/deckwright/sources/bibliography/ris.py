"""RIS, which nearly every reference manager and publisher exports. The door to rispy.

rispy says nothing where it finds nothing, and joins two entries if the first lacks its last line. So it is given one
entry at a time, whose first line is known.
"""

import re
from itertools import pairwise, takewhile
from typing import Any

from deckwright.problem import Span
from deckwright.sources.bibliography.work import (
    Read,
    Work,
    comma_name,
    finding,
    people,
    plain,
    title_of,
    unreadable,
    year_in,
)

KINDS = {
    "BLOG": "web",
    "BOOK": "textbook",
    "CHAP": "textbook",
    "EBOOK": "textbook",
    "ECHAP": "textbook",
    "EDBOOK": "textbook",
    "ELEC": "web",
    "ICOMM": "web",
    "WEB": "web",
}
"""Kinds of sources by RIS's types."""

_MOST_LINES = 20_000
"""Of one entry. rispy's time grows with the square of their number, and no article has as many authors."""

_WHOLE = ("BOOK", "EBOOK", "EDBOOK")
"""Types of works that are in nothing but a series, whose name says less than the title."""

_LISTS = ("AU", "A1", "A2", "N1", "M1", "UR", "SN")
_TAGS = ("TY", "TI", "T1", "CT", "BT", "T2", "JA", "J2", "JO", "JF", "PY", "Y1", "DA", "DO", "DB", "AN", *_LISTS)


def read(name: str, text: str) -> Read:
    """The works in a text in RIS. What is in front of the first entry and between two of them is left out."""
    from rispy import RisParser

    parser = RisParser(
        mapping={tag: tag for tag in _TAGS},
        list_tags=list(_LISTS),
        delimiter_tags_mapping={},
        skip_unknown_tags=True,
    )
    lines = [re.sub(r"^([A-Z][A-Z0-9] {2}-)(?=\S)", r"\1 ", line) for line in text.split("\n")]
    starts = [place for place, line in enumerate(lines) if re.match(r"TY {2}-", line)]
    works, problems = [], []
    for start, stop in pairwise([*starts, len(lines)]):
        own = list(takewhile(lambda line: not line.startswith("ER  -"), lines[start:stop]))
        if len(own) > _MOST_LINES:
            problems.append(unreadable(Span(name, start + 1), "this entry is too long", "delete what it need not have"))
            continue
        [fields] = parser.parse_lines(iter([*own, "ER  - "]))
        works.append(_work(Span(name, start + 1), fields))
    return Read(works, problems)


def _work(span: Span, fields: dict[str, Any]) -> Work:
    def listed(tag: str) -> list[str]:
        return list(fields.get(tag, ()))

    def first(*tags: str) -> str:
        return next((fields[tag] for tag in tags if fields.get(tag)), "")

    pubmed = re.search(r"pubmed|medline|nlm", first("DB"), re.IGNORECASE)
    kind = KINDS.get(first("TY").upper(), "")
    whole = first("TY").upper() in _WHOLE
    return Work(
        span=span,
        title=title_of(first("TI"), first("T1"), first("CT"), first("BT")),
        authors=people(
            comma_name(plain(name)) for tag in ("AU", "A1", "A2") for name in listed(tag) if tag != "A2" or whole
        ),
        others=False,
        year=year_in(first("PY"), first("Y1"), first("DA")),
        container="" if whole else title_of(*map(first, ("J2", "JA", "JO", "JF", "T2"))),
        kinds=frozenset({kind} - {""}),
        found_by=finding(
            doi=first("DO"),
            pmid=first("AN") if pubmed else "",
            isbn="; ".join(listed("SN")),
            book=whole,
            urls=[address for written in listed("UR") for address in re.split(r";\s*(?=http)", written)],
            notes=" ".join([*listed("N1"), *listed("M1")]),
        ),
    )
