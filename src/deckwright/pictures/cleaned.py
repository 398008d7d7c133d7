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

from xml.parsers import expat

from deckwright.pictures import gif, jpeg, png, svg, webp
from deckwright.pictures.pieces import Picture


def cleaned(data: bytes) -> Picture:
    """A picture without its metadata. Whatever the bytes are, this raises nothing, takes time in proportion to them,
    and gives either a picture or a fault. Cleaning what is clean changes nothing."""
    try:
        return cleaned_within(data, 0)
    except expat.ExpatError as error:
        return Picture("", b"", (), f"it is not the XML that an SVG is made of ({error})")
    except UnicodeError:
        return Picture("", b"", (), "it is an SVG that is not written in UTF-8")
    except ValueError as error:
        return Picture("", b"", (), str(error))


MOST_WITHIN = 3
"""Pictures in a picture in a picture."""


def cleaned_within(data: bytes, depth: int) -> Picture:
    """As `cleaned`; `depth` counts the pictures around this one. Raises ValueError with the fault."""
    found: list[str] = []
    if data.startswith(b"\xff\xd8"):
        kind, clean = "image/jpeg", jpeg.cleaned(data, found)
    elif data.startswith(png.SIGNATURE):
        kind, clean = "image/png", png.cleaned(data, found)
    elif data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        kind, clean = "image/webp", webp.cleaned(data, found)
    elif data.startswith((b"GIF87a", b"GIF89a")):
        kind, clean = "image/gif", gif.cleaned(data, found)
    elif data[:2] in svg.UTF_16 or data[:200].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        if depth > MOST_WITHIN:
            raise ValueError("it holds pictures in pictures in pictures")
        kind, clean = "image/svg+xml", svg.cleaned(data, found, lambda inner: cleaned_within(inner, depth + 1))
    else:
        raise ValueError("it is not a JPEG, PNG, WebP, GIF or SVG file, whatever its name says")
    return Picture(kind, clean, tuple(dict.fromkeys(found)))
