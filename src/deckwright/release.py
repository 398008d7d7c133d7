"""What the next release does to learners: the deck as it stands against what they have.

In: the lock, then the candidates of each file of cards. Out: notes with the times they carry, every change, harmful
ones as problems, and the lock as it will be. What Anki does with it is in docs/releasing.md.
"""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from deckwright.harm import Changed, gone_cards, harmful, moved, moved_cards
from deckwright.load import DECK
from deckwright.lock import LOCK, Entry, Lock, NoteTypeEntry, later, seconds, timestamp
from deckwright.model import Settings
from deckwright.notes import Note, NoteType
from deckwright.problem import Problem, Span
from deckwright.state import NONE, Candidate, Correction, State, parsed, shown

REASONS = ("content", "picture", "source", "tags", "renderer")
"""Why a note changes. `renderer`: its author changed nothing, this program did."""


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
    """Sources, tags, how it is rendered, or what a withdrawn card says."""


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
    """Ids of the notes stamped anew without a change."""
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
        """Whether there is anything to release."""
        return bool(self.first or self.changes or self.notetypes)


class Comparison:
    """Compares a deck with its lock (None: nothing was released), file by file.

    `now`, in seconds since 1970, is the time that changed notes carry. `stamp_anew` names cards that learners get again
    though they did not change. `releasing`: withdrawn cards are stamped anew as well; `release` names it in the lock.
    """

    def __init__(
        self,
        settings: Settings,
        lock: Lock | None,
        now: int,
        *,
        stamp_anew: frozenset[str] = frozenset(),
        releasing: bool = False,
        release: str = "",
    ) -> None:
        self.settings = settings
        self.lock = lock
        self.now = now
        self.stamp = timestamp(now)
        self.stamp_anew = stamp_anew
        self.releasing = releasing
        self.release = release
        self.root = settings.namespace.text
        self.problems: list[Problem] = []
        self.changes: list[Change] = []
        self.entries: dict[str, Entry] = {}
        self.changed: list[Changed] = []
        self.resent: list[str] = []
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
            if now.text != was:
                message = f"the {name} was released as {was!r}; with another one learners get every card a second time"
                hint = f"put it back: {name}: {was}\nfor a deck of its own, begin without {LOCK}"
                self.problems.append(Problem(Span(DECK, now.line, now.column), "deck-changed", message, hint))
        return bool(self.problems)

    def take(self, file: str, candidates: Sequence[Candidate]) -> list[Stamped]:
        """The notes of one file with their times. A withdrawn card that nobody ever had is left out."""
        stamped = []
        for candidate in candidates:
            self.seen.add(candidate.id.text)
            self.topics[candidate.note.topic] = None
            entry = self.lock.entry(candidate.id.text) if self.lock and self.comparable else None
            if entry is None and candidate.note.withdrawn:
                continue
            entry = self._entry(file, candidate, entry)
            stamped.append(self._stamped(candidate.note, entry))
        return stamped

    def _entry(self, file: str, candidate: Candidate, had: Entry | None) -> Entry:
        """A card's line as it will be."""
        if had is None:
            entry = Entry(candidate.id.text, self.stamp, self.stamp, NONE, NONE, NONE, candidate.state, candidate.key)
            self.new += 1
            if not candidate.state:  # nothing to compare with and nothing to remember: a large draft would be a lot
                return entry
            self._changes(file, candidate, None, What.NEW, ())
        elif had.key != candidate.key:
            was, now = parsed(had.state), parsed(candidate.state)
            time = later(had.time, self.now)
            fields = tuple(_fields(candidate.note.type, was, now))
            what = _what(was, now, fields)
            corrected = time[:7] if what is What.RELEARN else NONE if now.corrected == NONE else had.corrected
            entry = Entry(
                had.id,
                time,
                had.first,
                time[:7] if (was.content, was.media) != (now.content, now.media) else had.updated,
                corrected,
                time[:7] if was.media != now.media else had.pictures,
                candidate.state,
                candidate.key,
            )
            self._changes(file, candidate, was, what, fields)
        elif candidate.id.text in self.stamp_anew or (self.releasing and candidate.note.withdrawn):
            self.resent.append(had.id)
            entry = had._replace(time=later(had.time, self.now))
        else:
            self.unchanged += 1
            return had
        self.entries[entry.id] = entry
        return entry

    def _changes(self, file: str, candidate: Candidate, was: State | None, what: What, fields: tuple[str, ...]) -> None:
        now = parsed(candidate.state)
        span = Span(file, candidate.id.line, candidate.id.column)
        if self.lock:
            self.changed.append(Changed(span, candidate, was, now))
        self.changes.append(
            Change(
                candidate.id.text,
                span,
                candidate.note.topic,
                shown(now.headline),
                what,
                _reasons(was, now) if was else (),
                fields,
                candidate.correction if what is What.RELEARN else None,
                candidate.withdrawal,
                was.topic if was and not candidate.withdrawal and moved(was, now) else "",
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
        types, restyled = self._notetypes(notetypes, lock)
        gone = tuple(sorted(set(lock.cards) - self.seen)) if self.comparable and all_read else ()
        if self.comparable:
            self.problems += harmful(self.changed, frozenset(gone), lock)
            self.problems += moved_cards(self.changed, self.topics)
            self.problems += gone_cards(gone, self.changed, drafts, lock)
        outcome = Outcome(
            self.lock is None,
            tuple(self.changes),
            tuple(restyled),
            tuple(self.resent),
            gone,
            self.new,
            self.unchanged,
            tuple(self.problems),
            Edition(draft=False, seconds=0, notetypes={name: seconds(entry.time) for name, entry in types.items()}),
            Lock(
                self.root,
                self.settings.title.text,
                {**lock.cards, **{id_: entry.line for id_, entry in self.entries.items()}},
                lock.decks | set(self.topics),
                types,
                {**lock.releases, self.release: self.stamp} if self.releasing else lock.releases,
            ),
        )
        draft = outcome.unreleased and not self.releasing
        newest = self.stamp if draft else outcome.lock.latest()
        return outcome._replace(edition=outcome.edition._replace(draft=draft, seconds=seconds(newest)))

    def _notetypes(
        self, notetypes: Mapping[str, NoteTypeEntry], lock: Lock
    ) -> tuple[dict[str, NoteTypeEntry], list[str]]:
        """The note types with their times, and the names of those whose templates or styles changed."""
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
                types[name] = entry._replace(time=later(had.time, self.now))
                restyled.append(name)
        return types, restyled


def _what(was: State, now: State, fields: tuple[str, ...]) -> What:
    """What a change of a released card is to learners. Another date or better words in `corrected:` are no reason to
    learn it anew."""
    if now.withdrawn != NONE:
        return What.WITHDRAWN if was.withdrawn == NONE else What.OTHER
    if was.withdrawn != NONE:
        return What.BACK
    if now.corrected not in (NONE, was.corrected) and (was.corrected == NONE or set(fields) - {"Correction"}):
        return What.RELEARN
    return What.CORRECTED if (was.content, was.media) != (now.content, now.media) else What.OTHER


def _reasons(was: State, now: State) -> tuple[str, ...]:
    """Why learners get the note again."""
    differs = {
        "content": was.content != now.content,
        "picture": was.media != now.media,
        "source": was.sources != now.sources,
        "tags": was.tags != now.tags,
    }
    reasons = tuple(reason for reason in REASONS if differs.get(reason))
    if was.fields != now.fields and not (differs["content"] or differs["picture"] or differs["source"]):
        return (*reasons, "renderer")
    return reasons


def _fields(type_: NoteType, was: State, now: State) -> Iterator[str]:
    """The Anki fields that differ."""
    pairs = [digests.split(",") for digests in (was.fields, now.fields)]
    for place, name in enumerate(type_.fields):
        before, after = (digests[place] if place < len(digests) else "" for digests in pairs)
        if before != after:
            yield name
