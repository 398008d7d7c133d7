"""The whole program: open a project, compile its cards, compare them with what learners have, render, write.

In: a project's folder. Out: what was found and what was written. Everything is rendered before anything is written, so
that a failed build leaves the old outputs. release/publish.py and release/changes.py are built of the same steps.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from deckwright.anki.notes import Note
from deckwright.checks import lists
from deckwright.checks.deck import FileFacts, check_dates, check_deck
from deckwright.checks.lists import Listed
from deckwright.compile import Compiled, Context, Progress, compile_all
from deckwright.files import COVERAGE, RELEASES, Files, Folder, Revision, last_change
from deckwright.formats import DECK_FORMATS, DeckJob, File
from deckwright.model import CardKind, Deck, Status
from deckwright.pictures.media import Medium, check_media, with_media
from deckwright.problem import Problem, Span, Trouble, errors
from deckwright.reading.cards import card_files, load_deck
from deckwright.reading.yaml import one_side
from deckwright.release import lock as released
from deckwright.release.compare import Earlier, Outcome, Release, compare
from deckwright.release.fingerprint import fingerprint
from deckwright.release.lock import LOCK, Fingerprint, Lock, ahead
from deckwright.sources.coverage import uncovered
from deckwright.sources.texts import Known, Record, known
from deckwright.sources.texts import read as read_record
from deckwright.write import left_over, write_outputs


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
    record: Record | None
    """What `sources record` found in the texts of the sources; None where nothing, or nothing reliable, is recorded."""
    record_problems: tuple[Problem, ...]
    """What is wrong with that record."""
    deck_problems: tuple[Problem, ...]
    """What is wrong with deck.yaml and sources.yaml."""
    problems: tuple[Problem, ...]
    """All that is wrong, but for the cards and the record of the sources."""

    @cached_property
    def sources(self) -> Known | None:
        """What the sources are known to say; None without a record."""
        return None if self.record is None else known(self.deck, self.record)

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
        for name in files.names:
            if name == COVERAGE or (name.startswith(RELEASES) and name.endswith(".md")):
                text = files.read(name).decode(errors="replace")
                problems += one_side(name, text)[1] if "\n<<<<<<< " in f"\n{text}" else ()
        if data is None and any(name.startswith(RELEASES) for name in files.names):
            message = "there are release notes in cards/releases/, but no lock that records what learners have"
            hint = "restore it: git restore cards/released.lock\nif nothing was ever published, delete cards/releases/"
            problems.append(Problem(Span(LOCK), "lock-missing", message, hint))
        record, unread = read_record(files)
        return cls(
            files=files,
            deck=deck,
            media=media,
            names=tuple(names),
            released=data,
            lock=lock,
            record=record,
            record_problems=tuple(unread),
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
            problems += project.record_problems
        problems += check_deck(project.deck, [file.facts for file in files])
        return cls(project, files, tuple(problems))

    @property
    def facts(self) -> list[FileFacts]:
        return [file.facts for file in self.files]

    @property
    def cited(self) -> dict[tuple[str, int], str]:
        """The paragraphs that cards cite, each with the first card that does."""
        return {paragraph: id_ for file in reversed(self.files) for paragraph, id_ in file.cited.items()}

    @property
    def cards(self) -> list[CardKind]:
        """Every card without an error, drafts included, in order."""
        return [card for file in self.files for card in file.file.cards]

    def published(self) -> Iterator[tuple[Compiled, CardKind, Note]]:
        """Every published card with its note, in order; those of files with errors are left out."""
        for file in self.files:
            for card, note in file.pairs:
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

        settings, words = self.project.deck.settings, self.project.deck.words
        return compare(
            self.files,
            settings,
            lock,
            now,
            notetypes=notetypes.released(settings, words),
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


class LastReleased:
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
            str(card.id): fingerprint(card, note, file.images)
            for file, card, note in (self.deck.published() if self.deck else ())
        }

    def __call__(self, id_: str) -> Fingerprint | None:
        return self.fingerprints.get(id_)


class Checked(NamedTuple):
    """What a check found."""

    cards: int
    drafts: int
    problems: list[Problem]
    """Sorted by place."""


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


def check(root: Path, now: int, progress: Progress | None = None) -> Checked:
    """Reads and checks the project in `root`, at `now` in seconds since 1970. May raise OSError."""
    project = Project.open(Folder(root))
    deck = Held.compiled(project, notes=project.lock is not None, figures=True, progress=progress)
    problems = [*deck.problems, *check_media(project.media), *check_dates(deck.facts, now)]
    if project.lock is not None:
        problems += deck.compared(project.lock, now, earlier=LastReleased(root)).problems
        problems += ahead(project.lock, now)
    if project.sources is not None and not errors(problems):  # what a card with an error cites is not known
        problems += uncovered(project.files, project.sources.record, deck.cited)
    return Checked(len(deck.cards), sum(card.status is Status.DRAFT for card in deck.cards), sorted(problems))


def listed(root: Path, name: str, today: date) -> list[Listed]:
    """The cards of the project in `root` that are on the list called `name` (a key of `lists.LISTS`). Cards with errors
    are on none. May raise OSError."""
    project = Project.open(Folder(root))
    return lists.listed(Held.compiled(project, notes=False).cards, project.deck.settings, name, today)


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
    from deckwright.pages import start_here  # Jinja2 is slow to import

    project = Project.open(Folder(root))
    deck = Held.compiled(project, progress=progress)
    outcome = deck.compared(project.lock, now, earlier=LastReleased(root))
    problems = [*deck.problems, *outcome.problems]
    if outcome.unreleased or errors(problems):  # what was released is built the same on any day
        problems += [*check_dates(deck.facts, now), *(ahead(project.lock, now) if project.lock else ())]
    if errors(problems) or (released_only and outcome.unreleased):
        return Built(sorted(problems), [], [], [], None if errors(problems) else outcome)
    wanted = targets or [name for name, each in DECK_FORMATS.items() if each.default or not outcome.unreleased]
    rendered, found = deck.rendered(outcome, wanted)
    problems += found
    if errors(problems):
        return Built(sorted(problems), [], [], [], None)
    if not outcome.unreleased and not targets:
        rendered += _latest_notes(project)
    start = start_here(project.deck, outcome.edition, rendered)
    written, removed = write_outputs(out, [start, *rendered], add=bool(targets))
    return Built(sorted(problems), written, removed, [] if targets else left_over(out, written), outcome)


def _latest_notes(project: Project) -> list[File]:
    """The notes of the latest release as a page, if they are where it wrote them."""
    from deckwright.release import notes as release_notes

    name = project.lock.last if project.lock else ""
    if f"{RELEASES}{name}.md" not in project.files.names:
        return []
    text = project.files.read(f"{RELEASES}{name}.md").decode(errors="replace")
    return [release_notes.page(text, project.deck, name)]
