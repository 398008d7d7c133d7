"""What a release changes, told to people.

In: a comparison with what learners had. Out: the notes as Markdown, for cards/releases/, and as a page, for learners.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from jinja2 import Environment, PackageLoader, StrictUndefined

from deckwright.formats import File
from deckwright.markup import as_written
from deckwright.markup import page as html_of
from deckwright.model import Settings
from deckwright.release import REASONS, Change, Outcome

LONGEST_LIST = 60
"""Cards that are named one by one; of more, the number in each topic is said."""

LONGEST_SEARCH = 100
"""Ids in one search; for more, the whole deck is searched."""


def markdown(outcome: Outcome, settings: Settings, name: str) -> str:
    """The notes of the release called `name`, its date."""
    return "\n\n".join(_paragraphs(outcome, settings, name)) + "\n"


def page(text: str, settings: Settings, name: str) -> File:
    """The notes as a page."""
    environment = Environment(loader=PackageLoader("deckwright.formats"), autoescape=True, undefined=StrictUndefined)
    html = environment.get_template("release_notes.html").render(
        title=settings.title.text, language=settings.language.text, name=name, body=html_of(text)
    )
    return File(f"release-notes-{name}.html", html.encode(), "what this release changes")


def _paragraphs(outcome: Outcome, settings: Settings, name: str) -> Iterator[str]:
    root = settings.namespace.text
    yield f"# {as_written(settings.title.text)}: release {name}"
    new = [change for change in outcome.changes if change.new]
    changed = [change for change in outcome.changes if not change.new]
    if outcome.first:
        yield f"The first release: {_notes(len(new))}."
        yield from _by_topic(new)
        yield from _how_to_import(root, first=True)
        return
    relearn = [change for change in changed if change.correction]
    withdrawn = [change for change in changed if change.withdrawn]
    corrected = [
        change
        for change in changed
        if {"content", "picture"} & set(change.reasons) and not change.withdrawn and not change.correction
    ]
    moved = [change for change in changed if change.moved_from]
    groups = {"to relearn": relearn, "corrected or reworded": corrected, "new": new, "withdrawn": withdrawn}
    counts = [f"{len(group):,} {what}" for what, group in {**groups, "moved": moved}.items() if group]
    stay = f"{_notes(outcome.unchanged)} {'stays' if outcome.unchanged == 1 else 'stay'} exactly as you have them."
    yield " ".join([f"{', '.join(counts)}." if counts else "", stay]).strip()
    if changed or outcome.resent:
        yield "**Before you import**, see “What an import replaces” at the end of this page."
    if relearn:
        yield "## Relearn these"
        yield "The answer that you learnt was wrong."
        yield "\n".join(
            f"- **{as_written(change.correction.asks)}** Until now: {as_written(_line(change.correction.was))}. "
            f"Right: **{as_written(_line(change.correction.now))}**. ({_code(change.id)})"
            for change in relearn
            if change.correction
        )
        yield "After importing, make them due again:"
        yield from _due_again(_search([change.id for change in relearn], root))
    if corrected:
        yield "## Corrected or reworded"
        yield from _list(corrected)
    if new:
        yield "## New"
        yield from _list(new)
    if withdrawn:
        yield "## Withdrawn"
        yield from _list(withdrawn)
        yield (
            "Their cards now say so instead of asking. Suspend them: in Anki's Browse window search for "
            f'`"Withdrawn:_*" tag:{root}::*`, select all, and choose Suspend. Do not remove them: the next import '
            "would bring them back."
        )
    if moved:
        yield "## Moved to another topic"
        yield "An import moves no cards that you have. To follow the deck, move them yourself; nothing is lost if not."
        yield from _moves(moved, settings.title.text, root)
    yield from _replaced(outcome, changed, root)
    yield from _how_to_import(root, first=False)


def _replaced(outcome: Outcome, changed: Sequence[Change], root: str) -> Iterator[str]:
    """What learners should know before they import."""
    number = len(changed) + outcome.resent
    if not number:
        return
    yield "## What an import replaces"
    causes = Counter(reason for change in changed for reason in change.reasons)
    because = [f"{reason} ({causes[reason]})" for reason in REASONS if causes[reason]]
    because += [f"sent again ({outcome.resent})"] if outcome.resent else []
    yield (
        f"{_notes(number)} where your own tags (“marked” among them), your edits and your Personal Notes will be "
        f"replaced. Because of: {', '.join(because)}. Schedules stay; so does everything on all other notes."
    )
    if "renderer" in causes:
        yield "Renderer: the authors changed nothing in these; the program that makes the packages writes them anew."
    ids = [] if outcome.resent else [change.id for change in changed]
    yield (
        "To see which of them hold Personal Notes of yours, search for this in Browse **before importing**, and copy "
        "what you want to keep:"
    )
    yield f'```\n"Personal Notes:_*" {_search(ids, root)}\n```'
    same_text = sum(change.reasons == ("tags",) for change in changed) + outcome.resent
    exception = f" (but not on the {same_text} whose text is the same)" if same_text else ""
    yield (
        "Or import the files `…-text-only-corrections.txt` first and the packages after them: that spares Personal "
        f"Notes{exception}. A changed picture does not come that way; such notes are not in the text files."
    )


def _due_again(search: str) -> Iterator[str]:
    yield f"```\n{search}\n```"
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
        yield f"```\n{_search(ids, root)}\n```"


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
        for change in changes
    )


def _by_topic(changes: Sequence[Change]) -> Iterator[str]:
    topics = Counter(change.topic for change in changes)
    if topics:
        yield "\n".join(f"- {as_written(topic)}: {_notes(number)}" for topic, number in topics.items())


def _search(ids: Sequence[str], root: str) -> str:
    """A search for Anki's Browse window; for very many ids (or none), the whole deck."""
    if not ids or len(ids) > LONGEST_SEARCH:
        return f"tag:{root}::*"
    return f'"Card ID:re:^({"|".join(ids)})$"' if len(ids) > 1 else f'"Card ID:{ids[0]}"'


def _notes(number: int) -> str:
    return f"{number:,} note{'' if number == 1 else 's'}"


def _code(id_: str) -> str:
    return f"`{id_}`"


def _line(text: str) -> str:
    return " ".join(text.split()).rstrip(".")
