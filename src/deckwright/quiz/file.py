"""<name>.quiz.yaml: the record of a quiz as it was printed. From it the sheets are marked and printed again.

In: a quiz, or the file's bytes. Out: the bytes, or the quiz and what is wrong with the file. A question is written with
the keys of a card (model.py), and with its number and the letters of its options on every form.
"""

import re
from collections.abc import Iterator
from dataclasses import fields
from typing import NamedTuple

from deckwright.markup.cloze import cloze_numbers
from deckwright.markup.text import cloze_faults
from deckwright.model import DEVICE, KINDS, PAPERS, Basic, CardKind, Cloze, Items, Occlusion, Options, Text
from deckwright.problem import Problem, Span
from deckwright.quiz.job import Layout
from deckwright.quiz.old import OldQuestion, OldQuiz
from deckwright.quiz.select import MOST_FORMS, Asked, Quiz, content_digest, letter
from deckwright.reading.nodes import Mapping, Node, Sequence, Source
from deckwright.reading.quoting import quote
from deckwright.reading.scalars import SLUG
from deckwright.reading.shapes import KEYS
from deckwright.reading.values import Reader
from deckwright.reading.yaml import read

VERSION = "2"
NAME = rf"(?!{DEVICE} *(?:\.|\Z))\w(?:[\w .-]{{0,98}}[\w-])?"
"""The name of a quiz. Its files have this name, so every operating system must accept it."""
LINE = r"[^\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]{1,200}"
"""A title or a seed: one line that fits on a sheet, of characters that any file can hold."""
INSTRUCTIONS = LINE.replace("200", "2000")
ENDING = ".quiz.yaml"


class Remembered(NamedTuple):
    """The contents of a file: a quiz, with its name and layout."""

    quiz: Quiz | OldQuiz
    layout: Layout
    data: bytes = b""
    """The bytes of the file, if the quiz was read from one."""

    @property
    def ids(self) -> list[str]:
        return [question.id for question in self.quiz.questions]


LAYOUT = {
    "paper": "|".join(PAPERS), "columns": "[12]", "large": "true|false", "institution": LINE, "logo_name": LINE,
    "instructions": INSTRUCTIONS, "points": "true|false", "status": "true|false", "lines": "1?[0-9]|20",
    "answer_sheet": "true|false", "answers": "separate|appended|none", "fonts": f"{LINE}(?:, {LINE}){{0,9}}",
}  # fmt: skip
"""The fields of a layout that are recorded, and the values that each may have. A logo is recorded by its name only, and
fonts without their folders: a file that somebody sent must not name files to print."""


# --- writing --------------------------------------------------------------------------------------------------


def text(quiz: Quiz, layout: Layout) -> bytes:
    """The bytes of the file."""
    name = f"{layout.name}{ENDING}"
    lines = [
        "# A quiz as it was printed: the key of its sheets. Keep it, and do not edit it.",
        f"# Print it again:   deckwright quiz --again {name}",
        f"# Mark its sheets:  deckwright quiz --again {name} --answers-only",
        f"quiz: {VERSION}",
        f"digest: {quiz.digest}",
        f"content: {content_digest(quiz)}",
        f"name: {quote(layout.name)}",
        f"title: {quote(layout.title)}",
        f"namespace: {quiz.namespace}",
        f"seed: {quote(quiz.seed)}",
        f"forms: {quiz.forms}",
        "layout:",
        *(f"  {key}: {value}" for key, value in _layout_lines(layout)),
        "questions:",
    ]
    for asked in quiz.questions:
        lines += _question_lines(asked)
    return "\n".join([*lines, ""]).encode()


def _layout_lines(layout: Layout) -> Iterator[tuple[str, str]]:
    for field in fields(Layout):
        value = getattr(layout, field.name)
        if field.name not in LAYOUT or (value == field.default and field.name != "paper"):
            continue
        if isinstance(value, bool | int):
            yield field.name, str(value).lower()
        elif isinstance(value, str):
            yield field.name, value if field.name in ("paper", "answers") else quote(value)
        elif value:
            yield field.name, quote(", ".join(value))


def _question_lines(asked: Asked) -> Iterator[str]:
    card = asked.card
    yield f"  - id: {asked.id}"
    yield f"    numbers: {' '.join(map(str, asked.numbers))}"
    yield f"    points: {asked.points}"
    if asked.pictures:
        yield f"    pictures: {' '.join(asked.pictures)}"
    match card:
        case Basic():
            yield from _scalar("    question", card.question)
            yield from _scalar("    answer", card.answer)
            if card.also:
                yield "    also:"
                for also in card.also:
                    yield from _scalar("      -", also)
        case Cloze():
            yield f"    gap: {asked.gap}"
            yield from _scalar("    cloze", card.cloze)
        case Options():
            yield from _scalar("    question", card.question)
            yield "    options:"
            for place, option in enumerate(card.options):
                yield from _scalar(f"      - {'correct' if option.correct else 'wrong'}", option.text)
                yield f"        letters: {' '.join(letters[place] for letters in asked.letters)}"
        case Items():
            yield from _scalar("    question", card.question)
            if card.ordered:
                yield "    ordered: true"
            yield "    items:"
            for item in card.items:
                yield from _scalar("      -", item.text)
        case Occlusion():
            yield from _scalar("    question", card.question)
            yield from _scalar("    image", card.image)
            if card.alt is not None:
                yield from _scalar("    alt", card.alt)
            yield "    masks:"
            for mask in card.masks:
                yield from _scalar("      - answer", mask.answer)
                yield f"        at: {mask.at.written if mask.at else ''}"
                if mask.also:
                    yield "        also:"
                    for also in mask.also:
                        yield from _scalar("          -", also)


def _scalar(key: str, value: str) -> Iterator[str]:
    """A text after a key or a dash, in quotes or as a block, so that it is read back unchanged."""
    key = key if key.endswith("-") else f"{key}:"
    if "\n" not in value:
        yield f"{key} {quote(value)}"
        return
    yield f"{key} |-"
    indent = " " * (len(key) - len(key.lstrip(" -")) + 2)
    yield from (f"{indent}{line}" if line else "" for line in value.split("\n"))


# --- reading --------------------------------------------------------------------------------------------------

_SHAPES = {
    "quiz": r"[0-9]{1,9}", "digest": r"[0-9a-f]{8}", "name": NAME, "title": LINE, "namespace": SLUG,
    "seed": LINE, "forms": r"[0-9]{1,3}",
}  # fmt: skip


def parse(name: str, data: bytes) -> tuple[Remembered | None, list[Problem]]:
    """The quiz in a file called `name`; None, with the reason, if it cannot be printed."""
    source, node, problems = read(name, data)
    if problems:
        return None, [_wrong(name, Text("", *problems[0].span[1:]), problems[0].message)]
    values: dict[str, str] = {}
    for key, shape in _SHAPES.items():
        value = _text(node, key)
        if value is None or not re.fullmatch(shape, value):
            at = value or Text("")
            return None, [_wrong(name, at, f"`{key}` is missing" if value is None else f"`{key}` is not valid")]
        values[key] = value
    if values["quiz"] not in ("1", VERSION):
        hint = "install the version of deckwright that wrote it, or a newer one"
        return None, [
            Problem(
                Span(name),
                "quiz-version",
                f"this quiz file has version {values['quiz']}, which this deckwright does not know",
                hint,
            )
        ]
    number = int(values["forms"])
    if not 1 <= number <= MOST_FORMS:
        return None, [_wrong(name, Text(""), f"it has {number} forms, and there can be 1 to {MOST_FORMS}")]
    listed = _value(node, "questions")
    entries = listed.items if isinstance(listed, Sequence) else []
    layout = _layout(node, values["name"], values["title"])
    if layout is None:
        return None, [_wrong(name, Text(""), "its layout is not valid")]
    quiz: Quiz | OldQuiz
    namespace, seed = values["namespace"], values["seed"]
    if values["quiz"] == VERSION:
        asked = [_asked(source, entry, number) for entry in entries]
        bad = [entry for entry, one in zip(entries, asked, strict=True) if one is None]
        quiz = Quiz(namespace, seed, number, tuple(one for one in asked if one))
    else:
        old = [_old_question(entry) for entry in entries]
        bad = [entry for entry, one in zip(entries, old, strict=True) if one is None]
        quiz = OldQuiz(namespace, seed, number, tuple(one for one in old if one))
    if bad or not entries:
        return None, [_wrong(name, bad[0] if bad else Text(""), "its questions cannot be read")]
    if len({question.id for question in quiz.questions}) < len(entries):
        return None, [_wrong(name, Text(""), "it asks a card twice")]
    if quiz.digest != values["digest"]:
        return None, [_wrong(name, Text(""), "its questions were changed after it was written")]
    if isinstance(quiz, Quiz):
        if any(sorted(numbers) != list(range(1, len(entries) + 1)) for numbers in _by_form(quiz)):
            return None, [_wrong(name, Text(""), "the numbers of its questions are not 1, 2, 3 and so on")]
        content = _text(node, "content")
        if content is None or content != content_digest(quiz):
            message = "its texts, letters or answers were changed after it was written"
            return None, [_wrong(name, content or Text(""), message)]
    return Remembered(quiz, layout, data), []


def _by_form(quiz: Quiz) -> Iterator[list[int]]:
    for form in range(quiz.forms):
        yield [asked.numbers[form] for asked in quiz.questions]


def _wrong(name: str, at: Node, message: str) -> Problem:
    hint = "give an unchanged file that deckwright quiz wrote"
    return Problem(Span(name, at.line, at.column), "quiz-file", f"this is not a valid quiz file: {message}", hint)


def _value(node: Node | None, key: str) -> Node | None:
    value = node.entries.get(key) if isinstance(node, Mapping) else None
    return value[1] if value is not None else None


def _text(node: Node | None, key: str) -> Text | None:
    value = _value(node, key)
    return value if isinstance(value, Text) else None


def _layout(node: Node | None, name: str, title: str) -> Layout | None:
    """The layout; None if one of its values is not valid. Files of version 1 have no layout."""
    written = _value(node, "layout")
    if written is None:
        return Layout(title=title, name=name, paper="")
    values: dict[str, object] = {}
    for field in fields(Layout):
        value = _value(written, field.name)
        if value is None or field.name not in LAYOUT:
            continue
        if not isinstance(value, Text) or not re.fullmatch(LAYOUT[field.name], value):
            return None
        if isinstance(field.default, bool):
            values[field.name] = value == "true"
        elif isinstance(field.default, int):
            values[field.name] = int(value)
        elif field.name == "fonts":
            values[field.name] = tuple(value.split(", "))
        else:
            values[field.name] = value
    return Layout(title=title, name=name, **values)  # type: ignore[arg-type]  # each fits the shape of its field


_OWN = ("id", "numbers", "points", "pictures", "gap", "letters")
"""Keys that a card does not have, and the id, which is read separately."""
_MOST_OPTIONS = 100_000
_NUMBER = r"[1-9][0-9]{0,6}"


def _asked(source: Source, node: Node, forms: int) -> Asked | None:
    """One question; None if it is not written as deckwright writes it."""
    kinds = [kind.card for kind in KINDS if _value(node, kind.mark) is not None]
    if not isinstance(node, Mapping) or len(kinds) != 1:
        return None
    written = {key: value for key in _OWN if (value := _text(node, key)) is not None}
    shapes = {"id": SLUG, "numbers": f"{_NUMBER}(?: {_NUMBER}){{{forms - 1}}}", "points": "[0-9]{1,4}"}
    if not all(re.fullmatch(shape, written.get(key, "")) for key, shape in shapes.items()):
        return None
    gap = written.get("gap", "0")
    card = _card(source, node, kinds[0])
    if card is None or not re.fullmatch("[0-9]{1,3}", gap):
        return None
    letters: tuple[tuple[str, ...], ...] | None = ()
    if isinstance(card, Cloze) and (int(gap) not in cloze_numbers(card.cloze) or any(cloze_faults(card.cloze))):
        return None
    if isinstance(card, Options):
        letters = _letters(_value(node, "options"), forms)
        if not any(option.correct for option in card.options) or letters is None:
            return None
    return Asked(
        card=card,
        gap=int(gap),
        points=int(written["points"]),
        numbers=tuple(map(int, written["numbers"].split())),
        letters=letters or (),
        pictures=tuple(written.get("pictures", "").split()),
    )


def _card(source: Source, node: Mapping, kind: type[CardKind]) -> CardKind | None:
    """The card that a question was made from, read like a card in a card file."""
    problems: list[Problem] = []
    own = {key: value for key, value in node.entries.items() if key == "id" or key not in _OWN}
    if "options" in own:
        key, listed = own["options"]
        if isinstance(listed, Sequence):
            own["options"] = (key, listed._replace(items=[_without_letters(item) for item in listed.items]))
    values, complete = Reader(source, problems).values(node._replace(entries=own), KEYS[kind], "a question")
    if not complete or problems:
        return None
    return kind(span=Span(source.file, node.line, node.column), topic=Text(""), **values)


def _without_letters(option: Node) -> Node:
    if not isinstance(option, Mapping):
        return option
    return option._replace(entries={key: value for key, value in option.entries.items() if key != "letters"})


def _letters(listed: Node | None, forms: int) -> tuple[tuple[str, ...], ...] | None:
    """The letters of the options on each form; None unless every form has each letter once."""
    options = listed.items if isinstance(listed, Sequence) else []
    written = [(_text(option, "letters") or Text("")).split(" ") for option in options]
    if not 0 < len(options) <= _MOST_OPTIONS or any(len(row) != forms for row in written):
        return None
    expected = {letter(place) for place in range(len(options))}
    letters = tuple(tuple(row[form] for row in written) for form in range(forms))
    return letters if all(set(row) == expected for row in letters) else None


_QUESTION = {
    "id": SLUG, "answer": r"[0-9a-f]{8}", "gap": r"[0-9]{1,3}", "options": r"[0-9a-f]{8}(?: [0-9a-f]{8}){0,999}",
    "order": "fixed|any", "last": r"[0-9]{1,3}",
}  # fmt: skip
"""A question in a file of version 1."""


def _old_question(node: Node) -> OldQuestion | None:
    values = {key: value for key in _QUESTION if (value := _text(node, key)) is not None}
    if "id" not in values or "answer" not in values:
        return None
    if not all(re.fullmatch(_QUESTION[key], value) for key, value in values.items()):
        return None
    options = tuple(values.get("options", "").split())
    last = min(int(values.get("last", "0")), len(options))
    return OldQuestion(
        id=values["id"],
        gap=int(values.get("gap", "0")),
        answer=values["answer"],
        options=options,
        fixed=values.get("order") == "fixed",
        last=last,
    )
