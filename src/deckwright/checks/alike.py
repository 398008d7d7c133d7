"""The rules that compare cards with each other: almost the same card, and the same question with another answer.

In: what is compared of the cards of each file, kept so that an unchanged file is not read again. Out: problems. Each
rule is a function in the table `ALIKE_RULES`. Cards are not compared in pairs: a card is compared with those that
share one of its rarest words.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from math import log
from sys import intern
from typing import NamedTuple

from deckwright.checks.allowed import unused
from deckwright.markup.cloze import clozes, filled
from deckwright.markup.text import image_names, plain
from deckwright.model import Basic, CardKind, Cloze, Items, Occlusion, Options, Text
from deckwright.parts import place_of, texts
from deckwright.problem import Problem, Severity, Span, accepts, as_wanted, spelt_out
from deckwright.sources.quantities import SPELT


class Asked(NamedTuple):
    """What is compared of one card."""

    id: Text
    span: Span
    """Where its question is written."""
    allow: Mapping[str, Text]
    question: str
    """The words of its question in order, without those that mean little."""
    words: tuple[str, ...]
    """The words of its question, each once."""
    exact: tuple[str, ...]
    """The numbers and negations in it: cards that differ in one of these ask different things."""
    answers: frozenset[str]
    """Every answer that counts."""
    wrong: frozenset[str]
    """Its wrong options."""
    answer: str
    """Its answer as written, in one line."""


_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+")
_LITTLE = frozenset(
    {
        "a", "an", "the", "of", "in", "on", "to", "for", "at", "is", "are", "was", "were", "be", "been", "do", "does",
        "did", "has", "have", "had", "it", "its", "this", "that", "these", "those", "there", "which", "what", "who",
        "whom", "how", "and", "as", "by", "following", "one", "you", "your", "about", "approximately", "nearly",
        "called", "name", "mean",
    }
)  # fmt: skip
_EXACT = frozenset(
    {
        "not", "no", "never", "except", "least", "without", "before", "after", "above", "below", "left", "right",
        "upper", "lower", "more", "less", "most", "fewer", "first", "last", "higher", "increase", "decrease",
        "increases", "decreases", "increased", "decreased", "false", "incorrect", "anterior", "posterior", "medial",
        "lateral", "male", "female", "men", "women", "acute", "chronic", "primary", "secondary", "hyper", "hypo",
        "or",
    }
)  # fmt: skip


def asked(cards: Iterable[CardKind]) -> tuple[Asked, ...]:
    """What is compared of some cards. Withdrawn cards ask nothing, and pictures with masks differ in their pictures."""
    return tuple([_asked(card) for card in cards if not card.withdrawn and not isinstance(card, Occlusion)])


def _asked(card: Basic | Cloze | Options | Items) -> Asked:
    question, answers = (_masked(card.cloze), [_gaps(card.cloze)]) if isinstance(card, Cloze) else _sides(card)
    where = card.cloze if isinstance(card, Cloze) else card.question
    tokens = _tokens(plain(question))
    pictures = [f"picture {name}" for name, _ in image_names(question)]
    exact = {token for token in tokens if token[0].isdigit() or token in _EXACT}
    words = {token for token in tokens if token not in exact}
    return Asked(
        id=card.id,
        span=place_of(card, where),
        allow=card.allow,
        question=" ".join([*tokens, *pictures]),
        words=tuple(sorted(words)),
        exact=tuple(sorted({*exact, *pictures})),
        answers=frozenset(map(_normal, answers)),
        wrong=frozenset(map(_normal, texts(card, "wrong"))),
        answer=" ".join(plain(answers[0]).split()),
    )


def _sides(card: Basic | Options | Items) -> tuple[str, list[str]]:
    """The question of a card, and its answers."""
    if isinstance(card, Basic):
        return card.question, [card.answer, *card.also]
    if isinstance(card, Options):
        return card.question, [*texts(card, "correct")]
    items = [*texts(card, "item")]
    return card.question, [", ".join(items if card.ordered else sorted(items))]


def _masked(text: str) -> str:
    """A cloze text without what its gaps hide."""
    kept, place = [], 0
    for cloze in clozes(text):
        if cloze.start >= place:
            kept.append(text[place : cloze.start])
            place = cloze.stop + 2
    return " … ".join([*kept, text[place:]])


def _gaps(text: str) -> str:
    """What the gaps of a cloze text hide."""
    return " / ".join(filled(text[cloze.inner : cloze.hint]) for cloze in clozes(text))


def _tokens(text: str) -> list[str]:
    """The words of a text in their plainest form, without those that mean little."""
    found = []
    for token in _TOKEN.findall(text.casefold()):
        if token not in _LITTLE:
            token = SPELT.get(token, token)
            plural = len(token) > 3 and token.endswith("s") and not token.endswith(("ss", "us", "is"))
            found.append(intern(token[:-1] if plural else token))
    return found


def _normal(text: str) -> str:
    """An answer in its plainest form."""
    shown = plain(text)
    return " ".join(_tokens(shown)) or shown.casefold().strip()


def check_alike(files: Iterable[Sequence[Asked]], wanted: Mapping[str, Severity]) -> Iterator[Problem]:
    """What the wanted rules, each with its severity, find among the cards of all files that do not accept it, and what
    cards accept in vain."""
    cards = [card for file in files for card in file]
    rules = {code: rule for code, rule in ALIKE_RULES.items() if code in wanted}
    twins = find_twins(cards) if rules else []
    for code, rule in rules.items():
        found = rule(cards, twins)
        for card, problem in found:
            if not accepts(card.allow, code):
                yield as_wanted(problem, wanted)
        having = {card.id for card, _ in found}
        for card in cards:
            if card.allow and card.id not in having:
                yield from unused(card, (code,), ())


class Twins(NamedTuple):
    """Two cards whose questions are nearly the same."""

    card: Asked
    other: Asked
    """The one that comes first in the deck."""
    alike: float
    """The share of the words of both that they have in common, each word weighted by how rare it is in the deck."""


_ALIKE = 0.65
"""From which share on two questions are taken for one."""
_MOST_COMPARED = 100
"""With how many cards that share a word, or the question, a card is compared."""


def find_twins(cards: Sequence[Asked]) -> list[Twins]:
    """All twins, in the order of the cards; of one card, the nearest first."""
    count = Counter(word for card in cards for word in card.words)
    weights = {word: log(1 + len(cards) / number) for word, number in count.items()}
    indexed: dict[tuple[str, tuple[str, ...]], list[int]] = defaultdict(list)
    twins: list[Twins] = []
    for number, card in enumerate(cards):
        rare = sorted(card.words, key=lambda word: (-weights[word], word))
        total = left = sum(weights[word] for word in rare)
        seen: set[int] = set()
        for word in rare:
            if left < _ALIKE * total:
                break  # two cards that share none of the words so far cannot be alike
            left -= weights[word]
            if count[word] > 1:
                having = indexed[word, card.exact]
                seen.update(having[-_MOST_COMPARED:])
                having.append(number)
        near = [Twins(card, cards[place], _share(card, cards[place], weights, total)) for place in sorted(seen)]
        twins += sorted([pair for pair in near if pair.alike >= _ALIKE], key=lambda pair: -pair.alike)
    return twins


def _share(card: Asked, other: Asked, weights: Mapping[str, float], total: float) -> float:
    theirs = set(other.words)
    shared = sum(weights[word] for word in card.words if word in theirs)
    return shared / (total + sum(weights[word] for word in other.words) - shared)


Found = list[tuple[Asked, Problem]]
"""Problems, each with its card."""


def answers_agree(cards: Sequence[Asked], twins: Sequence[Twins]) -> Found:
    """Cards with the same question have the same answer: learners would be wrong on one of them, whatever they say. Two
    questions with options disagree if what is correct in one is wrong in the other. Questions that are nearly the same
    disagree if their answers differ in a number. (W11, interference)

    passes:
        - id: chronic
          question: From how many weeks on is low back pain chronic?
          answer: 12 weeks
          sources: book
        - id: chronic-typed
          question: From how many months on is low back pain chronic?
          answer: Three
          sources: book
    fails [same-question]:
        - id: chronic
          question: From when on is low back pain chronic?
          answer: 12 weeks
          sources: book
        - id: chronic-old
          question: From when on is *low back pain* chronic?
          answer: Half a year
          sources: book
    """
    by_question: dict[str, list[Asked]] = defaultdict(list)
    pairs: dict[str, tuple[Asked, Asked]] = {}
    for card in cards:
        same = by_question[card.question]
        other = next((other for other in same[:_MOST_COMPARED] if card.question and _disagree(card, other)), None)
        if other is not None:
            pairs[card.id] = card, other
        same.append(card)
    for card, other, alike in twins:
        if card.id not in pairs and alike >= _SAME and _differ_in_number(card, other):
            pairs[card.id] = card, other
    found: Found = []
    for card, other in pairs.values():
        message = f"card {card.id} asks what card {other.id} asks ({_at(other.span)}), and answers "
        message += f"{_short(card.answer)}, not {_short(other.answer)}"
        hint = "correct one of them, withdraw one, or say in each question what tells them apart"
        found.append((card, Problem(card.span, "same-question", message, hint)))
    return found


_SAME = 0.85
"""From which share on questions in other words are taken for the same."""


def _differ_in_number(card: Asked, other: Asked) -> bool:
    """Whether two answers differ in their numbers alone, as 12 weeks and 6 weeks do."""
    if card.wrong or other.wrong:
        return _disagree(card, other)
    if card.answers & other.answers:
        return False
    pairs = [(set(one.split()), set(two.split())) for one in card.answers for two in other.answers]
    return any(all(word[0].isdigit() for word in one ^ two) and one & two for one, two in pairs)


def _disagree(card: Asked, other: Asked) -> bool:
    if card.wrong or other.wrong:
        return bool(card.answers & other.wrong or other.answers & card.wrong)
    return not _agree(card, other)


def _agree(card: Asked, other: Asked) -> bool:
    """Whether two cards have an answer in common: the same numbers and negations, and half of the words or nearly all
    letters."""
    if card.answers & other.answers:
        return True
    return any(_same_answer(one, two) for one in card.answers for two in other.answers)


def _same_answer(one: str, two: str) -> bool:
    first, second = set(one.split()), set(two.split())
    if {word for word in first ^ second if word[:1].isdigit() or word in _EXACT - _COMPARING}:
        return False
    if 2 * len(first & second) >= len(first | second):
        return True
    from difflib import SequenceMatcher  # slow to import, and only needed when questions are alike

    return SequenceMatcher(None, one, two).ratio() >= _SAME_LETTERS


_COMPARING = frozenset({"more", "less", "or"})
"""Words for which answers have signs, as in >50."""
_SAME_LETTERS = 0.85


def cards_differ(cards: Sequence[Asked], twins: Sequence[Twins]) -> Found:
    """No two cards ask the same thing in almost the same words: learners would repeat it twice as often as is needed,
    and an author would correct only one. Cards whose numbers or negations differ are different. (W11; AnKing's
    contributors search before they add)

    passes:
        - id: chronic
          question: From how many weeks on is low back pain chronic?
          answer: 12 weeks
          sources: book
        - id: chronic-course
          question: What do most people with chronic low back pain expect?
          answer: That it lasts
          sources: book
    fails [near-duplicate]:
        - id: chronic
          question: From how many weeks on is low back pain chronic?
          answer: 12 weeks
          sources: book
        - id: chronic-again
          question: From how many weeks on is the low back pain called chronic?
          answer: 12 weeks
          sources: book
    """
    found: dict[str, tuple[Asked, Problem]] = {}
    for card, other, _ in twins:
        if card.id not in found and _agree(card, other):
            message = f"card {card.id} asks almost what card {other.id} asks ({_at(other.span)})"
            hint = "keep the better one; a released one is withdrawn, with `see:`"
            found[card.id] = card, Problem(card.span, "near-duplicate", message, hint)
    return list(found.values())


def _at(span: Span) -> str:
    return f"{spelt_out(span.file)}:{span.line}"


def _short(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:59] + "…")


ALIKE_RULES: Mapping[str, Callable[[Sequence[Asked], Sequence[Twins]], Found]] = {
    "same-question": answers_agree,
    "near-duplicate": cards_differ,
}
"""The rules by the code of their problems."""
