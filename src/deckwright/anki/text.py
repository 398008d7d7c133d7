"""Deck → text files that update notes in place and spare the learner's Personal Notes.

In: a job and a deck's notes. Out: a tab-separated text for each first part of a topic and note type, with the notes of
which learners may have an earlier version. Anki updates them by guid, whatever was edited when, and leaves alone the
fields that are not in the file, the tags and the schedule. Images do not travel in a text, so a note that ever showed
other ones is left out and named.
"""

import csv
from collections.abc import Iterator, Sequence
from io import StringIO

from deckwright.anki.notes import Note, NoteType
from deckwright.anki.notetypes import layouts
from deckwright.formats import File, Job
from deckwright.model import file_name
from deckwright.problem import Problem, Span
from deckwright.release.compare import Edition, Stamped
from deckwright.release.lock import LOCK

SPARED = "Personal Notes"


class TextCorrections:
    """The text files of a deck."""

    def __init__(self, job: Job) -> None:
        self.types = layouts(job.deck.settings)
        self.title = job.deck.settings.title
        self.topics: dict[str, dict[NoteType, list[Note]]] = {}
        self.left_out: dict[str, list[str]] = {}

    def take(self, notes: Sequence[Stamped]) -> None:
        for stamped in notes:
            note = stamped.note
            topic = note.topic.partition("::")[0]
            if stamped.pictures:
                self.left_out.setdefault(topic, []).append(note.fields[note.type.fields.index("Card ID")])
            elif stamped.superseding:
                self.topics.setdefault(topic, {}).setdefault(note.type, []).append(note)

    def finish(self, edition: Edition) -> tuple[list[File], list[Problem]]:
        draft = "-DRAFT" if edition.draft else ""
        files = []
        for topic, by_type in self.topics.items():
            for type_, notes in by_type.items():
                several = f"-{self.types[type_].key}" if len(by_type) > 1 else ""
                about = f"{topic}: {len(notes):,} changed {'note' if len(notes) == 1 else 'notes'}, as text"
                name = f"{file_name(topic)}-text-only-corrections{several}{draft}.txt"
                files.append(File(name, self._text(type_, notes), about))
        return files, [*self._problems()]

    def _text(self, type_: NoteType, notes: Sequence[Note]) -> bytes:
        places = [place for place, name in enumerate(type_.fields) if name != SPARED]
        columns = "\t".join(["guid", "deck", *(type_.fields[place] for place in places)])
        text = StringIO()
        # The note type by its id: learners may have renamed it. The deck is where a note goes that a learner lacks.
        text.write(
            f"#separator:Tab\n#html:true\n#if matches:update current\n#notetype:{self.types[type_].id}\n"
            f"#guid column:1\n#deck column:2\n#columns:{columns}\n"
        )
        rows = csv.writer(text, delimiter="\t", quoting=csv.QUOTE_ALL, lineterminator="\n")
        for note in notes:
            rows.writerow([note.guid, f"{self.title}::{note.deck}", *(note.fields[place] for place in places)])
        return text.getvalue().encode()

    def _problems(self) -> Iterator[Problem]:
        for topic, ids in self.left_out.items():
            message = f"not in the text corrections of {topic!r}, because their pictures changed: {', '.join(ids)}"
            hint = "they reach learners with the .apkg"
            yield Problem(Span(LOCK), "text-without-pictures", message, hint)
