"""m-coherence under the objectives, from made-up tables: r at the same train accuracies."""

from collections.abc import Iterator, Mapping

import matplotlib.pyplot as plt
import pandas
import pytest
from drawn import label, legend, words, ys
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from tables import Curve, constant, runs, together

from rotelab.experiments.coherent_gradients import objectives
from rotelab.figures import style

R = {"standard": 40, "split": 10, "threshold": 20}
INPUTS = {"clean": 1, "gaussian_blend": 2}


def at(*accuracies: float) -> Curve:
    """One an epoch, from epoch 0 on."""
    return lambda epoch, step, seed: accuracies[epoch]


LEARNED = at(0.1, 0.2, 0.5, 0.9)
CHANCE = at(0.1, 0.1, 0.1, 0.1)


def made(
    seeds: tuple[int, ...] = (0, 1),
    objectives: Mapping[str, float] = R,
    inputs: Mapping[str, float] = INPUTS,
    accuracy: Curve = LEARNED,
) -> pandas.DataFrame:
    """r as in R of what is learned, as many times more on noise, half of that of what is not learned and a quarter of
    held-out images; one more with every seed."""
    tables = []
    for objective, r in objectives.items():
        for name, times in inputs.items():
            shares = {"train": 1, "pseudo_test": 0.5, "held_out": 0.25}
            curves = {f"coherence_r/{split}": constant(r * times * share, 1) for split, share in shares.items()}
            curves |= {"accuracy/train": accuracy, "accuracy/held_out": constant(0.1)}
            tables.append(runs({"objective": objective, "data/inputs": name}, curves, range(4), seeds=seeds))
    return together(*tables)


def levels(accuracy: Curve, epochs: int, unmeasured: tuple[int, ...] = ()) -> list[tuple[float, float]]:
    """(level, r) of one run, with an r of 100 at epoch 0, 101 at epoch 1, ..."""
    curves = {"accuracy/train": accuracy, "accuracy/held_out": constant(1), "coherence_r/train": constant(1)}
    curves["coherence_r/held_out"] = lambda epoch, step, seed: 100 + epoch
    table = runs({"objective": "standard", "data/inputs": "clean"}, curves, range(epochs), seeds=(0,))
    table = table[(table.metric != "coherence_r") | ~table.epoch.isin(unmeasured)]
    found = objectives.at_levels(table, objectives.line("standard", "clean", "held_out"))
    return list(zip(found.level, found.value, strict=True))


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    plt.close("all")


def labels(panel: Axes) -> list[str]:
    return words(panel)


def means(panel: Axes) -> dict[str, list[float]]:
    return {label(line): ys(line).tolist() for line in panel.lines if label(line)[0] != "_"}


def test_r_at_the_first_epoch_with_such_a_train_accuracy() -> None:
    assert levels(at(0.1, 0.19, 0.2, 0.27, 0.3), 5) == [(0.2, 102), (0.25, 103), (0.3, 104)]
    assert levels(at(0.1, 0.2, 0.1, 0.2, 0.25), 5) == [(0.2, 101), (0.25, 104)]  # it fell in between


def test_a_measurement_that_passes_several_levels_counts_at_the_highest() -> None:
    assert levels(at(0.1, 0.22, 0.36, 0.36, 1.0), 5) == [(0.2, 101), (0.35, 102), (0.9, 104)]


def test_before_training_nothing_counts() -> None:
    assert levels(at(0.3, 0.1, 0.2), 3) == [(0.2, 102)]
    assert levels(at(0.3, 0.1, 0.1), 3) == []


def test_where_r_was_not_measured_the_next_epoch_counts() -> None:
    assert levels(at(0.1, 0.2, 0.3, 0.3), 4, unmeasured=(2,)) == [(0.2, 101), (0.3, 103)]


def test_each_run_by_itself() -> None:
    table = made((3, 5), accuracy=lambda epoch, step, seed: [0, 0.2, 0.2, 0.3 if seed == 5 else 0.2][epoch])
    found = objectives.at_levels(table, objectives.line("split", "clean"))
    rows = [("split-clean-3", 3, 0.2, 13), ("split-clean-5", 5, 0.2, 15), ("split-clean-5", 5, 0.3, 15)]
    assert list(found.itertuples(index=False, name=None)) == rows


def test_a_panel_of_images_one_of_noise_one_of_three_samples() -> None:
    figure = objectives.draw(made())
    images, noise, splits = figure.axes
    titles = ["images, learned", "noise, learned", "images, three samples"]
    assert [panel.get_title() for panel in figure.axes] == titles
    names = ["Eq. (3), plain, learned", "Eq. (1), gradient splitting, learned", "Eq. (4), k = 0.11, learned"]
    for panel, times in ((images, 1), (noise, 2)):
        assert labels(panel) == names
        at_three = {name: [r * times + 0.5] * 3 for name, r in zip(names, R.values(), strict=True)}
        assert means(panel) == at_three  # train accuracies of .2, .5 and .9
        assert len(panel.lines) == 3 * (2 + 1) + 1  # two runs and their mean each; r of orthogonal gradients
    shares = {"learned": 1, "unlearned": 0.5, "held out": 0.25}
    assert means(splits) == {
        f"{name}, {kind}": [r * share + 0.5] * 3
        for name, r in (("Eq. (3), plain", 40), ("Eq. (1), gradient splitting", 10))
        for kind, share in shares.items()
    }
    assert len(splits.lines) == 6 * (2 + 1) + 1
    for panel in figure.axes:
        assert (panel.get_xscale(), panel.get_yscale(), panel.get_xlabel()) == ("linear", "log", "train accuracy")
        assert panel.get_ylim() == images.get_ylim()
        assert panel.get_ylim()[0] < 1 and panel.get_ylim()[1] > 81  # r of 1, and the greatest, on noise
        assert list(ys(panel.lines[-1])) == [1, 1]
    looks = [(to_hex(line.get_color()).upper(), line.get_linestyle()) for line in legend(splits).get_lines()]
    assert looks == [(color, look) for color in (style.PLAIN, style.MEMORIZE) for look in ("-", ":", "--")]


def test_an_objective_that_comes_to_no_level_has_no_line() -> None:
    others = made(objectives={"standard": 40, "threshold": 20})
    images, _, splits = objectives.draw(together(others, made(objectives={"split": 10}, accuracy=CHANCE))).axes
    assert labels(images) == ["Eq. (3), plain, learned", "Eq. (4), k = 0.11, learned"]
    assert len(means(splits)) == 3


def test_the_summary_says_r_at_each_level_that_all_seeds_have() -> None:
    texts = objectives.summary(made()).splitlines()
    assert texts[0] == "Eq. (3), plain, images: r 40 to 41 at 0.2, 40 to 41 at 0.5, 40 to 41 at 0.9"
    names = ("Eq. (3), plain", "Eq. (1), gradient splitting", "Eq. (4), k = 0.11")
    assert [text.split(":")[0] for text in texts] == [f"{n}, {i}" for i in ("images", "noise") for n in names]
    some = made(accuracy=lambda epoch, step, seed: [0.1, 0.2, 0.5, (0.9, 0.6)[seed]][epoch])
    assert objectives.summary(some).endswith("k = 0.11, noise: r 40 to 41 at 0.2, 40 to 41 at 0.5")
    none = objectives.summary(made(accuracy=CHANCE))
    assert none.splitlines()[0] == "Eq. (3), plain, images: r at no level in every seed"


def test_a_seed_that_comes_to_no_level_is_a_seed_too() -> None:
    table = made(accuracy=lambda epoch, step, seed: [0.1, 0.2, 0.5, 0.9][epoch] if seed else 0.1)
    assert objectives.summary(table).splitlines()[0] == "Eq. (3), plain, images: r at no level in every seed"


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (made(objectives={"standard": 40, "split": 10}), "objective=threshold, data/inputs=clean"),
        (made(inputs={"clean": 1}), "objective=standard, data/inputs=gaussian_blend"),
        (together(made(), made((2,), {"split": 10})), r"same seeds.*Eq. \(3\), plain, learned: 0, 1;"),
        (made().query("split != 'pseudo_test'"), "no run measured coherence_r/pseudo_test"),
    ],
)
def test_it_refuses_when_runs_are_missing(table: pandas.DataFrame, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        objectives.draw(table)
