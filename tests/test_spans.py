"""The place of every problem is that of the text it names, however the file is laid out. PyYAML says what is where."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from conftest import CASES
from deckwright.compile import Context, compile_file
from deckwright.model import Deck, Settings, Text
from deckwright.parts import texts
from deckwright.reading.words import words_in

DECK = Deck(
    Settings(title=Text("T"), namespace=Text("t")), {}, frozenset({"book", "hoy-2012"}), words_in("en"), ("circle.svg",)
)
CONTEXT = Context(DECK, {"circle.svg": "circle.svg"}, None, {})

FAULTS = [
    ("unknown-key", "zz-key", "x", "zz-key"),
    ("unknown-source", "sources", "zz-source", "zz-source"),
    ("bad-id", "id", "Zz Id", "Zz Id"),
    ("bad-date", "as_of", "zz year", "zz year"),
    ("wrong-shape", "status", "zz", "zz"),
    ("bad-tag", "tags", "[plain, zz tag]", "zz tag"),
    ("missing-file", "question", "What does ![a](zz.png) show?", "zz.png"),
    ("anki-cloze", "answer", "It is {{c1::zz}} here", "{{c1::"),
    ("bad-date", "withdrawn", "{on: zz day, reason: none}", "zz day"),
    ("bad-allow", "allow", "{zz-code: because}", "zz-code"),
    ("wrong-shape", "reverse", "'yes'", "yes"),
]
"""The code of a problem, the key and the value that cause it, and the text that it names."""


def scalars(source: str) -> dict[tuple[int, int], str]:
    """What PyYAML reads at each line and column, both from 1."""

    def below(node: yaml.Node | None) -> Iterator[yaml.ScalarNode]:
        if isinstance(node, yaml.ScalarNode):
            yield node
        elif node is not None:
            for each in node.value:
                for child in each if isinstance(each, tuple) else (each,):
                    yield from below(child)

    marks = below(yaml.compose(source, Loader=yaml.SafeLoader))
    return {(node.start_mark.line + 1, node.start_mark.column + 1): node.value for node in marks}


@st.composite
def layouts(draw: st.DrawFn, key: str, value: str) -> str:
    """A file with a good card or two around one that has `key: value`, written in one of the ways authors write."""
    blank = st.lists(st.sampled_from(["", "  # an aside: it's here", "# ünïcode 🦴"]), max_size=2)
    indent, space = " " * draw(st.integers(0, 4)), " " * draw(st.integers(1, 3))
    good = {"question": "What is good?", "answer": "Ünïcode 🦴", "sources": "book"}
    if not value.startswith(("{", "[", "'")) and key not in ("id", "zz-key"):
        value = draw(st.sampled_from([value, f'"{value}"', f"'{value}'"]))
    lines = ["topic: T", *draw(blank), "cards:", *draw(blank)]
    place = draw(st.integers(0, 2))
    for number in range(3):
        keys = {"id": f"card-{number}", **good} | ({key: value} if number == place else {})
        order = draw(st.permutations(list(keys)))
        written = [f"{name}:{space}{keys[name]}" for name in order]
        lines.append(f"{indent}-{space}{written[0]}")
        for line in written[1:]:
            lines += [*draw(blank), f"{indent} {space}{line}"]
    return draw(st.sampled_from(["\n", "\r\n"])).join([*lines, ""])


@pytest.mark.parametrize(("code", "key", "value", "named"), FAULTS)
@given(data=st.data())
def test_the_span_of_a_problem_holds_what_it_names(
    code: str, key: str, value: str, named: str, data: st.DataObject
) -> None:
    source = data.draw(layouts(key, value))
    problems = [
        problem for problem in compile_file("f.yaml", source.encode(), CONTEXT).problems if problem.code == code
    ]
    assert len(problems) == 1
    assert named.strip("{:") in problems[0].message
    assert named in scalars(source)[problems[0].span.line, problems[0].span.column]


@pytest.mark.parametrize("case", sorted((CASES / "kinds").glob("*.yaml")), ids=lambda path: path.stem)
def test_every_text_of_a_card_knows_its_place(case: Path) -> None:
    source = case.read_text(encoding="utf-8")
    at = scalars(source)
    cards = compile_file("f.yaml", source.encode(), CONTEXT).file.cards
    assert cards
    for card in cards:
        for text in texts(card):
            assert at[text.line, text.column].strip() == text.strip()
