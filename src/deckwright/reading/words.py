"""The words of a language → `Words`: those that come with the program, and those in cards/words.yaml.

In: the files of a project and the language of its deck. Out: the words of its cards, sheets and pages, and the problems
found. A word that neither the author nor the language has is English.
"""

import re
from functools import cache
from pathlib import Path

from deckwright.files import DECK, WORDS, Files
from deckwright.model import Key, Settings, Shape
from deckwright.problem import Problem, Span
from deckwright.reading.nodes import Mapping, Node
from deckwright.reading.quoting import quote
from deckwright.reading.scalars import line
from deckwright.reading.values import Reader, Table, Values
from deckwright.reading.yaml import read
from deckwright.words import PLACEHOLDER, Words, primary

_FOLDER = Path(__file__).parent.parent / "languages"
LANGUAGES = ("de", "en", "es", "fr")
"""The languages that come with the program, each with a file in languages/."""


@cache
def words_in(language: str) -> Words:
    """The words of one of `LANGUAGES`."""
    name = f"{language}.yaml"
    _, node, problems = read(name, (_FOLDER / name).read_bytes())
    assert isinstance(node, Mapping) and not problems, problems  # noqa: S101, PT018 - our own file
    return Words(language, {str(name): str(text) for name, (_, text) in node.entries.items()})


def load_words(files: Files, settings: Settings, problems: list[Problem]) -> Words:
    """The words for a deck with these settings. May raise OSError."""
    language = primary(settings.language)
    known = words_in(language if language in LANGUAGES else "en")
    own: Values = {}
    if WORDS in files.names:
        written, node, found = read(WORDS, files.read(WORDS))
        problems += found
        if node is not None or not found:
            own, _ = Reader(written, problems).values(node, _table(), "words.yaml")
    missing = () if language in LANGUAGES else [name for name in known.texts if name not in own]
    if missing:
        which = f"{len(missing)} of the {len(known.texts)} words" if own else "the words"
        message = f"{which} that cards and sheets add are English: there are none for `language: {settings.language}`"
        hint = f"translate them in cards/words.yaml, as docs/languages.md shows; the first is `{missing[0]}`"
        place = Span(DECK, settings.language.line, settings.language.column)
        problems.append(Problem(place, "no-words", message, hint))
    return Words("en" if missing else language, {**words_in("en").texts, **known.texts, **own})


@cache
def _table() -> Table:
    """The names of all words, and how an author's words are read."""
    names = words_in("en").texts
    keys = {name: Key(name, Shape.LINE, "", text, required=False) for name, text in names.items()}
    return Table(keys, dict.fromkeys(names, _word), ())


def _word(reader: Reader, node: Node, name: str) -> str | None:
    """One text that has the placeholders of the English one, and no other brace."""
    text = line(reader, node, name)
    if text is None:
        return None
    english = words_in("en")[name]
    wanted, there = set(PLACEHOLDER.findall(english)), set(PLACEHOLDER.findall(text))
    if name.endswith("_one"):
        there |= wanted & {"number"}  # it may say `one card`
    if wanted != there or re.search(r"[{}]", PLACEHOLDER.sub("", text)):
        what = " and ".join(f"{{{place}}}" for place in sorted(wanted)) or "no braces"
        reader.wrong(text, f"`{name}` should have {what}, as in the English words", f"{name}: {quote(english)}")
        return None
    return text
