"""The rules that see the whole deck: ids, topics, names of outputs, dates.

In: the facts of every file that these rules need. Out: problems. A rule is a function and its name in `DECK_RULES`.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from deckwright.files import DECK, SOURCES
from deckwright.model import CardKind, Deck, Status, Text, complete_name, file_name
from deckwright.problem import Problem, Span, spelt_out
from deckwright.reading.cards import CardFile


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


DeckRule = Callable[[Deck, Sequence[Seen]], Iterator[Problem]]
DECK_RULES: tuple[DeckRule, ...] = (titled, checkable, unique, replaced, topics, media)
