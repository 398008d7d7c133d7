"""The command line. The only place that prints, exits, and reads the clock or the environment.

Exit codes: 0 fine, 1 the author's mistakes (all shown, nothing written), 2 wrong usage or the machine's trouble.
Everything slow to import is imported by the command that needs it, so that `--help` answers at once.
"""

import argparse
import os
import sys
import time
from errno import EINVAL
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from typing import TextIO

    from deckwright.problem import Problem


def main(arguments: list[str] | None = None) -> int:
    """Runs one command and returns its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a Windows terminal may lack a character
    parsed = _parser().parse_args(arguments)
    try:
        code: int = parsed.run(parsed)
        sys.stdout.flush()
    except BrokenPipeError:  # `deckwright check | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141  # what a shell reports of a program that nobody listens to any more
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        print(f"deckwright: {_shown(place)}{error.strerror or error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="deckwright", description="Clinical facts as YAML question cards, compiled into Anki packages."
    )
    parser.add_argument("-C", dest="root", metavar="DIR", default=".", help="the project's folder (default: this one)")
    parser.add_argument("--version", action="store_true", help="print the version and exit")
    parser.set_defaults(run=_nothing)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")

    build = commands.add_parser("build", help="check the cards and write the outputs into build/")
    build.add_argument("--to", action="append", default=[], metavar="NAME", help="only this output: anki (repeatable)")
    build.add_argument("--out", metavar="DIR", help="write here instead of build/")
    build.set_defaults(run=_build)

    check = commands.add_parser("check", help="show every mistake and every piece of advice; write nothing")
    check.set_defaults(run=_check)

    schema = commands.add_parser("schema", help="print the JSON Schema of card files, for editors")
    schema.add_argument("file", nargs="?", choices=("cards", "deck", "sources"), default="cards", help="of which file")
    schema.set_defaults(run=_schema)
    return parser


def _nothing(arguments: argparse.Namespace) -> int:
    if arguments.version:
        from importlib.metadata import version

        print(f"deckwright {version('deckwright')}")
        return 0
    _parser().print_help()
    return 2


def _build(arguments: argparse.Namespace) -> int:
    import gc

    gc.disable()  # a build makes no rubbish, only data it keeps; collecting made large decks take twice as long
    from pathlib import Path

    from deckwright import project
    from deckwright.formats import FORMATS

    unknown = [name for name in arguments.to if name not in FORMATS]
    if unknown:
        print(f"deckwright: no output is called {_shown(unknown[0])}; there is: {', '.join(FORMATS)}", file=sys.stderr)
        return 2
    root = Path(arguments.root)
    out = Path(arguments.out) if arguments.out else root / "build"
    with _Progress() as progress:
        built = project.build(root, out, arguments.to, _now(), progress)
    wrong = _print_problems(built.problems, sys.stderr)
    if wrong:
        print(f"{_counted(wrong, 'mistake')}; nothing was written", file=sys.stderr)
        return 1
    for path, file in built.written:
        print(_shown(f"{path}  ({file.about})"))
    for path in built.left:
        left = f"{path} is left from an earlier build; delete it unless you keep it on purpose"
        print(_shown(left), file=sys.stderr)
    return 0


def _check(arguments: argparse.Namespace) -> int:
    import gc

    gc.disable()  # as in _build
    from pathlib import Path

    from deckwright import project

    with _Progress() as progress:
        checked = project.check(Path(arguments.root), progress)
    wrong = _print_problems(checked.problems, sys.stdout)
    advice = len(checked.problems) - wrong
    parts = [_counted(checked.cards, "card"), _counted(wrong, "mistake")]
    parts += [f"{advice:,} of advice"] if advice else []
    parts += [_counted(checked.drafts, "draft")] if checked.drafts else []
    print(", ".join(parts))
    return 1 if wrong else 0


def _schema(arguments: argparse.Namespace) -> int:
    import json

    from deckwright.reference import schema

    print(json.dumps(schema(arguments.file), indent=2, ensure_ascii=False))
    return 0


def _now() -> "datetime":
    """The build's time; SOURCE_DATE_EPOCH (seconds) stands in for it, so that a build can be repeated to the byte."""
    from datetime import UTC, datetime

    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    try:
        return datetime.fromtimestamp(int(epoch or time.time()), UTC)
    except (ValueError, OverflowError):
        raise OSError(EINVAL, "this is no number of seconds that makes a date", "SOURCE_DATE_EPOCH") from None


def _print_problems(problems: "list[Problem]", stream: "TextIO") -> int:
    """Prints all and returns how many are errors."""
    for problem in problems:
        print(_shown(str(problem)), file=stream)
    return sum(problem.severity == "error" for problem in problems)


def _shown(text: str) -> str:
    """Text from a stranger's file, without what could command a terminal."""
    from unicodedata import category

    return "".join(
        c.encode("unicode_escape").decode() if c != "\n" and category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") else c
        for c in text
    )


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


class _Progress:
    """A bar on a terminal, once something has taken longer than a second."""

    def __init__(self) -> None:
        self.start = time.monotonic()
        self.shown = False

    def __enter__(self) -> "Callable[[int, int], None] | None":
        return self.step if sys.stderr.isatty() else None

    def step(self, done: int, of: int) -> None:
        if time.monotonic() - self.start > 1:
            self.shown = True
            filled = 30 * done // of
            print(f"\r[{'#' * filled}{'.' * (30 - filled)}] {done:,} of {of:,} files", end="", file=sys.stderr)

    def __exit__(self, *_: object) -> None:
        if self.shown:
            print("\r" + " " * 70 + "\r", end="", file=sys.stderr)
