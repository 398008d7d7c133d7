"""The template of the release notes: its words are free, but no author's text in it may become markup."""

from typing import TYPE_CHECKING

from conftest import STAMP, MakeProject, release
from deckwright.problem import Span
from deckwright.reading.words import words_in
from deckwright.release.compare import Change, What
from deckwright.release.diff import Piece
from deckwright.release.fingerprint import Correction
from deckwright.release.notes import Move, NoLonger, ReleaseNotes, Wording, filled

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CARD = "topic: T\ncards:\n  - id: one\n    question: {}\n    answer: This\n    sources: book\n"
HOSTILE = "*HOSTILE* <b>"
PIECES = [Piece(HOSTILE), Piece(HOSTILE, went=True), Piece(HOSTILE, came=True)]


def change(what: What) -> Change:
    return Change(
        id=f"card-{what}",
        span=Span("cards/a.yaml"),
        topic=HOSTILE,
        headline=HOSTILE,
        what=what,
        reasons=(),
        fields=(),
        correction=Correction(HOSTILE, HOSTILE, HOSTILE),
        withdrawal=HOSTILE,
        moved_from="",
        lost=(),
    )


def notes(*, first: bool, number: int = 1) -> ReleaseNotes:
    of = {what: [change(what)] * number for what in What}
    return ReleaseNotes(
        title=HOSTILE,
        name="2026-11-22",
        namespace="test",
        words=words_in("en"),
        first=first,
        relearn=of[What.RELEARN],
        corrected=of[What.CORRECTED],
        wordings={"card-corrected": Wording([("Question", PIECES)], only="")},
        no_longer=[NoLonger(change(What.CORRECTED), [HOSTILE], [HOSTILE])],
        new=of[What.NEW],
        back=of[What.BACK],
        withdrawn=of[What.WITHDRAWN],
        changed_otherwise=1,
        moved=1,
        moves=[Move(HOSTILE, HOSTILE, ["card-other"], renamed=True)],
        resent=1,
        unchanged=1,
        restyled=True,
        replaced=["card-other"],
        reasons=[("reason_content", 1)],
        text_files=True,
        same_text=1,
    )


def test_no_text_of_an_author_becomes_markup() -> None:
    for text, times in (
        (filled(notes(first=False)), 1 + 3 + (2 + 3) + 3 * 3 + 4 + 4),
        (filled(notes(first=True)), 2),
        (filled(notes(first=False, number=61)), 1 + 3 * 61 + 4 + 4 + 4),
    ):
        assert text.count("HOSTILE") == text.count("\\*HOSTILE\\* &lt;b&gt;") == times


def test_one_blank_line_between_paragraphs() -> None:
    for text in (filled(notes(first=False)), filled(notes(first=True))):
        assert text.startswith("# ")
        assert text.endswith(".\n")
        assert "\n\n\n" not in text
        assert not [
            line
            for line in text.splitlines()
            if line.removeprefix("  - ") != line.strip().removeprefix("- ") and not line.startswith("- ")
        ]


def test_a_search_is_copied_with_one_tap(browser: "Browser", project: MakeProject) -> None:
    root = project({"a.yaml": CARD.format("What is it?")})
    release(root)
    (root / "cards/a.yaml").write_text(CARD.format("What is this?"))
    release(root, STAMP + 10)
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto((root / "build/release-notes-2026-11-22-2.html").as_uri())
    page.locator("pre + button").first.click()
    assert page.locator("pre + button").first.inner_text() == "Copied"
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.strip() == '"Personal Notes:_*" "Card ID:one" tag:test::*'
    context.close()
