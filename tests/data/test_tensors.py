"""Tensors as splits: they are given as they are, and what does not go together is refused."""

import pytest
import torch

from rotelab.data.tensors import Given, TensorData
from rotelab.errors import InputError


def given(count: int = 10, shape: tuple[int, ...] = (3,), classes: int = 2) -> Given:
    return torch.arange(count * 3.0).reshape(count, *shape), torch.arange(count) % classes


def test_splits_are_what_was_given() -> None:
    data = TensorData({"train": given(), "pseudo_test": given(6, classes=3)}, batch_size=4, batch_order="fixed")
    data.setup()
    assert (data.classes, data.image_shape, data.ready, data.beyond("train", 5)) == (("0", "1", "2"), (3,), True, None)
    assert data.splits["train"].evaluated[0] is data.given["train"][0]
    assert not data.splits["pseudo_test"].changed.any() and not data.splits["train"].kinds
    batches = list(data.batches(lambda: 0))
    assert [len(labels) for (_, labels), _ in batches] == [4, 4, 2]
    assert torch.equal(torch.cat([inputs for (inputs, _), _ in batches]), given()[0])


@pytest.mark.parametrize("seed", [0, 1])
def test_batches_are_reshuffled_by_the_seed(seed: int) -> None:
    def order(seed: int, epoch: int) -> list[float]:
        data = TensorData({"train": given(), "pseudo_test": given()}, seed=seed)
        data.setup()
        (((inputs, _), _),) = data.batches(lambda: epoch)
        return inputs[:, 0].tolist()

    assert order(seed, 0) == order(seed, 0)
    assert sorted(order(seed, 0)) == sorted(order(seed, 1)) and order(seed, 0) != order(seed, 1)
    assert order(0, 0) != order(1, 0)


@pytest.mark.parametrize(
    ("splits", "words"),
    [
        ({"train": given()}, "train and pseudo_test are needed"),
        ({"train": given(), "pseudo_test": given(), "test": given()}, "train and pseudo_test are needed"),
        ({"train": given(), "pseudo_test": given(shape=(3, 1))}, "one shape"),
        ({"train": given(), "pseudo_test": (given()[0], given(9)[1])}, "pseudo_test: 10 inputs and 9 labels"),
        ({"train": given(), "pseudo_test": given(0)}, "pseudo_test: 0 inputs"),
        ({"train": given(), "pseudo_test": (given()[0], given()[1] - 1)}, "one is -1"),
    ],
)
def test_what_does_not_go_together(splits: dict[str, Given], words: str) -> None:
    with pytest.raises(InputError, match=words):
        TensorData(splits)
