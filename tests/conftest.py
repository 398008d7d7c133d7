"""What the tests share: small projects on disk, a real Anki collection, and expected files one can refresh."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from learner import Learner

CASES = Path(__file__).parent / "cases"
ROOT = Path(__file__).parent.parent
STAMP = datetime(2026, 11, 22, tzinfo=UTC)

DECK = "title: Test deck\nnamespace: test\nlicense: CC BY 4.0\nauthors:\n  - A. Author\n"
SOURCES = """\
hoy-2012:
  title: A systematic review of the global prevalence of low back pain
  authors: Hoy D, et al.
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


Expect = Callable[[str, Path], None]


@pytest.fixture
def expect(request: pytest.FixtureRequest) -> Expect:
    """Compares a text with an expected file; with --refresh, rewrites the file."""

    def compare(actual: str, path: Path) -> None:
        if request.config.getoption("--refresh"):
            path.write_text(actual, encoding="utf-8")
        assert actual == path.read_text(encoding="utf-8")

    return compare


@pytest.fixture
def learner(tmp_path: Path) -> Iterator[Learner]:
    someone = Learner(tmp_path / "collection.anki2")
    yield someone
    someone.close()
