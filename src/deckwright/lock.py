"""cards/released.lock: what learners have.

In: the file's bytes. Out: a `Lock`, or what is wrong with the file; and back. One line a card, sorted, each on its own:
a merge of two branches that Git finds clean is a lock again. Only `deckwright release` writes it.

Lines, their parts parted by tabs:
    project  namespace, title
    card     id, time, first, updated, corrected, pictures, then the parts of a `State`
    deck     a topic that learners have
    notetype name, id, ids of the fields, ids of the templates, sort field, digest, time
    release  name of its notes in cards/releases/, time
Times are UTC. `time` is the modification time that Anki compares; `first` when the card was first released; `updated`,
`corrected` and `pictures` the months in which its content, a correction or its images last changed after that.
"""

import re
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple

from deckwright.problem import Problem, Span

LOCK = "cards/released.lock"
VERSION = 1
HEADER = f"# deckwright released.lock {VERSION}: what learners have. Written by `deckwright release` alone. Commit it."
END = "# end"
"""The last line: a file cut short is not taken for a smaller release."""

AHEAD = 3600
"""Seconds that a time in the lock may lie ahead of this machine's clock: clocks differ a little."""

_TIME = r"\d{4}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-5]\dZ"
_MONTH = r"(?:\d{4}-[01]\d|-)"
_DIGEST = r"[\w-]{8}"
_IDS = r"\d+(?:,\d+)*"
_LINES = {
    "card": re.compile(
        rf"card\t[a-z0-9-]+(?:\t{_TIME}){{2}}(?:\t{_MONTH}){{3}}"
        rf"\t[\w-]{{16}}\t(?:basic|cloze|options|items)\t(?:-|withdrawn)\t(?:-|\d{{4}}-\d\d-\d\d)"
        rf"\t(?:{_DIGEST}|,)+\t{_DIGEST}\t(?:{_DIGEST}|-)(?:\t{_DIGEST}){{2}}\t[^\t]+\t[^\t]*"
        rf'\t\{{"\d+": "(?:[^"\\\t]|\\.)*"(?:, "\d+": "(?:[^"\\\t]|\\.)*")*\}}',
        re.ASCII,
    ),
    "deck": re.compile(r"deck\t[^\t]+"),
    "notetype": re.compile(rf"notetype\t[a-z]+\t\d+\t{_IDS}\t{_IDS}\t\d+\t{_DIGEST}\t{_TIME}", re.ASCII),
    "project": re.compile(r"project\t[a-z0-9-]+\t[^\t]+"),
    "release": re.compile(rf"release\t[0-9-]+\t{_TIME}", re.ASCII),
}
_CONFLICT = re.compile(r"(?:<{7}|={7}|>{7}|\|{7})(?: |$)")
_HEADER = re.compile(r"# deckwright released\.lock (\d+)\b")


class Entry(NamedTuple):
    """One card's line."""

    id: str
    time: str
    first: str
    updated: str
    corrected: str
    pictures: str
    state: str

    @property
    def line(self) -> str:
        return "card\t" + "\t".join(self)


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
    def line(self) -> str:
        return "notetype\t" + "\t".join(self)


class Lock(NamedTuple):
    """What learners have."""

    namespace: str
    title: str
    cards: Mapping[str, str]
    """Lines by card id. They are taken apart one at a time: a large deck's would be a lot of objects."""
    decks: frozenset[str]
    notetypes: Mapping[str, NoteTypeEntry]
    """By name."""
    releases: Mapping[str, str]
    """The time of each release, by the name of its notes."""

    def entry(self, id_: str) -> Entry | None:
        """What learners have of one card; None when it was never released."""
        line = self.cards.get(id_)
        return Entry(*line.split("\t", 7)[1:]) if line is not None else None

    def latest(self) -> str:
        """The latest time in it."""
        times = [line.split("\t", 3)[2] for line in self.cards.values()]
        return max([*times, *(entry.time for entry in self.notetypes.values()), *self.releases.values()])


@lru_cache(maxsize=1024)
def seconds(time: str) -> int:
    """A time of the lock as Anki counts: seconds since 1970."""
    return int(datetime.fromisoformat(time).timestamp())


def timestamp(number: int) -> str:
    """Seconds since 1970 as the lock writes them."""
    return datetime.fromtimestamp(number, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def later(time: str, now: int) -> str:
    """The time of what changes now and was last released at `time`: now, unless the clock is slow."""
    return timestamp(max(now, seconds(time) + 1))


def text(lock: Lock) -> bytes:
    """The file."""
    lines = [
        *lock.cards.values(),
        *(f"deck\t{deck}" for deck in lock.decks),
        *(entry.line for entry in lock.notetypes.values()),
        *(f"release\t{name}\t{time}" for name, time in lock.releases.items()),
        f"project\t{lock.namespace}\t{lock.title}",
    ]
    return "\n".join([HEADER, *sorted(lines), END, ""]).encode()


def read(data: bytes) -> tuple[Lock | None, list[Problem]]:
    """The lock in a file's bytes; None, and why, when it cannot be relied on."""
    try:
        lines = data.decode().replace("\r\n", "\n").split("\n")
    except UnicodeDecodeError:
        return None, [_corrupt(1, "this is no text in UTF-8")]
    version = _HEADER.match(lines[0])
    conflicts = [number for number, line in enumerate(lines, 1) if _CONFLICT.match(line)]
    if conflicts:
        hint = (
            "of each pair of lines keep the one with the later time (the third column), delete the markers, and"
            "\nname these cards in the next release: deckwright release --resend ID"
        )
        return None, [Problem(Span(LOCK, conflicts[0]), "lock-conflict", "a merge left two versions here", hint)]
    if version and int(version[1]) > VERSION:
        message = f"this lock is of version {version[1]}; this deckwright knows version {VERSION}"
        return None, [Problem(Span(LOCK), "lock-version", message, "install the deckwright that wrote it, or a newer")]
    if not version:
        return None, [_corrupt(1, "the first line is missing")]
    if lines[-2:] != [END, ""]:
        return None, [_corrupt(len(lines), "the end is missing")]
    return _lock(lines)


def _corrupt(line: int, message: str) -> Problem:
    hint = "restore the file as it was committed: git restore cards/released.lock"
    return Problem(Span(LOCK, line), "lock-corrupt", message, hint)


def _lock(lines: list[str]) -> tuple[Lock | None, list[Problem]]:
    """The lock in the lines of a file, the first and the last two of which are right."""
    problems: list[Problem] = []
    by_sort: dict[str, list[str]] = {sort: [] for sort in _LINES}
    for number, line in enumerate(lines[1:-2], 2):
        sort = line.partition("\t")[0]
        pattern = _LINES.get(sort)
        if pattern is None or not pattern.fullmatch(line):
            problems.append(_corrupt(number, "this line is not as deckwright writes it"))
        elif not all(map(_is_time, re.findall(_TIME, line))):
            problems.append(_corrupt(number, "a time in this line does not exist"))
        else:
            by_sort[sort].append(line)
    named = {sort: {line.split("\t", 2)[1]: line for line in of_sort} for sort, of_sort in by_sort.items()}
    for sort, of_sort in by_sort.items():
        if len(of_sort) > len(named[sort]):
            problems += _doubled(lines, sort)
    if len(by_sort["project"]) != 1:
        problems.append(_corrupt(1, f"there are {len(by_sort['project'])} lines that begin with `project`"))
    if not by_sort["notetype"] or not by_sort["release"]:
        problems.append(_corrupt(1, "the lines of the note types or of the releases are missing"))
    if problems:
        return None, sorted(problems)
    _, namespace, title = by_sort["project"][0].split("\t")
    return Lock(
        namespace,
        title,
        named["card"],
        frozenset(named["deck"]),
        {name: NoteTypeEntry(*line.split("\t")[1:]) for name, line in named["notetype"].items()},
        {name: line.split("\t")[2] for name, line in named["release"].items()},
    ), []


@lru_cache(maxsize=1024)
def _is_time(time: str) -> bool:
    try:
        datetime.fromisoformat(time)
    except ValueError:
        return False
    return True


def _doubled(lines: list[str], sort: str) -> list[Problem]:
    """The second and later lines of one sort that name the same thing."""
    seen: Counter[str] = Counter()
    problems = []
    hint = "keep the line with the later time, as after a merge"
    for number, line in enumerate(lines, 1):
        if line.startswith(f"{sort}\t"):
            name = line.split("\t", 2)[1]
            seen[name] += 1
            if seen[name] > 1:
                message = f"the {sort} `{name}` stands a second time"
                problems.append(Problem(Span(LOCK, number), "lock-doubled", message, hint))
    return problems
