"""Who is dead, in which cell, and which class had won."""

from collections.abc import Sequence

import drawn
import pandas
import pytest
from collapsed import made, unequal
from matplotlib.patches import Rectangle
from tables import together

from rotelab.experiments.gradient_splitting import collapse


def everything(rank: int = 1, precisions: Sequence[str] = ("fp32", "bf16")) -> pandas.DataFrame:
    widths = made(unequal, "model.width", (0.5, 1.0))
    return together(made(unequal, rank=lambda seed: float(rank)), widths, made(unequal, "precision", precisions))


def test_dead_is_one_class_with_a_probability_of_one() -> None:
    """One class at even odds is how networks begin, and several classes are not dead at any loss."""
    table = made(unequal)
    found = collapse.by(table, "optimizer.lr", "data.batch_order")
    assert found.groupby("data.pairs").dead.mean().to_dict() == {"as_ordered": 1, "balanced": 0}
    table.loc[table.metric == "winner_share", "value"] = 0.99
    assert not collapse.by(table, "optimizer.lr", "data.batch_order").dead.any()


def test_a_run_is_looked_at_where_it_ended() -> None:
    table = made(unequal)
    table.loc[(table.metric == "loss") & (table.epoch < table.epoch.max()), "value"] = 9.0
    found = collapse.by(table, "optimizer.lr", "data.batch_order")
    assert found.groupby("data.pairs").dead.mean().to_dict() == {"as_ordered": 1, "balanced": 0}


def test_shares_and_ranks_are_drawn() -> None:
    rates, widths, precisions, ranks = collapse.draw(everything()).axes
    for panel, lines in ((rates, 4), (widths, 2), (precisions, 2)):
        shares = {drawn.label(line): set(drawn.ys(line)) for line in panel.lines if drawn.label(line)[0] != "_"}
        assert len(shares) == lines
        for label, values in shares.items():
            assert values == ({1.0} if "as ordered" in label else {0.0})
    assert [bar.get_height() for bar in ranks.patches if isinstance(bar, Rectangle)] == [
        16
    ]  # 2 rates x 2 orders x 4 seeds


@pytest.mark.parametrize("names", [["fp32", "bf16"], ["fp32", "tf32", "bf16"]], ids="-".join)
def test_the_precisions_that_there_are(names: list[str]) -> None:
    """From the most to the fewest bits, whatever the table's order."""
    panel = collapse.draw(everything(precisions=names[::-1])).axes[2]
    assert [tick.get_text() for tick in panel.get_xticklabels()] == names
    assert {len(drawn.ys(line)) for line in panel.lines if drawn.label(line)[0] != "_"} == {len(names)}


def test_the_summary_counts() -> None:
    lines = collapse.summary(everything(rank=2)).splitlines()
    assert lines[0] == "as_ordered, fixed, optimizer.lr 0.001: 4 of 4 dead"
    assert "balanced, precision bf16: 0 of 4 dead" in lines
    assert lines[-1] == "of 16 dead runs as ordered 0 ended with the class of the greatest excess"


def test_missing_runs_are_a_sentence() -> None:
    table = everything()
    with pytest.raises(ValueError, match=r"the same seeds for every optimizer.lr"):
        collapse.draw(table[(table.seed > 0) | (table["data.pairs"] == "balanced")])
    with pytest.raises(ValueError, match=r"the figure needs runs that name data.pairs, data.batch_order, optimizer.lr"):
        collapse.draw(table.drop(columns="data.pairs"))
