"""Markup: text is shown as written, Markdown is marked up, and nothing is lost or live."""

import re
from collections import Counter
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from conftest import letters
from deckwright.markup.cloze import clozes
from deckwright.markup.html import _html, cloze_html, html
from deckwright.markup.text import cloze_faults, plain, said
from deckwright.markup.text import text_of as _plain
from deckwright.markup.tree import Element, Tree, tree

TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn", "Zl", "Zp")), max_size=40)
SIGNS = st.text(st.sampled_from(list("ab1 *_`[]()~^$\\<>&{}:!|-#.\"'/=+")), max_size=30)
LINES = st.lists(st.one_of(SIGNS, TEXT), min_size=2, max_size=5).map("\n".join).map(str.strip)
ANY = st.one_of(TEXT, SIGNS, LINES)
IMAGES = {"a.svg": "a-123.svg"}


class Parsed(HTMLParser):
    """What a browser would make of HTML."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def text(self) -> str:
        return "".join(self.texts)


@pytest.mark.parametrize(
    "text",
    [
        "a<b and c>d", "{{x}} and }}", "::", "$5 or $10", "$5-$10", "US$5 and US$6", "2*3*4", "HLA-B*27 and HLA-B*57",
        "CYP2C19*2/*17", "> 3 months", "12. rib", "- 5 mV", "+ 5 mV", "# of levels", "* note", "```", "---",
        "~40 % to ~80 %", "~5–~10 mg", "&lt; &amp;", "[foo]: bar", "snake_case_name", "K+ < 3.5", "<b>", "<!-- x -->",
        "{{c1::x}}", "a ^ b ^ c", "[ ] done", "![no image", "| a | b |", "=====", "\u00a0x", "1) first", "2^3 and 4^5",
        "10^3-10^5 CFU/mL", "x^2+y^2", "3~4/5~6", "between $5 and 10$.", "costs $5 (US$) today",
        "\\(M = F \\cdot d\\)", "\\(x_1*2*3\\) and \\(", "\\[x^2^*2*3\\%\\]", "[$]x_1_[/$] [$$]*y*[/$$]",
        "[latex]*z*[/latex]", "$M = F", "M = $F", "Cheap ($) versus dear ($)", "$5/day or 10$/day", "$5/h, 10$/h",
        "[$] or [$]", "'$' or '$'", "<b>x</b><br>&nbsp;", "ASIA [A](complete) or [E](normal 'x'), see [1](2)",
        "[t](javascript:x)", "[[a](b)](c)", "_x_ and __init__", "Which gene: _BRCA_?", "C:\\", "C:\\new", "[a]\\(b)",
        "```x```", "a ```b", "- -", "`x", "1. - 2. +",
    ],
)  # fmt: skip
def test_as_written(text: str) -> None:
    assert Parsed(html(text, {})).text() == text
    assert {tag for tag, _ in Parsed(html(text, {})).tags} <= {"span"}  # keeps \\( from being MathJax's
    assert plain(text) in (text, text.strip())


@pytest.mark.parametrize(
    "text",
    [
        "Refer if pain lasts:\n> 3 months", "+ ve culture\n+ more", "a\n# of levels", "a\n===", "a\n---",
        "* p < 0.05\n* b", "a\n***", "~~~\nb", "a\n[foo]: bar", "=====\nb",
        "Straight leg raise\n-\nFemoral stretch", "*\nb", "+\nb", "-\nb", "- -\nb", "a\n- -", "a\n--", "a\n=", "1.\nb",
        "1) first\n2) second", "```\nx\n```", "``` yaml\nx\n```", "SLR | FNS\n- | -", "SLR | FNS\n| - | - |",
        "| a | b |\n|---|---|\n| 1 | 2 | - |", "| a | b |\n|---|---|\n| 1 | 2 | (!) |",
        "| a | b |\n|---|---|\n| 1 | 2 | * |", "1. one\n3. three", "\\[a\n*b*\\]",
    ],
)  # fmt: skip
def test_as_written_in_several_lines(text: str) -> None:
    assert plain(text) == text
    shown = Parsed(html(text, {}))
    assert shown.text() == text.replace("\n", "")
    assert {tag for tag, _ in shown.tags} <= {"p", "br", "span"}


@pytest.mark.parametrize(
    "text",
    ["x\n12. rib", "C:\\\nb", "x\n    y", "    x\n    y", "x\n\n-\n\ny", "x\n\n    y\n\nz", "_x\ny_", "`x\ny`"],
)
def test_as_written_in_paragraphs(text: str) -> None:
    assert plain(text).split() == text.split()
    assert {tag for tag, _ in Parsed(html(text, {})).tags} == {"p"}


@pytest.mark.parametrize("extra", ["three", "↑", "±", "+", "="])
def test_a_table_row_with_too_many_cells_stays_as_written(extra: str) -> None:
    assert extra in html(f"| a | b |\n|---|---|\n| 1 | 2 | {extra} |", {})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("**S**ite", "<strong>S</strong>ite"),
        ("*a* and _b_ **_c_** *_d*", "<em>a</em> and _b_ <strong>_c_</strong> <em>_d</em>"),
        ("H~2~O, cm^2^", "H<sub>2</sub>O, cm<sup>2</sup>"),
        ("`a < b *c* $x$ d~e~`", "<code>a &lt; b *c* $x$ d~e~</code>"),
        ("\\*a\\*", "*a*"),
        ("10^-3^ Ca^2+^ HCO~3~^-^ x~i,j~", "10<sup>-3</sup> Ca<sup>2+</sup> HCO<sub>3</sub><sup>-</sup> x~i,j~"),
        ("$5^{2}$ $a\\\\[2pt]b$", "\\(5^{2}\\) \\(a\\\\ [2pt]b\\)"),
        (
            "[[sound:a.mp3]](https://a.b/[sound:x.mp3] '[anki:play:q:1]')",
            '<a href="https://a.b/&#91;sound:x.mp3]" title="&#91;anki:play:q:1]">&#91;sound:a.mp3]</a>',
        ),
        ("$a < b$", "\\(a &lt; b\\)"),
        ("$$x$$", "\\[x\\]"),
        ("$\\frac{{a}}{b}$", "\\(\\frac{ {a} }{b}\\)"),
        ("$\\href{javascript:x}{y}$", "<code>\\href&#123;javascript:x&#125;&#123;y&#125;</code>"),
        ("![what](a.svg)", '<img src="a-123.svg" alt="what">'),
        ("![what](b.svg)", "what (b.svg)"),
        ("![a_b](a_b.svg)", "a_b (a_b.svg)"),
        ("[t](https://a.b/?c=d&e)", '<a href="https://a.b/?c=d&amp;e">t</a>'),
        ('[**t**](b "c") *d*', '[<strong>t</strong>](b "c") <em>d</em>'),
        ("é [**t**](b (c))", "é [<strong>t</strong>](b (c))"),
        ("[t](https://a.b/_c_~d~$e$_\\(f\\))", '<a href="https://a.b/_c_~d~$e$_(f)">t</a>'),
        ("`C:\\` \\`x\\` ``a`b``", "<code>C:\\</code> `x` <code>a`b</code>"),
        ("\\$5, \\\\$x$, \\[a](https://b.c)", "$5, \\\\(x\\), [a](https://b.c)"),
        (
            "| a | b |\n|:-:|--|\n| - | `x|y` |",
            "<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>-</td>"
            "<td><code>x|y</code></td></tr></tbody></table>",
        ),
        ("- a\n    - b\n\n          c", "<ul><li>a<ul><li><p>b</p><p>c</p></li></ul></li></ul>"),
        ("[t](HTTPS://a.b 'T\"')", '<a href="HTTPS://a.b" title="T&quot;">t</a>'),
        ("a\n\n- b\n- c", "<p>a</p><ul><li>b</li><li>c</li></ul>"),
        ("3. a\n4. b", '<ol start="3"><li>a</li><li>b</li></ol>'),
        ("| a |\n|---|\n| b |", "<table><thead><tr><th>a</th></tr></thead><tbody><tr><td>b</td></tr></tbody></table>"),
        ("[sound:x.mp3]", "&#91;sound:x.mp3]"),
        ("$[sound:x.mp3]$", "\\(&#91;sound:x.mp3]\\)"),
        ("[latex]x[/latex] [$]x", "&#91;latex]x&#91;/latex] &#91;$]x"),
        ("\\\\(x\\\\)", "\\<span>(</span>x\\<span>)</span>"),
    ],
)
def test_marked_up(text: str, expected: str) -> None:
    assert html(text, IMAGES) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{c1::a::b}}", "{{c1::a::b}}"),
        ("{{c1::a {{c2::b}} c}}", "{{c1::a {{c2::b}} c}}"),
        ("{{c1,2::a}}", "{{c1,2::a}}"),
        ("**{{c1::a}}** {{c2::**(b)**}}", "<strong>{{c1::a}}</strong> {{c2::<strong>(b)</strong>}}"),
        ("{{c1::a\\:\\:b}}", "{{c1::a&#58;&#58;b}}"),
        ("{{c1::a\\:::b}}", "{{c1::a&#58;::b}}"),
        ("{{c1::{a}}}", "{{c1::&#123;a&#125;}}"),
        ("{{c1::${a:::b}$}}", "{{c1::\\({a: : :b}\\)}}"),
        ("${{c1::x^{2}}}$", "\\({{c1::x^{2} }}\\)"),
        ("{{c1::a}} }} {{ {x}", "{{c1::a}} &#125;&#125; &#123;&#123; &#123;x&#125;"),
        ("**{{c1::a** b}}", "**{{c1::a** b}}"),
        ("[{{c1::sound:x.mp3]}}", "&#91;{{c1::sound:x.mp3]}}"),
        ("{{c1::a\\\\}}(b\\)", "{{c1::a<span>\\</span>}}(b\\<span>)</span>"),
        (
            "{{c1::\\(x\\)}} \\({{c2::y}}\\)",
            "{{c1::\\<span>(</span>x\\<span>)</span>}} \\<span>(</span>{{c2::y}}\\<span>)</span>",
        ),
        ("{{c1::a::{{c2::b}}}} tail", "{{c1::a::&#123;&#123;c2&#58;&#58;b&#125;&#125;}} tail"),
    ],
)
def test_gaps(text: str, expected: str) -> None:
    assert cloze_html(text, {}) == expected


@given(ANY)
@example('a *b* "c" & <d> HLA-B*27')
@example("*a*b*")
@example("*a " * 60 + "b" + "*" * 60)
def test_the_shortcuts_give_what_the_tree_gives(text: str) -> None:
    text = text.strip()  # as the reader gives it
    assert html(text, IMAGES) == _html(tree(text), IMAGES)
    assert plain(text) == _plain(tree(text)).strip()


PIECES = [
    "a", "b", "1", "é", "word", " ", " ", "\n", "\n\n", "\n- ", "\n1. ", "\n2. ", "\n    ", "\n> ", "\n# ", "\n* ",
    "\n-\n", "\n---\n", "\n```\n", "| a | b |\n|---|---|\n| ", " | ", " |\n", "**", "*", "_", "__", "`", "``", "$",
    "$$", "~", "^", "~2~", "^2^", "[", "]", "(", ")", "](https://x.org/)", "](x)", "![", "](a.svg)", "](a.svg 'T')",
    "\\", "\\*", "\\(", "\\)", "\\[", "\\]", "[$]", "[/$]", "-", "- ", "!", "+", "+ ", "1) ", "<b>", "&amp;", "&",
    "{", "}", "::", ":", ".", "\"", "'", "x\\\n", "#",
]  # fmt: skip


def elements(nodes: Tree) -> list[Element]:
    """Every element of a tree."""
    own = [node for node in nodes if isinstance(node, Element)]
    return [*own, *(below for node in own for below in elements(node.children))]


def marks(element: Element) -> str:
    """The characters with which the author wrote an element, where there is only one way to write it."""
    match element.tag:
        case "em" | "strong":
            return "**" if element.tag == "em" else "****"
        case "sub" | "sup":
            return "~~" if element.tag == "sub" else "^^"
        case "a" | "img":
            return "[]()" if element.tag == "a" else "![]()"
        case "ul":
            return "-" * len(element.children)
        case "ol":
            numbers = range(int(element.value), int(element.value) + len(element.children))
            return "".join(f"{number}." for number in numbers)
        case "math":
            return "$$$$" if element.value else "$$"
        case _:
            return ""


@given(st.one_of(ANY, st.lists(st.sampled_from(PIECES), max_size=14).map("".join)))
@example("- -\n*")
@example("| a | b |\n|---|---|\n| 1 | 2 | - |")
@example("a\n-\nb\\\nc")
def test_every_character_is_shown_or_marks_something(text: str) -> None:
    """Every character of a text is in its tree, except those of the markup that the tree represents."""
    text = text.strip()
    nodes = tree(text)
    found = elements(nodes)
    shown = Counter(said(nodes)) + Counter("".join(element.value + element.note for element in found
                                                          if element.tag in ("a", "img")))  # fmt: skip
    lost = Counter(re.sub(r"\s", "", text)) - shown
    lost -= Counter("".join(map(marks, found)))
    tags = Counter(element.tag for element in found)
    lost["`"] -= 4 * tags["code"]
    signs = r"[!-/:-@\[-`{-~]" if "](" in text else r"[!-%'*-/:;=-@\[-`{-~]"  # \( only in an address
    lost["\\"] -= len(re.findall(rf"\\{signs}", text))
    for element in found:
        if element.note:
            lost -= Counter("\"'") + Counter("\"'")
    if tags["table"]:  # of its rule, and the bars
        del lost["|"]
        rules = [line for line in text.split("\n") if re.fullmatch(r"[-+*\d.> ]*[|: -]+", line)]
        lost -= Counter("".join(rules))
    assert not +lost


@given(ANY)
def test_nothing_is_lost(text: str) -> None:
    """The same for the letters of the HTML."""
    parsed = Parsed(html(text, IMAGES))
    shown = parsed.text() + "".join(value or "" for _, attributes in parsed.tags for value in attributes.values())
    numbers = "".join(str(n) for n in range(100)) if "<ol" in html(text, IMAGES) else ""
    missing = Counter(letters(text)) - Counter(letters(shown + numbers))
    assert not missing


ALLOWED = {
    "a": {"href", "title"}, "img": {"src", "alt", "title"}, "ol": {"start"},
} | {tag: set() for tag in (
    "p", "ul", "li", "table", "thead", "tbody", "tr", "th", "td", "strong", "em", "code", "sub", "sup", "br", "span",
)}  # fmt: skip


@given(ANY)
@example("[x](javascript:alert(1)) <script>alert(1)</script> <img src=x onerror=y>")
@example("[x](https://a'\"onclick=alert(1))")
@example("\\(x\\) \\\\(y\\\\) \\\\\\[z\\\\\\] [a]\\(b)")
def test_nothing_is_live(text: str) -> None:
    made = html(text, IMAGES)
    assert "{{" not in made
    assert not re.search(r"\[(sound:|anki:|/?latex\]|/?\$)", made, re.IGNORECASE)
    if "$" not in text:  # MathJax looks at each text between two tags
        assert not [part for part in Parsed(made).texts if re.search(r"\\[()\[\]]", part)]
    for tag, attributes in Parsed(made).tags:
        assert attributes.keys() <= ALLOWED[tag]
        assert re.match(r"(https?://|mailto:)|$", attributes.get("href") or "", re.IGNORECASE)


@given(ANY)
def test_no_cloze_text_raises(text: str) -> None:
    list(cloze_faults(text))
    cloze_html(text, {})
    for cloze in clozes(text):
        assert text.startswith("{{c", cloze.start)
        assert text.startswith("}}", cloze.stop)
