"""What the next release would change, and what the changed cards said before.

In: a project's folder, and a revision to compare with instead of the lock. Out: a `Difference`, which diff.py shows.
"""

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from deckwright.files import Folder, Revision
from deckwright.problem import Problem, Span, errors
from deckwright.project import Held, LastReleased, Project
from deckwright.release.compare import Outcome
from deckwright.release.fingerprint import fingerprint
from deckwright.release.lock import LOCK, Lock

if TYPE_CHECKING:
    from deckwright.release.diff import Texts


class Said(NamedTuple):
    """What changed cards say, in their author's words, by card id."""

    before: "dict[str, Texts]"
    """Only of those whose earlier text is known for certain."""
    after: "dict[str, Texts]"


class Difference(NamedTuple):
    """What the next release would change, and the texts of what it changes."""

    problems: list[Problem]
    against: str
    """What was compared with: the lock, or a revision."""
    outcome: Outcome | None
    said: Said


def difference(root: Path, now: int, revision: str | None = None) -> Difference:
    """What the next release would do to learners who have what the lock says or, with `revision`, to learners who had
    the deck as it was there. May raise OSError."""
    deck = Held.compiled(Project.open(Folder(root)))
    problems = list(deck.problems)
    earlier = LastReleased(root)
    if revision is None:
        lock, then = deck.project.lock, earlier.deck
    else:
        then = Held.compiled(Project.open(Revision(root, revision)))
        lock = then.compared(None, now, remember=True).lock
        problems += _unread(then, revision)
    outcome = deck.compared(lock, now, earlier=earlier)
    if errors(problems):
        return Difference(sorted(problems), revision or LOCK, None, Said({}, {}))
    if revision is None:
        problems += outcome.problems  # harmful only to those who have a release
    return Difference(sorted(problems), revision or LOCK, outcome, said(deck, outcome, lock, then))


def said(deck: Held, outcome: Outcome, lock: Lock | None, then: Held | None) -> Said:
    """The texts of what changes; `then` is the deck as those had it whom the lock describes."""
    from deckwright.release.diff import texts  # difflib is slow to import

    changed = {change.id for change in outcome.changes}
    after = {str(card.id): texts(card) for _, card, _ in deck.published() if card.id in changed}
    if then is None or lock is None:
        return Said({}, after)
    before: dict[str, Texts] = {}
    for file, card, note in then.published():
        entry = lock.entry(card.id) if card.id in changed else None
        if entry and entry.fingerprint.same_author(fingerprint(card, note, file.images)):
            before[card.id] = texts(card)
    return Said(before, after)


def _unread(earlier: Held, revision: str) -> list[Problem]:
    """The files that had errors at a revision, the cards of which are not compared."""
    files = sorted({problem.span.file for problem in errors(earlier.problems)})
    message = f"this file had errors at {revision}, so its cards are shown as new"
    return [Problem(Span(file), "not-compared", message, "") for file in files]
