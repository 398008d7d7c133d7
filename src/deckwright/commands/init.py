"""deckwright init: make the folder of a new deck. Files that are there already are not touched."""

import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from deckwright.terminal import print_written, safe

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def options(parser: "ArgumentParser") -> None:
    parser.add_argument("folder", metavar="DIR", help="the folder of the new deck; it may exist (`.` is this one)")


def run(arguments: "Namespace") -> int:
    from importlib.metadata import version

    from deckwright.formats import File
    from deckwright.reading.cards import proposed
    from deckwright.starter import project_files
    from deckwright.write import write

    root = Path(arguments.folder)
    title, namespace = proposed(root, secrets.token_hex(3))
    empty = not any((root / "cards").glob("*"))
    files = list(project_files(title, namespace, version("deckwright"), cards=empty))
    there = [file for file in files if os.path.lexists(root / file.path)]
    new = [file for file in files if file not in there]
    print_written(write([((root / file.path).parent, [File(file.path.name, file.data, file.about)]) for file in new]))
    for file in there:
        print(safe(f"{root / file.path} was there already; it was not touched"))
    print(safe(_next(root)))
    return 0


def _next(root: Path) -> str:
    """What to do with the new project."""
    from shlex import quote

    enter = "" if root.absolute() == Path.cwd() else f"  cd {quote(str(root))}\n"
    return (
        f"\nNext:\n{enter}"
        "  deckwright build     makes the packages; then open build/START-HERE.html\n"
        "  deckwright new       asks for your first card, and adds it\n"
        "  deckwright check     shows every error, with its place and a fix"
    )
