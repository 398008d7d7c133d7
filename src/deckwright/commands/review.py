"""deckwright review: show the cards that are due for review one by one, and stamp those that are still right."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from deckwright.problem import Trouble, spelt_out
from deckwright.terminal import counted, print_problems, safe, today

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence

    from deckwright.reviewing import Due, Reviewing


def options(parser: "ArgumentParser") -> None:
    parser.add_argument(
        "--topic", action="append", default=[], help="only the cards of a topic and its subtopics (repeatable)"
    )
    parser.add_argument("--by", metavar="INITIALS", help="who reviews; without it, you are asked")
    parser.add_argument(
        "--id", action="append", default=[], help="only this card; with --by it is stamped without asking (repeatable)"
    )


def run(arguments: "Namespace") -> int:
    from deckwright.reviewing import initials, reviewing

    if arguments.id and arguments.topic:
        raise Trouble("--id cannot be combined with --topic")
    by = None if arguments.by is None else initials(arguments.by)
    asks = not (arguments.id and by)
    if asks and not sys.stdin.isatty():
        raise Trouble("this is not a terminal, so nobody can be asked; in a script, use --id and --by")
    review = reviewing(Path(arguments.root), today(), arguments.topic, arguments.id)
    if not review.due:
        print("no card is due for review")
        return 0
    if not asks and by:
        failed = _stamp(review, review.due, by)
        print("nothing was stamped" if failed else f"{counted(len(review.due), 'card')} reviewed")
        return 1 if failed else 0
    print(f"{counted(len(review.due), 'card')} to review. Each is stamped with today's date and your initials.")
    by = by or initials(_answer("Your initials: ") or "")
    return _walk(review, by)


def _walk(review: "Reviewing", by: str) -> int:
    """Shows each card and asks about it. Those that are right are stamped at once, so that nothing is lost by
    stopping."""
    done, failed = 0, False
    work: list[Due] = []
    for number, due in enumerate(review.due, 1):
        _show(review, due, f"{number:,} of {len(review.due):,}")
        answer = _choice()
        if answer == "q":
            break
        if answer == "w":
            work.append(due)
        elif answer == "y":
            try:
                wrong = _stamp(review, [due], by)
            except Trouble as trouble:  # about this card alone
                print(safe(f"deckwright: {trouble}"), file=sys.stderr)
                wrong = True
            done += not wrong
            failed |= wrong
    print(f"{counted(done, 'card')} reviewed, {len(review.due) - done:,} still due")
    if work:
        print("These need work:")
    for due in work:
        print(safe(f"{_place(review, due)}: {due.card.id}"))
    return 1 if failed else 0


def _show(review: "Reviewing", due: "Due", number: str) -> None:
    from deckwright.reviewing import shown

    print(safe(f"\n{_place(review, due)}: {due.card.id} ({due.why}; {number})"))
    for text in shown(due.card, review.deck):
        print(safe(f"    {text}".rstrip()))


def _place(review: "Reviewing", due: "Due") -> str:
    from deckwright.reviewing import place

    file, line, _ = place(review.root, due.card)
    return f"{spelt_out(file)}:{line}"


def _stamp(review: "Reviewing", cards: "Sequence[Due]", by: str) -> bool:
    """Stamps cards. Returns whether that failed, after printing why."""
    from deckwright.edit import save_all
    from deckwright.reviewing import stamped

    changes, problems = stamped(review, cards, today(), by)
    if print_problems(problems, sys.stderr, review.root):
        return True
    save_all(review.root, changes)
    return False


def _choice() -> str:
    """`y`, `s`, `w` or `q`, as typed; `q` at the end of the input."""
    while True:
        answer = _answer("Still right? [y]es, [s]kip, needs [w]ork, [q]uit: ")
        first = "q" if answer is None else answer.strip().casefold()
        if first in ("y", "s", "w", "q", "yes", "skip", "work", "quit"):
            return first[0]


def _answer(question: str) -> str | None:
    """What somebody types; None at the end of the input."""
    try:
        return input(question)
    except EOFError:
        print()
        return None
