"""deckwright sources: record what the source texts say, compare the cards with it, and add sources."""

import re
import sys
from argparse import ArgumentTypeError
from pathlib import Path
from typing import TYPE_CHECKING

from deckwright.commands import folders, sentence
from deckwright.problem import Trouble
from deckwright.terminal import counted, now, print_problems, print_written, safe

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


TASKS = {
    "record": "record the quantities in every paragraph of the texts, in cards/sources.figures",
    "verify": "check the citations and quantities on cards; with --text, also whether the texts changed",
    "find": "print the citations of paragraphs that contain the given words",
    "report": "write build/sources.html, which lists every paragraph and source with its cards",
    "add": "add sources to cards/sources.yaml, from files of a reference manager or by hand",
}


def options(parser: "ArgumentParser") -> None:
    from deckwright.model import SOURCE_KINDS

    tasks = parser.add_subparsers(title="tasks", metavar="TASK", required=True)
    record, verify, find, report, add = (
        tasks.add_parser(name, help=about, description=sentence(about)) for name, about in TASKS.items()
    )
    find.add_argument("words", nargs="+", help="the words to find, in any order")
    report.add_argument("--out", metavar="DIR", help="write here instead of build/")
    for task in (record, verify, find):
        task.add_argument(
            "--text", metavar="DIR", required=task is not verify, help="the folder with the texts of the sources"
        )
    add.add_argument(
        "what",
        nargs="+",
        metavar="WHAT",
        help="files exported as BibTeX (.bib), RIS (.ris), PubMed (.nbib, .txt) or CSL-JSON (.json); or one DOI, "
        "PubMed number, ISBN or web address",
    )
    add.add_argument("--title", help="the title; needed with a DOI, PMID, ISBN or URL, because nothing is looked up")
    add.add_argument("--authors", help="the authors, short, or the body: 'Hoy D, et al.'")
    add.add_argument("--short", help="the journal, or the title in a few words")
    add.add_argument("--year", type=_year, help="the year of publication")
    add.add_argument(
        "--kind", choices=SOURCE_KINDS, help="what sort of source it is; without it, taken from its type and title"
    )
    functions = {record: _record, verify: _verify, find: _find, report: _report, add: _add}
    for task, does in functions.items():
        task.set_defaults(task=does)


def run(arguments: "Namespace") -> int:
    """Runs the task that was typed."""
    code: int = arguments.task(arguments)
    return code


def _record(arguments: "Namespace") -> int:
    from deckwright.sources import tasks

    problems, paragraphs = tasks.record(Path(arguments.root), _texts(arguments))
    errors = print_problems(problems, sys.stderr, Path(arguments.root))
    print(f"{counted(paragraphs, 'paragraph')} recorded" if not errors else "nothing was recorded")
    return 1 if errors else 0


def _verify(arguments: "Namespace") -> int:
    from deckwright.sources import tasks

    root = Path(arguments.root)
    texts = _texts(arguments) if arguments.text else None
    errors = print_problems(tasks.verify(root, texts), sys.stdout, root)
    print(counted(errors, "error"))
    return 1 if errors else 0


def _find(arguments: "Namespace") -> int:
    from deckwright.sources import tasks

    places, problems = tasks.find(Path(arguments.root), _texts(arguments), " ".join(arguments.words))
    for place in places:
        without = f"  (without {', '.join(place.missing)})" if place.missing else ""
        print(safe(f"{place.citation}{without}\n    {place.passage}"))
    if not places and not problems:
        print("no paragraph contains any of these words", file=sys.stderr)
    return 1 if print_problems(problems, sys.stderr, Path(arguments.root)) or not places else 0


def _report(arguments: "Namespace") -> int:
    from deckwright.sources import tasks

    root, out = folders(arguments)
    print_written(tasks.report(root, out, now()))
    return 0


def _year(typed: str) -> str:
    if not re.fullmatch(r"[12][0-9]{3}", typed):
        raise ArgumentTypeError(f"{typed!r} is not a year")
    return typed


def _add(arguments: "Namespace") -> int:
    from deckwright.sources import tasks

    by_hand = {name: getattr(arguments, name) or "" for name in ("title", "authors", "short", "year")}
    found = tasks.works(arguments.what, by_hand)
    added = tasks.add(Path(arguments.root), found, arguments.kind or "")
    if print_problems(added.problems, sys.stderr, Path(arguments.root)):
        print("nothing was added")
        return 1
    for title, id_ in added.there:
        print(safe(f"{id_} is there already: {title}"))
    for id_, keys in added.entries.items():
        print(safe(f"{id_}: {keys['title']} ({keys['kind']})"))
    if added.unsure:
        about = "if you know what sort of source they are, change `kind: document` of"
        print(safe(f"{about} {', '.join(added.unsure)}"), file=sys.stderr)
    print(f"{counted(len(added.entries), 'source')} added to cards/sources.yaml")
    return 0


def _texts(arguments: "Namespace") -> "Path":
    """The folder with the texts of the sources."""
    folder = Path(arguments.text)
    if not folder.is_dir():
        raise Trouble("this folder does not exist", about=arguments.text)
    return folder
