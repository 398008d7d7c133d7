"""The whole program: read cards/, check, compare with what learners have, render, write.

In: a project's folder. Out: what was found and what was written. Everything is rendered before anything is written, so
that a failed build leaves the old outputs.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from deckwright import lock as released
from deckwright.checks import Seen, check_dates, check_deck
from deckwright.compile import Part, Work, compiled
from deckwright.coverage import uncovered
from deckwright.formats import FORMATS, File, Job, Medium
from deckwright.load import FIGURES, MEDIA, RELEASES, Files, Folder, card_files, load_cards, load_deck
from deckwright.lock import LOCK, Lock, ahead
from deckwright.model import Deck, file_name
from deckwright.problem import Problem, Severity, Span, errors
from deckwright.release import Comparison, Outcome
from deckwright.sources import Known, known
from deckwright.sources import read as read_record
from deckwright.state import Candidate, Candidates, parsed
from deckwright.writing import write

if TYPE_CHECKING:
    from deckwright.diff import Texts

Progress = Callable[[int, int], None]
"""Told how many files of cards are done, and of how many."""


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
    left: list[Path]
    """Packages of an earlier build that this one does not make any more."""
    outcome: Outcome | None
    """How the deck compares with what learners have; None when it could not be compared."""


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
    reading = _Reading(Folder(root))
    images = _images(media_of(reading.files, reading.deck)) if reading.released else None
    sources = reading.read_sources()
    cards = drafts = 0
    cited: dict[tuple[str, int], str] = {}
    with reading.compiled(images, sources=sources) as parts:
        comparison = Comparison(reading.deck.settings, reading.read_lock(), now)
        for part in reading.parts(parts, progress):
            cards += part.cards
            for paragraph, id_ in part.cited.items():
                cited.setdefault(paragraph, id_)
            drafts += part.drafts
            comparison.take(part.seen.name, part.candidates)
    if reading.lock is not None:
        reading.problems += _compared(reading, comparison).problems
        reading.problems += ahead(reading.lock, now)
    reading.problems += check_dates(reading.seen, now)
    if sources is not None and not errors(reading.problems):  # what a card with a mistake cites is not known
        found = uncovered(reading.files, sources.record, cited)
        reading.problems += [problem._replace(severity=Severity.ADVICE) for problem in found]
    return Checked(cards, drafts, sorted(reading.problems))


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
    reading = _Reading(Folder(root))
    outcome, rendered = _render(
        reading, targets, lambda: Comparison(reading.deck.settings, reading.read_lock(), now), progress
    )
    if outcome is None or outcome.unreleased:  # what was released is built the same on any day
        reading.problems += check_dates(reading.seen, now)
        reading.problems += ahead(reading.lock, now) if reading.lock is not None else []
    if errors(reading.problems) or outcome is None or (released_only and outcome.unreleased):
        return Built(sorted(reading.problems), [], [], outcome)
    if not outcome.unreleased and not targets:
        rendered += _latest_notes(reading)
    written = write([(out, [_start_here(reading, outcome, rendered), *rendered])])
    left = _left(out, ("*.apkg",), written) if not targets else []
    return Built(sorted(reading.problems), written, left, outcome)


def prepare_release(
    root: Path, now: int, stamp_anew: frozenset[str] = frozenset(), progress: Progress | None = None
) -> Prepared:
    """Renders the next release of the project in `root`, with `now` (seconds since 1970) on all that changed and on
    the cards named in `stamp_anew`. Writes nothing. May raise OSError."""
    from deckwright.formats import release_notes  # Jinja2 is slow to import

    reading = _Reading(Folder(root))
    name = ""

    def compare() -> Comparison:
        nonlocal name
        lock = reading.read_lock()
        name = _release_name(now, lock)
        return Comparison(reading.deck.settings, lock, now, stamp_anew=stamp_anew, releasing=True, release=name)

    sources = reading.read_sources()
    outcome, outputs = _render(
        reading, list(FORMATS), compare, progress, remember=reading.released is None, sources=sources
    )
    if reading.lock is not None:
        reading.problems += ahead(reading.lock, now)
    reading.problems += check_dates(reading.seen, now)
    nothing = File("", b"", "")
    if errors(reading.problems) or outcome is None:
        return Prepared(sorted(reading.problems), name, None, [], nothing, nothing, None, Said({}, {}))
    texts = any(file.name.endswith(".txt") for file in outputs)
    text = release_notes.markdown(outcome, reading.deck.settings, name, texts=texts)
    outputs.append(release_notes.page(text, reading.deck.settings, name))
    outputs.insert(0, _start_here(reading, outcome, outputs))
    notes = File(f"{name}.md", text.encode(), "the release notes")
    lock = File(Path(LOCK).name, released.text(outcome.lock), "what learners have; commit it")
    said = Said({}, {}) if outcome.first else _said(reading, outcome, reading.lock, _released_then(root))
    return Prepared(sorted(reading.problems), name, outcome, outputs, notes, lock, reading.released, said)


def write_release(root: Path, out: Path, release: Prepared) -> tuple[list[tuple[Path, File]], list[Path]]:
    """Writes a release: the outputs, a copy of the lock as it was, the notes and, last of all, the lock. Repeating one
    that failed is safe. Also returns what earlier releases left in `out`. May raise OSError."""
    outputs = list(release.outputs)
    if release.before is not None:
        outputs.append(File(PREVIOUS, release.before, "the lock before this release, for undoing it"))
    written = write([(out, outputs), (root / RELEASES, [release.notes]), (root / Path(LOCK).parent, [release.lock])])
    return written, _left(out, ("*.apkg", "*-text-only-corrections*.txt"), written)


def _left(out: Path, patterns: Sequence[str], written: Sequence[tuple[Path, File]]) -> list[Path]:
    """Files of earlier builds in `out` that this one did not write."""
    return sorted({path for pattern in patterns for path in out.glob(pattern)} - {path for path, _ in written})


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
    from deckwright.history import Revision  # only the commands that compare run Git

    reading = _Reading(Folder(root))
    lock, earlier = reading.read_lock(), None
    if revision is not None:
        earlier = _Reading(Revision(root, revision))
        lock = _as_released(earlier, now)
        reading.problems += _unread(earlier, revision)
    elif lock is not None:
        earlier = _released_then(root)
    outcome = _compare(reading, Comparison(reading.deck.settings, lock, now))
    if errors(reading.problems):
        return Difference(sorted(reading.problems), revision or LOCK, None, Said({}, {}))
    if revision is None:
        reading.problems += outcome.problems  # harmful only to those who have a release
    said = _said(reading, outcome, lock, earlier)
    return Difference(sorted(reading.problems), revision or LOCK, outcome, said)


def _said(reading: "_Reading", outcome: Outcome, lock: Lock | None, earlier: "_Reading | None") -> Said:
    """The texts of what changes; `earlier` is the deck as those had it whom the lock describes."""
    changed = {change.id: change.span.file for change in outcome.changes}
    after = {id_: written for id_, (written, _) in _texts(reading, set(changed), set(changed.values())).items()}
    if earlier is None or lock is None:
        return Said({}, after)
    old = _texts(earlier, set(changed), set(earlier.names))
    return Said({id_: written for id_, (written, candidate) in old.items() if _has(lock, candidate)}, after)


def _released_then(root: Path) -> "_Reading | None":
    """The project as it was when the lock last changed; None where Git does not know, or lacks a part of it."""
    from deckwright.history import Revision, last_change

    commit = last_change(root, LOCK)
    try:
        return _Reading(Revision(root, commit)) if commit else None
    except OSError:
        return None


def _unread(earlier: "_Reading", revision: str) -> list[Problem]:
    """The files that had mistakes at a revision, the cards of which are not compared."""
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


class _Reading:
    """A project being read: what its cards share, what learners have, and the problems so far."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self.deck, self.problems = load_deck(files)
        self.names, strays = card_files(files)
        self.problems += [*files.problems, *strays]
        self.released = files.read(LOCK) if LOCK in files.names else None
        if self.released is None and any(name.startswith(RELEASES) for name in files.names):
            message = "there are notes of releases in cards/releases/ and no lock that tells what learners have"
            hint = (
                "bring it back: git restore cards/released.lock\nif nothing was ever published, delete cards/releases/"
            )
            self.problems.append(Problem(Span(LOCK), "lock-missing", message, hint))
        self.lock: Lock | None = None
        self.seen: list[Seen] = []

    def compiled(
        self, images: Mapping[str, str] | None, *, remember: bool = False, sources: Known | None = None
    ) -> AbstractContextManager[Iterator[Part]]:
        """The parts of all files; `remember` when the state of every card is wanted, not only of what changed;
        `sources` when figures are held against them."""
        keys = None if self.released is None else released.keys(self.released)
        work = Work(self.files, self.deck, images, frozenset() if remember else keys, sources)
        return compiled(work, self.names)

    def read_sources(self) -> Known | None:
        """What the sources are known to say; None where nothing is recorded of them."""
        if FIGURES not in self.files.names:
            return None
        record, found = read_record(self.files)
        self.problems += [problem._replace(severity=Severity.ADVICE) for problem in found]
        return None if found else known(self.deck, record)

    def read_lock(self) -> Lock | None:
        """What learners have. Apart because a large deck's takes a second, in which another process can compile."""
        if self.released is not None:
            self.lock, found = released.read(self.released)
            self.problems += found
        return self.lock

    def parts(self, parts: Iterator[Part], progress: Progress | None) -> Iterator[Part]:
        """Passes the parts on; the problems grow by theirs and, at the end, by those of the whole deck."""
        for part in parts:
            self.problems += part.problems
            self.seen.append(part.seen)
            if progress:
                progress(len(self.seen), len(self.names))
            yield part
        self.problems += check_deck(self.deck, self.seen)


def _render(
    reading: _Reading,
    targets: Sequence[str],
    compare: Callable[[], Comparison],
    progress: Progress | None,
    *,
    remember: bool = False,
    sources: Known | None = None,
) -> tuple[Outcome | None, list[File]]:
    """How the deck compares and the outputs named in `targets` (else all, of drafts the default ones); nothing of it
    when there are errors."""
    media = media_of(reading.files, reading.deck)
    with reading.compiled(_images(media), remember=remember, sources=sources) as parts:
        # All else after the compiling has started: the second process works while libraries and the lock are read.
        comparison = compare()
        job = Job(reading.deck, media)
        outputs = {name: format_.start(job) for name, format_ in FORMATS.items() if not targets or name in targets}
        for part in reading.parts(parts, progress):
            stamped = comparison.take(part.seen.name, part.candidates)
            for output in outputs.values():
                output.take(stamped)
    outcome = _compared(reading, comparison)
    reading.problems += outcome.problems
    rendered: list[File] = []
    if not errors(reading.problems):
        for name, output in outputs.items():
            if not targets and outcome.unreleased and not FORMATS[name].default:
                continue
            made, found = output.finish(outcome.edition)
            rendered += made
            reading.problems += found
    if errors(reading.problems):
        return None, []
    return outcome, rendered


def _latest_notes(reading: _Reading) -> list[File]:
    """The notes of the latest release as a page, if they are where it wrote them."""
    from deckwright.formats import release_notes

    name = max(reading.lock.releases, key=reading.lock.releases.__getitem__) if reading.lock else ""
    if f"{RELEASES}{name}.md" not in reading.files.names:
        return []
    text = reading.files.read(f"{RELEASES}{name}.md").decode(errors="replace")
    return [release_notes.page(text, reading.deck.settings, name)]


def _start_here(reading: _Reading, outcome: Outcome, files: Sequence[File]) -> File:
    from deckwright.formats import start_here  # Jinja2 is slow to import

    return start_here.render(reading.deck.settings, outcome.edition, files)


def _compared(reading: _Reading, comparison: Comparison) -> Outcome:
    """The end of a comparison, once all parts were taken."""
    from deckwright.formats.anki import notetypes  # Jinja2 is slow to import

    hidden = frozenset(id_ for seen in reading.seen for id_ in seen.hidden)
    types = notetypes.released(reading.deck.settings)
    return comparison.finish(types, hidden, all_read=not errors(reading.problems))


def media_of(files: Files, deck: Deck) -> dict[str, Medium]:
    """The media files under the names by which they travel: new bytes, new name, since Anki replaces no file."""
    media = {}
    for name in deck.media:
        data = files.read(MEDIA + name)
        stem, dot, ending = name.rpartition(".")
        plain = file_name(stem).encode("ascii", "ignore").decode()[:60].strip("-") or "image"
        media[name] = Medium(f"{plain}-{sha256(data).hexdigest()[:12]}{dot}{ending.lower()}", data)
    return media


def _images(media: Mapping[str, Medium]) -> dict[str, str]:
    return {name: medium.travels_as for name, medium in media.items()}


def _as_released(reading: _Reading, now: int) -> Lock:
    """The lock there would be had the deck been released as it is read here."""
    return _compare(reading, Comparison(reading.deck.settings, None, now)).lock


def _compare(reading: _Reading, comparison: Comparison) -> Outcome:
    """A whole comparison in which every card's state is known, without any output."""
    images = _images(media_of(reading.files, reading.deck))
    with reading.compiled(images, remember=True) as parts:
        for part in reading.parts(parts, None):
            comparison.take(part.seen.name, part.candidates)
    return _compared(reading, comparison)


def _texts(reading: _Reading, ids: set[str], files: set[str]) -> dict[str, tuple["Texts", Candidate]]:
    """The texts and the state of some cards, by id."""
    from deckwright.diff import texts  # difflib is slow to import

    candidates = Candidates(reading.deck, _images(media_of(reading.files, reading.deck)), frozenset())
    found = {}
    for name in sorted(files):
        for card in load_cards(name, reading.files.read(name), reading.deck).cards:
            if card.id.text in ids:
                found[card.id.text] = texts(card), candidates.candidate(card)
    return found


def _has(lock: Lock, candidate: Candidate) -> bool:
    """Whether learners read on a card what its author wrote here."""
    entry = lock.entry(candidate.id.text)
    if entry is None:
        return False
    was, now = parsed(entry.state), parsed(candidate.state)
    return (was.content, was.sources, was.tags) == (now.content, now.sources, now.tags)
