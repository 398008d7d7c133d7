"""The words of each language: all there, all used, and an author's own in cards/words.yaml."""

import re
import zipfile
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest
from pypdf import PdfReader

from conftest import CASES, DECK, STAMP, SVG, MakeProject, released_once
from deckwright.files import Folder
from deckwright.problem import errors
from deckwright.project import Project
from deckwright.reading.quoting import quote
from deckwright.reading.words import LANGUAGES, words_in
from deckwright.release.publish import prepare_release, write_release
from deckwright.words import PLACEHOLDER, direction
from learner import Learner
from test_commands import run

CARD = "topic: A\ncards:\n  - {id: a, question: 'Q?', answer: 'A', status: draft}\n"
SOURCE = Path(__file__).parent.parent / "src/deckwright"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_every_word_with_its_placeholders(language: str) -> None:
    english, words = words_in("en").texts, words_in(language).texts
    assert list(words) == list(english)
    for name, text in words.items():
        there, wanted = set(PLACEHOLDER.findall(text)), set(PLACEHOLDER.findall(english[name]))
        assert there - {"number"} == wanted - {"number"}, name
        assert "number" in there or "number" not in wanted or name.endswith("_one"), name


def test_every_word_is_used() -> None:
    files = [path for path in SOURCE.rglob("*") if path.suffix in {".py", ".html", ".css", ".js", ".md", ".typ"}]
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    names = {re.sub("_(one|many)$", "", name) for name in words_in("en").texts}
    assert len(files) > 50
    assert not sorted(name for name in names if not re.search(rf"\b{name}\b", text))


def test_an_author_words_it_otherwise(project: Callable[..., Path]) -> None:
    root = project({"a.yaml": CARD, "words.yaml": "caveat: Mind this\nas_of: 'in {year}'\n"})
    deck = Project.open(Folder(root))
    assert not deck.problems
    assert deck.deck.words["caveat"] == "Mind this"
    assert deck.deck.words.say("as_of", year=2010) == "in 2010"
    assert deck.deck.words["my_notes"] == "My notes"


@pytest.mark.parametrize(
    ("words", "code", "part"),
    [
        ("caveatt: Mind\n", "unknown-key", "`caveat`"),
        ("as_of: in\n", "wrong-shape", "as of {year}"),
        ("as_of: in {year} {month}\n", "wrong-shape", "{year}"),
        ("caveat: 'a {{Field}}'\n", "wrong-shape", "no braces"),
        ("- caveat\n", "wrong-shape", ""),
    ],
)
def test_words_that_cannot_be_used(project: Callable[..., Path], words: str, code: str, part: str) -> None:
    problems = Project.open(Folder(project({"a.yaml": CARD, "words.yaml": words}))).problems
    assert [problem.code for problem in problems] == [code]
    assert problems[0].span.file == "cards/words.yaml"
    assert part in str(problems[0])


def test_a_language_without_words_is_named(project: Callable[..., Path]) -> None:
    root = project({"a.yaml": CARD})
    deck = root / "cards/deck.yaml"
    deck.write_text(deck.read_text() + "language: pl\n", encoding="utf-8")
    opened = Project.open(Folder(root))
    assert [problem.code for problem in opened.problems] == ["no-words"]
    assert opened.deck.words.language == "en"


def test_numbers() -> None:
    words = words_in("en")
    assert words.say("as_of", year="{x}") == "as of {x}"
    assert direction("ar-EG") == "rtl"
    assert direction("en-GB") == "ltr"


@pytest.mark.parametrize("language", [each for each in LANGUAGES if each != "en"])
def test_no_output_has_english_words(language: str, project: MakeProject, learner: Learner) -> None:
    kinds = ["basic", "cloze", "items", "options", "occlusion"]
    files = {f"{kind}.yaml": (CASES / f"kinds/{kind}.yaml").read_bytes() for kind in kinds}
    root = released_once(project({**files, "media/circle.svg": SVG, "deck.yaml": f"{DECK}language: {language}\n"}))
    out = root / "out"
    assert not errors(prepare_release(root, STAMP).problems)
    write_release(root, out, prepare_release(root, STAMP))
    formats = ("--to", "pdf", "--to", "docx", "--to", "html", "--to", "flashcards")
    layout = ("--forms", "2", "--points", "--status", "--answer-sheet")
    made = run("quiz", "--name", "q", *layout, *formats, "--out", out, cwd=root)
    assert made.returncode == 0, made.stderr
    learner.imports(out / "test-deck-complete.apkg")
    shown = {"cards": "".join(card.front + card.back for card in learner.cards())}
    shown["styles"] = "".join(each["css"] for each in learner.collection.models.all())
    for path in out.iterdir():
        if path.suffix == ".html":
            shown[path.name] = path.read_text(encoding="utf-8")
        elif path.suffix == ".pdf":
            shown[path.name] = "\n".join(page.extract_text() for page in PdfReader(path).pages)
        elif path.suffix == ".docx":
            with zipfile.ZipFile(path) as document:
                texts = [document.read(name).decode() for name in document.namelist() if name.endswith(".xml")]
            shown[path.name] = re.sub("<[^>]+>", "", "".join(texts))
    assert len(shown) >= 12
    english, own = words_in("en").texts, words_in(language).texts
    distinct = [text for text in english.values() if len(text) > 9 and "{" not in text and text not in own.values()]
    assert len(distinct) > 60
    found = {name: [text for text in distinct if flat(text) in flat(texts)] for name, texts in shown.items()}
    assert {name: texts for name, texts in found.items() if texts} == {}


def flat(text: str) -> str:
    """A text without what a writer may add to it: comments of scripts, markup, escapes and line ends."""
    return re.sub(r"\W+", " ", unescape(re.sub(r"(?s)/\*.*?\*/|<[^>]+>", "", text)))


def test_no_word_breaks_out(project: MakeProject, learner: Learner) -> None:
    hostile = {
        "masked_picture_many": 'A "picture" onerror="x" {number}',
        "also_right": "Also:: right",
        "retired": "old & <gone>::",
        "right": "[sound:a.mp3] [latex]x[/latex] </script>",
        "not_right": "'\\\";[$]x[/$]",
        "missed": '"; display: none; \\',
        "caveat": "<img src=x onerror=y>",
    }
    words = "".join(f"{name}: {quote(text)}\n" for name, text in hostile.items())
    kinds = {f"{kind}.yaml": (CASES / f"kinds/{kind}.yaml").read_bytes() for kind in ("occlusion", "options", "items")}
    root = released_once(project({**kinds, "media/circle.svg": SVG, "words.yaml": words}))
    prepared = prepare_release(root, STAMP)
    assert not errors(prepared.problems)
    write_release(root, root / "out", prepared)
    learner.imports(root / "out/test-deck-complete.apkg")
    cards = {(card.id_, card.ordinal): card for card in learner.cards()}
    masked = cards["all-hidden", 0]
    assert 'alt="A &quot;picture&quot; onerror=&quot;x&quot; 2"' in masked.back
    assert "Also&#58;&#58; right" in masked.back or "Also:: right" in unescape(masked.back)
    assert "<em>left</em> half" in masked.back
    assert "Half one" in masked.back
    retired = next(card for key, card in cards.items() if "old &amp; &lt;gone&gt;" in card.front)
    assert "&amp;amp;" not in retired.front
    scripts = [script for card in cards.values() for script in re.findall(r"(?s)<script>(.*?)</script>", card.front)]
    assert scripts
    assert not [script for script in scripts if "<img" in script or "[anki" in script or "[sound" in script]
    assert all(script.rstrip().endswith("})();") for script in scripts)
