"""Rules that need more than one key: what a card, and the deck as a whole, must be.

In: the deck as written. Out: problems. Every rule stands in one of the two tables at the end.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from textwrap import indent
from typing import Any, NamedTuple

from deckwright import tex
from deckwright.foreign import foreign, rewritten
from deckwright.load import DECK, SOURCES, CardFile
from deckwright.markup import MOST_GAPS, broken_row, cloze_faults, filled, formulas, gap_texts, html, image_names, plain
from deckwright.model import (
    Basic,
    CardKind,
    Cloze,
    Deck,
    Items,
    Options,
    Status,
    complete_name,
    file_name,
    texts,
)
from deckwright.problem import Problem, Severity, Span, spelt_out
from deckwright.prompts import points_at_letter
from deckwright.yamltext import Text

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


class Seen(NamedTuple):
    """What the rules over the whole deck need of one file."""

    name: str
    topic: Text
    ids: tuple[Text, ...]
    hidden: tuple[str, ...]
    """Ids of drafts and of withdrawn cards: nobody can be sent to them."""
    see: tuple[Text, ...]
    """Where withdrawn cards send their learners."""
    dates: tuple[tuple[Text, str, date], ...]
    """When something was done to a card: the card's id, what is written in front of the date, the date."""


def seen(file: CardFile) -> Seen:
    """What to keep of a file for `check_deck` and `check_dates`."""
    see = [card.withdrawn.see for card in file.cards if card.withdrawn and card.withdrawn.see]
    hidden = [card.id for card in file.cards if card.withdrawn or card.status is Status.DRAFT]
    dates = [(card.id, name, day) for card in file.cards for name, day in _dates(card)]
    return Seen(file.name, file.topic, file.ids, tuple(hidden), tuple(see), tuple(dates))


def _dates(card: CardKind) -> Iterator[tuple[str, date]]:
    if card.reviewed:
        yield "reviewed:", card.reviewed.on
    if card.corrected:
        yield "corrected: on:", card.corrected.on
    if card.withdrawn:
        yield "withdrawn: on:", card.withdrawn.on


def check_dates(files: Sequence[Seen], now: int) -> Iterator[Problem]:
    """Dates of what was done to cards that are still to come, at `now` in seconds since 1970."""
    today = datetime.fromtimestamp(now, UTC).date()
    for file in files:
        for id_, name, day in file.dates:
            if day > today + timedelta(days=1):  # somewhere it is tomorrow already
                message = f"card {id_} has `{name} {day}`, and today is {today}"
                hint = "write the day on which it was done; if the date is right, set this machine's clock right"
                yield Problem(Span(file.name, id_.line, id_.column), "future-date", message, hint)


def check_deck(deck: Deck, files: Sequence[Seen]) -> list[Problem]:
    """Every problem that no file shows alone."""
    return [problem for rule in DECK_RULES for problem in rule(deck, files)]


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


def visible(card: CardKind, deck: Deck) -> Iterator[Problem]:
    """Questions and answers that show something: Anki makes no card of an empty front."""
    match card:
        case Basic():
            asked = [card.question, card.answer]
        case Cloze():
            asked = []
        case Options():
            asked = [card.question, *(option.text for option in card.options)]
        case Items():
            asked = [card.question, *(item.text for item in card.items)]
    for text in asked:
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
    match card:
        case Basic():
            same = _plainly(was) in {_plainly(text) for text in (card.answer, *card.also)}
        case Cloze():
            texts_now = (filled(card.cloze), *gap_texts(card.cloze).values())
            same = _plainly(was) in set(map(_plainly, texts_now))
        case Options():
            same = _lists(was, [option.text for option in card.options if option.correct], ordered=False)
        case Items():
            same = _lists(was, [item.text for item in card.items if not item.retired], ordered=card.ordered)
    if same:
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
    for text in texts(card):
        if "|" in text and "\n" in text:
            yield from _undrawn(card, text)
        for code, message in foreign(text, gaps=isinstance(card, Cloze) and text is card.cloze):
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


# --- the whole deck -----------------------------------------------------------------------------------------


def checkable(deck: Deck, files: Sequence[Seen]) -> Iterator[Problem]:
    """Every source can be looked up."""
    for source in deck.sources.values():
        if not (source.doi or source.url or source.isbn or source.pmid or source.file):
            span = Span(SOURCES, source.id.line, source.id.column)
            hint = "add doi:, url:, isbn:, pmid: or file:"
            yield Problem(span, "missing-key", f"source {source.id} cannot be looked up", hint)


def titled(deck: Deck, files: Sequence[Seen]) -> Iterator[Problem]:
    """A title that is one deck in Anki."""
    title = deck.settings.title
    if "::" in title or '"' in title:
        hint = "write it without :: and quotes; subdecks come from the topics"
        yield Problem(Span(DECK, title.line, title.column), "bad-topic", "this title is not one deck", hint)


def unique(deck: Deck, files: Sequence[Seen]) -> Iterator[Problem]:
    """An id names one card."""
    first: dict[str, tuple[str, int]] = {}
    for file in files:
        for id_ in file.ids:
            name, line = first.setdefault(id_, (file.name, id_.line))
            if (name, line) != (file.name, id_.line):
                message = f"the id `{id_}` stands a second time; the first is at {spelt_out(name)}:{line}"
                hint = "give the newer card an id of its own"
                yield Problem(Span(file.name, id_.line, id_.column), "doubled-id", message, hint)


def replaced(deck: Deck, files: Sequence[Seen]) -> Iterator[Problem]:
    """`see:` leads to a card."""
    if not any(file.see for file in files):
        return
    ids = {id_ for file in files for id_ in file.ids} - {id_ for file in files for id_ in file.hidden}
    for file in files:
        for see in file.see:
            if see not in ids:
                span = Span(file.name, see.line, see.column)
                hint = "write the id of a card that is neither draft nor withdrawn, or delete see:"
                yield Problem(span, "unknown-card", f"there is no card {see} to learn instead", hint)


def topics(deck: Deck, files: Sequence[Seen]) -> Iterator[Problem]:
    """Topics that Anki and file systems keep apart."""
    firsts: dict[str, tuple[str, Seen]] = {}
    names: dict[str, tuple[str, Seen]] = {}
    for file in files:
        if not file.topic:
            continue
        span = Span(file.name, file.topic.line, file.topic.column)
        parts = file.topic.split("::")
        for depth in range(1, len(parts) + 1):
            topic = "::".join(parts[:depth])
            first, where = firsts.setdefault(topic.casefold(), (topic, file))
            if first != topic:
                message = f"the topic {topic!r} is written {first!r} in {where.name}:{where.topic.line}"
                yield Problem(span, "topic-case", message, "write both the same way")
        first, where = names.setdefault(file_name(parts[0]), (parts[0], file))
        if first.casefold() != parts[0].casefold():
            message = f"the topics {first!r} ({where.name}:{where.topic.line}) and {parts[0]!r} make one file name"
            yield Problem(span, "output-clash", message, "rename one of them")
    whole = complete_name(deck.settings.title)
    if whole in names:
        first, where = names[whole]
        span = Span(where.name, where.topic.line, where.topic.column)
        message = f"the topic {first!r} would overwrite the package of the whole deck, {whole}"
        yield Problem(span, "output-clash", message, "rename the topic")


def media(deck: Deck, files: Sequence[Seen]) -> Iterator[Problem]:
    """Media files that every file system and Anki keep apart."""
    seen: dict[str, str] = {}
    for name in deck.media:
        first = seen.setdefault(name.casefold(), name)
        if first != name:
            message = f"{first} and {name} are one file on Windows and macOS"
            yield Problem(Span(f"cards/media/{name}"), "media-case", message, "rename one of them")


CardRule = Callable[[Any, Deck], Iterator[Problem]]
CARD_RULES: dict[type[CardKind], tuple[CardRule, ...]] = {
    Basic: (honest, corrected, visible, pictures, printable, native),
    Cloze: (honest, corrected, pictures, gaps, printable, native),
    Options: (honest, corrected, visible, pictures, choosable, printable, native, lettered),
    Items: (honest, corrected, visible, pictures, listed, printable, native),
}
DeckRule = Callable[[Deck, Sequence[Seen]], Iterator[Problem]]
DECK_RULES: tuple[DeckRule, ...] = (titled, checkable, unique, replaced, topics, media)
