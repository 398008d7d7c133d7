"""cards/released.lock: what learners have.

In: the bytes of the file. Out: a `Lock`, or what is wrong with the file; and back. Each card has one line, independent
of the others, and the lines are sorted: if Git merges two branches without a conflict, the result is a lock again. Only
`deckwright release` writes it.

The parts of a line are separated by tabs; the last part is a checksum of the others:
    project  namespace, title
    card     id, time, first, updated, corrected, pictures, again, then the parts of a `Fingerprint`, key
    deck     a topic that learners have
    first    a time, and how many cards were first released then, so that a line lost in a merge is noticed
    notetype name, id, ids of the fields, ids of the templates, sort field, digest, time
    release  name of its notes in cards/releases/, time
Times are UTC. `time` is the modification time that Anki compares. `first` is when the card was first released.
`updated`, `corrected` and `pictures` are the months in which its content, a correction or its images last changed after
that. `again` tells whether the next release sends it once more.

Version 1 had no `first` lines, and its cards had neither `again` nor answers. Its lines will always be read, even
between lines of version 2, because a merge can mix them. Each release writes them as version 2.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple
from zlib import crc32

from deckwright.model import NUMBERED
from deckwright.problem import Problem, Span

LOCK = "cards/released.lock"
VERSION = 2
HEADER = f"# deckwright released.lock {VERSION}: what learners have. Written by `deckwright release` alone. Commit it."
END = b"# end"
"""The last line. Without it, a truncated file would look like a smaller release."""

AHEAD = 3600
"""Seconds by which a time in the lock may be ahead of this machine's clock, because clocks differ a little."""

_COLUMNS = {
    "card": (21, 23), "deck": (3,), "first": (4,), "notetype": (9,), "project": (4,), "release": (4,),
}  # fmt: skip
"""The first word of a line, and its number of parts with the checksum; for a card, in version 1 and in version 2."""

_TIMES = {"card": slice(2, 4), "first": slice(1, 2), "notetype": slice(7, 8), "release": slice(2, 3)}
"""Which parts are times."""

_CONFLICT = re.compile(rb"(?:<{7}|={7}|>{7}|\|{7})(?: |$)")
_HEADER = re.compile(rb"# deckwright released\.lock ([1-9]\d{0,8}):")


NONE = "-"
"""Fills an empty column."""

AGAIN = "again"

LONGEST = 300
"""Characters kept of a question and of an answer: enough to tell texts apart and for people to read."""


class Fingerprint(NamedTuple):
    """What a release remembers of one card, apart from its times. Every part is text without tabs or line ends."""

    guid: str
    kind: str
    """basic, cloze, options or items."""
    withdrawn: str
    """`withdrawn`, or NONE."""
    corrected: str
    """Digest of `was:` in `corrected:`, or NONE."""
    fields: str
    """The checksums of the Anki fields in order, separated by commas; they tell which changed. An empty field
    has none."""
    tags: str
    """Digest of the tags, except those that come from the lock."""
    media: str
    """Digest of the bytes of its images, or NONE."""
    content: str
    """Digest of what the author wrote, without sources and tags."""
    sources: str
    """Digest of the citations: sources and locators. UNKNOWN in a line of version 1."""
    topic: str
    headline: str
    asks: str
    """JSON: what each number asks."""
    answers: str
    """JSON: the answers by role, as `answers.answers` gives them. UNKNOWN in a line of version 1. Gaps and items are in
    `asks` instead."""

    def numbers(self) -> dict[int, str]:
        """What each number asks; empty if the line was tampered with."""
        return {int(number): str(text) for number, text in _object(self.asks).items() if number.isdecimal()}

    def roles(self) -> dict[str, list[str]] | None:
        """The answers by role; None if they are not known."""
        if self.kind in NUMBERED:
            return {f"{NUMBERED[self.kind]} {number}": [text] for number, text in self.numbers().items()}
        if self.answers == UNKNOWN:
            return None
        return {role: [*map(str, texts)] for role, texts in _object(self.answers).items() if isinstance(texts, list)}

    def places(self) -> dict[str, str]:
        """What is at each place of a picture with masks, by the place; empty for other cards."""
        places = _object(self.answers).get("places") if self.kind == "occlusion" else None
        known = map(str, places) if isinstance(places, list) else ()
        return {place: text for place, text in zip(known, self.numbers().values(), strict=False) if place}

    def same_author(self, other: "Fingerprint") -> bool:
        """Whether the author wrote the same, however it is rendered. Unknown sources count as the same."""
        return self._written() == other._written() and (
            self.sources == other.sources or UNKNOWN in (self.sources, other.sources)
        )

    def _written(self) -> tuple[str, ...]:
        return self.kind, self.withdrawn, self.tags, self.media, self.content, self.topic


UNKNOWN = ""
"""What version 1 did not remember."""


def _object(text: str) -> dict[str, object]:
    """A JSON object; empty if the text is not one."""
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


class Entry(NamedTuple):
    """One card's line."""

    id: str
    time: str
    first: str
    updated: str
    corrected: str
    pictures: str
    again: str
    """AGAIN if the next release sends the note once more with a later time, although it did not change: for learners
    who edited it, and for versions of Anki that gave it the time of the import. Else NONE."""
    fingerprint: Fingerprint
    key: str
    """Digest of all that Anki holds of the card."""

    @property
    def line(self) -> bytes:
        return _line("card", *self[:7], *self.fingerprint, self.key)


class NoteTypeEntry(NamedTuple):
    """One note type's line."""

    name: str
    id: str
    fields: str
    templates: str
    sort_field: str
    digest: str
    time: str

    @property
    def line(self) -> bytes:
        return _line("notetype", *self)


class Lock(NamedTuple):
    """What learners have."""

    namespace: str
    title: str
    cards: Mapping[str, bytes]
    """Lines by card id. They are parsed one at a time, because a large deck would make many objects."""
    decks: frozenset[str]
    notetypes: Mapping[str, NoteTypeEntry]
    """By name."""
    releases: Mapping[str, str]
    """The time of each release, by the name of its notes."""

    def entry(self, id_: str) -> Entry | None:
        """What learners have of one card; None if it was never released."""
        line = self.cards.get(id_)
        if line is None:
            return None
        _, id_, time, first, updated, corrected, pictures, *more, key = _parts(line)
        if len(more) == 13 + 1:
            return Entry(id_, time, first, updated, corrected, pictures, more[0], Fingerprint(*more[1:]), key)
        had = Fingerprint._make([*more, UNKNOWN])._replace(sources=UNKNOWN)
        # Version 1 sent withdrawn cards again in every release.
        again = AGAIN if had.withdrawn != NONE or corrected == time[:7] else NONE
        return Entry(id_, time, first, updated, corrected, pictures, again, had, key)

    def firsts(self) -> Counter[str]:
        """How many cards were first released at each time."""
        return Counter(line.split(b"\t", 4)[3].decode() for line in self.cards.values())

    @property
    def last(self) -> str:
        """The name of the latest release; empty if there is none."""
        return max(self.releases, key=self.releases.__getitem__, default="")

    def latest(self) -> str:
        """The latest time in the lock."""
        times = [line.split(b"\t", 3)[2].decode() for line in self.cards.values()]
        return max([*times, *(entry.time for entry in self.notetypes.values()), *self.releases.values()])


@lru_cache(maxsize=1024)
def seconds(time: str) -> int:
    """A time of the lock in seconds since 1970, as Anki counts."""
    return int(datetime.fromisoformat(time).timestamp())


def timestamp(number: int) -> str:
    """Seconds since 1970, as the lock writes them."""
    return datetime.fromtimestamp(number, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def later(time: str, now: int) -> str:
    """A time after `time`: now, or one second after `time` if the clock is behind."""
    return timestamp(max(now, seconds(time) + 1))


def text(lock: Lock) -> bytes:
    """The bytes of the file."""
    lines = [
        *lock.cards.values(),
        *(_line("deck", deck) for deck in lock.decks),
        *(_line("first", time, str(number)) for time, number in lock.firsts().items()),
        *(entry.line for entry in lock.notetypes.values()),
        *(_line("release", *release) for release in lock.releases.items()),
        _line("project", lock.namespace, lock.title),
    ]
    return b"\n".join([HEADER.encode(), *sorted(lines), END, b""])


def _line(*parts: str) -> bytes:
    """One line with its checksum."""
    line = "\t".join(parts).encode()
    return b"%b\t%08x" % (line, crc32(line))


def read(data: bytes) -> tuple[Lock | None, list[Problem]]:
    """The lock in the bytes of a file; or None and what is wrong with it."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return None, [_corrupt(1, "this file is not valid UTF-8")]
    lines = data.replace(b"\r\n", b"\n").split(b"\n")
    version = _HEADER.match(lines[0])
    conflicts = [number for number, line in enumerate(lines, 1) if line[:1] in b"<=>|" and _CONFLICT.match(line)]
    if conflicts:
        hint = (
            "keep all lines of both sides; if two lines begin with the same two words, keep only the one with the"
            "\nlater time; delete the markers; send these cards again with the next release:"
            "\ndeckwright release --resend ID"
        )
        return None, [Problem(Span(LOCK, conflicts[0]), "lock-conflict", "a merge left two versions here", hint)]
    if version and int(version[1]) > VERSION:
        message = f"this lock has version {int(version[1])}; this deckwright reads versions up to {VERSION}"
        return None, [Problem(Span(LOCK), "lock-version", message, "install the version that wrote it, or a newer one")]
    if not version:
        return None, [_corrupt(1, "the first line is missing")]
    if lines[-2:] != [END, b""]:
        return None, [_corrupt(len(lines), "the end of the file is missing")]
    return _lock(lines)


def _corrupt(line: int, message: str) -> Problem:
    hint = "restore the file as it was committed: git restore cards/released.lock"
    return Problem(Span(LOCK, line), "lock-corrupt", message, hint)


def _lock(lines: list[bytes]) -> tuple[Lock | None, list[Problem]]:
    """The lock in the lines of a file. The first line and the last two have been checked."""
    problems: list[Problem] = []
    named: dict[str, dict[str, bytes]] = {sort: {} for sort in _COLUMNS}
    for number, line in enumerate(lines[1:-2], 2):
        sort = line.partition(b"\t")[0].decode()
        if not _whole(sort, line):
            problems.append(_corrupt(number, "this line was edited or damaged"))
            continue
        name = line.split(b"\t", 2)[1].decode()
        if name in named[sort]:
            hint = "keep only the line with the later time"
            message = f"the {sort} `{name}` appears twice"
            problems.append(Problem(Span(LOCK, number), "lock-doubled", message, hint))
        named[sort][name] = line
    for sort in ("project", "notetype", "release"):
        if not named[sort]:
            problems.append(_corrupt(1, f"there is no line that begins with `{sort}`"))
    if len(named["project"]) > 1:
        problems.append(_corrupt(1, "there are two lines that begin with `project`"))
    if problems:
        return None, problems
    [project] = named["project"].values()
    lock = Lock(
        _parts(project)[1],
        _parts(project)[2],
        named["card"],
        frozenset(named["deck"]),
        {name: NoteTypeEntry(*_parts(line)[1:]) for name, line in named["notetype"].items()},
        {name: _parts(line)[2] for name, line in named["release"].items()},
    )
    short = [*_short(lock, {time: _parts(line)[2] for time, line in named["first"].items()})]
    return (None, short) if short else (lock, [])


def _short(lock: Lock, firsts: Mapping[str, str]) -> Iterator[Problem]:
    """Missing lines of cards. Two branches can release in the same second, so there may be more lines than counted."""
    present = lock.firsts()
    for time, number in firsts.items():
        missing = int(number) - present[time] if number.isdecimal() else 0
        if missing > 0:
            message = f"the lines of {missing} of the {number} cards first released at {time} are missing"
            hint = (
                "without its line, the next release would treat a card as new, and replace what learners have:"
                "\nrestore the lines from the commits that had them: git log -p -- cards/released.lock"
                "\nafter a merge, keep all lines of both sides"
            )
            yield Problem(Span(LOCK), "lock-short", message, hint)


def _whole(sort: str, line: bytes) -> bool:
    """Whether a line is intact."""
    if line.count(b"\t") + 1 not in _COLUMNS.get(sort, ()) or b"%08x" % crc32(line[:-9]) != line[-8:]:
        return False
    times = _TIMES.get(sort, slice(0))
    return all(map(_is_time, line.split(b"\t", times.stop)[times]))


@lru_cache(maxsize=1024)
def _is_time(time: bytes) -> bool:
    try:
        return timestamp(seconds(time.decode())).encode() == time
    except ValueError:
        return False


def _parts(line: bytes) -> list[str]:
    """The parts of a line, without its checksum."""
    return line.decode().split("\t")[:-1]


def ahead(lock: Lock, now: int) -> Iterator[Problem]:
    """A lock with a time in the future: until then, notes would replace learners' own edits."""
    latest = lock.latest()
    if seconds(latest) <= now + AHEAD:
        return
    message = f"the lock has a time in the future, {latest}; this machine's clock says {timestamp(now)}"
    hint = "set the clock right; if it was wrong at the last release, and that is not published yet, undo the release"
    yield Problem(Span(LOCK), "lock-ahead", message, hint)
