"""Each command of the README and of docs/ runs as written, but for sizes; what needs a GPU, a cluster or a download
composes. The README's examples in Python run as they are."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from command import run
from hydra import compose, initialize_config_dir
from PIL import Image

from rotelab.config import arguments, resolvers, schema

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
GUIDES = [ROOT / "README.md", *ROOT.glob("docs/*.md")]
BLOCKS = [block for page in GUIDES for block in re.findall(r"```bash\n(.*?)```", page.read_text(), re.DOTALL)]
MODULES = dict(re.findall(r"```python\n# (\w+\.py)\n(.*?)```", (ROOT / "docs" / "own.md").read_text(), re.DOTALL))
"""Of one's own, which some commands name."""
COMMANDS = list(
    dict.fromkeys(
        line.split("  #")[0].strip() for block in BLOCKS for line in block.replace("\\\n", " ").splitlines() if line
    )
)
CALL = re.compile(r"^(?:python -m rotelab\.train|rotelab train)\b\s*")
TRAIN = [CALL.sub("", command) for command in COMMANDS if CALL.match(command)]
EXAMPLES = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
OWN = re.findall(r"```python\n(from dataclasses.*?)```", (ROOT / "docs" / "own.md").read_text(), re.DOTALL)
ELSEWHERE, SEARCH = ("trainer=gpu", "logger.mlflow"), "hydra/sweeper"
TINY = {"stop.max_epochs": "3", "data.size": "20", "data.side": "8", "trainer.threads": "1"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder with ``images`` in it, others in a table, and modules of one's own."""
    folder = tmp_path_factory.mktemp("home")
    for name, text in MODULES.items():
        (folder / name).write_text(text)
    for part, count in (("train", 30), ("test", 20)):
        for label in ("cat", "dog"):
            (folder / "images" / part / label).mkdir(parents=True)
            for index in range(count):
                Image.new("RGB", (10, 8), (5 * index, 0, 0)).save(folder / "images" / part / label / f"{index}.png")
    (folder / "skin").mkdir()
    for index in range(120):
        Image.new("RGB", (10, 8), (2 * index, 0, 0)).save(folder / "skin" / f"{index}.png")
    rows = [f"{index}.png,{('mole', 'wart')[index % 2]}" for index in range(120)]
    (folder / "skin" / "metadata.csv").write_text("\n".join(["file_name,diagnosis", *rows]))
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("command", [c for c in TRAIN if not any(word in c for word in (*ELSEWHERE, SEARCH))])
def test_a_training_command_runs(command: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(home)
    command = re.sub(r"\bobjective\.epoch=\S+", "objective.epoch=1,2", command)
    command = re.sub(r"\bsave\.epochs=\[.*?\]", "save.epochs=[0,3]", command)
    for key, value in TINY.items():
        command = (
            re.sub(rf"\b{key}=\S+", f"{key}={value}", command) if f"{key}=" in command else f"{command} {key}={value}"
        )
    code, out, err = run(*shlex.split(command), f"results={home / 'results'}")
    assert (code, [line for line in err.splitlines() if "one class is predicted" not in line]) == (0, [])
    assert out


@pytest.mark.parametrize("command", [c for c in TRAIN if any(word in c for word in ELSEWHERE)])
def test_a_command_for_elsewhere_composes(command: str) -> None:
    resolvers.register()
    words = [word for word in shlex.split(command) if not re.match("hydra[/.]launcher", word)]  # a plugin's
    words = [
        word if re.search(r"[\[{]", word) else word.partition(",")[0] for word in words
    ]  # the first run of a sweep
    with initialize_config_dir(str(ROOT / "conf"), version_base="1.3"):
        schema.check(compose("train", list(map(arguments.expanded, words))))


@pytest.mark.parametrize("command", [c for c in TRAIN if SEARCH in c])
def test_a_search_may_be_given(command: str) -> None:
    """``tests/sweeps/test_search.py`` runs one."""
    arguments.check(shlex.split(command))


@pytest.mark.slow
@pytest.mark.parametrize("example", [*EXAMPLES, *OWN])
def test_an_example_runs_as_written(example: str, capsys: pytest.CaptureFixture) -> None:
    exec(compile(example, "README.md", "exec"), {})
    assert capsys.readouterr().out


def test_the_readme_is_short() -> None:
    assert len(README.splitlines()) <= 130 and (len(EXAMPLES), len(OWN), len(MODULES)) == (3, 1, 2)


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
@pytest.mark.parametrize("command", [c for c in COMMANDS if c.startswith("make ")])
def test_a_make_target_exists(command: str) -> None:
    done = subprocess.run(["make", "--dry-run", *shlex.split(command)[1:]], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_files_and_folders_that_a_page_links_to_exist(page: Path) -> None:
    for target in re.findall(r"\]\(([\w/.-]+)\)", page.read_text()):
        assert (page.parent / target).exists(), target
