"""A PNG, chunk by chunk.

In: the bytes of a file. Out: those that draw; what the others may tell of a person goes to `found`. Raises ValueError
with what is wrong.
"""

import struct
import zlib

from deckwright.pictures.exif import exif, orientation
from deckwright.pictures.pieces import NO_PICTURE, after_end, part
from deckwright.pictures.profiles import MOST_PROFILE, plain_profile

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PNG_CHUNKS = frozenset(b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB sBIT pHYs bKGD cICP mDCV cLLI acTL fcTL fdAT".split())


def cleaned(data: bytes, found: list[str]) -> bytes:
    pieces = [SIGNATURE]
    place = len(SIGNATURE)
    kinds: set[bytes] = set()
    while b"IEND" not in kinds:
        size = int.from_bytes(part(data, place, 4), "big")
        kind = part(data, place + 4, 4)
        body = part(data, place + 8, size)
        whole = part(data, place, size + 12)
        place += size + 12
        first = kind not in kinds
        kinds.add(kind)
        if kind in _PNG_CHUNKS:
            pieces.append(whole)
        elif kind == b"iCCP" and first:  # there is one at most
            profile = plain_profile(_inflated(body.partition(b"\0")[2][1:]))
            if profile:
                pieces.append(_chunk(kind, b"icc\0\0" + zlib.compress(profile)))
        elif kind == b"eXIf":
            turned = orientation(body.removeprefix(b"Exif\0\0"), found)
            pieces += [_chunk(kind, exif(turned))] if turned > 1 else []
        elif kind in (b"tEXt", b"zTXt", b"iTXt"):
            found += _text(body.partition(b"\0")[0])
        elif kind[:1].isupper():
            raise ValueError(f"it holds a part that no PNG has ({kind!r})")
    if not kinds.issuperset((b"IHDR", b"IDAT")):
        raise ValueError(NO_PICTURE)
    found += after_end(data[place:])
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
