"""A quiz → PDFs: question sheets and answer keys.

In: a `QuizJob`. Out: files, and problems that name what the engine could not print.
"""

from collections.abc import Iterator

from deckwright.formats import File
from deckwright.problem import Problem
from deckwright.quiz.forms import Form
from deckwright.quiz.job import QuizJob
from deckwright.quiz.marking import Strip, how_to_answer, marking_strip, total
from deckwright.quiz.pdf.content import Content, broken
from deckwright.quiz.pdf.engine import Document, Fault, draw
from deckwright.quiz.pdf.faults import explained
from deckwright.quiz.select import SECTIONS


def render(job: QuizJob) -> tuple[Iterator[File], list[Problem]]:
    """The PDFs of every form and its answer key, made as they are taken. The problems are complete when all were taken.
    May raise OSError."""
    problems: list[Problem] = []
    return _files(job, problems), problems


def _files(job: QuizJob, problems: list[Problem]) -> Iterator[File]:
    layout = job.layout
    planned: list[tuple[Form, bool, File]] = []
    for place, form in enumerate(job.forms):
        if not job.answers_only:
            planned.append((form, False, File(f"{layout.name}{form.ending}.pdf", b"", job.about(place))))
        if job.answers_only or layout.answers == "separate":
            about = "the answer key: do not hand out"
            planned.append((form, True, File(f"{layout.name}{form.ending}-ANSWERS.pdf", b"", about)))
    strip = marking_strip(job.forms, job.deck.words)
    images: dict[str, bytes] = {}
    faults = []
    documents = (_document(job, form, strip, images, answers=answers) for form, answers, _ in planned)
    for done, (pdf, (_, _, file)) in enumerate(zip(draw(documents, layout.font_folders), planned, strict=True), 1):
        if isinstance(pdf, Fault):
            faults.append(pdf)
        else:
            yield file._replace(data=pdf)
        if job.progress:
            job.progress(done, len(planned))
    if faults:
        problems += explained(faults, images, job)


def _document(job: QuizJob, form: Form, strip: Strip, images: dict[str, bytes], *, answers: bool) -> Document:
    """One PDF to be made. Adds its images to `images`."""
    layout, words = job.layout, job.deck.words
    data = Content(job)
    sections = [
        {"title": words[key], "questions": [data.question(q) for q in form.questions if q.section == key]}
        for key in SECTIONS
        if any(question.section == key for question in form.questions)
    ]
    logo = data.image(layout.logo) if layout.logo is not None else None
    appended = [] if answers or layout.answers != "appended" else [data.question(q) for q in form.questions]
    bubbles = [
        {"number": question.number, "letters": [choice.letter for choice in question.choices]}
        for question in form.questions
        if question.choices
    ]
    points = total(form)
    images |= data.images
    institution = broken(layout.institution)
    return Document(
        "sheet.typ",
        {
            **data.common(),
            "title": broken(words.say("answers_of", title=layout.title) if answers else layout.title),
            "subtitle": f"{form.named}{words.count('questions', len(form.questions))}, {words.count('points', points)}",
            "foot": form.named + job.identity,
            "answers": answers,
            "form": form.letter,
            "instructions": broken(layout.instructions),
            "how": how_to_answer(form, words, answer_sheet=layout.answer_sheet),
            "total": points,
            "chosen": sum(question.points for question in form.questions if question.choices),
            "sections": sections,
            "appended": appended,
            "strip": {
                "rule": strip.rule,
                "parts": [{"columns": len(rows[0]), "head": rows[0], "rows": rows[1:]} for rows in strip.tables],
            },
            "bubbles": bubbles if layout.answer_sheet and not answers else [],
            "columns": 1 if layout.large or answers else layout.columns,
            "size": 18 if layout.large else 11,
            "highest": 14,
            "logo": logo,
            "logo-alt": words.say("logo_of", institution=institution) if institution else words["logo"],
            "institution": institution,
            "points": layout.points,
            "status": layout.status,
            "even": not answers,
        },
        data.images,
    )
