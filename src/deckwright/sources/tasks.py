"""The `sources` commands: record what the source texts say, check cards against the record, find a passage, report, add
sources.

In: the folder of a project, and the folder of the texts or files of bibliographies. Out: problems, passages, written
files. quantities.py defines a figure, checks/support.py checks whether sources support it.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from deckwright.checks import support
from deckwright.edit import add_sources, save
from deckwright.files import FIGURES, SOURCES, Folder
from deckwright.formats import File
from deckwright.problem import Problem, Span, Trouble, as_errors, as_warnings, errors
from deckwright.project import Held, Project
from deckwright.reading.cards import load_sources
from deckwright.sources import bibliography, coverage
from deckwright.sources import texts as sources
from deckwright.sources.adding import Additions, additions, described
from deckwright.sources.bibliography.work import Read
from deckwright.write import write


def find(root: Path, folder: Path, words: str) -> tuple[list[sources.Place], list[Problem]]:
    """The paragraphs that contain the words, and the texts that could not be read. May raise OSError."""
    project = Project.open(Folder(root))
    paragraphs, problems = sources.texts(project.deck, folder)
    return sources.found(paragraphs, words), errors(project.deck_problems) or problems


def record(root: Path, folder: Path) -> tuple[list[Problem], int]:
    """Writes cards/sources.figures from the texts in `folder`. Returns problems and the number of paragraphs. If there
    are errors, nothing was written; warnings name what changed since the last record. May raise OSError."""
    project = Project.open(Folder(root))
    paragraphs, found = sources.texts(project.deck, folder)
    problems = [*errors(project.deck_problems), *found]
    if not problems:
        record = sources.recorded(paragraphs)
        changes = sources.changed(project.deck, project.record or {}, record, Held.compiled(project, notes=False).cards)
        problems = [problem._replace(hint="") for problem in as_warnings(changes)]
        data = sources.written(record)
        write([(root / "cards", [File(Path(FIGURES).name, data, "the figures of the source texts")])])
    return sorted(problems), sum(map(len, paragraphs.values()))


def verify(root: Path, folder: Path | None) -> list[Problem]:
    """Compares the cards with the record of the source texts and, if a folder is given, the record with its texts.
    Every problem is an error here. May raise OSError."""
    project = Project.open(Folder(root))
    deck, record = project.deck, project.record or {}
    held = Held.compiled(project, notes=False)
    problems = errors([*project.deck_problems, *project.files.problems])
    problems += project.record_problems or _against(held, record)
    if folder is not None:
        paragraphs, found = sources.texts(deck, folder)
        problems += [*found, *sources.changed(deck, record, sources.recorded(paragraphs), held.cards)]
    return sorted(as_errors(problems))


def report(root: Path, out: Path, now: int) -> list[tuple[Path, File]]:
    """Writes the page on the sources of a deck; `now` is in seconds since 1970. May raise OSError."""
    from deckwright.sources import report as sources_report  # Jinja2 is slow to import

    project = Project.open(Folder(root))
    excused, _ = coverage.read(project.files)
    today = datetime.fromtimestamp(now, UTC).date()
    cards = Held.compiled(project, notes=False).cards
    return write([(out, [sources_report.report(project.deck, cards, project.record or {}, excused, today)])])


def works(what: Sequence[str], by_hand: Mapping[str, str]) -> Read:
    """The works in the files named in `what`, or the one that it names itself, with its `title`, `authors`, `short` and
    `year`. May raise OSError, or Trouble: it can be neither."""
    files = [name for name in what if bibliography.ending(name) in bibliography.FORMATS and "://" not in name]
    if len(files) < len(what):
        return Read([described(what, by_hand)], [])
    if any(by_hand.values()):
        raise Trouble("a title and the like describe one DOI, PubMed number, ISBN or web address, not a file")
    found = [bibliography.read(Path(name)) for name in files]
    return Read([work for read in found for work in read.works], [each for read in found for each in read.problems])


def add(root: Path, found: Read, kind: str = "") -> Additions:
    """Adds works to cards/sources.yaml, unless they are there. `kind` is the kind of all of them, if somebody says so.
    If there are problems, nothing was written. May raise OSError, or Trouble: somebody else is writing."""
    files = Folder(root)
    there = files.read(SOURCES) if SOURCES in files.names else None
    data = there or b""
    before = load_sources(data)
    new = additions(found.works, before.sources.values(), before.entries or (), kind)
    problems = [*(problem for problem in files.problems if problem.span.file == SOURCES), *before.problems]
    problems += sorted([*found.problems, *new.problems])
    if new.entries and not problems:
        edit = add_sources(data, new.entries)
        problems += edit.problems
        if edit.data is not None and not problems:
            save(root, SOURCES, there, edit.data)
    return new._replace(problems=tuple(problems))


def _against(held: Held, record: sources.Record) -> list[Problem]:
    """Figures on cards that their recorded sources do not support, and, if there is a coverage.yaml, paragraphs on no
    card. If a text is not recorded yet, only this is reported. May raise OSError."""
    deck, missing = held.project.deck, []
    for source in deck.sources.values():
        if source.file is not None and source.id not in record:
            at = Span(SOURCES, source.file.line, source.file.column)
            message = f"the text of {source.id} is not recorded yet"
            missing.append(Problem(at, "not-recorded", message, "run: deckwright sources record --text DIR"))
    if missing:
        return missing
    published = [card for file in held.files for card in file.file.published]
    found = [*support.verify(published, sources.known(deck, record))]
    wrong = errors([problem for file in held.files for problem in file.file.problems])
    if wrong:
        return [*found, *wrong]  # the citations of a card with errors are not known
    return [*found, *coverage.uncovered(held.project.files, record, support.cited(published))]
