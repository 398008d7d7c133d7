"""The rules for pictures with masks: where the masks are, and what the picture's text gives away.

In: a card and what its deck shares. Out: problems. The table that names these rules is in card.py.
"""

from collections.abc import Iterator
from itertools import combinations

from deckwright.markup.cloze import MOST_GAPS
from deckwright.markup.text import plain
from deckwright.model import Box, Deck, Occlusion
from deckwright.parts import place_of
from deckwright.problem import Problem

SAME = 0.8
"""Two masks cover the same place if each has at least this share of itself in common with the other."""
OVERLAP = 0.1
"""At or below this share of the smaller mask, an overlap hides nothing."""
SMALLEST = (4.0, 4.0)
"""The least width and height of a mask, in per cent. On the narrowest phones a picture is about 300 pixels wide and 300
high, so that this is 12 pixels: half of what a finger needs (24 pixels, WCAG 2.2, criterion 2.5.8), and as small as a
line of text that can still be read."""


def masks_are_on_the_picture(card: Occlusion, deck: Deck) -> Iterator[Problem]:
    """Every mask is on the picture.

    passes:
        - id: bones
          question: Name the marked bone.
          image: knee.svg
          masks:
            - answer: Femur
              at: 30 0 40 30
          sources: book
    fails [mask-outside]:
        - id: bones
          question: Name the marked bone.
          image: knee.svg
          masks:
            - answer: Femur
              at: 80 0 40 30
          sources: book
    """
    for box in _boxes(card):
        if box.left + box.width > 100 or box.top + box.height > 100:
            width, height = min(box.width, 100 - box.left), min(box.height, 100 - box.top)
            fits = f"at: {box.left:g} {box.top:g} {width:g} {height:g}" if width > 0 and height > 0 else ""
            message = f"this mask leaves the picture: {box.written} ends at {_end(box)} per cent"
            hint = fits or "left and width, and top and height, add up to 100 at most"
            yield Problem(place_of(card, box.written), "mask-outside", message, hint)


def _end(box: Box) -> str:
    return " and ".join(f"{end:g}" for end in (box.left + box.width, box.top + box.height) if end > 100)


def picture_can_have_masks(card: Occlusion, deck: Deck) -> Iterator[Problem]:
    """A picture with masks has a size of its own and is the right way up, so that the masks are where they belong.

    passes:
        - id: bones
          question: Name the marked bone.
          image: knee.svg
          masks:
            - answer: Femur
              at: 30 0 40 30
          sources: book
    fails [picture-size]:
        - id: bones
          question: Name the marked bone.
          image: drawing.svg
          masks:
            - answer: Femur
              at: 30 0 40 30
          sources: book
        # cards/media/drawing.svg
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 300"><circle cx="200" cy="150" r="50"/></svg>
    """
    hint = deck.unmaskable.get(card.image)
    if hint:
        message = f"masks on {card.image} would be in the wrong place"
        yield Problem(place_of(card, card.image), "picture-size", message, hint)


def masks_can_be_seen(card: Occlusion, deck: Deck) -> Iterator[Problem]:
    """No mask is too small to see and to tap on a phone.

    passes:
        - id: bones
          question: Name the marked bone.
          image: knee.svg
          masks:
            - answer: Patella
              at: 40 40 8 8
          sources: book
    fails [mask-small]:
        - id: bones
          question: Name the marked bone.
          image: knee.svg
          masks:
            - answer: Patella
              at: 40 40 2 2
          sources: book
    """
    for box in _boxes(card):
        if box.width < SMALLEST[0] or box.height < SMALLEST[1]:
            message = f"this mask is too small to see or tap on a phone: {box.width:g} by {box.height:g} per cent"
            hint = "make it at least {:g} by {:g} per cent, or cut the picture to what is asked".format(*SMALLEST)
            yield Problem(place_of(card, box.written), "mask-small", message, hint)


def masks_lie_apart(card: Occlusion, deck: Deck) -> Iterator[Problem]:
    """No two masks cover the same place, and none hides a part of another.

    passes:
        - id: bones
          question: Name the marked bone.
          image: knee.svg
          masks:
            - answer: Femur
              at: 30 0 40 30
            - answer: Tibia
              at: 30 60 40 30
          sources: book
    fails [mask-doubled]:
        - id: bones
          question: Name the marked bone.
          image: knee.svg
          masks:
            - answer: Femur
              at: 30 0 40 30
            - answer: Tibia
              at: 30 0 40 30
          sources: book
    fails [mask-overlap]:
        - id: bones
          question: Name the marked bone.
          image: knee.svg
          masks:
            - answer: Femur
              at: 30 0 40 30
            - answer: Patella
              at: 40 20 20 20
          sources: book
    """
    for one, other in combinations(_boxes(card), 2):
        common = _common(one, other)
        share = common / (max(_area(one), _area(other)) or 1)
        if share >= SAME:
            message = f"this mask covers the same place as the one on line {one.written.line}"
            yield Problem(place_of(card, other.written), "mask-doubled", message, "keep one of the two, or move it")
        elif common > OVERLAP * min(_area(one), _area(other)):
            message = f"this mask covers a part of the one on line {one.written.line}"
            hint = "make them smaller, so that each shows only its own place"
            yield Problem(place_of(card, other.written), "mask-overlap", message, hint)


def alt_keeps_the_secret(card: Occlusion, deck: Deck) -> Iterator[Problem]:
    """What the picture is said to show does not name what is asked.

    passes:
        - id: bones
          question: Name the marked bone.
          image: knee.svg
          alt: A knee from the side
          masks:
            - answer: Femur
              at: 30 0 40 30
          sources: book
    fails [alt-answers]:
        - id: bones
          question: Name the marked bone.
          image: knee.svg
          alt: The lower end of the femur
          masks:
            - answer: Femur
              at: 30 0 40 30
          sources: book
    """
    if card.alt is None:
        return
    said = card.alt.casefold()
    answers = [text for mask in card.masks if not mask.retired for text in (mask.answer, *mask.also)]
    named = [text for answer in answers if (text := " ".join(plain(answer).split())).casefold() in said]
    if named:
        message = f"`alt:` names what is asked: {', '.join(named)}"
        yield Problem(place_of(card, card.alt), "alt-answers", message, "say what the picture shows, without its parts")


def masks_can_be_asked(card: Occlusion, deck: Deck) -> Iterator[Problem]:
    """There are no more masks than Anki can ask, and one of them counts.

    passes:
        - id: bones
          question: Name the marked bone.
          image: knee.svg
          masks:
            - retired: Tibia
            - answer: Femur
              at: 30 0 40 30
          sources: book
    fails [masks]:
        - id: bones
          question: Name the marked bone.
          image: knee.svg
          masks:
            - retired: Femur
          sources: book
    """
    if all(mask.retired for mask in card.masks):
        hint = "add a mask, or withdraw the card with `withdrawn:`"
        yield Problem(place_of(card, card.masks[0].answer), "masks", f"no mask of card {card.id} counts", hint)
    if len(card.masks) > MOST_GAPS:
        message = f"card {card.id} has {len(card.masks)} masks; Anki asks at most {MOST_GAPS}"
        yield Problem(place_of(card, card.masks[MOST_GAPS].answer), "masks", message, "split it into several cards")


MASK_RULES = (
    picture_can_have_masks,
    masks_are_on_the_picture,
    masks_can_be_seen,
    masks_lie_apart,
    alt_keeps_the_secret,
    masks_can_be_asked,
)


def _boxes(card: Occlusion) -> list[Box]:
    return [mask.at for mask in card.masks if mask.at is not None and not mask.retired]


def _area(box: Box) -> float:
    return box.width * box.height


def _common(one: Box, other: Box) -> float:
    """The area that two boxes share."""
    width = min(one.left + one.width, other.left + other.width) - max(one.left, other.left)
    height = min(one.top + one.height, other.top + other.height) - max(one.top, other.top)
    return max(width, 0.0) * max(height, 0.0)
