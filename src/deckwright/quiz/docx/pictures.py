"""The pictures of a quiz, as Word can show them.

In: a `QuizJob`. Out: the bytes of each picture, with its boxes drawn on it. It is apart because the PDF engine draws
them, all at once, before there is a document.
"""

from collections.abc import Iterator
from typing import NamedTuple

from deckwright.markup.tree import Element, Tree
from deckwright.quiz.forms import Question
from deckwright.quiz.gaps import Box, boxes
from deckwright.quiz.job import QuizJob
from deckwright.quiz.pdf.engine import FALLBACK, SANS, Document, draw

WIDEST, HIGHEST = 80, 120
"""The largest size of a picture, in millimetres."""


class ShownPicture(NamedTuple):
    """A picture as it is shown."""

    name: str
    """In cards/media/."""
    boxes: tuple[Box, ...]
    filled: bool
    """Whether the boxes hide what is below them."""


def pictures_of(job: QuizJob) -> dict[ShownPicture, bytes]:
    """The pictures of the quiz. The PDF engine draws those that Word does not show (SVG, WebP), and boxes on any.
    Pictures that it cannot draw are left out."""
    used = {each for question in job.forms[0].questions for tree in _trees(question) for each in _used(tree)}
    known = sorted(each for each in used if each.name in job.media)
    drawn = [each for each in known if each.boxes or each.name.lower().endswith((".svg", ".webp"))]
    documents = [
        Document(
            "picture.typ",
            {
                "file": job.media[each.name].travels_as, "width": WIDEST, "height": HIGHEST, "boxes": each.boxes,
                "filled": each.filled, "fonts": [*job.layout.fonts, SANS, *FALLBACK],
            },
            {job.media[each.name].travels_as: job.media[each.name].data},
            "png",
        )
        for each in drawn
    ]  # fmt: skip
    drawings = dict(zip(drawn, draw(documents, job.layout.font_folders) if documents else (), strict=True))
    pictures = {each: drawings.get(each, job.media[each.name].data) for each in known}
    return {each: data for each, data in pictures.items() if isinstance(data, bytes)}


def _trees(question: Question) -> Iterator[Tree]:
    yield question.stem
    yield from (*question.answers, *question.also)
    for choice in question.choices:
        yield from (choice.text, choice.why or [])
    yield from (question.explanation or [], question.caveat or [])


def _used(nodes: Tree) -> Iterator[ShownPicture]:
    for node in nodes:
        if isinstance(node, Element):
            if node.tag in ("img", "masked"):
                yield ShownPicture(node.value, boxes(node), filled=False)
            if node.tag == "masked":
                yield ShownPicture(node.value, boxes(node), filled=True)
            yield from _used(node.children)
