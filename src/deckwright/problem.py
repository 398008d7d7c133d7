"""An error is a value: where it is, what is wrong, and the way out.

In: what a stage found. Out: one clickable line per problem, with its hint below. Apart because every stage
hands problems on and only the command line prints them.
"""

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple


class Trouble(Exception):  # noqa: N818 - errors are what authors make
    """Wrong usage, or the machine's trouble. It is about no card, so it ends the command, in one line of text."""

    def __init__(self, message: str, about: str = "") -> None:
        """`about` is the file or option that the message is about."""
        super().__init__(f"{spelt_out(about)}: {one_line(message)}" if about else one_line(message))


class Severity(StrEnum):
    ERROR = "error"
    """Nothing is written until it is fixed."""
    WARNING = "warning"
    """Worth a look; outputs are still written."""


class Level(StrEnum):
    """How strictly a rule of writing is applied."""

    OFF = "off"
    WARNING = "warning"
    ERROR = "error"


class Code(NamedTuple):
    """What all problems of one code have in common."""

    severity: Severity
    """As `deckwright check` has it."""
    meaning: str
    acceptable: bool = False
    """Whether a card may accept it with `allow:`."""
    level: Level | None = None
    """Of a rule of writing: how strictly it is applied unless deck.yaml says otherwise. None for every other code."""


def _writing(meaning: str, level: Level = Level.WARNING) -> Code:
    """The code of a rule of writing."""
    return Code(Severity.WARNING, meaning, acceptable=True, level=level)


CODES: Mapping[str, Code] = {
    # Files and folders
    "no-deck": Code(Severity.ERROR, "cards/deck.yaml is missing."),
    "no-cards": Code(Severity.ERROR, "No card file was found."),
    "stray-file": Code(
        Severity.ERROR, "A file that looks like cards but is not read. For any other unknown file it is only a warning."
    ),
    "link-outside": Code(Severity.ERROR, "A link leads out of the project."),
    "linked-folder": Code(Severity.ERROR, "A link leads to a folder; such links are not followed."),
    "encoding": Code(Severity.ERROR, "The file is not saved as UTF-8."),
    "line-end": Code(Severity.ERROR, "The file has the line ends of old Macintosh computers."),
    "missing-file": Code(Severity.ERROR, "A picture is not in cards/media/."),
    "unsafe-file": Code(Severity.ERROR, "A file name contains a folder, or characters that are not allowed in one."),
    "media-case": Code(
        Severity.ERROR, "The names of two pictures differ only in capitals; Windows and macOS see one file."
    ),
    "bad-picture": Code(Severity.ERROR, "A picture cannot be printed."),
    "merge-conflict": Code(Severity.ERROR, "A merge by Git left two versions in the file."),
    # YAML
    "yaml-syntax": Code(Severity.ERROR, "YAML cannot read this line."),
    "swallowed-text": Code(
        Severity.ERROR, "YAML would drop or change a part of this text; the line is shown as it should be."
    ),
    "open-quote": Code(Severity.ERROR, "The closing quote is missing, or comes only after the next key."),
    "run-on-list": Code(Severity.ERROR, "YAML would run this list into the text above it."),
    "list-in-brackets": Code(Severity.ERROR, "A list in [ ], where YAML would split the text at a comma."),
    "doubled-key": Code(Severity.ERROR, "A key appears twice."),
    "merge-key": Code(Severity.ERROR, "The key `<<`, which would merge other keys in."),
    "alias": Code(Severity.ERROR, "A `*` in front of a text, which YAML reads as a reference."),
    "directive": Code(Severity.ERROR, "A line that begins with %, which YAML reads as an instruction."),
    "several-documents": Code(Severity.ERROR, "A second YAML document starts in the file."),
    "too-deep": Code(Severity.ERROR, "Lists are nested too deeply."),
    "tab": Code(Severity.ERROR, "A tab; use spaces."),
    "odd-space": Code(Severity.ERROR, "A space that YAML does not accept, often typed by word processors."),
    "invisible-character": Code(Severity.ERROR, "A character that nobody can see."),
    # Keys and values
    "unknown-key": Code(Severity.ERROR, "A key that does not exist here."),
    "missing-key": Code(Severity.ERROR, "A key that is required here is missing."),
    "wrong-shape": Code(Severity.ERROR, "The value is not in the form that this key needs."),
    "empty-text": Code(Severity.ERROR, "A text is empty, or shows nothing."),
    "bad-id": Code(Severity.ERROR, "An id is not lower-case letters, digits and hyphens."),
    "bad-tag": Code(Severity.ERROR, "A tag is not one word."),
    "bad-topic": Code(Severity.ERROR, "A topic or title is not in the form that Anki needs."),
    "topic-case": Code(Severity.ERROR, "A topic is capitalised differently elsewhere."),
    "bad-date": Code(Severity.ERROR, "A date or year cannot be read."),
    "future-date": Code(Severity.ERROR, "A date is in the future."),
    "bad-language": Code(Severity.ERROR, "The language is not a code such as en-GB."),
    "no-words": Code(Severity.WARNING, "The program has no words in the language of the deck, and uses English ones."),
    "bad-address": Code(Severity.ERROR, "A web address cannot be used."),
    "bad-doi": Code(Severity.ERROR, "A DOI is not written as one."),
    "unused-allow": Code(Severity.WARNING, "`allow:` accepts a problem that the card does not have."),
    "bad-rule": Code(Severity.ERROR, "`rules:` in cards/deck.yaml names a rule that does not exist."),
    "bad-allow": Code(Severity.ERROR, "`allow:` names a problem that does not exist, or that cannot be accepted."),
    # Cards
    "no-kind": Code(Severity.ERROR, "A card has no answer, options, items or cloze text."),
    "two-kinds": Code(Severity.ERROR, "A card has the keys of two kinds."),
    "doubled-id": Code(Severity.ERROR, "Two cards have the same id."),
    "doubled-option": Code(Severity.ERROR, "Two options say the same."),
    "doubled-item": Code(Severity.ERROR, "Two items say the same."),
    "options": Code(Severity.ERROR, "There is no correct option, or no wrong one."),
    "items": Code(Severity.ERROR, "A list has one item only, or too many."),
    "masks": Code(Severity.ERROR, "No mask of a picture counts, or there are too many."),
    "picture-size": Code(Severity.ERROR, "A picture with masks has no size of its own, or is turned by its metadata."),
    "mask-outside": Code(Severity.ERROR, "A mask is not wholly on its picture."),
    "mask-doubled": Code(Severity.ERROR, "Two masks cover the same place."),
    "mask-overlap": Code(Severity.WARNING, "A mask covers a part of another.", acceptable=True),
    "mask-small": Code(Severity.WARNING, "A mask is too small for a phone.", acceptable=True),
    "alt-answers": Code(Severity.WARNING, "The text of a picture names what is asked.", acceptable=True),
    "bad-number": Code(Severity.ERROR, "The number of an item or of a retired gap is used twice, or is too high."),
    "image-syntax": Code(Severity.ERROR, "A picture is not written as `![what it shows](file.svg)`."),
    "image-text": Code(Severity.ERROR, "A picture has no text for those who cannot see it."),
    "image-kind": Code(Severity.ERROR, "A picture in a format that not every Anki shows."),
    "not-corrected": Code(Severity.ERROR, "`corrected:` names a wrong answer that the card still gives."),
    "unknown-card": Code(Severity.ERROR, "`see:` names a card that does not exist, or that is a draft or withdrawn."),
    "output-clash": Code(Severity.ERROR, "Two topics would be written to one file."),
    "picture-metadata": Code(Severity.WARNING, "A picture's file holds data about people; outputs leave it out."),
    "picture-large": Code(Severity.WARNING, "A picture is larger than any screen."),
    "anki-formula": Code(Severity.WARNING, "A formula is written as in Anki, not as here.", acceptable=True),
    "open-formula": Code(Severity.WARNING, "A `$` begins a formula that does not end.", acceptable=True),
    "html-tag": Code(Severity.WARNING, "An HTML tag is shown as written.", acceptable=True),
    "html-entity": Code(Severity.WARNING, "An HTML entity is shown as written.", acceptable=True),
    "anki-cloze": Code(Severity.WARNING, "A gap is on a card without gaps.", acceptable=True),
    "anki-sound": Code(Severity.WARNING, "A sound is named; cards have none.", acceptable=True),
    "table-as-written": Code(Severity.WARNING, "A row of a table has more cells than its header.", acceptable=True),
    "math-not-printed": Code(
        Severity.WARNING, "A formula that sheets print as written, because they cannot typeset it.", acceptable=True
    ),
    "reverse-answer": Code(
        Severity.WARNING, "The answer of the question the other way round is a question itself.", acceptable=True
    ),
    "points-at-letter": Code(
        Severity.WARNING,
        "A text refers to an option by its letter, so the options are never shuffled.",
        acceptable=True,
    ),
    # Writing: questions with options
    "key-longest": _writing("The correct option is conspicuously the longest."),
    "all-of-the-above": _writing('An option is "all of the above".'),
    "none-of-the-above": _writing('An option is "none of the above".'),
    "combined-options": _writing('An option combines others, as "A and C" does.'),
    "few-options": _writing("There are only two options."),
    "negative-question": _writing("A question asks for the exception, and the word that says so is not emphasised."),
    "unfocused-question": _writing("A question asks only what is true, and says nothing of what is asked."),
    "not-a-question": _writing("The text above options does not end with a question.", Level.OFF),
    "article-cue": _writing('A question ends with "a" or "an", which does not fit every option.'),
    "absolute-wording": _writing("A wrong option says always, never or the like.", Level.OFF),
    "vague-wording": _writing("An option says usually, rarely or the like.", Level.OFF),
    "repeated-word": _writing("A word of the question is in the correct option only.", Level.OFF),
    "options-order": _writing("Numbers to choose from are not in order."),
    "options-overlap": _writing("Ranges to choose from overlap."),
    # Writing: questions to recall
    "long-answer": _writing("An answer has more than 25 words."),
    "long-question": _writing("A question has more than 40 words, and no case in it.", Level.OFF),
    "long-list": _writing("A list has more than six items."),
    "list-as-answer": _writing("An answer is a list, written as one text."),
    "two-questions": _writing("A card asks two questions at once."),
    "many-gaps": _writing("A text has more than three gaps."),
    "answer-given-away": _writing("The answer is in the question."),
    "yes-no": _writing("The answer is yes or no."),
    "no-context": _writing("A question begins with a pronoun that refers to nothing."),
    "near-duplicate": _writing("Two cards ask the same thing, in almost the same words."),
    "same-question": _writing("Two cards ask the same question, and their answers differ."),
    # Writing: clinical notation
    "naked-decimal": _writing("A dose without a digit before the point, .5 mg."),
    "trailing-zero": _writing("A dose with a zero after the point, 5.0 mg."),
    "error-prone-abbreviation": _writing("An abbreviation that leads to wrong doses."),
    # Gaps
    "cloze-missing": Code(Severity.ERROR, "A cloze text has no gap."),
    "cloze-unclosed": Code(Severity.ERROR, "A gap is not closed."),
    "cloze-number": Code(Severity.ERROR, "The number of a gap is not one that Anki knows."),
    "cloze-empty": Code(Severity.ERROR, "A gap hides nothing."),
    "cloze-in-hint": Code(Severity.ERROR, "A gap is inside the hint of another gap."),
    "cloze-deep": Code(Severity.ERROR, "Too many gaps are inside each other."),
    "cloze-crosses": Code(Severity.ERROR, "A gap crosses other markup."),
    "cloze-malformed": Code(Severity.ERROR, "A gap is not written correctly."),
    # Sources
    "no-sources": Code(Severity.ERROR, "Cards cite sources, but cards/sources.yaml describes none."),
    "unknown-source": Code(Severity.ERROR, "cards/sources.yaml has no source with this id."),
    "bibliography-unread": Code(Severity.ERROR, "A file of sources to add cannot be read."),
    "bibliography-entry": Code(Severity.ERROR, "An entry in a file of sources to add cannot be read or looked up."),
    "several-sources": Code(Severity.ERROR, "One entry names several sources."),
    "figure-unsupported": Code(
        Severity.WARNING,
        "None of the cited sources contains a figure. `sources verify` reports it as an error.",
        acceptable=True,
    ),
    "no-paragraph": Code(Severity.WARNING, "A source has no such paragraph. `sources verify` reports it as an error."),
    "paragraph-open": Code(
        Severity.WARNING,
        "A paragraph of a source is neither on a card nor in cards/coverage.yaml. `sources verify` reports it as an"
        " error.",
    ),
    "bad-coverage": Code(
        Severity.WARNING, "An entry of cards/coverage.yaml cannot be used. `sources verify` reports it as an error."
    ),
    "figures-corrupt": Code(
        Severity.WARNING, "cards/sources.figures was edited or damaged. `sources verify` reports it as an error."
    ),
    "not-recorded": Code(Severity.ERROR, "A source with a text has not been recorded."),
    "missing-text": Code(Severity.ERROR, "The text of a source is not in the folder named."),
    "bad-encoding": Code(Severity.ERROR, "The text of a source is not saved as UTF-8."),
    "text-changed": Code(
        Severity.ERROR,
        "The text of a source has changed since it was recorded. `sources record` reports it as a warning.",
    ),
    # What learners have
    "answer-changed": Code(Severity.ERROR, "The answer of a released card is a different one.", acceptable=True),
    "was-never-said": Code(
        Severity.WARNING, "`corrected:` names an answer that the released card does not have.", acceptable=True
    ),
    "answer-unknown": Code(Severity.WARNING, "The released answer is not known, because the lock has version 1."),
    "card-gone": Code(Severity.ERROR, "A released card is gone, or a draft again."),
    "id-changed": Code(Severity.ERROR, "A released card has a new id."),
    "id-reused": Code(Severity.ERROR, "The id of a released card names another question.", acceptable=True),
    "kind-changed": Code(Severity.ERROR, "The kind of a released card has changed.", acceptable=True),
    "number-gone": Code(
        Severity.ERROR,
        "A gap or item of a released card is gone, or `reverse` was removed.",
        acceptable=True,
    ),
    "number-moved": Code(Severity.ERROR, "The number of a gap or item has changed.", acceptable=True),
    "cards-moved": Code(
        Severity.WARNING,
        "Released cards have moved to another topic; learners' cards stay in the old deck.",
        acceptable=True,
    ),
    "deck-changed": Code(Severity.ERROR, "The namespace or title has changed since the release."),
    "note-type-changed": Code(
        Severity.ERROR, "This version makes different fields or templates from those of the release."
    ),
    "text-without-pictures": Code(
        Severity.WARNING, "Corrections as text leave out cards with changed pictures or reverse questions."
    ),
    "not-compared": Code(Severity.WARNING, "A file had errors at the revision that the deck is compared with."),
    "lock-missing": Code(Severity.ERROR, "There are release notes, but cards/released.lock is missing."),
    "lock-corrupt": Code(Severity.ERROR, "cards/released.lock was edited or damaged."),
    "lock-conflict": Code(Severity.ERROR, "A merge left two versions in cards/released.lock."),
    "lock-doubled": Code(Severity.ERROR, "Two lines of cards/released.lock are about the same thing."),
    "lock-short": Code(Severity.ERROR, "Lines are missing from cards/released.lock."),
    "lock-version": Code(Severity.ERROR, "A newer version of deckwright wrote cards/released.lock."),
    "lock-ahead": Code(Severity.ERROR, "cards/released.lock contains a time in the future."),
    "nothing-released": Code(Severity.ERROR, "There is no release to undo."),
    "edit-impossible": Code(Severity.ERROR, "A card cannot be changed without changing something else."),
    "undo-impossible": Code(Severity.ERROR, "The lock from before the last release cannot be found."),
    # Quizzes
    "quiz-unknown": Code(Severity.ERROR, "No card has the topic, tag or id asked for."),
    "quiz-empty": Code(Severity.ERROR, "No card matches."),
    "quiz-too-few": Code(Severity.ERROR, "There are fewer questions than asked for."),
    "quiz-exists": Code(Severity.ERROR, "Another quiz has this name."),
    "quiz-file": Code(Severity.ERROR, "The file is not one that deckwright wrote."),
    "quiz-version": Code(Severity.ERROR, "Another version of deckwright wrote the file."),
    "quiz-foreign": Code(Severity.ERROR, "The quiz belongs to another deck."),
    "quiz-card-gone": Code(Severity.ERROR, "A card of the quiz is gone, or has an error."),
    "quiz-card-withdrawn": Code(Severity.ERROR, "A card of the quiz was withdrawn, or is a draft."),
    "quiz-options-changed": Code(
        Severity.ERROR, "The options of a card of the quiz changed too much to keep the printed letters."
    ),
    "missing-glyph": Code(Severity.ERROR, "No font has a character that is to be printed."),
    "small-print": Code(Severity.WARNING, "A card is so long that its flash card cannot be read well."),
    "not-printable": Code(Severity.ERROR, "The PDF engine cannot print something."),
}
"""Every problem there is, by its code."""

ACCEPTABLE = tuple(sorted(code for code, about in CODES.items() if about.acceptable))
"""The codes that a card may accept with `allow:`."""

LEVELS: Mapping[str, Level] = {code: about.level for code, about in CODES.items() if about.level is not None}
"""Every rule of writing, by the code of its problems, with how strictly it is applied unless deck.yaml says otherwise.
Rules of which one in five warnings would be wrong are off."""


TODAY = "YYYY-MM-DD"
"""In a hint, the day on which it is read. What makes hints does not know the day; what prints them does."""


class Span(NamedTuple):
    """A place in one of the author's files."""

    file: str
    """Path from the project's folder, with forward slashes."""
    line: int = 1
    """From 1."""
    column: int = 1
    """From 1, in characters."""


NOWHERE = Span("", 0, 0)
"""The place of a request that cannot be met: it is in no file."""


class Rewrite(NamedTuple):
    """Lines of one of the author's files as they should be."""

    first: int
    """The number of the first line that is replaced, from 1."""
    last: int
    """The number of the last."""
    lines: tuple[str, ...]
    """What replaces them, without line ends."""


class Fix(str):
    """A way out that a program can take: what is said of it, and what it does. Whoever writes the text writes both, so
    that `check` shows what `check --fix` does."""

    __slots__ = ("rewrite",)

    rewrite: Rewrite

    def __new__(cls, text: str, rewrite: Rewrite) -> "Fix":
        self = str.__new__(cls, text)
        self.rewrite = rewrite
        return self


class Swap(str):
    """A way out in which a part of the author's line becomes another: `5.0 mg` becomes `5 mg`."""

    __slots__ = ("new", "old")

    old: str
    new: str

    def __new__(cls, old: str, new: str) -> "Swap":
        self = str.__new__(cls, f"write {new}")
        self.old, self.new = old, new
        return self


class _Problem(NamedTuple):
    span: Span
    """NOWHERE if no file is wrong."""
    code: str
    """A stable slug that can be looked up and, for a warning, accepted with `allow:`."""
    message: str
    """What is wrong, in the author's words, without a full stop."""
    hint: str = ""
    """The way out; may hold a line as it should be written. A `Fix` if a program can take it."""
    severity: Severity = Severity.ERROR
    """What CODES says, unless `as_errors` or `as_warnings` judged it otherwise."""


class Problem(_Problem):
    """One problem: a frozen value that sorts by place. Its severity is that of its code in CODES."""

    __slots__ = ()

    def __new__(
        cls, span: Span, code: str, message: str, hint: str = "", severity: Severity | None = None
    ) -> "Problem":
        return super().__new__(cls, span, code, message, hint, severity or CODES[code].severity)

    @property
    def rewrite(self) -> Rewrite | None:
        """What fixes it; None if only a person can."""
        return self.hint.rewrite if isinstance(self.hint, Fix) else None

    def __str__(self) -> str:
        file, line, column = self.span
        place = "" if self.span == NOWHERE else f"{spelt_out(file)}:{line}:{column}: "
        first = f"{place}{self.severity}: {one_line(self.message)} [{self.code}]"
        return first + "".join(f"\n    {part}" for part in self.hint.splitlines())


def one_line(text: str) -> str:
    """A text without its line ends. Editors and programs read what is printed line by line, and an author's text must
    not look like one of ours."""
    return " ".join(line.strip() for line in text.splitlines() if line.strip())


def spelt_out(name: str) -> str:
    """The name of a file with its line ends and other control characters spelt out."""
    return _CONTROL.sub(lambda match: match[0].encode("unicode_escape").decode(), name)


_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def errors(problems: Iterable[Problem]) -> list[Problem]:
    """Those that keep the outputs from being written."""
    return [problem for problem in problems if problem.severity is Severity.ERROR]


def as_errors(problems: Iterable[Problem]) -> list[Problem]:
    """The same problems as errors, for a command that judges harder than CODES."""
    return [problem._replace(severity=Severity.ERROR) for problem in problems]


def as_warnings(problems: Iterable[Problem]) -> list[Problem]:
    """The same problems as warnings, for a command or a place that judges less hard than CODES."""
    return [problem._replace(severity=Severity.WARNING) for problem in problems]


def as_wanted(problem: Problem, wanted: Mapping[str, Severity]) -> Problem:
    """The same problem, as severe as a deck wants those of its code."""
    return problem._replace(severity=wanted[problem.code])


def accepts(allow: Mapping[str, str], code: str) -> bool:
    """Whether a card with this `allow:` accepts the problems of a code."""
    return code in allow and CODES[code].acceptable


def not_accepted(problems: Iterable[Problem], allow: Mapping[str, str]) -> list[Problem]:
    """The problems of a card that it does not accept with its `allow:`."""
    return [problem for problem in problems if not accepts(allow, problem.code)]
