"""Files → deck and cards.

In: the files of a project. Out: its settings and sources, the cards of one file at a time, and every problem
found.
"""

import os
import re
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from deckwright.files import DECK, MEDIA, NOT_CARDS, RELEASES, SOURCES, Files
from deckwright.model import CardKind, Deck, FileKeys, Settings, Source, Status, Text
from deckwright.problem import Problem, Span, as_warnings
from deckwright.reading.nodes import Mapping as YamlMapping
from deckwright.reading.nodes import Node
from deckwright.reading.quoting import quote
from deckwright.reading.scalars import slug
from deckwright.reading.shapes import KEYS
from deckwright.reading.values import Reader, Values, slugged
from deckwright.reading.words import load_words
from deckwright.reading.yaml import read


class CardFile(NamedTuple):
    """One file of cards, read."""

    name: str
    topic: Text
    """Empty if the file has no valid topic."""
    ids: tuple[Text, ...]
    """The ids of all its cards, including those with errors."""
    cards: tuple[CardKind, ...]
    """The cards without errors, in the order written."""
    broken: tuple[CardKind, ...]
    """The cards with an error in one of their keys, as far as they can be read."""
    problems: tuple[Problem, ...]

    @property
    def published(self) -> list[CardKind]:
        """Its cards that are not drafts."""
        return [card for card in self.cards if card.status is not Status.DRAFT]


class SourceFile(NamedTuple):
    """cards/sources.yaml, read."""

    sources: Mapping[str, Source]
    """The sources without errors, by id."""
    entries: Mapping[str, tuple[Text, Node]] | None
    """All that is written under each id; None if the file cannot be read."""
    problems: tuple[Problem, ...]


def card_files(files: Files) -> tuple[list[str], list[Problem]]:
    """The names of the card files, and a problem for each file that does not belong in cards/."""
    problems: list[Problem] = []
    names = [name for name in files.names if _holds_cards(name, problems)]
    if not names:
        hint = "put cards in a file such as cards/first-topic.yaml"
        problems.append(Problem(Span("cards"), "no-cards", "no card files found", hint))
    return names, problems


def _holds_cards(name: str, problems: list[Problem]) -> bool:
    if name in NOT_CARDS or name.startswith((MEDIA, RELEASES)):
        return False
    if name.endswith(".yaml"):
        return True
    ending = re.search(r"\.ya?ml\b.*$", name, re.IGNORECASE)
    if ending:
        hint = f"rename it to {name[: ending.start()]}.yaml"
        problems.append(Problem(Span(name), "stray-file", "card files end in .yaml; this file is ignored", hint))
    else:
        hint = "move it out of cards/, or into cards/media/ if it is a picture"
        message = "this is not a card file; it is ignored"
        problems += as_warnings([Problem(Span(name), "stray-file", message, hint)])
    return False


def load_deck(files: Files) -> tuple[Deck, list[Problem]]:
    """What all cards share, and the problems found. If deck.yaml cannot be used, placeholder settings take its place,
    so that the cards are still read. May raise OSError."""
    problems: list[Problem] = []
    settings = _settings(files, problems) or Settings(title=Text("?"), namespace=Text("unknown"))
    sources, citable = _sources(files, problems)
    words = load_words(files, settings, problems)
    media = tuple(name.removeprefix(MEDIA) for name in files.names if name.startswith(MEDIA))
    return Deck(settings, sources, citable, words, media), problems


def _settings(files: Files, problems: list[Problem]) -> Settings | None:
    if DECK not in files.names:
        root = files.root.absolute().resolve()
        title, namespace = proposed(root, sha256(os.fsencode(root)).hexdigest()[:6])
        hint = f"it needs at least:\ntitle: {quote(title)}\nnamespace: {namespace}"
        problems.append(Problem(Span(DECK), "no-deck", "this file is missing", hint))
        return None
    written, node, found = read(DECK, files.read(DECK))
    problems += found
    if node is None and found:
        return None
    values, _ = Reader(written, problems).values(node, KEYS[Settings], "deck.yaml")
    return Settings(**values) if "title" in values and "namespace" in values else None


def proposed(root: Path, tail: str) -> tuple[str, str]:
    """A title and a namespace for a project without them, from the name of its folder. The namespace ends in `tail`,
    which no other deck should have: two decks with the same namespace would overwrite each other's notes."""
    words = re.sub(r"[\W_]+", " ", root.absolute().resolve().name).strip() or "my deck"
    stem = slugged(words)[:40].strip("-") or "deck"
    return words[0].upper() + words[1:], f"{stem}-{tail}"


def _sources(files: Files, problems: list[Problem]) -> tuple[Mapping[str, Source], frozenset[str] | None]:
    file = load_sources(files.read(SOURCES) if SOURCES in files.names else b"")
    problems += file.problems
    return file.sources, None if file.entries is None else frozenset(file.entries)


def load_sources(data: bytes) -> SourceFile:
    """The sources that the bytes of sources.yaml describe. Pure."""
    written, node, found = read(SOURCES, data)
    problems = list(found)
    if node is None:
        return SourceFile({}, None if found else {}, tuple(problems))
    reader = Reader(written, problems)
    if not isinstance(node, YamlMapping):
        reader.wrong(node, "sources.yaml should list each source under its id", "smith-2020:\n  title: …")
        return SourceFile({}, None, tuple(problems))
    sources: dict[str, Source] = {}
    for id_, entry in node.entries.values():
        name = slug(reader, id_, "id")
        values, valid = reader.values(entry, KEYS[Source], f"source {id_}")
        if name is not None and valid:
            sources[id_] = Source(id=id_, **values)
    return SourceFile(sources, node.entries, tuple(problems))


def load_cards(name: str, data: bytes, deck: Deck) -> CardFile:
    """The cards of one file. Pure."""
    problems: list[Problem] = []
    written, node, found = read(name, data)
    problems += found
    reader = Reader(written, problems, deck.citable, deck.sources.values())
    values: Values = {}
    if node is not None or not found:
        values, _ = reader.values(node, KEYS[FileKeys], "a card file")
    topic, shared = values.get("topic", Text("")), values.get("tags", ())
    cards: list[CardKind] = []
    broken: list[CardKind] = []
    for kind, own, valid in values.get("cards", ()):
        if shared:
            own["tags"] = (*shared, *own.get("tags", ()))
        (cards if valid else broken).append(kind(topic=topic, **own))
    return CardFile(name, topic, tuple(reader.ids), tuple(cards), tuple(broken), tuple(problems))
