"""The page of a report as a browser shows it: of 200 runs, of which some have hostile names."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import opened
from playwright.sync_api import Browser, Page, expect
from reporting import HOSTILE, write_sweep

from rotelab.report import html

pytestmark = pytest.mark.slow

PAINTED = """new Promise(say => new PerformanceObserver(
    found => found.getEntriesByName("first-contentful-paint").forEach(at => say(at.startTime))
).observe({ type: "paint", buffered: true }))"""
"""Milliseconds until something was seen."""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("results")
    write_sweep(folder / "<b>sweep<", seeds=50, epochs=[*range(10), *range(10, 1000, 20)], folder=f"/images/{HOSTILE}")
    path = folder / "report.html"
    path.write_text(html.report(folder / "<b>sweep<"))
    return path


@pytest.fixture
def page(browser: Browser, file: Path) -> Iterator[Page]:
    with opened(browser, file) as found:
        yield found


def test_it_is_drawn_in_two_seconds(browser: Browser, file: Path) -> None:
    first = []
    for _ in range(3):  # the machine may have other work
        with opened(browser, file) as page:
            first.append(page.evaluate(PAINTED))
            expect(page.locator(".chart path.mean")).to_have_count(4)
            expect(page.locator(".chart path.seed")).to_have_count(198)
            expect(page.locator(".chart path.death")).to_have_count(1)
    assert min(first) < 2000


def test_a_filter_chooses_curves_and_rows(page: Page) -> None:
    rows, count = page.locator("tr[data-run]:visible"), page.locator(".filters output")
    expect(count).to_have_text("200 of 200 runs")
    page.get_by_label("standard", exact=True).uncheck()
    expect(rows).to_have_count(99)  # of the run that is left nothing is known
    expect(page.locator(".chart path.mean")).to_have_count(2)
    expect(page.locator(".legend button")).to_have_count(2)
    page.get_by_label("standard", exact=True).check()
    page.get_by_label("failed").uncheck()
    expect(count).to_have_text("199 of 200 runs")
    page.get_by_label("failed").check()
    page.get_by_label("Runs with this word").fill("the disk is FULL")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text(f"the disk is full of {HOSTILE}")
    expect(page.locator(".chart")).to_contain_text("nothing that is chosen has this curve")


def test_a_head_sorts_by_click_and_key(page: Page) -> None:
    table = page.locator("table", has=page.locator("tr[data-run]"))
    head = table.locator("th", has_text="held-out")
    shown = "rows => rows.map(row => row.cells[7].textContent.trim())"
    head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "ascending")
    found = table.locator("tbody tr").evaluate_all(shown)
    values = [float(text) for text in found if text]
    assert values == sorted(values) and found[-2:] == ["", ""]
    head.get_by_role("button").press("Enter")
    expect(head).to_have_attribute("aria-sort", "descending")
    found = table.locator("tbody tr").evaluate_all(shown)
    assert [float(text) for text in found if text] == values[::-1] and found[-2:] == ["", ""]
    expect(table.locator("th[aria-sort=none]")).not_to_have_count(0)


def test_axes_are_switched(page: Page) -> None:
    curve, words = page.locator(".chart path.mean").first, page.locator(".chart svg")
    unit, before = page.get_by_role("group", name="Unit of the horizontal axis"), curve.get_attribute("d")
    expect(unit.get_by_role("button", name="epochs")).to_have_attribute("aria-pressed", "true")
    unit.get_by_role("button", name="images").click()
    expect(unit.get_by_role("button", name="epochs")).to_have_attribute("aria-pressed", "false")
    expect(words.locator("text", has_text="images")).to_have_count(1)
    by_images = curve.get_attribute("d")
    horizontal = page.get_by_role("group", name="horizontal axis")
    horizontal.get_by_role("button", name="log").press("Space")
    assert len({before, by_images, curve.get_attribute("d")}) == 3
    page.locator("select.show").select_option("loss/train")
    expect(words.locator("title")).to_have_text(
        "train: loss over images: 4 lines, whose numbers are in the table below"
    )
    page.get_by_label("single seeds").uncheck()
    expect(page.locator(".chart path.seed")).to_have_count(0)
    page.locator(".legend button").first.click()
    expect(page.locator(".chart path.mean")).to_have_count(3)
    expect(page.locator(".legend button").first).to_have_attribute("aria-pressed", "false")


def test_a_point_says_what_it_is_to_mouse_and_keyboard(page: Page) -> None:
    said = page.locator(".chart output")
    expect(said).to_be_empty()
    box = page.locator(".chart svg").bounding_box()
    assert box
    page.locator(".chart svg").hover(position={"x": 0.9 * box["width"], "y": 0.08 * box["height"]})
    expect(said).to_contain_text("epochs")
    page.mouse.move(0, 0)
    expect(said).to_be_empty()
    page.locator(".chart").focus()
    page.keyboard.press("ArrowLeft")
    expect(said).to_contain_text("mean of 50 seeds")
    first = said.text_content()
    page.keyboard.press("ArrowLeft")
    expect(said).not_to_have_text(first or "")
    page.keyboard.press("ArrowDown")
    expect(said).to_contain_text("widths [32]")
    page.keyboard.press("Escape")
    expect(said).to_be_empty()


@pytest.mark.parametrize("width", [400, 1600])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_the_window(browser: Browser, file: Path, width: int, scheme: str) -> None:
    with opened(browser, file, width, color_scheme=scheme) as page:
        page.locator("summary").first.click()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        back = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (sum(map(int, back[4:-1].split(","))) < 200) == (scheme == "dark")


def test_it_prints_without_what_only_a_screen_has(page: Page) -> None:
    page.emulate_media(media="print")
    for what in (".controls", ".filters"):
        expect(page.locator(what)).to_be_hidden()
    expect(page.locator(".chart svg")).to_be_visible()
    assert page.pdf()[:4] == b"%PDF"


def test_every_control_is_reached_by_keyboard_and_seen(page: Page) -> None:
    seen = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        name, width = page.evaluate(
            "[document.activeElement.tagName, getComputedStyle(document.activeElement).outlineWidth]"
        )
        seen.add(name)
        assert width != "0px", name
    assert {"A", "INPUT", "SELECT", "BUTTON", "DIV", "SUMMARY"} <= seen
