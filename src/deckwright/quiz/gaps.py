"""Cloze texts as a quiz shows them: the gaps of one number are open, all others are filled.

In: the tree of a cloze text. Out: a tree without clozes, in which a `gap` element is a space to write in; or the text
in its gaps.
"""

from collections.abc import Iterable

from deckwright.markup.text import said
from deckwright.markup.tree import TAGS, Element, Tree

QUIZ_TAGS = TAGS - {"cloze"} | {"gap"}
"""Every tag that the trees of a quiz can contain. The value of a `gap` is the number of characters it hides; its note
is the hint."""


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
