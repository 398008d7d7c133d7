"""The commands: one module each, of the same name, and what several of them share.

A module has `options(parser)`, which says what can be typed, and `run(arguments)`, which does it and returns the exit
code. Adding a command takes a module and a line in `COMMANDS`. Only the module of the command that was typed is
imported, and it imports what is slow in its functions, so that `--help` answers at once.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import Namespace
    from pathlib import Path

COMMANDS = {
    "build": "check the cards and write the outputs into build/",
    "release": "show what learners will get, ask, and write the next release",
    "diff": "show what the next release does to learners",
    "quiz": "print a quiz: sheets, answers, flash cards",
    "check": "show every mistake and every piece of advice; write nothing",
    "sources": "what the source texts say, and whether cards agree with it",
    "schema": "print the JSON Schema of card files, for editors",
}
"""Every command, in the order in which `--help` shows them, with its line there."""


def folders(arguments: "Namespace") -> "tuple[Path, Path]":
    """The project's folder, and the folder for the outputs."""
    from pathlib import Path

    root = Path(arguments.root)
    return root, Path(arguments.out) if arguments.out else root / "build"
