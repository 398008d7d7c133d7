"""The release notes: what a release changes, for people.

In: a comparison with what learners had, and the texts of the cards before and after. Out: the notes as Markdown, for
cards/releases/, and as a page, for learners. Their words are those of the deck (languages/), their order is in
templates/release_notes.md; `ReleaseNotes` holds all that the template can use.
"""

import re
from base64 import b64encode
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from deckwright.formats import File
from deckwright.markup.cloze import clozes
from deckwright.markup.html import as_written, html_text
from deckwright.markup.html import page as html_of
from deckwright.markup.text import plain
from deckwright.model import Deck
from deckwright.pages import rendered
from deckwright.release.changes import Said
from deckwright.release.compare import REASONS, Change, Outcome, What
from deckwright.release.diff import Piece, Texts, differences
from deckwright.words import Words, direction

LONGEST_LIST = 60
"""Above this many cards, a list gives the number in each topic instead of every card."""

LONGEST_SEARCH = 100
"""The most ids in one search."""

LITTLE = 0.4
"""If no more than this share of a text stayed, it is shown as a whole before and after, not word by word."""


class Move(NamedTuple):
    """Cards that go from one Anki deck to another."""

    before: str
    after: str
    ids: list[str]
    renamed: bool
    """Whether no card is left in the old deck."""


class Wording(NamedTuple):
    """What changed in the text of a card."""

    texts: Sequence[tuple[str, Sequence[Piece]]]
    """The texts that differ, each with what it is called."""
    only: str
    """The word for what changed if no text differs; empty if there is nothing to say."""


class NoLonger(NamedTuple):
    """A card of which something is no longer asked."""

    card: Change
    retired: Sequence[str]
    """What no longer counts; its own card says so."""
    lost: Sequence[str]
    """What is not asked any more; its own card is empty."""


@dataclass(frozen=True, kw_only=True)
class ReleaseNotes:
    """What the template is filled with. Texts are as their authors wrote them; the template escapes them."""

    title: str
    """The deck's."""
    name: str
    """The name of the release, which is its date."""
    namespace: str
    words: Words
    first: bool
    """Whether nothing was released before."""
    relearn: Sequence[Change]
    """Cards whose answer was wrong; each has its `correction`."""
    corrected: Sequence[Change]
    wordings: Mapping[str, Wording]
    """What changed in a card, by its id; only where the earlier text is known."""
    no_longer: Sequence[NoLonger]
    new: Sequence[Change]
    back: Sequence[Change]
    """Cards that are no longer withdrawn."""
    withdrawn: Sequence[Change]
    changed_otherwise: int
    """The number of cards in which only sources or tags changed, and not their topic."""
    moved: int
    """The number of cards in `moves` that are in none of the lists above."""
    moves: Sequence[Move]
    resent: int
    """The number of unchanged notes that learners get again."""
    unchanged: int
    """The number of notes that stay as learners have them."""
    restyled: bool
    """Whether templates or styles changed."""
    replaced: Sequence[str]
    """The ids of all notes that an import replaces."""
    reasons: Sequence[tuple[str, int]]
    """The words for why notes are replaced, each with its number of notes. A note can have several reasons."""
    text_files: bool
    """Whether the release has text corrections."""
    same_text: int
    """The number of replaced notes that no text correction spares, because their text did not change."""


def markdown(outcome: Outcome, deck: Deck, name: str, said: Said, *, texts: bool) -> str:
    """The notes of the release called `name`, its date; `texts` says whether it has text corrections."""
    return filled(release_notes(outcome, deck, name, said, texts=texts))


def filled(notes: ReleaseNotes) -> str:
    """The template filled with these notes. Several blank lines in a row count as one."""
    text = _ENVIRONMENT.get_template("release_notes.md").render(vars(notes))
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n") + "\n"


_HTML = re.compile(r"<(?!/?(?:del|ins)>)")
"""A `<` that may start HTML, unless it is a mark of this program around removed or added words."""


def page(text: str, deck: Deck, name: str) -> File:
    """The notes as a page; somebody may have edited them. HTML and links in them are disabled."""
    words = deck.words
    html = html_of(_HTML.sub("&lt;", text).replace("](", "]\\(").replace("]:", "]\\:"))
    for mark, spoken in (("del", words["removed"]), ("ins", words["added"])):
        html = html.replace(f"<{mark}>", f'<{mark}><span class="spoken">{html_text(spoken)} </span>')
    script = rendered("release_notes.js")
    page = rendered(
        "release_notes.html",
        title=deck.settings.title,
        words=words,
        direction=direction(words.language),
        name=name,
        body=Markup(html),  # noqa: S704 - every text of an author in it is escaped
        script=Markup(script),  # noqa: S704 - our own file
        digest=b64encode(sha256(script.encode()).digest()).decode(),
    )
    return File(f"release-notes-{name}.html", page.encode(), words["about_release_notes"])


def release_notes(outcome: Outcome, deck: Deck, name: str, said: Said, *, texts: bool) -> ReleaseNotes:
    """What the template needs to know about a release."""
    of = {what: [change for change in outcome.changes if change.what is what] for what in What}
    changed = [change for change in outcome.changes if change.what is not What.NEW]
    moved = [change for change in outcome.changes if change.moved_from]
    causes = Counter(reason for change in changed for reason in change.reasons)
    resent = len(outcome.resent)
    if resent:
        causes[_RESENT] = resent
    topics = {dated.note.topic.casefold() for dated in outcome.notes}
    return ReleaseNotes(
        title=deck.settings.title,
        name=name,
        namespace=deck.settings.namespace,
        words=deck.words,
        first=outcome.first,
        relearn=of[What.RELEARN],
        corrected=of[What.CORRECTED],
        wordings={change.id: _wording(change, said, deck.words) for change in changed if change.id in said.before},
        no_longer=[each for change in changed if (each := _no_longer(change, said)).retired or each.lost],
        new=of[What.NEW],
        back=of[What.BACK],
        withdrawn=of[What.WITHDRAWN],
        changed_otherwise=sum(not change.moved_from for change in of[What.OTHER]),
        moved=sum(bool(change.moved_from) for change in of[What.OTHER]),
        moves=_moves(moved, deck.settings.title, topics),
        resent=resent,
        unchanged=outcome.unchanged,
        restyled=bool(outcome.notetypes),
        replaced=[*(change.id for change in changed), *outcome.resent],
        reasons=[(_REASONS[reason], causes[reason]) for reason in (*REASONS, _RESENT) if causes[reason]],
        text_files=texts,
        same_text=sum(change.reasons == ("tags",) for change in changed) + resent,
    )


_RESENT = "sent again"
_REASONS = {
    "content": "reason_content", "picture": "reason_picture", "source": "reason_source", "tags": "reason_tags",
    _RESENT: "reason_resent",
}  # fmt: skip
"""The words for why a note is replaced."""


def _moves(moved: Sequence[Change], title: str, topics: set[str]) -> list[Move]:
    """The cards that moved, grouped by their old and new Anki decks. `topics` are those that cards still have."""
    ids: dict[tuple[str, str], list[str]] = {}
    for change in moved:
        ids.setdefault((change.moved_from, change.topic), []).append(change.id)
    return [
        Move(f"{title}::{before}", f"{title}::{after}", group, before.casefold() not in topics)
        for (before, after), group in ids.items()
    ]


# --- the words before and after -------------------------------------------------------------------------------

_CALLED = {
    "question": "text_question", "answer": "text_answer", "also": "text_also", "reverse": "text_reverse",
    "cloze": "text_cloze", "correct": "text_correct", "wrong": "text_wrong", "why": "text_why", "item": "text_item",
    "mask": "text_mask", "explanation": "text_explanation", "caveat": "caveat",
}  # fmt: skip
"""What the texts of a card are called for learners, by the keys of `model.written`. The others are not shown."""


def _wording(change: Change, said: Said, words: Words) -> Wording:
    """What changed in the text of a card, without markup. What was retired is told apart, by `_no_longer`."""
    retired = {*_retired(said, change.id), "true"}
    before, after = (
        [(key, text) for key, text in texts if key.split()[0] in _CALLED and text not in retired]
        for texts in (said.before[change.id], said.after[change.id])
    )
    plain_before, plain_after = ([(key, _readable(key, text)) for key, text in texts] for texts in (before, after))
    same = Counter(map(_named, plain_before)) & Counter(map(_named, plain_after))
    different = differences(*(_without(texts, same) for texts in (plain_before, plain_after)))
    found = [(_called(key, words), _calm(pieces)) for key, pieces in different]
    if found:
        return Wording(found, "")
    were, are = (_places(texts) for texts in (said.before[change.id], said.after[change.id]))
    if were != are:
        return Wording([], "places_moved")
    form, order = plain_before == plain_after, any(key.startswith("item") for key, _ in after)
    only = "only_form_changed" if form else "only_order_changed" if order else ""
    return Wording([], only if before != after else "")


def _places(texts: Texts) -> Texts:
    """Where the masks of a picture are."""
    return [(key, text) for key, text in texts if key.startswith("at of")]


def _named(text: tuple[str, str]) -> tuple[str, str]:
    """A text with its key, without a number: a wrong option is the same in another place."""
    return text[0].split()[0], text[1]


def _without(texts: Texts, others: Counter[tuple[str, str]]) -> Texts:
    """The texts that are not among `others`, each of which takes away one."""
    left, kept = others.copy(), []
    for text in texts:
        if left[_named(text)]:
            left[_named(text)] -= 1
        else:
            kept.append(text)
    return kept


def _called(key: str, words: Words) -> str:
    """A key for learners: `why of 2` is `Reason`. They do not see the numbers that an author gives."""
    return words[_CALLED[key.split()[0]]]


def _readable(key: str, text: str) -> str:
    """A text on one line and without markup; gaps are in brackets."""
    if key == "cloze":
        edges = [edge for gap in clozes(text) for edge in ((gap.start, gap.inner, "["), (gap.hint, gap.stop + 2, "]"))]
        for start, stop, bracket in sorted(edges, reverse=True):
            text = f"{text[:start]}{bracket}{text[stop:]}"
    return " ".join(plain(text).split())


def _calm(pieces: Sequence[Piece]) -> Sequence[Piece]:
    """The pieces of a merged text; only two, the old and the new text, if little stayed."""
    kept = sum(len(piece.text) for piece in pieces if not piece.went and not piece.came)
    old = "".join(piece.text for piece in pieces if not piece.came)
    new = "".join(piece.text for piece in pieces if not piece.went)
    if not old or not new or kept > LITTLE * min(len(old), len(new)):
        return pieces
    return [Piece(old, went=True), Piece(" "), Piece(new, came=True)]


def _retired(said: Said, id_: str) -> list[str]:
    """What a card retires that it asked before. Empty if the earlier text is not known."""
    if id_ not in said.before:
        return []
    before, after = (_retired_in(texts) for texts in (said.before[id_], said.after[id_]))
    return [text for text in after if text not in before]


def _retired_in(texts: Texts) -> list[str]:
    return [text for key, text in texts if key.split()[0] == "retired" or (key, text) == _REVERSE_RETIRED]


_REVERSE_RETIRED = ("reverse", "retired")


def _no_longer(change: Change, said: Said) -> NoLonger:
    texts = _retired(said, change.id)
    return NoLonger(change, ["" if text == _REVERSE_RETIRED[1] else plain(text) for text in texts], change.lost)


# --- what the template uses -----------------------------------------------------------------------------------


def _marked(pieces: Sequence[Piece]) -> str:
    """Pieces, which consist of whole words, as Markdown, with the removed and the added words marked."""
    marks = {(False, False): "{}", (True, False): "<del>{}</del>", (False, True): "<ins>{}</ins>"}
    words = [(as_written(piece.text.strip()), marks[piece.went, piece.came]) for piece in pieces]
    return " ".join([mark.format(text) for text, mark in words if text])


def _searches_for(ids: Sequence[str], namespace: str) -> list[str]:
    """Searches for Anki's Browse window that find exactly these cards; several if one would be too long."""
    parts = [ids[start : start + LONGEST_SEARCH] for start in range(0, len(ids), LONGEST_SEARCH)]
    return [f'"Card ID:{_any_of(part)}" tag:{namespace}::*' for part in parts]


def _any_of(ids: Sequence[str]) -> str:
    return ids[0] if len(ids) == 1 else f"re:^({'|'.join(ids)})$"


def _by_topic(changes: Sequence[Change]) -> list[tuple[str, int]]:
    """Each topic with its number of cards."""
    return list(Counter(change.topic for change in changes).items())


def _one_line(text: str) -> str:
    """A text on one line, without the full stop at its end."""
    return " ".join(text.split()).rstrip(".")


_ENVIRONMENT = Environment(
    loader=PackageLoader("deckwright"),
    autoescape=False,  # noqa: S701 - this is Markdown, not HTML: the template escapes with `escaped`
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_ENVIRONMENT.filters |= {
    "by_topic": _by_topic,
    "escaped": as_written,
    "marked": _marked,
    "one_line": _one_line,
    "searches_for": _searches_for,
}
_ENVIRONMENT.globals["longest_list"] = LONGEST_LIST
