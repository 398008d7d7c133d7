"""The author's texts → HTML for the fields of Anki.

In: a text as written, and the names of pictures in the package. Out: HTML in which only our own markup is live: no tag,
template, formula or sound of Anki becomes active in an author's text. Everything is escaped here.
"""

import re
from collections.abc import Callable, Mapping
from html import escape

import pyromark

from deckwright.markup.prepared import (
    AMPERSAND,
    COMMONMARK,
    DEEPEST,
    LESS,
    MARKED_UP,
    MORE_THAN_EMPHASIS,
    SPACE_BEFORE,
    SPECIAL,
    STAR,
    UNDERSCORE,
    shielded,
)
from deckwright.markup.text import text_of
from deckwright.markup.tree import Element, Tree, cloze_tree, tree


def html(text: str, images: Mapping[str, str]) -> str:
    """`text` as the HTML of an Anki field.

    `images` gives the name of each file of media/ in the package. Nothing in the HTML is live: no script, no address
    other than http, https and mailto, no template braces, none of Anki's own [brackets].
    """
    if SPECIAL.search(text) is None:
        return text
    if MARKED_UP.search(text) is None:
        return html_text(text)
    if MORE_THAN_EMPHASIS.search(text) is None and text.count("*") <= DEEPEST:
        return _emphasis_html(text)
    return _html(tree(text), images)


def cloze_html(text: str, images: Mapping[str, str]) -> str:
    """The text of a cloze card as the HTML of an Anki field, with its gaps. Otherwise as `html`."""
    return _html(cloze_tree(text), images)


def _emphasis_html(text: str) -> str:
    """One line whose only markup is *, by far the most frequent case: pyromark's own HTML equals that of the tree."""
    made = COMMONMARK.html(shielded(text))
    made = made[len("<p>") + len(SPACE_BEFORE) : -len("</p>\n")]
    if LESS in made or AMPERSAND in made or STAR in made or UNDERSCORE in made:
        made = made.replace(LESS, "&lt;").replace(AMPERSAND, "&amp;").replace(STAR, "*").replace(UNDERSCORE, "_")
    return made.replace("&quot;", '"')


def gap(text: str, number: int, images: Mapping[str, str], hint: str = "") -> str:
    """`text` as the HTML of gap `number`, for lists that are asked entry by entry."""
    return gap_around(html_in_gap(text, images), number, hint)


def gap_around(inside: str, number: int, hint: str = "") -> str:
    """Gap `number` around HTML that was made for the inside of a gap."""
    return _gap(Element("cloze", [], str(number), hint), inside)


def text_in_gap(text: str) -> str:
    """As `html_text`, for the inside of a gap."""
    return _text_html(text, in_gap=True)


def html_in_gap(text: str, images: Mapping[str, str]) -> str:
    """As `html`, for the inside of a gap."""
    return _html(tree(text), images, in_gap=True)


_OWN_BRACKET = re.compile(r"\[(?=sound:|anki:|/?latex\]|/?\$)", re.IGNORECASE)  # Anki's own
_LIVE = re.compile(rf"[&<>{{}}]|\\[()\[\]]|{_OWN_BRACKET.pattern}", re.IGNORECASE)


def _made_dead(match: re.Match[str]) -> str:
    found = match[0]
    if found[0] == "\\":  # MathJax does not look across an element's edge
        return f"\\<span>{found[1]}</span>"
    return _DEAD[found]


_DEAD = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "{": "&#123;", "}": "&#125;", "[": "&#91;"}


def html_text(text: str) -> str:
    """Text for an HTML field of Anki, without tags, templates or Anki's own brackets."""
    return _LIVE.sub(_made_dead, text)


def as_written(text: str) -> str:
    """Text for CommonMark as Anki and others read it, without markup or HTML."""
    text = re.sub(r"([\\`*_\[\]~^$|])", r"\\\1", escape(text, quote=False))
    return re.sub(r"^(\d*)([-+#.)=])", r"\1\\\2", text)  # what would begin a list or a heading


def page(markdown: str) -> str:
    """The HTML of a text in CommonMark that this program wrote; authors' texts are in it `as_written`."""
    return pyromark.html(markdown)


def attribute(text: str) -> str:
    """Text for a quoted HTML attribute in a field of Anki."""
    text = escape(text)
    for sign, entity in (("{", "&#123;"), ("}", "&#125;"), ("[", "&#91;"), ("::", "&#58;&#58;")):
        text = text.replace(sign, entity)
    return text


_ACTIVE_TEX = re.compile(r"\\(?:href|url|require|style|class|cssId|data|html\w*|texttip|mmlToken|action\w*)\b")


def _html(nodes: Tree, images: Mapping[str, str], *, in_gap: bool = False) -> str:
    parts: list[str] = []
    texts: list[str] = []  # joined first: characters may be live only side by side
    for node in nodes:
        if isinstance(node, str):
            texts.append(node)
            continue
        if texts:
            parts.append(_text_html("".join(texts), in_gap=in_gap))
            texts.clear()
        if node.tag == "cloze" and parts:
            parts[-1] = _dead_at_its_end(parts[-1])
        parts.append(ELEMENTS[node.tag](node, images, in_gap))
    parts.append(_text_html("".join(texts), in_gap=in_gap))
    return "".join(parts)


def _text_html(text: str, *, in_gap: bool) -> str:
    made = html_text(text)
    return made.replace("::", "&#58;&#58;") if in_gap else made


def _dead_at_its_end(text: str) -> str:
    """HTML whose last character does not join the text of a gap after or around it; older versions of Anki show a gap
    that is not asked without an element around it."""
    return text[:-1] + {"\\": "<span>\\</span>", "[": "&#91;"}.get(text[-1:], text[-1:])


def _gap(node: Element, inside: str) -> str:
    """{{c1::inside::hint}} as Anki reads it: a colon at the end of `inside` must not join the hint's colons."""
    inside = _dead_at_its_end(inside)
    if inside.endswith(":"):
        inside = inside[:-1] + "&#58;"
    hint = "::" + html_text(node.note).replace("::", "&#58;&#58;") if node.note else ""
    if hint.endswith(":"):
        hint = hint[:-1] + "&#58;"
    return f"{{{{c{node.value}::{inside}{hint}}}}}"


def _tex(nodes: Tree, *, in_gap: bool) -> str:
    parts: list[str] = []
    for node in nodes:
        if isinstance(node, Element):  # gaps are the only elements in formulas
            inside = _tex(node.children, in_gap=True)
            parts.append(_gap(node, inside + " " if inside.endswith("}") else inside))
            continue
        source = re.sub(r"\\\\(?=[()\[\]])|\\[()\[\]]", lambda m: "\\\\ " if m[0] == "\\\\" else m[0][1], node)
        source = re.sub(r"(?<=\{)(?=\{)|(?<=\})(?=\})", " ", source)
        if in_gap:
            source = re.sub(":(?=:)", ": ", source)
        source = source.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        parts.append(_OWN_BRACKET.sub("&#91;", source))
    return "".join(parts)


# --- one function for each tag -----------------------------------------------------------------------------

_Render = Callable[[Element, Mapping[str, str], bool], str]
"""An element, the names of images and whether a gap is around → HTML."""


def _wrapped(tag: str) -> _Render:
    opening, closing = f"<{tag}>", f"</{tag}>"
    return lambda node, images, in_gap: f"{opening}{_html(node.children, images, in_gap=in_gap)}{closing}"


def _break(node: Element, images: Mapping[str, str], in_gap: bool) -> str:
    return "<br>"


def _numbered(node: Element, images: Mapping[str, str], in_gap: bool) -> str:
    start = "" if node.value == "1" else f' start="{int(node.value)}"'
    return f"<ol{start}>{_html(node.children, images, in_gap=in_gap)}</ol>"


def _table(node: Element, images: Mapping[str, str], in_gap: bool) -> str:
    head, _, body = _html(node.children, images, in_gap=in_gap).partition("</thead>")
    return f"<table>{head}</thead><tbody>{body}</tbody></table>"


def _head(node: Element, images: Mapping[str, str], in_gap: bool) -> str:
    cells = _html(node.children, images, in_gap=in_gap)
    return f"<thead><tr>{cells.replace('<td>', '<th>').replace('</td>', '</th>')}</tr></thead>"


def _link(node: Element, images: Mapping[str, str], in_gap: bool) -> str:
    inside = _html(node.children, images, in_gap=in_gap)
    return f'<a href="{attribute(node.value)}"{_title(node)}>{inside}</a>'


def _image(node: Element, images: Mapping[str, str], in_gap: bool) -> str:
    if node.value in images:
        alternative = attribute(text_of(node.children))
        return f'<img src="{attribute(images[node.value])}" alt="{alternative}"{_title(node)}>'
    words = " ".join(part for part in (node.value, node.note) if part)
    return f"{_html(node.children, images, in_gap=in_gap)} ({_text_html(words, in_gap=in_gap)})"


def _title(node: Element) -> str:
    return f' title="{attribute(node.note)}"' if node.note else ""


def _formula(node: Element, images: Mapping[str, str], in_gap: bool) -> str:
    """A formula between the delimiters that MathJax looks for; `}}` would end a gap, so braces are kept apart."""
    source = _tex(node.children, in_gap=in_gap)
    if _ACTIVE_TEX.search(source):
        return f"<code>{html_text(source)}</code>"
    return f"\\[{source}\\]" if node.value else f"\\({source}\\)"


def _cloze(node: Element, images: Mapping[str, str], in_gap: bool) -> str:
    return _gap(node, _html(node.children, images, in_gap=True))


ELEMENTS: Mapping[str, _Render] = {
    **{tag: _wrapped(tag) for tag in ("p", "ul", "li", "tr", "td", "strong", "em", "code", "sub", "sup")},
    "br": _break,
    "ol": _numbered,
    "table": _table,
    "thead": _head,
    "a": _link,
    "img": _image,
    "math": _formula,
    "cloze": _cloze,
}
"""How each tag of a tree becomes HTML for Anki."""
