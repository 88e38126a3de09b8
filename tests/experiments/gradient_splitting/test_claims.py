"""Every question to the sweeps: a made-up table for which the claim holds, and one for which it fails."""

from collections.abc import Iterable
from math import exp, log2

import pandas
import pytest
from tables import Curve, constant, runs, sooner, straight, together

from rotelab.claims.claim import Answer, Claim, NotMeasured, answer
from rotelab.claims.verdicts import DEPENDS, FAILS, HOLDS, NOT_MEASURED, UNDECIDED
from rotelab.experiments.gradient_splitting import claims
from rotelab.figures.curves import Line

SEEDS = (0, 1, 2)


def claim(text: str) -> Claim:
    (found,) = (claim for claim in claims.CLAIMS if claim.text == text)
    return found


def ask(text: str, table: pandas.DataFrame, scale: str = "small") -> Answer:
    """The answer from a table that is that of all its sweeps: only the first one's has rows."""
    asked = claim(text)
    first, *others = asked.sweep
    return answer(asked, {first: table, **{sweep: table[:0] for sweep in others}}, scale)


def verdict(text: str, table: pandas.DataFrame, scale: str = "small") -> str:
    return ask(text, table, scale).verdict


# Claims without a sweep, and what a sweep can't answer


def test_the_parameters_are_counted() -> None:
    found = answer(claim("The ConvNet has 905,930 parameters"), {}, "demo")
    assert (found.verdict, found.ours) == (HOLDS, "905,930")


def test_the_basins_are_arithmetic() -> None:
    found = answer(claim("Basin a is (2/3)^1000 of basin b in 1000 dimensions"), {}, "demo")
    assert (found.verdict, found.ours) == (HOLDS, "-176.091")


@pytest.mark.parametrize("asked", claims.CLAIMS, ids=lambda asked: asked.text)
def test_without_its_sweep_nothing_is_measured(asked: Claim) -> None:
    found = answer(asked, {}, asked.only or "small")
    if asked.sweep:
        assert found.verdict == NOT_MEASURED
        assert found.ours == f"no finished run of sweep={asked.sweep[0]}"
    else:
        assert found.verdict == HOLDS


def rows_of_each(table: pandas.DataFrame) -> dict[str, list[float]]:
    return {"": [float(count) for count in table.groupby("run").value.sum()]}


def test_two_sweeps_are_one_table() -> None:
    both = Claim("", "", "", "", "", claims.Above(0.0), rows_of_each, ("fig2a", "fig2b"))
    tables = {
        sweep: runs({"objective": sweep}, {"accuracy/train": constant(value)}, [1], seeds=[0])
        for sweep, value in (("fig2a", 0.25), ("fig2b", 0.75), ("fig2c", 9.0))
    }
    assert answer(both, tables, "small").intervals[""].mean == 0.5
    found = answer(both, {"fig2a": tables["fig2a"]}, "small")
    assert (found.verdict, found.note) == (NOT_MEASURED, "no finished run of sweep=fig2b")


def test_claims_of_the_papers_sizes_are_asked_at_paper_alone() -> None:
    only = [asked for asked in claims.CLAIMS if asked.only]
    assert {asked.only for asked in only} == {"paper"}
    assert {asked.sweep for asked in only} == {("fig1",), ("gradient_norm",)}
    for asked in only:
        found = answer(asked, {asked.sweep[0]: pandas.DataFrame()}, "demo")
        assert (found.verdict, found.ours) == (NOT_MEASURED, "a number of the sizes of scale=paper")


def test_a_single_seed_decides_nothing() -> None:
    table = noise_and_images(constant(0.9), constant(0.3))
    found = ask("Noise is memorized more easily than as many images", table[table.seed == 0])
    assert found.verdict == UNDECIDED
    assert found.ours == "0.6 [-inf, inf], 1 seed"


def test_an_answer_says_unit_interval_and_seeds() -> None:
    table = noise_and_images(constant(0.9, spread=0.01), constant(0.3))
    found = ask("Noise is memorized more easily than as many images", table)
    half = 4.302653 * 0.01 / 3**0.5
    assert found.ours == f"0.61 [{0.61 - half:.3g}, {0.61 + half:.3g}], 3 seeds"


def test_missing_runs_are_the_reason() -> None:
    table = noise_and_images(constant(0.9), constant(0.3))
    found = ask("Noise is memorized more easily than as many images", table[table["data/inputs"] == "clean"])
    assert (found.verdict, found.ours) == (NOT_MEASURED, "there is no finished run of data/inputs=gaussian_blend")


# Figure 1


def fig1(
    split: dict[str, Curve],
    standard: dict[str, Curve] | None = None,
    kind: str = "test_set",
    epochs: Iterable[int] = range(41),
    standard_epochs: Iterable[int] | None = None,
    seeds: Iterable[int] = SEEDS,
) -> pandas.DataFrame:
    """Runs of both objectives on one choice of what is unlearned; curves by split, plain training's as Eq. (1)'s."""
    tables = []
    for objective, curves, until in (
        ("split", split, epochs),
        ("standard", standard or split, standard_epochs or epochs),
    ):
        accuracies = {f"accuracy/{split}": curve for split, curve in curves.items()}
        tables.append(runs({"objective": objective, "data/split": kind}, accuracies, until, seeds=seeds))
    return together(*tables)


MEMORIZED = "Gradient splitting fits more than 90 % of the train split"


def test_memorized() -> None:
    assert verdict(MEMORIZED, fig1({"train": straight(0.95, 40)})) == HOLDS
    long = (0, 1000, claims.RECORDED_EPOCHS)
    assert verdict(MEMORIZED, fig1({"train": straight(0.85, long[-1])}, epochs=long)) == FAILS
    crossing = fig1({"train": constant(0.86, spread=0.03)}, epochs=long)
    assert verdict(MEMORIZED, crossing) == UNDECIDED


def test_memorized_is_not_measured_by_a_run_that_is_shorter_than_the_record() -> None:
    found = ask(MEMORIZED, fig1({"train": constant(0.7, spread=0.05)}))
    assert found.verdict == NOT_MEASURED
    assert found.ours.startswith("train accuracy 0.70 to 0.80 after 40 epochs")
    assert str(claims.RECORDED_EPOCHS) in found.ours


def test_memorized_is_asked_of_the_case_with_the_test_set() -> None:
    good, bad = ({"train": straight(last, 40)} for last in (0.95, 0.2))
    table = together(fig1(bad, kind="equal_halves"), fig1(good, kind="whole_test_set"))
    assert verdict(MEMORIZED, table) == HOLDS
    other = together(fig1(good, kind="equal_halves"), fig1(good, kind="halves"))
    found = ask(MEMORIZED, other)
    assert (found.verdict, found.ours) == (NOT_MEASURED, "the sweep has no data/split=test_set")


def test_the_only_case_there_is_answers() -> None:
    assert verdict(MEMORIZED, fig1({"train": straight(0.95, 40)}, kind="thirds")) == HOLDS


@pytest.mark.parametrize(("last", "expected"), [(0.02, HOLDS), (0.2, FAILS)])
def test_unlearned(last: float, expected: str) -> None:
    table = fig1({"train": constant(0.9), "pseudo_test": constant(last)})
    assert verdict("... with a test accuracy near 0", table) == expected


def test_unlearned_says_nothing_where_little_was_learned() -> None:
    table = fig1({"train": constant(0.6), "pseudo_test": constant(0.01)})
    found = ask("... with a test accuracy near 0", table)
    assert (found.verdict, found.ours) == (NOT_MEASURED, "the train accuracy is 0.60 to 0.60, not 0.9")


def test_chance_is_no_evidence_where_nothing_was_learned() -> None:
    table = fig1({"train": constant(0.12), "held_out": constant(0.1)}, kind="halves")
    assert verdict("... so that accuracy on it is no better than chance", table) == NOT_MEASURED


@pytest.mark.parametrize(("held_out", "expected"), [(0.3, HOLDS), (0.9, FAILS)])
def test_the_unseen_set_is_compared_at_the_same_train_accuracy(held_out: float, expected: str) -> None:
    """Held-out accuracy is ``held_out`` of the train accuracy under Eq. (1), 0.8 of it under Eq. (3)."""
    split = {"train": straight(0.5, 40), "held_out": straight(0.5 * held_out, 40)}
    standard = {"train": straight(1.0, 10), "held_out": straight(0.8, 10)}
    found = ask(
        "A test set that nobody knew of is hit as well",
        fig1(split, standard, "equal_halves", standard_epochs=range(11)),
    )
    assert found.verdict == expected
    assert list(found.intervals) == ["at train accuracy 0.50"]
    (interval,) = found.intervals.values()
    assert interval.mean == pytest.approx(0.5 * (held_out - 0.8))


def test_the_unseen_set_says_nothing_where_nothing_was_learned() -> None:
    split = {"train": straight(0.25, 40), "held_out": straight(0.1, 40)}
    standard = {"train": straight(1.0, 40), "held_out": straight(0.8, 40)}
    found = ask("A test set that nobody knew of is hit as well", fig1(split, standard, "halves"))
    assert (found.verdict, found.ours) == (NOT_MEASURED, "a run came to a train accuracy of 0.25 only")


@pytest.mark.parametrize(("last", "expected"), [(0.11, HOLDS), (0.09, HOLDS), (0.3, FAILS), (0.02, FAILS)])
def test_no_better_than_chance(last: float, expected: str) -> None:
    table = fig1({"train": constant(0.9), "held_out": constant(last)}, kind="halves")
    assert verdict("... so that accuracy on it is no better than chance", table) == expected


@pytest.mark.parametrize(
    ("train", "held_out", "expected"), [(1.0, 0.6, HOLDS), (1.0, 0.5, FAILS), (0.8, 0.6, NOT_MEASURED)]
)
def test_plain_training_at_90(train: float, held_out: float, expected: str) -> None:
    table = fig1({"train": straight(train, 40), "held_out": constant(held_out)}, kind="halves")
    text = "Plain training at 90 % train accuracy has about 60 % on the test set"
    assert verdict(text, table, "paper") == expected


MANY_MORE = "Memorizing takes many more epochs, to a train accuracy of 0.5"


@pytest.mark.parametrize(("epochs", "expected"), [(40, HOLDS), (10, FAILS), (20, FAILS)])
def test_many_more_epochs(epochs: int, expected: str) -> None:
    """Plain training has .5 after 5 of 10 epochs; exactly twice as many is not more than twice."""
    table = fig1(
        {"train": straight(1.0, epochs)},
        {"train": straight(1.0, 10)},
        epochs=range(epochs + 1),
        standard_epochs=range(11),
    )
    found = ask(MANY_MORE, table)
    assert found.verdict == expected
    assert found.intervals[""].mean == pytest.approx(log2(epochs / 10))


def test_a_level_that_was_not_reached_is_not_measured() -> None:
    some = fig1({"train": constant(0.4, spread=0.1)}, {"train": straight(1.0, 40)})  # seeds 1 and 2 reach .5
    found = ask(MANY_MORE, some)
    assert found.verdict == NOT_MEASURED
    assert found.ours == "2 of 3 seeds of Eq. (1) and 3 of Eq. (3) reached 0.5"
    plain = fig1({"train": straight(1.0, 40)}, {"train": constant(0.3)})
    assert ask(MANY_MORE, plain).ours == "3 of 3 seeds of Eq. (1) and 0 of Eq. (3) reached 0.5"


def test_a_level_that_was_there_before_training_is_not_measured() -> None:
    found = ask(MANY_MORE, fig1({"train": straight(1.0, 40)}, {"train": constant(0.6)}))
    assert found.verdict == NOT_MEASURED
    assert "of Eq. (3)" in found.ours


# Figure 2


def noise_and_images(noise: Curve, images: Curve, **options: object) -> pandas.DataFrame:
    tables = [
        runs({"objective": "threshold", "data/inputs": inputs}, {"accuracy/train": curve}, seeds=SEEDS, **options)
        for inputs, curve in (("gaussian_blend", noise), ("clean", images))
    ]
    return together(*tables)


@pytest.mark.parametrize(("noise", "images", "expected"), [(0.7, 0.4, HOLDS), (0.4, 0.7, FAILS), (0.5, 0.5, FAILS)])
def test_noise_against_images(noise: float, images: float, expected: str) -> None:
    table = noise_and_images(straight(noise, 10), straight(images, 10))
    assert verdict("Noise is memorized more easily than as many images", table) == expected


def by(column: str, curves: dict[float, Curve], **where: object) -> pandas.DataFrame:
    """Runs of each value of a column."""
    tables = [
        runs({"objective": "threshold", **where, column: value}, {"accuracy/train": curve}, seeds=SEEDS)
        for value, curve in curves.items()
    ]
    return together(*tables)


@pytest.mark.parametrize(("epochs", "expected"), [((9, 5, 3, 2), HOLDS), ((2, 3, 5, 9), FAILS), ((9, 5, 3, 4), HOLDS)])
def test_more_noise(epochs: tuple[int, ...], expected: str) -> None:
    curves = {noise: sooner(after) for noise, after in zip((0.0, 0.5, 0.9, 1.0), epochs, strict=True)}
    assert verdict("The more noise, the fewer epochs", by("data.inputs.noise", curves)) == expected


def test_noise_that_makes_no_difference_is_not_measured(recwarn: pytest.WarningsRecorder) -> None:
    curves = {noise: constant(0.1) for noise in (0.0, 0.5, 1.0)}
    assert verdict("The more noise, the fewer epochs", by("data.inputs.noise", curves)) == NOT_MEASURED


SIZES = (64, 128, 256)


def by_size(value: object, sweep: str = "fig2c", inputs: str = "gaussian_blend", epochs: int = 40) -> pandas.DataFrame:
    """Sets of three sizes, in batches of 16; ``value`` of the size, and the epoch or step that ``unit`` says."""
    tables = []
    for size in SIZES:

        def accuracy(epoch: int, step: int, seed: int, size: int = size) -> float:
            return value(size, epoch, step, seed)

        curves = {"accuracy/train": accuracy, "accuracy/pseudo_test": constant(0.1)}
        where = {"objective": "threshold", "data/inputs": inputs, "data.size": size}
        tables.append(runs(where, curves, range(epochs + 1), steps=size // 16, seeds=SEEDS))
    other = "clean" if inputs == "gaussian_blend" else "gaussian_blend"
    never = {"accuracy/train": constant(0.1), "accuracy/pseudo_test": constant(0.1)}
    if sweep == "fig2c":  # which has both inputs
        where = {"objective": "threshold", "data/inputs": other}
        tables += [runs(where | {"data.size": size}, never, range(epochs + 1), seeds=SEEDS) for size in SIZES]
    return together(*tables)


def of_steps(size: int, epoch: int, step: int, seed: int) -> float:
    """Learned by steps alone, whatever the size."""
    return 1 - exp(-step / (80 + seed))


def reversing(size: int, epoch: int, step: int, seed: int) -> float:
    """Four times the size takes twice the steps, which are half the epochs."""
    return 1 - exp(-step / (80 + seed) / (size / 64) ** 0.5)


def easier(size: int, epoch: int, step: int, seed: int) -> float:
    """Twice the size takes half the steps."""
    return 1 - exp(-step / (400 + seed) * (size / 64))


def harder(size: int, epoch: int, step: int, seed: int) -> float:
    """Twice the size takes twice the epochs."""
    return 1 - exp(-epoch / (5 + seed) / (size / 64))


NOISE_SIZES, IMAGE_SIZES = (
    f"Larger sets of {what} are memorized {how} easily" for what, how in (("noise", "more"), ("images", "less"))
)


def test_sets_learned_by_steps_are_easier_in_epochs_and_the_same_in_steps() -> None:
    found = ask(NOISE_SIZES, by_size(of_steps))
    epochs, steps, samples = (found.intervals[unit] for unit in ("epochs", "optimizer steps", "samples"))
    assert epochs.low > 0.1
    assert steps.mean == pytest.approx(0, abs=0.005)
    assert samples == steps  # batches of one size


@pytest.mark.parametrize(
    ("value", "expected"),
    [(easier, HOLDS), (reversing, DEPENDS), (harder, FAILS)],
    ids=["easier", "reversing", "harder"],
)
def test_larger_sets_of_noise(value: object, expected: str) -> None:
    found = ask(NOISE_SIZES, by_size(value))
    assert found.verdict == expected
    assert list(found.intervals) == ["epochs", "optimizer steps", "samples"]
    assert {interval.seeds for interval in found.intervals.values()} == {3}


@pytest.mark.parametrize(
    ("value", "expected"),
    [(harder, HOLDS), (reversing, DEPENDS), (easier, FAILS)],
    ids=["harder", "reversing", "easier"],
)
def test_larger_sets_of_images(value: object, expected: str) -> None:
    assert verdict(IMAGE_SIZES, by_size(value, inputs="clean")) == expected


@pytest.mark.parametrize("name", ["figs1a", "figs1b"])
@pytest.mark.parametrize("value", [easier, reversing, harder], ids=["easier", "reversing", "harder"])
def test_larger_sets_of_resnet18(name: str, value: object) -> None:
    what, how, inputs = {"figs1a": ("noise", "more", "gaussian_blend"), "figs1b": ("images", "less", "clean")}[name]
    found = ask(f"ResNet18: larger sets of {what} are memorized {how} easily", by_size(value, name, inputs))
    expected = {easier: HOLDS, reversing: DEPENDS, harder: FAILS}[value]
    if how == "less":
        expected = {HOLDS: FAILS, FAILS: HOLDS}.get(expected, expected)
    assert found.verdict == expected


def test_sizes_per_doubling() -> None:
    """An accuracy that is the logarithm of the size: one more tenth every time it doubles, in every unit."""
    found = ask(NOISE_SIZES, by_size(lambda size, epoch, step, seed: 0.1 * log2(size / 64)))
    assert [interval.mean for interval in found.intervals.values()] == pytest.approx([0.1] * 3)


def test_the_budget_of_steps_is_that_of_the_smallest_set() -> None:
    """Accuracy grows to 1 at step 160: the last one of the smallest set, whose mean is 1/2 then, as all are."""
    table = by_size(lambda size, epoch, step, seed: min(1.0, step / 160))
    means = {unit: interval.mean for unit, interval in ask(NOISE_SIZES, table).intervals.items()}
    assert means["optimizer steps"] == pytest.approx(0)
    assert means["epochs"] == pytest.approx((0.875 - 0.5) / 2)  # over 40 epochs: 1/2, 3/4 and 7/8, of three sizes


def test_sets_too_unlike_for_one_budget_are_not_measured() -> None:
    """In 3 epochs of 4 steps there is no epoch of 16."""
    found = ask(NOISE_SIZES, by_size(of_steps, epochs=3))
    assert found.verdict == NOT_MEASURED
    assert "fewer steps than an epoch" in found.ours


def test_an_early_stopped_run_keeps_its_last_value() -> None:
    line = Line("made up", {"objective": "split"}, "black")
    short = runs(line.where, {"accuracy/train": straight(1.0, 5)}, range(6), seeds=[0])
    long = runs(line.where, {"accuracy/train": constant(0.25)}, range(11), seeds=[1])
    ease = claims._ease(together(short, long), line, 10.0)
    assert ease.to_dict() == pytest.approx({0: (5 * 0.5 + 5 * 1) / 10, 1: 0.25})
    assert claims._ease(short, line, 3.5).to_dict() == pytest.approx({0: 0.3})  # three whole epochs


# Figure 2d


def targets(epochs: dict[float, int], both: Curve | None = None) -> pandas.DataFrame:
    """Runs of each u = l, with those at 1 if ``both`` is given, and plain training."""
    curves = {u: sooner(after) for u, after in epochs.items()} | ({1.0: both} if both else {})
    plain = {"objective": "standard", "data/inputs": "clean"}
    tables = [
        runs({"objective": "target", "objective.u": u}, {"accuracy/train": curve}, seeds=SEEDS)
        for u, curve in curves.items()
    ]
    return together(*tables, runs(plain, {"accuracy/train": constant(0.5)}, seeds=SEEDS))


@pytest.mark.parametrize(("epochs", "expected"), [((9, 6, 3), HOLDS), ((3, 6, 9), FAILS)])
def test_higher_targets(epochs: tuple[int, ...], expected: str) -> None:
    """The target of 1, which is learning both halves, is no part of the order."""
    table = targets(dict(zip((0.2, 0.5, 0.85), epochs, strict=True)), both=constant(0.4 if expected == HOLDS else 1.0))
    found = ask("The larger u = l, the easier", table)
    assert found.verdict == expected
    assert found.intervals[""].mean == pytest.approx(1 if expected == HOLDS else -1)


@pytest.mark.parametrize(("epochs", "both", "expected"), [(3, 0.4, HOLDS), (25, 0.4, FAILS), (25, 0.1, HOLDS)])
def test_targets_beyond_learning_both_halves(epochs: int, both: float, expected: str) -> None:
    """Only the highest target below 1 is asked."""
    table = targets({0.2: 1, 0.85: epochs}, both=straight(both, 10))
    assert verdict("... by more than learning the test half as well", table) == expected


def test_targets_without_the_one_of_both_halves() -> None:
    found = ask("... by more than learning the test half as well", targets({0.2: 9, 0.85: 3}))
    assert (found.verdict, found.ours) == (NOT_MEASURED, "the sweep has no objective.u=1")


@pytest.mark.parametrize(
    ("share", "expected"), [(0.0, HOLDS), (0.1, FAILS), (1.0, FAILS)], ids=["never", "sometimes", "always"]
)
def test_leaving_plain_training(share: float, expected: str) -> None:
    """Signs of noise, -1 in so many of 10 epochs; those of images don't matter."""
    signs = {"sign/pseudo_test": lambda epoch, step, seed: -float(epoch <= 10 * share)}
    noise = runs({"data/inputs": "gaussian_blend"}, signs, range(1, 11), seeds=SEEDS)
    images = runs({"data/inputs": "clean"}, {"sign/pseudo_test": constant(-1.0)}, range(1, 11), seeds=SEEDS)
    found = ask("On noise Eq. (4) hardly ever leaves plain training", together(noise, images))
    assert found.verdict == expected
    assert found.intervals[""].mean == pytest.approx(share)


def test_learning_the_pseudo_test_split_is_no_unlearning() -> None:
    signs = runs({"data/inputs": "gaussian_blend"}, {"sign/pseudo_test": constant(1.0)}, range(1, 11))
    assert verdict("On noise Eq. (4) hardly ever leaves plain training", signs) == HOLDS


# ResNet18 and its softmax


def softmaxes(norm: str, outputs: int, without: Curve, with_: Curve) -> pandas.DataFrame:
    tables = []
    for softmax, curve in ((False, without), (True, with_)):
        where = {"model.batch_norm": norm, "model.softmax": softmax, "model.head_classes": outputs}
        tables.append(runs(where, {"accuracy/train": curve}, seeds=SEEDS))
    return together(*tables)


@pytest.mark.parametrize(
    ("text", "norm", "outputs"),
    [
        ("A softmax slows ResNet18 down on noise, as the author ran it", "frozen_init", 1000),
        ("... with 1000 outputs and live batch norm by more than .05", "batch", 1000),
        ("... with ten outputs and live batch norm by more than .05", "batch", 10),
    ],
)
def test_the_softmax(text: str, norm: str, outputs: int) -> None:
    assert verdict(text, softmaxes(norm, outputs, straight(1.0, 10), straight(0.3, 10))) == HOLDS
    assert verdict(text, softmaxes(norm, outputs, straight(0.5, 10), straight(0.5, 10))) == FAILS
    other = softmaxes("frozen_init", 10, straight(1.0, 10), straight(0.3, 10))
    assert verdict(text, other) == NOT_MEASURED
    found = ask(text, softmaxes(norm, outputs, straight(0.3, 10), straight(0.1, 10)))
    assert (found.verdict, found.ours) == (NOT_MEASURED, "without a softmax the network does not learn either")


# Gradients


def peaking(height: float, at: int, end: float) -> Curve:
    """A peak of ``height`` at an epoch, and ``end`` at all others."""
    return lambda epoch, step, seed: height if epoch == at else end


def gradients(
    metric: str, plain: Curve, split: Curve, fitted: float = 0.95, memorized: float = 0.95
) -> pandas.DataFrame:
    """Norms of 100 epochs, after which plain training has the train accuracy ``fitted``, Eq. (1) ``memorized``."""
    tables = []
    for objective, curve, last in (("standard", plain, fitted), ("split", split, memorized)):
        curves = {f"{metric}/first_layer": curve, "accuracy/train": straight(last, 100)}
        tables.append(runs({"objective": objective, "data/split": "thirds"}, curves, range(101), seeds=SEEDS))
    return together(*tables)


@pytest.mark.parametrize(
    ("height", "at", "end", "expected"),
    [
        (0.9, 50, 5e-6, (HOLDS, HOLDS, HOLDS)),
        (1.0, 30, 1e-6, (HOLDS, HOLDS, HOLDS)),
        (3.85, 72, 1.4e-5, (FAILS, FAILS, FAILS)),
        (0.5, 20, 1e-7, (FAILS, FAILS, FAILS)),
    ],
)
def test_the_last_batch_of_plain_training(height: float, at: int, end: float, expected: tuple[str, ...]) -> None:
    table = gradients("last_batch_gradient_norm", peaking(height, at, end), constant(7.0))
    texts = (
        "Under plain training the first layer's gradient peaks just under 1",
        "... around epoch 50",
        "... and ends at 5e-6",
    )
    assert tuple(verdict(text, table, "paper") for text in texts) == expected


@pytest.mark.parametrize(
    ("height", "end", "expected"),
    [(0.1, 5e-3, (HOLDS, HOLDS)), (0.3, 0.02, (FAILS, FAILS)), (0.01, 1e-4, (FAILS, FAILS))],
)
def test_the_last_batch_of_gradient_splitting(height: float, end: float, expected: tuple[str, ...]) -> None:
    table = gradients("last_batch_gradient_norm", constant(7.0), peaking(height, 50, end))
    texts = ("Under Eq. (1) it peaks at 0.1", "... and ends at 5e-3")
    assert tuple(verdict(text, table, "paper") for text in texts) == expected


@pytest.mark.parametrize("text", ["... around epoch 50", "... and ends at 5e-3"])
def test_the_last_batch_of_a_run_that_was_stopped_on_its_way_says_nothing(text: str) -> None:
    curve = peaking(0.9, 20, 1e-7)
    found = ask(text, gradients("last_batch_gradient_norm", curve, curve, fitted=0.6, memorized=0.7), "paper")
    assert found.verdict == NOT_MEASURED
    assert found.ours.endswith("stopped at 0.70" if "e-3" in text else "stopped at 0.60")


@pytest.mark.parametrize(
    ("metric", "name"), [("last_batch_gradient_norm", "last batch"), ("gradient_norm", "all training batches")]
)
def test_gradients_of_both_objectives(metric: str, name: str) -> None:
    peak = f"The gradient's peak is higher under Eq. (3) than under Eq. (1), {name}"
    end = f"... and its end lower, {name}"
    high, low = peaking(1.0, 50, 5e-6), peaking(0.1, 50, 5e-3)
    found = [ask(text, gradients(metric, high, low)) for text in (peak, end)]
    assert [each.verdict for each in found] == [HOLDS, HOLDS]
    assert [each.intervals[""].mean for each in found] == pytest.approx([log2(10), log2(1e-3)])
    assert [verdict(text, gradients(metric, low, high)) for text in (peak, end)] == [FAILS, FAILS]
    stopped = ask(end, gradients(metric, high, low, fitted=0.6))
    assert stopped.verdict == NOT_MEASURED
    assert stopped.ours == "plain training, Eq. (3), train: it was stopped at 0.60"
    unfinished = gradients(metric, high, low, memorized=0.5)  # the paper's own end is one on its way
    assert verdict(end, unfinished) == HOLDS


# Stability


def radii(split: Curve, standard: Curve, what: str = "parameter", last: float = 0.9) -> pandas.DataFrame:
    """Median radii at every epoch, of ``what``; those of the other are 1. Train accuracy goes to ``last``."""
    tables = []
    for objective, curve in (("split", split), ("standard", standard)):
        curves = {"accuracy/train": straight(last if objective == "split" else 0.9, 9)}
        for each in ("parameter", "input"):
            radius = curve if each == what else constant(1.0)
            curves |= {f"{each}_radius_median/train": radius, f"{each}_radius_worst/train": constant(0.001)}
        tables.append(runs({"objective": objective, "data/split": "thirds"}, curves, range(10), seeds=SEEDS))
    return together(*tables)


@pytest.mark.parametrize(
    ("text", "what"),
    [("A network that memorized is less stable in its parameters", "parameter"), ("... and in its inputs", "input")],
)
def test_radii_of_both_objectives(text: str, what: str) -> None:
    found = ask(text, radii(constant(0.1), constant(0.4), what))
    assert found.verdict == HOLDS
    assert found.intervals["at train accuracy 0.9"].mean == pytest.approx(-2)
    assert verdict(text, radii(constant(0.4), constant(0.1), what)) == FAILS
    assert verdict(text, radii(constant(0.4), constant(0.4), what)) == FAILS


def test_radii_are_compared_at_the_highest_accuracy_of_all_runs() -> None:
    found = ask("... and in its inputs", radii(constant(0.1), constant(0.4), "input", last=0.5))
    assert list(found.intervals) == ["at train accuracy 0.5"]
    apart = radii(constant(0.1), constant(0.4))
    split = apart.objective == "split"
    apart = apart[(split & (apart.epoch == 3)) | (~split & (apart.epoch == 7))]
    found = ask("... and in its inputs", apart)
    assert (found.verdict, found.ours) == (
        NOT_MEASURED,
        "no train accuracy at which the radii of all seeds were measured",
    )


def test_radii_of_one_objective() -> None:
    table = radii(constant(0.1), constant(0.4))
    found = ask("... and in its inputs", table[table.objective == "split"])
    assert (found.verdict, found.ours) == (NOT_MEASURED, "radii of one objective only")


def test_radii_that_nobody_measured() -> None:
    table = radii(constant(0.1), constant(0.4))
    found = ask("... and in its inputs", table[table.metric == "accuracy"])
    assert found.verdict == NOT_MEASURED
    assert "measure=stability" in found.ours


@pytest.mark.parametrize(
    ("inputs", "share", "expected"), [(0.5, 1, HOLDS), (2.0, 0, FAILS)], ids=["alike", "the other way"]
)
def test_radii_together(inputs: float, share: float, expected: str) -> None:
    """The memorizing network's radius of parameters is half of the plain one's, that of inputs ``inputs`` of it."""
    tables = []
    for objective, parameter, input_ in (("split", 0.5, inputs), ("standard", 1.0, 1.0)):
        curves = {
            "accuracy/train": straight(0.9, 9),
            "parameter_radius_median/train": constant(parameter),
            "input_radius_median/train": constant(input_),
            "parameter_radius_worst/train": constant(1.0),
            "input_radius_worst/train": constant(1.0),
        }
        tables.append(runs({"objective": objective, "data/split": "thirds"}, curves, range(10), seeds=SEEDS))
    found = ask("Where the one is smaller, so is the other", together(*tables))
    assert found.verdict == expected
    assert found.intervals[""].mean == share
    alone = ask("Where the one is smaller, so is the other", tables[0])
    assert alone.verdict == NOT_MEASURED


# Section 5


def gaps(images: tuple[int, int], noise: tuple[int, int], last: float = 1.0) -> pandas.DataFrame:
    """Epochs of Eq. (3) and of Eq. (1) until the end, on images and on noise; a straight line to ``last``."""
    tables = []
    for inputs, epochs in (("clean", images), ("gaussian_blend", noise)):
        for objective, until in zip(("standard", "split"), epochs, strict=True):
            where = {"objective": objective, "data/inputs": inputs}
            tables.append(runs(where, {"accuracy/train": straight(last, until)}, range(until + 1), seeds=SEEDS))
    return together(*tables)


GAP = "Epochs of (1) over epochs of (3) tell images from noise"


def test_the_gap() -> None:
    found = ask(GAP, gaps((10, 80), (20, 40)))
    assert found.verdict == HOLDS
    assert found.intervals["at train accuracy 0.9"].mean == pytest.approx(2)  # 8 times as many against twice
    assert verdict(GAP, gaps((20, 40), (10, 80))) == FAILS
    assert verdict(GAP, gaps((10, 20), (20, 40))) == FAILS


def test_the_gap_at_the_highest_level_of_all() -> None:
    assert list(ask(GAP, gaps((10, 80), (20, 40), last=0.7)).intervals) == ["at train accuracy 0.7"]
    found = ask(GAP, gaps((10, 80), (20, 40), last=0.2))
    assert found.verdict == NOT_MEASURED
    assert found.ours.startswith("no train accuracy that all seeds reached")


# All of them


def test_claims_are_told_apart() -> None:
    """By what is claimed; each says what is measured and what the paper and its record have."""
    assert len({asked.text for asked in claims.CLAIMS}) == len(claims.CLAIMS)
    for asked in claims.CLAIMS:
        assert all((asked.text, asked.where, asked.paper, asked.recorded, asked.quantity, str(asked.rule)))


def test_what_is_not_measured_has_a_reason() -> None:
    def values(_: pandas.DataFrame) -> dict[str, list[float]]:
        raise NotMeasured("for once")

    found = answer(Claim("", "", "", "", "", claims.Above(0.0), values), {}, "demo")
    assert (found.verdict, found.ours, dict(found.intervals)) == (NOT_MEASURED, "for once", {})
