"""Figure 1: gradient splitting memorizes what plain training generalizes, and needs many more epochs."""

import argparse
from pathlib import Path

import pandas
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from rotelab import results
from rotelab.figures import style

OBJECTIVES = {
    "standard": ("plain training, Eq. (3)", style.PLAIN),
    "split": ("gradient splitting, Eq. (1)", style.MEMORIZE),
}
SPLITS = {"train": "-", "held_out": "--", "pseudo_test": ":"}
LEVELS = (0.3, 0.5, 0.7, 0.8, 0.9)
"""Train accuracies of panel (b), those for which the paper's recorded curves were read."""


def draw(table: pandas.DataFrame, caption: str = "") -> Figure:
    """Both panels from the table of a sweep over objectives and seeds; ``caption`` says of what.

    Raises ValueError, with a sentence, where the runs of an objective are missing or objectives differ in their seeds.
    """
    table = shown(table)
    accuracy = table[table.metric == "accuracy"]
    figure, (curves, levels) = style.axes(2)
    for objective, (name, color) in OBJECTIVES.items():
        for split, linestyle in SPLITS.items():
            runs = accuracy[(accuracy.objective == objective) & (accuracy.split == split)]
            style.seeds(curves, runs, "epoch", color, linestyle, f"{name}, {split.replace('_', '-')}")
    curves.set_xscale("symlog", linthresh=1)  # both objectives are seen: one takes a hundred times longer
    curves.set(xlabel="epochs", ylabel="accuracy", ylim=(-0.02, 1.02), xlim=(0, None))
    curves.legend(fontsize=6.5, loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=2)
    _levels(levels, first_epochs(table), table.seed.nunique())
    steps = table[table.epoch > 0]
    rates = (steps.step / steps.epoch).unique()
    if len(rates) == 1:  # the sets are of one size, so that steps are epochs on another scale
        right = levels.secondary_yaxis(
            "right", functions=(lambda epochs: epochs * rates[0], lambda steps: steps / rates[0])
        )
        right.set_ylabel("optimizer steps to reach it")
    count = table.seed.nunique()
    seeds = f"{count} seed{'s' * (count > 1)}: single runs thin, their mean thick, band from the least to the greatest"
    figure.suptitle(f"{caption}\n{seeds}", fontsize=7)
    return figure


def shown(table: pandas.DataFrame) -> pandas.DataFrame:
    """The rows of the two objectives. ValueError where these are not one run per seed, of the same seeds for both."""
    table = table[table.objective.isin(OBJECTIVES)]
    seeds = {name: set(table.seed[table.objective == name]) for name in OBJECTIVES}
    for objective, found in seeds.items():
        if not found:
            raise ValueError(f"Figure 1 needs runs of objective={objective}, and none has finished")
    if seeds["standard"] != seeds["split"]:
        raise ValueError(f"Figure 1 needs the same seeds of both objectives, and has {seeds}")
    if (table.groupby(["objective", "seed"]).run.nunique() > 1).any():
        raise ValueError("Figure 1 shows one run per objective and seed, and this sweep varies something else besides")
    return table


def first_epochs(table: pandas.DataFrame) -> pandas.DataFrame:
    """(objective, seed, level, epoch, step): when each run first reached each level; no row where it did not."""
    train = table[(table.metric == "accuracy") & (table.split == "train")].sort_values("epoch")
    rows = []
    for (objective, seed), run in train.groupby(["objective", "seed"]):
        curve = list(run[["epoch", "step", "samples", "value"]].itertuples(index=False, name=None))
        for level, at in results.first_reaching(curve, LEVELS).items():
            if at:
                rows.append((objective, seed, level, at["epoch"], at["step"]))
    return pandas.DataFrame(rows, columns=["objective", "seed", "level", "epoch", "step"])


def _levels(panel: Axes, reached: pandas.DataFrame, seeds: int) -> None:
    for shift, (objective, (name, color)) in zip((-0.008, 0.008), OBJECTIVES.items(), strict=True):
        runs = reached[(reached.objective == objective) & (reached.epoch > 0)]  # at 0: below chance, no difficulty
        panel.scatter(runs.level + shift, runs.epoch, s=8, color=color, alpha=0.5, linewidths=0)
        by_level = runs.groupby("level").epoch
        mean, marker = by_level.mean(), {"standard": "o", "split": "s"}[objective]
        whole = mean[by_level.count() == seeds]
        panel.plot(whole.index + shift, whole, color=color, marker=marker, markersize=5, label=name)
        for level, epoch in mean.drop(whole.index).items():  # a mean of those that got there is too low: hollow
            panel.plot(level + shift, epoch, marker=marker, markersize=5, color=color, fillstyle="none")
            panel.annotate(
                f"{by_level.count()[level]} of {seeds} seeds",
                (level, epoch),
                (0, 5),
                textcoords="offset points",
                fontsize=6,
                ha="center",
            )
    panel.set(xlabel="train accuracy", ylabel="epochs to reach it", xticks=LEVELS)
    panel.set(yscale="log", ylim=(0.8, max(10, 2 * reached.epoch.max()) if len(reached) else 10))
    panel.legend(fontsize=6.5, loc="upper center", bbox_to_anchor=(0.5, -0.2))


def summary(table: pandas.DataFrame) -> str:
    """What was seen, in a few lines: final accuracies (mean over seeds) and the ratio of epochs at each level."""
    table = shown(table)
    accuracy = table[table.metric == "accuracy"]
    last = accuracy[accuracy.epoch == accuracy.groupby("run").epoch.transform("max")]
    lines = []
    for objective, (name, _) in OBJECTIVES.items():
        runs = last[last.objective == objective]
        mean, epochs = runs.groupby("split").value.mean(), runs.epoch
        lines.append(
            f"{name}: {epochs.min()} to {epochs.max()} epochs, accuracy {mean['train']:.2f} on the train split, "
            f"{mean['pseudo_test']:.2f} pseudo-test, {mean['held_out']:.2f} held out"
        )
    by_level = first_epochs(table).groupby(["level", "objective"]).epoch
    mean = by_level.mean()[by_level.count() == table.seed.nunique()].unstack().reindex(columns=[*OBJECTIVES]).dropna()
    for level, epochs in mean.iterrows():
        if epochs["standard"]:
            lines.append(
                f"train accuracy {level}: {epochs['split']:.0f} epochs instead of {epochs['standard']:.1f}, "
                f"{epochs['split'] / epochs['standard']:.0f} times as many"
            )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sweep", type=Path, help="the sweep's folder, such as multirun/fig1-demo")
    parser.add_argument("--out", type=Path, help="where to write fig1.png, .pdf and .csv (default: the sweep's folder)")
    parser.add_argument("--data", help="what the images are, for the caption (default: the folder's name)")
    options = parser.parse_args()
    try:
        table = results.load(options.sweep)
        figure = draw(table, results.describe(options.sweep, options.data))
    except (FileNotFoundError, ValueError) as error:
        parser.exit(1, f"rotelab: {error}\n")
    out = options.out or options.sweep
    paths = style.save(figure, out, "fig1")
    first_epochs(table).to_csv(out / "fig1.csv", index=False)  # panel (b), for whoever wants the numbers
    print(summary(table))
    print("the picture:", ", ".join(map(str, paths)))


if __name__ == "__main__":
    main()
