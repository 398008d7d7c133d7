"""deckwright schema: print the JSON Schema of card files or of another file, for editors."""

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def options(parser: "ArgumentParser") -> None:
    from deckwright.reading.schema import FILES

    parser.add_argument("file", nargs="?", choices=tuple(FILES), default="cards", help="the file (default: cards)")


def run(arguments: "Namespace") -> int:
    from deckwright.reading.schema import schema

    print(json.dumps(schema(arguments.file), indent=2, ensure_ascii=False))
    return 0
