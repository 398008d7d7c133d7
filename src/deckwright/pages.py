"""Pages for people: the one Jinja environment that makes HTML, and START-HERE.html.

In: a template and the values to fill it with. Out: a page. Every page extends templates/page.html, which forbids it to
load anything from outside, and takes its style from templates/page.css. Jinja escapes every value.
"""

import re
from collections.abc import Sequence

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from deckwright.formats import File
from deckwright.model import Deck, complete_name
from deckwright.release.compare import Edition
from deckwright.words import direction


def _rich(text: str) -> Markup:
    """A word of the program with its `**bold**` and its code."""
    html = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", str(escape(text)))
    return Markup(re.sub("`(.+?)`", r"<code>\1</code>", html))  # noqa: S704 - escaped


_ENVIRONMENT = Environment(
    loader=PackageLoader("deckwright"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)
_ENVIRONMENT.filters["rich"] = _rich


def rendered(template: str, **values: object) -> str:
    """The file in templates/ called `template`, filled with `values`."""
    return _ENVIRONMENT.get_template(template).render(values)


def start_here(deck: Deck, edition: Edition, files: Sequence[File]) -> File:
    """START-HERE.html: the package that nearly everybody needs, what to click, and all of `files`, in the order
    given."""
    settings = deck.settings
    packages = [file for file in files if file.name.endswith(".apkg")]
    complete = [file for file in packages if file.name.startswith(complete_name(settings.title))]
    page = rendered(
        "start_here.html",
        title=settings.title,
        language=settings.language,
        words=deck.words,
        direction=direction(deck.words.language),
        namespace=settings.namespace,
        notice=settings.notice if settings.notice else "",
        license=settings.license if settings.license else "",
        draft=edition.draft,
        main=next(iter([*complete, *packages]), None),
        files=files,
        packages=len(packages),
        notes=next((file for file in files if file.name.startswith("release-notes")), None),
        texts=any(file.name.endswith(".txt") for file in files),
    )
    return File("START-HERE.html", page.encode(), deck.words["about_start_here"])
