"""Packages in the real Anki: every kind, every case, and the project's own deck."""

import json
import re
import sqlite3
import time
import zipfile
from collections import Counter
from contextlib import closing
from pathlib import Path

import genanki
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from conftest import CASES, DECK, ROOT, SOURCES, STAMP, SVG, Expect, MakeProject, letters, released_once
from deckwright.anki import apkg
from deckwright.anki.prompts import prompts
from deckwright.files import Folder
from deckwright.model import CardKind, Status
from deckwright.problem import errors
from deckwright.project import build
from deckwright.reading.cards import card_files, load_cards, load_deck
from deckwright.reading.quoting import quote
from learner import Card, Learner, readable


def built(root: Path, out: Path, now: int = STAMP) -> dict[str, Path]:
    """Builds a project and returns its packages by name."""
    result = build(root, out, ["anki"], now)
    assert errors(result.problems) == []
    return {path.name: path for path, _ in result.written if path.suffix == ".apkg"}


def cards_of(root: Path) -> list[CardKind]:
    """All cards of a project that go into packages."""
    files = Folder(root)
    deck, _ = load_deck(files)
    names, _ = card_files(files)
    cards = [card for name in names for card in load_cards(name, files.read(name), deck).cards]
    return [card for card in cards if card.status is not Status.DRAFT]


def imported_whole(learner: Learner, package: Path, cards: list[CardKind]) -> list[Card]:
    """Imports a package, asserts that Anki makes of it what we promise, and returns the cards."""
    log = learner.imports(package)
    assert (log.found_notes, len(log.new), len(log.conflicting)) == (len(cards), len(cards), 0)
    made = learner.cards()
    promised = sorted((card.id, prompt.ordinal) for card in cards for prompt in prompts(card))
    assert sorted((card.id_, card.ordinal) for card in made) == promised
    before = learner.state()
    report, fine = learner.check()
    assert fine, report
    assert learner.state() == before, "the integrity check changed something"
    assert learner.collection.get_empty_cards().report == "", "Anki would delete a card as empty"
    return made


@pytest.mark.parametrize("case", sorted(path.stem for path in (CASES / "kinds").glob("*.yaml")))
def test_every_kind_in_anki(case: str, project: MakeProject, learner: Learner, expect: Expect, tmp_path: Path) -> None:
    source = CASES / "kinds" / f"{case}.yaml"
    root = released_once(project({"cards.yaml": source.read_bytes(), "media/circle.svg": SVG}))
    [package] = built(root, tmp_path / "out").values()
    cards = imported_whole(learner, package, cards_of(root))
    asks: dict[tuple[str, int], str] = {
        (card.id, prompt.ordinal): prompt.asks for card in cards_of(root) for prompt in prompts(card)
    }
    seen = []
    for card in cards:
        title = f"{card.id_} asks {asks[card.id_, card.ordinal]}, in {card.deck}, {card.notetype}"
        front, back = readable(card.front), readable(card.back)
        tags = " ".join(learner.tags(card.id_))
        seen.append(f"== {title}\n{tags}\n-- front\n{front}\n-- back\n{back}\n")
    expect("\n".join(seen), source.with_suffix(".txt"))


def test_mathjax_finds_no_formula_but_ours(project: MakeProject, learner: Learner, tmp_path: Path) -> None:
    """Anki's MathJax reads what is between its delimiters in one stretch of text, as rendered, between two tags."""
    texts = [
        "\\(a\\) and \\[b\\]", "\\(**a**\\)", "\\\\(c\\\\) \\\\[d\\\\]", "\\*\\(e*\\)", "[f]\\(g\\)", "`\\(h\\)`",
        "\\(i",
        "[j](\\(k\\))", "\\\\\\(l\\\\\\)", "$\\href{m}{\\(n\\)}$",
    ]  # fmt: skip
    gaps = ["\\({{c1::a}}\\)", "{{c1::b\\\\}}(c {{c2::\\(d}} e\\)", "{{c1::f {{c2::\\\\}}(g}}"]
    card = "  - id: {}-{}\n    question: Q?\n    answer: {}\n    sources: book\n"
    cards = [card.format("t", number, quote(text)) for number, text in enumerate(texts)]
    cards += [f"  - id: g-{number}\n    cloze: {quote(text)}\n    sources: book\n" for number, text in enumerate(gaps)]
    root = project({"a.yaml": "topic: T\ncards:\n" + "".join(cards)})
    [package] = built(root, tmp_path / "out").values()
    for made in imported_whole(learner, package, cards_of(root)):
        for side in (made.front, made.back):
            assert not re.search(r"\\[(\[]", re.sub(r"<script>.*?</script>", "", side, flags=re.DOTALL)), side


def test_a_source_is_named_so_that_it_can_be_found(project: MakeProject, learner: Learner, tmp_path: Path) -> None:
    """A source has its authors, its journal or title, its year and a link; a text that nobody can find is shown only
    where nothing else is cited."""
    sources = (
        "linked:\n  title: Linked pain\n  authors: Hoy D\n  year: 2012\n  kind: web\n  url: https://example.org/\n"
        "short:\n  title: Long pain\n  short: J Pain\n  authors: Lee A\n  year: 2013\n  kind: trial\n  doi: 10.1000/1\n"
        "shelved:\n  title: Shelved pain\n  authors: Roe J\n  year: 1999\n  kind: textbook\n  isbn: 978\n"
        "untold:\n  title: Untold pain\n  kind: textbook\n  isbn: 979\n"
        "private:\n  title: Notes of ours\n  kind: document\n  file: notes.txt\n"
        "private-too:\n  title: Notes of ours\n  kind: document\n  file: more.txt\n"
    )
    cited = {
        "linked": "linked p. 7",
        "doublets": "[short p. 7, short p. 9, linked, short p. 7]",
        "shelved": "shelved p. 7",
        "untold": "untold p. 7",
        "with-private": "[private para 3, linked]",
        "private-alone": "[private para 3, private-too para 4]",
    }
    card = "  - id: {0}\n    question: Q {0}?\n    answer: A\n    sources: {1}\n"
    text = "topic: T\ncards:\n" + "".join(card.format(*each) for each in cited.items()).replace(
        "[", "\n      - "
    ).replace("]", "").replace(", ", "\n      - ")
    [package] = built(project({"a.yaml": text, "sources.yaml": sources}), tmp_path / "out").values()
    learner.imports(package)
    shown = {
        card.id_: readable(card.back).split("\nA\n")[1].replace("\nCopy the card's id", "").strip()
        for card in learner.cards()
    }
    assert shown == {
        "linked": "[Hoy D, Linked pain, 2012](https://example.org/), p. 7",
        "doublets": "[Lee A, J Pain 2013](https://doi.org/10.1000/1), p. 7; p. 9\n[Hoy D, Linked pain, 2012](https://example.org/)",
        "shelved": "Roe J, Shelved pain, 1999, ISBN 978, p. 7",
        "untold": "Untold pain, ISBN 979, p. 7",
        "with-private": "[Hoy D, Linked pain, 2012](https://example.org/)",
        "private-alone": "Notes of ours",
    }


def test_own_deck_in_anki(learner: Learner, tmp_path: Path) -> None:
    packages = built(ROOT, tmp_path, now=int(time.time()))  # drafts are refused before the time of the last release
    whole = next(path for name, path in packages.items() if "complete" in name)
    for card in imported_whole(learner, whole, cards_of(ROOT)):
        for side in (card.front, card.back):
            assert readable(side).strip(), card.id_
            assert "{{" not in side, card.id_
            assert "template" not in side.lower(), card.id_
    for name, package in packages.items():
        if package != whole:
            log = learner.imports(package)
            assert (len(log.new), len(log.conflicting)) == (0, 0), name
            assert len(log.duplicate) == log.found_notes, "the same notes in two packages"


def test_author_order_and_note_types(project: MakeProject, learner: Learner, tmp_path: Path) -> None:
    first = "topic: T\ncards:\n" + "".join(
        f"  - id: card-{n}\n    question: Q{n}?\n    answer: A{n}\n    sources: book\n" for n in (3, 1, 2)
    )
    root = project({"a.yaml": first, "b.yaml": (CASES / "kinds/options.yaml").read_bytes()})
    packages = built(root, tmp_path / "out")
    assert sorted(packages) == ["imaging-DRAFT.apkg", "t-DRAFT.apkg", "test-deck-complete-DRAFT.apkg"]
    learner.imports(packages["test-deck-complete-DRAFT.apkg"])
    due = learner.collection.find_cards("", order="c.due")
    ids = [learner.collection.get_card(card).note()["Card ID"] for card in due]
    assert ids == ["card-3", "card-1", "card-2", "single", "several", "numbers", "hard-options"]
    ours = {notetype.name for notetype in learner.collection.models.all_names_and_ids() if "Test deck" in notetype.name}
    assert ours == {"Test deck: question", "Test deck: options"}, "those in use, and none doubled"
    for name in ours:
        notetype = learner.collection.models.by_name(name)
        fields = [field["name"] for field in notetype["flds"]]
        assert fields[-11:] == [
            "Explanation", "Caveat", "Correction", "Sources", "Card ID", "Withdrawn", "Personal Notes",
            "Spare 1", "Spare 2", "Spare 3", "Spare 4",
        ]  # fmt: skip
        assert notetype["sortf"] == 0


def test_withdrawn_cards_come_last(project: MakeProject, learner: Learner, tmp_path: Path) -> None:
    root = released_once(project({"a.yaml": (CASES / "kinds/basic.yaml").read_bytes(), "media/circle.svg": SVG}))
    [package] = built(root, tmp_path / "out").values()
    learner.imports(package)
    due = learner.collection.find_cards("", order="c.due")
    ids = [learner.collection.get_card(card).note()["Card ID"] for card in due]
    assert ids[-3:] == ["tombstone", "tombstone-both-ways", "tombstone-both-ways"]
    assert len(learner.collection.find_notes('"Withdrawn:_*"')) == 2
    assert len(learner.collection.find_cards('"deck:Test deck::Withdrawn"')) == 3


def test_description(project: MakeProject, learner: Learner, tmp_path: Path) -> None:
    root = project({"a.yaml": (CASES / "kinds/options.yaml").read_bytes()})
    [package] = built(root, tmp_path / "out").values()
    learner.imports(package)
    deck = learner.collection.decks.by_name("Test deck::Imaging")
    assert deck["md"] is True
    for part in ("DRAFT", "CC BY 4.0", "A. Author", "no substitute for clinical judgement"):
        assert part in deck["desc"]
    hostile = (
        "title: '*T* <b>'\nnamespace: t\nlicense: <script>x</script> **l**\nauthors:\n  - '![x](y)'\n"
        "notice: '# <i>Nobody</i> *read* these.'\n"
    )
    root = project({"a.yaml": (CASES / "kinds/options.yaml").read_bytes(), "deck.yaml": hostile})
    learner.imports(next(path for path in built(root, tmp_path / "other").values() if "complete" not in path.name))
    shown = learner.collection.decks.by_name("*T* <b>::Imaging")["desc"]
    assert r"\*T\* &lt;b&gt;" in shown
    assert r"&lt;script&gt;x&lt;/script&gt; \*\*l\*\*" in shown
    assert r"!\[x\](y)" in shown
    assert r"**\# &lt;i&gt;Nobody&lt;/i&gt; \*read\* these.**" in shown


def test_a_notice_is_shown_and_touches_no_note(project: MakeProject, learner: Learner, tmp_path: Path) -> None:
    cards = (CASES / "kinds/options.yaml").read_bytes()
    root = released_once(project({"a.yaml": cards}))
    [package] = built(root, tmp_path / "before").values()
    learner.imports(package)
    before = learner.collection.db.all("select guid, mod, flds, tags from notes order by guid")
    (root / "cards/deck.yaml").write_text(DECK + "notice: No clinician has reviewed these cards.\n")
    [package] = built(root, tmp_path / "after").values()
    assert "DRAFT" not in package.name
    learner.imports(package)
    assert learner.collection.db.all("select guid, mod, flds, tags from notes order by guid") == before
    fresh = Learner(tmp_path / "fresh.anki2")
    fresh.imports(package)
    assert "**No clinician has reviewed these cards.**" in fresh.collection.decks.by_name("Test deck::Imaging")["desc"]
    fresh.close()


def test_report_link(project: MakeProject, learner: Learner, tmp_path: Path) -> None:
    report = "report: 'https://example.org/?a=b&card={id}'\n"
    root = project({"a.yaml": (CASES / "kinds/options.yaml").read_bytes(), "deck.yaml": DECK + report})
    [package] = built(root, tmp_path / "out").values()
    learner.imports(package)
    for card in learner.cards():
        assert f'<a href="https://example.org/?a=b&amp;card={card.id_}">Report an error</a>' in card.back
        assert "Report" not in card.front
        assert readable(card.back).endswith("[Report an error](https://example.org/?a=b&card=" + card.id_ + ")")
    fields = learner.collection.get_note(learner.note_ids("single")[0]).fields
    assert not any("example.org" in field for field in fields), "a new address touches no note"


def test_a_filled_spare_makes_a_card(project: MakeProject, learner: Learner, tmp_path: Path) -> None:
    root = project({"a.yaml": (CASES / "kinds/basic.yaml").read_bytes(), "media/circle.svg": SVG})
    [package] = built(root, tmp_path / "out").values()
    learner.imports(package)
    note = learner.collection.get_note(learner.note_ids("plain")[0])
    note["Spare 4"] = "something"
    learner.collection.update_note(note)
    assert len(note.cards()) == 2


def test_packing_in_threads_is_reproducible(
    project: MakeProject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files: dict[str, str | bytes] = {
        f"{topic}-{part}.yaml": f"topic: T{topic}::P{part}\ncards:\n  - id: c-{topic}-{part}\n    question: Q?\n"
        f"    answer: A\n    sources: book\n"
        for topic in range(4)
        for part in range(25)
    }
    root = project(files)
    once = {name: path.read_bytes() for name, path in built(root, tmp_path / "once").items()}
    monkeypatch.setattr("deckwright.anki.packages.LARGE", 0)
    for number in range(6):
        assert {name: path.read_bytes() for name, path in built(root, tmp_path / str(number)).items()} == once


def test_packages_are_reproducible(project: MakeProject, tmp_path: Path) -> None:
    root = project({"a.yaml": (CASES / "kinds/markup.yaml").read_bytes(), "media/circle.svg": SVG})
    first = {name: path.read_bytes() for name, path in built(root, tmp_path / "one").items()}
    second = {name: path.read_bytes() for name, path in built(root, tmp_path / "two").items()}
    assert first == second
    with zipfile.ZipFile(tmp_path / "one" / "markup-DRAFT.apkg") as archive:
        assert archive.namelist() == ["collection.anki2", "media", "0"]
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert archive.read("0") == SVG
        (tmp_path / "c.anki2").write_bytes(archive.read("collection.anki2"))
    database = sqlite3.connect(tmp_path / "c.anki2")
    assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert database.execute("SELECT DISTINCT mod FROM notes").fetchall() == [(STAMP,)]
    database.close()


SIGN = st.sampled_from(
    [*list("ab1 <>&{}[]:;!$*_`~^#%@/'\"=-+."), "{{", "}}", "::", "[sound:x.mp3]", "<b>", "\\(", "é", "中"]
)
TEXTS = (
    st.lists(SIGN, min_size=1, max_size=12)
    .map("".join)
    .filter(lambda text: re.search(r"[ab1é中]", text) and "](" not in text)
)
GAP = st.recursive(
    st.sampled_from(["a", "b c", "**d**", "e<f", "$x^{2}$", "g\\:\\:h", "{i}", "`j`"]),
    lambda inner: st.builds(
        lambda number, parts, hint: f"{{{{c{number}::{' '.join(parts)}{hint}}}}}",
        st.sampled_from(["1", "2", "3", "1,2", "7"]),
        st.lists(inner, min_size=1, max_size=3),
        st.sampled_from(["", "::hint", "::a:", "::h::i"]),
    ),
    max_leaves=5,
).filter(lambda text: "{{c" in text)
WITHOUT_SHRINKING = [Phase.explicit, Phase.reuse, Phase.generate]  # an example takes a second
SLOWLY = settings(
    max_examples=6, deadline=None, phases=WITHOUT_SHRINKING, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@SLOWLY
@given(st.lists(TEXTS, min_size=25, max_size=40, unique=True), st.lists(GAP, min_size=10, max_size=20))
def test_any_text_in_anki(tmp_path_factory: pytest.TempPathFactory, texts: list[str], gaps: list[str]) -> None:
    """Whatever the author writes, Anki makes the cards we promise, and shows the text: not lost, and not live."""
    folder = tmp_path_factory.mktemp("any")
    cards = [
        f"  - id: t{n}\n    question: {quote(text)}\n    answer: {quote(text)}\n    sources: book\n"
        for n, text in enumerate(texts)
    ] + [f"  - id: g{n}\n    cloze: {quote(text)}\n    sources: book\n" for n, text in enumerate(gaps)]
    (folder / "cards").mkdir()
    (folder / "cards/deck.yaml").write_text(DECK)
    (folder / "cards/sources.yaml").write_text(SOURCES)
    (folder / "cards/a.yaml").write_text("topic: T\ncards:\n" + "".join(cards), encoding="utf-8")
    [package] = built(folder, folder / "out").values()
    learner = Learner(folder / "collection.anki2")
    try:
        made = imported_whole(learner, package, cards_of(folder))
    finally:
        learner.close()
    fronts = {card.id_: card.front for card in made if card.id_.startswith("t")}
    for number, text in enumerate(texts):
        shown = letters(readable(fronts[f"t{number}"]))
        assert not Counter(letters(text)) - Counter(shown)
        assert "sound:" not in fronts[f"t{number}"] or "&#91;sound:" in fronts[f"t{number}"]


def test_each_subdeck_is_printed_once(project: MakeProject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """genanki prints all decks again for each further one, which took a minute for thousands. The result is the same as
    genanki's."""
    card = "cards:\n  - id: c-{0}\n    question: Q?\n    answer: A\n    sources: book\n"
    root = project({f"{n}.yaml": f"topic: Low back pain::Part {n}\n{card.format(n)}" for n in range(40)})
    written: list[str] = []
    write_to_db = genanki.Deck.write_to_db

    def written_by_genanki(deck: genanki.Deck, *arguments: object) -> None:
        written.append(deck.name)
        write_to_db(deck, *arguments)

    monkeypatch.setattr(genanki.Deck, "write_to_db", written_by_genanki)
    [package] = built(root, tmp_path / "out").values()
    assert len(written) == 1
    monkeypatch.undo()
    decks = [apkg._Deck(int(id_), deck["name"], deck["desc"]) for id_, deck in json.loads(decks_in(package)).items()]
    genanki.Package(decks[1:]).write_to_file(tmp_path / "theirs.apkg")
    assert decks_in(package) == decks_in(tmp_path / "theirs.apkg")


def decks_in(package: Path) -> str:
    """What a package says of its decks, as written."""
    with zipfile.ZipFile(package) as archive:
        collection = Path(archive.extract("collection.anki2", package.with_suffix("")))
    with closing(sqlite3.connect(collection)) as database:
        [decks] = database.execute("SELECT decks FROM col").fetchone()
    return str(decks)
