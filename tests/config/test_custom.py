"""A model, an optimizer and a measure of one's own, by their paths: checked before they are imported, in the name."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from command import TINY, run, single
from composing import composed
from own_classes import Mine, Plain

from rotelab.config import identity, schema
from rotelab.config.instantiate import recipe
from rotelab.errors import InputError
from rotelab.models.options import Model
from rotelab.results import table

OWN = (
    *("model=custom", "model.target=own_classes.build", "model.options={depth:2}"),
    *("optimizer=custom", "optimizer.target=own_classes.Plain", "optimizer.options={momentum:0.5}"),
    *("measure=custom", "measure.custom.target=own_classes.Mine", "measure.custom.options={value:3}"),
)


def test_they_are_what_the_paths_name() -> None:
    made = recipe(schema.check(composed(*OWN, "optimizer.lr=0.2")))
    network = made.network((1, 8, 8), 10)
    assert [type(layer).__name__ for layer in network.modules()].count("Linear") == 3
    optimizer = made.optimizer(network.parameters())
    assert type(optimizer) is Plain
    assert [optimizer.param_groups[0][name] for name in ("lr", "momentum", "weight_decay")] == [0.2, 0.5, 0.0]
    (measure,) = made.measures
    assert type(measure) is Mine and measure.value == 3


@pytest.mark.parametrize(
    ("group", "words"),
    [
        ("model", "own_classes.takes_three can't be called with image_shape, classes and its options: missing a"),
        ("optimizer", "own_classes.takes_three can't be called with parameters and its options: missing a"),
        ("measure", "own_classes.takes_three can't be called with its options alone: missing a"),
    ],
)
def test_what_can_not_be_called_as_it_will_be_is_refused(group: str, words: str) -> None:
    of = {"model": "model", "optimizer": "optimizer", "measure": "measure.custom"}[group]
    given = (f"{group}=custom", f"{of}.target=own_classes.takes_three", f"{of}.options=null")
    with pytest.raises(InputError, match=words):
        recipe(schema.check(composed(*given)))


def test_what_gives_no_network_is_refused() -> None:
    made = recipe(
        schema.check(composed("model=custom", "model.target=own_classes.gives_a_number", "model.options=null"))
    )
    with pytest.raises(InputError, match=r"own_classes.gives_a_number gives no network but int"):
        made.network((1, 8, 8), 10)


def test_an_option_may_be_called_as_one_likes() -> None:
    own = ("model.target=own_classes.build", "model.options={target:1,options:2}")
    assert schema.check(composed("model=custom", *own)).model.arguments(Model) == {"target": 1, "options": 2}


@pytest.mark.parametrize(
    "changed", ["model.options={depth:3}", "model.target=own_classes.Plain", "optimizer.options=null"]
)
def test_paths_and_options_name_the_run(changed: str) -> None:
    key = changed.partition("=")[0]
    others = [text for text in OWN if not text.startswith(f"{key}=")]
    names = [identity.digest(schema.check(composed(*texts)).values) for texts in (OWN, [*others, changed], OWN)]
    assert names[0] == names[2] != names[1]


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("own_classes.biuld", "model.target: own_classes has no biuld: did you mean build?"),
        ("own_classes", "model.target = own_classes is not a path such as my_package.nets.build"),
        ("own_classes.", "is not a path"),
        ("own classes.build", "is not a path"),
        ("nowhere_at_all.build", "there is no module nowhere_at_all here"),
        ("nowhere_at_all.nets.build", "model.target = nowhere_at_all.nets.build can't be imported: No module named"),
        ("torch.nn.", "is not a path"),
    ],
)
def test_a_path_that_leads_nowhere(target: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        schema.check(composed("model=custom", f"model.target='{target}'"))
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (
            ("model=custom", "model.target=own_classes.build", "model.options={dept:2}"),
            "build has no option dept: did you mean depth?",
        ),
        (
            ("optimizer=custom", "optimizer.target=own_classes.Plain", "optimizer.options={xyz:2}"),
            "Plain has no option xyz",
        ),
        (
            ("measure=custom", "measure.custom.target=own_classes.Mine", "measure.custom.options={valu:2}"),
            "did you mean value?",
        ),
    ],
)
def test_an_option_that_it_does_not_take_is_a_sentence(overrides: tuple[str, ...], words: str) -> None:
    with pytest.raises(InputError, match=re.escape(words)):
        recipe(schema.check(composed(*overrides)))


def test_a_path_has_to_be_given() -> None:
    with pytest.raises(InputError, match=r"model.target has to be given"):
        schema.check(composed("model=custom"))


def test_no_mean_over_steps_is_taken_for_granted() -> None:
    with pytest.raises(InputError, match=r"optimizer.target = own_classes.Plain may keep averages"):
        schema.check(composed("optimizer=custom", "optimizer.target=own_classes.Plain", "aggregator=median"))


def test_a_check_imports_nothing(tmp_path: Path) -> None:
    """Neither the module, which may take long, nor torch."""
    (tmp_path / "mine.py").write_text("raise SystemExit('imported')\ndef build(): pass\n")
    code = (
        "import sys; from rotelab import train\n"
        "try: train.main()\n"
        "finally: assert not {'torch', 'mine'} & set(sys.modules)"
    )
    command = [sys.executable, "-P", "-c", code, "model=custom", "model.target=mine.build", "seed=-1"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, "rotelab: seed = -1 is not in [0, 2^63)\n")


def test_a_module_that_can_not_be_imported_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine.py").write_text("import nothing_of_this_name\ndef build(): pass\n")
    monkeypatch.syspath_prepend(tmp_path)
    config = schema.check(composed("model=custom", "model.target=mine.build"))
    with pytest.raises(InputError, match=r"mine.build can't be imported: .*nothing_of_this_name"):
        recipe(config)


@pytest.mark.slow
def test_a_run_of_ones_own(tmp_path: Path) -> None:
    tiny = (text for text in TINY if "widths" not in text)
    code, _, err = run(*tiny, *OWN, "stop.max_epochs=2", f"results={tmp_path}")
    assert (code, err) == (0, "")
    curve = table.load_run(single(tmp_path))
    assert set(curve[curve.metric == "mine"].value) == {3.0}


@pytest.mark.parametrize("fused", [True, False])
def test_an_optimizer_gets_what_it_takes(fused: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A GPU's option only where there is one of that name."""
    from rotelab.objectives import Standard
    from rotelab.training.learner import Learner

    optimizer = recipe(schema.check(composed() if fused else composed(*OWN))).optimizer
    learner = Learner(torch.nn.Linear(2, 2), Standard(), optimizer, 2)
    monkeypatch.setattr(Learner, "device", torch.device("cuda"))
    assert learner.launches() == ({"fused": True} if fused else {})
