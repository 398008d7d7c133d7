"""The rules of writing: how a deck switches them, when they are applied, and what is left alone."""

from pathlib import Path

import pytest

from conftest import STAMP, MakeProject, release
from deckwright.files import Folder, Unsaved
from deckwright.problem import LEVELS, Level, Severity
from deckwright.project import Held, Project, build, check
from deckwright.reading.schema import schema

DECK = "title: Backs\nnamespace: backs\n"
NO = "topic: T\ncards:\n  - id: {}\n    question: Is the femur the longest bone?\n    answer: {}\n    sources: book\n"
ASKED = "topic: T\ncards:\n  - id: {}\n    question: {}\n    answer: {}\n    sources: book\n"
OPTIONS = "topic: T\ncards:\n  - id: one\n    question: {}\n    sources: book\n    options:\n"


def codes(root: Path) -> list[str]:
    return [problem.code for problem in check(root, STAMP).problems]


def options(question: str, correct: str, *wrong: str) -> str:
    entries = [f"correct: {correct}", *(f"wrong: {text}" for text in wrong)]
    return OPTIONS.format(question) + "".join(f"      - {entry}\n" for entry in entries)


def test_a_deck_says_how_strictly_a_rule_is_applied(project: MakeProject) -> None:
    files: dict[str, str | bytes] = {"a.yaml": NO.format("one", "Yes"), "deck.yaml": DECK}
    assert codes(project(files)) == ["yes-no"]
    assert codes(project({**files, "deck.yaml": DECK + "rules: {yes-no: off}\n"})) == []
    root = project({**files, "deck.yaml": DECK + "rules:\n  yes-no: error\n"})
    assert [problem.severity for problem in check(root, STAMP).problems] == [Severity.ERROR]
    built = build(root, root / "build", [], STAMP)
    assert ([problem.code for problem in built.problems], built.written) == (["yes-no"], [])


def test_a_build_applies_only_what_would_stop_it(project: MakeProject) -> None:
    root = project({"a.yaml": NO.format("one", "Yes"), "deck.yaml": DECK})
    assert build(root, root / "build", [], STAMP).problems == []
    held = Held.compiled(Project.open(Folder(root)))
    assert held.files[0].asked == ()


@pytest.mark.parametrize(
    ("rules", "code", "message", "hint"),
    [
        ("{key-longst: off}", "bad-rule", "there is no rule `key-longst`", "did you mean `key-longest` or "),
        ("{missing-key: off}", "bad-rule", "`missing-key` is always applied", "the rules are: key-longest, "),
        ("{yes-no: of}", "wrong-shape", '`yes-no` cannot be "of"', "did you mean `off`?"),
        ("{yes-no: never}", "wrong-shape", '`yes-no` cannot be "never"', "write one of: off, warning, error"),
        ("yes-no", "wrong-shape", "`rules` should name rules and how strictly they are applied", "write the code "),
    ],
)
def test_rules_that_cannot_be_read(rules: str, code: str, message: str, hint: str, project: MakeProject) -> None:
    root = project({"a.yaml": NO.format("one", "Of all"), "deck.yaml": f"{DECK}rules: {rules}\n"})
    [problem] = check(root, STAMP).problems
    assert (problem.code, problem.message) == (code, message)
    assert problem.hint.startswith(hint)


def test_what_can_be_read_of_rules_counts(project: MakeProject) -> None:
    deck = DECK + "rules:\n  yes-no: off\n  no-such: off\n"
    assert codes(project({"a.yaml": NO.format("one", "Yes"), "deck.yaml": deck})) == ["bad-rule"]
    assert codes(project({"a.yaml": NO.format("one", "Yes"), "deck.yaml": deck.replace("no: off", "no: of", 1)})) == [
        "wrong-shape",
        "bad-rule",
    ]


def test_editors_know_the_rules() -> None:
    assert schema("deck")["properties"]["rules"]["propertyNames"]["enum"] == list(LEVELS)


def test_rules_for_english_words(project: MakeProject) -> None:
    files: dict[str, str | bytes] = {"a.yaml": NO.format("one", "No"), "deck.yaml": DECK}
    assert codes(project(files)) == ["yes-no"]
    assert codes(project({**files, "deck.yaml": DECK + "language: fr\n"})) == []


def test_a_withdrawn_card_is_left_alone(project: MakeProject) -> None:
    withdrawn = NO.format("one", "Yes") + "    withdrawn: {on: 2026-11-22, reason: Silly}\n"
    files: dict[str, str | bytes] = {"a.yaml": withdrawn, "b.yaml": NO.format("two", "No"), "deck.yaml": DECK}
    assert codes(project(files)) == ["yes-no"], "of the other card, which asks the same"


def test_writing_is_judged_once_the_file_has_no_errors(project: MakeProject) -> None:
    text = NO.format("one", "Yes").replace("sources: book", "sources: bok")
    assert codes(project({"a.yaml": text, "deck.yaml": DECK})) == ["unknown-source"]


# --- cards alike --------------------------------------------------------------------------------------------


def alike(project: MakeProject, *cards: tuple[str, str]) -> list[tuple[str, str]]:
    """The problems of a deck of these questions and answers, a file each."""
    files = {f"{n}.yaml": ASKED.format(f"card-{n}", question, answer) for n, (question, answer) in enumerate(cards)}
    found = check(project({**files, "deck.yaml": DECK}), STAMP).problems
    return [(problem.code, problem.span.file) for problem in found]


def test_the_same_question_with_another_answer(project: MakeProject) -> None:
    first = ("When is back pain chronic?", "After 12 weeks")
    found = [("same-question", "cards/1.yaml")]
    assert alike(project, first, ("When is *the* back pain chronic?", "After 6 weeks")) == found
    assert alike(project, first, ("When is back pain chronic?", "When it persists")) == found
    assert alike(project, first, ("When is back pain not chronic?", "After 6 weeks")) == []
    assert alike(project, ("Which gap is 2 mm wide?", "A"), ("Which gap is 3 mm wide?", "B")) == []


def test_the_same_answer_in_other_words(project: MakeProject) -> None:
    first = ("What is the cutting angle of the instrument?", "'>50 degrees'")
    again = ("What is the cutting angle of an instrument?", "More than 50 degrees")
    assert alike(project, first, again) == [("near-duplicate", "cards/1.yaml")]


def test_what_tells_two_questions_apart(project: MakeProject) -> None:
    """A number, a negation or a telling word."""
    nerve = ("Which nerve supplies the biceps muscle of the arm?", "Musculocutaneous nerve")
    other = ("Which nerve supplies the brachialis muscle of the arm?", "Musculocutaneous nerve")
    more = [(f"Which nerve supplies the {name} muscle of the arm?", "Radial nerve") for name in ("triceps", "anconeus")]
    assert alike(project, nerve, other, *more) == []
    stages = [(f"Which drug is used in stage {number}?", "Aspirin") for number in (1, 2)]
    assert alike(project, *stages) == []


def test_gaps_of_one_sentence_are_different_questions(project: MakeProject) -> None:
    cloze = "topic: T\ncards:\n  - id: {}\n    cloze: The {} is the longest {} of all.\n    sources: book\n"
    same, other = cloze.format("b", "{{c1::femur}}", "bone"), cloze.format("b", "femur", "{{c1::bone}}")
    files: dict[str, str | bytes] = {"a.yaml": cloze.format("a", "{{c1::femur}}", "bone"), "deck.yaml": DECK}
    assert codes(project({**files, "b.yaml": other})) == []
    assert codes(project({**files, "b.yaml": same})) == ["near-duplicate"]
    assert codes(project({**files, "b.yaml": same.replace("femur", "tibia")})) == ["same-question"]


def test_options_disagree_if_one_is_right_here_and_wrong_there(project: MakeProject) -> None:
    one = options("Which imaging comes first?", "MRI", "CT", "Bone scan")
    two = options("Which imaging comes first?", "CT", "MRI", "Ultrasound").replace("id: one", "id: two")
    three = options("Which imaging comes first?", "PET", "Radiograph", "Ultrasound").replace("id: one", "id: three")
    assert codes(project({"a.yaml": one, "b.yaml": two, "deck.yaml": DECK})) == ["same-question"]
    assert codes(project({"a.yaml": one, "b.yaml": three, "deck.yaml": DECK})) == []


def test_what_is_compared_is_kept_of_files_that_did_not_change(project: MakeProject) -> None:
    root = project({"a.yaml": NO.format("a", "Of all"), "b.yaml": NO.format("b", "Of all"), "deck.yaml": DECK})
    saved = Project.open(Folder(root))
    held = Held.compiled(saved, advice=True)
    assert [problem.code for problem in held.problems] == ["near-duplicate"]
    text = NO.format("b", "Of many").encode()
    edited = Project.open(Unsaved(saved.files, {"cards/b.yaml": text}))
    now = Held.compiled(edited, held, advice=True)
    assert now.files[0].asked is held.files[0].asked


def test_a_card_accepts_that_it_is_like_another(project: MakeProject) -> None:
    root = project({"a.yaml": NO.format("a", "Of all"), "b.yaml": NO.format("b", "Of all"), "deck.yaml": DECK})
    accepted = NO.format("b", "Of all") + "    allow: {near-duplicate: A reminder}\n"
    (root / "cards/b.yaml").write_text(accepted)
    assert codes(root) == []
    (root / "cards/a.yaml").write_text(NO.format("a", "Of all").replace("femur", "tibia"))
    assert codes(root) == ["unused-allow"]
    (root / "cards/deck.yaml").write_text(DECK + "rules: {near-duplicate: off}\n")
    assert codes(root) == [], "the rule did not look"


def test_a_level_changes_no_released_note(project: MakeProject) -> None:
    root = project({"a.yaml": NO.format("one", "Yes"), "deck.yaml": DECK})
    release(root)
    (root / "cards/deck.yaml").write_text(DECK + "rules: {yes-no: off}\n")
    assert build(root, root / "again", [], STAMP + 1, released_only=True).written


# --- what is left alone -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("Which of these does not help?", True),
        ("Which of these helps LEAST? Which is least helpful?", True),
        ("Which of these does NOT help?", False),
        ("Which of these does **not** help?", False),
        ("It does not help. Which of these does?", False),
        ("Which of these helps a patient who does not walk?", False),
        ("Why should the patient not be moved?", False),
        ("Which of these takes at least a week?", False),
    ],
)
def test_the_exception(question: str, found: bool, project: MakeProject) -> None:
    text = options(question, "Rest", "Heat", "Cold")
    assert codes(project({"a.yaml": text, "deck.yaml": DECK})) == ["negative-question"] * found


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("Which of the following is true about sciatica?", True),
        ("Which statement about sciatica is correct?", True),
        ("Which of the following is the correct diagnosis?", False),
        ("Is it true that rest helps, and if so, whom?", False),
    ],
)
def test_what_is_true(question: str, found: bool, project: MakeProject) -> None:
    text = options(question, "Rest", "Heat", "Cold")
    assert codes(project({"a.yaml": text, "deck.yaml": DECK})) == ["unfocused-question"] * found


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (".5 mg twice", "naked-decimal"),
        ("5.0 mg twice", "trailing-zero"),
        ("10 U insulin", "error-prone-abbreviation"),
        ("5000 IU SC", "error-prone-abbreviation"),
        ("20 cc at once", "error-prone-abbreviation"),
        ("A level of 5.0 mg/dL", ""),
        ("A weight of 5.0 g", ""),
        ("An ALT of 40 U/L", ""),
        ("v1.5 mg", ""),
        ("0.5 mg and 50 mg", ""),
        ("MS, a disease of nerves", ""),
    ],
)
def test_doses(answer: str, code: str, project: MakeProject) -> None:
    text = ASKED.format("one", "What is written on the chart?", answer)
    assert codes(project({"a.yaml": text, "deck.yaml": DECK})) == [code] * bool(code)


@pytest.mark.parametrize(
    ("question", "answer", "code"),
    [
        ("Which is better, MRI or CT?", "MRI", ""),
        ("What is the thigh bone called?", "The thigh bone", "answer-given-away"),
        ("Which drug is given?", "No drug at all", ""),
        ("Which film is used? (or) Which film is best?", "The fast one", ""),
        ("Which film is used? And how is it kept?", "The fast one, in the dark", "two-questions"),
        ("It is likely that rest helps. Whom does it help?", "The tired", ""),
        ("Which rays harm?", "Those that ionise, which are short, and that are many", ""),
        ("Which rays harm?", "Alpha, beta and gamma", "list-as-answer"),
    ],
)
def test_recall(question: str, answer: str, code: str, project: MakeProject) -> None:
    text = ASKED.format("one", question, answer)
    assert codes(project({"a.yaml": text, "deck.yaml": DECK})) == [code] * bool(code)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (["20 weeks", "30 weeks"], ""),
        (["30 weeks", "20 weeks"], "options-order"),
        (["11–20 weeks", "15–30 weeks"], "options-overlap"),
        (["11–20 weeks", "20–30 weeks"], ""),
        (["2 months", "1 month"], ""),
    ],
)
def test_numbers_to_choose_from(wrong: list[str], code: str, project: MakeProject) -> None:
    text = options("After how long does it end?", "10 weeks", *wrong)
    assert codes(project({"a.yaml": text, "deck.yaml": DECK})) == [code] * bool(code)


@pytest.mark.parametrize(
    ("question", "given", "code"),
    [
        ("Which part is it?", ["Ilium", "Pubis", "All of the above"], "all-of-the-above"),
        ("Which part is it?", ["Ilium", "Pubis", "All of the pubis"], ""),
        ("Which part is it?", ["Ilium", "Pubis", "None of them"], "none-of-the-above"),
        ("Which part is it?", ["Ilium", "Pubis", "None at all"], ""),
        ("Which part is it?", ["Ilium", "Pubis", "(a) and (c)"], "combined-options"),
        ("Which part is it?", ["Ilium", "Pubis", "I, II"], "combined-options"),
        ("Which order is it?", ["a, b, c", "b, a, c", "c, a, b"], ""),
        ("Which part is it?", ["Ilium", "Pubis", "L1 and L2"], ""),
        ("Which part is it?", ["The ilium, a wing of the hip bone", "Pubis", "Hip"], "key-longest"),
        ("Which part is it?", ["The ilium, a wing", "The pubis, in front", "Hip"], ""),
        ("Which part is it?", ["Ilium", "Pubis"], "few-options"),
        ("The hip is a", ["joint", "angle", "muscle"], "article-cue"),
        ("The hip is an", ["MRI", "8-bone joint", "ulcer"], ""),
        ("The hip is a", ["unit", "CT scan", "joint"], ""),
    ],
)
def test_options(question: str, given: list[str], code: str, project: MakeProject) -> None:
    text = options(question, *(f'"{text}"' for text in given))
    assert codes(project({"a.yaml": text, "deck.yaml": DECK})) == [code] * bool(code)


@pytest.mark.parametrize(
    ("card", "code"),
    [
        ("question: What is it?\n    answer: " + "far " * 26, "long-answer"),
        ("question: What is it?\n    answer: " + "far " * 25, ""),
        ("question: What is it?\n    items:\n" + "".join(f"      - {n}a\n" for n in range(7)), "long-list"),
        ("question: What is it?\n    items:\n" + "".join(f"      - {n}a\n" for n in range(6)), ""),
        ("question: They ache. Which joints?\n    answer: Hips", "no-context"),
        ("cloze: A " + " ".join(f"{{{{c{n}::gap {n}}}}}" for n in range(1, 5)), "many-gaps"),
        ("cloze: A " + " ".join(f"{{{{c1::gap {n}}}}}" for n in range(1, 4)), "many-gaps"),
        ("cloze: A " + " ".join(f"{{{{c{n}::gap {n}}}}}" for n in range(1, 4)), ""),
    ],
)
def test_cards_to_recall(card: str, code: str, project: MakeProject) -> None:
    text = f"topic: T\ncards:\n  - id: one\n    sources: book\n    {card}\n"
    assert codes(project({"a.yaml": text, "deck.yaml": DECK})) == [code] * bool(code)


def test_what_is_off(project: MakeProject) -> None:
    """These are wrong too often to be on; each finds what it is for once a deck switches it on."""
    off = {code for code, level in LEVELS.items() if level is Level.OFF}
    assert off == {"absolute-wording", "long-question", "not-a-question", "repeated-word", "vague-wording"}
    text = options("The canal of the spine", "Narrow canal", "Never wide enough", "Usually wide enough")
    text += ASKED.format("two", "What is " + "far " * 41 + "away?", "A star").partition("cards:\n")[2]
    root = project({"a.yaml": text, "deck.yaml": DECK})
    assert codes(root) == []
    (root / "cards/deck.yaml").write_text(DECK + f"rules: {{{', '.join(f'{code}: warning' for code in off)}}}\n")
    assert {*codes(root)} == off
