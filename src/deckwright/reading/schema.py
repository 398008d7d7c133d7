"""What an author may write, for editors (JSON Schema) and for people (docs/cards.md).

In: the declarations in model.py. Out: a schema, or a page of Markdown. Both say only what the reader enforces, so that
an editor's red line and `deckwright check` agree; a rule that involves several keys is left to the checks.
"""

import json
from importlib.resources import files
from textwrap import dedent
from typing import Any

from deckwright.markup.tex import GREEK, SIGNS
from deckwright.model import (
    KINDS,
    Card,
    Correction,
    FileKeys,
    ItemKeys,
    Key,
    Mask,
    OptionKeys,
    RetiredMask,
    Settings,
    Source,
    Withdrawal,
    keys,
)
from deckwright.reading.scalars import SLUG
from deckwright.reading.shapes import mapping_schema

FILES = {"cards": FileKeys, "deck": Settings, "sources": Source}
"""What each kind of file holds."""


def schema(file: str) -> dict[str, Any]:
    """The JSON Schema (2020-12) of one kind of file: `cards`, `deck` or `sources`. Raises KeyError for any other."""
    described = mapping_schema(FILES[file])
    if file == "sources":
        described = {"type": "object", "propertyNames": {"pattern": f"^{SLUG}$"}, "additionalProperties": described}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": f"deckwright: {file}", **described}


def schema_text(file: str) -> str:
    """The schema of one kind of file, as the text of a JSON file."""
    return json.dumps(schema(file), indent=2, ensure_ascii=False) + "\n"


_INTRODUCTION = """\
# What an author may write

A file of cards has a topic and a list of cards:

```yaml
topic: Low back pain::Definition
cards:
  - id: chronic-from
    question: From how many weeks on is low back pain called chronic?
    answer: 12 weeks
    sources: who-2023
```

A key that is not listed here is an error; `deckwright check` shows where it is and how to fix it.
`deckwright schema` prints the same as a JSON Schema, for editors that complete keys and underline errors.
(This page is made from the declarations in `src/deckwright/model.py`; a test keeps it up to date.)

**Every value is text as you wrote it**: `0.10`, `no` and `1:30` stay as they are. Put text in quotes if YAML would read
it as something else, because it starts with one of `* & ! | > % @ { [ "` or contains `: ` or ` #`; the checker shows
the line as it should be. Write lists with one entry per line; where the tables say so, one text alone is a list of one.
Give each comment a line of its own.

**Markup.** A one-line text may contain `**bold**`, `*italic*`, `` `code` ``, `H~2~O`, `cm^2^`, `$\\frac{1}{2}$`,
`[text](https://…)` and `![what it shows](file-in-media.svg)`; anything else, even `> 3 months` or `12. rib` at its
start, is shown as written. A text of several lines (`|` after the key) may also contain paragraphs, lists (with `-` or
`1.`) and tables. A table needs `|---|---|` below its header, and no row may have more cells than the header; otherwise
it is shown as written. HTML is shown as text, so `BP <90/60` needs no special care. If a text contains a tag, an
entity, `\\(…\\)` or anything else that Anki would interpret, `deckwright check` shows how to write it here. A backslash
before a character makes it plain: `\\*`.

**Pictures** (JPEG, PNG, WebP, GIF, SVG) belong in `cards/media/`. No output contains their metadata. Packages, sheets,
quiz pages, Word documents, flash cards and the logo of a quiz have no EXIF, XMP or IPTC (names, dates, camera, place),
no comments, no thumbnail of an uncropped picture and no data after a picture's end. An SVG keeps no title, description,
metadata or comments, and no settings of a drawing program. The pixels and the orientation of a picture stay as they
are. A screen reader reads the text that you give the picture on the card.

- `deckwright check` warns of pictures that contain such data, because **the file in `cards/media/` still contains it**.
  Clean the file before you commit it: once committed, it stays in the project's history. A released picture that you
  clean is a changed picture, so its notes go out again with the next release. Learners who have the picture from an
  earlier release keep that file.
- **What no program removes for you**: a name or a date in the pixels (burned into a radiograph, written on a label), a
  face, a tattoo; text that an SVG draws, even behind something else; the names of the parts of an SVG; and the **name
  of the file**, which is published. Crop or cover the picture in a program that flattens it when saving, and name the
  file after what it shows. Whether a picture of a person may be published is for that person to decide.
- A file that cannot be read or is truncated is an error on the card that uses it, and so is an SVG that refers to
  another file.
"""

_FORMULAS = """\
**Formulas.** Anki shows any TeX. Sheets and quiz pages draw letters and numbers, `^` and `_`, `\\frac{{}}{{}}`,
`\\sqrt{{}}`, `\\text{{}}`, Greek letters ({greek})
and symbols ({signs}).
Any other formula is printed as you wrote it, and `deckwright check` warns of it.
"""


def page() -> str:
    """The reference page, docs/cards.md."""
    greek, signs = (", ".join(f"`\\{name}`" for name in table) for table in (GREEK, SIGNS))
    parts = [
        _INTRODUCTION,
        _FORMULAS.format(greek=greek, signs=signs),
        "## A card file\n\n" + _table(keys(FileKeys)),
    ]
    for kind in KINDS:
        about = (kind.card.__doc__ or "").strip()
        table = _table(tuple(key for key in keys(kind.card) if key not in keys(Card)))
        example = f"```yaml\n{_examples()[kind.mark]}```\n\n![Front and back in Anki](images/kind-{kind.name}.png)"
        parts.append(f"## {kind.card.__name__}\n\n{about}\n\n{example}\n\n{table}")
    parts.append("## Every card\n\n" + _table(keys(Card)))
    for name, declared in (
        ("An option", OptionKeys),
        ("An item with more than a text", ItemKeys),
        ("A mask", Mask),
        ("A mask that no longer counts", RetiredMask),
        ("`corrected`", Correction),
        ("`withdrawn`", Withdrawal),
        ("`cards/deck.yaml`", Settings),
        ("An entry of `cards/sources.yaml`", Source),
    ):
        parts.append(f"## {name}\n\n{_table(keys(declared))}")
    return "\n".join(parts)


def _examples() -> dict[str, str]:
    """The example card of each kind, by the key that tells the kind."""
    text = (files("deckwright") / "examples/cards.yaml").read_text(encoding="utf-8")
    cards = ["- id:" + card.rstrip() + "\n" for card in dedent(text.partition("cards:\n")[2]).split("- id:")[1:]]
    marks = [kind.mark for kind in KINDS]
    return {next(mark for mark in marks if f"\n  {mark}:" in card): card for card in cards}


def _table(declared: tuple[Key, ...]) -> str:
    rows = ["| key | purpose | value | example |", "|---|---|---|---|"]
    for key in declared:
        name = f"`{key.name}`" + (" (required)" if key.required else "")
        example = f"`{key.example}`" if key.example else ""
        what = key.shape.value.replace("|", r"\|")
        rows.append(f"| {name} | {key.about} | {what} | {example} |")
    return "\n".join(rows) + "\n"
