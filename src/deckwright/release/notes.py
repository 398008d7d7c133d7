"""What a release changes, told to people.

In: a comparison with what learners had. Out: the notes as Markdown, for cards/releases/, and as a page, for learners.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from deckwright.formats import File
from deckwright.markup.html import as_written
from deckwright.markup.html import page as html_of
from deckwright.model import Settings
from deckwright.pages import rendered
from deckwright.release.compare import REASONS, Change, Outcome, What

LONGEST_LIST = 60
"""Cards that are named one by one; of more, the number in each topic is said."""

LONGEST_SEARCH = 100
"""Ids in one search."""


def markdown(outcome: Outcome, settings: Settings, name: str, *, texts: bool) -> str:
    """The notes of the release called `name`, its date; `texts` whether it has text corrections."""
    return "\n\n".join(_paragraphs(outcome, settings, name, texts=texts)) + "\n"


def page(text: str, settings: Settings, name: str) -> File:
    """The notes, as they were written or as somebody edited them, as a page. No HTML or link in them comes to life."""
    text = text.replace("<", "&lt;").replace("](", "]\\(").replace("]:", "]\\:")
    html = rendered(
        "release_notes.html", title=settings.title, language=settings.language, name=name, body=html_of(text)
    )
    return File(f"release-notes-{name}.html", html.encode(), "what this release changes")


def _paragraphs(outcome: Outcome, settings: Settings, name: str, *, texts: bool) -> Iterator[str]:
    root = settings.namespace
    yield f"# {as_written(settings.title)}: release {name}"
    of = {what: [change for change in outcome.changes if change.what is what] for what in What}
    if outcome.first:
        yield f"The first release: {_notes(len(of[What.NEW]))}."
        yield from _by_topic(of[What.NEW])
        yield from _how_to_import(root, first=True)
        return
    moved = [change for change in outcome.changes if change.moved_from]
    yield _summary(outcome, of, len(moved))
    changed = [change for change in outcome.changes if change.what is not What.NEW]
    if changed or outcome.resent:
        yield "**Before you import**, see “What an import replaces” at the end of this page."
    if of[What.RELEARN]:
        yield "## Relearn these"
        yield "The answer that you learnt was wrong."
        yield "\n".join(
            f"- **{as_written(change.correction.asks)}** Until now: {as_written(_line(change.correction.was))}. "
            f"Right: **{as_written(_line(change.correction.now))}**. ({_code(change.id)})"
            for change in of[What.RELEARN]
            if change.correction
        )
        yield "After importing, make them due again:"
        yield from _due_again([change.id for change in of[What.RELEARN]], root)
    if of[What.CORRECTED]:
        yield "## Corrected or reworded"
        yield from _list(of[What.CORRECTED])
    if of[What.NEW]:
        yield "## New"
        yield from _list(of[What.NEW])
    if of[What.BACK]:
        yield "## Back again"
        yield from _list(of[What.BACK])
        yield "These were withdrawn and count again. If you suspended them, unsuspend them:"
        yield from _searches([change.id for change in of[What.BACK]], root)
    if of[What.WITHDRAWN]:
        yield "## Withdrawn"
        yield from _list(of[What.WITHDRAWN])
        yield (
            "Their cards now say so instead of asking. Suspend them: in Anki's Browse window search for "
            f'`"Withdrawn:_*" tag:{root}::*`, select all, and choose Suspend. Do not remove them: the next import '
            "would bring them back."
        )
    if moved:
        yield "## Moved to another topic"
        yield "An import moves no cards that you have. To follow the deck, move them yourself; nothing is lost if not."
        yield from _moves(moved, settings.title, root)
    yield from _replaced(outcome, changed, root, texts=texts)
    yield from _how_to_import(root, first=False)


def _summary(outcome: Outcome, of: Mapping[What, Sequence[Change]], moved: int) -> str:
    counts = {
        "to relearn": len(of[What.RELEARN]),
        "corrected or reworded": len(of[What.CORRECTED]),
        "new": len(of[What.NEW]),
        "back again": len(of[What.BACK]),
        "withdrawn": len(of[What.WITHDRAWN]),
        "moved": moved,
        "changed otherwise (sources, tags)": len(of[What.OTHER]),
        "sent again": len(outcome.resent),
    }
    said = ", ".join(f"{number:,} {what}" for what, number in counts.items() if number)
    look = " How cards look changed a little; that touches no note." if outcome.notetypes else ""
    stay = f"{_notes(outcome.unchanged)} {'stays' if outcome.unchanged == 1 else 'stay'} exactly as you have them."
    return f"{said}. {stay}{look}" if said else f"{stay}{look}"


def _replaced(outcome: Outcome, changed: Sequence[Change], root: str, *, texts: bool) -> Iterator[str]:
    """What learners should know before they import."""
    ids = [*(change.id for change in changed), *outcome.resent]
    if not ids:
        return
    yield "## What an import replaces"
    causes = Counter(reason for change in changed for reason in change.reasons)
    because = [f"{reason} ({causes[reason]})" for reason in REASONS if causes[reason]]
    because += [f"sent again ({len(outcome.resent)})"] if outcome.resent else []
    yield (
        f"{_notes(len(ids))} where your own tags (“marked” among them), your edits and your Personal Notes will be "
        f"replaced. Because of: {', '.join(because)}. Schedules stay; so does everything on all other notes."
    )
    if outcome.resent:
        yield (
            "Sent again: nothing changed in these since the last release, but what it brought (a correction, a "
            "withdrawal, a new card) did not reach everybody."
        )
    yield (
        "To see which of them hold Personal Notes of yours, search for this in Browse **before importing**, and copy "
        "what you want to keep:"
    )
    yield from _searches(ids, root, '"Personal Notes:_*" ')
    if texts:
        same_text = sum(change.reasons == ("tags",) for change in changed) + len(outcome.resent)
        exception = f" (but not on the {same_text} whose text is the same)" if same_text else ""
        yield (
            "Or import the files `…-text-only-corrections.txt` first and the packages after them: that spares Personal "
            f"Notes{exception}. A changed picture does not come that way; such notes are not in the text files."
        )


def _due_again(ids: Sequence[str], root: str) -> Iterator[str]:
    yield from _searches(ids, root)
    yield (
        "- **Windows, macOS, Linux:** Browse, paste the search, Edit → Select All, Cards → Set Due Date…, 0.\n"
        "- **AnkiDroid:** Card browser, paste the search, menu → Select all, menu → Set due date, 0.\n"
        "- **iPhone, iPad:** search in the card list, Select → all, the actions button → Set Due Date, 0.\n\n"
        "The names of menus differ a little between versions. “Forget” (or “Reset”) instead makes them new cards."
    )


def _moves(moved: Sequence[Change], title: str, root: str) -> Iterator[str]:
    ways: dict[tuple[str, str], list[str]] = {}
    for change in moved:
        ways.setdefault((change.moved_from, change.topic), []).append(change.id)
    for (old, new), ids in ways.items():
        yield (
            f"{len(ids)} from **{as_written(f'{title}::{old}')}** to **{as_written(f'{title}::{new}')}**: search for "
            "the following, select all, and choose Change Deck."
        )
        yield from _searches(ids, root)


def _how_to_import(root: str, *, first: bool) -> Iterator[str]:
    yield "## How to import"
    again = "" if first else " again; what you have is brought up to date, and nothing is doubled"
    yield (
        f"Open the .apkg file with Anki{again}. Leave the import options as they are. Your own remarks belong into "
        f"Personal Notes, your own tags outside `{root}::`."
    )


def _list(changes: Sequence[Change]) -> Iterator[str]:
    if len(changes) > LONGEST_LIST:
        yield from _by_topic(changes)
        return
    yield "\n".join(
        f"- {as_written(change.headline) or 'A picture'} ({_code(change.id)}, {as_written(change.topic)})"
        + (f" {as_written(_line(change.withdrawal))}." if change.withdrawal else "")
        for change in changes
    )


def _by_topic(changes: Sequence[Change]) -> Iterator[str]:
    topics = Counter(change.topic for change in changes)
    if topics:
        yield "\n".join(f"- {as_written(topic)}: {_notes(number)}" for topic, number in topics.items())


def _searches(ids: Sequence[str], root: str, also: str = "") -> Iterator[str]:
    """Searches for Anki's Browse window that find these cards and no others; several where one would be too long."""
    if len(ids) > LONGEST_SEARCH:
        yield f"(In {-(-len(ids) // LONGEST_SEARCH)} parts, because there are so many.)"
    for start in range(0, len(ids), LONGEST_SEARCH):
        part = ids[start : start + LONGEST_SEARCH]
        wanted = f'"Card ID:re:^({"|".join(part)})$"' if len(part) > 1 else f'"Card ID:{part[0]}"'
        yield f"```\n{also}{wanted} tag:{root}::*\n```"


def _notes(number: int) -> str:
    return f"{number:,} note{'' if number == 1 else 's'}"


def _code(id_: str) -> str:
    return f"`{id_}`"


def _line(text: str) -> str:
    return " ".join(text.split()).rstrip(".")
