"""Reading YAML: every scalar is kept as written, nothing is dropped silently, and no bytes raise an exception."""

from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from deckwright.model import Basic, Deck, Settings, Text
from deckwright.reading.cards import load_cards
from deckwright.reading.nodes import Mapping, Node, Sequence
from deckwright.reading.quoting import entries, quote, quoted, scalar
from deckwright.reading.schema import schema
from deckwright.reading.words import words_in
from deckwright.reading.yaml import read

DECK = Deck(Settings(title=Text("T"), namespace=Text("t")), {}, frozenset({"book"}), words_in("en"), ())

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
            return node
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
def test_a_line_of_text_is_kept_or_reported(text: str) -> None:
    """The text after a key is either read as it was written, or reported. It is never cut silently."""
    node, problems = value_of(f"a: {text}\nb: c\n")
    unquoted = text.strip(" ")
    in_quotes = len(unquoted) > 1 and unquoted[0] == unquoted[-1] and unquoted[0] in "'\""
    structure = unquoted[:1] in ("[", "{", "|", ">", "#", "") or in_quotes
    if not problems and not structure:
        assert plain(node) == {"a": unquoted, "b": "c"}


@given(st.one_of(LINE, SIGNS))
def test_a_hint_fixes_its_problem(text: str) -> None:
    """A line rewritten as the hint says is read as the text that was meant."""
    text = text.strip() or "x"
    node, problems = value_of(f"a: {quote(text)}\n")
    assert (plain(node), problems) == ({"a": text}, [])
    node, problems = value_of(quoted(f"- {text}", entry=True))
    assert problems == []
    assert isinstance(node, Sequence)


@given(st.one_of(LINE, SIGNS), st.one_of(LINE, SIGNS))
def test_lines_shown_in_a_hint_are_read_as_what_they_show(one: str, two: str) -> None:
    texts = [" ".join(text.split()) or "x" for text in (one, two)]
    node, problems = value_of(f"a: {scalar(one.strip() or 'x')}\nb:{entries(texts)}\n")
    assert (plain(node), problems) == ({"a": texts[0], "b": texts}, [])


def test_one_text_is_a_list_of_one() -> None:
    """Where a list may be written, one text may be, too; the schema for editors agrees."""
    keys = {"also": "C2", "tags": "neck", "derived": "1 + 1 = 2", "sources": "book para 3"}
    alone = "".join(f"    {key}: {text}\n" for key, text in keys.items())
    listed = "".join(f"    {key}:\n      - {text}\n" for key, text in keys.items())
    files = [
        load_cards(
            "f.yaml", f"topic: T\ntags: x\ncards:\n  - id: a\n    question: Q\n    answer: A\n{lines}".encode(), DECK
        )
        for lines in (alone, listed)
    ]
    assert [file.problems for file in files] == [(), ()]
    [[one], [other]] = [file.cards for file in files]
    assert isinstance(one, Basic)
    assert isinstance(other, Basic)
    assert (one.also, one.tags, one.derived, one.sources) == (other.also, other.tags, other.derived, other.sources)
    card = {"id": "a", "question": "Q", "answer": "A", **keys}
    jsonschema.validate({"topic": "T", "tags": "x", "cards": [card]}, schema("cards"))
    jsonschema.validate({"title": "T", "namespace": "t", "authors": "A. Author"}, schema("deck"))
    jsonschema.validate({"a": {"title": "T", "kind": "web", "figures": "12 %"}}, schema("sources"))


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


def test_a_bracket_that_is_not_closed_is_shown_where_it_opens() -> None:
    for text, line, column in [
        ("topic: T\ntags: [", 2, 7),
        ("topic: T\ntags: [\n", 2, 7),
        ("cards:\n  - id: a\n    also: [\n  - id: b\n    answer: B\n", 3, 11),
        ("topic: [a, {b: c,", 1, 12),
    ]:
        _, _, problems = read("f.yaml", text.encode())
        [problem] = [problem for problem in problems if problem.code == "yaml-syntax"]
        assert problem.span == ("f.yaml", line, column), text
        assert problem.message == "the [ or { that opens here is not closed"


@given(st.lists(st.text(st.sampled_from(list("ab1 :#*&!|>%@{}[]-?\"'\\\n\n,")), max_size=20), max_size=9))
@example(["a: ["])
@example(['"', ">"])
@example(["a: b\nc"])
@example(['- id: a\n  b: "x\n'])
def test_every_place_is_in_the_file(texts: list[str]) -> None:
    text = "\n  - id: a\n    b: ".join(texts)
    lines = text.removesuffix("\n").split("\n")
    for problem in read("f.yaml", text.encode())[2]:
        _, line, column = problem.span
        assert 1 <= line <= len(lines)
        assert 1 <= column <= len(lines[line - 1]) + 1


BROKEN = ['question: "open {}', "question: @x {}", "answer: **{}** x", "[ x {}", "tags: [a {}", "question: it: {}"]


@pytest.mark.parametrize("broken", BROKEN)
def test_a_file_with_many_errors_is_not_read_again_for_each(broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """All are shown, and the amount that YAML reads again does not grow with their number."""
    card = "  - id: c-{}\n    {}\n    explanation: Text.\n    sources: book\n"
    text = "topic: T\ncards:\n" + "".join(card.format(n, broken.format(n)) for n in range(300))
    events = 0

    class Counting(yaml.CBaseLoader):
        def get_event(self) -> Any:
            nonlocal events
            events += 1
            return super().get_event()

    monkeypatch.setattr("yaml.CBaseLoader", Counting)
    _, _, problems = read("f.yaml", text.encode())
    assert {problem.span.line for problem in problems} >= set(range(4, 4 + 4 * 299, 4))
    assert events < 60 * 300


def test_a_file_with_too_many_errors_says_that_the_rest_was_not_read() -> None:
    text = "topic: T\ncards:\n" + "".join(f"  - id: c-{n}\n    answer: @{n}\n" for n in range(20_000))
    _, node, problems = read("f.yaml", text.encode())
    assert node is None
    last = problems[-1]
    assert last.message == f"the rest of this file was not read ({40_002 - last.span.line + 2:,} more lines)"
    assert len(problems) > 30
