"""What an author wrote and what a reader sees in every output, side by side in case files."""

import re
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import docx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pypdf import PdfReader

from conftest import CASES, STAMP, SVG, Expect, MakeProject
from deckwright.markup import html as anki_html
from deckwright.markup.foreign import foreign, rewritten
from deckwright.markup.prepared import broken_row
from deckwright.markup.tree import TAGS, Element, Tree, cloze_tree, tree
from deckwright.problem import Problem, errors
from deckwright.project import build
from deckwright.quiz import html as quiz_html
from deckwright.quiz.docx import trees
from deckwright.quiz.gaps import QUIZ_TAGS
from deckwright.quiz.job import Cutting, Layout
from deckwright.quiz.pdf import content
from deckwright.quiz.pdf.engine import TEMPLATES
from deckwright.quiz.printing import Order, make
from deckwright.quiz.select import Request
from learner import Learner, readable

TARGETS = ("pdf", "flashcards", "html", "docx")
FILES = {"q-ANSWERS.pdf": "sheet", "q-flashcards.pdf": "flash cards", "q.html": "web page", "q-ANSWERS.docx": "Word"}


def read_back(path: Path) -> str:
    """The text of a printed file."""
    if path.suffix == ".pdf":
        text = "\n".join(page.extract_text() for page in PdfReader(path).pages)
        return re.sub(r"(?m)^(?:quiz .* Page .*|ANSWERS – do not hand out)\n", "", text)
    if path.suffix == ".html":
        return readable(re.sub(r'(?s)<style>.*?</style>|<p class="grade".*?</p>', "", path.read_text(encoding="utf-8")))
    document = docx.Document(str(path))
    parts = []
    for block in document.iter_inner_content():
        if isinstance(block, docx.table.Table):
            parts += [" ".join(cell.text for cell in row.cells) for row in block.rows]
        else:
            parts.append(block.text.replace("\t", " "))
    return "\n".join(parts)


def unbroken(text: str, wide: str) -> str:
    """`text` as one line, if it is the line `wide` except for breaks at a card's edge."""
    return wide if "\n" not in wide and "".join(text.split()) == "".join(wide.split()) else text


def warnings(problems: list[Problem], root: Path) -> dict[str, list[str]]:
    """What `check` says about each card, by its id."""
    lines = (root / "cards/a.yaml").read_text(encoding="utf-8").split("\n")
    found: dict[str, list[str]] = {}
    for problem in problems:
        before = [line for line in lines[: problem.span.line] if line.startswith("  - id: ")]
        found.setdefault(before[-1][8:], []).append(f"[{problem.code}] {problem.message}\n{problem.hint}")
    return found


@pytest.mark.parametrize("case", sorted(path.stem for path in (CASES / "written").glob("*.yaml")))
def test_texts_in_every_output(case: str, project: MakeProject, learner: Learner, expect: Expect) -> None:
    source = (CASES / "written" / f"{case}.yaml").read_text(encoding="utf-8")
    question = "    question: About \\1?\n    answer: Begin\n    sources: book\n"
    root = project({"a.yaml": re.sub(r"  - id: (.+)\n", rf"\g<0>{question}", source), "media/circle.svg": SVG})
    built = build(root, root / "build", ["anki"], STAMP)
    order = Order(layout=Layout(title="", name="q", paper=""), cutting=Cutting(), targets=TARGETS)
    printed = make(root, root / "quiz", Request(), order)
    assert errors([*built.problems, *printed.problems]) == []
    learner.imports(next(path for path, _ in built.written if path.suffix == ".apkg"))
    backs = {card.id_: readable(re.sub("</?span>", "", card.back)) for card in learner.cards()}
    files = {name: read_back(root / "quiz" / name) for name in FILES}
    told = warnings(built.problems, root)
    report = [source.partition("cards:\n")[0]]
    for id_, written in re.findall(r"  - id: (.+)\n((?:    .*\n|\n)+)", source):
        shown = {"Anki": re.findall(r"(?s)Begin\n(.*?)\nA textbook", backs[id_])}
        for name, text in files.items():
            source_line = r"A textbook[^·]*·[^·]*·\s+" + id_.replace("-", r"-\s*") + r"\b"
            shown[FILES[name]] = re.findall(rf"(?s)Begin(?:</strong>)?\s+((?:(?!Begin).)*?)\s+{source_line}", text)
        assert all(len(texts) == 1 for texts in shown.values()), shown
        shown["flash cards"] = [unbroken(shown["flash cards"][0], shown["sheet"][0])]
        outputs: dict[str, list[str]] = {}
        for name, [text] in shown.items():
            outputs.setdefault("\n".join(line.strip() for line in text.split("\n") if line.strip()), []).append(name)
        report += [f"== {id_}\n{dedent(written).rstrip()}\n"]
        report += [f"-- {', '.join(names)}\n{text}\n" for text, names in outputs.items()]
        report += [f"-- check says {problem}\n" for problem in told.get(id_, [])]
    expect("".join(report), CASES / "written" / f"{case}.txt")


def test_every_tag_is_in_every_table() -> None:
    """An output has one function for each tag; tags that another function handles are named beside the table."""
    assert set(anki_html.ELEMENTS) == TAGS
    for elements, parts in ((output.ELEMENTS, output.PARTS) for output in (quiz_html, trees, content)):
        assert set(elements) | parts == QUIZ_TAGS
        assert not set(elements) & parts
    [drawn] = re.findall(r"(?ms)^#let elements = \((.+?)^\)", (TEMPLATES / "rich.typ").read_text(encoding="utf-8"))
    assert set(re.findall(r"(?m)^  (\w+):", drawn)) == set(content.ELEMENTS)


def tags(nodes: Tree) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, Element):
            yield node.tag
            yield from tags(node.children)


def test_every_tag_can_be_written() -> None:
    inline = "**a** *b* `c` d~2~ e^2^ $f$ [g](https://x.org) ![h](i.svg) {{c1::j}}\n> k"
    blocks = ["- l", "1. m", "| n |\n|---|\n| o |"]
    text = "\n\n".join([inline, *blocks])
    assert set(tags(cloze_tree(text))) == TAGS


@pytest.mark.parametrize(
    "text",
    [
        "BP <90/60", "K+ < 3.5", "a<b and c>d", "x<b>y", "a < b > c", "j<i and k>l", "<90 mmHg>", "M<a=b>",
        "q>0.1 & p<0.05", "&", "P&O", "R&D;", "AT&T; S&P", "$5 or $10", "between $5 and 10$", "$5/day or 10$/day",
        "Cheap ($) or dear ($)", "[$] or [$]", "$5 = 4.6 EUR", "US$ = dollar", "$ per dose", "$x_1$ and $y^2$",
        "\\$x = 5", "`<b>` and `\\(x\\)`", "C:\\(x86)", "[sic]", "{{x}}", "\\[a](https://b.c)",
        "[a](https://b.c/?x=1&lt;=2)", "HCO~3~^-^",
    ],
)  # fmt: skip
def test_no_warning(text: str) -> None:
    assert foreign(text) == []


@pytest.mark.parametrize(
    ("text", "code", "expected"),
    [
        ("\\(M = F\\) and \\[x^2\\]", "anki-formula", "$M = F$ and $$x^2$$"),
        ("[$]x[/$] [$$]y[/$$] [latex]$z$[/latex]", "anki-formula", "$x$ $$y$$ $z$"),
        ("\\(see below\\)", "anki-formula", "(see below)"),
        ("$M = F, so", "open-formula", "$M = F$, so"),
        ("It is $ x = 2 $ here", "open-formula", "It is $x = 2$ here"),
        ("$\\frac{1}{2}", "open-formula", "$\\frac{1}{2}$"),
        ("\\(x = 1", "open-formula", "$x = 1$"),
        ("<b>5 mg </b>now, <STRONG>x</STRONG>", "html-tag", "**5 mg** now, **x**"),
        ("<b><i>x</i></b>, <i><b>y</b></i>", "html-tag", "***x***, ***y***"),
        ("a<b>x</b>c", "html-tag", "a**x**c"),
        ("H<sub>2</sub>O, <sup>13</sup>C, x<sub>a b</sub>", "html-tag", "H~2~O, $^{13}$C, x$_{\\text{a b}}$"),
        ("a<br>b<br/>c", "html-tag", "a\nb\nc"),
        ("<div>a</div><div>b</div>", "html-tag", "a\n\nb"),
        ("<ul><li>a</li><li>b</li></ul>", "html-tag", "- a\n- b"),
        ("<img src='a.png' alt=x> y", "html-tag", "![what it shows](a.png) y"),
        ("<a href=\"https://x.org\" target=_blank>t</a>", "html-tag", "[t](https://x.org)"),
        ("`<b>` and <b>x</b>", "html-tag", "`<b>` and **x**"),
        ("a&nbsp;&lt; b &amp; c&#8211;d&#x2265;", "html-entity", "a < b & c–d≥"),
        ("hear [sound:a.mp3] it", "anki-sound", "hear it"),
        ("{{c1::x}} y", "anki-cloze", "{{c1::x}} y"),
    ],
)  # fmt: skip
def test_a_warning_shows_the_text_rewritten(text: str, code: str, expected: str) -> None:
    assert [found.code for found in foreign(text)] == [code]
    assert rewritten(text) == expected
    assert code == "anki-cloze" or foreign(expected) == []


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("| a | b |\n|---|---|\n| 1 | 2 | - |", ("| 1 | 2 | - |", 3, 2)),
        ("| a | b |\n|---|\n| 1 | 2 |", ("|---|", 1, 2)),
        ("x\n\na | b\n--|--\n1 | 2\n\n3 | 4 | 5", None),
        ("| a | b |\n|---|---|\n| 1 |\n| 1 | 2 | |\n| `x|y` | \\| |", None),
        ("| a | b |\n| 1 | 2 | 3 |", None),
        ("SLR | FNS\n- | -", None),
    ],
)
def test_a_table_that_is_not_drawn(text: str, broken: tuple[str, int, int] | None) -> None:
    assert broken_row(text) == broken
    drawn = any(isinstance(node, Element) and node.tag == "table" for node in tree(text))
    assert not (drawn and broken)


def test_a_gap_is_not_foreign_in_a_cloze_card() -> None:
    assert foreign("{{c1::x}} <b>", gaps=True) == [("html-tag", "the HTML tag `<b>` is shown as written")]


SIGNS = [
    "<b>", "</b>", "<br>", "<i>", "<sub>", "</sub>", "<img src=x>", "<a href=y>", "</a>", "&lt;", "&", "\\(", "\\)",
    "\\[", "\\]", "$", "$$", "[$]", "[/$]", "[latex]", "[sound:x]", "{{c1::", "}}", "`", "\\", "a", "1", " ", "=",
    "^", "\n", "<",
]  # fmt: skip


@given(st.lists(st.sampled_from(SIGNS), max_size=12).map("".join))
@example("\\(\\(a\\)")
def test_no_foreign_markup_breaks_anything(text: str) -> None:
    foreign(text)
    assert "\0" not in rewritten(text)
