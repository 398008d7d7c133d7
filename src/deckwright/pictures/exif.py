"""EXIF: the way a picture is turned stays, what it says of people and machines is named and left out.

In: EXIF as TIFF. Out: an orientation, 1 to 8, and EXIF that holds nothing else.
"""

import struct

from deckwright.pictures.pieces import part

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


def orientation(tiff: bytes, found: list[str]) -> int:
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
        thumbnail |= place + 2 + 12 * count < len(tiff) - 3 and any(part(tiff, place + 2 + 12 * count, 4))
    telling = [_TELLING[tag] for tag in tags if tag in _TELLING]
    telling += ["a small copy of the picture"] if thumbnail else []
    if telling:
        found.append(f"EXIF with {', '.join(dict.fromkeys(telling))}")
    elif not _TECHNICAL.issuperset(tags):
        found.append("EXIF")
    return orientation


def exif(turned: int) -> bytes:
    """EXIF that holds an orientation and nothing else."""
    return b"II*\0\x08\0\0\0\x01\0" + struct.pack("<HHIHH", 0x0112, 3, 1, turned, 0) + b"\0\0\0\0"
