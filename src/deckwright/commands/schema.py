"""deckwright schema: print or write the JSON Schema of card files or of another file, for editors."""

from pathlib import Path
from typing import TYPE_CHECKING

from deckwright.terminal import print_written

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def options(parser: "ArgumentParser") -> None:
    from deckwright.reading.schema import FILES

    parser.add_argument("file", nargs="?", choices=tuple(FILES), default="cards", help="the file (default: cards)")
    parser.add_argument("--out", metavar="FILE", help="write this file, in UTF-8; Windows PowerShell's > does not")


def run(arguments: "Namespace") -> int:
    from deckwright.formats import File
    from deckwright.reading.schema import schema_text
    from deckwright.write import write

    text = schema_text(arguments.file)
    if arguments.out:
        path = Path(arguments.out)
        print_written(write([(path.parent, [File(path.name, text.encode(), "the schema for editors")])]))
    else:
        print(text, end="")
    return 0
