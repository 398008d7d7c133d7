"""What an author may write, for editors (JSON Schema) and for people (docs/cards.md), and what may be wrong with it
(docs/problems.md).

In: the declarations in model.py and problem.py. Out: a schema, or a page of Markdown. Both say only what the reader
enforces, so that an editor's red line and `deckwright check` agree; a rule over several keys stays the checker's.
"""

from typing import Any

from deckwright.markup.tex import GREEK, SIGNS
from deckwright.model import (
    KINDS,
    PAPERS,
    SOURCE_KINDS,
    Card,
    Correction,
    FileKeys,
    Key,
    OptionKeys,
    RetiredItem,
    Settings,
    Shape,
    Source,
    Status,
    Withdrawal,
    keys,
)
from deckwright.problem import ACCEPTABLE
from deckwright.reading.shapes import SLUG

_TEXT: dict[str, Any] = {"type": ["string", "number", "boolean"]}
"""Editors read 12 as a number and no as a truth value before they look at the schema; here both are text."""


FILES = {"cards": FileKeys, "deck": Settings, "sources": Source}
"""What each sort of file holds."""


def schema(file: str) -> dict[str, Any]:
    """The JSON Schema (2020-12) of one sort of file: `cards`, `deck` or `sources`. Raises KeyError for any other."""
    described = _object(keys(FILES[file]))
    if file == "sources":
        described = {"type": "object", "propertyNames": {"pattern": f"^{SLUG}$"}, "additionalProperties": described}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": f"deckwright: {file}", **described}


def _object(declared: tuple[Key, ...]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {key.name: {"description": key.about, **_shape(key.shape)} for key in declared},
        "required": [key.name for key in declared if key.required],
        "additionalProperties": False,
    }


def _shape(shape: Shape) -> dict[str, Any]:
    match shape:
        case Shape.LINE | Shape.MARKDOWN | Shape.FILE | Shape.TOPIC:
            return _TEXT
        case Shape.SLUG:
            return {"type": ["string", "integer"], "pattern": f"^{SLUG}$", "maxLength": 100}
        case Shape.LANGUAGE | Shape.MONTHS | Shape.DOI:
            return {"type": "string"}
        case Shape.REPORT:
            return {"type": "string", "pattern": "^(https?://|mailto:)"}
        case Shape.URL:
            return {"type": "string", "pattern": "^https?://"}
        case Shape.FLAG:
            return {"type": "boolean"}
        case Shape.DATE | Shape.REVIEWED:
            return {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d"}
        case Shape.YEAR:
            return {"type": "integer", "minimum": 1000, "maximum": 2999}
        case Shape.STATUS:
            return {"enum": [status.value for status in Status]}
        case Shape.SOURCE_KIND:
            return {"enum": list(SOURCE_KINDS)}
        case Shape.PAPER:
            return {"enum": list(PAPERS)}
        case Shape.LINES | Shape.TAGS:
            return {"type": "array", "items": _TEXT, "minItems": 1}
        case Shape.CITATIONS:
            return {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}
        case Shape.OPTIONS:
            sides = [{"required": ["correct"]}, {"required": ["wrong"]}]
            return {"type": "array", "items": {**_object(keys(OptionKeys)), "oneOf": sides}, "minItems": 2}
        case Shape.ITEMS:
            return {"type": "array", "items": {"anyOf": [_TEXT, _object(keys(RetiredItem))]}, "minItems": 2}
        case Shape.CORRECTED:
            return _object(keys(Correction))
        case Shape.WITHDRAWN:
            return _object(keys(Withdrawal))
        case Shape.ALLOW:
            names = {"enum": list(ACCEPTABLE)}
            return {"type": "object", "propertyNames": names, "additionalProperties": {"type": "string"}}
        case Shape.CARDS:
            return {"type": "array", "items": {"oneOf": [_object(keys(kind)) for kind in KINDS]}, "minItems": 1}


_INTRODUCTION = """\
# What an author may write

This page is made from the declarations in `src/deckwright/model.py`; a test keeps it true.
Keys that are not listed here are mistakes, and `deckwright check` says so with the place and the way out.
`deckwright schema` prints the same as a JSON Schema, for editors that complete keys and underline mistakes.

**Every value is text as you wrote it**: `0.10`, `no` and `1:30` stay themselves. Text in which YAML would see something
else (it starts with one of `* & ! | > % @ { [ "`, or holds `: ` or ` #`) goes in quotes; the checker shows the line as
it should be. Write lists one entry a line. Comments stand on lines of their own.

**Markup.** A one-line text may hold `**bold**`, `*italic*`, `` `code` ``, `H~2~O`, `cm^2^`, `$\\frac{1}{2}$`,
`[text](https://…)` and `![what it shows](file-in-media.svg)`; anything else, `> 3 months` or `12. rib` at its start,
comes out as written. A text of several lines (`|` behind the key) may hold paragraphs, lists (with `-` or `1.`) and
tables as well. A table has `|---|---|` below its head and no row with more cells than its head; else it comes out as
written. HTML is shown as text, so `BP <90/60` needs no care; where a tag, an entity, `\\(…\\)` or something else that
Anki reads stands in a text, `deckwright check` shows the text as it is written here. A backslash in front of a sign
makes it plain: `\\*`.

**Pictures** (JPEG, PNG, WebP, GIF, SVG) lie in `cards/media/`. No output holds their metadata: packages, sheets, quiz
pages, Word documents, flash cards and the logo of a quiz have no EXIF, XMP or IPTC (names, dates, camera, place), no
comments, no small copy of an uncropped picture and nothing behind a picture's end; of an SVG they have no title,
description, metadata or comments, and no settings of a drawing program. The pixels stay as they are, and so does the
way a picture is turned. A screen reader reads the text that you give the picture on the card.

- `deckwright check` warns of pictures that hold such data, because **the file in `cards/media/` still holds it**. Clean
  the file before you commit it: what was committed once stays in the project's history. A released picture that you
  clean is a changed picture, so its notes go out again with the next release. Learners who have the picture from an
  earlier release keep that file.
- **What no program takes out for you**: a name or a date in the pixels (burned into a radiograph, written on a label),
  a face, a tattoo; text that an SVG draws, even behind something else; names of the parts of an SVG; and the **name of
  the file**, which is published. Crop or cover the picture in a program that saves it flat, and name the file by what
  it shows. Whether a picture of a person may be published is for that person to say.
- A file that cannot be read, that is cut off, or an SVG that shows another file, is an error on the card that uses it.
"""

_FORMULAS = """\
**Formulas.** Anki shows any TeX. Sheets and quiz pages draw letters and numbers, `^` and `_`, `\\frac{{}}{{}}`,
`\\sqrt{{}}`, `\\text{{}}`, Greek letters ({greek})
and signs ({signs}).
Any other formula is printed as you wrote it, and `deckwright check` says so.
"""


def page() -> str:
    """The reference page, docs/cards.md."""
    greek, signs = (", ".join(f"`\\{name}`" for name in table) for table in (GREEK, SIGNS))
    parts = [
        _INTRODUCTION,
        _FORMULAS.format(greek=greek, signs=signs),
        "## A file of cards\n\n" + _table(keys(FileKeys)),
    ]
    for kind in KINDS:
        about = (kind.__doc__ or "").strip()
        table = _table(tuple(key for key in keys(kind) if key not in keys(Card)))
        parts.append(f"## {kind.__name__}\n\n{about}\n\n{table}")
    parts.append("## Every card\n\n" + _table(keys(Card)))
    for name, declared in (
        ("An option", OptionKeys),
        ("An item that no longer counts", RetiredItem),
        ("`corrected`", Correction),
        ("`withdrawn`", Withdrawal),
        ("`cards/deck.yaml`", Settings),
        ("An entry of `cards/sources.yaml`", Source),
    ):
        parts.append(f"## {name}\n\n{_table(keys(declared))}")
    return "\n".join(parts)


def _table(declared: tuple[Key, ...]) -> str:
    rows = ["| key | what it is for | what stands there | example |", "|---|---|---|---|"]
    for key in declared:
        name = f"`{key.name}`" + (" (required)" if key.required else "")
        example = f"`{key.example}`" if key.example else ""
        what = key.shape.value.replace("|", r"\|")
        rows.append(f"| {name} | {key.about} | {what} | {example} |")
    return "\n".join(rows) + "\n"
