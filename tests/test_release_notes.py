"""The template of the release notes: its words are free, but no author's text in it may become markup."""

from deckwright.problem import Span
from deckwright.release.compare import Change, What
from deckwright.release.fingerprint import Correction
from deckwright.release.notes import Move, ReleaseNotes, filled

HOSTILE = "*HOSTILE* <b>"


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
    )


def notes(*, first: bool, number: int = 1) -> ReleaseNotes:
    of = {what: [change(what)] * number for what in What}
    return ReleaseNotes(
        title=HOSTILE,
        name="2026-11-22",
        namespace="test",
        first=first,
        relearn=of[What.RELEARN],
        corrected=of[What.CORRECTED],
        new=of[What.NEW],
        back=of[What.BACK],
        withdrawn=of[What.WITHDRAWN],
        changed_otherwise=1,
        moved=1,
        moves=[Move(HOSTILE, HOSTILE, ["card-other"])],
        resent=1,
        unchanged=1,
        restyled=True,
        replaced=["card-other"],
        reasons=[("content", 1)],
        text_files=True,
        same_text=1,
    )


def test_no_text_of_an_author_becomes_markup() -> None:
    for text, times in (
        (filled(notes(first=False)), 1 + 3 + 4 * 3 + 2),
        (filled(notes(first=True)), 2),
        (filled(notes(first=False, number=61)), 1 + 3 * 61 + 4 + 2),
    ):
        assert text.count("HOSTILE") == text.count("\\*HOSTILE\\* &lt;b&gt;") == times


def test_one_blank_line_between_paragraphs() -> None:
    for text in (filled(notes(first=False)), filled(notes(first=True))):
        assert text.startswith("# ")
        assert text.endswith(".\n")
        assert "\n\n\n" not in text
        assert not [line for line in text.splitlines() if line != line.strip()]
