"""The three note types: their fields, card templates and styles.

In: a deck's settings and words. Out: what apkg.py passes to genanki. Fields, their order, the templates and every id
are frozen after the first release: if one of them changes, Anki makes a second note type. The text of the templates and
the styles may change.
"""

import json
import re
from collections.abc import Mapping
from functools import cache, lru_cache
from hashlib import sha256
from typing import NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined

from deckwright.anki.notes import NoteType
from deckwright.markup.html import attribute, html_text
from deckwright.model import Settings
from deckwright.release.fingerprint import digest
from deckwright.release.lock import NoteTypeEntry
from deckwright.words import Words, direction


class Template(NamedTuple):
    """One card template."""

    id: int
    name: str
    front: str
    back: str


class Field(NamedTuple):
    """One field."""

    id: int
    name: str


SORT_FIELD = 0
"""The field that Anki sorts by: the first, as in genanki. A change would force a full sync on every learner."""


class Layout(NamedTuple):
    """One note type as Anki will store it."""

    id: int
    key: str
    """Its name in the lock."""
    name: str
    cloze: bool
    fields: tuple[Field, ...]
    templates: tuple[Template, ...]
    css: str


_NAMES = {NoteType.BASIC: "question", NoteType.CLOZE: "cloze", NoteType.OPTIONS: "options"}
"""These are part of each id and must never change."""

_CARDS = {
    NoteType.BASIC: ("question", "reverse", "spare"),
    NoteType.CLOZE: ("cloze",),
    NoteType.OPTIONS: ("options", "spare"),
}
"""The files in templates/ for each, in the order of Anki's ordinals. A spare template makes no cards until its field is
filled."""


@lru_cache(maxsize=1)
def layouts(settings: Settings, words: Words) -> Mapping[NoteType, Layout]:
    """The note types of a deck."""
    report = settings.report if settings.report else ""
    values = {
        "language": attribute(settings.language),
        "direction": direction(settings.language),
        "report": attribute(report).replace("&#123;id&#125;", "{{Card ID}}"),
        "words": words.written(html_text),
        "plain": words,  # for the filters `css` and `js`, which escape for these
    }
    return {type_: _layout(type_, settings, values) for type_ in NoteType}


def released(settings: Settings, words: Words) -> dict[str, NoteTypeEntry]:
    """What the lock records of the note types, by name, without times."""
    return {
        layout.key: NoteTypeEntry(
            layout.key,
            str(layout.id),
            ",".join(str(field.id) for field in layout.fields),
            ",".join(str(template.id) for template in layout.templates),
            str(SORT_FIELD),
            digest(repr(layout)),
            "",
        )
        for layout in layouts(settings, words).values()
    }


def _layout(type_: NoteType, settings: Settings, values: Mapping[str, object]) -> Layout:
    name = _NAMES[type_]
    root = f"{settings.namespace}/{name}"
    environment = _environment()
    templates = tuple(
        Template(
            stable_id(f"{root}/template {place}"),
            card.capitalize(),
            environment.get_template(f"{card}.front.html").render(values),
            environment.get_template(f"{card}.back.html").render(values),
        )
        for place, card in enumerate(_CARDS[type_])
    )
    return Layout(
        stable_id(root),
        name,
        f"{settings.title}: {name}",
        type_ is NoteType.CLOZE,
        tuple(Field(stable_id(f"{root}/field {place}"), field) for place, field in enumerate(type_.fields)),
        templates,
        environment.get_template("style.css").render(values),
    )


def _css_string(text: str) -> str:
    return '"' + re.sub(r"[^\w .,:;!?…’–-]", lambda match: f"\\{ord(match[0]):x} ", text) + '"'


def _js_string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("<", "\\u003c").replace("[", "\\u005b")


@cache
def _environment() -> Environment:
    """Jinja2 with [[ ]] and [% %], because {{ }} is Anki's."""
    environment = Environment(
        loader=PackageLoader("deckwright.anki"),
        variable_start_string="[[",
        variable_end_string="]]",
        block_start_string="[%",
        block_end_string="%]",
        comment_start_string="[#",
        comment_end_string="#]",
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - it writes Anki templates; all values put in are escaped
    )
    environment.filters |= {"css": _css_string, "js": _js_string}
    return environment


def stable_id(name: str) -> int:
    """An id that depends on a name alone. Below 2^53, because Anki's own tools read JSON numbers as doubles."""
    return int.from_bytes(sha256(name.encode()).digest()[:6], "big") + (1 << 41)
