"""The claims of "Understanding deep learning requires rethinking generalization" (Zhang et al., 2017)."""

from collections.abc import Iterable, Mapping
from math import log2

import pandas
from scipy.stats import spearmanr

from rotelab.claims.claim import Claim, NotMeasured, Values
from rotelab.claims.questions import Ask, parameters
from rotelab.claims.verdicts import Above, Below, Rule, Within
from rotelab.experiments.randomization_tests import early_stopping, fig1a, fig1b, fig1c, table1
from rotelab.experiments.randomization_tests.table1 import Setting
from rotelab.figures import curves, networks
from rotelab.figures.curves import Line
from rotelab.figures.networks import FITTED

NAMES = {name: network.name for name, network in networks.NETWORKS.items()}
HALF = 0.5
"""The train accuracy at which a network is on its way to fit."""
CHANCE = Within(0.07, 0.13)
"""Test accuracy by chance, of ten classes and a thousand images or more."""
NO_RECORD = "no record"
SHAPE = (3, 28, 28)
"""Of the images that the paper's networks get."""

# When a train split is fitted


def _least(table: pandas.DataFrame, lines: Iterable[Line]) -> Values:
    """By seed: the least of the lines' last values."""
    return {"": pandas.DataFrame({line.label: curves.finals(table, line) for line in lines}).dropna().min(axis=1)}


def _steps(table: pandas.DataFrame, line: Line, level: float = FITTED) -> pandas.Series:
    """By seed, optimizer steps to a train accuracy. NotMeasured where a run never had it, or had it untrained."""
    at = curves.reached(table, line, [level])
    if len(at) < (seeds := curves.rows(table, line).seed.nunique()):
        of = f"{NAMES[line.where['network']]}, {line.label.split(', ')[-1]}"
        raise NotMeasured(f"{of}: {len(at)} of {seeds} seeds came to a train accuracy of {level}")
    if not at.step.all():
        raise NotMeasured(f"a train accuracy of {level} was there before training")
    return at.set_index("seed").step.astype(float)


def _log2_ratio(table: pandas.DataFrame, over: Line, under: Line, level: float = FITTED) -> pandas.Series:
    return (_steps(table, over, level) / _steps(table, under, level)).dropna().map(log2)


# Figure 1a


def _all_variants(network: str) -> Ask:
    return lambda table: _least(table, [fig1a.line(network, variant) for variant in fig1a.VARIANTS])


def _later(network: str, variant: str, than: str, levels: tuple[float, ...] = (FITTED,)) -> Ask:
    """Log2 of the steps of one variant over those of another; of several levels each is a unit."""

    def values(table: pandas.DataFrame) -> Values:
        over, under = (fig1a.line(network, name) for name in (variant, than))
        named = "to {:g}" if len(levels) > 1 else ""
        return {named.format(level): _log2_ratio(table, over, under, level) for level in levels}

    return values


def _fast_once_started(network: str) -> Ask:
    def values(table: pandas.DataFrame) -> Values:
        line = fig1a.line(network, "random_labels")
        started = _steps(table, line, HALF)
        return {"": (_steps(table, line) - started) / started}

    return values


# Figures 1b and 1c


def _all_fractions(network: str) -> Ask:
    def values(table: pandas.DataFrame) -> Values:
        return _least(table, [fig1b.line(network, fraction) for fraction in fig1b.fractions(table)])

    return values


def _ranks(by_fraction: Mapping[float, pandas.Series]) -> Values:
    """Spearman's correlation of the fraction with what there is at it, by seed; 0 where that is always the same."""
    wide = pandas.DataFrame(by_fraction).dropna()
    return {
        "": [float(spearmanr(wide.columns, row).statistic) if len(set(row)) > 1 else 0.0 for row in wide.to_numpy()]
    }


def _longer_with_fraction(network: str) -> Ask:
    def values(table: pandas.DataFrame) -> Values:
        fractions = fig1b.fractions(table)
        return _ranks({fraction: _steps(table, fig1b.line(network, fraction)) for fraction in fractions})

    return values


def _slowdown(network: str) -> Ask:
    def values(table: pandas.DataFrame) -> Values:
        none, *_, most = fig1b.fractions(table)
        if most < 1:
            raise NotMeasured(f"the sweep has no fraction above {most:g}")
        return {"": _log2_ratio(table, fig1b.line(network, most), fig1b.line(network, none))}

    return values


def _errors(table: pandas.DataFrame, network: str) -> pandas.DataFrame:
    """By seed and fraction, once all are fitted."""
    found = fig1c.errors(table, network)
    if not found.fitted.all():
        raise NotMeasured(f"{(~found.fitted).sum()} of {len(found)} runs of {NAMES[network]} did not fit")
    return found.pivot(index="seed", columns="fraction", values="error")


def _more_errors(network: str) -> Ask:
    return lambda table: _ranks(dict(_errors(table, network).items()))


def _chance_at_the_end(network: str) -> Ask:
    def values(table: pandas.DataFrame) -> Values:
        errors = _errors(table, network)
        if (most := errors.columns.max()) < 1:
            raise NotMeasured(f"the sweep has no fraction above {most:g}")
        return {"": 1 - errors[most]}

    return values


# Tables 1 and 4


def _table1(table: pandas.DataFrame, setting: Setting, fraction: int, split: str = "held_out") -> pandas.Series:
    table1.settings(table)  # a sweep of it
    return curves.finals(table, table1.line(table, setting, fraction, split))


def _plain(network: str) -> Setting:
    return Setting(network, crop=False, decay=False)


def _fits_random_labels(setting: Setting) -> Ask:
    return lambda table: {"": _table1(table, setting, 1, "train")}


def _chance(network: str) -> Ask:
    def values(table: pandas.DataFrame) -> Values:
        train, test = (_table1(table, _plain(network), 1, split) for split in ("train", "held_out"))
        if train.min() < FITTED:
            raise NotMeasured(f"{NAMES[network]} had a train accuracy of {train.min():.2f} on random labels")
        return {"": test}

    return values


def _gain(better: Setting, than: Setting) -> Ask:
    """Test accuracy on true labels, one setting minus another."""
    return lambda table: {"": (_table1(table, better, 0) - _table1(table, than, 0)).dropna()}


def _architecture(regularized: Setting) -> Ask:
    """How much more changing a network for Inception gains than its regularizers do: its plain accuracy cancels out."""
    return _gain(_plain("inception"), regularized)


# Early stopping


def _early_stopping(network: str) -> Ask:
    """What it would have gained, chosen on the test split itself (biased upwards) and on other images."""

    def values(table: pandas.DataFrame) -> Values:
        _fitted_early(table, network)
        found = early_stopping.gains(table, network)
        chosen = found.chosen_gain.dropna()
        units = {"chosen on the test split": found.gain, "chosen on other images": chosen}
        return {unit: gain for unit, gain in units.items() if len(gain)}

    return values


def _fitted_early(table: pandas.DataFrame, network: str) -> None:
    """Half of the epochs at least come after the fit."""
    fits = networks.fits(table, early_stopping.line(network, "train"))
    ends = curves.last(table, early_stopping.line(network)).epoch.min()
    if not fits.fitted.all():
        raise NotMeasured(f"{NAMES[network]}: {fits.fitted.sum()} of {len(fits)} seeds fitted in {ends} epochs")
    if 2 * fits.epoch.max() > ends:
        raise NotMeasured(f"{NAMES[network]}: fitted at epoch {fits.epoch.max()}, trained for {ends} epochs only")


def _steadier(table: pandas.DataFrame) -> Values:
    for network in ("inception", "inception_no_bn"):
        _fitted_early(table, network)
    rough = {name: early_stopping.roughness(table, name) for name in ("inception", "inception_no_bn")}
    ratios = (rough["inception"] / rough["inception_no_bn"]).dropna()
    if not ((ratios > 0) & (ratios < float("inf"))).all(axis=None):
        raise NotMeasured("a test accuracy that did not change at all")
    return {f"{when} the fit": ratios[when].map(log2) for when in ("before", "after")}


# What the paper has


def _paper(setting: Setting, fraction: int, column: int) -> str:
    """Of Table 1 or 4: train (0) or test (1) accuracy, as a share."""
    text = table1.PAPER[setting][fraction][column]
    return f"{float(text) / 100:.4f}" if text[0].isdigit() else text


def _paper_gain(better: Setting, than: Setting) -> str:
    """Of Table 1: test accuracy on true labels, one setting minus another."""
    test = [float(table1.PAPER[setting][0][1]) for setting in (better, than)]
    return f"{(test[0] - test[1]) / 100:.4f}"


def _decay(network: str) -> Setting:
    return Setting(network, crop=False, decay=True)


def _both(network: str) -> Setting:
    return Setting(network, crop=True, decay=True)


STEPS = {
    "true_labels": "4.0k",
    "shuffled_pixels": "5.6k",
    "gaussian": "8.8k",
    "random_pixels": "11.9k",
    "random_labels": "16.6k",
}
"""Of an independent reproduction with Inception, to a train loss of .1."""


def _later_claim(network: str, text: str, variant: str, than: str, rule: Rule, levels: tuple[float, ...]) -> Claim:
    return Claim(
        f"{NAMES[network]}: {text}",
        "Fig. 1a",
        "yes" if network == "inception" else "Inception alone",
        f"{STEPS[variant]} against {STEPS[than]} steps" if network == "inception" else NO_RECORD,
        f"log2 of steps to train accuracy {' and '.join(f'{level:g}' for level in levels)}, the former over the latter",
        rule,
        _later(network, variant, than, levels),
        ("fig1a",),
    )


CLAIMS = [
    *(
        Claim(
            f"{name} has {count:,} parameters",
            "Table 1",
            f"{count:,}",
            "arithmetic",
            "parameters at 3x28x28, ten classes",
            Within(float(count), float(count)),
            values,
        )
        for name, count, values in (
            (NAMES["inception"], 1_649_402, parameters("small_inception", SHAPE)),
            (NAMES["inception_no_bn"], 1_649_402, parameters("small_inception", SHAPE, batch_norm=False)),
            (NAMES["alexnet"], 1_387_786, parameters("small_alexnet", SHAPE)),
            (NAMES["mlp_3x512"], 1_735_178, parameters("mlp", SHAPE, widths=[512] * 3)),
            (NAMES["mlp_1x512"], 1_209_866, parameters("mlp", SHAPE, widths=[512])),
        )
    ),
    *(
        claim
        for network, name in NAMES.items()
        for claim in (
            Claim(
                f"{name} fits random labels",
                "Table 1",
                _paper(_plain(network), 1, 0),
                "1" if network == "inception" else NO_RECORD,
                "last train accuracy on random labels, no regularizer",
                Above(FITTED),
                _fits_random_labels(_plain(network)),
                ("table1",),
            ),
            Claim(
                f"... and {name} is at chance on the test set then",
                "Table 1",
                _paper(_plain(network), 1, 1),
                ".1031" if network == "inception" else NO_RECORD,
                "last test accuracy, trained on random labels, no regularizer",
                CHANCE,
                _chance(network),
                ("table1",),
            ),
        )
    ),
    *(
        claim
        for network in ("inception", "alexnet")
        for claim in (
            Claim(
                f"{NAMES[network]} fits random labels, shuffled and random pixels, and noise",
                "Fig. 1a",
                "all of them" if network == "inception" else "Inception alone",
                "1, all of them" if network == "inception" else NO_RECORD,
                "least of the last train accuracies of all variants",
                Above(FITTED),
                _all_variants(network),
                ("fig1a",),
            ),
            *(
                _later_claim(network, *asked)
                for asked in (
                    ("shuffled pixels take longer", "shuffled_pixels", "true_labels", Above(0.0), (FITTED,)),
                    ("random labels still longer", "random_labels", "shuffled_pixels", Above(0.0), (FITTED,)),
                    ("noise before random labels", "gaussian", "random_labels", Below(0.0), (HALF, FITTED)),
                    (
                        "random pixels before random labels",
                        "random_pixels",
                        "random_labels",
                        Below(0.0),
                        (HALF, FITTED),
                    ),
                    ("noise before random pixels", "gaussian", "random_pixels", Below(0.0), (HALF, FITTED)),
                )
            ),
            Claim(
                f"{NAMES[network]}: once it starts to fit random labels, it converges fast",
                "section 2.1",
                "quickly" if network == "inception" else "Inception alone",
                "loss .1 after 16.6k steps, .01 after 17.7k" if network == "inception" else NO_RECORD,
                "steps from train accuracy .5 to .99 over those to .5",
                Below(1.0),
                _fast_once_started(network),
                ("fig1a",),
            ),
        )
    ),
    *(
        claim
        for network in ("inception", "alexnet", "mlp_1x512")
        for claim in (
            Claim(
                f"{NAMES[network]} fits every fraction of corrupted labels",
                "Fig. 1b, c",
                "all of them",
                NO_RECORD,
                "least of the last train accuracies of all fractions",
                Above(FITTED),
                _all_fractions(network),
                ("fig1b",),
            ),
            Claim(
                f"{NAMES[network]}: the more labels are corrupted, the longer it takes to fit them",
                "Fig. 1b",
                "grows",
                NO_RECORD,
                "rank correlation of the fraction with steps to train accuracy .99",
                Above(0.0),
                _longer_with_fraction(network),
                ("fig1b",),
            ),
            Claim(
                f"... for {NAMES[network]} by a small factor",
                "section 2.1, Fig. 1b",
                "3 to 4 at most",
                "16.6k / 4.0k steps" if network == "inception" else NO_RECORD,
                "log2 of steps to train accuracy .99, random over true labels",
                Below(2.0),
                _slowdown(network),
                ("fig1b",),
            ),
            Claim(
                f"{NAMES[network]}: the more labels are corrupted, the greater the test error",
                "Fig. 1c",
                "grows",
                NO_RECORD,
                "rank correlation of the fraction with the last test error",
                Above(0.0),
                _more_errors(network),
                ("fig1c",),
            ),
            Claim(
                f"... of {NAMES[network]}, to chance",
                "Fig. 1c",
                ".10",
                ".1031" if network == "inception" else NO_RECORD,
                "last test accuracy at fraction 1",
                CHANCE,
                _chance_at_the_end(network),
                ("fig1c",),
            ),
        )
    ),
    *(
        Claim(
            f"{what} {verb} {NAMES[setting.network]} from fitting random labels",
            "Table 4",
            _paper(setting, 1, 0),
            NO_RECORD,
            "last train accuracy on random labels with it",
            rule,
            _fits_random_labels(setting),
            ("table1",),
        )
        for what, verb, setting, rule in (
            ("Weight decay", "does not keep", _decay("inception"), Above(FITTED)),
            ("Weight decay", "keeps", _decay("alexnet"), Below(FITTED)),
            ("Weight decay", "does not keep", _decay("mlp_3x512"), Above(FITTED)),
            ("Weight decay", "does not keep", _decay("mlp_1x512"), Above(FITTED)),
            ("Random cropping", "does not keep", Setting("inception", crop=True, decay=False), Above(FITTED)),
        )
    ),
    *(
        Claim(
            f"{NAMES[network]}: random crops and weight decay help, but little",
            "Table 1",
            _paper_gain(_both(network), _plain(network)),
            NO_RECORD,
            "last test accuracy on true labels, with both minus with neither",
            Within(0.0, 0.06),
            _gain(_both(network), _plain(network)),
            ("table1",),
        )
        for network in ("inception", "alexnet")
    ),
    *(
        Claim(
            f"{name}: weight decay alone makes little difference",
            "Table 1",
            _paper_gain(_decay(network), _plain(network)),
            NO_RECORD,
            "last test accuracy on true labels, with it minus without",
            Within(-0.02, 0.02),
            _gain(_decay(network), _plain(network)),
            ("table1",),
        )
        for network, name in NAMES.items()
    ),
    *(
        Claim(
            f"{NAMES[regularized.network]} gains more by becoming Inception than by {by}",
            "section 3",
            _paper_gain(_plain("inception"), regularized),
            NO_RECORD,
            "last test accuracy on true labels, Inception without regularizers minus the other one with them",
            Above(0.0),
            _architecture(regularized),
            ("table1",),
        )
        for regularized, by in (
            (_both("alexnet"), "random crops and weight decay"),
            (_decay("mlp_3x512"), "weight decay"),
        )
    ),
    *(
        Claim(
            text,
            "section 3, Table 1",
            _paper_gain(_plain("inception"), _plain("inception_no_bn")),
            NO_RECORD,
            "last test accuracy on true labels, with minus without batch norm, no regularizer",
            rule,
            _gain(_plain("inception"), _plain("inception_no_bn")),
            ("table1",),
            only,
        )
        for text, rule, only in (
            ("Batch norm helps Inception on the test set", Above(0.0), None),
            ("... by 3 to 4 points, give or take one", Within(0.02, 0.05), "paper"),
        )
    ),
    *(
        Claim(
            f"{NAMES[network]}: early stopping would not have helped",
            "section 3, Fig. 2",
            "no potential benefit on CIFAR-10",
            NO_RECORD,
            "test accuracy at the best epoch minus that at the last",
            Below(0.02),
            _early_stopping(network),
            ("early_stopping",),
        )
        for network in ("inception", "inception_no_bn")
    ),
    Claim(
        "Batch norm steadies the test accuracy",
        "section 3, Fig. 2",
        "steadier",
        NO_RECORD,
        "log2 of its mean change from epoch to epoch, with over without batch norm",
        Below(0.0),
        _steadier,
        ("early_stopping",),
    ),
]
