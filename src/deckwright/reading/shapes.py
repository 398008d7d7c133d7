"""How each shape is read, and its JSON Schema: one row per shape, in `SHAPES`.

In: the node after a key. Out: a value for the types of model.py, or None after noting a problem that says how to write
it. Scalars are in scalars.py; lists, mappings and cards are here.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeVar

from deckwright.model import (
    HIDES,
    KINDS,
    PAPERS,
    SOURCE_KINDS,
    CardKind,
    Citation,
    Correction,
    FileKeys,
    Item,
    Key,
    Mask,
    Option,
    OptionKeys,
    RetiredItem,
    RetiredMask,
    Settings,
    Shape,
    Source,
    Status,
    Text,
    Withdrawal,
    keys,
)  # fmt: skip
from deckwright.problem import ACCEPTABLE, CODES
from deckwright.reading import scalars
from deckwright.reading.nodes import Mapping as YamlMapping
from deckwright.reading.nodes import Node, Sequence
from deckwright.reading.quoting import quote
from deckwright.reading.scalars import SLUG, choice, line, markdown, matching
from deckwright.reading.values import Read, Reader, Table, Values, did_you_mean

_T = TypeVar("_T")
_ReadList = Callable[[Reader, Node, str], tuple[_T, ...] | None]
Schema = dict[str, Any]


class ReadCard(NamedTuple):
    """The keys read for one card."""

    kind: type[CardKind]
    values: Values
    valid: bool
    """True if every key was valid."""


# --- lists, mappings and cards ------------------------------------------------------------------------------


def _entries(reader: Reader, node: Node, name: str, *, brackets: bool) -> list[Node] | None:
    """The entries of a list, one per line; `[a, b]` is allowed only if `brackets` is true."""
    if not isinstance(node, Sequence):
        dash = "write a dash before each entry" if isinstance(node, YamlMapping) else "write one entry per line"
        reader.wrong(node, f"`{name}` should be a list", f"{dash}:\n{name}:\n  - …")
        return None
    if not node.items:
        reader.note(node, "empty-text", f"`{name}` is an empty list", "write its entries, or delete the key")
        return None
    if node.flow:
        close = [entry for entry in node.items if reader.written.line(entry.line)[entry.column - 2] == ","]
        if not brackets or close:
            texts = [f"  - {entry}" for entry in node.items if isinstance(entry, Text)]
            hint = "\n".join(["write one entry per line, so that a comma stays a comma:", f"{name}:", *texts])
            reader.note(node, "list-in-brackets", f"in [ ], YAML splits `{name}` at every comma", hint)
            return None
    return node.items


def each(read_one: Callable[[Reader, Node, str], _T | None], *, brackets: bool = False) -> _ReadList[_T]:
    """Returns a reader of lists whose entries `read_one` reads; `[a, b]` is allowed only if `brackets` is true, for
    entries without commas."""

    def read(reader: Reader, node: Node, name: str) -> tuple[_T, ...] | None:
        entries = _entries(reader, node, name, brackets=brackets)
        if entries is None:
            return None
        results = [read_one(reader, entry, name) for entry in entries]
        fine = [result for result in results if result is not None]
        return tuple(fine) if len(fine) == len(results) else None

    return read


def citation(reader: Reader, node: Node, name: str) -> Citation | None:
    if isinstance(node, YamlMapping) and len(node.entries) == 1:
        [(id_, (_, place))] = node.entries.items()
        locator = place if isinstance(place, Text) else "…"
        hint = f"write the source's id, a space, and the place in it:\n- {id_} {locator}"
        reader.wrong(node, "a citation is written without a colon", hint)
        return None
    text = line(reader, node, name)
    if text is None:
        return None
    id_, _, locator = text.partition(" ")
    if reader.citable is not None and id_ not in reader.citable:
        reader.guesses -= 1
        close = did_you_mean(id_.rstrip(",;"), reader.citable, near=0.8) if reader.guesses >= 0 else ""
        describe = "describe it in cards/sources.yaml"
        hint = f"{close} If not, {describe}" if close else describe
        reader.note(text, "unknown-source", f"there is no source `{id_}`", hint)
        return None
    if locator and reader.citable and not reader.citable.isdisjoint(locator.replace(",", " ").split()):
        cited = [part for part in re.split(r"[\s,;]+", text) if part]
        hint = "write one source per entry:\nsources:\n" + "\n".join(f"  - {part}" for part in cited)
        reader.note(text, "several-sources", f"{quote(text)} names more than one source", hint)
        return None
    if "¶" in locator:
        locator = _PILCROW.sub("para ", locator)
    return Citation(Text(id_, text.line, text.column), locator.strip())


_PILCROW = re.compile(r"¶\s*")


def citations(reader: Reader, node: Node, name: str) -> tuple[Citation, ...] | None:
    """One source, or a list of them."""
    if type(node) is Text:
        one = citation(reader, node, name)
        return (one,) if one else None
    return _citations(reader, node, name)


_citations = each(citation)


def option(reader: Reader, node: Node, name: str) -> Option | None:
    if not isinstance(node, YamlMapping):
        hint = "write `correct:` or `wrong:` before it"
        reader.wrong(node, "this option does not say whether it is correct", hint)
        return None
    values, valid = reader.values(node, KEYS[OptionKeys], "an option")
    if not valid:
        return None
    sides = [side for side in ("correct", "wrong") if side in values]
    if len(sides) != 1:
        message = "an option is either `correct` or `wrong`" + (", not both" if sides else "")
        reader.wrong(node, message, "write one option per entry:\n  - correct: …\n  - wrong: …\n    why: …")
        return None
    return Option(values[sides[0]], sides[0] == "correct", values.get("why"))


def item(reader: Reader, node: Node, name: str) -> Item | None:
    if isinstance(node, YamlMapping) and "retired" not in node.entries and len(node.entries) == 1:
        hint = reader.written.quoted(node.line, entry=True)
        reader.note(node, "swallowed-text", "an item should be text, but YAML reads a key in it", hint)
        return None
    if isinstance(node, YamlMapping):
        values, valid = reader.values(node, KEYS[RetiredItem], "an item")
        return Item(values["retired"], retired=True) if valid else None
    text = markdown(reader, node, name)
    return None if text is None else Item(text, retired=False)


def mask(reader: Reader, node: Node, name: str) -> Mask | None:
    if not isinstance(node, YamlMapping):
        hint = "write what is there, and where:\n  - answer: …\n    at: 12 30 18 9"
        reader.wrong(node, "a mask should consist of `answer:` and `at:`", hint)
        return None
    retired = "retired" in node.entries
    values, valid = reader.values(node, KEYS[RetiredMask if retired else Mask], "a mask")
    if not valid:
        return None
    return Mask(answer=values["retired"], at=values.get("at"), retired=True) if retired else Mask(**values)


def corrected(reader: Reader, node: Node, name: str) -> Correction | None:
    values, valid = reader.values(node, KEYS[Correction], f"`{name}`")
    return Correction(**values) if valid else None


def withdrawn(reader: Reader, node: Node, name: str) -> Withdrawal | None:
    values, valid = reader.values(node, KEYS[Withdrawal], f"`{name}`")
    return Withdrawal(**values) if valid else None


def allow(reader: Reader, node: Node, name: str) -> Mapping[str, str] | None:
    if not isinstance(node, YamlMapping):
        hint = 'write the code that the problem shows in [ ], and why:\nallow:\n  math-not-printed: "why"'
        reader.wrong(node, f"`{name}` should name a code and why it is accepted", hint)
        return None
    strange = [place for code, (place, _) in node.entries.items() if code not in ACCEPTABLE]
    for place in strange:
        known = place in CODES
        message = f"`{place}` cannot be accepted" if known else f"no problem has the code `{place}`"
        likely = did_you_mean(place, ACCEPTABLE, most=3) if not known else ""
        reader.note(place, "bad-allow", message, likely or "these can be accepted: " + ", ".join(ACCEPTABLE))
    if strange:
        return None
    reasons = {code: line(reader, reason, code) for code, (_, reason) in node.entries.items()}
    return {code: reason for code, reason in reasons.items() if reason} if all(reasons.values()) else None


def cards(reader: Reader, node: Node, name: str) -> list[ReadCard] | None:
    """Every card that has the keys its kind requires. Errors in one card do not affect the others."""
    if isinstance(node, Text) and not node and any(problem.code == "yaml-syntax" for problem in reader.problems):
        return []  # its cards were left out when the text was read, and their problems are noted
    entries = _entries(reader, node, name, brackets=False)
    if entries is None:
        return None
    return [read for entry in entries if (read := card(reader, entry)) is not None]


def card(reader: Reader, node: Node) -> ReadCard | None:
    """One card, whose kind follows from its keys."""
    if not isinstance(node, YamlMapping):
        reader.wrong(node, "a card should consist of keys and values", "start it with - id: …")
        return None
    id_ = node.entries.get("id")
    what = "this card"
    if id_ is not None and type(id_[1]) is Text:
        what = f"card {id_[1][:100]}"
        reader.ids.append(id_[1])
    kinds = [kind for kind in _BY_MARK if kind.mark in node.entries]
    if not kinds:
        strange = [place for name, (place, _) in node.entries.items() if name not in _ANY_CARD.keys]
        for place in strange:
            reader.unknown(place, _ANY_CARD, what)
        if not strange:
            hint = "add `answer:`, `options:`, `items:` or `masks:`, or write `cloze:` instead of a question"
            reader.note(node, "no-kind", f"{what} has no answer", hint)
        return None
    if len(kinds) > 1:
        first, second = kinds[:2]
        later = max((node.entries[kind.mark][0] for kind in kinds[:2]), key=lambda place: place.line)
        hint = f"keep one of `{first.mark}` and `{second.mark}`, or make two cards"
        reader.note(later, "two-kinds", f"{what} is {first.called} and {second.called} at once", hint)
        return None
    kind = kinds[0].card
    values, valid = reader.values(node, KEYS[kind], what)
    if not valid and not all(name in values for name in KEYS[kind].required):
        return None
    values["span"] = reader.written.span(node)
    return ReadCard(kind, values, valid)


_BY_MARK = (*KINDS[1:], KINDS[0])
"""The kinds in the order in which they are tried. `answer` is last, because authors also add it to other kinds."""


# --- the table ----------------------------------------------------------------------------------------------


class Reading(NamedTuple):
    """How a shape is read, and what it looks like to an editor."""

    read: Read
    schema: Schema | Callable[[], Schema]
    """A function if it contains the schemas of other shapes."""


_TEXT: Schema = {"type": ["string", "number", "boolean"]}
"""Editors read `12` as a number and `no` as a boolean before they apply the schema; here both are text."""
_WORD: Schema = {"type": "string"}
_DAY: Schema = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d"}
_LINES: Schema = {"type": "array", "items": _TEXT, "minItems": 1}
_SIDES: Schema = {"oneOf": [{"required": ["correct"]}, {"required": ["wrong"]}]}

SHAPES: Mapping[Shape, Reading] = {
    Shape.SLUG: Reading(scalars.slug, {"type": ["string", "integer"], "pattern": f"^{SLUG}$", "maxLength": 100}),
    Shape.LINE: Reading(line, _TEXT),
    Shape.LANGUAGE: Reading(matching(Shape.LANGUAGE, "[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", "bad-language"), _WORD),
    Shape.MARKDOWN: Reading(markdown, _TEXT),
    Shape.FLAG: Reading(scalars.flag, {"type": "boolean"}),
    Shape.REVERSE: Reading(scalars.flag_or_text, {"type": ["boolean", "string"]}),
    Shape.DATE: Reading(scalars.day, _DAY),
    Shape.YEAR: Reading(scalars.year, {"type": "integer", "minimum": 1000, "maximum": 2999}),
    Shape.STATUS: Reading(scalars.status, {"enum": [status.value for status in Status]}),
    Shape.SOURCE_KIND: Reading(choice(SOURCE_KINDS), {"enum": list(SOURCE_KINDS)}),
    Shape.PAPER: Reading(choice(PAPERS), {"enum": list(PAPERS)}),
    Shape.MONTHS: Reading(scalars.months, _WORD),
    Shape.REPORT: Reading(
        matching(Shape.REPORT, r"(https?://|mailto:)[^\s<>\"'\\]+", "bad-address"),
        {"type": "string", "pattern": "^(https?://|mailto:)"},
    ),
    Shape.DOI: Reading(scalars.doi, _WORD),
    Shape.URL: Reading(
        matching(Shape.URL, r"https?://[^\s<>\"'\\{}]+", "bad-address"), {"type": "string", "pattern": "^https?://"}
    ),
    Shape.FILE: Reading(matching(Shape.FILE, r"[^/\\:\s][^/\\:]*", "unsafe-file"), _TEXT),
    Shape.LINES: Reading(each(line, brackets=True), _LINES),
    Shape.TAGS: Reading(each(scalars.tag, brackets=True), _LINES),
    Shape.TOPIC: Reading(scalars.topic, _TEXT),
    Shape.REVIEWED: Reading(scalars.reviewed, _DAY),
    Shape.CITATIONS: Reading(citations, {"anyOf": [_WORD, {"type": "array", "items": _WORD, "minItems": 1}]}),
    Shape.OPTIONS: Reading(
        each(option), lambda: {"type": "array", "items": {**mapping_schema(OptionKeys), **_SIDES}, "minItems": 2}
    ),
    Shape.ITEMS: Reading(
        each(item),
        lambda: {"type": "array", "items": {"anyOf": [_TEXT, mapping_schema(RetiredItem)]}, "minItems": 2},
    ),
    Shape.MASKS: Reading(
        each(mask),
        lambda: {
            "type": "array",
            "items": {"anyOf": [mapping_schema(Mask), mapping_schema(RetiredMask)]},
            "minItems": 1,
        },
    ),
    Shape.BOX: Reading(scalars.box, _WORD),
    Shape.HIDE: Reading(choice(HIDES), {"enum": list(HIDES)}),
    Shape.CORRECTED: Reading(corrected, lambda: mapping_schema(Correction)),
    Shape.WITHDRAWN: Reading(withdrawn, lambda: mapping_schema(Withdrawal)),
    Shape.ALLOW: Reading(
        allow,
        {"type": "object", "propertyNames": {"enum": list(ACCEPTABLE)}, "additionalProperties": {"type": "string"}},
    ),
    Shape.CARDS: Reading(
        cards,
        lambda: {"type": "array", "items": {"oneOf": [mapping_schema(kind.card) for kind in KINDS]}, "minItems": 1},
    ),
}


def mapping_schema(kind: type) -> Schema:
    """The schema of a mapping with the keys that `kind` declares."""
    declared = keys(kind)
    return {
        "type": "object",
        "properties": {key.name: {"description": key.about, **_schema(key.shape)} for key in declared},
        "required": [key.name for key in declared if key.required],
        "additionalProperties": False,
    }


def _schema(shape: Shape) -> Schema:
    schema = SHAPES[shape].schema
    return schema() if callable(schema) else schema


def table(declared: tuple[Key, ...]) -> Table:
    """Declared keys, ready for reading."""
    return Table(
        {key.name: key for key in declared},
        {key.name: SHAPES[key.shape].read for key in declared},
        tuple(key.name for key in declared if key.required),
    )


_CARDS = tuple(kind.card for kind in KINDS)
KEYS: Mapping[type, Table] = {
    kind: table(keys(kind))
    for kind in (
        Settings,
        Source,
        FileKeys,
        *_CARDS,
        OptionKeys,
        RetiredItem,
        Mask,
        RetiredMask,
        Correction,
        Withdrawal,
    )
}
"""The keys of everything that authors write."""
_ANY_CARD = table(tuple({key.name: key for kind in _CARDS for key in keys(kind)}.values()))
