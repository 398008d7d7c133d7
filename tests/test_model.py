"""What is said of the kinds of cards, and the roles of their texts."""

from typing import get_args

from conftest import CASES
from deckwright.model import KINDS, CardKind, Deck, Settings, Text, keys
from deckwright.parts import Role, parts, texts, written
from deckwright.reading.cards import load_cards
from deckwright.reading.words import words_in

DECK = Deck(Settings(title=Text("T"), namespace=Text("t")), {}, None, words_in("en"), ())


def cards() -> list[CardKind]:
    paths = [*sorted((CASES / "kinds").glob("*.yaml")), *sorted((CASES / "written").glob("*.yaml"))]
    return [card for path in paths for card in load_cards(path.name, path.read_bytes(), DECK).cards]


def test_every_kind_is_in_the_table_once() -> None:
    assert {kind.card for kind in KINDS} == set(get_args(CardKind)) == {type(card) for card in cards()}
    for kind in KINDS:
        assert kind.name == kind.card.__name__.lower(), "as released.lock has it"
        assert [other.name for other in KINDS if kind.mark in {key.name for key in keys(other.card)}] == [kind.name]


def test_every_text_of_a_card_has_a_role() -> None:
    for card in cards():
        assert [text for _, text, _ in parts(card)] == texts(card)
        assert set(texts(card)) <= {text for _, text in written(card)}
        assert texts(card, *get_args(Role)) == texts(card)
    assert {role for card in cards() for role, _, _ in parts(card)} >= {*get_args(Role)} - {"was", "reason"}
