"""Deck → Anki packages: one for each top-level topic, and one of everything.

In: a job. Out: the .apkg files. notes.py decides what a note contains, templates/ what a card looks like.
"""

from hashlib import sha256
from itertools import groupby

from deckwright.anki.apkg import Package
from deckwright.anki.notetypes import layouts
from deckwright.formats import DeckJob, File, Rendered
from deckwright.markup.html import as_written
from deckwright.model import Settings, complete_name, file_name
from deckwright.release.compare import DatedNote, Edition
from deckwright.words import Words

LARGE = 10_000
"""With at least this many notes, packing in threads is faster."""


def render(job: DeckJob) -> Rendered:
    """The packages of a deck. The package of everything comes last, and only if there is more than one topic."""
    settings = job.deck.settings
    types = layouts(settings, job.deck.words)
    topics: dict[str, Package] = {}
    # Withdrawn notes come last, so that new learners meet them after all others.
    living = [dated for dated in job.notes if not dated.note.withdrawn]
    for topic, of_topic in groupby([*living, *(dated for dated in job.notes if dated.note.withdrawn)], key=_first_part):
        if topic not in topics:
            topics[topic] = Package(types, _first_id(settings))
        package = topics[topic]
        for name, of_deck in groupby(of_topic, key=lambda dated: dated.note.deck):
            package.add(of_deck, package.deck(f"{settings.title}::{name}"), job.media)
    packages = {file_name(topic): (topic, package) for topic, package in topics.items()}
    if len(packages) > 1:
        everything = Package(types, _first_id(settings))
        for package in topics.values():
            everything.append(package)
        packages[complete_name(settings.title)] = (str(settings.title), everything)
    draft = "-DRAFT" if job.edition.draft else ""
    description = _description(settings, job.deck.words, job.edition)
    contents = _all_bytes([package for _, package in packages.values()], job.edition, description)
    return [
        File(
            f"{name}{draft}.apkg", data, job.deck.words.say("about_package", title=title, cards=_counted(package, job))
        )
        for (name, (title, package)), data in zip(packages.items(), contents, strict=True)
    ], []


def _all_bytes(packages: list[Package], edition: Edition, description: str) -> list[bytes]:
    """The bytes of every package. SQLite and zlib let other threads run, so large packages are packed in parallel."""
    if sum(package.notes for package in packages) < LARGE:
        return [package.bytes(edition, description) for package in packages]
    from concurrent.futures import ThreadPoolExecutor  # slow to import

    with ThreadPoolExecutor(2) as pool:  # the last package is the largest, so it starts first
        return [*pool.map(lambda package: package.bytes(edition, description), reversed(packages))][::-1]


def _counted(package: Package, job: DeckJob) -> str:
    return job.deck.words.count("cards", package.cards)


def _first_part(dated: DatedNote) -> str:
    return dated.note.topic.partition("::")[0]


def _description(settings: Settings, words: Words, edition: Edition) -> str:
    """The description in Markdown, which Anki shows when the deck is opened."""
    parts = [f"**{as_written(settings.title)}**."]
    if settings.authors:
        parts.append(words.say("by_authors", authors=", ".join(as_written(author) for author in settings.authors)))
    if settings.license:
        parts.append(words.say("licence_is", licence=as_written(settings.license)))
    if settings.notice:
        parts.append(f"**{as_written(settings.notice)}**")
    parts.append(words["for_education"])
    return (f"{words['draft_package']}\n\n" if edition.draft else "") + " ".join(parts)


def _first_id(settings: Settings) -> int:
    """The number from which the ids of notes and cards count up. Like Anki's own ids it is a time in milliseconds, here
    between 2014 and 2020. It follows from the namespace, so that the ids of two decks rarely collide. The ids have no
    meaning: Anki finds a note by its guid."""
    digest = sha256(settings.namespace.encode()).digest()
    return 1_400_000_000_000 + int.from_bytes(digest[:8], "big") % 200_000_000_000
