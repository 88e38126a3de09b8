"""How many threads torch computes with, for a while."""

import pytest
import torch

from rotelab.system.threads import threads_kept


def test_their_number_is_put_back() -> None:
    before = torch.get_num_threads()
    with pytest.raises(KeyError), threads_kept(before + 1):
        assert torch.get_num_threads() == before + 1
        raise KeyError
    with threads_kept():
        torch.set_num_threads(before + 2)
    assert torch.get_num_threads() == before
