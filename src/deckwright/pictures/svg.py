"""An SVG, element by element.

In: the bytes of a file. Out: those that draw; what the others may tell of a person goes to `found`. Raises ValueError
with what is wrong.
"""

import re
from base64 import b64decode, b64encode
from collections.abc import Callable
from html import escape
from urllib.parse import unquote_to_bytes
from xml.parsers import expat

from deckwright.pictures.pieces import Picture

UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_SVG = "http://www.w3.org/2000/svg"
_DRAWN = {_SVG, "http://www.w3.org/1999/xhtml", "http://www.w3.org/1998/Math/MathML"}
_XLINK = "http://www.w3.org/1999/xlink"
_SILENT = {"metadata", "title", "desc", "script"}
"""Elements of SVG that draw nothing."""
_SHOWING = ("image", "feImage", "use")
_PATHS = re.compile(r"[\w-]+:(?:export-filename|absref)\Z")
"""Where Inkscape notes places on its user's machine."""
_FONTS = (b"wOFF", b"wOF2", b"OTTO", b"\0\1\0\0", b"true", b"ttcf")
LARGEST_SVG = 20_000_000
DEEPEST = 1000
MOST_PREFIXES = 100


def cleaned(data: bytes, found: list[str], within: Callable[[bytes], Picture]) -> bytes:
    """`within` cleans a picture that this one holds."""
    if len(data) > LARGEST_SVG:
        raise ValueError(f"it is an SVG of more than {LARGEST_SVG // 1_000_000} MB")
    text = data.decode("utf-16" if data[:2] in UTF_16 else "utf-8-sig")
    return _Svg(found, within).written(text.lstrip()).encode()


_ROOT = re.compile(r"<(?:[\w-]+:)?svg\b[^>]*>")
_LENGTH = re.compile(r"""\s(width|height)=["']\s*(?=[0-9.]*[1-9])[0-9.]+\s*(?:px|pt|mm|cm|in|em)?\s*["']""")
_SIZE = r"((?=[0-9.]*[1-9])[0-9.]+)"
_VIEW = re.compile(rf"""\sviewBox=["']\s*[-0-9.e]+[\s,]+[-0-9.e]+[\s,]+{_SIZE}[\s,]+{_SIZE}\s*["']""")


def size_to_add(data: bytes) -> str:
    """What a cleaned SVG lacks that would give it a size of its own: `width="400" height="470"`. Empty if it has one. A
    browser draws an SVG without a size as wide as the page lets it, or not at all."""
    root = _ROOT.search(data.decode())
    if root is None or len({*_LENGTH.findall(root[0])}) == 2:
        return ""
    view = _VIEW.search(root[0])
    return f'width="{view[1]}" height="{view[2]}"' if view else 'width="…" height="…"'


class _Svg:
    """An SVG being read and written again at once. Only what a reader of XML understood is written."""

    def __init__(self, found: list[str], within: Callable[[bytes], Picture]) -> None:
        self.found = found
        self.within = within
        self.out: list[str] = []
        self.scopes: list[dict[str, str]] = [{}]
        self.open = False
        """Whether the last tag still lacks its end: `<g`."""
        self.text: list[str] = []
        self.style = False
        self.left_out = 0
        """How many elements are open that are not written."""
        self.about = False
        """Whether the outermost of them is <metadata>."""

    def written(self, text: str) -> str:
        parser = expat.ParserCreate()
        parser.ordered_attributes = True
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self.doctype
        parser.SkippedEntityHandler = self.entity
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.characters
        parser.Parse(text, True)
        return "".join(self.out)

    def doctype(self, name: str, system: str | None, public: str | None, inner: object) -> None:
        """Entities of a file's own can make a few lines into gigabytes: none is ever read."""
        if inner:
            raise ValueError("it is an SVG that declares entities of its own (<!DOCTYPE … [ … ]>)")

    def entity(self, name: str, parameter: object) -> None:
        raise ValueError(f"it is an SVG with an entity that it does not explain (&{name};)")

    def start(self, name: str, attributes: list[str]) -> None:
        if self.left_out:
            self.left_out += 1
            return
        self.write_text()
        pairs = list(zip(attributes[::2], attributes[1::2], strict=True))
        scope = self.scopes[-1]
        declared = {key[6:]: value for key, value in pairs if key == "xmlns" or key.startswith("xmlns:")}
        if declared:
            scope = {**scope, **declared}
        if len(self.scopes) > DEEPEST or len(scope) > MOST_PREFIXES:
            raise ValueError("it is an SVG of too many elements within each other")
        prefix, _, local = name.rpartition(":")
        space = scope.get(prefix, "")
        if len(self.scopes) == 1 and (space, local) != (_SVG, "svg"):
            raise ValueError(f'it is an SVG that does not begin with <svg xmlns="{_SVG}">')
        self.found += ["a path on its author's machine" for key, value in pairs if _PATHS.match(key) and value]
        if space not in _DRAWN or (space == _SVG and local in _SILENT):
            self.left_out = 1
            self.about = local == "metadata"
            return
        kept = "".join(
            f' {key}="{_escaped(self.value(local, key, value))}"' for key, value in pairs if _is_kept(key, value, scope)
        )
        self.out += [">", f"<{name}{kept}"] if self.open else [f"<{name}{kept}"]
        self.scopes.append(scope)
        self.open = True
        self.style = local == "style"

    def value(self, element: str, key: str, value: str) -> str:
        """An attribute's value, the pictures in it cleaned."""
        if value[:20].lstrip().lower().startswith("data:"):
            return self.embedded(value)
        if key.rpartition(":")[2] == "href" and element in _SHOWING and value.strip()[:1] not in ("", "#"):
            file = value.strip()[:80]
            raise ValueError(f"it is an SVG that shows another file ({file}), which does not travel with it")
        return self.css(value) if key == "style" or "data:" in value.lower() else value

    def end(self, name: str) -> None:
        if self.left_out:
            self.left_out -= 1
            return
        self.write_text()
        self.out.append("/>" if self.open else f"</{name}>")
        self.open = self.style = False
        self.scopes.pop()

    def characters(self, text: str) -> None:
        if not self.left_out:
            self.text.append(text)
        elif self.about and text.strip() not in ("", "image/svg+xml"):
            self.found.append("metadata")

    def write_text(self) -> None:
        """Writes the text since the last tag."""
        if not self.text:
            return
        text = "".join(self.text)
        self.text.clear()
        self.out += [">"] if self.open else []
        self.open = False
        self.out.append(_escaped(self.css(text) if self.style else text, attribute=False))

    def css(self, text: str) -> str:
        """A style sheet without its comments, the pictures in it cleaned."""
        return _CSS.sub(self.css_part, text)

    def css_part(self, match: "re.Match[str]") -> str:
        if match[0].startswith("/*"):
            return " "
        uri = match["double"] or match["single"] or match["bare"] or ""
        if not uri[:20].lstrip().lower().startswith("data:"):
            return match[0]
        return match[0].replace(uri, self.embedded(uri))

    def embedded(self, uri: str) -> str:
        """A data: address, the picture in it cleaned."""
        head, _, body = uri.strip()[len("data:") :].partition(",")
        data = unquote_to_bytes(body)
        if head.lower().replace(" ", "").endswith(";base64"):
            data = re.sub(rb"\s+", b"", data)
            data = b64decode(data + b"=" * (-len(data) % 4), validate=True)
        if data.startswith(_FONTS):
            return uri
        picture = self.within(data)
        self.found += [f"in a picture within it, {what}" for what in picture.found]
        return f"data:{picture.kind};base64,{b64encode(picture.data).decode()}"


_CSS = re.compile(
    r"""
      /\*.*?(?:\*/|\Z)
    | "(?P<double>[^"\\\n]*+(?:\\.[^"\\\n]*+)*)"?
    | '(?P<single>[^'\\\n]*+(?:\\.[^'\\\n]*+)*)'?
    | \burl\(\s*+(?P<bare>[^"')\\]++)\)?
    """,
    re.DOTALL | re.IGNORECASE | re.VERBOSE,
)
"""A comment, a string or an address. What lacks its end is taken to where it can reach, and not searched for again from
each place within it, which would take time by the square."""


def _is_kept(key: str, value: str, scope: dict[str, str]) -> bool:
    """Whether an attribute draws."""
    prefix, _, local = key.rpartition(":")
    if key == "xmlns" or prefix == "xmlns":
        return value in _DRAWN or value == _XLINK
    if prefix:
        return key in ("xml:space", "xml:lang") or (scope.get(prefix) == _XLINK and local != "title")
    return not local.startswith(("data-", "aria-", "on"))


def _escaped(text: str, *, attribute: bool = True) -> str:
    """Text as XML holds it. Line ends and tabs that an attribute holds were written as numbers, and are again."""
    text = escape(text, quote=attribute).replace("\r", "&#13;")
    return text.replace("\n", "&#10;").replace("\t", "&#9;") if attribute else text
