"""The tour runs as it stands, in less than two minutes, and shows what it says."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

TOUR = Path(__file__).parents[1] / "docs" / "tour.py"


@pytest.mark.slow
def test_the_tour(tmp_path: Path) -> None:
    command = [sys.executable, TOUR, tmp_path]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    held_out = {name: float(value) for name, value in re.findall(r"Eq\. \((\d)\): .*'held_out': ([\d.]+)", done.stdout)}
    assert held_out["3"] > 0.8 > 0.6 > held_out["1"]
    learned, memorized = re.findall(r"held out ([\d.]+), (\d+) epochs", done.stdout)
    assert float(learned[0]) > float(memorized[0]) and 5 * int(learned[1]) < int(memorized[1])
    assert (tmp_path / "gradient_splitting_fig1-smoke" / "fig1.png").exists()
    assert "not measured" in done.stdout
