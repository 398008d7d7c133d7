"""The command line. The only place that prints, exits, and reads the clock or the environment.

Exit codes: 0 fine, 1 the author's mistakes (all shown, nothing written), 2 wrong usage or the machine's trouble.
Everything slow to import is imported by the command that needs it, so that `--help` answers at once.
"""

import argparse
import os
import sys
import time
from contextlib import suppress
from errno import EINVAL, ENOTDIR
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import TextIO

    from deckwright.problem import Problem
    from deckwright.quiz.printing import Order


def main(arguments: list[str] | None = None) -> int:
    """Runs one command and returns its exit code."""
    _open_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a Windows terminal may lack a character
    parsed = _parser().parse_args(arguments)
    try:
        code: int = parsed.run(parsed)
        sys.stdout.flush()
    except BrokenPipeError:  # `deckwright check | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141  # what a shell reports of a program that nobody listens to any more
    except OSError as error:
        from deckwright.problem import one_line, spelt_out

        place = f"{spelt_out(str(error.filename))}: " if error.filename else ""
        said = f"{place}{one_line(str(error.strerror or error))}"
        with suppress(OSError):  # it may be this very stream that cannot be written
            print(f"deckwright: {_shown(said)}", file=sys.stderr)
        return 2
    except MemoryError:
        print("deckwright: out of memory", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return code


def _open_closed_streams() -> None:
    """Gives the program the streams that whoever started it left closed (`>&-`, a service, pythonw): nobody answers,
    and what is printed goes nowhere. Also keeps their numbers from files that the program opens."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            nowhere = os.open(os.devnull, os.O_RDWR)
            stream = open(nowhere, mode, encoding="utf-8", closefd=False)  # noqa: SIM115 - open until the program ends
            setattr(sys, name, stream)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="deckwright", description="Clinical facts as YAML question cards, compiled into Anki packages and quizzes."
    )
    parser.add_argument("-C", dest="root", metavar="DIR", default=".", help="the project's folder (default: this one)")
    parser.add_argument("--version", action="store_true", help="print the version and exit")
    parser.set_defaults(run=_nothing)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")

    build = commands.add_parser("build", help="check the cards and write the outputs into build/")
    build.add_argument("--to", action="append", default=[], metavar="NAME", help="only this output: anki or anki-text")
    build.add_argument("--out", metavar="DIR", help="write here instead of build/")
    build.add_argument("--released", action="store_true", help="for publishing: fail when anything is unreleased")
    build.set_defaults(run=_build)

    release = commands.add_parser("release", help="show what learners will get, ask, and write the next release")
    release.add_argument("--yes", action="store_true", help="do not ask")
    release.add_argument(
        "--resend", nargs="+", default=[], metavar="ID", help="send these cards again, to learners who touched them too"
    )
    release.add_argument(
        "--resend-rendered",
        action="store_true",
        help="send the notes again that are only rendered otherwise now",
    )
    release.add_argument("--undo", action="store_true", help="take back the last release, while nobody has it yet")
    release.add_argument("--out", metavar="DIR", help="write the outputs here instead of build/")
    release.set_defaults(run=_release)

    diff = commands.add_parser("diff", help="show what the next release does to learners")
    diff.add_argument("revision", nargs="?", metavar="REV", help="compare with a Git revision instead")
    diff.add_argument("--json", action="store_true", help="print it for programs")
    diff.set_defaults(run=_diff)

    _add_quiz(commands)

    check = commands.add_parser("check", help="show every mistake and every piece of advice; write nothing")
    check.add_argument(
        "--list", choices=("stale", "contested", "superseded", "withdrawn", "draft"), help="list these cards instead"
    )
    check.set_defaults(run=_check)

    sources = commands.add_parser("sources", help="what the source texts say, and whether cards agree with it")
    tasks = sources.add_subparsers(title="tasks", metavar="TASK", required=True)
    for name, about in (
        ("record", "note the figures of every paragraph in cards/sources.figures"),
        ("verify", "check places and figures on cards; with --text also whether the texts changed"),
        ("find", "print the citation of the paragraphs that hold some words"),
        ("report", "write build/sources.html: every paragraph and source with its cards"),
    ):
        task = tasks.add_parser(name, help=about)
        if name == "find":
            task.add_argument("words", nargs="+")
        if name == "report":
            task.add_argument("--out", metavar="DIR", help="write here instead of build/")
        else:
            task.add_argument("--text", metavar="DIR", required=name != "verify", help="the folder with the texts")
        task.set_defaults(run=_sources, task=name)

    schema = commands.add_parser("schema", help="print the JSON Schema of card files, for editors")
    schema.add_argument("file", nargs="?", choices=("cards", "deck", "sources"), default="cards", help="of which file")
    schema.set_defaults(run=_schema)
    return parser


def _add_quiz(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    quiz = commands.add_parser("quiz", help="print a quiz: sheets, answers, flash cards")
    which = quiz.add_argument_group("which questions")
    for name, about in (("topic", "a topic, with all below it"), ("tag", "a tag"), ("id", "a card")):
        which.add_argument(f"--{name}", action="append", default=[], help=f"{about} (repeatable)")
    which.add_argument("--kind", action="append", default=[], choices=("options", "cloze", "basic", "items"))
    which.add_argument("--count", type=int, metavar="N", help="how many questions (default: all there are)")
    which.add_argument("--include", action="append", default=[], choices=("superseded",), help="ask these too")
    which.add_argument("--except", action="append", default=[], metavar="FILE", dest="excluded", help="not these again")
    which.add_argument("--seed", default="", help="another choice and order (default: from the deck and the request)")
    which.add_argument("--again", metavar="FILE", help="print a quiz again, from its .quiz.yaml")
    how = quiz.add_argument_group("how")
    how.add_argument("--forms", type=int, default=1, metavar="N", help="forms A, B, … with other orders (1 to 26)")
    how.add_argument("--name", default="", help="of the files (default: quiz-<digest>)")
    how.add_argument("--title", default="", help="on the sheets")
    how.add_argument("--answers", choices=("separate", "appended", "none"))
    how.add_argument("--answers-only", action="store_true", help="with --again: the answers alone")
    how.add_argument("--to", action="append", default=[], choices=("pdf", "flashcards", "html", "docx"))
    how.add_argument("--paper", choices=("a4", "letter"), help="default: from deck.yaml")
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
    quiz.set_defaults(run=_quiz)


def _nothing(arguments: argparse.Namespace) -> int:
    if arguments.version:
        from importlib.metadata import version

        print(f"deckwright {version('deckwright')}")
        return 0
    _parser().print_help()
    return 2


def _build(arguments: argparse.Namespace) -> int:
    import gc

    gc.disable()  # a build makes no rubbish, only data it keeps; collecting made large decks take twice as long
    from pathlib import Path

    from deckwright import project
    from deckwright.formats import FORMATS

    unknown = [name for name in arguments.to if name not in FORMATS]
    if unknown:
        print(f"deckwright: no output is called {_shown(unknown[0])}; there is: {', '.join(FORMATS)}", file=sys.stderr)
        return 2
    root = Path(arguments.root)
    out = Path(arguments.out) if arguments.out else root / "build"
    with _Progress() as progress:
        built = project.build(root, out, arguments.to, _now(), progress, released_only=arguments.released)
    wrong = _print_problems(built.problems, sys.stderr)
    if wrong:
        print(f"{_counted(wrong, 'mistake')}; nothing was written", file=sys.stderr)
        return 1
    if arguments.released and not built.written and built.outcome is not None:
        changed = sum(change.what != "new" for change in built.outcome.changes)
        unreleased = f"{_counted(built.outcome.new, 'card')} new, {changed:,} changed"
        print(f"unreleased: {unreleased}; to study or share: deckwright release", file=sys.stderr)
        return 1
    for path, file in built.written:
        print(_shown(f"{path}  ({file.about})"))
    _print_gone(built.removed, built.left)
    if "anki-text" in arguments.to and not any(path.suffix == ".txt" for path, _ in built.written):
        print("There are no text corrections: no released note has been changed since.")
    if built.outcome is not None and built.outcome.unreleased:
        print("This is a draft, for looking at. To study or share: deckwright release")
    return 0


def _release(arguments: argparse.Namespace) -> int:
    import gc

    gc.disable()  # as in _build
    from pathlib import Path

    from deckwright import project
    from deckwright.release import diff

    root = Path(arguments.root)
    out = Path(arguments.out) if arguments.out else root / "build"
    if arguments.undo:
        return _undo(arguments, root, out)
    with _Progress() as progress:
        release = project.prepare_release(
            root, _now(), frozenset(arguments.resend), progress, resend_rendered=arguments.resend_rendered
        )
    wrong = _print_problems(release.problems, sys.stderr)
    if wrong or release.outcome is None:
        print(f"{_counted(wrong, 'mistake')}; nothing was released", file=sys.stderr)
        return 1
    unknown = sorted(set(arguments.resend) - set(release.outcome.lock.cards))
    if unknown:
        print(f"deckwright: no card that goes to learners is called {_shown(', '.join(unknown))}", file=sys.stderr)
        return 2
    outcome = release.outcome
    again = arguments.resend or (arguments.resend_rendered and outcome.resent)
    if not (outcome.unreleased or outcome.notetypes or again):
        print("Nothing to release: learners have all of it.")
        for line in diff.rendered(outcome):
            print(line)
        return 0
    for line in diff.lines(release.outcome, *release.said, marks=diff.PLAIN, shown=_shown):
        print(line)
    if not arguments.yes and not _agreed(f"Release this as {release.name}? Learners keep what they get. [y/N] "):
        print("nothing was released", file=sys.stderr)
        return 1
    done = project.write_release(root, out, release)
    for path, file in done.written:
        print(_shown(f"{path}  ({file.about})"))
    _print_gone(done.removed, done.left)
    lock, notes = root / "cards/released.lock", root / "cards/releases" / release.notes.name
    start = out / "START-HERE.html"
    print(_shown(f"Released. Read {notes}, commit it and {lock}, and publish the files that {start} names."))
    print("Until you have published: deckwright release --undo takes it back.")
    return 0


def _undo(arguments: argparse.Namespace, root: "Path", out: "Path") -> int:
    from deckwright import project

    if arguments.resend or arguments.resend_rendered:
        raise OSError(EINVAL, "--undo goes alone")
    release, problems = project.last_release(root, out)
    _print_problems(problems, sys.stderr)
    if release is None:
        return 1
    if not arguments.yes and not _agreed(f"Undo release {release.name}? Only if nobody has it yet. [y/N] "):
        print("nothing was undone", file=sys.stderr)
        return 1
    for path in project.undo_release(root, out, release):
        print(_shown(f"{path} removed"))
    print(f"Release {release.name} is undone. deckwright build makes a draft of what it held.")
    return 0


def _print_gone(removed: "list[Path]", left: "list[Path]") -> None:
    """What earlier builds left behind."""
    for path in removed:
        print(_shown(f"{path} removed; it is not made any more"), file=sys.stderr)
    for path in left:
        print(_shown(f"{path} was not written by this build; delete it unless you keep it on purpose"), file=sys.stderr)


def _agreed(question: str) -> bool:
    if not sys.stdin.isatty():
        print("deckwright: there is nobody to ask; in a script say --yes", file=sys.stderr)
        return False
    try:
        return input(question).strip().casefold() in ("y", "yes")
    except EOFError:
        return False


def _diff(arguments: argparse.Namespace) -> int:
    import json
    from pathlib import Path

    from deckwright import project
    from deckwright.release import diff

    found = project.difference(Path(arguments.root), _now(), arguments.revision)
    wrong = _print_problems(found.problems, sys.stderr)
    if found.outcome is None:
        return 1
    if arguments.json:
        print(json.dumps(diff.as_json(found.outcome, *found.said, found.against), ensure_ascii=False))
        return 1 if wrong else 0
    coloured = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    marks = diff.COLOURED if coloured else diff.PLAIN
    for line in diff.lines(found.outcome, *found.said, marks=marks, shown=_shown):
        print(line)
    return 1 if wrong else 0


def _quiz(arguments: argparse.Namespace) -> int:
    from pathlib import Path

    from deckwright.quiz import printing as quizzes
    from deckwright.quiz.select import MOST_FORMS, Request

    if not 1 <= arguments.forms <= MOST_FORMS:
        raise OSError(EINVAL, f"there can be 1 to {MOST_FORMS} forms, not {arguments.forms}")
    if arguments.count is not None and arguments.count < 1:
        raise OSError(EINVAL, f"there can be no quiz of {arguments.count} questions")
    asked = ("topic", "tag", "id", "kind", "count", "include", "excluded", "seed", "name", "title")
    given = [name for name in asked if getattr(arguments, name)] + (["forms"] if arguments.forms != 1 else [])
    if arguments.again and given:
        option = "except" if given[0] == "excluded" else given[0]
        message = f"--{option} does not go with --again, which prints a quiz as it was; --out DIR keeps earlier files"
        raise OSError(EINVAL, message)
    if arguments.answers_only and (not arguments.again or arguments.to not in ([], ["pdf"])):
        raise OSError(EINVAL, "--answers-only goes with --again, and makes PDFs alone")
    root = Path(arguments.root)
    out = Path(arguments.out) if arguments.out else root / "build"
    order = _order(arguments)
    if arguments.again:
        printed = quizzes.again(root, out, Path(arguments.again), order)
    else:
        request = Request(
            topics=tuple(arguments.topic),
            tags=tuple(arguments.tag),
            kinds=tuple(arguments.kind),
            ids=tuple(arguments.id),
            count=arguments.count,
            superseded="superseded" in arguments.include,
            excluded=quizzes.asked_already([Path(name) for name in arguments.excluded]),
            seed=arguments.seed,
        )
        printed = quizzes.make(root, out, request, order)
    wrong = _print_problems(printed.problems, sys.stderr)
    if printed.elsewhere:
        print(f"{_counted(printed.elsewhere, 'mistake')} in other cards (deckwright check)", file=sys.stderr)
    if wrong:
        print(f"{_counted(wrong, 'mistake')}; nothing was written", file=sys.stderr)
        return 1
    for path, file in printed.written:
        print(_shown(f"{path}  ({file.about})"))
    if printed.selected and printed.selected.superseded:
        print(f"{_counted(printed.selected.superseded, 'superseded card')} left out (--include superseded)")
    if printed.selected and printed.selected.alike:
        print(f"{_counted(printed.selected.alike, 'card')} left out: they and others would answer each other")
    for notice in printed.notices:
        print(_shown(f"deckwright: {notice}"), file=sys.stderr)
    if printed.quiz:
        quiz = printed.quiz
        print(_shown(f"quiz {quiz.digest}, seed {quiz.seed}, {_counted(len(quiz.questions), 'question')}"))
    return 0


def _order(arguments: argparse.Namespace) -> "Order":
    """How a quiz is to be printed."""
    import re
    from pathlib import Path

    from deckwright.formats import Medium
    from deckwright.pictures import cleaned
    from deckwright.quiz.file import INSTRUCTIONS, LINE, NAME
    from deckwright.quiz.job import Cutting, Layout
    from deckwright.quiz.printing import Order

    if not all(abs(offset) <= MOST_OFFSET for offset in arguments.offset):
        raise OSError(EINVAL, f"backs can be moved by {MOST_OFFSET} millimetres at most")
    if arguments.name and not re.fullmatch(NAME, arguments.name):
        message = (
            "a name is letters, digits, spaces, dots and hyphens; it begins and ends with a letter or digit, and is not"
            " a word that Windows keeps for itself (CON, AUX, NUL, COM1 …)"
        )
        raise OSError(EINVAL, message, arguments.name)
    for name in ("title", "seed", "institution", "instructions"):
        text = getattr(arguments, name)
        line = INSTRUCTIONS if name == "instructions" else LINE
        if text and not re.fullmatch(line, text):
            raise OSError(EINVAL, "this is too long, or holds signs that cannot be printed", f"--{name}")
    given = {
        name: getattr(arguments, name)
        for name in ("paper", "columns", "large", "institution", "instructions", "points", "answer_sheet", "answers")
        if getattr(arguments, name) is not None
    }
    if arguments.font:
        given["fonts"] = tuple(arguments.font)
    if arguments.font_path:
        given["font_folders"] = tuple(Path(folder) for folder in arguments.font_path)
    if arguments.logo:
        path = Path(arguments.logo)
        if path.suffix.lower() not in (".svg", ".png", ".jpg", ".jpeg"):
            raise OSError(EINVAL, "a logo is an SVG, PNG or JPEG file", arguments.logo)
        picture = cleaned(path.read_bytes())
        if picture.fault:
            raise OSError(EINVAL, f"this picture cannot be used: {picture.fault}", arguments.logo)
        given["logo"] = Medium(f"logo{path.suffix.lower()}", picture.data)
        given["logo_name"] = path.name[:200]
    return Order(
        layout=Layout(**{"title": arguments.title, "name": arguments.name, "paper": "", **given}),
        given=frozenset(given),
        forms=arguments.forms,
        targets=tuple(arguments.to) or ("pdf",),
        cutting=Cutting(flip=arguments.flip, dx=arguments.offset[0], dy=arguments.offset[1]),
        answers_only=arguments.answers_only,
    )


def _check(arguments: argparse.Namespace) -> int:
    import gc

    gc.disable()  # as in _build
    from pathlib import Path

    from deckwright import project

    if arguments.list:
        return _list(arguments)
    with _Progress() as progress:
        checked = project.check(Path(arguments.root), _now(), progress)
    wrong = _print_problems(checked.problems, sys.stdout)
    advice = len(checked.problems) - wrong
    parts = [_counted(checked.cards, "card"), _counted(wrong, "mistake")]
    parts += [f"{advice:,} of advice"] if advice else []
    parts += [_counted(checked.drafts, "draft")] if checked.drafts else []
    print(", ".join(parts))
    return 1 if wrong else 0


def _list(arguments: argparse.Namespace) -> int:
    from datetime import UTC, datetime
    from pathlib import Path

    from deckwright.checks.lists import listed
    from deckwright.files import Folder

    found = listed(Folder(Path(arguments.root)), arguments.list, datetime.fromtimestamp(_now(), UTC).date())
    for card in found:
        print(_shown(str(card)))
    print(f"{_counted(len(found), 'card')} {arguments.list}")
    return 0


def _sources(arguments: argparse.Namespace) -> int:
    from pathlib import Path

    from deckwright.sources import tasks as sourcing

    root = Path(arguments.root)
    if arguments.task == "report":
        out = Path(arguments.out) if arguments.out else root / "build"
        for path, file in sourcing.report(root, out, _now()):
            print(_shown(f"{path}  ({file.about})"))
        return 0
    folder = Path(arguments.text) if arguments.text else None
    if folder is not None and not folder.is_dir():
        raise OSError(ENOTDIR, "there is no such folder", arguments.text)
    if arguments.task == "find":
        places, problems = sourcing.find(root, Path(arguments.text), " ".join(arguments.words))
        for place in places:
            without = f"  (without {', '.join(place.missing)})" if place.missing else ""
            print(_shown(f"{place.citation}{without}\n    {place.passage}"))
        if not places and not problems:
            print("no paragraph holds any of these words", file=sys.stderr)
        return 1 if _print_problems(problems, sys.stderr) or not places else 0
    if arguments.task == "record":
        problems, paragraphs = sourcing.record(root, Path(arguments.text))
        wrong = _print_problems(problems, sys.stderr)
        print(f"{_counted(paragraphs, 'paragraph')} recorded" if not wrong else "nothing was recorded")
        return 1 if wrong else 0
    wrong = _print_problems(sourcing.verify(root, folder), sys.stdout)
    print(_counted(wrong, "mistake"))
    return 1 if wrong else 0


def _schema(arguments: argparse.Namespace) -> int:
    import json

    from deckwright.reading.schema import schema

    print(json.dumps(schema(arguments.file), indent=2, ensure_ascii=False))
    return 0


def _now() -> int:
    """The time in seconds since 1970; SOURCE_DATE_EPOCH stands in for it, so that a draft can be repeated to the
    byte."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    try:
        now = int(epoch or time.time())
    except ValueError:
        now = 0
    if now in TIMES:
        return now
    if epoch:
        message = "write a number of seconds since 1970 that is a time between 1980 and 2105, or unset it"
        raise OSError(EINVAL, message, "SOURCE_DATE_EPOCH")
    raise OSError(EINVAL, "this machine's clock is not between 1980 and 2105; set it right")


TIMES = range(315_532_800, 4_291_747_200)
"""The years 1980 to 2105, in seconds since 1970. Clocks outside them are wrong, and cannot be written everywhere."""


def _print_problems(problems: "list[Problem]", stream: "TextIO") -> int:
    """Prints all and returns how many are errors."""
    for problem in problems:
        print(_shown(str(problem)), file=stream)
    return sum(problem.severity == "error" for problem in problems)


def _shown(text: str) -> str:
    """Text from a stranger's file, without what could command a terminal."""
    if text.replace("\n", "").isprintable():
        return text  # nearly every text; letter by letter takes ten times as long
    from unicodedata import category

    return "".join(
        c.encode("unicode_escape").decode() if c != "\n" and category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") else c
        for c in text
    )


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


MOST_OFFSET = 50


class _Progress:
    """A bar on a terminal, once something has taken longer than a second."""

    def __init__(self) -> None:
        self.start = time.monotonic()
        self.shown = False

    def __enter__(self) -> "Callable[[int, int], None] | None":
        return self.step if sys.stderr.isatty() else None

    def step(self, done: int, of: int) -> None:
        if time.monotonic() - self.start > 1:
            self.shown = True
            filled = 30 * done // of
            print(f"\r[{'#' * filled}{'.' * (30 - filled)}] {done:,} of {of:,} files", end="", file=sys.stderr)

    def __exit__(self, *_: object) -> None:
        if self.shown:
            print("\r" + " " * 70 + "\r", end="", file=sys.stderr)
