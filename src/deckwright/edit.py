"""One card's own lines → other lines, or more sources behind the last, and no other byte of the file.

In: the bytes of a file, and a card as it should be written or sources to add. Out: the bytes with that changed, or why
not. A card's lines are found by our own positions, so that comments, empty lines, line ends and the author's ways of
writing stay as they are everywhere else, also beside a card that cannot be read. The result is read again, and every
other card or source is compared with what it was before anything is returned. Everything that changes cards or sources
for an author goes through here.
"""

import dataclasses
import os
import re
from bisect import bisect_right
from codecs import BOM_UTF8
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from deckwright.files import SOURCES
from deckwright.formats import File
from deckwright.model import CardKind, Deck, Text
from deckwright.problem import Problem, Rewrite, Span, Trouble
from deckwright.reading.cards import CardFile, load_cards, load_sources
from deckwright.reading.describing import source_entry
from deckwright.write import alone, write


class Edit(NamedTuple):
    """The outcome of a change."""

    data: bytes | None
    """The file as it would be; None where the change cannot be made."""
    problems: tuple[Problem, ...]
    """What is wrong with the card as it would be, or why the change cannot be made."""


class _Lines(NamedTuple):
    """Where the lines of a card are in its file."""

    start: int
    stop: int
    indent: int
    """Spaces in front of its dash."""


def card_text(data: bytes, id_: str) -> str | None:
    """The lines of a card as they are written, from its dash on, with ordinary line ends; None if there is no such
    card, or more than one."""
    lines = _split(data)
    found = _find(lines, id_)
    return None if found is None else "".join(lines[found.start : found.stop]).replace("\r\n", "\n")


def card_places(data: bytes) -> list[tuple[int, str]]:
    """The number of the line on which each card of a file starts, and its id (empty if it has none)."""
    lines = data.decode(errors="replace").split("\n")
    listed = next((place for place, line in enumerate(lines) if _CARDS.match(line)), len(lines))
    dashes = [place for place in range(listed, len(lines)) if _DASH.match(lines[place])]
    indent = _indent(lines[dashes[0]]) if dashes else 0
    starts = [place for place in dashes if _indent(lines[place]) == indent or _CARD.match(lines[place])]
    return [
        (start + 1, _id_in(lines[start:stop]) or _id_in_braces(lines[start]))
        for start, stop in zip(starts, [*starts, len(lines)][1:], strict=True)
    ]


def replace_card(name: str, data: bytes, deck: Deck, id_: str, text: str) -> Edit:
    """The file with the lines of card `id_` replaced by `text`: a card from its dash on, set as far in as `text` is."""
    lines = _split(data)
    found = _find(lines, id_)
    if found is None:
        return _not_one(name, id_)
    now_id = _id_in(text.splitlines())
    if now_id is None:
        return _impossible(name, "these lines have no id")
    own = _written(text, found.indent, data)
    return _checked(name, data, [*lines[: found.start], *own, *lines[found.stop :]], deck, id_, now_id)


def remove_card(name: str, data: bytes, deck: Deck, id_: str) -> Edit:
    """The file without a card, and without one empty line behind it."""
    lines = _split(data)
    found = _find(lines, id_)
    if found is None:
        return _not_one(name, id_)
    rest = lines[found.stop :]
    rest = rest[1:] if rest and not rest[0].strip() else rest
    return _checked(name, data, [*lines[: found.start], *rest], deck, id_, None)


def add_card(name: str, data: bytes, deck: Deck, text: str) -> Edit:
    """The file with a card behind its last one, after an empty line."""
    lines = _split(data)
    dashes = [line for line in lines if _DASH.match(line)]
    listed = [place for place, line in enumerate(lines) if _CARDS.match(line)]
    now_id = _id_in(text.splitlines())
    if not listed or now_id is None:
        return _impossible(name, "there is no list of cards here" if now_id else "these lines have no id")
    indent = _indent(dashes[0]) if dashes else 2
    stop = _last_of_list(lines, listed[0])
    before = lines[:stop]
    if before and not before[-1].endswith("\n"):
        before[-1] += _line_end(data)
    empty = [_line_end(data)] if dashes else []
    own = [*empty, *_written(text, indent, data)]
    return _checked(name, data, [*before, *own, *lines[stop:]], deck, None, now_id)


def add_sources(data: bytes, entries: Mapping[str, Mapping[str, str]]) -> Edit:
    """The bytes of sources.yaml with more entries behind the last, each with its keys by its id. Where the file has
    errors already, they are all there is to say."""
    before = load_sources(data)
    if before.entries is None or before.problems:
        return Edit(None, before.problems)
    first = next((key for key, _ in before.entries.values()), None)
    inset = " " * (first.column - 1 if first else 0)
    end = _line_end(data)
    own = "\n\n".join(source_entry(id_, keys) for id_, keys in entries.items())
    gap = "" if data.endswith(b"\n") or not data.removeprefix(b"\xef\xbb\xbf") else end
    gap += end if first and not re.search(rb"\n\r?\n\Z", data) else ""
    changed = data + gap.encode() + "".join(f"{inset}{line}".rstrip() + end for line in own.split("\n")).encode()
    then = load_sources(changed)
    if then.problems:
        return _impossible(SOURCES, "these entries cannot be read", *then.problems[:5])
    if then.entries is None or {**then.entries, **before.entries} != then.entries:
        return _impossible(SOURCES, "these entries would change another source of the file")
    if then.entries.keys() != before.entries.keys() | entries.keys() or before.entries.keys() & entries.keys():
        return _impossible(SOURCES, "not each of these entries would be a source of its own")
    for id_, keys in entries.items():
        source = then.sources[id_]
        if any(str(getattr(source, key)) != value for key, value in keys.items()):
            return _impossible(SOURCES, f"the source `{id_}` would not be read as it is meant")
    return Edit(changed, ())


def set_key(text: str, key: str, value: Sequence[str]) -> str:
    """The lines of a card with one key written as `value` (its lines, `key: …` first, not set in): in its place if the
    card has it, else at the end."""
    lines = text.splitlines(keepends=True)
    first = _DASH.match(lines[0])
    column = first.end() if first else _indent(lines[0])
    own = [f"{' ' * column}{line}\n" if line else "\n" for line in value]
    starts = [place for place, line in enumerate(lines) if _key_at(line, column) == key]
    if not starts:
        return "".join([*lines, *own])
    start = starts[0]
    stop = start + 1
    while stop < len(lines) and (not lines[stop].strip() or _column(lines[stop]) > column):
        stop += 1
    while not lines[stop - 1].strip():
        stop -= 1
    if start == 0 and first:
        own[0] = lines[0][:column] + own[0].lstrip()
    return "".join([*lines[:start], *own, *lines[stop:]])


def rewritten(data: bytes, rewrites: Iterable[Rewrite]) -> bytes:
    """The file with some of its lines replaced, none of them twice. Each line keeps its own end."""
    mark = BOM_UTF8 if data.startswith(BOM_UTF8) else b""
    lines = _split(data.removeprefix(mark))
    for first, last, texts in sorted(rewrites, reverse=True):
        old = lines[first - 1 : last]
        end = old[-1][len(old[-1].rstrip("\r\n")) :]
        own = [f"{text}{_line_end(data)}" for text in texts]
        lines[first - 1 : last] = [*own[:-1], *(f"{text}{end}" for text in texts[-1:])]
    return mark + "".join(lines).encode()


def rest_unchanged(name: str, deck: Deck, before: bytes, after: bytes, rewrites: Iterable[Rewrite]) -> bool:
    """Whether those cards of a file of which no line was replaced are after the `rewrites` what they were before. Above
    the first card, a line may be about all of them: their topic and tags."""
    places, now_places = card_places(before), card_places(after)
    if len(places) != len(now_places):
        return False
    touched = set()
    above = False
    for first, last, _ in rewrites:
        begin, end = (bisect_right(places, line, key=lambda card: card[0]) for line in (first, last))
        above |= not begin
        own = slice(max(begin - 1, 0), end)
        touched |= {id_ for _, id_ in [*places[own], *now_places[own]]}
    was, now = (_others(load_cards(name, data, deck), touched, shared=not above) for data in (before, after))
    return was == now


def save(root: Path, name: str, before: bytes | None, after: bytes) -> None:
    """Writes a changed file, unless somebody else changed it since it was `before` (None: it was not there). Raises
    Trouble then; may raise OSError."""
    save_all(root, [(name, before, after)])


def save_all(root: Path, changes: Sequence[tuple[str, bytes | None, bytes]]) -> None:
    """Writes changed files, each given as its name, its bytes before (None: it was not there) and its bytes after.
    Writes none of them if somebody else changed one. Raises Trouble then; may raise OSError."""
    with alone(root / "cards"):
        for name, before, _ in changes:
            path = root / name
            if (path.read_bytes() if os.path.lexists(path) else None) != before:
                raise Trouble(f"{name}: changed by somebody else meanwhile; look at it and try again")
        paths = [(root / name, after) for name, _, after in changes]
        write([(path.parent, [File(path.name, after, "")]) for path, after in paths])


# --- where a card is ------------------------------------------------------------------------------------------

_DASH = re.compile(r" *- +")
_CARDS = re.compile(r"cards *:")
_CARD = re.compile(r" *- +id *:")
_COMMENT = re.compile(r"\s*#")


def _split(data: bytes) -> list[str]:
    """Lines with their ends. Only a line feed ends one: whatever else does is the reader's to complain of."""
    return re.findall(r"[^\n]*\n|[^\n]+\Z", data.decode())


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _column(line: str) -> int:
    """Where a line's text begins, a dash and its spaces not counted as such."""
    match = _DASH.match(line)
    return match.end() - 1 if match else _indent(line)


def _key_at(line: str, column: int) -> str:
    """The key that a line has at a column; empty if it has none there."""
    match = _DASH.match(line)
    start = match.end() if match else _indent(line)
    key = re.match(r"([\w-]+) *:(?:\s|$)", line[start:])
    return key[1] if key and start == column else ""


def _id_in(lines: Sequence[str]) -> str | None:
    """The id that a card's lines give it."""
    first = _DASH.match(lines[0]) if lines else None
    column = first.end() if first else 0
    for line in lines:
        if _key_at(line, column) == "id":
            return line.split(":", 1)[1].strip().strip("'\"")
    return None


def _id_in_braces(line: str) -> str:
    """The id of a card that is written as `- {id: one, …}`; empty if it has none."""
    match = re.match(r" *- +\{(?:.*, *| *)id *: *['\"]?([^\s,}'\"]+)", line)
    return match[1] if match else ""


def _find(lines: Sequence[str], id_: str) -> _Lines | None:
    """The lines of the one card with this id."""
    found = []
    for start, line in enumerate(lines):
        if not _DASH.match(line):
            continue
        indent = _indent(line)
        stop = start + 1
        while stop < len(lines) and not _ends(lines[stop], indent):
            stop += 1
        while stop > start + 1 and _belongs_to_next(lines[stop - 1], indent):
            stop -= 1
        if _id_in(lines[start:stop]) == id_:
            found.append(_Lines(start, stop, indent))
    return found[0] if len(found) == 1 else None


def _ends(line: str, indent: int) -> bool:
    """Whether a line is no longer of the entry whose dash is set in by `indent`. A comment alone ends nothing."""
    return bool(line.strip()) and not _COMMENT.match(line) and _indent(line) <= indent


def _belongs_to_next(line: str, indent: int) -> bool:
    return not line.strip() or (bool(_COMMENT.match(line)) and _indent(line) <= indent)


def _last_of_list(lines: Sequence[str], start: int) -> int:
    """The place behind the last line of the list that begins below line `start`."""
    stop = start + 1
    while stop < len(lines) and (
        not lines[stop].strip() or _COMMENT.match(lines[stop]) or lines[stop][:1] in (" ", "-")
    ):
        stop += 1
    while stop > start + 1 and not lines[stop - 1].strip():
        stop -= 1
    return stop


def _line_end(data: bytes) -> str:
    return "\r\n" if b"\r\n" in data else "\n"


def _written(text: str, indent: int, data: bytes) -> list[str]:
    """A card's lines, set in like the cards around it and with the line ends of its file."""
    lines = text.strip("\n").split("\n")
    shift = indent - _indent(lines[0])
    moved = [f"{' ' * shift}{line}" if shift >= 0 else line[min(-shift, _indent(line)) :] for line in lines]
    return [(new if line.strip() else line) + _line_end(data) for line, new in zip(lines, moved, strict=True)]


# --- whether nothing else changed -----------------------------------------------------------------------------


def _checked(name: str, data: bytes, lines: Sequence[str], deck: Deck, id_: str | None, now_id: str | None) -> Edit:
    """The outcome of a change that takes card `id_` and gives card `now_id` (None: no card)."""
    after = "".join(lines)
    if not data.endswith(b"\n"):
        after = after.removesuffix("\n").removesuffix("\r") if after.endswith("\n") else after
    changed = after.encode()
    before, then = load_cards(name, data, deck), load_cards(name, changed, deck)
    if now_id is not None and then.ids.count(now_id) != 1:
        return _impossible(name, f"these lines are not one card with the id `{now_id}`", *then.problems[:5])
    if _others(before, {id_}) != _others(then, {now_id}):
        return _impossible(name, "these lines would change another card of the file")
    own = _find(lines, now_id) if now_id is not None else None
    inside = range(own.start + 1, own.stop + 1) if own else range(0)
    return Edit(changed, tuple(problem for problem in then.problems if problem.span.line in inside))


def _others(file: CardFile, ids: Collection[str | None], *, shared: bool = True) -> list[object]:
    """All that a file says but for the cards with these ids and for where it says it; only if `shared` also what all
    its cards share."""

    def plain(card: CardKind) -> CardKind:
        bare = dataclasses.replace(card, span=Span(""))
        return bare if shared else dataclasses.replace(bare, topic=Text(""), tags=())

    cards = [plain(card) for card in file.cards if card.id not in ids]
    broken = [plain(card) for card in file.broken if card.id not in ids]
    others = [other for other in file.ids if other not in ids]
    return [str(file.topic) if shared else "", others, cards, broken]


def _not_one(name: str, id_: str) -> Edit:
    return _impossible(name, f"this file does not have exactly one card `{id_}`")


def _impossible(name: str, message: str, *more: Problem) -> Edit:
    hint = "edit the file by hand"
    return Edit(None, (Problem(Span(name), "edit-impossible", message, hint), *more))
