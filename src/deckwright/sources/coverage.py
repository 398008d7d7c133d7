"""cards/coverage.yaml: what of the source texts is on no card, and why.

In: the file, the cards, and the record of the source texts. Out: its entries, and problems: paragraphs that are neither
on a card nor excused, and entries that excuse what is on one or what does not exist.
"""

import re
from collections.abc import Container, Iterator, Mapping, Sequence
from typing import NamedTuple

from deckwright.files import COVERAGE, Files
from deckwright.model import Text
from deckwright.problem import Problem, Span
from deckwright.reading.nodes import Mapping as YamlMapping
from deckwright.reading.nodes import Node
from deckwright.reading.nodes import Sequence as YamlSequence
from deckwright.reading.yaml import read as read_yaml
from deckwright.sources.texts import Record, paragraph_numbers

REASONS = {
    "noise": "nothing about the subject: navigation, advertising, a person",
    "duplicate": "said in another paragraph, which `of:` cites",
    "unsafe": "would harm whoever follows it",
    "unsupported": "no evidence for it was found",
    "vague": "nothing that can be asked and answered in one way",
}
"""Why a paragraph of a source, or a statement in it, is on no card."""

KEYS = ("para", "reason", "statement", "of", "note")


class Excused(NamedTuple):
    """One entry."""

    at: Span
    source: str
    paragraph: int
    reason: str
    statement: str
    """What is on no card, in the author's words; empty where it is the whole paragraph."""
    of: str
    """Cites the paragraph that says the same."""
    note: str


def read(files: Files) -> tuple[list[Excused], list[Problem]]:
    """The entries, by source a list of `para` and `reason`, with `statement:` where only that is on no card, `of:` for
    a duplicate, and `note:`; and what is wrong with them."""
    if COVERAGE not in files.names:
        return [], []
    _, node, problems = read_yaml(COVERAGE, files.read(COVERAGE))
    found: list[Excused] = []

    def wrong(at: Node | Text, message: str, source: str = "source-id") -> None:
        hint = f"write:\n{source}:\n  - para: 3\n    reason: noise\nreasons are: {', '.join(REASONS)}"
        problems.append(Problem(Span(COVERAGE, at.line, at.column), "bad-coverage", message, hint))

    if isinstance(node, YamlSequence) or (isinstance(node, Text) and node):
        wrong(node, "it holds the sources' ids, each with a list of paragraphs")
    for source, entries in node.entries.values() if isinstance(node, YamlMapping) else ():
        if not isinstance(entries, YamlSequence):
            wrong(source, f"{source} holds a list of paragraphs", source)
            continue
        for entry in entries.items:
            values = entry.entries if isinstance(entry, YamlMapping) else {}
            texts = {key: value for key, (_, value) in values.items() if isinstance(value, Text)}
            para, reason, statement, of, note = map(texts.get, KEYS)
            unknown = [repr(key) for key in values if key not in KEYS]
            bare = [key for key in values if key in KEYS and not (texts.get(key))]
            if unknown:
                wrong(entry, f"{', '.join(unknown)} is no key: an entry has {', '.join(KEYS)}", source)
            elif bare:
                wrong(entry, f"`{bare[0]}:` is followed by a text", source)
            elif para is None or reason is None:
                wrong(entry, "an entry has `para:` and `reason:`", source)
            elif not re.fullmatch(r"[1-9]\d{0,5}", para):
                wrong(para, f"`para:` is the paragraph's number, not {para!r}", source)
            elif reason not in REASONS:
                wrong(reason, f"{reason!r} is no reason", source)
            elif (reason == "duplicate") != (of is not None):
                wrong(reason, "a duplicate, and nothing else, has `of:`, the paragraph that says the same", source)
            elif of is not None and not paragraph_numbers(of.partition(" ")[2]):
                wrong(entry, f"`of:` cites a paragraph: of: {source} para 2", source)
            else:
                more = [value if value else "" for value in (statement, of, note)]
                at = Span(COVERAGE, entry.line, entry.column)
                found.append(Excused(at, source, int(para), reason, *more))
    return found, problems


def uncovered(files: Files, record: Record, cited: Mapping[tuple[str, int], str]) -> list[Problem]:
    """What is wrong with the file, and paragraphs on no card and not in it; nothing where there is no such file.
    `cited` has the paragraphs that cards cite, each with one of them. May raise OSError."""
    if COVERAGE not in files.names:
        return []
    excused, found = read(files)
    return found or [*_gaps(record, cited, excused)]


def still_open(
    record: Record, cited: Container[tuple[str, int]], excused: Sequence[Excused]
) -> Iterator[tuple[str, int]]:
    """The paragraphs that are neither cited nor, as a whole, excused, by source id and number."""
    whole = {(entry.source, entry.paragraph) for entry in excused if not entry.statement}
    for id_, paragraphs in record.items():
        for number in range(1, len(paragraphs) + 1):
            if (id_, number) not in cited and (id_, number) not in whole:
                yield id_, number


def _gaps(record: Record, cited: Mapping[tuple[str, int], str], excused: Sequence[Excused]) -> Iterator[Problem]:
    """Paragraphs neither cited nor excused; entries for what is on a card, or does not exist."""

    def exists(source: str, number: int) -> bool:
        return 1 <= number <= len(record.get(source, ()))

    for entry in excused:
        card_id = cited.get((entry.source, entry.paragraph))
        other, _, locator = entry.of.partition(" ")
        if entry.source not in record:
            message, hint = "is of no recorded source", f"recorded are: {', '.join(sorted(record))}"
        elif not exists(entry.source, entry.paragraph):
            message, hint = "does not exist", "delete the entry, or record the sources anew"
        elif card_id and not entry.statement:
            message = f"is on card {card_id}"
            hint = "delete the entry, or say in `statement:` which of its statements is on no card"
        elif entry.of == f"{entry.source} para {entry.paragraph}":
            message, hint = "is no duplicate of itself", "cite the other paragraph"
        elif entry.of and not all(exists(other, number) for number in paragraph_numbers(locator)):
            message, hint = f"is a duplicate of {entry.of}, which does not exist", "cite the other paragraph"
        else:
            continue
        yield Problem(entry.at, "bad-coverage", f"{entry.source} para {entry.paragraph} {message}", hint)
    for id_, number in still_open(record, cited, excused):
        hint = f"cite it on a card ({id_} para {number}), or say in {COVERAGE} why not"
        yield Problem(Span(COVERAGE), "paragraph-open", f"{id_} para {number} is on no card", hint)
