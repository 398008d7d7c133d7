"""Deck → text files that update notes in place and keep the learner's Personal Notes.

In: a job. Out: a tab-separated text file for each package, with the notes of which learners may have an earlier one;
learners import the one that belongs to their package. Anki finds the notes by their guids and updates them, even if the
learner edited them later. It does not touch Personal Notes, the tags and the schedule. A text file cannot contain
images, so a note whose images ever changed is left out and reported. So is one with a reverse question of its own.
"""

import csv
from collections.abc import Sequence
from io import StringIO

from deckwright.anki.notes import Note, NoteType
from deckwright.anki.notetypes import layouts
from deckwright.formats import DeckJob, File, Rendered
from deckwright.model import complete_name, file_name
from deckwright.problem import Problem, Span
from deckwright.release.compare import DatedNote
from deckwright.release.lock import LOCK

SPARED = "Personal Notes"
"""Where a file has several note types, Anki fills the fields of a note in order. So a row ends before this one."""


def render(job: DeckJob) -> Rendered:
    """The text files of a deck: one for each top-level topic, and one of everything if there are several topics."""
    changed = [dated for dated in job.notes if dated.superseding]
    texts = [dated.note for dated in changed if _travels(dated)]
    topics = list(dict.fromkeys(_topic(dated.note) for dated in job.notes))
    files = {file_name(topic): [note for note in texts if _topic(note) == topic] for topic in topics}
    if len(topics) > 1:
        files[complete_name(job.deck.settings.title)] = texts
    draft = "-DRAFT" if job.edition.draft else ""
    left_out = [_id(dated.note) for dated in changed if not _travels(dated)]
    return [
        File(
            f"{name}-text-only-corrections{draft}.txt",
            _text(job, notes),
            job.deck.words.count("changed_notes_as_text", len(notes)),
        )
        for name, notes in files.items()
        if notes
    ], _problems(left_out)


def _travels(dated: DatedNote) -> bool:
    """Whether a text can bring all that may have changed."""
    return not dated.pictures and not any(dated.note.fields[dated.note.type.fields.index(SPARED) :])


def _topic(note: Note) -> str:
    return note.topic.partition("::")[0]


def _id(note: Note) -> str:
    return note.fields[note.type.fields.index("Card ID")]


def _text(job: DeckJob, notes: Sequence[Note]) -> bytes:
    """One row for each note. Anki takes as many columns as the names say, even if the first row is short."""
    types = layouts(job.deck.settings, job.deck.words)
    longest = max(type_.fields.index(SPARED) for type_ in NoteType)
    names = ["guid", "deck", "notetype", *(f"field {place}" for place in range(1, longest + 1))]
    text = StringIO()
    # The note type is given by id, because learners may have renamed it. The deck is for notes that a learner lacks.
    text.write(
        "#separator:Tab\n#html:true\n#if matches:update current\n"
        "#guid column:1\n#deck column:2\n#notetype column:3\n#columns:" + "\t".join(names) + "\n"
    )
    rows = csv.writer(text, delimiter="\t", quoting=csv.QUOTE_ALL, lineterminator="\n")
    for note in notes:
        fields = note.fields[: note.type.fields.index(SPARED)]
        rows.writerow([note.guid, f"{job.deck.settings.title}::{note.deck}", types[note.type].id, *fields])
    return text.getvalue().encode()


def _problems(left_out: Sequence[str]) -> list[Problem]:
    """A problem that names the cards left out."""
    if not left_out:
        return []
    message = f"the text corrections lack these cards: {', '.join(left_out)}"
    return [Problem(Span(LOCK), "text-without-pictures", message, _NOT_TEXT)]


_NOT_TEXT = "a text cannot bring a changed picture, or a reverse question; learners get these changes from the .apkg"
