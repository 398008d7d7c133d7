"""Deck → Anki packages: one for each first part of a topic, and one of everything.

In: a job. Out: the .apkg files. What a note holds is decided in notes.py, what a card looks like in templates/.
"""

from collections.abc import Mapping
from hashlib import sha256

from deckwright.formats import File, Job, Rendered
from deckwright.formats.anki.notetypes import layouts
from deckwright.formats.anki.package import Package
from deckwright.model import CardKind, Settings, file_name
from deckwright.notes import Note, Notes

AT_ONCE = 1000
"""Notes held in memory at a time."""

DISCLAIMER = "For education; no substitute for clinical judgement."


def render(job: Job) -> Rendered:
    """The packages of a deck. The one of everything comes last, and only when there is more than one topic."""
    settings = job.deck.settings
    types = layouts(settings)
    first_id = _first_id(settings)
    notes = Notes(job.deck, {name: medium.travels_as for name, medium in job.media.items()})
    topics = _by_first_part(job.deck.cards)
    whole = Package(types, job.stamp, first_id) if len(topics) > 1 else None
    files = []
    for topic, cards in topics.items():
        package = Package(types, job.stamp, first_id)
        for start in range(0, len(cards), AT_ONCE):
            made = [notes.note(card) for card in cards[start : start + AT_ONCE]]
            for target in (package, whole):
                if target is not None:
                    target.add([(note, target.deck(*_deck(note, job))) for note in made], job.media)
        files.append(File(_file_name(topic, job), package.bytes(), _about(topic, cards)))
    if whole is not None:
        title = settings.title.text
        files.append(File(_file_name(f"{title}-complete", job), whole.bytes(), _about(title, job.deck.cards)))
    return files, []


def _by_first_part(cards: tuple[CardKind, ...]) -> Mapping[str, list[CardKind]]:
    """Cards by the first part of their topic, withdrawn ones last: a new learner meets them after all others."""
    topics: dict[str, list[CardKind]] = {}
    for card in sorted(cards, key=lambda card: card.withdrawn is not None):
        topics.setdefault(card.topic.text.partition("::")[0], []).append(card)
    return topics


def _deck(note: Note, job: Job) -> tuple[str, str]:
    """Name and description of the deck that a note goes to when it is new to a learner."""
    title = job.deck.settings.title.text.replace("::", ":")
    return f"{title}::{'Withdrawn' if note.withdrawn else note.topic}", _description(job)


def _description(job: Job) -> str:
    """Markdown, shown in Anki when the deck is opened."""
    settings = job.deck.settings
    draft = "**DRAFT**: not released. To study or share: `deckwright release`.\n\n" if job.draft else ""
    words = [f"**{settings.title.text}**."]
    if settings.authors:
        words.append("By " + ", ".join(author.text for author in settings.authors) + ".")
    if settings.license:
        words.append(f"Licence: {settings.license.text}.")
    return f"{draft}{' '.join(words)} {DISCLAIMER}"


def _file_name(title: str, job: Job) -> str:
    return f"{file_name(title)}{'-DRAFT' if job.draft else ''}.apkg"


def _about(title: str, cards: list[CardKind] | tuple[CardKind, ...]) -> str:
    return f"{title}: {len(cards)} {'note' if len(cards) == 1 else 'notes'}"


def _first_id(settings: Settings) -> int:
    """Ids of notes and cards count up from here: milliseconds of some day in 2014 to 2020, as Anki's ids are, by
    namespace, so that two decks rarely meet. They mean nothing: Anki finds a note by its guid."""
    digest = sha256(settings.namespace.text.encode()).digest()
    return 1_400_000_000_000 + int.from_bytes(digest[:8], "big") % 200_000_000_000
