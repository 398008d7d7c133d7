"""Questions → data for the Typst templates. Nothing here is Typst source: texts are passed as data.

In: a `QuizJob` and its questions. Out: dictionaries and lists that JSON can hold.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from deckwright.markup import tex
from deckwright.markup.text import said
from deckwright.markup.tree import Element, Tree
from deckwright.pictures.media import Medium
from deckwright.quiz.forms import Question
from deckwright.quiz.gaps import boxes
from deckwright.quiz.job import QuizJob
from deckwright.quiz.marking import gap_width, lines_for
from deckwright.quiz.pdf.engine import FALLBACK, SANS
from deckwright.words import direction, primary


class Content:
    """Turns questions into data for JSON, and collects the images in them."""

    def __init__(self, job: QuizJob, picture_width: float = 0.6) -> None:
        """`picture_width` is the share of a column that a picture takes."""
        self.job = job
        self.picture_width = picture_width
        self.images: dict[str, bytes] = {}

    def common(self) -> dict[str, Any]:
        """What every template is given."""
        deck, layout = self.job.deck, self.job.layout
        language, words = deck.settings.language, deck.words
        own = words.language == primary(language)
        region = re.search("-([A-Za-z]{2})$", language)
        return {
            "authors": list(deck.settings.authors),
            "language": {"lang": primary(language), "region": region[1].upper() if region else None},
            "right-to-left": direction(language) == "rtl",
            "words": dict(words.texts),
            "words-language": {} if own else {"lang": words.language, "region": None},
            "picture-width": 0.9 if layout.large or layout.columns > 1 else self.picture_width,
            "paper": {"letter": "us-letter"}.get(layout.paper, layout.paper),
            "fonts": [*layout.fonts, SANS, *FALLBACK],
        }

    def image(self, medium: Medium) -> str:
        self.images[medium.travels_as] = medium.data
        return medium.travels_as

    def question(self, question: Question) -> dict[str, Any]:
        layout = self.job.layout
        asked = [question.stem, *(choice.text for choice in question.choices)]
        lines = lines_for(question, layout.lines, 1 if layout.large else layout.columns)
        most = _SHORT_IF_LARGE if layout.large else _SHORT
        return {
            "number": question.number,
            "id": question.id,
            "stem": self.tree(question.stem),
            "choices": [
                {
                    "letter": choice.letter,
                    "text": self.tree(choice.text),
                    "correct": choice.correct,
                    "why": self.tree(choice.why or []),
                }
                for choice in question.choices
            ],
            "inline": all(_is_inline(choice.text) for choice in question.choices),
            "several": question.several,
            "gap": question.section == "gaps",
            "lines": lines,
            "numbered": question.numbered,
            "points": question.points,
            "status": question.status,
            "answers": [self.tree(answer) for answer in question.answers],
            "also": [self.tree(also) for also in question.also],
            "explanation": self.tree(question.explanation or []),
            "caveat": self.tree(question.caveat or []),
            "notice": question.notice,
            "sources": [{"text": citation.text, "address": citation.address} for citation in question.citations],
            "review": " · ".join([question.reviewed, question.id]),
            "short": _weight(asked) + _LINE * sum(lines) < (most if layout.columns == 1 else _SHORT_IF_LARGE),
            "short-answer": _weight([*asked, *_answers(question)]) < most,
        }

    def tree(self, nodes: Tree) -> list[Any]:
        return [broken(node) if isinstance(node, str) else ELEMENTS[node.tag](self, node) for node in nodes]


# --- one function for each tag; rich.typ draws their results ------------------------------------------------------


def _inline(content: Content, node: Element) -> Any:
    return {"tag": node.tag, "children": content.tree(node.children)}


def _code(content: Content, node: Element) -> Any:
    return {"tag": "code", "text": broken(said(node.children))}


def _formula(content: Content, node: Element) -> Any:
    source = said(node.children)
    formula = tex.parse(source)
    if formula is None:
        return f"${source}$"
    return {"tag": "math", "block": node.value == "block", "alt": tex.spoken(formula), "tree": _math(formula)}


def _image(content: Content, node: Element) -> Any:
    description = said(node.children)
    if node.value not in content.job.media:  # the picture of a card as it was printed, since removed
        return content.job.deck.words.say("picture_gone", description=description)
    file = content.image(content.job.media[node.value])
    return {"tag": "img", "file": file, "alt": description or node.value}


def _masked(content: Content, node: Element) -> Any:
    if node.value not in content.job.media:
        return content.job.deck.words.say("picture_gone", description=node.note)
    file = content.image(content.job.media[node.value])
    return {"tag": "masked", "file": file, "alt": node.note, "boxes": boxes(node)}


def _table(content: Content, node: Element) -> Any:
    rows = [[{"nodes": content.tree(cell.children)} for cell in _elements(row)] for row in _elements(node)]
    head = [cell["nodes"] for cell in rows[0]]
    return {"tag": "table", "columns": len(head), "rows": [head, *rows[1:]]}


def _bulleted(content: Content, node: Element) -> Any:
    return {"tag": "ul", "children": _items(content, node)}


def _numbered(content: Content, node: Element) -> Any:
    return {"tag": "ol", "start": int(node.value or 1), "children": _items(content, node)}


def _gap(content: Content, node: Element) -> Any:
    return {"tag": "gap", "width": gap_width(int(node.value)), "hint": node.note}


def _items(content: Content, node: Element) -> list[Any]:
    return [{"children": content.tree(item.children)} for item in _elements(node)]


def _answers(question: Question) -> Iterator[Tree]:
    """The texts below a question in the answer key."""
    yield from (choice.why for choice in question.choices if choice.why)
    yield from (*question.answers, *question.also)
    yield from (question.explanation or [], question.caveat or [])
    yield [question.notice, question.status, *(citation.text for citation in question.citations)]


def _weight(texts: Iterable[Tree]) -> int:
    """At least the characters that would fill the room of these texts on a page; very many for a picture or table."""
    return sum(
        _LINE + sum(len(node) if isinstance(node, str) else _weight_of(node) for node in nodes) for nodes in texts
    )


def _weight_of(node: Element) -> int:
    return (_HIGH if node.tag in ("img", "masked", "table") else _LINE) + _weight([node.children])


_LINE = 60
"""Characters of a line in large print, about."""
_HIGH = 10_000
_SHORT, _SHORT_IF_LARGE = 1500, 500
"""Weights below which a question certainly fits on a page. The engine need not measure it, which would take three times
as long and as much memory."""


def _is_inline(nodes: Tree) -> bool:
    """Whether a text can stand on one line, if it is short enough."""
    return all(
        isinstance(node, str) or (node.tag in _INLINE and node.value != "block" and _is_inline(node.children))
        for node in nodes
    )


_INLINE = frozenset({"strong", "em", "sub", "sup", "code", "a", "math"})


def _elements(node: Element) -> list[Element]:
    return [child for child in node.children if isinstance(child, Element)]


def broken(text: str) -> str:
    """Text in which words longer than a line can be broken after every 30 characters."""
    if len(text) <= 60:
        return text
    return " ".join(
        word if len(word) <= 60 else "\u200b".join(word[start : start + 30] for start in range(0, len(word), 30))
        for word in text.split(" ")
    )


def _math(node: tex.Node) -> dict[str, Any]:
    match node:
        case tex.Row():
            return {"kind": "row", "children": [_math(child) for child in node.children]}
        case tex.Sign():
            return {"kind": "sign", "text": node.text}
        case tex.Fraction():
            return {"kind": "fraction", "above": _math(node.above), "below": _math(node.below)}
        case tex.Root():
            return {"kind": "root", "inner": _math(node.inner)}
        case tex.Raised():
            sub, sup = (_math(part) if part is not None else None for part in (node.sub, node.sup))
            return {"kind": "raised", "base": _math(node.base), "sub": sub, "sup": sup}


ELEMENTS: Mapping[str, Callable[[Content, Element], Any]] = {
    **dict.fromkeys(("p", "br", "strong", "em", "sub", "sup", "a"), _inline),
    "code": _code,
    "math": _formula,
    "img": _image,
    "table": _table,
    "ul": _bulleted,
    "ol": _numbered,
    "gap": _gap,
    "masked": _masked,
}
"""How each tag of a quiz's trees becomes data for rich.typ."""
PARTS = frozenset({"thead", "tr", "td", "li", "mask"})
"""Tags that the functions for tables, lists and pictures handle."""
