"""What can be typed: the parser of the whole command line, for the program itself, its help and its completion.

In: the commands whose options are wanted. Out: argparse's parsers. What can be typed after a command is defined in its
module in commands/.
"""

import argparse
from collections.abc import Collection, Iterator
from importlib import import_module

from deckwright.commands import COMMANDS, EXAMPLES, sentence


def anywhere() -> argparse.ArgumentParser:
    """The options that can be typed before a command and after it."""
    parser = argparse.ArgumentParser(prog="deckwright", add_help=False, allow_abbrev=False)
    about = "the project's folder (default: this one, or the nearest above it with cards/)"
    parser.add_argument("-C", dest="root", metavar="DIR", default="", help=about)
    parser.add_argument("--version", action="store_true", help="print the version and exit")
    return parser


def parsers(wanted: Collection[str]) -> tuple[argparse.ArgumentParser, dict[str, argparse.ArgumentParser]]:
    """The parser of all commands, and the parser of each command. Only those of the `wanted` commands have options,
    because only their modules are imported."""
    description = "Clinical facts as YAML question cards, compiled into Anki packages and quizzes."
    parser = argparse.ArgumentParser(prog="deckwright", description=description, parents=[anywhere()])

    def show_help(_: argparse.Namespace) -> int:
        parser.print_help()
        return 0

    parser.set_defaults(run=show_help)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    named = {}
    for name, about in COMMANDS.items():
        named[name] = commands.add_parser(name, help=about, description=sentence(about))
        if name in wanted:
            command = import_module(f"deckwright.commands.{name}")
            command.options(named[name])
            named[name].set_defaults(run=command.run)
    for each in with_tasks(parser):
        if example := EXAMPLES.get(each.prog):
            each.epilog = f"example: {example}"
    return parser, named


def with_tasks(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """A parser, those of its commands and those of their tasks."""
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for inner in action.choices.values():
                yield from with_tasks(inner)
