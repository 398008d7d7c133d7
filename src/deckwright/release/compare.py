"""What the next release does to learners: the deck as it is now, compared with what they have.

In: a compiled deck and its lock. Out: notes with the times they carry, every change, the harmful changes as problems,
and the next lock. docs/releasing.md says what Anki does with each change.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum, StrEnum
from typing import NamedTuple

from deckwright.anki.notes import Note, NoteType
from deckwright.compile import Compiled
from deckwright.files import DECK
from deckwright.model import NUMBERED, CardKind, Settings
from deckwright.parts import place_of
from deckwright.problem import Problem, Span
from deckwright.release.fingerprint import Correction, correction_of, fingerprint, note_key, shown, withdrawal_text
from deckwright.release.harm import Changed, gone_cards, harmful, moved, moved_cards
from deckwright.release.lock import (
    AGAIN,
    LOCK,
    NONE,
    UNKNOWN,
    Entry,
    Fingerprint,
    Lock,
    NoteTypeEntry,
    later,
    seconds,
    timestamp,
)

REASONS = ("content", "picture", "source", "tags")
"""Why a note changes. A different rendering alone is not a change."""

Earlier = Callable[[str], Fingerprint | None]
"""The fingerprint of a card, by its id, as the card was when the lock was last changed; None if that is not known. A
lock of version 1 needs it, because it does not hold the answers."""


class What(StrEnum):
    """What a change is to learners."""

    RELEARN = "relearn"
    """The answer was wrong, and they are told to learn it again."""
    CORRECTED = "corrected"
    """Words or pictures changed."""
    NEW = "new"
    WITHDRAWN = "withdrawn"
    """Withdrawn by this release."""
    BACK = "back"
    """No longer withdrawn."""
    OTHER = "other"
    """Sources or tags changed, or the text of a card that was withdrawn before."""


class DatedNote(NamedTuple):
    """A note with what it carries from the lock."""

    note: Note
    seconds: int
    """The modification time that Anki compares, in seconds since 1970."""
    tags: tuple[str, ...]
    """The tags of the note, and those that say when it was updated or corrected."""
    superseding: bool
    """Whether learners may have an earlier version of it."""
    pictures: bool
    """Whether one of those versions had different images."""


class Change(NamedTuple):
    """One card that is new or changed in the next release."""

    id: str
    span: Span
    topic: str
    headline: str
    what: What
    reasons: tuple[str, ...]
    """Some of REASONS; empty if the card is new."""
    fields: tuple[str, ...]
    """The Anki fields that differ."""
    correction: Correction | None
    """The wrong and the right answer, if learners should relearn it now."""
    withdrawal: str
    """Why it is withdrawn; empty if it is not."""
    moved_from: str
    """The topic under which learners have it, if that is a different one; else empty."""
    lost: tuple[str, ...]
    """What it no longer asks, so that learners keep an empty card; an empty text is the reverse question."""


class Edition(NamedTuple):
    """What all outputs of a build share, known once all cards are compared."""

    draft: bool
    """Whether anything in it is unreleased; outputs say so in their names."""
    seconds: int
    """The latest time in it."""
    notetypes: Mapping[str, int]
    """The modification time of each note type, by its name."""


class Outcome(NamedTuple):
    """The result of a comparison."""

    first: bool
    """Whether nothing was released before."""
    changes: tuple[Change, ...]
    """In the order of the deck."""
    notetypes: tuple[str, ...]
    """The names of the note types whose templates or styles changed."""
    resent: tuple[str, ...]
    """Ids of the unchanged notes that a release sends again, with a new time."""
    rendered: tuple[str, ...]
    """Ids of the notes that are only rendered differently; they count as unchanged."""
    gone: tuple[str, ...]
    """Ids that were released and are no longer in any file."""
    new: int
    """The number of notes that learners do not have yet. In a draft without a lock, `changes` does not list them."""
    unchanged: int
    """The number of notes that stay as learners have them."""
    notes: tuple[DatedNote, ...]
    """All notes in the order of the deck, except withdrawn cards that were never released."""
    problems: tuple[Problem, ...]
    edition: Edition
    lock: Lock
    """As it will be once this is released."""

    @property
    def unreleased(self) -> bool:
        """Whether the author wrote anything that learners do not have yet; outputs are drafts then."""
        return bool(self.first or self.changes)


class Release(NamedTuple):
    """A release in the making."""

    name: str
    """Its date, as its notes are called."""
    resend: frozenset[str] = frozenset()
    """Ids of cards to send again although they did not change."""
    rendered: bool = False
    """Whether to send the notes, too, that are only rendered differently."""


def compare(
    files: Iterable[Compiled],
    settings: Settings,
    lock: Lock | None,
    now: int,
    *,
    notetypes: Mapping[str, NoteTypeEntry],
    release: Release | None = None,
    remember: bool = False,
    earlier: Earlier = lambda _: None,
    all_read: bool = True,
) -> Outcome:
    """Compares a compiled deck with its lock (None: nothing was released). Pure except for `earlier`.

    `now`, in seconds since 1970, is the time that changed notes carry. `notetypes` are those of the deck, without
    times. `release` is the release to be made, None for a draft. With `remember`, the lock that is returned, which
    nobody writes, is as if everything were released. `all_read` tells whether every card could be read; if not, no card
    is reported as gone.
    """
    problems = [*_of_another_deck(settings, lock)] if lock else []
    comparable = not problems
    stamp = timestamp(now)
    how = _How(now, stamp, release, lock is not None, remember or release is not None, earlier)
    dated: list[DatedNote] = []
    fates: list[_Fate] = []
    entries: dict[str, Entry] = {}
    topics: dict[str, None] = {}
    seen: set[str] = set()
    allowing: list[CardKind] = []
    new = unchanged = 0
    for file in files:
        for card, note in file.pairs:
            seen.add(card.id)
            if card.allow:
                allowing.append(card)
            topics[note.topic] = None
            had = lock.entry(card.id) if lock and comparable else None
            if had is None and note.withdrawn:
                continue  # it was never released
            if had is None and not (how.compared or how.remember):  # a first draft: nothing to compare or remember
                new += 1
                dated.append(DatedNote(note, now, note.tags, superseding=False, pictures=False))
                continue
            fate = how.fate(file, card, note, had)
            dated.append(_dated(note, fate.entry, settings.namespace))
            new += fate.kind is _Kind.NEW
            unchanged += fate.kind in (_Kind.SAME, _Kind.RENDERED)
            if fate.entry is not had:
                entries[fate.entry.id] = fate.entry
            if fate.kind is not _Kind.SAME:
                fates.append(fate)
    before = lock or Lock("", "", {}, frozenset(), {}, {})
    gone = tuple(sorted(set(before.cards) - seen)) if comparable and all_read else ()
    changes = tuple(fate.change for fate in fates if fate.change)
    if comparable and lock:
        changed = [fate.changed for fate in fates if fate.changed]
        drafts = frozenset(id_ for file in files for id_ in file.facts.hidden)
        problems += harmful(changed, allowing, frozenset(gone), lock, stamp[:10])
        problems += moved_cards(changed, topics)
        problems += gone_cards(gone, changed, drafts, lock)
    draft = (lock is None or bool(changes)) and release is None
    types, restyled, faults = _notetypes(notetypes, before, now, restyle=draft or release is not None)
    problems += faults if comparable else []
    after = Lock(
        settings.namespace,
        settings.title,
        {**before.cards, **{id_: entry.line for id_, entry in entries.items()}},
        before.decks | set(topics),
        types,
        {**before.releases, release.name: stamp} if release else before.releases,
    )
    edition = Edition(
        draft=draft,
        seconds=seconds(stamp if draft else after.latest()),
        notetypes={name: seconds(entry.time) for name, entry in types.items()},
    )
    return Outcome(
        first=lock is None,
        changes=changes,
        notetypes=tuple(restyled) if lock else (),
        resent=tuple(fate.entry.id for fate in fates if fate.kind is _Kind.RESENT),
        rendered=tuple(fate.entry.id for fate in fates if fate.kind is _Kind.RENDERED),
        gone=gone,
        new=new,
        unchanged=unchanged,
        notes=tuple(dated),
        problems=tuple(problems),
        edition=edition,
        lock=after,
    )


def _of_another_deck(settings: Settings, lock: Lock) -> Iterator[Problem]:
    """A changed namespace or title. The identity of all cards depends on the one, that of all decks on the other."""
    for name, now, was in (
        ("namespace", settings.namespace, lock.namespace),
        ("title", settings.title, lock.title),
    ):
        if now != was:
            message = f"the {name} was released as {was!r}; with a new one, learners get every card a second time"
            hint = f"change it back: {name}: {was}\nif this is a new deck, start it without {LOCK}"
            yield Problem(Span(DECK, now.line, now.column), "deck-changed", message, hint)


class _Kind(Enum):
    NEW = "new"
    CHANGED = "changed"
    RESENT = "resent"
    RENDERED = "rendered"
    SAME = "same"


class _Fate(NamedTuple):
    """What becomes of one card."""

    kind: _Kind
    entry: Entry
    """Its line in the next lock."""
    change: Change | None = None
    changed: Changed | None = None
    """For the rules in harm.py; None if nothing was released before."""


class _How(NamedTuple):
    """What all comparisons of one run share."""

    now: int
    stamp: str
    release: Release | None
    compared: bool
    """Whether anything was released before."""
    remember: bool
    """Whether every card needs a fingerprint, not only those that differ."""
    earlier: Earlier

    def fate(self, file: Compiled, card: CardKind, note: Note, had: Entry | None) -> _Fate:
        """Compares a card with what learners have of it: `had`, or None if it is new."""
        key = note_key(note)
        if had is not None and had.key == key and not self.remember and had.again != AGAIN:
            return _Fate(_Kind.SAME, had)
        now = fingerprint(card, note, file.images)
        if had is None:
            entry = Entry(card.id, self.stamp, self.stamp, NONE, NONE, NONE, NONE, now, key)
            return self._different(_Fate(_Kind.NEW, entry), file, card, note, None, What.NEW, ())
        was = had.fingerprint if had.key == key else self._was(had)
        if had.key != key and not was.same_author(now):
            fields = tuple(_fields(note.type, was, now))
            what = _what(was, now, fields)
            fate = _Fate(_Kind.CHANGED, self._entry(had, was, now, key, what))
            return self._different(fate, file, card, note, was, what, fields)
        resend = self.release is not None and card.id in self.release.resend
        rendered = had.key != key and self.release is not None and self.release.rendered
        if resend or rendered or had.again == AGAIN:
            entry = had._replace(time=later(had.time, self.now), again=NONE, fingerprint=now, key=key)
            return _Fate(_Kind.RESENT, entry if self.release else had)
        # Learners keep the rendering they have. What a line of version 1 lacks is added.
        kept = had._replace(fingerprint=now._replace(fields=had.fingerprint.fields)) if self.release else had
        return _Fate(_Kind.SAME if had.key == key else _Kind.RENDERED, kept)

    def _was(self, had: Entry) -> Fingerprint:
        """What learners have of a card, completed from `earlier` if the line is of version 1."""
        was = had.fingerprint
        earlier = self.earlier(had.id) if UNKNOWN in (was.answers, was.sources) else None
        if earlier is None or (earlier.content, earlier.tags) != (was.content, was.tags):
            return was
        return was._replace(answers=earlier.answers, sources=earlier.sources)

    def _entry(self, had: Entry, was: Fingerprint, now: Fingerprint, key: str, what: What) -> Entry:
        """The new line of a card that changed."""
        time = later(had.time, self.now)
        month = time[:7]
        gained = set(now.numbers()) - set(was.numbers())
        return Entry(
            id=had.id,
            time=time,
            first=had.first,
            updated=month if (was.content, was.media) != (now.content, now.media) else had.updated,
            corrected=month if what is What.RELEARN else NONE if now.corrected == NONE else had.corrected,
            pictures=month if was.media != now.media else had.pictures,
            again=AGAIN if gained or what in (What.RELEARN, What.WITHDRAWN) else NONE,
            fingerprint=now,
            key=key,
        )

    def _different(
        self,
        fate: _Fate,
        file: Compiled,
        card: CardKind,
        note: Note,
        was: Fingerprint | None,
        what: What,
        fields: tuple[str, ...],
    ) -> _Fate:
        """A fate, completed with what is reported of it."""
        now = fate.entry.fingerprint
        span = place_of(card, card.id)
        withdrawal = withdrawal_text(card)
        change = Change(
            id=str(card.id),
            span=span,
            topic=note.topic,
            headline=shown(now.headline),
            what=what,
            reasons=_reasons(was, now) if was else (),
            fields=fields,
            correction=correction_of(card) if what is What.RELEARN else None,
            withdrawal=withdrawal,
            moved_from=was.topic if was and not withdrawal and moved(was, now) else "",
            lost=_lost(was, now) if was else (),
        )
        return fate._replace(change=change, changed=Changed(span, card, was, now) if self.compared else None)


def _lost(was: Fingerprint, now: Fingerprint) -> tuple[str, ...]:
    """What a card asked under the numbers that it no longer has."""
    gone = [text for number, text in was.numbers().items() if number not in now.numbers()]
    return tuple(text if was.kind in NUMBERED else "" for text in gone)


def _dated(note: Note, entry: Entry, root: str) -> DatedNote:
    tags = note.tags
    if entry.updated != NONE:
        tags = tuple(sorted((*tags, f"{root}::updated::{entry.updated}")))
    if entry.corrected != NONE:
        tags = tuple(sorted((*tags, f"{root}::corrected::{entry.corrected}")))
    return DatedNote(note, seconds(entry.time), tags, entry.time != entry.first, entry.pictures != NONE)


def _notetypes(
    notetypes: Mapping[str, NoteTypeEntry], lock: Lock, now: int, *, restyle: bool
) -> tuple[dict[str, NoteTypeEntry], list[str], list[Problem]]:
    """The note types with their times; the names of those whose templates or styles changed; and problems: those whose
    fields or card templates changed. They get a later time only with `restyle`: changed styles alone do not make a
    draft, and learners get them with a release."""
    types, restyled, faults = {}, [], []
    for name, entry in notetypes.items():
        had = lock.notetypes.get(name)
        if had is None:
            types[name] = entry._replace(time=timestamp(now))
            restyled.append(name)
            continue
        if had[:5] != entry[:5]:
            message = f"this version of deckwright changes the fields or templates of the note type `{name}`"
            hint = "use the version that released the deck; Anki would add this one as a second note type"
            faults.append(Problem(Span(LOCK), "note-type-changed", message, hint))
        if had.digest == entry.digest:
            types[name] = had
        else:
            types[name] = entry._replace(time=later(had.time, now)) if restyle else had
            restyled.append(name)
    return types, restyled, faults


def _what(was: Fingerprint, now: Fingerprint, fields: tuple[str, ...]) -> What:
    """What a change of a released card is to learners. They need not learn it again because of a new date or better
    words in `corrected:`."""
    if now.withdrawn != NONE:
        return What.WITHDRAWN if was.withdrawn == NONE else What.OTHER
    if was.withdrawn != NONE:
        return What.BACK
    if now.corrected not in (NONE, was.corrected) and (was.corrected == NONE or set(fields) - {"Correction"}):
        return What.RELEARN
    return What.CORRECTED if (was.content, was.media) != (now.content, now.media) else What.OTHER


def _reasons(was: Fingerprint, now: Fingerprint) -> tuple[str, ...]:
    """Why learners get the note again."""
    differs = {
        "content": was.content != now.content,
        "picture": was.media != now.media,
        "source": was.sources not in (now.sources, UNKNOWN),
        "tags": was.tags != now.tags,
    }
    return tuple(reason for reason in REASONS if differs[reason])


def _fields(type_: NoteType, was: Fingerprint, now: Fingerprint) -> Iterator[str]:
    """The Anki fields that differ."""
    pairs = [digests.split(",") for digests in (was.fields, now.fields)]
    for place, name in enumerate(type_.fields):
        before, after = (digests[place] if place < len(digests) else "" for digests in pairs)
        if before != after:
            yield name
