"""How often each rule of writing fires, and how often it is right.

Usage: python tests/bench/rules.py REPOSITORY [--show CODE]. REPOSITORY is a clone, bare or not, of the public
repository xk-huang/medagents-benchmark; commit 56ca11e was measured. Prints for each rule: how often it fires on the
questions of a board examination (MedQA's test set, 1,273) and of an entrance examination (MedMCQA, 2,816), its
precision and recall on labelled cards, and what it says about the deck of this project. With --show, prints what a rule
finds.

The labels are in labels/: ids and flaws only, no text. Two readers made them, each without sight of the other's and of
the rules, by the definitions of the item-writing guides; no person with a licence to practise or to examine was among
them. `deck` cards are those of this project at commit bda96af. `basic` are questions of MedMCQA with their
correct option as the answer. Precision and recall are given against each pass. Cards were chosen at random and by words
that flaws might have, so that rare flaws are among them: how common a flaw is cannot be read from the labels.
"""

import argparse
import json
import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from deckwright.checks.advice import advise
from deckwright.checks.alike import asked, check_alike
from deckwright.files import Folder, Revision
from deckwright.model import Basic, CardKind, Deck, Option, Options, Settings, Text
from deckwright.problem import LEVELS, Level, Problem, Severity, Span
from deckwright.project import Held, Project
from deckwright.reading.words import words_in

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
REVIEWED = "bda96af"
DECK = Deck(Settings(title=Text("T"), namespace=Text("t")), {}, None, words_in("en"), ())
TOPIC = Text("T")
EVERY = dict.fromkeys(LEVELS, Severity.WARNING)
NOTATION = ("naked-decimal", "trailing-zero", "error-prone-abbreviation")
ALIKE = ("near-duplicate", "same-question")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("repository", type=Path)
    parser.add_argument("--show", metavar="CODE", choices=LEVELS)
    arguments = parser.parse_args()
    boards = {name: [*questions(arguments.repository, name)] for name in ("medqa", "medmcqa")}
    sets: dict[str, list[CardKind]] = {name: [*cards] for name, cards in boards.items()}
    sets["basic"] = [basic(card) for card in boards["medmcqa"]]
    sets["deck"] = cards_of(Project.open(Revision(ROOT, REVIEWED)))
    sets["now"] = cards_of(Project.open(Folder(ROOT)))
    found = {name: problems(cards) for name, cards in sets.items()}
    if arguments.show:
        show(arguments.show, sets, found)
        return
    pairs = {name: {*alike(each)} for name, each in found.items()}
    codes = {
        name: {str(id_): {p.code for p in of_card} for id_, of_card in each.items()} for name, each in found.items()
    }
    passes = [labels(number) for number in ("first", "second")]
    print(f"{'rule':26}{'level':9}{'MedQA':>7}{'MedMCQA':>9}{'precision':>14}{'recall':>14}  our deck now")
    for code, level in LEVELS.items():
        rates = [sum(code in of_card for of_card in codes[name].values()) / len(sets[name]) for name in boards]
        of_passes = [
            judged_pairs(code, pairs, pair_labels(number)) if code in ALIKE else judged(code, codes, labels(number))
            for number in ("first", "second")
        ]
        ours = [id_ for id_, of_card in codes["now"].items() if code in of_card]
        print(
            f"{code:26}{level:9}{rates[0]:7.1%}{rates[1]:9.1%}"
            f"{' '.join(share(each.right, each.right + each.wrong) for each in of_passes):>14}"
            f"{' '.join(share(each.right, each.right + each.missed) for each in of_passes):>14}  {' '.join(ours)}"
        )
    on = {code for code, level in LEVELS.items() if level is not Level.OFF}
    for name in boards:
        rate = sum(bool(of_card & on) for of_card in codes[name].values()) / len(sets[name])
        print(f"any rule that is on, {name}: {rate:.1%}")
    agreement(passes)


# --- cards --------------------------------------------------------------------------------------------------


def questions(repository: Path, name: str) -> Iterator[Options]:
    """The questions of a test set, as cards whose ids are the first eight characters of theirs."""
    command = ["git", "-C", str(repository), "show", f"HEAD:data/{name}/test.jsonl"]
    for line in subprocess.run(command, capture_output=True, check=True, text=True).stdout.splitlines():
        read = json.loads(line)
        options = [Option(literal(text), name == read["answer_idx"], None) for name, text in read["options"].items()]
        id_ = Text(str(read["realidx"])[:8])
        yield Options(
            id=id_, question=literal(read["question"]), options=tuple(options), topic=TOPIC, sources=(), span=Span(id_)
        )


def literal(text: str) -> Text:
    """A text that shows as it is."""
    return Text("".join(f"\\{character}" if character in "\\*~^$`" else character for character in text))


def basic(card: Options) -> Basic:
    """The question alone, with its correct option as the answer."""
    answer = next(option.text for option in card.options if option.correct)
    return Basic(id=card.id, question=card.question, answer=answer, topic=TOPIC, sources=(), span=card.span)


def cards_of(project: Project) -> list[CardKind]:
    return Held.compiled(project, notes=False).cards


def problems(cards: Iterable[CardKind]) -> dict[Text, list[Problem]]:
    """What the rules find on each card, whether it accepts it or not."""
    bare = [replace(card, allow={}) for card in cards]
    found: dict[Text, list[Problem]] = {card.id: [*advise([card], DECK, EVERY)] for card in bare}
    for problem in check_alike([asked(bare)], EVERY):
        found[Text(problem.message.split()[1])].append(problem)
    return found


def alike(found: Mapping[Text, list[Problem]]) -> Iterator[tuple[str, frozenset[str]]]:
    """The pairs of cards that the rules for several cards name, each with the code."""
    for problem in chain(*found.values()):
        if problem.code in ALIKE:
            words = problem.message.split()
            yield problem.code, frozenset((words[1], words[words.index("card", 2) + 1]))


# --- labels -------------------------------------------------------------------------------------------------

Labels = dict[tuple[str, str, str], set[str]]
"""The flaws of a card: by the kind of labels, the set of cards, and the id."""


def labels(number: str) -> Labels:
    found: Labels = {}
    for kind in ("items", "notation"):
        for line in (HERE / f"labels/{kind}.{number}.tsv").read_text(encoding="utf-8").splitlines():
            name, id_, flaws = line.split("\t")
            found[kind, name, id_] = set(flaws.split())
    return found


PairLabels = dict[tuple[str, frozenset[str]], str]
"""The flaw of a pair of cards, by the set of cards and their ids; empty if they are different questions."""


class Judged(NamedTuple):
    right: int
    wrong: int
    missed: int


def judged(code: str, firing: Mapping[str, Mapping[str, set[str]]], labels: Labels) -> Judged:
    """How often a rule is right on labelled cards."""
    cells = [
        (code in firing[name][id_], code in flaws)
        for (kind, name, id_), flaws in labels.items()
        if (kind == "notation") == (code in NOTATION)
    ]
    return tally(cells)


def judged_pairs(code: str, pairs: Mapping[str, set[tuple[str, frozenset[str]]]], labels: PairLabels) -> Judged:
    """How often a rule for two cards is right on labelled pairs."""
    return tally([((code, pair) in pairs[name], flaw == code) for (name, pair), flaw in labels.items()])


def tally(cells: Iterable[tuple[bool, bool]]) -> Judged:
    count = Counter(cells)
    return Judged(count[True, True], count[True, False], count[False, True])


def pair_labels(number: str) -> PairLabels:
    lines = (HERE / f"labels/pairs.{number}.tsv").read_text(encoding="utf-8").splitlines()
    return {(name, frozenset((one, two))): flaw for name, one, two, flaw in (line.split("\t") for line in lines)}


def agreement(passes: list[Labels]) -> None:
    """How far the two passes agree, as Cohen's kappa over all labels of all cards."""
    codes = {code for labels in passes for flaws in labels.values() for code in flaws}
    cells = [(code in flaws, code in passes[1][card]) for card, flaws in passes[0].items() for code in codes]
    same = sum(one == two for one, two in cells) / len(cells)
    ones, twos = (sum(cell[number] for cell in cells) / len(cells) for number in (0, 1))
    chance = ones * twos + (1 - ones) * (1 - twos)
    both, either = sum(one and two for one, two in cells), sum(one or two for one, two in cells)
    print(f"agreement of the passes: kappa {(same - chance) / (1 - chance):.2f}; {both} of {either} flaws are in both")


def share(part: int, whole: int) -> str:
    return f"{part}/{whole}" if whole else "-"


def show(code: str, sets: Mapping[str, list[CardKind]], found: Mapping[str, Mapping[Text, list[Problem]]]) -> None:
    for name, cards in sets.items():
        for card in cards:
            for problem in found[name][card.id]:
                if problem.code == code:
                    print(name, card.id, problem.message)


if __name__ == "__main__":
    main()
