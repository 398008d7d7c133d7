"""Card → what Anki will store: fields, tags, ordinals, media.

In: a card and its deck. Out: a `Note`, whose parts are the strings that the package stores. This is separate from the
package because releases compare notes, not packages. Nothing here depends on the time.
"""

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from enum import Enum
from functools import lru_cache
from hashlib import sha256
from html import escape
from typing import NamedTuple

from deckwright.anki.prompts import ordered, prompts
from deckwright.markup.html import attribute, cloze_html, gap, gap_around, html, html_in_gap, html_text, text_in_gap
from deckwright.markup.text import image_names, plain
from deckwright.model import (
    Basic,
    CardKind,
    Citation,
    Cloze,
    Correction,
    Deck,
    Items,
    Mask,
    Occlusion,
    Options,
    Status,
    Text,
    Withdrawal,
    standing,
)
from deckwright.parts import texts
from deckwright.sources.cited import Cited, cited
from deckwright.words import Words

COMMON_FIELDS = ("Status", "Explanation", "Caveat", "Correction", "Sources", "Card ID", "Withdrawn", "Personal Notes")
SPARE_FIELDS = ("Spare 1", "Spare 2", "Spare 3", "Spare 4")
"""Spare 1 of a basic note holds the author's question of the other way round. The fields keep their names for ever."""


class NoteType(Enum):
    """The three note types. The names and order of their fields are frozen: Anki does not update notes whose type has
    other fields."""

    BASIC = ("Question", "Answer", "Also", "Typed", "Reverse")
    CLOZE = ("Text",)
    OPTIONS = ("Question", "Options")

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of its fields, in order."""
        return (*self.value, *COMMON_FIELDS, *SPARE_FIELDS)


class Note(NamedTuple):
    """One note as Anki will store it."""

    guid: str
    type: NoteType
    topic: str
    withdrawn: bool
    fields: tuple[str, ...]
    """HTML, one for each of `type.fields`."""
    tags: tuple[str, ...]
    ordinals: tuple[int, ...]
    """The ordinals of its cards, ascending."""
    media: tuple[str, ...]
    """The names of its images, as in cards/media/."""

    @property
    def deck(self) -> str:
        """The subdeck of the title's deck that its cards go to when they are new to a learner."""
        return "Withdrawn" if self.withdrawn else self.topic


_NO_SPARES = ("",) * (len(SPARE_FIELDS) - 1)


class Notes:
    """Makes the notes of one deck. `images` gives the name of each media file in the package."""

    def __init__(self, deck: Deck, images: Mapping[str, str]) -> None:
        self.namespace = deck.settings.namespace
        self.sources = deck.sources
        self.images = images
        self.words = deck.words
        self.html_words = deck.words.written(html_text)
        # The cards of a deck share a few citations and a few tags.
        self.citations = lru_cache(maxsize=None)(self._citations)
        self.tags = lru_cache(maxsize=None)(self._tags)

    def note(self, card: CardKind) -> Note:
        """The note of one card."""
        images, words = self.images, self.html_words
        type_, type_fields = _own_fields(card, images, self.words)
        id_ = card.id
        fields = (
            *type_fields,
            "" if card.status is Status.CURRENT and card.as_of is None else _status(card.status, card.as_of, words),
            html(card.explanation, images) if card.explanation else "",
            html(card.caveat, images) if card.caveat else "",
            _correction(card.corrected, images, words) if card.corrected else "",
            self.citations(card.sources),
            id_,
            _withdrawal(card.withdrawn, images, words) if card.withdrawn else "",
            "",
            html(card.reverse, images) if isinstance(card, Basic) and isinstance(card.reverse, Text) else "",
            *_NO_SPARES,
        )
        return Note(
            guid(self.namespace, id_),
            type_,
            card.topic,
            card.withdrawn is not None,
            fields,
            self.tags(card.topic, tuple(card.tags), card.status, card.withdrawn is not None),
            tuple([prompt.ordinal for prompt in prompts(card)]),
            media_of(card) if images else (),
        )

    def _citations(self, citations: tuple[Citation, ...]) -> str:
        return "".join(f"<div>{_citation(source)}</div>" for source in cited(citations, self.sources))

    def _tags(self, topic: str, own: tuple[str, ...], status: Status, withdrawn: bool) -> tuple[str, ...]:
        root = self.namespace
        tags = {f"{root}::{tag}" for tag in own} | {f"{root}::topic::{'_'.join(topic.split())}"}
        if status is not Status.CURRENT:
            tags.add(f"{root}::status::{status}")
        if withdrawn:
            tags.add(f"{root}::withdrawn")
        return tuple(sorted(tags))


def _own_fields(card: CardKind, images: Mapping[str, str], words: Words) -> tuple[NoteType, tuple[str, ...]]:
    """The note type of a card, and the contents of the fields that only this type has."""
    match card:
        case Basic():
            return NoteType.BASIC, (
                html(card.question, images),
                html(card.answer, images),
                " · ".join([html(also, images) for also in card.also]),
                html_text(plain(card.answer)) if card.typed else "",
                "retired" if card.reverse == "retired" else "yes" if card.reverse else "",
            )
        case Cloze():
            return NoteType.CLOZE, (cloze_html(card.cloze, images) + _retired_gaps(card, images, words),)
        case Options():
            return NoteType.OPTIONS, (html(card.question, images), _options(card, images))
        case Items():
            return NoteType.CLOZE, (_items(card, images, words),)
        case Occlusion():
            return NoteType.CLOZE, (_occlusion(card, images, words),)


def _retired_gaps(card: Cloze, images: Mapping[str, str], words: Words) -> str:
    """The gaps that are not in the text any more, so that their cards say so instead of being empty."""
    return "".join([_retired(text, number, images, words) for number, text in card.retired.items()])


def _retired(text: Text, number: int, images: Mapping[str, str], words: Words) -> str:
    """What no longer counts: it keeps its number, and is shown only on its own card. The `label` is there because older
    versions of Anki put no element around a gap that is not asked."""
    label = gap_around(f'<span class="label">{html_in_gap(text, images)}</span>', number, words["retired"])
    return f'<div class="named retired">{label}</div>'


def guid(namespace: str, id_: str) -> str:
    """The guid by which Anki identifies a note: 96 bits in 16 characters that are safe in a text file. It depends on
    namespace and id alone, so that rewording a card keeps the learner's schedule."""
    return urlsafe_b64encode(sha256(f"{namespace}\0{id_}".encode()).digest()[:12]).decode()


def media_of(card: CardKind) -> tuple[str, ...]:
    """The names of the pictures of a card, each once."""
    names: list[str] = [card.image] if isinstance(card, Occlusion) else []
    names += [name for text in texts(card) for name, _ in image_names(text)]
    return tuple(dict.fromkeys(names))


def _status(status: Status, as_of: int | None, words: Words) -> str:
    """The badge on the front: `Superseded · as of 2010`."""
    return f'<span class="{status}">{standing(status, as_of, words)}</span>'


def _correction(correction: Correction, images: Mapping[str, str], words: Words) -> str:
    return words.say("correction", date=correction.on, answer=html(correction.was, images))


def _withdrawal(withdrawal: Withdrawal, images: Mapping[str, str], words: Words) -> str:
    see = f"<b>{escape(withdrawal.see)}</b>" if withdrawal.see else ""
    instead = f"<div>{words.say('learn_instead', card=see)}</div>" if see else ""
    return words.say("withdrawn_on", date=withdrawal.on, reason=html(withdrawal.reason, images)) + instead


def _citation(source: Cited) -> str:
    """One source, with a link if it has an address."""
    name = html_text(source.name)
    if source.address:
        name = f'<a href="{attribute(source.address)}" title="{attribute(source.title)}">{name}</a>'
    return f"{name}, {html_text(source.locator)}" if source.locator else name


def _options(card: Options, images: Mapping[str, str]) -> str:
    """Options as buttons. Nothing here shows which are correct: the template's styles do that on the back."""
    shown = ordered(card)
    entries = []
    for option in shown.options:
        why = f'<div class="why">{html(option.why, images)}</div>' if option.why else ""
        side = "correct" if option.correct else "wrong"
        text = html(option.text, images)
        entries.append(f'<li class="{side}"><button type="button">{text}</button>{why}</li>')
    choose = "one" if sum(option.correct for option in card.options) == 1 else "several"
    order = "fixed" if shown.fixed else "any"
    opening = f'<ul class="options" data-choose="{choose}" data-order="{order}" data-last="{shown.last}">'
    return f"{opening}{''.join(entries)}</ul>"


def _items(card: Items, images: Mapping[str, str], words: Words) -> str:
    """A list with one gap for each entry, and below it the retired entries."""
    entries = [f"<li>{gap(item.text, item.number, images)}</li>" for item in card.items if not item.retired]
    retired = [_retired(item.text, item.number, images, words) for item in card.items if item.retired]
    tag = "ol" if card.ordered else "ul"
    listed = f'<{tag} class="items">{"".join(entries)}</{tag}>{"".join(retired)}'
    return f'<div class="lead">{html(card.question, images)}</div>{listed}'


def _occlusion(card: Occlusion, images: Mapping[str, str], words: Words) -> str:
    """A picture with a box for each mask, and below it what each mask hides. The styles do the rest: what is asked is
    marked on the front and named on the back.

    A gap that is not asked has an element of its own around it only in newer versions of Anki. So each gap has another
    one inside, `cover` or `label`, and the styles look at those and at `cloze`, which is around the gap that is asked.
    A retired mask keeps its number, has no box, and is shown only on its own card.
    """
    living = [(number, mask) for number, mask in enumerate(card.masks, 1) if not mask.retired]
    alt = attribute(card.alt or words.count("masked_picture", len(living)))
    picture = f'<img src="{attribute(images.get(card.image, card.image))}" alt="{alt}">'
    boxes = "".join(_box(number, mask) for number, mask in living)
    labels = "".join(_label(number, mask, images, words) for number, mask in enumerate(card.masks, 1))
    return (
        f'<div class="lead">{html(card.question, images)}</div>'
        f'<div class="occlusion {card.hide}"><div class="picture">{picture}{boxes}</div>{labels}</div>'
    )


def _box(number: int, mask: Mask) -> str:
    if mask.at is None:  # only retired masks have no box
        return ""
    place = f"left:{mask.at.left:g}%;top:{mask.at.top:g}%;width:{mask.at.width:g}%;height:{mask.at.height:g}%"
    cover = gap_around('<span class="cover"></span>', number)
    return f'<span class="mask" style="{place}" aria-hidden="true">{cover}</span>'


def _label(number: int, mask: Mask, images: Mapping[str, str], words: Words) -> str:
    """What a mask hides: its answer, what counts as well, and the reason."""
    if mask.retired:
        return _retired(mask.answer, number, images, words)
    answer = f"<b>{html_in_gap(mask.answer, images)}</b>"
    also = " · ".join([html_in_gap(text, images) for text in mask.also])
    also = f'<span class="also">{text_in_gap(words["also_right"])} {also}</span>' if also else ""
    why = f'<span class="why">{html_in_gap(mask.why, images)}</span>' if mask.why else ""
    return f'<div class="named">{gap_around(f"""<span class="label">{answer}{also}{why}</span>""", number)}</div>'
