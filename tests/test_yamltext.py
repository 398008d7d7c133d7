"""Reading YAML: every scalar as written, nothing swallowed, no bytes that raise."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from deckwright.load import load_cards
from deckwright.model import Deck, Settings
from deckwright.yamltext import Mapping, Node, Sequence, Text, quote, quoted, read

DECK = Deck(Settings(title=Text("T"), namespace=Text("t")), {}, frozenset({"book"}), ())

LINE = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Cn", "Zl", "Zp"), exclude_characters="\ufeff"), min_size=1
)
SIGNS = st.text(st.sampled_from(list("ab1 .,:;#*&!|>%@`{}[]-?\"'\\~^$_()<=/")), min_size=1, max_size=12)
SOURCE = st.text(st.sampled_from(list("ab1 :#*&!|>%@{}[]-?\"'\\\n\n\t,")), max_size=60)


def value_of(text: str) -> tuple[Node | None, list[str]]:
    _, node, problems = read("f.yaml", text.encode())
    return node, [problem.code for problem in problems]


def plain(node: Node | None) -> Any:
    match node:
        case Text():
            return node.text
        case Sequence():
            return [plain(item) for item in node.items]
        case Mapping():
            return {key: plain(value) for key, (_, value) in node.entries.items()}
        case None:
            return None


@pytest.mark.parametrize(
    "written", ["0.10", "no", "1:30", "5.0", "~", "null", "0x1F", "2026-11-22", "1e3", "true", "=", "010"]
)
def test_scalars_stay_as_written(written: str) -> None:
    node, problems = value_of(f"a: {written}\n")
    assert (plain(node), problems) == ({"a": written}, [])


def test_positions_of_every_key_and_value() -> None:
    _, node, problems = read("f.yaml", "é: ü\nlist:\n  - x\n  - {k: v}\n".encode())
    assert problems == []
    assert node == Mapping(
        {
            "é": (Text("é", 1, 1), Text("ü", 1, 4)),
            "list": (
                Text("list", 2, 1),
                Sequence(
                    [Text("x", 3, 5), Mapping({"k": (Text("k", 4, 6), Text("v", 4, 9))}, 4, 5, True)], 3, 3, False
                ),
            ),
        },
        1,
        1,
        False,
    )


def test_several_lines() -> None:
    node, problems = value_of("a: |\n  one # not a comment\n\n  two\n# a comment\nb: >-\n  folded\n  text\n")
    assert (plain(node), problems) == ({"a": "one # not a comment\n\ntwo\n", "b": "folded text"}, [])


def test_a_run_on_list_is_shown_at_its_dash() -> None:
    _, _, problems = read("f.yaml", b"a: text\n\n  - one\n")
    assert [(problem.code, problem.span) for problem in problems] == [("run-on-list", ("f.yaml", 3, 3))]


@given(st.one_of(LINE, SIGNS))
@example("Displaced #NOF, left")
@example('""#')
@example("|5")
@example("!tag x")
@example("&a b")
@example('"x')
def test_a_line_of_text_is_kept_or_complained_about(text: str) -> None:
    """Whatever stands behind a key is either read as it was written, or a problem. It is never cut in silence."""
    node, problems = value_of(f"a: {text}\nb: c\n")
    unquoted = text.strip(" ")
    in_quotes = len(unquoted) > 1 and unquoted[0] == unquoted[-1] and unquoted[0] in "'\""
    structure = unquoted[:1] in ("[", "{", "|", ">", "#", "") or in_quotes
    if not problems and not structure:
        assert plain(node) == {"a": unquoted, "b": "c"}


@given(st.one_of(LINE, SIGNS))
def test_the_way_out_is_one(text: str) -> None:
    """A line rewritten as the hint says reads as the text that was meant."""
    text = text.strip() or "x"
    node, problems = value_of(f"a: {quote(text)}\n")
    assert (plain(node), problems) == ({"a": text}, [])
    node, problems = value_of(quoted(f"- {text}", entry=True))
    assert problems == []
    assert isinstance(node, Sequence)


@given(st.one_of(st.binary(max_size=200), SOURCE.map(str.encode), st.text(max_size=100).map(str.encode)))
def test_no_bytes_raise(data: bytes) -> None:
    file = load_cards("cards/f.yaml", data, DECK)
    lines = data.count(b"\n") + 2
    for problem in file.problems:
        assert 1 <= problem.span.line <= lines
        assert problem.span.column >= 1
        assert problem.message


@given(st.lists(SIGNS.map(lambda text: text.replace("\n", " ")), min_size=1, max_size=8))
def test_no_card_file_raises(texts: list[str]) -> None:
    cards = "".join(
        f"  - id: c{n}\n    question: {text}\n    answer: {text}\n    sources: book\n" for n, text in enumerate(texts)
    )
    file = load_cards("cards/f.yaml", f"topic: T\ncards:\n{cards}".encode(), DECK)
    assert len(file.cards) == len(texts) or file.problems
