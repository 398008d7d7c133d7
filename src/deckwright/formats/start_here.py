"""The page that says which file is for whom, and what to click.

In: a job and the files built. Out: START-HERE.html, one page without anything from outside.
"""

from jinja2 import Environment, PackageLoader, StrictUndefined

from deckwright.formats import File, Job

NAME = "START-HERE.html"


def render(job: Job, files: list[File]) -> File:
    """The page for `files`, in the order given."""
    environment = Environment(loader=PackageLoader("deckwright.formats"), autoescape=True, undefined=StrictUndefined)
    settings = job.deck.settings
    page = environment.get_template("start_here.html").render(
        title=settings.title.text,
        language=settings.language.text,
        namespace=settings.namespace.text,
        license=settings.license.text if settings.license else "",
        draft=job.draft,
        files=files,
    )
    return File(NAME, page.encode(), "this page")
