"""Files of reference managers become entries of cards/sources.yaml."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import CASES, SOURCES, Expect, MakeProject
from deckwright.cli import main
from deckwright.edit import add_sources
from deckwright.reading.cards import load_sources
from deckwright.sources import bibliography
from deckwright.sources.adding import Additions, additions

FILES = sorted(path for path in (CASES / "bibliography").iterdir() if path.suffix != ".yaml")


def read(name: str, text: str | bytes, sources: str = "") -> Additions:
    """What adding the works of a file comes to, problems of the file included."""
    found = bibliography.parsed(name, text.encode() if isinstance(text, str) else text)
    there = load_sources(sources.encode())
    new = additions(found.works, there.sources.values(), there.entries or ())
    return new._replace(problems=(*found.problems, *new.problems))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_what_programs_export(path: Path, expect: Expect) -> None:
    new = read(path.name, path.read_bytes())
    edit = add_sources(b"", new.entries)
    assert edit.data, (edit.problems, new.problems)
    told = [f"# `{title}` is there as {id_}\n" for title, id_ in new.there]
    told += [f"# the kind of {id_} is not known\n" for id_ in new.unsure]
    told += ["".join(f"# {line}\n" for line in str(problem).splitlines()) for problem in new.problems]
    expect(edit.data.decode() + "\n" * bool(told) + "".join(told), path.with_name(f"{path.name}.yaml"))


HOY = "T1  - A Systematic Review of the global prevalence of low-back pain\nAU  - Hoy, D\nAU  - Bain, C\nPY  - "
SOURCE_FILE = SOURCES + "other:\n  title: Other\n  kind: web\n  url: https://pubmed.ncbi.nlm.nih.gov/22231424/\n"


@pytest.mark.parametrize(
    ("entry", "id_"),
    [
        ("DO  - https://DOI.org/10.1002/ART.34347", "hoy-2012"),
        ("DO  - doi:10.1002/art.34347.", "hoy-2012"),
        ("UR  - https://dx.doi.org/10.1002/Art.34347", "hoy-2012"),
        ("N1  - PMID: 22231424", "other"),
        ("DB  - PubMed\nAN  - 022231424", "other"),
        ("TY  - BOOK\nTI  - T\nSN  - 3161484100", "book"),
        ("TY  - BOOK\nTI  - T\nSN  - 978 3 16 148410 0", "book"),
        ("UR  - http://www.pubmed.ncbi.nlm.nih.gov/22231424", ""),
        ("DO  - 10.1002/art.343470", ""),
        ("SN  - 3161484100", ""),
        (f"{HOY}2012", "hoy-2012"),
        (f"{HOY}2014", ""),
        (f"{HOY}2012\nDO  - 10.1000/preprint", ""),
    ],
)
def test_doublets(entry: str, id_: str) -> None:
    entry = entry if entry.startswith("TY") else f"TY  - JOUR\n{entry}"
    entry = f"{entry}\nUR  - https://example.org/new"
    entry = entry if "T1  -" in entry else f"{entry}\nTI  - T"
    new = read("a.ris", entry, SOURCE_FILE)
    assert [there for _, there in new.there] == ([id_] if id_ else [])
    assert bool(new.entries) != bool(id_)


def test_ids_that_are_taken() -> None:
    text = "".join(f"TY  - JOUR\nAU  - Hoy, D\nPY  - 2012\nTI  - T\nDO  - 10.1000/{n}\nER  - \n" for n in range(28))
    ids = [*read("a.ris", text, SOURCES).entries]
    assert ids[:3] == ["hoy-2012-b", "hoy-2012-c", "hoy-2012-d"]
    assert ids[24:] == ["hoy-2012-z", "hoy-2012-27", "hoy-2012-28", "hoy-2012-29"]


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("Opioids: a systematic review of cohort studies", "systematic-review"),
        ("Opioids: a network meta-analysis", "systematic-review"),
        ("Opioids: a clinical practice guideline", "guideline"),
        ("A systematic review of guidelines", "systematic-review"),
        ("Guideline-concordant care: a prospective cohort study", "cohort"),
        ("Adherence to guidelines in primary care", "document"),
        ("Opioids: a randomised, double-blind, placebo-controlled trial", "trial"),
        ("Opioids: protocol for a randomised controlled trial", "document"),
        ("Opioids: a prospective cohort study", "cohort"),
        ("Opioids: a narrative review", "review"),
        ("Opioids: a retrospective chart review", "document"),
        ("Opioids in primary care", "document"),
        ("Reviewing opioids", "document"),
    ],
)
def test_kinds_from_titles(title: str, kind: str) -> None:
    new = read("a.ris", f"TY  - JOUR\nTI  - {title}\nDO  - 10.1000/x")
    [keys] = new.entries.values()
    assert keys["kind"] == kind
    assert bool(new.unsure) == (kind == "document")


@pytest.mark.parametrize(
    ("name", "text", "code", "line"),
    [
        ("a.bib", "@article{a, title = {One}}\n@article{b, title = {Two}\n@article{c, title = {Three}}", "entry", 2),
        ("a.bib", "@article{a title = {One}}", "entry", 1),
        ("a.bib", "\n@article{a, title = {One}, Title = {One}, title = {Two}}", "entry", 2),
        ("a.bib", "@article{a, title = {" + "{" * 3000 + "}" * 3000 + "}}", "entry", 1),
        ("a.bib", "@article{a, title = {" + "x" * 20_000 + "}}", "entry", 1),
        ("a.bib", "@article{a, title = {\\input{/etc/passwd}}}", "entry", 1),
        ("a.bib", "", "unread", 1),
        ("a.bib", "TY  - JOUR\nTI  - One\nER  - ", "unread", 1),
        ("a.ris", "@article{a, title = {One}}", "unread", 1),
        ("a.ris", "\n\nTY  - JOUR\nAU  - Hoy, D\nER  - ", "entry", 3),
        ("a.ris", "\nTY  - JOUR\nTI  - One\nSN  - 1529-0131\nSN  - 0004-3591", "entry", 2),
        ("a.nbib", "PMID- 1\nTI  - One\n\nPMID- 2\nTI  - .\n", "entry", 4),
        ("a.ris", "TY  - JOUR\nTI  - " + "randomised " * 100_000, "entry", 1),
        ("a.ris", "TY  - JOUR\nTI  - " + "x\n" * 100_000, "entry", 1),
        ("a.txt", "PMID- 1\nTI  - One\nand on", "entry", 3),
        ("a.txt", "\nTI  - One\n\nPMID- 1\nTI  - Two", "entry", 1),
        ("a.txt", "1. Hoy D. A systematic review. Arthritis Rheum. 2012.", "unread", 1),
        ("a.json", "[{}\n,\n  {]", "unread", 3),
        ("a.json", "[" * 100_000, "unread", 1),
        ("a.json", '[{"title": 1' + "0" * 5000 + "}]", "unread", 1),
        ("a.json", '[{"title": "One"},\n 5]', "entry", 2),
        ("a.json", "5", "unread", 1),
        ("a.json", "{}", "entry", 1),
    ],
)
def test_files_that_cannot_be_read(name: str, text: str, code: str, line: int) -> None:
    problem = read(name, text).problems[0]
    assert problem.code in ("bibliography-unread", "bibliography-entry")
    assert (problem.code.removeprefix("bibliography-"), problem.span.line) == (code, line)
    assert problem.hint


def test_a_file_in_another_format_is_named() -> None:
    hint = "it looks like RIS: rename it so that it ends in .ris"
    assert read("a.txt", "TY  - JOUR\nTI  - One\nER  - ").problems[0].hint == hint


@pytest.mark.parametrize("form", ["bib", "ris", "nbib", "json"])
def test_encodings_and_line_ends(form: str) -> None:
    [path] = [path for path in FILES if path.suffix == f".{form}"]
    text = path.read_text(encoding="utf-8")
    expected = read(path.name, text)
    for other in (text.replace("\n", "\r\n").encode(), text.replace("\n", "\r").encode(), text.encode("utf-8-sig")):
        assert read(path.name, other) == expected
    for bad in (text.encode("utf-16"), text.encode() + b"\xe9"):
        new = read(path.name, bad)
        assert [problem.code for problem in new.problems] == ["encoding"]
        assert not new.entries


def test_a_file_that_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bibliography, "LARGEST", 10)
    (tmp_path / "a.ris").write_text("TY  - JOUR\nTI  - One\n")
    [problem] = bibliography.read(tmp_path / "a.ris").problems
    assert "too large" in problem.message


# --- whatever is in a file ------------------------------------------------------------------------------------

_PIECES = {
    "bib": [
        *("@article{a,", "@book(", "@string{x = ", "title = {", "author = ", "year=2012", "doi = {10.1/x}", " and "),
        *("}", "{", ",", '"', "#", "\\", "$", "%", "&", "\\'e", "\\url{", "@", "=", "\n"),
    ],
    "ris": [
        *("TY  - JOUR", "ER  - ", "TI  - ", "AU  - ", "UR  - ", "PY  - ", "DO  - 10.1000/x", "T2  - ", "XX  - "),
        *("\n", "  ", ",", ";"),
    ],
    "nbib": [
        *("PMID- 1", "TI  - ", "AU  - ", "DP  - 2012", "LID - 10.1000/x [doi]", "PT  - Review", "BTI - "),
        *("      ", "\n", "[", "]."),
    ],
    "json": [
        *("[", "]", "{", "}", ",", ":", '"title":', '"author":', '"family":', '"issued":', '"date-parts":', '"DOI":'),
        *('"10.1000/x"', "null", "1e999", "NaN", '"\\ud800"', "2012", '"<i>a</i>"'),
    ],
}
"""What files of each format are made of."""
_ODD = [
    "a: b",
    "# c",
    "'",
    '"',
    "<i>",
    "&lt;",
    "Ö",
    "腰",
    "\u2028",
    "\u200b",
    "\ufeff",
    "\x00",
    "…",
    "- x",
    "no",
    "|",
    "{{",
]
_ODD_TEXT = st.sampled_from(_ODD)


@st.composite
def broken(draw: st.DrawFn) -> tuple[str, str]:
    form = draw(st.sampled_from(sorted(_PIECES)))
    piece = st.one_of(st.sampled_from(_PIECES[form]), _ODD_TEXT, st.text(max_size=5))
    return f"a.{form}", "".join(draw(st.lists(piece, max_size=30)))


@settings(deadline=None)  # the libraries are imported by the first examples
@given(broken())
def test_no_file_gives_a_traceback(file: tuple[str, str]) -> None:
    name, text = file
    new = read(name, text.encode(errors="surrogatepass"), SOURCES)
    if new.entries:
        edit = add_sources(SOURCES.encode(), new.entries)
        assert edit.data, edit.problems
    else:
        assert new.problems or new.there


@st.composite
def values(draw: st.DrawFn) -> dict[str, object]:
    text = st.text(max_size=30) | st.lists(_ODD_TEXT, max_size=4).map(" ".join)
    value = st.recursive(text | st.none() | st.integers() | st.booleans(), lambda inner: st.lists(inner, max_size=2))
    names = st.fixed_dictionaries({}, optional={"family": value, "given": value, "literal": value})
    keys = dict.fromkeys(("title", "container-title", "type", "issued", "PMID", "ISBN", "URL", "note"), value)
    doi = st.integers(0, 5).map(lambda number: f"10.1000/{number}") | value
    return draw(st.fixed_dictionaries({"DOI": doi}, optional={**keys, "author": st.lists(names | value, max_size=5)}))


@settings(deadline=None)
@given(st.lists(values(), max_size=4))
def test_what_is_added_reads_back_equal(entries: list[dict[str, object]]) -> None:
    new = read("a.json", json.dumps(entries), SOURCES)
    edit = add_sources(SOURCES.encode(), new.entries)
    assert edit.data, edit.problems
    assert edit.data.startswith(SOURCES.encode())
    sources = load_sources(edit.data).sources
    for id_, keys in new.entries.items():
        assert {key: str(getattr(sources[id_], key)) for key in keys} == keys


# --- the command ----------------------------------------------------------------------------------------------


def add(root: Path, *typed: str) -> int:
    return main(["-C", str(root), "sources", "add", *typed])


def test_by_hand(project: MakeProject, capsys: pytest.CaptureFixture[str]) -> None:
    root = project({})
    path = root / "cards/sources.yaml"
    typed = ["--title", "Red flags: a framework.", "--year", "2020", "--authors", "Finucane LM et al."]
    typed += ["--short", "J Orthop Sports Phys Ther", "--kind", "guideline"]
    assert add(root, "https://doi.org/10.2519/jospt.2020.9971", *typed) == 0
    assert path.read_text() == SOURCES + (
        '\nfinucane-2020:\n  title: "Red flags: a framework"\n  authors: Finucane LM, et al.\n'
        "  short: J Orthop Sports Phys Ther\n  year: 2020\n  kind: guideline\n  doi: 10.2519/jospt.2020.9971\n"
    )
    capsys.readouterr()
    address = "https://example.org/a.txt"
    for what, key in (("21671543", "pmid"), ("978-3-16-148410-9", "isbn"), (address, "url")):
        assert add(root, what, "--title", f"About {what}") == 0
        assert f"  {key}: {what}\n" in path.read_text()
    assert "about-21671543: About 21671543 (document)" in capsys.readouterr().out
    before = path.read_bytes()
    assert add(root, "PMID: 21671543", "--title", "Again") == 0
    assert capsys.readouterr().out == "about-21671543 is there already: Again\n0 sources added to cards/sources.yaml\n"
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        (["10.1000/x"], "nothing is looked up"),
        (["hello", "--title", "T"], "not a DOI, PubMed number, ISBN or web address, nor a file"),
        (["10.1000/x", "10.1000/y", "--title", "T"], "name files only, or one"),
        (["a.ris", "--title", "T"], "not a file"),
        (["missing.ris"], "No such file"),
    ],
)
def test_wrong_usage(project: MakeProject, capsys: pytest.CaptureFixture[str], typed: list[str], message: str) -> None:
    root = project({})
    assert add(root, *typed) == 2
    assert message in capsys.readouterr().err
    assert (root / "cards/sources.yaml").read_text() == SOURCES


def test_files(project: MakeProject, capsys: pytest.CaptureFixture[str]) -> None:
    root = project({})
    (root / "cards/sources.yaml").unlink()
    assert add(root, *map(str, FILES)) == 0
    told = capsys.readouterr()
    assert "hoy-2012 is there already" in told.out
    assert "change `kind: document` of suri-2010" in told.err
    assert add(root, *map(str, FILES)) == 0
    assert "\n0 sources added to cards/sources.yaml\n" in capsys.readouterr().out


def test_nothing_is_written_on_errors(project: MakeProject, capsys: pytest.CaptureFixture[str]) -> None:
    root = project({})
    (root / "a.ris").write_text("TY  - JOUR\nTI  - Good\nDO  - 10.1000/x\nER  - \nTY  - JOUR\nAU  - Hoy, D\nER  - \n")
    assert add(root, str(root / "a.ris")) == 1
    told = capsys.readouterr()
    assert "a.ris:5:1: error: this entry has no title [bibliography-entry]" in told.err
    assert told.out == "nothing was added\n"
    assert (root / "cards/sources.yaml").read_text() == SOURCES
    root = project({"sources.yaml": "hoy-2012:\n  titel: A\n  kind: web\n"})
    assert add(root, "10.1000/x", "--title", "T") == 1
    assert "[unknown-key]" in capsys.readouterr().err
