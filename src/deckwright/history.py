"""The cards as they were: the files of a project at a Git revision. The door to Git, which is run as a program.

In: a project's folder and a revision. Out: its `Files`. May raise OSError: no Git, no repository, no such revision.
"""

import subprocess
from errno import EINVAL, EIO, ENOENT
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deckwright.problem import Problem


class Revision:
    """The files under `root`/cards at a revision, all of them in memory. Links are left out."""

    def __init__(self, root: Path, revision: str) -> None:
        found = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        if found is None:
            raise OSError(EINVAL, "Git knows no such revision here", revision)
        commit = found.decode().strip()
        listed = _git(root, "ls-tree", "-r", "-z", commit, "cards/") or b""
        blobs: dict[str, str] = {}
        for entry in listed.split(b"\0")[:-1]:
            about, _, name = entry.partition(b"\t")
            mode, kind, blob = about.decode().split()
            shown = name.decode(errors="replace")
            if kind == "blob" and mode != "120000" and not any(part.startswith(".") for part in shown.split("/")):
                blobs[shown] = blob
        self.root = root
        self.names: tuple[str, ...] = tuple(sorted(blobs))
        self.problems: tuple[Problem, ...] = ()
        self._data = dict(zip(blobs, _blobs(root, list(blobs.values())), strict=True))

    def read(self, name: str) -> bytes:
        return self._data[name]

    def size(self, name: str) -> int:
        return len(self._data[name])


def last_change(root: Path, name: str) -> str | None:
    """The commit that last changed a file; None when the file is in none, or changed since, or there is no Git."""
    try:
        if _git(root, "diff", "--quiet", "--no-ext-diff", "HEAD", "--", name) is None:
            return None
        return (_git(root, "log", "-1", "--format=%H", "--", name) or b"").decode().strip() or None
    except OSError:
        return None


def _blobs(root: Path, names: list[str]) -> list[bytes]:
    """The bytes of Git's objects."""
    answer = _git(root, "cat-file", "--batch", given="".join(f"{name}\n" for name in names).encode()) or b""
    found, place = [], 0
    for _ in names:
        stop = answer.find(b"\n", place)
        words = answer[place:stop].split()
        if stop < 0 or len(words) != 3 or words[1] != b"blob":
            raise OSError(EIO, "Git lacks some of the files of this revision (a partial or damaged repository?)")
        size = int(words[2])
        found.append(answer[stop + 1 : stop + 1 + size])
        place = stop + 1 + size + 1
    return found


def _git(root: Path, *arguments: str, given: bytes = b"") -> bytes | None:
    """What Git prints; None when it says no. May raise OSError."""
    command = ["git", "-C", str(root), "--no-pager", "-c", "core.fsmonitor=false", *arguments]
    try:
        done = subprocess.run(command, input=given, capture_output=True, check=False)  # noqa: S603 - no shell
    except FileNotFoundError:
        raise OSError(ENOENT, "Git is not installed", "git") from None
    return done.stdout if done.returncode == 0 else None
