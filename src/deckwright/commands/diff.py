"""deckwright diff: show what the next release changes for learners."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from deckwright.terminal import coloured, now, print_problems, safe

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def options(parser: "ArgumentParser") -> None:
    parser.add_argument(
        "revision", nargs="?", metavar="REV", help="compare with this Git revision instead of the last release"
    )
    parser.add_argument("--json", action="store_true", help="print JSON for other programs")


def run(arguments: "Namespace") -> int:
    from deckwright.release import changes, diff

    root = Path(arguments.root)
    difference = changes.difference(root, now(), arguments.revision)
    errors = print_problems(difference.problems, sys.stderr, root)
    if difference.outcome is None:
        return 1
    if arguments.json:
        value = diff.as_json(difference.outcome, *difference.said, difference.against)
        print(json.dumps(value, ensure_ascii=False))
        return 1 if errors else 0
    marks = diff.COLOURED if coloured(sys.stdout) else diff.PLAIN
    for line in diff.lines(difference.outcome, *difference.said, marks=marks, shown=safe):
        print(line)
    return 1 if errors else 0
