"""How long a build takes, against the plain pipeline on the same cards, in pairs of one run.

Usage: python tests/bench/build.py [CARDS…] [--pairs N]. Prints a line per size: wall time as a ratio to the plain
pipeline as people write it and with its garbage collector off, peak memory as a ratio (Linux), and microseconds a card.
Wall times are medians, ratios medians of the pairs' ratios.
"""

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

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


def run(command: list[str]) -> float:
    """Wall seconds of a process."""
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def peak(command: list[str]) -> float:
    """Peak MiB of a process and its children together, shared pages counted once (PSS, looked at every 30 ms)."""
    highest = 0
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        while process.poll() is None:
            highest = max(highest, sum(map(memory, tree(process.pid))))
            time.sleep(0.03)
    return highest / 1024


def tree(pid: int) -> list[int]:
    """A process and all below it."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:  # it is over
        return []
    return [pid, *(below for child in children for below in tree(int(child)))]


def memory(pid: int) -> int:
    """KiB of a process."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:  # it is over
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def measure(cards: int, pairs: int) -> None:
    """Runs the pipelines in turn and prints what they took."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        generate(folder, cards)
        plain = [sys.executable, str(HERE / "plain.py"), name, f"{name}/plain.apkg"]
        ours = [sys.executable, "-m", "deckwright", "-C", name, "build", "--to", "anki"]
        runs = [(run(plain), run([*plain, "nogc"]), run(ours)) for _ in range(pairs)]
        peaks = peak(plain), peak(ours)
    walls = [statistics.median(run[i] for run in runs) for i in range(3)]
    ratios = [statistics.median(run[2] / run[i] for run in runs) for i in range(2)]
    print(
        f"{cards:>7,} cards: deckwright {walls[2]:.2f} s, plain {walls[0]:.2f} s, without collector {walls[1]:.2f} s"
        f" | {ratios[0]:.2f}x plain, {ratios[1]:.2f}x plain without collector"
        f" | memory {peaks[1]:.0f} MiB, {peaks[1] / peaks[0]:.2f}x plain"
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
            without = run([*ours, "build"])
            lock.write_bytes(released)
            runs.append((without, run([*ours, "build"])))
    ratio = statistics.median(with_ / without for without, with_ in runs)
    seconds = [statistics.median(run[i] for run in runs) for i in range(2)]
    print(
        f"{cards:>7,} cards: {seconds[0]:.2f} s without a lock, {seconds[1]:.2f} s with one of"
        f" {len(released) / 1e6:.0f} MB | {ratio:.2f}x",
        flush=True,
    )


def start_up(pairs: int) -> None:
    """`deckwright --help` against the bare interpreter."""
    bare = min(run([sys.executable, "-c", "pass"]) for _ in range(5 * pairs))
    help_ = min(run([str(Path(sys.executable).with_name("deckwright")), "--help"]) for _ in range(5 * pairs))
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
