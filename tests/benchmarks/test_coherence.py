"""The bench of coherence: the same images for both sides, and memory that is that of the measurement."""

from pathlib import Path

import numpy
import pytest
import torch

from rotelab.benchmarks import coherence
from rotelab.benchmarks.coherence import AT_ONCE, batches, memory, network, ratios


def test_every_image_is_there_once() -> None:
    found = list(batches(2 * AT_ONCE + 3))
    assert [len(labels) for _, labels in found] == [AT_ONCE, AT_ONCE, 3]
    assert {image.shape for image, _ in found} == {(AT_ONCE, *coherence.SHAPE), (3, *coherence.SHAPE)}


@pytest.mark.parametrize("name", coherence.NETWORKS)
def test_networks_are_the_same_each_time_and_evaluate(name: str) -> None:
    first, second = network(name), network(name)
    assert not first.training
    assert all(torch.equal(a, b) for a, b in zip(first.parameters(), second.parameters(), strict=True))


def test_a_ratio_for_each_turn() -> None:
    found = ratios("convnet5", 4, 2)
    assert len(found) == 2
    assert all(ratio > 0 for ratio in found)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux")
def test_memory_is_that_of_the_measurement_whatever_this_process_has_had() -> None:
    before = numpy.ones(2**26)  # 512 MiB, the maximum of this process and, by getrusage, of those it starts
    del before
    assert 1 < memory("convnet5", 32) < 400
