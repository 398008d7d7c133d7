"""A deck that is held: what did not change is kept, and unsaved texts count as files."""

from dataclasses import replace

from conftest import MakeProject
from deckwright.files import Folder, Unsaved
from deckwright.project import Held, Project

A = "topic: A\ncards:\n  - {id: a, question: One?, answer: '1', sources: book}\n"
B = "topic: B\ncards:\n  - {id: b, question: Two?, answer: '2', sources: book}\n"


def test_only_a_file_that_changed_is_compiled_again(project: MakeProject) -> None:
    root = project({"a.yaml": A, "b.yaml": B})
    saved = Project.open(Folder(root))
    held = Held.compiled(saved)
    edited = replace(saved, files=Unsaved(saved.files, {"cards/a.yaml": A.replace("'1'", "'3'").encode()}))
    now = Held.compiled(edited, held)
    assert now.files[1] is held.files[1]
    assert [note.fields for _, _, note in now.published()] != [note.fields for _, _, note in held.published()]
    assert now.files == Held.compiled(edited).files
    assert (root / "cards/a.yaml").read_text() == A
    assert Held.compiled(saved, now).files == held.files


def test_a_deck_is_compiled_again_when_what_all_cards_share_changed(project: MakeProject) -> None:
    root = project({"a.yaml": A, "b.yaml": B})
    held = Held.compiled(Project.open(Folder(root)))
    without = Unsaved(Folder(root), {"cards/sources.yaml": b"hoy-2012: {title: T, kind: web, url: https://a.org}"})
    now = Held.compiled(Project.open(without), held)
    assert [problem.code for problem in now.problems] == ["unknown-source", "unknown-source"]


def test_the_rules_for_the_whole_deck_see_unsaved_texts(project: MakeProject) -> None:
    root = project({"a.yaml": A})
    files = Unsaved(Folder(root), {"cards/b.yaml": A.encode()})
    held = Held.compiled(Project.open(files))
    assert files.names == ("cards/a.yaml", "cards/b.yaml", "cards/deck.yaml", "cards/sources.yaml")
    assert [problem.code for problem in held.problems if problem.span.file == "cards/b.yaml"] == ["doubled-id"]
