"""The page in a browser: it turns, the keyboard reaches all of it, it asks for nothing, it prints."""

import re

import pytest
from playwright.sync_api import sync_playwright

FRAMES = 36
SHOWN = """() => [...document.querySelectorAll('.frames img')]
    .filter(i => i.getClientRects().length).map(i => i.dataset.where)"""
UNREADABLE = """() => {
    const light = (c) => c.slice(0, 3).map(v => v / 255)
        .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
        .reduce((sum, v, n) => sum + v * [0.2126, 0.7152, 0.0722][n], 0);
    const parts = (text) => text.match(/[\\d.]+/g).map(Number);
    const ground = (e) => {
        for (; e; e = e.parentElement) {
            const c = parts(getComputedStyle(e).backgroundColor);
            if (c.length === 3 || c[3] === 1) return c;
        }
        return [255, 255, 255];
    };
    const bad = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const e = walker.currentNode.parentElement;
        if (!walker.currentNode.data.trim() || !e.getClientRects().length) continue;
        const [a, b] = [light(parts(getComputedStyle(e).color)), light(ground(e))].sort();
        if ((b + 0.05) / (a + 0.05) < 4.5) bad.push(walker.currentNode.data.trim());
    }
    return bad;
}"""
"""WCAG 2's contrast: every text that has less than 4.5 to 1."""


@pytest.fixture(scope="module")
def browser(require):
    """Debian's Chromium; playwright brings no browser of its own."""
    program = require("chromium")
    with sync_playwright() as tools:
        started = tools.chromium.launch(executable_path=program)
        yield started
        started.close()


@pytest.fixture
def opened(browser, written):
    """`opened(...)`: the report in a fresh context, and all that it asked for and complained of."""
    contexts = []

    def open_it(**wishes):
        contexts.append(
            browser.new_context(**({"viewport": {"width": 1240, "height": 900}} | wishes))
        )
        page, heard = contexts[-1].new_page(), []
        page.on("request", lambda request: heard.append(request.url))
        page.on("console", lambda message: heard.append(message.text))
        page.on("pageerror", lambda error: heard.append(str(error)))
        page.goto(written[0].as_uri())
        return page, heard

    yield open_it
    for context in contexts:
        context.close()


@pytest.fixture
def page(opened):
    return opened()[0]


def turned_to(page):
    """The number of the one view that is shown; slider, words and picture agree on it."""
    (where,) = page.evaluate(SHOWN)
    slider = page.locator("[data-turn] input")
    assert page.locator("[data-turn] output").inner_text() == where
    assert slider.get_attribute("aria-valuetext") == where
    return int(slider.input_value())


def tab_to(page, what):
    """Press Tab until an element that matches has the focus."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("what => document.activeElement.matches(what)", what):
            return
    pytest.fail(f"Tab never reaches {what}.")


def test_it_loads_one_file_and_complains_of_nothing(opened, written):
    page, heard = opened()
    page.keyboard.press("End")
    page.wait_for_load_state("networkidle")
    assert heard == [written[0].as_uri()]
    assert page.evaluate("[...document.images].every(i => i.complete && i.naturalWidth > 100)")


def test_even_a_foreign_script_could_reach_nothing_and_would_be_heard(opened):
    page, heard = opened()
    page.evaluate("fetch('http://127.0.0.1:9/').catch(() => 0)")
    assert "Content Security Policy" in " ".join(heard)
    page.evaluate("setTimeout(() => { throw new Error('a fault') })")
    page.wait_for_timeout(100)
    assert "a fault" in heard


def test_the_arrow_keys_turn_it_all_round(page):
    tab_to(page, ".frames")
    assert turned_to(page) == 0
    for key, now in (("ArrowRight", 1), ("ArrowUp", 2), ("ArrowDown", 1), ("ArrowLeft", 0)):
        page.keyboard.press(key)
        assert turned_to(page) == now
    page.keyboard.press("ArrowLeft")
    assert turned_to(page) == FRAMES - 1
    page.keyboard.press("ArrowRight")
    assert turned_to(page) == 0
    page.keyboard.press("x")
    assert turned_to(page) == 0


def test_the_slider_turns_it(page):
    tab_to(page, "[data-turn] input")
    page.keyboard.press("ArrowRight")
    assert turned_to(page) == 1
    page.keyboard.press("End")
    assert turned_to(page) == FRAMES - 1
    page.locator("[data-turn] input").fill("18")
    assert page.evaluate(SHOWN) == ["from the front"]


def test_dragging_turns_it_and_letting_go_leaves_it(page):
    frames = page.locator(".frames")
    frames.scroll_into_view_if_needed()
    box = frames.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.move(x + 60, y)
    assert turned_to(page) == 0
    page.mouse.down()
    page.mouse.move(x + 60 + 110, y, steps=5)
    assert turned_to(page) == 10
    page.mouse.move(x + 60 - 22, y, steps=5)
    assert turned_to(page) == FRAMES - 2
    page.mouse.up()
    page.mouse.move(x, y)
    assert turned_to(page) == FRAMES - 2


def test_the_first_tab_offers_to_skip_to_the_plan(page):
    page.keyboard.press("Tab")
    offer = page.locator(":focus")
    assert offer.inner_text() == "Skip to the plan"
    assert offer.bounding_box()["x"] >= 0
    page.keyboard.press("Enter")
    assert page.url.endswith("#main")


def test_the_keyboard_reaches_all_that_can_be_used_and_shows_where_it_is(page):
    wanted = page.locator("a, input, [tabindex]").count()
    reached = set()
    for _ in range(wanted):
        page.keyboard.press("Tab")
        outline, name = page.evaluate(
            "() => [getComputedStyle(document.activeElement).outlineStyle,"
            " [...document.querySelectorAll('*')].indexOf(document.activeElement)]"
        )
        assert outline != "none"
        reached.add(name)
    assert len(reached) == wanted


def test_a_screen_reader_is_told_what_the_turntable_is(page):
    said = page.locator("[data-turn]").aria_snapshot()
    assert re.search(r"group .*36 views. Arrow keys turn it", said)
    assert said.count("img ") == 1
    assert 'slider "Turn"' in said


@pytest.mark.parametrize("width", [1240, 360])
def test_text_has_contrast_and_the_page_keeps_its_width(opened, width):
    page, _ = opened(viewport={"width": width, "height": 900})
    assert page.evaluate(UNREADABLE) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.add_style_tag(content="h1 { color: #999 }")
    assert page.evaluate(UNREADABLE) == [page.locator("h1").inner_text()]


def test_on_paper_it_shows_four_sides_however_it_was_turned(page):
    tab_to(page, ".frames")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.emulate_media(media="print")
    quarters = ["from behind", "from the patient's left", "from the front"]
    assert page.evaluate(SHOWN) == [*quarters, "from the patient's right"]
    assert not page.locator("nav").is_visible()
    assert not page.locator("[data-turn] input").is_visible()
    paper = page.pdf()
    assert paper.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) >= 5


def test_without_a_script_it_shows_four_sides_and_offers_no_slider(opened):
    page, _ = opened(java_script_enabled=False)
    shown = page.locator(".frames img:visible")
    assert shown.count() == 4
    assert not page.locator("[data-turn] input").is_visible()
