"""Every code of a problem is asserted by a test, so that none is dead and none changes unnoticed."""

import ast
import re
from pathlib import Path

from conftest import CASES
from deckwright.problem import CODES

TESTS = Path(__file__).parent


def asserted() -> set[str]:
    """Codes in expected files, and texts in what the tests assert, compare, loop over or are parametrised with, alone
    or in brackets as the command line prints them."""
    found = set()
    for path in CASES.rglob("*.txt"):
        text = path.read_text(encoding="utf-8")
        found |= set(re.findall(r"^(?:\S.* |-- check says )\[([a-z-]+)\]", text, re.MULTILINE))
    for tree in [ast.parse(path.read_text(encoding="utf-8")) for path in TESTS.rglob("*.py")]:
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


def test_every_code_is_asserted() -> None:
    missing = sorted(set(CODES) - asserted())
    assert not missing, (
        f"No test asserts these codes: {', '.join(missing)}.\n"
        "For each, add a card with that mistake to a file in tests/cases/mistakes/, run `python3 -m pytest --refresh "
        "tests/test_mistakes.py` and read the .txt beside it; or assert the code in a test, as in "
        '`assert [problem.code for problem in check(root, STAMP).problems] == ["the-code"]`.'
    )
