"""Every code of a problem is asserted by a test, so that none is dead and none changes unnoticed."""

import ast
import re
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

from conftest import CASES, ROOT

SOURCE = ROOT / "src/deckwright"
TESTS = Path(__file__).parent


def trees(folder: Path) -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(folder.rglob("*.py")):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def takers() -> dict[str, int]:
    """Everything in the source that takes a problem's code, by name, and at which place among its arguments: a class
    with a field `code` or a function with a parameter `code`."""
    found = {}
    for _, tree in trees(SOURCE):
        for node in ast.walk(tree):
            names: list[str] = []
            if isinstance(node, ast.ClassDef):
                fields = [field.target for field in node.body if isinstance(field, ast.AnnAssign)]
                names = [field.id for field in fields if isinstance(field, ast.Name)]
            elif isinstance(node, ast.FunctionDef):
                names = [argument.arg for argument in node.args.args if argument.arg != "self"]
            if isinstance(node, ast.ClassDef | ast.FunctionDef) and "code" in names:
                found[node.name] = names.index("code")
    return found


def spelt(node: ast.expr) -> Iterator[str]:
    """The codes an expression can be: its texts, an f-string as a pattern."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "*" for part in node.values)
    elif isinstance(node, ast.IfExp):
        yield from [*spelt(node.body), *spelt(node.orelse)]


@cache
def codes() -> dict[str, str]:
    """Every code in the source, and where it is given first."""
    places = takers()
    found: dict[str, str] = {}
    for path, tree in trees(SOURCE):
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            given = [keyword.value for keyword in node.keywords if keyword.arg == "code"]
            if name in places:
                given += node.args[places[name] : places[name] + 1]
            for code in (code for expression in given for code in spelt(expression)):
                found.setdefault(code, f"{path.relative_to(ROOT).as_posix()}:{node.lineno}")
    return found


def asserted() -> set[str]:
    """Codes in expected files, and texts in what the tests assert, compare, loop over or are parametrised with, alone
    or in brackets as the command line prints them."""
    found = set()
    for path in CASES.rglob("*.txt"):
        found |= set(re.findall(r"^\S.* \[([a-z-]+)\]$", path.read_text(encoding="utf-8"), re.MULTILINE))
    for _, tree in trees(TESTS):
        for node in ast.walk(tree):
            claims: list[ast.expr] = []
            if isinstance(node, ast.Assert):
                claims = [node.test]
            elif isinstance(node, ast.Compare):
                claims = [node]
            elif isinstance(node, ast.FunctionDef):
                claims = node.decorator_list
            elif isinstance(node, ast.For):
                claims = [node.iter]
            elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict | ast.List | ast.Tuple):
                claims = [node.value]
            for part in (part for claim in claims for part in ast.walk(claim)):
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    found |= {part.value, *re.findall(r"\[([a-z-]+)\]", part.value)}
    return found


def test_codes_are_found() -> None:
    """Each way in which the source gives a code: `Problem`, a reader's own function, a fault, and an f-string."""
    assert {"doubled-id", "too-deep", "unknown-key", "cloze-missing", "doubled-*"} <= set(codes())
    assert all(re.fullmatch(r"[a-z*]+(-[a-z*]+)*", code) for code in codes())


def test_every_code_is_asserted() -> None:
    known = asserted()
    missing = [
        f"{code} ({place})" for code, place in sorted(codes().items()) if not any(fnmatch(k, code) for k in known)
    ]
    assert not missing, (
        f"No test asserts these codes: {', '.join(missing)}.\n"
        "For each, add a card with that mistake to a file in tests/cases/mistakes/, run `python3 -m pytest --refresh "
        "tests/test_mistakes.py` and read the .txt beside it; or assert the code in a test, as in "
        '`assert [problem.code for problem in check(root, STAMP).problems] == ["the-code"]`.'
    )
