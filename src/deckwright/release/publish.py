"""A release: prepared, written, and taken back while nobody has it.

In: a project's folder. Out: outputs, release notes and a lock, rendered before anything is written, with the lock
written last.
"""

from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from deckwright.checks.deck import check_dates
from deckwright.compile import Progress
from deckwright.files import RELEASES, Folder
from deckwright.formats import DECK_FORMATS, File
from deckwright.pages import start_here
from deckwright.problem import Problem, Span, Trouble, errors
from deckwright.project import Held, LastReleased, Project
from deckwright.release import lock as released
from deckwright.release import notes as release_notes
from deckwright.release.changes import Said, said
from deckwright.release.compare import Outcome, Release
from deckwright.release.lock import LOCK, Lock, ahead
from deckwright.write import WRITTEN_LIST, alone, left_over, remove_written, write, write_outputs, written_digests

PREVIOUS = "released.lock.previous"


class Written(NamedTuple):
    """What a release wrote."""

    written: list[tuple[Path, File]]
    removed: list[Path]
    """What an earlier build wrote and this release does not make any more."""
    left: list[Path]
    """Packages that no build is known to have written."""


class Prepared(NamedTuple):
    """A release, rendered and not yet written."""

    problems: list[Problem]
    """Sorted by place. When there are errors, nothing else counts."""
    name: str
    """Its date, and a number from the second of a day on."""
    outcome: Outcome | None
    outputs: list[File]
    notes: File
    """Goes to cards/releases/."""
    lock: File
    before: bytes | None
    """The lock's bytes as they are; None for a first release."""
    said: Said


def prepare_release(
    root: Path,
    now: int,
    resend: frozenset[str] = frozenset(),
    progress: Progress | None = None,
    *,
    resend_rendered: bool = False,
) -> Prepared:
    """Renders the next release of the project in `root`, with `now` (seconds since 1970) on all that changed, on the
    cards named in `resend` and, with `resend_rendered`, on those that are only rendered differently than learners
    have them. Writes nothing. May raise OSError."""
    project = Project.open(Folder(root))
    name = _release_name(now, project.lock)
    earlier = LastReleased(root)
    deck = Held.compiled(project, figures=True, progress=progress)
    release = Release(name, resend, resend_rendered)
    outcome = deck.compared(project.lock, now, release=release, earlier=earlier)
    problems = [*deck.problems, *outcome.problems, *check_dates(deck.facts, now)]
    problems += ahead(project.lock, now) if project.lock else ()
    outputs: list[File] = []
    if not errors(problems):
        outputs, found = deck.rendered(outcome, list(DECK_FORMATS))
        problems += found
    nothing = File("", b"", "")
    if errors(problems):
        return Prepared(sorted(problems), name, None, [], nothing, nothing, None, Said({}, {}))
    texts = Said({}, {}) if outcome.first else said(deck, outcome, project.lock, earlier.deck)
    has_texts = any(file.name.endswith(".txt") for file in outputs)
    text = release_notes.markdown(outcome, project.deck, name, texts, texts=has_texts)
    outputs.append(release_notes.page(text, project.deck, name))
    outputs.insert(0, start_here(project.deck, outcome.edition, outputs))
    notes = File(f"{name}.md", text.encode(), "the release notes")
    lock = File(Path(LOCK).name, released.text(outcome.lock), "what learners have; commit it")
    return Prepared(sorted(problems), name, outcome, outputs, notes, lock, project.released, texts)


def write_release(root: Path, out: Path, release: Prepared) -> Written:
    """Writes a release: the outputs, a copy of the lock as it was, the notes and, last of all, the lock. Repeating one
    that failed is safe. May raise OSError, and Trouble when another release was written since this one was prepared."""
    before = [] if release.before is None else [File(PREVIOUS, release.before, "the lock before, for --undo")]
    lock = root / LOCK
    with alone(lock.parent):
        if (lock.read_bytes() if lock.exists() else None) != release.before:
            raise Trouble("another release was written meanwhile; look at it, then release again", about=str(lock))
        more = ((out, before), (root / RELEASES, [release.notes]), (lock.parent, [release.lock]))
        written, removed = write_outputs(out, release.outputs, more)
    return Written(written, removed, left_over(out, written))


def _release_name(now: int, lock: Lock | None) -> str:
    """The day of a release; `2026-12-01-2` for a second one on one day. Notes that a failed release left are
    overwritten by the next try: it has the same name, because the lock does not know of it."""
    day = released.timestamp(now)[:10]
    names = lock.releases if lock else {}
    number = 1
    while (f"{day}-{number}" if number > 1 else day) in names:
        number += 1
    return f"{day}-{number}" if number > 1 else day


class Undoing(NamedTuple):
    """A release that can be taken back."""

    name: str
    """Its date, as its notes are called."""
    before: bytes | None
    """The lock before it; None where there was none."""


def last_release(root: Path, out: Path) -> tuple[Undoing | None, list[Problem]]:
    """The latest release as far as it can be undone, or why it cannot. May raise OSError."""
    files = Folder(root)
    lock, problems = (None, []) if LOCK not in files.names else released.read(files.read(LOCK))
    if lock is None:
        return None, problems or [Problem(Span(LOCK), "nothing-released", "nothing was released")]
    name = lock.last
    if len(lock.releases) == 1:
        return Undoing(name, None), []
    path = out / PREVIOUS
    before = path.read_bytes() if path.is_file() else b""
    previous, _ = released.read(before)
    if previous is not None and {**previous.releases, name: lock.releases[name]} == lock.releases:
        return Undoing(name, before), []
    hint = f"take it from Git: git restore --source COMMIT {LOCK}\nand delete {RELEASES}{name}.md"
    message = f"the lock as it was before release {name} is not in {out}"
    return None, [Problem(Span(LOCK), "undo-impossible", message, hint)]


def undo_release(root: Path, out: Path, release: Undoing) -> list[Path]:
    """Takes a release back that nobody has yet: the lock as it was, its notes and its outputs removed. Returns what was
    removed. May raise OSError."""
    lock, notes = root / LOCK, root / RELEASES / f"{release.name}.md"
    with alone(lock.parent):
        if release.before is None:
            lock.unlink()
        else:
            write([(lock.parent, [File(lock.name, release.before, "")])])
        removed = remove_written(out, {**written_digests(out), PREVIOUS: sha256(release.before or b"").hexdigest()}, {})
        for path in (notes, out / WRITTEN_LIST):
            if path.exists():
                path.unlink()
                removed.append(path)
    return removed
