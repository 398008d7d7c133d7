"""How each shape is read, and its JSON Schema: one row per shape, in `SHAPES`.

In: the node after a key. Out: a value for the types of model.py, or None after noting a problem that says how to write
it. Scalars are in scalars.py; lists, mappings and cards are here.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from textwrap import dedent, indent
from typing import Any, NamedTuple, TypeVar, cast

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
    ItemKeys,
    Key,
    Kind,
    Mask,
    Option,
    OptionKeys,
    RetiredMask,
    Settings,
    Shape,
    Source,
    Status,
    Text,
    Withdrawal,
    keys,
)  # fmt: skip
from deckwright.problem import ACCEPTABLE, CODES, LEVELS, TODAY, Fix, Level
from deckwright.reading import scalars
from deckwright.reading.citing import meant
from deckwright.reading.nodes import Mapping as YamlMapping
from deckwright.reading.nodes import Node, Sequence
from deckwright.reading.quoting import MOST_ENTRIES, entries, quote, scalar
from deckwright.reading.scalars import SLUG, choice, line, markdown, matching
from deckwright.reading.values import Read, Reader, Table, Values, did_you_mean, meant_key

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


def _entries(reader: Reader, node: Node, name: str, *, one: bool, brackets: bool) -> list[Node] | None:
    """The entries of a list, one per line; one text alone is allowed only if `one` is true, `[a, b]` only if
    `brackets` is."""
    if one and isinstance(node, Text) and "\n" not in node.strip():
        return [node]
    if not isinstance(node, Sequence):
        reader.wrong(node, f"`{name}` should be a list", _as_list(reader, node, name))
        return None
    if not node.items:
        reader.note(node, "empty-text", f"`{name}` is an empty list", "write its entries, or delete the key")
        return None
    if node.flow:
        close = [entry for entry in node.items if reader.written.line(entry.line)[entry.column - 2] == ","]
        if not brackets or close:
            texts = [entry for entry in node.items if isinstance(entry, Text)]
            shown = [f"  - {text}" for text in texts]
            hint = "\n".join(["write one entry per line, so that a comma stays a comma:", f"{name}:", *shown])
            written = reader.written.line(node.line)[node.column - 1 :].rstrip()
            cited = name == "sources" and all(text.partition(" ")[0] in (reader.citable or ()) for text in texts)
            if cited and not close and re.fullmatch(r"\[[^\[\]#]*\]", written):
                hint = reader.written.listed(node, written, texts, hint)
            reader.note(node, "list-in-brackets", f"in [ ], YAML splits `{name}` at every comma", hint)
            return None
    return node.items


def _as_list(reader: Reader, node: Text | YamlMapping, name: str) -> str:
    """The hint for a list that is written without dashes."""
    if isinstance(node, Text):
        texts = [text.strip(" -") for text in (node.splitlines() if "\n" in node else re.split("[,;]", node))]
        return f"write one entry per line:\n{name}:{entries(filter(None, texts)) or chr(10) + '  - …'}"
    if node.flow:
        return f"write a dash before each entry:\n{name}:\n  - …"
    rewrite = reader.written.with_dashes(node)
    shown = indent(dedent("\n".join(rewrite.lines[:MOST_ENTRIES])), "  ")
    shown += "\n  …" if rewrite.lines[MOST_ENTRIES:] else ""
    return Fix(f"write a dash before each entry:\n{name}:\n{shown}", rewrite)


def each(
    read_one: Callable[[Reader, Node, str], _T | None], *, one: bool = False, brackets: bool = False
) -> _ReadList[_T]:
    """Returns a reader of lists whose entries `read_one` reads. If `one` is true, one text alone is a list of one.
    `[a, b]` is allowed only if `brackets` is true, for entries without commas."""

    def read(reader: Reader, node: Node, name: str) -> tuple[_T, ...] | None:
        found = _entries(reader, node, name, one=one, brackets=brackets)
        if found is None:
            return None
        results = [read_one(reader, entry, name) for entry in found]
        fine = [result for result in results if result is not None]
        return tuple(fine) if len(fine) == len(results) else None

    return read


def citation(reader: Reader, node: Node, name: str) -> Citation | None:
    if isinstance(node, YamlMapping) and len(node.entries) == 1:
        [(id_, (key, place))] = node.entries.items()
        locator = place if isinstance(place, Text) else "…"
        if reader.citable and id_ not in reader.citable:  # `PMID: 22231424`
            _unknown_source(reader, Text(f"{id_}: {locator}", key.line, key.column))
            return None
        hint = f"write the source's id, a space, and the place in it:\n- {id_} {locator}"
        if id_ in (reader.citable or ()):
            hint = reader.written.replaced(key, f"{id_}: {locator}", f"{id_} {locator}", hint)
        reader.wrong(node, "a citation is written without a colon", hint)
        return None
    text = line(reader, node, name)
    if text is None:
        return None
    id_, _, locator = text.partition(" ")
    known = reader.citable  # without any source, one problem for the whole deck says so
    named = [part for part in _WORDS.findall(text) if known and (part in known or _LIKE_AN_ID.fullmatch(part))]
    if known and locator and len(named) > 1 and not known.isdisjoint(named):
        cited = [part.strip() for part in re.split("[,;]", text)]
        if len(cited) == 1 or not all(part.partition(" ")[0] in named for part in cited):
            cited = named
        cited = [part for part in cited if part]
        hint = f"write one source per entry:\n{name}:{entries(cited)}"
        if all(part.partition(" ")[0] in known for part in cited) and " ".join(cited).split() == _WORDS.findall(text):
            hint = reader.written.listed(text, text, cited, hint)
        reader.note(text, "several-sources", f"{quote(text)} names more than one source", hint)
        return None
    if known and id_ not in known:
        _unknown_source(reader, text)
        return None
    if "¶" in locator:
        locator = _PILCROW.sub("para ", locator)
    return Citation(Text(id_, text.line, text.column), locator.strip())


_WORDS = re.compile(r"[^\s,;]+")
_LIKE_AN_ID = re.compile(
    r"(?!(?:tables?|fig(?:ure)?s?|box|appendix|chapter|section|pages?|paras?|pp?|part|item|line)-)"
    r"(?=[^\d\s]+\d)[a-z]{2,}(?:-[a-z0-9]+)+"
)
"""What is probably the id of another source and not a place in this one: `hoy-2012`, but not `table-2`."""


def _unknown_source(reader: Reader, text: Text) -> None:
    """Notes a source that cards/sources.yaml does not have, with the entry to paste there."""
    source = meant(text)
    known = reader.citable or frozenset()
    reader.guesses -= 1
    same = source.id if source.id in known else source.among(reader.sources) if reader.guesses >= 0 else ""
    close = did_you_mean(source.name.rstrip(",;"), known, near=0.8) if reader.guesses >= 0 and not same else ""
    shown_at = reader.described.setdefault(source.id, text.line)
    hint = f"describe it in cards/sources.yaml, as shown for line {shown_at}"
    if same:
        citation = source._replace(id=same).citation
        hint = reader.written.replaced(text, text, citation, f"it is there as `{same}`: write {citation}")
    elif shown_at == text.line:
        hint = f"describe it in cards/sources.yaml (fill in each …):\n{source.entry()}"
    hint = f"{close} If not, {hint}" if close else hint
    if not same and source.citation != text.rstrip(",;"):
        hint += f"\nand write {source.citation} here"
    if ": " in text and source.keys and reader.guesses >= 0:  # `sources: PMID: 22231424` need not be put in quotes
        own = [each for each in reader.problems if each.code == "swallowed-text" and each.span.line == text.line]
        for problem in own:
            reader.problems.remove(problem)
    reader.note(text, "unknown-source", f"there is no source `{source.name}`", hint)


_PILCROW = re.compile(r"¶\s*")


def option(reader: Reader, node: Node, name: str) -> Option | None:
    if not isinstance(node, YamlMapping):
        reader.wrong(node, "this option does not say whether it is correct", _which(node))
        return None
    values, valid = reader.values(node, KEYS[OptionKeys], "an option")
    if not valid:
        return None
    sides = [side for side in ("correct", "wrong") if side in values]
    if len(sides) != 1:
        message = "an option is either `correct` or `wrong`" + (", not both" if sides else "")
        shown = [f"\n  - {side}: {scalar(values[side])}" for side in sides] or ["\n  - wrong: …"]
        shown += [f"\n    why: {scalar(values['why'])}"] if "why" in values else []
        reader.wrong(node, message, "write one option per entry:" + "".join(shown))
        return None
    return Option(values[sides[0]], sides[0] == "correct", values.get("why"))


def _which(node: Node) -> str:
    """The hint for an option that is neither `correct:` nor `wrong:`."""
    if not isinstance(node, Text) or not node.strip():
        return "write `correct:` or `wrong:`, then its text"
    side, _, text = node.partition(" ")
    side = {"right": "correct"}.get(side.casefold(), side.casefold())
    if side in ("correct", "wrong") and text.strip():
        return f"write a colon after `{side}`:\n- {side}: {scalar(text)}"
    return f"write one of the two:\n- correct: {scalar(node)}\n- wrong: {scalar(node)}"


def item(reader: Reader, node: Node, name: str) -> Item | None:
    if isinstance(node, YamlMapping) and len(node.entries) == 1 and not {"item", "retired"} & node.entries.keys():
        hint = reader.written.quoted(node.line, entry=True)
        if not node.entries.keys().isdisjoint(KEYS[ItemKeys].keys):  # `- number: 2` is perhaps not a text
            hint = str(hint)
        reader.note(node, "swallowed-text", "an item should be text, but YAML reads a key in it", hint)
        return None
    if isinstance(node, YamlMapping):
        values, valid = reader.values(node, KEYS[ItemKeys], "an item")
        if not valid:
            return None
        texts = [values[side] for side in ("item", "retired") if side in values]
        if len(texts) != 1:
            message = "an entry is either an `item` or `retired`" + (", not both" if texts else "")
            reader.wrong(node, message, "write one item per entry:\n  - item: …\n    number: 4")
            return None
        return Item(texts[0], "retired" in values, values.get("number", 0))
    text = markdown(reader, node, name)
    return None if text is None else Item(text, retired=False, number=0)


def items(reader: Reader, node: Node, name: str) -> tuple[Item, ...] | None:
    """The items of a list. Those without a number get the free ones in order."""
    entries = _items(reader, node, name)
    if entries is None:
        return None
    numbers = Counter(entry.number for entry in entries if entry.number)
    strange = [entry for entry in entries if numbers[entry.number] > 1 or entry.number > len(entries)]
    for entry in strange:
        message = f"an item cannot have the number {entry.number} here"
        hint = f"the numbers of {len(entries)} items are 1 to {len(entries)}, each once"
        reader.note(entry.text, "bad-number", message, hint)
    if strange:
        return None
    free = iter([number for number in range(1, len(entries) + 1) if number not in numbers])
    return tuple([entry if entry.number else replace(entry, number=next(free)) for entry in entries])


_items = each(item)


def retired_gaps(reader: Reader, node: Node, name: str) -> Mapping[int, Text] | None:
    strange = not isinstance(node, YamlMapping) or [
        gap for gap in node.entries if not re.fullmatch("c[1-9]\\d{0,2}", gap)
    ]
    if strange or not isinstance(node, YamlMapping):
        reader.wrong(node, f"`{name}` should give the number of each gap and its text", f"{name}: {{c2: 12 weeks}}")
        return None
    read = {int(gap[1:]): markdown(reader, text, gap) for gap, (_, text) in node.entries.items()}
    texts = {number: text for number, text in read.items() if text is not None}
    return texts if len(texts) == len(read) else None


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


_DAY_FIRST = re.compile(r"(?:(\d{4}-\d\d-\d\d)[\s,:;]*)?(.*)", re.DOTALL)


def _dated(reader: Reader, node: Node, name: str, key: str, message: str) -> bool:
    """Whether a text is written where a date and a text belong; notes that, with both in their keys."""
    if not isinstance(node, Text) or not node.strip():
        return False
    day, text = cast("re.Match[str]", _DAY_FIRST.fullmatch(node.strip())).groups()  # every part may be empty
    written = f"{name}:\n  on: {day or TODAY}\n  {key}: {scalar(text) if text else '…'}"
    reader.wrong(node, f"`{name}` {message}", f"write the date and the text:\n{written}")
    return True


def corrected(reader: Reader, node: Node, name: str) -> Correction | None:
    if _dated(reader, node, name, "was", "says when a card was corrected and what its wrong answer was"):
        return None
    values, valid = reader.values(node, KEYS[Correction], f"`{name}`")
    return Correction(**values) if valid else None


def withdrawn(reader: Reader, node: Node, name: str) -> Withdrawal | None:
    if _dated(reader, node, name, "reason", "says when a card was withdrawn and why"):
        return None
    values, valid = reader.values(node, KEYS[Withdrawal], f"`{name}`")
    return Withdrawal(**values) if valid else None


def allow(reader: Reader, node: Node, name: str) -> Mapping[str, Text] | None:
    if not isinstance(node, YamlMapping):
        code = node if isinstance(node, Text) and node in ACCEPTABLE else "the-code"
        hint = f'write the code that the problem shows in [ ], and why:\nallow:\n  {code}: "why"'
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


def rules(reader: Reader, node: Node, name: str) -> Mapping[str, Level] | None:
    """The levels that can be read; a rule whose level cannot is off until it is corrected."""
    if not isinstance(node, YamlMapping):
        hint = f"write the code that the problem shows in [ ], and the level:\n{name}:\n  key-longest: off"
        reader.wrong(node, f"`{name}` should name rules and how strictly they are applied", hint)
        return None
    levels: dict[str, Level] = {}
    for code, (place, level) in node.entries.items():
        if code in LEVELS:
            levels[code] = Level(_level(reader, level, code) or Level.OFF)
            continue
        known = place in CODES
        message = f"`{place}` is always applied" if known else f"there is no rule `{place}`"
        likely = did_you_mean(place, LEVELS, most=3) if not known else ""
        reader.note(place, "bad-rule", message, likely or "the rules are: " + ", ".join(LEVELS))
    return levels


_level = choice(Level)


def cards(reader: Reader, node: Node, name: str) -> list[ReadCard] | None:
    """Every card that has the keys its kind requires. Errors in one card do not affect the others."""
    if isinstance(node, Text) and not node and any(problem.code == "yaml-syntax" for problem in reader.problems):
        return []  # its cards were left out when the text was read, and their problems are noted
    found = _entries(reader, node, name, one=False, brackets=False)
    if found is None:
        return None
    return [read for entry in found if (read := card(reader, entry)) is not None]


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
    kinds = [kind for kind in _BY_MARK if kind.mark in node.entries] or _misspelt(node)
    if not kinds:
        for name, (place, _) in node.entries.items():
            if name not in _ANY_CARD.keys:
                reader.unknown(place, _ANY_CARD, what, node)
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


def _misspelt(node: YamlMapping) -> list[Kind]:
    """The kind of a card whose telling key is misspelt; empty if it has none."""
    meant = {meant_key(name, _ANY_CARD) for name in node.entries if name not in _ANY_CARD.keys}
    return [kind for kind in _BY_MARK if kind.mark in meant][:1]


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
_SIDES: Schema = {"oneOf": [{"required": ["correct"]}, {"required": ["wrong"]}]}


def _one_or_more(entry: Schema) -> Schema:
    """The schema of a list in place of which one entry alone may be written."""
    return {"anyOf": [entry, {"type": "array", "items": entry, "minItems": 1}]}


SHAPES: Mapping[Shape, Reading] = {
    Shape.SLUG: Reading(scalars.slug, {"type": ["string", "integer"], "pattern": f"^{SLUG}$", "maxLength": 100}),
    Shape.LINE: Reading(scalars.filled_line, _TEXT),
    Shape.LANGUAGE: Reading(matching(Shape.LANGUAGE, "[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", "bad-language"), _WORD),
    Shape.MARKDOWN: Reading(markdown, _TEXT),
    Shape.FLAG: Reading(scalars.flag, {"type": "boolean"}),
    Shape.REVERSE: Reading(scalars.reverse, {"type": ["boolean", "string"]}),
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
    Shape.PICTURE: Reading(scalars.picture, _TEXT),
    Shape.FILE: Reading(matching(Shape.FILE, r"[^/\\:\s][^/\\:]*", "unsafe-file"), _TEXT),
    Shape.LINES: Reading(each(line, one=True, brackets=True), _one_or_more(_TEXT)),
    Shape.TAGS: Reading(each(scalars.tag, one=True, brackets=True), _one_or_more(_TEXT)),
    Shape.TOPIC: Reading(scalars.topic, _TEXT),
    Shape.REVIEWED: Reading(scalars.reviewed, _DAY),
    Shape.CITATIONS: Reading(each(citation, one=True), _one_or_more(_WORD)),
    Shape.OPTIONS: Reading(
        each(option), lambda: {"type": "array", "items": {**mapping_schema(OptionKeys), **_SIDES}, "minItems": 2}
    ),
    Shape.ITEMS: Reading(
        items,
        lambda: {"type": "array", "items": {"anyOf": [_TEXT, mapping_schema(ItemKeys)]}, "minItems": 2},
    ),
    Shape.NUMBER: Reading(scalars.number, {"type": "integer", "minimum": 1, "maximum": 999}),
    Shape.RETIRED_GAPS: Reading(
        retired_gaps,
        {"type": "object", "propertyNames": {"pattern": r"^c[1-9]\d{0,2}$"}, "additionalProperties": _TEXT},
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
    Shape.RULES: Reading(
        rules,
        {"type": "object", "propertyNames": {"enum": list(LEVELS)}, "additionalProperties": {"enum": list(Level)}},
    ),
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
        ItemKeys,
        Mask,
        RetiredMask,
        Correction,
        Withdrawal,
    )
}
"""The keys of everything that authors write."""
_ANY_CARD = table(tuple({key.name: key for kind in _CARDS for key in keys(kind)}.values()))
