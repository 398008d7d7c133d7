"""What a release asks its author, what it writes, and what it records."""

import errno
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from zlib import crc32

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from conftest import CASES, DECK, ROOT, SOURCES, STAMP, SVG, Expect, MakeProject, release
from deckwright.anki import notes
from deckwright.problem import Trouble
from deckwright.project import build, check
from deckwright.release import lock
from deckwright.release.changes import difference
from deckwright.release.lock import LOCK
from deckwright.release.publish import prepare_release, write_release
from deckwright.write import alone
from test_commands import run

LATER = STAMP + 86_400
CARD = "  - id: {}\n    question: What is {}?\n    answer: A\n    sources: book\n"


def cards(*names: str, topic: str = "T") -> str:
    return f"topic: {topic}\ncards:\n" + "".join(CARD.format(name, name) for name in names)


def times(root: Path) -> dict[str, str]:
    """The time of every released card."""
    read, problems = lock.read((root / LOCK).read_bytes())
    assert read, problems
    return {id_: line.split(b"\t")[2].decode() for id_, line in read.cards.items()}


# --- harmful changes ----------------------------------------------------------------------------------------


def before_and_then(case: str, project: MakeProject, *, committed: bool = False) -> Path:
    """A project with the cards of a case: the first cards are released (and committed to Git), then replaced."""
    before, then = (CASES / "changes" / f"{case}.yaml").read_text().split("=== then\n")
    alive = re.sub(r"    withdrawn: .*\n", "    sources: book\n", before)
    root = project({"a.yaml": alive, "media/circle.svg": SVG})
    release(root, STAMP - 2)
    if alive != before:
        (root / "cards/a.yaml").write_text(before)
        release(root, STAMP - 1)
    if committed:
        git(root, "init")
        git(root, "add", ".")
        git(root, "commit", "-m", "release")
    (root / "cards/a.yaml").write_text(then)
    return root


@pytest.mark.parametrize("case", ["harmful", "harmless", "accepted", "masks"])
def test_changes(case: str, project: MakeProject, expect: Expect) -> None:
    root = before_and_then(case, project)
    problems = check(root, LATER).problems
    assert build(root, root / "out", [], LATER).problems == problems
    assert prepare_release(root, LATER).problems == problems
    expect("".join(f"{problem}\n" for problem in problems), CASES / "changes" / f"{case}.txt")
    harmful = case in ("harmful", "masks")
    assert harmful == any(problem.severity == "error" for problem in problems)
    assert (root / "out").exists() != harmful


def test_what_was_never_released_can_be_changed_and_dropped(project: MakeProject) -> None:
    root = project({"a.yaml": cards("one", "two")})
    build(root, root / "build", [], STAMP)
    (root / "cards/a.yaml").write_text("topic: U\ncards:\n  - id: one\n    cloze: '{{c1::x}}'\n    sources: book\n")
    assert check(root, STAMP).problems == []


def test_another_namespace_or_title_is_another_deck(project: MakeProject) -> None:
    root = project({"a.yaml": cards("one")})
    release(root)
    (root / "cards/deck.yaml").write_text("title: Another\nnamespace: other\n")
    found = [(problem.span.file, problem.span.line, problem.code) for problem in check(root, LATER).problems]
    assert found == [("cards/deck.yaml", 1, "deck-changed"), ("cards/deck.yaml", 2, "deck-changed")]


def test_a_rewording_is_not_another_card(project: MakeProject) -> None:
    """Three of seven words stay, and the answer changes as well."""
    card = "topic: T\ncards:\n  - id: one\n    question: {}\n    answer: {}\n    sources: book\n"
    root = project({"a.yaml": card.format("Which nerve root supplies the great toe?", "L5")})
    release(root)
    path = root / "cards/a.yaml"
    path.write_text(card.format("What dermatome covers the great toe on top?", "That of L5"))
    assert check(root, LATER).problems == []
    path.write_text(card.format("How is a stiff hip examined?", "By rotation"))
    assert [problem.code for problem in check(root, LATER).problems] == ["id-reused"]


def test_a_changed_picture_does_not_travel_as_text(project: MakeProject) -> None:
    picture = "  - id: seen\n    question: What is ![a circle](circle.svg)?\n    answer: A\n    sources: book\n"
    root = project({"a.yaml": cards("one") + picture, "media/circle.svg": SVG})
    release(root)
    (root / "cards/media/circle.svg").write_bytes(SVG.replace(b"15", b"12"))
    problems = prepare_release(root, LATER).problems
    assert [(problem.code, "seen" in problem.message) for problem in problems] == [("text-without-pictures", True)]


def test_other_fields_are_another_note_type(project: MakeProject) -> None:
    root = project({"a.yaml": cards("one")})
    release(root)
    path = root / LOCK
    read, _ = lock.read(path.read_bytes())
    assert read
    other = read.notetypes["question"]._replace(fields="1,2")
    path.write_bytes(lock.text(read._replace(notetypes={**read.notetypes, "question": other})))
    assert [problem.code for problem in check(root, LATER).problems] == ["note-type-changed"]


def test_a_moved_card_is_a_notice_and_a_step(project: MakeProject) -> None:
    root = project({"a.yaml": cards("one", "two"), "b.yaml": cards("three", topic="U")})
    release(root)
    (root / "cards/a.yaml").write_text(cards("one"))
    (root / "cards/b.yaml").write_text(cards("three", "two", topic="V::W"))
    assert {problem.code for problem in check(root, LATER).problems} == {"cards-moved"}
    found = [problem.message for problem in check(root, LATER).problems]
    assert found == [
        "the topic 'U' is now called 'V::W'; learners' cards stay in the old deck (card three)",
        "card two moved from 'T' to 'V::W'; learners' cards stay in the old deck",
    ]
    assert {problem.severity for problem in check(root, LATER).problems} == {"warning"}
    notes = release(root, LATER).notes.data.decode()
    assert "1 note from **Test deck::T** to **Test deck::V::W**" in notes
    assert "The topic **Test deck::U** is now called **Test deck::V::W**" in notes
    assert "The topic **Test deck::T** is now" not in notes
    assert "2 moved. 1 note stays" in notes, "and they are not counted as other changes again"
    assert check(root, LATER).problems == [], "said once"


def test_a_renamed_topic_is_said_once(project: MakeProject) -> None:
    """The warning is at `topic:`, and no note is counted twice."""
    root = project({"a.yaml": cards("one", "two", "three")})
    release(root)
    for arguments in (["init"], ["add", "."], ["commit", "-m", "x"]):
        git(root, *arguments)
    renamed = cards("one", "two", "three", topic="U").replace("What is one?", "What is one, in short?")
    (root / "cards/a.yaml").write_text(renamed)
    [problem] = check(root, LATER).problems
    assert problem.span == ("cards/a.yaml", 1, 8)
    done = released(root, "--yes", now=LATER)
    assert (done.stdout + done.stderr).count("learners' cards stay in the old deck") == 1
    assert done.stdout.count("moved from T to U") == 3
    assert "topic: " not in done.stdout
    notes = (root / "cards/releases/2026-11-23.md").read_text(encoding="utf-8")
    assert "\n1 corrected or reworded, 2 moved.\n" in notes


def test_quiet_while_a_file_cannot_be_read(project: MakeProject) -> None:
    """Cards that could not be read are not reported as gone."""
    root = project({"a.yaml": cards("one"), "b.yaml": cards("two")})
    release(root)
    (root / "cards/b.yaml").write_text(cards("two") + "  nonsense")
    assert "card-gone" not in [problem.code for problem in check(root, LATER).problems]


# --- the lock -----------------------------------------------------------------------------------------------

BROKEN: dict[str, Callable[[str], str]] = {
    "conflict": lambda text: text.replace("card\tone", "<<<<<<< HEAD\ncard\tone", 1),
    "doubled": lambda text: re.sub(r"(?m)^(card\tone.*\n)", r"\1\1", text),
    "newer": lambda text: text.replace("released.lock 2:", "released.lock 3:"),
    "cut short": lambda text: text[: len(text) // 2],
    "cut at a line": lambda text: "".join(text.splitlines(keepends=True)[:3]),
    "a line garbled": lambda text: text.replace("\tbasic\t", "\tbasics\t", 1),
    "no such day": lambda text: text.replace("2026-11-22T", "2026-02-30T", 1),
    "empty": lambda text: "",
    "not text": lambda text: "\udcff",
    "of no whole version": lambda text: text.replace("released.lock 2:", "released.lock 2.5:"),
    "of no version": lambda text: text.replace("released.lock 2:", f"released.lock {'9' * 5000}:"),
    "no project": lambda text: re.sub(r"project.*\n", "", text),
    "no note types": lambda text: re.sub(r"notetype.*\n", "", text),
}
CODES = {"conflict": "lock-conflict", "doubled": "lock-doubled", "newer": "lock-version"}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_lock_is_an_error_and_stays(case: str, project: MakeProject) -> None:
    root = project({"a.yaml": cards("one", "two")})
    release(root)
    path = root / LOCK
    path.write_bytes(BROKEN[case](path.read_text()).encode(errors="surrogateescape"))
    broken = path.read_bytes()
    for problems in (
        check(root, LATER).problems,
        build(root, root / "out", [], LATER).problems,
        prepare_release(root, LATER).problems,
    ):
        assert {problem.code for problem in problems} == {CODES.get(case, "lock-corrupt")}
        assert all(problem.hint for problem in problems)
    assert path.read_bytes() == broken
    assert not (root / "out").exists()


def test_a_lock_with_the_line_ends_of_windows(project: MakeProject) -> None:
    root = project({"a.yaml": cards("one")})
    release(root)
    path = root / LOCK
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert check(root, LATER).problems == []
    assert not prepare_release(root, LATER).outcome.unreleased  # type: ignore[union-attr]  # there are no problems


def test_a_lock_from_the_future_is_an_error(project: MakeProject) -> None:
    root = project({"a.yaml": cards("one")})
    release(root, STAMP + 7200)
    assert [problem.code for problem in check(root, STAMP).problems] == ["lock-ahead"]
    assert [problem.code for problem in prepare_release(root, STAMP).problems] == ["lock-ahead"]
    assert check(root, STAMP + 3600).problems == []
    assert build(root, root / "out", [], STAMP).written, "a released tree builds on any day"


def test_a_slow_clock_does_not_turn_times_back(project: MakeProject) -> None:
    root = project({"a.yaml": cards("one", "two")})
    release(root, STAMP)
    first = times(root)
    (root / "cards/a.yaml").write_text(cards("one", "two").replace("What is one", "Whatever is one"))
    release(root, STAMP - 1800)
    assert times(root)["one"] == lock.timestamp(STAMP + 1) > first["one"]
    assert times(root)["two"] == first["two"]


def test_reviewing_touches_nobody(project: MakeProject) -> None:
    root = project({"a.yaml": cards("one")})
    release(root)
    before = (root / LOCK).read_bytes()
    (root / "cards/a.yaml").write_text(cards("one") + "    reviewed: 2026-11-22 JW\n")
    outcome = prepare_release(root, LATER).outcome
    assert outcome
    assert not outcome.unreleased
    assert lock.text(outcome.lock).startswith(before[: before.index(b"release\t")])


EDITS = st.lists(
    st.tuples(st.sampled_from(["ours", "theirs"]), st.integers(0, 3), st.integers(0, 3), st.integers(-5000, 5000)),
    min_size=1,
    max_size=8,
)


@settings(
    max_examples=25,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(EDITS, min_size=1, max_size=3))
def test_times_never_go_back(tmp_path_factory: pytest.TempPathFactory, rounds: list[object]) -> None:
    """Two branches edit and release again and again; their clocks are wrong, their locks are merged line by line."""
    folder = tmp_path_factory.mktemp("branches")
    roots = {name: folder / name for name in ("ours", "theirs")}
    texts = {name: ["0"] * 4 for name in roots}
    for root in roots.values():
        (root / "cards").mkdir(parents=True)
        (root / "cards/deck.yaml").write_text(DECK)
        (root / "cards/sources.yaml").write_text(SOURCES)

    def save(name: str) -> None:
        entries = (
            f"  - id: card-{n}\n    question: What is it?\n    answer: A{text}\n    sources: book\n"
            for n, text in enumerate(texts[name])
        )
        (roots[name] / "cards/a.yaml").write_text("topic: T\ncards:\n" + "".join(entries))

    save("ours")
    release(roots["ours"], STAMP)
    for path in ("a.yaml", "released.lock"):
        (roots["theirs"] / "cards" / path).write_bytes((roots["ours"] / "cards" / path).read_bytes())
    texts["theirs"] = list(texts["ours"])
    clock = STAMP
    for edits in rounds:
        base = (roots["ours"] / LOCK).read_text()
        start = list(texts["ours"])
        latest = times(roots["ours"])
        for name, place, number, skew in edits:  # type: ignore[attr-defined]  # a list of EDITS
            clock += 5000
            texts[name][place] = str(number)
            save(name)
            had = times(roots[name])
            prepared = prepare_release(roots[name], clock + skew)
            if [p for p in prepared.problems if p.code != "lock-ahead"] or not prepared.outcome:
                continue
            write_release(roots[name], roots[name] / "build", prepared)
            now = times(roots[name])
            for id_, at in now.items():
                assert at >= had[id_]
                latest[id_] = max(latest[id_], at)
        merged = list(merge(folder, base, *((roots[name] / LOCK).read_text() for name in roots)))
        texts["ours"] = [b if a == s else a for a, b, s in zip(texts["ours"], texts["theirs"], start, strict=True)]
        texts["theirs"] = list(texts["ours"])
        for name in roots:
            (roots[name] / LOCK).write_text("".join(merged))
            save(name)
        assert times(roots["ours"]) == latest, "each card keeps the latest time that any learner may have"


def merge(folder: Path, base: str, ours: str, theirs: str) -> Iterator[str]:
    """The lines of a merge by Git. In a conflict, the line with the later time stays, as docs/releasing.md says."""
    for name, text in (("base", base), ("ours", ours), ("theirs", theirs)):
        (folder / f"{name}.lock").write_text(text)
    command = ["git", "merge-file", "-p", *(str(folder / f"{name}.lock") for name in ("ours", "base", "theirs"))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    conflict: dict[str, str] = {}
    for line in done.stdout.splitlines(keepends=True):
        if line.startswith("<<<<<<<"):
            conflict = {"": ""}
        elif line.startswith(">>>>>>>"):
            yield from sorted(conflict.values())
            conflict = {}
        elif conflict and not line.startswith("======="):
            key = "\t".join(line.split("\t")[:2])
            time = re.findall(r"\d{4}-\d\d-\d\dT\S+", line)
            had = re.findall(r"\d{4}-\d\d-\d\dT\S+", conflict.get(key, ""))
            conflict[key] = line if time >= had else conflict[key]
        elif not conflict:
            yield line


# --- the command --------------------------------------------------------------------------------------------


def released(root: Path, *arguments: str, now: int = STAMP, **more: str) -> subprocess.CompletedProcess[str]:
    return run("-C", root, "release", *arguments, env={**os.environ, "SOURCE_DATE_EPOCH": str(now), **more})


def test_release(project: MakeProject) -> None:
    root = project({"a.yaml": cards("one", "two")})
    asked = released(root)
    assert asked.returncode == 1
    assert "--yes" in asked.stderr
    assert "New: 2" in asked.stdout
    assert not (root / LOCK).exists()
    assert not (root / "build").exists()
    done = released(root, "--yes")
    assert (done.returncode, done.stderr) == (0, "")
    assert "deckwright release --undo" in done.stdout
    assert sorted(path.name for path in (root / "build").iterdir()) == [
        ".written", "START-HERE.html", "release-notes-2026-11-22.html", "t.apkg",
    ]  # fmt: skip
    assert "a draft" not in (root / "build/START-HERE.html").read_text()
    text = (root / LOCK).read_text()
    assert text.splitlines()[1:-1] == sorted(text.splitlines()[1:-1])
    again = released(root, "--yes", now=LATER)
    assert again.stdout == "Nothing to release: learners have everything.\n"
    assert (root / LOCK).read_text() == text
    (root / "cards/a.yaml").write_text(cards("one", "two", "three"))
    released(root, "--yes")
    assert (root / "build/released.lock.previous").read_text() == text
    assert sorted(path.name for path in (root / "cards/releases").iterdir()) == ["2026-11-22-2.md", "2026-11-22.md"]


def test_a_failed_release_can_be_repeated(project: MakeProject, monkeypatch: pytest.MonkeyPatch) -> None:
    root = project({"a.yaml": cards("one")})
    prepared = prepare_release(root, STAMP)
    replace = Path.replace

    def failing(path: Path, target: Path) -> Path:
        if target.name == "released.lock":  # the very last step
            raise OSError(errno.EIO, "Input/output error", str(path))
        return replace(path, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", failing)
        with pytest.raises(OSError, match="Input/output error") as raised:
            write_release(root, root / "build", prepared)
    assert raised.value.filename == str(root / "cards/released.lock"), "the name that its author knows"
    assert not (root / "cards/released.lock").exists()
    release(root, STAMP)
    assert [path.name for path in (root / "cards/releases").iterdir()] == ["2026-11-22.md"]
    assert not list(root.rglob("*.part"))


def test_a_folder_in_the_place_of_the_lock(project: MakeProject) -> None:
    """The deck must not be treated as one that was never released."""
    root = project({"a.yaml": cards("one")})
    (root / "cards/released.lock").mkdir()
    for command in (["check"], ["build"], ["release", "--yes"]):
        done = run("-C", root, *command)
        assert done.returncode == 1
        said = done.stdout if command == ["check"] else done.stderr
        assert said.startswith("cards/released.lock:1:1: error: this is a folder, named as a file [stray-file]\n")
    assert not (root / "build").exists()


def test_two_releases_at_once(project: MakeProject) -> None:
    """Otherwise the second one would overwrite what the first one has just released."""
    root = project({"a.yaml": cards("one")})
    first = prepare_release(root, STAMP)
    (root / "cards/a.yaml").write_text(cards("two"))
    second = prepare_release(root, STAMP)
    with alone(root / "cards"), pytest.raises(Trouble, match="another release is being written"):
        write_release(root, root / "build", first)
    assert not (root / LOCK).exists()
    write_release(root, root / "build", first)
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    with pytest.raises(Trouble, match="another release was written meanwhile"):
        write_release(root, root / "build", second)
    assert {path: path.read_bytes() for path in root.rglob("*") if path.is_file()} == before


def test_resend(project: MakeProject) -> None:
    root = project({"a.yaml": cards("one", "two")})
    release(root)
    wrong = released(root, "--yes", "--resend", "three", now=LATER)
    assert wrong.returncode == 2
    assert "three" in wrong.stderr
    done = released(root, "--yes", "--resend", "two", now=LATER)
    assert "Sent again although unchanged: two" in done.stdout
    assert times(root) == {"one": lock.timestamp(STAMP), "two": lock.timestamp(LATER)}
    assert "sent again (1)" in (root / "cards/releases/2026-11-23.md").read_text()


def test_build_released(project: MakeProject) -> None:
    root = project({"a.yaml": cards("one")})
    done = run("-C", root, "build", "--released")
    assert done.returncode == 1
    assert done.stderr.endswith("release them first: deckwright release\n")
    assert not (root / "build").exists()
    release(root)
    assert run("-C", root, "build", "--released").returncode == 0
    (root / "cards/a.yaml").write_text(cards("one", "two"))
    assert run("-C", root, "build", "--released").returncode == 1


def test_text_corrections_by_name(project: MakeProject) -> None:
    root = project({"a.yaml": cards("one", "two")})
    release(root)
    assert "There are no text corrections" in run("-C", root, "build", "--to", "anki-text").stdout
    (root / "cards/a.yaml").write_text(cards("one", "two").replace("What is two", "Whatever is two"))
    assert run("-C", root, "build", "--to", "anki-text").returncode == 0
    text = (root / "build/t-text-only-corrections-DRAFT.txt").read_text()
    assert "Whatever is two" in text
    assert "What is one" not in text
    assert "Personal Notes" not in text
    made = root / "build/t-text-only-corrections.txt"
    for arguments, expected in (((), False), (("--yes",), True), ((), True)):
        made.unlink(missing_ok=True)
        done = released(root, *arguments, now=LATER) if arguments else run("-C", root, "build")
        assert done.returncode == 0, done.stderr
        assert made.exists() is expected, "a plain build makes them of what is released, not of drafts"
        assert (made.name in (root / "build/START-HERE.html").read_text()) is expected


# --- tombstones, notes, difference --------------------------------------------------------------------------


def test_tombstones(project: MakeProject) -> None:
    """They need no source, caveat or year, and learners who never had them do not get them."""
    withdrawn = "    withdrawn: {on: 2026-11-22, reason: Wrong}\n"
    root = project({"a.yaml": cards("one", "two")})
    release(root)
    tombstone = CARD.format("two", "two").replace("    sources: book\n", "    status: superseded\n" + withdrawn)
    never = CARD.format("never", "never").replace("    sources: book\n", withdrawn)
    (root / "cards/a.yaml").write_text(cards("one") + tombstone + never)
    assert check(root, LATER).problems == []
    prepared = release(root, LATER)
    assert sorted(times(root)) == ["one", "two"]
    notes = prepared.notes.data.decode()
    assert '```\n"Withdrawn:_*" tag:test::*\n```' in notes
    assert "elete" not in notes
    (root / "cards/a.yaml").write_text(cards("one", "three") + tombstone + never)
    release(root, LATER + 10)
    assert times(root)["two"] == lock.timestamp(LATER + 10), "stamped again by the next release"
    (root / "cards/a.yaml").write_text(cards("one", "three", "four") + tombstone + never)
    release(root, LATER + 20)
    assert times(root)["two"] == lock.timestamp(LATER + 10), "and once only"


def test_notes(project: MakeProject, expect: Expect) -> None:
    root = before_and_then("harmless", project, committed=True)
    text = (root / "cards/a.yaml").read_text()
    text = text.replace("Emergency MRI", "Emergency *MRI* <now>")
    (root / "cards/a.yaml").write_text(text)
    prepared = release(root, LATER)
    expect(prepared.notes.data.decode(), CASES / "changes" / "notes.md")
    [page] = [file for file in prepared.outputs if file.name.startswith("release-notes")]
    assert b"<h2>Relearn these</h2>" in page.data
    assert b'<ins><span class="spoken">new: </span>Emergency</ins> MRI' in page.data


def test_notes_without_git_say_only_that_a_card_changed(project: MakeProject) -> None:
    root = project({"a.yaml": cards("one", "two")})
    release(root)
    (root / "cards/a.yaml").write_text(cards("one", "two").replace("What is one?", "What was one?"))
    notes = release(root, LATER).notes.data.decode()
    assert "## Corrected or reworded\n\n- What was one? (`one`, T)\n\n##" in notes


def test_a_long_list_gives_topics_and_still_names_empty_cards(project: MakeProject) -> None:
    cloze = "topic: T\ncards:\n" + "".join(
        f'  - id: n{n}\n    cloze: "The {{{{c1::first}}}} and {{{{c2::second}}}} of {n}."\n    sources: book\n'
        for n in range(61)
    )
    root = project({"a.yaml": cloze})
    release(root)
    text = re.sub(r"The (.*)\.", r"Here: the \1.", cloze)
    gone = 'The {{c1::first}} and second of 3."\n    allow: {number-gone: easy}'
    (root / "cards/a.yaml").write_text(re.sub(r'Here: the [^"]* of 3\."', gone, text))
    notes = release(root, LATER).notes.data.decode()
    assert "## Corrected or reworded\n\n- T: 61 notes\n\n" in notes
    assert "(`n3`, T)\n  - The card that asked for “second” is empty now.\n\nTo delete empty cards" in notes


def test_start_here_has_one_main_button(project: MakeProject) -> None:
    root = project({"a.yaml": cards("one")})
    release(root)
    button = '<a class="get" href="{}">Get the deck</a>'
    assert button.format("t.apkg") in (root / "build/START-HERE.html").read_text()
    (root / "cards/b.yaml").write_text(cards("two", topic="U"))
    build(root, root / "build", [], LATER)
    assert button.format("test-deck-complete-DRAFT.apkg") in (root / "build/START-HERE.html").read_text()
    build(root, root / "texts", ["anki-text"], LATER)
    assert 'class="get"' not in (root / "texts/START-HERE.html").read_text(), "there is no package in this folder"


def test_hostile_text_in_the_notes(project: MakeProject) -> None:
    hostile = "'<script>alert(1)</script> [x](javascript:alert(1)) # `a` {}?'"
    text = cards("one").replace("What is one?", hostile.replace("{}", "b"))
    root = project({"a.yaml": cards("two").replace("topic: T", "topic: 1. T")})
    release(root)
    (root / "cards/b.yaml").write_text(text)
    [page] = [file for file in release(root, LATER).outputs if file.name.startswith("release-notes")]
    for live in (b"<script", b'javascript:alert(1)"', b"<img", b"<h1>1"):
        assert live not in page.data.partition(b"<main")[2].partition(b"</main>")[0]
    assert b"&lt;script&gt;alert(1)" in page.data


def test_notes_never_search_for_more_than_they_say(project: MakeProject) -> None:
    names = [f"card-{n}" for n in range(150)]
    root = project({"a.yaml": cards(*names), "b.yaml": cards("other", topic="U")})
    release(root)
    (root / "cards/a.yaml").write_text(cards(*names, topic="V"))
    notes = release(root, LATER).notes.data.decode()
    for search in re.findall(r"```\n(.*?)\n```", notes):
        assert search.count("|") < 100
        assert "other" not in search
        assert "Card ID:re:^(card-" in search
        assert search.endswith(" tag:test::*"), "another deck may have the same ids"


def test_a_correction_is_told_once_and_only_when_it_is_one(project: MakeProject) -> None:
    def answer(text: str, *more: str) -> str:
        return cards("one").replace("answer: A\n", f"answer: {text}\n" + "".join(f"    {line}\n" for line in more))

    root = project({"a.yaml": answer("6 g")})
    release(root)
    told = []
    for text, *more in (
        ("5 g", "corrected: {on: 2026-11-22, was: 6 g}"),
        ("4 g", "corrected: {on: 2026-11-22, was: 5 g}"),
        ("4 g", "corrected: {on: 2026-11-23, was: 5 g}"),
        ("4 g", "corrected: {on: 2026-11-23, was: 5 g}", "withdrawn: {on: 2026-11-24, reason: Unsafe}"),
        ("4 g", "corrected: {on: 2026-11-23, was: 5 g}", "withdrawn: {on: 2026-11-24, reason: Quite unsafe}"),
        ("4 g", "corrected: {on: 2026-11-23, was: 5 g}"),
    ):
        (root / "cards/a.yaml").write_text(answer(text, *more))
        outcome = prepare_release(root, LATER).outcome
        assert outcome
        told.append(outcome.changes[0].what)
        release(root, LATER)
    assert told == ["relearn", "relearn", "corrected", "withdrawn", "other", "back"]


def test_notes_of_releases_without_a_lock_are_an_error(project: MakeProject) -> None:
    root = project({"a.yaml": cards("one")})
    release(root)
    (root / LOCK).unlink()
    assert [problem.code for problem in check(root, LATER).problems] == ["lock-missing"]
    assert [problem.code for problem in prepare_release(root, LATER).problems] == ["lock-missing"]


def test_ids_of_alike_cards(project: MakeProject) -> None:
    def pair(first: str, second: str) -> str:
        return cards("one", "two").replace("What is one?", first).replace("What is two?", second)

    root = project(
        {"a.yaml": pair("Which root supplies the patellar reflex?", "Which root supplies the Achilles reflex?")}
    )
    release(root)
    (root / "cards/a.yaml").write_text(
        pair("Which root mediates the Achilles reflex?", "Which root mediates the patellar reflex?")
    )
    assert [problem.code for problem in check(root, LATER).problems] == ["id-reused", "id-reused"]
    (root / "cards/a.yaml").write_text(
        pair("Which root mediates the patellar reflex?", "Which root mediates the Achilles reflex?")
    )
    assert check(root, LATER).problems == []
    (root / "cards/a.yaml").write_text(
        pair("Which root supplies the patellar reflex?", "Which root supplies the patellar reflex here?")
    )
    assert check(root, LATER).problems == [], "the first still asks it"


def git(root: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", str(root), *identity, *arguments], check=True, capture_output=True)  # noqa: S603, S607


def test_diff_word_by_word(project: MakeProject) -> None:
    cloze = "  - id: it\n    cloze: The old {{c1::bone}}\n    sources: book\n"
    root = project({"a.yaml": cards("one", "two") + cloze})
    release(root)
    changed = cards("one", "two").replace("What is one", "What was one") + (
        "  - id: it\n    cloze: The old {{c1::bones}} d\n    sources: hoy-2012\n"
    )
    (root / "cards/a.yaml").write_text(changed)
    without = run("-C", root, "diff")
    assert without.returncode == 0
    assert "fields changed in Anki: Question" in without.stdout
    assert "What" in without.stdout
    git(root, "init")
    git(root, "add", "cards/released.lock", "cards/deck.yaml", "cards/sources.yaml")
    (root / "cards/a.yaml").write_text(
        cards("one", "two") + "  - id: it\n    cloze: The old {{c1::bone}}\n    sources: book\n"
    )
    git(root, "add", ".")
    git(root, "commit", "-m", "release")
    (root / "cards/a.yaml").write_text(changed)
    shown = run("-C", root, "diff").stdout
    assert "question: What [-is-]{+was+} one?" in shown
    assert "cloze: The old [-{{c1::bone}}-]{+{{c1::bones}} d+}" in shown
    assert "source: [-book-]{+hoy-2012+}" in shown
    assert "Unchanged: 1" in shown
    assert run("-C", root, "diff", "HEAD").stdout == shown
    found = json.loads(run("-C", root, "diff", "--json").stdout)
    assert [change["id"] for change in found["changes"]] == ["one", "it"]
    assert found["changes"][0]["before"][0] == ["question", "What is one?"]
    assert found["changes"][1]["reasons"] == ["content", "source"]
    assert found["unchanged"] == 1


def test_diff_shows_no_text_that_learners_may_not_have(project: MakeProject) -> None:
    """The cards changed after the release, in the commit that has the lock: their old text is not known."""
    root = project({"a.yaml": cards("one")})
    release(root)
    (root / "cards/a.yaml").write_text(cards("one").replace("answer: A", "answer: B"))
    git(root, "init")
    git(root, "add", ".")
    git(root, "commit", "-m", "release and more")
    (root / "cards/a.yaml").write_text(cards("one").replace("answer: A", "answer: C"))
    shown = run("-C", root, "diff").stdout
    assert "fields changed in Anki: Answer" in shown
    assert "[-" not in shown


def test_diff_against_a_revision_is_no_release(project: MakeProject) -> None:
    """A card that nobody has can be renamed or deleted; files that could not be read at the revision are reported."""
    root = project({"a.yaml": cards("one", "two"), "b.yaml": cards("three") + "  - nonsense\n"})
    git(root, "init")
    git(root, "add", ".")
    git(root, "commit", "-m", "first")
    (root / "cards/a.yaml").write_text(cards("renamed"))
    (root / "cards/b.yaml").write_text(cards("three"))
    done = run("-C", root, "diff", "HEAD")
    assert done.returncode == 0
    assert "New: 2" in done.stdout
    assert "Missing from all files: one, two" in done.stdout
    assert "cards/b.yaml:1:1: warning: this file had errors at HEAD" in done.stderr
    assert "[not-compared]" in done.stderr
    for path in (root / ".git/objects").glob("[0-9a-f]*/*"):
        if subprocess.run(  # noqa: S603
            ["git", "-C", str(root), "cat-file", "-t", path.parent.name + path.name],  # noqa: S607
            capture_output=True, text=True, check=False,
        ).stdout == "blob\n":  # fmt: skip
            path.chmod(0o644)
            path.unlink()
    broken = run("-C", root, "diff", "HEAD")
    assert broken.returncode == 2
    assert len(broken.stderr.splitlines()) == 1


def test_diff_against_what_is_no_revision(project: MakeProject) -> None:
    root = project({"a.yaml": cards("one")})
    for revision in ("nonsense", "--output=x", "HEAD"):
        done = run("-C", root, "diff", "--", revision)
        assert done.returncode == 2, revision
        assert len(done.stderr.splitlines()) == 1
    git(root, "init")
    assert run("-C", root, "diff", "HEAD").returncode == 2
    assert difference(root, STAMP).outcome


# --- the same bytes -----------------------------------------------------------------------------------------


def test_a_released_tree_gives_the_same_bytes_anywhere(project: MakeProject, tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        f"{case}.yaml": re.sub(r"    withdrawn:.*\n(?:      .*\n)*", "    sources: book\n", text)
        for case in ("basic", "cloze", "items", "options")
        for text in [(CASES / "kinds" / f"{case}.yaml").read_text()]
    }
    root = project({**files, "media/circle.svg": SVG, "c.yaml": cards("other", topic="Ärzte::Ω")})
    release(root)
    (root / "cards/c.yaml").write_text(cards("other", topic="Ärzte::Ω").replace("answer: A", "answer: B"))
    release(root, LATER)
    outputs = []
    surroundings = [
        {
            "LC_ALL": "C",
            "TZ": "Pacific/Kiritimati",
            "PYTHONHASHSEED": "1",
            "USER": "a",
            "SOURCE_DATE_EPOCH": "1900000000",
        },
        {"LC_ALL": "C.UTF-8", "TZ": "America/New_York", "PYTHONHASHSEED": "2", "USER": "b", "HOME": str(tmp_path)},
    ]
    for number, environment in enumerate(surroundings):
        place = tmp_path / f"place {number}"
        shutil.copytree(root / "cards", place / "cards")
        command = [sys.executable, "-m", "deckwright", "build", "--released"]
        done = subprocess.run(  # noqa: S603
            command, cwd=place, env={**os.environ, **environment}, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        outputs.append({path.name: path.read_bytes() for path in (place / "build").iterdir()})
    assert outputs[0] == outputs[1]
    assert len(outputs[0]) >= 5
    for name, data in outputs[0].items():
        assert data == (root / "build" / name).read_bytes(), "as the release wrote them"


# --- what version 1 of the lock did not have -------------------------------------------------------------------

OPTIONS = """\
  - id: choice
    question: Which imaging first?
    options:
      - correct: MRI
      - wrong: Radiograph
    sources: book
"""


def as_version_1(path: Path, *ids: str) -> None:
    """Rewrites a lock (or the lines of some cards) as version 1 wrote it."""
    lines = []
    for line in path.read_bytes().split(b"\n"):
        parts = line.split(b"\t")
        if parts[0] == b"card" and (not ids or parts[1].decode() in ids):
            old = b"\t".join([*parts[:7], *parts[8:20], parts[21]])  # without `again` and the answers
            old = b"\t".join([*old.split(b"\t")[:15], b"639cafe65d83", *old.split(b"\t")[16:]])  # sources, of old
            lines.append(b"%b\t%08x" % (old, crc32(old)))
        elif parts[0] != b"first" or ids:
            lines.append(line)
    text = b"\n".join(lines)
    path.write_bytes(text if ids else text.replace(b"released.lock 2:", b"released.lock 1:"))


def codes(root: Path, now: int = LATER) -> list[str]:
    return [problem.code for problem in check(root, now).problems]


def test_no_time_moves_by_the_upgrade(project: MakeProject) -> None:
    root = project({"a.yaml": cards("one", "two", "three") + OPTIONS})
    release(root)
    before, whole = times(root), (root / LOCK).read_bytes()
    as_version_1(root / LOCK)
    assert check(root, LATER).problems == []
    assert not prepare_release(root, LATER).outcome.unreleased  # type: ignore[union-attr]  # there are no problems
    (root / "cards/a.yaml").write_text(cards("one", "two", "three", "four") + OPTIONS)
    prepared = release(root, LATER)
    assert prepared.outcome
    assert [change.id for change in prepared.outcome.changes] == ["four"]
    assert {**times(root), "four": ""} == {**before, "four": ""}
    upgraded = {line for line in (root / LOCK).read_bytes().split(b"\n") if line.startswith(b"card")}
    assert {line for line in whole.split(b"\n") if line.startswith(b"card")} < upgraded


def test_lines_of_both_versions_after_a_merge(project: MakeProject) -> None:
    root = project({"a.yaml": cards("one", "two") + OPTIONS})
    release(root)
    as_version_1(root / LOCK, "two")
    assert (root / LOCK).read_text().startswith("# deckwright released.lock 2:")
    assert check(root, LATER).problems == []
    (root / "cards/a.yaml").write_text(cards("one", "two").replace("answer: A", "answer: 12 g") + OPTIONS)
    assert codes(root) == ["answer-changed", "answer-unknown"]


def test_version_1_is_compared_with_the_cards_in_git(project: MakeProject) -> None:
    root = project({"a.yaml": cards("one", "two") + OPTIONS})
    release(root)
    as_version_1(root / LOCK)
    git(root, "init")
    git(root, "add", ".")
    git(root, "commit", "-m", "release")
    exchanged = OPTIONS.replace("correct", "x").replace("wrong", "correct").replace("x:", "wrong:")
    (root / "cards/a.yaml").write_text(cards("one", "two").replace("A\n", "12 g\n", 1) + exchanged)
    git(root, "commit", "-am", "two answers changed")
    assert codes(root) == ["answer-changed", "answer-changed"]
    (root / "cards/a.yaml").write_text(cards("one", "two").replace("book", "hoy-2012", 1) + OPTIONS)
    outcome = prepare_release(root, LATER).outcome
    assert outcome
    assert [(change.id, change.reasons) for change in outcome.changes] == [("one", ("source",))]


def test_an_answer_that_cannot_be_known_is_told_and_asked_about(project: MakeProject) -> None:
    root = project({"a.yaml": cards("one", "two")})
    release(root)
    as_version_1(root / LOCK)
    (root / "cards/a.yaml").write_text(cards("one", "two").replace("answer: A", "answer: 12", 1))
    assert codes(root) == ["answer-unknown"]
    asked = released(root, now=LATER)
    assert "answer-unknown" in asked.stderr
    assert asked.returncode == 1, "nobody was there to be asked"
    assert released(root, "--yes", now=LATER).returncode == 0
    (root / "cards/a.yaml").write_text(cards("one", "two").replace("answer: A", "answer: 13", 1))
    assert codes(root) == ["answer-changed"], "the release remembered it"


# --- lines that are lost --------------------------------------------------------------------------------------


def test_a_line_missing_from_the_lock_is_noticed(project: MakeProject) -> None:
    root = project({"a.yaml": cards("one", "two", "three")})
    release(root)
    (root / "cards/a.yaml").write_text(cards("one", "two", "three", "four"))
    release(root, LATER)
    text = (root / LOCK).read_text()
    for lost in ("one", "four"):
        (root / LOCK).write_text(re.sub(rf"card\t{lost}\t.*\n", "", text))
        assert codes(root) == ["lock-short"]
        assert [problem.code for problem in prepare_release(root, LATER + 10).problems] == ["lock-short"]
    (root / LOCK).write_text(re.sub(r"card\t.*\n", "", text))
    assert codes(root) == ["lock-short", "lock-short"]
    (root / LOCK).write_text(text)
    assert codes(root) == []


def test_two_branches_that_release_in_one_second(project: MakeProject) -> None:
    """Only one of the two lines that count the cards can stay, but the cards of both are there."""
    root = project({"a.yaml": cards("one", "two")})
    release(root)
    text = (root / LOCK).read_text()
    count = "first\t2026-11-22T00:00:00Z\t"
    [line] = re.findall(rf"{count}.*\n", text)
    fewer = f"{count}1"
    (root / LOCK).write_text(text.replace(line, f"{fewer}\t{crc32(fewer.encode()):08x}\n"))
    assert codes(root) == []


# --- notes that are only rendered differently -----------------------------------------------------------------


def test_another_bibliography_replaces_nothing(project: MakeProject) -> None:
    root = project({"a.yaml": cards("one", "two")})
    release(root)
    before = times(root)
    path = root / "cards/sources.yaml"
    path.write_text(path.read_text().replace('A textbook <of> "backs"', "A textbook of backs"))
    built = build(root, root / "out", [], LATER)
    assert built.outcome
    assert (built.outcome.unreleased, built.outcome.rendered) == (False, ("one", "two"))
    assert sorted(path.name for path in (root / "out").glob("*.apkg")) == ["t.apkg"], "no draft"
    assert "2 notes are only rendered differently" in run("-C", root, "diff").stdout
    nothing = released(root, "--yes", now=LATER).stdout
    assert nothing.startswith("Nothing to release: learners have everything.\n2 notes are only rendered differently")
    (root / "cards/a.yaml").write_text(cards("one", "two").replace("What is one", "Whatever is one"))
    release(root, LATER)
    assert times(root) == {**before, "one": lock.timestamp(LATER)}, "the other keeps its time"
    done = released(root, "--yes", "--resend-rendered", now=LATER + 10)
    assert "Sent again although unchanged: two" in done.stdout
    assert times(root) == {"one": lock.timestamp(LATER), "two": lock.timestamp(LATER + 10)}
    assert "rendered" not in run("-C", root, "diff").stdout


def test_no_unchanged_card_of_our_deck_is_replaced_by_another_rendering(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(ROOT / "cards", tmp_path / "cards")
    release(tmp_path, int(time.time()))
    release(tmp_path, int(time.time()) + 5)  # what the first one brought is sent once more
    rendered = notes._citation
    monkeypatch.setattr(notes, "_citation", lambda *cited: f"<i>{rendered(*cited)}</i>")
    outcome = prepare_release(tmp_path, int(time.time()) + 10).outcome
    assert outcome
    assert (outcome.changes, outcome.resent) == ((), ())
    assert len(outcome.rendered) > 150


# --- outputs that are no longer made, and undo ----------------------------------------------------------------


def test_a_build_removes_what_it_wrote_and_no_longer_makes(project: MakeProject) -> None:
    root = project({"a.yaml": cards("one"), "b.yaml": cards("two", topic="U")})
    out = root / "build"
    build(root, out, [], STAMP)
    names = {path.name for path in out.iterdir()}
    assert {"t-DRAFT.apkg", "u-DRAFT.apkg", "test-deck-complete-DRAFT.apkg"} < names
    (out / "u-DRAFT.apkg").write_bytes(b"mine now")
    (out / "other.apkg").write_bytes(b"somebody else's")
    build(root, out, ["anki-text"], STAMP)
    assert (out / "t-DRAFT.apkg").exists(), "one output alone removes nothing"
    done = released(root, "--yes")
    assert sorted(path.name for path in out.glob("*.apkg")) == [
        "other.apkg", "t.apkg", "test-deck-complete.apkg", "u-DRAFT.apkg", "u.apkg",
    ]  # fmt: skip
    assert (out / "u-DRAFT.apkg").read_bytes() == b"mine now"
    assert "t-DRAFT.apkg was removed" in done.stderr
    assert "u-DRAFT.apkg was not written by this build" in done.stderr


def test_undo(project: MakeProject) -> None:
    root = project({"a.yaml": cards("one")})
    nothing = released(root, "--undo", "--yes")
    assert nothing.returncode == 1
    assert "[nothing-released]" in nothing.stderr
    released(root, "--yes")
    first = (root / LOCK).read_bytes()
    (root / "cards/a.yaml").write_text(cards("one", "two"))
    released(root, "--yes", now=LATER)
    asked = released(root, "--undo")
    assert asked.returncode == 1, "nobody was there to be asked"
    done = released(root, "--undo", "--yes")
    assert (done.returncode, done.stderr) == (0, "")
    assert (root / LOCK).read_bytes() == first
    assert [path.name for path in (root / "cards/releases").iterdir()] == ["2026-11-22.md"]
    assert list((root / "build").iterdir()) == []
    assert codes(root) == []
    released(root, "--yes", now=LATER)
    (root / "build/released.lock.previous").unlink()
    refused = released(root, "--undo", "--yes")
    assert refused.returncode == 1
    assert "undo-impossible" in refused.stderr
    assert "git restore" in refused.stderr


def test_undo_of_the_first_release(project: MakeProject) -> None:
    root = project({"a.yaml": cards("one")})
    released(root, "--yes")
    assert released(root, "--undo", "--yes").returncode == 0
    assert not (root / LOCK).exists()
    assert not list((root / "cards/releases").iterdir())
    assert codes(root) == []


def test_a_replaced_picture_is_called_that(project: MakeProject) -> None:
    picture = cards("one", "two").replace("What is one?", "What is ![a circle](circle.svg)?")
    root = project({"a.yaml": picture, "media/circle.svg": SVG})
    release(root)
    git(root, "init")
    git(root, "add", ".")
    git(root, "commit", "-m", "release")
    (root / "cards/media/circle.svg").write_bytes(SVG.replace(b"15", b"12"))
    assert "the picture changed" in run("-C", root, "diff").stdout
    assert "(`one`, T)\n  - The picture changed.\n" in release(root, LATER).notes.data.decode()
