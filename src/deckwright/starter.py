"""A folder's name → the files of a new project: a deck that can be built at once, and settings for editors and Git.

In: the title and the namespace of the deck, and the version of the program. Out: files by their path in the project.
The cards are those of examples/, which docs/cards.md shows; the settings are in templates/project/.
"""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from deckwright.files import DECK, MEDIA, SOURCES
from deckwright.reading.quoting import scalar
from deckwright.reading.schema import FILES, schema_text

SCHEMAS = ".vscode"
"""The folder with the schemas, which tell an editor what may be written."""

_HERE = Path(__file__).parent
_EXAMPLES = _HERE / "examples"
_SETTINGS = _HERE / "templates/project"

_SETTINGS_FILES = {
    ".gitignore": ("gitignore", "what Git leaves out"),
    ".gitattributes": ("gitattributes", "how Git merges, and which line ends it writes"),
    ".vscode/extensions.json": ("vscode/extensions.json", "VS Code: offers the YAML extension"),
    ".vscode/settings.json": ("vscode/settings.json", "VS Code: which schema belongs to which file"),
    ".github/workflows/deck.yaml": ("workflows/deck.yaml", "GitHub: checks and builds the deck"),
    ".pre-commit-config.yaml": ("pre-commit-config.yaml", "pre-commit: checks the deck before each commit"),
}
"""Files that are the same in every project, but for the version of the program: where each is kept, and what it is."""

_DECK = """\
{schema}
# Anki shows the title above all topics, so that topics need not repeat it.
# The title and the namespace cannot change after the first release.
title: {title}
namespace: {namespace}
language: en
"""

_CARDS = """\
{schema}
# A card of every kind, to copy from. Delete this file when you have cards of your own.
"""


class StarterFile(NamedTuple):
    """One file of a new project."""

    path: PurePosixPath
    """From the project's folder."""
    data: bytes
    about: str


def project_files(title: str, namespace: str, version: str, *, cards: bool) -> Iterator[StarterFile]:
    """The files of a new project; with `cards`, also example cards and what they need."""
    deck = _DECK.format(schema=schema_line(DECK, "deck"), title=scalar(title), namespace=namespace)
    yield _file(DECK, deck, "the title of the deck, and its language")
    if cards:
        name = "cards/examples.yaml"
        text = _CARDS.format(schema=schema_line(name, "cards")) + _read(_EXAMPLES / "cards.yaml")
        yield _file(name, text, "a card of every kind")
        text = f"{schema_line(SOURCES, 'sources')}\n{_read(_EXAMPLES / 'sources.yaml')}"
        yield _file(SOURCES, text, "the sources that cards cite")
        for picture in sorted((_EXAMPLES / "media").iterdir()):
            yield StarterFile(PurePosixPath(MEDIA) / picture.name, picture.read_bytes(), "a picture for a card")
    for kind in FILES:
        yield _file(f"{SCHEMAS}/{kind}.schema.json", schema_text(kind), f"tells editors what may be in {_HOLDS[kind]}")
    for path, (kept, about) in _SETTINGS_FILES.items():
        yield _file(path, _read(_SETTINGS / kept).replace("==VERSION", f"=={version}"), about)


_HOLDS = {"cards": "a file of cards", "deck": DECK, "sources": SOURCES}
"""What each schema is for."""


def schema_line(name: str, kind: str) -> str:
    """The comment by which an editor finds the schema of the file `name`, which lies somewhere below cards/."""
    up = "../" * name.count("/")
    return f"# yaml-language-server: $schema={up}{SCHEMAS}/{kind}.schema.json"


def _file(path: str, text: str, about: str) -> StarterFile:
    return StarterFile(PurePosixPath(path), text.encode(), about)


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")
