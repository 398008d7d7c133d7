"""What four releases do to a learner who studies between them, in the real Anki with Anki Desktop's default options."""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from conftest import SVG, MakeProject, release
from deckwright.project import build
from learner import Learner

T = int(time.time()) - 40_000
"""The time of the first release. Learners' own changes have the time of the real clock or a given time."""

CARDS = """\
topic: Back::Basics
tags: [basics]
cards:
  - id: chronic
    question: From how many weeks on is low back pain chronic?
    answer: 6 weeks
    sources: book
  - id: touched-after
    question: How many people have low back pain?
    answer: 500 million
    sources: book
  - id: resent
    question: How many years does the course take?
    answer: Five
    sources: book
  - id: untouched
    question: What is never changed here?
    answer: This card
    sources: book
  - id: share
    cloze: About {{c1::85 %}} of low back pain is non-specific.
    sources: book
  - id: classes
    question: Name the classes of low back pain.
    items:
      - Mechanical
      - Referred
    sources: book
  - id: imaging
    question: New saddle numbness. Which imaging first?
    options:
      - correct: MRI
      - wrong: Radiograph
    sources: book
  - id: wrong
    question: Does bed rest heal the back?
    answer: Yes
    sources: book
  - id: picture
    question: What is this? ![a circle](circle.svg)
    answer: A circle
    sources: book
"""
REDEFINED = ("answer: 6 weeks", "answer: 12 weeks\n    allow: {answer-changed: redefined}")
"""A change of an answer that was not wrong."""
IDS = re.findall(r"id: (\S+)", CARDS)


class Deck:
    """A project whose cards are edited between releases."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.packages: list[Path] = []

    def edit(self, *changes: tuple[str, str]) -> None:
        path = self.root / "cards/a.yaml"
        text = path.read_text()
        for old, new in changes:
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        path.write_text(text)

    def release(self, at: int, *resend: str) -> Path:
        """Releases, and keeps the outputs apart from those of other releases."""
        release(self.root, at, *resend)
        out = self.root / f"release-{len(self.packages) + 1}"
        (self.root / "build").rename(out)
        self.packages.append(out / "back.apkg")
        return self.packages[-1]

    def texts(self) -> list[Path]:
        return sorted(self.packages[-1].parent.glob("*-text-only-corrections*.txt"))


@pytest.fixture
def deck(project: MakeProject) -> Deck:
    return Deck(project({"a.yaml": CARDS, "media/circle.svg": SVG}))


def fine(learner: Learner, log: object) -> None:
    """What must hold after every import."""
    assert not log.conflicting  # type: ignore[attr-defined]  # a log of anki's
    assert all(not name.endswith("+") for name in learner.notetypes())
    report, whole = learner.check()
    assert whole, report
    assert learner.collection.get_empty_cards().report == ""


def answer(learner: Learner, id_: str) -> str:
    return str(learner.note(id_)["Answer"])


def test_four_releases(deck: Deck, learner: Learner) -> None:
    log = learner.imports(deck.release(T))
    assert len(log.new) == len(IDS)
    fine(learner, log)

    # The learner studies and edits the deck, partly after the next release is made.
    for id_ in IDS:
        learner.answers(id_)
    learner.collection.sched.suspend_cards([card.id for card in learner.note("untouched").cards()])
    learner.collection.set_user_flag_for_cards(3, [card.id for card in learner.note("untouched").cards()])
    mine = learner.collection.decks.id("Mine")
    learner.collection.set_deck([card.id for card in learner.note("untouched").cards()], mine)
    learner.collection.set_deck([card.id for card in learner.note("share").cards()], mine)
    for id_ in IDS:
        learner.touches(id_, T + 500, tag=f"my::{id_}", Personal_Notes=f"mine on {id_}")
    learner.touches("untouched", T + 500, Answer="my own words")
    for id_ in ("touched-after", "resent"):
        learner.touches(id_, T + 1500, tag="marked")
    before = {id_: learner.schedule(id_) for id_ in IDS}

    # Release 2: three corrections, one withdrawal, one more gap, a new card.
    deck.edit(
        ("answer: 6 weeks\n", "answer: 12 weeks\n    corrected: {on: 2026-11-22, was: 6 weeks}\n"),
        ("500 million", "619 million\n    allow: {answer-changed: rounded}"),
        ("answer: Five", "answer: Fifteen\n    allow: {answer-changed: miscounted}"),
        ("non-specific.", "{{c2::non-specific}}."),
        ("answer: Yes\n", "answer: Yes\n    withdrawn: {on: 2026-11-22, reason: Unsafe}\n"),
        ("      - Referred\n", "      - Referred\n      - Non-mechanical\n"),
        ("  - id: imaging\n", "  - id: new\n    question: New?\n    answer: Yes\n    sources: book\n  - id: imaging\n"),
    )
    log = learner.imports(deck.release(T + 1000))
    fine(learner, log)
    assert (len(log.new), len(log.updated)) == (1, 4)
    assert answer(learner, "chronic") == "12 weeks"
    assert learner.note("chronic")["Personal Notes"] == "", "Anki replaces a changed note as a whole"
    month = time.strftime("%Y-%m", time.gmtime(T + 1000))
    assert {f"test::updated::{month}", f"test::corrected::{month}"} <= set(learner.tags("chronic"))
    assert answer(learner, "touched-after") == "500 million", "Anki keeps what was touched after the stamp"
    assert answer(learner, "resent") == "Five"
    withdrawn = learner.note("wrong")
    assert "Unsafe" in withdrawn["Withdrawn"]
    assert "test::withdrawn" in withdrawn.tags
    assert learner.collection.find_notes('"Withdrawn:_*"') == [withdrawn.id]
    for id_ in IDS:
        assert learner.schedule(id_)[: len(before[id_])] == before[id_], f"the schedule of {id_}"
    assert [card.ord for card in learner.note("share").cards()] == [0, 1], "the new gap is a card"
    assert [card.ord for card in learner.note("classes").cards()] == [0, 1, 2], "so is the new item"
    for id_ in ("untouched", "imaging", "picture"):
        note = learner.note(id_)
        assert f"my::{id_}" in note.tags
        assert note["Personal Notes"] == f"mine on {id_}"
    assert answer(learner, "untouched") == "my own words"

    # Release 3: nothing changed, but notes are sent again; the text file brings what Anki skipped.
    log = learner.imports(deck.release(T + 2000, "resent"))
    fine(learner, log)
    again = "the one sent again, the corrected and the withdrawn one, and the two that gained a card"
    assert (len(log.new), len(log.updated)) == (0, 5), again
    assert answer(learner, "resent") == "Fifteen"
    assert answer(learner, "touched-after") == "500 million"
    learner.touches("wrong", T + 2500, tag="marked")  # the tombstone is touched; the next release reaches it still
    schedules = {id_: learner.schedule(id_) for id_ in IDS}
    for path in deck.texts():
        log = learner.imports_text(path)
        assert (len(log.new), len(log.conflicting)) == (0, 0)
    assert answer(learner, "touched-after") == "619 million"
    note = learner.note("touched-after")
    assert note["Personal Notes"] == "mine on touched-after", "the text spares Personal Notes"
    assert {"marked", "my::touched-after"} <= set(note.tags)
    assert answer(learner, "untouched") == "my own words", "never changed, so not in the text"
    assert {id_: learner.schedule(id_) for id_ in IDS} == schedules

    # Release 4: a new topic, a new picture, new tags; the text file first, then the package.
    (deck.root / "cards/media/circle.svg").write_bytes(SVG.replace(b"15", b"12"))
    deck.edit(("topic: Back::Basics", "topic: Back::First steps"), ("reason: Unsafe", "reason: Unsafe for most"))
    learner.touches("chronic", T + 2500, Personal_Notes="again mine")
    package = deck.release(T + 3000)
    shown = learner.note("picture")["Question"]
    decks = {id_: [row[2] for row in learner.schedule(id_)] for id_ in IDS}
    for path in deck.texts():
        learner.imports_text(path)
    assert learner.note("picture")["Question"] == shown, "a picture does not travel in a text"
    log = learner.imports(package)
    fine(learner, log)
    assert learner.note("picture")["Question"] != shown
    assert "Unsafe for most" in learner.note("wrong")["Withdrawn"]
    assert {id_: [row[2] for row in learner.schedule(id_)] for id_ in IDS} == decks, "cards never move"
    assert "test::topic::Back::First_steps" in learner.tags("imaging"), "the topic's tag does"
    assert not learner.collection.find_cards('"deck:Test deck::Back::First steps"')

    # A new learner gets the withdrawn card last, in a separate deck.
    other = Learner(learner.path.with_name("other.anki2"))
    log = other.imports(package)
    assert len(log.new) == len(IDS) + 1
    fine(other, log)
    [last] = other.collection.find_cards('"deck:Test deck::Withdrawn"')
    assert other.collection.get_card(last).due == max(
        other.collection.get_card(card).due for card in other.collection.find_cards("")
    )
    other.close()


def test_what_no_longer_counts_and_a_step_between(deck: Deck, learner: Learner) -> None:
    """No card becomes blank, and each keeps its schedule with its text."""
    deck.edit(
        ("non-specific.", "{{c2::non-specific}}."),
        ("answer: This card\n", "answer: This card\n    reverse: true\n"),
        ("      - Referred\n", "      - Referred\n      - Visceral\n    ordered: true\n"),
    )
    learner.imports(deck.release(T))
    for id_ in IDS:
        learner.answers(id_)
    schedules = {id_: learner.schedule(id_) for id_ in IDS}
    deck.edit(
        ("{{c2::non-specific}}.\n", "non-specific.\n    retired: {c2: non-specific}\n"),
        ("reverse: true", "reverse: retired"),
        ("      - Referred\n", "      - item: Inflammatory\n        number: 4\n      - Referred\n"),
        ("      - Visceral\n", "      - retired: Visceral\n"),
    )
    fine(learner, learner.imports(deck.release(T + 1000)))
    for id_ in IDS:
        assert learner.schedule(id_)[: len(schedules[id_])] == schedules[id_], f"the schedule of {id_}"
    fronts = {(card.id_, card.ordinal): card.front for card in learner.cards()}
    assert "[no longer counts: suspend this card]" in fronts["share", 1]
    assert 'data-reverse="retired"' in fronts["untouched", 1]
    backs = {card.ordinal: card.back for card in learner.cards() if card.id_ == "classes"}
    gap = re.compile(r'<span class="cloze" [^>]*>(?:<span class="label">)?(.*?)</span>')
    asked = [gap.findall(back) for _, back in sorted(backs.items())]
    assert asked == [["Mechanical"], ["Referred"], ["Visceral"], ["Inflammatory"]]
    assert re.findall("Mechanical|Inflammatory|Referred|Visceral", backs[0]) == [
        "Mechanical", "Inflammatory", "Referred", "Visceral",
    ]  # fmt: skip


def test_the_text_spares_personal_notes_of_one_who_has_not_imported_the_package(deck: Deck, learner: Learner) -> None:
    learner.imports(deck.release(T))
    learner.touches("chronic", T + 100, tag="mine", Personal_Notes="mine")
    learner.touches("picture", T + 100, Personal_Notes="mine")
    (deck.root / "cards/media/circle.svg").write_bytes(SVG.replace(b"15", b"12"))
    deck.edit(
        REDEFINED,
        ("non-specific", "not specific"),
        ("- Referred", "- Referred pain"),
        ("answer: Five", "answer: Five years\n    reverse: What takes five years?"),
    )
    package = deck.release(T + 1000)
    [text] = deck.texts()
    assert not re.search("picture|resent", text.read_text())
    learner.imports_text(text)
    learner.imports(package)
    note = learner.note("chronic")
    assert (note["Answer"], note["Personal Notes"], "mine" in note.tags) == ("12 weeks", "mine", True)
    assert "not specific" in learner.note("share")["Text"]
    assert learner.note("picture")["Personal Notes"] == "", "changed pictures come with the package alone"


def test_searches_of_the_release_notes_find_what_they_promise(deck: Deck, learner: Learner) -> None:
    learner.imports(deck.release(T))
    learner.touches("chronic", T + 1, Personal_Notes="mine")
    learner.touches("untouched", T + 1, Personal_Notes="mine")
    deck.edit(
        ("answer: 6 weeks\n", "answer: 12 weeks\n    corrected: {on: 2026-11-22, was: 6 weeks}\n"),
        ("500 million", "619 million\n    allow: {answer-changed: rounded}"),
        ("answer: Yes\n", "answer: Yes\n    withdrawn: {on: 2026-11-22, reason: Unsafe}\n"),
    )
    package = deck.release(T + 1000)
    [notes] = [path for path in (deck.root / "cards/releases").glob("*.md") if "Relearn" in path.read_text()]
    text = notes.read_text()
    relearn, suspend, own = re.findall(r"```\n(.*?)\n```", text)
    assert list(learner.collection.find_notes(own)) == learner.note_ids("chronic"), "before importing"
    learner.imports(package)
    assert list(learner.collection.find_notes(relearn)) == learner.note_ids("chronic")
    learner.collection.sched.set_due_date(learner.collection.find_cards(relearn), "0")
    assert learner.collection.find_cards(f"is:due {relearn}") == learner.note("chronic").card_ids()
    assert list(learner.collection.find_notes(suspend)) == learner.note_ids("wrong")


def test_styles_reach_learners_without_touching_a_note(deck: Deck, learner: Learner) -> None:
    learner.imports(deck.release(T))
    for id_ in IDS:
        learner.touches(id_, T + 1, tag="mine")
    schema = learner.collection.db.scalar("select scm from col")
    deck_yaml = deck.root / "cards/deck.yaml"
    deck_yaml.write_text(deck_yaml.read_text() + "report: https://example.org/?{id}\n")
    log = learner.imports(deck.release(T + 1000))
    fine(learner, log)
    assert (len(log.updated), len(log.new)) == (0, 0)
    assert all("mine" in learner.tags(id_) for id_ in IDS)
    assert "example.org" in learner.collection.models.by_name("Test deck: question")["tmpls"][0]["afmt"]
    assert learner.collection.db.scalar("select scm from col") == schema, "no full sync"


def test_recovery_of_a_learner_who_added_a_field(deck: Deck, learner: Learner) -> None:
    """The steps in docs/learners.md."""
    learner.imports(deck.release(T))
    models = learner.collection.models
    ours = models.by_name("Test deck: question")
    models.add_field(ours, models.new_field("My field"))
    models.update_dict(ours)
    learner.collection.db.execute("update notes set mod = ?", T)
    learner.answers("chronic")
    deck.edit(REDEFINED)
    log = learner.imports(deck.release(T + 1000))
    assert len(log.conflicting) > 0
    assert answer(learner, "chronic") == "6 weeks"
    schedule = learner.schedule("chronic")
    ours = models.by_name("Test deck: question")
    models.remove_field(ours, next(field for field in ours["flds"] if field["name"] == "My field"))
    models.update_dict(ours)
    learner.collection.db.execute("update notes set mod = ?", T)
    log = learner.imports(deck.packages[-1])
    assert not log.conflicting
    assert answer(learner, "chronic") == "12 weeks"
    assert learner.schedule("chronic") == schedule


def test_the_release_replaces_a_draft_that_somebody_imported(deck: Deck, learner: Learner) -> None:
    learner.imports(deck.release(T))
    deck.edit(REDEFINED)
    build(deck.root, deck.root / "draft", ["anki"], T + 500)
    learner.imports(deck.root / "draft/back-DRAFT.apkg")
    assert answer(learner, "chronic") == "12 weeks"
    assert "DRAFT" in learner.collection.decks.by_name("Test deck::Back::Basics")["desc"]
    deck.edit(("answer: 12 weeks", "answer: 3 months"))
    learner.imports(deck.release(T + 1000))
    assert answer(learner, "chronic") == "3 months"
    assert "DRAFT" not in learner.collection.decks.by_name("Test deck::Back::Basics")["desc"]


OLD_ANKIS = [python for python in os.environ.get("DECKWRIGHT_OLD_ANKIS", "").split(os.pathsep) if python]
"""Pythons with an older anki, each in a virtual environment that has its name (anki-2.1.66/bin/python). The script
.ci/run makes them."""

NO_OLD_ANKI = pytest.mark.skip(reason="DECKWRIGHT_OLD_ANKIS does not name a Python with an older anki")
in_old_ankis = pytest.mark.parametrize(
    "old_anki",
    [pytest.param(python, id=Path(python).parent.parent.name) for python in OLD_ANKIS]
    or [pytest.param("", id="none", marks=NO_OLD_ANKI)],
)
"""Runs a test once for each older Anki, whose Python it gets as `old_anki`."""


in_every_anki = pytest.mark.parametrize(
    "python",
    [pytest.param(sys.executable, id="today"), *(pytest.param(p, id=Path(p).parent.parent.name) for p in OLD_ANKIS)],
)


def seen_in(python: str, collection: Path, touched_at: int, packages: list[Path]) -> list[Any]:
    """What a learner has after each package, in the Anki of a Python."""
    command = [python, str(Path(__file__).with_name("old_anki.py")), str(collection), str(touched_at)]
    done = subprocess.run([*command, *map(str, packages)], capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr
    steps = json.loads(done.stdout.splitlines()[-1])  # Anki itself prints a warning when the machine is slow
    for step in steps:
        assert step["conflicting"] == 0
        assert step["fine"], step["report"]
        assert len(step["types"]) == 3
    return list(steps)


@in_every_anki
def test_a_card_added_to_a_note_that_the_learner_touched(python: str, deck: Deck, tmp_path: Path) -> None:
    """It is blank with the release that adds it, and complete with the next one, whatever that one changes."""
    deck.release(T)
    deck.edit(
        ("non-specific.", "{{c2::non-specific}}."),
        ("      - Referred\n", "      - Referred\n      - Non-mechanical\n"),
        ("answer: This card\n", "answer: This card\n    reverse: true\n"),
        ("answer: Yes\n", "answer: Yes\n    withdrawn: {on: 2026-11-22, reason: Unsafe}\n"),
    )
    deck.release(T + 1000)
    deck.edit(
        ("  - id: imaging\n", "  - id: new\n    question: New?\n    answer: Yes\n    sources: book\n  - id: imaging\n")
    )
    deck.release(T + 2000)
    deck.edit(("question: New?", "question: Is it new?"))
    deck.release(T + 3000)
    _, two, three, four = seen_in(python, tmp_path / "c.anki2", T + 1500, deck.packages)
    assert (two["updated"], two["empty"]) == (0, 3), "Anki keeps what was touched after the stamp"
    assert (three["new"], three["updated"], three["empty"]) == (1, 4, 0)
    assert "non-specific" in three["notes"]["share"]["fields"]["Text"]
    assert "Unsafe" in three["notes"]["wrong"]["fields"]["Withdrawn"]
    assert four["updated"] == 1, "once is enough"
    for id_ in ("chronic", "imaging", "picture", "resent"):
        assert (four["notes"][id_]["fields"]["Personal Notes"], four["notes"][id_]["tags"][0]) == ("mine", "mine")


@in_every_anki
def test_one_text_for_all_note_types(python: str, deck: Deck, tmp_path: Path) -> None:
    """It updates notes of every type, edited or not, and keeps what is the learner's, also when the package follows."""
    deck.release(T)
    deck.edit(
        REDEFINED,
        ("non-specific.", "{{c2::non-specific}}."),
        ("      - Referred\n", "      - Referred\n      - Visceral\n"),
        ("- correct: MRI", "- correct: Emergency MRI"),
        ("answer: Yes\n", "answer: Yes\n    withdrawn: {on: 2026-11-22, reason: Unsafe}\n"),
        ("  - id: wrong\n", "  - id: new\n    question: New?\n    answer: Yes\n    sources: book\n  - id: wrong\n"),
    )
    deck.release(T + 1000)
    [text] = deck.texts()
    one, two, three = seen_in(python, tmp_path / "c.anki2", T + 2000, [deck.packages[0], text, deck.packages[1]])
    assert (two["new"], two["updated"], two["empty"]) == (0, 5, 0)
    assert (three["new"], three["updated"]) == (1, 0)
    for notes in (two["notes"], three["notes"]):
        assert notes["chronic"]["fields"]["Answer"] == "12 weeks"
        assert "{{c2::non-specific}}" in notes["share"]["fields"]["Text"]
        assert "Visceral" in notes["classes"]["fields"]["Text"]
        assert "Emergency MRI" in notes["imaging"]["fields"]["Options"]
        assert "Unsafe" in notes["wrong"]["fields"]["Withdrawn"]
        for id_ in IDS:
            assert notes[id_]["fields"]["Personal Notes"] == "mine"
            assert notes[id_]["tags"] == one["notes"][id_]["tags"]
            assert notes[id_]["cards"][: len(one["notes"][id_]["cards"])] == one["notes"][id_]["cards"]


def test_a_text_for_each_package(deck: Deck, learner: Learner) -> None:
    """Whoever has one topic gets no card of another with its text."""
    other = deck.root / "cards/b.yaml"
    other.write_text(CARDS.replace("Back::", "Hip::").replace("id: ", "id: hip-"))
    learner.imports(deck.release(T))
    deck.edit(REDEFINED)
    other.write_text(other.read_text().replace(*REDEFINED))
    deck.release(T + 1000)
    names = ["back", "hip", "test-deck-complete"]
    assert [path.name for path in deck.texts()] == [f"{name}-text-only-corrections.txt" for name in names]
    back, hip, complete = deck.texts()
    assert hip.read_text().count("\n") == back.read_text().count("\n") == complete.read_text().count("\n") - 1
    log = learner.imports_text(back)
    assert (len(log.new), len(log.updated)) == (0, 1)


@in_every_anki
def test_a_correction_of_a_correction(python: str, deck: Deck, tmp_path: Path) -> None:
    """Anki 2.1.54 to 24.11 gives an updated note the time of the import, which here is after the next release."""
    deck.release(T)
    deck.edit(("answer: 6 weeks\n", "answer: 12 weeks\n    corrected: {on: 2026-11-22, was: 6 weeks}\n"))
    deck.release(T + 1000)
    deck.edit(("answer: 12 weeks", "answer: 13 weeks"), ("was: 6 weeks", "was: 12 weeks"))
    deck.release(T + 2000)
    deck.edit(("500 million", "about 500 million"))
    deck.release(int(time.time()) + 600)
    steps = seen_in(python, tmp_path / "c.anki2", T + 500, deck.packages)
    answers = [step["notes"]["chronic"]["fields"]["Answer"] for step in steps]
    assert answers[0] == "6 weeks"
    assert answers[1] == "12 weeks"
    assert answers[3] == "13 weeks"


@in_old_ankis
def test_releases_in_an_old_anki(old_anki: str, deck: Deck, tmp_path: Path) -> None:
    deck.release(T)
    deck.edit(
        ("answer: 6 weeks\n", "answer: 12 weeks\n    corrected: {on: 2026-11-22, was: 6 weeks}\n"),
        ("non-specific.", "{{c2::non-specific}}."),
        ("answer: Yes\n", "answer: Yes\n    withdrawn: {on: 2026-11-22, reason: Unsafe}\n"),
    )
    deck.release(T + 1000)
    (deck.root / "cards/deck.yaml").write_text((deck.root / "cards/deck.yaml").read_text() + "report: https://e.org/\n")
    deck.release(T + 2000)
    (deck.root / "cards/media/circle.svg").write_bytes(SVG.replace(b"15", b"12"))
    deck.release(T + 3000)
    one, two, three, four = seen_in(old_anki, tmp_path / "old.anki2", T + 500, deck.packages)
    assert (one["new"], two["new"], three["new"], four["new"]) == (len(IDS), 0, 0, 0)
    assert two["updated"] == 3
    assert two["notes"]["chronic"]["fields"]["Answer"] == "12 weeks"
    assert "Unsafe" in two["notes"]["wrong"]["fields"]["Withdrawn"]
    assert [row[:2] for row in two["notes"]["share"]["cards"]] == [[0, 1], [1, 0]], "answered, and new"
    for id_ in ("untouched", "imaging", "classes", "picture"):
        assert (three["notes"][id_]["fields"]["Personal Notes"], three["notes"][id_]["tags"][0]) == ("mine", "mine")
    assert four["notes"]["picture"]["fields"]["Question"] != three["notes"]["picture"]["fields"]["Question"]
    assert four["notes"]["untouched"]["fields"]["Personal Notes"] == "mine"
