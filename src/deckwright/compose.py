"""An author's answers → a new card: its id, its lines, and the file that it belongs in.

In: the answers to the questions of `deckwright new`, and the deck. Out: the file with the card at its end, and the
problems that the deck has because of it. Nothing is written here.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from textwrap import indent
from typing import NamedTuple

from deckwright.edit import add_card
from deckwright.files import MEDIA, NOT_CARDS, RELEASES, Unsaved
from deckwright.model import file_name
from deckwright.problem import Problem
from deckwright.project import Held, Project
from deckwright.reading.quoting import scalar
from deckwright.reading.values import plain, slugged
from deckwright.starter import SCHEMAS, schema_line


class Answers(NamedTuple):
    """What an author says of a new card."""

    topic: str
    kind: str
    """The name of a kind in KINDS."""
    question: str
    """The question, or the text of a cloze."""
    answers: Sequence[str] = ()
    """The answer and others that count, the correct options, the items, or the masks as `Iliopsoas @ 12 30 18 9`."""
    wrong: Sequence[str] = ()
    """The wrong options."""
    image: str = ""
    sources: Sequence[str] = ()
    tags: Sequence[str] = ()
    draft: bool = False


class Added(NamedTuple):
    """The outcome of adding a card."""

    name: str
    """The file that it belongs in."""
    id: str
    text: str
    """The card as it is written there."""
    before: bytes | None
    """The file as it is; None if there is no such file yet."""
    after: bytes | None
    """The file with the card; None if it cannot be added."""
    problems: Sequence[Problem]
    """What the deck's problems would be besides those that it has."""


def added(held: Held, answers: Answers) -> Added:
    """Adds a card to a deck. May raise OSError."""
    project = held.project
    lock_ids = project.lock.cards if project.lock else {}
    id_ = free_id(answers, {*lock_ids, *(id_ for file in held.files for id_ in file.file.ids)})
    text = card_lines(id_, answers)
    name = _file_of(answers.topic, held)
    before = project.files.read(name) if name in project.files.names else None
    edit = add_card(name, _new_file(name, answers.topic, held) if before is None else before, project.deck, text)
    if edit.data is None:
        return Added(name, id_, text, before, None, edit.problems)
    then = Held.compiled(Project.open(Unsaved(project.files, {name: edit.data})), held, notes=False, figures=True)
    problems = sorted(problem for problem in then.problems if problem not in held.problems)
    return Added(name, id_, text, before, edit.data, problems)


# --- the id ---------------------------------------------------------------------------------------------------

_LONGEST_ID = 40
_SMALL_WORD = re.compile(
    "an?|and|are|as|at|be|by|called|can|could|do|does|did|for|from|has|have|how|in|is|its?|many|may|much|must|name|of|on"
    "|one|or|should|that|the|there|this|to|was|were|what|when|where|which|who|why|with"
)
_GAP = re.compile(r"\{\{c\d+::.*?\}\}")


def free_id(answers: Answers, taken: Collection[str]) -> str:
    """A readable id that no card has: the first words of the question that say something, else those of the topic."""
    question = _words(_GAP.sub(" ", answers.question))
    words = (
        [word for word in question if not _SMALL_WORD.fullmatch(word)] or question or _words(answers.topic) or ["card"]
    )
    name = words[0][:_LONGEST_ID]
    for word in words[1:5]:
        name = f"{name}-{word}" if len(name) + len(word) < _LONGEST_ID else name
    number = 2
    free = name
    while free in taken:
        free, number = f"{name}-{number}", number + 1
    return free


def _words(text: str) -> list[str]:
    return [word for word in slugged(plain(text)).split("-") if word]


# --- the lines ------------------------------------------------------------------------------------------------


def card_lines(id_: str, answers: Answers) -> str:
    """A card as it is written in a file, from its dash on."""
    lines = [f"id: {id_}\n", *_BODIES[answers.kind](answers)]
    lines += _one_or_several("sources", answers.sources)
    lines += ["status: draft\n"] if answers.draft else []
    lines += _one_or_several("tags", answers.tags)
    return "- " + indent("".join(lines), "  ")[2:]


def _basic(answers: Answers) -> list[str]:
    first, *others = answers.answers
    return [_key("question", answers.question), _key("answer", first), *_list("also", others)]


def _cloze(answers: Answers) -> list[str]:
    return [_key("cloze", answers.question)]


def _options(answers: Answers) -> list[str]:
    options = [("correct", text) for text in answers.answers] + [("wrong", text) for text in answers.wrong]
    lines = [f"  - {indent(_key(side, text), '    ')[4:]}" for side, text in options]
    return [_key("question", answers.question), "options:\n", *lines]


def _items(answers: Answers) -> list[str]:
    return [_key("question", answers.question), *_list("items", answers.answers)]


def _occlusion(answers: Answers) -> list[str]:
    lines = []
    for text in answers.answers:
        answer, _, place = text.rpartition("@") if "@" in text else (text, "", "")
        lines += [f"  - {indent(_key('answer', answer.strip()), '    ')[4:]}"]
        lines += [f"    at: {scalar(place)}\n"] if place.strip() else []
    return [_key("question", answers.question), _key("image", answers.image), "masks:\n", *lines]


_BODIES: Mapping[str, Callable[[Answers], list[str]]] = {
    "basic": _basic,
    "cloze": _cloze,
    "options": _options,
    "items": _items,
    "occlusion": _occlusion,
}
"""The keys that make a card one of its kind, by the name of the kind."""


def _key(key: str, text: str) -> str:
    return f"{key}: {_value(text)}\n"


def _list(key: str, texts: Sequence[str]) -> list[str]:
    return [f"{key}:\n", *(f"  - {indent(_value(text), '  ').lstrip()}\n" for text in texts)] if texts else []


def _one_or_several(key: str, texts: Sequence[str]) -> list[str]:
    return [_key(key, texts[0])] if len(texts) == 1 else _list(key, texts)


def _value(text: str) -> str:
    """A text behind its key: on one line, or on the lines below a bar if it has several."""
    if "\n" not in text.strip():
        return scalar(text)
    return "|\n" + indent("\n".join(line.rstrip() for line in text.strip().splitlines()), "  ")


# --- the file -------------------------------------------------------------------------------------------------


def _file_of(topic: str, held: Held) -> str:
    """The file with a topic, else the name of a new one: cards/hip/pain.yaml for `Hip::Pain`."""
    names = [file.file.name for file in held.files if file.file.topic == topic]
    if names:
        return names[0]
    first, *others = [file_name(part) for part in topic.split("::")]
    if f"cards/{first}/" in (MEDIA, RELEASES):
        first += "-topic"
    stem = "/".join(["cards", first, *others])
    name, number = f"{stem}.yaml", 2
    while name in NOT_CARDS or name in held.project.files.names:
        name, number = f"{stem}-{number}.yaml", number + 1
    return name


def _new_file(name: str, topic: str, held: Held) -> bytes:
    """A file of cards without any. It tells editors its schema, if the project has schemas."""
    has_schemas = (held.project.files.root / SCHEMAS / "cards.schema.json").is_file()
    first = f"{schema_line(name, 'cards')}\n" if has_schemas else ""
    return f"{first}topic: {scalar(topic)}\ncards:\n".encode()
