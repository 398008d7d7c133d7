"""Pages for people: the one Jinja environment that makes HTML, and START-HERE.html.

In: a template and the values to fill it with. Out: a page. Every page extends templates/page.html, which forbids it to
load anything from outside, and takes its style from templates/page.css. Jinja escapes every value.
"""

from collections.abc import Sequence

from jinja2 import Environment, PackageLoader, StrictUndefined

from deckwright.formats import File
from deckwright.model import Settings
from deckwright.release.compare import Edition

_ENVIRONMENT = Environment(
    loader=PackageLoader("deckwright"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)


def rendered(template: str, **values: object) -> str:
    """The file in templates/ called `template`, filled with `values`."""
    return _ENVIRONMENT.get_template(template).render(values)


def start_here(settings: Settings, edition: Edition, files: Sequence[File]) -> File:
    """START-HERE.html, which says whom each of `files` is for, in the order given, and what to click."""
    page = rendered(
        "start_here.html",
        title=settings.title,
        language=settings.language,
        namespace=settings.namespace,
        notice=settings.notice if settings.notice else "",
        license=settings.license if settings.license else "",
        draft=edition.draft,
        files=files,
        packages=sum(file.name.endswith(".apkg") for file in files),
        texts=any(file.name.endswith(".txt") for file in files),
    )
    return File("START-HERE.html", page.encode(), "this page")
