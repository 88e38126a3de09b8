"""What tests of pages share."""

from collections.abc import Iterator

import pytest
from browser import launched
from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as found:
        yield found
