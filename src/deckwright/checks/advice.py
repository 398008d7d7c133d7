"""The rules of writing: which there are, to which kind of card each applies, and how strictly a deck applies it.

In: cards, and the rules that are wanted with their severity. Out: problems. A rule here is a judgement of taste and of
evidence, so that deck.yaml can switch it; what makes a card unusable is in card.py.
"""

from collections.abc import Iterable, Iterator, Mapping

from deckwright.checks import items, notation, recall
from deckwright.checks.allowed import unused
from deckwright.checks.card import CardRule
from deckwright.model import Basic, CardKind, Cloze, Deck, Items, Occlusion, Options, Settings
from deckwright.problem import LEVELS, Level, Problem, Severity, as_wanted, not_accepted

Wanted = Mapping[str, Severity]
"""The rules that are looked at, by the code of their problems, each with its severity."""


def wanted(settings: Settings, *, errors_only: bool) -> Wanted:
    """The rules of a deck that are not off. With `errors_only`, those that keep its outputs from being written."""
    levels = {**LEVELS, **settings.rules}
    return {
        code: Severity(level)
        for code, level in levels.items()
        if level is Level.ERROR or (level is Level.WARNING and not errors_only)
    }


def advise(cards: Iterable[CardKind], deck: Deck, wanted: Wanted) -> Iterator[Problem]:
    """What the wanted rules find on cards that do not accept it, and what cards accept in vain. Withdrawn cards are
    skipped, because nobody learns them."""
    english = deck.settings.language.lower().split("-")[0] == "en"
    rules = {
        kind: [(code, rule) for code, rule in of_kind.items() if code in wanted and (english or code not in ENGLISH)]
        for kind, of_kind in ADVICE_RULES.items()
    }
    for card in cards:
        if card.withdrawn:
            continue
        of_kind = rules[type(card)]
        found = [problem for _, rule in of_kind for problem in rule(card, deck)]
        for problem in not_accepted(found, card.allow):
            yield as_wanted(problem, wanted)
        if card.allow:
            yield from unused(card, [code for code, _ in of_kind], {problem.code for problem in found})


ENGLISH = frozenset(
    {
        "all-of-the-above", "none-of-the-above", "combined-options", "negative-question", "unfocused-question",
        "article-cue", "absolute-wording", "vague-wording", "repeated-word", "list-as-answer", "two-questions",
        "yes-no", "no-context",
    }
)  # fmt: skip
"""Rules that look for English words. Decks in other languages are not held against them."""

_EVERY_CARD: Mapping[str, CardRule] = {
    "naked-decimal": notation.digit_before_point,
    "trailing-zero": notation.no_zero_after_point,
    "error-prone-abbreviation": notation.no_error_prone_abbreviation,
}

ADVICE_RULES: Mapping[type[CardKind], Mapping[str, CardRule]] = {
    Basic: {
        **_EVERY_CARD,
        "long-question": recall.question_is_short,
        "long-answer": recall.answer_is_short,
        "list-as-answer": recall.answer_is_no_list,
        "two-questions": recall.asks_one_question,
        "answer-given-away": recall.answer_is_not_given_away,
        "yes-no": recall.answer_is_not_yes_or_no,
        "no-context": recall.question_says_what_it_is_about,
    },
    Cloze: {
        **_EVERY_CARD,
        "many-gaps": recall.has_few_gaps,
        "answer-given-away": recall.answer_is_not_given_away,
    },
    Items: {
        **_EVERY_CARD,
        "long-list": recall.list_is_short,
        "two-questions": recall.asks_one_question,
        "no-context": recall.question_says_what_it_is_about,
    },
    Occlusion: _EVERY_CARD,
    Options: {
        **_EVERY_CARD,
        "key-longest": items.key_is_not_longest,
        "all-of-the-above": items.no_all_of_the_above,
        "none-of-the-above": items.no_none_of_the_above,
        "combined-options": items.no_combined_options,
        "few-options": items.has_three_options,
        "negative-question": items.exception_is_emphasised,
        "unfocused-question": items.question_is_focused,
        "not-a-question": items.ends_with_a_question,
        "article-cue": items.article_fits_every_option,
        "absolute-wording": items.no_absolute_wording,
        "vague-wording": items.no_vague_wording,
        "repeated-word": items.no_word_only_in_key,
        "options-order": items.numbers_are_in_order,
        "options-overlap": items.ranges_do_not_overlap,
    },
}
"""The rules for single cards by kind and by the code of their problems; alike.py has those that compare cards."""
