"""Plain text of the author's markup, and what it contains: pictures, formulas, gaps.

In: a text as written. Out: words without markup, names of pictures, sources of formulas, what each gap hides, and the
errors in gaps.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from deckwright.markup.cloze import (
    DEEPEST_GAP,
    GAP_OPENING,
    MOST_GAPS,
    NEARLY_A_GAP,
    clozes,
    filled,
    gaps_in_hints,
    scan_gaps,
)
from deckwright.markup.prepared import MARKED_UP, RAISED, prepare, set_aside
from deckwright.markup.tree import Element, Tree, TreeBuilder, cloze_tree, tree


class ClozeFault(NamedTuple):
    """What is wrong with a cloze text."""

    code: str
    message: str
    hint: str


def gap_texts(text: str) -> dict[int, str]:
    """What each number hides, without markup; gaps of one number are separated by a slash."""
    hidden: dict[int, list[str]] = {}
    for cloze in clozes(text):
        for number in cloze.numbers:
            hidden.setdefault(number, []).append(plain(filled(text[cloze.inner : cloze.hint])))
    return {number: " / ".join(texts) for number, texts in sorted(hidden.items())}


def cloze_faults(text: str) -> Iterator[ClozeFault]:
    """What Anki would show wrongly or not at all."""
    found = scan_gaps(text)
    in_hints = gaps_in_hints([cloze for cloze in found if cloze.stop >= 0])
    ends: list[int] = []  # of the outer gaps
    for cloze in found:
        while ends and ends[-1] < cloze.start:
            ends.pop()
        ends.append(cloze.stop)
        if len(ends) == DEEPEST_GAP + 1:
            yield ClozeFault("cloze-deep", f"more than {DEEPEST_GAP} gaps are inside each other", "nest fewer gaps")
        written = text[cloze.start : cloze.start + 20]
        if cloze.stop < 0:
            hint = "close it with }}, and close every { inside it with a }"
            yield ClozeFault("cloze-unclosed", f"the gap `{written}…` is not closed", hint)
            continue
        written = text[cloze.start : min(cloze.stop + 2, cloze.start + 60)]
        if 0 in cloze.numbers or max(cloze.numbers) > MOST_GAPS:
            yield ClozeFault(
                "cloze-number", f"the gap `{written}` has no number from 1 to {MOST_GAPS}", "number the gaps from c1"
            )
        if cloze.start in in_hints:
            yield ClozeFault("cloze-in-hint", f"the gap `{written}` is inside a hint", "write the hint without a gap")
        if not plain(text[cloze.inner : cloze.hint]).strip():
            yield ClozeFault("cloze-empty", f"the gap `{written}` hides nothing", "write the hidden text after the ::")
    if not found:
        hint = "hide the answer like this: {{c1::12 weeks}}"
        yield ClozeFault("cloze-missing", "this cloze text has no gap", hint)
    for match in NEARLY_A_GAP.finditer(text):
        if not GAP_OPENING.match(text, match.start()):
            hint = f"a gap opens like this: {{{{c{match[1] or match[2] or 1}::"
            yield ClozeFault("cloze-malformed", f"`{match[0]}` looks like a gap, but is not one", hint)
    for match in re.finditer(r"\{\{([^{}\0]+)\}\}", set_aside(text)[0]):
        if not NEARLY_A_GAP.match(match[0]):
            next_number = max((number for cloze in found for number in cloze.numbers), default=0) + 1
            hint = f"a gap opens like this: {{{{c{min(next_number, MOST_GAPS)}::{match[1]}}}}}"
            yield ClozeFault("cloze-malformed", f"`{match[0]}` looks like a gap, but has no number", hint)
    if found and _crosses(text):
        message = "a gap opens inside marked-up text and closes outside it, or the reverse"
        hint = "open and close the gap inside the same **bold**, *italic*, table cell, list entry or formula"
        yield ClozeFault("cloze-crosses", message, hint)


def _crosses(text: str) -> bool:
    prepared = prepare(text, gaps=True)
    builder = TreeBuilder(prepared)
    builder.read(prepared.text)
    return builder.crossed


def plain(text: str) -> str:
    """`text` without its markup, for comparing and for typing in."""
    if MARKED_UP.search(text) is None:
        return text
    return text_of(tree(text)).strip()


def raised(text: str) -> bool:
    """Whether `x~2~` or `x^2^`, at the end of a text, is a subscript or a superscript."""
    return (match := RAISED.search(text)) is not None and match.end() == len(text)


def image_names(text: str) -> list[tuple[str, str]]:
    """File name and alternative text of every image in a text."""
    return list(_images(tree(text))) if "![" in text else []


def formulas(text: str) -> list[str]:
    """The source of every formula in a text, with its gaps filled."""
    return list(_formulas(cloze_tree(text))) if "$" in text else []


def _formulas(nodes: Tree) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, Element):
            if node.tag == "math":
                yield said(node.children)
            else:
                yield from _formulas(node.children)


def said(nodes: Tree) -> str:
    """The text of a tree as it is, without added line ends."""
    return "".join(node if isinstance(node, str) else said(node.children) for node in nodes)


def _images(nodes: Tree) -> Iterator[tuple[str, str]]:
    for node in nodes:
        if isinstance(node, Element):
            if node.tag == "img":
                yield node.value, text_of(node.children)
            yield from _images(node.children)


def text_of(nodes: Tree) -> str:
    return "".join(
        node
        if isinstance(node, str)
        else "\n"
        if node.tag == "br"
        else text_of(node.children) + ("\n" if node.tag in ("p", "li", "tr", "td") else "")
        for node in nodes
    )
