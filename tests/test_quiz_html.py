"""Quiz pages in a real browser: answering, scoring, keyboard, no network, phone width, print.

Needs Chromium, as tests/test_browser.py does.
"""

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from unicodedata import normalize

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect
from pypdf import PdfReader

from conftest import CHROMIUM, STAMP, SVG, MakeProject, letters, release
from deckwright.quiz.printing import make
from deckwright.quiz.select import Request
from deckwright.reading.quoting import quote
from deckwright.reading.words import words_in
from deckwright.sources.tasks import report
from test_quiz import KINDS, order, printed

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here")

PICTURE = """\
  - id: seen
    question: "What is this? ![a round shape](circle.svg) <script>document.title='x'</script>"
    answer: "$x^{2} \\\\le \\\\frac{1}{2}$ [x](https://example.org)"
    sources: book
"""


@pytest.fixture
def page(browser: Browser, project: MakeProject) -> Iterator[Page]:
    root = project({"a.yaml": KINDS + PICTURE, "media/circle.svg": SVG})
    path = printed(root, Request(), order("q", 1, "html"))["q.html"]
    page = browser.new_page(viewport={"width": 375, "height": 800}, color_scheme="dark")
    trouble: list[str] = []
    page.on("console", lambda message: trouble.append(message.text))
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("request", lambda request: trouble.append(request.url) if not request.url.startswith("data:") else None)
    page.goto(path.as_uri())
    yield page
    assert set(trouble) == {path.as_uri()}, "no error, and nothing but the page itself was asked for"
    page.close()


def question(page: Page, text: str) -> str:
    """The id of the question with a text."""
    return str(page.locator("section.question", has_text=text).get_attribute("id"))


def test_choosing_and_scoring(page: Page) -> None:
    one, many = question(page, "Which imaging first"), question(page, "red flags")
    assert page.locator(f"#{one} .answer").is_hidden()
    page.locator(f"#{one} label", has_text="Emergency MRI").click()
    page.locator(f"#{one} button[type=submit]").click()
    assert "Right." in page.locator(f"#{one} .answer").inner_text()
    assert "It shows the nerve roots" in page.locator(f"#{one} .answer").inner_text()
    assert (
        "Hoy D, et al., Arthritis Rheum 2012, p. 7 · reviewed 2026-11-20 by JW"
        in page.locator(f"#{one} .source").inner_text()
    )
    assert page.locator(f"#{one} label.correct").inner_text().endswith("✓ right")
    page.locator(f"#{many} label", has_text="Fever").click()
    page.locator(f"#{many} button[type=submit]").click()
    assert "Not right." in page.locator(f"#{many} .answer").inner_text()
    assert page.locator("#score").inner_text() == "1 of 2 right, 6 questions in all"


def test_by_keyboard(page: Page) -> None:
    written = question(page, "older estimate")
    page.locator(f"#{written} textarea").focus()
    page.keyboard.type("630 million")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    answer = page.locator(f"#{written} .answer")
    assert answer.is_visible()
    assert "632 million" in answer.inner_text()
    assert "Also counts: 630 million" in answer.inner_text()
    assert "Estimates differ" in answer.inner_text()
    assert page.evaluate("document.activeElement.className") == "answer", "it is read once, because the focus is on it"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # on Yes
    assert page.locator("#score").inner_text() == "1 of 1 right, 6 questions in all"
    one = question(page, "Which imaging first")
    page.locator(f"#{one} input").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.locator(f"#{one} .answer").is_visible()


def test_questions_by_name(page: Page) -> None:
    """A screen reader says which question a group or a text box belongs to."""
    one, many, gap = question(page, "Which imaging first"), question(page, "red flags"), question(page, "Pain is")
    name = f"Question {one[1:]} New saddle numbness. Which imaging first? Choose one."
    expect(page.locator(f"#{one} fieldset")).to_have_accessible_name(name)
    assert page.get_by_role("group", name="Which are red flags? Choose all that are right.").count() == 1
    expect(page.locator(f"#{gap} textarea")).to_have_accessible_name(
        re.compile(rf"^Question {gap[1:]} Pain is.* gap .*Your answer$")
    )
    assert page.locator(f"#{many} .missing").get_attribute("role") == "alert"
    assert page.locator("footer").inner_text() == "Licence: CC BY 4.0"


def test_checking_without_a_choice(page: Page) -> None:
    one = question(page, "Which imaging first")
    page.locator(f"#{one} button[type=submit]").click()
    assert page.locator(f"#{one} .missing").inner_text().startswith("Nothing is chosen yet.")
    assert page.locator(f"#{one} .answer").is_hidden()
    page.locator(f"#{one} label", has_text="Emergency MRI").click()
    assert page.locator(f"#{one} .missing").inner_text() == ""
    check = page.locator(f"#{one} button[type=submit]")
    before = check.evaluate("e => getComputedStyle(e).borderStyle")
    check.click()
    assert check.is_disabled()
    assert check.evaluate("e => getComputedStyle(e).borderStyle") != before


def test_the_bar_never_covers_what_has_the_focus(page: Page) -> None:
    for link in page.locator("a, button, input, textarea").all():
        if link.is_visible():
            page.evaluate("scrollTo(0, 0)")
            link.focus()
            box, bar = link.bounding_box(), page.locator(".bar").bounding_box()
            assert box
            assert bar
            assert box["y"] + box["height"] <= bar["y"]


def test_progress_is_kept_and_started_again(page: Page) -> None:
    one, written = question(page, "Which imaging first"), question(page, "older estimate")
    assert page.locator("#again").is_hidden()
    page.locator(f"#{one} label", has_text="Plain radiograph").click()
    page.locator(f"#{one} button[type=submit]").click()
    page.locator(f"#{written} textarea").fill("630 million")
    page.locator(f"#{written} button[type=submit]").click()
    page.locator(f"#{written} button", has_text="Yes").click()
    for _ in range(2):
        assert page.locator("#score").inner_text() == "1 of 2 right, 6 questions in all"
        assert page.locator(f"#{one} .verdict").inner_text() == "Not right."
        assert page.locator(f"#{one} label.wrong").inner_text().endswith("✗ wrong")
        assert page.locator(f"#{written} textarea").input_value() == "630 million"
        assert page.locator(f"#{written} button[aria-pressed=true]").inner_text() == "Yes"
        page.wait_for_timeout(1000)  # a busy Chromium stores it a moment later; no person reloads sooner
        page.reload()
    page.locator("#again").click()
    page.wait_for_function("document.getElementById('score').textContent === '6 questions'")
    assert page.locator(f"#{written} textarea").input_value() == ""
    assert page.locator(f"#{one} .answer").is_hidden()
    assert page.locator("input:checked").count() == 0


def test_without_storage(browser: Browser, project: MakeProject) -> None:
    """A browser that forbids storage keeps nothing, and all else works. A quiz may have one question."""
    root = project({"a.yaml": KINDS})
    result = make(root, root / "build", Request(ids=("one-of",)), order("q", 1, "html"))
    assert next(file.about for _, file in result.written) == "Back: 1 question to test oneself"
    page = browser.new_page()
    trouble: list[str] = []
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.add_init_script("Object.defineProperty(window, 'sessionStorage', {get() { throw new DOMException('no') }})")
    page.goto((root / "build/q.html").as_uri())
    assert page.locator("#score").inner_text() == "1 question"
    page.locator("label", has_text="Emergency MRI").click()
    page.locator("button[type=submit]").click()
    assert page.locator("#score").inner_text() == "1 of 1 right, 1 question in all"
    assert trouble == []
    page.close()


def test_from_right_to_left_and_in_other_words(browser: Browser, project: MakeProject) -> None:
    deck = "title: T\nnamespace: t\nlanguage: ar\n"
    root = project({"a.yaml": KINDS, "deck.yaml": deck})
    page = browser.new_page()
    page.goto(printed(root, Request(), order("q", 1, "html"))["q.html"].as_uri())
    html, legend = page.locator("html"), page.locator("legend").first
    assert [html.get_attribute(name) for name in ("lang", "dir")] == ["ar", "rtl"]
    assert [legend.get_attribute(name) for name in ("lang", "dir")] == ["en", "ltr"], "there are no Arabic words"
    assert legend.evaluate("e => getComputedStyle(e).textAlign") == "right"
    all_words = {**words_in("en").texts, "check": "افحص", "progress": "{answered}/{good} </script> {questions}"}
    words = "".join(f"{name}: {quote(text)}\n" for name, text in all_words.items())
    root = project({"a.yaml": KINDS, "deck.yaml": deck, "words.yaml": words})
    page.goto(printed(root, Request(), order("w", 1, "html"))["w.html"].as_uri())
    assert page.locator("legend").first.get_attribute("lang") is None
    one = question(page, "Which imaging first")
    page.locator(f"#{one} label", has_text="Emergency MRI").click()
    page.locator(f"#{one} button", has_text="افحص").click()
    assert page.locator("#score").inner_text() == "1/1 </script> 5 questions"
    page.close()


def test_what_is_shown(page: Page) -> None:
    seen = question(page, "What is this?")
    assert page.title() == "Test deck: quiz: Back"
    image = page.locator(f"#{seen} img")
    assert image.get_attribute("alt") == "a round shape"
    assert image.evaluate("image => image.naturalWidth") > 0
    page.locator(f"#{seen} button[type=submit]").click()
    assert page.locator(f"#{seen} math mfrac").count() == 1
    assert page.locator(f"#{seen} a[href='https://example.org']").count() >= 1
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    for button in page.locator("button:visible, label.option").all():
        box = button.bounding_box()
        assert box
        assert box["height"] >= 44
    assert page.locator("html").get_attribute("lang") == "en"
    gap = question(page, "Pain is chronic")
    assert page.locator(f"#{gap} .gap").get_attribute("aria-label") == "gap"


def test_contrast_by_day_and_night(page: Page) -> None:
    def luminance(colour: str) -> float:
        parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for selector, around in (
            ("section.question .stem", "section.question"),
            (".status", "body"),
            ("button", "button"),
        ):
            colour = page.locator(selector).first.evaluate("e => getComputedStyle(e).color")
            ground = page.locator(around).first.evaluate("e => getComputedStyle(e).backgroundColor")
            light, dark = sorted((luminance(colour), luminance(ground)), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 4.5, (scheme, selector)


def test_print(page: Page, tmp_path: Path) -> None:
    page.emulate_media(color_scheme="light")
    path = tmp_path / "print.pdf"
    path.write_bytes(page.pdf(format="A4"))
    text = normalize("NFKC", " ".join(page.extract_text() for page in PdfReader(path).pages))  # ﬁ is f and i
    for said in ("Which imaging first", "red flags", "older estimate", "Choose one."):
        assert letters(said) in letters(text)
    for hidden in ("632 million", "It shows the nerve roots", "Check", "questions in all"):
        assert hidden not in text


def _note(said: list[str], message: ConsoleMessage) -> None:
    said.append(message.text)


def test_the_other_pages_fetch_nothing_and_run_no_other_script(browser: Browser, project: MakeProject) -> None:
    """Their own style works, and anything else that came into them would not."""
    root = project({"a.yaml": KINDS})
    release(root)
    report(root, root / "build", STAMP)
    pages = sorted((root / "build").glob("*.html"))
    assert [path.name for path in pages] == ["START-HERE.html", "release-notes-2026-11-22.html", "sources.html"]
    for path in pages:
        page = browser.new_page()
        said: list[str] = []
        page.on("console", partial(_note, said))
        page.goto(path.as_uri())
        assert page.locator("h1").evaluate("e => getComputedStyle(e).fontSize") == "24px"
        if path.name == "sources.html":
            assert len({page.evaluate("e => e.offsetWidth", bar) for bar in page.locator(".bar").element_handles()}) > 1
        assert said == []
        title = page.title()
        alien = "<script>document.title = 'taken'</script><img src='https://example.org/x.png'><base href='https://example.org/'>"
        path.write_text(path.read_text().replace("</h1>", f"</h1>{alien}"))
        page.goto(path.as_uri())
        assert page.title() == title
        assert page.evaluate("document.baseURI") == path.as_uri()
        assert len([text for text in said if "Content Security Policy" in text]) == 3
        page.close()
