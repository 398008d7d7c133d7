"""The command line: how the program starts and how it ends. Nothing imports it.

Exit codes: 0 success, 1 errors in the author's files (all are shown, nothing is written), 2 wrong usage or a failure of
the machine.
What can be typed is put together in parsers.py; what a command does is in its module in commands/.
"""

import argparse
import gc
import os
import re
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from deckwright.commands import COMMANDS
from deckwright.parsers import anywhere, parsers
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
    everywhere, typed = anywhere().parse_known_args(sys.argv[1:] if arguments is None else arguments)
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


def _version() -> int:
    from importlib.metadata import version

    print(f"deckwright {version('deckwright')}")
    return 0


def _parsed(typed: list[str]) -> argparse.Namespace:
    """What was typed, without the options that can be typed everywhere. Wrong usage ends the program with code 2, after
    a message that names what was probably meant."""
    name = typed[0] if typed else ""
    parser, commands = parsers([name])
    command = commands.get(name, parser)
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
