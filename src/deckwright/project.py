"""The whole program: open a project, compile its cards, compare with what learners have, render, write.

In: a project's folder. Out: what was found and what was written. Everything is rendered before anything is written, so
that a failed build leaves the old outputs.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from deckwright.anki.notes import Note
from deckwright.checks import lists
from deckwright.checks.deck import Seen, check_dates, check_deck
from deckwright.checks.lists import Listed
from deckwright.compile import Compiled, Context, Progress, collector_off, compile_all
from deckwright.files import FIGURES, MEDIA, RELEASES, Files, Folder, Revision, last_change
from deckwright.formats import DECK_FORMATS, DeckJob, File, Medium
from deckwright.model import CardKind, Deck, Status, file_name
from deckwright.pictures import cleaned
from deckwright.problem import Problem, Severity, Span, Trouble, errors
from deckwright.reading.cards import card_files, load_deck
from deckwright.release import lock as released
from deckwright.release.compare import Earlier, Outcome, Release, compare
from deckwright.release.fingerprint import fingerprint
from deckwright.release.lock import LOCK, Fingerprint, Lock, ahead
from deckwright.sources.coverage import uncovered
from deckwright.sources.texts import Known, known
from deckwright.sources.texts import read as read_record
from deckwright.write import LIST, alone, digests, listing, remove, write
from deckwright.write import listed as written_before

if TYPE_CHECKING:
    from deckwright.release.diff import Texts


@dataclass(frozen=True)
class Project:
    """A project as it was read, but for its cards."""

    files: Files
    deck: Deck
    """What all cards share."""
    media: Mapping[str, Medium]
    """By the name in cards/media/."""
    names: tuple[str, ...]
    """The files that hold cards."""
    released: bytes | None
    """The bytes of the lock; None when nothing was released."""
    lock: Lock | None
    """What learners have; None when nothing was released, or the lock cannot be relied on."""
    sources: Known | None
    """What the sources are known to say; None where nothing, or nothing reliable, is recorded of them."""
    sources_problems: tuple[Problem, ...]
    """What is wrong with that record."""
    deck_problems: tuple[Problem, ...]
    """What is wrong with deck.yaml and sources.yaml."""
    problems: tuple[Problem, ...]
    """All that is wrong, but for the cards and the record of the sources."""

    @classmethod
    def open(cls, files: Files) -> "Project":
        """Reads everything but the cards. May raise OSError."""
        deck, deck_problems = load_deck(files)
        deck, media = with_media(files, deck)
        names, strays = card_files(files)
        problems = [*deck_problems, *files.problems, *strays]
        data = files.read(LOCK) if LOCK in files.names else None
        lock, found = (None, []) if data is None else released.read(data)
        problems += found
        if data is None and any(name.startswith(RELEASES) for name in files.names):
            message = "there are notes of releases in cards/releases/ and no lock that tells what learners have"
            hint = (
                "bring it back: git restore cards/released.lock\nif nothing was ever published, delete cards/releases/"
            )
            problems.append(Problem(Span(LOCK), "lock-missing", message, hint))
        record, unread = read_record(files) if FIGURES in files.names else ({}, [])
        sources = known(deck, record) if FIGURES in files.names and not unread else None
        return cls(
            files=files,
            deck=deck,
            media=media,
            names=tuple(names),
            released=data,
            lock=lock,
            sources=sources,
            sources_problems=tuple(unread),
            deck_problems=tuple(deck_problems),
            problems=tuple(problems),
        )


@dataclass(frozen=True)
class Held:
    """A whole deck, compiled: every card and every note."""

    project: Project
    files: tuple[Compiled, ...]
    """In the order of their names."""
    problems: tuple[Problem, ...]
    """Of the project, of each file and of the deck as a whole."""

    @classmethod
    def compiled(
        cls,
        project: Project,
        earlier: "Held | None" = None,
        *,
        notes: bool = True,
        figures: bool = False,
        progress: Progress | None = None,
    ) -> "Held":
        """Compiles all cards of a project; `notes` and `figures` tell whether notes are made and figures are held
        against sources. What `earlier` has of files that did not change is kept. May raise OSError."""
        images = {name: medium.travels_as for name, medium in project.media.items()} if notes else None
        context = Context(project.deck, images, project.sources if figures else None)
        kept = {file.file.name: file for file in earlier.files} if earlier else {}
        files = tuple(compile_all(project.files, project.names, context, kept, progress).values())
        problems = [*project.problems, *(problem for file in files for problem in file.problems)]
        if figures:
            problems += [problem._replace(severity=Severity.ADVICE) for problem in project.sources_problems]
        problems += check_deck(project.deck, [file.seen for file in files])
        return cls(project, files, tuple(problems))

    @property
    def seen(self) -> list[Seen]:
        return [file.seen for file in self.files]

    @property
    def cited(self) -> dict[tuple[str, int], str]:
        """The paragraphs that cards cite, each with the first card that does."""
        return {paragraph: id_ for file in reversed(self.files) for paragraph, id_ in file.cited.items()}

    def cards(self) -> Iterator[tuple[Compiled, CardKind, Note]]:
        """Every published card with its note, in order; those of files with errors are left out."""
        for file in self.files:
            for card, note in zip(file.published, file.notes, strict=False):
                yield file, card, note

    def compared(
        self,
        lock: Lock | None,
        now: int,
        *,
        release: Release | None = None,
        remember: bool = False,
        earlier: Earlier = lambda _: None,
    ) -> Outcome:
        """How it compares with a lock."""
        from deckwright.anki import notetypes  # Jinja2 is slow to import

        settings = self.project.deck.settings
        return compare(
            self.files,
            settings,
            lock,
            now,
            notetypes=notetypes.released(settings),
            release=release,
            remember=remember,
            earlier=earlier,
            all_read=not errors(self.problems),
        )

    def rendered(self, outcome: Outcome, wanted: Sequence[str]) -> tuple[list[File], list[Problem]]:
        """The outputs named in `wanted`."""
        job = DeckJob(self.project.deck, self.project.media, outcome.notes, outcome.edition)
        made = [DECK_FORMATS[name].render(job) for name in DECK_FORMATS if name in wanted]
        return [file for files, _ in made for file in files], [problem for _, found in made for problem in found]


class Checked(NamedTuple):
    """What a check found."""

    cards: int
    drafts: int
    problems: list[Problem]
    """Sorted by place."""


class Said(NamedTuple):
    """What changed cards say, in their author's words, by card id."""

    before: "dict[str, Texts]"
    """Only of those whose earlier text is known for certain."""
    after: "dict[str, Texts]"


class Built(NamedTuple):
    """What a build did."""

    problems: list[Problem]
    """Sorted by place."""
    written: list[tuple[Path, File]]
    """Nothing, when there were errors."""
    removed: list[Path]
    """What an earlier build wrote and this one does not make any more."""
    left: list[Path]
    """Packages that no build is known to have written."""
    outcome: Outcome | None
    """How the deck compares with what learners have; None when it could not be compared."""


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
    said: "Said"


def check(root: Path, now: int, progress: Progress | None = None) -> Checked:
    """Reads and checks the project in `root`, at `now` in seconds since 1970. May raise OSError."""
    with collector_off():
        project = Project.open(Folder(root))
        deck = Held.compiled(project, notes=project.lock is not None, figures=True, progress=progress)
        problems = [*deck.problems, *_noticed(project.media), *check_dates(deck.seen, now)]
        if project.lock is not None:
            problems += deck.compared(project.lock, now, earlier=_Earlier(root)).problems
            problems += ahead(project.lock, now)
        if project.sources is not None and not errors(problems):  # what a card with an error cites is not known
            found = uncovered(project.files, project.sources.record, deck.cited)
            problems += [problem._replace(severity=Severity.ADVICE) for problem in found]
        cards = [card for file in deck.files for card in file.file.cards]
        return Checked(len(cards), sum(card.status is Status.DRAFT for card in cards), sorted(problems))


def listed(root: Path, name: str, today: date) -> list[Listed]:
    """The cards of the project in `root` that are on the list called `name` (a key of `lists.LISTS`). Cards with errors
    are on none. May raise OSError."""
    project = Project.open(Folder(root))
    cards = [card for file in Held.compiled(project, notes=False).files for card in file.file.cards]
    return lists.listed(cards, project.deck.settings, name, today)


def build(
    root: Path,
    out: Path,
    targets: Sequence[str],
    now: int,
    progress: Progress | None = None,
    *,
    released_only: bool = False,
) -> Built:
    """Builds the project in `root` into the folder `out`, as the formats named in `targets` (else the default ones).

    `now`, in seconds since 1970, is the time that new and changed notes carry. Writes nothing when there are errors, or
    when there is something unreleased and `released_only`. May raise OSError.
    """
    with collector_off():
        project = Project.open(Folder(root))
        deck = Held.compiled(project, progress=progress)
        outcome = deck.compared(project.lock, now, earlier=_Earlier(root))
        problems = [*deck.problems, *outcome.problems]
        if outcome.unreleased or errors(problems):  # what was released is built the same on any day
            problems += [*check_dates(deck.seen, now), *(ahead(project.lock, now) if project.lock else ())]
        if errors(problems) or (released_only and outcome.unreleased):
            return Built(sorted(problems), [], [], [], None if errors(problems) else outcome)
        wanted = targets or [name for name, each in DECK_FORMATS.items() if each.default or not outcome.unreleased]
        rendered, found = deck.rendered(outcome, wanted)
        problems += found
        if errors(problems):
            return Built(sorted(problems), [], [], [], None)
        if not outcome.unreleased and not targets:
            rendered += _latest_notes(project)
        written, removed = _write(out, [_start_here(project, outcome, rendered), *rendered], add=bool(targets))
    return Built(sorted(problems), written, removed, [] if targets else _left(out, written), outcome)


def prepare_release(
    root: Path,
    now: int,
    stamp_anew: frozenset[str] = frozenset(),
    progress: Progress | None = None,
    *,
    resend_rendered: bool = False,
) -> Prepared:
    """Renders the next release of the project in `root`, with `now` (seconds since 1970) on all that changed, on the
    cards named in `stamp_anew` and, with `resend_rendered`, on those that are only rendered otherwise than learners
    have them. Writes nothing. May raise OSError."""
    from deckwright.release import notes as release_notes  # Jinja2 is slow to import

    with collector_off():
        project = Project.open(Folder(root))
        name = _release_name(now, project.lock)
        earlier = _Earlier(root)
        deck = Held.compiled(project, figures=True, progress=progress)
        release = Release(name, stamp_anew, resend_rendered)
        outcome = deck.compared(project.lock, now, release=release, earlier=earlier)
        problems = [*deck.problems, *outcome.problems, *check_dates(deck.seen, now)]
        problems += ahead(project.lock, now) if project.lock else ()
        outputs: list[File] = []
        if not errors(problems):
            outputs, found = deck.rendered(outcome, list(DECK_FORMATS))
            problems += found
        nothing = File("", b"", "")
        if errors(problems):
            return Prepared(sorted(problems), name, None, [], nothing, nothing, None, Said({}, {}))
        settings = project.deck.settings
        texts = any(file.name.endswith(".txt") for file in outputs)
        text = release_notes.markdown(outcome, settings, name, texts=texts)
        outputs.append(release_notes.page(text, settings, name))
        outputs.insert(0, _start_here(project, outcome, outputs))
        notes = File(f"{name}.md", text.encode(), "the release notes")
        lock = File(Path(LOCK).name, released.text(outcome.lock), "what learners have; commit it")
        said = Said({}, {}) if outcome.first else _said(deck, outcome, project.lock, earlier.deck)
        return Prepared(sorted(problems), name, outcome, outputs, notes, lock, project.released, said)


def write_release(root: Path, out: Path, release: Prepared) -> Written:
    """Writes a release: the outputs, a copy of the lock as it was, the notes and, last of all, the lock. Repeating one
    that failed is safe. May raise OSError, and Trouble when another release was written since this one was prepared."""
    before = [] if release.before is None else [File(PREVIOUS, release.before, "the lock before, for --undo")]
    lock = root / LOCK
    with alone(lock.parent):
        if (lock.read_bytes() if lock.exists() else None) != release.before:
            raise Trouble("another release was written meanwhile; look at it, then release again", about=str(lock))
        more = ((out, before), (root / RELEASES, [release.notes]), (lock.parent, [release.lock]))
        written, removed = _write(out, release.outputs, more)
    return Written(written, removed, _left(out, written))


def _write(
    out: Path, files: Sequence[File], more: Sequence[tuple[Path, Sequence[File]]] = (), *, add: bool = False
) -> tuple[list[tuple[Path, File]], list[Path]]:
    """Writes the outputs into `out`, and `more` into other folders. Returns what was written and what was removed: all
    that was written earlier and is not made any more, or nothing if these outputs only `add` to it."""
    earlier, now = written_before(out), digests(files)
    if add:
        now = earlier | now
    written = write([(out, [*files, listing(now)]), *more])
    return [(path, file) for path, file in written if file.name != LIST], remove(out, earlier, now)


def _left(out: Path, written: Sequence[tuple[Path, File]]) -> list[Path]:
    """Packages and text corrections in `out` that this build did not write, and no other is known to have written."""
    there = {path for pattern in ("*.apkg", "*-text-only-corrections*.txt") for path in out.glob(pattern)}
    return sorted(there - {path for path, _ in written})


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
    name = max(lock.releases, key=lock.releases.__getitem__)
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
        removed = remove(out, {**written_before(out), PREVIOUS: sha256(release.before or b"").hexdigest()}, {})
        for path in (notes, out / LIST):
            if path.exists():
                path.unlink()
                removed.append(path)
    return removed


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
    with collector_off():
        deck = Held.compiled(Project.open(Folder(root)))
        problems = list(deck.problems)
        earlier = _Earlier(root)
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
        return Difference(sorted(problems), revision or LOCK, outcome, _said(deck, outcome, lock, then))


def _said(deck: "Held", outcome: Outcome, lock: Lock | None, then: "Held | None") -> Said:
    """The texts of what changes; `then` is the deck as those had it whom the lock describes."""
    from deckwright.release.diff import texts  # difflib is slow to import

    changed = {change.id for change in outcome.changes}
    after = {str(card.id): texts(card) for _, card, _ in deck.cards() if card.id in changed}
    if then is None or lock is None:
        return Said({}, after)
    before: dict[str, Texts] = {}
    for file, card, note in then.cards():
        entry = lock.entry(card.id) if card.id in changed else None
        if entry and entry.fingerprint.same_author(fingerprint(card, note, file.context.images or {})):
            before[card.id] = texts(card)
    return Said(before, after)


class _Earlier:
    """The deck as it was when the lock last changed. It is read when it is first asked for; most builds never do."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @cached_property
    def deck(self) -> "Held | None":
        """None where Git does not know, or lacks a part of it."""
        commit = last_change(self.root, LOCK)
        try:
            return Held.compiled(Project.open(Revision(self.root, commit))) if commit else None
        except (OSError, Trouble):
            return None

    @cached_property
    def fingerprints(self) -> dict[str, Fingerprint]:
        """By card id."""
        return {
            str(card.id): fingerprint(card, note, file.context.images or {})
            for file, card, note in (self.deck.cards() if self.deck else ())
        }

    def __call__(self, id_: str) -> Fingerprint | None:
        return self.fingerprints.get(id_)


def _unread(earlier: "Held", revision: str) -> list[Problem]:
    """The files that had errors at a revision, the cards of which are not compared."""
    files = sorted({problem.span.file for problem in errors(earlier.problems)})
    message = f"this file had mistakes at {revision}: its cards are shown as new, whatever they were"
    return [Problem(Span(file), "not-compared", message, "", Severity.ADVICE) for file in files]


PREVIOUS = "released.lock.previous"


def _release_name(now: int, lock: Lock | None) -> str:
    """The day of a release; `2026-12-01-2` for a second one on one day. Notes that a failed release left are
    overwritten by the next try: it has the same name, because the lock does not know of it."""
    day = released.timestamp(now)[:10]
    names = lock.releases if lock else {}
    number = 1
    while (f"{day}-{number}" if number > 1 else day) in names:
        number += 1
    return f"{day}-{number}" if number > 1 else day


def _latest_notes(project: Project) -> list[File]:
    """The notes of the latest release as a page, if they are where it wrote them."""
    from deckwright.release import notes as release_notes

    name = max(project.lock.releases, key=project.lock.releases.__getitem__) if project.lock else ""
    if f"{RELEASES}{name}.md" not in project.files.names:
        return []
    text = project.files.read(f"{RELEASES}{name}.md").decode(errors="replace")
    return [release_notes.page(text, project.deck.settings, name)]


def _start_here(project: Project, outcome: Outcome, files: Sequence[File]) -> File:
    from deckwright import pages as start_here  # Jinja2 is slow to import

    return start_here.render(project.deck.settings, outcome.edition, files)


def with_media(files: Files, deck: Deck) -> tuple[Deck, dict[str, Medium]]:
    """A deck that knows which of its pictures cannot be used, and the media files as they travel: without metadata,
    under names that change with the author's bytes, since Anki replaces no file. May raise OSError."""
    media: dict[str, Medium] = {}
    unusable: dict[str, str] = {}
    for name in deck.media:
        data = files.read(MEDIA + name)
        stem, dot, ending = name.rpartition(".")
        plain = file_name(stem).encode("ascii", "ignore").decode()[:60].strip("-") or "image"
        picture = cleaned(data)
        travels_as = f"{plain}-{sha256(data).hexdigest()[:12]}{dot}{ending.lower()}"
        media[name] = Medium(travels_as, picture.data, picture.found)
        if picture.fault:
            unusable[name] = picture.fault
    return replace(deck, unusable=unusable), media


LARGE_PICTURE = 2_000_000
"""Bytes above which a picture is larger than any phone can show."""


def _noticed(media: Mapping[str, Medium]) -> Iterator[Problem]:
    """What an author may not know of the pictures."""
    for name, medium in media.items():
        if medium.left_out:
            message = f"this file holds {'; '.join(medium.left_out)}; outputs leave that out, but the file still has it"
            how = "in Inkscape, save it as plain SVG" if name.lower().endswith(".svg") else (
                "on Windows: Properties, Details, Remove Properties; elsewhere: "
                "exiftool -all= -tagsfromfile @ -orientation FILE"
            )  # fmt: skip
            hint = f"clean the file before you commit it (docs/cards.md, Pictures)\n{how}"
            yield Problem(Span(MEDIA + name), "picture-metadata", message, hint, Severity.ADVICE)
        if len(medium.data) > LARGE_PICTURE:
            message = f"this picture has {len(medium.data) / 1_000_000:.1f} MB, which every learner downloads"
            hint = "save it smaller: 1,600 pixels are as wide as any card shows"
            yield Problem(Span(MEDIA + name), "picture-large", message, hint, Severity.ADVICE)
