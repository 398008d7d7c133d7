"""Cards are previewed as the real Anki shows them."""

import time
from pathlib import Path

import pytest

from conftest import CASES, ROOT, SVG, MakeProject, released_once
from deckwright.anki.notes import Notes
from deckwright.anki.notetypes import layouts
from deckwright.anki.preview import preview
from deckwright.files import Folder
from deckwright.model import Status
from deckwright.pictures.media import with_media
from deckwright.project import build
from deckwright.reading.cards import card_files, load_cards, load_deck
from learner import Learner

LETTERS = "".join(chr(number) for number in range(161, 400) if number != 173)
GAPS = [
    "{{c1::a}} b {{c2::c::hint}}",
    "{{c1,2::both}} and {{c3::three}}",
    "{{c1::**b** {{c2::in {{c3::deep}} x}} y::a **hint**}}",
    "{{c1::one {{c1::in one}} more}}",
    r"$\frac{ {{c1::a}} }{b}$ and {{c2::$x^2 < y$}}",
    "{{c1::![a circle](circle.svg)}} {{c2::a:}}{{c3:: :b}}",
    "{{c1::a}}{{c1::b::}}",
    f"{{{{c1::{LETTERS} … – “x” α 中}}}} {{{{c2::<b>&amp;\"'}}}}",
]


def held_equal(root: Path, learner: Learner, out: Path) -> int:
    """Builds and imports a project, asserts that each preview equals what Anki shows, and returns their number."""
    packages = [path for path, _ in build(root, out, ["anki"], int(time.time())).written if path.suffix == ".apkg"]
    whole = [path for path in packages if "complete" in path.name] or packages
    for package in whole:
        learner.imports(package)
    shown = {(card.id_, card.ordinal): (card.front, card.back) for card in learner.cards()}
    files = Folder(root)
    deck, media = with_media(files, load_deck(files)[0])
    notes = Notes(deck, {name: medium.travels_as for name, medium in media.items()})
    names, _ = card_files(files)
    cards = [card for name in names for card in load_cards(name, files.read(name), deck).cards]
    previews = {}
    for note in [notes.note(card) for card in cards if card.status is not Status.DRAFT]:
        for each in preview(note, layouts(deck.settings, deck.words)[note.type]):
            previews[note.fields[note.type.fields.index("Card ID")], each.ordinal] = (each.front, each.back)
    assert {key: previews[key] for key in shown} == shown
    return len(shown)


@pytest.mark.parametrize("case", sorted(path.stem for path in (CASES / "kinds").glob("*.yaml")))
def test_every_kind(case: str, project: MakeProject, learner: Learner, tmp_path: Path) -> None:
    source = CASES / "kinds" / f"{case}.yaml"
    root = released_once(project({"cards.yaml": source.read_bytes(), "media/circle.svg": SVG}))
    assert held_equal(root, learner, tmp_path / "out")


def test_gaps(project: MakeProject, learner: Learner, tmp_path: Path) -> None:
    entries = ("  - id: gap-{}\n    cloze: '{}'\n    sources: book\n".format(n, text.replace("'", "''"))
               for n, text in enumerate(GAPS))  # fmt: skip
    root = project({"a.yaml": "topic: T\ncards:\n" + "".join(entries), "media/circle.svg": SVG})
    assert held_equal(root, learner, tmp_path / "out") == 17


def test_our_own_deck(learner: Learner, tmp_path: Path) -> None:
    assert held_equal(ROOT, learner, tmp_path / "out") > 290
