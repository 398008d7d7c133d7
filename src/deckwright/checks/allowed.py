"""Entries of `allow:` that accept nothing: they would hide the next problem of their code.

In: a card, the codes that some rules look for, and those that they found on it. Out: problems.
"""

from collections.abc import Collection, Iterator

from deckwright.model import CardKind
from deckwright.parts import place_of
from deckwright.problem import Problem


def unused(card: CardKind, looked_for: Collection[str], found: Collection[str]) -> Iterator[Problem]:
    """The codes that a card accepts although rules looked for them and did not find them."""
    for code, why in card.allow.items():
        if code in looked_for and code not in found:
            message = f"card {card.id} accepts `{code}`, but has no such problem"
            hint = "delete it from allow:, so that it hides no such problem later"
            yield Problem(place_of(card, why), "unused-allow", message, hint)
