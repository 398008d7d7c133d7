"""Whether the cited sources contain the figures on cards.

In: cards, and what is recorded of their sources. Out: problems: figures that no cited source contains, and citations of
paragraphs that do not exist. Each rule is a function in the table `SUPPORT_RULES`.
"""

from collections.abc import Callable, Iterable, Iterator

from deckwright.checks.allowed import unused
from deckwright.markup.cloze import filled
from deckwright.markup.text import plain
from deckwright.model import CardKind, Options, Text
from deckwright.parts import Role, place_of, texts
from deckwright.problem import Problem, not_accepted
from deckwright.sources.quantities import Figure, figures, supported, units
from deckwright.sources.texts import Known, paragraph_numbers


def cited(cards: Iterable[CardKind]) -> dict[tuple[str, int], str]:
    """The paragraphs that cards cite, by source id and number, each with the first card that cites it."""
    found: dict[tuple[str, int], str] = {}
    for card in cards:
        for citation in card.sources if not card.withdrawn else ():
            for number in paragraph_numbers(citation.locator):
                found.setdefault((citation.source, number), card.id)
    return found


def verify(cards: Iterable[CardKind], known: Known) -> list[Problem]:
    """Citations of paragraphs that do not exist, and figures that no cited source contains. Withdrawn cards are
    skipped, because they state nothing."""
    return [
        problem
        for card in cards
        if not card.withdrawn
        for rule in SUPPORT_RULES
        for problem in not_accepted(rule(card, known), card.allow)
    ]


def unneeded(cards: Iterable[CardKind], known: Known) -> Iterator[Problem]:
    """Accepted codes of the rules here that these rules do not find. Withdrawn cards are skipped here, too."""
    for card in cards:
        if card.allow and not card.withdrawn:
            found = {problem.code for rule in SUPPORT_RULES for problem in rule(card, known)}
            yield from unused(card, LOOKED_FOR, found)


LOOKED_FOR = ("figure-unsupported",)
"""The codes that the rules here look for and that a card may accept."""


def paragraph_exists(card: CardKind, known: Known) -> Iterator[Problem]:
    """A card cites only paragraphs that its source has, if the paragraphs of the source are recorded.

    passes:
        - id: longest-bone
          question: Which bone is the longest?
          answer: The femur
          sources: report para 2
    fails [no-paragraph]:
        - id: longest-bone
          question: Which bone is the longest?
          answer: The femur
          sources: report para 3
    """
    for citation in card.sources:
        paragraphs = known.record.get(citation.source)
        if paragraphs is None:
            continue
        place = place_of(card, citation.source)
        numbers = paragraph_numbers(citation.locator)
        if citation.locator and not numbers:
            message = f"{citation.locator!r} is not a paragraph of {citation.source}"
            yield Problem(place, "no-paragraph", message, f"write the paragraph: {citation.source} para 3")
        for number in numbers:
            if not 1 <= number <= len(paragraphs):
                message = f"{citation.source} has no paragraph {number}; its last is {len(paragraphs)}"
                yield Problem(place, "no-paragraph", message, 'to find it: deckwright sources find "words"')


def figure_is_supported(card: CardKind, known: Known) -> Iterator[Problem]:
    """A cited source contains every figure of a card, or the card says how the figure was derived.

    passes:
        - id: chronic
          question: After how long is low back pain chronic?
          answer: 12 weeks
          sources: book
    fails [figure-unsupported]:
        - id: chronic
          question: After how long is low back pain chronic?
          answer: 6 weeks
          sources: book
    """
    supporting = units(_supporting(card, known))
    for text in _claims(card):
        for figure in sorted(figures(plain(filled(text)))):
            if not supported(figure, supporting):
                place = place_of(card, text)
                message = f"none of the sources cited by card {card.id} contains {str(figure)!r}"
                hint = (
                    "cite the paragraph that does, add it to the `figures:` of the source if you saw it there,"
                    f"\nor show how it was derived:\nderived:\n  - … = {figure}"
                )
                yield Problem(place, "figure-unsupported", message, hint)


def _supporting(card: CardKind, known: Known) -> set[Figure]:
    """The figures that support a card: those of the paragraphs it cites, of its sources, and of its own derivations."""
    found = {figure for entry in card.derived for figure in figures(entry)}
    for citation in card.sources:
        found |= known.listed.get(citation.source, frozenset())
        paragraphs = known.record.get(citation.source, ())
        for number in paragraph_numbers(citation.locator):
            if 1 <= number <= len(paragraphs):
                found |= paragraphs[number - 1].figures
    return found


_STATING: tuple[Role, ...] = (
    "answer", "also", "cloze", "correct", "why", "item", "mask", "explanation", "caveat",
)  # fmt: skip


def _claims(card: CardKind) -> list[Text]:
    """The texts of a card that state something. A distractor states what is wrong, and the stem of a question with
    options may be a fictitious case."""
    return texts(card, *_STATING, *(() if isinstance(card, Options) else ("question",)))


SUPPORT_RULES: tuple[Callable[[CardKind, Known], Iterator[Problem]], ...] = (paragraph_exists, figure_is_supported)
