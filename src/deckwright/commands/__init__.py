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
    "init": "make the folder of a new deck, with a card of every kind",
    "new": "ask for a card, and add it to the file of its topic",
    "build": "check the cards and write the outputs into build/",
    "release": "show what learners will get, ask, and write the next release",
    "diff": "show what the next release changes for learners",
    "quiz": "print a quiz: question sheets, answer key, flash cards",
    "check": "show every error and warning; with --fix, fix some",
    "review": "go through the cards that are due for review, and date them",
    "sources": "add sources, record what their texts say, compare the cards",
    "schema": "print the JSON Schema of card files, for editors",
    "completion": "print what lets a shell complete commands and options",
}
"""Every command with its line in `--help`, in the order shown there."""

EXAMPLES = {
    "deckwright": "deckwright init neck-pain",
    "deckwright init": "deckwright init neck-pain",
    "deckwright new": 'deckwright new --topic Neck --question "Which?" --answer C2 --draft',
    "deckwright build": "deckwright build --to anki",
    "deckwright release": "deckwright release --out public",
    "deckwright diff": "deckwright diff --json",
    "deckwright quiz": 'deckwright quiz --topic "Low back pain" --count 20 --forms 2',
    "deckwright check": "deckwright check --fix",
    "deckwright review": "deckwright review --id hip-joint-type --by JW",
    "deckwright sources": "deckwright sources verify",
    "deckwright sources record": "deckwright sources record --text texts",
    "deckwright sources verify": "deckwright sources verify",
    "deckwright sources find": "deckwright sources find --text texts saddle numbness",
    "deckwright sources report": "deckwright sources report --out public",
    "deckwright sources add": "deckwright sources add 10.1000/xyz --title 'Low backs'",
    "deckwright schema": "deckwright schema deck --out deck.schema.json",
    "deckwright completion": "deckwright completion bash > deckwright-completion.bash",
}
"""An example of every command and task, which ends its help. The tests run them all."""


def sentence(about: str) -> str:
    """A line of `--help` as the sentence with which the help of its command begins."""
    return f"{about[0].upper()}{about[1:]}."


def folders(arguments: "Namespace") -> "tuple[Path, Path]":
    """The project's folder, and the folder for the outputs."""
    from pathlib import Path

    root = Path(arguments.root)
    return root, Path(arguments.out) if arguments.out else root / "build"
