"""Quizzes printed again and marked: the answer key fits the sheets, whatever happened to the cards since."""

import re
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import docx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from conftest import MakeProject, letters
from deckwright.model import Options
from deckwright.quiz import file as quizfile
from deckwright.quiz.arrange import arranged
from deckwright.quiz.job import Layout
from deckwright.quiz.printing import Printed, again, make
from deckwright.quiz.select import Quiz, Request, select
from deckwright.reading.quoting import quote
from test_commands import run
from test_quiz import KINDS, loaded, order, printed, text_of, without_content


def key(root: Path, out: str = "key", file: str = "build/q.quiz.yaml") -> Printed:
    """Prints the answer key of the sheets that were handed out."""
    how = order("")
    result = again(root, root / out, root / file, how.__class__(**{**vars(how), "answers_only": True}))
    assert result.problems == []
    return result


def cells(text: str) -> list[str]:
    """The cells of a marking strip with one form: `B`, `B* (was A)`, `A B`."""
    strip = " ".join(text.split("Answer", 1)[1].split("One point")[0].split())
    return [cell.strip() for cell in re.split(r"(?:^| )\d+ ", strip)[1:]]


def stripped(root: Path, out: str = "key") -> dict[str, str]:
    """What the marking strip says of each question with options, by its id."""
    remembered = quizfile.parse("q", (root / "build/q.quiz.yaml").read_bytes())[0]
    assert remembered
    assert isinstance(remembered.quiz, Quiz)
    asked = [one for one in remembered.quiz.questions if isinstance(one.card, Options)]
    found = cells(text_of(root / out / "q-ANSWERS.pdf"))
    return dict(zip([one.id for one in sorted(asked, key=lambda one: one.numbers)], found, strict=True))


def on_sheet(root: Path, text: str) -> str:
    """The letter before an option's text on the sheet that was handed out."""
    match = re.search(rf"([A-H])\. {re.escape(text)}(?= [A-H]\.|$)", text_of(root / "build/q.pdf"), re.MULTILINE)
    assert match, text
    return match[1]


FOUR = """\
topic: T
cards:
  - id: scan
    question: Which test shows nerves without radiation?
    options:
      - correct: MRI
      - wrong: Plain radiograph
      - wrong: CT
      - wrong: Bone scan
    sources: book
  - id: other
    question: Which one?
    options:
      - correct: This
      - wrong: That
    sources: book
  - id: gapped
    cloze: Pain is chronic from {{c1::12 weeks}} on and acute until {{c2::6 weeks}}.
    sources: book
"""
MRI, BONE = "correct: MRI", "wrong: Bone scan"


@pytest.mark.parametrize(
    ("changes", "cell", "said"),
    [
        ([], "{MRI}", ""),
        ([(MRI, "correct: Magnetic resonance"), (BONE, "wrong: Bone scintigraphy")], "{MRI}*", "It was: {MRI} MRI."),
        ([(BONE, "wrong: Bone scintigraphy"), ("wrong: CT\n", "wrong: Computed tomography\n")], "{MRI}", ""),
        ([(f"      - {BONE}\n", "")], "{MRI}*", "Options were added or taken out"),
        ([(BONE, f"{BONE}\n      - wrong: Ultrasound")], "{MRI}*", "Options were added or taken out"),
        ([(MRI, "wrong: MRI"), (BONE, "correct: Bone scan")], "{Bone scan}* (was {MRI})", "It was: {MRI} MRI."),
        ([(MRI, "wrong: MRI of the spine"), ("wrong: CT", "correct: CT")], "{CT}* (was {MRI})", "The answer changed"),
        ([(MRI, "wrong: Laminectomy"), ("wrong: CT", "correct: Something else"), (f"      - {BONE}\n", "")],
         "{MRI}*", "The answer changed"),
        ([(MRI, "correct: A"), (f"      - {BONE}\n", ""), ("Plain radiograph", "x1"), ("wrong: CT", "correct: y2")],
         "{MRI}*", "unclear which is which"),
        ([("id: scan", "id: renamed")], "{MRI}*", "Its card is gone"),
        ([("    options:\n      - correct: MRI", "    options:\n      - correkt: MRI")], "{MRI}*", "Its card is gone"),
        ([("nerves without radiation", "bones with radiation")], "{MRI}*", "it now reads: Which test shows bones"),
        ([(f"{BONE}\n", f"{BONE}\n    withdrawn: {{on: 2026-01-01, reason: Wrong}}\n")], "–", "do not count it"),
    ],
)  # fmt: skip
def test_the_key_of_sheets_handed_out(
    changes: list[tuple[str, str]], cell: str, said: str, project: MakeProject
) -> None:  # fmt: skip
    """Whatever happens to a card, the strip has the printed letters and marks what changed."""
    root = project({"a.yaml": FOUR})
    printed(root)
    on = {text: on_sheet(root, text) for text in ("MRI", "CT", "Bone scan")}
    cards = FOUR
    for before, after in changes:
        assert before in cards
        cards = cards.replace(before, after, 1)
    (root / "cards/a.yaml").write_text(cards)
    key(root)
    assert stripped(root)["scan"] == cell.format_map(on)
    answers = " ".join(text_of(root / "key/q-ANSWERS.pdf").split())
    assert said.format_map(on) in answers
    assert ("since this quiz was first printed" in answers) == bool(said)
    assert ("An asterisk: changed" in answers) == ("*" in cell)
    footer = re.findall(r"quiz [0-9a-f-]+", text_of(root / "build/q.pdf"))[0]
    assert footer in answers, "it belongs to the sheet"


def test_another_gap_is_no_alarm(project: MakeProject) -> None:
    root = project({"a.yaml": FOUR})
    printed(root)
    sheet = text_of(root / "build/q.pdf")
    asked, other = ("12 weeks", "6 weeks") if "6 weeks" in sheet else ("6 weeks", "12 weeks")
    for changed, said in ((other, False), (asked, True)):
        (root / "cards/a.yaml").write_text(FOUR.replace(f"::{changed}", "::5 years"))
        key(root, changed)
        answers = " ".join(text_of(root / changed / "q-ANSWERS.pdf").split())
        assert ("since this quiz was first printed" in answers) is said
        assert (f"It was: {asked}." in answers) is said


def test_sheets_with_other_words_are_others(project: MakeProject) -> None:
    """A reprint has today's words at the printed letters and a new digest, and leaves the record unchanged."""
    root = project({"a.yaml": FOUR})
    first = printed(root)
    (root / "cards/a.yaml").write_text(
        FOUR.replace("Bone scan", "Bone scintigraphy").replace("      - wrong: CT\n", "")
    )
    result = again(root, root / "x", root / "build/q.quiz.yaml", order(""))
    assert result.problems == []
    assert any("mark each sheet by the answer key with the same digest" in notice for notice in result.notices)
    before, after = text_of(first["q.pdf"]), text_of(root / "x/q.pdf")
    expected = without_content(before).replace("Bone scan", "Bone scintigraphy").replace(". CT", ". –")
    assert without_content(after).split() == expected.split()
    assert (root / "x/q.quiz.yaml").read_bytes() == first["q.quiz.yaml"].read_bytes()
    digests = [re.findall(r"quiz [0-9a-f]{8}-([0-9a-f]{8})", text)[0] for text in (before, after)]
    assert digests[0] != digests[1]
    assert f"-{digests[1]} " in text_of(root / "x/q-ANSWERS.pdf")
    (root / "cards/a.yaml").write_text(
        FOUR.replace(MRI, "correct: a1").replace("wrong: CT", "correct: b2").replace(f"      - {BONE}\n", "")
    )
    [problem] = again(root, root / "y", root / "build/q.quiz.yaml", order("")).problems
    assert problem.code == "quiz-options-changed"
    assert not (root / "y").exists()


VERSION_1 = """\
# A quiz. Print it again: deckwright quiz --again old.quiz.yaml
quiz: 1
digest: 23370029
name: "old"
title: "Test deck: quiz"
namespace: test
seed: "77d4ee0f"
forms: 2
questions:
  - id: gaps
    answer: 40384c64
    gap: 1
  - id: written
    answer: f52ab84a
  - id: one-of
    answer: 1db227e6
    options: 1db227e6 a629ae24 d2cc8387 4b69dd36
    order: any
    last: 1
  - id: many-of
    answer: 945d7be2
    options: 18ba4ea7 5ff09c8c 3514b722
    order: any
  - id: listed
    answer: eeb8b090
"""


@pytest.mark.parametrize(
    ("changes", "strip", "said"),
    [
        ([], "1 B C A B 2 C C", "6 points in all"),
        ([("Emergency **MRI**", "A scan"), ("Plain radiograph", "Film")], "1 B C A B 2 C* C*", "The answer changed"),
        ([("      - wrong: CT of the head\n", "")], "1 B C A B 2 C* C*", "Options were added or taken out"),
        ([("correct: Emergency", "wrong: Emergency"), ("wrong: Plain", "correct: Plain")],
         "1 B C A B 2 B* (was C) B* (was C)", "The answer changed"),
        ([("id: one-of", "id: elsewhere")], "1 B C A B 2 C* C*", "Its card is gone"),
        ([("correct: Fever", "correct: High fever"), ("wrong: Stiffness at noon", "wrong: Pins")],
         "1 ?* ?* 2 C C", "was not recorded"),
        ([("id: many-of", "id: others")], "1 ?* ?* 2 C C", "was not recorded"),
        ([("632 million\n", "619 million\n")], "1 B C A B 2 C C", "The answer changed since"),
        ([("id: gaps", "id: other-gaps")], "1 B C A B 2 C C", "its words were not recorded"),
    ],
)  # fmt: skip
def test_version_1(changes: list[tuple[str, str]], strip: str, said: str, project: MakeProject) -> None:
    """A quiz printed before words were recorded keeps its letters: A is 1 B C and 2 C, B is 1 A B and 2 C on paper."""
    cards = KINDS
    for before, after in changes:
        assert before in cards
        cards = cards.replace(before, after, 1)
    root = project({"a.yaml": cards})
    (root / "old.quiz.yaml").write_text(VERSION_1)
    key(root, file="old.quiz.yaml")
    answers = " ".join(text_of(root / "key/old-A-ANSWERS.pdf").split())
    assert f"No. A B {strip} One point" in answers
    assert said in answers
    assert "quiz 23370029 · seed" in answers, "as on paper"
    if not changes:
        assert again(root, root / "x", root / "old.quiz.yaml", order("")).problems == []
        assert (root / "x/old.quiz.yaml").read_text() == VERSION_1
        sheet = text_of(root / "x/old-B.pdf")
        assert "A. Weight loss B. Fever C. Stiffness at noon" in sheet


# --- the file ------------------------------------------------------------------------------------------------------

LETTERS = st.text("ab *\"'\\#:{}[]|>-&!%@`,?~–µ\n", min_size=1, max_size=30)
WHOLE = LETTERS.map(lambda text: "a" + text.strip() + "z")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(WHOLE, min_size=4, max_size=8, unique_by=letters), WHOLE)
def test_every_text_comes_back(project: MakeProject, texts: list[str], question: str) -> None:
    """The texts of a card are read back from the file unchanged, even if they look like YAML."""

    def scalar(text: str) -> str:
        lines = "".join(f"\n          {line}".rstrip() for line in text.split("\n"))
        return quote(text) if "\n" not in text else f"|-{lines}"

    options = "".join(f"      - {'wrong' if n else 'correct'}: {scalar(text)}\n" for n, text in enumerate(texts))
    root = project(
        {"a.yaml": f"topic: T\ncards:\n  - id: a\n    question: {scalar(question)}\n    options:\n{options}"}
    )
    cards, _ = loaded(root)
    quiz = arranged(select(cards, "test", Request()), 2)
    if not quiz.questions:
        return  # YAML itself cannot hold it
    read, problems = quizfile.parse("q", quizfile.text(quiz, Layout(title="T", name="q", paper="a4")))
    assert problems == []
    assert read
    card = read.quiz.questions[0].card  # type: ignore[union-attr]  # it is of version 2
    assert isinstance(card, Options)
    assert {option.text for option in card.options} == {option.text for option in cards[0].options}  # type: ignore[union-attr]  # it has options
    assert card.question == cards[0].question  # type: ignore[union-attr]  # it has a question


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('correct: "MRI"', 'wrong: "MRI"'), ('wrong: "CT"', 'wrong: "Ultrasound"'), ("letters: A", "letters: B"),
        ("letters: A", "letters: A B"), ("letters: A", "letters: []"), ("points: 1", "points: 2"), ("gap: ", "gap: 9"),
         ("numbers: 1", "numbers: 2"), ("numbers: 1", "numbers: 1 2"), ("content: ", "content: 0"),
        ("weeks}}", "weeks"), ("weeks}}", "years}}"), ("forms: 1", "forms: 26"), ("paper: a4", "paper: a3"),
        ("paper: a4", "paper: {a: b}"), ("paper: a4", "paper: a4\n  logo_name: [x]\n  columns: 2000"),
        ("    options:", "    answer: x\n    options:"), ("{{c1::", "{{c1::" * 400), ("id: other", "id: scan"),
    ],
)  # fmt: skip
def test_a_file_that_was_tampered_with(before: str, after: str, project: MakeProject) -> None:
    root = project({"a.yaml": FOUR})
    data = printed(root)["q.quiz.yaml"].read_text()
    assert before in data
    remembered, problems = quizfile.parse("q", data.replace(before, after, 1).encode())
    assert remembered is None
    assert [problem.code for problem in problems] == ["quiz-file"]


def test_the_layout_is_remembered(project: MakeProject) -> None:
    root = project({"a.yaml": KINDS})
    layout: dict[str, Any] = {
        "large": True, "points": True, "institution": 'Clinic "A"', "instructions": "Write: clearly.",
        "paper": "letter", "answer_sheet": True, "fonts": ("Libertinus Serif",), "answers": "appended",
    }  # fmt: skip
    first = printed(root, how=order("q", 2, **layout))
    result = again(root, root / "same", root / "build/q.quiz.yaml", order(""))
    assert (result.problems, result.notices) == ([], ())
    for name in ("q-A.pdf", "q-B.pdf"):
        assert (root / "same" / name).read_bytes() == first[name].read_bytes()
    again(root, root / "other", root / "build/q.quiz.yaml", order("", large=False, answers="none", paper="a4"))
    reader = PdfReader(root / "other/q-A.pdf")
    assert float(reader.pages[0].mediabox.width) < 600, "A4"
    assert "ANSWERS" not in text_of(root / "other/q-A.pdf")
    assert 'Clinic "A"' in text_of(root / "other/q-A.pdf"), "what is not asked for stays"
    assert len(reader.pages) < len(PdfReader(first["q-A.pdf"]).pages)
    done = run("-C", root, "quiz", "--again", root / "build/q.quiz.yaml", "--no-large", "--out", root / "cli")
    assert done.returncode == 0
    again(root, root / "python", root / "build/q.quiz.yaml", order("", large=False))
    assert (root / "cli/q-A.pdf").read_bytes() == (root / "python/q-A.pdf").read_bytes()
    assert (root / "cli/q-A.pdf").read_bytes() != first["q-A.pdf"].read_bytes()


# --- what is chosen, and in which forms -----------------------------------------------------------------------------


def test_forms_differ_where_they_can(project: MakeProject) -> None:
    cards = "".join(f"  - id: c{n}\n    question: Q{n}?\n    answer: A\n    sources: book\n" for n in range(2))
    root = project({"a.yaml": f"topic: T\ncards:\n{cards}"})
    chosen = loaded(root)[0]
    for seed in range(40):
        quiz = arranged(select(chosen, "test", Request(seed=f"s{seed}")), 2)
        assert quiz.questions[0].numbers in ((1, 2), (2, 1)), seed
    done = run("-C", root, "quiz", "--forms", "3", "--name", "q")
    assert re.fullmatch(r"deckwright: form C is the same as form [AB]: .*\n", done.stderr)
    assert re.search(r"q-C\.pdf  \(2 questions, the same as form [AB]\)", done.stdout)
    one = run("-C", root, "quiz", "--count", "1", "--forms", "2", "--name", "one")
    assert "form B is the same as form A" in one.stderr


def test_clues_among_options_come_last(project: MakeProject) -> None:
    """While there are others, no question is asked whose answer is another's answer or among its options."""
    card = "  - id: {}\n    question: {}?\n    {}\n    sources: book\n"
    options = "options:\n      - correct: {}\n      - wrong: {}\n      - wrong: Neither"
    text = "topic: T\ncards:\n" + "".join(
        card.format(*row)
        for row in (
            ("gap", "What does the canal hold", "answer: Cauda equina"),
            ("level", "What is pressed", options.format("One root", "Roots of the cauda equina")),
            ("first", "Which scan for numbness", options.format("MRI", "X-ray")),
            ("second", "Which scan for fever", options.format("MRI", "Ultrasound")),
            ("plain", "How long", "answer: 12 weeks"),
        )
    )
    cards, _ = loaded(project({"a.yaml": text}))
    for seed in range(30):
        ids = {pick.id for pick in select(cards, "test", Request(seed=f"s{seed}", count=3)).picks}
        assert not {"gap", "level"} <= ids
        assert not {"first", "second"} <= ids
        assert len(select(cards, "test", Request(seed=f"s{seed}", count=5)).picks) == 5, "none is refused"


@pytest.mark.parametrize("text", ["no gap here", '"{c1::x}} y"', "'" + "{{c1::" * 400 + "x" + "}}" * 400 + "'"])
def test_a_cloze_that_cannot_be_asked(text: str, project: MakeProject) -> None:
    root = project({"a.yaml": KINDS + f"  - id: bad\n    cloze: {text}\n    sources: book\n"})
    done = run("-C", root, "quiz")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "cloze-" in done.stderr
    done = run("-C", root, "quiz", "--kind", "basic")
    assert done.returncode == 0
    assert "in other cards" in done.stderr


def test_options_without_effect(project: MakeProject) -> None:
    root = project({"a.yaml": KINDS})
    for arguments, said in (
        (["--font", "Nope Font"], "there is no font 'Nope Font'"),
        (["--font", "libertinus serif"], ""),
        (["--large", "--columns", "2"], "--columns has no effect in large print"),
        (["--to", "html", "--forms", "2", "--points"], "--points has no effect on html"),
        (["--to", "html", "--forms", "2"], "--forms has no effect on html"),
        (["--to", "flashcards", "--large"], "--large has no effect on flashcards"),
        (["--to", "docx", "--answer-sheet"], "--answer-sheet has no effect on docx"),
        (["--to", "docx", "--answers", "appended"], "--answers appended has no effect on docx"),
        (["--flip", "short"], "no effect without --to flashcards"),
        (["--columns", "1", "--paper", "letter"], ""),
    ):
        done = run("-C", root, "quiz", *arguments, "--name", "q", "--out", root / "-".join(arguments))
        assert done.returncode == 0
        assert said in done.stderr
        assert bool(said) == bool(done.stderr), arguments


def test_who_checked(project: MakeProject) -> None:
    root = project({"a.yaml": KINDS.replace("reviewed: 2026-11-20 JW", "reviewed: 2026-11-20")})
    printed(root)
    assert "last checked 2026-11-20 ·" in " ".join(text_of(root / "build/q-ANSWERS.pdf").split())


# --- for everybody ---------------------------------------------------------------------------------------------------


LAYOUTS: list[dict[str, Any]] = [{}, {"columns": 2}, {"large": True}]
PDFINFO = shutil.which("pdfinfo")


@pytest.mark.skipif(PDFINFO is None, reason="there is no pdfinfo here")
def test_gaps_and_lines_are_read_aloud(project: MakeProject) -> None:
    long = "  - id: long\n    question: Say all.\n    answer: " + "word " * 30 + "\n    sources: book\n"
    root = project({"a.yaml": KINDS + long})
    files = printed(root, how=order("q", 1, "pdf", "flashcards"))

    def aloud(name: str) -> str:
        done = subprocess.run([str(PDFINFO), "-struct-text", files[name]], capture_output=True, check=True)  # noqa: S603 - our file
        return " ".join(re.findall(r'^ *"(.*)"$', done.stdout.decode(errors="replace"), re.MULTILINE))

    sheet = re.sub(r"\s+", " ", aloud("q.pdf"))
    assert re.search(r"Pain is chronic from gap \(how long\) on|acute until gap \.", sheet)
    assert "Name blank Date blank Score blank" in sheet
    assert "1 line to write on" in sheet
    assert "6 lines to write on" in sheet
    assert re.search(r"from gap \(how long\) on|until gap \.", re.sub(r"\s+", " ", aloud("q-flashcards.pdf")))


def test_an_answer_sheet_is_a_leaf(project: MakeProject) -> None:
    root = project({"a.yaml": KINDS})
    for number, layout in enumerate(LAYOUTS):
        made = printed(root, how=order(f"q{number}", 2, answer_sheet=True, **layout))
        pages = [page.extract_text() for page in PdfReader(made[f"q{number}-B.pdf"]).pages]
        assert "Answer sheet of form B" in pages[0]
        assert "Name" in pages[0]
        assert "Which" not in pages[0] + pages[1]
        assert "left blank" in pages[1]
        assert "Name" in pages[2]
        assert "Which are red flags" in pages[2]
        assert len(pages) % 2 == 0


def test_questions_that_fit_stay_whole(project: MakeProject) -> None:
    """Pictures with long descriptions and lists with many lines are measured, not estimated."""
    tall = b'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><circle cx="20" cy="20" r="15"/></svg>'
    alt = "a long description " * 30
    cards = "".join(
        f"  - id: p{n}\n    question: 'begin{n}e ![{alt}](circle.svg) end{n}e'\n    items:\n"
        + "".join(f"      - Entry {m} which takes more than a line to write, {'long ' * 4}\n" for m in range(4))
        + "    sources: book\n"
        for n in range(6)
    )
    root = project({"a.yaml": f"topic: T\ncards:\n{cards}", "media/circle.svg": tall})
    for number, layout in enumerate(LAYOUTS):
        path = printed(root, how=order(f"q{number}", 1, **layout))[f"q{number}.pdf"]
        for page in PdfReader(path).pages:
            text = page.extract_text()
            assert set(re.findall(r"begin(\d)e", text)) == set(re.findall(r"end(\d)e", text)), layout


def test_documents_have_pictures_and_lists_of_their_own(project: MakeProject) -> None:
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="400"><circle cx="20" cy="20" r="15"/></svg>'
    cards = "".join(
        f"  - id: o{n}\n    question: 'Steps {n}? ![a round shape](circle.svg)'\n    ordered: true\n"
        "    items:\n      - First\n      - Second\n    sources: book\n"
        for n in range(2)
    )
    root = project({"a.yaml": f"topic: T\ncards:\n{cards}", "media/circle.svg": svg})
    files = printed(root, how=order("q", 1, "docx"))
    sheet: Any = docx.Document(str(files["q.docx"]))
    assert len(sheet.inline_shapes) == 2
    for shape in sheet.inline_shapes:
        assert shape._inline.docPr.get("descr") == "a round shape"
        assert shape.height.mm <= 120.1
    with zipfile.ZipFile(files["q.docx"]) as archive:
        [name] = [name for name in archive.namelist() if "media/" in name]
        assert archive.read(name).startswith(b"\x89PNG")
    answers: Any = docx.Document(str(files["q-ANSWERS.docx"]))
    listed = [
        paragraph.text for paragraph in answers.paragraphs if "First" in paragraph.text or "Second" in paragraph.text
    ]
    assert listed == ["1.\tFirst", "2.\tSecond"] * 2, "the second list begins at 1"


def test_a_key_whose_folder_is_in_use(project: MakeProject) -> None:
    """The record of printed sheets is never overwritten: the same request with other words is refused."""
    root = project({"a.yaml": FOUR})
    printed(root)
    (root / "cards/a.yaml").write_text(FOUR.replace("Bone scan", "Bone scintigraphy"))
    [problem] = make(root, root / "build", Request(), order()).problems
    assert problem.code == "quiz-exists"
    key(root, "build")
    assert "Bone scan" in (root / "build/q.quiz.yaml").read_text()
