"""The pictures in cards/media/, as they travel to learners.

In: the files of a project. Out: each picture without metadata, under a name of its own, and what an author may not know
about it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from hashlib import sha256
from typing import NamedTuple

from deckwright.files import MEDIA, Files
from deckwright.model import Deck, file_name
from deckwright.pictures.cleaned import cleaned
from deckwright.pictures.svg import size_to_add
from deckwright.problem import Problem, Span


class Medium(NamedTuple):
    """A file of cards/media/ as it is packaged."""

    travels_as: str
    """An ASCII name that contains a hash of its bytes in cards/media/, so that Anki takes a changed file as new."""
    data: bytes
    """Without metadata; empty if the file is not a picture that can be packaged."""
    left_out: tuple[str, ...] = ()
    """The removed metadata that may identify a person."""


def with_media(files: Files, deck: Deck) -> tuple[Deck, dict[str, Medium]]:
    """A deck that knows which of its pictures cannot be used, and the media files as they travel: without metadata,
    under names that change with the author's bytes, since Anki replaces no file. May raise OSError."""
    media: dict[str, Medium] = {}
    unusable: dict[str, str] = {}
    unmaskable: dict[str, str] = {}
    for name in deck.media:
        data = files.read(MEDIA + name)
        stem, dot, ending = name.rpartition(".")
        plain = file_name(stem).encode("ascii", "ignore").decode()[:60].strip("-") or "image"
        picture = cleaned(data)
        travels_as = f"{plain}-{sha256(data).hexdigest()[:12]}{dot}{ending.lower()}"
        media[name] = Medium(travels_as, picture.data, picture.found)
        if picture.fault:
            unusable[name] = picture.fault
        elif picture.kind == "image/svg+xml" and (size := size_to_add(picture.data)):
            unmaskable[name] = f"give the drawing a size: in a text editor, write in its first tag: <svg {size} …"
        elif picture.kind == "image/webp" and b"EXIF" in picture.data[:64] + picture.data[-4096:]:
            unmaskable[name] = "save the picture upright: browsers do not turn a WebP as its metadata say"
    return replace(deck, unusable=unusable, unmaskable=unmaskable), media


LARGE_PICTURE = 2_000_000
"""Bytes above which a picture is larger than any phone can show."""


def check_media(media: Mapping[str, Medium]) -> Iterator[Problem]:
    """What an author may not know of the pictures."""
    for name, medium in media.items():
        if medium.left_out:
            message = (
                f"this file contains {'; '.join(medium.left_out)}; outputs leave that out, but the file still has it"
            )
            how = "in Inkscape, save it as plain SVG" if name.lower().endswith(".svg") else (
                "on Windows: Properties, Details, Remove Properties; elsewhere: "
                "exiftool -all= -tagsfromfile @ -orientation FILE"
            )  # fmt: skip
            hint = f"clean the file before you commit it (docs/cards.md, Pictures)\n{how}"
            yield Problem(Span(MEDIA + name), "picture-metadata", message, hint)
        if len(medium.data) > LARGE_PICTURE:
            message = f"this picture is {len(medium.data) / 1_000_000:.1f} MB, which every learner downloads"
            hint = "save it in a smaller size: no card shows more than 1,600 pixels across"
            yield Problem(Span(MEDIA + name), "picture-large", message, hint)
