"""What builds and releases wrote into their folder, so that the next one can remove what it does not make any more.

In: the folder and the files that are to be in it. Out: `.written`, a list in the format of sha256sum, and the removal
of files on it. A file that somebody changed since is theirs and stays; so does everything that is not on the list.
"""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path

from deckwright.formats import File

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
