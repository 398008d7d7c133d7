"""Files in memory → files on disk. The only place that writes.

In: folders and their files. Out: their paths. Everything is written under other names before the first is renamed into
place, so that a failure leaves what was there and a killed process leaves each file whole.
"""

import os
from collections.abc import Sequence
from pathlib import Path

from deckwright.formats import File


def write(folders: Sequence[tuple[Path, Sequence[File]]]) -> list[tuple[Path, File]]:
    """Writes all files under other names and then renames them into place, in order; when that fails, new files go
    again. May raise OSError."""
    waiting: list[tuple[Path, Path, File]] = []
    new: list[Path] = []
    try:
        for folder, files in folders:
            folder.mkdir(parents=True, exist_ok=True)
            for file in files:
                temporary = folder / f".{file.name}.{os.getpid()}.part"
                waiting.append((temporary, folder / file.name, file))
                with temporary.open("wb") as stream:
                    stream.write(file.data)
                    stream.flush()
                    os.fsync(stream.fileno())
        for temporary, final, _ in waiting:
            new += [] if final.exists() else [final]
            temporary.replace(final)
    except BaseException:
        for final in new:
            final.unlink(missing_ok=True)
        for temporary, _, _ in waiting:
            temporary.unlink(missing_ok=True)
        raise
    return [(final, file) for _, final, file in waiting]
