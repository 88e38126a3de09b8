"""The claims of "Why Deep Learning Generalizes" (Badger), and what they ask of our sweeps."""

from collections.abc import Callable, Sequence
from math import log2

import pandas
from scipy.stats import linregress, spearmanr

from rotelab.claims.claim import Claim, NotMeasured, Values
from rotelab.claims.questions import parameters
from rotelab.claims.verdicts import Above, Below, Within
from rotelab.experiments.gradient_splitting import (
    fig1,
    fig2a,
    fig2b,
    fig2c,
    fig2d,
    figs1_ablation,
    figs1a,
    gap,
    gradient_norm,
)
from rotelab.experiments.gradient_splitting import stability as radii
from rotelab.figures import curves
from rotelab.figures.curves import Line

CHANCE = 0.1
"""Of ten classes, which all the paper's data have."""


def _fig1(table: pandas.DataFrame, objective: str, split: str, kind: str) -> Line:
    """The line of Figure 1, of the case in which the test set is what is unlearned (``test``) or is not known."""
    kinds = fig1.kinds(table)
    chosen = next((name for name in kinds if name.endswith(kind)), None)
    if chosen is None and len(kinds) > 1:
        raise NotMeasured(f"the sweep has no data/split={kind}")
    found = fig1.lines(chosen or kinds[0])
    return next(line for line in found if line.where["objective"] == objective and line.split == split)


def _basins(_: pandas.DataFrame) -> Values:
    from rotelab.exact import basins  # imports torch

    return {"": [basins.log10_ratio(1000)]}


RECORDED_EPOCHS = 4569
"""At which the author's run first had a train accuracy of .9."""


MEMORIZED = 0.9
"""The train accuracy that the paper's claims about memorizing are about."""
LEARNED = 0.3
"""A train accuracy at which a network of ten classes has learned something: before it all accuracies are chance."""


def _memorized(table: pandas.DataFrame) -> Values:
    line = _fig1(table, "split", "train", "test_set")
    final, epochs = curves.finals(table, line), int(curves.rows(table, line).epoch.max())
    if final.max() < MEMORIZED and epochs < RECORDED_EPOCHS:
        raise NotMeasured(
            f"train accuracy {final.min():.2f} to {final.max():.2f} after {epochs} epochs, recorded {RECORDED_EPOCHS}"
        )
    return {"": final}


def _unlearned(table: pandas.DataFrame) -> Values:
    train, unlearned = (
        curves.finals(table, _fig1(table, "split", name, "test_set")) for name in ("train", "pseudo_test")
    )
    if train.min() < MEMORIZED:  # what is not learned yet is easily unlearned
        raise NotMeasured(f"the train accuracy is {train.min():.2f} to {train.max():.2f}, not {MEMORIZED}")
    return {f"at train accuracy {train.min():.2f} to {train.max():.2f}": unlearned}


def _at_train_accuracy(table: pandas.DataFrame, objective: str, level: float) -> pandas.Series:
    """Held-out accuracy, by seed, at the first epoch with a train accuracy of ``level``; the test set is held out."""
    train, held = (_fig1(table, objective, split, "halves") for split in ("train", "held_out"))
    at = curves.reached(table, train, [level])[["seed", "epoch"]]
    values = curves.rows(table, held).merge(at, on=["seed", "epoch"])
    return values.set_index("seed").value


def _unseen_below_normal(table: pandas.DataFrame) -> Values:
    lines = [_fig1(table, name, "train", "halves") for name in fig1.OBJECTIVES]
    level = float(min(curves.rows(table, line).groupby("seed").value.max().min() for line in lines))
    if level < LEARNED:
        raise NotMeasured(f"a run came to a train accuracy of {level:.2f} only")
    plain, split = (_at_train_accuracy(table, name, level) for name in fig1.OBJECTIVES)
    return {f"at train accuracy {level:.2f}": (split - plain).dropna()}


def _unseen_above_chance(table: pandas.DataFrame) -> Values:
    train = curves.finals(table, _fig1(table, "split", "train", "halves"))
    if train.min() < LEARNED:
        raise NotMeasured(f"a run came to a train accuracy of {train.min():.2f} only")
    return {"": curves.finals(table, _fig1(table, "split", "held_out", "halves")) - CHANCE}


def _plain_at_90(table: pandas.DataFrame) -> Values:
    found = _at_train_accuracy(table, "standard", 0.9)
    if found.empty:
        raise NotMeasured("plain training was stopped before a train accuracy of .9")
    return {"": found}


def _ratio(level: float) -> Callable[[pandas.DataFrame], Values]:
    def values(table: pandas.DataFrame) -> Values:
        plain, split = (
            curves.reached(table, _fig1(table, name, "train", "test_set"), [level]).set_index("seed").epoch
            for name in fig1.OBJECTIVES
        )
        seeds = table.seed.nunique()
        if len(split) < seeds or len(plain) < seeds or not plain.all():
            raise NotMeasured(f"{len(split)} of {seeds} seeds of Eq. (1) and {len(plain)} of Eq. (3) reached {level}")
        return {"": (split / plain).map(log2)}

    return values


def _ease(table: pandas.DataFrame, line: Line, epochs: float) -> pandas.Series:
    """By seed: the mean of a line's value over so many epochs, by trapezoids from epoch 0 on; the higher, the easier.

    Always defined, unlike the time to a level, which a run may never reach. A run that ended earlier, for its train
    accuracy was 1, keeps its last value. (Means of the ends of epochs would favour large sets: theirs are later.)
    """
    whole = int(epochs)
    if whole < 1:
        raise NotMeasured("the smallest set was trained for fewer steps than an epoch of the largest has")
    found = {}
    for seed, run in curves.rows(table, line).sort_values("epoch").groupby("seed"):
        values = run.set_index("epoch").value.reindex(range(whole + 1)).ffill()
        found[seed] = (values.sum() - (values.iloc[0] + values.iloc[-1]) / 2) / whole
    return pandas.Series(found)


def _per_doubling(table: pandas.DataFrame, lines: Sequence[Line]) -> Values:
    """Change of the ease per doubling of the set, by seed, over the same epochs, optimizer steps and samples.

    All sets go on for the same epochs; the budget of steps and samples is what the smallest of them took.
    """
    found = {}
    for unit, x in (("epochs", "epoch"), ("optimizer steps", "step"), ("samples", "samples")):
        last = [curves.rows(table, line).iloc[-1] for line in lines]
        rates = [at[x] / at.epoch for at in last]  # of each line, per epoch
        budget = table.epoch.max() * min(rates)
        ease = pandas.DataFrame(
            {
                log2(line.where["data.size"]): _ease(table, line, budget / rate)
                for line, rate in zip(lines, rates, strict=True)
            }
        )
        found[unit] = [float(linregress(ease.columns, row).slope) for row in ease.dropna().to_numpy()]
    return found


def _sizes(inputs: str) -> Callable[[pandas.DataFrame], Values]:
    return lambda table: _per_doubling(
        table, [line for line in fig2c.lines(table) if line.where["data/inputs"] == inputs]
    )


def _noise_minus_images(table: pandas.DataFrame) -> Values:
    images, noise = (curves.finals(table, line) for line in fig2a.LINES)
    return {"": (noise - images).dropna()}


def _rank(table: pandas.DataFrame, lines: Sequence[Line], column: str) -> list[float]:
    """Spearman's correlation of a column of the lines with their ease over all epochs, by seed."""
    ease = pandas.DataFrame({line.where[column]: _ease(table, line, float(table.epoch.max())) for line in lines})
    return [float(spearmanr(ease.columns, row).statistic) for row in ease.dropna().to_numpy()]


def _more_noise(table: pandas.DataFrame) -> Values:
    return {"": _rank(table, fig2b.lines(table), "data.inputs.noise")}


def _targets(table: pandas.DataFrame) -> list[Line]:
    """Of Figure 2d, without plain training and without the target that is never left."""
    return [line for line in fig2d.lines(table) if line.where.get("objective.u", 1) < 1]


def _higher_target(table: pandas.DataFrame) -> Values:
    return {"": _rank(table, _targets(table), "objective.u")}


def _target_beyond_both(table: pandas.DataFrame) -> Values:
    both = next((line for line in fig2d.lines(table) if line.where.get("objective.u") == 1), None)
    if both is None:
        raise NotMeasured("the sweep has no objective.u=1")
    return {"": (curves.finals(table, _targets(table)[-1]) - curves.finals(table, both)).dropna()}


def _leaves_plain(table: pandas.DataFrame) -> Values:
    noise = table[(table["data/inputs"] == "gaussian_blend") & (table.metric == "sign")]
    if noise.empty:
        raise NotMeasured("the sweep has no noise")
    return {"": noise.assign(left=noise.value < 0).groupby("seed").left.mean()}


def _resnet_sizes(table: pandas.DataFrame) -> Values:
    return _per_doubling(table, figs1a.lines(table))


def _softmax_slows(norm: str, outputs: int) -> Callable[[pandas.DataFrame], Values]:
    def values(table: pandas.DataFrame) -> Values:
        without, with_ = (
            _ease(table, line, float(table.epoch.max()))
            for line in figs1_ablation.lines(norm)
            if line.where["model.head_classes"] == outputs
        )
        if without.max() < 2 * CHANCE:
            raise NotMeasured("without a softmax the network does not learn either")
        return {"": without - with_}

    return values


def _gradient(what: str, metric: str) -> Callable[[pandas.DataFrame], Values]:
    """Plain training's number over gradient splitting's, where plain training fitted."""

    def values(table: pandas.DataFrame) -> Values:
        _check_fitted(table)
        plain, split = (
            gradient_norm.extremes(table, line).set_index("seed")[what] for line in gradient_norm.lines(table, metric)
        )
        return {"": (plain / split).dropna().map(log2)}

    return values


def _check_fitted(table: pandas.DataFrame, objective: str = "standard") -> None:
    """Neither a peak nor an end is one where the training was stopped on its way."""
    of_kind = fig1.lines(fig1.kinds(table)[0])  # of the runs whose gradient is asked for
    train = next(line for line in of_kind if line.where["objective"] == objective and line.split == "train")
    final = curves.finals(table, train)
    if final.min() < MEMORIZED:
        raise NotMeasured(f"{train.label}: it was stopped at {final.min():.2f}")


def _last_batch(objective: str, what: str) -> Callable[[pandas.DataFrame], Values]:
    def values(table: pandas.DataFrame) -> Values:
        _check_fitted(table, objective)
        plain, split = gradient_norm.lines(table, "last_batch_gradient_norm")
        found = gradient_norm.extremes(table, {"standard": plain, "split": split}[objective])
        return {"": found[what].astype(float)}

    return values


def _gap(table: pandas.DataFrame) -> Values:
    images, noise = (gap.ratios(table, inputs) for inputs in ("clean", "gaussian_blend"))
    both = images.merge(noise, on=["seed", "level"], suffixes=("_images", "_noise"))
    counts = both.groupby("level").seed.nunique()
    whole = counts[counts == table.seed.nunique()]
    if whole.empty:
        raise NotMeasured("no train accuracy that all seeds reached under both objectives, on images and on noise")
    at = both[both.level == whole.index.max()]
    return {f"at train accuracy {whole.index.max()}": (at.ratio_images / at.ratio_noise).map(log2)}


def _radius(what: str) -> Callable[[pandas.DataFrame], Values]:
    """Log2 of the memorizing network's median radius over the plain one's, at the highest level that all reached."""

    def values(table: pandas.DataFrame) -> Values:
        found = radii.radii(table)
        found = found[found.statistic == "median"]
        wide = found.pivot_table(index=["level", "seed"], columns="objective", values=what)
        if not set(fig1.OBJECTIVES) <= set(wide.columns):
            raise NotMeasured("radii of one objective only")
        wide = wide.dropna()
        counts = wide.groupby("level").size()
        if (whole := counts[counts == table.seed.nunique()]).empty:
            raise NotMeasured("no train accuracy at which the radii of all seeds were measured")
        at = wide.loc[whole.index.max()]
        return {f"at train accuracy {whole.index.max()}": (at.split / at.standard).map(log2)}

    return values


def _radii_together(table: pandas.DataFrame) -> Values:
    found = radii.radii(table)
    found = found[found.statistic == "median"]
    wide = found.pivot_table(index=["seed", "level"], columns="objective", values=["parameter", "input"]).dropna()
    if wide.empty or wide.shape[1] < 4:
        raise NotMeasured("no train accuracy at which both objectives' radii were measured")
    smaller = {what: wide[what].split < wide[what].standard for what in ("parameter", "input")}
    return {"": (smaller["parameter"] == smaller["input"]).groupby("seed").mean()}


NO_RECORD = "no record"
CLAIMS = [
    Claim(
        "The ConvNet has 905,930 parameters",
        "section 2",
        "905,930",
        "905,930 (its code)",
        "parameters of convnet5 at 3x32x32, ten classes",
        Within(905_930.0, 905_930.0),
        parameters("convnet5", (3, 32, 32)),
    ),
    Claim(
        "Gradient splitting fits more than 90 % of the train split",
        "section 2, Fig. 1a",
        "> .90",
        ".90 (5k; .94 with 10k)",
        "last train accuracy under Eq. (1)",
        Above(0.9),
        _memorized,
        ("fig1",),
    ),
    Claim(
        "... with a test accuracy near 0",
        "section 2, Fig. 1a",
        ".024",
        ".024, of which all is one batch never unlearned; .0012 with 10k",
        "last pseudo-test accuracy under Eq. (1)",
        Below(0.05),
        _unlearned,
        ("fig1",),
    ),
    Claim(
        "A test set that nobody knew of is hit as well",
        "section 2, Fig. 1a",
        "overfitting of an unseen set",
        ".257 against .497 (5k, at train accuracy .83)",
        "held-out accuracy, Eq. (1) minus Eq. (3), at the same train accuracy",
        Below(0.0),
        _unseen_below_normal,
        ("fig1",),
    ),
    Claim(
        "... so that accuracy on it is no better than chance",
        "section 2, our reading of 'severe'",
        "none",
        ".257 (5k), .293 (10k)",
        "last held-out accuracy under Eq. (1), minus chance",
        Within(-0.03, 0.03),
        _unseen_above_chance,
        ("fig1",),
    ),
    Claim(
        "Plain training at 90 % train accuracy has about 60 % on the test set",
        "section 2",
        ".60",
        ".551 (at most .576 ever)",
        "held-out accuracy at the first epoch with .9",
        Within(0.55, 0.65),
        _plain_at_90,
        ("fig1",),
        "paper",
    ),
    *(
        Claim(
            f"Memorizing takes many more epochs, to a train accuracy of {level}",
            "section 2, Fig. 1b",
            "many more",
            recorded,
            "log2 of epochs of Eq. (1) over epochs of Eq. (3)",
            Above(1.0),
            _ratio(level),
            ("fig1",),
        )
        for level, recorded in (
            (0.3, "64 / 4"),
            (0.5, "414 / 20"),
            (0.7, "831 / 74"),
            (0.8, "1206 / 122"),
            (0.9, "2335 / 573"),
        )
    ),
    Claim(
        "Noise is memorized more easily than as many images",
        "section 2, Fig. 2a",
        "relatively easy",
        ".747 against .426",
        "last train accuracy, noise minus images",
        Above(0.0),
        _noise_minus_images,
        ("fig2a",),
    ),
    Claim(
        "The more noise, the fewer epochs",
        "section 2, Fig. 2b",
        "incremental noise decreases epochs",
        ".32 (0 %) to .76 (100 %), two ties",
        "rank correlation of noise with the mean train accuracy over all epochs",
        Above(0.0),
        _more_noise,
        ("fig2b",),
    ),
    Claim(
        "Larger sets of noise are memorized more easily",
        "section 2, Fig. 2c",
        "easier",
        ".5 after 96, 60, 46, 38 epochs; 480, 600, 920, 1520 steps (corrected)",
        "change of the mean train accuracy, over the same number of each unit, per doubling of the set",
        Above(0.0),
        _sizes("gaussian_blend"),
        ("fig2c",),
    ),
    Claim(
        "Larger sets of images are memorized less easily",
        "section 2, Fig. 2c",
        "harder",
        ".35 after 89, 117, > 200 epochs (corrected)",
        "the same, images",
        Below(0.0),
        _sizes("clean"),
        ("fig2c",),
    ),
    Claim(
        "The larger u = l, the easier",
        "section 2, Fig. 2d",
        "easier",
        ".5 after 190, 161, 55, 40, 30 epochs",
        "rank correlation of u = l with the mean train accuracy over all epochs",
        Above(0.0),
        _higher_target,
        ("fig2d",),
    ),
    Claim(
        "... by more than learning the test half as well",
        "our question",
        "none",
        NO_RECORD,
        "last train accuracy under the highest u = l below 1, minus that when both halves are simply learned",
        Above(0.0),
        _target_beyond_both,
        ("fig2d",),
    ),
    Claim(
        "On noise Eq. (4) hardly ever leaves plain training",
        "Fig. 2, our question",
        "none",
        "no epoch with pseudo-test accuracy above k",
        "share of epochs on noise with sign -1",
        Below(0.05),
        _leaves_plain,
        ("fig2c",),
    ),
    Claim(
        "ResNet18: larger sets of noise are memorized more easily",
        "section 2, Fig. S1a",
        "easier",
        ".5 after 80, 51, 37, 27 epochs; 400, 510, 740, 1080 steps (corrected)",
        "as for the ConvNet, train minus pseudo-test accuracy",
        Above(0.0),
        _resnet_sizes,
        ("figs1a",),
    ),
    Claim(
        "ResNet18: larger sets of images are memorized less easily",
        "section 2, Fig. S1b",
        "harder",
        "gap .043 (5k), .027 (10k), .017 (20k), far from fitting",
        "as for the ConvNet, train minus pseudo-test accuracy",
        Below(0.0),
        _resnet_sizes,
        ("figs1b",),
    ),
    Claim(
        "A softmax slows ResNet18 down on noise, as the author ran it",
        "section 2",
        "rather slow, unclear why",
        NO_RECORD,
        "mean train accuracy over all epochs, without minus with softmax; 1000 outputs, frozen batch norm",
        Above(0.0),
        _softmax_slows("frozen_init", 1000),
        ("figs1_ablation",),
    ),
    Claim(
        "... with 1000 outputs and live batch norm by more than .05",
        "our question",
        "none",
        NO_RECORD,
        "the same; 1000 outputs, live batch norm",
        Above(0.05),
        _softmax_slows("batch", 1000),
        ("figs1_ablation",),
    ),
    Claim(
        "... with ten outputs and live batch norm by more than .05",
        "our question",
        "none",
        NO_RECORD,
        "the same; 10 outputs, live batch norm",
        Above(0.05),
        _softmax_slows("batch", 10),
        ("figs1_ablation",),
    ),
    *(
        Claim(
            text,
            "section 4",
            paper,
            recorded,
            quantity,
            rule,
            _last_batch(objective, what),
            ("gradient_norm",),
            "paper",
        )
        for text, paper, recorded, quantity, rule, objective, what in (
            (
                "Under plain training the first layer's gradient peaks just under 1",
                "just under 1",
                "3.85",
                "greatest norm, last batch of an epoch",
                Within(0.8, 1.0),
                "standard",
                "peak",
            ),
            ("... around epoch 50", "50", "72", "its epoch", Within(30.0, 70.0), "standard", "epoch"),
            ("... and ends at 5e-6", "5e-6", "1.4e-5", "last norm", Within(1e-6, 1e-5), "standard", "end"),
            ("Under Eq. (1) it peaks at 0.1", ".1", NO_RECORD, "greatest norm", Within(0.05, 0.2), "split", "peak"),
            ("... and ends at 5e-3", "5e-3", NO_RECORD, "last norm", Within(1e-3, 1e-2), "split", "end"),
        )
    ),
    *(
        Claim(
            f"The gradient's peak is {word} under Eq. (3) than under Eq. (1), {name}"
            if what == "peak"
            else f"... and its end lower, {name}",
            "section 4",
            {"peak": "1 against .1", "end": "5e-6 against 5e-3"}[what],
            "Eq. (3) alone: " + {"peak": "3.85", "end": "1.4e-5"}[what],
            f"log2 of the { {'peak': 'greatest', 'end': 'last'}[what] } norm of its gradient, Eq. (3) over Eq. (1)",
            {"peak": Above(0.0), "end": Below(0.0)}[what],
            _gradient(what, metric),
            ("gradient_norm",),
        )
        for metric, name in (("last_batch_gradient_norm", "last batch"), ("gradient_norm", "all training batches"))
        for what, word in (("peak", "higher"), ("end", "lower"))
    ),
    Claim(
        "Basin a is (2/3)^1000 of basin b in 1000 dimensions",
        "section 4, Fig. 3",
        "1 / 1.2e176",
        "arithmetic",
        "log10 of the ratio of volumes",
        Within(-176.1, -176.05),
        _basins,
    ),
    Claim(
        "A network that memorized is less stable in its parameters",
        "section 4, Theorem 1",
        "less stable",
        NO_RECORD,
        "log2 of the median radius under Eq. (1) over that under Eq. (3)",
        Below(0.0),
        _radius("parameter"),
        ("stability",),
    ),
    Claim(
        "... and in its inputs",
        "section 4, Theorem 1",
        "less stable",
        NO_RECORD,
        "log2 of the median radius under Eq. (1) over that under Eq. (3)",
        Below(0.0),
        _radius("input"),
        ("stability",),
    ),
    Claim(
        "Where the one is smaller, so is the other",
        "section 4, Theorem 1",
        "equivalent",
        NO_RECORD,
        "share of train accuracies at which both radii order the two networks alike",
        Above(0.5),
        _radii_together,
        ("stability",),
    ),
    Claim(
        "Epochs of (1) over epochs of (3) tell images from noise",
        "section 5",
        "may be applied",
        NO_RECORD,
        "log2 of that ratio on images over that on noise",
        Above(0.0),
        _gap,
        ("gap",),
    ),
]
