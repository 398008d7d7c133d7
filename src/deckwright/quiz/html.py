"""Quizzes as web pages: one self-contained page for each topic, to print or to test oneself with.

In: a `QuizJob`, of which the first form is shown. Out: HTML files that load nothing from the network. All text of cards
is escaped, and the page's policy lets only its own script run.
"""

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from html import escape
from pathlib import PurePath
from typing import TYPE_CHECKING

from markupsafe import Markup

from deckwright.formats import File
from deckwright.markup import tex
from deckwright.markup.text import said
from deckwright.markup.tree import Element, Tree
from deckwright.model import file_name
from deckwright.pages import rendered
from deckwright.problem import Problem
from deckwright.quiz.gaps import boxes
from deckwright.quiz.job import QuizJob
from deckwright.terminal import counted
from deckwright.words import direction, primary

if TYPE_CHECKING:
    from deckwright.quiz.forms import Question


_TYPES = {".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg",
          ".gif": "image/gif", ".webp": "image/webp"}  # fmt: skip
_MATHML = "http://www.w3.org/1998/Math/MathML"


def render(job: QuizJob) -> tuple[list[File], list[Problem]]:
    """A page for each top-level topic, with the questions of the first form."""
    form, deck, layout = job.forms[0], job.deck, job.layout
    words, language = deck.words, deck.settings.language
    own = Markup()
    if primary(words.language) != primary(language):
        own = Markup(' lang="{}" dir="{}"').format(words.language, direction(words.language))
    script = rendered("quiz.js")
    topics: dict[str, list[Question]] = {}
    names: dict[str, str] = {}
    for question in form.questions:
        topic = job.cards[question.id].topic.partition("::")[0]
        # Topics whose file names are the same share a page.
        topics.setdefault(names.setdefault(file_name(topic), topic), []).append(question)

    def rich(nodes: Tree | None) -> Markup:
        return Markup(_html(nodes or [], job))  # noqa: S704 - every text in it is escaped

    files = []
    for topic, questions in topics.items():
        count = words.count("questions", len(questions))
        said_by_script = {
            name: words[name] for name in ("right", "not_right", "right_option", "wrong_option", "nothing_chosen")
        }
        said_by_script["progress"] = words.say("progress", good="{good}", answered="{answered}", questions=count)
        page = rendered(
            "quiz.html",
            title=f"{layout.title}: {topic}",
            language=language,
            direction=direction(language),
            words=words,
            own=own,
            count=count,
            status=layout.status,
            license=deck.settings.license if deck.settings.license else "",
            questions=[(place, question) for place, question in enumerate(questions, 1)],
            rich=rich,
            page={"quiz": f"{job.identity} {topic}", "words": said_by_script},
            script=Markup(script),  # noqa: S704 - our own file
            digest=b64encode(sha256(script.encode()).digest()).decode(),
        )
        name = f"{layout.name}-{file_name(topic)}" if len(topics) > 1 else layout.name
        files.append(
            File(f"{name}.html", page.encode(), f"{topic}: {counted(len(questions), 'question')} to test oneself")
        )
    return files, []


def _html(nodes: Sequence[Element | str], job: QuizJob) -> str:
    """A tree as HTML; every text in it is escaped."""
    return "".join(escape(node) if isinstance(node, str) else ELEMENTS[node.tag](node, job) for node in nodes)


def _wrapped(tag: str) -> Callable[[Element, QuizJob], str]:
    return lambda node, job: f"<{tag}>{_html(node.children, job)}</{tag}>"


def _break(node: Element, job: QuizJob) -> str:
    return "<br>"


def _numbered(node: Element, job: QuizJob) -> str:
    return f'<ol start="{int(node.value or 1)}">{_html(node.children, job)}</ol>'


def _table(node: Element, job: QuizJob) -> str:
    return f'<div class="wide"><table>{_html(node.children, job)}</table></div>'


def _head(node: Element, job: QuizJob) -> str:
    cells = _html(node.children, job).replace("<td>", "<th>").replace("</td>", "</th>")
    return f"<thead><tr>{cells}</tr></thead>"


def _link(node: Element, job: QuizJob) -> str:
    inside = _html(node.children, job)
    if not node.value.startswith(("https://", "http://", "mailto:")):
        return inside
    return f'<a href="{escape(node.value)}" rel="noreferrer">{inside}</a>'


def _image(node: Element, job: QuizJob) -> str:
    return _picture(node.value, said(node.children), job)


def _picture(name: str, description: str, job: QuizJob) -> str:
    medium = job.media[name]
    kind = _TYPES[PurePath(medium.travels_as).suffix]
    return f'<img src="data:{kind};base64,{b64encode(medium.data).decode()}" alt="{escape(description)}">'


def _masked(node: Element, job: QuizJob) -> str:
    """A picture with its boxes, which hide what is below them until the answer is shown (quiz.js)."""
    masks = "".join(
        f'<span class="mask" style="left:{box.left:.2%};top:{box.top:.2%};'
        f'width:{box.width:.2%};height:{box.height:.2%}"><b>{escape(box.number)}</b></span>'
        for box in boxes(node)
    )
    return f'<div class="masked">{_picture(node.value, node.note, job)}{masks}</div>'


def _gap(node: Element, job: QuizJob) -> str:
    hint = f" <small>({escape(node.note)})</small>" if node.note else ""
    name = escape(job.deck.words["gap"])
    return f'<span class="gap" role="img" aria-label="{name}"></span>{hint}'


def _formula(node: Element, job: QuizJob) -> str:
    source = said(node.children)
    formula = tex.parse(source)
    if formula is None:
        return f"<code>${escape(source)}$</code>"
    display = ' display="block"' if node.value == "block" else ""
    return f'<math xmlns="{_MATHML}"{display} aria-label="{escape(tex.spoken(formula))}">{_mathml(formula)}</math>'


ELEMENTS: Mapping[str, Callable[[Element, QuizJob], str]] = {
    **{tag: _wrapped(tag) for tag in ("p", "ul", "li", "tr", "td", "strong", "em", "code", "sub", "sup")},
    "br": _break,
    "ol": _numbered,
    "table": _table,
    "thead": _head,
    "a": _link,
    "img": _image,
    "masked": _masked,
    "gap": _gap,
    "math": _formula,
}
"""How each tag of a quiz's trees becomes HTML."""
PARTS = frozenset({"mask"})
"""Tags that the function for pictures handles."""


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
