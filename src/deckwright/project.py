"""The whole program: read cards/, check, compare with what learners have, render, write.

In: a project's folder. Out: what was found and what was written. Everything is rendered before anything is written, so
that a failed build leaves the old outputs.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from errno import EBUSY
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from deckwright.checks.deck import Seen, check_dates, check_deck
from deckwright.compile import Part, Work, compiled
from deckwright.files import FIGURES, MEDIA, RELEASES, Files, Folder
from deckwright.formats import FORMATS, File, Job, Medium
from deckwright.model import Deck, file_name
from deckwright.pictures import cleaned
from deckwright.problem import Problem, Severity, Span, errors
from deckwright.reading.cards import card_files, load_cards, load_deck
from deckwright.release import lock as released
from deckwright.release.compare import Comparison, Earlier, Outcome
from deckwright.release.fingerprint import Candidate, Candidates
from deckwright.release.lock import LOCK, Fingerprint, Lock, ahead
from deckwright.sources.coverage import uncovered
from deckwright.sources.texts import Known, known
from deckwright.sources.texts import read as read_record
from deckwright.write import WRITTEN_LIST, alone, digests_of, remove_written, write, written_digests, written_list

if TYPE_CHECKING:
    from deckwright.release.diff import Texts


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
    reading = _Reading(Folder(root))
    images = _images(reading.media) if reading.released else None
    sources = reading.read_sources()
    cards = drafts = 0
    cited: dict[tuple[str, int], str] = {}
    with reading.compiled(images, sources=sources) as parts:
        comparison = Comparison(reading.deck.settings, reading.read_lock(), now, earlier=_earlier(root))
        for part in reading.parts(parts, progress):
            cards += part.cards
            for paragraph, id_ in part.cited.items():
                cited.setdefault(paragraph, id_)
            drafts += part.drafts
            comparison.take(part.seen.name, part.candidates)
    if reading.lock is not None:
        reading.problems += _compared(reading, comparison).problems
        reading.problems += ahead(reading.lock, now)
    reading.problems += _noticed(reading.media)
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
        reading,
        targets,
        lambda: Comparison(reading.deck.settings, reading.read_lock(), now, earlier=_earlier(root)),
        progress,
    )
    if outcome is None or outcome.unreleased:  # what was released is built the same on any day
        reading.problems += check_dates(reading.seen, now)
        reading.problems += ahead(reading.lock, now) if reading.lock is not None else []
    if errors(reading.problems) or outcome is None or (released_only and outcome.unreleased):
        return Built(sorted(reading.problems), [], [], [], outcome)
    if not outcome.unreleased and not targets:
        rendered += _latest_notes(reading)
    written, removed = _write(out, [_start_here(reading, outcome, rendered), *rendered], add=bool(targets))
    return Built(sorted(reading.problems), written, removed, [] if targets else _left(out, written), outcome)


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

    reading = _Reading(Folder(root))
    name = ""

    def compare() -> Comparison:
        nonlocal name
        lock = reading.read_lock()
        name = _release_name(now, lock)
        return Comparison(
            reading.deck.settings,
            lock,
            now,
            stamp_anew=stamp_anew,
            resend_rendered=resend_rendered,
            releasing=True,
            release=name,
            earlier=_earlier(root),
        )

    sources = reading.read_sources()
    outcome, outputs = _render(reading, list(FORMATS), compare, progress, remember=True, sources=sources)
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


def write_release(root: Path, out: Path, release: Prepared) -> Written:
    """Writes a release: the outputs, a copy of the lock as it was, the notes and, last of all, the lock. Repeating one
    that failed is safe. May raise OSError, also when another release was written since this one was prepared."""
    before = [] if release.before is None else [File(PREVIOUS, release.before, "the lock before, for --undo")]
    lock = root / LOCK
    with alone(lock.parent):
        if (lock.read_bytes() if lock.exists() else None) != release.before:
            raise OSError(EBUSY, "another release was written meanwhile; look at it, then release again", str(lock))
        more = ((out, before), (root / RELEASES, [release.notes]), (lock.parent, [release.lock]))
        written, removed = _write(out, release.outputs, more)
    return Written(written, removed, _left(out, written))


def _write(
    out: Path, files: Sequence[File], more: Sequence[tuple[Path, Sequence[File]]] = (), *, add: bool = False
) -> tuple[list[tuple[Path, File]], list[Path]]:
    """Writes the outputs into `out`, and `more` into other folders. Returns what was written and what was removed: all
    that was written earlier and is not made any more, or nothing if these outputs only `add` to it."""
    earlier, now = written_digests(out), digests_of(files)
    if add:
        now = earlier | now
    written = write([(out, [*files, written_list(now)]), *more])
    return [(path, file) for path, file in written if file.name != WRITTEN_LIST], remove_written(out, earlier, now)


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
    reading = _Reading(Folder(root))
    lock, problems = (None, []) if reading.released is None else released.read(reading.released)
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
        removed = remove_written(out, {**written_digests(out), PREVIOUS: sha256(release.before or b"").hexdigest()}, {})
        for path in (notes, out / WRITTEN_LIST):
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
    from deckwright.files import Revision  # only the commands that compare run Git

    reading = _Reading(Folder(root))
    lock, earlier = reading.read_lock(), None
    if revision is not None:
        earlier = _Reading(Revision(root, revision))
        lock = _as_released(earlier, now)
        reading.problems += _unread(earlier, revision)
    elif lock is not None:
        earlier = _released_then(root)
    comparison = Comparison(reading.deck.settings, lock, now, earlier=_earlier(root))
    outcome = _compare(reading, comparison)
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
    from deckwright.files import Revision, last_change

    commit = last_change(root, LOCK)
    try:
        return _Reading(Revision(root, commit)) if commit else None
    except OSError:
        return None


def _earlier(root: Path) -> Earlier:
    """The fingerprints of the cards as they were when the lock last changed; they are read when first asked for."""

    @cache
    def fingerprints() -> dict[str, Fingerprint | None]:
        then = _released_then(root)
        if then is None:
            return {}
        with then.compiled(_images(then.media), remember=True) as parts:
            return {each.id: each.fingerprint for part in then.parts(parts, None) for each in part.candidates}

    return lambda id_: fingerprints().get(id_)


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
        deck, self.problems = load_deck(files)
        self.deck, self.media = with_media(files, deck)
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
    with reading.compiled(_images(reading.media), remember=remember, sources=sources) as parts:
        # All else after the compiling has started: the second process works while libraries and the lock are read.
        comparison = compare()
        job = Job(reading.deck, reading.media)
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
    from deckwright.release import notes as release_notes

    name = max(reading.lock.releases, key=reading.lock.releases.__getitem__) if reading.lock else ""
    if f"{RELEASES}{name}.md" not in reading.files.names:
        return []
    text = reading.files.read(f"{RELEASES}{name}.md").decode(errors="replace")
    return [release_notes.page(text, reading.deck.settings, name)]


def _start_here(reading: _Reading, outcome: Outcome, files: Sequence[File]) -> File:
    from deckwright.pages import start_here  # Jinja2 is slow to import

    return start_here(reading.deck.settings, outcome.edition, files)


def _compared(reading: _Reading, comparison: Comparison) -> Outcome:
    """The end of a comparison, once all parts were taken."""
    from deckwright.anki import notetypes  # Jinja2 is slow to import

    hidden = frozenset(id_ for seen in reading.seen for id_ in seen.hidden)
    types = notetypes.released(reading.deck.settings)
    return comparison.finish(types, hidden, all_read=not errors(reading.problems))


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


def _images(media: Mapping[str, Medium]) -> dict[str, str]:
    return {name: medium.travels_as for name, medium in media.items()}


def _as_released(reading: _Reading, now: int) -> Lock:
    """The lock there would be had the deck been released as it is read here."""
    return _compare(reading, Comparison(reading.deck.settings, None, now)).lock


def _compare(reading: _Reading, comparison: Comparison) -> Outcome:
    """A whole comparison in which every card's state is known, without any output."""
    images = _images(reading.media)
    with reading.compiled(images, remember=True) as parts:
        for part in reading.parts(parts, None):
            comparison.take(part.seen.name, part.candidates)
    return _compared(reading, comparison)


def _texts(reading: _Reading, ids: set[str], files: set[str]) -> dict[str, tuple["Texts", Candidate]]:
    """The texts and the state of some cards, by id."""
    from deckwright.release.diff import texts  # difflib is slow to import

    candidates = Candidates(reading.deck, _images(reading.media), frozenset())
    found: dict[str, tuple[Texts, Candidate]] = {}
    for name in sorted(files):
        for card in load_cards(name, reading.files.read(name), reading.deck).cards:
            if card.id in ids:
                found[card.id] = texts(card), candidates.candidate(card)
    return found


def _has(lock: Lock, candidate: Candidate) -> bool:
    """Whether learners read on a card what its author wrote here."""
    entry = lock.entry(candidate.id)
    if entry is None:
        return False
    return candidate.fingerprint is not None and entry.fingerprint.same_author(candidate.fingerprint)
