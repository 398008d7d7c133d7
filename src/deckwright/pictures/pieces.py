"""The bytes of a picture, taken apart."""

from typing import NamedTuple


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


CUT_OFF = "it ends in the middle"
NO_PICTURE = "it holds no picture"


def part(data: bytes, start: int, size: int) -> bytes:
    part = data[start : start + size]
    if len(part) < size:
        raise ValueError(CUT_OFF)
    return part


def after_end(rest: bytes) -> list[str]:
    """What stands behind a picture's end: a second picture, a film, or what was cropped away."""
    return ["data after its end"] if rest.strip(b"\0\r\n") else []
