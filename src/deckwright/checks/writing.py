"""The rules for the texts of one card: pictures, formulas, tables, and what other programs would read as markup.

In: a card and what its deck shares. Out: problems. The table that names these rules is in card.py.
"""

import re
from collections.abc import Iterator
from textwrap import indent

from deckwright.anki.prompts import points_at_letter
from deckwright.markup import tex
from deckwright.markup.foreign import foreign, rewritten
from deckwright.markup.prepared import broken_row
from deckwright.markup.text import formulas, image_names
from deckwright.model import CardKind, Cloze, Deck, Occlusion, Options
from deckwright.parts import place_of, texts
from deckwright.problem import Problem, Span

IMAGE_ENDINGS = (".svg", ".png", ".jpg", ".jpeg", ".gif", ".webp")
"""What Anki shows on every platform."""

_IMAGE = re.compile(r"(?<!\\)!\[(?:[^\[\]\n]|\[[^\[\]\n]*\])*\]\(")


_SPACED_IMAGE = re.compile(r"(?<!\\)(!\[[^\[\]\n]*\])\(([^()<>\"\n]*)\)")


def pictures_can_be_shown(card: CardKind, deck: Deck) -> Iterator[Problem]:
    """A picture has a text for people who cannot see it, and its file is in cards/media/ and can be shown everywhere.

    passes:
        - id: joint
          question: Which joint is this? ![A joint between femur and tibia](knee.svg)
          answer: The knee
          sources: book
    fails [image-syntax]:
        - id: joint
          question: Which joint is this? ![A joint between femur and tibia](the knee.svg)
          answer: The knee
          sources: book
    fails [image-text]:
        - id: joint
          question: Which joint is this? ![](knee.svg)
          answer: The knee
          sources: book
    fails [unsafe-file]:
        - id: joint
          question: Which joint is this? ![A joint between femur and tibia](../pictures/knee.svg)
          answer: The knee
          sources: book
    fails [missing-file]:
        - id: joint
          question: Which joint is this? ![A joint between femur and tibia](kne.svg)
          answer: The knee
          sources: book
    fails [image-kind]:
        - id: joint
          question: Which joint is this? ![A joint between femur and tibia](knee.tiff)
          answer: The knee
          sources: book
        # cards/media/knee.tiff
    fails [bad-picture]:
        - id: joint
          question: Which joint is this? ![A joint between femur and tibia](broken.svg)
          answer: The knee
          sources: book
        # cards/media/broken.svg
        This text is not a drawing.
    """
    if isinstance(card, Occlusion):
        yield from _file_can_be_shown(card.image, place_of(card, card.image), deck)
    for text in texts(card):
        if "![" not in text:
            continue
        place = place_of(card, text)
        shown = image_names(text)
        if len(shown) < len(_IMAGE.findall(text)):
            written = [(before, name.strip()) for before, name in _SPACED_IMAGE.findall(text)]
            spaced = [(before, name) for before, name in written if " " in name]
            for before, name in spaced:
                renamed = "-".join(name.split())
                hint = f"rename the file in cards/media/ to {renamed}, and write {before}({renamed})"
                yield Problem(place, "image-syntax", f"the name of the picture `{name}` contains a space", hint)
            if not spaced:
                hint = "write ![what it shows](file.svg)"
                yield Problem(place, "image-syntax", "a picture is not written correctly", hint)
        for name, alternative in shown:
            if not alternative.strip():
                hint = f"describe it for people who cannot see it: ![what it shows]({name})"
                yield Problem(place, "image-text", f"the picture {name} has no text", hint)
            yield from _file_can_be_shown(name, place, deck)


def _file_can_be_shown(name: str, place: Span, deck: Deck) -> Iterator[Problem]:
    if "/" in name or "\\" in name or ":" in name or name.startswith("."):
        hint = "put the file into cards/media/ and write only its name"
        yield Problem(place, "unsafe-file", f"{name!r} is not a file in cards/media/", hint)
    elif name not in deck.media:
        likely = [known for known in deck.media if known.casefold() == name.casefold()]
        hint = f"write it as the file is named: {likely[0]}" if likely else "put it into cards/media/"
        yield Problem(place, "missing-file", f"there is no {name} in cards/media/", hint)
    elif not name.lower().endswith(IMAGE_ENDINGS):
        hint = "use one of: " + ", ".join(IMAGE_ENDINGS)
        yield Problem(place, "image-kind", f"{name} is not a picture that Anki shows on every platform", hint)
    elif name in deck.unusable:
        message = f"cards/media/{name} cannot be used: {deck.unusable[name]}"
        hint = "open it, check that it is complete, and save it again as JPEG, PNG or plain SVG"
        yield Problem(place, "bad-picture", message, hint)


def formula_prints(card: CardKind, deck: Deck) -> Iterator[Problem]:
    """Every formula can be printed as Anki shows it.

    passes:
        - id: slope
          question: What is the slope of a line?
          answer: $\\frac{a}{b}$
          sources: book
    fails [math-not-printed]:
        - id: slope
          question: Of which numbers is the slope of a line one?
          answer: $\\mathbb{R}$
          sources: book
    """
    for text in texts(card):
        for source in formulas(text):
            if tex.parse(source) is None:
                message = f"the formula ${source}$ is printed as written, because sheets cannot draw it"
                hint = 'docs/cards.md lists what they can draw; to accept it: allow: {math-not-printed: "why"}'
                yield Problem(place_of(card, text), "math-not-printed", message, hint)


_FOREIGN_HINTS = {
    "anki-formula": "write formulas between dollar signs",
    "open-formula": "write $ directly before and after the formula; amounts of money such as $5 need no change",
    "html-tag": "write it without HTML",
    "html-entity": "write the character itself",
    "anki-cloze": "a card with gaps has `cloze:` instead of `question` and `answer`",
    "anki-sound": "delete it; cards have no sound",
}


def no_foreign_markup(card: CardKind, deck: Deck) -> Iterator[Problem]:
    """No text contains markup of Anki or of web pages: learners would see it as it is written.

    passes:
        - id: slope
          question: What is the **slope** of a line?
          answer: $\\frac{a}{b}$, where a < b
          sources: book
    fails [anki-formula]:
        - id: slope
          question: What is the slope of a line?
          answer: \\(\\frac{a}{b}\\)
          sources: book
    fails [open-formula]:
        - id: slope
          question: What is the slope of a line?
          answer: $\\frac{a}{b}
          sources: book
    fails [html-tag]:
        - id: water
          question: What is <b>water</b>?
          answer: A liquid
          sources: book
    fails [html-entity]:
        - id: water
          question: What is water?
          answer: Hydrogen&nbsp;oxide
          sources: book
    fails [anki-cloze]:
        - id: water
          question: What is water?
          answer: "A {{c1::liquid}}"
          sources: book
    fails [anki-sound]:
        - id: water
          question: What is water?
          answer: A liquid [sound:water.mp3]
          sources: book
    """
    for text in texts(card):
        for code, message in foreign(text, gaps=isinstance(card, Cloze) and text is card.cloze):
            hint = _FOREIGN_HINTS[code]
            now = rewritten(text)
            if now and now != text:
                hint += ", on several lines with | after the key" if "\n" in now and "\n" not in text else ""
                hint += ":\n" + indent(now, "  ")
            hint += f'\nto show it as written: allow: {{{code}: "why"}}'
            yield Problem(place_of(card, text), code, message, hint)


def table_is_drawn(card: CardKind, deck: Deck) -> Iterator[Problem]:
    """Every row of a table fits its header: otherwise the table is shown as it is written, bars and all.

    passes:
        - id: joints
          question: Which joint is where?
          answer: |
            | joint | where |
            |---|---|
            | knee | leg |
          sources: book
    fails [table-as-written]:
        - id: joints
          question: Which joint is where?
          answer: |
            | joint | where |
            |---|---|
            | knee | leg | below the hip |
          sources: book
    """
    for text in texts(card):
        if "|" in text and "\n" in text and (broken := broken_row(text)) is not None:
            row, cells, head = broken
            message = f"this table is shown as written: its row `{row.strip()}` has {cells} cells and its header {head}"
            hint = f"give the row {head} cells; a bar inside a cell is written \\|"
            hint += '\nto show it as written: allow: {table-as-written: "why"}'
            yield Problem(place_of(card, text), "table-as-written", message, hint)


def no_letter_reference(card: Options, deck: Deck) -> Iterator[Problem]:
    """No text refers to "option B": each form and each learner sees the options in a different order.

    passes:
        - id: imaging
          question: Saddle numbness. Which imaging comes first?
          options:
            - correct: Emergency MRI
            - wrong: Plain radiograph
              why: A radiograph shows no nerve roots.
            - wrong: Bone scan
          sources: book
    fails [points-at-letter]:
        - id: imaging
          question: Saddle numbness. Which imaging comes first?
          options:
            - correct: Emergency MRI
            - wrong: Plain radiograph
              why: Unlike option A, it shows no nerve roots.
            - wrong: Bone scan
          sources: book
    """
    for text in texts(card):
        if points_at_letter(text):
            message = "this text refers to an option by its letter, so the options are never shuffled"
            hint = 'write what the option says instead; to accept it: allow: {points-at-letter: "why"}'
            yield Problem(place_of(card, text), "points-at-letter", message, hint)
