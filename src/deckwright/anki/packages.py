"""Deck → Anki packages: one for each first part of a topic, and one of everything.

In: a job and a deck's notes. Out: the .apkg files. What a note holds is decided in notes.py, what a card looks like in
templates/.
"""

from collections.abc import Sequence
from hashlib import sha256
from itertools import groupby

from deckwright.anki.apkg import Package
from deckwright.anki.notetypes import layouts
from deckwright.formats import File, Job
from deckwright.markup.html import as_written
from deckwright.model import Settings, complete_name, file_name
from deckwright.problem import Problem
from deckwright.release.compare import Edition, Stamped

DISCLAIMER = "For education; no substitute for clinical judgement."

LARGE = 10_000
"""Notes from which on packing in threads pays."""


class AnkiPackages:
    """The packages of a deck. The one of everything comes last, and only when there is more than one topic."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.types = layouts(job.deck.settings)
        self.title = job.deck.settings.title
        self.topics: dict[str, Package] = {}
        self.withdrawn: list[Stamped] = []

    def package(self) -> Package:
        return Package(self.types, _first_id(self.job.deck.settings))

    def take(self, notes: Sequence[Stamped]) -> None:
        """Withdrawn notes wait for the end: who is new to the deck meets them after all others."""
        self.withdrawn += [stamped for stamped in notes if stamped.note.withdrawn]
        self.add([stamped for stamped in notes if not stamped.note.withdrawn])

    def add(self, notes: Sequence[Stamped]) -> None:
        """Adds notes to the packages of their topics."""
        for topic, of_topic in groupby(notes, key=_first_part):
            if topic not in self.topics:
                self.topics[topic] = self.package()
            package = self.topics[topic]
            for name, of_deck in groupby(of_topic, key=lambda stamped: stamped.note.deck):
                package.add(of_deck, package.deck(f"{self.title}::{name}"), self.job.media)

    def finish(self, edition: Edition) -> tuple[list[File], list[Problem]]:
        self.add(self.withdrawn)
        packages = {file_name(topic): (topic, package) for topic, package in self.topics.items()}
        if len(packages) > 1:
            whole = self.package()
            for package in self.topics.values():
                whole.append(package)
            packages[complete_name(self.title)] = (self.title, whole)
        draft = "-DRAFT" if edition.draft else ""
        description = _description(self.job.deck.settings, edition)
        made = _all_bytes([package for _, package in packages.values()], edition, description)
        return [
            File(f"{name}{draft}.apkg", data, f"{title}: {_counted(package)}")
            for (name, (title, package)), data in zip(packages.items(), made, strict=True)
        ], []


def _all_bytes(packages: list[Package], edition: Edition, description: str) -> list[bytes]:
    """The bytes of every package. SQLite and zlib let other threads run, so large ones are packed side by side."""
    if sum(package.notes for package in packages) < LARGE:
        return [package.bytes(edition, description) for package in packages]
    from concurrent.futures import ThreadPoolExecutor  # slow to import

    with ThreadPoolExecutor(2) as pool:  # the last is the largest, and should start first
        return [*pool.map(lambda package: package.bytes(edition, description), reversed(packages))][::-1]


def _counted(package: Package) -> str:
    return f"{package.cards:,} {'card' if package.cards == 1 else 'cards'}"


def _first_part(stamped: Stamped) -> str:
    return stamped.note.topic.partition("::")[0]


def _description(settings: Settings, edition: Edition) -> str:
    """Markdown, shown in Anki when the deck is opened."""
    draft = (
        "**DRAFT**: for looking at, not released. To study or share: deckwright release.\n\n" if edition.draft else ""
    )
    words = [f"**{as_written(settings.title)}**."]
    if settings.authors:
        words.append("By " + ", ".join(as_written(author) for author in settings.authors) + ".")
    if settings.license:
        words.append(f"Licence: {as_written(settings.license)}.")
    if settings.notice:
        words.append(f"**{as_written(settings.notice)}**")
    return f"{draft}{' '.join(words)} {DISCLAIMER}"


def _first_id(settings: Settings) -> int:
    """Ids of notes and cards count up from here: milliseconds of some day in 2014 to 2020, as Anki's ids are, by
    namespace, so that two decks rarely meet. They mean nothing: Anki finds a note by its guid."""
    digest = sha256(settings.namespace.encode()).digest()
    return 1_400_000_000_000 + int.from_bytes(digest[:8], "big") % 200_000_000_000
