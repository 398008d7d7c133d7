"""The rules that see the whole deck: ids, topics, names of outputs, dates.

In: facts about the cards of each file, kept so that an unchanged file is not read again. Out: problems. Each rule is a
function in the table `DECK_RULES`. A rule that needs to know more about the cards adds a field to `CardFacts`.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from deckwright.files import DECK, SOURCES
from deckwright.model import CardKind, Citation, Deck, Status, Text, complete_name, file_name
from deckwright.problem import Problem, Span, spelt_out
from deckwright.reading.cards import CardFile
from deckwright.reading.citing import meant


class CardFacts(NamedTuple):
    """What the rules need to know about one card that can be read."""

    id: Text
    reachable: bool
    """Whether learners can be sent to it: it is neither a draft nor withdrawn."""
    see: Text | None
    """The card that it sends learners to, if it is withdrawn."""
    dates: tuple[tuple[str, date], ...]
    """When something was done to it: the key before the date, and the date."""


class FileFacts(NamedTuple):
    """What the rules need to know about one file. It depends on that file alone."""

    name: str
    topic: Text
    """Empty if it is not valid."""
    ids: tuple[Text, ...]
    """The ids of all its cards, including those with errors."""
    cards: tuple[CardFacts, ...]
    """The facts about its cards without errors."""
    cites: Citation | None
    """The first citation of a card, even of one with errors."""

    @property
    def hidden(self) -> tuple[str, ...]:
        """The ids of drafts and of withdrawn cards."""
        return tuple(card.id for card in self.cards if not card.reachable)

    def at(self, text: Text) -> Span:
        """Where a text of this file is written."""
        return Span(self.name, text.line, text.column)


class DeckFacts(NamedTuple):
    """What the rules know: what all cards share, and the facts of every file, in order."""

    deck: Deck
    files: tuple[FileFacts, ...]

    def cards(self) -> Iterator[tuple[FileFacts, CardFacts]]:
        """Every card that can be read, with its file."""
        return ((file, card) for file in self.files for card in file.cards)


def facts_of(file: CardFile) -> FileFacts:
    """The facts of one file."""
    cites = next((citation for card in (*file.cards, *file.broken) for citation in card.sources), None)
    return FileFacts(file.name, file.topic, file.ids, tuple(map(_facts, file.cards)), cites)


def _facts(card: CardKind) -> CardFacts:
    return CardFacts(
        id=card.id,
        reachable=not card.withdrawn and card.status is not Status.DRAFT,
        see=card.withdrawn.see if card.withdrawn else None,
        dates=tuple(_dates(card)),
    )


def _dates(card: CardKind) -> Iterator[tuple[str, date]]:
    if card.reviewed:
        yield "reviewed:", card.reviewed.on
    if card.corrected:
        yield "corrected: on:", card.corrected.on
    if card.withdrawn:
        yield "withdrawn: on:", card.withdrawn.on


def check_deck(deck: Deck, files: Sequence[FileFacts]) -> list[Problem]:
    """Every problem that cannot be seen from one file alone."""
    facts = DeckFacts(deck, tuple(files))
    return [problem for rule in DECK_RULES for problem in rule(facts)]


def check_dates(files: Sequence[FileFacts], now: int) -> list[Problem]:
    """Problems of dates that lie after `now`, in seconds since 1970. Separate from the other rules, because a release
    can be built again on any day."""
    today = datetime.fromtimestamp(now, UTC).date()
    return [problem for file in files for problem in no_future_date(file, today)]


# --- the whole deck -----------------------------------------------------------------------------------------


def source_can_be_found(facts: DeckFacts) -> Iterator[Problem]:
    """Every source says how readers can find it.

    passes:
        # cards/sources.yaml
        book:
          title: A textbook
          kind: textbook
          isbn: 978-3-16-148410-0
    fails [missing-key]:
        # cards/sources.yaml
        book:
          title: A textbook
          kind: textbook
    """
    for source in facts.deck.sources.values():
        if not (source.doi or source.url or source.isbn or source.pmid or source.file):
            span = Span(SOURCES, source.id.line, source.id.column)
            hint = "add doi:, url:, isbn:, pmid: or file:"
            yield Problem(span, "missing-key", f"source {source.id} cannot be looked up", hint)


def sources_are_described(facts: DeckFacts) -> Iterator[Problem]:
    """Sources that cards cite are described in cards/sources.yaml.

    passes:
        - id: femur
          question: Which bone is the longest?
          answer: The femur
          sources: book
    fails [no-sources]:
        - id: femur
          question: Which bone is the longest?
          answer: The femur
          sources: gray-2020
        # cards/sources.yaml
        # No source is described yet.
    """
    if facts.deck.citable is None or facts.deck.citable:
        return
    cites = next((file.cites for file in facts.files if file.cites), None)
    if cites:
        written = f"{cites.source} {cites.locator}".strip()
        source = meant(written)
        hint = f"describe in it each source that cards cite, and fill in each …:\n{source.entry()}"
        hint += f"\nand write {source.citation} instead of {written} on the card" if source.citation != written else ""
        yield Problem(Span(SOURCES), "no-sources", "this file is missing or empty, and cards cite sources", hint)


def title_is_one_deck(facts: DeckFacts) -> Iterator[Problem]:
    """The title names one deck in Anki.

    passes:
        # cards/deck.yaml
        title: Low back and hip pain
        namespace: back
    fails [bad-topic]:
        # cards/deck.yaml
        title: Back::Pain
        namespace: back
    """
    title = facts.deck.settings.title
    if "::" in title or '"' in title:
        hint = "write it without :: and quotes; subdecks come from the topics"
        yield Problem(Span(DECK, title.line, title.column), "bad-topic", "this title is not the name of one deck", hint)


def ids_differ(facts: DeckFacts) -> Iterator[Problem]:
    """An id names one card.

    passes:
        - id: femur
          question: Which bone is the longest?
          answer: The femur
          sources: book
        - id: stapes
          question: Which bone is the smallest?
          answer: The stapes
          sources: book
    fails [doubled-id]:
        - id: bone
          question: Which bone is the longest?
          answer: The femur
          sources: book
        - id: bone
          question: Which bone is the smallest?
          answer: The stapes
          sources: book
    """
    first: dict[str, tuple[str, int]] = {}
    for file in facts.files:
        for id_ in file.ids:
            name, line = first.setdefault(id_, (file.name, id_.line))
            if (name, line) != (file.name, id_.line):
                message = f"the id `{id_}` is used twice (first at {spelt_out(name)}:{line})"
                yield Problem(file.at(id_), "doubled-id", message, "give the newer card an id of its own")


def see_exists(facts: DeckFacts) -> Iterator[Problem]:
    """`see:` sends learners to a card that they can learn.

    passes:
        - id: femur
          question: Which bone is the longest?
          answer: The femur
          sources: book
        - id: thigh-bone
          question: Which bone is in the thigh?
          answer: The femur
          withdrawn: {on: 2026-11-22, reason: The other card asks the same, see: femur}
    fails [unknown-card]:
        - id: thigh-bone
          question: Which bone is in the thigh?
          answer: The femur
          withdrawn: {on: 2026-11-22, reason: The other card asks the same, see: femur}
    """
    references = [(file, card.see) for file, card in facts.cards() if card.see]
    if not references:
        return
    hidden = {id_ for file in facts.files for id_ in file.hidden}
    ids = {id_ for file in facts.files for id_ in file.ids}
    for file, see in references:
        if see not in ids or see in hidden:
            hint = "write the id of a card that is neither a draft nor withdrawn, or delete see:"
            yield Problem(file.at(see), "unknown-card", f"there is no card {see} to learn instead", hint)


def topic_has_one_spelling(facts: DeckFacts) -> Iterator[Problem]:
    """A topic has the same capital letters everywhere: Anki would take both spellings for one deck.

    passes:
        # cards/hip.yaml
        topic: Pain::Hip
        cards:
          - {id: hip, question: What is the hip?, answer: A joint, sources: book}
        # cards/knee.yaml
        topic: Pain::Knee
        cards:
          - {id: knee, question: What is the knee?, answer: A joint, sources: book}
    fails [topic-case]:
        # cards/hip.yaml
        topic: Pain::Hip
        cards:
          - {id: hip, question: What is the hip?, answer: A joint, sources: book}
        # cards/knee.yaml
        topic: pain::Knee
        cards:
          - {id: knee, question: What is the knee?, answer: A joint, sources: book}
    """
    firsts: dict[str, tuple[str, FileFacts]] = {}
    for file in facts.files:
        parts = file.topic.split("::") if file.topic else []
        for depth in range(1, len(parts) + 1):
            topic = "::".join(parts[:depth])
            first, where = firsts.setdefault(topic.casefold(), (topic, file))
            if first != topic:
                message = f"the topic {topic!r} is written as {first!r} in {where.name}:{where.topic.line}"
                yield Problem(file.at(file.topic), "topic-case", message, "write both the same way")


def package_has_one_topic(facts: DeckFacts) -> Iterator[Problem]:
    """The first parts of topics give their packages different names.

    passes:
        # cards/hip.yaml
        topic: Hip pain
        cards:
          - {id: hip, question: What is the hip?, answer: A joint, sources: book}
        # cards/hips.yaml
        topic: Hip pain::In children
        cards:
          - {id: hips, question: Which joint is it?, answer: The hip, sources: book}
    fails [output-clash]:
        # cards/hip.yaml
        topic: Hip pain
        cards:
          - {id: hip, question: What is the hip?, answer: A joint, sources: book}
        # cards/hips.yaml
        topic: Hip-pain
        cards:
          - {id: hips, question: Which joint is it?, answer: The hip, sources: book}
    """
    names: dict[str, tuple[str, FileFacts]] = {}
    for file in facts.files:
        if not file.topic:
            continue
        topic = file.topic.split("::")[0]
        first, where = names.setdefault(file_name(topic), (topic, file))
        if first.casefold() != topic.casefold():
            message = f"the topics {first!r} ({where.name}:{where.topic.line}) and {topic!r} give the same file name"
            yield Problem(file.at(file.topic), "output-clash", message, "rename one of them")
    complete = complete_name(facts.deck.settings.title)
    if complete in names:
        first, where = names[complete]
        message = f"the topic {first!r} would overwrite the package of the whole deck, {complete}"
        yield Problem(where.at(where.topic), "output-clash", message, "rename the topic")


def picture_names_differ(facts: DeckFacts) -> Iterator[Problem]:
    """The names of pictures differ in more than capital letters.

    passes:
        # cards/media/knee-front.svg
        # cards/media/knee-side.svg
    fails [media-case]:
        # cards/media/Hip.svg
        # cards/media/hip.svg
    """
    firsts: dict[str, str] = {}
    for name in facts.deck.media:
        first = firsts.setdefault(name.casefold(), name)
        if first != name:
            message = f"{first} and {name} are the same file on Windows and macOS"
            yield Problem(Span(f"cards/media/{name}"), "media-case", message, "rename one of them")


DeckRule = Callable[[DeckFacts], Iterator[Problem]]
DECK_RULES: tuple[DeckRule, ...] = (
    title_is_one_deck,
    sources_are_described,
    source_can_be_found,
    ids_differ,
    see_exists,
    topic_has_one_spelling,
    package_has_one_topic,
    picture_names_differ,
)


def no_future_date(file: FileFacts, today: date) -> Iterator[Problem]:
    """The dates of a card do not lie in the future.

    passes:
        - id: femur
          question: Which bone is the longest?
          answer: The femur
          sources: book
          reviewed: 2026-11-22
    fails [future-date]:
        - id: femur
          question: Which bone is the longest?
          answer: The femur
          sources: book
          reviewed: 2962-11-22
    """
    for card in file.cards:
        for name, day in card.dates:
            if day > today + timedelta(days=1):  # somewhere it is tomorrow already
                message = f"card {card.id} has `{name} {day}`, but today is {today}"
                hint = "write the day on which it was done; if the date is right, correct this computer's clock"
                yield Problem(file.at(card.id), "future-date", message, hint)
