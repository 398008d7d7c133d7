"""The options card in a real browser: pressing, remembering, order, no scripting, phone width.

Needs Chromium (`apt-get install chromium`); .ci/run has it. Without it these tests are skipped.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from conftest import CASES, CHROMIUM, STAMP, MakeProject
from deckwright.project import build
from learner import Card, Learner

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here")


class Reviewer:
    """Shows cards as Anki does: one page, its content replaced for the back, scripts run anew."""

    def __init__(self, page: Page, cards: list[Card], css: str) -> None:
        self.page = page
        self.cards = {card.id_: card for card in cards}
        page.route("http://anki.test/", lambda route: route.fulfill(body=self.document(css), content_type="text/html"))
        page.goto("http://anki.test/")
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

    def order(self) -> list[str]:
        return self.page.locator(".options button").all_inner_texts()

    def marked(self, kind: str) -> list[str]:
        return self.page.locator(f".options li.{kind} button").all_inner_texts()


@pytest.fixture
def cards(project: MakeProject, learner: Learner, tmp_path: Path) -> tuple[list[Card], str]:
    root = project({"a.yaml": (CASES / "kinds/options.yaml").read_bytes()})
    built = build(root, tmp_path / "out", ["anki"], STAMP)
    learner.imports(next(path for path, _ in built.written if path.suffix == ".apkg"))
    css = learner.collection.models.by_name("Test deck: options")["css"]
    return learner.cards(), css


@pytest.fixture
def reviewer(browser: Browser, cards: tuple[list[Card], str]) -> Iterator[Reviewer]:
    context = browser.new_context(viewport={"width": 360, "height": 740}, has_touch=True)
    yield Reviewer(context.new_page(), *cards)
    context.close()


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
    content = "e => getComputedStyle(e, '::before').content"
    signs = [page.locator(f"li.{side} button").first.evaluate(content) for side in ("correct", "wrong")]
    assert signs == ['"✓ "', '"✗ "']


def test_several_answers(reviewer: Reviewer) -> None:
    card, page = reviewer.cards["several"], reviewer.page
    reviewer.show(card.front)
    assert reviewer.order()[-1] == "None of the above"
    page.get_by_role("button", name="Severe trauma").tap()
    page.get_by_role("button", name="Tall stature").tap()
    page.get_by_role("button", name="Tall stature").tap()
    page.get_by_role("button", name="Long use").tap()
    assert page.get_by_role("button", name="Severe trauma").get_attribute("aria-pressed") == "true"
    assert page.get_by_role("button", name="Tall stature").get_attribute("aria-pressed") == "false"
    page.get_by_role("button", name="Check my choice").tap()
    assert page.get_by_role("status").inner_text() == "Right."
    reviewer.show(card.back)
    assert set(reviewer.marked("chosen")) == {"Severe trauma", "Long use of steroids"}


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


def test_front_and_back_agree_where_nothing_can_be_remembered(reviewer: Reviewer) -> None:
    refuse = "Object.defineProperty(window, 'sessionStorage', {get() { throw new Error('private'); }})"
    reviewer.page.evaluate(refuse)
    reviewer.show(reviewer.cards["single"].front)
    front = reviewer.order()
    reviewer.page.evaluate("delete window.deckwrightState")
    reviewer.show(reviewer.cards["single"].back)
    assert reviewer.order() == front


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


def test_without_scripting(browser: Browser, cards: tuple[list[Card], str]) -> None:
    made, css = cards
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    card = next(card for card in made if card.id_ == "single")
    page.set_content(Reviewer.document(css).replace("<div id=qa></div>", card.front))
    assert page.locator(".options button").count() == 3
    assert page.locator(".why:visible").count() == 0
    page.set_content(Reviewer.document(css).replace("<div id=qa></div>", card.back))
    assert page.locator(".why:visible").count() == 2
    context.close()


@pytest.mark.parametrize("night", ["", "nightMode", "night_mode"])
def test_contrast(browser: Browser, cards: tuple[list[Card], str], night: str) -> None:
    """Text and badges keep the contrast that WCAG 2.2 asks for, 4.5 to 1, by day and by night."""
    made, css = cards
    page = browser.new_page()
    card = next(card for card in made if card.id_ == "single")
    badges = (
        '<div class="deckwright back"><div class="status"><span class="contested">x</span></div>'
        '<div class="status"><span class="superseded">x</span></div><div class="withdrawn">x</div>'
        '<div class="note caveat"><b>x</b></div><div class="note correction"><b>x</b></div></div>'
    )
    page.set_content(Reviewer.document(css).replace("class=card", f'class="card {night}"').replace(
        "<div id=qa></div>", card.back + badges))  # fmt: skip
    ratios = page.evaluate(
        """() => {
            const channels = colour => colour.match(/[\\d.]+/g).map(Number);
            const light = ([r, g, b]) => [r, g, b].map(c => c / 255)
                .map(c => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
                .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
            const paper = element => {
                for (let at = element; at; at = at.parentElement) {
                    const colour = channels(getComputedStyle(at).backgroundColor);
                    if (colour.length === 3 || colour[3] > 0) return colour;
                }
                return [255, 255, 255];
            };
            return [...document.querySelectorAll('.deckwright :not(hr)')].map(element => {
                const [a, b] = [light(channels(getComputedStyle(element).color)), light(paper(element))];
                return [element.outerHTML.slice(0, 60), (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)];
            });
        }"""
    )
    assert len(ratios) > 15
    assert [pair for pair in ratios if pair[1] < 4.5] == []
    page.close()
