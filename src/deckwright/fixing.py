"""The fixes that a program can make → the files with them.

In: a project's folder. Out: each file that can be fixed, as it is and as it would be. A problem brings its fix
(`Problem.rewrite`). A fix is made only if, when the file is read again, its problem is gone, there is no new one, and
every other card is what it was; otherwise it is left to the author.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence, Set
from difflib import unified_diff
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple, Protocol

from deckwright.checks.advice import advise, wanted
from deckwright.checks.card import check_card, check_cards
from deckwright.checks.items import in_order
from deckwright.edit import rest_unchanged, rewritten
from deckwright.files import DECK, SOURCES, WORDS, Files, Folder, Unsaved
from deckwright.model import Deck, Options, Text
from deckwright.problem import Fix, Problem, Rewrite, Swap, errors
from deckwright.reading.cards import CardFile, card_files, load_cards, load_deck


class Repaired(NamedTuple):
    """A file with its fixes."""

    name: str
    before: bytes
    after: bytes
    problems: tuple[Problem, ...]
    """The problems that are fixed, as they were shown."""

    def difference(self) -> Iterator[str]:
        """The lines of a unified diff, without line ends."""
        before, after = (data.decode().split("\n") for data in (self.before, self.after))
        for line in unified_diff(before, after, self.name, f"{self.name}, fixed", n=1, lineterm=""):
            yield line.rstrip("\r")


_UNREAD = frozenset(("merge-conflict", "encoding", "line-end"))
"""The problems of a file whose lines are not to be trusted."""


def repaired(root: Path) -> list[Repaired]:
    """The files of the project in `root` that can be fixed. Links are left alone. May raise OSError."""
    files = Folder(root)
    found = []
    settings: dict[str, bytes] = {}
    for name in (DECK, SOURCES, WORDS):
        if name in files.names and not (root / name).is_symlink():
            shared = _fixed(name, files.read(name), _Shared(name, Unsaved(files, settings)))
            settings[name] = shared.after
            found.append(shared)
    deck, _ = load_deck(Unsaved(files, settings))
    for name in card_files(files)[0]:
        if not (root / name).is_symlink():
            found.append(_fixed(name, files.read(name), _OfCards(name, deck)))
    return [file for file in found if file.after != file.before]


def _fixed(name: str, data: bytes, reading: "_Reading") -> Repaired:
    """A file with all fixes that can be made, round by round where several are about the same line."""
    after, done = data, list[Problem]()
    refused: set[tuple[str, tuple[str, ...]]] = set()
    tries = iter(range(10 + MOST_READ // (len(data) + 20_000)))
    while True:
        problems = reading.problems(after)
        if _UNREAD & {problem.code for problem in problems}:
            return Repaired(name, data, data, ())
        fixable = _apart(problem for problem in problems if problem.rewrite and _attempt(problem) not in refused)
        after, made = _accepted(after, fixable, reading, tries)
        if not made:
            return Repaired(name, data, after, tuple(done))
        done += made
        refused |= {_attempt(problem) for problem in fixable} - {_attempt(problem) for problem in made}


MOST_READ = 3_000_000
"""How many bytes of a file are read again to find out which of its fixes do harm. That is enough for several bad ones
among thousands; of a file with more, some good fixes are left to its author."""


def _attempt(problem: Problem) -> tuple[str, tuple[str, ...]]:
    """What tells a fix from others, wherever its lines are by now."""
    return problem.message, _lines(problem).lines


def _apart(problems: Iterable[Problem]) -> list[Problem]:
    """These problems by line, but for those whose lines another one replaces."""
    found: list[Problem] = []
    last = 0
    for problem in sorted(problems, key=_lines):
        first, end, _ = _lines(problem)
        if first > last:
            found.append(problem)
            last = end
    return found


def _accepted(
    data: bytes, problems: list[Problem], reading: "_Reading", tries: Iterator[int]
) -> tuple[bytes, list[Problem]]:
    """The file with those fixes that do what they should, and their problems. If not all do together, each half is
    tried, the later lines first, because the numbers of the earlier ones then stay. Each of `tries` is one attempt."""
    if not problems or next(tries, None) is None:
        return data, []
    after = rewritten(data, map(_lines, problems))
    if reading.is_better(data, after, problems):
        return after, problems
    if len(problems) == 1:
        return data, []
    half = len(problems) // 2
    after, later = _accepted(data, problems[half:], reading, tries)
    after, earlier = _accepted(after, problems[:half], reading, tries)
    return after, [*earlier, *later]


def _lines(problem: Problem) -> Rewrite:
    """The fix of a problem that has one."""
    assert problem.rewrite is not None  # noqa: S101 - for mypy
    return problem.rewrite


class _Reading(Protocol):
    """How a file is read to see what a fix did."""

    def problems(self, data: bytes) -> list[Problem]:
        """All that is wrong with the file."""

    def is_better(self, before: bytes, after: bytes, fixed: list[Problem]) -> bool:
        """Whether the file lacks these problems now, and has no other and no less than before."""


class _Shared:
    """One of the files that all cards share."""

    def __init__(self, name: str, files: Files) -> None:
        self.name = name
        self.files = files

    def problems(self, data: bytes) -> list[Problem]:
        return self._read(data)[1]

    def is_better(self, before: bytes, after: bytes, fixed: list[Problem]) -> bool:
        deck, was = self._read(before)
        now_deck, now = self._read(after)
        return _only_gone(was, now, fixed) and deck.sources.items() <= now_deck.sources.items()

    def _read(self, data: bytes) -> tuple[Deck, list[Problem]]:
        deck, problems = load_deck(Unsaved(self.files, {self.name: data}))
        return deck, [problem for problem in problems if problem.span.file == self.name]


class _OfCards:
    """A file of cards."""

    def __init__(self, name: str, deck: Deck) -> None:
        self.name = name
        self.deck = deck

    def problems(self, data: bytes) -> list[Problem]:
        file = load_cards(self.name, data, self.deck)
        found = [*file.problems, *check_cards(file, self.deck)]
        return found if errors(found) else [*found, *_advised(file, data, self.deck)]

    def is_better(self, before: bytes, after: bytes, fixed: list[Problem]) -> bool:
        """Rules see a card only once it can be read; what they find then is not new."""
        was, now = (load_cards(self.name, data, self.deck) for data in (before, after))
        readable = {card.id for card in was.cards}
        found, left = ([*file.problems, *self._by_rules(file, readable)] for file in (was, now))
        if not errors([*found, *left]):  # how a card is best written is told once it can be read
            found += _advised(was, before, self.deck)
            left += _advised(now, after, self.deck)
        rewrites = map(_lines, fixed)
        return _only_gone(found, left, fixed) and rest_unchanged(self.name, self.deck, before, after, rewrites)

    def _by_rules(self, file: CardFile, ids: Set[Text]) -> list[Problem]:
        return [problem for card in file.cards if card.id in ids for problem in check_card(card, self.deck)]


def _advised(file: CardFile, data: bytes, deck: Deck) -> list[Problem]:
    """What the rules of writing find that a program can fix."""
    codes = wanted(deck.settings, errors_only=False)
    found = advise(file.cards, deck, {code: codes[code] for code in ("options-order", *DOSES) if code in codes})
    lines = [line.rstrip("\r") for line in data.decode("utf-8-sig").split("\n")]
    cards = {card.options[0].text.line: card for card in file.cards if isinstance(card, Options)}
    fixes = ((problem, _rewrite(problem, lines, cards.get(problem.span.line))) for problem in found)
    return [problem._replace(hint=Fix(problem.hint, rewrite)) for problem, rewrite in fixes if rewrite]


DOSES = ("naked-decimal", "trailing-zero")
_ENTRY = re.compile(r"( *)- ")


def _rewrite(problem: Problem, lines: Sequence[str], card: Options | None) -> Rewrite | None:
    """The lines that a rule of writing would have otherwise; None if they cannot be told for certain."""
    number = problem.span.line
    hint = problem.hint
    if isinstance(hint, Swap):
        line = lines[number - 1]
        return Rewrite(number, number, (line.replace(hint.old, hint.new),)) if line.count(hint.old) == 1 else None
    starts = [option.text.line for option in card.options] if card else []
    dashes = {match[1] if (match := _ENTRY.match(lines[start - 1])) else "" for start in starts}
    if card is None or len(dashes) != 1 or starts != sorted(starts):
        return None
    inside = f"{dashes.pop()}  "
    end = starts[-1]
    while end < len(lines) and lines[end].startswith(inside):
        end += 1
    entries = [lines[start - 1 : stop - 1] for start, stop in pairwise([*starts, end + 1])]
    return Rewrite(starts[0], end, tuple(line for place in in_order(card) for line in entries[place]))


def _only_gone(before: Iterable[Problem], after: Iterable[Problem], fixed: Iterable[Problem]) -> bool:
    """Whether the problems after are those before without those fixed, and perhaps without more."""
    was, now, gone = (Counter(map(_known_as, problems)) for problems in (before, after, fixed))
    return now <= was - gone


def _known_as(problem: Problem) -> tuple[str, str]:
    """A problem without its place, which moves when lines are added above."""
    return problem.code, re.sub(r"(\bline |:)\d+", r"\1", problem.message)
