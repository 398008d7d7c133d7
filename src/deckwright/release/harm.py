"""Changes that would hurt learners, and cards that moved: the deck as it stands against what they have.

In: the cards that differ from the lock. Out: problems, each with a way out. What Anki does with such changes is in
docs/releasing.md.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from deckwright.model import CardKind
from deckwright.problem import Problem, Span, accepts, not_accepted
from deckwright.reading.quoting import quote
from deckwright.release.answers import changed as answers_changed
from deckwright.release.answers import negated
from deckwright.release.fingerprint import shown
from deckwright.release.lock import LOCK, NONE, Fingerprint, Lock


class Changed(NamedTuple):
    """A card that is new or differs, as far as the rules below need it."""

    span: Span
    card: CardKind
    was: Fingerprint | None
    now: Fingerprint


def harmful(changed: Sequence[Changed], gone: frozenset[str], lock: Lock, today: str) -> Iterator[Problem]:
    """What would hurt learners' schedules, never reach them, or leave them with an answer that was wrong; `today` as in
    2026-12-01."""
    # Whose words another card may have taken: those that no longer say them.
    free: dict[str, Fingerprint] = {card.card.id: card.was for card in changed if card.was is not None}
    for id_ in gone:
        entry = lock.entry(id_)
        if entry is not None:
            free[id_] = entry.fingerprint
    for card in changed:
        problems = [*_harm(card, free)]
        if not any(problem.code in ("id-reused", "kind-changed") for problem in problems):
            problems += _answer_changed(card, today)
        yield from not_accepted(problems, card.card.allow)


def _harm(card: Changed, free: Mapping[str, Fingerprint]) -> Iterator[Problem]:
    id_, was, now = card.card.id, card.was, card.now
    if was is None:
        return
    if was.kind != now.kind:
        message = f"card {id_} was released as {was.kind} and is {now.kind} now; Anki never updates it like that"
        hint = "put it back, withdraw it with `withdrawn:` and write the new one under an id of its own"
        yield Problem(card.span, "kind-changed", message, hint)
        return
    reused = _reused(id_, was, now, free)
    if reused:
        hint = (
            f"learners' schedules for {shown(was.headline)!r} would go to it:"
            "\ngive it an id of its own and keep the old card"
            '\nif it asks the same in other words: allow: {id-reused: "why"}'
        )
        yield Problem(card.span, "id-reused", f"card {id_} {reused}", hint)
        return
    before, after = was.numbers(), now.numbers()
    gone = [number for number in before if number not in after]
    if gone:
        what, hint = {
            "basic": ("is not asked the other way round any more", "put `reverse: true` back"),
            "cloze": (f"lost {_listed('gap', gone, before)}", "put the gap back under its number"),
            "items": (f"lost {_listed('item', gone, before)}", "keep it in its place as `- retired: text`"),
        }.get(now.kind, ("lost a card", "put it back"))
        message = f"card {id_} {what}; learners keep a card that shows nothing"
        yield Problem(card.span, "number-gone", message, hint)
    renumbered = _renumbered(was, now)
    if renumbered:
        what = "gap" if now.kind == "cloze" else "item"
        message = f"card {id_} has under another number now: {_listed(what, renumbered, before)}"
        hint = "schedules stay with the numbers: put them back as they were; what is new gets the next number"
        if now.kind == "items":
            hint = "schedules stay with the places: put the entries back as they were; new ones go to the end"
        hint += '\nif the texts were exchanged to correct them: allow: {number-moved: "why"}'
        yield Problem(card.span, "number-moved", message, hint)


def _renumbered(was: Fingerprint, now: Fingerprint) -> list[int]:
    """The numbers whose text another number has now."""
    before, after = was.numbers(), now.numbers()
    return [
        number
        for number, text in before.items()
        if number in after
        and after[number] != text
        and any(after[other] == text and before.get(other) != text for other in after if other != number)
    ]


def _answer_changed(card: Changed, today: str) -> Iterator[Problem]:
    """A card that learners would go on answering as they learnt it. A new `corrected:` tells them."""
    was, now = card.was, card.now
    if was is None or was.kind != now.kind or was.content == now.content or now.withdrawn != NONE:
        return
    if now.corrected not in (NONE, was.corrected):
        return
    before, after = was.roles(), now.roles()
    if before is None or after is None:
        message = f"what learners have as the answer of card {card.card.id} is not known; it may have changed"
        hint = "the lock is of version 1, and Git does not have the cards of its release: compare with its package"
        yield Problem(card.span, "answer-unknown", message, hint)
        return
    moved_numbers = {f"{what} {number}" for number in _renumbered(was, now) for what in ("gap", "item")}
    difference = answers_changed({role: texts for role, texts in before.items() if role not in moved_numbers}, after)
    if difference is not None:
        said = difference.was
        message = f"the answer of card {card.card.id} was {shown(said)!r} and is {shown(difference.now)!r} now"
        if not difference.now:
            message = f"card {card.card.id} does not accept the answer {shown(said)!r} any more"
        message += f" ({difference.how}); learners would not notice"
    elif before == after and negated(was.headline, now.headline):
        message = f"card {card.card.id} said {shown(was.headline)!r} and says the opposite now"
        said = was.headline
    else:
        return
    hint = (
        f"if the old one was wrong: corrected: {{on: {today}, was: {quote(shown(said))}}}"
        '\nif it only reads otherwise: allow: {answer-changed: "why"}'
    )
    yield Problem(card.span, "answer-changed", message, hint)


def _listed(what: str, numbers: Sequence[int], texts: Mapping[int, str]) -> str:
    return ", ".join(f"{what} {number} ({shown(texts[number])!r})" for number in numbers)


LIKE = 1 / 3
"""A question of which no more than this share is left (Dice's coefficient of its words), and whose answer is another
one too, is another question. Rewordings keep about half, different questions on one topic about a third."""


def _reused(id_: str, was: Fingerprint, now: Fingerprint, free: Mapping[str, Fingerprint]) -> str:
    """How one sees that an id was given to another card; nothing when it was not. It cannot always be seen."""
    if was.headline == now.headline or not _words(was.headline) or not _words(now.headline):
        return ""
    own = _likeness(was.headline, now.headline)
    for other, state in free.items() if len(free) <= MOST_COMPARED else ():
        if other != id_ and state.kind == now.kind and _likeness(state.headline, now.headline) > max(own, LIKE):
            return f"asks what card {other} asked"
    if was.withdrawn != NONE and now.withdrawn == NONE:
        return f"was withdrawn as {shown(was.headline)!r} and asks something else now"
    if own > LIKE:
        return ""
    count = 2 if now.kind in ("basic", "options") else 1
    pairs = zip(was.fields.split(",")[:count], now.fields.split(",")[:count], strict=False)
    return "asks and answers something else than it did" if all(a != b for a, b in pairs) else ""


def _likeness(one: str, other: str) -> float:
    """The share of words that two texts have in common (Dice's coefficient)."""
    words, others = _words(one), _words(other)
    return 2 * len(words & others) / (len(words) + len(others)) if words and others else 0.0


MOST_COMPARED = 500
"""Changed cards from which on each is no longer compared with every other: that would take minutes."""


def _words(text: str) -> set[str]:
    return {word for word in re.findall(r"\w+", text.casefold()) if len(word) > 2 or word.isdigit()}


def gone_cards(
    gone: Sequence[str], changed: Sequence[Changed], drafts: frozenset[str], lock: Lock
) -> Iterator[Problem]:
    """Cards that learners have and the deck does not."""
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
            yield Problem(renamed.span, "id-changed", message, f"give it back its id: {id_}")
        elif id_ in drafts:
            message = f"card {id_} was released and is a draft now; learners would keep it as it is"
            yield Problem(Span(LOCK, lines[id_]), "card-gone", message, "correct it, or withdraw it with `withdrawn:`")
        else:
            message = f"card {id_} ({shown(was.headline)!r}) was released and is gone; learners keep it for ever"
            hint = (
                f"put it back where it was (git log -S'id: {id_}' -- cards finds it)"
                "\nto take it from learners, add to it:"
                "\nwithdrawn:\n  on: 2026-11-22\n  reason: why it no longer counts"
            )
            yield Problem(Span(LOCK, lines[id_]), "card-gone", message, hint)


def moved(was: Fingerprint, now: Fingerprint) -> bool:
    """Whether learners have a card under another topic. Anki's decks are the same in upper and lower case."""
    return was.topic.casefold() != now.topic.casefold()


def moved_cards(changed: Sequence[Changed], topics: Mapping[str, None]) -> Iterator[Problem]:
    """Cards under another topic: no package can move them."""
    moves: dict[tuple[str, str], list[Changed]] = {}
    for card in changed:
        if card.was and moved(card.was, card.now) and not accepts(card.card.allow, "cards-moved"):
            moves.setdefault((card.was.topic, card.now.topic), []).append(card)
    for (old, new), cards in moves.items():
        what = f"{len(cards)} cards" if len(cards) > 1 else f"card {cards[0].card.id}"
        message = f"{what} moved from {old!r} to {new!r}; learners' cards stay in the old deck"
        if old not in topics:
            message = f"the topic {old!r} is called {new!r} now; learners' cards stay in the old deck ({what})"
        hint = "the release notes say how to move them; as the topic is a tag too, these notes are replaced as a whole"
        yield Problem(cards[0].span, "cards-moved", message, hint)
