"""Names and numbers of three small runs, as they were on the first machine: what is rebuilt must not change them."""

from pathlib import Path

import pandas
import pytest
from command import run, single

from rotelab.results import files

COMMON = ("data.size=64", "data.batch_size=32", "optimizer.lr=1e-4", "stop.max_epochs=2", "stop.train_accuracy=0.99")
HELD_OUT = "data.split.held_out='all[1280:1344]'"
RUNS = {
    "split-1a69f8bfee": (
        ("model=mlp", "model.widths=[16]", "stop.max_epochs=5"),
        {"loss/train": 2.3103973865509033, "loss/pseudo_test": 2.3097853660583496},
    ),
    "standard-12abfec3c1": (
        (
            *("objective=standard", "model=convnet5", "model.width=0.1", HELD_OUT),
            *("data/labels=corrupted", "data.labels.fraction=0.5"),
            *("measure=[coherence,gradient_norm,legacy_accuracy]", "measure.coherence.images=16"),
        ),
        {
            "loss/train": 2.3026905059814453,
            "coherence_r/train_corrupted": 0.8492371746043722,
            "gradient_norm/all_layers": 0.015665052458643913,
            "legacy_accuracy/pseudo_test": 0.13541666666666666,
        },
    ),
    "threshold-100183a2a5": (
        ("objective=threshold", "model=resnet18", "model.width=0.1", "data.size=32", "data.side=16", HELD_OUT),
        {"loss/train": 2.3004748821258545, "loss/held_out": 2.3035078048706055},
    ),
}


@pytest.mark.parametrize("name", RUNS)
def test_a_run_is_called_what_it_was_and_computes_what_it_did(name: str, tmp_path: Path) -> None:
    overrides, expected = RUNS[name]
    given = {text.partition("=")[0]: text for text in (*COMMON, *overrides)}
    code, _, err = run(*given.values(), f"results={tmp_path}", "draw=false")
    assert (code, err) == (0, "")
    folder = single(tmp_path)
    assert folder.name == name
    table = pandas.read_csv(folder / files.CURVE)
    last = table[table.epoch == table.epoch.max()]
    found = dict(zip(last.metric + "/" + last.split, last.value, strict=True))
    assert {key: found[key] for key in expected} == pytest.approx(expected, rel=1e-6)
