"""The commands and cards in the documentation are run."""

import os
import pty
import re
import runpy
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from conftest import CASES, ROOT, STAMP, MakeProject
from deckwright.commands import EXAMPLES
from deckwright.model import KINDS
from deckwright.project import check
from learner import Learner

PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")),
    *sorted((ROOT / "docs").glob("*.md")),
]


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^ *```{language}\n(.*?)^ *```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


TUTORIAL = ROOT / "docs/tutorial.md"
"""Its commands need each other, so it is run as a whole."""


def commands() -> list[str]:
    """Every deckwright command in a console block or in backquotes, without the installation in front of it."""
    found = []
    for page in PAGES:
        if page == TUTORIAL:
            continue
        text = page.read_text(encoding="utf-8")
        lines = [line.split("&& ")[-1] for block in blocks(page, "console") for line in block.splitlines()]
        lines = [line.removeprefix(".venv/bin/") for line in lines]
        found += [line for line in lines if line.startswith("deckwright ")]
        found += re.findall(r"`(deckwright [^`]*)`", text)
    return sorted(set(found))


def released_and_committed(root: Path) -> None:
    """Makes a first release and commits it, because some commands need that."""
    (root / "cards/released.lock").unlink()
    shutil.rmtree(root / "cards/releases")
    released = [sys.executable, "-m", "deckwright", "release", "--yes"]
    identity = ["git", "-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    for done in (released, ["git", "init"], ["git", "add", "."], [*identity, "commit", "-m", "release"]):
        subprocess.run(done, cwd=root, check=True, capture_output=True)  # noqa: S603


def test_the_pictures_show_what_there_is_today() -> None:
    made_from = runpy.run_path(str(ROOT / "docs/draw.py"))["made_from"]
    assert (ROOT / "docs/images/made-from.txt").read_text() == made_from(), "run: .venv/bin/python docs/draw.py"


def test_every_picture_is_there() -> None:
    picture = re.compile(r"!\[[^\]]+\]\(([^)]+\.png)\)")
    shown = {(page, name) for page in PAGES for name in picture.findall(page.read_text(encoding="utf-8"))}
    assert len(shown) >= 9
    assert [name for page, name in shown if not (page.parent / name).exists()] == []
    used = {(page.parent / name).name for page, name in shown}
    assert {path.name for path in (ROOT / "docs/images").glob("*.png")} == used


def test_the_examples_are_right(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "src/deckwright/examples", tmp_path / "cards")
    (tmp_path / "cards/deck.yaml").write_text("title: Examples\nnamespace: examples\n", encoding="utf-8")
    found = check(tmp_path, STAMP)
    assert (found.cards, found.problems) == (len(KINDS), [])


def test_there_are_commands() -> None:
    assert {"deckwright build", "deckwright check", "deckwright init neck-pain"} <= set(commands())


@pytest.mark.parametrize("command", commands())
def test_commands_in_the_documentation_run(command: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "cards", tmp_path / "cards")
    if "--released" in command or "--resend" in command or "--undo" in command or "diff HEAD" in command:
        released_and_committed(tmp_path)
    if "--text texts" in command:
        (tmp_path / "texts").mkdir()
        for name in re.findall(r"file: (.*)", (ROOT / "cards/sources.yaml").read_text(encoding="utf-8")):
            (tmp_path / "texts" / name).write_text("Saddle numbness.\n", encoding="utf-8")
    if "export.ris" in command:
        shutil.copy(CASES / "bibliography/zotero.ris", tmp_path / "export.ris")
    if "--again" in command:
        quiz = [sys.executable, "-m", "deckwright", "quiz", "--count", "5", "--name", "thursday"]
        subprocess.run(quiz, cwd=tmp_path, check=True, capture_output=True)  # noqa: S603
    if command in ("deckwright init", "deckwright new", "deckwright review"):
        command = EXAMPLES[command]  # it is only named there, and needs a folder or somebody to ask
    if command.startswith("deckwright release") and "--yes" not in command:
        command += " --yes"  # a person would be asked
    ours = command.replace("deckwright", f"{sys.executable} -m deckwright", 1).replace("FOLDER", ".")
    done = subprocess.run(ours, shell=True, cwd=tmp_path, capture_output=True, text=True, check=False)  # noqa: S602
    assert done.returncode == 0, done.stderr


WHEEL = os.environ.get("DECKWRIGHT_WHEEL", "")
"""A package of the program, from which the tutorial is to be run. Without it, the tutorial's installation is left out
and this Python's deckwright is used."""


def test_the_tutorial(tmp_path: Path, learner: Learner) -> None:
    """Everything that it shows is typed, in a folder with nothing in it, and is what it says."""
    parts = re.findall(r"^```(\w+)\n(.*?)^```", TUTORIAL.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    assert [language for language, _ in parts[:2]] == ["console", "powershell"], "it begins with the installation"
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/deckwright").write_text(f'#!/bin/sh\nexec {sys.executable} -m deckwright "$@"\n', encoding="utf-8")
    (tmp_path / "bin/deckwright").chmod(0o755)
    shell = Shell(tmp_path, [] if WHEEL else [f'PATH="{tmp_path}/bin:$PATH"'])
    if WHEEL:
        shutil.copy(WHEEL, tmp_path)
    for number, ((language, text), (after, answers)) in enumerate(pairwise([*parts, ("", "")])):
        match language:
            case "console" if number == 0 and not WHEEL:
                pass
            case "console" if after == "answers":
                shell.types(text, answers)
            case "console":
                shell.types(re.sub("^deckwright release$", "deckwright release --yes", text, flags=re.MULTILINE))
            case "yaml":
                with (tmp_path / "neck-pain/cards/sources.yaml").open("a", encoding="utf-8") as file:
                    file.write(text)
            case "text":
                assert text in shell.said
            case _:
                assert language in ("powershell", "answers")
        if "deckwright check" in text:
            assert (tmp_path / "neck-pain/build/categories-DRAFT.apkg").exists()
            learner.imports(tmp_path / "neck-pain/build/categories-DRAFT.apkg")
    assert [card.deck for card in learner.cards()] == ["Neck pain::Categories"] * 2
    assert (tmp_path / "neck-pain/cards/released.lock").exists()


class Shell:
    """A terminal that somebody types into. What is typed at first is typed again before each of the other lines."""

    def __init__(self, folder: Path, typed: list[str]) -> None:
        self.folder = folder
        self.typed = typed
        self.said = ""

    def types(self, lines: str, answers: str = "") -> None:
        """Runs lines in a folder, whose last line may ask for answers. Every line must succeed."""
        ours, theirs = pty.openpty()
        os.write(ours, answers.encode())
        script = "\n".join(["set -e", *self.typed, lines])
        done = subprocess.run(  # noqa: S603
            ["bash", "-c", script],  # noqa: S607
            cwd=self.folder,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            stdin=theirs,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        os.close(ours)
        os.close(theirs)
        assert done.returncode == 0, done.stdout
        self.said = done.stdout
        self.typed += [line for line in lines.splitlines() if line.startswith((". ", "cd "))]


def test_cards_in_the_readme_are_right(project: MakeProject) -> None:
    card, file, source = blocks(ROOT / "README.md", "yaml")
    listed = "topic: T\ncards:\n" + re.sub(r"^", "  ", card, flags=re.MULTILINE).rstrip() + "\n"
    sources = (ROOT / "cards/sources.yaml").read_text(encoding="utf-8")
    assert source.rstrip() in sources
    assert check(project({"a.yaml": listed, "b.yaml": file, "sources.yaml": sources}), STAMP).problems == []


def test_the_readme_installs_in_one_line() -> None:
    """Both commands make their own environment; .ci/run takes them from here and runs them unchanged."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    found = re.findall(r"^python3 -m venv \.venv && .*$", text, re.MULTILINE)
    assert [line.split()[-1] for line in found] == ["build", "pytest"]
    assert all(line in "".join(blocks(ROOT / "README.md", "console")).splitlines() for line in found)


def test_the_readme_shows_the_result_early() -> None:
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    [picture] = [number for number, line in enumerate(lines, 1) if line.startswith("![")]
    assert picture <= 25
    for target in re.findall(r"\]\(([^)#:]+)\)", re.sub(r"`[^`]*`", "", "\n".join(lines))):
        assert (ROOT / target).exists(), target


def test_the_picture_of_an_error_shows_what_is_printed(project: MakeProject) -> None:
    drawn = runpy.run_path(str(ROOT / "docs/draw.py"))
    sources = (ROOT / "src/deckwright/examples/sources.yaml").read_bytes()
    shown = drawn["checked"](project({"imaging.yaml": drawn["MISTAKE"], "sources.yaml": sources}))
    assert shown == (ROOT / "docs/images/mistake.txt").read_text(encoding="utf-8"), "run: .venv/bin/python docs/draw.py"


def test_contributing_is_short() -> None:
    assert len((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").splitlines()) < 60
