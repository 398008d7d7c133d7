"""Data → PDF, pictures → PNG. Only this module uses typst.

In: the data of a template, as JSON, and the images in it. Out: the bytes of a tagged PDF (PDF/UA-1). Cards come from
strangers: the engine takes their text as data, never as source. It works in an empty folder of its own that it cannot
leave, without system fonts and without packages from the network, in a process that is stopped if it takes too long.
"""

import json
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from errno import ECHILD, ETIMEDOUT
from importlib.util import find_spec
from itertools import count, islice
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from pathlib import Path
from shutil import copyfile, rmtree
from tempfile import TemporaryDirectory, gettempdir
from typing import Any, Literal, NamedTuple, cast

from deckwright.write import remove_leftovers

TEMPLATES = Path(__file__).parent
SANS = "Source Sans Pro"
FALLBACK = ("Libertinus Serif", "DejaVu Sans Mono", "New Computer Modern Math")
"""The engine's own fonts, for characters that the first one lacks."""

DATA = "data.json"
"""The name of the file in which a template finds its data."""

LONGEST = 120
"""The longest that one PDF may take, in seconds. 2,000 questions take two."""


_FOLDER = re.compile(r"deckwright-(\d+)-\w+")
"""The name of a run's temporary folder. A run that is killed leaves the folder behind, with the texts of its cards."""

Format = Literal["pdf", "png"]


class Document(NamedTuple):
    """One PDF to be made."""

    template: str
    """The name of its file, in the folder of this module."""
    data: Mapping[str, Any]
    images: Mapping[str, bytes]
    """The images, by the names that the data uses."""
    format: Format = "pdf"
    """`pdf`, or `png` for a picture of a single page."""


class Fault(NamedTuple):
    """Why a PDF could not be made."""

    message: str
    missing: str
    """Characters that no font has; empty if the reason is something else."""


def draw(documents: Iterable[Document], font_folders: Sequence[Path] = ()) -> Iterator[bytes | Fault]:
    """Makes the PDFs, in their order. Several are made at once, one on each processor, and no document is taken before
    it is needed. May raise OSError."""
    remove_leftovers(Path(gettempdir()), _FOLDER)
    context: Any = get_context("fork" if sys.platform == "linux" else "spawn")
    waiting = enumerate(documents)
    running: dict[Any, tuple[Any, int]] = {}
    finished: dict[int, bytes | Fault] = {}
    with TemporaryDirectory(prefix=f"deckwright-{os.getpid()}-") as name:
        root = Path(name)
        fonts = _fonts(root, font_folders)
        try:
            for wanted in count():
                while wanted not in finished:
                    for number, document in islice(waiting, (os.cpu_count() or 1) - len(running)):
                        ours, theirs = context.Pipe()
                        folder = _folder(root / str(number), document)
                        process = context.Process(
                            target=_work, args=(theirs, folder, document.template, document.format, fonts), daemon=True
                        )
                        process.start()
                        theirs.close()
                        running[ours] = (process, number)
                    if not running:
                        return
                    finished |= _ended(running)
                yield finished.pop(wanted)
        finally:
            for process, _ in running.values():
                process.kill()
                process.join()


def _folder(folder: Path, document: Document) -> Path:
    """A folder with all that the engine may read for this document."""
    folder.mkdir()
    for image, data in document.images.items():
        (folder / image).write_bytes(data)
    for template in ("rich.typ", "masks.typ", document.template):
        copyfile(TEMPLATES / template, folder / template)
    (folder / DATA).write_text(json.dumps(document.data, ensure_ascii=False), encoding="utf-8")
    return folder


def _ended(running: dict[Any, tuple[Any, int]]) -> dict[int, bytes | Fault]:
    """Waits for processes to end, and takes them out of `running`. Returns what they made, by the number of its
    document."""
    results: dict[int, bytes | Fault] = {}
    ready = wait(list(running), timeout=LONGEST)
    if not ready:
        raise OSError(ETIMEDOUT, f"the PDF engine took longer than {LONGEST} seconds")
    for connection in ready:
        try:
            result = cast("Connection[Any, Any]", connection).recv()
        except EOFError:
            raise OSError(ECHILD, "the PDF engine was stopped by the system (out of memory?)") from None
        process, number = running.pop(connection)
        process.join()
        results[number] = result
    return results


def _work(connection: "Connection[Any, Any]", folder: Path, template: str, format_: Format, fonts: Path) -> None:
    """Makes one PDF. Each has a process of its own, because the engine keeps what it made in memory."""
    import typst

    try:
        compiler = typst.Compiler(
            input=str(folder / template),
            root=str(folder),
            font_paths=[str(fonts)],
            ignore_system_fonts=True,
            package_path=str(folder),
            package_cache_path=str(folder),
        )
        output = (
            compiler.compile(format="pdf", pdf_standards="ua-1")
            if format_ == "pdf"
            else compiler.compile(format="png", ppi=200)
        )
        connection.send(output)
    except typst.TypstError as error:
        connection.send(Fault(str(error.message), _lacking(str(error.diagnostic))))
    rmtree(folder, ignore_errors=True)
    connection.close()


def families(folders: Sequence[Path]) -> set[str]:
    """The names of the fonts that can be used, in lower case. May raise OSError."""
    import typst

    with TemporaryDirectory() as name:
        fonts = _fonts(Path(name), folders)
        known = typst.Fonts(include_system_fonts=False, font_paths=[str(fonts)]).families()
    return {family.casefold() for family in known}


def _lacking(diagnostic: str) -> str:
    """The characters that no font has, taken from the engine's message, which writes some of them as \\u{7}."""
    texts = "".join(_LACKING.findall(diagnostic))
    return re.sub(r"\\u\{([0-9a-f]+)\}", lambda match: chr(int(match[1], 16)), texts)


_LACKING = re.compile(r'the text `"(.+?)"` could not be displayed')


def _fonts(root: Path, folders: Sequence[Path]) -> Path:
    """A folder with the fonts that are installed with deckwright, and those of `folders`."""
    fonts = root / "fonts"
    fonts.mkdir()
    package = find_spec("font_source_sans_pro")
    if package is not None and package.origin is not None:
        for face in ("Regular", "It", "Bold", "BoldIt"):
            name = f"SourceSansPro-{face}.ttf"
            copyfile(Path(package.origin).parent / "files" / name, fonts / name)
    for folder in folders:
        for path in sorted(folder.iterdir()):
            if path.suffix.lower() in (".ttf", ".otf", ".ttc") and path.is_file():
                copyfile(path, fonts / path.name)
    return fonts
