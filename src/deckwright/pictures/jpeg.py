"""A JPEG, segment by segment.

In: the bytes of a file. Out: those that draw; what the others may tell of a person goes to `found`. Raises ValueError
with what is wrong.
"""

import re
import struct

from deckwright.pictures.exif import exif, orientation
from deckwright.pictures.pieces import CUT_OFF, NO_PICTURE, after_end, part
from deckwright.pictures.profiles import plain_profile

_MARKER = re.compile(rb"\xff([^\x00\xff])")
_AFTER_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_DRAWING = {*_FRAMES, 0xC4, 0xCC, 0xDB, 0xDC, 0xDD}
_APPLICATIONS = {*range(0xE0, 0xF0), 0xFE}
_ICC = b"ICC_PROFILE\0"


def cleaned(data: bytes, found: list[str]) -> bytes:
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
        size = int.from_bytes(part(data, place, 2), "big")
        if size < 2:
            raise ValueError("a part of it has no length")
        body = part(data, place + 2, size - 2)
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
        pieces[profile_at:profile_at] = _in_segments(plain_profile(b"".join(profile[n] for n in sorted(profile))))
    found += after_end(data[place:])
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
        return _segment(code, b"Exif\0\0" + exif(orientation(body[6:], found)))
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
