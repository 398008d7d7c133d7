"""deckwright sources: record what the source texts say, and compare the cards with it."""

import sys
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
}


def options(parser: "ArgumentParser") -> None:
    tasks = parser.add_subparsers(title="tasks", metavar="TASK", required=True)
    record, verify, find, report = (
        tasks.add_parser(name, help=about, description=sentence(about)) for name, about in TASKS.items()
    )
    find.add_argument("words", nargs="+", help="the words to find, in any order")
    report.add_argument("--out", metavar="DIR", help="write here instead of build/")
    for task in (record, verify, find):
        task.add_argument(
            "--text", metavar="DIR", required=task is not verify, help="the folder with the texts of the sources"
        )
    for task, does in ((record, _record), (verify, _verify), (find, _find), (report, _report)):
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


def _texts(arguments: "Namespace") -> "Path":
    """The folder with the texts of the sources."""
    folder = Path(arguments.text)
    if not folder.is_dir():
        raise Trouble("this folder does not exist", about=arguments.text)
    return folder
