"""Quizzes: which questions, in which order, and what the PDFs, pages and documents say when they are read back."""

import io
import json
import os
import re
import shutil
import time
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from itertools import groupby
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.enum.text import WD_TAB_LEADER
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from conftest import CASES, ROOT, SVG, MakeProject, letters
from deckwright.files import Folder
from deckwright.markup import tex
from deckwright.model import CardKind, Deck
from deckwright.problem import errors
from deckwright.quiz import file as quizfile
from deckwright.quiz.arrange import arranged
from deckwright.quiz.formats import QUIZ_FORMATS
from deckwright.quiz.forms import Form, forms
from deckwright.quiz.job import Cutting, Layout
from deckwright.quiz.marking import gap_width
from deckwright.quiz.pdf.engine import Document, Fault, draw
from deckwright.quiz.printing import Order, again, asked_already, make
from deckwright.quiz.select import Request, letter, select
from deckwright.reading.cards import card_files, load_cards, load_deck
from deckwright.reading.quoting import quote
from test_commands import run

KINDS = """\
topic: Back::Basics
tags: [basics]
cards:
  - id: one-of
    question: New saddle numbness. Which imaging first?
    options:
      - correct: Emergency **MRI**
        why: It shows the nerve roots.
      - wrong: Plain radiograph
        why: It shows bone alone.
      - wrong: CT of the head
      - wrong: None of the above
    explanation: Every hour counts.
    sources: hoy-2012 p. 7
    reviewed: 2026-11-20 JW
  - id: many-of
    question: Which are red flags?
    options:
      - correct: Fever
      - correct: Weight loss
      - wrong: Stiffness at noon
    sources: book
  - id: gaps
    cloze: Pain is chronic from {{c1::12 weeks::how long}} on, and acute until {{c2::6 weeks}}.
    sources: book
  - id: written
    question: How many people had it in the older estimate?
    answer: 632 million
    also: [630 million]
    as_of: 2010
    status: contested
    caveat: Estimates differ.
    sources: hoy-2012
  - id: listed
    question: Name the classes by cause.
    items:
      - Mechanical
      - Referred
      - retired: Lumbago
    sources: book
  - id: old
    question: What was said once?
    answer: Bed rest
    as_of: 1990
    status: superseded
    caveat: No longer.
    sources: book
  - id: gone
    question: What was withdrawn?
    answer: This one
    withdrawn: {on: 2026-01-01, reason: Wrong}
  - id: unfinished
    question: What is a draft?
    answer: This one
    status: draft
"""
USED = {"one-of", "many-of", "gaps", "written", "listed"}


def loaded(root: Path) -> tuple[list[CardKind], Deck]:
    files = Folder(root)
    deck, _ = load_deck(files)
    names, _ = card_files(files)
    return [card for name in names for card in load_cards(name, files.read(name), deck).cards], deck


def order(name: str = "q", forms: int = 1, *targets: str, **layout: Any) -> Order:
    return Order(
        layout=Layout(title="", name=name, **{"paper": "", **layout}),
        given=frozenset(layout),
        cutting=Cutting(),
        forms=forms,
        targets=targets or ("pdf",),
    )


def printed(root: Path, request: Request | None = None, how: Order | None = None) -> dict[str, Path]:
    result = make(root, root / "build", request or Request(), how or order())
    assert errors(result.problems) == []
    return {path.name: path for path, _ in result.written}


def text_of(path: Path) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(path).pages)


# --- which, and in which order ---------------------------------------------------------------------------------


def test_what_is_asked(project: MakeProject) -> None:
    cards, _ = loaded(project({"a.yaml": KINDS}))
    selected = select(cards, "test", Request())
    assert {chosen.id for chosen in selected.picks} == USED
    assert (len(selected.picks), selected.superseded) == (5, 1)
    with_old = select(cards, "test", Request(superseded=True))
    assert {chosen.id for chosen in with_old.picks} == {*USED, "old"}
    for request, expected in (
        (Request(kinds=("options",)), {"one-of", "many-of"}),
        (Request(kinds=("cloze", "items")), {"gaps", "listed"}),
        (Request(tags=("basics",), ids=("written",)), {"written"}),
        (Request(topics=("Back",)), USED),
        (Request(topics=("Bac",)), set()),
        (Request(excluded=frozenset({"one-of"})), USED - {"one-of"}),
    ):
        assert {chosen.id for chosen in select(cards, "test", request).picks} == expected


def many(topics: int, cards: int) -> dict[str, str | bytes]:
    return {
        f"{topic}.yaml": f"topic: Topic {topic}\ncards:\n"
        + "".join(
            f"  - id: t{topic}-c{n}\n    question: Question {n} of {topic}?\n    answer: A\n    sources: book\n"
            for n in range(cards)
        )
        for topic in range(topics)
    }


def test_a_selection_is_balanced_and_stays(project: MakeProject) -> None:
    files = many(3, 10)
    cards, _ = loaded(project(files))
    chosen = [one.id for one in select(cards, "test", Request(count=9)).picks]
    assert [sum(id_.startswith(f"t{topic}") for id_ in chosen) for topic in range(3)] == [3, 3, 3]
    for change in (
        ("0.yaml", str(files["0.yaml"]).replace("Question 1 of", "What is question 1 of")),
        ("0.yaml", re.sub(r"(?s)(  - id: t0-c0.*?)(  - id: t0-c1.*?)(?=  - id)", r"\2\1", str(files["0.yaml"]))),
        ("3.yaml", str(files["2.yaml"]).replace("t2-", "t3-").replace("Topic 2", "Topic 3")),
    ):
        changed, _ = loaded(project({**files, change[0]: change[1]}))
        request = Request(count=9, topics=("Topic 0", "Topic 1", "Topic 2"))
        before = [one.id for one in select(cards, "test", request).picks]
        assert [one.id for one in select(changed, "test", request).picks] == before
    other = [one.id for one in select(cards, "test", Request(count=9, seed="x")).picks]
    assert other != chosen


def test_numbers_of_topics(project: MakeProject) -> None:
    files = many(2, 6)
    nested = str(files["0.yaml"]).replace("t0-", "sub-").replace("topic: Topic 0", "topic: Topic 0::Sub")
    cards, _ = loaded(project({**files, "sub.yaml": nested.replace("Question", "Sub question")}))

    def of(*blueprint: tuple[str, int]) -> tuple[list[int], tuple[tuple[str, int, int], ...]]:
        selected = select(cards, "test", Request(blueprint=blueprint, seed="s"))
        ids = [pick.id for pick in selected.picks]
        return [sum(id_.startswith(start) for id_ in ids) for start in ("t0", "sub", "t1")], selected.short

    assert of(("Topic 0::Sub", 4), ("Topic 1", 2)) == ([0, 4, 2], ())
    (own, sub, other), short = of(("Topic 0", 8), ("Topic 0::Sub", 4))
    assert (own + sub, other, short) == (12, 0, ()), "a card counts for the narrowest topic that still wants one"
    assert of(("Topic 0", 9), ("Topic 0::Sub", 4))[1] == (("Topic 0", 9, 8),)
    assert of(("Topic 1", 5), ("Topic 1", 2))[1] == (("Topic 1", 2, 1),)
    first = select(cards, "test", Request(blueprint=(("Topic 1", 3),)))
    again_ = select(cards, "test", Request(blueprint=((" topic 1 ", 3),)))
    assert (first.picks, first.seed) == (again_.picks, again_.seed), "the same request, written otherwise"
    assert first.seed != select(cards, "test", Request(blueprint=(("Topic 1", 4),))).seed


def test_not_two_questions_with_the_same_answer(project: MakeProject) -> None:
    """If others are available."""
    vignette = "  - id: v{0}\n    question: Case {0}. Which imaging?\n    options:\n      - correct: Emergency MRI\n      - wrong: Bed rest of {0} days\n    sources: book\n"  # noqa: E501
    other = "  - id: o{0}\n    question: Which number is {0}?\n    answer: n{0}\n    sources: book\n"
    text = "".join(vignette.format(n) for n in range(4)) + "".join(other.format(n) for n in range(4))
    cards, _ = loaded(project({"a.yaml": f"topic: T\ncards:\n{text}"}))
    for seed in range(20):
        for request in (Request(count=5, seed=f"s{seed}"), Request(blueprint=(("T", 5),), seed=f"s{seed}")):
            ids = [pick.id for pick in select(cards, "test", request).picks]
            assert sum(id_.startswith("v") for id_ in ids) == 1
    assert len(select(cards, "test", Request(count=8)).picks) == 8, "and otherwise all the same"


def test_no_question_answers_another(project: MakeProject) -> None:
    card = "  - id: {}\n    question: {}\n    answer: {}\n    sources: book\n"
    text = (
        "topic: T\ncards:\n"
        + card.format("one", "Which nerve is the thickest?", "Sciatic nerve")
        + card.format("two", "From which roots does the sciatic nerve come?", "L4 to S3")
        + card.format("three", "Which muscle flexes the hip?", "Iliopsoas")
    )
    cards, _ = loaded(project({"a.yaml": text}))
    selected = select(cards, "test", Request())
    assert (len(selected.picks), selected.alike) == (2, 1)
    both = select(cards, "test", Request(ids=("one", "two")))
    assert len(both.picks) == 2, "who names them gets them"


def test_order_policy_on_every_form(project: MakeProject) -> None:
    numbers = "topic: T\ncards:\n  - id: numbers\n    question: How long?\n    options:\n" + "".join(
        f"      - {'correct' if n == 12 else 'wrong'}: {n} weeks\n" for n in (12, 6, 24, 3)
    )
    lettered = (
        "  - id: lettered\n    question: Which?\n    options:\n      - wrong: Left\n      - correct: Right\n"
        "      - wrong: Both option A and option B\n    sources: book\n"
    )
    root = project({"a.yaml": KINDS, "b.yaml": numbers + "    sources: book\n" + lettered})
    cards, deck = loaded(root)
    by_id: dict[str, CardKind] = {card.id: card for card in cards}
    made = forms(arranged(select(cards, "test", Request(kinds=("options", "items"))), 26), by_id, deck, {})
    assert [form.letter for form in made] == [chr(65 + n) for n in range(26)]
    shown: dict[str, set[tuple[str, ...]]] = {}
    for form in made:
        for question in form.questions:
            texts = tuple(str(choice.text) for choice in question.choices)
            shown.setdefault(question.id, set()).add(texts)
            if question.id == "one-of":
                assert "None of the above" in texts[-1]
    assert len(shown["one-of"]) == 6
    assert shown["numbers"] == {tuple(str([f"{n} weeks"]) for n in (3, 6, 12, 24))}
    assert len(shown["lettered"]) == 1
    assert len({tuple(question.id for question in form.questions) for form in made}) > 1
    sections = [question.section for question in made[0].questions]
    assert sections == sorted(sections, key=["choices", "gaps", "written"].index)


def keys_of(form: Form) -> list[str]:
    """The correct letters of a form, in the order of its questions."""
    return [question.letters for question in form.questions]


def longest_run(keys: Sequence[str]) -> int:
    return max(len(list(same)) for _, same in groupby(keys))


def test_keys_are_balanced_on_every_form(project: MakeProject) -> None:
    options = [f"      - {'correct' if n == 0 else 'wrong'}: Text {n}\n" for n in range(4)]
    card = "  - id: c{}\n    question: Which?\n    options:\n{}    sources: book\n"
    few = "".join(card.format(n, "".join(options[:3])) for n in range(6))
    more = "".join(card.format(n, "".join(options)) for n in range(6, 18))
    last = more.replace("Text 0", "None of the above").replace("id: c", "id: last-c")
    for text, fixed in ((few + more, 0), (few + more + last, 12)):
        over = 0
        cards, deck = loaded(project({"a.yaml": f"topic: T\ncards:\n{text}"}))
        by_id: dict[str, CardKind] = {card.id: card for card in cards}
        seen: set[tuple[str, str]] = set()
        for seed in range(60):
            made = forms(arranged(select(cards, "test", Request(seed=f"s{seed}")), 3), by_id, deck, {})
            for form in made:
                free = [question for question in form.questions if not question.id.startswith("last")]
                tally = Counter(question.letters for question in free)
                if fixed:
                    assert tally["D"] == 0, "the fixed keys are D, and more than a fair share"
                else:
                    # The fair share of A to C is 12/4 + 6/3 = 5, that of D 3. One more may be there.
                    assert longest_run(keys_of(form)) <= 3
                    over += max(tally[key] for key in "ABC") > 6 or tally["D"] > 4
                seen.update((question.id, question.letters) for question in free)
            assert len({tuple(keys_of(form)) for form in made}) == 3
        assert over <= 1, "of 180 forms: where the rules clash, a long run is worse"
        assert len(seen) == (6 * 3 + 12 * 4 if not fixed else 18 * 3), "each key has each letter on some form"


def test_letters() -> None:
    assert [letter(n) for n in (0, 25, 26, 27, 51, 52, 59)] == ["A", "Z", "AA", "AB", "AZ", "BA", "BH"]


# --- sheets read back ------------------------------------------------------------------------------------------


def test_sheets_and_answers(project: MakeProject) -> None:
    root = project({"a.yaml": KINDS})
    files = printed(root, how=order("thursday", 2))
    assert sorted(files) == [
        "thursday-A-ANSWERS.pdf", "thursday-A.pdf", "thursday-B-ANSWERS.pdf", "thursday-B.pdf", "thursday.quiz.yaml",
    ]  # fmt: skip
    digest = re.search(r"digest: (\w+)", files["thursday.quiz.yaml"].read_text())
    assert digest
    for form in "AB":
        sheet, answers = text_of(files[f"thursday-{form}.pdf"]), text_of(files[f"thursday-{form}-ANSWERS.pdf"])
        for asked in (
            "Which imaging first",
            "Which are red flags",
            "Pain is chronic",
            "older estimate",
            "Name the classes",
        ):
            assert letters(sheet).count(letters(asked)) == 1
        for hidden in ("nerve roots", "632", "Mechanical", "Lumbago", "ANSWERS", "hoy", "Hoy"):
            assert hidden not in sheet
        assert ("12 weeks" in sheet) != ("6 weeks" in sheet), "one gap is open, the other filled"
        for page in PdfReader(files[f"thursday-{form}-ANSWERS.pdf"]).pages:
            assert "ANSWERS – do not hand out" in page.extract_text()
        for said in ("632 million", "630 million", "nerve roots", "shows bone alone", "Every hour", "Estimates differ",
                     "Contested", "as of 2010",
                     "Hoy D, et al., Arthritis Rheum 2012, p. 7", "reviewed 2026-11-20 by JW",
                     "not reviewed yet", "exactly these are marked"):  # fmt: skip
            assert letters(said) in letters(answers), said
        for text in (sheet, answers):
            assert f"Form {form}" in text
            assert digest[1] in text
            assert "seed" in text


def structure(reader: PdfReader) -> list[Any]:
    """All elements of a PDF's tag tree, in reading order."""
    found = []

    def walk(node: Any) -> None:
        node = node.get_object()
        if not hasattr(node, "get"):
            return
        if "/S" in node:
            found.append(node)
        children = node.get("/K", [])
        for child in children if isinstance(children, list) else [children]:
            walk(child)

    root: Any = reader.trailer["/Root"]
    walk(root["/StructTreeRoot"])
    return found


def kinds(nodes: Sequence[Any]) -> list[str]:
    return [str(node.get_object()["/S"]) for node in nodes]


def test_tags_for_those_who_cannot_see(project: MakeProject) -> None:
    picture = "  - id: seen\n    question: What is this? ![a round shape](circle.svg)\n    answer: $x^{2} \\le \\frac{1}{2}$\n    sources: book\n"  # noqa: E501
    table = "  - id: table\n    question: |\n      Look.\n\n      | a | b |\n      |---|---|\n      | 1 | 2 |\n    answer: It\n    sources: book\n"  # noqa: E501
    deck = "title: Test deck\nnamespace: test\nlanguage: en-GB\n"
    root = project({"a.yaml": KINDS + picture + table, "deck.yaml": deck, "media/circle.svg": SVG})
    files = printed(root, how=order("q", 1, "pdf", "flashcards"))
    tags: list[Any] = []
    for path in files.values():
        if path.suffix == ".pdf":
            reader = PdfReader(path)
            root_object: Any = reader.trailer["/Root"]
            assert root_object["/MarkInfo"]["/Marked"] is True or root_object["/MarkInfo"]["/Marked"].value
            assert str(root_object["/Lang"]) == "en-GB"
            assert b"pdfuaid" in root_object["/Metadata"].get_data()
            assert reader.metadata
            assert reader.metadata.title
            tags += structure(reader)
    assert {"/H1", "/H2", "/H3", "/Table", "/TH", "/TD", "/L", "/LI", "/P", "/Figure", "/Formula"} <= set(kinds(tags))
    assert {"a round shape", "x^2 ≤ (1)/(2)"} <= {str(node["/Alt"]) for node in tags if "/Alt" in node}


def outline(reader: PdfReader) -> list[str]:
    """The titles in the outline, each indented by its level."""

    def walk(entries: Sequence[Any], level: int) -> list[str]:
        return [
            line
            for entry in entries
            for line in (
                walk(entry, level + 1) if isinstance(entry, list) else ["  " * level + " ".join(entry.title.split())]
            )
        ]

    return walk(reader.outline, 0)


def test_questions_are_headings_and_options_are_lists(project: MakeProject) -> None:
    """A screen reader can jump from question to question, and says how many options there are."""
    root = project({"a.yaml": KINDS})
    files = printed(root, how=order("q", 1, "pdf", "flashcards"))
    sheet, answers = PdfReader(files["q.pdf"]), PdfReader(files["q-ANSWERS.pdf"])
    sections = [
        "  Multiple choice",
        "    1.",
        "    2.",
        "  Fill the gaps",
        "    3.",
        "  Written answers",
        "    4.",
        "    5.",
    ]
    assert outline(sheet) == ["Test deck: quiz", *sections]
    assert outline(answers) == ["Test deck: quiz – answers", "  Marking strip", *sections]
    lists = [node["/K"] for node in structure(sheet) if node["/S"] == "/L"]
    assert sorted(map(len, lists)) == [2, 3, 4], "the lines of a list, and the options of two questions"
    for items in lists:
        for item in items:
            assert kinds([item]) == ["/LI"]
            assert kinds(item.get_object()["/K"]) == ["/Lbl", "/LBody"]
    cards = outline(PdfReader(files["q-flashcards.pdf"]))
    assert cards[:2] == ["Cards 1 to 5: questions", "  1 · question"]
    assert [line for line in cards if not line.startswith(" ")] == ["Cards 1 to 5: questions", "Cards 1 to 5: answers"]


def test_sources_are_links_in_the_answer_key(project: MakeProject) -> None:
    files = printed(project({"a.yaml": KINDS}))

    def links(name: str) -> list[str]:
        pages = PdfReader(files[name]).pages
        marks = [mark.get_object() for page in pages for mark in page.get("/Annots", [])]
        return [str(mark["/A"]["/URI"]) for mark in marks]

    assert links("q.pdf") == []
    assert links("q-ANSWERS.pdf") == ["https://doi.org/10.1002/art.34347"] * 2
    assert "/Link" in kinds(structure(PdfReader(files["q-ANSWERS.pdf"])))


def test_the_strip_marks_the_column_of_its_form(project: MakeProject) -> None:
    files = printed(project({"a.yaml": KINDS}), how=order("q", 3))

    def shaded(name: str) -> list[float]:
        """Where the grey cells of the first page begin."""
        drawn = PdfReader(files[name]).pages[0].get_contents()
        assert drawn is not None
        cells = re.findall(r"1 0 0 -1 ([\d.]+) [\d.]+ cm\s*/c0 cs 0\.85\d* scn", drawn.get_data().decode("latin-1"))
        return [float(cell) for cell in cells]

    columns = [shaded(f"q-{form}-ANSWERS.pdf") for form in "ABC"]
    assert [len(cells) for cells in columns] == [3, 3, 3], "a header and two questions"
    assert len({cells[0] for cells in columns}) == 3


def test_loose_leaves_can_be_matched(project: MakeProject) -> None:
    """Every page has the form's letter, the line that identifies the quiz, and every leaf a name."""
    root = project({**many(2, 20), "k.yaml": KINDS})
    files = printed(root, how=order("q", 2, answers="appended", answer_sheet=True))
    for form in "AB":
        pages = [page.extract_text() for page in PdfReader(files[f"q-{form}.pdf"]).pages]
        key = next(number for number, text in enumerate(pages) if "do not hand out" in text)
        assert key >= 6
        for number, text in enumerate(pages):
            assert form in text.split("\n", 1)[0].split(), "in its box at the top"
            assert f"Form {form} · quiz " in text
            assert ("Name blank" in text) == (number % 2 == 0 and number < key), number


def test_status_and_points_are_printed_on_demand(project: MakeProject) -> None:
    root = project({"a.yaml": KINDS})
    plain = text_of(printed(root, how=order("q"))["q.pdf"])
    assert "ontested" not in plain
    assert plain.count("point") == 3, "in the total, and in how lists are counted"
    made = printed(root, how=order("r", 1, status=True, points=True))
    assert "[Contested · as of 2010]" in text_of(made["r.pdf"])
    assert len(re.findall(r"(?m)\b1 point$", text_of(made["r.pdf"]))) == 4
    assert len(re.findall(r"(?m)\b2 points$", text_of(made["r.pdf"]))) == 1
    assert "\n  status: true\n" in made["r.quiz.yaml"].read_text()


def test_how_to_answer_is_said(project: MakeProject) -> None:
    root = project({"a.yaml": KINDS})
    circle, counts = "circle the letter of the right answer", "A list counts one point for each entry"
    for number, (request, layout, said) in enumerate((
        (Request(), {}, {circle, counts}),
        (Request(kinds=("options",)), {}, {circle}),
        (Request(kinds=("items",)), {}, {counts}),
        (Request(kinds=("basic",)), {}, set()),
        (Request(), {"answer_sheet": True}, {"mark your answers on the answer sheet", counts}),
    )):  # fmt: skip
        made = printed(root, request, order(f"q{number}", 1, **layout))
        sheet = " ".join(text_of(made[f"q{number}.pdf"]).split())
        assert {text for text in (circle, counts, "mark your answers on the answer sheet") if text in sheet} == said
        assert sheet.count("End of the quiz") == 1
        assert "End of the quiz" not in text_of(made[f"q{number}-ANSWERS.pdf"])


def test_lines_to_write_on(project: MakeProject) -> None:
    """A written answer has at least as many lines as were asked for, the entries of a list what the longest needs."""
    items = (
        "  - id: uneven\n    question: Which?\n    items:\n      - Short\n      - "
        + "long " * 20
        + "\n    sources: book\n"
    )
    root = project({"a.yaml": KINDS + items})
    request = Request(ids=("written", "uneven"))

    def lines(name: str, **layout: Any) -> list[int]:
        """How many lines each answer has, as they are read aloud."""
        text = text_of(printed(root, request, order(name, 1, **layout))[f"{name}.pdf"])
        return sorted(map(int, re.findall(r"(\d+) lines? to write on", text)))

    assert lines("q") == [1, 4, 4]
    assert lines("q1", lines=1) == [1, 4, 4]
    assert lines("q6", lines=6) == [4, 4, 6]
    assert lines("q2", columns=2) == [1, 7, 7], "narrower columns have more of them"
    assert "\n  lines: 6\n" in (root / "build/q6.quiz.yaml").read_text()


def test_short_options_stand_side_by_side(project: MakeProject) -> None:
    def card(id_: str, *options: str) -> str:
        lines = "".join(f"      - {'wrong' if n else 'correct'}: {text}\n" for n, text in enumerate(options))
        return f"  - id: {id_}\n    question: Which is {id_}?\n    options:\n{lines}    sources: book\n"

    half, whole = "some words that fill half a line", "some words that fill more than half a line, and so a line"
    cards = card("row", "One", "Two", "Three") + card("pairs", *(f"{n} {half}" for n in "abcd"))
    cards += card("below", *(f"{n} {whole}" for n in "abc")) + card("math", "$x^2$", "'**bold**'", "H~2~O")
    cards += card("picture", "One ![round](circle.svg)", "Two", "Three")
    root = project({"a.yaml": f"topic: T\ncards:\n{cards}", "media/circle.svg": SVG})
    heights: dict[str, dict[str, float]] = {}

    def note(text: str, page: Sequence[float], matrix: Sequence[float], *_: object) -> None:
        """Notes how high on its page each letter stands, by the id of its question."""
        if asked := re.search(r"Which is (\w+)", text):
            heights[asked[1]] = {}
        elif lettered := re.match(r"([A-D])\.", text.strip()):
            heights[list(heights)[-1]][lettered[1]] = round(page[3] * matrix[5] + page[5])

    for page in PdfReader(printed(root)["q.pdf"]).pages:
        page.extract_text(visitor_text=note)
    rows = {id_: [letter for letter in found if found[letter] == found["A"]] for id_, found in heights.items()}
    assert rows == {
        "row": ["A", "B", "C"],
        "math": ["A", "B", "C"],
        "pairs": ["A", "C"],
        "below": ["A"],
        "picture": ["A"],
    }


def test_a_bare_term_is_to_be_defined(project: MakeProject) -> None:
    card = "  - id: {}\n    question: {}\n    answer: Pain along a nerve\n    reverse: {}\n    sources: book\n"
    cards = card.format("term", "Sciatica (the symptom)", "true") + card.format("asked", "What is a nerve?", "true")
    root = project({"a.yaml": "topic: T\ncards:\n" + cards + card.format("one-way", "Name of the pain", "false")})
    files = printed(root, Request(ids=("term", "asked", "one-way")), order("q", 1, "pdf", "html"))
    for text in (text_of(files["q.pdf"]), files["q.html"].read_text()):
        assert text.count("Define: Sciatica (the symptom)") >= 1
        assert "Define: What" not in text
        assert "Define: Name" not in text


RIGHT_TO_LEFT = """\
topic: גב
cards:
  - id: choice
    question: איזו בדיקה ראשונה?
    options:
      - correct: צילום
      - wrong: דימות
    sources: book
  - id: gap
    cloze: כאב הוא כרוני אחרי {{c1::12 שבועות}} וחריף עד 6 שבועות.
    sources: book
  - id: steps
    question: אילו צעדים?
    items:
      - אחד
      - שניים
    sources: book
"""


def test_right_to_left(project: MakeProject) -> None:
    """Numbers, letters and words of other languages begin at the right edge, and the first option is the right one."""
    deck = "title: כאב\nnamespace: test\nlanguage: he-IL\n"
    root = project({"a.yaml": RIGHT_TO_LEFT, "deck.yaml": deck})
    files = printed(root, how=order("q", 2, "pdf", "flashcards", points=True))
    lefts: dict[str, float] = {}

    def note(text: str, matrix: Sequence[float], text_matrix: Sequence[float], *_: object) -> None:
        for word in ("Multiple", "Name", "Score", "Page", "A", "B", "quiz"):
            if word in text.split() or f"{word}." in text.split() or f".{word}" in text.split():
                lefts.setdefault(word, text_matrix[4] + matrix[4])

    reader = PdfReader(files["q-A.pdf"])
    reader.pages[0].extract_text(visitor_text=note)
    assert str(reader.trailer["/Root"]["/Lang"]) == "he-IL"  # type: ignore[index]  # it is a dictionary
    assert lefts["Name"] > lefts["Score"]
    assert lefts["Page"] < 100


def test_even_pages_and_layouts(project: MakeProject) -> None:
    files = many(2, 30)
    root = project({**files, "k.yaml": KINDS, "media/circle.svg": SVG})
    layouts: list[dict[str, Any]] = [
        {}, {"columns": 2}, {"large": True}, {"paper": "letter"}, {"points": True, "answer_sheet": True},
        {"institution": "Clinic", "instructions": "Write clearly.", "answers": "appended"},
    ]  # fmt: skip
    for number, layout in enumerate(layouts):
        made = printed(root, how=order(f"q{number}", 1, **layout))
        reader = PdfReader(made[f"q{number}.pdf"])
        assert len(reader.pages) % 2 == 0
        text = text_of(made[f"q{number}.pdf"])
        for asked in ("Which are red flags", "Question 29 of 1"):
            assert letters(asked) in letters(text), layout
        for place, page in enumerate(reader.pages, 1):
            assert f"Page {place} of {len(reader.pages)}" in page.extract_text()
        warned = [page.extract_text().count("ANSWERS") == 2 for page in reader.pages]
        assert warned == sorted(warned), "the questions, then the answers"
        assert any(warned) == (layout.get("answers") == "appended")
        assert (f"q{number}-ANSWERS.pdf" in made) == (layout.get("answers") != "appended")
    width = float(PdfReader(root / "build/q3.pdf").pages[0].mediabox.width)
    assert width == 612


def test_the_same_bytes(project: MakeProject, tmp_path: Path) -> None:
    root = project({"a.yaml": KINDS, "media/circle.svg": SVG})
    how = order("q", 2, "pdf", "flashcards", "html", "docx")
    first = {name: path.read_bytes() for name, path in printed(root, how=how).items()}
    time.sleep(1.1)
    shutil.copytree(root / "cards", tmp_path / "elsewhere/cards")
    second = {name: path.read_bytes() for name, path in printed(tmp_path / "elsewhere", how=how).items()}
    assert first == second


WITHOUT_SHRINKING = [Phase.explicit, Phase.reuse, Phase.generate]
WORD = st.sampled_from(["alpha", "beta", "gamma", "delta", "#read", "$x$", "*", "]", "Ω", "≥ 3"])
WORDS = st.lists(WORD, min_size=1, max_size=5).map(" ".join)
OPTIONS = st.lists(st.tuples(WORDS, st.booleans()), min_size=2, max_size=7)
DECKS = st.lists(OPTIONS, min_size=1, max_size=8)


def choices(place: int, options: list[tuple[str, bool]]) -> str:
    """Options with a mark on each: `k2o0ye` is card 2's option 0, correct. The first is correct, the last is wrong."""
    lines = []
    for number, (text, right) in enumerate(options):
        correct = number == 0 or (right and number < len(options) - 1)
        marked = quote(f"{text} k{place}o{number}{'y' if correct else 'n'}e")
        lines.append(f"      - {'correct' if correct else 'wrong'}: {marked}\n")
    return "".join(lines)


def lettered_marks(text: str) -> dict[str, str]:
    """The letter before each mark on a sheet."""
    found, last = {}, ""
    for match in re.finditer(r"\b([A-H])\.|(k\d+o\d+[yn])e", text):
        last = match[1] or last
        if match[2]:
            found[match[2]] = last
    return found


@settings(
    max_examples=8, deadline=None, phases=WITHOUT_SHRINKING, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(DECKS, st.text("abc123", min_size=1, max_size=6), st.integers(1, 4))
def test_answers_agree_with_sheets(
    tmp_path_factory: pytest.TempPathFactory, deck: list[list[tuple[str, bool]]], seed: str, number: int
) -> None:
    """On every form of any deck, the letters of the answers are those of the correct options on the sheet."""
    root = tmp_path_factory.mktemp("quiz")
    (root / "cards").mkdir()
    (root / "cards/deck.yaml").write_text("title: T\nnamespace: t\n")
    (root / "cards/sources.yaml").write_text("book:\n  title: B\n  kind: textbook\n  isbn: 1\n")
    cards = "".join(
        f"  - id: c{place}\n    question: Q q{place}e?\n    options:\n{choices(place, options)}    sources: book\n"
        for place, options in enumerate(deck)
    )
    (root / "cards/a.yaml").write_text(f"topic: T\ncards:\n{cards}", encoding="utf-8")
    files = printed(root, Request(seed=seed), order("q", number))
    for form in [f"-{chr(65 + n)}" for n in range(number)] if number > 1 else [""]:
        sheet, answers = text_of(files[f"q{form}.pdf"]), text_of(files[f"q{form}-ANSWERS.pdf"])
        assert sorted(re.findall(r"q(\d+)e", sheet)) == sorted(str(n) for n in range(len(deck)))
        on_sheet, on_answers = lettered_marks(sheet), lettered_marks(answers)
        assert len(on_sheet) == sum(map(len, deck))
        assert on_answers == {mark: letter for mark, letter in on_sheet.items() if mark.endswith("y")}


HOSTILE = [
    '#read("/etc/passwd")', "$x$ and #sys.inputs", "a ] b [ c", "*/ /* // end", "back\\\\slash",
    "`raw` <script>alert(1)</script>",
    "override \u202etxt.exe\u202c end", "W" * 10_000, "{{c1::not a gap}}", "= Heading", "@ref <label> https://example.org",
    "שלום עולם", "מרפא 12 weeks",
]  # fmt: skip


def test_hostile_cards(project: MakeProject) -> None:
    cards = "".join(
        f"  - id: h{n}\n    question: {quote(f'Q{n} {text}')}\n    answer: {quote(text)}\n    sources: book\n"
        for n, text in enumerate(HOSTILE)
    )
    root = project({"a.yaml": "topic: T\ncards:\n" + cards})
    files = printed(root, how=order("q", 1, "pdf", "flashcards", "html", "docx"))
    sheet = text_of(files["q.pdf"])
    assert "root:" not in sheet
    for said in ('#read("/etc/passwd")', "a ] b [ c", "#sys.inputs"):
        assert letters(said) in letters(sheet)
    assert letters(sheet).count("W") >= 10_000
    page = files["q.html"].read_text()
    assert "<script>alert" not in page
    document = docx.Document(io.BytesIO(files["q.docx"].read_bytes()))
    assert any('#read("/etc/passwd")' in paragraph.text for paragraph in document.paragraphs)


def test_a_missing_glyph_names_card_field_and_sign(project: MakeProject) -> None:
    root = project({"a.yaml": KINDS.replace("Every hour counts", "Every hour 漢 counts")})
    result = make(root, root / "build", Request(), order())
    assert [problem.code for problem in result.problems] == ["missing-glyph"]
    assert "'漢' (U+6F22) in `explanation` of card one-of" in result.problems[0].message
    assert result.written == []
    assert not (root / "build").exists()
    assert run("-C", root, "build").returncode == 0, "Anki has fonts for it"
    (root / "cards/a.yaml").write_text(KINDS.replace("hoy-2012 p. 7", "hoy-2012 p. 腰"))
    [problem] = make(root, root / "build", Request(), order()).problems
    assert "(U+8170) in `sources` of card one-of" in problem.message


@pytest.mark.parametrize("target", ["{uri}", "{path}", "../secret.svg", "https://example.org/x.png", "nowhere.svg"])
def test_a_picture_cannot_fetch_another(target: str, project: MakeProject, tmp_path: Path) -> None:
    """An SVG that refers to another file or address is refused."""
    secret = tmp_path / "secret.svg"
    secret.write_text('<svg xmlns="http://www.w3.org/2000/svg"><text>s3cret</text></svg>')
    target = target.format(uri=secret.as_uri(), path=secret)
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="40" height="40">'
        f'<image href="{target}" xlink:href="{target}" width="40" height="40"/></svg>'
    )
    card = "  - id: p\n    question: What? ![a](circle.svg)\n    answer: A\n    sources: book\n"
    root = project({"a.yaml": f"topic: T\ncards:\n{card}", "media/circle.svg": svg})
    result = make(root, root / "build", Request(), order())
    assert [(problem.span.file, problem.code) for problem in result.problems] == [("cards/a.yaml", "bad-picture")]
    assert f"shows another file ({target[:80]})" in result.problems[0].message
    [made] = draw([Document("image.typ", {"file": "circle.svg"}, {"circle.svg": svg.encode()})])
    assert isinstance(made, Fault) or b"s3cret" not in made, "the engine itself would not reach it either"


def test_what_the_engine_says_is_shown(project: MakeProject, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error that is neither a missing glyph nor a picture is reported as the engine words it."""

    def broken(documents: Sequence[Document], _: object) -> list[bytes | Fault]:
        return [Fault("out of colours", "") if document.template == "sheet.typ" else b"" for document in documents]

    monkeypatch.setattr("deckwright.quiz.pdf.sheets.draw", broken)
    root = project({"a.yaml": KINDS})
    [problem] = make(root, root / "build", Request(), order()).problems
    assert (problem.code, problem.message) == ("not-printable", "the PDF engine says: out of colours")


def test_text_goes_on_behind_a_table_in_a_word_list(project: MakeProject) -> None:
    cards = """\
topic: Back
cards:
  - id: one
    question: Which?
    answer: This
    explanation: |-
      - before

        | head |
        |---|
        | cell |

        after
      - last
    sources: book
"""
    files = printed(project({"a.yaml": cards}), how=order("q", 1, "docx"))
    blocks = docx.Document(str(files["q-ANSWERS.docx"])).iter_inner_content()
    texts = ["table" if isinstance(block, docx.table.Table) else block.text.split() for block in blocks]
    place = texts.index("table")
    assert texts[place - 1 : place + 3] == [["•", "before"], "table", ["after"], ["•", "last"]]


def test_formats_heed_options_that_there_are() -> None:
    options = {field.name for field in fields(Layout)} | {"forms", "cutting"}
    assert all(format_.heeds <= options for format_ in QUIZ_FORMATS.values())


def test_a_gap_has_one_of_three_widths() -> None:
    """The width of a gap does not show how long the word is."""
    assert [gap_width(characters) for characters in (1, 10, 11, 25, 26, 400)] == [12, 12, 20, 20, 30, 30]


def test_a_time_limit(project: MakeProject, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deckwright.quiz.pdf.engine.LONGEST", 0)
    root = project({"a.yaml": KINDS})
    with pytest.raises(OSError, match="took longer"):
        make(root, root / "build", Request(), order())
    assert not (root / "build").exists()


def test_pdfs_are_made_one_after_the_other() -> None:
    """No document is prepared long before its turn, and all come in their order."""
    taken = []

    def documents() -> Iterator[Document]:
        for number in range(12):
            taken.append(number)
            good = Document("image.typ", {"file": "a.svg"}, {"a.svg": SVG})
            yield good if number % 2 else good._replace(data={"file": "missing.svg"})

    made = draw(documents())
    assert isinstance(next(made), Fault)
    assert len(taken) <= 1 + 2 * (os.cpu_count() or 1)
    assert [isinstance(one, Fault) for one in made] == [number % 2 == 0 for number in range(1, 12)]
    assert taken == list(range(12))


def test_gaps_in_formulas_and_code_are_seen(project: MakeProject) -> None:
    cards = (
        "  - id: a\n    cloze: '$\\frac{ {{c1::12}} }{b}$ is it'\n    sources: book\n"
        "  - id: b\n    cloze: 'Code `x = {{c1::5}}` it is'\n    sources: book\n"
    )
    root = project({"a.yaml": f"topic: T\ncards:\n{cards}"})
    files = printed(root, how=order("q", 1, "pdf", "html", "docx"))
    assert text_of(files["q.pdf"]).count("______") == 2
    assert files["q.html"].read_text().count("______") >= 2
    document = docx.Document(str(files["q.docx"]))
    assert sum("______" in paragraph.text for paragraph in document.paragraphs) >= 2


def test_pictures_that_word_cannot_read(project: MakeProject) -> None:
    """SVG and WebP pictures are drawn for Word. A file that is not a picture is an error for every output."""
    card = "  - id: p{n}\n    question: What? ![shape {n}](p{n}.{ending})\n    answer: A\n    sources: book\n"
    names = {"p0.svg": SVG, "p1.webp": (CASES / "pictures/plain.webp").read_bytes()}
    cards = "".join(card.format(n=n, ending=name[3:]) for n, name in enumerate(names))
    root = project({"a.yaml": f"topic: T\ncards:\n{cards}", **{f"media/{name}": data for name, data in names.items()}})
    files = printed(root, how=order("q", 1, "docx"))
    text = "\n".join(paragraph.text for paragraph in docx.Document(str(files["q.docx"])).paragraphs)
    assert [f"[picture: shape {n}]" in text for n in range(2)] == [False] * 2, "they are drawn"
    for broken in (b"GIF89a", b"\x89PNG\r\n\x1a\n" + b"\0" * 40):
        (root / "cards/media/p0.svg").write_bytes(broken)
        for target in ("pdf", "html", "docx", "flashcards"):
            [problem] = make(root, root / "other", Request(), order("q", 1, target)).problems
            assert (problem.span, problem.code) == (("cards/a.yaml", 4, 15), "bad-picture")
            assert problem.message.startswith("cards/media/p0.svg cannot be used: ")


def test_long_titles_and_many_forms(project: MakeProject) -> None:
    authors = "".join(f"  - Somebody Number {n}\n" for n in range(40))
    root = project({"a.yaml": KINDS, "deck.yaml": f"title: {'Long ' * 60}\nnamespace: test\nauthors:\n{authors}"})
    files = printed(root, Request(kinds=("options",)), order("q", 26, "pdf", "docx"))
    sheet, answers = text_of(files["q-Z.pdf"]), text_of(files["q-Z-ANSWERS.pdf"])
    assert sheet.count("Long") >= 60
    assert answers.count("Long") >= 60
    assert answers.count("No.") == 5, "a table for six forms each"
    document = docx.Document(str(files["q-Z-ANSWERS.docx"]))
    strips = [[[cell.text for cell in row.cells] for row in table.rows] for table in document.tables]
    assert [head for head, *_ in strips] == [
        ["No.", *letters] for letters in ("ABCDEF", "GHIJKL", "MNOPQR", "STUVWX", "YZ")
    ]
    for _, *rows in strips:
        assert sorted({len(cell.split()) for row in rows for cell in row[1:]}) == [1, 2], "one letter, and two"


def test_odd_layouts_fit(project: MakeProject) -> None:
    options = "".join(f"      - {'correct' if n == 7 else 'wrong'}: Choice number n{n}e\n" for n in range(60))
    rows = "".join(f"      | r{n} | {'long text ' * 8} |\n" for n in range(60))
    table = f"      Look.\n\n      | a | b |\n      |---|---|\n{rows}"
    cards = (
        f"  - id: sixty\n    question: Which?\n    options:\n{options}    sources: book\n"
        f"  - id: table\n    question: |\n{table}    answer: It\n    sources: book\n"
    )
    root = project({"a.yaml": "topic: T\ncards:\n" + cards})
    text = text_of(printed(root)["q.pdf"])
    assert all(f"n{n}e" in text for n in range(60))
    assert all(re.search(rf"\br{n}\b", text) for n in range(60))
    assert "BH." in text


@pytest.mark.parametrize("layout", [{}, {"columns": 2}, {"large": True}, {"large": True, "lines": 20}])
def test_nothing_reaches_below_the_page(layout: dict[str, Any], project: MakeProject) -> None:
    """What is too short to be measured fits on a page, in the widest letters and with the most lines."""
    source = "    sources: book\n"
    cards = "".join(
        f"  - id: w{n}\n    question: {'WW ' * n}?\n    answer: {'WW ' * n}\n{source}"
        f"  - id: s{n}\n    question: {'WW ' * (n // 3)}?\n    answer: It\n{source}"
        f"  - id: g{n}\n    cloze: '{'WW ' * n}{{{{c1::it}}}}'\n{source}"
        for n in range(90, 520, 30)
    )
    for n in (5, 9, 15, 25):
        entries = "".join(f"      - Entry {m}\n" for m in range(n))
        options = "".join(f"      - {'wrong' if m else 'correct'}: Option {m} {'x' * 60}\n" for m in range(n))
        cards += f"  - id: i{n}\n    question: Which {n}?\n    items:\n{entries}{source}"
        cards += f"  - id: o{n}\n    question: Which {n}?\n    options:\n{options}{source}"
    root = project({"a.yaml": f"topic: T\ncards:\n{cards}"})
    made = printed(root, how=order("q", 2, paper="letter", **layout))
    low = []

    def note(text: str, page: Sequence[float], matrix: Sequence[float], *_: object) -> None:
        if re.search(r"WW|Entry|Option|write on", text):
            low.append(page[3] * matrix[5] + page[5])

    for name in ("q-A.pdf", "q-A-ANSWERS.pdf"):
        for page in PdfReader(made[name]).pages:
            page.extract_text(visitor_text=note)
    assert len(low) > 500
    assert min(low) > 20 / 25.4 * 72 - 1, "above the bottom margin"


def test_flash_cards(project: MakeProject) -> None:
    root = project({**many(2, 8), "k.yaml": KINDS})
    how = order("q", 1, "flashcards")
    path = printed(root, how=how)["q-flashcards.pdf"]
    reader = PdfReader(path)
    assert len(reader.pages) == 2 * -(-21 // 8)
    fronts, backs = (re.findall(r"(\d+) · (?:question|answer)", reader.pages[n].extract_text()) for n in (0, 1))
    assert sorted(fronts) == sorted(backs), "the backs of a page's fronts"


def tall(id_: str, rows: int) -> str:
    """A card with a table of so many rows."""
    table = "".join(f"      | r{n} | {'long text ' * 8} |\n" for n in range(rows))
    question = f"    question: |\n      Look.\n\n      | a | b |\n      |---|---|\n{table}"
    return f"  - id: {id_}\n{question}    answer: It\n    sources: book\n"


@pytest.mark.parametrize("flip", ["long", "short"])
def test_long_flash_cards_take_more_cells(flip: str, project: MakeProject) -> None:
    """They are never smaller than 7 pt, and each back is exactly behind its front."""
    card = "  - id: {}\n    question: {}\n    answer: It\n    sources: book\n"
    long = card.format("long", "Why?") + f"    explanation: {'A long sentence. ' * 100}\n"
    short = "".join(card.format(f"s{n}", f"Short {n}?") for n in range(9))
    root = project({"a.yaml": f"topic: Some::Topic\ncards:\n{short}{long}{tall('table', 30)}{tall('half', 12)}"})
    how = order("q", 1, "flashcards")
    made = printed(root, how=replace(how, cutting=Cutting(flip=flip)))
    reader = PdfReader(made["q-flashcards.pdf"])
    places: dict[str, dict[str, tuple[int, float, float]]] = {"question": {}, "answer": {}}
    sizes = set()
    for number, page in enumerate(reader.pages):

        def note(
            text: str, to: Sequence[float], at: Sequence[float], _: object, size: float, number: int = number
        ) -> None:
            if match := re.search(r"(\d+) · (question|answer)", text):
                x, y = to[0] * at[4] + to[2] * at[5] + to[4], to[1] * at[4] + to[3] * at[5] + to[5]
                places[match[2]][match[1]] = (number, x / 72 * 25.4, y / 72 * 25.4)
            elif "long text" in text or "sentence" in text:
                sizes.add(round(size, 1))

        page.extract_text(visitor_text=note)
    assert len(places["question"]) == len(places["answer"]) == 12
    assert min(sizes) >= 7
    text = text_of(made["q-flashcards.pdf"])
    assert text.count("Some · Topic") == 12, "on the fronts"
    wide = 0
    for card, (front, x, y) in places["question"].items():
        back, back_x, back_y = places["answer"][card]
        assert back == front + 1
        width = round(210 + 10 - x - back_x) if flip == "long" else round(back_x - x + 10)
        assert width in (90, 180)
        wide += width == 180
        assert abs(back_y - y if flip == "long" else back_y + y - 297) < 0.1
    assert wide == 3


def test_a_flash_card_too_small_to_read_is_named(project: MakeProject) -> None:
    root = project({"a.yaml": f"topic: T\ncards:\n{tall('huge', 200)}{tall('fine', 2)}"})
    result = make(root, root / "build", Request(), order("q", 1, "flashcards"))
    assert [(problem.code, problem.severity) for problem in result.problems] == [("small-print", "warning")]
    assert "card huge is so long" in result.problems[0].message
    assert "r199" in text_of(root / "build/q-flashcards.pdf"), "nothing is cut off"


def test_rationales_are_on_the_backs(project: MakeProject) -> None:
    files = printed(project({"a.yaml": KINDS}), how=order("q", 1, "flashcards"))
    front, back = (" ".join(page.extract_text().split()) for page in PdfReader(files["q-flashcards.pdf"]).pages)
    for said in ("It shows the nerve roots", "It shows bone alone", "Contested · as of 2010: Estimates differ"):
        assert said not in front
        assert said in back
    assert "Name the classes by cause" in front, "a list is one card"
    assert "Mechanical" in back
    assert "Referred" in back


# --- again -----------------------------------------------------------------------------------------------------


def test_again(project: MakeProject) -> None:
    root = project({"a.yaml": KINDS})
    first = printed(root, Request(count=4), order("q", 2))
    (root / "cards/b.yaml").write_text(KINDS.replace("id: ", "id: other-").replace("Back::Basics", "Other"))
    out = root / "again"
    result = again(root, out, root / "build/q.quiz.yaml", order(""))
    assert result.problems == []
    for path, _ in result.written:
        assert path.read_bytes() == first[path.name].read_bytes(), path.name
    asked = quizfile.parse("q", first["q.quiz.yaml"].read_bytes())[0]
    assert asked
    assert asked_already([first["q.quiz.yaml"]]) == set(asked.ids)


def test_again_marks_what_changed(project: MakeProject) -> None:
    root = project({"a.yaml": KINDS})
    printed(root)
    file = root / "build/q.quiz.yaml"
    (root / "cards/a.yaml").write_text(
        KINDS.replace("answer: 632 million", "answer: 619 million\n    corrected: {on: 2026-11-22, was: 632 million}")
    )
    again(root, root / "again", file, order(""))
    answers = " ".join(text_of(root / "again/q-ANSWERS.pdf").split())
    assert "Until 2026-11-22 it was: 632 million" in answers
    assert answers.count("The answer changed since this quiz was first printed") == 1
    (root / "cards/a.yaml").write_text(
        KINDS.replace("    sources: book\n  - id: gaps", "    withdrawn: {on: 2026-11-22, reason: No}\n  - id: gaps")
    )
    assert [problem.code for problem in again(root, root / "x", file, order("")).problems] == ["quiz-card-withdrawn"]
    only = Order(layout=Layout(title="", name="", paper=""), cutting=Cutting(), answers_only=True)
    assert again(root, root / "only", file, only).problems == []
    answers = " ".join(text_of(root / "only/q-ANSWERS.pdf").split())
    assert "do not count it" in answers
    assert "A dash, and what is marked so below, was withdrawn" in answers
    assert re.search(r"No\. Answer 1 (?:–|[A-D]) 2 (?:–|[A-D]) One point", answers)
    assert "5 points in all" in answers, "six less the withdrawn one"
    assert [path.name for path in (root / "only").iterdir()] == ["q-ANSWERS.pdf"]
    (root / "cards/a.yaml").write_text(KINDS.replace("id: listed", "id: renamed"))
    assert [problem.code for problem in again(root, root / "x", file, order("")).problems] == ["quiz-card-gone"]
    (root / "cards/deck.yaml").write_text("title: Other\nnamespace: other\n")
    assert [problem.code for problem in again(root, root / "x", file, order("")).problems] == ["quiz-foreign"]


def without_content(text: str) -> str:
    """A sheet's text without the digest of its content."""
    return re.sub(r"(?<=[0-9a-f]{8}-)[0-9a-f]{8}", "", text)


def test_letters_stay_what_they_were_on_paper(project: MakeProject) -> None:
    """After fixed texts, rationales that name a letter, or options in another order, answers still match the sheets."""
    root = project({"a.yaml": KINDS})
    before = printed(root, how=order("q", 3))
    sheets = {name: text_of(path) for name, path in before.items() if name in ("q-A.pdf", "q-B.pdf", "q-C.pdf")}
    mended = (
        KINDS.replace("Plain radiograph", "A plain radiograph")
        .replace("explanation: Every hour counts.", "explanation: Many choose option C, and are wrong.")
        .replace("      - wrong: CT of the head\n      - wrong: None", "      - wrong: None")
        .replace("None of the above\n", "None of the above\n      - wrong: CT of the head\n")
    )
    (root / "cards/a.yaml").write_text(mended)
    assert again(root, root / "again", root / "build/q.quiz.yaml", order("")).problems == []
    for name, text in sheets.items():
        now = text_of(root / "again" / name)
        assert without_content(now) == without_content(text).replace("Plain radiograph", "A plain radiograph")
        assert now != text.replace("Plain radiograph", "A plain radiograph"), "these sheets are others"
        assert "changed since" not in text_of(root / "again" / name.replace(".pdf", "-ANSWERS.pdf"))
    (root / "cards/a.yaml").write_text(KINDS.replace("      - wrong: CT of the head\n", ""))
    again(root, root / "fewer", root / "build/q.quiz.yaml", order(""))
    assert "Options were added or taken out" in " ".join(text_of(root / "fewer/q-A-ANSWERS.pdf").split())


BROKEN = {
    "empty": b"", "not ours": b"a: b\n", "a list": b"- a\n", "binary": bytes(range(256)), "newer": b"quiz: 3\n",
}  # fmt: skip


@pytest.mark.parametrize("case", [*BROKEN, "tampered"])
def test_a_broken_quiz_file(case: str, project: MakeProject) -> None:
    root = project({"a.yaml": KINDS})
    whole = printed(root)["q.quiz.yaml"]
    data = BROKEN.get(case) or whole.read_bytes().replace(b"id: written", b"id: old")
    whole.write_bytes(data if case != "newer" else whole.read_bytes().replace(b"quiz: 2", b"quiz: 3"))
    done = run("-C", root, "quiz", "--again", whole, "--out", root / "x")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert ("[quiz-version]" if case == "newer" else "[quiz-file]") in done.stderr
    assert not (root / "x").exists()


def test_a_different_quiz_is_never_overwritten(project: MakeProject) -> None:
    root = project({"a.yaml": KINDS})
    before = printed(root)["q.pdf"].read_bytes()
    result = make(root, root / "build", Request(count=2), order())
    assert [problem.code for problem in result.problems] == ["quiz-exists"]
    assert (root / "build/q.pdf").read_bytes() == before
    assert make(root, root / "build", Request(), order()).problems == [], "the same one is"
    for name, number in (("q-ANSWERS", 1), ("q", 2)):
        assert [problem.code for problem in make(root, root / "build", Request(), order(name, number)).problems] == [
            "quiz-exists"
        ]
    other = printed(root, Request(count=2), order("kept"))["kept.quiz.yaml"]
    shutil.copy(other, root / "elsewhere.quiz.yaml")
    (root / "elsewhere.quiz.yaml").write_text(other.read_text().replace('name: "kept"', 'name: "q"'))
    assert [
        problem.code for problem in again(root, root / "build", root / "elsewhere.quiz.yaml", order("")).problems
    ] == ["quiz-exists"]
    (root / "cards/a.yaml").write_text(KINDS.replace("answer: 632 million", "answer: 619 million"))
    [problem] = make(root, root / "build", Request(), order()).problems
    assert "printed with other words, answers" in problem.message, "the record of what was printed stays"
    assert (root / "build/q.pdf").read_bytes() == before


# --- the command -----------------------------------------------------------------------------------------------


def test_the_command(project: MakeProject) -> None:
    root = project({"a.yaml": KINDS})
    done = run("-C", root, "quiz", "--topic", "Back", "--count", "3", "--forms", "2")
    assert (done.returncode, done.stderr) == (0, "")
    assert "1 superseded card left out" in done.stdout
    assert re.search(r"quiz [0-9a-f]{8}, seed [0-9a-f]{8}, 3 questions", done.stdout)
    assert len(list((root / "build").glob("quiz-*.pdf"))) == 4
    asked = map(str, (root / "build").glob("*.quiz.yaml"))
    for arguments, code, said in (
        (["--count", "6"], 1, "you ask for 6 questions, but only 5 can be asked [quiz-too-few]"),
        (["--topic", "Nope"], 1, "no card has the topic 'Nope' [quiz-unknown]"),
        (["--topic", "basic"], 1, "did you mean 'Back::Basics'?\n    the topics are: Back, Back::Basics"),
        (["--topic", "Bakc=2"], 1, "did you mean 'Back'?"),
        (["--kind", "options", "--topic", "Back", "--tag", "nope"], 1, "no card has the tag 'nope'"),
        (["--id", "on-of"], 1, "did you mean 'one-of'?"),
        (["--topic", "Back=6"], 1, "you ask for 6 questions of Back, but only 5 can be asked [quiz-too-few]"),
        (["--topic", "Back=6", "--topic", "Back::Basics"], 2, "for every topic or for none"),
        (["--topic", "Back=6", "--count", "6"], 2, "--count cannot be used"),
        (["--topic", "Back=0"], 2, "must be at least 1"),
        (["--list", "--again", "x"], 2, "--list cannot be used with --again"),
        (["--list", "--topic", "Nope"], 1, "no card has the topic 'Nope'"),
        (
            ["--kind", "basic", "--except", *asked],
            1,
            "no card matches (1 superseded; add --include superseded) [quiz-empty]",
        ),
        (["--forms", "0"], 2, "--forms must be 1 to 26, not 0"),
        (["--forms", "27"], 2, "--forms must be 1 to 26, not 27"),
        (["--lines", "21"], 2, "--lines must be 0 to 20, not 21"),
        (["--count", "0"], 2, "--count must be at least 1, not 0"),
        (["--logo", "missing.svg"], 2, "missing.svg"),
        (["--again", "missing.quiz.yaml"], 2, "missing.quiz.yaml"),
        (["--except", "cards/a.yaml"], 2, "cards/a.yaml"),
        (["--name", "../up"], 2, "a name consists of letters"),
        (["--name", "CON"], 2, "Windows reserves"),
        (["--name", "lpt1.friday"], 2, "Windows reserves"),
        (["--name", "a. "], 2, "begins and ends with a letter"),
        (["--name", "a."], 2, "begins and ends with a letter"),
        (["--offset", "99", "0"], 2, "50 millimetres"),
        (["--again", "x", "--forms", "2"], 2, "--forms cannot be used with --again"),
        (["--answers-only"], 2, "--answers-only needs --again"),
        (["--title", "a\x07b"], 2, "cannot be printed"),
        (["--seed", "x" * 201], 2, "too long"),
        (["--font-path", "missing"], 2, "missing"),
    ):
        done = run("-C", root, "quiz", *arguments, cwd=root)
        assert done.returncode == code, arguments
        assert said in done.stderr
        assert "Traceback" not in done.stderr


def test_topics_and_tags_in_other_capitals(project: MakeProject) -> None:
    root = project({"a.yaml": KINDS})
    first = run("-C", root, "quiz", "--topic", "Back::Basics=2", "--tag", "basics")
    second = run("-C", root, "quiz", "--topic", " back :: BASICS = 2", "--tag", " Basics ")
    assert (first.returncode, first.stdout, first.stderr) == (0, second.stdout, "")


def test_the_list_of_topics(project: MakeProject) -> None:
    root = project(
        {
            "a.yaml": KINDS,
            "b.yaml": "topic: Hip\ncards:\n" + KINDS[KINDS.index("  - id: old") :].replace("id: ", "id: hip-"),
        }
    )
    done = run("-C", root, "quiz", "--list", "--include", "superseded")
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split(maxsplit=5) for line in done.stdout.splitlines()] == [
        ["questions", "basic", "cloze", "options", "items", "topic"],
        ["6", "2", "1", "2", "1", "Back"],
        ["6", "2", "1", "2", "1", "Back::Basics"],
        ["1", "1", "0", "0", "0", "Hip"],
        ["7", "3", "1", "2", "1", "all topics together"],
    ]
    done = run("-C", root, "quiz", "--list", "--topic", "back", "--kind", "cloze")
    assert [line.split() for line in done.stdout.splitlines()][1:3] == [["1", "1", "Back"], ["1", "1", "Back::Basics"]]
    assert not (root / "build").exists()


def test_errors_elsewhere_are_counted(project: MakeProject) -> None:
    broken = (
        "topic: Other\ncards:\n  - id: broken\n    question: Q?\n  - id: sourceless\n    question: Q?\n    answer: A\n"
    )
    root = project({"a.yaml": KINDS, "b.yaml": broken})
    done = run("-C", root, "quiz", "--topic", "Back")
    assert done.returncode == 0
    assert done.stderr == "2 errors in other cards; to see them: deckwright check\n"
    for name, old, new in (("C", "Bed rest", "*x"), ("D", "632", "*632")):
        cards = KINDS.replace("id: ", f"id: {name.lower()}-").replace("Back::Basics", name).replace(old, new)
        (root / f"cards/{name.lower()}.yaml").write_text(cards)
    done = run("-C", root, "quiz", "--topic", "C", "--name", "c")
    assert (done.returncode, done.stderr) == (0, "4 errors in other cards; to see them: deckwright check\n")
    done = run("-C", root, "quiz", "--topic", "D")
    assert done.returncode == 1, "its text was put in quotes, but its author has not seen that"
    assert "d.yaml" in done.stderr
    done = run("-C", root, "quiz", "--topic", "Other")
    assert done.returncode == 1
    assert "card sourceless has no `sources`" in done.stderr


# --- formulas, documents ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "spoken"),
    [
        (r"x^{2} \le \frac{a}{b}", "x^2 ≤ (a)/(b)"), (r"\text{BMI} = \frac{m}{h^2}", "BMI = (m)/(h^2)"),
        (r"a_1^2", "a_1^2"), (r"\sqrt{2}", "√(2)"), (r"50\,\%", "50 %"), (r"\alpha \pm 3", "α ± 3"),
        (r"\begin{x}", None), (r"\sqrt{2", None), (r"}", None), (r"x^2^3", None), (r"\unknown", None), ("{" * 50, None),
    ],
)  # fmt: skip
def test_formulas(source: str, spoken: str | None) -> None:
    node = tex.parse(source)
    assert (tex.spoken(node) if node else None) == spoken


@given(st.text(r"\{}^_abc12 frtsq%$&", max_size=40))
def test_no_formula_breaks_the_reader(source: str) -> None:
    node = tex.parse(source)
    assert node is None or isinstance(tex.spoken(node), str)


def test_documents(project: MakeProject) -> None:
    root = project({"a.yaml": KINDS})
    files = printed(root, how=order("q", 1, "docx"))
    sheet, answers = (docx.Document(str(files[name])) for name in ("q.docx", "q-ANSWERS.docx"))
    text = "\n".join(paragraph.text for paragraph in sheet.paragraphs)
    assert "Which imaging first?" in text
    assert "nerve roots" not in text
    text = "\n".join(paragraph.text for paragraph in answers.paragraphs)
    for said in (
        "It shows the nerve roots",
        "632 million",
        "Hoy D, et al., Arthritis Rheum 2012, p. 7",
        "not reviewed yet",
    ):
        assert said in text
    assert answers.sections[0].header.paragraphs[0].text == "ANSWERS – do not hand out"
    with zipfile.ZipFile(files["q.docx"]) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


TABLE_CARD = """\
topic: Back
cards:
  - id: table
    question: |
      Look.

      | head | other |
      |---|---|
      | cell | cell |

      Which?
    options:
      - correct: |-
          This

          | left | right |
          |---|---|
          | 1 | 2 |
      - wrong: That
    as_of: 2010
    sources: book
  - id: written
    question: How?
    answer: So
    as_of: 2010
    sources: book
"""


def shown(paragraph: Any) -> tuple[str, int]:
    """A paragraph's text, and its indentation in millimetres."""
    if isinstance(paragraph, docx.table.Table):
        return "table", 0
    indent = paragraph.paragraph_format.left_indent
    return paragraph.text, round(indent.mm) if indent else 0


def test_the_look_of_documents(project: MakeProject) -> None:
    root = project({"a.yaml": TABLE_CARD})
    files = printed(root, how=order("q", 2, "docx", points=True))
    sheet: Any = docx.Document(str(files["q-B.docx"]))
    section = sheet.sections[0]
    head, foot = section.header.paragraphs[0], section.footer.paragraphs[0]
    assert head.text == "Name \t\t\u00a0B\u00a0"
    assert head.runs[-1].font.size.pt == 28
    assert foot.text.startswith("Form B · quiz ")
    assert re.findall(r'w:instr="(\w+)"', foot._p.xml) == ["PAGE", "NUMPAGES"]
    blocks = list(sheet.iter_inner_content())
    texts = [shown(block) for block in blocks]
    assert texts[1:3] == [("Form B · 2 questions, 2 points", 0), ("Date \t  Score \t / 2", 0)]
    assert texts[3][0].startswith("Multiple choice: circle the letter")
    blocks, texts = blocks[4:], texts[4:]
    assert texts[:3] == [("Multiple choice", 0), ("1.\tLook.", 9), ("table", 0)]
    assert texts[3] == ("Which? (1 point)", 9), "behind the table, and indented as before it"
    options = [text for text, indent in texts[4 : texts.index(("Written answers", 0))] if text and indent == 18]
    assert {text.partition("\t")[2] for text in options} == {"This", "That"}
    assert [text[:2] for text in options] == ["A.", "B."]
    assert texts[-2:] == [("2.\tHow? (1 point)", 9), ("\t", 9)]
    [line] = blocks[-1].paragraph_format.tab_stops
    assert abs(line.position - (section.page_width - section.left_margin - section.right_margin)) <= docx.shared.Pt(1)
    assert line.leader == WD_TAB_LEADER.LINES
    assert all(table.rows[0]._tr.trPr.find(docx.oxml.ns.qn("w:tblHeader")) is not None for table in sheet.tables)
    question = [block for block in blocks[1 : texts.index(("Written answers", 0))] if hasattr(block, "text")]
    assert [block.paragraph_format.keep_with_next for block in question] == [True] * (len(question) - 1) + [False]
    assert "2010" not in "".join(text for text, _ in texts if text)
    assert "[as of 2010]" in "".join(
        paragraph.text for paragraph in docx.Document(str(files["q-A-ANSWERS.docx"])).paragraphs
    )
    files = printed(root, how=order("s", 1, "docx", status=True, lines=4))
    sheet = docx.Document(str(files["s.docx"]))
    assert [sheet.paragraphs[-2].text, sheet.paragraphs[-1].text] == ["2.\tHow? [as of 2010]", "\t\n\t\n\t\n\t"]
    assert sheet.sections[0].header.paragraphs[0].text == "Name \t", "one form has no letter"


def test_documents_in_another_language(project: MakeProject) -> None:
    deck = "title: T\nnamespace: t\nlanguage: {}\n"
    root = project({"a.yaml": TABLE_CARD.replace("Which?", "أيهما؟"), "deck.yaml": deck.format("ar")})
    with zipfile.ZipFile(printed(root, how=order("q", 1, "docx"))["q.docx"]) as archive:
        styles, text, foot = (archive.read(f"word/{name}.xml").decode() for name in ("styles", "document", "footer1"))
    assert '<w:lang w:val="en-US" w:eastAsia="en-US" w:bidi="ar"/>' in styles
    assert re.search(r'w:styleId="Normal">(?:(?!</w:style>).)*<w:bidi/>', styles, re.DOTALL), "every paragraph"
    assert re.search(r"<w:rtl/>(?:(?!</w:r>).)*أيهما", text)
    assert '<w:lang w:val="en"/></w:rPr><w:t>Multiple choice' in text, "there are no Arabic words"
    assert '<w:bidi w:val="0"/>' in foot
    root = project(
        {
            "a.yaml": TABLE_CARD,
            "deck.yaml": deck.format("de"),
            "words.yaml": "choices: Auswahl\npage_of: Seite {pages}/{page}\n",
        }
    )
    with zipfile.ZipFile(printed(root, how=order("d", 1, "docx"))["d.docx"]) as archive:
        styles, text, foot = (archive.read(f"word/{name}.xml").decode() for name in ("styles", "document", "footer1"))
    assert '<w:lang w:val="de" w:eastAsia="en-US" w:bidi="ar-SA"/>' in styles
    assert ">Auswahl<" in text
    assert "w:rtl" not in text
    assert re.findall(r'w:instr="(\w+)"', foot) == ["NUMPAGES", "PAGE"]


def test_own_deck_on_paper(tmp_path: Path) -> None:
    result = make(ROOT, tmp_path, Request(superseded=True), order("all", 1, "pdf", "html", "docx", "flashcards"))
    assert result.problems == []
    cards, deck = loaded(ROOT)
    text = letters(text_of(tmp_path / "all.pdf"))
    made: list[Form] = forms(result.quiz, {card.id: card for card in cards}, deck, {})  # type: ignore[arg-type]  # there are no problems
    assert len(made[0].questions) > 80
    assert text.count(letters("Which imaging is needed")) >= 1
    assert json.dumps([question.id for question in made[0].questions])


# --- masks ------------------------------------------------------------------------------------------------------------

MASKS = """\
topic: Parts
cards:
  - id: halves
    question: Name the marked half.
    image: circle.svg
    alt: A circle
    masks:
      - answer: Sinistral
        at: 0 0 50 100
        also: Leftward
        why: It lies to port.
      - retired: Antique
      - answer: Dextral
        at: 50 0 50 100
    sources: book
"""


def test_masks_are_numbered_and_named_only_in_the_answers(project: MakeProject) -> None:
    root = project({"a.yaml": MASKS, "media/circle.svg": SVG})
    done = run(*["quiz", "--name", "q", "--to", "pdf", "--to", "docx", "--to", "html", "--to", "flashcards"], cwd=root)
    assert done.returncode == 0, done.stderr
    build = root / "build"

    def text(path: Path, pages: slice = slice(None)) -> str:
        if path.suffix == ".pdf":
            return " ".join(page.extract_text() for page in PdfReader(path).pages[pages])
        with zipfile.ZipFile(path) as document:
            return re.sub("<[^>]+>", " ", document.read("word/document.xml").decode())

    secret = ("Sinistral", "Leftward", "port", "Dextral")
    for sheet in (text(build / "q.pdf"), text(build / "q.docx"), text(build / "q-flashcards.pdf", slice(0, 1))):
        assert "Name the marked half." in sheet
        assert not [word for word in (*secret, "Antique") if word in sheet]
    for key in (text(build / "q-ANSWERS.pdf"), text(build / "q-ANSWERS.docx"), text(build / "q-flashcards.pdf")):
        assert [word for word in secret if word not in key] == []
        assert "Antique" not in key
    page = (build / "q.html").read_text(encoding="utf-8")
    assert re.findall(r'style="(left[^"]+)"><b>(\d)', page) == [
        ("left:0.00%;top:0.00%;width:50.00%;height:100.00%", "1"),
        ("left:50.00%;top:0.00%;width:50.00%;height:100.00%", "2"),
    ]
    assert page.index("Sinistral") > page.index('class="answer"')
    kept = {path.name: path.read_bytes() for path in build.iterdir() if path.suffix in (".pdf", ".docx", ".html")}
    formats = ("--to", "pdf", "--to", "docx", "--to", "html")
    again = run("quiz", "--again", build / "q.quiz.yaml", *formats, cwd=root)
    assert again.returncode == 0, again.stderr
    assert all((build / name).read_bytes() == data for name, data in kept.items())


def test_masks_that_changed_are_told(project: MakeProject) -> None:
    root = project({"a.yaml": MASKS, "media/circle.svg": SVG})
    assert run("quiz", "--name", "q", cwd=root).returncode == 0
    cards = root / "cards/a.yaml"
    cards.write_text(MASKS.replace("Dextral", "Rightmost"), encoding="utf-8")
    again = run("quiz", "--again", root / "build/q.quiz.yaml", "--answers-only", "--out", "key", cwd=root)
    assert again.returncode == 0, again.stderr
    key = " ".join(page.extract_text() for page in PdfReader(root / "key/q-ANSWERS.pdf").pages)
    assert "The answer changed" in key
    assert "Dextral" in key
    assert "Rightmost" in key


def test_masks_or_pictures_that_moved_are_told(project: MakeProject) -> None:
    root = project({"a.yaml": MASKS, "media/circle.svg": SVG})
    assert run("quiz", "--name", "q", cwd=root).returncode == 0

    def key() -> str:
        again = run("quiz", "--again", root / "build/q.quiz.yaml", "--answers-only", "--out", "key", cwd=root)
        assert again.returncode == 0, again.stderr
        text = " ".join(page.extract_text() for page in PdfReader(root / "key/q-ANSWERS.pdf").pages)
        shutil.rmtree(root / "key")
        return text

    assert "changed" not in key()
    cards, picture = root / "cards/a.yaml", root / "cards/media/circle.svg"
    cards.write_text(
        MASKS.replace("at: 0 0", "at: X").replace("at: 50 0", "at: 0 0").replace("at: X", "at: 50 0"), encoding="utf-8"
    )
    assert "The answer changed" in key()
    cards.write_text(MASKS, encoding="utf-8")
    picture.write_bytes(SVG.replace(b"cx=", b"data-x='1' cx="))
    assert "The picture changed" in key()
    picture.write_bytes(SVG)
    assert "changed" not in key()


def test_a_number_that_can_be_had_is_not_refused(project: MakeProject) -> None:
    shared = "  - id: {0}\n    question: {1}\n    answer: {2}\n    sources: book\n"
    cards = [("hub", "Which nerve runs from the sacral plexus to the leg?", "The sciatic nerve of the leg")]
    cards += [
        (f"ray-{n}", f"Where does the sciatic nerve of the leg go at place {n}?", f"Place number {n}") for n in range(6)
    ]
    root = project({"a.yaml": "topic: T\ncards:\n" + "".join(shared.format(*card) for card in cards)})
    for seed in range(8):
        done = run("quiz", "--count", "6", "--seed", str(seed), "--name", f"q{seed}", cwd=root)
        assert done.returncode == 0, done.stdout + done.stderr
