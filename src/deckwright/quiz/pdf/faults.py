"""What the PDF engine could not print → problems that name the card, source or picture at fault."""

from collections.abc import Iterable, Mapping, Sequence

from deckwright.files import DECK, SOURCES
from deckwright.parts import place_of, written
from deckwright.problem import Problem, Span
from deckwright.quiz.job import QuizJob
from deckwright.quiz.pdf.engine import Document, Fault, draw


def explained(faults: Sequence[Fault], images: Mapping[str, bytes], job: QuizJob) -> list[Problem]:
    """The faults as problems with a place. `images` are those of the PDFs that could not be made."""
    if any(not fault.missing for fault in faults):
        pictures = sorted(_bad_pictures(images, job))
        if pictures:
            return pictures
    return sorted({problem for fault in faults for problem in _problems(fault, job)})


def _problems(fault: Fault, job: QuizJob) -> Iterable[Problem]:
    """The places of the characters that no font has."""
    hint = "give a font that has it, and its folder: --font 'Its Name' --font-path DIR"
    deck = job.deck
    for character in sorted(set(fault.missing)):
        what = f"no font has the character {character!r} (U+{ord(character):04X})"
        places = []
        for id_, card in job.cards.items():
            texts = [*written(card), *(("sources", citation.locator) for citation in card.sources)]
            at = place_of(card, card.id)
            places += [(at, f"{what} in `{key}` of card {id_}") for key, text in texts if character in text]
        for source in deck.sources.values():
            if character in f"{source.title}{source.authors}":
                places.append((Span(SOURCES, source.id.line, source.id.column), f"{what}, in source {source.id}"))
        for at, message in places or [(Span(DECK), f"{what}: look in titles, names and pictures")]:
            yield Problem(at, "missing-glyph", message, hint)
    if not fault.missing:
        message = f"the PDF engine says: {fault.message}"
        yield Problem(Span("cards"), "not-printable", message, "look at the pictures of these cards")


def _bad_pictures(images: Mapping[str, bytes], job: QuizJob) -> Iterable[Problem]:
    """The pictures that the engine cannot draw. Each picture is tried separately."""
    known = {medium.travels_as: name for name, medium in job.media.items()}
    tried = [Document("image.typ", {"file": name}, {name: data}) for name, data in images.items()]
    for name, result in zip(images, draw(tried, job.layout.font_folders), strict=True):
        if isinstance(result, Fault):
            at = Span(f"cards/media/{known[name]}") if name in known else Span(name)
            message = f"this picture cannot be printed: {result.message.splitlines()[0]}"
            yield Problem(at, "bad-picture", message, "save it again, without links to other files")
