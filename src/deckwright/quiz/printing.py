"""The quiz command: read the cards, choose, print.

In: a project's folder and what an educator asks for. Out: problems, and the files that were written.
"""

from bisect import bisect
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple

from deckwright.files import DECK, Folder
from deckwright.formats import File
from deckwright.model import CardKind, Deck, Status
from deckwright.problem import NOWHERE, Problem, Span, Trouble, errors
from deckwright.project import Held, Project
from deckwright.quiz import file as quizfile
from deckwright.quiz.arrange import alike, arranged
from deckwright.quiz.file import ENDING, Remembered
from deckwright.quiz.formats import QUIZ_FORMATS
from deckwright.quiz.forms import Form, forms
from deckwright.quiz.job import Cutting, Layout, QuizJob
from deckwright.quiz.old import OldQuiz, upgraded
from deckwright.quiz.pdf.engine import families
from deckwright.quiz.select import (
    Offer,
    Quiz,
    Request,
    Selected,
    Unknown,
    as_on_cards,
    content_digest,
    letter,
    offers,
    select,
)
from deckwright.quiz.today import matched, refreshed, still, with_pictures
from deckwright.terminal import counted
from deckwright.words import direction
from deckwright.write import Writing


@dataclass(frozen=True, kw_only=True)
class Order:
    """How to print a quiz. Which questions it has is a `Request`."""

    layout: Layout
    cutting: Cutting
    forms: int = 1
    targets: tuple[str, ...] = ("pdf",)
    answers_only: bool = False
    given: frozenset[str] = frozenset()
    """The fields of the layout that were given. When a quiz is printed again, the other fields are as recorded."""


class Printed(NamedTuple):
    """What the command did."""

    problems: list[Problem]
    """Problems in what the quiz needs. If one is an error, nothing was written."""
    elsewhere: int
    """How many errors there are in cards that the quiz does not use."""
    written: list[tuple[Path, File]]
    selected: Selected | None
    """None if a quiz was printed again."""
    quiz: Quiz | None
    notices: tuple[str, ...] = ()
    """What the user should know, one line each."""


def make(
    root: Path, out: Path, request: Request, order: Order, progress: Callable[[int, int], None] | None = None
) -> Printed:
    """Chooses a quiz and prints it. May raise OSError."""
    project = _Cards(root)
    selected = select(project.cards, project.deck.settings.namespace, request)
    problems = [*project.deck_problems, *_not_enough(selected)]
    name = order.layout.name or f"quiz-{selected.digest}"
    title = order.layout.title or project.deck.words.say("quiz_of", deck=project.deck.settings.title)
    paper = order.layout.paper or project.deck.settings.paper
    layout = replace(order.layout, name=name, title=title, paper=paper)
    quiz = with_pictures(arranged(selected, order.forms), project.media)
    cards, card_problems, elsewhere = project.used([pick.id for pick in selected.picks])
    problems += (problem for of_card in card_problems.values() for problem in of_card)
    if errors(problems):
        return Printed(sorted(problems), elsewhere, [], selected, quiz)
    like = alike(quiz)
    job = QuizJob(
        identity=_identity(quiz, content_digest(quiz)),
        forms=forms(quiz, cards, project.deck, project.media),
        cards=cards,
        deck=project.deck,
        media=project.media,
        layout=layout,
        like=like,
        cutting=order.cutting,
        answers_only=order.answers_only,
        progress=progress,
    )
    with Writing() as writing:
        faults = _print(job, order.targets, out, writing)
        problems += faults if errors(faults) else [*faults, *_overwritten(out, writing, quiz, layout)]
        if errors(problems):
            return Printed(sorted(problems), elsewhere, [], selected, quiz)
        writing.add(out, File(f"{name}{ENDING}", quizfile.text(quiz, layout), "the record of this quiz: keep it"))
        written = writing.finish()
    notices = _without_effect(order, layout, project.deck.settings.language, job.forms)
    notices += [
        f"form {letter(form)} is the same as form {letter(first)}: these questions have too few different orders"
        for form, first in like.items()
    ]
    return Printed(problems, elsewhere, written, selected, quiz, tuple(notices))


def again(
    root: Path, out: Path, file: Path, order: Order, progress: Callable[[int, int], None] | None = None
) -> Printed:
    """Prints a quiz again from its file, or the answer key of the sheets that were handed out. May raise OSError."""
    project = _Cards(root)
    remembered, problems = quizfile.parse(str(file), file.read_bytes())
    if remembered is None:
        return Printed(problems, 0, [], None, None)
    problems = [*project.deck_problems, *_foreign(str(file), remembered, project.deck)]
    if errors(problems):
        return Printed(problems, 0, [], None, None)
    cards, card_problems, elsewhere = project.used(remembered.ids)
    if order.answers_only:
        # A card with errors counts as gone: the sheets are marked by the printed key.
        cards = {id_: card for id_, card in cards.items() if id_ not in card_problems}
    else:
        problems += (problem for of_card in card_problems.values() for problem in of_card)
    old = remembered.quiz
    printed = upgraded(old, cards) if isinstance(old, OldQuiz) else old
    quiz = printed if order.answers_only else with_pictures(refreshed(printed, cards), project.media)
    if not order.answers_only:
        problems += _not_as_it_was(str(file), printed, cards)
    if errors(problems):
        return Printed(sorted(problems), elsewhere, [], None, quiz)
    known = content_digest(quiz) if isinstance(old, Quiz) or not order.answers_only else ""
    layout = replace(remembered.layout, **{name: getattr(order.layout, name) for name in order.given})
    layout = replace(layout, paper=layout.paper or project.deck.settings.paper)
    job = QuizJob(
        identity=_identity(quiz, known),
        forms=forms(printed, cards, project.deck, project.media, as_printed=order.answers_only),
        cards=cards,
        deck=project.deck,
        media=project.media,
        layout=layout,
        like=alike(printed),
        cutting=order.cutting,
        answers_only=order.answers_only,
        progress=progress,
    )
    with Writing() as writing:
        problems = _print(job, order.targets, out, writing)
        if not errors(problems):
            problems += _overwritten(out, writing, printed, layout, remembered.data)
        if errors(problems):
            return Printed(sorted(problems), elsewhere, [], None, quiz)
        if not order.answers_only:
            record = File(f"{layout.name}{ENDING}", remembered.data, "the record of the first printing: keep it")
            writing.add(out, record)
        written = writing.finish()
    notices = _without_effect(order, layout, project.deck.settings.language, job.forms)
    if layout.logo_name and layout.logo is None and "pdf" in order.targets and not order.answers_only:
        notices.append(f"this quiz was printed with the logo {layout.logo_name}; to print it again, give --logo FILE")
    if isinstance(old, Quiz) and content_digest(printed) != content_digest(quiz):
        notices.append(
            "cards changed since this quiz was first printed: mark each sheet by the answer key with the same digest"
        )
    return Printed(problems, elsewhere, written, None, quiz, tuple(notices))


def listed(root: Path, request: Request) -> tuple[list[Offer], list[Problem]]:
    """How many questions each topic can give, and what keeps the deck from being read. Writes nothing."""
    project = _Cards(root)
    namespace = project.deck.settings.namespace
    _, unknown = as_on_cards(request, project.cards)
    return offers(project.cards, namespace, request), [*project.deck_problems, *_unknown(unknown)]


_OPTIONS = {"fonts": "--font", "font_folders": "--font-path", "answer_sheet": "--answer-sheet"}


def _without_effect(order: Order, layout: Layout, language: str, made: Sequence[Form]) -> list[str]:
    """What the user should know of the options: which have no effect, and what they lack. May raise OSError."""
    plain = Layout(title="", name="", paper="")
    given = [name for name in sorted(order.given) if getattr(layout, name) != getattr(plain, name)]
    given = [name for name in given if name != "logo_name"] + (["forms"] if order.forms > 1 else [])
    notices = [
        f"{_OPTIONS.get(name, f'--{name}')} has no effect on {target}"
        for target in order.targets
        for name in given
        if name not in QUIZ_FORMATS[target].heeds
    ]
    if "docx" in order.targets and layout.answers == "appended":
        notices.append("--answers appended has no effect on docx: the answer key is always a separate document")
    if layout.answer_sheet and not any(question.choices for question in made[0].questions):
        notices.append("--answer-sheet has no effect: no question has options")
    if "pdf" in order.targets and layout.large and layout.columns > 1:
        notices.append("--columns has no effect in large print, which has one column")
    heeded = frozenset[str]().union(*(QUIZ_FORMATS[target].heeds for target in order.targets))
    if "cutting" not in heeded and order.cutting != Cutting():
        notices.append("--flip and --offset have no effect without --to flashcards")
    if direction(language) == "rtl" and not layout.fonts and "fonts" in heeded:
        notices.append(
            f"the fonts that come with the program set {language!r} poorly; give one that is made for it, such as "
            "Noto: --font 'Noto Sans Arabic' --font-path DIR"
        )
    if layout.fonts and "fonts" in heeded:
        known = families(layout.font_folders)
        notices += [
            f"there is no font {font!r}, so our own was used; give the folder that contains it: --font-path DIR"
            for font in layout.fonts
            if font.casefold() not in known
        ]
    return notices


def _identity(quiz: Quiz, content: str) -> str:
    """The line at the bottom of every page of sheets and answer keys, by which they are matched."""
    return f"quiz {quiz.digest}{'-' if content else ''}{content} · seed {quiz.seed}"


def asked_already(files: Sequence[Path]) -> frozenset[str]:
    """The ids of the questions of other quizzes. May raise OSError, and Trouble if a file is not a quiz file."""
    ids: set[str] = set()
    for file in files:
        remembered, problems = quizfile.parse(str(file), file.read_bytes())
        if remembered is None:
            raise Trouble(problems[0].message, about=str(file))
        ids.update(remembered.ids)
    return frozenset(ids)


class _Cards:
    """The cards of a project, read for printing."""

    def __init__(self, root: Path) -> None:
        self.held = Held.compiled(Project.open(Folder(root)), notes=False)
        self.deck, self.media = self.held.project.deck, self.held.project.media
        self.deck_problems = [problem for problem in errors(self.held.project.problems) if problem.span.file == DECK]
        self.cards = self.held.cards
        self.starts = {
            file.file.name: sorted(card.span.line for card in (*file.file.cards, *file.file.broken))
            for file in self.held.files
        }
        self.at = {card.span[:2]: card.span for card in self.cards}

    def used(self, ids: Sequence[str]) -> tuple[dict[str, CardKind], dict[str, list[Problem]], int]:
        """The cards with these ids, the errors in them by id, and how many errors there are in other cards."""
        wanted = set(ids)
        cards: dict[str, CardKind] = {card.id: card for card in reversed(self.cards) if card.id in wanted}
        faults = [(self.card_at(problem.span), problem) for problem in errors(self.held.problems)]
        ids_at = {card.span: id_ for id_, card in cards.items()}
        problems: dict[str, list[Problem]] = {}
        for span, problem in faults:
            if span in ids_at:
                problems.setdefault(ids_at[span], []).append(problem)
        return cards, problems, sum(span not in ids_at for span, _ in faults)

    def card_at(self, span: Span) -> Span:
        """Where the card around a place begins; the place itself if it is not in a card."""
        starts = self.starts.get(span.file, [])
        place = bisect(starts, span.line)
        return self.at.get((span.file, starts[place - 1]), span) if place else span


def _print(job: QuizJob, targets: Collection[str], out: Path, writing: Writing) -> list[Problem]:
    """Makes all files, in the order of `QUIZ_FORMATS`, and writes each as soon as it is made. May raise OSError."""
    problems: list[Problem] = []
    writing.prepare(out)
    for name, format_ in QUIZ_FORMATS.items():
        if name in targets:
            rendered, faults = format_.render(job)
            for file in rendered:
                writing.add(out, file)
            problems += faults
    return problems


def _foreign(file: str, remembered: Remembered, deck: Deck) -> list[Problem]:
    """A problem if the quiz belongs to another deck."""
    namespace = deck.settings.namespace
    if remembered.quiz.namespace == namespace:
        return []
    message = f"this quiz belongs to the deck {remembered.quiz.namespace!r}, but this project is {namespace!r}"
    return [
        Problem(Span(file), "quiz-foreign", message, "give the folder of its project: deckwright -C DIR quiz --again …")
    ]


def _not_as_it_was(file: str, quiz: Quiz, cards: Mapping[str, CardKind]) -> list[Problem]:
    """What keeps sheets from being printed as they were."""
    today = {asked.id: still(asked, cards) for asked in quiz.questions}
    gone = [id_ for id_, card in today.items() if card is None]
    dead = [id_ for id_, card in today.items() if card and (card.withdrawn or card.status is Status.DRAFT)]
    unclear = [
        asked.id for asked in quiz.questions if (card := today[asked.id]) is not None and matched(asked, card).unclear
    ]
    hint = "make a new quiz; to mark the sheets that were handed out, add --answers-only"
    problems = []
    for ids, code, what in (
        (gone, "quiz-card-gone", "these cards of the quiz are gone or have errors"),
        (dead, "quiz-card-withdrawn", "these cards of the quiz were withdrawn or are drafts"),
        (unclear, "quiz-options-changed", "the options of these cards changed too much to keep their letters"),
    ):
        if ids:
            problems.append(Problem(Span(file), code, f"{what}: {', '.join(ids)}", hint))
    return problems


def _not_enough(selected: Selected) -> list[Problem]:
    """Why no quiz can be made of the cards."""
    if selected.unknown:
        return _unknown(selected.unknown)
    if not selected.picks:
        left = f" ({selected.superseded} superseded; add --include superseded)" if selected.superseded else ""
        return [Problem(NOWHERE, "quiz-empty", f"no card matches{left}", "ask for other topics, tags or kinds")]
    alike = f"; {selected.alike} more would give away an answer" if selected.alike else ""
    return [
        Problem(
            NOWHERE,
            "quiz-too-few",
            f"you ask for {counted(short.wanted, 'question')}{f' of {short.topic}' if short.topic else ''},"
            f" but only {short.chosen} can be asked{alike}",
            f"ask for at most {short.chosen}, or for more topics; to see how many there are: deckwright quiz --list",
        )
        for short in selected.short
    ]


def _unknown(names: Sequence[Unknown]) -> list[Problem]:
    """Names that no card has, with the name that was probably meant."""
    problems = []
    for what, name, known in names:
        spelt = {part.casefold(): one for one in reversed(known) for part in (one.rpartition("::")[2], one)}
        close = get_close_matches(name.strip().casefold(), spelt, 1)
        hints = [f"did you mean {spelt[close[0]]!r}?"] if close else []
        hints += [] if what == "id" else [f"the {what}s are: {', '.join(known)}"]
        message = f"no card has the {what} {name!r}"
        problems.append(Problem(NOWHERE, "quiz-unknown", message, "\n".join(hints) or "write it as on the card"))
    return problems


def _overwritten(
    out: Path, writing: Writing, quiz: Quiz, layout: Layout, data: bytes | None = None
) -> list[Problem]:  # fmt: skip
    """A problem if files of another quiz, or the record of what was printed, would be overwritten. `data` is the record
    that the quiz is printed again from."""
    path = out / f"{layout.name}{ENDING}"
    hint = "give this quiz another name: --name NAME; or delete the other quiz"
    if path.exists():
        there = path.read_bytes()
        other, _ = quizfile.parse(str(path), there)
        same = there == data or (
            other is not None
            and isinstance(other.quiz, Quiz)
            and (other.quiz.digest, content_digest(other.quiz)) == (quiz.digest, content_digest(quiz))
        )
        if same:
            return []
        message = f"another quiz already has the name {layout.name}"
        if other is not None and other.quiz.digest == quiz.digest:
            message = f"the quiz {layout.name} was already printed with other words, answers or forms"
            hint = f"to print it again as it was, with a note where an answer changed: --again {path}\n{hint}"
        return [Problem(Span(str(path)), "quiz-exists", message, hint)]
    existing = [path.name for path, _ in writing.files if path.exists()]
    if existing:
        message = f"these files of another quiz already exist: {', '.join(existing)}"
        return [Problem(Span(str(out)), "quiz-exists", message, hint)]
    return []
