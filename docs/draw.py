"""Draws the pictures in docs/images/: the example cards as Anki shows them, a sheet, and an error as `check` shows it.

Run it after a change of templates, styles or examples: .venv/bin/python docs/draw.py (it needs the test extra, Chromium
and poppler). tests/test_docs.py tells when it is due: each picture has the digest of what it was made from in
docs/images/made-from.txt.
"""

import shutil
import subprocess
import sys
import tempfile
from hashlib import sha256
from html import escape
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from deckwright.anki.notetypes import layouts
from deckwright.anki.preview import Preview, preview
from deckwright.files import Folder
from deckwright.model import KIND_OF
from deckwright.project import Held, Project

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src/deckwright"
IMAGES = ROOT / "docs/images"
EXAMPLES = SOURCE / "examples"

MISTAKE = """\
topic: Imaging
cards:
  - id: fracture
    question: Where is the fracture?
    answer: Displaced #NOF, left
    sources: acr-2021
  - id: ces
    question: Which imaging first?
    options:
      - right: Emergency MRI
      - wrong: Plain radiograph
    sources: acr-2021
"""

FRAME = """\
<!doctype html><meta charset="utf-8"><style>{css}
body {{ margin: 0; display: inline-flex; gap: 12px; padding: 12px; background: #dfe3e8; align-items: stretch; }}
body > div {{ width: {width}px; border-radius: 8px; overflow: hidden; }}
body > div > .card {{ height: 100%; }}
</style>"""


def made_from() -> str:
    """The digest of everything that the pictures show."""
    files = [
        *EXAMPLES.rglob("*"),
        *(SOURCE / "anki").rglob("*"),
        *(SOURCE / "quiz/pdf").rglob("*"),
        SOURCE / "languages/en.yaml",
        Path(__file__),
    ]
    texts = [path.read_bytes() for path in sorted(files) if path.is_file() and path.suffix != ".pyc"]
    return sha256(b"\0".join(texts)).hexdigest() + "\n"


def example_project(folder: Path) -> Path:
    """A project of the example cards."""
    shutil.copytree(EXAMPLES, folder / "cards")
    (folder / "cards/deck.yaml").write_text("title: Examples\nnamespace: examples\n", encoding="utf-8")
    return folder


def cards(root: Path, browser: Browser) -> None:
    """One picture for each kind: front and back, and for two of them the back in the dark."""
    held = Held.compiled(Project.open(Folder(root)))
    media = {medium.travels_as: medium.data for medium in held.project.media.values()}
    page = browser.new_page(viewport={"width": 1200, "height": 900}, device_scale_factor=1.5)
    page.route("http://media/**", lambda route: route.fulfill(
        body=media[route.request.url.rpartition("/")[2]], content_type="image/svg+xml"))  # fmt: skip
    for _, card, note in held.published():
        layout = layouts(held.project.deck.settings, held.project.deck.words)[note.type]
        shown = preview(note, layout)[0]
        kind = KIND_OF[type(card)].name
        page.set_content(FRAME.format(css=layout.css, width=480) + _sides(shown, dark=kind in ("options", "occlusion")))
        page.evaluate("Promise.all([...document.images].map(image => image.decode()))")
        page.locator("body").screenshot(path=IMAGES / f"kind-{kind}.png")
    page.close()


def _sides(shown: Preview, *, dark: bool) -> str:
    """Front and back as they stand in Anki's window, without their scripts."""
    back = 'class="nightMode"' if dark else ""
    sides = f'<div><div class="card">{shown.front}</div></div><div {back}><div class="card">{shown.back}</div></div>'
    return f'<base href="http://media/">{sides.replace("<script>", "<template>").replace("</script>", "</template>")}'


def checked(root: Path) -> str:
    """What `check` prints in a project."""
    command = [sys.executable, "-m", "deckwright", "check"]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False).stdout  # noqa: S603


def mistake(root: Path, browser: Browser) -> None:
    """Two errors as `check` shows them in a terminal."""
    cards = root / "cards/cards.yaml"
    good = cards.rename(root / "cards.yaml")
    (root / "cards/imaging.yaml").write_text(MISTAKE, encoding="utf-8")
    said = checked(root)
    (root / "cards/imaging.yaml").unlink()
    good.rename(cards)
    (IMAGES / "mistake.txt").write_text(said, encoding="utf-8")
    page = browser.new_page(viewport={"width": 1000, "height": 500}, device_scale_factor=1.5)
    style = "background:#1d242b;color:#e8edf2;font:15px/1.5 monospace;padding:16px;margin:0;width:max-content"
    page.set_content(f'<body style="margin:0"><pre style="{style}">$ deckwright check\n{escape(said)}</pre>')
    page.locator("pre").screenshot(path=IMAGES / "mistake.png")
    page.close()


def sheet(root: Path, folder: Path) -> None:
    """The first page of a quiz, and of its answers."""
    command = [sys.executable, "-m", "deckwright", "quiz", "--name", "sheet", "--seed", "1", "--out", str(folder)]
    subprocess.run(command, cwd=root, check=True, capture_output=True)  # noqa: S603
    for name in ("sheet", "sheet-ANSWERS"):
        picture = ["pdftoppm", "-png", "-r", "70", "-f", "1", "-singlefile", str(folder / f"{name}.pdf")]
        subprocess.run([*picture, str(IMAGES / name.lower())], check=True)  # noqa: S603


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        root = example_project(Path(folder) / "project")
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        cards(root, browser)
        mistake(root, browser)
        sheet(root, Path(folder))
        browser.close()
    (IMAGES / "made-from.txt").write_text(made_from(), encoding="utf-8")


if __name__ == "__main__":
    main()
