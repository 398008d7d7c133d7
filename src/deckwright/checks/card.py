"""The rules for one card: what an author should know about it before anybody learns it.

In: a card and what its deck shares. Out: problems. A rule is a function and its name in `CARD_RULES`.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from textwrap import indent
from typing import Any

from deckwright.anki.prompts import points_at_letter
from deckwright.markup import tex
from deckwright.markup.cloze import MOST_GAPS, filled
from deckwright.markup.foreign import foreign, rewritten
from deckwright.markup.html import html
from deckwright.markup.text import cloze_faults, formulas, gap_texts, image_names, plain
from deckwright.markup.tree import broken_row
from deckwright.model import Basic, CardKind, Cloze, Deck, Items, Options, Role, Status, Text, parts, texts
from deckwright.problem import Problem, Severity, Span
from deckwright.reading.cards import CardFile

IMAGE_ENDINGS = (".svg", ".png", ".jpg", ".jpeg", ".gif", ".webp")
"""What Anki shows on every platform."""

_WORD = re.compile(r"[^\W_]")
_IMAGE = re.compile(r"(?<!\\)!\[(?:[^\[\]\n]|\[[^\[\]\n]*\])*\]\(")


def check_cards(file: CardFile, deck: Deck) -> list[Problem]:
    """Every problem of one file's cards that their single keys do not show."""
    found = [problem for card in file.cards for rule in CARD_RULES[type(card)] for problem in rule(card, deck)]
    for card in file.broken:  # `honest` looks at keys that may be there and wrong
        found += [problem for rule in CARD_RULES[type(card)] if rule is not honest for problem in rule(card, deck)]
    return found


def _at(card: CardKind, text: Text) -> Span:
    return Span(card.span.file, text.line, text.column)


def _same(text: str) -> str:
    """A text as far as two answers differ to a learner."""
    return re.sub(r"\s+", " ", re.sub(r"</?(?:strong|em)>", "", html(text, {}))).strip().rstrip(" .;,")


# --- one card -----------------------------------------------------------------------------------------------


def honest(card: CardKind, deck: Deck) -> Iterator[Problem]:
    """A fact without a source is not shown to anybody; what no longer holds as it stands says so. A withdrawn card says
    that it does not hold at all."""
    if card.withdrawn:
        return
    if not card.sources and card.status is not Status.DRAFT:
        hint = "add sources: with an id from cards/sources.yaml, or, until it has one, status: draft"
        yield Problem(_at(card, card.id), "missing-key", f"card {card.id} has no `sources`", hint)
    if card.status in (Status.CONTESTED, Status.SUPERSEDED) and card.caveat is None:
        message = f"card {card.id} is {card.status} and has no `caveat`"
        yield Problem(_at(card, card.id), "missing-key", message, "add caveat: with what is known today")
    if card.status is Status.SUPERSEDED and card.as_of is None:
        message = f"card {card.id} is superseded and has no `as_of`"
        yield Problem(_at(card, card.id), "missing-key", message, "add as_of: with the year its figure describes")


def choosable(card: Options, deck: Deck) -> Iterator[Problem]:
    """Options among which one can choose."""
    correct = sum(option.correct for option in card.options)
    if not correct or correct == len(card.options):
        side = "correct" if correct == 0 else "wrong"
        place = _at(card, card.options[0].text)
        yield Problem(place, "options", f"card {card.id} has no {side} option", f"add - {side}: …")
    yield from _doubled(card, [option.text for option in card.options], "option", "doubled-option")


def listed(card: Items, deck: Deck) -> Iterator[Problem]:
    """Items that make a list."""
    if len(card.items) < 2:
        hint = "add the others, or write it as `answer:`"
        yield Problem(_at(card, card.items[0].text), "items", f"card {card.id} has one item", hint)
    if len(card.items) > MOST_GAPS:
        message = f"card {card.id} has {len(card.items)} items; Anki asks {MOST_GAPS} at most"
        yield Problem(_at(card, card.items[MOST_GAPS].text), "items", message, "make several cards of it")
    yield from _doubled(card, [item.text for item in card.items], "item", "doubled-item")


_SHOWN: tuple[Role, ...] = ("question", "answer", "correct", "wrong", "item", "retired")
"""The texts that Anki shows alone on a side of a card or on a button."""


def visible(card: CardKind, deck: Deck) -> Iterator[Problem]:
    """Questions and answers that show something: Anki makes no card of an empty front."""
    for text in texts(card, *_SHOWN):
        if _WORD.search(text) and "[" not in text:
            continue
        if not plain(text).strip() and not image_names(text):
            yield Problem(_at(card, text), "empty-text", "this text shows nothing", "write what it should show")


def _doubled(card: CardKind, entries: list[Text], what: str, code: str) -> Iterator[Problem]:
    seen: dict[str, Text] = {}
    for text in entries:
        first = seen.setdefault(_same(text), text)
        if first is not text:
            message = f"this {what} says the same as the one on line {first.line}"
            yield Problem(_at(card, text), code, message, "keep one of the two")


def gaps(card: Cloze, deck: Deck) -> Iterator[Problem]:
    """Gaps that Anki understands."""
    for fault in cloze_faults(card.cloze):
        yield Problem(_at(card, card.cloze), fault.code, fault.message, fault.hint)


def corrected(card: CardKind, deck: Deck) -> Iterator[Problem]:
    """What a correction calls wrong is not what the card says today."""
    if card.corrected is None:
        return
    was = card.corrected.was
    single: list[str] = [*texts(card, "answer", "also")]
    for cloze in texts(card, "cloze"):
        single += [filled(cloze), *gap_texts(cloze).values()]
    several = texts(card, "correct", "item")
    in_order = isinstance(card, Items) and card.ordered
    if _plainly(was) in map(_plainly, single) or (several and _lists(was, several, ordered=in_order)):
        message = f"`was:` is what card {card.id} says today; learners would be told that it is wrong"
        hint = "write what the card said before it was corrected; if nothing was wrong, delete corrected:"
        yield Problem(_at(card, was), "not-corrected", message, hint)


def _plainly(text: str) -> str:
    """What a learner reads of a text, without its markup and the signs at its end."""
    return " ".join(plain(text).split()).rstrip(" .;,")


def _lists(text: str, entries: Sequence[Text], *, ordered: bool) -> bool:
    """Whether a text lists some entries and nothing else: one a line, or separated by semicolons or commas. Where they
    are `ordered`, in their order."""
    expected = [_plainly(entry) for entry in entries]
    for separator in ("\n", ";", ","):
        written = [_plainly(re.sub(r"^\s*(?:[-*]|\d+\.)\s+", "", part)) for part in text.split(separator)]
        listed = [part for part in written if part]
        if listed == expected or (not ordered and sorted(listed) == sorted(expected)):
            return True
    return False


def pictures(card: CardKind, deck: Deck) -> Iterator[Problem]:
    """Images that are there, described, and safe to copy."""
    for text in texts(card):
        if "![" not in text:
            continue
        place = _at(card, text)
        shown = image_names(text)
        if len(shown) < len(_IMAGE.findall(text)):
            hint = "write ![what it shows](file.svg), the file's name without spaces"
            yield Problem(place, "image-syntax", "an image is not written as one", hint)
        for name, alternative in shown:
            if not alternative.strip():
                hint = f"describe it for those who cannot see it: ![what it shows]({name})"
                yield Problem(place, "image-text", f"the image {name} has no text", hint)
            if "/" in name or "\\" in name or ":" in name or name.startswith("."):
                hint = "put the file into cards/media/ and write its name alone"
                yield Problem(place, "unsafe-file", f"{name!r} is no file of cards/media/", hint)
            elif name not in deck.media:
                likely = [known for known in deck.media if known.casefold() == name.casefold()]
                hint = f"write it as the file is named: {likely[0]}" if likely else "put it into cards/media/"
                yield Problem(place, "missing-file", f"there is no {name} in cards/media/", hint)
            elif not name.lower().endswith(IMAGE_ENDINGS):
                hint = "use " + ", ".join(IMAGE_ENDINGS)
                yield Problem(place, "image-kind", f"{name} is no image that every Anki shows", hint)
            elif name in deck.unusable:
                message = f"cards/media/{name} cannot be used: {deck.unusable[name]}"
                hint = "open it, look whether it is whole, and save it again as JPEG, PNG or plain SVG"
                yield Problem(place, "bad-picture", message, hint)


def printable(card: CardKind, deck: Deck) -> Iterator[Problem]:
    """Formulas that paper shows as Anki does."""
    for text in texts(card):
        for source in formulas(text):
            if tex.parse(source) is None and "math-not-printed" not in card.allow:
                message = f"the formula ${source}$ is printed as written: it is outside what sheets can draw"
                hint = 'docs/cards.md lists what they can; to accept it: allow: {math-not-printed: "why"}'
                yield Problem(_at(card, text), "math-not-printed", message, hint, Severity.ADVICE)


FOREIGN_HINTS = {
    "anki-formula": "write formulas between dollar signs",
    "open-formula": "write $ directly before and directly behind the formula; a sum of money needs no care",
    "html-tag": "write it without HTML",
    "html-entity": "write the character itself",
    "anki-cloze": "a card with gaps has `cloze:` in place of `question` and `answer`",
    "anki-sound": "take it out; cards have no sound",
}


def native(card: CardKind, deck: Deck) -> Iterator[Problem]:
    """Texts without what other programs would read as markup, or tables that are none: both come out as written."""
    for role, text, _ in parts(card):
        if "|" in text and "\n" in text:
            yield from _undrawn(card, text)
        for code, message in foreign(text, gaps=role == "cloze"):
            if code in card.allow:
                continue
            hint = FOREIGN_HINTS[code]
            now = rewritten(text)
            if now and now != text:
                hint += ", in several lines with | behind the key" if "\n" in now and "\n" not in text else ""
                hint += ":\n" + indent(now, "  ")
            hint += f'\nif it should be shown so: allow: {{{code}: "why"}}'
            yield Problem(_at(card, text), code, message, hint, Severity.ADVICE)


def _undrawn(card: CardKind, text: Text) -> Iterator[Problem]:
    """A table with a row that does not fit: it comes out as written, bars and all."""
    if "table-as-written" not in card.allow and (broken := broken_row(text)) is not None:
        row, cells, head = broken
        message = f"this table is shown as written: its row `{row.strip()}` has {cells} cells and its head {head}"
        hint = f"give the row {head} cells; a bar inside a cell is written \\|"
        hint += '\nif it should be shown so: allow: {table-as-written: "why"}'
        yield Problem(_at(card, text), "table-as-written", message, hint, Severity.ADVICE)


def lettered(card: Options, deck: Deck) -> Iterator[Problem]:
    """Texts that speak of "option B", though each form and each learner sees another order."""
    for text in texts(card):
        if points_at_letter(text) and "points-at-letter" not in card.allow:
            message = "this text speaks of an option by its letter, so the options keep the order written, everywhere"
            hint = 'name what the option says; to accept it: allow: {points-at-letter: "why"}'
            yield Problem(_at(card, text), "points-at-letter", message, hint, Severity.ADVICE)


CardRule = Callable[[Any, Deck], Iterator[Problem]]
CARD_RULES: dict[type[CardKind], tuple[CardRule, ...]] = {
    Basic: (honest, corrected, visible, pictures, printable, native),
    Cloze: (honest, corrected, pictures, gaps, printable, native),
    Options: (honest, corrected, visible, pictures, choosable, printable, native, lettered),
    Items: (honest, corrected, visible, pictures, listed, printable, native),
}
