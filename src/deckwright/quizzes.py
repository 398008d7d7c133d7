"""The quiz command: read the cards, choose, print.

In: a project's folder and what an educator asks for. Out: what was found and what was written.
"""

from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass, replace
from errno import EINVAL
from pathlib import Path
from typing import NamedTuple

from deckwright import quizfile
from deckwright.checks import CARD_RULES
from deckwright.formats import File
from deckwright.formats.sheet import Cutting, Layout
from deckwright.load import DECK, Folder, card_files, load_deck, load_files
from deckwright.model import CardKind, Deck, Status
from deckwright.problem import Problem, Span, errors
from deckwright.project import with_media
from deckwright.quiz import Request, Selected, forms, select
from deckwright.quizfile import ENDING, Remembered
from deckwright.writing import write

FORMATS = ("pdf", "flashcards", "html", "docx")
"""What `--to` may name."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """What to print, apart from which questions."""

    layout: Layout
    cutting: Cutting
    forms: int = 1
    targets: tuple[str, ...] = ("pdf",)
    answers_only: bool = False


class Printed(NamedTuple):
    """What the command did."""

    problems: list[Problem]
    """Errors in what it needs: nothing was written then."""
    elsewhere: int
    """Mistakes in cards that it does not use."""
    written: list[tuple[Path, File]]
    selected: Selected | None
    """None when a quiz was printed again."""
    remembered: Remembered | None


def make(root: Path, out: Path, request: Request, order: Order) -> Printed:
    """Chooses a quiz and prints it. May raise OSError."""
    project = _Project(root)
    selected = select(project.cards, project.deck.settings.namespace.text, request)
    problems = [*project.deck_problems, *_not_enough(project.cards, selected, request)]
    name = order.layout.name or f"quiz-{selected.quiz.digest}"
    title = order.layout.title or f"{project.deck.settings.title}: quiz"
    remembered = Remembered(selected.quiz, name, title, order.forms)
    return project.printed(out, remembered, order, problems, selected)


def again(root: Path, out: Path, file: Path, order: Order) -> Printed:
    """Prints a quiz again from its file. May raise OSError."""
    project = _Project(root)
    remembered, problems = quizfile.parse(str(file), file.read_bytes())
    if remembered is None:
        return Printed(problems, 0, [], None, None)
    problems = [*project.deck_problems, *project.still_there(str(file), remembered, answers_only=order.answers_only)]
    return project.printed(out, remembered, order, problems, None)


def asked_already(files: Sequence[Path]) -> frozenset[str]:
    """The ids of the questions of other quizzes. May raise OSError, also for what is no quiz."""
    ids: set[str] = set()
    for file in files:
        remembered, problems = quizfile.parse(str(file), file.read_bytes())
        if remembered is None:
            raise OSError(EINVAL, problems[0].message, str(file))
        ids |= {chosen.id for chosen in remembered.quiz.questions}
    return frozenset(ids)


class _Project:
    """The cards of a project, read for printing."""

    def __init__(self, root: Path) -> None:
        self.files = Folder(root)
        deck, self.found = load_deck(self.files)
        self.deck, self.media = with_media(self.files, deck)
        self.deck_problems = [problem for problem in errors(self.found) if problem.span.file == DECK]
        self.found += card_files(self.files)[1]
        self.cards: list[CardKind] = []
        self.starts: dict[str, list[int]] = {}
        for file in load_files(self.files, self.deck):
            self.found += file.problems
            self.cards += file.cards
            self.starts[file.name] = sorted(card.span.line for card in (*file.cards, *file.broken))

    def printed(
        self,
        out: Path,
        remembered: Remembered,
        order: Order,
        problems: list[Problem],
        selected: Selected | None,
    ) -> Printed:
        """Prints a quiz, unless there are problems."""
        used = {chosen.id for chosen in remembered.quiz.questions}
        cards = {card.id.text: card for card in reversed(self.cards) if card.id.text in used}
        mistakes = [(card.span, problem) for card in self.cards for problem in _mistakes(card, self.deck)]
        mistakes += [(self.card_at(problem.span), problem) for problem in errors(self.found)]
        spans = {card.span for card in cards.values()}
        problems += [problem for span, problem in mistakes if span in spans]
        problems += _doubled(self.cards, used)
        elsewhere = sum(span not in spans for span, _ in mistakes)
        if errors(problems):
            return Printed(sorted(problems), elsewhere, [], selected, remembered)
        paper = order.layout.paper or self.deck.settings.paper
        layout = replace(order.layout, name=remembered.name, title=remembered.title, paper=paper)
        files, found = self._files(remembered, replace(order, layout=layout), cards)
        problems += found or _overwritten(out, files, remembered)
        if errors(problems):
            return Printed(sorted(problems), elsewhere, [], selected, remembered)
        if not order.answers_only:
            files.append(
                File(f"{remembered.name}{ENDING}", quizfile.text(remembered), "for printing the same quiz again")
            )
        return Printed(problems, elsewhere, write([(out, files)]), selected, remembered)

    def card_at(self, span: Span) -> Span:
        """Where the card begins in which a place lies; the place itself when it lies in none."""
        starts = self.starts.get(span.file, [])
        place = bisect(starts, span.line)
        return next(
            (card.span for card in self.cards if place and card.span[:2] == (span.file, starts[place - 1])), span
        )

    def _files(
        self, remembered: Remembered, order: Order, cards: dict[str, CardKind]
    ) -> tuple[list[File], list[Problem]]:
        from deckwright.formats import sheet

        made = forms(remembered.quiz, cards, self.deck, remembered.forms)
        media = self.media
        files: list[File] = []
        problems: list[Problem] = []
        layout = order.layout
        if "pdf" in order.targets:
            pdfs, found = sheet.sheets(
                remembered.quiz, made, self.deck, cards, media, layout, answers_only=order.answers_only
            )
            files, problems = [*files, *pdfs], [*problems, *found]
        if "flashcards" in order.targets:
            pdfs, found = sheet.flashcards(remembered.quiz, made[0], self.deck, cards, media, layout, order.cutting)
            files, problems = [*files, *pdfs], [*problems, *found]
        if "html" in order.targets:
            from deckwright.formats import web

            files += web.pages(made[0], cards, self.deck, media, layout)
        if "docx" in order.targets:
            from deckwright.formats import word

            files += word.documents(remembered.quiz, made, self.deck, media, layout)
        return files, problems

    def still_there(self, file: str, remembered: Remembered, *, answers_only: bool) -> list[Problem]:
        """What keeps a quiz from being printed as it was."""
        namespace = self.deck.settings.namespace.text
        if remembered.quiz.namespace != namespace:
            message = f"this quiz is of the deck {remembered.quiz.namespace!r}, and here is {namespace!r}"
            return [Problem(Span(file), "quiz-foreign", message, "name its project: deckwright -C DIR quiz --again …")]
        cards = {card.id.text: card for card in self.cards}
        gone = [chosen.id for chosen in remembered.quiz.questions if chosen.id not in cards]
        dead = [
            card.id.text
            for card in (cards[chosen.id] for chosen in remembered.quiz.questions if chosen.id in cards)
            if card.withdrawn or card.status is Status.DRAFT
        ]
        problems = []
        if gone:
            message = f"cards of this quiz are gone or have mistakes: {', '.join(gone)}"
            problems.append(Problem(Span(file), "quiz-card-gone", message, "put them back, or make a new quiz"))
        if dead and not answers_only:
            message = f"cards of this quiz were withdrawn or are drafts: {', '.join(dead)}"
            hint = "make a new quiz; for marking what was written already: --answers-only"
            problems.append(Problem(Span(file), "quiz-card-withdrawn", message, hint))
        return problems


def _mistakes(card: CardKind, deck: Deck) -> list[Problem]:
    return errors([problem for rule in CARD_RULES[type(card)] for problem in rule(card, deck)])


def _doubled(cards: Sequence[CardKind], used: set[str]) -> list[Problem]:
    """Ids of questions that two cards have: one cannot know which is meant."""
    seen: set[str] = set()
    problems = []
    for card in cards:
        if card.id.text in used and card.id.text in seen:
            message = f"the id `{card.id}` stands a second time"
            span = Span(card.span.file, card.id.line, card.id.column)
            problems.append(Problem(span, "doubled-id", message, "give the newer card an id of its own"))
        seen.add(card.id.text)
    return problems


def _not_enough(cards: Sequence[CardKind], selected: Selected, request: Request) -> list[Problem]:
    """Why there is no quiz."""
    if selected.unknown:
        message = f"no card has this topic, tag or id: {', '.join(selected.unknown)}"
        topics = ", ".join(dict.fromkeys(card.topic.text.partition("::")[0] for card in cards))
        return [
            Problem(Span("cards"), "quiz-unknown", message, f"write them as in the cards; the topics are: {topics}")
        ]
    available = selected.available
    if not selected.quiz.questions:
        left = f" ({selected.superseded} superseded: --include superseded)" if selected.superseded else ""
        return [Problem(Span("cards"), "quiz-empty", f"no card fits{left}", "ask for other topics, tags or kinds")]
    if request.count is not None and request.count > len(selected.quiz.questions):
        alike = f"; {selected.alike} more would answer one of them" if selected.alike else ""
        message = f"you ask for {request.count} questions, and there are {available}{alike}"
        return [Problem(Span("cards"), "quiz-too-few", message, f"ask for {available} at most, or for more topics")]
    return []


def _overwritten(out: Path, files: Sequence[File], remembered: Remembered) -> list[Problem]:
    """A different quiz under the same name stays, and so does the record of what was printed."""
    path = out / f"{remembered.name}{ENDING}"
    hint = "give this one a name of its own: --name NAME; or delete the other"
    if path.exists():
        other, _ = quizfile.parse(str(path), path.read_bytes())
        if other is not None and (other.quiz, other.forms) == (remembered.quiz, remembered.forms):
            return []
        message = f"another quiz is called {remembered.name} already"
        if other is not None and other.quiz.digest == remembered.quiz.digest:
            message = f"the quiz {remembered.name} was printed with other answers or forms"
            hint = f"print it again as it was, with a note where an answer changed: --again {path}\n{hint}"
        return [Problem(Span(str(path)), "quiz-exists", message, hint)]
    standing = [file.name for file in files if (out / file.name).exists()]
    if standing:
        message = f"these files are there already, and of another quiz: {', '.join(standing)}"
        return [Problem(Span(str(out)), "quiz-exists", message, hint)]
    return []
