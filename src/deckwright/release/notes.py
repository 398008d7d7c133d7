"""The release notes: what a release changes, for people.

In: a comparison with what learners had. Out: the notes as Markdown, for cards/releases/, and as a page, for learners.
The words are in templates/release_notes.md; `ReleaseNotes` holds all that the template can use.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined

from deckwright.formats import File
from deckwright.markup.html import as_written
from deckwright.markup.html import page as html_of
from deckwright.model import Settings
from deckwright.pages import rendered
from deckwright.release.compare import REASONS, Change, Outcome, What

LONGEST_LIST = 60
"""Above this many cards, a list gives the number in each topic instead of every card."""

LONGEST_SEARCH = 100
"""The most ids in one search."""


class Move(NamedTuple):
    """Cards that go from one Anki deck to another."""

    before: str
    after: str
    ids: list[str]


@dataclass(frozen=True, kw_only=True)
class ReleaseNotes:
    """What the template is filled with. Texts are as their authors wrote them; the template escapes them."""

    title: str
    """The deck's."""
    name: str
    """The name of the release, which is its date."""
    namespace: str
    first: bool
    """Whether nothing was released before."""
    relearn: Sequence[Change]
    """Cards whose answer was wrong; each has its `correction`."""
    corrected: Sequence[Change]
    new: Sequence[Change]
    back: Sequence[Change]
    """Cards that are no longer withdrawn."""
    withdrawn: Sequence[Change]
    changed_otherwise: int
    """The number of cards in which only sources or tags changed, and not their topic."""
    moved: int
    """The number of cards in `moves` that are in none of the lists above."""
    moves: Sequence[Move]
    resent: int
    """The number of unchanged notes that learners get again."""
    unchanged: int
    """The number of notes that stay as learners have them."""
    restyled: bool
    """Whether templates or styles changed."""
    replaced: Sequence[str]
    """The ids of all notes that an import replaces."""
    reasons: Sequence[tuple[str, int]]
    """Why notes are replaced, each reason with its number of notes. A note can have several reasons."""
    text_files: bool
    """Whether the release has text corrections."""
    same_text: int
    """The number of replaced notes that no text correction spares, because their text did not change."""


def markdown(outcome: Outcome, settings: Settings, name: str, *, texts: bool) -> str:
    """The notes of the release called `name`, its date; `texts` says whether it has text corrections."""
    return filled(release_notes(outcome, settings, name, texts=texts))


def filled(notes: ReleaseNotes) -> str:
    """The template filled with these notes. Several blank lines in a row count as one."""
    text = _ENVIRONMENT.get_template("release_notes.md").render(vars(notes))
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n") + "\n"


def page(text: str, settings: Settings, name: str) -> File:
    """The notes as a page; somebody may have edited them. HTML and links in them are disabled."""
    text = text.replace("<", "&lt;").replace("](", "]\\(").replace("]:", "]\\:")
    html = rendered(
        "release_notes.html", title=settings.title, language=settings.language, name=name, body=html_of(text)
    )
    return File(f"release-notes-{name}.html", html.encode(), "what this release changes")


def release_notes(outcome: Outcome, settings: Settings, name: str, *, texts: bool) -> ReleaseNotes:
    """What the template needs to know about a release."""
    of = {what: [change for change in outcome.changes if change.what is what] for what in What}
    changed = [change for change in outcome.changes if change.what is not What.NEW]
    moved = [change for change in outcome.changes if change.moved_from]
    causes = Counter(reason for change in changed for reason in change.reasons)
    resent = len(outcome.resent)
    return ReleaseNotes(
        title=settings.title,
        name=name,
        namespace=settings.namespace,
        first=outcome.first,
        relearn=of[What.RELEARN],
        corrected=of[What.CORRECTED],
        new=of[What.NEW],
        back=of[What.BACK],
        withdrawn=of[What.WITHDRAWN],
        changed_otherwise=sum(not change.moved_from for change in of[What.OTHER]),
        moved=sum(bool(change.moved_from) for change in of[What.OTHER]),
        moves=_moves(moved, settings.title),
        resent=resent,
        unchanged=outcome.unchanged,
        restyled=bool(outcome.notetypes),
        replaced=[*(change.id for change in changed), *outcome.resent],
        reasons=[(reason, causes[reason]) for reason in REASONS if causes[reason]],
        text_files=texts,
        same_text=sum(change.reasons == ("tags",) for change in changed) + resent,
    )


def _moves(moved: Sequence[Change], title: str) -> list[Move]:
    """The cards that moved, grouped by their old and new Anki decks."""
    ids: dict[tuple[str, str], list[str]] = {}
    for change in moved:
        ids.setdefault((change.moved_from, change.topic), []).append(change.id)
    return [Move(f"{title}::{before}", f"{title}::{after}", group) for (before, after), group in ids.items()]


def _searches_for(ids: Sequence[str], namespace: str) -> list[str]:
    """Searches for Anki's Browse window that find exactly these cards; several if one would be too long."""
    parts = [ids[start : start + LONGEST_SEARCH] for start in range(0, len(ids), LONGEST_SEARCH)]
    return [f'"Card ID:{_any_of(part)}" tag:{namespace}::*' for part in parts]


def _any_of(ids: Sequence[str]) -> str:
    return ids[0] if len(ids) == 1 else f"re:^({'|'.join(ids)})$"


def _by_topic(changes: Sequence[Change]) -> list[tuple[str, int]]:
    """Each topic with its number of cards."""
    return list(Counter(change.topic for change in changes).items())


def _one_line(text: str) -> str:
    """A text on one line, without the full stop at its end."""
    return " ".join(text.split()).rstrip(".")


_ENVIRONMENT = Environment(
    loader=PackageLoader("deckwright"),
    autoescape=False,  # noqa: S701 - this is Markdown, not HTML: the template escapes with `escaped`
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_ENVIRONMENT.filters |= {
    "by_topic": _by_topic,
    "escaped": as_written,
    "one_line": _one_line,
    "searches_for": _searches_for,
}
_ENVIRONMENT.globals["longest_list"] = LONGEST_LIST
