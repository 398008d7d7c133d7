"""Deck → text files that update notes in place and keep the learner's Personal Notes.

In: a job. Out: a tab-separated text file for each top-level topic and note type, with the notes of which learners may
have an earlier version. Anki finds the notes by their guids and updates them, even if the learner edited them later. It
does not touch the fields that are not in the file, the tags and the schedule. A text file cannot contain images, so a
note whose images ever changed is left out and reported.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from io import StringIO

from deckwright.anki.notes import Note, NoteType
from deckwright.anki.notetypes import Layout, layouts
from deckwright.formats import DeckJob, File, Rendered
from deckwright.model import file_name
from deckwright.problem import Problem, Span
from deckwright.release.lock import LOCK

SPARED = "Personal Notes"


def render(job: DeckJob) -> Rendered:
    """The text files of a deck."""
    topics: dict[str, dict[NoteType, list[Note]]] = {}
    left_out: dict[str, list[str]] = {}
    for dated in job.notes:
        note = dated.note
        topic = note.topic.partition("::")[0]
        if dated.pictures:
            left_out.setdefault(topic, []).append(note.fields[note.type.fields.index("Card ID")])
        elif dated.superseding:
            topics.setdefault(topic, {}).setdefault(note.type, []).append(note)
    types = layouts(job.deck.settings, job.deck.words)
    draft = "-DRAFT" if job.edition.draft else ""
    files = []
    for topic, by_type in topics.items():
        for type_, notes in by_type.items():
            several = f"-{types[type_].key}" if len(by_type) > 1 else ""
            about = f"{topic}: {len(notes):,} changed {'note' if len(notes) == 1 else 'notes'}, as text"
            name = f"{file_name(topic)}-text-only-corrections{several}{draft}.txt"
            files.append(File(name, _text(types[type_], type_, notes, job.deck.settings.title), about))
    return files, [*_problems(left_out)]


def _text(layout: Layout, type_: NoteType, notes: Sequence[Note], title: str) -> bytes:
    """The rows of one note type."""
    places = [place for place, name in enumerate(type_.fields) if name != SPARED]
    columns = "\t".join(["guid", "deck", *(type_.fields[place] for place in places)])
    text = StringIO()
    # The note type is given by id, because learners may have renamed it. The deck is for notes that a learner lacks.
    text.write(
        f"#separator:Tab\n#html:true\n#if matches:update current\n#notetype:{layout.id}\n"
        f"#guid column:1\n#deck column:2\n#columns:{columns}\n"
    )
    rows = csv.writer(text, delimiter="\t", quoting=csv.QUOTE_ALL, lineterminator="\n")
    for note in notes:
        rows.writerow([note.guid, f"{title}::{note.deck}", *(note.fields[place] for place in places)])
    return text.getvalue().encode()


def _problems(left_out: Mapping[str, Sequence[str]]) -> Iterator[Problem]:
    """A problem for each topic that names the cards left out of its text files."""
    for topic, ids in left_out.items():
        message = f"the text corrections of {topic!r} lack cards whose pictures changed: {', '.join(ids)}"
        hint = "learners get these changes from the .apkg"
        yield Problem(Span(LOCK), "text-without-pictures", message, hint)
