"""Nodes → values: what stands behind a key, read by the key's shape.

In: the nodes of one file. Out: values for the types of model.py; whatever does not fit becomes a problem that says how
to write it. Every shape has a reader in `_READERS`.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple, TypeVar

from deckwright.model import (
    KINDS,
    PAPERS,
    SOURCE_KINDS,
    Basic,
    CardKind,
    Citation,
    Cloze,
    Correction,
    FileKeys,
    Item,
    Items,
    Key,
    Option,
    OptionKeys,
    Options,
    RetiredItem,
    Review,
    Settings,
    Shape,
    Source,
    Status,
    Text,
    Withdrawal,
    keys,
)
from deckwright.problem import ACCEPTABLE, CODES, Problem
from deckwright.reading.nodes import Mapping as YamlMapping
from deckwright.reading.nodes import Node, Sequence
from deckwright.reading.nodes import Source as Written
from deckwright.reading.quoting import quote

_T = TypeVar("_T")
Values = dict[str, Any]
_Read = Callable[["Reader", Node, str], Any]


class ReadCard(NamedTuple):
    """A card before its kind is made of it."""

    kind: type[CardKind]
    values: Values
    whole: bool
    """Whether no key of it was wrong."""


class Table(NamedTuple):
    """The keys of one kind of mapping, ready for reading."""

    keys: dict[str, Key]
    readers: dict[str, _Read]
    required: tuple[str, ...]


SLUG = r"[a-z0-9]+(?:-[a-z0-9]+)*"
_SLUG = re.compile(SLUG)
_TAG = re.compile(r"[^\s,;:\"'`*_%#(){}\[\]<>&\\]+(?:::[^\s,;:\"'`*_%#(){}\[\]<>&\\]+)*")
DEEPEST_TOPIC = 8
"""Parts of a topic. Anki refuses a package with decks twelve deep."""

_MARKS_OF = {"cloze": Cloze, "options": Options, "items": Items, "answer": Basic}
"""The key that tells a card's kind."""
_CALLED: dict[type, str] = {
    Cloze: "a cloze",
    Options: "a question with options",
    Items: "a question with items",
    Basic: "a question with an answer",
}


class Reader:
    """Reads the nodes of one file into values; whatever does not fit becomes a problem and None."""

    def __init__(
        self,
        written: Written,
        problems: list[Problem],
        citable: frozenset[str] | None = None,
    ) -> None:
        self.written = written
        self.problems = problems
        self.citable = citable
        self.ids: list[Text] = []
        self.partial: Values = {}
        self.guesses = 20  # a guess compares with every name there is; thousands would take minutes

    def note(self, node: Node, code: str, message: str, hint: str = "") -> None:
        self.problems.append(Problem(self.written.span(node), code, message, hint))

    def wrong(self, node: Node, message: str, hint: str = "") -> None:
        self.note(node, "wrong-shape", message, hint)

    def values(self, node: Node | None, table: Table, what: str) -> Values | None:
        """The values of a mapping by key; None when one of them is wrong or a required one is missing (`partial` has
        the others)."""
        if not isinstance(node, YamlMapping):
            place = node if node is not None else Text("")
            hint = "each on a line of its own: " + ", ".join(f"{name}:" for name in list(table.keys)[:4]) + " …"
            self.wrong(place, f"{what} consists of keys and values", hint)
            return None
        values: Values = {}
        fine = True
        readers = table.readers
        for name, (place, value) in node.entries.items():
            read_one = readers.get(name)
            if read_one is None:
                self.unknown(place, table, what)
                fine = False
                continue
            result = read_one(self, value, name)
            if result is None:
                fine = False
            else:
                values[name] = result
        for name in table.required:
            if name not in node.entries:
                hint = self.proposed(node, name) or f"… ({table.keys[name].shape.value})"
                self.note(node, "missing-key", f"{what} has no `{name}`", f"add {name}: {hint}")
                fine = False
        self.partial = values
        return values if fine else None

    def proposed(self, node: YamlMapping, name: str) -> str:
        """What could stand behind a key that is missing, in the author's own words; nothing where there are none."""
        if name == "topic":
            words = re.sub(r"[\W_]+", " ", self.written.file.rpartition("/")[2].removesuffix(".yaml")).strip()
            return words[:1].upper() + words[1:]
        if name == "id":
            values = [node.entries[key][1] for key in ("question", "cloze") if key in node.entries]
            asked = [value for value in values if isinstance(value, Text)]
            return _slugged(" ".join(" ".join(asked).split()[:5]))
        return ""

    def unknown(self, place: Text, table: Table, what: str) -> None:
        name = place
        kinds = [_CALLED[kind] for kind in KINDS if name in KEYS[kind].keys]
        if name == "right" and "correct" in table.keys:
            hint = "did you mean `correct`?"
        elif kinds and "id" in table.keys:
            hint = f"it belongs to {' or '.join(kinds)}"
        else:
            hint = _did_you_mean(name, table.keys) or "known here: " + ", ".join(table.keys)
        self.note(place, "unknown-key", f"{what} has no key `{name}`", hint)

    # One reader a shape. Each returns None after noting a problem.

    def text(self, node: Node, name: str) -> Text | None:
        """Any text that is not empty, without the line ends around it."""
        if type(node) is not Text:
            assert not isinstance(node, Text)  # noqa: S101 - for mypy; isinstance alone is slow on this path
            if node.flow or isinstance(node, YamlMapping):  # `[…]`, `{…}` or `word: …` meant as text
                hint = self.written.quoted(node.line, entry=not node.flow)
                self.note(node, "swallowed-text", f"`{name}` should be text, but YAML reads more into it", hint)
            else:
                hint = "write it behind the key, or on the lines below a bar (|); a list of answers goes into `items:`"
                self.wrong(node, f"`{name}` should be text, not a list", hint)
            return None
        if node and node[0] > " " and node[-1] > " ":
            return node
        text = node.strip("\n").rstrip() if "\n" in node.rstrip() else node.strip()
        if not text:
            self.note(node, "empty-text", f"`{name}` is empty", "write its text, or delete the key")
            return None
        return Text(text, node.line, node.column)

    def line(self, node: Node, name: str) -> Text | None:
        text = self.text(node, name)
        if text is not None and "\n" in text:
            self.wrong(text, f"`{name}` should be one line")
            return None
        return text

    def matching(self, node: Node, name: str, pattern: str, code: str, shape: Shape) -> Text | None:
        """A line that fits `pattern`."""
        text = self.line(node, name)
        if text is not None and not re.fullmatch(pattern, text):
            self.note(text, code, f"`{name}` is {quote(text)}", f"write {shape.value}")
            return None
        return text

    def slug(self, node: Node, name: str) -> Text | None:
        if type(node) is Text and len(node) <= 100 and _SLUG.fullmatch(node):
            return node
        text = self.line(node, name)
        if text is not None:
            hint = f"lower-case letters, digits and hyphens, at most 100: {_slugged(text) or 'first-card'}"
            self.note(text, "bad-id", f"`{name}` cannot be {quote(text)}", hint)
        return None

    def language(self, node: Node, name: str) -> Text | None:
        return self.matching(node, name, "[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", "bad-language", Shape.LANGUAGE)

    def flag(self, node: Node, name: str) -> bool | None:
        text = self.line(node, name)
        if text is None:
            return None
        if text in ("true", "false"):
            return text == "true"
        self.wrong(text, f"`{name}` is {quote(text)}", "write true or false")
        return None

    def day(self, node: Node, name: str) -> date | None:
        text = self.line(node, name)
        return None if text is None else self.day_in(text, text, name)

    def day_in(self, place: Text, written: str, name: str) -> date | None:
        try:
            if re.fullmatch(r"\d{4}-\d\d-\d\d", written, re.ASCII):
                return date.fromisoformat(written)
        except ValueError:
            pass
        hint = "write year-month-day: 2026-11-22"
        self.note(place, "bad-date", f"`{name}` is {quote(written)}, which is no date", hint)
        return None

    def year(self, node: Node, name: str) -> int | None:
        text = self.line(node, name)
        if text is None:
            return None
        if re.fullmatch(r"[12]\d{3}", text, re.ASCII):
            return int(text)
        self.note(text, "bad-date", f"`{name}` is {quote(text)}, which is no year", "write a year: 2010")
        return None

    def months(self, node: Node, name: str) -> int | None:
        text = self.line(node, name)
        match = re.fullmatch(r"(\d{1,3}) (month|year)s?", text, re.ASCII) if text else None
        if match and int(match[1]):
            return int(match[1]) * (12 if match[2] == "year" else 1)
        if text:
            self.wrong(text, f"`{name}` is {quote(text)}", "write a number of months: 24 months")
        return None

    def choice(self, node: Node, name: str, choices: Iterable[str]) -> str | None:
        text = self.line(node, name)
        known = list(choices)
        if text is None or text in known:
            return text and text
        hint = _did_you_mean(text, known) or "write one of: " + ", ".join(known)
        self.wrong(text, f"`{name}` cannot be {quote(text)}", hint)
        return None

    def status(self, node: Node, name: str) -> Status | None:
        chosen = self.choice(node, name, [status.value for status in Status])
        return Status(chosen) if chosen else None

    def paper(self, node: Node, name: str) -> str | None:
        return self.choice(node, name, PAPERS)

    def source_kind(self, node: Node, name: str) -> str | None:
        return self.choice(node, name, SOURCE_KINDS)

    def report(self, node: Node, name: str) -> Text | None:
        return self.matching(node, name, r"(https?://|mailto:)[^\s<>\"'\\]+", "bad-address", Shape.REPORT)

    def url(self, node: Node, name: str) -> Text | None:
        return self.matching(node, name, r"https?://[^\s<>\"'\\{}]+", "bad-address", Shape.URL)

    def doi(self, node: Node, name: str) -> Text | None:
        text = self.line(node, name)
        if text is None:
            return None
        inside = re.search(r"10\.\d{4,9}/[^\s<>\"'{}\\]+", text)
        if inside and inside[0] == text:
            return text
        hint = f"write the DOI alone: {inside[0]}" if inside else f"write {Shape.DOI.value}"
        self.note(text, "bad-doi", f"`{name}` is {quote(text)}", hint)
        return None

    def file(self, node: Node, name: str) -> Text | None:
        return self.matching(node, name, r"[^/\\:\s][^/\\:]*", "unsafe-file", Shape.FILE)

    def entries(self, node: Node, name: str, *, brackets: bool) -> list[Node] | None:
        """The entries of a list, one a line; `[a, b]` only where commas mean nothing."""
        if not isinstance(node, Sequence):
            dash = "a dash in front of each" if isinstance(node, YamlMapping) else "one entry a line"
            self.wrong(node, f"`{name}` should be a list", f"{dash}:\n{name}:\n  - …")
            return None
        if not node.items:
            self.note(node, "empty-text", f"`{name}` is an empty list", "write its entries, or delete the key")
            return None
        if node.flow:
            close = [entry for entry in node.items if self.written.line(entry.line)[entry.column - 2] == ","]
            if not brackets or close:
                texts = [f"  - {entry}" for entry in node.items if isinstance(entry, Text)]
                hint = "\n".join(["one entry a line, so that a comma stays a comma:", f"{name}:", *texts])
                self.note(node, "list-in-brackets", f"in [ ] YAML cuts `{name}` at every comma", hint)
                return None
        return node.items

    def each(
        self, node: Node, name: str, read_one: Callable[[Node, str], _T | None], *, brackets: bool = False
    ) -> tuple[_T, ...] | None:
        """A list, each entry read by `read_one`."""
        entries = self.entries(node, name, brackets=brackets)
        if entries is None:
            return None
        results = [read_one(entry, name) for entry in entries]
        fine = [result for result in results if result is not None]
        return tuple(fine) if len(fine) == len(results) else None

    def lines(self, node: Node, name: str) -> tuple[Text, ...] | None:
        return self.each(node, name, self.line, brackets=True)

    def tag(self, node: Node, name: str) -> Text | None:
        text = self.line(node, name)
        if text is None or _TAG.fullmatch(text):
            return text
        hint = "a tag is one word; join words with hyphens: " + re.sub(r"[^\w:]+", "-", text).strip("-:")
        self.note(text, "bad-tag", f"{quote(text)} cannot be a tag", hint)
        return None

    def tags(self, node: Node, name: str) -> tuple[Text, ...] | None:
        return self.each(node, name, self.tag, brackets=True)

    def topic(self, node: Node, name: str) -> Text | None:
        text = self.line(node, name)
        if text is None:
            return None
        parts = text.split("::")
        if len(parts) > DEEPEST_TOPIC:
            self.note(
                text, "bad-topic", f"a topic of {len(parts)} parts", f"{DEEPEST_TOPIC} are the most Anki takes well"
            )
            return None
        if all(part and part == part.strip() for part in parts) and not re.search(r'(?<!:):(?!:)|:::|"', text):
            return text
        likely = "::".join(part.strip(' "') for part in re.split(":+", text) if part.strip(' "'))
        self.note(text, "bad-topic", f"{quote(text)} is no topic", f"write {likely or 'Topic::Subtopic'}")
        return None

    def reviewed(self, node: Node, name: str) -> Review | None:
        text = self.line(node, name)
        if text is None:
            return None
        written, _, by = text.partition(" ")
        on = self.day_in(text, written, name)
        return Review(on, by.strip()) if on else None

    def citation(self, node: Node, name: str) -> Citation | None:
        if isinstance(node, YamlMapping) and len(node.entries) == 1:
            [(id_, (_, place))] = node.entries.items()
            hint = f"the id, a space, and the place in it:\n- {id_} {place if isinstance(place, Text) else '…'}"
            self.wrong(node, "a source is written without a colon", hint)
            return None
        text = self.line(node, name)
        if text is None:
            return None
        id_, _, locator = text.partition(" ")
        if self.citable is not None and id_ not in self.citable:
            self.guesses -= 1
            close = _did_you_mean(id_.rstrip(",;"), self.citable, near=0.8) if self.guesses >= 0 else ""
            hint = (
                f"{close} If not, describe it in cards/sources.yaml" if close else "describe it in cards/sources.yaml"
            )
            self.note(text, "unknown-source", f"there is no source `{id_}`", hint)
            return None
        if locator and self.citable and not self.citable.isdisjoint(locator.replace(",", " ").split()):
            cited = [part for part in re.split(r"[\s,;]+", text) if part]
            hint = "one source an entry:\nsources:\n" + "\n".join(f"  - {part}" for part in cited)
            self.note(text, "several-sources", f"{quote(text)} names more than one source", hint)
            return None
        if "¶" in locator:
            locator = _PILCROW.sub("para ", locator)
        return Citation(Text(id_, text.line, text.column), locator.strip())

    def citations(self, node: Node, name: str) -> tuple[Citation, ...] | None:
        if type(node) is Text:
            one = self.citation(node, name)
            return (one,) if one else None
        return self.each(node, name, self.citation)

    def option(self, node: Node, name: str) -> Option | None:
        if not isinstance(node, YamlMapping):
            hint = "write `correct:` or `wrong:` in front of it"
            self.wrong(node, "an option says whether it is correct", hint)
            return None
        values = self.values(node, _OPTION, "an option")
        if values is None:
            return None
        sides = [side for side in ("correct", "wrong") if side in values]
        if len(sides) != 1:
            message = "an option is either `correct` or `wrong`" + (", not both" if sides else "")
            self.wrong(node, message, "one option an entry:\n  - correct: …\n  - wrong: …\n    why: …")
            return None
        return Option(values[sides[0]], sides[0] == "correct", values.get("why"))

    def options(self, node: Node, name: str) -> tuple[Option, ...] | None:
        return self.each(node, name, self.option)

    def item(self, node: Node, name: str) -> Item | None:
        if isinstance(node, YamlMapping) and "retired" not in node.entries and len(node.entries) == 1:
            hint = self.written.quoted(node.line, entry=True)
            self.note(node, "swallowed-text", "an item should be text, but YAML reads a key into it", hint)
            return None
        if isinstance(node, YamlMapping):
            values = self.values(node, _RETIRED, "an item")
            return Item(values["retired"], retired=True) if values else None
        text = self.text(node, name)
        return None if text is None else Item(text, retired=False)

    def items(self, node: Node, name: str) -> tuple[Item, ...] | None:
        return self.each(node, name, self.item)

    def corrected(self, node: Node, name: str) -> Correction | None:
        values = self.values(node, _CORRECTED, f"`{name}`")
        return Correction(**values) if values else None

    def withdrawn(self, node: Node, name: str) -> Withdrawal | None:
        values = self.values(node, _WITHDRAWN, f"`{name}`")
        return Withdrawal(**{"see": None, **values}) if values else None

    def allow(self, node: Node, name: str) -> Mapping[str, str] | None:
        if not isinstance(node, YamlMapping):
            hint = 'write the code that the problem shows in [ ], and why:\nallow:\n  math-not-printed: "why"'
            self.wrong(node, f"`{name}` names a code and why it is accepted", hint)
            return None
        strange = [place for code, (place, _) in node.entries.items() if code not in ACCEPTABLE]
        for place in strange:
            known = place in CODES
            message = f"`{place}` cannot be accepted" if known else f"no problem has the code `{place}`"
            likely = _did_you_mean(place, ACCEPTABLE, most=3) if not known else ""
            self.note(place, "bad-allow", message, likely or "what can be accepted: " + ", ".join(ACCEPTABLE))
        if strange:
            return None
        reasons = {code: self.line(reason, code) for code, (_, reason) in node.entries.items()}
        return {code: reason for code, reason in reasons.items() if reason} if all(reasons.values()) else None

    def cards(self, node: Node, name: str) -> list[ReadCard] | None:
        """Every card that has what its kind requires; mistakes in one do not take the others away."""
        if isinstance(node, Text) and not node and any(problem.code == "yaml-syntax" for problem in self.problems):
            return []  # its cards were left out, with their problems, when the text was read
        entries = self.entries(node, name, brackets=False)
        if entries is None:
            return None
        return [card for card in map(self.card, entries) if card is not None]

    def card(self, node: Node) -> ReadCard | None:
        if not isinstance(node, YamlMapping):
            self.wrong(node, "a card consists of keys and values", "start it with - id: …")
            return None
        id_ = node.entries.get("id")
        what = "this card"
        if id_ is not None and type(id_[1]) is Text:
            what = f"card {id_[1][:100]}"
            self.ids.append(id_[1])
        marks = [mark for mark in _MARKS_OF if mark in node.entries]
        if not marks:
            strange = [place for name, (place, _) in node.entries.items() if name not in _ANY_CARD.keys]
            for place in strange:
                self.unknown(place, _ANY_CARD, what)
            if not strange:
                hint = "give it `answer:`, `options:`, `items:` or, instead of a question, `cloze:`"
                self.note(node, "no-kind", f"{what} has nothing to learn", hint)
            return None
        if len(marks) > 1:
            first, second = (node.entries[mark][0] for mark in marks[:2])
            later = max(first, second, key=lambda place: place.line)
            message = f"{what} is {_CALLED[_MARKS_OF[first]]} and {_CALLED[_MARKS_OF[second]]} at once"
            hint = f"keep one of `{first}` and `{second}`, or make two cards"
            self.note(later, "two-kinds", message, hint)
            return None
        kind = _MARKS_OF[marks[0]]
        whole = self.values(node, KEYS[kind], what) is not None
        values = self.partial
        if not whole and not all(name in values for name in KEYS[kind].required):
            return None
        values["span"] = self.written.span(node)
        return ReadCard(kind, values, whole)


def _slugged(text: str) -> str:
    """A text as an id; empty where it has no letter that an id may have."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:100].rstrip("-")


def _did_you_mean(name: str, known: Iterable[str], *, near: float = 0.6, most: int = 1) -> str:
    from difflib import get_close_matches  # slow to import, and only needed for mistakes

    close = get_close_matches(name, list(known), most, near)
    return f"did you mean {' or '.join(f'`{match}`' for match in close)}?" if close else ""


_PILCROW = re.compile(r"¶\s*")

_READERS: dict[Shape, _Read] = {
    Shape.SLUG: Reader.slug,
    Shape.LINE: Reader.line,
    Shape.LANGUAGE: Reader.language,
    Shape.MARKDOWN: Reader.text,
    Shape.FLAG: Reader.flag,
    Shape.DATE: Reader.day,
    Shape.YEAR: Reader.year,
    Shape.STATUS: Reader.status,
    Shape.SOURCE_KIND: Reader.source_kind,
    Shape.PAPER: Reader.paper,
    Shape.MONTHS: Reader.months,
    Shape.REPORT: Reader.report,
    Shape.DOI: Reader.doi,
    Shape.URL: Reader.url,
    Shape.FILE: Reader.file,
    Shape.LINES: Reader.lines,
    Shape.TAGS: Reader.tags,
    Shape.TOPIC: Reader.topic,
    Shape.REVIEWED: Reader.reviewed,
    Shape.CITATIONS: Reader.citations,
    Shape.OPTIONS: Reader.options,
    Shape.ITEMS: Reader.items,
    Shape.CORRECTED: Reader.corrected,
    Shape.WITHDRAWN: Reader.withdrawn,
    Shape.ALLOW: Reader.allow,
    Shape.CARDS: Reader.cards,
}


def _table(declared: tuple[Key, ...]) -> Table:
    return Table(
        {key.name: key for key in declared},
        {key.name: _READERS[key.shape] for key in declared},
        tuple(key.name for key in declared if key.required),
    )


_ANY_CARD = _table(tuple({key.name: key for kind in KINDS for key in keys(kind)}.values()))
KEYS: dict[type, Table] = {kind: _table(keys(kind)) for kind in (Settings, Source, FileKeys, *KINDS)}
_OPTION = _table(keys(OptionKeys))
_RETIRED = _table(keys(RetiredItem))
_CORRECTED = _table(keys(Correction))
_WITHDRAWN = _table(keys(Withdrawal))
