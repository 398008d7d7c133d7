"""Data → PDF, pictures → PNG. Only this module uses typst.

In: the data of a template, as JSON, and the images in it. Out: the bytes of a tagged PDF (PDF/UA-1). Cards come from
strangers: the engine takes their text as data, never as source. It works in an empty folder of its own that it cannot
leave, without system fonts and without packages from the network, in a process that is stopped if it takes too long.
"""

import json
import os
import re
import sys
from collections.abc import Mapping, Sequence
from errno import ECHILD, ETIMEDOUT
from importlib.util import find_spec
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory, gettempdir
from typing import Any, Literal, NamedTuple, cast

from deckwright.write import remove_leftovers

TEMPLATES = Path(__file__).parent
SANS = "Source Sans Pro"
FALLBACK = ("Libertinus Serif", "DejaVu Sans Mono", "New Computer Modern Math")
"""The engine's own fonts, for characters that the first one lacks."""

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


def draw(documents: Sequence[Document], font_folders: Sequence[Path] = ()) -> list[bytes | Fault]:
    """Makes the PDFs in parallel, in one process for each processor. May raise OSError."""
    remove_leftovers(Path(gettempdir()), _FOLDER)
    with TemporaryDirectory(prefix=f"deckwright-{os.getpid()}-") as name:
        root = Path(name)
        fonts = _fonts(root, font_folders)
        results: list[bytes | Fault | None] = [None] * len(documents)
        jobs = []
        for number, document in enumerate(documents):
            folder = root / str(number)
            folder.mkdir()
            for image, data in document.images.items():
                (folder / image).write_bytes(data)
            for template in ("rich.typ", document.template):
                copyfile(TEMPLATES / template, folder / template)
            jobs.append(
                (number, folder, document.template, document.format, json.dumps(document.data, ensure_ascii=False))
            )
        context: Any = get_context("fork" if sys.platform == "linux" else "spawn")
        workers: dict[Any, tuple[Any, int]] = {}
        for start in range(min(os.cpu_count() or 1, len(jobs))):
            ours, theirs = context.Pipe()
            share = jobs[start :: os.cpu_count() or 1]
            worker = context.Process(target=_work, args=(theirs, share, str(fonts)), daemon=True)
            worker.start()
            theirs.close()
            workers[ours] = (worker, len(share))
        try:
            _collect(workers, results)
        finally:
            for worker, _ in workers.values():
                worker.kill()
                worker.join()
    finished = [result for result in results if result is not None]
    if len(finished) < len(documents):
        raise OSError(ECHILD, "the PDF engine was stopped by the system (out of memory?)")
    return finished


def _collect(workers: dict[Any, tuple[Any, int]], results: list[bytes | Fault | None]) -> None:
    open_ = dict(workers)
    while open_:
        ready = wait(list(open_), timeout=LONGEST)
        if not ready:
            raise OSError(ETIMEDOUT, f"the PDF engine took longer than {LONGEST} seconds")
        for connection in ready:
            try:
                number, result = cast("Connection[Any, Any]", connection).recv()
            except EOFError:
                del open_[connection]
                continue
            results[number] = result


def _work(connection: "Connection[Any, Any]", jobs: list[tuple[int, Path, str, Format, str]], fonts: str) -> None:
    """Makes some of the PDFs, in a process of its own."""
    import typst

    for number, folder, template, format_, data in jobs:
        try:
            compiler = typst.Compiler(
                input=str(folder / template),
                root=str(folder),
                font_paths=[fonts],
                ignore_system_fonts=True,
                sys_inputs={"data": data},
                package_path=str(folder),
                package_cache_path=str(folder),
            )
            output = (
                compiler.compile(format="pdf", pdf_standards="ua-1")
                if format_ == "pdf"
                else compiler.compile(format="png", ppi=200)
            )
            connection.send((number, output))
        except typst.TypstError as error:
            connection.send((number, Fault(str(error.message), _lacking(str(error.diagnostic)))))
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
