"""The rules for one card: what an author should know about it before anybody learns it.

In: a card and what its deck shares. Out: problems. Each rule is a function in the table `CARD_RULES`; it knows
neither how severe its problems are nor whether a card accepts them. Its docstring has a card that passes and, for each
code, a card that fails; docs/problems.md shows them, and a test runs them.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from deckwright.anki.prompts import is_term
from deckwright.checks.allowed import unused
from deckwright.checks.masks import MASK_RULES
from deckwright.checks.writing import (
    formula_prints,
    no_foreign_markup,
    no_letter_reference,
    pictures_can_be_shown,
    table_is_drawn,
)
from deckwright.markup.cloze import MOST_GAPS, cloze_numbers, filled
from deckwright.markup.html import html
from deckwright.markup.text import cloze_faults, gap_texts, image_names, plain
from deckwright.model import (
    Basic,
    CardKind,
    Cloze,
    Deck,
    Items,
    Occlusion,
    Options,
    Status,
    Text,
)
from deckwright.parts import Role, place_of, texts
from deckwright.problem import Problem, errors, not_accepted
from deckwright.reading.cards import CardFile

_WORD = re.compile(r"[^\W_]")


def check_cards(file: CardFile, deck: Deck) -> list[Problem]:
    """Every problem of one file's cards that cannot be seen from a single key."""
    found = [problem for card in file.cards for problem in check_card(card, deck)]
    return found + [problem for card in file.broken for problem in check_card(card, deck, broken=True)]


def check_card(card: CardKind, deck: Deck, *, broken: bool = False) -> list[Problem]:
    """Every problem of one card that it does not accept. In a `broken` card, a key that seems to be missing may be
    there and be wrong, so missing keys are not reported."""
    rules = [rule for rule in CARD_RULES[type(card)] if not (broken and rule in MISSING_KEY_RULES)]
    found = [problem for rule in rules for problem in rule(card, deck)]
    if not card.allow:
        return found
    codes = () if broken or errors(found) else LOOKED_FOR  # an error can keep a rule from looking
    return [*not_accepted(found, card.allow), *unused(card, codes, {problem.code for problem in found})]


def has_source(card: CardKind, deck: Deck) -> Iterator[Problem]:
    """Every fact has a source. Only drafts and withdrawn cards may do without one.

    passes:
        - id: sciatic-nerve
          question: Which nerve is the thickest?
          answer: The sciatic nerve
          sources: book
    fails [missing-key]:
        - id: sciatic-nerve
          question: Which nerve is the thickest?
          answer: The sciatic nerve
    """
    if not card.sources and card.status is not Status.DRAFT and not card.withdrawn:
        hint = "add sources: with an id from cards/sources.yaml, or status: draft until you have one"
        yield Problem(place_of(card, card.id), "missing-key", f"card {card.id} has no `sources`", hint)


def has_caveat(card: CardKind, deck: Deck) -> Iterator[Problem]:
    """A contested or superseded fact has a caveat that says so. A withdrawn card does not need one.

    passes:
        - id: bed-rest
          question: Does bed rest help?
          answer: Hardly
          status: contested
          caveat: Older textbooks advise it.
          sources: book
    fails [missing-key]:
        - id: bed-rest
          question: Does bed rest help?
          answer: Hardly
          status: contested
          sources: book
    """
    if card.status in (Status.CONTESTED, Status.SUPERSEDED) and card.caveat is None and not card.withdrawn:
        message = f"card {card.id} is {card.status} but has no `caveat`"
        yield Problem(place_of(card, card.id), "missing-key", message, "add caveat: with what is known today")


def has_year(card: CardKind, deck: Deck) -> Iterator[Problem]:
    """A superseded fact names the year that it describes.

    passes:
        - id: prevalence
          question: How common is it?
          answer: Common
          status: superseded
          as_of: 2010
          caveat: The model was estimated again.
          sources: book
    fails [missing-key]:
        - id: prevalence
          question: How common is it?
          answer: Common
          status: superseded
          caveat: The model was estimated again.
          sources: book
    """
    if card.status is Status.SUPERSEDED and card.as_of is None and not card.withdrawn:
        message = f"card {card.id} is superseded but has no `as_of`"
        yield Problem(
            place_of(card, card.id), "missing-key", message, "add as_of: with the year that the fact describes"
        )


def correction_changes_answer(card: CardKind, deck: Deck) -> Iterator[Problem]:
    """The wrong answer that a correction names is not the answer of the card today. Several correct options, or all
    items, are one answer together.

    passes:
        - id: longest-bone
          question: Which bone is the longest?
          answer: The femur
          corrected: {on: 2026-11-22, was: The tibia}
          sources: book
    fails [not-corrected]:
        - id: longest-bone
          question: Which bone is the longest?
          answer: The femur
          corrected: {on: 2026-11-22, was: The femur}
          sources: book
    """
    if card.corrected is None:
        return
    was = card.corrected.was
    single: list[str] = [*texts(card, "answer", "also")]
    for cloze in texts(card, "cloze"):
        single += [filled(cloze), *gap_texts(cloze).values()]
    several = texts(card, "correct", "item", "mask")
    in_order = isinstance(card, Items) and card.ordered
    if _plainly(was) in map(_plainly, single) or (several and _lists(was, several, ordered=in_order)):
        message = f"`was:` is what card {card.id} says today; learners would be told that its answer is wrong"
        hint = "write what the card said before it was corrected; if nothing was wrong, delete corrected:"
        yield Problem(place_of(card, was), "not-corrected", message, hint)


def _plainly(text: str) -> str:
    """A text as a learner reads it, without markup and without punctuation at its end."""
    return " ".join(plain(text).split()).rstrip(" .;,")


def _lists(text: str, entries: Sequence[Text], *, ordered: bool) -> bool:
    """Whether a text lists some entries and nothing else: one per line, or separated by semicolons or commas. If
    `ordered`, in their order."""
    expected = [_plainly(entry) for entry in entries]
    for separator in ("\n", ";", ","):
        written = [_plainly(re.sub(r"^\s*(?:[-*]|\d+\.)\s+", "", part)) for part in text.split(separator)]
        listed = [part for part in written if part]
        if listed == expected or (not ordered and sorted(listed) == sorted(expected)):
            return True
    return False


_SHOWN: tuple[Role, ...] = ("question", "answer", "reverse", "correct", "wrong", "item", "mask", "retired")
"""The texts that Anki shows on their own, on a side of a card or on a button."""


def not_blank(card: Basic | Options | Items | Occlusion, deck: Deck) -> Iterator[Problem]:
    """Questions and answers are not blank: Anki makes no card with an empty front.

    passes:
        - id: longest-bone
          question: Which bone is the longest?
          answer: The femur
          sources: book
    fails [empty-text]:
        - id: longest-bone
          question: Which bone is the longest?
          answer: "[](https://example.org/)"
          sources: book
    """
    for text in texts(card, *_SHOWN):
        if _WORD.search(text) and "[" not in text:
            continue
        if not plain(text).strip() and not image_names(text):
            yield Problem(place_of(card, text), "empty-text", "this text shows nothing", "write what it should show")


def reverse_asks_for_a_term(card: Basic, deck: Deck) -> Iterator[Problem]:
    """The answer of a question the other way round is `question:`, so that should be a term and not a question.

    passes:
        - id: atlas
          question: Atlas
          answer: The first cervical vertebra
          reverse: Which vertebra is the first?
          sources: book
    fails [reverse-answer]:
        - id: atlas
          question: What is the atlas?
          answer: The first cervical vertebra
          reverse: Which vertebra is the first?
          sources: book
    """
    if isinstance(card.reverse, Text) and not is_term(card.question):
        message = f"the answer of this question is `question:`, {card.question!r}, which is a question itself"
        hint = "write a term in `question:`, or make a card of its own of this question"
        yield Problem(place_of(card, card.reverse), "reverse-answer", message, hint)


def gaps_are_valid(card: Cloze, deck: Deck) -> Iterator[Problem]:
    """Anki understands every gap.

    passes:
        - id: longest-bone
          cloze: The {{c1::femur::which bone}} is the longest bone, the {{c2::stapes}} the smallest.
          sources: book
    fails [cloze-missing]:
        - id: longest-bone
          cloze: The femur is the longest bone.
          sources: book
    fails [cloze-unclosed]:
        - id: longest-bone
          cloze: The {{c1::femur is the longest bone.
          sources: book
    fails [cloze-number]:
        - id: longest-bone
          cloze: The {{c0::femur}} is the longest bone.
          sources: book
    fails [cloze-empty]:
        - id: longest-bone
          cloze: The {{c1::}} is the longest bone.
          sources: book
    fails [cloze-in-hint]:
        - id: longest-bone
          cloze: The {{c1::femur::of the {{c2::thigh}}}} is the longest bone.
          sources: book
    fails [cloze-deep]:
        - id: longest-bone
          cloze: "{{c1::a {{c2::b {{c3::c {{c4::d {{c5::e {{c6::f {{c7::g {{c8::h {{c9::i}}}}}}}}}}}}}}}}}}"
          sources: book
    fails [cloze-crosses]:
        - id: longest-bone
          cloze: The **longest {{c1::bone** is the femur}}.
          sources: book
    fails [cloze-malformed]:
        - id: longest-bone
          cloze: The {{c1::femur}} is the longest {{c2:bone}}.
          sources: book
    """
    for fault in cloze_faults(card.cloze):
        yield Problem(place_of(card, card.cloze), fault.code, fault.message, fault.hint)


def retired_gaps_are_gone(card: Cloze, deck: Deck) -> Iterator[Problem]:
    """A retired gap is not in the text any more, and has a number that Anki knows.

    passes:
        - id: longest-bone
          cloze: The {{c1::femur}} is the longest bone.
          retired: {c2: bone}
          sources: book
    fails [bad-number]:
        - id: longest-bone
          cloze: The {{c1::femur}} is the longest {{c2::bone}}.
          retired: {c2: bone}
          sources: book
    """
    for number in sorted({*card.retired} & {*cloze_numbers(card.cloze)}):
        hint = "take the gap out of the text, or out of `retired`"
        message = f"gap {number} of card {card.id} is retired and in the text"
        yield Problem(place_of(card, card.retired[number]), "bad-number", message, hint)
    for number in card.retired:
        if number > MOST_GAPS:
            message = f"there is no gap {number}; Anki asks at most {MOST_GAPS}"
            yield Problem(place_of(card, card.retired[number]), "bad-number", message, "give the gap's own number")


def has_correct_and_wrong(card: Options, deck: Deck) -> Iterator[Problem]:
    """At least one option is correct and at least one is wrong, so that there is a choice.

    passes:
        - id: imaging
          question: Saddle numbness. Which imaging comes first?
          options:
            - correct: Emergency MRI
            - wrong: Plain radiograph
          sources: book
    fails [options]:
        - id: imaging
          question: Saddle numbness. Which imaging comes first?
          options:
            - wrong: Bone scan
            - wrong: Plain radiograph
          sources: book
    """
    correct = sum(option.correct for option in card.options)
    if not correct or correct == len(card.options):
        side = "correct" if correct == 0 else "wrong"
        place = place_of(card, card.options[0].text)
        yield Problem(place, "options", f"card {card.id} has no {side} option", f"add - {side}: …")


def options_differ(card: Options, deck: Deck) -> Iterator[Problem]:
    """No two options say the same thing.

    passes:
        - id: imaging
          question: Saddle numbness. Which imaging comes first?
          options:
            - correct: Emergency MRI
            - wrong: Plain radiograph
          sources: book
    fails [doubled-option]:
        - id: imaging
          question: Saddle numbness. Which imaging comes first?
          options:
            - correct: Emergency MRI
            - wrong: Emergency **MRI**
          sources: book
    """
    yield from _doubled(card, [option.text for option in card.options], "option", "doubled-option")


def has_items(card: Items, deck: Deck) -> Iterator[Problem]:
    """A list has at least two items, and no more than Anki can ask.

    passes:
        - id: hip-bone
          question: Which parts make the hip bone?
          items:
            - Ilium
            - Ischium
            - Pubis
          sources: book
    fails [items]:
        - id: hip-bone
          question: Which parts make the hip bone?
          items:
            - Ilium, ischium and pubis
          sources: book
    """
    if all(item.retired for item in card.items):
        hint = "add an item, or withdraw the card with `withdrawn:`"
        yield Problem(place_of(card, card.items[0].text), "items", f"no item of card {card.id} counts", hint)
    elif len(card.items) < 2:
        hint = "add the other items, or write it as `answer:`"
        yield Problem(place_of(card, card.items[0].text), "items", f"card {card.id} has only one item", hint)
    if len(card.items) > MOST_GAPS:
        message = f"card {card.id} has {len(card.items)} items; Anki asks at most {MOST_GAPS}"
        yield Problem(place_of(card, card.items[MOST_GAPS].text), "items", message, "split it into several cards")


def items_differ(card: Items, deck: Deck) -> Iterator[Problem]:
    """No two items say the same thing.

    passes:
        - id: hip-bone
          question: Which parts make the hip bone?
          items:
            - Ilium
            - Ischium
          sources: book
    fails [doubled-item]:
        - id: hip-bone
          question: Which parts make the hip bone?
          items:
            - Ilium
            - Ilium.
          sources: book
    """
    yield from _doubled(card, [item.text for item in card.items], "item", "doubled-item")


def _doubled(card: CardKind, entries: list[Text], what: str, code: str) -> Iterator[Problem]:
    firsts: dict[str, Text] = {}
    for text in entries:
        first = firsts.setdefault(_same(text), text)
        if first is not text:
            message = f"this {what} says the same thing as the one on line {first.line}"
            yield Problem(place_of(card, text), code, message, "keep one of the two")


def _same(text: str) -> str:
    """A text without what makes no difference between two answers to a learner."""
    return re.sub(r"\s+", " ", re.sub(r"</?(?:strong|em)>", "", html(text, {}))).strip().rstrip(" .;,")


LOOKED_FOR = (
    "anki-formula", "open-formula", "html-tag", "html-entity", "anki-cloze", "anki-sound", "table-as-written",
    "math-not-printed", "points-at-letter", "reverse-answer", "mask-small", "mask-overlap", "alt-answers",
)  # fmt: skip
"""The codes that the rules here look for and that a card may accept."""

CardRule = Callable[[Any, Deck], Iterator[Problem]]

MISSING_KEY_RULES: tuple[CardRule, ...] = (has_source, has_caveat, has_year)
"""They report that a key is missing, which a card with an error may have."""

_EVERY_CARD: tuple[CardRule, ...] = (
    *MISSING_KEY_RULES,
    correction_changes_answer,
    pictures_can_be_shown,
    formula_prints,
    no_foreign_markup,
    table_is_drawn,
)

CARD_RULES: dict[type[CardKind], tuple[CardRule, ...]] = {
    Basic: (*_EVERY_CARD, not_blank, reverse_asks_for_a_term),
    Cloze: (*_EVERY_CARD, gaps_are_valid, retired_gaps_are_gone),
    Options: (*_EVERY_CARD, not_blank, has_correct_and_wrong, options_differ, no_letter_reference),
    Items: (*_EVERY_CARD, not_blank, has_items, items_differ),
    Occlusion: (*_EVERY_CARD, not_blank, *MASK_RULES),
}
