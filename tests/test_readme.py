"""Each command of the README is one that exists: composed and checked as written, or known to make."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from hydra import compose, initialize_config_dir

from rotelab import identity, schema

ROOT = Path(__file__).parents[1]
BLOCKS = re.findall(r"```bash\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
COMMANDS = [
    line.split("  #")[0].strip() for block in BLOCKS for line in block.replace("\\\n", " ").splitlines() if line
]


def test_there_are_commands() -> None:
    assert any(command.startswith("make demo") for command in COMMANDS)


@pytest.mark.parametrize("command", [c for c in COMMANDS if "rotelab.train" in c])
def test_a_training_command_composes(command: str) -> None:
    arguments = [word for word in shlex.split(command.partition("rotelab.train")[2]) if not word.startswith("-")]
    arguments = [word.replace("~/", "/") for word in arguments if not word.startswith("hydra/launcher")]
    identity.register_resolvers()
    with initialize_config_dir(str(ROOT / "conf"), version_base="1.3"):
        first = [re.sub(r"=([^\[\"',]+),.*", r"=\1", word) for word in arguments]  # the first run of a sweep
        schema.check(compose("train", first))


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
@pytest.mark.parametrize("command", [c for c in COMMANDS if c.startswith("make ")])
def test_a_make_target_exists(command: str) -> None:
    done = subprocess.run(["make", "--dry-run", *shlex.split(command)[1:]], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
