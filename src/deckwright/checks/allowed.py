"""Entries of `allow:` that accept nothing: they would hide the next problem of their code.

In: a card, the codes that some rules look for, and those that they found on it. Out: problems.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Protocol

from deckwright.model import Text
from deckwright.parts import Placed, place_of
from deckwright.problem import Problem


class Accepting(Placed, Protocol):
    """A card, or what is kept of one."""

    @property
    def id(self) -> Text: ...
    @property
    def allow(self) -> Mapping[str, Text]: ...


def unused(card: Accepting, looked_for: Collection[str], found: Collection[str]) -> Iterator[Problem]:
    """The codes that a card accepts although rules looked for them and did not find them."""
    for code, why in card.allow.items():
        if code in looked_for and code not in found:
            message = f"card {card.id} accepts `{code}`, but has no such problem"
            hint = "delete it from allow:, so that it hides no such problem later"
            yield Problem(place_of(card, why), "unused-allow", message, hint)
