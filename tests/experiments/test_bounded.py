"""Sweeps that unlearn do so with the bounded loss of Eq. (2), at every scale."""

from pathlib import Path

import pytest
import yaml
from composing import CONF, composed
from omegaconf import OmegaConf

from rotelab.config import choices

UNLEARNING = {*choices.of("objective")} - {"standard"}


def params(path: Path) -> dict[str, str]:
    """What a sweep goes through, by its file and the one that it begins with."""
    content = yaml.safe_load(path.read_text())
    bases = [name for name in content.get("defaults", []) if isinstance(name, str) and name.startswith("/sweep/base/")]
    found = {name: value for base in bases for name, value in params(CONF / f"{base[1:]}.yaml").items()}
    own = ((content.get("hydra") or {}).get("sweeper") or {}).get("params", {})
    return found | {name: str(value) for name, value in own.items()}


SWEEPS = {
    f"{path.parent.name}/{path.stem}": found
    for path in sorted((CONF / "sweep").glob("*/*.yaml"))
    if path.parent.name != "base"
    if UNLEARNING & {*(found := params(path)).get("objective", "").split(",")} and "model.softmax" not in found
}


@pytest.mark.slow
@pytest.mark.parametrize("scale", ["smoke", "demo", "small", "paper"])
@pytest.mark.parametrize("sweep", SWEEPS)
def test_what_is_unlearned_has_a_bound(sweep: str, scale: str) -> None:
    """Of every network that it goes through: an MLP of Zhang et al. has no softmax of its own."""
    chosen = [f"sweep={sweep}", f"scale={scale}", "objective=split"]
    models = SWEEPS[sweep].get("model", "")
    if models.startswith("${"):
        models = OmegaConf.select(composed(*chosen), models[2:-1])
    for model in models.split(","):
        assert composed(*chosen, *([f"model={model}"] if model else [])).model.softmax, model


def test_sweeps_that_go_through_networks_are_among_them() -> None:
    assert SWEEPS["generalization_measures/epoch_ratio"]["model"] == "${axis.epoch_ratio.models}"
