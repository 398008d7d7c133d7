"""deckwright check: show every error and warning, or list cards to look at. It writes nothing."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from deckwright.terminal import Progress, counted, now, print_problems, safe

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from deckwright.project import Checked


def options(parser: "ArgumentParser") -> None:
    from deckwright.checks.lists import LISTS

    parser.add_argument("--list", choices=tuple(LISTS), help="list the cards of this kind instead")


def run(arguments: "Namespace") -> int:
    from deckwright import project

    if arguments.list:
        return _list(arguments)
    with Progress() as progress:
        checked = project.check(Path(arguments.root), now(), progress)
    errors = print_problems(checked.problems, sys.stdout)
    print(_summary(checked, errors))
    if not errors:
        print(_next(checked), file=sys.stderr)
    return 1 if errors else 0


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

    cards = project.listed(Path(arguments.root), arguments.list, datetime.fromtimestamp(now(), UTC).date())
    for card in cards:
        print(safe(str(card)))
    print(f"{counted(len(cards), 'card')} {arguments.list}")
    return 0
