"""Zhang et al., Figure 2 from made-up tables: what early stopping would have gained, and how rough the curve is."""

from collections.abc import Iterator

import matplotlib.pyplot as plt
import pandas
import pytest
from drawn import offsets, ys
from tables import Curve, constant, runs, straight, together

from rotelab.experiments.randomization_tests import early_stopping
from rotelab.figures.networks import FITTED

BOTH = ("inception", "inception_no_bn")


def hump(best: int, height: float = 0.6, last: float = 0.5) -> Curve:
    """``last`` but for the epoch ``best``, one later for every seed."""
    return lambda epoch, step, seed: height if epoch == best + seed else last


def made(
    networks: tuple[str, ...] = BOTH,
    test: Curve | None = None,
    other: Curve | None = None,
    fit: int = 4,
    seeds: tuple[int, ...] = (0, 1),
) -> pandas.DataFrame:
    """Fitted at epoch ``fit`` of 20."""
    curves = {
        "accuracy/train": lambda epoch, step, seed: min(1.0, FITTED * epoch / fit),
        "accuracy/held_out": test or hump(8),
        "accuracy/pseudo_test": other or hump(12),
    }
    return together(*(runs({"network": network}, curves, range(21), seeds=seeds) for network in networks))


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    plt.close("all")


def test_gains_by_both_choices() -> None:
    found = early_stopping.gains(made(), "inception")
    assert found.best_epoch.tolist() == [8, 9]
    assert found.gain.tolist() == pytest.approx([0.1, 0.1])
    assert found.chosen_gain.tolist() == [0, 0]  # the epochs that are best on other images are not on these
    alike = early_stopping.gains(made(other=hump(8)), "inception")
    assert alike.chosen_gain.tolist() == pytest.approx([0.1, 0.1])


def test_the_first_of_several_best_epochs_is_chosen() -> None:
    found = early_stopping.gains(made(other=constant(0.5)), "inception")
    assert found.chosen_gain.tolist() == [0, 0]
    rising = early_stopping.gains(made(test=straight(0.6, 20), other=constant(0.5)), "inception")
    assert rising.chosen_gain.tolist() == pytest.approx([-0.6, -0.6])  # epoch 0


def test_without_other_images_nothing_is_chosen_on_them() -> None:
    table = made()
    table = table[table.split != "pseudo_test"]
    assert early_stopping.gains(table, "inception").chosen_gain.isna().all()
    assert "at the best on other images not measured" in early_stopping.summary(table)
    early_stopping.draw(table)


def test_roughness_is_the_mean_change() -> None:
    def zigzag(epoch: int, step: int, seed: int) -> float:
        return 0.5 + (0.02 if epoch <= 4 else 0.01) * (epoch % 2)

    found = early_stopping.roughness(made(test=zigzag), "inception")
    assert found.before.tolist() == pytest.approx([0.02] * 2)
    assert found.after.tolist() == pytest.approx([0.01] * 2)
    never = early_stopping.roughness(made(test=zigzag, fit=40), "inception")
    assert never.after.isna().all()
    assert never.before.tolist() == pytest.approx([(4 * 0.02 + 16 * 0.01) / 20] * 2)


def test_best_epoch_and_fit_are_marked() -> None:
    inception, other, gained = early_stopping.draw(made()).axes
    assert [panel.get_title() for panel in (inception, other)] == ["Inception", "Inception without batch norm"]
    _, fitted, best, *_ = inception.collections
    assert offsets(fitted)[:, 0].tolist() == [4, 4]
    assert offsets(best).tolist() == [[8, 0.6], [9, 0.6]]
    assert [ys(line)[0] for line in gained.lines[:4]] == pytest.approx([10, 0, 10, 0])


def test_a_run_that_did_not_fit_says_so() -> None:
    some = together(made(seeds=(0,)), made(seeds=(1,), fit=40))
    panel, *_ = early_stopping.draw(some).axes
    assert panel.get_title() == "Inception, fitted in 1 of 2 seeds"
    assert "fitted at epoch 4 (1 of 2 seeds);" in early_stopping.summary(some)
    assert "train split never fitted;" in early_stopping.summary(made(fit=40))


def test_the_summary_says_what_would_have_been_gained() -> None:
    text = early_stopping.summary(made())
    assert text.splitlines()[0] == (
        "Inception: train split fitted at epoch 4; test accuracy best 0.600 at epoch 8 to 9, last 0.500; stopping at "
        "the best would have gained 0.100 (biased upwards), at the best on other images 0.000; mean change from epoch "
        "to epoch 0.0000 before the fit, 0.0125 after it"
    )


def test_networks_need_the_same_seeds() -> None:
    with pytest.raises(ValueError, match="same seeds"):
        early_stopping.draw(together(made(), made(("inception",), seeds=(2,))))
    with pytest.raises(ValueError, match="over network="):
        early_stopping.draw(made().drop(columns="network"))
