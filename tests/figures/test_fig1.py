"""Figure 1 from made-up tables and from a smoke sweep."""

from pathlib import Path

import matplotlib.pyplot as plt
import pandas
import pytest
from command import TINY, run

from rotelab import results
from rotelab.figures import fig1, style


def table(seeds: dict[str, list[int]], last: float = 0.95) -> pandas.DataFrame:
    """Straight curves to ``last``: plain training in 10 epochs of 4 steps, gradient splitting in 40."""
    rows = []
    for objective, of in seeds.items():
        epochs = {"standard": 10, "split": 40}[objective]
        for seed in of:
            for epoch in range(epochs + 1):
                for split in ("train", "pseudo_test", "held_out"):
                    at = (epoch, 4 * epoch, 100 * epoch, split, "accuracy", last * epoch / epochs)
                    rows.append((f"{objective}-{seed}", objective, "mlp", "digits", seed, *at))
    return pandas.DataFrame(rows, columns=results.TABLE)


def test_first_epochs_are_read_off_the_train_curve() -> None:
    reached = fig1.first_epochs(table({"standard": [0, 1], "split": [0, 1]}, last=1.0))
    split = reached[(reached.objective == "split") & (reached.seed == 0)]
    assert dict(zip(split.level, split.epoch, strict=True)) == {0.3: 12, 0.5: 20, 0.7: 28, 0.8: 32, 0.9: 36}
    assert list(split.step) == [4 * epoch for epoch in split.epoch]


def test_a_level_never_reached_has_no_row() -> None:
    assert fig1.first_epochs(table({"standard": [0], "split": [0]}, last=0.6)).level.max() == 0.5


def test_both_panels_are_drawn() -> None:
    figure = fig1.draw(table({"standard": [0, 1], "split": [0, 1]}), "made up")
    curves, levels = figure.axes
    assert len(curves.get_legend().get_texts()) == 6
    assert len(curves.collections) == 6  # a band each
    (steps,) = levels.child_axes
    assert steps.get_ylabel() == "optimizer steps to reach it"
    figure.canvas.draw()
    at = [axis.transData.transform((0, value))[1] for axis, value in ((levels, 20), (steps, 80))]
    assert at[0] == pytest.approx(at[1])  # 20 epochs of 4 steps
    assert "made up" in figure.get_suptitle()
    assert "2 seeds" in figure.get_suptitle()
    plt.close(figure)


@pytest.mark.parametrize(
    ("seeds", "words"),
    [({"standard": [0]}, "objective=split"), ({"standard": [0, 1], "split": [0]}, "same seeds")],
)
def test_it_refuses_when_runs_are_missing(seeds: dict[str, list[int]], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        fig1.draw(table(seeds))


def test_it_refuses_a_sweep_over_something_else() -> None:
    runs = table({"standard": [0], "split": [0]})
    with pytest.raises(ValueError, match="something else"):
        fig1.draw(pandas.concat([runs, runs.assign(run=runs.run + "-other")]))


def test_the_summary_says_how_many_times_as_many() -> None:
    text = fig1.summary(table({"standard": [0, 1], "split": [0, 1]}, last=1.0))
    assert "train accuracy 0.5: 20 epochs instead of 5.0, 4 times as many" in text
    assert "gradient splitting, Eq. (1): 40 to 40 epochs, accuracy 1.00 on the train split" in text


def test_the_same_table_gives_the_same_bytes(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        style.save(fig1.draw(table({"standard": [0], "split": [0]})), tmp_path / folder, "fig1")
    for name in ("fig1.png", "fig1.pdf"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_it_draws_from_a_smoke_sweep(tmp_path: Path) -> None:
    smoke = ("sweep=fig1", "scale=demo", *TINY, "stop.max_epochs=2", "seed=0,1", f"results={tmp_path}")
    code, out, err = run(*smoke)
    assert (code, err) == (0, "")
    assert "4 runs, 0 finished" in out
    loaded = results.load(tmp_path / "fig1-demo")
    assert set(loaded.objective) == {"standard", "split"}
    assert set(loaded.seed) == {0, 1}
    assert set(loaded.split) == {"train", "pseudo_test", "held_out"}
    code, out, err = run(str(tmp_path / "fig1-demo"), "--out", str(tmp_path), module="rotelab.figures.fig1")
    assert (code, err) == (0, "")
    assert (tmp_path / "fig1.png").stat().st_size > 10_000
    assert "plain training, Eq. (3): 2 to 2 epochs" in out
