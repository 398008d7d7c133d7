"""A WebP, chunk by chunk.

In: the bytes of a file. Out: those that draw; what the others may tell of a person goes to `found`. Raises ValueError
with what is wrong.
"""

import struct
from collections.abc import Iterator, Sequence

from deckwright.pictures.exif import exif, orientation
from deckwright.pictures.pieces import NO_PICTURE, after_end, part
from deckwright.pictures.profiles import plain_profile

_WITH_PROFILE, _WITH_EXIF, _WITH_XMP = 0x20, 0x08, 0x04


def cleaned(data: bytes, found: list[str]) -> bytes:
    size = int.from_bytes(data[4:8], "little")
    pieces: list[tuple[bytes, bytes]] = []
    for kind, body in _riff(part(data, 12, size - 4) if size >= 4 else b""):
        if kind == b"ICCP":
            profile = plain_profile(body)
            pieces += [(kind, profile)] if profile else []
        elif kind == b"EXIF":
            turned = orientation(body.removeprefix(b"Exif\0\0"), found)
            pieces += [(kind, exif(turned))] if turned > 1 else []
        elif kind == b"XMP ":
            found.append("XMP")
        elif kind == b"ANMF":
            frame = [part for part in _riff(body[16:]) if part[0] in (b"ALPH", b"VP8 ", b"VP8L")]
            pieces.append((kind, part(body, 0, 16) + _chunks(frame)))
        elif kind in (b"VP8X", b"ANIM", b"ALPH", b"VP8 ", b"VP8L"):
            pieces.append((kind, body))
    kinds = {kind for kind, _ in pieces}
    if not kinds & {b"VP8 ", b"VP8L", b"ANMF"}:
        raise ValueError(NO_PICTURE)
    kept = _WITH_PROFILE * (b"ICCP" in kinds) | _WITH_EXIF * (b"EXIF" in kinds)
    gone = _WITH_PROFILE | _WITH_EXIF | _WITH_XMP
    clean = _chunks(
        [
            (kind, bytes((part(body, 0, 1)[0] & ~gone | kept,)) + body[1:]) if kind == b"VP8X" else (kind, body)
            for kind, body in pieces
        ]
    )
    found += after_end(data[8 + size :])
    return b"RIFF" + struct.pack("<I", len(clean) + 4) + b"WEBP" + clean


def _riff(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The chunks in a part of a WebP file. A last byte that only fills up to an even number may be missing."""
    place = 0
    while place < len(data):
        kind = part(data, place, 4)
        size = int.from_bytes(part(data, place + 4, 4), "little")
        yield kind, part(data, place + 8, size)
        place += 8 + size + size % 2


def _chunks(pieces: Sequence[tuple[bytes, bytes]]) -> bytes:
    return b"".join(
        kind + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2) for kind, body in pieces
    )  # fmt: skip
