"""What the next release does to learners: the differences, for a terminal or as JSON.

In: a comparison, and the texts of the cards before and after. Out: lines, or a value for JSON.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any, NamedTuple

from deckwright.model import CardKind
from deckwright.parts import written
from deckwright.release.compare import Outcome, What

Texts = Sequence[tuple[str, str]]
"""What an author wrote on a card, as pairs of key and text."""


_TITLES = {
    What.RELEARN: "To relearn",
    What.CORRECTED: "Corrected or reworded",
    What.NEW: "New",
    What.BACK: "No longer withdrawn",
    What.WITHDRAWN: "Withdrawn",
    What.OTHER: "Other changes",
}
"""The headings of the lists of changes, in the order in which they are shown."""


class Marks(NamedTuple):
    """What a terminal shows before and after removed and added words."""

    went: tuple[str, str]
    came: tuple[str, str]


PLAIN = Marks(("[-", "-]"), ("{+", "+}"))
"""The marks that Git uses without colours."""

COLOURED = Marks(("\x1b[31;9m", "\x1b[0m"), ("\x1b[32m", "\x1b[0m"))
"""Removed words are red and struck through, added words green."""


class Piece(NamedTuple):
    """A part of a line that merges two texts."""

    text: str
    went: bool = False
    came: bool = False


def texts(card: CardKind) -> Texts:
    """Everything on a card that learners see."""
    return [
        *written(card),
        *(("source", f"{citation.source} {citation.locator}".strip()) for citation in card.sources),
        *(("tag", tag) for tag in card.tags),
        ("topic", card.topic),
    ]


def lines(
    outcome: Outcome,
    before: Mapping[str, Texts],
    after: Mapping[str, Texts],
    *,
    marks: Marks,
    shown: Callable[[str], str],
) -> Iterator[str]:
    """The comparison for a terminal. If the earlier text of a card is not known, its changed fields are named. `shown`
    removes from a text what could control the terminal; the marks are added after that."""
    for line in _lines(outcome, before, after):
        yield shown(line) if isinstance(line, str) else "".join(_marked(piece, marks, shown) for piece in line)


def _marked(piece: Piece, marks: Marks, shown: Callable[[str], str]) -> str:
    start, end = marks.went if piece.went else marks.came if piece.came else ("", "")
    return f"{start}{shown(piece.text)}{end}"


def _lines(
    outcome: Outcome, before: Mapping[str, Texts], after: Mapping[str, Texts]
) -> Iterator[str | Sequence[Piece]]:
    if outcome.first:
        yield "This is the first release."
    for what, title in _TITLES.items():
        changes = [change for change in outcome.changes if change.what is what]
        if changes:
            yield f"{title}: {len(changes):,}"
        for change in changes:
            changed = f" (changed: {', '.join(change.reasons)})" if change.reasons else ""
            yield f"  {change.id}: {change.headline}{changed}"
            if change.moved_from:
                yield f"    moved from {change.moved_from} to {change.topic}"
            if change.what is What.NEW:
                continue
            if change.id in before and change.id in after:
                for key, pieces in differences(before[change.id], after[change.id]):
                    if key != "topic" or not change.moved_from:  # the line above says so
                        yield [Piece(f"    {key}: "), *pieces]
                if "picture" in change.reasons:
                    yield "    the picture changed"
            elif change.fields:
                yield f"    fields changed in Anki: {', '.join(change.fields)}"
            for asked in change.lost:
                yield f"    learners keep an empty card, which asked: {asked or 'the question the other way round'}"
    if any(change.what is not What.NEW and change.fields and change.id not in before for change in outcome.changes):
        yield "(To see the old words, commit the cards and the lock of each release to Git.)"
    if outcome.notetypes:
        yield f"Templates or styles changed: {', '.join(outcome.notetypes)} (this replaces no note)"
    if outcome.resent:
        yield f"Sent again although unchanged: {', '.join(outcome.resent)}"
    yield from rendered(outcome)
    if outcome.gone:
        yield f"Missing from all files: {', '.join(outcome.gone)}"
    yield f"Unchanged: {outcome.unchanged:,}"


def rendered(outcome: Outcome) -> Iterator[str]:
    """How many notes are only rendered differently; no line if there are none."""
    if outcome.rendered:
        number = f"{len(outcome.rendered):,} {'note is' if len(outcome.rendered) == 1 else 'notes are'}"
        yield f"{number} only rendered differently: new learners get this; --resend-rendered sends it to everybody"


def as_json(outcome: Outcome, before: Mapping[str, Texts], after: Mapping[str, Texts], against: str) -> dict[str, Any]:
    """The comparison for programs."""
    return {
        "against": against,
        "first": outcome.first,
        "changes": [
            {
                "id": change.id,
                "file": change.span.file,
                "line": change.span.line,
                "topic": change.topic,
                "headline": change.headline,
                "what": change.what,
                "reasons": list(change.reasons),
                "fields": list(change.fields),
                "moved_from": change.moved_from or None,
                "before": [list(pair) for pair in before[change.id]] if change.id in before else None,
                "after": [list(pair) for pair in after[change.id]] if change.id in after else None,
            }
            for change in outcome.changes
        ],
        "notetypes": list(outcome.notetypes),
        "gone": list(outcome.gone),
        "resent": list(outcome.resent),
        "rendered": list(outcome.rendered),
        "unchanged": outcome.unchanged,
    }


def differences(before: Texts, after: Texts) -> Iterator[tuple[str, list[Piece]]]:
    """The texts that differ, each with its key, word by word. Texts are matched by key and position."""
    old, new = _numbered(before), _numbered(after)
    for key in [*old, *(key for key in new if key not in old)]:
        was, now = old.get(key, ""), new.get(key, "")
        if was != now:
            yield key, [*_words(was, now)]


def _numbered(texts_: Texts) -> dict[str, str]:
    """Texts by key; the second and later texts of a key are numbered."""
    numbered: dict[str, str] = {}
    for key, text in texts_:
        name, number = key, 1
        while name in numbered:
            number += 1
            name = f"{key} {number}"
        numbered[name] = text
    return numbered


def _words(was: str, now: str) -> Iterator[Piece]:
    """Two texts merged, with the removed and the added words. Changes with only space between them are one change."""
    old, new = re.findall(r"\s+|\S+", was), re.findall(r"\s+|\S+", now)
    went = came = space = ""
    for what, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        before, after = "".join(old[a:b]), "".join(new[c:d])
        if what != "equal":
            went, came, space = went + space + before, came + space + after, ""
        elif (went or came) and before.isspace():
            space = before
        else:
            yield from _changed(went, came)
            yield Piece(space + before)
            went = came = space = ""
    yield from _changed(went, came)
    if space:
        yield Piece(space)


def _changed(went: str, came: str) -> Iterator[Piece]:
    """What went and what came, without the space that both have where only one has words."""
    if went.strip() or (went and not came.strip()):
        yield Piece(went, went=True)
    if came.strip() or (came and not went.strip()):
        yield Piece(came, came=True)
