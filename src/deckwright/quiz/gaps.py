"""What a quiz asks in a text or on a picture: the gaps of one number are open, all others filled; masks are numbered.

In: the tree of a cloze text, or a card with masks. Out: a tree in which a `gap` element is a space to write in, and a
`masked` element a picture with numbered boxes; or the text in the gaps.
"""

from collections.abc import Iterable
from typing import NamedTuple

from deckwright.markup.text import said
from deckwright.markup.tree import TAGS, Element, Tree
from deckwright.model import Occlusion
from deckwright.words import Words

QUIZ_TAGS = TAGS - {"cloze"} | {"gap", "masked", "mask"}
"""Every tag that the trees of a quiz can contain. The value of a `gap` is the number of characters it hides; its note
is the hint. A `masked` element is like an `img`, but has its masks as children and its text as its note. The value of a
`mask` is its box as an author writes it; its child is its number."""


def masked(card: Occlusion, words: Words) -> Element:
    """The picture of a card, its masks numbered from 1."""
    living = [mask for mask in card.masks if mask.at is not None and not mask.retired]
    boxes = [Element("mask", [str(number)], mask.at.written) for number, mask in enumerate(living, 1) if mask.at]
    return Element("masked", [*boxes], card.image, card.alt or words.count("masked_picture", len(living)))


class Box(NamedTuple):
    """A numbered box on a picture, in shares of the picture's width and height."""

    number: str
    left: float
    top: float
    width: float
    height: float


def boxes(node: Element) -> tuple[Box, ...]:
    """The boxes of a `masked` element; none of an `img`."""
    masks = [child for child in node.children if isinstance(child, Element) and child.tag == "mask"]
    return tuple(Box(said(mask.children), *(float(part) / 100 for part in mask.value.split())) for mask in masks)


def with_gap(nodes: Tree, gap: int, inside: str = "") -> Tree:
    """A cloze text with the gaps of one number open and the others filled. `inside` is `math` or `code` within a
    formula or code."""
    shown: Tree = []
    for node in nodes:
        if isinstance(node, str):
            shown.append(node)
        elif node.tag == "cloze" and str(gap) in node.value.split(","):
            if inside:
                shown.append(r"\text{______}" if inside == "math" else "______")
            else:
                shown.append(Element("gap", [], str(len(said(node.children))), node.note))
        elif node.tag == "cloze":
            shown += with_gap(node.children, gap, inside)
        else:
            within = node.tag if node.tag in ("math", "code") else inside
            shown.append(node._replace(children=with_gap(node.children, gap, within)))
    return shown


def hidden(nodes: Tree, gap: int) -> Iterable[Tree]:
    """The texts in the gaps of one number, in the order of the cloze text."""
    for node in nodes:
        if isinstance(node, Element):
            if node.tag == "cloze" and str(gap) in node.value.split(","):
                yield with_gap(node.children, -1)
            else:
                yield from hidden(node.children, gap)


def with_gaps_emptied(nodes: Tree) -> Tree:
    """A cloze text with an ellipsis in each of its gaps."""
    return [
        node
        if isinstance(node, str)
        else "…"
        if node.tag == "cloze"
        else node._replace(children=with_gaps_emptied(node.children))
        for node in nodes
    ]
