"""A card's own lines are changed, and no other byte."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import CASES, MakeProject
from deckwright.edit import add_card, add_sources, card_text, remove_card, replace_card, save, set_key
from deckwright.files import Folder
from deckwright.model import Deck, Settings, Text
from deckwright.problem import Trouble
from deckwright.project import Project
from deckwright.reading.cards import load_cards, load_sources
from deckwright.reading.words import words_in

DECK = Deck(Settings(title=Text("T"), namespace=Text("t")), {}, None, words_in("en"), ("circle.svg",))
NEW = "- id: {}\n  question: Is it new?\n  answer: Yes\n  sources: book\n"
FILE = """\
# What this file is about.
topic: T   # not in a text

tags: [a]
cards:
  # above the first
  - id: first
    question: One?
    answer: |
      One

      - and more
    sources: book{spaces}

  # above the second

  - question: Two?
    id: second
    options:
      - correct: Yes
      # an aside
      - wrong: No
        why: |2
          # not a comment
{spaces}{spaces}
    sources:
    - book
    - other


  - id: third
    cloze: "{{c1::Three}}"
    sources: book
# at the end
""".replace("{spaces}", "   ")


def sources(file: str = FILE) -> bytes:
    return file.encode()


@pytest.mark.parametrize("id_", ["first", "second", "third"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_every_other_byte_stays(id_: str, ends: str) -> None:
    data = FILE.replace("\n", ends).encode()
    own = card_text(data, id_)
    assert own
    assert own.count("id: ") == 1
    edit = replace_card("cards/a.yaml", data, DECK, id_, NEW.format(id_))
    assert edit.data, edit.problems
    before, after = data.decode().split(own.replace("\n", ends))
    assert edit.data.decode().startswith(before)
    assert edit.data.decode().endswith(after)
    new = edit.data.decode()[len(before) : len(edit.data.decode()) - len(after)]
    assert new == re.sub("^", "  ", NEW.format(id_), flags=re.MULTILINE).rstrip(" ").replace("\n", ends)
    assert replace_card("cards/a.yaml", edit.data, DECK, id_, own).data == data, "and back again"


def test_beside_a_card_that_cannot_be_read() -> None:
    broken = FILE.replace("    cloze: ", "    cloze: [").replace("answer: |", "answer: @|")
    edit = replace_card("a.yaml", broken.encode(), DECK, "second", NEW.format("second"))
    assert edit.data
    assert edit.problems == (), "those of its neighbours are theirs"
    own = card_text(broken.encode(), "second")
    assert own
    assert edit.data.decode() == broken.replace(own, re.sub("(?m)^(?=.)", "  ", NEW.format("second")))


@pytest.mark.parametrize(
    "text",
    [
        "- id: second\n  question: Q?\n  answer: A\n- id: fourth\n  question: Q?\n  answer: A\n",
        "- id: third\n  question: Q?\n  answer: A\n",
        "- question: Q?\n  answer: A\n",
        "- id: second\n question: Q?\n",
        "second: x\n",
        "- id: second\n  question: |\n    Q\n  answer: A\ntopic: Another\n",
    ],
    ids=["two cards", "an id that is there", "no id", "indentation", "no card", "another topic"],
)
def test_what_would_change_more_is_refused(text: str) -> None:
    edit = replace_card("cards/a.yaml", sources(), DECK, "second", text)
    assert edit.data is None
    assert edit.problems[0].code == "edit-impossible"


def test_a_card_that_is_not_there_or_there_twice() -> None:
    assert replace_card("a.yaml", sources(), DECK, "nobody", NEW.format("nobody")).data is None
    twice = (FILE + NEW.format("first")).encode()
    assert card_text(twice, "first") is None
    assert remove_card("a.yaml", twice, DECK, "first").data is None


def test_problems_of_the_card_are_told() -> None:
    edit = replace_card("a.yaml", sources(), DECK, "third", "- id: third\n  question: Q?\n  anwser: A\n")
    assert edit.data
    assert [problem.code for problem in edit.problems] == ["unknown-key"]
    edit = replace_card("a.yaml", sources(), DECK, "first", "- id: first\n  question: 'Q?\n  answer: A\n")
    assert edit.data
    assert [problem.code for problem in edit.problems] == ["swallowed-text"]


def test_adding_and_removing() -> None:
    edit = add_card("a.yaml", sources(), DECK, NEW.format("fourth"))
    assert edit.data
    cards = load_cards("a.yaml", edit.data, DECK)
    assert [str(id_) for id_ in cards.ids] == ["first", "second", "third", "fourth"]
    assert cards.cards[-1].id == "fourth"
    gone = remove_card("a.yaml", edit.data, DECK, "fourth")
    assert gone.data
    assert load_cards("a.yaml", gone.data, DECK).ids == load_cards("a.yaml", sources(), DECK).ids
    empty = add_card("a.yaml", b"topic: T\ncards:\n", DECK, NEW.format("only"))
    assert empty.data == b"topic: T\ncards:\n" + re.sub("(?m)^(?=.)", "  ", NEW.format("only")).encode()


def test_keys() -> None:
    text = card_text(sources(), "second")
    assert text
    changed = set_key(text, "sources", ["sources: acr-2021"])
    assert "    sources: acr-2021\n" in changed
    assert "- other" not in changed
    assert "# an aside" in changed
    added = set_key(changed, "corrected", ["corrected:", "  on: 2026-11-25", "  was: No"])
    assert added.endswith("    corrected:\n      on: 2026-11-25\n      was: No\n")
    edit = replace_card("a.yaml", sources(), DECK, "second", added)
    assert edit.data, edit.problems
    [card] = [card for card in load_cards("a.yaml", edit.data, DECK).cards if card.id == "second"]
    assert card.corrected
    assert card.corrected.was == "No"
    assert set_key("- id: a\n  answer: b\n", "id", ["id: c"]) == "- id: c\n  answer: b\n"


def test_saving_never_overwrites_what_somebody_else_wrote(project: MakeProject) -> None:
    root = project({"a.yaml": FILE})
    name = "cards/a.yaml"
    deck = Project.open(Folder(root)).deck
    before = (root / name).read_bytes()
    edit = replace_card(name, before, deck, "first", NEW.format("first"))
    assert edit.data
    (root / name).write_text(FILE + "# somebody else\n")
    with pytest.raises(Trouble, match="changed by somebody else"):
        save(root, name, before, edit.data)
    assert (root / name).read_text().endswith("# somebody else\n")
    (root / name).write_bytes(before)
    save(root, name, before, edit.data)
    assert (root / name).read_bytes() == edit.data


FILES = [path.read_bytes() for path in sorted((CASES / "kinds").glob("*.yaml"))]
NOISE = st.sampled_from(
    ["", "\n", "# note\n", "  # note\n", "      # deep\n", "\n\n", "    extra: x\n", "  - id: n\n", "x\n"]
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(FILES), st.integers(0, 200), NOISE, st.booleans(), st.integers(0, 20))
def test_whatever_the_file(data: bytes, place: int, noise: str, returns: bool, number: int) -> None:
    """A card of any file, however mangled: either it is replaced and all else stays, or nothing is."""
    lines = data.decode().splitlines(keepends=True)
    lines.insert(place % (len(lines) + 1), noise)
    data = "".join(lines).replace("\n", "\r\n" if returns else "\n").encode()
    file = load_cards("a.yaml", data, DECK)
    if not file.ids:
        return
    id_ = str(file.ids[number % len(file.ids)])
    own = card_text(data, id_)
    edit = replace_card("a.yaml", data, DECK, id_, NEW.format(id_))
    if edit.data is None:
        return
    assert own
    ends = "\r\n" if b"\r\n" in data else "\n"
    head, tail = data.decode().split(own.replace("\n", ends), 1)
    assert edit.data.decode().startswith(head)
    assert edit.data.decode().endswith(tail)
    then = load_cards("a.yaml", edit.data, DECK)
    assert [card for card in then.cards if card.id != id_] or len(file.cards) <= 1
    assert [str(card.id) for card in then.cards].count(id_) == 1


def test_the_file_on_disk_is_whole(project: MakeProject, tmp_path: Path) -> None:
    root = project({"a.yaml": FILE})
    save(root, "cards/a.yaml", FILE.encode(), FILE.encode() + b"# more\n")
    assert not list((root / "cards").glob(".*"))


BOOKS = """\
# The bibliography.

hoy-2012:
  title: 'A systematic review'
  kind: systematic-review

  # about the next
book: {title: A book, kind: textbook}
# at the end
"""
KEYS = {"title": 'Low back pain: "a" review # 2', "year": "2012", "kind": "review", "doi": "10.1000/x"}


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize("file", [BOOKS, BOOKS.rstrip(), "\ufeff" + BOOKS + "\n", BOOKS[:20], "", "\ufeff"])
def test_sources_are_added_behind_the_last(file: str, ends: str) -> None:
    data = file.replace("\n", ends).encode()
    edit = add_sources(data, {"new-2012": KEYS, "other-2013": {"title": "Other", "kind": "web"}})
    assert edit.data, edit.problems
    assert edit.data.startswith(data), "not one byte of the others"
    assert edit.data.count(b"\n") == edit.data.count((ends if "\n" in file else "\n").encode())
    added = edit.data.decode()[len(data.decode()) :].replace("\r\n", "\n")
    assert added.strip().split("\n\n") == [
        "new-2012:\n  title: 'Low back pain: \"a\" review # 2'\n  year: 2012\n  kind: review\n  doi: 10.1000/x",
        "other-2013:\n  title: Other\n  kind: web",
    ]
    assert "\n\n\n" not in edit.data.decode()
    assert [*load_sources(edit.data).sources] == [*load_sources(data).sources, "new-2012", "other-2013"]


def test_sources_that_are_set_in() -> None:
    data = b"  book:\n    title: A book\n    kind: textbook\n"
    edit = add_sources(data, {"new-2012": {"title": "New", "kind": "web"}})
    assert edit.data == data + b"\n  new-2012:\n    title: New\n    kind: web\n"


@pytest.mark.parametrize(
    ("file", "id_", "keys"),
    [
        (BOOKS, "book", KEYS),
        (BOOKS, "new", {"title": "a\n- b", "kind": "web"}),
        (BOOKS, "new", {"title": "a", "kind": "film"}),
        (BOOKS, "new", {"title": "", "kind": "web"}),
        (BOOKS, "new: {}\nnewer", KEYS),
        (BOOKS + "...\n", "new", KEYS),
        ("{book: {title: A book, kind: textbook}}\n", "new", KEYS),
    ],
    ids=["an id that is there", "lines", "no such kind", "no title", "two entries", "an end", "in brackets"],
)
def test_sources_that_cannot_be_added(file: str, id_: str, keys: dict[str, str]) -> None:
    edit = add_sources(file.encode(), {id_: keys})
    assert edit.data is None
    assert edit.problems[0].code == "edit-impossible"


def test_no_source_is_added_to_a_file_with_errors() -> None:
    edit = add_sources(BOOKS.replace("kind: s", "kidn: s").encode(), {"new": KEYS})
    assert edit.data is None
    assert [problem.code for problem in edit.problems] == ["unknown-key"]
