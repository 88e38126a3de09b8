"""What is installed without a checkout works from any folder: it carries the configuration and the sweeper."""

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[1]


def call(*command: str | Path, folder: Path) -> str:
    """In another folder, with nothing of the checkout on the path."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_a_wheel_trains_draws_and_answers_claims(tmp_path: Path) -> None:
    """In an environment that has what rotelab needs, and not rotelab."""
    call(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path, folder=CHECKOUT)
    (wheel,) = tmp_path.glob("*.whl")
    venv.create(tmp_path / "env")
    (packages,) = tmp_path.glob("env/lib/*/site-packages")
    (packages / "needed.pth").write_text(sysconfig.get_path("purelib"))  # whose own .pth files are not read
    python, uv = tmp_path / "env" / "bin" / "python", Path(sys.executable).with_name("uv")
    call(uv, "pip", "install", "--offline", "--no-deps", "--python", python, wheel, folder=tmp_path)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    where = call(python, "-c", "import rotelab; print(rotelab.__file__)", folder=elsewhere)
    assert where.strip() == str(packages / "rotelab" / "__init__.py")
    rotelab = python.with_name("rotelab")
    out = call(rotelab, "train", "data.size=64", "model.widths=[8]", "stop.max_epochs=1", folder=elsewhere)
    assert f"in {elsewhere / 'multirun' / 'single'}" in out
    call(rotelab, "train", "sweep=fig2c", "scale=smoke", folder=elsewhere)
    assert (elsewhere / "multirun" / "gradient_splitting_fig2c-smoke" / "runs.csv").exists()
    out = call(rotelab, "draw", "fig2c", "--scale", "smoke", folder=elsewhere)
    assert (elsewhere / "multirun" / "gradient_splitting_fig2c-smoke" / "fig2c.png").exists(), out
    out = call(rotelab, "claims", "multirun", "--scale", "smoke", folder=elsewhere)
    assert "the tables: multirun/claims.md" in out
    assert call(rotelab, "report", "multirun", folder=elsewhere) == "the page: multirun/report.html\n"
    page = (elsewhere / "multirun" / "report.html").read_text()
    assert "gradient_splitting_fig2c-smoke" in page and "table.sortable" in page  # its script is of the wheel, too
