"""A browser without a window, where one is installed: it opens files, and notes whatever it should not have done."""

import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
PATH = next((path for name in NAMES if (path := shutil.which(name))), None)


@contextmanager
def launched() -> Generator[Browser, None, None]:
    """Skips where there is none."""
    if PATH is None:
        pytest.skip(f"no browser is installed: none of {', '.join(NAMES)} (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=PATH, args=["--no-sandbox"])  # it may be root's
        yield browser
        browser.close()


@contextmanager
def opened(browser: Browser, file: Path, width: int = 1200, **options: Any) -> Generator[Page, None, None]:
    """A page of a file. It may write nothing to the console, ask for no other file or place, and open no dialog."""
    context = browser.new_context(viewport={"width": width, "height": 900}, **options)
    page, noted = context.new_page(), []
    page.on("console", lambda message: noted.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: noted.append(f"error: {error}"))
    page.on("dialog", lambda dialog: noted.append(f"dialog: {dialog.message}") or dialog.dismiss())
    page.on(
        "request", lambda request: noted.append(request.url) if request.url not in (file.as_uri(), "data:,") else None
    )
    page.goto(file.as_uri())
    yield page
    context.close()
    assert noted == []
