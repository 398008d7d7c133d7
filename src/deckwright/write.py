"""Files in memory → files on disk. The only place that writes.

In: folders and their files. Out: their paths. Everything is written under temporary names before the first file is
renamed into place. A failure therefore leaves what was there, and a killed process leaves no file half written.
`.written` lists what a build wrote, in the format of sha256sum, so that the next build can remove what it no longer
makes. A file that somebody has changed since stays.
"""

import os
import re
import shutil
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from errno import EACCES, EAGAIN, EISDIR
from hashlib import sha256
from pathlib import Path

from deckwright.formats import File
from deckwright.problem import Trouble


def write(folders: Sequence[tuple[Path, Sequence[File]]]) -> list[tuple[Path, File]]:
    """Writes all files under temporary names and then renames them into place, in order. If that fails, it removes
    the files that were not there before. May raise OSError, which gives the file's final name."""
    with Writing() as writing:
        for folder, files in folders:
            writing.prepare(folder)
            for file in files:
                writing.add(folder, file)
        return writing.finish()


class Writing:
    """Files that are written under temporary names while others are still being made. `finish` renames all of them into
    place. Without it, nothing is left of them when the `with` ends, not even their folder."""

    def __init__(self) -> None:
        self.files: list[tuple[Path, File]] = []
        """The final path of each file, and the file without its data: many large files need not be kept in memory."""
        self._waiting: list[Path] = []
        """The temporary path of each file."""
        self._new: list[Path] = []
        """Files that were not there before."""
        self._folders: list[Path] = []
        """Folders that were not there before, the inner ones first."""

    def __enter__(self) -> "Writing":
        return self

    def prepare(self, folder: Path) -> None:
        """Makes a folder if it is not there yet. May raise OSError."""
        self._folders[:0] = [parent for parent in (folder, *folder.parents) if not parent.exists()]
        folder.mkdir(parents=True, exist_ok=True)
        remove_leftovers(folder, _PART)

    def add(self, folder: Path, file: File) -> None:
        """Writes a file into a folder under a temporary name. May raise OSError."""
        final = folder / file.name
        if final.is_dir():
            raise IsADirectoryError(
                EISDIR,
                "this is a folder, but a file must be written under this name; rename the folder",
                str(final),
            )
        temporary = folder / f".{file.name}.{os.getpid()}.part"
        self.files.append((final, file._replace(data=b"")))
        self._waiting.append(temporary)
        with _named(final), temporary.open("wb") as stream:
            stream.write(file.data)
            stream.flush()
            os.fsync(stream.fileno())

    def finish(self) -> list[tuple[Path, File]]:
        """Renames all files into place, in order. May raise OSError."""
        for temporary, (final, _) in zip(self._waiting, self.files, strict=True):
            self._new += [] if final.exists() else [final]
            with _named(final):
                temporary.replace(final)
        self._waiting, self._new, self._folders = [], [], []
        return self.files

    def __exit__(self, *_: object) -> None:
        for path in (*self._new, *self._waiting):
            path.unlink(missing_ok=True)
        for folder in self._folders:
            with suppress(OSError):  # somebody else has put something into it
                folder.rmdir()


@contextmanager
def _named(final: Path) -> Iterator[None]:
    """Turns an error about a file's temporary name into one about its final name."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(final)) from error


_PART = re.compile(r"\..+\.(\d+)\.part")

STALE_AFTER = 3600
"""Seconds. No run takes this long to write its files."""


def remove_leftovers(folder: Path, name: re.Pattern[str]) -> None:
    """Removes the files and folders in `folder` whose name matches `name` and whose process has ended. The group in
    `name` is the process id. Another process may have that id by now, so it protects a file for an hour only."""
    for path in folder.iterdir():
        match = name.fullmatch(path.name)
        if match is None or int(match[1]) == os.getpid():
            continue
        try:
            if not _is_running(int(match[1])) or time.time() - path.lstat().st_mtime > STALE_AFTER:
                shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        except OSError:
            continue  # it belongs to somebody else, or is already gone; this is only tidying up


def _is_running(process: int) -> bool:
    """Whether there is a process with this id, as far as can be known."""
    if sys.platform == "win32":  # os.kill would end it there
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):  # it belongs to somebody else, or this is not a process id
        return True
    return True


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Locks a folder against other runs that ask for it. The system releases the lock when the process ends, however
    it ends. Windows and some network folders have no such lock; there nobody is kept out. Raises Trouble if the folder
    is locked already."""
    if sys.platform == "win32":
        yield
        return
    import fcntl

    opened = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in (EAGAIN, EACCES):
                message = "another release is being written here; try again when it has finished"
                raise Trouble(message, about=str(folder)) from None
        yield
    finally:
        os.close(opened)


WRITTEN_LIST = ".written"


def digests_of(files: Iterable[File]) -> dict[str, str]:
    """The SHA-256 of each file, by its name."""
    return {file.name: sha256(file.data).hexdigest() for file in files}


def written_list(digests: Mapping[str, str]) -> File:
    """The list of written files, given their digests."""
    lines = [f"{digest}  {name}\n" for name, digest in sorted(digests.items())]
    return File(WRITTEN_LIST, "".join(lines).encode(), "what was written here")


def written_digests(out: Path) -> dict[str, str]:
    """The digests in the list of a folder; empty if there is no list. May raise OSError."""
    path = out / WRITTEN_LIST
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines() if path.is_file() else []
    pairs = (line.partition("  ") for line in lines)
    return {name: digest for digest, _, name in pairs if name and Path(name).name == name}


def remove_written(out: Path, digests: Mapping[str, str], keep: Mapping[str, str]) -> list[Path]:
    """Deletes the files that still have these digests and are not in `keep`. Returns their paths. May raise
    OSError."""
    removed = []
    for name in sorted(set(digests) - set(keep)):
        path = out / name
        if path.is_file() and not path.is_symlink() and sha256(path.read_bytes()).hexdigest() == digests[name]:
            path.unlink()
            removed.append(path)
    return removed


def write_outputs(
    out: Path, files: Sequence[File], more: Sequence[tuple[Path, Sequence[File]]] = (), *, add: bool = False
) -> tuple[list[tuple[Path, File]], list[Path]]:
    """Writes the outputs into `out`, and `more` into other folders. Returns what was written and what was removed: all
    that was written earlier and is not made any more, or nothing if these outputs only `add` to it."""
    earlier, now = written_digests(out), digests_of(files)
    if add:
        now = earlier | now
    written = write([(out, [*files, written_list(now)]), *more])
    return [(path, file) for path, file in written if file.name != WRITTEN_LIST], remove_written(out, earlier, now)


def left_over(out: Path, written: Sequence[tuple[Path, File]]) -> list[Path]:
    """Packages and text corrections in `out` that this build did not write, and no other is known to have written."""
    there = {path for pattern in ("*.apkg", "*-text-only-corrections*.txt") for path in out.glob(pattern)}
    return sorted(there - {path for path, _ in written})
