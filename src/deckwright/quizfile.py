"""<name>.quiz.yaml: a quiz, so that it can be printed again.

In: a quiz, or the file's bytes. Out: the bytes, or the quiz and what is wrong with the file.
"""

import re
from typing import NamedTuple

from deckwright.model import DEVICE
from deckwright.problem import Problem, Span
from deckwright.quiz import MOST_FORMS, Chosen, Quiz
from deckwright.values import SLUG
from deckwright.yamltext import Mapping, Node, Sequence, Text, quote, read

VERSION = "1"
NAME = rf"(?!{DEVICE} *(?:\.|\Z))\w(?:[\w .-]{{0,98}}[\w-])?"
"""What a quiz may be called: its files are named so, and every system can open them."""
LINE = r"[^\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]{1,200}"
"""A title or a seed: one line that fits on a sheet and into any file."""
ENDING = ".quiz.yaml"


class Remembered(NamedTuple):
    """A quiz, and how it was called and printed."""

    quiz: Quiz
    name: str
    title: str
    forms: int


def text(remembered: Remembered) -> bytes:
    """The file."""
    quiz = remembered.quiz
    lines = [
        f"# A quiz. Print it again: deckwright quiz --again {remembered.name}{ENDING}",
        f"quiz: {VERSION}",
        f"digest: {quiz.digest}",
        f"name: {quote(remembered.name)}",
        f"title: {quote(remembered.title)}",
        f"namespace: {quiz.namespace}",
        f"seed: {quote(quiz.seed)}",
        f"forms: {remembered.forms}",
        "questions:",
    ]
    for chosen in quiz.questions:
        lines += [f"  - id: {chosen.id}", f"    answer: {chosen.answer}"]
        lines += [f"    gap: {chosen.gap}"] if chosen.gap else []
        if chosen.options:
            lines += [f"    options: {' '.join(chosen.options)}", f"    order: {'fixed' if chosen.fixed else 'any'}"]
            lines += [f"    last: {chosen.last}"] if chosen.last else []
    return "\n".join([*lines, ""]).encode()


_SHAPES = {
    "quiz": r"[0-9]{1,9}", "digest": r"[0-9a-f]{8}", "name": NAME, "title": LINE, "namespace": SLUG,
    "seed": LINE, "forms": r"[0-9]{1,3}",
}  # fmt: skip


def parse(name: str, data: bytes) -> tuple[Remembered | None, list[Problem]]:
    """The quiz in a file called `name`; None, and why, when it cannot be printed."""
    _, node, found = read(name, data)
    if found:
        return None, [_wrong(name, Text("", *found[0].span[1:]), found[0].message)]
    values: dict[str, str] = {}
    for key, shape in _SHAPES.items():
        value = _text(node, key)
        if value is None or not re.fullmatch(shape, value.text):
            at = value or Text("")
            return None, [_wrong(name, at, f"`{key}` is missing" if value is None else f"`{key}` cannot be used")]
        values[key] = value.text
    if values["quiz"] != VERSION:
        hint = "install the deckwright that wrote it, or a newer one"
        return None, [Problem(Span(name), "quiz-version", f"this quiz is of version {values['quiz']}", hint)]
    chosen = [*_questions(node)]
    if not chosen or None in chosen or not 1 <= int(values["forms"]) <= MOST_FORMS:
        return None, [_wrong(name, Text(""), "its questions or forms cannot be read")]
    quiz = Quiz(values["namespace"], values["seed"], tuple(question for question in chosen if question))
    if quiz.digest != values["digest"]:
        return None, [_wrong(name, Text(""), "its questions are not those it was written with")]
    return Remembered(quiz, values["name"], values["title"], int(values["forms"])), []


def _wrong(name: str, at: Text, message: str) -> Problem:
    hint = "give a file that deckwright quiz wrote, unchanged"
    return Problem(Span(name, at.line, at.column), "quiz-file", f"this is no quiz of deckwright: {message}", hint)


def _text(node: Node | None, key: str) -> Text | None:
    value = node.entries.get(key) if isinstance(node, Mapping) else None
    return value[1] if value is not None and isinstance(value[1], Text) else None


def _questions(node: Node | None) -> list[Chosen | None]:
    listed = node.entries.get("questions") if isinstance(node, Mapping) else None
    if listed is None or not isinstance(listed[1], Sequence):
        return []
    return [_chosen(entry) for entry in listed[1].items]


_QUESTION = {
    "id": SLUG, "answer": r"[0-9a-f]{8}", "gap": r"[0-9]{1,3}", "options": r"[0-9a-f]{8}(?: [0-9a-f]{8}){0,999}",
    "order": "fixed|any", "last": r"[0-9]{1,3}",
}  # fmt: skip


def _chosen(node: Node) -> Chosen | None:
    values = {key: value.text for key in _QUESTION if (value := _text(node, key)) is not None}
    if "id" not in values or "answer" not in values:
        return None
    if not all(re.fullmatch(_QUESTION[key], value) for key, value in values.items()):
        return None
    options = tuple(values.get("options", "").split())
    last = min(int(values.get("last", "0")), len(options))
    return Chosen(
        values["id"], int(values.get("gap", "0")), values["answer"], options, values.get("order") == "fixed", last
    )
