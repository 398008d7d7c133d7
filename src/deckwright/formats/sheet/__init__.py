"""Quizzes on paper: PDFs of a quiz's forms and of their answers.

In: a quiz, its forms and a layout. Out: files, and problems that name card and sign where the fonts lack one. What
stands on a sheet is decided in quiz.py, what it looks like in sheet.typ.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from deckwright.formats import File, Medium
from deckwright.formats.sheet.content import Content, Strip, broken, counted, identity, marking_strip, total
from deckwright.formats.sheet.pdf import FALLBACK, SANS, Document, Fault, render
from deckwright.load import DECK, SOURCES
from deckwright.model import CardKind, Deck, written
from deckwright.problem import Problem, Span
from deckwright.quiz import SECTIONS, Form, Quiz


@dataclass(frozen=True, kw_only=True)
class Layout:
    """How sheets look. Measures are those of a desk: A4 or Letter, 11 pt, black on white."""

    title: str
    name: str
    """Of the files, without an ending."""
    paper: str = "a4"
    """a4 or letter."""
    columns: int = 1
    large: bool = False
    """18 pt and one column."""
    institution: str = ""
    logo: Medium | None = None
    instructions: str = ""
    points: bool = False
    answer_sheet: bool = False
    """Whether a page of circles to fill in comes first."""
    answers: str = "separate"
    """separate, appended or none."""
    fonts: tuple[str, ...] = ()
    """Families that come before ours."""
    font_folders: tuple[Path, ...] = ()


def sheets(
    quiz: Quiz,
    forms: Sequence[Form],
    deck: Deck,
    cards: Mapping[str, CardKind],
    media: Mapping[str, Medium],
    layout: Layout,
    *,
    answers_only: bool = False,
) -> tuple[list[File], list[Problem]]:
    """The PDFs of every form and of its answers. May raise OSError."""
    names: list[tuple[str, str]] = []
    documents: list[Document] = []
    strip = marking_strip(forms)
    for form in forms:
        count = counted(len(form.questions), "question")
        if not answers_only:
            names.append((f"{layout.name}{form.ending}.pdf", count))
            documents.append(_document(quiz, form, strip, deck, media, layout, answers=False))
        if answers_only or layout.answers == "separate":
            names.append((f"{layout.name}{form.ending}-ANSWERS.pdf", "the answers: do not hand out"))
            documents.append(_document(quiz, form, strip, deck, media, layout, answers=True))
    made = render(documents, layout.font_folders)
    files = [File(name, pdf, about) for (name, about), pdf in zip(names, made, strict=True) if isinstance(pdf, bytes)]
    faults = [pdf for pdf in made if isinstance(pdf, Fault)]
    problems = _explained(faults, documents, quiz, cards, deck, media, layout)
    return ([] if problems else files), problems


@dataclass(frozen=True, kw_only=True)
class Cutting:
    """How cut-out flash cards are printed."""

    flip: str = "long"
    """The edge of the paper that the printer turns it over: long or short."""
    dx: float = 0.0
    """Millimetres by which backs are moved to the right, because the printer is off."""
    dy: float = 0.0
    """And down."""


def flashcards(
    quiz: Quiz,
    form: Form,
    deck: Deck,
    cards: Mapping[str, CardKind],
    media: Mapping[str, Medium],
    layout: Layout,
    cutting: Cutting,
) -> tuple[list[File], list[Problem]]:
    """The questions of a form as cards to cut out, eight a page, their backs on the next one. May raise OSError."""
    data = Content(media, _scale(layout))
    document = Document(
        "cards.typ",
        {
            "title": layout.title,
            "authors": [author.text for author in deck.settings.authors],
            "language": deck.settings.language.text[:2],
            "cards": [data.question(question) for question in form.questions],
            "flip": cutting.flip,
            "dx": cutting.dx,
            "dy": cutting.dy,
            "layout": {
                "paper": {"letter": "us-letter"}.get(layout.paper, layout.paper),
                "fonts": [*layout.fonts, SANS, *FALLBACK],
                "highest": 6,
            },
        },
        data.images,
    )
    [made] = render([document], layout.font_folders)
    if isinstance(made, Fault):
        return [], _explained([made], [document], quiz, cards, deck, media, layout)
    about = (
        f"{counted(len(form.questions), 'card')} to cut out; print on both sides, turned over the {cutting.flip} edge"
    )
    return [File(f"{layout.name}-flashcards.pdf", made, about)], []


def _problems(fault: Fault, quiz: Quiz, cards: Mapping[str, CardKind], deck: Deck) -> Iterable[Problem]:
    """Where the signs stand that no font has."""
    hint = "name a folder with a font that has it: --font-path DIR --font 'Its Name'"
    for sign in sorted(set(fault.missing)):
        what = f"no font has the sign {sign!r} (U+{ord(sign):04X})"
        places = []
        for chosen in quiz.questions:
            card = cards[chosen.id]
            texts = [*written(card), *(("sources", citation.locator) for citation in card.sources)]
            at = Span(card.span.file, card.id.line, card.id.column)
            places += [(at, f"{what} in `{key}` of card {chosen.id}") for key, text in texts if sign in text]
        for source in deck.sources.values():
            if sign in f"{source.title}{source.authors}":
                places.append((Span(SOURCES, source.id.line, source.id.column), f"{what}, of source {source.id}"))
        for at, message in places or [(Span(DECK), f"{what}: look at titles, names and pictures")]:
            yield Problem(at, "missing-glyph", message, hint)
    if not fault.missing:
        message = f"the PDF engine says: {fault.message}"
        yield Problem(Span("cards"), "not-printable", message, "look at the pictures of these cards")


def _explained(
    faults: Sequence[Fault],
    documents: Sequence[Document],
    quiz: Quiz,
    cards: Mapping[str, CardKind],
    deck: Deck,
    media: Mapping[str, Medium],
    layout: Layout,
) -> list[Problem]:
    """Faults as problems that name their place."""
    if any(not fault.missing for fault in faults):
        pictures = sorted(_bad_pictures(documents, media, layout))
        if pictures:
            return pictures
    return sorted({problem for fault in faults for problem in _problems(fault, quiz, cards, deck)})


def _bad_pictures(documents: Sequence[Document], media: Mapping[str, Medium], layout: Layout) -> Iterable[Problem]:
    """The pictures that the engine cannot draw: each is tried alone."""
    images = {name: data for document in documents for name, data in document.images.items()}
    known = {medium.travels_as: name for name, medium in media.items()}
    tried = [Document("image.typ", {"file": name}, {name: data}) for name, data in images.items()]
    for name, made in zip(images, render(tried, layout.font_folders), strict=True):
        if isinstance(made, Fault):
            at = Span(f"cards/media/{known[name]}") if name in known else Span(name)
            message = f"this picture cannot be printed: {made.message.splitlines()[0]}"
            yield Problem(at, "bad-picture", message, "save it anew, without links to other files")


def _document(
    quiz: Quiz,
    form: Form,
    strip: Strip,
    deck: Deck,
    media: Mapping[str, Medium],
    layout: Layout,
    *,
    answers: bool,
) -> Document:
    data = Content(media, _scale(layout))
    sections = [
        {"title": title, "questions": [data.question(q) for q in form.questions if q.section == key]}
        for key, title in SECTIONS.items()
        if any(question.section == key for question in form.questions)
    ]
    logo = None
    if layout.logo is not None:
        logo = data.image(layout.logo)
    appended = [] if answers or layout.answers != "appended" else [data.question(q) for q in form.questions]
    bubbles = [
        {"number": question.number, "letters": [choice.letter for choice in question.choices]}
        for question in form.questions
        if question.choices
    ]
    return Document(
        "sheet.typ",
        {
            "title": broken(layout.title + (" – answers" if answers else "")),
            "subtitle": f"{form.named}{counted(len(form.questions), 'question')}, {counted(total(form), 'point')}",
            "authors": [author.text for author in deck.settings.authors],
            "language": deck.settings.language.text[:2],
            "foot": identity(quiz, form),
            "answers": answers,
            "instructions": "" if answers else broken(layout.instructions),
            "total": total(form),
            "sections": sections,
            "appended": appended,
            "strip": {
                "rule": strip.rule,
                "parts": [{"columns": len(rows[0]), "head": rows[0], "rows": rows[1:]} for rows in strip.tables],
            },
            "bubbles": bubbles if layout.answer_sheet and not answers else [],
            "layout": {
                "paper": {"letter": "us-letter"}.get(layout.paper, layout.paper),
                "columns": 1 if layout.large or answers else layout.columns,
                "size": 18 if layout.large else 11,
                "fonts": [*layout.fonts, SANS, *FALLBACK],
                "highest": 14,
                "logo": logo,
                "logo-alt": f"Logo of {layout.institution}" if layout.institution else "Logo",
                "institution": broken(layout.institution),
                "points": layout.points,
                "even": not answers,
            },
        },
        data.images,
    )


def _scale(layout: Layout) -> float:
    """How many lines of 11 pt in one column a line of a layout takes, about."""
    return 2.7 if layout.large else 2.0 if layout.columns > 1 else 1.0
