"""The command line of the figures from images without a sweep: what it writes, and how it refuses."""

import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pandas
import pytest
from matplotlib.figure import Figure

from rotelab.errors import InputError, Refusal
from rotelab.experiments import catalogue
from rotelab.experiments.experiment import Exact, Work
from rotelab.experiments.randomization_tests import expressivity
from rotelab.figures import style
from rotelab.report import draw


def start(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> None:
    monkeypatch.setattr(sys, "argv", ["figure", *map(str, arguments)])


def test_the_command_writes_picture_and_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    start(monkeypatch, "expressivity", "--scale", "smoke", "--out", tmp_path / "here", "--title", "numerals")
    figures = []

    def drawn(table: pandas.DataFrame) -> Figure:
        figures.append(expressivity.draw(table))
        return figures[0]

    monkeypatch.setattr(expressivity, "EXPERIMENT", replace(expressivity.EXPERIMENT, draw=drawn))
    draw.main()
    written = pandas.read_csv(tmp_path / "here" / "randomization_tests" / "expressivity.csv")
    assert f"residual below 1e-3 in {len(written)}" in capsys.readouterr().out
    assert figures[0].get_suptitle().startswith("Theorem 1: networks of 2n + d weights")
    assert " · numerals · scale smoke · n train images" in figures[0].get_supxlabel()
    assert written.n.max() == 20
    assert (tmp_path / "here" / "randomization_tests" / "expressivity.png").stat().st_size > 10_000
    assert (tmp_path / "here" / "randomization_tests" / "expressivity.pdf").exists()


def program(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, error: Exception | None, *arguments: str) -> list:
    """What ``measure`` is called with, and the settings in the caption."""
    calls: list = []

    def measure(scale: int, folder: str | None) -> pandas.DataFrame:
        calls.append((scale, folder))
        if error:
            raise error
        return pandas.DataFrame({"value": [1 / 3]})

    def describe(scale: int) -> list[str]:
        return [f"scale is {scale}"]

    experiment = Exact({"demo": 1, "small": 2}, measure, describe, lambda _: Figure(), lambda _: "seen")
    monkeypatch.setattr(catalogue, "full", lambda _: "a_work/name")
    monkeypatch.setattr(catalogue, "work", lambda _: Work("A paper", "nothing"))
    monkeypatch.setattr(style, "caption", lambda figure, shows, settings: calls.append(settings))
    monkeypatch.setattr(catalogue, "module", lambda _: SimpleNamespace(EXPERIMENT=experiment))
    start(monkeypatch, "name", "--out", tmp_path, *arguments)
    draw.main()
    return calls


def test_the_images_are_named_by_their_folder_or_as_they_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = program(monkeypatch, tmp_path, None)
    assert alone == [(1, None), ["A paper", "digits", "scale demo", "scale is 1"]]
    folder = ("--images", "/some/cats")
    by_folder = program(monkeypatch, tmp_path, None, *folder)
    assert by_folder == [(1, "/some/cats"), ["A paper", "cats", "scale demo", "scale is 1"]]
    named = program(monkeypatch, tmp_path, None, *folder, "--title", "dogs", "--scale", "small")
    assert named == [(2, "/some/cats"), ["A paper", "dogs", "scale small", "scale is 2"]]
    assert (tmp_path / "a_work" / "name.csv").read_text() == "value\n0.333333\n"


@pytest.mark.parametrize(("error", "code"), [(InputError("no folder"), 2), (Refusal("duplicates"), 1)])
def test_what_cannot_be_measured_is_one_line(
    error: Exception, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    with pytest.raises(SystemExit) as end:
        program(monkeypatch, tmp_path, error)
    assert end.value.code == code
    assert capsys.readouterr().err == f"rotelab: {error}\n"
    assert not (tmp_path / "a_work" / "name.csv").exists()


def test_a_folder_that_is_not_there_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    start(monkeypatch, "expressivity", "--images", tmp_path / "none", "--out", tmp_path)
    with pytest.raises(SystemExit) as end:
        draw.main()
    assert end.value.code == 2
    assert str(tmp_path / "none") in capsys.readouterr().err


def test_a_fault_of_the_code_shows_where_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    with pytest.raises(SystemExit) as end:
        program(monkeypatch, tmp_path, ValueError("not enough values to unpack"))
    assert end.value.code == 1
    err = capsys.readouterr().err
    assert err.startswith("Traceback") and err.endswith("ValueError: not enough values to unpack\n")
