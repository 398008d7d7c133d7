"""Cloze texts as a quiz shows them: one number's gaps open, all others filled.

In: the tree of a cloze text. Out: a tree without clozes, in which `gap` is an element to write into; or what its gaps
hide.
"""

from collections.abc import Iterable

from deckwright.markup.text import said
from deckwright.markup.tree import TAGS, Element, Tree

QUIZ_TAGS = TAGS - {"cloze"} | {"gap"}
"""Every tag that the trees of a quiz can hold. The value of a `gap` is the number of characters it hides, its note is
the hint."""


def with_gap(nodes: Tree, gap: int, inside: str = "") -> Tree:
    """A cloze text with one number's gaps open and the others filled; `inside` names the formula or code around."""
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
    """What the gaps of one number hide, in the order in which they are in the text."""
    for node in nodes:
        if isinstance(node, Element):
            if node.tag == "cloze" and str(gap) in node.value.split(","):
                yield with_gap(node.children, -1)
            else:
                yield from hidden(node.children, gap)


def with_gaps_emptied(nodes: Tree) -> Tree:
    """A cloze text with all its gaps as dots."""
    return [
        node
        if isinstance(node, str)
        else "…"
        if node.tag == "cloze"
        else node._replace(children=with_gaps_emptied(node.children))
        for node in nodes
    ]
