"""Colour profiles: their numbers stay, their texts, which may name somebody's screen, do not.

In: an ICC profile. Out: one that shows the same colours; empty when it cannot be read.
"""

import struct

_PROFILE_TAGS = frozenset(
    b"wtpt bkpt rXYZ gXYZ bXYZ rTRC gTRC bTRC kTRC A2B0 A2B1 A2B2 B2A0 B2A1 B2A2 D2B0 D2B1 D2B2 D2B3 B2D0 B2D1 B2D2 "
    b"B2D3 gamt chad chrm cicp".split()
)
"""The entries of a colour profile that turn numbers into colours."""
MOST_PROFILE = 4_000_000
"""Bytes of a colour profile; that of a printing press has two million."""
MOST_ENTRIES = 100


def plain_profile(data: bytes) -> bytes:
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
