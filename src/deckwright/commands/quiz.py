"""deckwright quiz: print a new quiz, or print one again."""

import argparse
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deckwright.commands import folders
from deckwright.problem import Trouble
from deckwright.terminal import Progress, counted, print_problems, print_written, safe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deckwright.quiz.printing import Order, Printed
    from deckwright.quiz.select import Request

MOST_OFFSET = 50
"""The furthest that the backs of flash cards can be moved, in millimetres."""
MOST_LINES = 20
"""The most lines that can be asked for: they fill a page in large print."""


def options(parser: argparse.ArgumentParser) -> None:
    from deckwright.model import KINDS, PAPERS
    from deckwright.quiz.formats import QUIZ_FORMATS

    which = parser.add_argument_group("which questions")
    which.add_argument(
        "--topic",
        action="append",
        default=[],
        metavar="TOPIC[=N]",
        help="a topic and its subtopics, or N questions of it (repeatable)",
    )
    for name, about in (("tag", "a tag"), ("id", "a card's id")):
        which.add_argument(f"--{name}", action="append", default=[], help=f"{about} (repeatable)")
    kinds = tuple(kind.name for kind in KINDS)
    which.add_argument("--kind", action="append", default=[], choices=kinds, help="a kind of card (repeatable)")
    which.add_argument("--count", type=int, metavar="N", help="how many questions (default: all that match)")
    which.add_argument("--include", action="append", default=[], choices=("superseded",), help="also ask these cards")
    which.add_argument(
        "--except",
        action="append",
        default=[],
        metavar="FILE",
        dest="excluded",
        help="leave out the cards of this .quiz.yaml",
    )
    which.add_argument(
        "--seed", default="", help="choose and order the questions differently (default: from deck and request)"
    )
    which.add_argument("--list", action="store_true", help="only show how many questions each topic can give")
    which.add_argument("--again", metavar="FILE", help="print a quiz again, from its .quiz.yaml")
    how = parser.add_argument_group("how")
    how.add_argument("--forms", type=int, default=1, metavar="N", help="forms A, B, … that differ in order (1 to 26)")
    how.add_argument("--name", default="", help="the name of the files (default: quiz-<digest>)")
    how.add_argument("--title", default="", help="the title on the sheets")
    how.add_argument(
        "--answers",
        choices=("separate", "appended", "none"),
        help="where the answer key goes (default: separate files)",
    )
    how.add_argument("--answers-only", action="store_true", help="with --again: print only the answer key")
    how.add_argument(
        "--to", action="append", default=[], choices=tuple(QUIZ_FORMATS), help="a format (repeatable; default: pdf)"
    )
    how.add_argument("--paper", choices=PAPERS, help="default: from deck.yaml")
    how.add_argument("--columns", type=int, choices=(1, 2), help="columns of questions on a page (default: 1)")
    yes_or_no = argparse.BooleanOptionalAction
    how.add_argument("--large", action=yes_or_no, help="large print: 18 pt, one column")
    how.add_argument("--institution", metavar="TEXT", help="a line above the title")
    how.add_argument("--logo", metavar="FILE", help="a picture for the sheets: SVG, PNG or JPEG")
    how.add_argument("--instructions", metavar="TEXT", help="a paragraph below the title")
    how.add_argument("--points", action=yes_or_no, help="print the points of each question")
    how.add_argument("--status", action=yes_or_no, help="print which facts are contested, or of which year")
    how.add_argument(
        "--lines", type=int, metavar="N", help="at least N lines for a written answer (default: what it needs)"
    )
    how.add_argument("--answer-sheet", action=yes_or_no, help="add a page of circles to fill in")
    how.add_argument(
        "--flip", choices=("long", "short"), default="long", help="flash cards: the edge that the printer flips on"
    )
    how.add_argument(
        "--offset", nargs=2, type=float, default=(0.0, 0.0), metavar=("X", "Y"),
        help="flash cards: move the backs right and down by these millimetres",
    )  # fmt: skip
    how.add_argument("--font", action="append", default=[], metavar="NAME", help="use this font first")
    how.add_argument("--font-path", action="append", default=[], metavar="DIR", help="a folder of fonts")
    how.add_argument("--out", metavar="DIR", help="write here instead of build/")


def run(arguments: argparse.Namespace) -> int:
    from deckwright.quiz import printing

    _refuse_bad_combinations(arguments)
    root, out = folders(arguments)
    if arguments.list:
        return _list(root, _request(arguments))
    order = _order(arguments)
    with Progress() as progress:
        if arguments.again:
            printed = printing.again(root, out, Path(arguments.again), order, progress)
        else:
            printed = printing.make(root, out, _request(arguments), order, progress)
    errors = print_problems(printed.problems, sys.stderr, root)
    if printed.elsewhere:
        print(f"{counted(printed.elsewhere, 'error')} in other cards; to see them: deckwright check", file=sys.stderr)
    if errors:
        print(f"{counted(errors, 'error')}; nothing was written", file=sys.stderr)
        return 1
    print_written(printed.written)
    for line in _left_out(printed):
        print(line)
    for notice in printed.notices:
        print(safe(f"deckwright: {notice}"), file=sys.stderr)
    if printed.quiz:
        quiz = printed.quiz
        print(safe(f"quiz {quiz.digest}, seed {quiz.seed}, {counted(len(quiz.questions), 'question')}"))
    return 0


def _list(root: Path, request: "Request") -> int:
    """Prints how many questions each topic can give."""
    from deckwright.model import KINDS
    from deckwright.quiz.printing import listed

    offers, problems = listed(root, request)
    if print_problems(problems, sys.stderr, root):
        return 1
    kinds = [kind.name for kind in KINDS if any(offer.kinds[kind.name] for offer in offers)]
    print("  ".join(["questions", *(f"{kind:>7}" for kind in kinds), "topic"]))
    for topic, counts in offers:
        numbers = [f"{counts.total():>9,}", *(f"{counts[kind]:>7,}" for kind in kinds)]
        print(safe("  ".join([*numbers, topic or "all topics together"])))
    return 0


def _left_out(printed: "Printed") -> "Iterator[str]":
    """How many matching cards are left out, and why."""
    if printed.selected and printed.selected.superseded:
        yield f"{counted(printed.selected.superseded, 'superseded card')} left out; to ask them: --include superseded"
    if printed.selected and printed.selected.alike:
        yield f"{counted(printed.selected.alike, 'card')} left out: some questions give away each other's answers"


def _refuse_bad_combinations(arguments: argparse.Namespace) -> None:
    from deckwright.quiz.select import MOST_FORMS

    if not 1 <= arguments.forms <= MOST_FORMS:
        raise Trouble(f"--forms must be 1 to {MOST_FORMS}, not {arguments.forms}")
    if arguments.count is not None and arguments.count < 1:
        raise Trouble(f"--count must be at least 1, not {arguments.count}")
    asked = ("list", "topic", "tag", "id", "kind", "count", "include", "excluded", "seed", "name", "title")
    given = [name for name in asked if getattr(arguments, name)] + (["forms"] if arguments.forms != 1 else [])
    if arguments.again and given:
        option = "except" if given[0] == "excluded" else given[0]
        raise Trouble(
            f"--{option} cannot be used with --again, which prints the same quiz; to keep earlier files, use --out DIR"
        )
    if arguments.answers_only and (not arguments.again or arguments.to not in ([], ["pdf"])):
        raise Trouble("--answers-only needs --again, and makes only PDFs")


def _request(arguments: argparse.Namespace) -> "Request":
    """The questions that were requested."""
    from deckwright.quiz.printing import asked_already
    from deckwright.quiz.select import Request

    topics, blueprint = _topics(arguments)
    return Request(
        topics=topics,
        blueprint=blueprint,
        tags=tuple(arguments.tag),
        kinds=tuple(arguments.kind),
        ids=tuple(arguments.id),
        count=arguments.count,
        superseded="superseded" in arguments.include,
        excluded=asked_already([Path(name) for name in arguments.excluded]),
        seed=arguments.seed,
    )


def _topics(arguments: argparse.Namespace) -> tuple[tuple[str, ...], tuple[tuple[str, int], ...]]:
    """The topics that were given without numbers, and those with numbers: `Anatomy=5`."""
    counted_topics = [match for name in arguments.topic if (match := re.fullmatch(r"(.+?) *= *([0-9]{1,6}) *", name))]
    if not counted_topics:
        return tuple(arguments.topic), ()
    if len(counted_topics) < len(arguments.topic):
        raise Trouble("give the number of questions for every topic or for none", about="--topic")
    if arguments.count is not None:
        raise Trouble("--count cannot be used if the topics have numbers")
    if not all(int(match[2]) for match in counted_topics):
        raise Trouble("the number of questions must be at least 1", about="--topic")
    return (), tuple((match[1], int(match[2])) for match in counted_topics)


def _order(arguments: argparse.Namespace) -> "Order":
    """How the quiz is to be printed."""
    from deckwright.quiz.job import Cutting, Layout
    from deckwright.quiz.printing import Order

    _refuse_what_cannot_be_printed(arguments)
    given = _layout(arguments)
    return Order(
        layout=Layout(**{"title": arguments.title, "name": arguments.name, "paper": "", **given}),
        given=frozenset(given),
        forms=arguments.forms,
        targets=tuple(arguments.to) or ("pdf",),
        cutting=Cutting(flip=arguments.flip, dx=arguments.offset[0], dy=arguments.offset[1]),
        answers_only=arguments.answers_only,
    )


def _refuse_what_cannot_be_printed(arguments: argparse.Namespace) -> None:
    from deckwright.quiz.file import INSTRUCTIONS, LINE, NAME

    if arguments.lines is not None and not 0 <= arguments.lines <= MOST_LINES:
        raise Trouble(f"--lines must be 0 to {MOST_LINES}, not {arguments.lines}")
    if not all(abs(offset) <= MOST_OFFSET for offset in arguments.offset):
        raise Trouble(f"--offset can be {MOST_OFFSET} millimetres at most")
    if arguments.name and not re.fullmatch(NAME, arguments.name):
        message = (
            "a name consists of letters, digits, spaces, dots and hyphens, begins and ends with a letter or digit, and"
            " is not a name that Windows reserves (CON, AUX, NUL, COM1 …)"
        )
        raise Trouble(message, about=arguments.name)
    for name in ("title", "seed", "institution", "instructions"):
        text = getattr(arguments, name)
        line = INSTRUCTIONS if name == "instructions" else LINE
        if text and not re.fullmatch(line, text):
            raise Trouble("this is too long, or contains characters that cannot be printed", about=f"--{name}")


def _layout(arguments: argparse.Namespace) -> dict[str, Any]:
    """The fields of the layout that were given, by name. The others keep their defaults, or what they were."""
    names = ("paper", "columns", "large", "institution", "instructions", "points", "status", "lines",
             "answer_sheet", "answers")  # fmt: skip
    given = {name: getattr(arguments, name) for name in names if getattr(arguments, name) is not None}
    if arguments.font:
        given["fonts"] = tuple(arguments.font)
    if arguments.font_path:
        given["font_folders"] = tuple(Path(folder) for folder in arguments.font_path)
    if arguments.logo:
        given |= _logo(arguments.logo)
    return given


def _logo(name: str) -> dict[str, Any]:
    """The fields of a layout for the logo in this file."""
    from deckwright.pictures.cleaned import cleaned
    from deckwright.pictures.media import Medium

    path = Path(name)
    ending = path.suffix.lower()
    if ending not in (".svg", ".png", ".jpg", ".jpeg"):
        raise Trouble("a logo must be an SVG, PNG or JPEG file", about=name)
    picture = cleaned(path.read_bytes())
    if picture.fault:
        raise Trouble(f"this picture cannot be used: {picture.fault}", about=name)
    return {"logo": Medium(f"logo{ending}", picture.data), "logo_name": path.name[:200]}
