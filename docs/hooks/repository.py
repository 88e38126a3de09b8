"""Pages of the site that stand elsewhere in the repository: the README, the tour, and each file or folder that a page
links to. A link out of ``docs/`` leads to such a page, so that the site needs no other place."""

import re
from functools import cache
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[2]
SHOWN = (
    "conf",
    "src",
    "multirun/README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "Makefile",
    "pyproject.toml",
    ".ci/run",
)
"""What links may lead to, beside ``docs/``."""
LANGUAGES = {".py": "python", ".yaml": "yaml", ".toml": "toml", "": "make"}
LINK = re.compile(r"(\]\()([^)\s:#]+)((?:#[^)]*)?\))")
ABOUT = re.compile(r'\A(?:# (?P<comment>.+)|"""(?P<docstring>.+?)(?:"""|$))', re.MULTILINE)
"""The first line of a file, where it says what the file is."""


def on_files(files: Files, config: MkDocsConfig) -> Files:
    pages = {"index.md": (ROOT / "README.md").read_text(), "tour.md": tour((ROOT / "docs" / "tour.py").read_text())}
    for path in shown():
        pages[place(path)] = folder(path) if path.is_dir() else file(path)
    for name, text in pages.items():
        files.append(File.generated(config, name, content=text))
    return files


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    return led(markdown, page.file.src_uri)


@cache
def shown() -> list[Path]:
    """Files and folders that have a page."""
    given = [ROOT / name for name in SHOWN]
    inside = [at for path in given for at in path.rglob("*") if at.suffix in (".py", ".yaml")]
    folders = {above for at in inside for above in at.parents if above != ROOT and above.is_relative_to(ROOT)}
    return sorted({*inside, *folders, *(path for path in given if path.is_file())})


def place(path: Path) -> str:
    """Of a file or folder of the repository, where its page lies in the site."""
    name = path.relative_to(ROOT).as_posix()
    if name == "README.md":
        return "index.md"
    if name.startswith("docs/"):
        return name.removeprefix("docs/").replace("tour.py", "tour.md")
    if path.is_dir():
        return f"files/{name}/index.md"
    return f"files/{name.removesuffix('.md')}.md"


def origin(uri: str) -> Path:
    """Of a page, the folder in the repository that its links start from."""
    if uri == "index.md":
        return ROOT
    inside = uri.removeprefix("files/")
    return (ROOT / inside if inside != uri else ROOT / "docs" / uri).parent


def led(markdown: str, uri: str) -> str:
    """The text of a page whose links lead to pages of the site. What is nowhere is left, and ends a strict build."""
    up = "../" * uri.count("/")

    def lead(link: re.Match[str]) -> str:
        target = (origin(uri) / link[2]).resolve()
        known = target.exists() and target.is_relative_to(ROOT) and target != ROOT
        return f"{link[1]}{up}{place(target)}{link[3]}" if known else link[0]

    return LINK.sub(lead, markdown)


def file(path: Path) -> str:
    """A page that shows a file; one of Markdown is the page itself."""
    if path.suffix == ".md":
        return path.read_text()
    return _unsearched(path) + f"```{LANGUAGES[path.suffix]}\n{path.read_text().rstrip()}\n```\n"


def folder(path: Path) -> str:
    """A page that lists what a folder has, with the first line of each file."""
    lines = []
    for at in sorted((at for at in shown() if at.parent == path), key=lambda at: (at.is_file(), at.name)):
        about = at.is_file() and ABOUT.match(at.read_text())
        words = about and (about["comment"] or about["docstring"])
        lines.append(f"- [{at.name}{'/' * at.is_dir()}]({at.name})" + (f": {words}" if words else ""))
    return _unsearched(path) + "\n".join(lines) + "\n"


def _unsearched(path: Path) -> str:
    name = path.relative_to(ROOT).as_posix()
    return f"---\ntitle: {name}\nsearch:\n  exclude: true\n---\n\n# {name}\n\n"


def tour(script: str) -> str:
    """The page of a script in cells: those of text as they are, those of Python as code."""
    parts = []
    for cell in re.split(r"^# %%", script, flags=re.MULTILINE)[1:]:
        title, _, body = cell.partition("\n")
        if "[markdown]" in title:
            parts.append(re.sub(r"^# ?", "", body.strip(), flags=re.MULTILINE))
        else:
            parts += [f"**{title.strip()}**"] if title.strip() else []
            parts.append(f"```python\n{body.strip()}\n```")
    return "\n\n".join(parts) + "\n"
