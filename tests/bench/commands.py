"""What every command takes on a large deck, beside a check of the same deck.

Usage: python tests/bench/commands.py [CARDS…]. Prints a line per command: wall and CPU seconds, peak memory, and the
wall time as a ratio to `check`.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from build import generate, run

COMMANDS = [
    ("check", ["check"]),
    ("check --list stale", ["check", "--list", "stale"]),
    ("build --to anki", ["build", "--to", "anki"]),
    ("release --yes", ["release", "--yes"]),
    ("check, released", ["check"]),
    ("build, released", ["build"]),
    ("diff, no change", ["diff"]),
    ("diff HEAD", ["diff", "HEAD"]),
    ("quiz --count 20", ["quiz", "--count", "20"]),
    ("quiz --count 20 --to html", ["quiz", "--count", "20", "--to", "html"]),
    ("sources report", ["sources", "report"]),
    ("schema", ["schema"]),
]
"""In the order in which they run, in one project: those behind the release run with a lock."""


def measure(cards: int) -> None:
    """Runs each command and prints what it took."""
    with tempfile.TemporaryDirectory() as name:
        generate(Path(name), cards)
        git = ["git", "-C", name, "-c", "user.name=bench", "-c", "user.email=bench@example.org", "-c", "gc.auto=0"]
        for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "Generated cards"]):
            subprocess.run([*git, *arguments], check=True)
        check = 0.0
        for shown, arguments in COMMANDS:
            command = [sys.executable, "-m", "deckwright", "-C", name, *arguments]
            took = run(command)
            check = check or took.wall
            print(
                f"{cards:>7,} cards: {shown:<26} {took.wall:7.2f} s, CPU {took.cpu:7.2f} s, {took.memory:5.0f} MiB"
                f" | {took.wall / check:.2f}x check",
                flush=True,
            )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cards", type=int, nargs="*", default=[10_000, 100_000])
    for size in parser.parse_args().cards:
        measure(size)
