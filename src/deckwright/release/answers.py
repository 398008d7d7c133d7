"""Whether a card still has the answer that learners learnt.

In: the answers of a card by their role, as they were released and as they are now. Out: how they differ, or None if
they were only reworded. The comparison uses what a program can see without knowing medicine: options that changed
sides, numbers, negations, opposites, and answers that share no word.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from deckwright.anki.prompts import asked, prompts
from deckwright.markup.text import plain
from deckwright.model import KIND_OF, CardKind
from deckwright.parts import parts
from deckwright.sources.quantities import SPELT, figures, units

Answers = Mapping[str, Sequence[str]]
"""The texts of a card's answers by role: `answer` and `also`; `correct` and `wrong`; `gap 2`, `item 2` or `mask 2`."""


class Difference(NamedTuple):
    """How the answer of a card changed."""

    how: str
    """For people, such as `a different number or unit`."""
    was: str
    """The answer that learners have."""
    now: str
    """The answer as it is now; empty if nothing replaced the old one."""


def answers(card: CardKind) -> dict[str, list[str]]:
    """The answers of a card, each on one line and without markup."""
    if KIND_OF[type(card)].numbered:
        numbered = asked(card)
        return {prompt.asks: [numbered[prompt.ordinal + 1]] for prompt in prompts(card)}
    by_role: dict[str, list[str]] = {}
    for role, text, _ in parts(card):
        by_role.setdefault(role, []).append(text)
    roles = ("answer", "also") if "answer" in by_role else ("correct", "wrong")
    return {role: [_line(text) for text in by_role.get(role, ())] for role in roles}


def _line(text: str) -> str:
    return " ".join(plain(text).split())


def changed(was: Answers, now: Answers) -> Difference | None:
    """How the answers of a card differ; None if they were only reworded. A role that only one side has is not compared:
    harm.py deals with numbers that are gone or new."""
    if "correct" in was and "correct" in now:
        return _other_side(was, now) or _other_set(was["correct"], now["correct"])
    if "answer" in was and "answer" in now:
        return _other_answer([*was["answer"], *was["also"]], [*now["answer"], *now["also"]])
    pairs = ((was[role][0], now[role][0]) for role in was if role in now and was[role] and now[role])
    return next((found for pair in pairs if (found := _compared(*pair))), None)


def _other_side(was: Answers, now: Answers) -> Difference | None:
    """An option that was correct and is now wrong, or the reverse, even if it was also reworded."""
    for side, other in (("correct", "wrong"), ("wrong", "correct")):
        for text in was[side]:
            if _found(text, now[side]):
                continue
            there = text if _found(text, now[other]) else _reworded(text, was[other], now[other], now[side])
            if there:
                how = f"{there!r} was {side} and is now {other}"
                return Difference(how, ", ".join(was["correct"]), ", ".join(now["correct"]))
    return None


def _reworded(text: str, was: Sequence[str], now: Sequence[str], same_side: Sequence[str]) -> str:
    """The new option of the other side that is nearly this text, and nearer to it than any of its own side. Empty if
    there is none."""
    new = [option for option in now if not _found(option, was)]
    likest = max(new, key=lambda option: _likeness(text, option), default="")
    own = max((_likeness(text, option) for option in same_side), default=0.0)
    return likest if likest and _likeness(text, likest) > max(own, SURELY_THE_SAME) else ""


def _other_set(was: Sequence[str], now: Sequence[str]) -> Difference | None:
    """Whether the correct options are other ones than before, and how."""
    lost = [text for text in was if not _found(text, now)]
    new = [text for text in now if not _found(text, was)]
    if len(lost) != len(new):
        return Difference("a different set of correct options", ", ".join(was), ", ".join(now))
    for text in lost:
        likest = max(new, key=lambda option: _likeness(text, option))
        new.remove(likest)
        if found := _compared(text, likest):
            return found
    return None


def _other_answer(was: Sequence[str], now: Sequence[str]) -> Difference | None:
    """A different answer, or an answer that is no longer accepted."""
    if not _found(was[0], now) and (found := _compared(was[0], now[0])):
        return found
    for also in was[1:]:
        if not _found(also, now) and all(_compared(also, text) for text in now if not _found(text, was)):
            return Difference("an accepted answer was removed", also, "")
    return None


def _found(text: str, among: Sequence[str]) -> bool:
    return _normal(text) in map(_normal, among)


def _normal(text: str) -> str:
    return " ".join(re.findall(r"[\w%<>≤≥±+−]+", text.casefold()))


def negated(was: str, now: str) -> bool:
    """Whether one of two texts denies what the other says. `Not stable` and `unstable` say the same."""
    return (_negations(was) != _negations(now)) != _prefixed(was, now)


def _compared(was: str, now: str) -> Difference | None:
    """How one answer differs from another; None if it is a rewording."""
    if _normal(was) == _normal(now) or _initials(was) & _words(now) or _initials(now) & _words(was):
        return None
    how = (
        "a different number or unit" if _other_figures(was, now)
        else "a negation was added or removed" if negated(was, now)
        else "the opposite" if _opposite(was, now)
        else "a different answer" if _nothing_in_common(was, now)
        else ""
    )  # fmt: skip
    return Difference(how, was, now) if how else None


# --- numbers --------------------------------------------------------------------------------------------------

_WITH_DIGITS = re.compile(r"[^\W\d_]*\d+(?:[.,]\d+)*")
"""A number, or a name that contains one (L5, B27)."""
_WORD = re.compile(r"[^\W\d_]+")
_ONE_OF_MANY = re.compile(r"\bone\b(?! (?:in|out of) )(?=.*\w)|(?<=\w )one\b")


def _other_figures(was: str, now: str) -> bool:
    """Whether two texts have different numbers, or the same numbers with different units."""
    if _numbers(was) != _numbers(now):
        return True
    before, after = units(figures(was)), units(figures(now))
    shared = [(before[number] - {""}, after[number] - {""}) for number in before if number and number in after]
    return any(one and other and not one & other for one, other in shared)


def _numbers(text: str) -> set[str]:
    """The numbers in a text, digits or words. `one` is a number only where it can be nothing else: `one in 13`."""
    digits = _WORD.sub(lambda match: SPELT.get(match[0], match[0]), _ONE_OF_MANY.sub("the", text.casefold()))
    ungrouped = re.sub(r"(?<=\d)[, \u202f\u2009](?=\d{3}\b)", "", digits)
    return {number.replace(",", ".") for number in _WITH_DIGITS.findall(ungrouped)}


# --- negations and opposites ----------------------------------------------------------------------------------

_NEGATION = re.compile(
    r"\b(?:no|not|never|none|neither|without|cannot|nothing|nobody|nowhere)\b|\bnon-|n[’']t\b", re.IGNORECASE
)
_NEGATING = ("non", "un", "in", "im", "il", "ir", "dis", "a")
"""Prefixes: complete, incomplete."""


def _negations(text: str) -> int:
    return len(_NEGATION.findall(text))


def _prefixed(was: str, now: str) -> bool:
    """Whether a word of one text occurs in the other only with a negating prefix."""
    one, other = _words(was), _words(now)
    return any(
        len(word) > 3 and prefix + word in wanted - having and word not in wanted
        for having, wanted in ((one, other), (other, one))
        for word in having
        for prefix in _NEGATING
    )


_OPPOSITES = [
    ("left", "right"), ("more", "less"), ("more", "fewer"), ("higher", "lower"), ("high", "low"), ("upper", "lower"),
    ("above", "below"), ("over", "under"), ("before", "after"), ("earlier", "later"), ("early", "late"),
    ("anterior", "posterior"), ("front", "back"), ("front", "behind"), ("medial", "lateral"), ("inner", "outer"),
    ("inside", "outside"), ("proximal", "distal"), ("superior", "inferior"), ("cranial", "caudal"),
    ("flexion", "extension"), ("flexor", "extensor"), ("flexors", "extensors"), ("bends", "straightens"),
    ("abduction", "adduction"), ("abductor", "adductor"), ("abductors", "adductors"), ("internal", "external"),
    ("pronation", "supination"), ("prone", "supine"), ("increase", "decrease"), ("increases", "decreases"),
    ("increased", "decreased"), ("increased", "reduced"), ("raises", "lowers"), ("widens", "narrows"),
    ("rises", "falls"), ("better", "worse"), ("improves", "worsens"), ("relieves", "aggravates"),
    ("longer", "shorter"), ("faster", "slower"), ("stronger", "weaker"), ("larger", "smaller"), ("most", "least"),
    ("always", "never"), ("often", "rarely"), ("common", "rare"), ("frequent", "rare"), ("yes", "no"),
    ("true", "false"), ("positive", "negative"), ("present", "absent"), ("acute", "chronic"),
    ("benign", "malignant"), ("sensory", "motor"), ("systolic", "diastolic"), ("afferent", "efferent"),
    ("agonist", "antagonist"), ("emergency", "elective"), ("start", "stop"), ("men", "women"),
    ("male", "female"), ("with", "without"), ("all", "none"), ("both", "neither"), ("<", ">"), ("≤", "≥"),
]  # fmt: skip
"""Pairs of words that turn an answer into its opposite when one replaces the other."""


def _opposite(was: str, now: str) -> bool:
    one, other = (_words(text) | set(re.findall("[<>≤≥]", text)) for text in (was, now))
    gone, came = one - other, other - one
    return any((a in gone and b in came) or (b in gone and a in came) for a, b in (*_OPPOSITES, *_hyper(gone | came)))


def _hyper(words: set[str]) -> Iterator[tuple[str, str]]:
    """Pairs of words with hyper- and hypo-: hypertension, hypotension."""
    return ((word, f"hypo{word[5:]}") for word in words if word.startswith("hyper"))


# --- likeness -------------------------------------------------------------------------------------------------

SURELY_THE_SAME = 0.75
"""Likeness above which an option removed from one side is the same as an option added to the other."""

SOMEWHAT_ALIKE = 0.5
"""At this likeness or more, two answers that share no word may be one answer in two spellings."""

_STEM = 4
"""Letters that two words must share at their start to count as forms of one word: flexion and flexing."""


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.casefold()))


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one.casefold(), other.casefold(), autojunk=False).ratio()


_FILLERS = frozenset(
    ["a", "an", "the", "of", "in", "on", "at", "to", "and", "or", "by", "for", "from", "with", "is", "are", "it", "its"]
)


def _nothing_in_common(was: str, now: str) -> bool:
    """Whether two answers share no word, and no form of a word."""
    one, other = (_words(text) - _FILLERS for text in (was, now))
    if not one or not other or _numbers(was) & _numbers(now):
        return False
    if any(a == b or (len(a) >= _STEM and a[:_STEM] == b[:_STEM]) for a in one for b in other):
        return False
    return _likeness(was, now) < SOMEWHAT_ALIKE


def _initials(text: str) -> set[str]:
    """Abbreviations of a text of several words, made with and without its small words: MRI, CES."""
    words = _WORD.findall(text.casefold())
    telling = [word for word in words if word not in _FILLERS]
    return {"".join(word[0] for word in some) + plural for some in (words, telling) for plural in ("", "s") if some[1:]}
