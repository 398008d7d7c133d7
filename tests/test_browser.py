"""Cards in a real browser: what stays in view, pressing, remembering, order, no scripting, phone width, contrast.

Needs Chromium (`apt-get install chromium`); .ci/run has it. Without it these tests are skipped.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Browser, Page

from conftest import CASES, CHROMIUM, STAMP, SVG, MakeProject
from deckwright.project import build
from learner import Card, Learner

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here")

FACES = """\
  - id: all
    question: Name the marked half.
    image: circle.svg
    masks:
      - answer: The left half
        at: 0 0 50 100
        why: It is on the left.
      - answer: The right half
        at: 50 0 50 100
      - retired: The middle
    sources: book
  - id: one
    question: Name the marked half.
    image: circle.svg
    hide: one
    masks:
      - answer: The left half
        at: 0 0 50 100
      - answer: The right half
        at: 50 0 50 100
    sources: book
  - id: basic
    question: How many people had it at one time?
    answer: About 619 million
    sources: book
    status: superseded
    as_of: 2010
    caveat: 619 million in 2020.
  - id: dated
    question: From how many weeks on is it chronic?
    answer: 12 weeks
    sources: book
    as_of: 2021
  - id: typed
    question: Which kind of joint is the hip?
    answer: Ball-and-socket joint
    typed: true
    sources: book
  - id: gap
    cloze: It is chronic once it has lasted {{c1::12 weeks}} or longer.
    sources: book
  - id: entries
    question: Name the two.
    items:
      - Mechanical
      - Non-mechanical
    sources: book
"""


class Faces(NamedTuple):
    """Cards as Anki renders them."""

    cards: list[Card]
    css: str
    collection: Any


class Reviewer:
    """Shows cards as Anki does: one page, its content replaced for the back, scripts run anew."""

    def __init__(self, page: Page, faces: Faces) -> None:
        self.page = page
        self.cards = {card.id_: card for card in faces.cards}
        self.collection = faces.collection
        document = self.document(faces.css)
        page.route("http://*.test/", lambda route: route.fulfill(body=document, content_type="text/html"))
        self.reload()

    def reload(self, host: str = "anki.test") -> None:
        """Begins a new document, as AnkiDroid does for each side."""
        page = self.page
        page.goto(f"http://{host}/")
        page.evaluate("window.taps = 0; document.addEventListener('click', () => window.taps++)")
        page.evaluate("document.addEventListener('touchstart', () => window.taps++)")

    @staticmethod
    def document(css: str) -> str:
        viewport = '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        return f"<!doctype html>{viewport}<style>{css}</style><body class=card><div id=qa></div>"

    def show(self, html: str) -> None:
        self.page.evaluate(
            """html => {
                const qa = document.getElementById('qa');
                qa.innerHTML = html;
                for (const old of qa.querySelectorAll('script')) {
                    const script = document.createElement('script');
                    script.textContent = old.textContent;
                    old.replaceWith(script);
                }
            }""",
            html,
        )

    def back(self, id_: str) -> None:
        """Shows a back, and scrolls as Anki does."""
        self.show(self.cards[id_].back)
        self.page.evaluate("document.getElementById('answer').scrollIntoView()")

    def in_view(self, selector: str) -> bool:
        """Whether an element lies wholly within the window."""
        box = self.page.locator(selector).bounding_box()
        size = self.page.viewport_size
        assert box is not None
        assert size is not None
        return box["y"] >= 0 and box["y"] + box["height"] <= size["height"]

    def style(self, selector: str, name: str, pseudo: str | None = None) -> str:
        """A computed style of the first element of a selector."""
        script = "(e, [name, pseudo]) => getComputedStyle(e, pseudo)[name]"
        return str(self.page.locator(selector).first.evaluate(script, [name, pseudo]))

    def order(self) -> list[str]:
        return self.page.locator(".options button").all_inner_texts()

    def marked(self, kind: str) -> list[str]:
        return self.page.locator(f".options li.{kind} button").all_inner_texts()


@pytest.fixture
def faces(project: MakeProject, learner: Learner, tmp_path: Path) -> Faces:
    cards = (CASES / "kinds/options.yaml").read_bytes() + FACES.encode()
    root = project({"a.yaml": cards, "media/circle.svg": SVG})
    built = build(root, tmp_path / "out", ["anki"], STAMP)
    learner.imports(next(path for path, _ in built.written if path.suffix == ".apkg"))
    css = learner.collection.models.by_name("Test deck: options")["css"]
    return Faces(learner.cards(), css, learner.collection)


@pytest.fixture
def reviewer(browser: Browser, faces: Faces) -> Iterator[Reviewer]:
    context = browser.new_context(viewport={"width": 360, "height": 740}, has_touch=True)
    yield Reviewer(context.new_page(), faces)
    context.close()


def test_what_was_asked_stays_in_view(reviewer: Reviewer) -> None:
    """Where the answer stands in the question, or the options need it, the back begins at its top."""
    reviewer.page.set_viewport_size({"width": 360, "height": 330})
    for id_ in ("single", "several", "gap", "entries"):
        reviewer.back(id_)
        assert reviewer.in_view(".question"), id_
    reviewer.page.set_viewport_size({"width": 360, "height": 200})
    reviewer.back("basic")
    assert not reviewer.in_view(".question")
    assert reviewer.in_view(".answer")


def test_one_rule_is_not_drawn_under_another(reviewer: Reviewer) -> None:
    for card in reviewer.cards.values():
        reviewer.show(card.back)
        assert reviewer.page.locator("hr + .foot").count() == 0, card.id_
    reviewer.show(reviewer.cards["dated"].back)
    assert reviewer.page.locator("hr + .answer + .foot").count() == 1


@pytest.mark.parametrize("typed", ["", "Ball-and-socket joint", "Ball joint"])
def test_a_typed_answer_is_compared_only_where_it_differs(reviewer: Reviewer, typed: str) -> None:
    answer = "Ball-and-socket joint"
    compared = reviewer.collection.compare_answer(answer, typed)
    wrapped = f"""<div style="font-family: 'Arial'; font-size: 20px">{compared}</div>"""  # as Anki's reviewer does
    back = reviewer.cards["typed"].back
    assert back.count("[[type:Typed]]") == 1
    reviewer.show(back.replace("[[type:Typed]]", wrapped))
    text = reviewer.page.locator(".deckwright").inner_text()
    assert text.count(answer) == (2 if typed not in ("", answer) else 1)
    family = [reviewer.style(selector, "fontFamily") for selector in ("#typeans", ".answer")]
    assert family[0] == family[1]
    box = reviewer.page.locator("#typeans").bounding_box()
    assert box is not None
    assert (box["height"] > 1) == bool(typed)
    sign = reviewer.style("#typeans > .typeGood", "content", "::before") if typed else "none"
    assert sign == ('"✓ You typed it right."' if typed == answer else "none")


def test_a_typed_answer_of_anki_before_2_1_50(reviewer: Reviewer) -> None:
    """It compared nothing typed with the answer, letter by letter."""
    answer = "Ball-and-socket joint"
    compared = f"<br><span id=typearrow>&darr;</span><br><span class=typeMissed>{answer}</span>"
    reviewer.show(reviewer.cards["typed"].back.replace("[[type:Typed]]", f"<code id=typeans>{compared}</code>"))
    assert reviewer.page.locator(".deckwright").inner_text().count(answer) == 1


def test_a_date_alone_stands_in_the_foot(reviewer: Reviewer) -> None:
    page = reviewer.page
    reviewer.show(reviewer.cards["dated"].front)
    assert "2021" not in page.locator(".deckwright").inner_text()
    reviewer.show(reviewer.cards["dated"].back)
    assert page.locator(".deckwright").inner_text().count("2021") == 1
    assert "2021" in page.locator(".foot").inner_text()
    for side in (reviewer.cards["basic"].front, reviewer.cards["basic"].back):
        reviewer.show(side)
        assert page.locator(".deckwright").inner_text().count("Superseded · as of 2010") == 1
        assert page.locator(".status").inner_text() == "Superseded · as of 2010"


@pytest.mark.parametrize("allowed", [True, False])
def test_the_id_is_there_to_copy(reviewer: Reviewer, *, allowed: bool) -> None:
    page = reviewer.page
    page.evaluate(f"document.execCommand = () => {str(allowed).lower()}")
    for card in reviewer.cards.values():
        reviewer.show(card.back)
        assert page.locator(".foot").inner_text().endswith("Copy the card's id"), "no id as if left by a programmer"
        assert page.locator(".deckwright").get_attribute("data-card") == card.id_
        page.locator(".copy").tap()
        page.locator(".copy").tap()
        assert page.evaluate("getSelection().toString()") == card.id_
        label = "Copied:" if allowed else "The card's id:"
        assert page.locator(".foot").inner_text().endswith(f"{label} {card.id_}")


def test_a_single_answer(reviewer: Reviewer) -> None:
    card, page = reviewer.cards["single"], reviewer.page
    reviewer.show(card.front)
    assert page.locator(".why:visible").count() == 0
    order = reviewer.order()
    page.get_by_role("button", name="Plain radiograph").tap()
    assert page.evaluate("window.taps") == 0, "no tap reaches the page, so that no phone gesture fires"
    assert page.locator(".why:visible").count() == 2
    assert page.get_by_role("status").inner_text() == "Not right."
    page.get_by_role("button", name="Emergency MRI").tap()
    assert reviewer.marked("chosen") == ["Plain radiograph"], "the first answer counts"
    reviewer.show(card.back)
    assert reviewer.order() == order
    assert reviewer.marked("chosen") == ["Plain radiograph"]
    selectors = ("li.correct button", "li.wrong.chosen button", "li.wrong:not(.chosen) button")
    assert [reviewer.style(selector, "content", "::before") for selector in selectors] == ['"✓"', '"✗"', '""']
    assert reviewer.style("li button", "borderRadius", "::before") == "50%"
    assert reviewer.style("ul.options", "content", "::before") == "none"


def test_several_answers(reviewer: Reviewer) -> None:
    card, page = reviewer.cards["several"], reviewer.page
    reviewer.show(card.front)
    assert reviewer.style("ul.options", "content", "::before") == '"Choose all that apply"'
    assert reviewer.style("li button", "borderRadius", "::before") == "4px", "boxes to tick, not circles"
    assert reviewer.order()[-1] == "None of the above"
    page.get_by_role("button", name="Severe trauma").tap()
    page.get_by_role("button", name="Tall stature").tap()
    page.get_by_role("button", name="Tall stature").tap()
    page.get_by_role("button", name="Long use").tap()
    assert page.get_by_role("button", name="Severe trauma").get_attribute("aria-pressed") == "true"
    assert page.get_by_role("button", name="Tall stature").get_attribute("aria-pressed") == "false"
    page.get_by_role("button", name="Check my choice").tap()
    assert page.get_by_role("status").inner_text() == "Right."
    assert not page.locator(".done").is_visible()
    reviewer.show(card.back)
    assert set(reviewer.marked("chosen")) == {"Severe trauma", "Long use of steroids"}
    assert reviewer.style("ul.options", "content", "::before") == '"Choose all that apply"'


def test_chosen_and_missed_look_different(reviewer: Reviewer) -> None:
    page = reviewer.page
    reviewer.show(reviewer.cards["several"].front)
    page.get_by_role("button", name="Severe trauma").tap()
    page.get_by_role("button", name="Tall stature").tap()
    page.get_by_role("button", name="Check my choice").tap()
    for _ in ("front", "back"):
        names = ("Severe trauma", "Long use of steroids", "Tall stature", "None of the above")
        looks = []
        for name in names:
            option = f"li button:has-text('{name}')"
            before = [reviewer.style(option, style, "::before") for style in ("content", "backgroundColor")]
            looks.append((*before, reviewer.style(option, "content", "::after")))
        right, missed, wrong, rest = looks
        assert [look[0] for look in looks] == ['"✓"', '"✓"', '"✗"', '""'], "no cross at what was rightly left"
        assert [look[2] for look in looks] == ["none", '"missed"', "none", "none"]
        assert right[1] != missed[1] == rest[1] == "rgba(0, 0, 0, 0)", "filled where chosen"
        assert wrong[1] not in (right[1], missed[1])
        reviewer.back("several")
    reviewer.show(reviewer.cards["several"].front)
    reviewer.back("several")
    assert reviewer.marked("missed") == [], "who chose nothing is shown the key and no verdict"
    assert page.get_by_role("status").inner_text() == ""


def test_the_verdict_is_seen(reviewer: Reviewer) -> None:
    """It stands on top, in a colour and with a sign, on the front within the window wherever one has scrolled."""
    page = reviewer.page
    page.set_viewport_size({"width": 360, "height": 330})
    for name, kind, sign in (("Emergency MRI", "correct", '"✓ "'), ("MRI after", "wrong", '"✗ "')):
        reviewer.show(reviewer.cards["single"].front)
        page.get_by_role("button", name=name).tap()
        page.evaluate("scrollTo(0, 150)")
        for _ in ("front", "back"):
            assert reviewer.in_view(".verdict")
            assert reviewer.style(".verdict", "content", "::before") == sign
            assert reviewer.style(".verdict", "color") == reviewer.style(f"li.{kind}.chosen button", "color")
            assert page.locator(".verdict ~ .question").count() == 1
            reviewer.back("single")


def test_order(reviewer: Reviewer) -> None:
    seen = set()
    for _ in range(40):
        reviewer.show(reviewer.cards["single"].front)
        front = reviewer.order()
        reviewer.show(reviewer.cards["single"].back)
        assert reviewer.order() == front
        seen.add(tuple(front))
        reviewer.show(reviewer.cards["numbers"].front)
        assert reviewer.order() == ["6 weeks", "12 weeks", "52 weeks", "1,000 weeks"]
    assert len(seen) > 1


REFUSE = """for (const name of ['sessionStorage', 'localStorage'])
    Object.defineProperty(window, name, {get() { throw new Error('private'); }})"""
WIPE = "sessionStorage.clear(); localStorage.clear()"


@pytest.mark.parametrize("loss", [REFUSE, WIPE])
def test_front_and_back_agree_where_nothing_lasts(reviewer: Reviewer, loss: str) -> None:
    """Each side in a document of its own, nothing kept between them, over midnight."""
    page = reviewer.page
    orders = set()
    front: list[str] = []
    for number in range(12):
        for clock, side in (("2026-12-01T23:59:58", "front"), ("2026-12-02T00:00:05", "back")):
            page.clock.set_fixed_time(clock)
            reviewer.reload(f"anki-{number}.test")
            page.evaluate(loss)
            reviewer.show(getattr(reviewer.cards["single"], side))
            if side == "front":
                front = reviewer.order()
                page.get_by_role("button", name="Plain radiograph").tap()
        assert reviewer.order() == front
        assert reviewer.marked("chosen") == []
        assert page.get_by_role("status").inner_text() == ""
        orders.add(tuple(front))
    assert len(orders) > 1, "the address, which changes at each start, changes the order"


@pytest.mark.parametrize("kept", ["sessionStorage", "localStorage"])
def test_what_lasts_is_used_in_documents_of_their_own(reviewer: Reviewer, kept: str) -> None:
    page = reviewer.page
    orders = set()
    front: list[str] = []
    for _ in range(20):
        for side in ("front", "back"):
            reviewer.reload()
            page.evaluate("kept => (kept === 'localStorage' ? sessionStorage : localStorage).clear()", kept)
            reviewer.show(getattr(reviewer.cards["single"], side))
            if side == "front":
                front = reviewer.order()
                page.get_by_role("button", name="Plain radiograph").tap()
        assert reviewer.order() == front
        assert reviewer.marked("chosen") == ["Plain radiograph"]
        orders.add(tuple(front))
    assert len(orders) > 1


def test_buttons_are_large_enough_and_nothing_overflows(reviewer: Reviewer) -> None:
    for card in reviewer.cards.values():
        for side in (card.front, card.back):
            reviewer.show(side)
            for box in [button.bounding_box() for button in reviewer.page.locator(".options button").all()]:
                assert box is not None
                assert box["height"] >= 44
                assert box["x"] >= 0
                assert box["x"] + box["width"] <= 360
            assert reviewer.page.evaluate("document.documentElement.scrollWidth") <= 360


def test_without_scripting(browser: Browser, faces: Faces) -> None:
    made, css, _ = faces
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    card = next(card for card in made if card.id_ == "single")
    page.set_content(Reviewer.document(css).replace("<div id=qa></div>", card.front))
    assert page.locator(".options button").count() == 3
    assert page.locator(".why:visible").count() == 0
    page.set_content(Reviewer.document(css).replace("<div id=qa></div>", card.back))
    assert page.locator(".why:visible").count() == 2
    context.close()


BADGES = (
    '<div class="deckwright back"><div class="status"><span class="contested">x</span></div>'
    '<div class="status"><span class="superseded">x</span></div><div class="withdrawn">x</div>'
    '<div class="past">x<div class="question">x</div><div class="also">x</div></div>'
    '<div class="note caveat"><b>x</b></div><div class="note correction"><b>x</b></div>'
    "<code id=typeans><span class=typeBad>x</span><br><span class=typeGood>x</span>"
    "<span class=typeMissed>x</span></code></div>"
)
CONTRASTS = """() => {
    const channels = colour => colour.match(/[\\d.]+/g).map(Number);
    const light = ([r, g, b]) => [r, g, b].map(c => c / 255)
        .map(c => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
        .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
    const paper = (element, pseudo) => {
        const own = channels(getComputedStyle(element, pseudo).backgroundColor);
        if (own.length === 3 || own[3] > 0) return own;
        return pseudo ? paper(element) : element.parentElement ? paper(element.parentElement) : [255, 255, 255];
    };
    const ratio = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const found = [];
    for (const element of document.querySelectorAll('.deckwright, .deckwright :not(hr, script)'))
        for (const pseudo of [null, '::before', '::after']) {
            const style = getComputedStyle(element, pseudo);
            if (pseudo && style.content === 'none') continue;
            const what = element.outerHTML.slice(0, 70) + (pseudo || '');
            const bare = style.content === '""';
            const colour = bare ? style.borderTopColor : style.color;
            found.push([what, bare ? 3 : 4.5, ratio(light(channels(colour)), light(paper(element, pseudo)))]);
            if (style.opacity !== '1') found.push([what, 1, 0]);
        }
    return found;
}"""


@pytest.mark.parametrize("night", ["", "nightMode", "night_mode"])
def test_contrast(reviewer: Reviewer, night: str) -> None:
    """The contrast that WCAG 2.2 asks for, by day and by night: 4.5 to 1 for text and signs, 3 to 1 for empty boxes."""
    page = reviewer.page
    page.evaluate("night => document.body.className = 'card ' + night", night)
    several = reviewer.cards["several"]

    def check() -> None:
        contrasts = page.evaluate(CONTRASTS)
        assert len(contrasts) > 15
        assert [entry for entry in contrasts if entry[2] < entry[1]] == []

    reviewer.show(several.front)
    check()
    page.get_by_role("button", name="Severe trauma").tap()
    page.get_by_role("button", name="Tall stature").tap()
    check()
    page.get_by_role("button", name="Check my choice").tap()
    check()
    reviewer.show(several.back + BADGES)
    check()
    page.locator(".copy").tap()
    check()
    reviewer.show(reviewer.cards["single"].front)
    page.get_by_role("button", name="Emergency MRI").tap()
    check()


SHOWN = """() => {
    const seen = element => element && element.getClientRects().length > 0 ? element.getBoundingClientRect() : null;
    const image = document.querySelector('.picture img').getBoundingClientRect();
    const asked = document.querySelector('.mask .cloze');
    return {
        covers: [...document.querySelectorAll('.mask .cover')].filter(seen).length,
        text: document.querySelector('.occlusion').innerText.trim(),
        image: [image.left, image.top, image.width, image.height],
        asked: asked ? [...['left', 'top', 'width', 'height'].map(name => asked.getBoundingClientRect()[name])] : null,
        filled: asked ? getComputedStyle(asked).backgroundColor !== 'rgba(0, 0, 0, 0)' : false,
    };
}"""


@pytest.mark.parametrize("old", [False, True], ids=["today", "without an element around inactive gaps"])
@pytest.mark.parametrize("width", [360, 900])
def test_masks_cover_and_uncover(old: bool, width: int, browser: Browser, faces: Faces) -> None:
    context = browser.new_context(viewport={"width": width, "height": 740})
    reviewer = Reviewer(context.new_page(), faces)

    def shown(id_: str, ordinal: int, side: str) -> Any:
        [html] = [getattr(card, side) for card in faces.cards if (card.id_, card.ordinal) == (id_, ordinal)]
        if old:  # as in Anki 2.1.44
            html = re.sub(r'<span class="cloze-inactive"[^>]*>(.*?)</span>(?=</span>|</div>)', r"\1", html)
            assert "cloze-inactive" not in html
            html = re.sub(r'(<span class="?cloze"?)[^>]*>', r"\1>", html)
        reviewer.show(html.replace('src="circle', 'src="http://anki.test/circle'))
        reviewer.page.wait_for_function("document.querySelector('.picture img').complete")
        return reviewer.page.evaluate(SHOWN)

    reviewer.page.route("**/*.svg", lambda route: route.fulfill(body=SVG, content_type="image/svg+xml"))
    front, back = shown("all", 0, "front"), shown("all", 0, "back")
    left, top, wide, high = front["image"]
    assert wide == high == 40
    assert front["asked"] == pytest.approx([left, top, wide / 2, high])
    assert (front["covers"], front["filled"], front["text"]) == (1, True, "[...]")
    assert (back["covers"], back["filled"]) == (1, False)
    assert back["asked"] == front["asked"]
    assert back["text"].split("\n") == ["The left half", "It is on the left."]

    front, back = shown("one", 1, "front"), shown("one", 1, "back")
    left, top, wide, high = front["image"]
    assert front["asked"] == pytest.approx([left + wide / 2, top, wide / 2, high])
    assert (front["covers"], front["filled"], front["text"]) == (0, True, "[...]")
    assert (back["covers"], back["filled"], back["text"]) == (0, False, "The right half")

    retired = shown("all", 2, "front")
    assert (retired["covers"], retired["asked"], retired["text"]) == (2, None, "[no longer counts: suspend this card]")
    assert shown("all", 2, "back")["text"] == "The middle"
    context.close()
