"""The texts of sources: the record of their figures, changes since the last record, and the search for a passage.

In: a deck, its cards, and the texts of its document sources. Out: a record of every paragraph (a digest and its
figures, not its words), problems, and passages. Paragraph n is the n-th line that is not empty.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from deckwright.files import FIGURES, SOURCES, Files
from deckwright.model import CardKind, Deck
from deckwright.parts import place_of
from deckwright.problem import Problem, Span
from deckwright.sources.quantities import Figure, figures

HEADER = (
    "# deckwright sources.figures 1: figures of each paragraph of the source texts; made by `deckwright sources record`"
)


class Paragraph(NamedTuple):
    """What is recorded of one paragraph."""

    digest: str
    figures: frozenset[Figure]


Record = Mapping[str, Sequence[Paragraph]]
"""Paragraphs by source id, in order; the first is paragraph 1."""


def texts(deck: Deck, folder: Path) -> tuple[dict[str, list[str]], list[Problem]]:
    """The paragraphs of every source whose file is in `folder`, and the texts that cannot be read."""
    found: dict[str, list[str]] = {}
    problems = []
    for source in deck.sources.values():
        if source.file is None:
            continue
        path = folder / source.file
        span = Span(SOURCES, source.file.line, source.file.column)
        if not path.is_file():
            hint = "correct `file:`, or name the folder that holds it: --text DIR"
            problems.append(Problem(span, "missing-text", f"there is no {source.file} in {folder}", hint))
            continue
        try:
            lines = re.split(r"\r\n?|\n", path.read_text(encoding="utf-8-sig"))
        except UnicodeDecodeError:
            problems.append(Problem(span, "bad-encoding", f"{source.file} is not valid UTF-8", "save it as UTF-8"))
            continue
        found[source.id] = [line.strip() for line in lines if line.strip()]
        if not found[source.id]:
            problems.append(Problem(span, "empty-text", f"{source.file} is empty", "restore the text"))
    if not found and not problems:
        hint = "add `file:` to a source in cards/sources.yaml: `kind: document` and `file: text.txt`"
        problems.append(Problem(Span(SOURCES), "missing-text", "no source has a text file", hint))
    return found, problems


def recorded(paragraphs: Mapping[str, Sequence[str]]) -> Record:
    """What is recorded of these texts."""
    return {
        id_: [Paragraph(sha256(text.encode()).hexdigest()[:12], frozenset(figures(text))) for text in of_source]
        for id_, of_source in paragraphs.items()
    }


def written(record: Record) -> bytes:
    """The bytes of cards/sources.figures, one line a paragraph."""
    lines = [HEADER]
    for id_, paragraphs in sorted(record.items()):
        for number, paragraph in enumerate(paragraphs, 1):
            said = "; ".join(sorted(map(str, paragraph.figures)))
            lines.append(f"{id_}\tpara {number}\t{paragraph.digest}\t{said}")
    return "\n".join([*lines, ""]).encode()


_LINE = re.compile(r"([a-z0-9-]+)\tpara ([1-9][0-9]{0,6})\t([0-9a-f]{12})\t([^\t]*)")


def read(files: Files) -> tuple[Record | None, list[Problem]]:
    """The record of a project, and what is wrong with it; None if it has no record, or one that is damaged. May raise
    OSError."""
    if FIGURES not in files.names:
        return None, []
    record: dict[str, list[Paragraph]] = {}
    for number, line in enumerate(files.read(FIGURES).decode(errors="replace").splitlines(), 1):
        match = _LINE.fullmatch(line)
        if match is not None and int(match[2]) == len(record.get(match[1], [])) + 1:
            record.setdefault(match[1], []).append(Paragraph(match[3], frozenset(figures(match[4]))))
        elif line and not line.startswith("#"):
            hint = "record the sources again: deckwright sources record --text DIR"
            merged = line.startswith("<<<<<<<")
            message = "a merge by Git left two versions here" if merged else "this line was edited or damaged"
            return None, [Problem(Span(FIGURES, number), "figures-corrupt", message, hint)]
    return record, []


class Known(NamedTuple):
    """What sources are known to say."""

    record: Record
    listed: Mapping[str, frozenset[Figure]]
    """The figures under `figures:` in cards/sources.yaml, by source id."""


def known(deck: Deck, record: Record) -> Known:
    """What the sources of a deck are known to say."""
    listed = {
        id_: frozenset(figure for text in source.figures for figure in figures(text))
        for id_, source in deck.sources.items()
    }
    return Known(record, listed)


def changed(deck: Deck, old: Record, new: Record, cards: Iterable[CardKind]) -> Iterator[Problem]:
    """What changed in the texts since they were recorded: a problem on each card that cites a changed, moved or removed
    paragraph, and one on the source for the other paragraphs. Texts that were not recorded before, or cannot be read
    now, are left out."""
    hint = "check it, then record the sources again: deckwright sources record --text DIR"
    fates = {id_: _fates(paragraphs, new[id_]) for id_, paragraphs in old.items() if id_ in new}
    told: set[tuple[str, int]] = set()
    for card in cards:
        for citation in card.sources:
            cited = citation.source
            for number in paragraph_numbers(citation.locator):
                fate = fates.get(cited, {}).get(number)
                if fate:
                    told.add((cited, number))
                    at = place_of(card, citation.source)
                    yield Problem(at, "text-changed", f"{cited} para {number} {fate}: card {card.id} cites it", hint)
    for id_, of_source in fates.items():
        others = [str(number) for number in sorted(of_source) if (id_, number) not in told]
        if others:
            file = deck.sources[id_].file
            at = Span(SOURCES, *((file.line, file.column) if file else ()))
            yield Problem(at, "text-changed", f"{id_} changed since it was recorded, in para {', '.join(others)}", hint)


def _fates(old: Sequence[Paragraph], new: Sequence[Paragraph]) -> dict[int, str]:
    """What happened to each paragraph that changed, by number."""
    moved: dict[str, list[int]] = {}
    for place, paragraph in enumerate(new, 1):
        if place > len(old) or old[place - 1].digest != paragraph.digest:
            moved.setdefault(paragraph.digest, []).append(place)
    found = {}
    for number in range(1, max(len(old), len(new)) + 1):
        before = old[number - 1].digest if number <= len(old) else None
        if before is None:
            found[number] = "is new"
        elif number > len(new) or new[number - 1].digest != before:
            went = "changed since it was recorded" if number <= len(new) else "is gone"
            nearest = min(moved.get(before, ()), key=lambda place: abs(place - number), default=None)
            found[number] = f"is now para {nearest}" if nearest else went
    return found


class Place(NamedTuple):
    """A paragraph that was found."""

    citation: str
    passage: str
    missing: tuple[str, ...]
    """The words that are not in it."""


CLOSEST = 5
"""How many paragraphs are shown if none contains all the words."""


def found(paragraphs: Mapping[str, Sequence[str]], words: str) -> list[Place]:
    """The paragraphs that contain all of the words. If there are none, the few that contain the most of them; of these,
    the words that were given first count more."""
    wanted = words.casefold().split()
    places = []
    for id_, of_source in paragraphs.items():
        for number, text in enumerate(of_source, 1):
            missing = tuple(word for word in wanted if word not in text.casefold())
            if len(missing) < len(wanted):
                held = next(word for word in wanted if word not in missing)
                places.append(Place(f"{id_} para {number}", _passage(text, held), missing))
    places.sort(key=lambda place: (len(place.missing), *(word in place.missing for word in wanted)))
    return [place for place in places if not place.missing] or places[:CLOSEST]


def _passage(text: str, word: str) -> str:
    """The text around a word: about 160 characters, in whole words."""
    at = text.casefold().index(word)
    start = text.rfind(" ", 0, at - 60) + 1 if at > 60 else 0
    end = text.find(" ", at + 100)
    return f"{'…' if start else ''}{text[start : end if end > 0 else None]}{'…' if end > 0 else ''}"


def paragraph_numbers(locator: str) -> list[int]:
    """The numbers of the paragraphs in a locator such as `para 28` or `para 28, 43`; empty if it names none."""
    match = re.fullmatch(r"para (\d{1,6}(?:(?:,| and) ?\d{1,6})*)", locator)
    return [int(number) for number in re.findall(r"\d+", match[1])] if match else []
