"""Writes docs/commands.md: every command and every option, taken from the program.

Run it after a change of options: .venv/bin/python docs/commands.py. A test compares the page with the program.
"""

from argparse import SUPPRESS, Action, ArgumentParser, _SubParsersAction
from collections.abc import Iterator
from pathlib import Path

from deckwright.commands import COMMANDS, EXAMPLES
from deckwright.parsers import parsers

PAGE = Path(__file__).parent / "commands.md"

INTRODUCTION = """\
# All commands

This page is made from the program; a test keeps it up to date. Every command ends with 0 if all is well, with 1 if
there are errors in your files (all are shown, and nothing is written), and with 2 after wrong usage or if the machine
fails.

With every command, anywhere on the line:

| option | what it does |
|---|---|
| `-C DIR` | the folder of the project; without it, the current folder or the nearest one above it that has `cards/` |
| `--version` | prints the version |
| `-h`, `--help` | prints the help of the command |
"""


def page() -> str:
    """The page."""
    _, commands = parsers(COMMANDS)
    parts = [INTRODUCTION]
    for name in COMMANDS:
        parts += sections(commands[name])
    return "\n".join(parts)


def sections(parser: ArgumentParser) -> Iterator[str]:
    """The section of a command, and those of its tasks."""
    actions = [action for action in parser._actions if action.help != SUPPRESS and action.dest != "help"]
    tasks = [action for action in actions if isinstance(action, _SubParsersAction)]
    rows = [f"| {shown(action)} | {action.help or ''} |" for action in actions if action not in tasks]
    table = "\n".join(["", "| option | what it does |", "|---|---|", *rows, ""]) if rows else ""
    example = f"\n```console\n{EXAMPLES[parser.prog]}\n```\n"
    yield f"## {parser.prog}\n\n{parser.description}\n{table}{example}"
    for action in tasks:
        for task in action.choices.values():
            yield from sections(task)


def shown(action: Action) -> str:
    """How an option is typed, with what it takes: `--count N`, `--to {pdf,html}`."""
    value = ""
    if action.nargs != 0:
        choices = "{" + ",".join(map(str, action.choices)) + "}" if action.choices else ""
        several = " ".join(action.metavar) if isinstance(action.metavar, tuple) else action.metavar
        value = several or choices or action.dest.upper()
    optional = f"[{value}]" if action.nargs == "?" else value
    if not action.option_strings:
        return f"`{optional}`"
    return ", ".join(f"`{name} {optional}`" if value else f"`{name}`" for name in action.option_strings)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
