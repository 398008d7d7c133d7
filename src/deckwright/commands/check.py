"""deckwright check: show every error and warning, for people or programs, fix some, or list cards to look at."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from deckwright.problem import Trouble, errors
from deckwright.terminal import UNCOLOURED, Progress, coloured, counted, dated, now, print_problems, safe, today

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from deckwright.problem import Problem
    from deckwright.project import Checked

FORMATS = ("text", "json", "github")


def options(parser: "ArgumentParser") -> None:
    from deckwright.checks.lists import LISTS

    parser.add_argument(
        "--format", choices=FORMATS, default="text", help="for a person, for a program, or for a workflow on GitHub"
    )
    parser.add_argument("--fix", action="store_true", help="fix what a program can, and show what was changed")
    parser.add_argument("--strict", action="store_true", help="end with 1 after warnings as well")
    parser.add_argument("--list", choices=tuple(LISTS), help="list the cards of this kind instead")


def run(arguments: "Namespace") -> int:
    from deckwright import project

    if arguments.fix and (arguments.list or arguments.format != "text"):
        raise Trouble("--fix cannot be combined with --list or --format")
    if arguments.list:
        return _list(arguments)
    root = Path(arguments.root)
    if arguments.fix:
        _fix(root)
    with Progress() as progress:
        checked = project.check(root, now(), progress)
    found = len(errors(checked.problems))
    failed = bool(checked.problems if arguments.strict else found)
    if arguments.format == "text":
        print_problems(checked.problems, sys.stdout, root)
    else:
        print(_reported(list(dated(checked.problems)), root, arguments.format))
    print(_summary(checked, found), file=sys.stderr if arguments.format == "json" else sys.stdout)
    if failed and not found:
        print("with --strict, warnings count as errors", file=sys.stderr)
    fixable = any(problem.rewrite for problem in checked.problems)
    if fixable and arguments.format == "text" and not arguments.fix:
        print("to fix what a program can fix: deckwright check --fix", file=sys.stderr)
    if fixable and arguments.fix:
        print("fixes that would make something else wrong are left to you", file=sys.stderr)
    if not failed:
        print(_next(checked), file=sys.stderr)
    return 1 if failed else 0


def _fix(root: Path) -> None:
    """Fixes what a program can fix, and prints the differences."""
    from deckwright.edit import save_all
    from deckwright.fixing import repaired

    files = repaired(root)
    if not files:
        print("there is nothing that a program can fix")
        return
    save_all(root, [(file.name, file.before, file.after) for file in files])
    marks = {"+": "\x1b[32m", "-": "\x1b[31m", "@": "\x1b[36m"} if coloured(sys.stdout) else {}
    for file in files:
        for line in file.difference():
            mark = marks.get(line[:1], "")
            print(f"{mark}{safe(line)}{mark and UNCOLOURED}")
    fixed = sum(len(file.problems) for file in files)
    print(f"{counted(fixed, 'problem')} fixed in {counted(len(files), 'file')}")


def _reported(problems: "list[Problem]", root: Path, form: str) -> str:
    """The problems for a program."""
    from deckwright.reports import Places, as_github, as_json

    if form == "json":
        return as_json(problems, Places(root))
    top = os.environ.get("GITHUB_WORKSPACE") or "."
    return as_github(problems, os.path.relpath(root, top))


def _summary(checked: "Checked", errors: int) -> str:
    """How many cards, errors, warnings and drafts there are."""
    warnings = len(checked.problems) - errors
    parts = [counted(checked.cards, "card"), counted(errors, "error")]
    parts += [counted(warnings, "warning")] if warnings else []
    parts += [counted(checked.drafts, "draft")] if checked.drafts else []
    return ", ".join(parts)


def _next(checked: "Checked") -> str:
    """What to do when there are no errors."""
    if checked.cards == checked.drafts:
        return "next: remove `status: draft` from the cards that are ready, then: deckwright build"
    return "next: deckwright build"


def _list(arguments: "Namespace") -> int:
    from deckwright import project

    cards = project.listed(Path(arguments.root), arguments.list, today())
    for card in cards:
        print(safe(str(card)))
    print(f"{counted(len(cards), 'card')} {arguments.list}")
    return 0
