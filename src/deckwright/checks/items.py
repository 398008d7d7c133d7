"""The rules for writing questions with options: what lets a learner find the answer without knowing it, or keeps one
who knows it from finding it.

In: a card and what its deck shares. Out: problems. The table that names these rules is in advice.py. The sources: NBME
is the item-writing guide of the National Board of Medical Examiners (2020); H is Haladyna, Downing and Rodriguez 2002
(doi:10.1207/S15324818AME1503_5), with the number of the guideline.
"""

import re
from collections.abc import Iterator
from itertools import combinations

from deckwright.anki.prompts import Value, value_of
from deckwright.markup.text import plain
from deckwright.model import Deck, Option, Options
from deckwright.parts import place_of
from deckwright.problem import Problem

_LONGER, _LONGER_BY = 1.3, 10
"""An option is conspicuously longer from this ratio on, if it also has so many characters more."""


def key_is_not_longest(card: Options, deck: Deck) -> Iterator[Problem]:
    """The correct option is not conspicuously the longest: at least 1.3 times as long as any other, and 10 characters
    longer. Authors qualify what is true, and learners who know that choose the longest. (NBME; H24)

    passes:
        - id: imaging
          question: Saddle numbness. Which imaging comes first?
          options:
            - correct: Emergency MRI
            - wrong: Plain radiograph
            - wrong: Bone scan
          sources: book
    fails [key-longest]:
        - id: imaging
          question: Saddle numbness. Which imaging comes first?
          options:
            - correct: MRI as an emergency, of the whole lumbar spine
            - wrong: Plain radiograph
            - wrong: Bone scan
          sources: book
    """
    correct = [option for option in card.options if option.correct]
    lengths = [len(plain(option.text)) for option in card.options if not option.correct]
    if len(correct) == 1 and lengths:
        length, longest = len(plain(correct[0].text)), max(lengths)
        if length >= _LONGER * longest and length >= longest + _LONGER_BY:
            message = f"the correct option has {length} characters, and the longest wrong one {longest}"
            hint = "shorten it, or move what it explains to `why:`; else give the others the same detail"
            yield Problem(place_of(card, correct[0].text), "key-longest", message, hint)


_OF_ALL = r"(?:of\s+)?(?:the\s+)?(?:above|these|following|options|answers)|of\s+them"
_ALL = re.compile(rf"\W*all\s+(?:{_OF_ALL})\b.{{0,20}}", re.IGNORECASE)
_NONE = re.compile(rf"\W*(?:none|neither)\s+(?:{_OF_ALL})\b.{{0,20}}", re.IGNORECASE)


def no_all_of_the_above(card: Options, deck: Deck) -> Iterator[Problem]:
    """No option is "all of the above": whoever knows two to be true has the answer, and whoever knows one to be false
    has ruled it out. (H26; NBME)

    passes:
        - id: hip-bone
          question: Which of these are parts of the hip bone?
          options:
            - correct: Ilium
            - correct: Pubis
            - wrong: Sacrum
          sources: book
    fails [all-of-the-above]:
        - id: hip-bone
          question: Which of these is a part of the hip bone?
          options:
            - wrong: Ilium
            - wrong: Pubis
            - correct: All of them
          sources: book
    """
    hint = "delete it; to ask for several, mark each correct option as `correct:`"
    for option in card.options:
        if _ALL.fullmatch(plain(option.text)):
            yield Problem(place_of(card, option.text), "all-of-the-above", "this option stands for all others", hint)


def no_none_of_the_above(card: Options, deck: Deck) -> Iterator[Problem]:
    """No option is "none of the above": who chooses it shows what is wrong, but not that they know what is right.
    (H25; NBME)

    passes:
        - id: facet
          question: Which joint is between two vertebrae?
          options:
            - correct: Facet joint
            - wrong: Hip joint
            - wrong: Knee joint
          sources: book
    fails [none-of-the-above]:
        - id: facet
          question: Which joint is between two vertebrae?
          options:
            - correct: None of these
            - wrong: Hip joint
            - wrong: Knee joint
          sources: book
    """
    hint = "write the answer itself, or delete it"
    for option in card.options:
        if _NONE.fullmatch(plain(option.text)):
            yield Problem(place_of(card, option.text), "none-of-the-above", "this option rejects all others", hint)


_ONE_OF = r"\(?(?:{})\)?"
_AND = r"(?:\s*(?:,|&|\band\b)\s*)+"
_COMBINED = [
    re.compile(rf"\W*(?:both\s+)?{one}(?:{_AND}{one})+(?:\s+(?:only|both|are (?:true|correct)))?\W*", re.IGNORECASE)
    for one in (_ONE_OF.format("[a-e]"), _ONE_OF.format("[1-5]"), _ONE_OF.format("i{1,3}|iv|v"))
]
_BOTH = re.compile(r"\W*(?:both|any two)(?:\s+of)?(?:\s+the)?\s+(?:above|these|them)\b.{0,20}", re.IGNORECASE)


def no_combined_options(card: Options, deck: Deck) -> Iterator[Problem]:
    """No option combines others, as "A and C" or "both of these" do: whoever knows one part can rule out the options
    without it, and the letters change with the order. (H9; NBME, "K-type")

    passes:
        - id: hip-bone
          question: Which of these are parts of the hip bone?
          options:
            - correct: Ilium
            - correct: Pubis
            - wrong: Sacrum
          sources: book
    fails [combined-options]:
        - id: hip-bone
          question: Which of these is a part of the hip bone?
          options:
            - wrong: Ilium
            - wrong: Pubis
            - correct: Both of these
          sources: book
    """
    hint = "write what is meant as options of their own, and mark each correct one as `correct:`"
    if len({frozenset(_WORD.findall(plain(option.text).casefold())) for option in card.options}) == 1:
        return  # they ask for an order: b, a, c
    for option in card.options:
        text = plain(option.text)
        if _BOTH.fullmatch(text) or any(pattern.fullmatch(text) for pattern in _COMBINED):
            yield Problem(place_of(card, option.text), "combined-options", "this option combines others", hint)
            return


def has_three_options(card: Options, deck: Deck) -> Iterator[Problem]:
    """There are at least three options: of two, every second guess is right. More than three rarely add anything.
    (H18; Rodriguez 2005, doi:10.1111/j.1745-3992.2005.00006.x)

    passes:
        - id: facet
          question: Which joint is between two vertebrae?
          options:
            - correct: Facet joint
            - wrong: Hip joint
            - wrong: Knee joint
          sources: book
    fails [few-options]:
        - id: facet
          question: Which joint is between two vertebrae?
          options:
            - correct: Facet joint
            - wrong: Hip joint
          sources: book
    """
    if len(card.options) < 3:
        hint = "add a wrong option that somebody might choose, or ask without options"
        yield Problem(place_of(card, card.question), "few-options", "this question has only two options", hint)


# --- the question -------------------------------------------------------------------------------------------

_SENTENCE = re.compile(r"(?<=[.?!])[\"”]?\s+(?=[\"“(]?[A-Z0-9])|\n+")


def lead_in(question: str) -> str:
    """The last sentence of a question: what is asked, below the case."""
    sentences = [sentence for sentence in _SENTENCE.split(question.strip()) if sentence.strip(" .?!\"'”)\n")]
    return sentences[-1] if sentences else ""


_NEGATIVE = re.compile(
    r"(?<!at )\b(?:[Nn]ot|[Ee]xcept|[Ll]east|[Ff]alse|[Ii]ncorrect|[Uu]ntrue)\b(?!\s+(?:only|yet|being)\b)"
)
_MARKED = re.compile(r"\*\*?[^*]+\*\*?")
_CLAUSE = re.compile(
    r"\b(?:who|whom|whose|that|if|when|because|although|but|and|despite|with|why|he|she|they|patient|explanation)\b",
    re.IGNORECASE,
)
_ASKS = re.compile(r"\b(?:which|what)\b", re.IGNORECASE)


def exception_is_emphasised(card: Options, deck: Deck) -> Iterator[Problem]:
    """A question that asks for the exception says so in capitals or bold: NOT, EXCEPT, LEAST. Learners who know the
    answer overlook a small "not". Better still, ask for what is true. (H17; NBME)

    passes:
        - id: hip-bone
          question: Which of these is NOT a part of the hip bone?
          options:
            - wrong: Ilium
            - wrong: Pubis
            - correct: Sacrum
          sources: book
    fails [negative-question]:
        - id: hip-bone
          question: Which of these is not a part of the hip bone?
          options:
            - wrong: Ilium
            - wrong: Pubis
            - correct: Sacrum
          sources: book
    """
    asked = _MARKED.sub(" ", lead_in(card.question))
    for match in _NEGATIVE.finditer(asked):
        before = asked[: match.start()]
        question = max((found.end() for found in _ASKS.finditer(before)), default=0)
        if not _CLAUSE.search(before, question):
            word = match[0]
            message = f"this question asks for the exception with a small `{word}`"
            hint = f"write {word.upper()} or **{word.lower()}**; better still, ask for what is true"
            yield Problem(place_of(card, card.question), "negative-question", message, hint)
            return


_TRUE = re.compile(
    r"\b(?:which|what)\b[^?]*?\b(?:is|are|be|would be)\s+(?:most\s+|more\s+|likely\s+|also\s+|a\s+|the\s+|an\s+)*"
    r"(?:true|correct|accurate|right|valid)"
    r"(?:\s+(?:statements?|answers?|options?)\b[^?]*|\s+(?:about|regarding|of|for|concerning|in|with|on|if|when)\b[^?]*)?"
    r"[\s?:.\"”]*\Z|\A(?:true|correct)(?:\s+statements?)?\s+(?:about|regarding|of|is|are)\b",
    re.IGNORECASE,
)
_OF_WHAT = re.compile(r"\b(?:diagnosis|order|sequence|action|step|treatment|dose|match\w*|pair\w*)\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+(?:[-'’.][^\W_]+)*")


def question_is_focused(card: Options, deck: Deck) -> Iterator[Problem]:
    """A question can be answered before the options are read. "Which is true of sciatica?" cannot: it is as many
    questions as it has options, and each is yes or no. (H15; NBME, "cover the options")

    passes:
        - id: sciatica
          question: Which nerve hurts in sciatica?
          options:
            - correct: Sciatic nerve
            - wrong: Femoral nerve
            - wrong: Tibial nerve
          sources: book
    fails [unfocused-question]:
        - id: sciatica
          question: Which of the following is true about sciatica?
          options:
            - correct: The pain is in the leg
            - wrong: The pain is in the arm
            - wrong: The skin is swollen
          sources: book
    """
    asked = lead_in(plain(card.question))
    if (found := _TRUE.search(asked)) and not _OF_WHAT.search(found[0]):
        message = "this question cannot be answered before its options are read"
        hint = "ask for one thing, such as the cause, the next step or the structure"
        yield Problem(place_of(card, card.question), "unfocused-question", message, hint)


_QUESTION = re.compile(r"[?？؟;]\W{0,3}(?:\([^()]*\))?\W{0,3}\Z")


def ends_with_a_question(card: Options, deck: Deck) -> Iterator[Problem]:
    """The text above the options ends with a question. A sentence to be completed has to be kept in mind while each
    option is read. Many boards accept it, so the rule is off unless deck.yaml says otherwise. (NBME)

    passes:
        - id: facet
          question: Which joint is between two vertebrae?
          options:
            - correct: Facet joint
            - wrong: Hip joint
            - wrong: Knee joint
          sources: book
        # cards/deck.yaml
        title: Backs
        namespace: backs
        rules: {not-a-question: warning}
    fails [not-a-question]:
        - id: facet
          question: The joint between two vertebrae is the
          options:
            - correct: Facet joint
            - wrong: Hip joint
            - wrong: Knee joint
          sources: book
        # cards/deck.yaml
        title: Backs
        namespace: backs
        rules: {not-a-question: warning}
    """
    if not _QUESTION.search(plain(card.question).strip()):
        message, hint = "the text above the options is not a question", "end it with a question, and a question mark"
        yield Problem(place_of(card, card.question), "not-a-question", message, hint)


_ARTICLE = re.compile(r"(?<!\w)(an?)[\s:…._–-]*\Z", re.IGNORECASE)
_VOWEL = re.compile(
    r"\W*(?:(?!(?i:uni|use|usu|eu|one\b|ur[aei]|ut[ei]))[aeiouAEIOU]|8|11|18|[FHLMNRSX](?:[A-Z\d]|\b(?!['’])))"
)
"""What is read with a vowel at its start: `ulcer`, `MRI`, `8`, but not `unit`."""


def article_fits_every_option(card: Options, deck: Deck) -> Iterator[Problem]:
    """A question that ends with "a" or "an" fits every option; the article would rule the others out. (NBME; H28c)

    passes:
        - id: hip
          question: The hip is
          options:
            - correct: a ball-and-socket joint
            - wrong: an ellipsoid joint
            - wrong: a hinge joint
          sources: book
    fails [article-cue]:
        - id: hip
          question: The hip is a
          options:
            - correct: ball-and-socket joint
            - wrong: ellipsoid joint
            - wrong: hinge joint
          sources: book
    """
    if match := _ARTICLE.search(plain(card.question)):
        vowels = match[1].lower() == "an"
        odd = [option for option in card.options if bool(_VOWEL.match(plain(option.text))) != vowels]
        if odd:
            message = f"the question ends with `{match[1]}`, which does not fit {plain(odd[0].text)!r}"
            yield Problem(place_of(card, card.question), "article-cue", message, "put the article into each option")


# --- words in options ---------------------------------------------------------------------------------------

_ABSOLUTE = re.compile(
    r"\b(?:always|never|invariably|completely|entirely|totally|absolutely|in all (?:cases|patients)"
    r"|in (?:every|no) (?:case|patient)|must|impossible|only (?:occurs?|affects?|when|after|if|effective))\b",
    re.IGNORECASE,
)


def no_absolute_wording(card: Options, deck: Deck) -> Iterator[Problem]:
    """No wrong option says always, never or the like, unless the correct one does too: little in medicine is absolute,
    and learners know that. The rule is off unless deck.yaml says otherwise: such words also state plain facts.
    (NBME; H28a)

    passes:
        - id: rest
          question: Does rest help low back pain?
          options:
            - correct: Hardly
            - wrong: For a week
            - wrong: For a month
          sources: book
        # cards/deck.yaml
        title: Backs
        namespace: backs
        rules: {absolute-wording: warning}
    fails [absolute-wording]:
        - id: rest
          question: Does rest help low back pain?
          options:
            - correct: Hardly
            - wrong: For a week
            - wrong: It always does
          sources: book
        # cards/deck.yaml
        title: Backs
        namespace: backs
        rules: {absolute-wording: warning}
    """
    if any(option.correct and _ABSOLUTE.search(option.text) for option in card.options):
        return
    for option in card.options:
        if match := _ABSOLUTE.search(option.text):
            message = f"`{match[0]}` gives this wrong option away"
            hint = "write what somebody who is wrong would say"
            yield Problem(place_of(card, option.text), "absolute-wording", message, hint)
            return


_VAGUE = re.compile(
    r"(?<!most )(?<!more )(?<!less )(?<!least )\b(?:often|usually|rarely|sometimes|frequently|occasionally|seldom)\b",
    re.IGNORECASE,
)


def no_vague_wording(card: Options, deck: Deck) -> Iterator[Problem]:
    """No option says usually, rarely or the like: readers take such words for anything between a few per cent and
    nearly all, so that the option is neither right nor wrong. The rule is off unless deck.yaml says otherwise: scales
    use such words, too. (NBME)

    passes:
        - id: fever
          question: How many patients with spinal infection have a fever?
          options:
            - correct: About half
            - wrong: Nearly all
            - wrong: Nearly none
          sources: book
        # cards/deck.yaml
        title: Backs
        namespace: backs
        rules: {vague-wording: warning}
    fails [vague-wording]:
        - id: fever
          question: What is found in spinal infection?
          options:
            - correct: A fever in half of the patients
            - wrong: A rash in half of the patients
            - wrong: A cough, usually
          sources: book
        # cards/deck.yaml
        title: Backs
        namespace: backs
        rules: {vague-wording: warning}
    """
    for option in card.options:
        if match := _VAGUE.search(plain(option.text)):
            message = f"`{match[0]}` means something else to each reader"
            yield Problem(
                place_of(card, option.text), "vague-wording", message, "write how many, or leave the word out"
            )
            return


_COMMON = frozenset(
    {
        "about", "after", "before", "other", "which", "these", "those", "their", "there", "where", "while", "with",
        "without", "patient", "patients", "following", "most", "likely", "first", "cause", "causes", "caused", "pain",
        "disease", "syndrome", "treatment", "drug", "therapy", "increased", "decreased", "increase", "decrease",
        "should", "would", "could", "because", "between", "during", "under", "above", "below", "years", "weeks",
        "months", "symptoms", "findings", "test", "left", "right", "upper", "lower", "acute", "chronic", "blood",
        "serum", "level", "levels", "normal", "muscle", "nerve", "joint", "artery", "cell", "cells",
    }
)  # fmt: skip


def no_word_only_in_key(card: Options, deck: Deck) -> Iterator[Problem]:
    """No telling word of the question is in the correct option alone: learners choose what sounds like the question.
    The rule is off unless deck.yaml says otherwise: most such words have to be there. (NBME, "clang"; H28b)

    passes:
        - id: stenosis
          question: Leg pain eases on leaning forward. What is the cause?
          options:
            - correct: Spinal stenosis
            - wrong: Poor circulation
            - wrong: Arthritis of the hip
          sources: book
        # cards/deck.yaml
        title: Backs
        namespace: backs
        rules: {repeated-word: warning}
    fails [repeated-word]:
        - id: stenosis
          question: A narrow spinal canal presses on the roots. What is the cause?
          options:
            - correct: Spinal stenosis
            - wrong: Poor circulation
            - wrong: Arthritis of the hip
          sources: book
        # cards/deck.yaml
        title: Backs
        namespace: backs
        rules: {repeated-word: warning}
    """
    correct = [option for option in card.options if option.correct]
    if len(correct) != 1:
        return
    others = {word for option in card.options if not option.correct for word in _long_words(option.text)}
    repeated = (_long_words(card.question) & _long_words(correct[0].text)) - others
    if repeated:
        message = f"of all options, only the correct one repeats `{min(repeated)}` of the question"
        hint = "say it in other words in one place, or use the word in a wrong option too"
        yield Problem(place_of(card, correct[0].text), "repeated-word", message, hint)


def _long_words(text: str) -> set[str]:
    words = {word.casefold() for word in _WORD.findall(plain(text))}
    return {word for word in words if len(word) > 4} - _COMMON


# --- numbers to choose from ---------------------------------------------------------------------------------


def _values(card: Options) -> list[tuple[Option, Value]]:
    """The options with the numbers that they are; empty unless each is one, all with the same unit."""
    found = [(option, value) for option in card.options if (value := value_of(plain(option.text))) is not None]
    same = len(found) == len(card.options) and len({value.unit for _, value in found}) == 1
    return found if same else []


def numbers_are_in_order(card: Options, deck: Deck) -> Iterator[Problem]:
    """Numbers to choose from are in order. Learners get them in ascending order in any case; a reader of the file
    should see what they see. (H21; NBME)

    passes:
        - id: chronic
          question: From when on is low back pain chronic?
          options:
            - wrong: 4 weeks
            - correct: 12 weeks
            - wrong: 26 weeks
          sources: book
    fails [options-order]:
        - id: chronic
          question: From when on is low back pain chronic?
          options:
            - correct: 12 weeks
            - wrong: 4 weeks
            - wrong: 26 weeks
          sources: book
    """
    values = [value for _, value in _values(card)]
    if values and sorted(values) not in (values, values[::-1]):
        texts = ", ".join(card.options[place].text for place in in_order(card))
        message, hint = "these numbers are not in order", f"write them in this order: {texts}"
        yield Problem(place_of(card, card.options[0].text), "options-order", message, hint)


def in_order(card: Options) -> list[int]:
    """The places of options that are numbers, from 0, in ascending order of the numbers."""
    values = [value for _, value in _values(card)]
    return sorted(range(len(values)), key=values.__getitem__)


_FOR_RANGE = re.compile(r"\b(?:range|interval|limits?|between)\b", re.IGNORECASE)


def ranges_do_not_overlap(card: Options, deck: Deck) -> Iterator[Problem]:
    """Ranges to choose from do not overlap: a number in two of them would make both options right. Limits such as >5
    and >10 may, and so may the answers to a question for a range. (H22)

    passes:
        - id: onset
          question: After which time is low back pain chronic?
          options:
            - wrong: 1–5 weeks
            - wrong: 6–11 weeks
            - correct: 12 weeks
          sources: book
    fails [options-overlap]:
        - id: onset
          question: After which time is low back pain chronic?
          options:
            - wrong: 1–6 weeks
            - wrong: 4–11 weeks
            - correct: 12 weeks
          sources: book
    """
    if _FOR_RANGE.search(card.question):
        return
    for (first, one), (second, other) in combinations(_values(card), 2):
        if one.bound and one.bound == other.bound:
            continue
        (low, high), (other_low, other_high) = _ends(one), _ends(other)
        inside = max(low, other_low), min(high, other_high)
        if inside[0] < inside[1] or (inside[0] == inside[1] and low < inside[0] < high):
            message = f"{plain(first.text)!r} and {plain(second.text)!r} have numbers in common"
            yield Problem(place_of(card, second.text), "options-overlap", message, "let one begin where the other ends")
            return


def _ends(value: Value) -> tuple[float, float]:
    """The least and the greatest number that an option covers."""
    low, high = value.number, value.upper if value.upper != -value.number else value.number
    return (low if value.bound >= 0 else float("-inf")), (high if value.bound <= 0 else float("inf"))
