"""Figures in texts, and whether sources support the figures on cards."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import ROOT, SOURCES, MakeProject
from deckwright.files import Folder
from deckwright.project import check
from deckwright.sources import tasks as sourcing
from deckwright.sources.coverage import REASONS, read
from deckwright.sources.quantities import figures, supported, units
from test_commands import run

TEXT = """\
Low back pain is chronic from twelve weeks on.

About 632 million people (9 to 12 percent) have it; 23.2 % in a month. It starts at 20-40 years, in 1 in 13.
Stretch four to five times a day and hold it for six to eight breaths.
"""
ORIGIN = "origin:\n  title: A text\n  kind: document\n  file: text.txt\n"
CARDS = """\
topic: T
cards:
  - id: fine
    question: From when on is it chronic?
    answer: 12 weeks
    sources: origin para 1
  - id: derived
    question: How many in 26 people?
    answer: 2 in 26
    derived:
      - 1 in 13 is 2 in 26
    sources: origin para 2
  - id: wrong
    question: How many people?
    answer: 623 million
    sources: origin para 2
  - id: elsewhere
    cloze: It starts at {{c1::20–40 years}}.
    sources: origin para 3
  - id: made-up-case
    question: A 71-year-old has had pain for 5 weeks. What now?
    options:
      - correct: Stretching four to five times a day
        why: It helped 11.9 %.
      - wrong: Rest for 3 weeks
    sources:
      - origin para 3
      - hoy
  - id: nowhere
    question: Q?
    answer: A
    sources: origin para 9
  - id: gone
    question: Q?
    answer: 99 %
    withdrawn: {on: 2026-01-01, reason: R}
"""
HOY = "hoy:\n  title: A review\n  kind: cohort\n  doi: 10.1000/x\n  figures:\n    - 11.9 %\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("9–12 % of 632 million, 23.2 %", {"9–12 %", "632 million", "23.2 %"}),
        ("≥ 12 weeks, at least twelve weeks", {"≥ 12 week"}),
        ("20–40 years or 20 to 40 years", {"20–40 year"}),
        ("1 in 13, one out of four", {"1 in 13", "1 in 4"}),
        ("four to five times a day", {"4–5 time"}),
        ("1,172 patients; 2,000 steps; twenty-two weeks", {"1172", "2000", "22 week"}),
        ("100 000 people, 1 in 10 000, 12 345.6, in 2010 100 people", {"100000", "1 in 10000", "12345.6", "100"}),
        ("in 2010 at L5, S1, HLA-B27 and C6", set()),
        ("one of them, or two, at one time", set()),
        ("10-15 repetitions, a 60-second hold", {"10–15 repetition", "60 second"}),
        ("0.90 × 0.75", {"0.90", "0.75"}),
        ("9–12 %.[7][22]", {"9–12 %"}),
        ("12" + " " * 300_000 + "weeks", {"12 week"}),
    ],
)
def test_figures(text: str, expected: set[str]) -> None:
    assert {str(figure) for figure in figures(text)} == expected


@given(st.text())
def test_figures_of_any_text_are_read_back(text: str) -> None:
    found = figures(text)
    assert {str(figure) for figure in found if figure.unit} <= {
        str(figure) for figure in figures("; ".join(map(str, found)))
    }


def test_figures_are_supported() -> None:
    known = units(figures("9–12 %, 40 % and 80 %, 12 weeks, 7"))
    for text, expected in (
        ("12 %", True),
        ("40–80 %", True),
        ("12 weeks", True),
        ("12 months", False),
        ("13 %", False),
    ):
        assert all(supported(figure, known) for figure in figures(text)) is expected, text


def sourced(project: MakeProject) -> tuple[Path, Path]:
    root = project({"a.yaml": CARDS, "sources.yaml": SOURCES + ORIGIN + HOY})
    folder = root / "texts"
    folder.mkdir()
    (folder / "text.txt").write_text(TEXT)
    return root, folder


def test_verify(project: MakeProject) -> None:
    root, folder = sourced(project)
    assert sourcing.record(root, folder) == ([], 3)
    assert "chronic" not in (root / "cards/sources.figures").read_text(), "figures, no sentences"
    found = [(problem.span.line, problem.code) for problem in sourcing.verify(root, folder)]
    assert found == [(15, "figure-unsupported"), (18, "figure-unsupported"), (32, "no-paragraph")]
    warnings = check(root, 1_800_000_000).problems
    assert [(problem.span.line, problem.code, str(problem.severity)) for problem in warnings] == [
        (line, code, "warning") for line, code in found
    ]
    (folder / "text.txt").write_text(TEXT.replace("twelve", "eleven"))
    changed = [problem for problem in sourcing.verify(root, folder) if problem.code == "text-changed"]
    assert [problem.message for problem in changed] == [
        "origin para 1 changed since it was recorded: card fine cites it"
    ]
    lines = [line for line in TEXT.splitlines() if line]
    for now, expected in (
        ([lines[0], "New.", *lines[1:]], ["origin para 2 is now para 3: card derived cites it"]),
        (lines[:1], ["origin para 2 is gone: card derived cites it", "origin para 3 is gone: card elsewhere cites it"]),
        ([*lines, "More."], ["origin changed since it was recorded, in para 4"]),
        (
            [lines[0], "New.", lines[2], lines[0]],
            ["origin para 2 changed since it was recorded: card derived cites it"],
        ),
    ):
        (folder / "text.txt").write_text("\n".join(now))
        told = {problem.message for problem in sourcing.verify(root, folder) if problem.code == "text-changed"}
        assert told >= set(expected), now
    problems, _ = sourcing.record(root, folder)
    assert "origin changed since it was recorded, in para 4" in [problem.message for problem in problems], (
        "told once more"
    )


def test_verify_says_what_it_could_not_look_at(project: MakeProject) -> None:
    root, folder = sourced(project)
    verified = run("-C", root, "sources", "verify")
    assert "the text of origin is not recorded yet [not-recorded]" in verified.stdout
    sourcing.record(root, folder)
    path = root / "cards/a.yaml"
    path.write_text(CARDS.split("  - id: derived")[0].replace("question:", "qestion:"))
    verified = run("-C", root, "sources", "verify")
    assert (verified.returncode, "qestion" in verified.stdout) == (1, True)
    path.write_text(CARDS.split("  - id: derived")[0] + "    withdrawn: {on: 2026-01-01, reason: R}\n")
    (root / "cards/coverage.yaml").write_text("")
    assert "origin para 1 is on no card" in run("-C", root, "sources", "verify").stdout, "withdrawn"


def test_a_release_says_which_figures_are_unsupported(project: MakeProject) -> None:
    root, folder = sourced(project)
    (root / "cards/a.yaml").write_text(CARDS.replace("origin para 9", "origin para 2"))
    sourcing.record(root, folder)
    done = run("-C", root, "release", "--yes")
    assert done.returncode == 0
    assert "none of the sources cited by card wrong contains '623 million'" in done.stderr


def test_coverage(project: MakeProject) -> None:
    root, folder = sourced(project)
    path = root / "cards/a.yaml"
    path.write_text(CARDS.replace("origin para 3", "origin para 2").replace("origin para 9", "origin"))
    sourcing.record(root, folder)
    coverage = root / "cards/coverage.yaml"
    coverage.write_text("origin:\n")

    def found() -> list[str]:
        return [
            problem.message for problem in sourcing.verify(root, None) if problem.span.file == "cards/coverage.yaml"
        ]

    assert found() == ["origin must hold a list of paragraphs"]
    coverage.write_text("")
    assert found() == ["origin para 3 is on no card"]
    assert [problem.code for problem in sourcing.verify(root, None)][-1:] == ["paragraph-open"]
    coverage.write_text("origin:\n  - para: 3\n    reason: unsafe\n    note: it hurts\n")
    assert found() == []
    for entry, said in (
        ("para: 3\n    reason: dull", "'dull' is not a reason"),
        ("para: 3\n    reason: duplicate", "`of:` is missing: it cites the paragraph that says the same"),
        ("para: 3", "an entry has no `reason`"),
        ("para: three\n    reason: noise", "`para:` needs the number of a paragraph, not 'three'"),
        ("para: 3\n    reason: noise\n    why: x", "an entry has no key `why`"),
        ("para: 3\n    reason: noise\n    of: origin para 1", "`of:` is only for duplicates"),
        ("para: 4\n    reason: noise", "origin para 4 does not exist"),
        (
            "para: 3\n    reason: duplicate\n    of: origin para 7",
            "origin para 3 is a duplicate of origin para 7, which does not exist",
        ),
        ("para: 3\n    reason: duplicate\n    of: origin para 3", "origin para 3 cannot be a duplicate of itself"),
        ("para: 3\n    reason: duplicate\n    of: '2'", "`of:` must cite a paragraph: of: origin para 2"),
        (
            "para: 3\n    reason: duplicate\n    of: [origin]",
            "`of` should be text, but YAML reads it as a list or as keys",
        ),
        ("para: 3\n    reason: vague\n    statement:", "`statement` is empty"),
        (
            "para: 3\n    reason: duplicate\n    of: origin para 1, 9",
            "origin para 3 is a duplicate of origin para 1, 9, which does not exist",
        ),
        ("para: 1\n    reason: noise", "origin para 1 is on card fine"),
        ("para: 3\n    reason: vague\n    statement: hold it", "origin para 3 is on no card"),
    ):
        coverage.write_text(f"origin:\n  - {entry}\n")
        assert said in found(), entry
    assert {problem.code for problem in sourcing.verify(root, None)} == {"figure-unsupported", "paragraph-open"}
    for text, said in (
        ("- para: 3\n", "the file must list paragraphs by source id"),
        ("orign:\n  - para: 3\n    reason: noise\n", "orign para 3 is not in a recorded source"),
    ):
        coverage.write_text(text)
        assert said in found(), text
    assert "bad-coverage" in [problem.code for problem in sourcing.verify(root, None)]
    whole, part = "  - para: 3\n    reason: unsafe\n", "  - para: 1\n    statement: it hurts\n    reason: vague\n"
    coverage.write_text(f"origin:\n{whole}{part}")
    assert found() == [], "a statement of a paragraph on a card"


def test_the_page_on_sources_explains_every_reason(project: MakeProject) -> None:
    page = (ROOT / "docs/sources.md").read_text(encoding="utf-8")
    for reason, meaning in REASONS.items():
        assert f"| `{reason}` | {meaning} |" in page
    root, _ = sourced(project)
    (root / "cards/coverage.yaml").write_text(page.split("```yaml\n")[2].split("```")[0])
    assert read(Folder(root))[1] == []


def test_report(project: MakeProject) -> None:
    root, folder = sourced(project)
    sourcing.record(root, folder)
    statement = "  - para: 1\n    statement: Rest\n    reason: duplicate\n    of: origin para 2\n"
    (root / "cards/coverage.yaml").write_text(
        f"origin:\n  - para: 3\n    reason: unsafe\n    note: <it> hurts\n{statement}"
    )
    path = root / "cards/a.yaml"
    path.write_text(
        path.read_text().replace("How many people?", "How <b>many</b> people?").replace("origin para 3", "hoy")
    )
    done = run("-C", root, "sources", "report")
    assert done.returncode == 0, done.stderr
    page = " ".join((root / "build/sources.html").read_text().split())
    assert "origin: 3 paragraphs, 2 on cards, 1 excused, 0 open." in page
    assert "How &lt;b&gt;many&lt;/b&gt; people?" in page
    assert "unsafe (&lt;it&gt; hurts)" in page
    assert "on no card: Rest: duplicate (origin para 2)" in page
    assert "<summary>Stale: 6</summary>" in page
    assert '<a href="https://doi.org/10.1000/x">A review</a>' in page
    assert "1 in 13" in page
    assert page.count("cited by no card") == 2, "hoy-2012 and book"


def test_commands(project: MakeProject) -> None:
    root, folder = sourced(project)
    found = run("-C", root, "sources", "find", "Million People", "--text", folder)
    assert (found.returncode, found.stdout.splitlines()[0]) == (0, "origin para 2")
    near = run("-C", root, "sources", "find", "chronic million zebra", "--text", folder)
    assert near.stdout.splitlines()[::2] == [
        "origin para 1  (without million, zebra)",
        "origin para 2  (without chronic, zebra)",
    ]
    nothing = run("-C", root, "sources", "find", "zebra", "--text", folder)
    assert (nothing.returncode, nothing.stdout) == (1, "")
    assert "no paragraph contains any of these words" in nothing.stderr
    assert run("-C", root, "sources", "record", "--text", folder).stdout == "3 paragraphs recorded\n"
    verified = run("-C", root, "sources", "verify")
    assert verified.returncode == 1
    assert verified.stdout.endswith("3 errors\n")
    assert run("-C", root, "sources", "record", "--text", root / "nowhere").returncode == 2
    (folder / "text.txt").write_bytes("é".encode("latin-1"))
    wrong = run("-C", root, "sources", "record", "--text", folder)
    assert wrong.returncode == 1
    assert "is not valid UTF-8 [bad-encoding]" in wrong.stderr
    (folder / "text.txt").write_bytes("\ufeffOne\u2028line\x0b.\r\n\r\nTwo.\rThree.\n".encode())
    assert run("-C", root, "sources", "record", "--text", folder).stdout == "3 paragraphs recorded\n"
    (folder / "text.txt").write_bytes("é".encode("latin-1"))
    verified = run("-C", root, "sources", "verify", "--text", folder)
    assert "is not valid UTF-8" in verified.stdout
    assert "changed" not in verified.stdout, "a text that cannot be read has not changed"
    (folder / "text.txt").unlink()
    gone = run("-C", root, "sources", "record", "--text", folder)
    assert "there is no text.txt" in gone.stderr
    assert "[missing-text]" in gone.stderr
    (root / "cards/sources.figures").write_text("nonsense\n")
    assert "this line was edited or damaged [figures-corrupt]" in run("-C", root, "sources", "verify").stdout
