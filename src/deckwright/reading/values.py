"""A mapping → values, read by the declaration of its keys.

In: the nodes of one file. Out: values for the types of model.py; whatever does not fit becomes a problem that says how
to write it. How each shape is read is in shapes.py.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from deckwright.model import KINDS, Key, Source, Text, keys
from deckwright.problem import Problem
from deckwright.reading.nodes import Mapping as YamlMapping
from deckwright.reading.nodes import Node
from deckwright.reading.nodes import Source as Written

CLEAR = 0.8
"""How alike two names are, from 0 to 1, if a program may put one in place of the other."""

Values = dict[str, Any]
Read = Callable[["Reader", Node, str], Any]
"""Reads the node after a key, given the key's name. Returns None after noting a problem."""


class Table(NamedTuple):
    """The keys of one kind of mapping, ready for reading."""

    keys: Mapping[str, Key]
    readers: Mapping[str, Read]
    required: tuple[str, ...]


class Reader:
    """What is shared while the nodes of one file are read: its problems, and the sources that cards may cite."""

    def __init__(
        self,
        written: Written,
        problems: list[Problem],
        citable: frozenset[str] | None = None,
        sources: Iterable[Source] = (),
    ) -> None:
        self.written = written
        self.problems = problems
        self.citable = citable
        self.sources = sources
        self.described: dict[str, int] = {}  # sources that are to be described, each with the line that shows how
        self.ids: list[Text] = []
        self.guesses = 20  # each guess is compared with every name; thousands would take minutes

    def note(self, node: Node, code: str, message: str, hint: str = "") -> None:
        self.problems.append(Problem(self.written.span(node), code, message, hint))

    def wrong(self, node: Node, message: str, hint: str = "") -> None:
        self.note(node, "wrong-shape", message, hint)

    def values(self, node: Node | None, table: Table, what: str) -> tuple[Values, bool]:
        """The values of a mapping by key, as far as they can be read, and whether the mapping is valid: every key is
        known and can be read, and no required key is missing."""
        if not isinstance(node, YamlMapping):
            place = node if node is not None else Text("")
            hint = "write each on a line of its own: " + ", ".join(f"{name}:" for name in list(table.keys)[:4]) + " …"
            self.wrong(place, f"{what} should consist of keys and values", hint)
            return {}, False
        values: Values = {}
        valid = True
        readers = table.readers
        misspelt: set[str] = set()
        for name, (place, value) in node.entries.items():
            read = readers.get(name)
            if read is None:
                valid = False
                meant = self.unknown(place, table, what, node)
                if meant not in table.required or meant in node.entries or meant in misspelt:
                    continue
                misspelt.add(meant)
                name, read = meant, readers[meant]
            result = read(self, value, name)
            if result is None:
                valid = False
            else:
                values[name] = result
        for name in table.required:
            if name not in node.entries and name not in misspelt:
                hint = self._proposed(node, name) or f"… ({table.keys[name].shape.value})"
                self.note(node, "missing-key", f"{what} has no `{name}`", f"add {name}: {hint}")
                valid = False
        return values, valid

    def unknown(self, place: Text, table: Table, what: str, node: YamlMapping) -> str:
        """Notes a key of `node` that does not exist here. Returns the key that its author meant; empty if that is not
        clear."""
        kinds = _kinds_with(place) if "id" in table.keys else []
        meant = "" if kinds else meant_key(place, table)
        hint = f"did you mean `{meant}`?" if meant else "the keys are: " + ", ".join(table.keys)
        if meant and self._is_clear(place, meant, table, node):
            hint = self.written.replaced(place, place, meant, hint)
        if kinds:
            hint = f"it belongs to {' or '.join(kinds)}"
        self.note(place, "unknown-key", f"{what} has no key `{place}`", hint)
        return meant

    def _is_clear(self, place: Text, meant: str, table: Table, node: YamlMapping) -> bool:
        """Whether a key can only be another that its author misspelt: they are very alike, and neither that one nor
        another misspelling of it is there."""
        others = [name for name in node.entries if name not in table.keys and name != place]
        if meant in node.entries or len(others) > len(table.keys):
            return False
        alike = place == "right" or close_to(place, [meant], near=CLEAR)
        return bool(alike) and all(meant_key(other, table) != meant for other in others)

    def _proposed(self, node: YamlMapping, name: str) -> str:
        """A value for a missing key, in the author's own words; empty if there is none."""
        if name == "topic":
            path = self.written.file.removeprefix("cards/").removesuffix(".yaml")
            words = [re.sub(r"[\W_]+", " ", part).strip() for part in path.split("/")]
            return "::".join(part[0].upper() + part[1:] for part in words if part)
        if name == "id":
            values = [node.entries[key][1] for key in ("question", "cloze") if key in node.entries]
            asked = [value for value in values if isinstance(value, Text)]
            return slugged(" ".join(" ".join(asked).split()[:5]))
        return ""


def meant_key(name: str, table: Table) -> str:
    """The key of a table that somebody meant who wrote `name`; empty if that is not clear."""
    if name == "right" and "correct" in table.keys:
        return "correct"
    return next(iter(close_to(name, table.keys)), "")


def _kinds_with(name: str) -> list[str]:
    """The names of the kinds of cards that have this key."""
    return [kind.called for kind in KINDS if any(key.name == name for key in keys(kind.card))]


def plain(text: str) -> str:
    """A text in small letters without accents, as far as that is possible: `Übungen` gives `ubungen`."""
    return unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()


def slugged(text: str) -> str:
    """A text as an id; empty if an id may have none of its characters. Letters lose their accents."""
    plain = unicodedata.normalize("NFKD", text.lower().translate(_LATIN))
    letters = "".join(character for character in plain if not unicodedata.combining(character))
    return re.sub(r"[^a-z0-9]+", "-", letters).strip("-")[:100].rstrip("-")


_LATIN = str.maketrans({"æ": "ae", "œ": "oe", "ø": "o", "ß": "ss", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})
"""Letters that are not an ASCII letter with an accent."""


def close_to(name: str, known: Iterable[str], *, near: float = 0.6, most: int = 1) -> list[str]:
    """Those of some names in lower case that are spelt almost like `name`, the closest first."""
    from difflib import get_close_matches  # slow to import, and only needed after a typing error

    return get_close_matches(name.casefold(), list(known), most, near)


def did_you_mean(name: str, known: Iterable[str], *, near: float = 0.6, most: int = 1) -> str:
    """A question that names what is spelt almost like `name`; empty if nothing is."""
    close = close_to(name, known, near=near, most=most)
    return f"did you mean {' or '.join(f'`{match}`' for match in close)}?" if close else ""
