"""A GIF, block by block.

In: the bytes of a file. Out: those that draw; what the others may tell of a person goes to `found`. Raises ValueError
with what is wrong.
"""

from deckwright.pictures.pieces import NO_PICTURE, after_end, part


def cleaned(data: bytes, found: list[str]) -> bytes:
    place = 13 + _colours(part(data, 10, 1)[0])
    pieces = [part(data, 0, place)]
    pictures = False
    while True:
        start = place
        introducer = part(data, place, 1)
        if introducer == b";":
            break
        if introducer == b",":
            pictures = True
            place = _blocks_end(data, place + 11 + _colours(part(data, place + 9, 1)[0]))
            pieces.append(data[start:place])
        elif introducer == b"!":
            label = part(data, place + 1, 1)[0]
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
    found += after_end(data[place + 1 :])
    return b"".join([*pieces, b";"])


def _colours(flags: int) -> int:
    """How many bytes the table of colours has that these flags tell of."""
    return 3 * 2 ** (flags % 8 + 1) if flags & 0x80 else 0


def _blocks_end(data: bytes, place: int) -> int:
    """Where the blocks that begin at `place` end."""
    while size := part(data, place, 1)[0]:
        place += size + 1
    return place + 1
