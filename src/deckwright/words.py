"""The words that the program itself puts on cards, sheets, pages and release notes.

In: nothing. Out: `Words`, which every writer takes from its deck (`deck.words`). The words of each language are in
languages/; reading/words.py reads them, and those of the author in cards/words.yaml. Messages to authors are
English and are not here.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

PLACEHOLDER = re.compile(r"\{(\w+)\}")
"""Where a value goes into a word: `{number}`."""
_AROUND = re.compile(r"(\{\w+\})")


@dataclass(frozen=True)
class Words:
    """The words of one language, by their names in languages/en.yaml."""

    language: str
    """The code of the language that they are in: `en` if there are none in the language of the deck."""
    texts: Mapping[str, str] = field(hash=False)

    def __getitem__(self, name: str) -> str:
        """One word, or one sentence, that takes no values. KeyError if there is none of this name."""
        return self.texts[name]

    def say(self, name: str, **values: object) -> str:
        """A sentence with its values put in."""
        return PLACEHOLDER.sub(lambda match: str(values[match[1]]), self.texts[name])

    def count(self, name: str, number: int, **values: object) -> str:
        """A number of things: `1 card`, `1,200 cards`. The texts are called `name`_one and `name`_many, and the number
        goes into `{number}`."""
        return self.say(f"{name}_{'one' if number == 1 else 'many'}", number=self.grouped(number), **values)

    def grouped(self, number: int) -> str:
        """A number, with what separates its thousands."""
        return f"{number:,}".replace(",", self.texts["thousands"])

    def written(self, write: Callable[[str], str]) -> "Words":
        """The same words, each passed through `write`, which escapes for HTML, CSS or JavaScript. Placeholders stay as
        they are."""

        def piecewise(text: str) -> str:
            if "{" not in text:
                return write(text)
            pieces = _AROUND.split(text)
            return "".join([piece if _AROUND.fullmatch(piece) else write(piece) for piece in pieces])

        return Words(self.language, {name: piecewise(text) for name, text in self.texts.items()})


_RIGHT_TO_LEFT = ("ar", "ckb", "dv", "fa", "he", "ks", "ps", "sd", "ug", "ur", "yi")


def direction(language: str) -> str:
    """The direction of writing of a language, as in HTML: `ltr` or `rtl`."""
    return "rtl" if primary(language) in _RIGHT_TO_LEFT else "ltr"


def primary(language: str) -> str:
    """The language without its region: `pt-BR` gives `pt`."""
    return language.partition("-")[0].lower()
