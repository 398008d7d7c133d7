"""A quiz → cards to cut out, as a PDF.

In: a `QuizJob`. Out: a file, and problems that name what the engine could not print.
"""

from deckwright.formats import File
from deckwright.parts import place_of
from deckwright.problem import Problem
from deckwright.quiz.job import QuizJob
from deckwright.quiz.pdf.content import Content
from deckwright.quiz.pdf.engine import Document, Fault, draw
from deckwright.quiz.pdf.faults import explained
from deckwright.terminal import counted


def render(job: QuizJob) -> tuple[list[File], list[Problem]]:
    """The questions of the first form as cards to cut out, up to eight a page, with their backs on the next page. May
    raise OSError."""
    form, layout, cutting = job.forms[0], job.layout, job.cutting
    data = Content(job, picture_width=0.9)
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
            "highest": 9,
            "shrink": False,
        },
        data.images,
    )
    [pdf] = draw([document], layout.font_folders)
    small = []
    if isinstance(pdf, Fault) and pdf.message.startswith(_TOO_SMALL):
        small = [_small(job, id_) for id_ in pdf.message.removeprefix(_TOO_SMALL).split()]
        [pdf] = draw([document._replace(data={**document.data, "shrink": True})], layout.font_folders)
    if isinstance(pdf, Fault):
        return [], explained([pdf], data.images, job)
    about = (
        f"{counted(len(form.questions), 'card')} to cut out; print on both sides, flipped on the {cutting.flip} edge"
    )
    return [File(f"{layout.name}-flashcards.pdf", pdf, about)], small


_TOO_SMALL = "assertion failed: "
"""How the engine begins its message if cards do not even fit on a page in 7 pt. Their ids follow."""


def _small(job: QuizJob, id_: str) -> Problem:
    card = job.cards[id_]
    message = f"card {id_} is so long that its flash card is printed smaller than 7 pt"
    return Problem(place_of(card, card.id), "small-print", message, "shorten it, or print it on a sheet")
