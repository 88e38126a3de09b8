"""A row a network of the sweep that was trained plainly: its generalization gap, its hyper-parameters and what was
measured of it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

import numpy
import pandas

from rotelab.claims import ranking
from rotelab.errors import Refusal
from rotelab.plurals import plural
from rotelab.results.lines import check_names

HYPER_PARAMETERS = {
    "model": "layers",
    "data.batch_size": "batch size",
    "optimizer.lr": "learning rate",
    "optimizer.weight_decay": "weight decay",
    "data.labels.fraction": "wrong labels",
}
HEAD_DECAY = {"optimizer.head_decay": "decay of the last layer"}
"""One more, where runs name it."""
LEVEL = "stop.train_loss"
EPOCH_RATIO = "epoch_ratio"
"""Epochs of Eq. (1) over epochs of Eq. (3) to the same train loss, of the same network, settings and seed."""
CHEAP = ("steps", "early_loss")
"""Optimizer steps to the train loss, and the train loss at half of the fewest of them. Known without any measure: what
a measure has to beat, beside ``params``, the number of weights."""


NORMS = ("log_prod_of_fro", "log_prod_of_spec", "log_prod_of_fro_over_margin", "log_prod_of_spec_over_margin")
"""Products over layers."""
SHARPNESSES = (
    *("pacbayes_init", "pacbayes_orig", "pacbayes_flatness"),
    *("pacbayes_mag_init", "pacbayes_mag_orig", "pacbayes_mag_flatness"),
    *("adaptive_sharpness", "hessian_top_eigenvalue", "hessian_trace"),
)
OTHERS = (
    *("param_norm", "fro_dist", "path_norm", "path_norm_over_margin", "inverse_margin", "fisher_rao_norm"),
    *("input_jacobian_norm", "gradient_norm", "coherence_alpha", "parameter_radius_median"),
)
SHOWN = (EPOCH_RATIO, *NORMS, *SHARPNESSES, *OTHERS, "params", *CHEAP)
"""What figures show, of every kind some, and whichever has the greatest tau; the tables have all."""


@dataclass(frozen=True)
class Networks:
    """Those that came to the train loss, in the same order throughout; where runs of Eq. (1) are there as well, those
    of which both did."""

    settings: pandas.DataFrame
    """The hyper-parameters that differ, a column each."""
    seed: pandas.Series
    gap: numpy.ndarray
    """Test error minus train error, of train labels some of which are wrong."""
    measures: pandas.DataFrame
    test_images: int
    train_images: int
    unfitted: int
    """How many did not come to the train loss and are left out."""
    lacking: dict[str, int]
    """Measures that some networks lack, and how many do: they are ranked by none."""

    @property
    def rows(self) -> pandas.DataFrame:
        """All of it, a row a network, for tables that others can use."""
        return pandas.concat([self.settings, self.seed, self.measures], axis="columns").assign(gap=self.gap)

    def only(self, which: pandas.Series) -> "Networks":
        """Some of them."""
        return replace(
            self,
            settings=self.settings[which],
            seed=self.seed[which],
            gap=self.gap[which.to_numpy()],
            measures=self.measures[which],
        )


def networks(table: pandas.DataFrame) -> Networks:
    """Raises Refusal where the runs are not those of the sweep, or fewer than two of them came to the train loss."""
    check_names(table, [LEVEL, *HYPER_PARAMETERS])
    last = table[table.epoch == table.groupby("run").epoch.transform("max")]
    wide = last.assign(what=last.metric + "/" + last.split).pivot(index="run", columns="what", values="value")
    if "generalization/params" not in wide:
        raise Refusal("no run measured generalization")
    of_run = table.groupby("run").first().loc[wide.index].assign(epochs=last.groupby("run").epoch.max())
    names = {name: word for name, word in (HYPER_PARAMETERS | HEAD_DECAY).items() if name in of_run}
    plain, fitted = of_run.objective == "standard", wide["loss/train"] <= of_run[LEVEL].astype(float)
    ratio = _epoch_ratio(of_run, fitted, [*names, "seed"])
    both = not plain.all()
    if both:
        fitted &= ratio.notna()
    wide, of_run = wide[fitted & plain], of_run[fitted & plain]
    if len(wide) < 2:
        raise Refusal(f"{len(wide)} of {plain.sum()} networks came to the train loss: a ranking needs two")
    prefix = "generalization/"
    measures = wide[[name for name in wide if name.startswith(prefix)]].rename(columns=lambda name: name[len(prefix) :])
    if both:
        measures = measures.assign(**{EPOCH_RATIO: ratio})
    lacking = measures.isna().sum()
    measures = measures.loc[:, lacking == 0].assign(
        steps=last.groupby("run").step.max()[wide.index].astype(float), early_loss=_early(table, wide.index)
    )
    settings = of_run[[*names]].rename(columns=names)
    return Networks(
        settings.loc[:, settings.nunique() > 1],
        of_run.seed,
        (wide["accuracy/train"] - wide["accuracy/held_out"]).to_numpy(),
        measures,
        int(wide["generalization_images/held_out"].iloc[0]),
        int(wide["generalization_images/train"].iloc[0]),
        int((~fitted & plain).sum()),
        {str(name): int(count) for name, count in lacking[lacking > 0].items()},
    )


def _epoch_ratio(of_run: pandas.DataFrame, fitted: pandas.Series, alike: list[str]) -> pandas.Series:
    """Of every run: the epochs of the run of Eq. (1) that is ``alike`` over its own; NaN without one that came to the
    train loss."""
    twins = of_run[fitted & (of_run.objective == "split")].set_index(alike).epochs
    return twins.reindex(pandas.MultiIndex.from_frame(of_run[alike])).set_axis(of_run.index) / of_run.epochs


def _early(table: pandas.DataFrame, runs: pandas.Index) -> pandas.Series:
    """The train loss at the same step, half of the fewest that one took, between the ends of epochs by a line."""
    losses = table[(table.metric == "loss") & (table.split == "train") & table.run.isin(runs)].sort_values("step")
    step = losses.groupby("run").step.max().min() / 2
    found = {run: numpy.interp(step, curve.step, curve.value) for run, curve in losses.groupby("run")}
    return pandas.Series(found).loc[runs]


Statistic = Callable[["Networks", str, numpy.ndarray | None], float]
"""Of networks, the name of a measure and how often each network counts."""


def shown(of: Networks) -> list[str]:
    """Of SHOWN those that all networks have, and what is best of all measures; the greatest tau first."""
    names = dict.fromkeys([*SHOWN, *_measured(of)[:1]])
    return sorted((name for name in names if name in of.measures), key=lambda name: -tau(of, name))


def best(of: Networks) -> str | None:
    """The measure with the greatest tau, of all but those that cost nothing."""
    return next(iter(_measured(of)), None)


def _measured(of: Networks) -> list[str]:
    """The measures that cost something, the one with the greatest tau first."""
    names = [str(name) for name in of.measures if name not in ("params", *CHEAP)]
    return sorted(names, key=lambda name: -tau(of, name))


def notes(of: Networks) -> list[str]:
    """Which networks and measures are left out."""
    lacking = ", ".join(f"{name} ({count})" for name, count in of.lacking.items())
    return [
        plural(of.seed.nunique(), "seed"),
        f"{len(of.gap)} networks at a train loss, {of.unfitted} that did not come to it left out",
        *([f"left out, for so many networks lack them: {lacking}"] if lacking else []),
    ]


def tau(of: Networks, measure: str, counts: numpy.ndarray | None = None) -> float:
    return ranking.tau(of.measures[measure].to_numpy(), of.gap, counts)


def psi(of: Networks, measure: str, counts: numpy.ndarray | None = None) -> dict[str, float]:
    """Of each hyper-parameter, within seeds."""
    settings = of.settings.assign(seed=of.seed)
    found = ranking.granulated(of.measures[measure].to_numpy(), of.gap, settings, counts)
    return {name: found[name] for name in of.settings}


def granulated(of: Networks, measure: str, counts: numpy.ndarray | None = None) -> float:
    """The mean of ``psi``."""
    return float(numpy.mean([*psi(of, measure, counts).values()]))


def information(of: Networks, measure: str, counts: numpy.ndarray | None = None) -> float:
    """The least beyond at most two hyper-parameters."""
    return min(ranking.information(of.measures[measure].to_numpy(), of.gap, of.settings, counts).values())


def errors(of: Networks, measure: str, counts: numpy.ndarray | None = None) -> pandas.DataFrame:
    """The sign error of each environment."""
    return ranking.sign_errors(of.measures[measure].to_numpy(), of.gap, of.settings, of.test_images, counts)


def worst(of: Networks, measure: str, counts: numpy.ndarray | None = None) -> float:
    """The greatest sign error of an environment; NaN where there is none."""
    return float(errors(of, measure, counts).error.max())


def interval(
    statistic: Statistic, of: Networks, measure: str, draws: int, by: Literal["networks", "seeds"] = "networks"
) -> tuple[float, float]:
    """Of one of these, by drawing networks, or whole seeds, with replacement."""
    groups = of.seed if by == "seeds" else pandas.Series(of.measures.index)
    return ranking.bootstrap(partial(statistic, of, measure), groups, draws)
