"""A quiz → PDFs: question sheets and answer keys.

In: a `QuizJob`. Out: files, and problems that name what the engine could not print.
"""

from deckwright.formats import File
from deckwright.problem import Problem
from deckwright.quiz.forms import Form
from deckwright.quiz.job import QuizJob
from deckwright.quiz.marking import Strip, counted, marking_strip, total
from deckwright.quiz.pdf.content import Content, broken
from deckwright.quiz.pdf.engine import FALLBACK, SANS, Document, Fault, draw
from deckwright.quiz.pdf.faults import explained
from deckwright.quiz.select import SECTIONS


def render(job: QuizJob) -> tuple[list[File], list[Problem]]:
    """The PDFs of every form and its answer key. May raise OSError."""
    names: list[tuple[str, str]] = []
    documents: list[Document] = []
    layout = job.layout
    strip = marking_strip(job.forms)
    for place, form in enumerate(job.forms):
        if not job.answers_only:
            names.append((f"{layout.name}{form.ending}.pdf", job.about(place)))
            documents.append(_document(job, form, strip, answers=False))
        if job.answers_only or layout.answers == "separate":
            names.append((f"{layout.name}{form.ending}-ANSWERS.pdf", "the answer key: do not hand out"))
            documents.append(_document(job, form, strip, answers=True))
    results = draw(documents, layout.font_folders)
    files = [
        File(name, pdf, about) for (name, about), pdf in zip(names, results, strict=True) if isinstance(pdf, bytes)
    ]
    faults = [pdf for pdf in results if isinstance(pdf, Fault)]
    problems = explained(faults, documents, job)
    return ([] if problems else files), problems


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
