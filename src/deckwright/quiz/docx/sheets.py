"""A quiz → Word documents: question sheets and answer keys. Formulas are written as text.

In: a `QuizJob`. Out: a .docx of each form, and one of its answers. It is apart because it knows what is on a sheet, and
nothing of how Word holds it.
"""

import re
from collections.abc import Iterator, Mapping

from deckwright.formats import File
from deckwright.problem import Problem
from deckwright.quiz.docx.document import BOLD, ITALIC, WordDocument
from deckwright.quiz.docx.pictures import ShownPicture, pictures_of
from deckwright.quiz.docx.trees import TreeWriter
from deckwright.quiz.forms import Form, Question
from deckwright.quiz.job import QuizJob
from deckwright.quiz.marking import Strip, how_to_answer, lines_for, marking_strip, source_line, total
from deckwright.quiz.select import SECTIONS


def render(job: QuizJob) -> tuple[Iterator[File], list[Problem]]:
    """The documents of every form and its answer key, made as they are taken. May raise OSError."""
    return _files(job), []


def _files(job: QuizJob) -> Iterator[File]:
    pictures = pictures_of(job)
    kinds = (False,) if job.layout.answers == "none" else (False, True)
    planned = [(place, form, answers) for place, form in enumerate(job.forms) for answers in kinds]
    for done, (place, form, answers) in enumerate(planned, 1):
        sheet = Sheet(job, form, pictures, answers=answers)
        sheet.write()
        about = "the answer key, to adjust: do not hand out" if answers else f"{job.about(place)}, to adjust"
        yield File(f"{job.layout.name}{form.ending}{'-ANSWERS' if answers else ''}.docx", sheet.document.saved(), about)
        if job.progress:
            job.progress(done, len(planned))


class Sheet:
    """The questions of a form, or its answer key, in a document."""

    def __init__(self, job: QuizJob, form: Form, pictures: Mapping[ShownPicture, bytes], *, answers: bool) -> None:
        self.job, self.form, self.answers = job, form, answers
        self.layout, self.words = job.layout, job.deck.words
        self.document = WordDocument(job.layout, job.deck)
        self.trees = TreeWriter(self.document, pictures, filled=not answers)

    def write(self) -> None:
        self._head()
        self._foot()
        self._beginning()
        for key in SECTIONS:
            of_section = [question for question in self.form.questions if question.section == key]
            if of_section:
                self.document.own(self.document.heading(2), self.words[key])
            for question in of_section:
                self._question(question)

    def _head(self) -> None:
        """The head of every page: a line for the name or a warning, and the form's letter, to be read from afar."""
        document = self.document
        paragraph = document.of_words(document.head())
        if self.answers:
            document.own(paragraph, self.words["do_not_hand_out"], BOLD)
        else:
            document.to_fill_in(paragraph, f"{self.words['name']} ", 0.75)
        if self.form.letter:
            document.stop_at_margin(paragraph)
            document.run(paragraph, "\t")
            document.framed(paragraph, f"\u00a0{self.form.letter}\u00a0")

    def _foot(self) -> None:
        """The foot of every page, with its number."""
        document = self.document
        paragraph = document.of_words(document.foot())
        document.stop_at_margin(paragraph)
        warning = f" · {self.words['do_not_hand_out']}" if self.answers else ""
        document.own(paragraph, f"{self.form.named}{self.job.identity}{warning}\t")
        for piece in re.split(r"(\{\w+\})", self.words["page_of"]):
            if piece in _FIELDS:
                document.field(paragraph, _FIELDS[piece])
            elif piece:
                document.own(paragraph, piece)

    def _beginning(self) -> None:
        """What is above the first question."""
        document, layout, words = self.document, self.layout, self.words
        if layout.institution:
            document.run(document.paragraph(), layout.institution)
        title = words.say("answers_of", title=layout.title) if self.answers else layout.title
        document.run(document.heading(1), title)
        points = total(self.form)
        questions = f"{words.count('questions', len(self.form.questions))}, {words.count('points', points)}"
        document.own(document.paragraph(), self.form.named + questions)
        if self.answers:
            self._strip(marking_strip(self.job.forms, words))
        else:
            paragraph = document.of_words(document.paragraph())
            document.to_fill_in(paragraph, f"{words['date']} ", 0.4)
            document.to_fill_in(paragraph, f"  {words['score']} ", 0.6)
            document.run(paragraph, f" / {points}")
            if layout.instructions:
                document.run(document.paragraph(), layout.instructions)
            how = how_to_answer(self.form, words, answer_sheet=False)
            if how:
                document.own(document.of_words(document.paragraph()), how)
        document.close()

    def _strip(self, strip: Strip) -> None:
        for rows in strip.tables:
            self.trees.table(0, [[[cell] for cell in row] for row in rows], head=True)
            self.document.paragraph()
        self.document.own(self.document.of_words(self.document.paragraph()), strip.rule)

    def _question(self, question: Question) -> None:
        document = self.document
        start = document.paragraph(f"{question.number}.", style=BOLD, above=0.7 * document.size)
        paragraph = self.trees.add(start, question.stem)
        if question.status and (self.answers or self.layout.status):
            document.own(paragraph, f" [{question.status}]", ITALIC)
        if self.layout.points and not self.answers:
            document.own(paragraph, f" ({self.words.count('points', question.points)})")
        if question.several:
            document.own(paragraph, f" {self.words['several_right']}", ITALIC)
        if self.answers:
            self._answer(question)
        else:
            for choice in question.choices:
                self.trees.add(document.paragraph(f"{choice.letter}.", at=1), choice.text)
            for place, number in enumerate(lines_for(question, self.layout.lines), 1):
                label = f"{place}." if question.numbered else "–" if len(question.lines) > 1 else ""
                document.lines(document.paragraph(label, at=1), number)
        document.close()

    def _answer(self, question: Question) -> None:
        """What is below a question in the answer key."""
        document, trees, words = self.document, self.trees, self.words
        if question.notice:
            document.own(document.paragraph(at=1), question.notice, BOLD)
        for choice in question.choices:
            if choice.correct or choice.why:
                paragraph = document.paragraph(at=1)
                said_of = words.say("is_right" if choice.correct else "is_wrong", letter=choice.letter)
                document.own(paragraph, f"{said_of} ", BOLD)
                paragraph = trees.add(paragraph, choice.text)
                if choice.why:
                    document.run(paragraph, " – ")
                    trees.add(paragraph, choice.why)
        if not question.choices:
            several = len(question.answers) > 1
            for place, answer in enumerate(question.answers, 1):
                label = f"{place}." if question.numbered else "•" if several else ""
                trees.add(document.paragraph(label, at=1), answer, BOLD)
        if question.also:
            paragraph = document.paragraph(at=1)
            document.own(paragraph, f"{words['also_counts']} ")
            for place, also in enumerate(question.also):
                document.run(paragraph, " · " if place else "")
                trees.add(paragraph, also)
        for tree in (question.explanation, question.caveat):
            if tree:
                trees.add(document.paragraph(at=1), tree)
        document.run(document.paragraph(at=1), source_line(question), ITALIC)


_FIELDS = {"{page}": "PAGE", "{pages}": "NUMPAGES"}
"""The fields of Word for the placeholders of `page_of`."""
