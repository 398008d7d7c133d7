"""Notes → the bytes of an .apkg. Only this module uses genanki.

In: note types, decks and notes. Out: one reproducible, compressed package in the format that every version of Anki
reads (collection.anki2). genanki writes the collection, its note types and its decks; the rows of notes and cards are
written here, in bulk, because genanki leaves out some cards (nested gaps, `{{c1,2::…}}`) and gives every note the
time of the build.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from errno import EIO
from io import BytesIO
from itertools import count
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryDirectory, gettempdir
from typing import Any
from weakref import finalize
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import genanki

from deckwright.anki.notes import NoteType
from deckwright.anki.notetypes import Layout, stable_id
from deckwright.pictures.media import Medium
from deckwright.release.compare import DatedNote, Edition

COMPRESSION = 1
"""The compression level of zlib. Level 6 takes five times as long and makes a large package a fifth smaller."""

_NOTE_ROW = "INSERT INTO notes VALUES (?, ?, ?, ?, -1, ?, ?, ?, 0, 0, '')"
_CARD_ROW = "INSERT INTO cards VALUES (?, ?, ?, ?, ?, -1, 0, 0, ?, 0, 0, 0, 0, 0, 0, 0, 0, '')"


class _Model(genanki.Model):  # type: ignore[misc]  # genanki is not typed
    """A note type with its own modification time. Its required fields are not computed: Anki has ignored them since
    2.1.28."""

    _req: tuple[Any, ...] = ()
    key = ""
    seconds = 0

    def to_json(self, timestamp: float, deck_id: int) -> dict[str, Any]:
        return dict(super().to_json(self.seconds, deck_id))


class _Deck(genanki.Deck):  # type: ignore[misc]  # genanki is not typed
    """A deck with a description in Markdown."""

    def to_json(self) -> dict[str, Any]:
        return {**super().to_json(), "md": True}


_MACHINE = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_NOMEM)


@contextmanager
def _machine() -> Iterator[None]:
    """Turns SQLite's errors for a full disk and other failures of the machine into OSError. Our own bugs stay as they
    are."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF in _MACHINE:
            raise OSError(EIO, f"the temporary database cannot be written ({error})", gettempdir()) from error
        raise


class Package:
    """A package being built: `add` notes in the order in which they are to be learnt, then take its `bytes`."""

    @_machine()
    def __init__(self, layouts: Mapping[NoteType, Layout], first_id: int) -> None:
        self.notes = 0
        self.models = {type_: _model(layout) for type_, layout in layouts.items()}
        self.decks: dict[str, _Deck] = {}
        self.cards = 0
        self.first_id = first_id
        self.media: dict[str, bytes] = {}
        # A database without a name: SQLite keeps it in memory while it is small, and then in a hidden temporary file.
        self.database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        finalize(self, self.database.close)  # errors in cards end a build before `bytes` is called
        self.database.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA page_size = 4096")
        genanki.Package([]).write_to_db(self.database.cursor(), 0, count())
        indexes = self.database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index'").fetchall()
        self.indexes = [sql for _, sql in indexes]  # creating them after all rows halves the time
        for name, _ in indexes:
            self.database.execute(f"DROP INDEX {name}")
        self.database.execute("BEGIN")

    def deck(self, name: str) -> int:
        """The id of the deck called `name` (parts joined by ::). The deck is created on first use."""
        if name not in self.decks:
            self.decks[name] = _Deck(stable_id(name), name)
        return int(self.decks[name].deck_id)

    @_machine()
    def add(self, notes: Iterable[DatedNote], deck: int, media: Mapping[str, Medium]) -> None:
        """Adds notes that go to one deck, and the media they show."""
        note_rows: list[tuple[object, ...]] = []
        card_rows: list[tuple[object, ...]] = []
        for note, seconds, dated_tags, _, _ in notes:
            note_id = self.first_id + self.notes
            self.notes += 1
            tags = f" {' '.join(dated_tags)} "
            model = self.models[note.type].model_id
            note_rows.append((note_id, note.guid, model, seconds, tags, "\x1f".join(note.fields), note.fields[0]))
            for ordinal in note.ordinals:
                card_rows.append((self.first_id + self.cards, note_id, deck, ordinal, seconds, self.cards + 1))
                self.cards += 1
            for name in note.media:
                self.media[media[name].travels_as] = media[name].data
        self.database.executemany(_NOTE_ROW, note_rows)
        self.database.executemany(_CARD_ROW, card_rows)

    @_machine()
    def append(self, other: "Package") -> None:
        """Adds everything in another package of the same deck."""
        notes = "SELECT id + ?, guid, mid, mod, tags, flds, sfld FROM notes ORDER BY id"
        self.database.executemany(_NOTE_ROW, other.database.execute(notes, (self.notes,)))
        cards = "SELECT id + ?, nid + ?, did, ord, mod, due + ? FROM cards ORDER BY id"
        shifts = (self.cards, self.notes, self.cards)
        self.database.executemany(_CARD_ROW, other.database.execute(cards, shifts))
        self.notes += other.notes
        self.cards += other.cards
        self.decks |= {name: _Deck(deck.deck_id, name) for name, deck in other.decks.items()}
        self.media |= other.media

    @_machine()
    def bytes(self, edition: Edition, description: str) -> bytes:
        """The package, each of its decks with a description in Markdown. Nothing can be added after this."""
        cursor = self.database.cursor()
        decks = list(self.decks.values())
        for model in self.models.values():
            model.seconds = edition.notetypes[model.key]
            decks[0].add_model(model)
        for deck in decks:
            deck.description = description
        decks[0].write_to_db(cursor, edition.seconds, count())
        # For each further deck, genanki would parse and print all decks again. Here each deck is printed once. It is
        # still added in a separate step: the layout of SQLite's pages depends on the steps, and so do the bytes.
        [printed] = cursor.execute("SELECT decks FROM col").fetchone()
        for deck in decks[1:]:
            printed = f'{printed[:-1]}, "{deck.deck_id}": {json.dumps(deck.to_json())}}}'
            cursor.execute("UPDATE col SET decks = ?", (printed,))
        cursor.execute("UPDATE col SET mod = ?", (edition.seconds * 1000,))
        cursor.execute("COMMIT")
        for index in self.indexes:
            cursor.execute(index)
        with TemporaryDirectory(prefix="deckwright-") as folder:
            file = Path(folder, "collection.anki2")
            _copied(self.database, file)
            self.database.close()
            return _zipped(file, self.media)


def _copied(database: sqlite3.Connection, file: Path) -> None:
    """Writes a database to a file, page by page: `serialize` would hold all of a large one in memory, twice.

    SQLite writes into the header how often this file was changed, and by which version of SQLite. The bytes shall not
    depend on that, so these fields get what they are in a database without a name.
    """
    with closing(sqlite3.connect(file, isolation_level=None)) as copy:
        copy.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")
        database.backup(copy)
    [schema] = database.execute("PRAGMA schema_version").fetchone()
    with file.open("r+b") as stream:
        for place, data in ((24, bytes(4)), (40, schema.to_bytes(4, "big")), (92, bytes(8))):
            stream.seek(place)
            stream.write(data)


def _model(layout: Layout) -> _Model:
    model = _Model(
        layout.id,
        layout.name,
        fields=[{"name": field.name, "id": field.id} for field in layout.fields],
        templates=[
            {"name": template.name, "id": template.id, "qfmt": template.front, "afmt": template.back}
            for template in layout.templates
        ],
        css=layout.css,
        model_type=_Model.CLOZE if layout.cloze else _Model.FRONT_BACK,
    )
    model.key = layout.key
    return model


def _zipped(collection: Path, media: Mapping[str, bytes]) -> bytes:
    """A zip without times in it. Media are numbered in the order of their names."""
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED, compresslevel=COMPRESSION) as archive:
        names = dict(enumerate(sorted(media)))
        entry = _entry("collection.anki2")
        entry.file_size = collection.stat().st_size
        entry._compresslevel = COMPRESSION  # type: ignore[attr-defined]  # public from Python 3.13 on
        with collection.open("rb") as source, archive.open(entry, "w") as target:
            copyfileobj(source, target, 1 << 20)
        archive.writestr(_entry("media"), json.dumps(names, ensure_ascii=False), compresslevel=COMPRESSION)
        for number, name in names.items():
            archive.writestr(_entry(str(number)), media[name], compresslevel=COMPRESSION)
    return packed.getvalue()


def _entry(name: str) -> ZipInfo:
    entry = ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    entry.compress_type = ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    entry.create_system = 3  # the same bytes on Windows
    return entry
