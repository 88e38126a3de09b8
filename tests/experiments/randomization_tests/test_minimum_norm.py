"""The figure of least norms from a made-up table and from a few digits."""

import matplotlib.pyplot as plt
import pandas
import pytest
from drawn import label, words, xs, ys

from rotelab.experiments.randomization_tests import minimum_norm

KERNELS = {"wide": (0, 0.3, 900, 0), "narrow": (0, 0.1, 10, 0), "middle": (0, 0.2, 90, 0), "linear": (0.1, 0.4, 5, 0.7)}
"""Train and test error, norm, residual."""


def table() -> pandas.DataFrame:
    rows = []
    for seed in (0, 1, 2):
        for kernel, (train, test, norm, residual) in KERNELS.items():
            errors = {"train_error": train, "test_error": test + (seed - 1) / 100}
            rows.append({"part": "kernel", "kernel": kernel, "seed": seed, "norm": norm, **errors})
            rows[-1] |= {"residual": residual, "rank": 9}
        for step, distance in ((10, 1.0), (100, 1e-2), (1000, 10.0 ** (-2 - seed))):
            rows.append({"part": "sgd", "seed": seed, "step": step, "distance": distance})
    return pandas.DataFrame(rows, columns=minimum_norm._COLUMNS)


def test_the_kernels_are_ordered_by_their_test_error() -> None:
    means = minimum_norm.kernels(table())
    assert list(means.index) == ["narrow", "middle", "wide", "linear"]
    assert means.test_error.tolist() == pytest.approx([0.1, 0.2, 0.3, 0.4])
    assert means["norm"].tolist() == [10, 90, 900, 5]


def test_all_panels_are_drawn() -> None:
    figure = minimum_norm.draw(table())
    errors, norms, distances = figure.axes
    assert [text.get_text() for text in errors.get_yticklabels()] == ["narrow", "middle", "wide", "linear"]
    assert words(errors) == ["test", "train"]
    each, mean = norms.lines
    assert sorted(set(zip(xs(each), ys(each), strict=True))) == [(5, 3), (10, 0), (90, 1), (900, 2)]
    assert xs(mean).tolist() == [10, 90, 900, 5]
    assert norms.get_xscale() == "log"
    (thick,) = (line for line in distances.lines if label(line) == "SGD, one image a step")
    assert xs(thick).tolist() == [10, 100, 1000]
    assert ys(thick).tolist() == pytest.approx([1, 1e-2, (1e-2 + 1e-3 + 1e-4) / 3])
    plt.close(figure)


def test_it_refuses_when_seeds_are_missing() -> None:
    with pytest.raises(ValueError, match="same seeds"):
        minimum_norm.draw(table().iloc[1:])
    with pytest.raises(ValueError, match="same seeds"):
        minimum_norm.summary(table().iloc[:0])


def test_the_summary_says_what_norm_says_and_where_sgd_ends() -> None:
    text = minimum_norm.summary(table())
    assert "linear: train error 0.100, test error 0.400, norm 5, least squares, no exact fit" in text
    assert "wide: train error 0.000, test error 0.300, norm 900\n" in text
    assert "over the 3 that fit exactly: 1.00" in text  # of these three, a greater norm is a greater error
    assert "SGD, seed 0: relative distance 1.0e-02 at the end, not below 1e-3" in text
    assert "SGD, seed 2: relative distance 1.0e-04 at the end, below 1e-3 from step 1,000 on" in text


def test_a_few_digits() -> None:
    scale = minimum_norm.SCALES["smoke"]
    once = minimum_norm.measure(scale, None)
    assert once.equals(minimum_norm.measure(scale, None))
    means = minimum_norm.kernels(once)
    assert len(means) == 4 + len(minimum_norm.WIDTHS)
    assert (means.train_error[means.residual < 1e-6] == 0).all()
    assert means.residual["Gaussian, $\\gamma$ x 1"] < 1e-6
    assert means.test_error["Gaussian, $\\gamma$ x 1"] < 0.5  # of 0.9 at chance
    assert means["rank"]["linear, pixels"] < 60  # some pixels are never inked
    last = once[once.step == 2000]
    assert len(last) == 3
    assert (last.distance < 1e-3).all()
    assert once.step.min() == 10


def test_the_caption_says_sizes_and_seeds() -> None:
    text = " · ".join(minimum_norm.describe(minimum_norm.SCALES["small"]))
    assert "2,000 train and 2,000 test images at 16x16" in text
    assert "3 seeds" in text
