"""The commands: one module each, of the same name, and what several of them share.

A module has `options(parser)`, which defines what can be typed, and `run(arguments)`, which does the work and returns
the exit code. To add a command, write a module and add a line to `COMMANDS`. Only the module of the command that was
typed is imported, and its slow imports are inside its functions, so that `--help` answers at once.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import Namespace
    from pathlib import Path

COMMANDS = {
    "build": "check the cards and write the outputs into build/",
    "release": "show what learners will get, ask, and write the next release",
    "diff": "show what the next release changes for learners",
    "quiz": "print a quiz: question sheets, answer key, flash cards",
    "check": "show every error and warning; write nothing",
    "sources": "add sources, record what their texts say, compare the cards",
    "schema": "print the JSON Schema of card files, for editors",
}
"""Every command with its line in `--help`, in the order shown there."""


def sentence(about: str) -> str:
    """A line of `--help` as the sentence with which the help of its command begins."""
    return f"{about[0].upper()}{about[1:]}."


def folders(arguments: "Namespace") -> "tuple[Path, Path]":
    """The project's folder, and the folder for the outputs."""
    from pathlib import Path

    root = Path(arguments.root)
    return root, Path(arguments.out) if arguments.out else root / "build"
