"""cards/coverage.yaml: which parts of the source texts are on no card, and why.

In: the file, the cards, and the record of the source texts. Out: its entries, and problems: paragraphs that are neither
on a card nor excused, and entries for paragraphs that are on a card or do not exist.
"""

import re
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from deckwright.files import COVERAGE, Files
from deckwright.model import Shape, Text, key, keys
from deckwright.problem import Problem, Span
from deckwright.reading.nodes import Mapping as YamlMapping
from deckwright.reading.nodes import Node
from deckwright.reading.nodes import Sequence as YamlSequence
from deckwright.reading.shapes import table
from deckwright.reading.values import Reader
from deckwright.reading.yaml import read as read_yaml
from deckwright.sources.texts import Record, paragraph_numbers

REASONS = {
    "noise": "nothing about the subject: navigation, advertising, a person",
    "duplicate": "another paragraph, cited in `of:`, says the same",
    "unsafe": "would harm people who follow it",
    "unsupported": "no evidence for it was found",
    "vague": "cannot be made into a question with one answer",
}
"""Why a paragraph of a source, or a statement in it, is on no card."""


@dataclass(frozen=True, kw_only=True)
class EntryKeys:
    """The keys of an entry."""

    para: Text = key(Shape.LINE, "The paragraph's number.", "3")
    reason: Text = key(Shape.LINE, "Why it is on no card.", "noise")
    statement: Text = key(Shape.MARKDOWN, "The statement that is on no card, if not all are.", default=Text(""))
    of: Text = key(Shape.LINE, "The paragraph that says the same.", "origin para 2", default=Text(""))
    note: Text = key(Shape.MARKDOWN, "Anything a reviewer should know.", default=Text(""))


_ENTRY = table(keys(EntryKeys))


class Excused(NamedTuple):
    """One entry."""

    at: Span
    source: str
    paragraph: int
    reason: str
    statement: str
    """The statement that is on no card, in the author's words; empty for the whole paragraph."""
    of: str
    """The citation of the paragraph that says the same."""
    note: str


def read(files: Files) -> tuple[list[Excused], list[Problem]]:
    """The entries of the file, and what is wrong with them. Each source has a list of entries with `para:`, `reason:`,
    and, if needed, `statement:`, `of:` and `note:`."""
    if COVERAGE not in files.names:
        return [], []
    source, node, problems = read_yaml(COVERAGE, files.read(COVERAGE))
    wrong: list[Problem] = []
    reader = Reader(source, wrong)
    found = [*_entries(reader, node)]
    return found, problems + [problem._replace(code="bad-coverage") for problem in wrong]


def _entries(reader: Reader, node: Node | None) -> Iterator[Excused]:
    """The valid entries of the file; problems of the others go to the reader."""
    if isinstance(node, YamlSequence) or (isinstance(node, Text) and node):
        reader.wrong(node, "the file must list paragraphs by source id", _example("source-id"))
    for id_, listed in node.entries.values() if isinstance(node, YamlMapping) else ():
        if not isinstance(listed, YamlSequence):
            reader.wrong(id_, f"{id_} must hold a list of paragraphs", _example(id_))
            continue
        for entry in listed.items:
            values, whole = reader.values(entry, _ENTRY, "an entry")
            if whole and _fits(reader, id_, written := EntryKeys(**values)):
                at = reader.written.span(entry)
                more = (written.reason, written.statement, written.of, written.note)
                yield Excused(at, id_, int(written.para), *more)


def _fits(reader: Reader, source: str, written: EntryKeys) -> bool:
    """Whether the values of an entry are valid and fit together."""
    if not re.fullmatch(r"[1-9]\d{0,5}", written.para):
        at, message = written.para, f"`para:` needs the number of a paragraph, not {str(written.para)!r}"
    elif written.reason not in REASONS:
        at, message = written.reason, f"{str(written.reason)!r} is not a reason"
    elif (written.reason == "duplicate") != bool(written.of):
        at = written.reason
        message = "`of:` is missing: it cites the paragraph that says the same"
        if written.of:
            message = "`of:` is only for duplicates"
    elif written.of and not paragraph_numbers(written.of.partition(" ")[2]):
        at, message = written.of, f"`of:` must cite a paragraph: of: {source} para 2"
    else:
        return True
    reader.wrong(at, message, _example(source))
    return False


def _example(source: str) -> str:
    return f"write:\n{source}:\n  - para: 3\n    reason: noise\nthe reasons are: {', '.join(REASONS)}"


def uncovered(files: Files, record: Record, cited: Mapping[tuple[str, int], str]) -> list[Problem]:
    """What is wrong with the file, and the paragraphs that are neither on a card nor in it; empty if there is no such
    file. `cited` maps each paragraph that cards cite to one of these cards. May raise OSError."""
    if COVERAGE not in files.names:
        return []
    excused, found = read(files)
    return found or [*_gaps(record, cited, excused)]


def still_open(
    record: Record, cited: Container[tuple[str, int]], excused: Sequence[Excused]
) -> Iterator[tuple[str, int]]:
    """The paragraphs that are neither cited nor excused as a whole, by source id and number."""
    whole = {(entry.source, entry.paragraph) for entry in excused if not entry.statement}
    for id_, paragraphs in record.items():
        for number in range(1, len(paragraphs) + 1):
            if (id_, number) not in cited and (id_, number) not in whole:
                yield id_, number


def _gaps(record: Record, cited: Mapping[tuple[str, int], str], excused: Sequence[Excused]) -> Iterator[Problem]:
    """Paragraphs that are neither cited nor excused; entries for paragraphs that are on a card or do not exist."""

    def exists(source: str, number: int) -> bool:
        return 1 <= number <= len(record.get(source, ()))

    for entry in excused:
        card_id = cited.get((entry.source, entry.paragraph))
        other, _, locator = entry.of.partition(" ")
        if entry.source not in record:
            message, hint = "is not in a recorded source", f"the recorded sources are: {', '.join(sorted(record))}"
        elif not exists(entry.source, entry.paragraph):
            message, hint = "does not exist", "delete the entry, or record the sources again"
        elif card_id and not entry.statement:
            message = f"is on card {card_id}"
            hint = "delete the entry, or say in `statement:` which of its statements is on no card"
        elif entry.of == f"{entry.source} para {entry.paragraph}":
            message, hint = "cannot be a duplicate of itself", "cite the other paragraph"
        elif entry.of and not all(exists(other, number) for number in paragraph_numbers(locator)):
            message, hint = f"is a duplicate of {entry.of}, which does not exist", "cite the other paragraph"
        else:
            continue
        yield Problem(entry.at, "bad-coverage", f"{entry.source} para {entry.paragraph} {message}", hint)
    for id_, number in still_open(record, cited, excused):
        hint = f"cite it on a card ({id_} para {number}), or give the reason in {COVERAGE}"
        yield Problem(Span(COVERAGE), "paragraph-open", f"{id_} para {number} is on no card", hint)
