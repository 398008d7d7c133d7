"""Markup of Anki and of web pages in a text → how it is written here.

In: a text as its author wrote it. Out: each kind of foreign markup in it, and the text rewritten. Such markup is shown
as written, so nothing is lost, but hardly any author wants a learner to read `<b>` or `\\(x\\)`.
"""

import re
from collections.abc import Callable, Iterator
from html import unescape
from html.entities import name2codepoint
from typing import NamedTuple

from deckwright.markup.prepared import set_aside
from deckwright.markup.text import raised


class Foreign(NamedTuple):
    """One kind of foreign markup in a text."""

    code: str
    message: str


_BLOCKS = {"div", "p", "pre", "blockquote", "ul", "ol", "li", "h1", "h2", "h3", "h4", "h5", "h6", "table", "tr"}
_MARKS = {"b": "**", "strong": "**", "i": "*", "em": "*", "code": "`"}
_PAIRED = (*_BLOCKS, *_MARKS, "u", "s", "strike", "del", "ins", "small", "big", "sub", "sup", "mark", "span", "font",
           "center", "a", "thead", "tbody", "td", "th", "script", "style", "video", "audio")  # fmt: skip
_ATTRIBUTES = r"""(?P<attributes>(?:\s+[\w:-]+\s*=\s*(?:"[^"<>]*"|'[^'<>]*'|[^\s"'<>=]+))*)"""
_TAG = re.compile(rf"<(?P<end>/?)(?P<name>{'|'.join(_PAIRED)}|br|hr|img|wbr){_ATTRIBUTES}\s*/?>", re.IGNORECASE)
_ENTITY = re.compile(rf"&(?:{'|'.join(name2codepoint)}|apos|#\d{{1,7}}|#[xX][0-9a-fA-F]{{1,6}});")
_FORMULA = re.compile(
    r"\\\((?P<inline>(?:[^\\\n]|\\[^()\n])*)\\\)|\\\[(?P<block>(?:[^\\]|\\[^\[\]])*)\\\]"
    r"|\[(?P<name>latex|\$\$?)\](?P<old>(?:[^\[]|\[(?!/?(?:latex|\$\$?)\]))*)\[/(?P=name)\]",
    re.IGNORECASE,
)
_WORDS = re.compile(r"(?=.*[^\W\d_]{3})[^\W\d_]+(?:[\s,.;:'’-]+[^\W_]+)*")  # words in brackets, not a formula
_OPEN_FORMULA = re.compile(
    r"(?<![$\w])(?P<opening>\$\$?|\\\(|\\\[)(?P<source> ?(?:\\[A-Za-z]|[A-Za-z({](?=[^$\n\0]*[\\^_=])"
    r"|\d(?=[^$\n\0]*(?:\\[A-Za-z]|[\^_]\{)))[^$\n\0]*)(?P<closing>\$?)"
)
_STOP = re.compile(r"[.,;:?!] |[.,;:?!]? *+$")
_CLOZE = re.compile(r"\{\{c\d+::")
_SOUND = re.compile(r"\s?\[sound:[^\[\]\n]*\]", re.IGNORECASE)


def foreign(text: str, *, gaps: bool = False) -> list[Foreign]:
    """Each kind of foreign markup in a text, once; `gaps` if {{c1::…}} is a gap, as in a cloze card."""
    # Most texts contain none of these characters; looking for each is faster than any pattern.
    if not ("<" in text or "&" in text or "$" in text or "\\" in text or "[" in text or "{{" in text):
        return []
    own, _ = set_aside(text)
    return list(_foreign(own, gaps=gaps))


def _foreign(text: str, *, gaps: bool) -> Iterator[Foreign]:
    if formula := _FORMULA.search(text):
        yield Foreign("anki-formula", f"`{_short(formula[0])}` is shown as written: it is not a formula here")
    elif formula := _OPEN_FORMULA.search(text):
        why = "there is a space inside its $" if _has_end(formula) else "it is not closed"
        yield Foreign("open-formula", f"`{_short(formula[0])}` is shown as written, because {why}")
    if tag := next(_tags(text), None):
        yield Foreign("html-tag", f"the HTML tag `{_short(tag[0])}` is shown as written")
    if entity := _ENTITY.search(text):
        yield Foreign("html-entity", f"the HTML entity `{entity[0]}` is shown as written")
    if not gaps and (cloze := _CLOZE.search(text)):
        yield Foreign("anki-cloze", f"`{cloze[0]}…` is shown as written: it is not a gap here")
    if sound := _SOUND.search(text):
        yield Foreign("anki-sound", f"`{_short(sound[0])}` is shown as written: it plays no sound")


def rewritten(text: str) -> str:
    """A text with its foreign markup as it is written here, or without markup that does not exist here."""
    for change in _CHANGES:
        own, aside = set_aside(text)
        text = _restored(change(own), aside)
    return text


def _restored(text: str, aside: list[str]) -> str:
    return re.sub("\0(\\d+)\0", lambda place: aside[int(place[1])], text)


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 60 else f"{text[:59]}…"


def _dollars(formula: re.Match[str]) -> str:
    """A formula written as in Anki, between dollar signs."""
    source = next(part for part in (formula["inline"], formula["block"], formula["old"]) if part is not None)
    source = source.strip().strip("$").strip()
    if formula["old"] is None and _WORDS.fullmatch(source):
        return f"({source})" if formula["block"] is None else f"[{source}]"
    sign = "$$" if formula["block"] is not None or formula["name"] == "$$" else "$"
    return f"{sign}{source}{sign}"


def _closed(formula: re.Match[str]) -> str:
    """An open formula, closed before a comma or at the end of its line; only its author knows where it should end."""
    sign = "$$" if formula["opening"] in ("$$", "\\[") else "$"
    source = formula["source"]
    if _has_end(formula):
        return f"{sign}{source.strip()}{sign}"
    stop = source[_STOP.search(source, 1).start() :]  # type: ignore[union-attr] # $ matches
    return f"{sign}{source[: len(source) - len(stop)].strip()}{sign}{stop}{formula['closing']}"


def _has_end(formula: re.Match[str]) -> bool:
    """Whether the next dollar sign seems to end an open formula; one after a comma hardly does."""
    return bool(formula["closing"]) and re.search(r"[.,;:?!] ", formula["source"]) is None


def _tags(text: str) -> Iterator[re.Match[str]]:
    """The tags in a text. `x<b>y` is two comparisons, unless `</b>` occurs as well."""
    tags = list(_TAG.finditer(text))
    ended = {tag["name"].lower() for tag in tags if tag["end"]}
    for tag in tags:
        joined = text[max(tag.start() - 1, 0) : tag.start()].isalnum() and text[tag.end() : tag.end() + 1].isalnum()
        if not joined or len(tag["name"]) > 1 or tag["name"].lower() in ended:
            yield tag


def _without_tags(text: str) -> str:
    for name, sign in (("sub", "~"), ("sup", "^")):
        text = _pair(name).sub(_raised(sign), text)
    for name, mark in (*_MARKS.items(), *_MARKS.items()):  # twice, for one inside another
        text = _pair(name).sub(rf"\g<before>{mark}\g<inside>{mark}\g<after>", text)
    text = re.sub(rf"<a{_ATTRIBUTES}>(?P<inside>[^<]*)</a>", _link, text, flags=re.IGNORECASE)
    parts, last = [], 0
    for tag in _tags(text):
        parts += [text[last : tag.start()], _instead(tag)]
        last = tag.end()
    if not last:
        return text
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"(?<! ) *+\n *", "\n", "".join([*parts, text[last:]]))).strip()


def _pair(name: str) -> re.Pattern[str]:
    """A pattern for an element that contains only text, with the spaces at its ends apart."""
    return re.compile(
        rf"<{name}{_ATTRIBUTES}\s*>(?P<before>\s*+)(?P<inside>[^<]*?[^<\s])(?P<after>\s*)</{name}>", re.IGNORECASE
    )


def _raised(sign: str) -> Callable[[re.Match[str]], str]:
    def write(element: re.Match[str]) -> str:
        inside = element["inside"]
        before = element.string[max(element.start() - 1, 0) : element.start()]
        if raised(f"{before}{sign}{inside}{sign}"):
            return f"{sign}{inside}{sign}"
        inside = inside if inside.isdecimal() else f"\\text{{{inside}}}"
        return f"${'_' if sign == '~' else '^'}{{{inside}}}$"

    return write


def _link(link: re.Match[str]) -> str:
    address = _attribute(link, "href")
    return f"[{link['inside']}]({address})" if address else link["inside"]


def _instead(tag: re.Match[str]) -> str:
    """What replaces a tag that is not part of a pair around a text."""
    name = tag["name"].lower()
    if name == "img":
        return f"![what it shows]({_attribute(tag, 'src') or 'file.svg'})"
    if name in ("td", "th"):
        return " " if tag["end"] else "| "
    if name == "tr":
        return "|\n" if tag["end"] else "\n"
    if name == "li":
        return "" if tag["end"] else "\n- "
    if name in ("p", "ul", "ol", "hr"):
        return "\n\n"
    return "\n" if name in _BLOCKS or name == "br" else ""


def _attribute(tag: re.Match[str], name: str) -> str:
    found = re.search(rf"""\b{name}\s*=\s*("[^"]*"|'[^']*'|[^\s"']+)""", tag["attributes"], re.IGNORECASE)
    return found[1].strip("\"'") if found else ""


_CHANGES: tuple[Callable[[str], str], ...] = (
    lambda text: _FORMULA.sub(_dollars, text),
    lambda text: _OPEN_FORMULA.sub(_closed, text),
    lambda text: _ENTITY.sub(
        lambda entity: unescape(entity[0]).replace("\xa0", " "), _without_tags(_SOUND.sub("", text))
    ),
)
"""Applied in this order, each only outside of what is our own markup after the one before."""
