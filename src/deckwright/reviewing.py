"""Cards that are due for review → what a reviewer reads of each, and its stamp.

In: a project's folder, and which cards are asked for. Out: the cards with their lines for a terminal, and the files
with `reviewed: DATE INITIALS` on those that are still right. Who reviewed a card is never guessed: without initials
nothing is stamped.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NamedTuple

from deckwright.checks.lists import listed
from deckwright.edit import card_places, card_text, replace_card, set_key
from deckwright.files import Folder
from deckwright.model import CardKind, Citation, Deck
from deckwright.parts import written
from deckwright.problem import Problem, Span, Trouble
from deckwright.project import Held, Project
from deckwright.sources.cited import cited

_INITIALS = re.compile(r"[^\W\d_](?:[\w.'’-]| (?=\w)){0,39}")


def initials(text: str) -> str:
    """The initials or the name that somebody typed. Raises Trouble if they are none."""
    typed = text.strip()
    if not _INITIALS.fullmatch(typed):
        raise Trouble("write the initials or the name of whoever reviewed the cards, such as JW; nothing was stamped")
    return typed


class Due(NamedTuple):
    """A card to review."""

    card: CardKind
    why: str
    """`never reviewed`, or `reviewed 2024-01-31 JW`."""
    text: str | None
    """Its lines in its file; None if they cannot be told apart from others."""


@dataclass(frozen=True)
class Reviewing:
    """The cards of a project that are to be reviewed."""

    root: Path
    deck: Deck
    due: tuple[Due, ...]
    """In the order of their files."""


def reviewing(root: Path, today: date, topics: Sequence[str] = (), ids: Sequence[str] = ()) -> Reviewing:
    """The cards with these ids; without ids those that are stale or were never reviewed, of these topics and their
    subtopics if any is named. Cards with errors cannot be reviewed. Raises Trouble if no card has an id or a topic; may
    raise OSError."""
    project = Project.open(Folder(root))
    cards = Held.compiled(project, notes=False).cards
    for topic in topics:
        if not any(_below(card, topic) for card in cards):
            raise Trouble(f"no card has the topic {topic!r}")
    unknown = sorted(set(ids) - {card.id for card in cards})
    if unknown:
        raise Trouble(f"there is no card with the id {', '.join(unknown)}, or it has an error")
    stale = {each.id for each in listed(cards, project.deck.settings, "stale", today)}
    wanted = [
        card
        for card in cards
        if (card.id in ids if ids else card.id in stale)
        and (not topics or any(_below(card, topic) for topic in topics))
    ]
    data = {name: project.files.read(name) for name in {card.span.file for card in wanted}}
    due = [Due(card, _why(card), card_text(data[card.span.file], card.id)) for card in wanted]
    return Reviewing(root, project.deck, tuple(due))


def _below(card: CardKind, topic: str) -> bool:
    """Whether a card is of a topic or of one of its subtopics."""
    return f"{card.topic}::".casefold().startswith(f"{topic.strip()}::".casefold())


def _why(card: CardKind) -> str:
    review = card.reviewed
    return f"reviewed {review.on} {review.by}".rstrip() if review else "never reviewed"


def place(root: Path, card: CardKind) -> Span:
    """Where a card is now; the stamps of the cards above it moved it. May raise OSError."""
    name = card.span.file
    lines = [line for line, id_ in card_places((root / name).read_bytes()) if id_ == card.id]
    return Span(name, *lines[:1])


def shown(card: CardKind, deck: Deck) -> Iterator[str]:
    """The lines of a card for its reviewer: all that learners see, and every source with its address."""
    yield f"topic: {card.topic}"
    for key, text in written(card):
        first, *more = text.split("\n")
        yield f"{key}: {first}"
        yield from (f"    {line}" for line in more)
    for citation in card.sources:
        yield from _source(citation, deck)


def _source(citation: Citation, deck: Deck) -> Iterator[str]:
    yield f"source: {citation.source} {citation.locator}".rstrip()
    for source in cited([citation], deck.sources):
        yield f"    {source.name}"
        if source.address:
            yield f"    {source.address}"


class Stamped(NamedTuple):
    """The files with their stamps, or why they cannot be stamped."""

    changes: list[tuple[str, bytes, bytes]]
    """The name of each file, its bytes before and after; none if there are problems."""
    problems: tuple[Problem, ...]


def stamped(review: Reviewing, cards: Sequence[Due], on: date, by: str) -> Stamped:
    """Stamps cards with a day and initials, in the files as they are now. Raises Trouble if somebody changed one of the
    cards since it was shown; may raise OSError."""
    before: dict[str, bytes] = {}
    after: dict[str, bytes] = {}
    for card, _, text in cards:
        name = card.span.file
        if name not in before:
            before[name] = after[name] = (review.root / name).read_bytes()
        if card_text(after[name], card.id) != text:
            raise Trouble(f"card {card.id} was changed meanwhile; it is not stamped", about=name)
        line = f"reviewed: {on} {by}"
        if text is None:
            message, hint = "a program cannot change a card that is written in { }", f"add to it: {line}"
            return Stamped([], (Problem(place(review.root, card), "edit-impossible", message, hint),))
        edit = replace_card(name, after[name], review.deck, card.id, set_key(text, "reviewed", [line]))
        if edit.data is None:
            return Stamped([], edit.problems)
        after[name] = edit.data
    return Stamped([(name, before[name], after[name]) for name in before], ())
