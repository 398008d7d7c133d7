"""A note's cards as Anki shows them, without Anki.

In: a note and its note type. Out: the HTML of the front and back of each of its cards, equal to what Anki renders
(tests compare them card by card). It knows the part of Anki's template language that our templates use. This is a
separate module because only people who look at cards before a release need it; packages do not.
"""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from deckwright.anki.notes import Note
from deckwright.anki.notetypes import Layout
from deckwright.markup.cloze import clozes


class Preview(NamedTuple):
    """One card, as the HTML inside the body of Anki's window."""

    ordinal: int
    front: str
    back: str


def preview(note: Note, layout: Layout) -> list[Preview]:
    """The cards of a note, in the order of their ordinals."""
    fields = dict(zip((field.name for field in layout.fields), note.fields, strict=True))
    previews = []
    for ordinal in note.ordinals:
        template = layout.templates[0 if layout.cloze else ordinal]
        front = _Side(fields, ordinal + 1, front="").rendered(template.front)
        previews.append(Preview(ordinal, front, _Side(fields, ordinal + 1, front=front).rendered(template.back)))
    return previews


_TAG = re.compile(r"\{\{([#^/]?)([^{}]+)\}\}")
_EMPTY = re.compile(r"(?:\s|</?(?:br|div)\s*/?>)*", re.IGNORECASE)


class _Side:
    """One side being rendered: the fields, the number of the gap that is asked, and for the back also the front."""

    def __init__(self, fields: Mapping[str, str], number: int, front: str) -> None:
        self.fields = fields
        self.number = number
        self.front = front
        self.question = not front

    def rendered(self, template: str) -> str:
        """The template with its fields filled in, without the sections whose condition is false."""
        parts: list[str] = []
        place = hidden = 0
        for tag in _TAG.finditer(template):
            parts += [] if hidden else [template[place : tag.start()]]
            place = tag.end()
            kind, name = tag[1], tag[2].strip()
            if kind == "/":
                hidden -= hidden > 0
            elif kind:
                shows = self.is_filled(name) == (kind == "#")
                hidden += hidden > 0 or not shows
            elif not hidden:
                parts.append(self.field(name))
        return "".join([*parts, template[place:]])

    def is_filled(self, name: str) -> bool:
        return not _EMPTY.fullmatch(self.fields.get(name, ""))

    def field(self, reference: str) -> str:
        """What replaces {{filter:Field}}. The window, not the template, puts in a field to type in."""
        filter_, _, name = reference.rpartition(":")
        if name == "FrontSide":
            return self.front
        if filter_ == "type":
            return f"[[type:{name}]]"
        text = self.fields[name]
        return cloze(text, self.number, question=self.question) if filter_ == "cloze" else text


def cloze(text: str, number: int, *, question: bool) -> str:
    """A field's text, with its gaps as they are on the card that asks for gap `number`."""
    return _FORMULA.sub(_without_tags, _gaps(text, number, question))


_FORMULA = re.compile(r"(\\[(\[])(.*?)(\\[)\]])", re.DOTALL)


def _without_tags(formula: re.Match[str]) -> str:
    """A formula without the markup of gaps, which Anki removes because MathJax could not read it."""
    return formula[1] + re.sub(r"<[^<>]*>", "", formula[2]) + formula[3]


def _gaps(text: str, number: int, question: bool) -> str:
    parts: list[str] = []
    place = 0
    for gap in clozes(text):
        if gap.start < place:  # inside a gap that was already handled
            continue
        parts.append(text[place : gap.start])
        place = gap.stop + 2
        inside = _gaps(text[gap.inner : gap.hint], number, question)
        ordinals = ",".join(map(str, gap.numbers))
        if number not in gap.numbers:
            parts.append(f'<span class="cloze-inactive" data-ordinal="{ordinals}">{inside}</span>')
        elif not question:
            parts.append(f'<span class="cloze" data-ordinal="{ordinals}">{inside}</span>')
        else:
            hint = text[gap.hint + 2 : gap.stop] or "..."
            hidden = "".join(_attribute(inside))
            parts.append(f'<span class="cloze" data-cloze="{hidden}" data-ordinal="{ordinals}">[{hint}]</span>')
    return "".join([*parts, text[place:]])


def _attribute(text: str) -> Iterator[str]:
    """A text as Anki escapes it in an attribute."""
    for character in text:
        if ord(character) < 256 and not (character.isascii() and character.isalnum()):
            yield _NAMED.get(character, f"&#x{ord(character):X};")
        else:
            yield character


_NAMED = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}
