"""The interpolations of ``conf/``."""

import pytest
from composing import composed

from rotelab.config import resolvers


@pytest.mark.parametrize("size", [300, 600])
def test_a_batch_is_a_share_of_the_images(size: int) -> None:
    config = composed("sweep=double_descent/samples", "scale=demo", f"data.size={size}")
    assert config.data.batch_size == size // config.axis.double_descent.samples.steps


def test_what_is_no_whole_number_comes_back() -> None:
    assert resolvers.over(4, "many") == "many"
    assert (resolvers.over(4, 11), resolvers.times(2, 11), resolvers.plus(2, 11)) == (2, 22, 13)
