"""deckwright completion: print what lets bash or zsh complete commands and options. The door to shtab.

shtab writes a script from the parser once; argcomplete would start the program again at each press of the tab key.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

SHELLS = ("bash", "zsh")


def options(parser: "ArgumentParser") -> None:
    parser.add_argument("shell", choices=SHELLS, help="the shell to source the printed script in")


def run(arguments: "Namespace") -> int:
    import shtab

    from deckwright.commands import COMMANDS
    from deckwright.parsers import parsers, with_tasks

    parser, _ = parsers(COMMANDS)
    completed = {"DIR": shtab.DIRECTORY, "FILE": shtab.FILE}
    for each in with_tasks(parser):
        for action in each._actions:
            if isinstance(action.metavar, str) and action.metavar in completed:
                action.complete = completed[action.metavar]  # type: ignore[attr-defined]
    print(shtab.complete(parser, arguments.shell))
    return 0
