"""The whole program: read cards/, check, render, write.

In: a project's folder. Out: what was found and what was written. The only place that writes files; everything is
rendered before the first is renamed into place, so that a failed build leaves the old outputs and a killed one leaves
each file whole.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from deckwright.checks import Seen, check_deck
from deckwright.compile import Part, compiled
from deckwright.formats import FORMATS, File, Job, Medium
from deckwright.load import MEDIA, Files, Folder, card_files, load_deck
from deckwright.model import Deck, file_name
from deckwright.problem import Problem, errors

Progress = Callable[[int, int], None]
"""Told how many files of cards are done, and of how many."""


class Checked(NamedTuple):
    """What a check found."""

    cards: int
    drafts: int
    problems: list[Problem]
    """Sorted by place."""


class Built(NamedTuple):
    """What a build did."""

    problems: list[Problem]
    """Sorted by place."""
    written: list[tuple[Path, File]]
    """Nothing, when there were errors."""
    left: list[Path]
    """Packages of an earlier build that this one does not make any more."""


def check(root: Path, progress: Progress | None = None) -> Checked:
    """Reads and checks the project in `root`. May raise OSError."""
    files, deck, names, problems = _opened(root)
    cards = drafts = 0
    for part in _read(compiled(files, names, deck, None), len(names), deck, problems, progress):
        cards += part.cards
        drafts += part.drafts
    return Checked(cards, drafts, sorted(problems))


def build(root: Path, out: Path, targets: Sequence[str], stamp: datetime, progress: Progress | None = None) -> Built:
    """Builds the project in `root` into the folder `out`, as the formats named in `targets` (else the default ones).

    `stamp` is the time that new and changed notes carry. Writes nothing when there are errors. May raise OSError.
    """
    files, deck, names, problems = _opened(root)
    media = _media(files, deck)
    images = {name: medium.travels_as for name, medium in media.items()}
    parts = compiled(files, names, deck, images)
    # Formats start after the compiling has: the second process works while their libraries are imported.
    job = Job(deck, media, stamp, draft=True)
    chosen = [format_ for name, format_ in FORMATS.items() if name in targets or (not targets and format_.default)]
    outputs = [format_.start(job) for format_ in chosen]
    for part in _read(parts, len(names), deck, problems, progress):
        for output in outputs:
            output.take(part.notes)
    rendered: list[File] = []
    if not errors(problems):
        for output in outputs:
            made, found = output.finish()
            rendered += made
            problems += found
    if errors(problems):
        return Built(sorted(problems), [], [])
    from deckwright.formats import start_here  # Jinja2 is slow to import

    rendered.insert(0, start_here.render(job, rendered))
    written = write(out, rendered)
    left = sorted(set(out.glob("*.apkg")) - {path for path, _ in written}) if not targets else []
    return Built(sorted(problems), written, left)


def _opened(root: Path) -> tuple[Files, Deck, list[str], list[Problem]]:
    """A project's files, what its cards share, the names of its files of cards, and the problems so far."""
    files = Folder(root)
    deck, problems = load_deck(files)
    names, strays = card_files(files)
    return files, deck, names, [*problems, *files.problems, *strays]


def _read(
    parts: Iterator[Part], number: int, deck: Deck, problems: list[Problem], progress: Progress | None
) -> Iterator[Part]:
    """Passes the parts on; `problems` grows by theirs and, at the end, by those of the whole deck."""
    seen: list[Seen] = []
    for part in parts:
        problems += part.problems
        seen.append(part.seen)
        if progress:
            progress(len(seen), number)
        yield part
    problems += check_deck(deck, seen)


def _media(files: Files, deck: Deck) -> dict[str, Medium]:
    """The media files under the names by which they travel: new bytes, new name, since Anki replaces no file."""
    media = {}
    for name in deck.media:
        data = files.read(MEDIA + name)
        stem, dot, ending = name.rpartition(".")
        plain = file_name(stem).encode("ascii", "ignore").decode()[:60].strip("-") or "image"
        media[name] = Medium(f"{plain}-{sha256(data).hexdigest()[:12]}{dot}{ending.lower()}", data)
    return media


def write(out: Path, files: Sequence[File]) -> list[tuple[Path, File]]:
    """Writes all files under other names and then renames them into place. May raise OSError."""
    out.mkdir(parents=True, exist_ok=True)
    waiting: list[tuple[Path, Path]] = []
    try:
        for file in files:
            temporary = out / f".{file.name}.{os.getpid()}.part"
            waiting.append((temporary, out / file.name))
            with temporary.open("wb") as stream:
                stream.write(file.data)
                stream.flush()
                os.fsync(stream.fileno())
        for temporary, final in waiting:
            temporary.replace(final)
    except BaseException:
        for temporary, _ in waiting:
            temporary.unlink(missing_ok=True)
        raise
    return [(final, file) for (_, final), file in zip(waiting, files, strict=True)]
