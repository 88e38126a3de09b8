"""The site is built from docs/, the README and the code: strictly, so that a dead link ends it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import rotelab
from rotelab.experiments import catalogue

ROOT = Path(__file__).parents[2]
LOADED = re.compile(
    r'<(?:script|img|iframe)[^>]*\ssrc="([^"]+)"|<link rel="(?:stylesheet|preconnect|icon)"[^>]*href="([^"]+)"'
)
"""What a page needs to be shown."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.slow
def test_the_site_is_built_and_asks_no_other_place(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert len(pages) > 200
    for page in pages:
        for found in LOADED.findall(page.read_text()):
            wanted = "".join(found)
            assert not wanted.startswith(("http:", "https:", "//")), (page, wanted)
            assert (
                wanted.startswith("data:") or page.name == "404.html" or (page.parent / wanted.split("?")[0]).exists()
            )


@pytest.mark.slow
@pytest.mark.parametrize("name", catalogue.names())
def test_a_figure_has_a_page_with_its_command_and_its_files(site: Path, name: str) -> None:
    page = (site / "figures" / f"{name}.html").read_text()
    for wanted in (f"make {name}", f"files/src/rotelab/experiments/{name}.py.html", catalogue.read(name).split()[0]):
        assert wanted in page.replace("</span>", "").replace('<span class="w"> ', " "), wanted


@pytest.mark.slow
def test_the_public_names_are_on_the_page_of_the_api(site: Path) -> None:
    page = (site / "api.html").read_text()
    assert [name for name in rotelab.__all__ if not re.search(rf'id="rotelab\.[\w.]+\.{name}"', page)] == []


@pytest.mark.parametrize("name", catalogue.names())
def test_a_figure_says_how_it_is_read(name: str) -> None:
    first = catalogue.read(name).partition("\n\n")[0]
    assert 20 <= len(first.split()) <= 80 and len(re.findall(r"(?<!Eq)[.](?:\s|$)", first)) == 2, first
