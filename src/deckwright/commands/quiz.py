"""deckwright quiz: print a quiz to order, or one that was printed before."""

import argparse
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deckwright.commands import folders
from deckwright.problem import Trouble
from deckwright.terminal import counted, print_problems, print_written, safe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deckwright.quiz.printing import Order, Printed
    from deckwright.quiz.select import Request

MOST_OFFSET = 50
"""Millimetres by which backs of flash cards can be moved."""


def options(parser: argparse.ArgumentParser) -> None:
    from deckwright.model import KINDS, PAPERS
    from deckwright.quiz.formats import QUIZ_FORMAT_NAMES

    which = parser.add_argument_group("which questions")
    for name, about in (("topic", "a topic, with all below it"), ("tag", "a tag"), ("id", "a card")):
        which.add_argument(f"--{name}", action="append", default=[], help=f"{about} (repeatable)")
    which.add_argument("--kind", action="append", default=[], choices=tuple(kind.name for kind in KINDS))
    which.add_argument("--count", type=int, metavar="N", help="how many questions (default: all there are)")
    which.add_argument("--include", action="append", default=[], choices=("superseded",), help="ask these too")
    which.add_argument("--except", action="append", default=[], metavar="FILE", dest="excluded", help="not these again")
    which.add_argument("--seed", default="", help="another choice and order (default: from the deck and the request)")
    which.add_argument("--again", metavar="FILE", help="print a quiz again, from its .quiz.yaml")
    how = parser.add_argument_group("how")
    how.add_argument("--forms", type=int, default=1, metavar="N", help="forms A, B, … with other orders (1 to 26)")
    how.add_argument("--name", default="", help="of the files (default: quiz-<digest>)")
    how.add_argument("--title", default="", help="on the sheets")
    how.add_argument("--answers", choices=("separate", "appended", "none"))
    how.add_argument("--answers-only", action="store_true", help="with --again: the answers alone")
    how.add_argument("--to", action="append", default=[], choices=QUIZ_FORMAT_NAMES)
    how.add_argument("--paper", choices=PAPERS, help="default: from deck.yaml")
    how.add_argument("--columns", type=int, choices=(1, 2))
    yes_or_no = argparse.BooleanOptionalAction
    how.add_argument("--large", action=yes_or_no, help="large print: 18 pt, one column")
    how.add_argument("--institution")
    how.add_argument("--logo", metavar="FILE", help="a picture: SVG, PNG or JPEG")
    how.add_argument("--instructions", metavar="TEXT")
    how.add_argument("--points", action=yes_or_no, help="print the points of each question")
    how.add_argument("--answer-sheet", action=yes_or_no, help="a page of circles to fill in")
    how.add_argument("--flip", choices=("long", "short"), default="long", help="flash cards: the edge turned over")
    how.add_argument(
        "--offset", nargs=2, type=float, default=(0.0, 0.0), metavar=("X", "Y"),
        help="flash cards: millimetres by which backs are moved to the right and down",
    )  # fmt: skip
    how.add_argument("--font", action="append", default=[], metavar="NAME", help="a font to prefer")
    how.add_argument("--font-path", action="append", default=[], metavar="DIR", help="a folder of fonts")
    how.add_argument("--out", metavar="DIR", help="write here instead of build/")


def run(arguments: argparse.Namespace) -> int:
    from deckwright.quiz import printing

    _refuse_what_does_not_go_together(arguments)
    root, out = folders(arguments)
    order = _order(arguments)
    if arguments.again:
        printed = printing.again(root, out, Path(arguments.again), order)
    else:
        printed = printing.make(root, out, _request(arguments), order)
    wrong = print_problems(printed.problems, sys.stderr)
    if printed.elsewhere:
        print(f"{counted(printed.elsewhere, 'mistake')} in other cards (deckwright check)", file=sys.stderr)
    if wrong:
        print(f"{counted(wrong, 'mistake')}; nothing was written", file=sys.stderr)
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


def _left_out(printed: "Printed") -> "Iterator[str]":
    """Which cards fit and are not asked."""
    if printed.selected and printed.selected.superseded:
        yield f"{counted(printed.selected.superseded, 'superseded card')} left out (--include superseded)"
    if printed.selected and printed.selected.alike:
        yield f"{counted(printed.selected.alike, 'card')} left out: they and others would answer each other"


def _refuse_what_does_not_go_together(arguments: argparse.Namespace) -> None:
    from deckwright.quiz.select import MOST_FORMS

    if not 1 <= arguments.forms <= MOST_FORMS:
        raise Trouble(f"there can be 1 to {MOST_FORMS} forms, not {arguments.forms}")
    if arguments.count is not None and arguments.count < 1:
        raise Trouble(f"there can be no quiz of {arguments.count} questions")
    asked = ("topic", "tag", "id", "kind", "count", "include", "excluded", "seed", "name", "title")
    given = [name for name in asked if getattr(arguments, name)] + (["forms"] if arguments.forms != 1 else [])
    if arguments.again and given:
        option = "except" if given[0] == "excluded" else given[0]
        raise Trouble(
            f"--{option} does not go with --again, which prints a quiz as it was; --out DIR keeps earlier files"
        )
    if arguments.answers_only and (not arguments.again or arguments.to not in ([], ["pdf"])):
        raise Trouble("--answers-only goes with --again, and makes PDFs alone")


def _request(arguments: argparse.Namespace) -> "Request":
    """Which questions are asked for."""
    from deckwright.quiz.printing import asked_already
    from deckwright.quiz.select import Request

    return Request(
        topics=tuple(arguments.topic),
        tags=tuple(arguments.tag),
        kinds=tuple(arguments.kind),
        ids=tuple(arguments.id),
        count=arguments.count,
        superseded="superseded" in arguments.include,
        excluded=asked_already([Path(name) for name in arguments.excluded]),
        seed=arguments.seed,
    )


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

    if not all(abs(offset) <= MOST_OFFSET for offset in arguments.offset):
        raise Trouble(f"backs can be moved by {MOST_OFFSET} millimetres at most")
    if arguments.name and not re.fullmatch(NAME, arguments.name):
        message = (
            "a name is letters, digits, spaces, dots and hyphens; it begins and ends with a letter or digit, and is not"
            " a word that Windows keeps for itself (CON, AUX, NUL, COM1 …)"
        )
        raise Trouble(message, about=arguments.name)
    for name in ("title", "seed", "institution", "instructions"):
        text = getattr(arguments, name)
        line = INSTRUCTIONS if name == "instructions" else LINE
        if text and not re.fullmatch(line, text):
            raise Trouble("this is too long, or holds signs that cannot be printed", about=f"--{name}")


def _layout(arguments: argparse.Namespace) -> dict[str, Any]:
    """What is asked for of the layout, by the names of its fields. All else is as usual or as it was."""
    names = ("paper", "columns", "large", "institution", "instructions", "points", "answer_sheet", "answers")
    given = {name: getattr(arguments, name) for name in names if getattr(arguments, name) is not None}
    if arguments.font:
        given["fonts"] = tuple(arguments.font)
    if arguments.font_path:
        given["font_folders"] = tuple(Path(folder) for folder in arguments.font_path)
    if arguments.logo:
        given |= _logo(arguments.logo)
    return given


def _logo(name: str) -> dict[str, Any]:
    """The fields of a layout that are about the logo in the file of this name."""
    from deckwright.pictures.cleaned import cleaned
    from deckwright.pictures.media import Medium

    path = Path(name)
    ending = path.suffix.lower()
    if ending not in (".svg", ".png", ".jpg", ".jpeg"):
        raise Trouble("a logo is an SVG, PNG or JPEG file", about=name)
    picture = cleaned(path.read_bytes())
    if picture.fault:
        raise Trouble(f"this picture cannot be used: {picture.fault}", about=name)
    return {"logo": Medium(f"logo{ending}", picture.data), "logo_name": path.name[:200]}
