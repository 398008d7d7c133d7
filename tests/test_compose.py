"""`deckwright new`: a card from answers, added to the file of its topic, and nothing written that has an error."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import ROOT, SVG, MakeProject
from deckwright.compose import _BODIES, Answers, card_lines, free_id
from deckwright.edit import add_card
from deckwright.files import Folder
from deckwright.model import KINDS, Basic, Cloze, Items, Occlusion, Options
from deckwright.problem import errors
from deckwright.project import Held, Project
from deckwright.reading.cards import load_cards
from test_commands import run
from test_edit import DECK
from test_starter import files_below

CARDS = """\
# About the neck.
topic: Neck::Tests
cards:
  # an aside
  - id: spurling
    question: Which test compresses the neck?
    answer: Spurling
    sources: book
"""


def added(root: Path, *arguments: str) -> str:
    done = run("-C", root, "new", *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def refused(root: Path, *arguments: str, code: int = 1) -> str:
    """What is said of a card that is not added."""
    before = files_below(root)
    done = run("-C", root, "new", *arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert files_below(root) == before
    return done.stderr


def test_a_card_comes_behind_the_others_of_its_topic(project: MakeProject) -> None:
    root = project({"neck.yaml": CARDS.replace("\n", "\r\n"), "other.yaml": CARDS.replace("Tests", "More").replace(
        "spurling", "other")})  # fmt: skip
    said = added(
        root, "--topic", "Neck::Tests", "--question", "Which test: Spurling or ULNT?", "--answer", "no",
        "--answer", "Arm: #1", "--source", "book p. 3", "--source", "hoy-2012", "--tag", "neck",
    )  # fmt: skip
    card = (
        '- id: test-spurling-ulnt\n  question: "Which test: Spurling or ULNT?"\n  answer: no\n  also:\n'
        '    - "Arm: #1"\n  sources:\n    - book p. 3\n    - hoy-2012\n  tags: neck\n'
    )
    assert said == f"cards/neck.yaml: this card was added\n\n{card}\nnext: deckwright build\n"
    indented = "".join(f"  {line}\n" for line in card.splitlines())
    assert (root / "cards/neck.yaml").read_bytes().decode() == f"{CARDS}\n{indented}".replace("\n", "\r\n")
    assert run("-C", root, "check").stdout == "3 cards, 0 errors\n"


KINDS_TYPED = {
    "basic": ["--question", "Q?", "--answer", "A\n\n- one\n- two"],
    "cloze": ["--question", "It is {{c1::here}}."],
    "options": ["--question", "Q?", "--answer", "A", "--wrong", "B # c", "--wrong", "- d\n\n- e"],
    "items": ["--kind", "items", "--question", "Q?", "--answer", "A: a", "--answer", "B\n\nb"],
    "occlusion": ["--question", "Q?", "--image", "a.svg", "--answer", "A @ 1 2 30 40", "--answer", "B@50 50 20 20"],
}


@pytest.mark.parametrize("kind", [kind.name for kind in KINDS])
def test_every_kind(kind: str, project: MakeProject) -> None:
    root = project({"media/a.svg": SVG})
    added(root, "--topic", "Upper back::Pain", *KINDS_TYPED[kind], "--source", "book")
    [card] = Held.compiled(Project.open(Folder(root))).cards
    assert kind in [each.name for each in KINDS if isinstance(card, each.card)]
    assert card.span.file == "cards/upper-back/pain.yaml"
    assert list(_BODIES) == [each.name for each in KINDS]


@given(st.lists(st.text(max_size=30), min_size=2, max_size=4, unique=True), st.sampled_from([*_BODIES]))
def test_texts_come_out_as_typed_or_are_refused(texts: list[str], kind: str) -> None:
    gap = " {{c1::gap}}" if kind == "cloze" else ""
    typed = Answers("T", kind, texts[0] + gap, texts[1:], [*texts[1:], "w"], "circle.svg", ["book"])
    edit = add_card("a.yaml", CARDS.encode(), DECK, card_lines("new-card", typed))
    if edit.data is None or errors(edit.problems):
        return
    [_, card] = load_cards("a.yaml", edit.data, DECK).cards
    shown: list[str] = []
    match card:
        case Basic():
            shown = [card.question, card.answer, *card.also]
        case Cloze():
            shown, texts = [card.cloze], [texts[0] + gap]
        case Options():
            shown, texts = [card.question, *(option.text for option in card.options)], [*texts, *texts[1:], "w"]
        case Items():
            shown = [card.question, *(item.text for item in card.items)]
        case Occlusion():
            raise AssertionError("a mask needs a place")
    assert [" ".join(text.split()) for text in shown] == [" ".join(text.split()) for text in texts]


def test_bytes_that_are_no_text(project: MakeProject) -> None:
    start = [os.fsencode(part) for part in (sys.executable, "-m", "deckwright", "-C", str(project({})), "new")]
    command = [*start, b"--topic", b"T", b"--question", b"Q\xff?", b"--answer", b"A", b"--draft"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    assert (done.returncode, done.stderr) == (
        2, "deckwright: what was typed is not in UTF-8; set the terminal to UTF-8\n"
    )  # fmt: skip


def test_a_draft_needs_no_source(project: MakeProject) -> None:
    root = project({"neck.yaml": CARDS})
    said = added(root, "--topic", "Neck::Tests", "--question", "Q?", "--answer", "A", "--draft")
    assert "  status: draft\n" in said
    assert said.endswith("next: when it is ready, add its source and remove `status: draft`\n")
    assert "add --source or --draft" in refused(root, "--topic", "T", "--question", "Q?", "--answer", "A", code=2)


def test_nothing_is_written_of_a_card_with_an_error(project: MakeProject) -> None:
    root = project({"neck.yaml": CARDS})
    typed = ["--question", "Q?", "--answer", "A"]
    said = refused(root, "--topic", "Neck::Tests", *typed, "--source", "nobody-2020")
    assert said.startswith("cards/neck.yaml:13:14: error: there is no source `nobody-2020` [unknown-source]\n")
    assert said.endswith("nothing was written; this is the card:\n\n- id: q\n  question: Q?\n  answer: A\n"
                         "  sources: nobody-2020\n")  # fmt: skip
    assert "[topic-case]" in refused(root, "--topic", "neck::Tests", *typed, "--draft")
    assert "[bad-topic]" in refused(root, "--topic", "A: b", *typed, "--draft")
    assert "[doubled-option]" in refused(root, "--topic", "T", *typed, "--wrong", "A", "--source", "book")
    assert "[bad-tag]" in refused(root, "--topic", "T", *typed, "--draft", "--tag", "two words")
    assert "[missing-file]" in refused(
        root, "--topic", "T", "--image", "no.svg", "--question", "Q?", "--answer", "A @ 1 1 20 20", "--draft"
    )


def test_an_error_elsewhere_keeps_nobody_from_adding(project: MakeProject) -> None:
    root = project({"neck.yaml": CARDS.replace("answer:", "anwser:"), "b.yaml": "topic: [\n"})
    added(root, "--topic", "Neck::Tests", "--question", "Q?", "--answer", "A", "--source", "book")


def test_what_a_kind_does_not_have_is_refused(project: MakeProject) -> None:
    root = project({"neck.yaml": CARDS})
    typed = ["--topic", "T", "--draft", "--question", "A {{c1::gap}}"]
    assert "a cloze has no --answer" in refused(root, *typed, "--kind", "cloze", "--answer", "A", code=2)
    assert "--wrong is only for --kind options" in refused(
        root, *typed, "--kind", "basic", "--answer", "A", "--wrong", "B", code=2
    )
    said = refused(root, "--kind", "options", code=2)
    assert said.count("\n") == 1
    assert "add --topic, --question, --answer, --wrong, --source or --draft\n" in said


def test_names_of_new_files(project: MakeProject) -> None:
    root = project({"hip.yaml": CARDS})
    for topic in ("Hip", "Media::X", "Deck", "Übung 腰"):
        added(root, "--topic", topic, "--question", "Q?", "--answer", "A", "--draft")
    names = {name for name in files_below(root / "cards") if name.endswith(".yaml")}
    assert names - {"deck.yaml", "sources.yaml", "hip.yaml"} == {
        "hip-2.yaml", "media-topic/x.yaml", "deck-2.yaml", "übung-腰.yaml"
    }  # fmt: skip


def test_a_file_that_appeared_meanwhile_stays(project: MakeProject) -> None:
    from deckwright.edit import save
    from deckwright.problem import Trouble

    root = project({"a.yaml": CARDS})
    with pytest.raises(Trouble, match="changed by somebody else"):
        save(root, "cards/a.yaml", None, b"")
    assert (root / "cards/a.yaml").read_text() == CARDS


def test_a_new_file_tells_editors_its_schema(tmp_path: Path) -> None:
    run("init", tmp_path / "arm")
    added(tmp_path / "arm", "--topic", "Elbow::Nerves", "--question", "Q?", "--answer", "A", "--draft")
    first = (tmp_path / "arm/cards/elbow/nerves.yaml").read_text().splitlines()[0]
    assert first == "# yaml-language-server: $schema=../../.vscode/cards.schema.json"


def test_a_topic_that_repeats_the_title_is_told(project: MakeProject) -> None:
    said = added(project({}), "--topic", "Test deck::A", "--question", "Q?", "--answer", "A", "--draft")
    assert "Anki will show Test deck::Test deck::A" in said


@pytest.mark.parametrize(
    ("question", "topic", "id_"),
    [
        ("From how many weeks on is low back pain called chronic?", "T", "weeks-low-back-pain-chronic"),
        ("Low back pain is chronic once it has lasted {{c1::12 weeks::how long}}.", "T", "low-back-pain-chronic-once"),
        ("What is it?", "T", "what-is-it"),
        ("Was heißt „Übung“?", "T", "heisst-ubung"),
        ("何？", "Neck::Tests", "neck-tests"),
        ("何？", "腰", "card"),
        ("x" * 90, "T", "x" * 40),
    ],
)
def test_ids_can_be_read(question: str, topic: str, id_: str) -> None:
    answers = Answers(topic, "basic", question, ["A"])
    assert free_id(answers, ()) == id_
    assert free_id(answers, {id_, f"{id_}-2"}) == f"{id_}-3"
    assert card_lines(id_, answers).startswith(f"- id: {id_}\n  question: ")


def test_a_released_id_is_not_used_again(project: MakeProject) -> None:
    root = project({"neck.yaml": CARDS})
    assert run("-C", root, "release", "--yes").returncode == 0
    (root / "cards/neck.yaml").write_text(CARDS.replace("id: spurling", "id: another"))
    said = added(root, "--topic", "Neck::Tests", "--question", "Spurling?", "--answer", "A", "--draft")
    assert "- id: spurling-2\n" in said


def typed(root: Path, *lines: str) -> tuple[int, str, str]:
    """What the command says to somebody who types these lines."""
    ours, theirs = pty.openpty()
    os.write(ours, "".join(f"{line}\n" for line in lines).encode())
    command = [sys.executable, "-m", "deckwright", "-C", str(root), "new"]
    done = subprocess.run(command, stdin=theirs, capture_output=True, text=True, check=False)  # noqa: S603
    os.close(ours)
    os.close(theirs)
    return done.returncode, done.stdout, done.stderr


def test_somebody_is_asked(project: MakeProject) -> None:
    root = project({"neck.yaml": CARDS})
    code, said, _ = typed(root, "1", "3", "Which?", "A", "", "B", "C", "", "2 p. 4")
    assert code == 0
    assert "   1  Neck::Tests\n" in said
    card = (root / "cards/neck.yaml").read_text().removeprefix(CARDS)
    assert card == (
        "\n  - id: which\n    question: Which?\n    options:\n      - correct: A\n      - wrong: B\n      - wrong: C\n"
        "    sources: book p. 4\n"
    )
    code, said, _ = typed(root, "Neck::Nerves", "7", "1", "", "Q?", "A", "", "")
    assert code == 0
    assert "  status: draft\n" in said
    code, _, error = typed(root, "Neck::Nerves", "\x04")
    assert (code, error) == (1, "\nnothing was written\n")


def test_our_own_deck_takes_a_card(tmp_path: Path) -> None:
    import shutil

    shutil.copytree(ROOT / "cards", tmp_path / "cards")
    before = files_below(tmp_path)
    added(tmp_path, "--topic", "Sciatica::Causes", "--question", "Which nerve?", "--answer", "The sciatic nerve",
          "--source", "bogduk-2009")  # fmt: skip
    after = files_below(tmp_path)
    assert [name for name in after if after[name] != before.get(name)] == ["cards/sciatica/causes.yaml"]
    assert after["cards/sciatica/causes.yaml"].startswith(before["cards/sciatica/causes.yaml"])
