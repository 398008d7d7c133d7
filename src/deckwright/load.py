"""cards/ → the deck, its cards, and problems.

In: the files of a project. Out: the deck and its cards as written, file by file, and everything in the files that is
not as the declarations in model.py want it. A card with a mistake is left out; nothing is guessed for its author. How a
value is read is in values.py; rules that need more than one key or card are in checks.py.
"""

import os
import re
import unicodedata
from collections.abc import Iterator
from errno import ENOTDIR
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple, Protocol

from deckwright.model import CardKind, Deck, FileKeys, Settings, Source
from deckwright.problem import Problem, Severity, Span
from deckwright.values import KEYS, Reader
from deckwright.yamltext import Mapping as YamlMapping
from deckwright.yamltext import Text, quote, read

DECK = "cards/deck.yaml"
SOURCES = "cards/sources.yaml"
MEDIA = "cards/media/"
RELEASES = "cards/releases/"
FIGURES = "cards/sources.figures"
COVERAGE = "cards/coverage.yaml"
NOT_CARDS = {DECK, SOURCES, COVERAGE, "cards/released.lock", FIGURES}
"""Files directly under cards/ that hold no cards."""


class Files(Protocol):
    """The files under cards/, wherever they come from. Can be pickled."""

    root: Path
    """The project's folder."""
    names: tuple[str, ...]
    """Paths from the project's folder, with forward slashes, sorted."""
    problems: tuple[Problem, ...]
    """What kept a file from being listed."""

    def read(self, name: str) -> bytes:
        """The bytes of one of them. May raise OSError."""

    def size(self, name: str) -> int:
        """How many bytes it has, about. May raise OSError."""


_NAMED_AS_FILE = re.compile(r"\.ya?ml$|^(?:released\.lock|sources\.figures)$", re.IGNORECASE)


class Folder:
    """The files under `root`/cards. No link that leads out of the project is followed. May raise OSError."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.names, self.problems = _listed(root)

    def read(self, name: str) -> bytes:
        return (self.root / name).read_bytes()

    def size(self, name: str) -> int:
        return (self.root / name).stat().st_size


def _listed(root: Path) -> tuple[tuple[str, ...], tuple[Problem, ...]]:
    real_root = root.resolve()
    names: list[str] = []
    problems: list[Problem] = []
    if not (root / "cards").is_dir():
        message = "there is no such folder (a project has its cards in cards/; -C names the project's folder)"
        raise NotADirectoryError(ENOTDIR, message, str(root / "cards"))

    if not _leads_into(root / "cards", real_root):
        hint = "put the folder itself here"
        return (), (Problem(Span("cards"), "link-outside", "this link leads out of the project", hint),)

    def failed(error: OSError) -> None:
        raise error

    for directory, folders, files in os.walk(root / "cards", onerror=failed):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        odd = [name for name in folders if (Path(directory) / name).is_symlink() or _NAMED_AS_FILE.search(name)]
        for name in [*files, *odd]:
            path = Path(directory) / name
            if name.startswith(".") or name in ("Thumbs.db", "desktop.ini"):
                continue
            shown = path.relative_to(root).as_posix()
            if path.is_symlink() and not _leads_into(path, real_root):
                hint = "put the file itself here"
                problems.append(Problem(Span(shown), "link-outside", "this link leads out of the project", hint))
            elif path.is_symlink() and path.is_dir():
                hint = "put the folder itself here"
                problems.append(Problem(Span(shown), "linked-folder", "links to folders are not followed", hint))
            elif path.is_dir():
                message = "this is a folder, named as a file"
                hint = "rename it, so that nobody takes it for a file of cards; files of cards may lie in it"
                problems.append(Problem(Span(shown), "stray-file", message, hint))
            elif not path.is_file():
                hint = "delete it, or put a file here"
                problems.append(Problem(Span(shown), "stray-file", "this is not a file that can be read", hint))
            else:
                names.append(shown)
    return tuple(sorted(names)), tuple(problems)


def _leads_into(link: Path, real_root: Path) -> bool:
    """Whether a link ends within the project. One to itself does; `Path.resolve` would raise, but not from 3.13 on."""
    return Path(os.path.realpath(link)).is_relative_to(real_root)


class CardFile(NamedTuple):
    """One file of cards, read."""

    name: str
    topic: Text
    """Empty when the file has none that can be used."""
    ids: tuple[Text, ...]
    """Of all its cards, those with mistakes too."""
    cards: tuple[CardKind, ...]
    """Those without a mistake, as written in order."""
    broken: tuple[CardKind, ...]
    """Those with a mistake in one of their keys, as far as they can be read."""
    problems: tuple[Problem, ...]


def card_files(files: Files) -> tuple[list[str], list[Problem]]:
    """The names of the files that hold cards, and the strays among the others."""
    problems: list[Problem] = []
    names = [name for name in files.names if _holds_cards(name, problems)]
    if not names:
        hint = "put cards in a file such as cards/first-topic.yaml"
        problems.append(Problem(Span("cards"), "no-cards", "there is no file of cards", hint))
    return names, problems


def _holds_cards(name: str, problems: list[Problem]) -> bool:
    if name in NOT_CARDS or name.startswith((MEDIA, RELEASES)):
        return False
    if name.endswith(".yaml"):
        return True
    ending = re.search(r"\.ya?ml\b.*$", name, re.IGNORECASE)
    if ending:
        hint = f"rename it to {name[: ending.start()]}.yaml"
        problems.append(Problem(Span(name), "stray-file", "card files end in .yaml; this one is not read", hint))
    else:
        hint = "move it out of cards/, or into cards/media/ if it is a picture"
        message = "this is no file of cards; it is not read"
        problems.append(Problem(Span(name), "stray-file", message, hint, Severity.ADVICE))
    return False


def load_files(files: Files, deck: Deck) -> Iterator[CardFile]:
    """Every file of cards, one after the other. May raise OSError."""
    for name in card_files(files)[0]:
        yield load_cards(name, files.read(name), deck)


def load_deck(files: Files) -> tuple[Deck, list[Problem]]:
    """What all cards share. When deck.yaml cannot be used, with settings that stand in for it, so that the cards are
    read all the same. May raise OSError."""
    problems: list[Problem] = []
    settings = _settings(files, problems) or Settings(title=Text("?"), namespace=Text("unknown"))
    sources, citable = _sources(files, problems)
    media = tuple(name.removeprefix(MEDIA) for name in files.names if name.startswith(MEDIA))
    return Deck(settings, sources, citable, media), problems


def _settings(files: Files, problems: list[Problem]) -> Settings | None:
    if DECK not in files.names:
        title, namespace = _proposed(files.root)
        hint = f"it needs at least:\ntitle: {quote(title)}\nnamespace: {namespace}"
        problems.append(Problem(Span(DECK), "no-deck", "this file is missing", hint))
        return None
    written, node, found = read(DECK, files.read(DECK))
    problems += found
    if node is None and found:
        return None
    values = Reader(written, problems).values(node, KEYS[Settings], "deck.yaml")
    return Settings(**values) if values is not None else None


def _proposed(root: Path) -> tuple[str, str]:
    """A title and a namespace for a project that has none, from its folder. The namespace ends in a digest of where the
    folder lies: two decks of one namespace would take each other's notes for their own."""
    path = root.absolute().resolve()
    words = re.sub(r"[\W_]+", " ", path.name).strip() or "my deck"
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].strip("-") or "deck"
    return words[0].upper() + words[1:], f"{stem}-{sha256(os.fsencode(path)).hexdigest()[:6]}"


def _sources(files: Files, problems: list[Problem]) -> tuple[dict[str, Source], frozenset[str] | None]:
    if SOURCES not in files.names:
        return {}, frozenset()
    written, node, found = read(SOURCES, files.read(SOURCES))
    problems += found
    if node is None:
        return {}, None if found else frozenset()
    reader = Reader(written, problems)
    if not isinstance(node, YamlMapping):
        reader.wrong(node, "sources.yaml holds sources by their ids", "smith-2020:\n  title: …")
        return {}, None
    sources: dict[str, Source] = {}
    for id_, entry in node.entries.values():
        name = reader.slug(id_, "id")
        values = reader.values(entry, KEYS[Source], f"source {id_}")
        if name is not None and values is not None:
            sources[id_] = Source(id=id_, **values)
    return sources, frozenset(node.entries)


def load_cards(name: str, data: bytes, deck: Deck) -> CardFile:
    """The cards of one file. Pure."""
    problems: list[Problem] = []
    written, node, found = read(name, data)
    problems += found
    reader = Reader(written, problems, deck.citable)
    if node is not None or not found:
        reader.values(node, KEYS[FileKeys], "a file of cards")
    values = reader.partial
    topic, shared = values.get("topic", Text("")), values.get("tags", ())
    cards: list[CardKind] = []
    broken: list[CardKind] = []
    for kind, own, whole in values.get("cards", ()):
        if shared:
            own["tags"] = (*shared, *own.get("tags", ()))
        (cards if whole else broken).append(kind(topic=topic, **own))
    return CardFile(name, topic, tuple(reader.ids), tuple(cards), tuple(broken), tuple(problems))
