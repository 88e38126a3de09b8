"""Functions of bits and their complexity: worked examples, and what is known of perceptrons."""

import numpy
import pytest

from rotelab.errors import InputError
from rotelab.exact import boolean_functions


@pytest.mark.parametrize(
    ("sequence", "count"),
    [("0001101001000101", 6), ("0" * 16, 2), ("01" * 8, 3), ("1", 1), ("10", 2)],  # the first: Lempel and Ziv (1976)
)
def test_words_are_those_of_lempel_and_ziv(sequence: str, count: int) -> None:
    assert boolean_functions.words(sequence) == count


def test_complexity_is_symmetric_and_least_of_one_value() -> None:
    assert boolean_functions.complexity("0" * 32) == 5
    assert boolean_functions.complexity("0001101001000101") == boolean_functions.complexity("0001101001000101"[::-1])
    random = "".join(map(str, numpy.random.default_rng(0).integers(0, 2, 128)))
    assert 128 < boolean_functions.complexity(random) < 170


def test_a_perceptron_has_any_number_of_ones_equally_often() -> None:
    ones = boolean_functions.perceptrons(3, 40_000, numpy.random.default_rng(0)).sum(1)
    shares = numpy.bincount(ones, minlength=9) / 40_000
    assert shares[:8] == pytest.approx(1 / 8, abs=0.01)
    assert shares[8] == 0  # at 0...0 it is 0


def test_functions_are_counted_and_unpacked() -> None:
    functions = numpy.array([[0, 1, 1, 0], [0, 1, 1, 0], [1, 0, 0, 0]], bool)
    counts = boolean_functions.counted(functions)
    assert {boolean_functions.unpacked(function, 2): times for function, times in counts.items()} == {
        "0110": 2,
        "1000": 1,
    }


def test_inputs_are_numbers_in_order() -> None:
    assert boolean_functions.inputs(3) @ [4, 2, 1] == pytest.approx(numpy.arange(8))
    with pytest.raises(InputError, match="functions of 0 bits"):
        boolean_functions.inputs(0)


def test_descent_fits_what_is_known_and_finds_a_single_bit() -> None:
    bit = boolean_functions.inputs(5)[:, 2] > 0
    known = numpy.random.default_rng(1).permutation(32) < 14
    before, at_random = boolean_functions.trained(bit, known, 40, 50, 0, numpy.random.default_rng(2))
    functions, fit = boolean_functions.trained(bit, known, 40, 50, 200, numpy.random.default_rng(2))
    assert fit.all()
    assert at_random.mean() < 0.1
    assert (functions[:, ~known] != bit[~known]).mean() < 0.2 < (before[:, ~known] != bit[~known]).mean()


def test_random_networks_are_simpler_than_a_coin() -> None:
    drawn = boolean_functions.networks(6, (20,), 200, numpy.random.default_rng(3))
    coin = numpy.random.default_rng(4).random((200, 64)) < 0.5
    mean, by_coin = (
        numpy.mean([boolean_functions.complexity("".join("01"[int(value)] for value in row)) for row in functions])
        for functions in (drawn, coin)
    )
    assert mean < 0.7 * by_coin
