"""What the next release does to learners: the deck as it stands against what they have.

In: the lock, then the candidates of each file of cards. Out: notes with the times they carry, every change, harmful
ones as problems, and the lock as it will be. What Anki does with it is in docs/releasing.md.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from deckwright.anki.notes import Note, NoteType
from deckwright.files import DECK
from deckwright.model import Settings
from deckwright.problem import Problem, Span
from deckwright.release.fingerprint import Candidate, Correction, shown
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
"""Why a note changes. Another rendering alone changes none."""

Earlier = Callable[[str], Fingerprint | None]
"""The fingerprint of a card, by its id, as its author had written it when the lock was last changed; None where that is
not known. A lock of version 1 does not hold the answers."""


class What(StrEnum):
    """What a change is to learners."""

    RELEARN = "relearn"
    """The answer was wrong, and they are told to learn it anew."""
    CORRECTED = "corrected"
    """Other words or pictures."""
    NEW = "new"
    WITHDRAWN = "withdrawn"
    """From now on."""
    BACK = "back"
    """No longer withdrawn."""
    OTHER = "other"
    """Sources, tags, or what a withdrawn card says."""


class Stamped(NamedTuple):
    """A note with what it carries from the lock."""

    note: Note
    seconds: int
    """The modification time that Anki compares, in seconds since 1970."""
    tags: tuple[str, ...]
    """Those of the note, and when it was updated and corrected."""
    superseding: bool
    """Whether learners may have an earlier version of it."""
    pictures: bool
    """Whether one of those versions had other images."""


class Change(NamedTuple):
    """One card that the next release brings, or brings anew."""

    id: str
    span: Span
    topic: str
    headline: str
    what: What
    reasons: tuple[str, ...]
    """Some of REASONS; none when it is new or only stamped anew."""
    fields: tuple[str, ...]
    """The Anki fields that differ."""
    correction: Correction | None
    """What it said and says, when learners should relearn it now."""
    withdrawal: str
    """Why it is withdrawn; else nothing."""
    moved_from: str
    """The topic under which learners have it, when that is another one; else nothing."""


class Edition(NamedTuple):
    """What all outputs of a build share, known once all cards are compared."""

    draft: bool
    """Whether anything in it is unreleased; outputs say so in their names."""
    seconds: int
    """The latest time in it."""
    notetypes: Mapping[str, int]
    """The modification time of each note type, by its name."""


class Outcome(NamedTuple):
    """A whole comparison."""

    first: bool
    """Whether nothing was released before."""
    changes: tuple[Change, ...]
    """In the order of the deck."""
    notetypes: tuple[str, ...]
    """The names of the note types whose templates or styles changed."""
    resent: tuple[str, ...]
    """Ids of the notes that a release stamps again without a change."""
    rendered: tuple[str, ...]
    """Ids of the notes that are only rendered otherwise than learners have them; among the unchanged."""
    gone: tuple[str, ...]
    """Ids that were released and are in no file."""
    new: int
    """Notes that learners do not have yet. Of a draft without a lock, these are in no list."""
    unchanged: int
    """Notes that stay as learners have them."""
    problems: tuple[Problem, ...]
    edition: Edition
    lock: Lock
    """As it will be once this is released."""

    @property
    def unreleased(self) -> bool:
        """Whether the author wrote anything that learners do not have yet; outputs are drafts then."""
        return bool(self.first or self.changes)


_NOT_REMEMBERED = Fingerprint(*[""] * len(Fingerprint._fields))
"""Of a first draft, nothing is compared or kept."""


class Comparison:
    """Compares a deck with its lock (None: nothing was released), file by file.

    `now`, in seconds since 1970, is the time that changed notes carry. `stamp_anew` names cards that learners get again
    though they did not change; `resend_rendered` sends those that are only rendered otherwise, and a release
    (`releasing`, called `release`) those that the lock marks for it. `earlier` tells what version 1 of the lock did not
    hold.
    """

    def __init__(
        self,
        settings: Settings,
        lock: Lock | None,
        now: int,
        *,
        stamp_anew: frozenset[str] = frozenset(),
        resend_rendered: bool = False,
        releasing: bool = False,
        release: str = "",
        earlier: Earlier = lambda _: None,
    ) -> None:
        self.settings = settings
        self.lock = lock
        self.now = now
        self.stamp = timestamp(now)
        self.stamp_anew = stamp_anew
        self.resend_rendered = resend_rendered
        self.releasing = releasing
        self.release = release
        self.earlier = earlier
        self.root = settings.namespace
        self.problems: list[Problem] = []
        self.changes: list[Change] = []
        self.entries: dict[str, Entry] = {}
        self.changed: list[Changed] = []
        self.resent: list[str] = []
        self.rendered: list[str] = []
        self.unchanged = self.new = 0
        self.seen: set[str] = set()
        self.topics: dict[str, None] = {}
        self.comparable = lock is None or not self._of_another_deck(lock)

    def _of_another_deck(self, lock: Lock) -> bool:
        """Identity that must never change: every card's hangs on the namespace, every deck's on the title."""
        for name, now, was in (
            ("namespace", self.settings.namespace, lock.namespace),
            ("title", self.settings.title, lock.title),
        ):
            if now != was:
                message = f"the {name} was released as {was!r}; with another one learners get every card a second time"
                hint = f"put it back: {name}: {was}\nfor a deck of its own, begin without {LOCK}"
                self.problems.append(Problem(Span(DECK, now.line, now.column), "deck-changed", message, hint))
        return bool(self.problems)

    def take(self, file: str, candidates: Sequence[Candidate]) -> list[Stamped]:
        """The notes of one file with their times. A withdrawn card that nobody ever had is left out."""
        stamped = []
        for candidate in candidates:
            self.seen.add(candidate.id)
            self.topics[candidate.note.topic] = None
            entry = self.lock.entry(candidate.id) if self.lock and self.comparable else None
            if entry is None and candidate.note.withdrawn:
                continue
            entry = self._entry(file, candidate, entry)
            stamped.append(self._stamped(candidate.note, entry))
        return stamped

    def _entry(self, file: str, candidate: Candidate, had: Entry | None) -> Entry:
        """A card's line as it will be."""
        id_, key = candidate.id, candidate.key
        if had is None:
            self.new += 1
            now = candidate.fingerprint
            entry = Entry(id_, self.stamp, self.stamp, NONE, NONE, NONE, NONE, now or _NOT_REMEMBERED, key)
            if now is None:  # nothing to compare with and nothing to remember: a large draft would be a lot
                return entry
            self._changes(file, candidate, None, now, What.NEW, ())
        else:
            was = had.fingerprint if had.key == key else self._was(had)
            now = candidate.fingerprint or was
            if had.key != key and not was.same_author(now):
                entry = self._changed(file, candidate, had, was, now)
            elif id_ in self.stamp_anew or had.again == AGAIN or (had.key != key and self.resend_rendered):
                self.resent.append(id_)
                if not (self.releasing or id_ in self.stamp_anew):
                    return had
                entry = had._replace(time=later(had.time, self.now), again=NONE, fingerprint=now, key=key)
            else:
                self.unchanged += 1
                if had.key != key:
                    self.rendered.append(id_)
                if not self.releasing:
                    return had
                # Learners keep the rendering they have; what version 1 did not know is remembered from now on.
                entry = had._replace(fingerprint=now._replace(fields=had.fingerprint.fields))
        self.entries[id_] = entry
        return entry

    def _was(self, had: Entry) -> Fingerprint:
        """What learners have of a card, with what version 1 of the lock did not hold where that can be had."""
        was = had.fingerprint
        earlier = self.earlier(had.id) if UNKNOWN in (was.answers, was.sources) else None
        if earlier is None or (earlier.content, earlier.tags) != (was.content, was.tags):
            return was
        return was._replace(answers=earlier.answers, sources=earlier.sources)

    def _changed(self, file: str, candidate: Candidate, had: Entry, was: Fingerprint, now: Fingerprint) -> Entry:
        time = later(had.time, self.now)
        month = time[:7]
        fields = tuple(_fields(candidate.note.type, was, now))
        what = _what(was, now, fields)
        self._changes(file, candidate, was, now, what, fields)
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
            key=candidate.key,
        )

    def _changes(
        self,
        file: str,
        candidate: Candidate,
        was: Fingerprint | None,
        now: Fingerprint,
        what: What,
        fields: tuple[str, ...],
    ) -> None:
        span = Span(file, candidate.id.line, candidate.id.column)
        if self.lock:
            self.changed.append(Changed(span, candidate, was, now))
        self.changes.append(
            Change(
                id=candidate.id,
                span=span,
                topic=candidate.note.topic,
                headline=shown(now.headline),
                what=what,
                reasons=_reasons(was, now) if was else (),
                fields=fields,
                correction=candidate.correction if what is What.RELEARN else None,
                withdrawal=candidate.withdrawal,
                moved_from=was.topic if was and not candidate.withdrawal and moved(was, now) else "",
            )
        )

    def _stamped(self, note: Note, entry: Entry) -> Stamped:
        tags = note.tags
        if entry.updated != NONE:
            tags = tuple(sorted((*tags, f"{self.root}::updated::{entry.updated}")))
        if entry.corrected != NONE:
            tags = tuple(sorted((*tags, f"{self.root}::corrected::{entry.corrected}")))
        return Stamped(note, seconds(entry.time), tags, entry.time != entry.first, entry.pictures != NONE)

    def finish(self, notetypes: Mapping[str, NoteTypeEntry], drafts: frozenset[str], *, all_read: bool) -> Outcome:
        """The whole comparison. `notetypes` are those of the deck, without times; `drafts` the ids of drafts;
        `all_read` whether every card could be read, without which none is missed."""
        lock = self.lock or Lock("", "", {}, frozenset(), {}, {})
        gone = tuple(sorted(set(lock.cards) - self.seen)) if self.comparable and all_read else ()
        if self.comparable:
            self.problems += harmful(self.changed, frozenset(gone), lock, self.stamp[:10])
            self.problems += moved_cards(self.changed, self.topics)
            self.problems += gone_cards(gone, self.changed, drafts, lock)
        first = self.lock is None
        draft = bool(first or self.changes) and not self.releasing
        types, restyled = self._notetypes(notetypes, lock, restyle=draft or self.releasing)
        after = Lock(
            self.root,
            self.settings.title,
            {**lock.cards, **{id_: entry.line for id_, entry in self.entries.items()}},
            lock.decks | set(self.topics),
            types,
            {**lock.releases, self.release: self.stamp} if self.releasing else lock.releases,
        )
        edition = Edition(
            draft=draft,
            seconds=seconds(self.stamp if draft else after.latest()),
            notetypes={name: seconds(entry.time) for name, entry in types.items()},
        )
        return Outcome(
            first=first,
            changes=tuple(self.changes),
            notetypes=tuple(restyled),
            resent=tuple(self.resent),
            rendered=tuple(self.rendered),
            gone=gone,
            new=self.new,
            unchanged=self.unchanged,
            problems=tuple(self.problems),
            edition=edition,
            lock=after,
        )

    def _notetypes(
        self, notetypes: Mapping[str, NoteTypeEntry], lock: Lock, *, restyle: bool
    ) -> tuple[dict[str, NoteTypeEntry], list[str]]:
        """The note types with their times, and the names of those whose templates or styles changed. Only with
        `restyle` do these get a later time: templates alone make no draft, and learners get them with a release."""
        types, restyled = {}, []
        for name, entry in notetypes.items():
            had = lock.notetypes.get(name)
            if had is None:
                types[name] = entry._replace(time=self.stamp)
                restyled += [name] if self.lock else []
                continue
            if had[:5] != entry[:5] and self.comparable:
                message = f"this deckwright makes the note type `{name}` otherwise than it was released"
                hint = "use the deckwright that released the deck; Anki would make a second note type of this one"
                self.problems.append(Problem(Span(LOCK), "note-type-changed", message, hint))
            if had.digest == entry.digest:
                types[name] = had
            else:
                types[name] = entry._replace(time=later(had.time, self.now)) if restyle else had
                restyled.append(name)
        return types, restyled


def _what(was: Fingerprint, now: Fingerprint, fields: tuple[str, ...]) -> What:
    """What a change of a released card is to learners. Another date or better words in `corrected:` are no reason to
    learn it anew."""
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
