"""Files in memory → files on disk. The only place that writes.

In: folders and their files. Out: their paths. Everything is written under other names before the first is renamed into
place, so that a failure leaves what was there and a killed process leaves each file whole. `.written` lists what a
build wrote, in the format of sha256sum, so that the next one can remove what it does not make any more; a file that
somebody changed since is theirs and stays.
"""

import os
import re
import shutil
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from errno import EACCES, EAGAIN, EISDIR
from hashlib import sha256
from pathlib import Path

from deckwright.formats import File
from deckwright.problem import Trouble


def write(folders: Sequence[tuple[Path, Sequence[File]]]) -> list[tuple[Path, File]]:
    """Writes all files under other names and then renames them into place, in order; when that fails, new files go
    again. May raise OSError, which names the file as its author knows it."""
    waiting: list[tuple[Path, Path, File]] = []
    new: list[Path] = []
    try:
        for folder, files in folders:
            folder.mkdir(parents=True, exist_ok=True)
            remove_leftovers(folder, _PART)
            for file in files:
                final = folder / file.name
                if final.is_dir():
                    raise IsADirectoryError(
                        EISDIR, "this is a folder, and a file of that name is to be written", str(final)
                    )
                temporary = folder / f".{file.name}.{os.getpid()}.part"
                waiting.append((temporary, final, file))
                with _named(final), temporary.open("wb") as stream:
                    stream.write(file.data)
                    stream.flush()
                    os.fsync(stream.fileno())
        for temporary, final, _ in waiting:
            new += [] if final.exists() else [final]
            with _named(final):
                temporary.replace(final)
    except BaseException:
        for final in new:
            final.unlink(missing_ok=True)
        for temporary, _, _ in waiting:
            temporary.unlink(missing_ok=True)
        raise
    return [(final, file) for _, final, file in waiting]


@contextmanager
def _named(final: Path) -> Iterator[None]:
    """Trouble with a file's other name is told under its own."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(final)) from error


_PART = re.compile(r"\..+\.(\d+)\.part")

STALE_AFTER = 3600
"""Seconds that no run takes to write its files."""


def remove_leftovers(folder: Path, name: re.Pattern[str]) -> None:
    """Removes the files and folders in `folder` that are named as `name` says (its group is a process's number) and
    whose process is gone. The number may have gone to another process since: after an hour that does not count."""
    for path in folder.iterdir():
        match = name.fullmatch(path.name)
        if match is None or int(match[1]) == os.getpid():
            continue
        try:
            if not _is_running(int(match[1])) or time.time() - path.lstat().st_mtime > STALE_AFTER:
                shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        except OSError:
            continue  # somebody else's, or gone already: this is only tidying up


def _is_running(process: int) -> bool:
    """Whether there is a process of this number, as far as can be known."""
    if sys.platform == "win32":  # where os.kill would end it
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):  # somebody else's, or a number that is none
        return True
    return True


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keeps others out who ask for the same folder. The system ends this with the process, however that ends. Where it
    cannot be had (Windows, some network folders), nobody is kept out. Raises Trouble when somebody is in already."""
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
                message = "another release is being written; try again when it is done"
                raise Trouble(message, about=str(folder)) from None
        yield
    finally:
        os.close(opened)


LIST = ".written"


def digests(files: Iterable[File]) -> dict[str, str]:
    """The SHA-256 of each file, by its name."""
    return {file.name: sha256(file.data).hexdigest() for file in files}


def listing(of: Mapping[str, str]) -> File:
    """The list of these digests as a file."""
    return File(LIST, "".join(f"{of[name]}  {name}\n" for name in sorted(of)).encode(), "what was written here")


def listed(out: Path) -> dict[str, str]:
    """The digests of what was written into a folder; empty if there is no list. May raise OSError."""
    path = out / LIST
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines() if path.is_file() else []
    pairs = (line.partition("  ") for line in lines)
    return {name: digest for digest, _, name in pairs if name and Path(name).name == name}


def remove(out: Path, written: Mapping[str, str], keep: Mapping[str, str]) -> list[Path]:
    """Deletes the files that were `written`, are as they were, and are not among those to `keep`. Returns their paths.
    May raise OSError."""
    removed = []
    for name in sorted(set(written) - set(keep)):
        path = out / name
        if path.is_file() and not path.is_symlink() and sha256(path.read_bytes()).hexdigest() == written[name]:
            path.unlink()
            removed.append(path)
    return removed
