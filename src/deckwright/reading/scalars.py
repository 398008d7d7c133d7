"""One scalar → a value: a text, a date, a word from a list.

In: the node after a key, and the key's name. Out: the value, or None after noting a problem that says how to write it.
"""

import re
from collections.abc import Callable, Iterable
from datetime import date

from deckwright.model import Box, Review, Shape, Status, Text
from deckwright.problem import TODAY
from deckwright.reading.nodes import Mapping as YamlMapping
from deckwright.reading.nodes import Node, Sequence
from deckwright.reading.quoting import entries, quote, scalar
from deckwright.reading.values import Reader, did_you_mean, slugged

SLUG = r"[a-z0-9]+(?:-[a-z0-9]+)*"
_SLUG = re.compile(SLUG)
_TAG = re.compile(r"[^\s,;:\"'`*_%#(){}\[\]<>&\\]+(?:::[^\s,;:\"'`*_%#(){}\[\]<>&\\]+)*")
DEEPEST_TOPIC = 8
"""The most parts that a topic may have. Anki refuses a package with decks twelve deep."""


def markdown(reader: Reader, node: Node, name: str) -> Text | None:
    """Any text that is not empty, without the line ends around it."""
    if type(node) is not Text:
        assert not isinstance(node, Text)  # noqa: S101 - for mypy; isinstance alone is slow on this path
        if node.flow or isinstance(node, YamlMapping):  # `[…]`, `{…}` or `word: …` meant as text
            hint = reader.written.quoted(node.line, entry=not node.flow)
            if len(node.items if isinstance(node, Sequence) else node.entries) > 1:  # perhaps it is meant as a list
                hint = str(hint)
            reader.note(
                node, "swallowed-text", f"`{name}` should be text, but YAML reads it as a list or as keys", hint
            )
        else:
            hint = "write it after the key, or on the lines below a bar (|); a list of answers belongs in `items:`"
            reader.wrong(node, f"`{name}` should be text, not a list", hint)
        return None
    if node and node[0] > " " and node[-1] > " ":
        return node
    text = node.strip("\n").rstrip() if "\n" in node.rstrip() else node.strip()
    if not text:
        reader.note(node, "empty-text", f"`{name}` is empty", "write its text, or delete the key")
        return None
    return Text(text, node.line, node.column)


def line(reader: Reader, node: Node, name: str) -> Text | None:
    text = markdown(reader, node, name)
    if text is not None and "\n" in text:
        reader.wrong(text, f"`{name}` should be one line", f"write {name}: {scalar(text)}")
        return None
    return text


def filled_line(reader: Reader, node: Node, name: str) -> Text | None:
    """A line of text that is not the gap which a fix left to be filled in."""
    text = line(reader, node, name)
    if text == "…":
        reader.note(text, "empty-text", f"`{name}` is not filled in", "write its text in place of …, or delete the key")
        return None
    return text


def matching(shape: Shape, pattern: str, code: str) -> Callable[[Reader, Node, str], Text | None]:
    """Returns a reader of lines that match a pattern."""
    fits = re.compile(pattern)

    def read(reader: Reader, node: Node, name: str) -> Text | None:
        text = line(reader, node, name)
        if text is not None and not fits.fullmatch(text):
            reader.note(text, code, f"`{name}` cannot be {quote(text)}", f"write {shape.value}")
            return None
        return text

    return read


def choice(choices: Iterable[str]) -> Callable[[Reader, Node, str], str | None]:
    """Returns a reader of lines that are one of these words."""
    known = list(choices)

    def read(reader: Reader, node: Node, name: str) -> str | None:
        text = line(reader, node, name)
        if text is None or text in known:
            return text
        hint = did_you_mean(text, known) or "write one of: " + ", ".join(known)
        reader.wrong(text, f"`{name}` cannot be {quote(text)}", hint)
        return None

    return read


def slug(reader: Reader, node: Node, name: str) -> Text | None:
    if type(node) is Text and len(node) <= 100 and _SLUG.fullmatch(node):
        return node
    text = line(reader, node, name)
    if text is not None:
        hint = f"use lower-case letters, digits and hyphens, at most 100: {slugged(text) or 'first-card'}"
        reader.note(text, "bad-id", f"`{name}` cannot be {quote(text)}", hint)
    return None


def flag(reader: Reader, node: Node, name: str) -> bool | None:
    text = line(reader, node, name)
    if text is None:
        return None
    if text in ("true", "false"):
        return text == "true"
    reader.wrong(text, f"`{name}` cannot be {quote(text)}", "write true or false")
    return None


def reverse(reader: Reader, node: Node, name: str) -> bool | str | None:
    """`true`, `false`, `retired` or a text that is longer than another word for them; only that is a `Text`."""
    text = markdown(reader, node, name)
    if text is None or text in ("true", "false"):
        return None if text is None else text == "true"
    if text == "retired":
        return str(text)
    if text.lower() in ("yes", "no", "on", "off", "true", "false", "y", "n", "1", "0"):
        reader.wrong(
            text, f"`{name}` cannot be {quote(text)}", "write true, the question the other way round, or retired"
        )
        return None
    return text


_NUMBER = r"([0-9]{1,3}(?:\.[0-9]{1,4})?)"
_SEPARATED = re.compile(rf"{_NUMBER}%?([,;] *| +){_NUMBER}%?\2{_NUMBER}%?\2{_NUMBER}%?")
"""Four numbers that are separated in one way, perhaps with per cent signs."""
_BRACKETS = re.compile(r"\[[^\[\]]*\]")
_BOX = re.compile(rf"{_NUMBER} +{_NUMBER} +{_NUMBER} +{_NUMBER}")


def box(reader: Reader, node: Node, name: str) -> Box | None:
    written = " ".join(map(str, node.items if isinstance(node, Sequence) else [node]))
    match = _BOX.fullmatch(written) if isinstance(node, Text) else None
    if match is None:
        numbers = re.findall(r"-?\d+(?:[.,]\d+)?" if written.count(" ") == 3 else r"-?\d+(?:\.\d+)?", written)
        fixed = ["0" if number.startswith("-") else number.replace(",", ".") for number in numbers]
        four = " ".join(fixed) if len(fixed) == 4 else "left, top, width and height in per cent: 12 30 18 9"
        hint = f"write four numbers with spaces between them:\n{name}: {four}"
        inside = _BRACKETS.match(reader.written.line(node.line), node.column - 1)
        shown = inside[0] if inside and isinstance(node, Sequence) else written
        if _SEPARATED.fullmatch(shown.strip("[] ")):
            hint = reader.written.replaced(node, shown, four, hint)
        reader.wrong(node, f"`{name}` should be four numbers", hint)
        return None
    left, top, width, height = map(float, match.groups())
    if not width or not height:
        reader.wrong(node, f"a mask at {match[0]} covers nothing", "give it a width and a height in per cent")
        return None
    return Box(left, top, width, height, Text(match[0], node.line, node.column))


def picture(reader: Reader, node: Node, name: str) -> Text | None:
    """The name of a file in cards/media/."""
    text = line(reader, node, name)
    if text is None:
        return None
    file = re.sub(r"^!\[[^\]]*\]\((.*)\)$", r"\1", text).replace("\\", "/").rpartition("/")[2]
    if file != text or ":" in file:
        hint = f"put the file into cards/media/ and write only its name:\n{name}: {file}"
        reader.note(text, "unsafe-file", f"`{name}` cannot be {quote(text)}", hint)
        return None
    return text


def number(reader: Reader, node: Node, name: str) -> int | None:
    text = line(reader, node, name)
    if text is None:
        return None
    if re.fullmatch("[1-9][0-9]{0,2}", text):
        return int(text)
    reader.wrong(text, f"`{name}` should be a number, not {quote(text)}", f"write it in digits:\n{name}: 4")
    return None


def day(reader: Reader, node: Node, name: str) -> date | None:
    text = line(reader, node, name)
    return None if text is None else _day_in(reader, text, text, name)


def reviewed(reader: Reader, node: Node, name: str) -> Review | None:
    text = line(reader, node, name)
    if text is None:
        return None
    if not re.search(r"\d", text) and re.search(r"[A-Z]", text):  # a name or initials alone
        hint = f"write the date before it: {name}: {TODAY} {text}"
        reader.note(text, "bad-date", f"`{name}` has no date", hint)
        return None
    written, _, by = text.partition(" ")
    on = _day_in(reader, text, written, name)
    return Review(on, by.strip()) if on else None


def _day_in(reader: Reader, place: Text, written: str, name: str) -> date | None:
    on = _day(written)
    if on is None:
        meant = _reordered(written)
        hint = f"write year-month-day: {meant or TODAY}"
        if _reordered(written.replace("-", "/")):  # 3-4-2026 is another day elsewhere
            hint = reader.written.replaced(place, written, meant, hint)
        reader.note(place, "bad-date", f"`{name}` is {quote(written)}, which is not a date", hint)
    return on


def _day(written: str) -> date | None:
    """A date written as 2026-11-22."""
    try:
        return date.fromisoformat(written) if re.fullmatch(r"\d{4}-\d\d-\d\d", written, re.ASCII) else None
    except ValueError:
        return None


def _reordered(written: str) -> str:
    """A date in another order, as year-month-day; empty if it is not clear which number is the month."""
    numbers = re.findall(r"\d+", written, re.ASCII)
    if len(numbers) != 3 or re.search(r"[^\d./-]", written):
        return ""
    year = max(numbers, key=len)
    rest = [number for number in numbers if number is not year]
    if numbers[1] is year:
        return ""
    orders = [rest] if numbers[0] == year else [[rest[1], rest[0]]]
    orders += [[rest[0], rest[1]]] if "/" in written and numbers[0] != year else []
    days = {f"{year}-{month:0>2}-{day:0>2}" for month, day in orders}
    possible = [day for day in days if _day(day)]
    return possible[0] if len(possible) == 1 else ""


def year(reader: Reader, node: Node, name: str) -> int | None:
    text = line(reader, node, name)
    if text is None:
        return None
    if re.fullmatch(r"[12]\d{3}", text, re.ASCII):
        return int(text)
    reader.note(text, "bad-date", f"`{name}` is {quote(text)}, which is not a year", "write a year: 2010")
    return None


def months(reader: Reader, node: Node, name: str) -> int | None:
    text = line(reader, node, name)
    match = re.fullmatch(r"(\d{1,3}) (month|year)s?", text, re.ASCII) if text else None
    if match and int(match[1]):
        return int(match[1]) * (12 if match[2] == "year" else 1)
    if text:
        reader.wrong(text, f"`{name}` cannot be {quote(text)}", "write a number of months: 24 months")
    return None


def status(reader: Reader, node: Node, name: str) -> Status | None:
    chosen = _STATUS(reader, node, name)
    return Status(chosen) if chosen else None


_STATUS = choice([status.value for status in Status])


def doi(reader: Reader, node: Node, name: str) -> Text | None:
    text = line(reader, node, name)
    if text is None:
        return None
    inside = re.search(r"10\.\d{4,9}/[^\s<>\"'{}\\]+", text)
    if inside and inside[0] == text:
        return text
    hint = f"write {Shape.DOI.value}"
    if inside:
        hint = reader.written.replaced(text, text, inside[0], f"write the DOI alone: {inside[0]}")
    reader.note(text, "bad-doi", f"`{name}` cannot be {quote(text)}", hint)
    return None


def tag(reader: Reader, node: Node, name: str) -> Text | None:
    text = line(reader, node, name)
    if text is None or _TAG.fullmatch(text):
        return text
    tags = [tag for part in re.split("[,;]", text) if (tag := re.sub(r"[^\w:]+", "-", part).strip("-:"))]
    hint = "a tag is one word; join words with hyphens: " + "".join(tags)
    if len(tags) > 1:
        hint = reader.written.listed(text, text, tags, f"write one tag per line:\n{name}:{entries(tags)}")
    reader.note(text, "bad-tag", f"{quote(text)} cannot be a tag", hint)
    return None


def topic(reader: Reader, node: Node, name: str) -> Text | None:
    text = line(reader, node, name)
    if text is None:
        return None
    parts = text.split("::")
    if len(parts) > DEEPEST_TOPIC:
        hint = f"use at most {DEEPEST_TOPIC}; Anki refuses decks that are nested too deep"
        reader.note(text, "bad-topic", f"this topic has {len(parts)} parts", hint)
        return None
    if all(part and part == part.strip() for part in parts) and not re.search(r'(?<!:):(?!:)|:::|"', text):
        return text
    likely = "::".join(part.strip(' "') for part in re.split(":+", text) if part.strip(' "'))
    reader.note(text, "bad-topic", f"{quote(text)} is not a topic", f"write {likely or 'Topic::Subtopic'}")
    return None
