"""How long a quiz takes, against the PDF engine's own time for the same documents, in pairs of one run.

Usage: python tests/bench/quiz.py [QUESTIONS…] [--pairs N]. The engine's time is that of a fresh process that imports it
and compiles the sheet and the answers, one after the other, from the very data that the quiz is made of.
"""

import argparse
import pickle
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

OPTIONS = """\
  - id: q-{n}
    question: A patient with number {n} has had low back pain for {n} days. Which of these is the best next step?
    options:
      - correct: The step called {n}
        why: It is the one that the guideline names for number {n}.
      - wrong: Another step, {n} and a half
        why: It helps nobody.
      - wrong: A third step for number {n}
      - wrong: A fourth one
    explanation: Compare the table of the source.
    sources: made-up para {n}
"""

ENGINE = """\
import pickle, sys, typst
from pathlib import Path
for folder, template, fonts in pickle.loads(Path(sys.argv[1]).read_bytes()):
    compiler = typst.Compiler(input=f"{folder}/{template}", root=folder, font_paths=[fonts], ignore_system_fonts=True)
    compiler.compile(format="pdf", pdf_standards="ua-1")
"""


def documents(root: Path) -> None:
    """Saves what the engine is given for the quiz of a project."""
    from deckwright.quiz.pdf import engine as pdf
    from deckwright.quiz.pdf.engine import Document

    def save(documents: Iterable[Document], folders: object) -> list[bytes]:
        fonts = pdf._fonts(root, [])
        jobs = [
            (str(pdf._folder(root / f"engine-{number}", document)), document.template, str(fonts))
            for number, document in enumerate(documents)
        ]
        (root / "jobs").write_bytes(pickle.dumps(jobs))
        return [b""] * len(jobs)

    import deckwright.quiz.pdf.sheets as sheet
    from deckwright.quiz.job import Cutting, Layout
    from deckwright.quiz.printing import Order, make
    from deckwright.quiz.select import Request

    setattr(sheet, "draw", save)  # noqa: B010 - only here, instead of the engine
    make(root, root / "build", Request(), Order(layout=Layout(title="", name="q", paper=""), cutting=Cutting()))


def run(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def measure(questions: int, pairs: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        (root / "cards").mkdir()
        (root / "cards/deck.yaml").write_text("title: Bench\nnamespace: bench\n")
        (root / "cards/sources.yaml").write_text("made-up:\n  title: A table\n  kind: document\n  file: table.txt\n")
        cards = "".join(OPTIONS.format(n=n) for n in range(questions))
        (root / "cards/a.yaml").write_text(f"topic: T\ncards:\n{cards}")
        documents(root)
        ours = [sys.executable, "-m", "deckwright", "-C", name, "quiz", "--name", "bench"]
        engine = [sys.executable, "-c", ENGINE, str(root / "jobs")]
        runs = [(run(engine), run(ours)) for _ in range(pairs)]
    seconds = [statistics.median(run[i] for run in runs) for i in range(2)]
    ratio = statistics.median(ours / engine for engine, ours in runs)
    print(
        f"{questions:>6,} questions: engine {seconds[0]:.2f} s, deckwright {seconds[1]:.2f} s | {ratio:.2f}x",
        flush=True,
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("questions", type=int, nargs="*", default=[100, 2000])
    parser.add_argument("--pairs", type=int, default=5)
    chosen = parser.parse_args()
    for size in chosen.questions:
        measure(size, chosen.pairs)
