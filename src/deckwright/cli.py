"""The command line: what can be typed with every command, and how the program ends. Nothing imports it.

Exit codes: 0 success, 1 errors in the author's files (all are shown, nothing is written), 2 wrong usage or a failure of
the machine.
What can be typed after a command, and what the command does, is in its module in commands/.
"""

import argparse
import gc
import os
import re
import sys
from collections.abc import Iterable
from contextlib import suppress
from importlib import import_module
from pathlib import Path

from deckwright.commands import COMMANDS, sentence
from deckwright.problem import Trouble
from deckwright.terminal import safe


def program() -> int:
    """The process of one command, from its start to its exit code. All that a command reads is in use until it ends, so
    a collector of garbage would walk through whole decks in vain."""
    gc.disable()
    code = main()
    gc.freeze()  # Python collects once more as it ends
    return code


def main(arguments: list[str] | None = None) -> int:
    """Runs one command and returns its exit code."""
    _open_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a Windows terminal may lack a character
    everywhere, typed = _everywhere().parse_known_args(sys.argv[1:] if arguments is None else arguments)
    if everywhere.version:
        return _version()
    parsed = _parsed(typed)
    try:
        parsed.root = everywhere.root or _project_folder()
        code: int = parsed.run(parsed)
        sys.stdout.flush()
    except BrokenPipeError:  # `deckwright check | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141  # 128 + SIGPIPE, as a shell reports it
    except Trouble as trouble:
        return _failed(trouble)
    except OSError as error:
        return _failed(Trouble(str(error.strerror or error), about=str(error.filename or "")))
    except MemoryError:
        print("deckwright: out of memory", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return code


def _failed(trouble: Trouble) -> int:
    with suppress(OSError):  # it may be this very stream that cannot be written
        print(f"deckwright: {safe(str(trouble))}", file=sys.stderr)
    return 2


def _open_closed_streams() -> None:
    """Opens the standard streams that the program was started without (`>&-`, a service, pythonw): input is empty, and
    output is discarded. This also keeps files that the program opens from taking their numbers."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            nowhere = os.open(os.devnull, os.O_RDWR)
            stream = open(nowhere, mode, encoding="utf-8", closefd=False)  # noqa: SIM115 - open until the program ends
            setattr(sys, name, stream)


def _project_folder() -> str:
    """The folder of the project that the program was started in: this one or, as with Git, one above it."""
    if not os.path.isdir("cards"):
        above = Path.cwd().parents
        for sign in ("cards/deck.yaml", "cards"):
            for folder in above:
                if os.path.exists(folder / sign):
                    return os.path.relpath(folder)
    return "."


def _everywhere() -> argparse.ArgumentParser:
    """The options that can be typed before a command and after it."""
    parser = argparse.ArgumentParser(prog="deckwright", add_help=False, allow_abbrev=False)
    about = "the project's folder (default: this one, or the nearest above it with cards/)"
    parser.add_argument("-C", dest="root", metavar="DIR", default="", help=about)
    parser.add_argument("--version", action="store_true", help="print the version and exit")
    return parser


def _version() -> int:
    from importlib.metadata import version

    print(f"deckwright {version('deckwright')}")
    return 0


def _parsed(typed: list[str]) -> argparse.Namespace:
    """What was typed, without the options that can be typed everywhere. Wrong usage ends the program with code 2, after
    a message that names what was probably meant."""
    parser, command = _parsers(typed)
    name = typed[0] if typed else ""
    if name and not name.startswith("-") and name not in COMMANDS:
        parser.error(f"there is no command {name!r}{_guess(name, COMMANDS)}")
    parsed, unknown = parser.parse_known_args(typed)
    if unknown:
        options = re.findall(r"--[a-z-]+", command.format_help())
        command.error(f"unknown argument: {' '.join(unknown)}{_guess(unknown[0].partition('=')[0], options)}")
    return parsed


def _guess(name: str, known: Iterable[str]) -> str:
    """A question that names what was probably meant, to be added to a message; empty if it is not clear."""
    from difflib import get_close_matches

    close = get_close_matches(name.casefold(), known, n=1)
    return f"; did you mean `{close[0]}`?" if close else ""


def _parsers(typed: list[str]) -> tuple[argparse.ArgumentParser, argparse.ArgumentParser]:
    """The parser of all commands, which has only the options of the command that was typed, and the parser of that
    command; twice the first if none was typed."""
    description = "Clinical facts as YAML question cards, compiled into Anki packages and quizzes."
    parser = argparse.ArgumentParser(prog="deckwright", description=description, parents=[_everywhere()])

    def show_help(_: argparse.Namespace) -> int:
        parser.print_help()
        return 0

    parser.set_defaults(run=show_help)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    chosen = parser
    for name, about in COMMANDS.items():
        options = commands.add_parser(name, help=about, description=sentence(about))
        if name in typed[:1]:
            chosen = options
            command = import_module(f"deckwright.commands.{name}")
            command.options(options)
            options.set_defaults(run=command.run)
    return parser, chosen
