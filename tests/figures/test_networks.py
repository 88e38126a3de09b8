"""The networks of a sweep, and when a run has fitted its train split."""

import pandas
import pytest
from tables import runs, straight, together

from rotelab.figures import networks
from rotelab.results.lines import Line

LINE = Line("made up", {"network": "alexnet"}, "black")


def made(network: str = "alexnet", last: float = 1.0, seeds: tuple[int, ...] = (0, 1)) -> pandas.DataFrame:
    return runs({"network": network}, {"accuracy/train": straight(last, 10)}, seeds=seeds)


def test_networks_are_found_in_the_papers_order() -> None:
    table = together(made("mlp_1x512"), made("alexnet"), made("inception_no_bn"))
    assert list(networks.found(table)) == ["inception_no_bn", "alexnet", "mlp_1x512"]


def test_networks_look_different() -> None:
    looks = networks.NETWORKS.values()
    assert len({look.name for look in looks}) == len({look.color for look in looks}) == len(looks)
    assert len({look.marker for look in looks}) == len(looks)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (made("resnet18"), "network=resnet18 is none of inception, "),
        (made().drop(columns="network"), "over network="),
        (together(made(), made().drop(columns="network")), "over network="),
    ],
)
def test_another_sweep_is_refused(table: pandas.DataFrame, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        networks.found(table)


def test_a_run_that_did_not_fit_has_its_end() -> None:
    found = networks.fits(together(made(seeds=(0,)), made(last=0.98, seeds=(1,))), LINE)
    assert found.to_numpy().tolist() == [[0, 10, 40, True], [1, 10, 40, False]]
    early = runs(LINE.where, {"accuracy/train": lambda epoch, step, seed: 0.99 if epoch >= 3 + seed else 0.5})
    assert networks.fits(early, LINE).step.tolist() == [12, 16]
