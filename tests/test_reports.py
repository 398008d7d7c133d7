"""How problems look: on a terminal, in a pipe, as JSON, and on GitHub."""

import json
import os
import re
import sys
from pathlib import Path

import pytest

from conftest import CASES, STAMP, Expect, MakeProject, typed
from deckwright.problem import Problem, Span
from deckwright.project import check
from deckwright.reports import Places, as_github, as_json, as_text
from deckwright.terminal import safe
from test_commands import CARDS, WRONG, run

HOSTILE = (CASES / "reports/hostile.yaml").read_bytes()


@pytest.mark.parametrize("form", ["text", "json", "github"])
def test_what_check_prints(form: str, project: MakeProject, expect: Expect) -> None:
    root = project({"hostile.yaml": HOSTILE, "none.yml": "x"})
    done = run("-C", root, "check", "--format", form, env={**os.environ, "GITHUB_WORKSPACE": str(root.parent)})
    assert done.returncode == 1
    expect(done.stdout, CASES / f"reports/hostile.{form}")
    to_fix = "to fix what a program can fix: deckwright check --fix\n"
    assert done.stderr == {"text": to_fix, "json": "4 cards, 10 errors, 1 warning\n", "github": ""}[form]


def test_json_is_for_programs(project: MakeProject) -> None:
    root = project({"hostile.yaml": HOSTILE})
    objects = json.loads(run("-C", root, "check", "--format", "json").stdout)
    keys = ["file", "line", "column", "code", "severity", "message", "fix", "card"]
    assert all(list(each) == keys for each in objects)
    by_line = {each["line"]: each["card"] for each in objects if each["file"] == "cards/hostile.yaml"}
    assert (by_line[4], by_line[8], by_line[21], by_line[22]) == ("wide", "long", "in-braces", None)
    assert json.loads(run("-C", project({"hostile.yaml": CARDS}), "check", "--format", "json").stdout) == []


def test_json_is_ascii() -> None:
    problem = Problem(Span("cards/\x7f腰.yaml"), "tab", "\x9b31m\x1b")
    text = as_json([problem], Places(CASES.parent.parent))
    assert text.replace("\n", "").isprintable()
    assert text.isascii()
    assert json.loads(text)[0]["file"] == "cards/\x7f腰.yaml"


def commands_in(output: str) -> list[str]:
    """The lines that GitHub's runner obeys: those that begin with `::`, and those with `##[`."""
    return [line for line in output.splitlines() if line.lstrip().startswith("::") or "##[" in line]


def test_no_text_of_an_author_commands_github(project: MakeProject) -> None:
    root = project({"hostile.yaml": HOSTILE, "a%,:b.yaml": "topic: T\n"})
    environment = {**os.environ, "GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": str(root)}
    done = run("-C", root, "check", env=environment)
    assert commands_in(done.stdout) == []
    assert ": :set-env" not in done.stdout, "a text is shown as far as it is at fault"
    assert "# #[error]" in done.stdout
    assert commands_in(run("-C", root, "build", env=environment).stderr) == []
    done = run("-C", root, "check", "--format", "github", env=environment)
    found = commands_in(done.stdout)
    problems = check(root, STAMP).problems
    assert len(found) == len(problems)
    pattern = r"::(?:error|warning) file=cards/[^:,]+,line=\d+,col=\d+,title=[a-z-]+::.*"
    assert all(re.fullmatch(pattern, line) for line in found)
    assert any(line.startswith("::error file=cards/a%25%2C%3Ab.yaml,line=1,") for line in found)


def test_a_line_that_looks_like_a_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert commands_in(safe("::error::x\n  ::debug::y\n##[group]z\n:::stop")) == []
    monkeypatch.delenv("GITHUB_ACTIONS")
    assert safe("::error::x") == "::error::x"


def test_github_is_told_the_path_from_the_top_of_the_repository() -> None:
    problem = Problem(Span("cards/a.yaml", 2, 3), "tab", "there is a tab", "use spaces")
    place = "line=2,col=3,title=tab::there is a tab%0Ause spaces"
    assert as_github([problem], ".") == f"::error file=cards/a.yaml,{place}"
    assert as_github([problem], "decks/back") == f"::error file=decks/back/cards/a.yaml,{place}"


@pytest.mark.parametrize(
    ("line", "column", "shown", "caret"),
    [
        ("answer: a", 9, "answer: a", 8),
        ("answer: a", 99, "answer: a", 9),
        ("腰痛: a", 5, "腰痛: a", 6),
        ("a\tb: c", 3, "a\\tb: c", 3),
        ("e\u0301e\u0301: c", 5, "e\u0301e\u0301: c", 2),
        ("\x1b[31m: c", 6, "\\x1b[31m: c", 8),
        ("a" * 99, 1, "a" * 34 + "…", 0),
        ("a" * 99, 99, "…" + "a" * 34, 34),
        ("a" * 30 + "b" + "a" * 69, 31, "…" + "a" * 17 + "b" + "a" * 16 + "…", 18),
        ("腰" * 99, 50, "…" + "腰" * 17 + "…", 17),
    ],
)
def test_the_line_and_its_caret(line: str, column: int, shown: str, caret: int) -> None:
    problem = Problem(Span("a.yaml", 1, column), "tab", "m", "fix")
    first, text, below, fix = as_text(problem, line, 42).split("\n")
    assert (first, fix) == (f"a.yaml:1:{column}: error: m [tab]", "    fix")
    assert text == f"    | {shown}"
    assert below == f"    | {' ' * caret}^"


def test_nothing_outside_the_project_is_shown(project: MakeProject, tmp_path: Path) -> None:
    root = project({"a.yaml": CARDS})
    (tmp_path / "secret.yaml").write_text("secret: 1\n")
    (root / "cards/b.yaml").symlink_to(tmp_path / "secret.yaml")
    assert Places(root).line(Span("cards/a.yaml", 3)) == "  - id: one"
    for name in ("cards/b.yaml", "../secret.yaml", str(tmp_path / "secret.yaml")):
        assert Places(root).line(Span(name)) == ""
    assert "secret" not in run("-C", root, "check").stdout


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such terminals")
def test_colours_only_on_a_terminal(project: MakeProject) -> None:
    root = project({"a.yaml": WRONG})
    assert "\x1b" not in run("-C", root, "check").stdout
    printed, _ = typed([], "check", cwd=root)
    assert "cards/a.yaml:5:13: \x1b[1;31merror\x1b[0m: " in printed
    assert "\x1b[1;31m    |             ^\x1b[0m\n" in printed
    assert "\x1b" not in typed([], "check", cwd=root, NO_COLOR="1")[0]
    printed, code = typed([], "check", "--fix", cwd=root)
    assert '\x1b[31m-    answer: **A** b\x1b[0m\n\x1b[32m+    answer: "**A** b"\x1b[0m\n' in printed
    assert code == 0


def test_strict(project: MakeProject) -> None:
    root = project({"a.yaml": CARDS.replace("answer: A", "answer: <b>A</b>")})
    done = run("-C", root, "check")
    assert (done.returncode, done.stderr) == (0, "next: deckwright build\n")
    done = run("-C", root, "check", "--strict")
    assert (done.returncode, done.stderr) == (1, "with --strict, warnings count as errors\n")
    assert done.stdout.endswith("2 cards, 0 errors, 1 warning, 1 draft\n")
    assert run("-C", project({"a.yaml": CARDS}), "check", "--strict").returncode == 0
    assert run("-C", project({"a.yaml": WRONG}), "check", "--strict").returncode == 1
