"""Whether the cited sources are known to say the figures on cards.

In: cards, and what is recorded of their sources. Out: problems: figures that no cited source contains, and citations of
paragraphs that do not exist.
"""

from collections.abc import Iterable, Iterator

from deckwright.markup.cloze import filled
from deckwright.markup.text import plain
from deckwright.model import CardKind, Options, Role, Text, texts
from deckwright.problem import Problem, Span
from deckwright.sources.quantities import figures, supported, units
from deckwright.sources.texts import Known, paragraph_numbers


def cited(cards: Iterable[CardKind]) -> dict[tuple[str, int], str]:
    """The paragraphs that cards cite, by source id and number, each with the first card that does."""
    found: dict[tuple[str, int], str] = {}
    for card in cards:
        for citation in card.sources if not card.withdrawn else ():
            for number in paragraph_numbers(citation.locator):
                found.setdefault((citation.source, number), card.id)
    return found


def verify(cards: Iterable[CardKind], known: Known) -> Iterator[Problem]:
    """Citations of paragraphs that do not exist, and figures that no cited source bears out."""
    for card in cards:
        if card.withdrawn:
            continue
        borne = {figure for entry in card.derived for figure in figures(entry)}
        for citation in card.sources:
            borne |= known.listed.get(citation.source, frozenset())
            paragraphs = known.record.get(citation.source)
            if paragraphs is None:
                continue
            at = Span(card.span.file, citation.source.line, citation.source.column)
            numbers = paragraph_numbers(citation.locator)
            if citation.locator and not numbers:
                message = f"{citation.locator!r} is no place in {citation.source}"
                yield Problem(at, "no-paragraph", message, f"write the paragraph: {citation.source} para 3")
            for number in numbers:
                if 1 <= number <= len(paragraphs):
                    borne |= paragraphs[number - 1].figures
                else:
                    message = f"{citation.source} has {len(paragraphs)} paragraphs, not {number}"
                    yield Problem(at, "no-paragraph", message, 'deckwright sources find "words" prints the place')
        said = units(borne)
        for text in _claims(card) if "figure-unsupported" not in card.allow else ():
            for figure in sorted(figures(plain(filled(text)))):
                if not supported(figure, said):
                    at = Span(card.span.file, text.line, text.column)
                    message = f"no cited source of card {card.id} is known to say {str(figure)!r}"
                    hint = (
                        "cite the paragraph that does, add it to the `figures:` of the source if you saw it there,"
                        "\nor say how it came about:\nderived:\n  - 0.90 × 0.75 = 0.68"
                    )
                    yield Problem(at, "figure-unsupported", message, hint)


_STATING: tuple[Role, ...] = (
    "answer", "also", "cloze", "correct", "why", "item", "explanation", "caveat",
)  # fmt: skip


def _claims(card: CardKind) -> list[Text]:
    """The texts of a card that state something. A wrong option states what is not so, and the question above options
    may be a made-up case."""
    return texts(card, *_STATING, *(() if isinstance(card, Options) else ("question",)))
