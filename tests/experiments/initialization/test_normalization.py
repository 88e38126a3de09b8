"""Norms, shortcuts and depth, from made-up tables: the figure and the claims."""

from collections.abc import Iterator, Mapping
from functools import cache
from itertools import product

import matplotlib.pyplot as plt
import pandas
import pytest
from asking import Of, always, check_bound, verdict
from drawn import label, ys
from tables import constant, runs, together

from rotelab.claims.verdicts import FAILS, HOLDS, UNDECIDED
from rotelab.experiments.initialization import normalization
from rotelab.experiments.initialization.claims.normalization import CLAIMS

DEPTHS = (2, 8, 24)
SEEDS = (0, 1, 2)
Where = tuple[str, bool, int]
"""Norm, residual, depth."""
DEATHS = "Networks without a norm die more often under gradient splitting"


@cache
def alike() -> pandas.DataFrame:
    """Errors of Eq. (3) are .3 on train images and .5 on others, the train accuracy of Eq. (1) .5 at all epochs."""
    tables = []
    for objective, norm, residual, depth in product(("standard", "split"), normalization.NORMS, (False, True), DEPTHS):
        train = 0.7 if objective == "standard" else 0.5
        curves = {"accuracy/train": constant(train), "accuracy/held_out": constant(0.5)}
        where = {"objective": objective, "model.norm": norm, "model.residual": residual, "model.depth": depth}
        tables.append(runs(where, curves, range(3), seeds=SEEDS))
    return together(*tables)


def made(
    train: Mapping[Where, Of] | None = None,
    test: Mapping[Where, Of] | None = None,
    easy: Mapping[Where, Of] | None = None,
    dead: tuple[str, ...] = (),
) -> pandas.DataFrame:
    """All alike but for what is named; all runs of Eq. (1) of the ``dead`` norms died."""
    table = alike().copy()
    for named, objective, split in (
        (train, "standard", "train"),
        (test, "standard", "held_out"),
        (easy, "split", "train"),
    ):
        for (norm, residual, depth), value in (named or {}).items():
            where = (table["model.norm"] == norm) & (table["model.residual"] == residual)
            where &= (table["model.depth"] == depth) & (table.objective == objective) & (table.split == split)
            found = table.seed[where].map(value)
            table.loc[where, "value"] = found if objective == "split" else 1 - found
    table.loc[table["model.norm"].isin(dead) & (table.objective == "split"), "dead_since"] = 1.0
    return table


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    plt.close("all")


@pytest.mark.parametrize(
    ("text", "what", "at", "base", "good", "bad"),
    [
        (
            "Without a norm a deep plain network fits its images worse than a shallow one",
            "train",
            ("none", False, 24),
            0.3,
            0.2,
            -0.1,
        ),
        ("... and with shortcuts it does not", "train", ("none", True, 24), 0.3, -0.1, 0.1),
        ("A deep plain network fits its images better with batch norm", "train", ("batch", False, 24), 0.3, -0.1, 0.1),
        ("A deep plain network fits its images better with layer norm", "train", ("layer", False, 24), 0.3, -0.1, 0.1),
        ("Batch norm generalizes better than none where both fit", "test", ("batch", False, 2), 0.5, -0.1, 0.1),
        ("Batch norm makes memorizing easier", "easy", ("batch", False, 8), 0.5, 0.1, -0.1),
        ("Layer norm makes memorizing easier", "easy", ("layer", False, 8), 0.5, 0.1, -0.1),
        ("A shortcut makes memorizing easier", "easy", ("none", True, 8), 0.5, 0.1, -0.1),
        ("Layer norm with a shortcut makes memorizing easier", "easy", ("layer", True, 8), 0.5, 0.1, -0.1),
    ],
)
def test_claims(text: str, what: str, at: Where, base: float, good: float, bad: float) -> None:
    def table(value: Of) -> pandas.DataFrame:
        changed = {at: lambda seed: base + value(seed)}
        return {"train": made(train=changed), "test": made(test=changed), "easy": made(easy=changed)}[what]

    check_bound(CLAIMS, text, (table, good, bad))


def test_deaths() -> None:
    assert verdict(CLAIMS, DEATHS, made(dead=("none",))) == HOLDS
    assert verdict(CLAIMS, DEATHS, made(dead=("batch", "layer"))) == FAILS
    assert verdict(CLAIMS, DEATHS, made()) == UNDECIDED


def test_it_draws_errors_ease_and_deaths_over_depth() -> None:
    table = made(train={("batch", True, 8): always(0.1)}, easy={("layer", False, 24): always(0.9)}, dead=("none",))
    train, test, easy, deaths = normalization.draw(table).axes
    found = [
        {label(line): ys(line).tolist() for line in panel.lines if label(line)[0] != "_"}
        for panel in (train, test, easy)
    ]
    assert found[0]["batch norm, residual"] == pytest.approx([0.3, 0.1, 0.3])
    assert found[1]["no norm, plain"] == pytest.approx([0.5, 0.5, 0.5])
    assert found[2]["layer norm, plain"] == pytest.approx([0.5, 0.5, 0.9])
    assert [ys(line).item() for line in deaths.lines if len(ys(line)) == 1] == [1, 1, 0, 0, 0, 0]


def test_it_says_what_was_seen() -> None:
    first, *rest = normalization.summary(made(train={("none", False, 2): always(0.05)}, dead=("none",))).splitlines()
    assert first == (
        "no norm, plain: depth 2: train 0.05, test 0.50, ease 0.50, epochs to 0.9 0 and 0 of 3 seeds; depth 8: train "
        "0.30, test 0.50, ease 0.50, epochs to 0.9 0 of 3 seeds and 0 of 3 seeds; depth 24: train 0.30, test 0.50, "
        "ease 0.50, epochs to 0.9 0 of 3 seeds and 0 of 3 seeds; 9 of 9 dead"
    )
    assert len(rest) == 5


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (made().drop(columns="model.norm"), "which name model.norm"),
        (made().query("`model.depth` < 24 or seed > 0"), "some are missing"),
    ],
)
def test_it_refuses_when_runs_are_missing(table: pandas.DataFrame, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        normalization.draw(table)
