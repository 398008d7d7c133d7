"""A quiz → cards to cut out, as a PDF.

In: a `QuizJob`. Out: a file, and problems that name what the engine could not print.
"""

from deckwright.formats import File
from deckwright.problem import Problem
from deckwright.quiz.job import QuizJob
from deckwright.quiz.pdf.content import Content
from deckwright.quiz.pdf.engine import Document, Fault, draw
from deckwright.quiz.pdf.faults import explained
from deckwright.terminal import counted


def render(job: QuizJob) -> tuple[list[File], list[Problem]]:
    """The questions of the first form as cards to cut out, eight to a page, with their backs on the next page. May
    raise OSError."""
    form, layout, cutting = job.forms[0], job.layout, job.cutting
    data = Content(job)
    document = Document(
        "cards.typ",
        {
            **data.common(),
            "title": layout.title,
            "cards": [
                {**data.question(question), "topic": job.cards[question.id].topic.replace("::", " · ")}
                for question in form.questions
            ],
            "flip": cutting.flip,
            "dx": cutting.dx,
            "dy": cutting.dy,
            "highest": 6,
        },
        data.images,
    )
    [pdf] = draw([document], layout.font_folders)
    if isinstance(pdf, Fault):
        return [], explained([pdf], data.images, job)
    about = (
        f"{counted(len(form.questions), 'card')} to cut out; print on both sides, flipped on the {cutting.flip} edge"
    )
    return [File(f"{layout.name}-flashcards.pdf", pdf, about)], []
