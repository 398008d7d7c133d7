"""Pictures without what they say of people: no name, place, date, camera or comment in a picture's file leaves the
machine.

In: the bytes of a JPEG, PNG, WebP, GIF or SVG file. Out: the same picture, to the pixel, without its metadata, and what
was left out. Every format is taken apart into its own pieces and put together again from those that draw the picture;
what is not known to draw is left out, and a file that is not understood is refused. An imaging library would decode the
pixels and encode them again, which loses quality, and passes some metadata on; pixels are never decoded here.

The way a picture is turned (EXIF's orientation) is part of how it looks, and stays. So do the numbers of a colour
profile; its texts, which may name somebody's screen, do not. Of an SVG everything stays that draws. Its title and
description go: every output shows pictures with the text that the card gives them, so nobody would see or hear them.
"""

import re
import struct
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from html import escape
from typing import NamedTuple
from urllib.parse import unquote_to_bytes
from xml.parsers import expat


class Picture(NamedTuple):
    """A picture as it may travel."""

    kind: str
    """`image/png` and so on; empty when it cannot be used."""
    data: bytes
    """Its file without metadata; empty when it cannot be used."""
    found: tuple[str, ...]
    """What was left out that may tell of a person: `EXIF with a GPS position`."""
    fault: str = ""
    """Why it cannot be used: `it ends in the middle`."""


def cleaned(data: bytes) -> Picture:
    """A picture without its metadata. Whatever the bytes are, this raises nothing, takes time in proportion to them,
    and gives either a picture or a fault. Cleaning what is clean changes nothing."""
    try:
        return _cleaned(data, 0)
    except expat.ExpatError as error:
        return Picture("", b"", (), f"it is not the XML that an SVG is made of ({error})")
    except UnicodeError:
        return Picture("", b"", (), "it is an SVG that is not written in UTF-8")
    except ValueError as error:
        return Picture("", b"", (), str(error))


CUT_OFF = "it ends in the middle"
NO_PICTURE = "it holds no picture"


def _cleaned(data: bytes, depth: int) -> Picture:
    """As `cleaned`; `depth` counts the pictures around this one. Raises ValueError with the fault."""
    found: list[str] = []
    if data.startswith(b"\xff\xd8"):
        kind, clean = "image/jpeg", _jpeg(data, found)
    elif data.startswith(_PNG):
        kind, clean = "image/png", _png(data, found)
    elif data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        kind, clean = "image/webp", _webp(data, found)
    elif data.startswith((b"GIF87a", b"GIF89a")):
        kind, clean = "image/gif", _gif(data, found)
    elif data[:2] in _UTF_16 or data[:200].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        kind, clean = "image/svg+xml", _svg(data, found, depth)
    else:
        raise ValueError("it is not a JPEG, PNG, WebP, GIF or SVG file, whatever its name says")
    return Picture(kind, clean, tuple(dict.fromkeys(found)))


def _part(data: bytes, start: int, size: int) -> bytes:
    part = data[start : start + size]
    if len(part) < size:
        raise ValueError(CUT_OFF)
    return part


def _after_end(rest: bytes) -> list[str]:
    """What stands behind a picture's end: a second picture, a film, or what was cropped away."""
    return ["data after its end"] if rest.strip(b"\0\r\n") else []


# --- EXIF and colour profiles ------------------------------------------------------------------------------------

_TELLING = {
    0x010E: "a description", 0x010F: "a camera", 0x0110: "a camera", 0x0132: "a date", 0x013B: "an author",
    0x8298: "a copyright", 0x8825: "a GPS position", 0x9003: "a date", 0x9004: "a date", 0x9286: "a comment",
    0xA430: "an owner", 0xA431: "a serial number", 0xA434: "a camera",
}  # fmt: skip
_TECHNICAL = {
    0x0100, 0x0101, 0x0102, 0x0103, 0x0106, 0x0112, 0x0115, 0x011A, 0x011B, 0x0128, 0x0213, 0x8769, 0x9000, 0x9101,
    0xA000, 0xA001, 0xA002, 0xA003,
}  # fmt: skip
"""Sizes, resolution, colour space and the like: every picture of a machine has them."""


def _exif(tiff: bytes, found: list[str]) -> int:
    """The orientation that EXIF gives, 1 to 8; what else it says goes to `found`."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    if order is None or len(tiff) < 8:
        found.append("EXIF that cannot be read")
        return 1
    orientation = 1
    tags: list[int] = []
    places = [struct.unpack_from(f"{order}I", tiff, 4)[0]]
    thumbnail = False
    while places and len(tags) < 1000:
        place = places.pop()
        if place + 2 > len(tiff):
            continue
        (count,) = struct.unpack_from(f"{order}H", tiff, place)
        end = min(place + 2 + 12 * count, len(tiff) - 11)
        for entry in range(place + 2, end, 12):
            tag, kind, number = struct.unpack_from(f"{order}HHI", tiff, entry)
            (short,) = struct.unpack_from(f"{order}H", tiff, entry + 8)
            if tag == 0x0112 and (kind, number) == (3, 1) and 1 <= short <= 8:
                orientation = short
            if tag == 0x8769 and 0x8769 not in tags:  # EXIF's own entries are in a directory apart
                places.append(struct.unpack_from(f"{order}I", tiff, entry + 8)[0])
            tags.append(tag)
        thumbnail |= place + 2 + 12 * count < len(tiff) - 3 and any(_part(tiff, place + 2 + 12 * count, 4))
    telling = [_TELLING[tag] for tag in tags if tag in _TELLING]
    telling += ["a small copy of the picture"] if thumbnail else []
    if telling:
        found.append(f"EXIF with {', '.join(dict.fromkeys(telling))}")
    elif not _TECHNICAL.issuperset(tags):
        found.append("EXIF")
    return orientation


def _orientation(turned: int) -> bytes:
    """EXIF that holds an orientation and nothing else."""
    return b"II*\0\x08\0\0\0\x01\0" + struct.pack("<HHIHH", 0x0112, 3, 1, turned, 0) + b"\0\0\0\0"


_PROFILE_TAGS = frozenset(
    b"wtpt bkpt rXYZ gXYZ bXYZ rTRC gTRC bTRC kTRC A2B0 A2B1 A2B2 B2A0 B2A1 B2A2 D2B0 D2B1 D2B2 D2B3 B2D0 B2D1 B2D2 "
    b"B2D3 gamt chad chrm cicp".split()
)
"""The entries of a colour profile that turn numbers into colours."""
MOST_PROFILE = 4_000_000
"""Bytes of a colour profile; that of a printing press has two million."""
MOST_ENTRIES = 100


def _profile(data: bytes) -> bytes:
    """A colour profile without its texts, dates and makers; nothing when it is none, and is of no use then."""
    if not 132 <= len(data) <= MOST_PROFILE or data[36:40] != b"acsp":
        return b""
    (count,) = struct.unpack_from(">I", data, 128)
    if count > MOST_ENTRIES or 132 + 12 * count > len(data):
        return b""
    texts = (_MLUC, _MLUC) if data[8] >= 4 else (_DESC, _TEXT)
    entries = dict(zip((b"desc", b"cprt"), texts, strict=True))  # a profile without these two is not valid
    for name, start, size in struct.iter_unpack(">4sII", data[132 : 132 + 12 * count]):
        if name in _PROFILE_TAGS:
            entries[name] = data[start : start + size]
    places: dict[bytes, int] = {}
    table, body = b"", b""
    start = 132 + 12 * len(entries)
    for name, entry in entries.items():
        if entry not in places:
            places[entry] = start + len(body)
            body += entry + b"\0" * (-len(entry) % 4)
        table += struct.pack(">4sII", name, places[entry], len(entry))
        if len(body) > 2 * len(data):  # entries that overlap
            return b""
    head = data[4:24] + bytes(12) + data[36:48] + bytes(8) + data[56:80] + bytes(48)
    return struct.pack(">I", start + len(body)) + head + struct.pack(">I", len(entries)) + table + body


_DESC = b"desc\0\0\0\0" + struct.pack(">I", 2) + b"-\0" + bytes(78)
_TEXT = b"text\0\0\0\0-\0"
_MLUC = b"mluc\0\0\0\0" + struct.pack(">II4sII", 1, 12, b"enUS", 2, 28) + b"\0-"


# --- JPEG --------------------------------------------------------------------------------------------------------

_MARKER = re.compile(rb"\xff([^\x00\xff])")
_AFTER_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_DRAWING = {*_FRAMES, 0xC4, 0xCC, 0xDB, 0xDC, 0xDD}
_APPLICATIONS = {*range(0xE0, 0xF0), 0xFE}
_ICC = b"ICC_PROFILE\0"


def _jpeg(data: bytes, found: list[str]) -> bytes:
    pieces: list[bytes] = [data[:2]]
    profile: dict[int, bytes] = {}
    profile_at = 0
    frame = scans = False
    place = 2
    while True:
        marker = _MARKER.search(data, place)  # what stands between the segments is skipped, as decoders do
        if marker is None:
            raise ValueError(CUT_OFF)
        code, place = marker[1][0], marker.end()
        if code == 0xD9:
            break
        if code == 0x01 or 0xD0 <= code <= 0xD7:  # markers without content
            continue
        size = int.from_bytes(_part(data, place, 2), "big")
        if size < 2:
            raise ValueError("a part of it has no length")
        body = _part(data, place + 2, size - 2)
        place += size
        if code in _APPLICATIONS:
            if code == 0xE2 and body.startswith(_ICC) and len(body) > 14:
                profile_at = profile_at or len(pieces)
                profile[body[12]] = body[14:]
            else:
                pieces.append(_application(code, body, found))
        elif code == 0xDA:
            match = _AFTER_SCAN.search(data, place)
            if match is None:
                raise ValueError(CUT_OFF)
            scans = True
            pieces += [_segment(code, body), data[place : match.start()]]
            place = match.start()
        elif code in _DRAWING:
            frame |= code in _FRAMES
            pieces.append(_segment(code, body))
        else:
            raise ValueError(f"it holds a part that no JPEG has (0x{code:02X})")
    if not frame or not scans:
        raise ValueError(NO_PICTURE)
    if profile:
        pieces[profile_at:profile_at] = _in_segments(_profile(b"".join(profile[n] for n in sorted(profile))))
    found += _after_end(data[place:])
    return b"".join([*pieces, b"\xff\xd9"])


def _segment(code: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, code, len(body) + 2) + body


def _application(code: int, body: bytes, found: list[str]) -> bytes:
    """What is kept of a segment that a program wrote."""
    if code == 0xE0 and body.startswith(b"JFIF\0") and len(body) >= 14:
        return _segment(code, body[:12] + b"\0\0")  # without the small copy of the picture
    if code == 0xEE and body.startswith(b"Adobe") and len(body) >= 12:
        return _segment(code, body[:12])  # says how the colours are stored
    if code == 0xE1 and body.startswith(b"Exif\0"):
        # Always, even when the picture is not turned: some programs, Word's writer among them, know a JPEG by it.
        return _segment(code, b"Exif\0\0" + _orientation(_exif(body[6:], found)))
    if code == 0xE1 and b"adobe" in body[:40]:
        found.append("XMP")
    elif code == 0xED:
        found.append("IPTC")
    elif code == 0xFE:
        found.append("a comment")
    elif code not in (0xE0, 0xE2, 0xEC, 0xEE):  # small copies, and settings of programs
        found.append("a program's own data")
    return b""


def _in_segments(profile: bytes) -> list[bytes]:
    """A colour profile as JPEG keeps it."""
    parts = [profile[start : start + 65_000] for start in range(0, len(profile), 65_000)]
    return [_segment(0xE2, _ICC + bytes((n, len(parts))) + part) for n, part in enumerate(parts, 1)]


# --- PNG ---------------------------------------------------------------------------------------------------------

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_CHUNKS = frozenset(b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB sBIT pHYs bKGD cICP mDCV cLLI acTL fcTL fdAT".split())


def _png(data: bytes, found: list[str]) -> bytes:
    pieces = [_PNG]
    place = len(_PNG)
    kinds: set[bytes] = set()
    while b"IEND" not in kinds:
        size = int.from_bytes(_part(data, place, 4), "big")
        kind = _part(data, place + 4, 4)
        body = _part(data, place + 8, size)
        whole = _part(data, place, size + 12)
        place += size + 12
        first = kind not in kinds
        kinds.add(kind)
        if kind in _PNG_CHUNKS:
            pieces.append(whole)
        elif kind == b"iCCP" and first:  # there is one at most
            profile = _profile(_inflated(body.partition(b"\0")[2][1:]))
            if profile:
                pieces.append(_chunk(kind, b"icc\0\0" + zlib.compress(profile)))
        elif kind == b"eXIf":
            turned = _exif(body.removeprefix(b"Exif\0\0"), found)
            pieces += [_chunk(kind, _orientation(turned))] if turned > 1 else []
        elif kind in (b"tEXt", b"zTXt", b"iTXt"):
            found += _text(body.partition(b"\0")[0])
        elif kind[:1].isupper():
            raise ValueError(f"it holds a part that no PNG has ({kind!r})")
    if not kinds.issuperset((b"IHDR", b"IDAT")):
        raise ValueError(NO_PICTURE)
    found += _after_end(data[place:])
    return b"".join(pieces)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _inflated(packed: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(packed, MOST_PROFILE)
    except zlib.error:
        return b""


def _text(keyword: bytes) -> list[str]:
    """What a PNG's text is about. The program that made it, and ImageMagick's dates of files, tell of nobody."""
    if keyword == b"XML:com.adobe.xmp":
        return ["XMP"]
    if keyword == b"Software" or keyword.startswith(b"date:"):
        return []
    return [f"a text ({keyword[:40].decode('latin-1')})"]


# --- WebP --------------------------------------------------------------------------------------------------------

_WITH_PROFILE, _WITH_EXIF, _WITH_XMP = 0x20, 0x08, 0x04


def _webp(data: bytes, found: list[str]) -> bytes:
    size = int.from_bytes(data[4:8], "little")
    pieces: list[tuple[bytes, bytes]] = []
    for kind, body in _riff(_part(data, 12, size - 4) if size >= 4 else b""):
        if kind == b"ICCP":
            profile = _profile(body)
            pieces += [(kind, profile)] if profile else []
        elif kind == b"EXIF":
            turned = _exif(body.removeprefix(b"Exif\0\0"), found)
            pieces += [(kind, _orientation(turned))] if turned > 1 else []
        elif kind == b"XMP ":
            found.append("XMP")
        elif kind == b"ANMF":
            frame = [part for part in _riff(body[16:]) if part[0] in (b"ALPH", b"VP8 ", b"VP8L")]
            pieces.append((kind, _part(body, 0, 16) + _chunks(frame)))
        elif kind in (b"VP8X", b"ANIM", b"ALPH", b"VP8 ", b"VP8L"):
            pieces.append((kind, body))
    kinds = {kind for kind, _ in pieces}
    if not kinds & {b"VP8 ", b"VP8L", b"ANMF"}:
        raise ValueError(NO_PICTURE)
    kept = _WITH_PROFILE * (b"ICCP" in kinds) | _WITH_EXIF * (b"EXIF" in kinds)
    gone = _WITH_PROFILE | _WITH_EXIF | _WITH_XMP
    clean = _chunks(
        [
            (kind, bytes((_part(body, 0, 1)[0] & ~gone | kept,)) + body[1:]) if kind == b"VP8X" else (kind, body)
            for kind, body in pieces
        ]
    )
    found += _after_end(data[8 + size :])
    return b"RIFF" + struct.pack("<I", len(clean) + 4) + b"WEBP" + clean


def _riff(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The chunks in a part of a WebP file. A last byte that only fills up to an even number may be missing."""
    place = 0
    while place < len(data):
        kind = _part(data, place, 4)
        size = int.from_bytes(_part(data, place + 4, 4), "little")
        yield kind, _part(data, place + 8, size)
        place += 8 + size + size % 2


def _chunks(pieces: Sequence[tuple[bytes, bytes]]) -> bytes:
    return b"".join(
        kind + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2) for kind, body in pieces
    )  # fmt: skip


# --- GIF ---------------------------------------------------------------------------------------------------------


def _gif(data: bytes, found: list[str]) -> bytes:
    place = 13 + _colours(_part(data, 10, 1)[0])
    pieces = [_part(data, 0, place)]
    pictures = False
    while True:
        start = place
        introducer = _part(data, place, 1)
        if introducer == b";":
            break
        if introducer == b",":
            pictures = True
            place = _blocks_end(data, place + 11 + _colours(_part(data, place + 9, 1)[0]))
            pieces.append(data[start:place])
        elif introducer == b"!":
            label = _part(data, place + 1, 1)[0]
            place = _blocks_end(data, place + 2)
            loop = data[start + 3 : start + 14] in (b"NETSCAPE2.0", b"ANIMEXTS1.0") and place == start + 19
            if label == 0xF9 or (label == 0xFF and loop):
                pieces.append(data[start:place])
            elif label == 0xFE:
                found.append("a comment")
            elif data[start + 3 : start + 14] == b"XMP DataXMP":
                found.append("XMP")
        else:
            raise ValueError(f"it holds a part that no GIF has (0x{introducer.hex()})")
    if not pictures:
        raise ValueError(NO_PICTURE)
    found += _after_end(data[place + 1 :])
    return b"".join([*pieces, b";"])


def _colours(flags: int) -> int:
    """How many bytes the table of colours has that these flags tell of."""
    return 3 * 2 ** (flags % 8 + 1) if flags & 0x80 else 0


def _blocks_end(data: bytes, place: int) -> int:
    """Where the blocks that begin at `place` end."""
    while size := _part(data, place, 1)[0]:
        place += size + 1
    return place + 1


# --- SVG ---------------------------------------------------------------------------------------------------------

_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
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
MOST_WITHIN = 3
"""Pictures in a picture in a picture."""


def _svg(data: bytes, found: list[str], depth: int) -> bytes:
    if len(data) > LARGEST_SVG:
        raise ValueError(f"it is an SVG of more than {LARGEST_SVG // 1_000_000} MB")
    if depth > MOST_WITHIN:
        raise ValueError("it holds pictures in pictures in pictures")
    text = data.decode("utf-16" if data[:2] in _UTF_16 else "utf-8-sig")
    return _Svg(found, depth).written(text.lstrip()).encode()


class _Svg:
    """An SVG being read and written again at once. Only what a reader of XML understood is written."""

    def __init__(self, found: list[str], depth: int) -> None:
        self.found = found
        self.depth = depth
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
        picture = _cleaned(data, self.depth + 1)
        self.found += [f"in a picture within it, {what}" for what in picture.found]
        return f"data:{picture.kind};base64,{b64encode(picture.data).decode()}"


_CSS = re.compile(
    r"""
      /\*.*?(?:\*/|\Z)
    | "(?P<double>[^"\\\n]*+(?:\\.[^"\\\n]*+)*+)"?
    | '(?P<single>[^'\\\n]*+(?:\\.[^'\\\n]*+)*+)'?
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
