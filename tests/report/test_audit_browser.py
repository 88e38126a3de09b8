"""The page of an audit as a browser shows it."""

from pathlib import Path

import pytest
from audited import audit
from browser import opened
from playwright.sync_api import Browser, expect

from rotelab.report.audit import page

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("audit") / "audit.html"
    path.write_text(page(audit(), "Audit of <images>", "rotelab audit images"))
    return path


def test_it_is_drawn_and_switches(browser: Browser, file: Path) -> None:
    with opened(browser, file) as shown:
        expect(shown.locator("#memorized .chart path.mean")).to_have_count(6)
        shown.get_by_role("button", name="images", exact=True).click()
        expect(shown.locator("#memorized .chart")).to_contain_text("images")
        expect(shown.locator(".map circle.learned").first).to_be_visible()
        head = shown.locator("#parts th", has_text="train images").get_by_role("button")
        head.click()
        expect(shown.locator("#parts th", has_text="train images")).to_have_attribute("aria-sort", "ascending")


@pytest.mark.parametrize("width", [400, 1600])
def test_nothing_is_wider_than_the_page(browser: Browser, file: Path, width: int) -> None:
    with opened(browser, file, width) as shown:
        assert shown.evaluate("document.documentElement.scrollWidth") <= width


def test_every_picture_says_what_it_shows(browser: Browser, file: Path) -> None:
    with opened(browser, file) as shown:
        assert shown.locator("img:not([alt])").count() == 0
        assert shown.locator("svg[role=img]:not(:has(title))").count() == 0
