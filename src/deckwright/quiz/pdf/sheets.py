"""A quiz → PDFs: sheets, answers, flash cards.

In: a `QuizJob`. Out: files, and problems: what the engine could not print, with the card it is on.
"""

from collections.abc import Iterable, Sequence

from deckwright.files import DECK, SOURCES
from deckwright.formats import File
from deckwright.model import written
from deckwright.problem import Problem, Span
from deckwright.quiz.forms import Form
from deckwright.quiz.job import Cutting, QuizJob
from deckwright.quiz.marking import Strip, counted, marking_strip, total
from deckwright.quiz.pdf.content import Content, broken
from deckwright.quiz.pdf.engine import FALLBACK, SANS, Document, Fault, render
from deckwright.quiz.select import SECTIONS


def sheets(job: QuizJob, *, answers_only: bool = False) -> tuple[list[File], list[Problem]]:
    """The PDFs of every form and of its answers. May raise OSError."""
    names: list[tuple[str, str]] = []
    documents: list[Document] = []
    layout = job.layout
    strip = marking_strip(job.forms)
    for place, form in enumerate(job.forms):
        if not answers_only:
            names.append((f"{layout.name}{form.ending}.pdf", job.about(place)))
            documents.append(_document(job, form, strip, answers=False))
        if answers_only or layout.answers == "separate":
            names.append((f"{layout.name}{form.ending}-ANSWERS.pdf", "the answers: do not hand out"))
            documents.append(_document(job, form, strip, answers=True))
    made = render(documents, layout.font_folders)
    files = [File(name, pdf, about) for (name, about), pdf in zip(names, made, strict=True) if isinstance(pdf, bytes)]
    faults = [pdf for pdf in made if isinstance(pdf, Fault)]
    problems = _explained(faults, documents, job)
    return ([] if problems else files), problems


def flashcards(job: QuizJob, cutting: Cutting) -> tuple[list[File], list[Problem]]:
    """The questions of the first form as cards to cut out, eight a page, their backs on the next one. May raise
    OSError."""
    form, deck, layout = job.forms[0], job.deck, job.layout
    data = Content(job.media)
    document = Document(
        "cards.typ",
        {
            "title": layout.title,
            "authors": list(deck.settings.authors),
            "language": deck.settings.language[:2],
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
        return [], _explained([made], [document], job)
    about = (
        f"{counted(len(form.questions), 'card')} to cut out; print on both sides, turned over the {cutting.flip} edge"
    )
    return [File(f"{layout.name}-flashcards.pdf", made, about)], []


def _problems(fault: Fault, job: QuizJob) -> Iterable[Problem]:
    """Where the characters are that no font has."""
    hint = "name a folder with a font that has it: --font-path DIR --font 'Its Name'"
    deck = job.deck
    for sign in sorted(set(fault.missing)):
        what = f"no font has the sign {sign!r} (U+{ord(sign):04X})"
        places = []
        for id_, card in job.cards.items():
            texts = [*written(card), *(("sources", citation.locator) for citation in card.sources)]
            at = Span(card.span.file, card.id.line, card.id.column)
            places += [(at, f"{what} in `{key}` of card {id_}") for key, text in texts if sign in text]
        for source in deck.sources.values():
            if sign in f"{source.title}{source.authors}":
                places.append((Span(SOURCES, source.id.line, source.id.column), f"{what}, of source {source.id}"))
        for at, message in places or [(Span(DECK), f"{what}: look at titles, names and pictures")]:
            yield Problem(at, "missing-glyph", message, hint)
    if not fault.missing:
        message = f"the PDF engine says: {fault.message}"
        yield Problem(Span("cards"), "not-printable", message, "look at the pictures of these cards")


def _explained(faults: Sequence[Fault], documents: Sequence[Document], job: QuizJob) -> list[Problem]:
    """Faults as problems that name their place."""
    if any(not fault.missing for fault in faults):
        pictures = sorted(_bad_pictures(documents, job))
        if pictures:
            return pictures
    return sorted({problem for fault in faults for problem in _problems(fault, job)})


def _bad_pictures(documents: Sequence[Document], job: QuizJob) -> Iterable[Problem]:
    """The pictures that the engine cannot draw: each is tried alone."""
    images = {name: data for document in documents for name, data in document.images.items()}
    known = {medium.travels_as: name for name, medium in job.media.items()}
    tried = [Document("image.typ", {"file": name}, {name: data}) for name, data in images.items()]
    for name, made in zip(images, render(tried, job.layout.font_folders), strict=True):
        if isinstance(made, Fault):
            at = Span(f"cards/media/{known[name]}") if name in known else Span(name)
            message = f"this picture cannot be printed: {made.message.splitlines()[0]}"
            yield Problem(at, "bad-picture", message, "save it anew, without links to other files")


def _document(job: QuizJob, form: Form, strip: Strip, *, answers: bool) -> Document:
    deck, layout = job.deck, job.layout
    data = Content(job.media)
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
            "authors": list(deck.settings.authors),
            "language": deck.settings.language[:2],
            "foot": form.named + job.identity,
            "answers": answers,
            "form": form.letter,
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
