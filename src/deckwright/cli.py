"""The command line: what can be typed before a command, and how the program ends. Nothing imports it.

Exit codes: 0 success, 1 errors in the author's files (all are shown, nothing is written), 2 wrong usage or a failure of
the machine.
What can be typed after a command, and what the command does, is in its module in commands/.
"""

import argparse
import gc
import os
import sys
from contextlib import suppress
from importlib import import_module

from deckwright.commands import COMMANDS
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
    typed = sys.argv[1:] if arguments is None else arguments
    parsed = _parser(typed).parse_args(typed)
    try:
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


def _parser(typed: list[str]) -> argparse.ArgumentParser:
    """The parser of what was typed. It knows every command, but only the options of the commands whose names are in
    `typed`. These can be more than one: a folder may have the name of a command."""
    parser = argparse.ArgumentParser(
        prog="deckwright", description="Clinical facts as YAML question cards, compiled into Anki packages and quizzes."
    )
    parser.add_argument("-C", dest="root", metavar="DIR", default=".", help="the project's folder (default: this one)")
    parser.add_argument("--version", action="store_true", help="print the version and exit")
    parser.set_defaults(run=_nothing)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for name, about in COMMANDS.items():
        options = commands.add_parser(name, help=about)
        if name in typed:
            command = import_module(f"deckwright.commands.{name}")
            command.options(options)
            options.set_defaults(run=command.run)
    return parser


def _nothing(arguments: argparse.Namespace) -> int:
    """Prints the version or the help, if no command was typed."""
    if arguments.version:
        from importlib.metadata import version

        print(f"deckwright {version('deckwright')}")
        return 0
    _parser([]).print_help()
    return 2
