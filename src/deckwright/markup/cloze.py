"""The gaps of a cloze text: `{{c1::hidden::hint}}`.

In: a text as written. Out: its gaps, their numbers, and the text with its gaps filled. Knows nothing of other markup.
"""

import re
from typing import NamedTuple

# --- clozes -----------------------------------------------------------------------------------------------

MOST_GAPS = 500
"""The highest gap number for which Anki makes a card."""
DEEPEST_GAP = 8
"""How many gaps Anki accepts inside each other."""

GAP_OPENING = re.compile(r"\{\{c(\d{1,9}(?:,\d{1,9})*)::")
_CLOZE_TOKEN = re.compile(r"\\.|\{\{c\d{1,9}(?:,\d{1,9})*::|::|\{|\}")
NEARLY_A_GAP = re.compile(
    r"\{{1,3}\s{0,3}[cC]\s{0,3}(\d{0,9})[\d\s,]{0,9}:{1,2}|\{{2,3}\s{0,3}(\d{1,9})[\d\s,]{0,9}:{1,2}"
)


class Cloze(NamedTuple):
    """One gap: its numbers, and its place in the text."""

    numbers: tuple[int, ...]
    start: int
    """Where its `{{` is."""
    inner: int
    """Where the hidden text starts."""
    hint: int
    """Where the `::` before its hint is, or its `}}`."""
    stop: int
    """Where its `}}` is; -1 if it is never closed."""


def clozes(text: str) -> list[Cloze]:
    """The gaps of a text in the order they open, including nested ones but not those left open.

    Braces inside a gap are counted, so `{{c1::$\\frac{a}{b}$}}` ends where it should. `\\::` and `\\:` start no hint.
    """
    closed = [cloze for cloze in scan_gaps(text) if cloze.stop >= 0]
    in_hints = gaps_in_hints(closed)
    return [cloze for cloze in closed if cloze.start not in in_hints]


def gaps_in_hints(found: list[Cloze]) -> set[int]:
    """The starts of gaps inside the hint of another gap; Anki would take the hint for their text."""
    inside: set[int] = set()
    end = -1  # of the hints seen so far; gaps come in the order they open
    hints = sorted((cloze.hint, cloze.stop) for cloze in found if cloze.hint < cloze.stop)
    starts = sorted(cloze.start for cloze in found)
    place = 0
    for start in starts:
        while place < len(hints) and hints[place][0] < start:
            end = max(end, hints[place][1])
            place += 1
        if start < end:
            inside.add(start)
    return inside


def scan_gaps(text: str) -> list[Cloze]:
    found: list[Cloze] = []
    open_: list[tuple[int, int, int, int]] = []  # index in found, inner, hint, braces opened since
    for match in _CLOZE_TOKEN.finditer(text):
        sign, at = match[0], match.start()
        if sign.startswith("{{c"):
            numbers = tuple(map(int, sign[3:-2].split(",")))
            open_.append((len(found), match.end(), -1, 0))
            found.append(Cloze(numbers, at, match.end(), -1, -1))
        elif not open_ or sign[0] == "\\":
            continue
        else:
            place, inner, hint, braces = open_[-1]
            if sign == "::":
                if hint < 0 and not braces:
                    open_[-1] = (place, inner, at, braces)
            elif sign == "{":
                open_[-1] = (place, inner, hint, braces + 1)
            elif braces:
                open_[-1] = (place, inner, hint, braces - 1)
            elif text.startswith("}}", at) and found[place].stop < 0:
                found[place] = found[place]._replace(hint=hint if hint >= 0 else at, stop=at)
                open_.pop()
                # The second brace of this pair is the next token; it must not close the outer gap.
                if open_:
                    place, inner, hint, braces = open_[-1]
                    open_[-1] = (place, inner, hint, braces + 1)
    return found


def cloze_numbers(text: str) -> list[int]:
    """The numbers of the gaps in a text, ascending, each once."""
    return sorted({number for cloze in clozes(text) for number in cloze.numbers})


def filled(text: str) -> str:
    """A cloze text with its gaps filled: `{{c1::12 weeks::how long}}` gives `12 weeks`."""
    kept, place = [], 0
    edges = [(cloze.start, cloze.inner) for cloze in clozes(text)]
    edges += [(cloze.hint, cloze.stop + 2) for cloze in clozes(text)]
    for start, stop in sorted(edges):
        kept.append(text[place:start])
        place = max(place, stop)
    return "".join([*kept, text[place:]])
