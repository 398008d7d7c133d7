"""How long a build takes, against the plain pipeline on the same cards, in pairs of one run.

Usage: python tests/bench/build.py [CARDS…] [--pairs N]. Prints for each size: wall and CPU time as a ratio to the plain
pipeline, as people write it and with its garbage collector off; peak memory as a ratio; microseconds a card; what a
lock adds; and how long a held deck takes to follow a change of one file. Times are medians, ratios medians of the
pairs' ratios.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

FILE_CARDS, TOPIC_CARDS = 200, 20_000
HERE = Path(__file__).parent

CARD = """\
  - id: card-{n}
    question: What is the value of quantity {n} in the table of generated facts, as of the last count?
    answer: About **{n} units**, or *{n} %* of the whole
    explanation: It follows from the definition of quantity {n}; compare the table of the source for the others.
    tags:
      - prevalence
      - part-{part}
    sources: made-up para {paragraph}
"""


def generate(folder: Path, cards: int) -> None:
    """A project of `cards` cards."""
    (folder / "cards").mkdir(parents=True)
    (folder / "cards/deck.yaml").write_text("title: Bench\nnamespace: bench\n")
    (folder / "cards/sources.yaml").write_text(
        "made-up:\n  title: A made-up table\n  kind: document\n  file: table.txt\n"
    )
    for start in range(0, cards, FILE_CARDS):
        topic = start // TOPIC_CARDS + 1
        path = folder / f"cards/topic-{topic}/{start:06}.yaml"
        path.parent.mkdir(exist_ok=True)
        entries = (CARD.format(n=n, part=n % 7, paragraph=n % 40 + 1) for n in range(start, start + FILE_CARDS))
        path.write_text(
            f"topic: Topic {topic}::Part {start // 2000}\ntags:\n  - generated\ncards:\n" + "".join(entries)
        )


class Took(NamedTuple):
    """What a process and those it started took."""

    wall: float
    """Seconds."""
    cpu: float
    """Seconds."""
    memory: float
    """MiB, at its peak."""


def run(command: list[str]) -> Took:
    """Runs a process to its end. Raises if it fails."""
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Took(time.perf_counter() - start, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def measure(cards: int, pairs: int) -> None:
    """Runs the pipelines in turn and prints what they took."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        generate(folder, cards)
        plain = [sys.executable, str(HERE / "plain.py"), name, f"{name}/plain.apkg"]
        ours = [sys.executable, "-m", "deckwright", "-C", name, "build", "--to", "anki"]
        runs = [(run(plain), run([*plain, "nogc"]), run(ours)) for _ in range(pairs)]
    walls = [statistics.median(run[i].wall for run in runs) for i in range(3)]
    ratios = [statistics.median(run[2].wall / run[i].wall for run in runs) for i in range(2)]
    memory = statistics.median(run[2].memory / run[1].memory for run in runs)
    cpu = [statistics.median(run[2].cpu / run[i].cpu for run in runs) for i in range(2)]
    print(
        f"{cards:>7,} cards: deckwright {walls[2]:.2f} s, plain {walls[0]:.2f} s, without collector {walls[1]:.2f} s"
        f" | {ratios[0]:.2f}x plain, {ratios[1]:.2f}x plain without collector"
        f" | CPU {cpu[0]:.2f}x, {cpu[1]:.2f}x"
        f" | memory {runs[0][2].memory:.0f} MiB, {memory:.2f}x"
        f" | {walls[2] / cards * 1e6:.0f} µs a card",
        flush=True,
    )


def with_a_lock(cards: int, pairs: int) -> None:
    """What reading the lock and comparing with it adds to a build."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        generate(folder, cards)
        ours = [sys.executable, "-m", "deckwright", "-C", name]
        run([*ours, "release", "--yes"])
        shutil.rmtree(folder / "cards/releases")  # without the lock they would be an error
        lock = folder / "cards/released.lock"
        released = lock.read_bytes()
        runs = []
        for _ in range(pairs):
            lock.unlink(missing_ok=True)
            without = run([*ours, "build"]).wall
            lock.write_bytes(released)
            runs.append((without, run([*ours, "build"]).wall))
    ratio = statistics.median(with_ / without for without, with_ in runs)
    seconds = [statistics.median(run[i] for run in runs) for i in range(2)]
    print(
        f"{cards:>7,} cards: {seconds[0]:.2f} s without a lock, {seconds[1]:.2f} s with one of"
        f" {len(released) / 1e6:.0f} MB | {ratio:.2f}x",
        flush=True,
    )


def held(cards: int, times: int) -> None:
    """How long a deck that is held takes to follow a change of one file of 200 cards, until problems and notes are
    there."""
    from deckwright.files import Folder, Unsaved
    from deckwright.project import Held, Project

    with tempfile.TemporaryDirectory() as name:
        generate(Path(name), cards)
        project = Project.open(Folder(Path(name)))
        deck = Held.compiled(project)
        changed = project.names[len(project.names) // 2]
        saved = project.files.read(changed)
        took = []
        for number in range(times):
            texts = {changed: saved.replace(b"About", b"Near %d" % number)}
            start = time.perf_counter()
            deck = Held.compiled(replace(project, files=Unsaved(project.files, texts)), deck)
            took.append((time.perf_counter() - start) * 1000)
    print(
        f"{cards:>7,} cards: {statistics.median(took):.0f} ms for a change of one file, {max(took):.0f} at most",
        flush=True,
    )


def start_up(pairs: int) -> None:
    """`deckwright --help` against the bare interpreter."""
    bare = min(run([sys.executable, "-c", "pass"]).wall for _ in range(5 * pairs))
    help_ = min(run([str(Path(sys.executable).with_name("deckwright")), "--help"]).wall for _ in range(5 * pairs))
    print(f"--help: {help_ * 1000:.0f} ms, {help_ / bare:.1f}x python -c pass ({bare * 1000:.0f} ms)", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cards", type=int, nargs="*", default=[10_000, 100_000])
    parser.add_argument("--pairs", type=int, default=3)
    chosen = parser.parse_args()
    start_up(chosen.pairs)
    for size in chosen.cards:
        measure(size, chosen.pairs)
        with_a_lock(size, chosen.pairs)
        held(size, 5 * chosen.pairs)
