"""The bench counts what there is to count, times every case, and says what it needs."""

import csv
from argparse import Namespace
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import pytest
import torch
from command import run
from drawn import ys

from rotelab.benchmarks.gpu import (
    NETWORKS,
    Case,
    cases,
    floors,
    line,
    measured,
    rows,
)
from rotelab.benchmarks.gpu_picture import draw

PEAKS = {"fp32": 1e9, "tf32": 1e9, "bf16": 2e9}
SMALL = Case("mlp", images=32, batch_size=16, side=8)


def test_floors_grow_with_the_batch_the_stack_and_shrink_with_the_precision() -> None:
    one = floors(SMALL, PEAKS, 1e9)
    twice = floors(Case("mlp", 32, 32, 8), PEAKS, 1e9)
    stack = floors(Case("mlp", 32, 16, 8, runs=4), PEAKS, 1e9)
    short = floors(Case("mlp", 32, 16, 8, precision="bf16"), PEAKS, 1e9)
    assert twice["operations_floor"] == pytest.approx(2 * one["operations_floor"])
    assert one["bytes_floor"] < twice["bytes_floor"] < 2 * one["bytes_floor"]  # the weights are the same
    assert stack == pytest.approx({name: 4 * value for name, value in one.items()})
    assert short["operations_floor"] == pytest.approx(one["operations_floor"] / 2)
    assert short["bytes_floor"] < one["bytes_floor"]


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_cases(device: str) -> None:
    options = Namespace(
        device=device,
        networks=["convnet5", "resnet18"],
        count=[2560, 10240],
        batch_size=512,
        side=32,
        compile=["default"],
        stacks=[1, 2, 16],
        processes=[1, 4],
        stack_precision="bf16",
        threads=1,
    )
    made = cases(options)
    graphs = 2 if device == "cuda" else 1
    assert (
        len(made) == len(set(made)) == graphs * 2 * 3 * 2 * (4 + 1) + 2 * 3 + 4
    )  # the stacks of one are there already
    assert {case.graph for case in made} == ({False, True} if device == "cuda" else {False})
    assert {case.runs for case in made} == {1, 2, 16}
    assert all(case.precision == "bf16" and case.compile is None for case in made if case.at_once > 1)
    assert {case.processes for case in made if case.runs > 1} == {1}


@pytest.mark.slow
def test_a_table_and_a_picture(capsys: pytest.CaptureFixture[str]) -> None:
    chosen = [SMALL, replace(SMALL, runs=3), replace(SMALL, precision="bf16", pad_channels=8, one_pass=True)]
    table = list(rows(chosen, "cpu", 3, PEAKS, 1e9))
    assert [row["runs"] for row in table] == [1, 3, 1]
    for row in table:
        assert 0 < row["step"] < row["epoch"]
        assert row["images_per_second"] == pytest.approx(2 * 16 * row["runs"] / row["step"])
        assert row["share_of_peak"] == pytest.approx(row["operations_floor"] / row["step"])
        assert line(row).startswith("mlp 32 images")
    single, stack, _ = table
    assert single["lightning"] == pytest.approx(1 - single["bare"] / single["step"])
    assert stack["lightning"] is stack["bare"] is None
    left, right = draw(table, "a title", [*NETWORKS]).axes
    assert [text.get_text() for text in left.get_yticklabels()] == ["mlp 32 fp32", "mlp 32 bf16 padded one pass"]
    stacked, reference = right.get_lines()
    assert list(ys(stacked)) == [1, stack["epoch"] / single["epoch"]]
    assert list(ys(reference)) == [1, 3]


def test_a_case_that_fails_is_left_out(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def fails(*_: object) -> dict:
        raise torch.OutOfMemoryError("no more")

    stack = next(rows([replace(SMALL, runs=2)], "cpu", 2, PEAKS, 1e9))
    monkeypatch.setattr("rotelab.benchmarks.gpu.measured", fails)
    assert list(rows([SMALL], "cpu", 2, PEAKS, 1e9)) == []
    assert "OutOfMemoryError: no more" in capsys.readouterr().err
    _, right = draw([stack], "without the run to compare it with", [*NETWORKS]).axes
    assert len(right.get_lines()) == 1


def test_processes_beside_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "rotelab.benchmarks.gpu.get_context", lambda _: get_context("fork")
    )  # they need not import torch
    found = measured(replace(SMALL, processes=2), "cpu", epochs=2)
    assert set(found) == {"step", "epoch"}
    assert 0 < found["step"] < found["epoch"]


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_without_a_gpu_it_says_so() -> None:
    assert run(module="rotelab.benchmarks.gpu") == (
        2,
        "",
        "rotelab: there is no GPU here; --device cpu measures this machine\n",
    )


@pytest.mark.slow
def test_on_a_cpu(tmp_path: Path) -> None:
    tiny = "--device cpu --networks --stacks 1 2 --processes --stack-precision fp32 --epochs 2 --threads 1 --compile"
    code, out, err = run(*tiny.split(), "--out", str(tmp_path), module="rotelab.benchmarks.gpu")
    assert (code, err) == (0, "")
    assert "2 together" in out
    with (tmp_path / "performance.csv").open() as file:
        assert [row["runs"] for row in csv.DictReader(file)] == ["1", "2"]
    assert (tmp_path / "performance.png").exists()
