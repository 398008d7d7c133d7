"""deckwright build: check the cards and write the outputs."""

import sys
from typing import TYPE_CHECKING

from deckwright.commands import folders
from deckwright.problem import Trouble
from deckwright.terminal import Progress, counted, now, print_gone, print_problems, print_written

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from deckwright.release.compare import Outcome


def options(parser: "ArgumentParser") -> None:
    parser.add_argument(
        "--to", action="append", default=[], metavar="NAME", help="make only this output: anki or anki-text"
    )
    parser.add_argument("--out", metavar="DIR", help="write here instead of build/")
    parser.add_argument("--released", action="store_true", help="fail if anything is unreleased; use this to publish")


def run(arguments: "Namespace") -> int:
    from deckwright import project
    from deckwright.formats import DECK_FORMATS

    for name in arguments.to:
        if name not in DECK_FORMATS:
            raise Trouble(f"there is no output {name!r}; choose from: {', '.join(DECK_FORMATS)}")
    root, out = folders(arguments)
    with Progress() as progress:
        built = project.build(root, out, arguments.to, now(), progress, released_only=arguments.released)
    errors = print_problems(built.problems, sys.stderr, root)
    if errors:
        print(f"{counted(errors, 'error')}; nothing was written", file=sys.stderr)
        return 1
    if arguments.released and not built.written and built.outcome is not None:
        print(_unreleased(built.outcome), file=sys.stderr)
        return 1
    print_written(built.written)
    print_gone(built.removed, built.left)
    if "anki-text" in arguments.to and not any(path.suffix == ".txt" for path, _ in built.written):
        print("There are no text corrections: no note has changed since it was released.")
    if built.outcome is not None and built.outcome.unreleased:
        print("This is a draft to look at. To study or publish it: deckwright release")
    return 0


def _unreleased(outcome: "Outcome") -> str:
    """Why a deck cannot be published yet."""
    changed = sum(change.what != "new" for change in outcome.changes)
    return (
        f"unreleased: {counted(outcome.new, 'new card')}, {changed:,} changed; release them first: deckwright release"
    )
