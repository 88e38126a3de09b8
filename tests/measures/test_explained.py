"""What simpler networks explain: the fits, and the callback."""

from pathlib import Path

import pandas
import pytest
import torch
from runs import recipe, trained, vector

from rotelab.measures import options
from rotelab.measures.explained import Explained, predictions

REFERENCES = {"linear": [], "large": [16]}


def test_a_linear_classifier_can_tell_sides_and_not_exclusive_or() -> None:
    points = torch.randn(200, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    train, held_out = points[:120], points[120:]

    def right(labels: torch.Tensor, widths: list[int]) -> float:
        return float((predictions(train, labels[:120], held_out, widths, 100) == labels[120:]).double().mean())

    sides, parity = (points[:, 0] > points[:, 1]).long(), (points[:, 0] * points[:, 1] > 0).long()
    assert right(sides, []) > 0.95
    assert right(parity, []) < 0.7
    assert right(parity, [16]) > 0.9


def test_a_fit_depends_on_its_arguments_alone() -> None:
    points = torch.randn(60, 3, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    labels, before = (points[:, 0] > 0).long(), torch.get_rng_state()
    found = [predictions(points[:40], labels[:40], points[40:], [4], 20) for _ in range(2)]
    assert torch.equal(*found)
    assert torch.equal(torch.get_rng_state(), before)


def test_measuring_changes_nothing_and_happens_when_it_is_due(tmp_path: Path) -> None:
    plain = trained(recipe(max_epochs=5), tmp_path)
    looked = trained(recipe(max_epochs=5, measures=[Explained(REFERENCES, 3, 10)]), tmp_path)
    assert torch.equal(vector(plain.network), vector(looked.network))
    table = pandas.read_csv(tmp_path / "curve.csv")
    known = table[table.metric == "information"].pivot(index="epoch", columns="split", values="value")
    assert [*known] == ["large", "linear", "network"]
    assert known.index.tolist() == [0, 1, 3, 5]
    assert known.linear.nunique() == 1, "references are fitted once"
    for name in REFERENCES:
        for metric in ("explained", "same_class"):
            of = table[(table.metric == metric) & (table.split == name)].set_index("epoch").value
            assert of.index.tolist() == [0, 1, 3, 5]
            if metric == "explained":
                assert (of <= known[["network", name]].min(axis=1) + 1e-6).all()


def test_a_reference_of_one_class_explains_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    measure = Explained({"linear": []}, 3, 10)
    monkeypatch.setattr(
        "rotelab.measures.explained.predictions", lambda train, labels, new, *_: torch.zeros(len(new)).long()
    )
    trained(recipe(max_epochs=1, measures=[measure]), tmp_path)
    table = pandas.read_csv(tmp_path / "curve.csv").set_index(["metric", "split"]).value
    assert table["information", "linear"].eq(0).all(), "one class tells nothing"
    assert table["explained", "linear"].abs().max() < 1e-9


@pytest.mark.parametrize("widths", [{}, {"a": 1}, {"a": [0]}, {"a": [1.5]}, {"a": [True]}, 3])
def test_what_names_no_networks_is_refused(widths: object) -> None:
    with pytest.raises(ValueError, match="references"):
        options.Explained("", references=widths, per_decade=1, fit_steps=1)
