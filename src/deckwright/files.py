"""Where the files of a project come from: a folder on the disk, a Git revision, or an editor. The door to Git.

In: a project's folder, or a revision. Out: the names of the files below cards/ and their bytes, and what is odd about
them. Git is run as a program. May raise OSError, or Trouble: no such folder, no Git, no such revision.
"""

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from deckwright.problem import Problem, Span, Trouble

DECK = "cards/deck.yaml"
SOURCES = "cards/sources.yaml"
MEDIA = "cards/media/"
RELEASES = "cards/releases/"
FIGURES = "cards/sources.figures"
COVERAGE = "cards/coverage.yaml"
WORDS = "cards/words.yaml"
NOT_CARDS = {DECK, SOURCES, COVERAGE, WORDS, "cards/released.lock", FIGURES}
"""Files directly under cards/ that hold no cards."""


class Files(Protocol):
    """The files under cards/, wherever they come from."""

    root: Path
    """The project's folder."""
    names: tuple[str, ...]
    """Paths from the project's folder, with forward slashes, sorted."""
    problems: tuple[Problem, ...]
    """What kept a file from being listed."""

    def read(self, name: str) -> bytes:
        """The bytes of one of them. May raise OSError."""


_NAMED_AS_FILE = re.compile(r"\.ya?ml$|^(?:released\.lock|sources\.figures)$", re.IGNORECASE)


class Folder:
    """The files under `root`/cards. No link that leads out of the project is followed. May raise OSError, or
    Trouble if there is no such folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.names, self.problems = _listed(root)

    def read(self, name: str) -> bytes:
        return (self.root / name).read_bytes()


def _listed(root: Path) -> tuple[tuple[str, ...], tuple[Problem, ...]]:
    real_root = root.resolve()
    names: list[str] = []
    problems: list[Problem] = []
    if not (root / "cards").is_dir():
        message = (
            "there is no such folder (a project has its cards in cards/; -C names the project's folder, and"
            " `deckwright init` makes a new one)"
        )
        raise Trouble(message, about=str(root / "cards"))

    if not _leads_into(root / "cards", real_root):
        hint = "put the folder itself here"
        return (), (Problem(Span("cards"), "link-outside", "this link leads out of the project", hint),)

    def failed(error: OSError) -> None:
        raise error

    for directory, folders, files in os.walk(root / "cards", onerror=failed):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        odd = [name for name in folders if (Path(directory) / name).is_symlink() or _NAMED_AS_FILE.search(name)]
        for name in [*files, *odd]:
            path = Path(directory) / name
            if name.startswith(".") or name in ("Thumbs.db", "desktop.ini"):
                continue
            shown = path.relative_to(root).as_posix()
            if path.is_symlink() and not _leads_into(path, real_root):
                hint = "put the file itself here"
                problems.append(Problem(Span(shown), "link-outside", "this link leads out of the project", hint))
            elif path.is_symlink() and path.is_dir():
                hint = "put the folder itself here"
                problems.append(Problem(Span(shown), "linked-folder", "links to folders are not followed", hint))
            elif path.is_dir():
                message = "this is a folder, named as a file"
                hint = "rename it, so that nobody takes it for a file of cards; files of cards may lie in it"
                problems.append(Problem(Span(shown), "stray-file", message, hint))
            elif not path.is_file():
                hint = "delete it, or put a file here"
                problems.append(Problem(Span(shown), "stray-file", "this is not a file that can be read", hint))
            else:
                names.append(shown)
    return tuple(sorted(names)), tuple(problems)


def _leads_into(link: Path, real_root: Path) -> bool:
    """Whether a link ends within the project. One to itself does; `Path.resolve` would raise, but not from 3.13 on."""
    return Path(os.path.realpath(link)).is_relative_to(real_root)


class Revision:
    """The files under `root`/cards at a revision, all of them in memory. Links are left out. May raise OSError or
    Trouble."""

    def __init__(self, root: Path, revision: str) -> None:
        found = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        if found is None:
            raise Trouble("Git knows no such revision here", about=revision)
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


class Unsaved:
    """Other files, with the texts of an editor that are not saved yet in place of theirs, or beside them."""

    def __init__(self, files: Files, texts: Mapping[str, bytes]) -> None:
        self.root = files.root
        self.names: tuple[str, ...] = tuple(sorted({*files.names, *texts}))
        self.problems = files.problems
        self._saved = files
        self._texts = dict(texts)

    def read(self, name: str) -> bytes:
        return self._texts[name] if name in self._texts else self._saved.read(name)


def last_change(root: Path, name: str) -> str | None:
    """The commit that last changed a file; None when the file is in none, or changed since, or there is no Git."""
    try:
        if _git(root, "diff", "--quiet", "--no-ext-diff", "HEAD", "--", name) is None:
            return None
        return (_git(root, "log", "-1", "--format=%H", "--", name) or b"").decode().strip() or None
    except (OSError, Trouble):
        return None


def _blobs(root: Path, names: list[str]) -> list[bytes]:
    """The bytes of Git's objects."""
    answer = _git(root, "cat-file", "--batch", given="".join(f"{name}\n" for name in names).encode()) or b""
    found, place = [], 0
    for _ in names:
        stop = answer.find(b"\n", place)
        words = answer[place:stop].split()
        if stop < 0 or len(words) != 3 or words[1] != b"blob":
            raise Trouble("Git lacks some of the files of this revision (a partial or damaged repository?)")
        size = int(words[2])
        found.append(answer[stop + 1 : stop + 1 + size])
        place = stop + 1 + size + 1
    return found


def _git(root: Path, *arguments: str, given: bytes = b"") -> bytes | None:
    """What Git prints; None when it says no. May raise OSError or Trouble."""
    command = ["git", "-C", str(root), "--no-pager", "-c", "core.fsmonitor=false", *arguments]
    try:
        done = subprocess.run(command, input=given, capture_output=True, check=False)  # noqa: S603 - no shell
    except FileNotFoundError:
        raise Trouble("Git is not installed", about="git") from None
    return done.stdout if done.returncode == 0 else None
