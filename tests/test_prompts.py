"""The order of options."""

import pytest

from deckwright.anki.prompts import ordered
from deckwright.model import Option, Options, Text
from deckwright.problem import Span


def order(*texts: str, id_: str = "card") -> list[str]:
    options = tuple(Option(Text(text), place == 0, None) for place, text in enumerate(texts))
    card = Options(span=Span("f"), topic=Text("T"), id=Text(id_), question=Text("Q?"), options=options)
    return [option.text for option in ordered(card).options]


@pytest.mark.parametrize(
    "texts",
    [
        ["4 weeks", "12 weeks", "52 weeks"],
        ["0.5 %", "1,5 %", "10 %"],
        ["**6** weeks", "1,000 weeks"],
        ["< 4 weeks", "4–12 weeks", "> 52 weeks"],
        ["10", "11", "All of the above"],
        ["1 week", "2 weeks", "6 weeks"],
        ["1–2 weeks", "1–4 weeks", "2 weeks"],
        ["-5 mV", "5 mV"],
    ],
)
def test_numbers_ascend(texts: list[str]) -> None:
    assert order(*texts) == order(*reversed(texts)) == texts


def test_none_of_the_above_stands_last() -> None:
    assert order("None of the above", "MRI", "CT")[-1] == "None of the above"


def test_order_depends_on_card_and_option_alone() -> None:
    texts = [f"Option {letter}" for letter in "abcdefgh"]
    first = order(*texts)
    assert first == order(*reversed(texts))
    assert first != order(*texts, id_="other")
    assert [text for text in order(*texts, "Another") if text != "Another"] == first


def test_other_units_do_not_ascend() -> None:
    """Numbers with different units are not compared: three months are more than six weeks. A hash orders them."""
    assert {tuple(order("6 weeks", "3 months", id_=f"card-{n}")) for n in range(20)} == {
        ("6 weeks", "3 months"),
        ("3 months", "6 weeks"),
    }
