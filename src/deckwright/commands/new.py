"""deckwright new: ask for a card, or take it from options, and add it to the file of its topic."""

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from deckwright.problem import Trouble
from deckwright.terminal import print_problems, safe

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from deckwright.compose import Answers
    from deckwright.project import Held


def options(parser: "ArgumentParser") -> None:
    from deckwright.model import KINDS

    kinds = tuple(kind.name for kind in KINDS)
    parser.add_argument("--topic", default="", help="its topic; a new topic gets a file of its own")
    parser.add_argument("--kind", choices=kinds, help="its kind (default: what the other options tell)")
    parser.add_argument("--question", metavar="TEXT", default="", help="the question, or the text of a cloze")
    parser.add_argument(
        "--answer",
        metavar="TEXT",
        action="append",
        default=[],
        help="the answer, a correct option, an item, or a mask as `Iliopsoas @ 12 30 18 9` (repeatable)",
    )
    parser.add_argument("--wrong", metavar="TEXT", action="append", default=[], help="a wrong option (repeatable)")
    parser.add_argument("--image", metavar="NAME", default="", help="a picture in cards/media/, for masks")
    parser.add_argument(
        "--source", action="append", default=[], help="a source's id, then the place in it (repeatable)"
    )
    parser.add_argument("--tag", action="append", default=[], help="a tag (repeatable)")
    parser.add_argument("--draft", action="store_true", help="mark it as a draft, which needs no source")


def run(arguments: "Namespace") -> int:
    from deckwright.compose import added
    from deckwright.edit import save
    from deckwright.files import Folder
    from deckwright.project import Held, Project

    root = Path(arguments.root)
    held = Held.compiled(Project.open(Folder(root)), notes=False, figures=True)
    try:
        answers = _answers(arguments, held)
    except EOFError:
        print("\nnothing was written", file=sys.stderr)
        return 1
    except UnicodeError:
        raise Trouble("what was typed is not in UTF-8; set the terminal to UTF-8") from None
    card = added(held, answers)
    errors = print_problems(card.problems, sys.stderr, root)
    if errors or card.after is None:
        print(safe(f"nothing was written; this is the card:\n\n{card.text}"), file=sys.stderr, end="")
        return 1
    save(root, card.name, card.before, card.after)
    print(safe(f"{card.name}: this card was added\n\n{card.text}"))
    print(_next(answers, held))
    return 0


def _next(answers: "Answers", held: "Held") -> str:
    """What to do with the new card."""
    title, first = held.project.deck.settings.title, answers.topic.partition("::")[0]
    if first.casefold() == title.casefold():
        shown = safe(f"{title}::{answers.topic}")
        return f"Anki will show {shown}, because the title is above all topics; shorten `topic:` if you like"
    if answers.draft:
        return "next: when it is ready, add its source and remove `status: draft`"
    return "next: deckwright build"


_ONLY = {"wrong": "options", "image": "occlusion"}
"""The options that only one kind of card has."""


def _answers(arguments: "Namespace", held: "Held") -> "Answers":
    """What was typed with the command; what is missing is asked. Raises Trouble if nobody can be asked, EOFError
    if the input ends, and UnicodeError if it is no text."""
    from deckwright.compose import Answers

    kind = arguments.kind or _told(arguments)
    missing = _missing(arguments, kind)
    if missing and not sys.stdin.isatty():
        raise Trouble(f"this is not a terminal, so nobody can be asked; add {', '.join(missing)}")
    if missing:
        kind = _ask(arguments, kind, held)
    for option, only in _ONLY.items():
        if getattr(arguments, option) and kind != only:
            raise Trouble(f"--{option} is only for --kind {only}")
    if kind == "cloze" and arguments.answer:
        raise Trouble("a cloze has no --answer: write each gap into --question, as {{c1::hidden}}")
    texts = [arguments.topic, arguments.question, arguments.image, *arguments.answer, *arguments.wrong]
    "".join([*texts, *arguments.source, *arguments.tag]).encode()  # Python lets through bytes that are no text
    return Answers(
        topic=arguments.topic.strip(),
        kind=kind,
        question=arguments.question,
        answers=arguments.answer,
        wrong=arguments.wrong,
        image=arguments.image,
        sources=arguments.source,
        tags=arguments.tag,
        draft=arguments.draft,
    )


def _told(arguments: "Namespace") -> str:
    """The kind that the options tell; empty if they do not."""
    kinds = {
        "options": arguments.wrong,
        "occlusion": arguments.image,
        "cloze": "{{c" in arguments.question,
        "basic": arguments.answer,
    }
    return next((kind for kind, is_told in kinds.items() if is_told), "")


def _missing(arguments: "Namespace", kind: str) -> list[str]:
    """The options that must still be typed."""
    needed = {
        "--topic": arguments.topic.strip(),
        "--question": arguments.question.strip(),
        "--answer": arguments.answer or kind == "cloze",
        "--wrong": arguments.wrong or kind != "options",
        "--image": arguments.image or kind != "occlusion",
        "--source or --draft": arguments.source or arguments.draft,
    }
    return [option for option, is_there in needed.items() if not is_there]


# --- asking ---------------------------------------------------------------------------------------------------

_QUESTIONS = {"cloze": "Text, with each gap as {{c1::hidden}}", "occlusion": "What is asked of every place"}
_ANSWERS = {
    "basic": ("Answer", "Another answer that counts"),
    "options": ("Correct answer", "Another correct answer"),
    "items": ("First item", "Next item"),
    "occlusion": ("Mask, as Iliopsoas @ 12 30 18 9", "Next mask"),
}
"""What is asked for first, and then again until an empty line."""
_MOST_SHOWN = 20


def _ask(arguments: "Namespace", kind: str, held: "Held") -> str:
    """Asks for whatever was not typed, and returns the kind."""
    from deckwright.model import KINDS

    deck = held.project.deck
    if not arguments.topic.strip():
        topics = sorted({str(file.file.topic) for file in held.files if file.file.topic})
        arguments.topic = _choice("Topic: a number, or a new topic such as Neck::Muscles", topics)
    if not kind:
        names = [each.name for each in KINDS]
        listed = [f"{each.name}: {re.split('[.:]', each.card.__doc__ or '')[0]}" for each in KINDS]
        while kind not in names:
            kind = _choice("Kind: a number", listed).partition(":")[0]
    if not arguments.image and kind == "occlusion":
        arguments.image = _choice("Picture: a number, or a name in cards/media/", list(deck.media))
    arguments.question = arguments.question or _line(_QUESTIONS.get(kind, "Question"))
    if not arguments.answer and kind != "cloze":
        arguments.answer = _several(*_ANSWERS[kind])
    if not arguments.wrong and kind == "options":
        arguments.wrong = _several("Wrong answer", "Another wrong answer")
    if not arguments.source and not arguments.draft:
        asked = "Source: a number or an id, then the place in it (origin p. 3); empty makes the card a draft"
        source = _choice(asked, list(deck.sources), needed=False)
        arguments.source = [source] if source else []
        arguments.draft = not source
    return kind


def _line(asked: str, *, needed: bool = True) -> str:
    """A line that somebody types; it may be empty only if it is not `needed`."""
    while True:
        text = input(f"{asked}: ").strip()
        if text or not needed:
            return text


def _several(first: str, then: str) -> list[str]:
    texts = [_line(first)]
    while text := _line(f"{then} (empty: no more)", needed=False):
        texts.append(text)
    return texts


def _choice(asked: str, listed: list[str], *, needed: bool = True) -> str:
    """What somebody types; a number in front is replaced by what is listed under it."""
    for number, text in enumerate(listed[:_MOST_SHOWN], 1):
        print(safe(f"  {number:>2}  {text}"))
    if len(listed) > _MOST_SHOWN:
        print(f"      and {len(listed) - _MOST_SHOWN} more")
    text = _line(asked, needed=needed)
    chosen, space, rest = text.partition(" ")
    if chosen.isdecimal() and 0 < int(chosen) <= len(listed):
        return f"{listed[int(chosen) - 1]}{space}{rest}"
    return text
