"""Quizzes as web pages: one self-contained page a topic, to print and to test oneself with.

In: a quiz's form and a layout. Out: HTML files that ask nothing from any network. All text of cards is escaped; the
page's own script is the only one that its policy lets run.
"""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from html import escape
from pathlib import PurePath
from typing import TYPE_CHECKING

from markupsafe import Markup

from deckwright.formats import File, Medium
from deckwright.markup import tex
from deckwright.markup.text import said
from deckwright.markup.tree import Element, Tree
from deckwright.model import file_name
from deckwright.pages import rendered
from deckwright.quiz.job import QuizJob
from deckwright.quiz.marking import source_line

if TYPE_CHECKING:
    from deckwright.quiz.forms import Question


_TYPES = {".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg",
          ".gif": "image/gif", ".webp": "image/webp"}  # fmt: skip
_PLAIN = {"strong", "em", "sub", "sup", "p", "blockquote", "ul", "li", "code", "pre", "tr", "td"}
_MATHML = "http://www.w3.org/1998/Math/MathML"


def pages(job: QuizJob) -> list[File]:
    """A page for each first part of a topic, with the questions of the first form."""
    form, deck, layout = job.forms[0], job.deck, job.layout
    script = rendered("quiz.js")
    topics: dict[str, list[Question]] = {}
    names: dict[str, str] = {}
    for question in form.questions:
        topic = job.cards[question.id].topic.partition("::")[0]
        # Topics that make one file name make one page.
        topics.setdefault(names.setdefault(file_name(topic), topic), []).append(question)
    html = _Html(job.media)
    files = []
    for topic, questions in topics.items():
        page = rendered(
            "quiz.html",
            title=f"{layout.title}: {topic}",
            language=deck.settings.language,
            direction="rtl" if deck.settings.language[:2] in ("ar", "fa", "he", "ur") else "ltr",
            license=deck.settings.license if deck.settings.license else "",
            questions=[(place, question) for place, question in enumerate(questions, 1)],
            rich=html.rich,
            source=source_line,
            script=Markup(script),  # noqa: S704 - our own file
            digest=b64encode(sha256(script.encode()).digest()).decode(),
        )
        name = f"{layout.name}-{file_name(topic)}" if len(topics) > 1 else layout.name
        files.append(File(f"{name}.html", page.encode(), f"{topic}: {len(questions)} questions to test oneself"))
    return files


class _Html:
    """Trees → HTML."""

    def __init__(self, media: Mapping[str, Medium]) -> None:
        self.media = media

    def rich(self, nodes: Tree | None) -> Markup:
        return Markup(self.html(nodes or []))  # noqa: S704 - every text in it is escaped below

    def html(self, nodes: Sequence[Element | str]) -> str:
        return "".join(escape(node) if isinstance(node, str) else self.element(node) for node in nodes)

    def element(self, node: Element) -> str:
        inside = self.html(node.children)
        match node.tag:
            case tag if tag in _PLAIN:
                return f"<{tag}>{inside}</{tag}>"
            case "br" | "hr":
                return f"<{node.tag}>"
            case "h":
                return f"<p><strong>{inside}</strong></p>"
            case "ol":
                return f'<ol start="{int(node.value or 1)}">{inside}</ol>'
            case "table":
                return f'<div class="wide"><table>{inside}</table></div>'
            case "thead":
                return f"<thead><tr>{inside.replace('<td>', '<th>').replace('</td>', '</th>')}</tr></thead>"
            case "img":
                return self.image(node)
            case "gap":
                hint = f" <small>({escape(node.note)})</small>" if node.note else ""
                return f'<span class="gap" role="img" aria-label="gap"></span>{hint}'
            case "math":
                return _formula(node)
            case "a" if node.value.startswith(("https://", "http://", "mailto:")):
                return f'<a href="{escape(node.value)}" rel="noreferrer">{inside}</a>'
            case _:
                return inside

    def image(self, node: Element) -> str:
        medium = self.media[node.value]
        kind = _TYPES[PurePath(medium.travels_as).suffix]
        alternative = escape(said(node.children))
        return f'<img src="data:{kind};base64,{b64encode(medium.data).decode()}" alt="{alternative}">'


def _formula(node: Element) -> str:
    source = said(node.children)
    formula = tex.parse(source)
    if formula is None:
        return f"<code>${escape(source)}$</code>"
    display = ' display="block"' if node.value == "block" else ""
    return f'<math xmlns="{_MATHML}"{display} aria-label="{escape(tex.spoken(formula))}">{_mathml(formula)}</math>'


def _mathml(node: tex.Node) -> str:
    match node:
        case tex.Row():
            return f"<mrow>{''.join(map(_mathml, node.children))}</mrow>"
        case tex.Sign():
            tag = "mn" if node.text[:1].isdigit() else "mi" if node.text[:1].isalpha() else "mo"
            return f'<{tag} mathvariant="normal">{escape(node.text)}</{tag}>'
        case tex.Fraction():
            return f"<mfrac>{_mathml(node.above)}{_mathml(node.below)}</mfrac>"
        case tex.Root():
            return f"<msqrt>{_mathml(node.inner)}</msqrt>"
        case tex.Raised(base, None, sup) if sup is not None:
            return f"<msup>{_mathml(base)}{_mathml(sup)}</msup>"
        case tex.Raised(base, sub, None) if sub is not None:
            return f"<msub>{_mathml(base)}{_mathml(sub)}</msub>"
        case tex.Raised(base, sub, sup):
            return f"<msubsup>{_mathml(base)}{_mathml(sub or base)}{_mathml(sup or base)}</msubsup>"
