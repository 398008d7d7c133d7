"""The rules for writing cards to recall: one card asks for one thing that can be recalled in a few seconds.

In: a card and what its deck shares. Out: problems. The table that names these rules is in advice.py. The sources: W is
Wozniak's twenty rules of formulating knowledge (1999), with the number of the rule; M is Matuschak, How to write good
prompts (2020).
"""

import re
from collections import Counter
from collections.abc import Iterator

from deckwright.markup.cloze import clozes, filled
from deckwright.markup.text import image_names, plain
from deckwright.model import Basic, Cloze, Deck, Items, Text
from deckwright.parts import place_of
from deckwright.problem import Problem

MOST_WORDS = 25
"""Of an answer."""
MOST_ASKED = 40
"""Words of a question."""
MOST_ITEMS = 6
MOST_GAPS = 3

_WORD = re.compile(r"[^\W_]+(?:[-'’./][^\W_]+)*")


def answer_is_short(card: Basic, deck: Deck) -> Iterator[Problem]:
    """An answer has at most 25 words: a longer one is several facts, and learners cannot say whether they knew it.
    (W4, W12; M, "focused")

    passes:
        - id: sciatica
          question: What is sciatica?
          answer: Pain along a nerve from the lower back or buttock down the leg
          sources: book
    fails [long-answer]:
        - id: sciatica
          question: What is sciatica?
          answer: >-
            Pain along a nerve from the lower back or buttock down the leg, which usually comes from a herniated disc,
            often eases within weeks, and only seldom needs a scan or an operation
          sources: book
    """
    words = len(_WORD.findall(plain(card.answer)))
    if words > MOST_WORDS:
        hint = "keep what is asked, and move the rest to `explanation:` or to cards of its own"
        yield Problem(place_of(card, card.answer), "long-answer", f"this answer has {words} words", hint)


_CASE = re.compile(
    r"\b(?:year|month|week|day)s?[- ]old\b|\b(?:patients?|man|woman|boy|girl|child|infant|he|she|his|her|you|your)\b|"
    r"\b(?:examination|history|presents?|presented)\b|(?:\d\D+){3}",
    re.IGNORECASE | re.DOTALL,
)


def question_is_short(card: Basic, deck: Deck) -> Iterator[Problem]:
    """A question has at most 40 words, unless it describes a case or gives figures to work with: long ones are
    recognised by their looks rather than read. The rule is off unless deck.yaml says otherwise: cases come in many
    forms. (W12)

    passes:
        - id: imaging
          question: Which imaging comes first when saddle numbness is new?
          answer: MRI
          sources: book
        # cards/deck.yaml
        title: Backs
        namespace: backs
        rules: {long-question: warning}
    fails [long-question]:
        - id: imaging
          question: >-
            Low back pain is common, and in nearly all people no scan is needed, because what a scan shows has little to
            do with the pain; but when the area that would touch a saddle has become numb, one is needed at once. Which
            one?
          answer: MRI
          sources: book
        # cards/deck.yaml
        title: Backs
        namespace: backs
        rules: {long-question: warning}
    """
    text = plain(card.question)
    words = len(_WORD.findall(text))
    if words > MOST_ASKED and not _CASE.search(text) and not image_names(card.question):
        hint = "ask only what is needed, and move the rest to `explanation:`"
        yield Problem(place_of(card, card.question), "long-question", f"this question has {words} words", hint)


def list_is_short(card: Items, deck: Deck) -> Iterator[Problem]:
    """A list has at most six items: longer ones are hardly ever learnt. Overlapping shorter ones are. (W9, W10)

    passes:
        - id: hip-bone
          question: Which parts make the hip bone?
          items:
            - Ilium
            - Ischium
            - Pubis
          sources: book
    fails [long-list]:
        - id: carpus
          question: Which are the bones of the wrist?
          items:
            - Scaphoid
            - Lunate
            - Triquetrum
            - Pisiform
            - Trapezium
            - Trapezoid
            - Capitate
          sources: book
    """
    items = [item for item in card.items if not item.retired]
    if len(items) > MOST_ITEMS:
        hint = "split it by a feature that its items share, such as the row or the side"
        yield Problem(place_of(card, items[MOST_ITEMS].text), "long-list", f"this list has {len(items)} items", hint)


_BULLET = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s+\S", re.MULTILINE)
_BETWEEN = re.compile(r"\s*[,;]\s+(?:and\s+|or\s+)?|\s+and\s+", re.IGNORECASE)
_NO_LIST = re.compile(
    r"\b(?:is|are|was|were|has|have|which|who|that|because|but|if|when|not|no|or)\b|[.:]\s|[()]", re.IGNORECASE
)


def answer_is_no_list(card: Basic, deck: Deck) -> Iterator[Problem]:
    """An answer is not a list of three or more: one that misses an entry is neither right nor wrong. A card with
    `items:` asks for each entry on its own. (W9, W10; M, "tractable")

    passes:
        - id: hip-bone
          question: Which parts make the hip bone?
          items:
            - Ilium
            - Ischium
            - Pubis
          sources: book
    fails [list-as-answer]:
        - id: hip-bone
          question: Which parts make the hip bone?
          answer: Ilium, ischium and pubis
          sources: book
    """
    text = plain(card.answer).strip(" .")
    bullets = len(_BULLET.findall(card.answer))
    entries = [entry for entry in _BETWEEN.split(text) if entry]
    listed = (len(entries) > 2 and "," in text) or (";" in text and len(entries) > 2)
    if bullets > 2 or (listed and not _NO_LIST.search(text) and all(_is_entry(entry) for entry in entries)):
        shown = "".join(f"\n  - {entry}" for entry in entries) if bullets <= 2 else "\n  - …"
        hint = f"write one item per entry, so that each is asked:\nitems:{shown}"
        yield Problem(place_of(card, card.answer), "list-as-answer", "this answer is a list", hint)


def _is_entry(text: str) -> bool:
    """Whether a text may be an entry of a list: a few words, and not a number alone."""
    return len(text.split()) <= 5 and any(character.isalpha() for character in text)


_ASKING = r"(?:which|what|who|whom|whose|where|when|why|how)"
_TWO = re.compile(
    rf"\b{_ASKING}\b[^?.;]*?,?\s\band\s+(?:(?:in|with|for|at|by|from|to|of|on|up to|after)\s+)?{_ASKING}\b[^.;]*\?",
    re.IGNORECASE,
)


_AGAIN = re.compile(rf"\?\s+(?!\(?or\b)[^?]*\b{_ASKING}\b[^?]*\?", re.IGNORECASE)


def asks_one_question(card: Basic | Items, deck: Deck) -> Iterator[Problem]:
    """A card asks one question: who knows one of two answers can rate the card neither right nor wrong. (W4; M,
    "focused")

    passes:
        - id: stretch
          question: For how long is the stretch held?
          answer: For 12 weeks
          sources: book
    fails [two-questions]:
        - id: stretch
          question: For how long is the stretch held, and where is it felt?
          answer: For a while, in the hip
          sources: book
    """
    text = plain(card.question)
    if _AGAIN.search(text) or _TWO.search(text):
        hint = "make two cards, each with its own answer"
        yield Problem(place_of(card, card.question), "two-questions", "this card asks two questions", hint)


def has_few_gaps(card: Cloze, deck: Deck) -> Iterator[Problem]:
    """A text has at most three gaps, and at most two of one number: each gap is a card of its own, and each shows
    the answers of the others. (W4, W5)

    passes:
        - id: spine
          cloze: The spinal cord ends at {{c1::L1–L2}}.
          sources: book
    fails [many-gaps]:
        - id: spine
          cloze: The spine has {{c1::cervical}}, {{c2::thoracic}}, {{c3::lumbar}} and {{c4::sacral}} vertebrae.
          sources: book
    """
    numbers = Counter(number for cloze in clozes(card.cloze) for number in cloze.numbers)
    message = ""
    if len(numbers) > MOST_GAPS:
        message = f"this text has {len(numbers)} gaps"
    elif numbers and max(numbers.values()) > 2:
        message = f"this text asks for {max(numbers.values())} gaps at once"
    if message:
        yield Problem(place_of(card, card.cloze), "many-gaps", message, "split it into several cards")


_TELLING = 4
"""A shorter answer may be in the question by chance."""


def answer_is_not_given_away(card: Basic | Cloze, deck: Deck) -> Iterator[Problem]:
    """The answer is not in the question, and what a gap hides is not in the text around it: the card would ask for
    nothing. A choice ("MRI or CT?") names its answers, of course. (M, "effortful")

    passes:
        - id: femur
          question: Which bone is in the thigh?
          answer: The femur
          sources: book
    fails [answer-given-away]:
        - id: femur
          cloze: The femur, the bone of the thigh, is called the {{c1::femur}}.
          sources: book
    """
    for shown, hidden, text in _sides(card):
        answer = " ".join(_telling(hidden))
        if len(answer) >= _TELLING and f" {answer} " in f" {' '.join(_telling(shown))} ":
            message = f"{plain(hidden)!r} is asked for, and can be read on the front"
            yield Problem(place_of(card, text), "answer-given-away", message, "say it in other words on the front")
            return


def _sides(card: Basic | Cloze) -> Iterator[tuple[str, str, Text]]:
    """What is shown, what is asked for, and where it is written."""
    if isinstance(card, Basic):
        if not _CHOICE.search(card.question):
            yield plain(card.question), card.answer, card.answer
        return
    gaps = clozes(card.cloze)
    for number in {number for cloze in gaps for number in cloze.numbers}:
        asked = [cloze for cloze in gaps if number in cloze.numbers]
        kept, place = [], 0
        for cloze in sorted(asked, key=lambda cloze: cloze.start):
            kept.append(card.cloze[place : cloze.start])
            place = max(place, cloze.stop + 2)
        shown = plain(filled(" … ".join([*kept, card.cloze[place:]])))
        for cloze in asked:
            yield shown, filled(card.cloze[cloze.inner : cloze.hint]), card.cloze


_CHOICE = re.compile(r"\b(?:or|versus|vs|out of|among|between)\b|\b\w+, \w+,? and \w+\b", re.IGNORECASE)
_PART = re.compile(r"[^\W_]+")
_ARTICLES = frozenset({"a", "an", "the", "about"})


def _telling(text: str) -> list[str]:
    return [word for word in _PART.findall(plain(text).casefold()) if word not in _ARTICLES]


_YES_NO = re.compile(r"\W*(?:yes|no|true|false)\b\W*(?:$|[.,;:–—-]\s)", re.IGNORECASE)


def answer_is_not_yes_or_no(card: Basic, deck: Deck) -> Iterator[Problem]:
    """The answer is not yes or no: half of all guesses are right, and the card recalls no fact. (M, "effortful")

    passes:
        - id: rest
          question: What does bed rest do for acute low back pain?
          answer: Hardly anything
          sources: book
    fails [yes-no]:
        - id: rest
          question: Does bed rest help acute low back pain?
          answer: No, it does not
          sources: book
    """
    if _YES_NO.match(plain(card.answer)):
        hint = "ask what, which, how much or why, so that the answer is the fact"
        yield Problem(place_of(card, card.answer), "yes-no", "the answer is yes or no", hint)


_PRONOUN = re.compile(
    r"\W*(?:it|they|he|she|its|their|his|her|these|those|this(?! (?:picture|image|drawing|figure|photo\w*|table)))\b"
    r"(?!\s+(?:is|was|has been)\s+\w+\s+(?:that|to)\b)",
    re.IGNORECASE,
)


def question_says_what_it_is_about(card: Basic | Items, deck: Deck) -> Iterator[Problem]:
    """A question does not begin with "it" or "this": cards come in any order, and nothing stands before the question.
    (W11, W16; M, "precise")

    passes:
        - id: sciatica
          question: Where is the pain of sciatica felt?
          answer: In the leg
          sources: book
    fails [no-context]:
        - id: sciatica
          question: It is felt in the leg. What is it called?
          answer: Sciatica
          sources: book
    """
    text = plain(card.question)
    if _PRONOUN.match(text) and not image_names(card.question):
        word = text.split()[0]
        message = f"this question begins with `{word}`, and nothing says what that is"
        yield Problem(place_of(card, card.question), "no-context", message, "write what it is about")
