"""What the tests share: small projects on disk, a real Anki collection, and expected files one can refresh."""

import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from deckwright.problem import LEVELS, errors
from deckwright.release.publish import Prepared, prepare_release, write_release
from learner import Learner

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CASES = Path(__file__).parent / "cases"
ROOT = Path(__file__).parent.parent
STAMP = int(datetime(2026, 11, 22, tzinfo=UTC).timestamp())

DECK = "title: Test deck\nnamespace: test\nlicense: CC BY 4.0\nauthors:\n  - A. Author\n"
DECK += f"rules: {{{', '.join(f'{code}: off' for code in LEVELS)}}}\n"  # most cards of the tests are not well written
SOURCES = """\
hoy-2012:
  title: A systematic review of the global prevalence of low back pain
  authors: Hoy D, et al.
  short: Arthritis Rheum
  year: 2012
  kind: systematic-review
  doi: 10.1002/art.34347
book:
  title: A textbook <of> "backs"
  kind: textbook
  isbn: 978-3-16-148410-0
"""
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><circle cx="20" cy="20" r="15"/></svg>'


def letters(text: str) -> str:
    """What must not be lost of a text, whatever becomes of its spaces and signs."""
    return re.sub(r"[\W_]+", "", text)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--refresh", action="store_true", help="rewrite the expected files; then read the difference")


MakeProject = Callable[[dict[str, str | bytes]], Path]


@pytest.fixture
def project(tmp_path: Path) -> MakeProject:
    """Makes a project of the given files below cards/, with a deck.yaml and a sources.yaml unless they are given."""

    def make(files: dict[str, str | bytes]) -> Path:
        root = tmp_path / "project"
        for name, content in {"deck.yaml": DECK, "sources.yaml": SOURCES, **files}.items():
            path = root / "cards" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return root

    return make


def release(root: Path, now: int = STAMP, *resend: str) -> Prepared:
    """Releases a project into its build/, as `deckwright release --yes` does."""
    prepared = prepare_release(root, now, frozenset(resend))
    assert not errors(prepared.problems), prepared.problems
    write_release(root, root / "build", prepared)
    return prepared


def released_once(root: Path) -> Path:
    """Gives a project a first release, of a day before STAMP, in which nothing was withdrawn yet."""
    texts = {path: path.read_bytes() for path in (root / "cards").rglob("*.yaml")}
    for path, text in texts.items():
        path.write_bytes(re.sub(rb"    withdrawn:.*\n(?:      .*\n)*", b"    sources: book\n", text))
    release(root, STAMP - 86400)
    for path, text in texts.items():
        path.write_bytes(text)
    return root


Expect = Callable[[str, Path], None]


@pytest.fixture
def expect(request: pytest.FixtureRequest) -> Expect:
    """Compares a text with an expected file; with --refresh, rewrites the file."""

    def compare(actual: str, path: Path) -> None:
        if request.config.getoption("--refresh"):
            path.write_text(actual, encoding="utf-8")
        assert actual == path.read_text(encoding="utf-8")

    return compare


def typed(answers: list[str], *arguments: str | Path, cwd: Path, **environment: str) -> tuple[str, int]:
    """What a command prints to somebody at a terminal who types `answers`, one for each question, and its exit code."""
    import pty

    process, terminal = pty.fork()
    if not process:
        os.chdir(cwd)
        command = [sys.executable, "-m", "deckwright", *map(str, arguments)]
        os.execve(sys.executable, command, {**os.environ, **environment})  # noqa: S606 - our own command
    waiting, printed = list(answers), b""
    while True:
        try:
            read = os.read(terminal, 4096)
        except OSError:  # it has ended
            break
        if not read:
            break
        printed += read
        if waiting and printed.endswith(b": "):
            os.write(terminal, waiting.pop(0).encode())
    os.close(terminal)
    _, status = os.waitpid(process, 0)
    return printed.decode().replace("\r\n", "\n"), os.waitstatus_to_exitcode(status)


CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="session")
def browser() -> "Iterator[Browser]":
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def learner(tmp_path: Path) -> Iterator[Learner]:
    someone = Learner(tmp_path / "collection.anki2")
    yield someone
    someone.close()
