"""deckwright release: show what learners will get, ask, and write the next release; or undo the last one."""

import sys
from typing import TYPE_CHECKING

from deckwright.commands import folders
from deckwright.problem import Trouble
from deckwright.terminal import Progress, counted, now, print_gone, print_problems, print_written, safe

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def options(parser: "ArgumentParser") -> None:
    parser.add_argument("--yes", action="store_true", help="do not ask for confirmation; only for scripts")
    parser.add_argument(
        "--resend", nargs="+", default=[], metavar="ID", help="send these cards again, even to learners who edited them"
    )
    parser.add_argument(
        "--resend-rendered",
        action="store_true",
        help="send again the notes that differ only in how they are rendered",
    )
    parser.add_argument("--undo", action="store_true", help="undo the last release; only while nobody has it yet")
    parser.add_argument("--out", metavar="DIR", help="write the outputs here instead of build/")


def run(arguments: "Namespace") -> int:
    from deckwright.release import diff, publish

    if arguments.undo:
        return _undo(arguments)
    root, out = folders(arguments)
    with Progress() as progress:
        release = publish.prepare_release(
            root, now(), frozenset(arguments.resend), progress, resend_rendered=arguments.resend_rendered
        )
    errors = print_problems(release.problems, sys.stderr, root)
    outcome = release.outcome
    if errors or outcome is None:
        print(f"{counted(errors, 'error')}; nothing was released", file=sys.stderr)
        return 1
    unknown = sorted(set(arguments.resend) - set(outcome.lock.cards))
    if unknown:
        raise Trouble(f"learners get no card with the id {', '.join(unknown)}")
    again = arguments.resend or (arguments.resend_rendered and outcome.resent)
    if not (outcome.unreleased or outcome.notetypes or again):
        print("Nothing to release: learners have everything.")
        for line in diff.rendered(outcome):
            print(line)
        return 0
    for line in diff.lines(outcome, *release.said, marks=diff.PLAIN, shown=safe):
        print(line)
    if not arguments.yes and not _agreed(
        f"Release this as {release.name}? What learners have imported cannot be taken back. [y/N] "
    ):
        print("nothing was released", file=sys.stderr)
        return 1
    done = publish.write_release(root, out, release)
    print_written(done.written)
    print_gone(done.removed, done.left)
    lock, notes = root / "cards/released.lock", root / "cards/releases" / release.notes.name
    start = out / "START-HERE.html"
    print(safe(f"Released. Read {notes}, commit it and {lock}, and publish the files that {start} names."))
    print("Until you publish, you can undo it: deckwright release --undo")
    return 0


def _undo(arguments: "Namespace") -> int:
    from deckwright.release import publish

    if arguments.resend or arguments.resend_rendered:
        raise Trouble("--undo cannot be combined with --resend or --resend-rendered")
    root, out = folders(arguments)
    release, problems = publish.last_release(root, out)
    print_problems(problems, sys.stderr, root)
    if release is None:
        return 1
    if not arguments.yes and not _agreed(f"Undo release {release.name}? Do this only if nobody has it yet. [y/N] "):
        print("nothing was undone", file=sys.stderr)
        return 1
    for path in publish.undo_release(root, out, release):
        print(safe(f"{path} was removed"))
    print(f"Release {release.name} is undone. To build its changes as a draft: deckwright build")
    return 0


def _agreed(question: str) -> bool:
    """Whether somebody is at the terminal and answers yes."""
    if not sys.stdin.isatty():
        print("deckwright: this is not a terminal, so nobody can be asked; in a script, use --yes", file=sys.stderr)
        return False
    try:
        return input(question).strip().casefold() in ("y", "yes")
    except EOFError:
        return False
