"""START-HERE.html: which file is for whom, and what to click."""

from collections.abc import Sequence

from jinja2 import Environment, PackageLoader, StrictUndefined

from deckwright.formats import File
from deckwright.model import Settings
from deckwright.release.compare import Edition

NAME = "START-HERE.html"


def render(settings: Settings, edition: Edition, files: Sequence[File]) -> File:
    """The page for `files`, in the order given."""
    environment = Environment(loader=PackageLoader("deckwright"), autoescape=True, undefined=StrictUndefined)
    page = environment.get_template("start_here.html").render(
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
    return File(NAME, page.encode(), "this page")
