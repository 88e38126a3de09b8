"""Figure 2: test accuracy long after the fit, with and without batch norm.

A circle is where the train split is fitted, a star the best epoch on the test images themselves. In the last panel a
gain near 0 means that stopping early would not have helped; filled marks choose the epoch on the test images, and are
biased upwards.

What early stopping would have gained is the best test accuracy minus the last: an upper bound, for the best of many
epochs on the images that it is then reported on is biased upwards. Which of those images was right is not recorded, so
that the epoch can't be chosen on one half of them. But the pseudo-test split, other images that take no part in plain
training, is evaluated as often: the epoch that is best on it (the first of several) gives a gain without that bias. It
chooses poorly where it is small (100 images at every scale): the gain may be negative, and more images would choose
better.
"""

import pandas
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from rotelab.experiments.experiment import Experiment
from rotelab.figures import curves, networks, style
from rotelab.figures.networks import Network
from rotelab.results.lines import Line, check_seeds, rows, some, spread


def line(network: str, split: str = "held_out") -> Line:
    of = networks.NETWORKS[network]
    return Line(of.name, {"network": network}, of.color, split)


def gains(table: pandas.DataFrame, network: str) -> pandas.DataFrame:
    """By seed: ``best_epoch``, ``best``, ``last`` test accuracy, ``gain`` = best - last, ``chosen_gain``.

    The last is the gain with the epoch chosen on the pseudo-test split; nan where that was not measured.
    """
    found = []
    other = {seed: run for seed, run in rows(table, line(network, "pseudo_test")).groupby("seed")}
    for seed, run in rows(table, line(network)).groupby("seed"):
        test = run.set_index("epoch").value.sort_index()
        last, chosen = test.iloc[-1], float("nan")
        if seed in other:
            chosen = test[other[seed].set_index("epoch").value.sort_index().idxmax()]
        found.append((seed, int(test.idxmax()), test.max(), last, test.max() - last, chosen - last))
    columns = ["seed", "best_epoch", "best", "last", "gain", "chosen_gain"]
    return pandas.DataFrame(found, columns=columns).set_index("seed")


def roughness(table: pandas.DataFrame, network: str) -> pandas.DataFrame:
    """By seed: the mean absolute change of test accuracy between epochs, ``before`` and ``after`` the fit.

    nan where there are not two epochs of the kind; of a run that did not fit, all epochs are before.
    """
    fits, found = networks.fits(table, line(network, "train")).set_index("seed"), []
    for seed, run in rows(table, line(network)).groupby("seed"):
        test, at = run.set_index("epoch").value.sort_index(), fits.loc[seed]
        after = test[test.index >= at.epoch] if at.fitted else test[:0]
        found.append((seed, test[test.index <= at.epoch].diff().abs().mean(), after.diff().abs().mean()))
    return pandas.DataFrame(found, columns=["seed", "before", "after"]).set_index("seed")


def draw(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> Figure:
    """Test accuracy over epochs, a panel for each network, and what early stopping would have gained.

    Raises Refusal, with a sentence, where networks differ in their seeds.
    """
    shown = networks.found(table)
    check_seeds(table, [line(name) for name in shown])
    figure, (*panels, gained) = style.axes(len(shown) + 1, width=4.4 * len(shown) + 3.4, height=4.0)
    top = max(rows(table, line(name)).value.max() for name in shown)
    for panel, name in zip(panels, shown, strict=True):
        _curves(panel, table, name)
        panel.set_ylim(0, 1.08 * top)
    _gains(gained, table, shown)
    return figure


def _curves(panel: Axes, table: pandas.DataFrame, name: str) -> None:
    network, found = networks.NETWORKS[name], gains(table, name)
    curves.draw(panel, table, [line(name)])
    fits = networks.fits(table, line(name, "train"))
    fitted = fits[fits.fitted]
    at = rows(table, line(name)).merge(fitted[["seed", "epoch"]], on=["seed", "epoch"])
    some = f", fitted in {len(fitted)} of {len(fits)} seeds" if len(fitted) < len(fits) else ""
    panel.set_title(f"{network.name}{some}", fontsize=8)
    panel.scatter(at.epoch, at.value, 26, "white", marker="o", edgecolors="black", linewidths=0.9, zorder=3)
    panel.scatter(
        found.best_epoch,
        found.best,
        36,
        network.color,
        marker="*",
        edgecolors="black",
        linewidths=0.5,
        zorder=4,
        clip_on=False,  # the first epoch may be the best
    )
    panel.scatter([], [], 26, "white", marker="o", edgecolors="black", label="train split fitted")
    panel.scatter([], [], 36, "black", marker="*", label="best epoch")
    panel.set(ylabel="test accuracy")
    style.legend_below(panel, 3)


def _gains(panel: Axes, table: pandas.DataFrame, shown: dict[str, Network]) -> None:
    """A dot a seed and a bar at their mean: chosen on the test split itself, and on other images."""
    for place, (name, network) in enumerate(shown.items()):
        found = gains(table, name)
        for shift, column, face in ((-0.12, "gain", network.color), (0.12, "chosen_gain", "none")):
            values = 100 * found[column].dropna()
            panel.scatter(
                [place + shift] * len(values), values, 18, face, marker=network.marker, edgecolors=network.color
            )
            panel.plot(place + shift, values.mean(), "_", color=network.color, markersize=14, markeredgewidth=1.5)
    panel.scatter([], [], 18, "black", label="best on the test images (biased upwards)")
    panel.scatter([], [], 18, "none", edgecolors="black", label="best on other images (pseudo-test)")
    panel.axhline(0, color="black", linewidth=0.6)
    names = [network.name.replace(" without", "\nwithout") for network in shown.values()]
    panel.set_xticks(range(len(shown)), names, fontsize=7)
    panel.set(ylabel="gain over the last epoch, points", xlim=(-0.5, len(shown) - 0.5))
    style.legend_below(panel, 1)


def summary(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> str:
    """Best minus last test accuracy, chosen both ways, and how rough the curve is, least to greatest over the seeds."""
    texts = []
    for name, network in networks.found(table).items():
        found, rough = gains(table, name), roughness(table, name)
        fits = networks.fits(table, line(name, "train"))
        when = f"fitted at epoch {spread(fits[fits.fitted].epoch, 'd')}" if fits.fitted.any() else "never fitted"
        share = some(int(fits.fitted.sum()), len(fits))
        texts.append(
            f"{network.name}: train split {when}{share}; test accuracy best {_spread(found.best)} at "
            f"epoch {spread(found.best_epoch, 'd')}, last {_spread(found['last'])}; stopping at the best would "
            f"have gained {_spread(found.gain)} (biased upwards), at the best on other images "
            f"{_spread(found.chosen_gain)}; mean change from epoch to epoch {_spread(rough.before, '.4f')} before the "
            f"fit, {_spread(rough.after, '.4f')} after it"
        )
    return "\n".join(texts)


def _spread(values: pandas.Series, form: str = ".3f") -> str:
    there = values.dropna()
    return "not measured" if there.empty else spread(there, form)


EXPERIMENT = Experiment(draw, summary)
