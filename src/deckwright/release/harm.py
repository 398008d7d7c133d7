"""Changes that would hurt learners, and cards that moved: the deck as it is now, compared with what they have.

In: the cards that differ from the lock. Out: problems, each with a fix. docs/releasing.md says what Anki does with such
changes.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from deckwright.anki.prompts import asked
from deckwright.checks.allowed import unused
from deckwright.markup.text import plain
from deckwright.model import NUMBERED, CardKind, Items
from deckwright.parts import place_of
from deckwright.problem import TODAY, Problem, Span, accepts, not_accepted
from deckwright.reading.quoting import quote
from deckwright.release.answers import Answers, negated
from deckwright.release.answers import changed as answers_changed
from deckwright.release.fingerprint import shown
from deckwright.release.lock import LOCK, LONGEST, NONE, Fingerprint, Lock


class Changed(NamedTuple):
    """A card that is new or changed, with what the rules below need to know."""

    span: Span
    card: CardKind
    was: Fingerprint | None
    now: Fingerprint


LOOKED_FOR = (
    "answer-changed", "was-never-said", "id-reused", "kind-changed", "number-gone", "number-moved", "cards-moved",
)  # fmt: skip
"""The codes that the rules here look for and that a card may accept."""


def harmful(
    changed: Sequence[Changed], allowing: Iterable[CardKind], gone: frozenset[str], lock: Lock, today: str
) -> Iterator[Problem]:
    """Changes that would damage learners' schedules, never reach them, or leave them with a wrong answer; and what
    cards accept without need, of those with an `allow:`. `today` is a date such as 2026-12-01."""
    # Another card may have taken the words of these cards, because they no longer have them.
    free: dict[str, Fingerprint] = {card.card.id: card.was for card in changed if card.was is not None}
    for id_ in gone:
        entry = lock.entry(id_)
        if entry is not None:
            free[id_] = entry.fingerprint
    troubled: set[str] = set()
    for card in changed:
        problems = [*_harm(card, free)]
        if not any(problem.code in ("id-reused", "kind-changed") for problem in problems) and not _deleted(card):
            problems += _answer_changed(card, today)
        yield from not_accepted(problems, card.card.allow)
        if problems or (card.was and moved(card.was, card.now)):
            troubled.add(card.card.id)  # one problem can keep others from being looked for
    for each in allowing:
        if each.id not in troubled:
            yield from unused(each, LOOKED_FOR, ())


def _harm(card: Changed, free: Mapping[str, Fingerprint]) -> Iterator[Problem]:
    id_, was, now = card.card.id, card.was, card.now
    if was is None:
        return
    if was.kind != now.kind:
        message = (
            f"card {id_} was released as `{was.kind}` and is now `{now.kind}`; Anki cannot turn one into the other"
        )
        hint = "restore the old card, withdraw it with `withdrawn:`, and give the new one its own id"
        yield Problem(card.span, "kind-changed", message, hint)
        return
    reused = _reused(id_, was, now, free)
    if reused:
        hint = (
            f"it would inherit learners' schedules for {shown(was.headline)!r}:"
            "\ngive it its own id and keep the old card"
            '\nif it is the same question in other words: allow: {id-reused: "why"}'
        )
        yield Problem(card.span, "id-reused", f"card {id_} {reused}", hint)
        return
    before, after = was.numbers(), now.numbers()
    deleted = _deleted(card)
    if deleted:
        what, hint = _lost(now.kind, deleted)
        message = f"card {id_} {what}, so those behind it have other numbers; learners' schedules belong to the numbers"
        yield Problem(card.span, "number-moved", message, hint)
        return
    gone = [number for number in before if number not in after]
    if gone:
        what, hint = _lost(now.kind, {number: before[number] for number in gone})
        message = f"card {id_} {what}; learners would keep a blank card"
        hint += '\nto leave it blank, and have the release notes tell learners: allow: {number-gone: "why"}'
        yield Problem(card.span, "number-gone", message, hint)
    renumbered = _renumbered(was, now)
    if renumbered:
        what = NUMBERED[now.kind]
        message = f"card {id_} changed the number of {_listed(what, {n: before[n] for n in renumbered})}"
        hint = "schedules belong to the numbers: restore them; a new gap gets the next number"
        if now.kind != "cloze":
            hint = "schedules belong to the positions: restore the order; add new entries at the end"
        if isinstance(card.card, Items):
            hint = _numbered(card.card, before)
        hint += '\nif you exchanged the texts to correct them: allow: {number-moved: "why"}'
        yield Problem(card.span, "number-moved", message, hint)


def _deleted(card: Changed) -> dict[int, str]:
    """The texts, by number, that were deleted from within a list, so that all behind them moved up. Empty if that is
    not what happened."""
    was, now = card.was, card.now
    if was is None or was.kind != now.kind or was.kind not in NUMBERED:
        return {}
    before, after = was.numbers(), now.numbers()
    texts = list(after.values())
    gone = {number: text for number, text in before.items() if text not in texts}
    kept = [text for number, text in before.items() if number not in gone]
    moved_up = any(after.get(number) != text for number, text in before.items() if number not in gone)
    return gone if moved_up and texts[: len(kept)] == kept else {}


def _renumbered(was: Fingerprint, now: Fingerprint) -> list[int]:
    """The numbers whose text now has a different number."""
    before, after = was.numbers(), now.numbers()
    return [
        number
        for number, text in before.items()
        if number in after
        and after[number] != text
        and any(after[other] == text and before.get(other) != text for other in after if other != number)
    ]


def _answer_changed(card: Changed, today: str) -> Iterator[Problem]:
    """A changed answer that learners would not notice. A new `corrected:` tells them of it."""
    was, now = card.was, card.now
    if was is None or was.kind != now.kind or was.content == now.content or now.withdrawn != NONE:
        return
    before, after = was.roles(), now.roles()
    if now.corrected not in (NONE, was.corrected):
        yield from _doubtful(card, before)
        return
    if before is None or after is None:
        message = f"the released answer of card {card.card.id} is not known; it may have changed"
        hint = "the lock has version 1, and the cards of that release are not in Git: compare the card with the package"
        yield Problem(card.span, "answer-unknown", message, hint)
        return
    here = now.places()
    swapped = {
        place: text for place, text in was.places().items() if here.get(place, text) != text and text in here.values()
    }
    if swapped and not _renumbered(was, now):
        place, old = next(iter(swapped.items()))
        message = f"what is at {place} on the picture of card {card.card.id} was {old!r} and is now {here[place]!r}"
        yield Problem(card.span, "answer-changed", f"{message}; learners would not notice", _ready(old, today))
        return
    moved_numbers = {f"{what} {number}" for number in _renumbered(was, now) for what in NUMBERED.values()}
    difference = answers_changed({role: texts for role, texts in before.items() if role not in moved_numbers}, after)
    if difference is not None:
        old = difference.was
        message = f"the answer of card {card.card.id} was {shown(old)!r} and is now {shown(difference.now)!r}"
        if not difference.now:
            message = f"card {card.card.id} no longer accepts the answer {shown(old)!r}"
        message += f" ({difference.how}); learners would not notice"
    elif before == after and negated(was.headline, now.headline):
        message = f"card {card.card.id} said {shown(was.headline)!r} and now says the opposite"
        old = was.headline
    else:
        return
    yield Problem(card.span, "answer-changed", message, _ready(old, today))


def _ready(old: str, today: str) -> str:
    """The lines to paste if an answer changed."""
    return (
        f"if the old answer was wrong: corrected: {{on: {today}, was: {quote(shown(old))}}}"
        '\nif only the wording changed: allow: {answer-changed: "why"}'
    )


def _doubtful(card: Changed, before: Answers | None) -> Iterator[Problem]:
    """A correction of something that learners were not told."""
    corrected = card.card.corrected
    if corrected is None or before is None:
        return
    said = {word for texts in before.values() for text in texts for word in _tokens(text)}
    if said and said.isdisjoint(_tokens(plain(corrected.was))):
        answer = ", ".join(next(iter(before.values())))
        message = f"`was:` names {corrected.was!r}, but the released answer of card {card.card.id} is {shown(answer)!r}"
        yield Problem(place_of(card.card, corrected.was), "was-never-said", message, f"was: {quote(shown(answer))}")


def _tokens(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _listed(what: str, texts: Mapping[int, str]) -> str:
    return ", ".join(f"{what} {number} ({shown(text)!r})" for number, text in texts.items())


def _lost(kind: str, texts: Mapping[int, str]) -> tuple[str, str]:
    """What became of the numbers that are gone, and what to write instead."""
    if kind == "basic":
        hint = "put `reverse:` back\nif that direction no longer counts: reverse: retired"
        return "is no longer asked the other way round", hint
    if kind == "cloze":
        gaps = ", ".join(f"c{number}: {quote(shown(text))}" for number, text in texts.items())
        hint = f"put the gap back with its number\nif it no longer counts: retired: {{{gaps}}}"
        return f"lost {_listed('gap', texts)}", hint
    if kind in NUMBERED:
        lines = "".join(f"\n- retired: {quote(shown(text))}" for text in texts.values())
        hint = f"put it back in its place; if it no longer counts, as:{lines}"
        return f"lost {_listed(NUMBERED[kind], texts)}", hint
    return "lost a card", "put it back"


def _numbered(card: Items, before: Mapping[int, str]) -> str:
    """What to write so that the items keep the numbers under which they were released."""
    hint = "schedules belong to the numbers: restore the order, add new items at the end, or write their numbers:"
    numbers = {text: number for number, text in before.items()}
    texts = {number: text[:LONGEST] for number, text in asked(card).items()}
    known = [numbers[texts[item.number]] for item in card.items if texts[item.number] in numbers]
    if sorted(known) != sorted(before):
        return f"{hint}\n- item: …\n  number: {max(before) + 1}"
    new = iter(range(max(before) + 1, len(card.items) + 1))
    for item in card.items:
        number = numbers.get(texts[item.number]) or next(new)
        if known != sorted(known) or number not in before:  # without a number, an item gets the first free one
            text = quote(" ".join(item.text.split()))
            hint += f"\n- {'retired' if item.retired else 'item'}: {text}\n  number: {number}"
    return hint


LIKE = 1 / 3
"""A question is a different one if no more than this share of it is left (Dice's coefficient of its words), and its
answer changed as well. Rewordings keep about half, different questions on one topic share about a third."""


def _reused(id_: str, was: Fingerprint, now: Fingerprint, free: Mapping[str, Fingerprint]) -> str:
    """Why an id seems to be used for a different card; empty if it does not. Not every reuse can be noticed."""
    if was.headline == now.headline or not _words(was.headline) or not _words(now.headline):
        return ""
    own = _likeness(was.headline, now.headline)
    for other, state in free.items() if len(free) <= MOST_COMPARED else ():
        if other != id_ and state.kind == now.kind and _likeness(state.headline, now.headline) > max(own, LIKE):
            return f"asks what card {other} asked"
    if was.withdrawn != NONE and now.withdrawn == NONE:
        return f"was withdrawn as {shown(was.headline)!r} and now asks something else"
    if own > LIKE:
        return ""
    count = 2 if now.kind in ("basic", "options") else 1
    pairs = zip(was.fields.split(",")[:count], now.fields.split(",")[:count], strict=False)
    return "now has a different question and answer" if all(a != b for a, b in pairs) else ""


def _likeness(one: str, other: str) -> float:
    """The share of words that two texts have in common (Dice's coefficient)."""
    words, others = _words(one), _words(other)
    return 2 * len(words & others) / (len(words) + len(others)) if words and others else 0.0


MOST_COMPARED = 500
"""Above this many changed cards they are not compared in pairs: that would take minutes."""


def _words(text: str) -> set[str]:
    return {word for word in re.findall(r"\w+", text.casefold()) if len(word) > 2 or word.isdigit()}


def gone_cards(
    gone: Sequence[str], changed: Sequence[Changed], drafts: frozenset[str], lock: Lock
) -> Iterator[Problem]:
    """Cards that learners have and the deck no longer has."""
    new = {card.now.headline: card for card in changed if card.was is None}
    lines = {id_: number for number, id_ in enumerate(sorted(lock.cards), 2)} if gone else {}
    for id_ in gone:
        entry = lock.entry(id_)
        was = entry.fingerprint if entry else None
        if was is None:
            continue
        renamed = new.get(was.headline)
        if renamed and was.headline:
            message = f"card {renamed.card.id} was released as {id_}; learners would have it twice"
            yield Problem(renamed.span, "id-changed", message, f"give it its old id again: {id_}")
        elif id_ in drafts:
            message = f"card {id_} was released and is now a draft; learners would keep it as it was"
            yield Problem(Span(LOCK, lines[id_]), "card-gone", message, "correct it, or withdraw it with `withdrawn:`")
        else:
            message = f"card {id_} ({shown(was.headline)!r}) was released but is gone; learners would keep it for ever"
            hint = (
                f"put it back (git log -S'id: {id_}' -- cards finds it)"
                "\nto withdraw it, also add to it:"
                f"\nwithdrawn:\n  on: {TODAY}\n  reason: why it no longer counts"
            )
            yield Problem(Span(LOCK, lines[id_]), "card-gone", message, hint)


def moved(was: Fingerprint, now: Fingerprint) -> bool:
    """Whether learners have a card under a different topic. Anki ignores the case of deck names."""
    return was.topic.casefold() != now.topic.casefold()


def moved_cards(changed: Sequence[Changed], topics: Mapping[str, None]) -> Iterator[Problem]:
    """Cards under a different topic: no package can move them."""
    moves: dict[tuple[str, str], list[Changed]] = {}
    for card in changed:
        if card.was and moved(card.was, card.now) and not accepts(card.card.allow, "cards-moved"):
            moves.setdefault((card.was.topic, card.now.topic), []).append(card)
    for (old, new), cards in moves.items():
        what = f"{len(cards)} cards" if len(cards) > 1 else f"card {cards[0].card.id}"
        message = f"{what} moved from {old!r} to {new!r}; learners' cards stay in the old deck"
        place = cards[0].span
        if old not in topics:
            message = f"the topic {old!r} is now called {new!r}; learners' cards stay in the old deck ({what})"
            place = place_of(cards[0].card, cards[0].card.topic)
        hint = "the release notes say how to move them; the topic is also a tag, so these notes are replaced as a whole"
        yield Problem(place, "cards-moved", message, hint)
