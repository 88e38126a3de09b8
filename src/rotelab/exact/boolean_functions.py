"""Functions of n bits that networks with random weights represent, and how complex they are.

The parameter-function map is biased: functions of low complexity have most of the weights (Valle-Perez, Camargo, Louis
2019; Mingard et al. 2019). A function is its 2^n values, a row of bits, in the order of its inputs as numbers.
"""

from collections import Counter
from itertools import pairwise, product

import numpy
from jaxtyping import Bool, Float64, UInt8
from scipy.special import expit

from rotelab.errors import InputError


def inputs(bits: int) -> Float64[numpy.ndarray, "input bit"]:
    """All 2^n inputs of 0 and 1, from 0...0 to 1...1. Raises InputError for no bit and for more than 16."""
    if not 1 <= bits <= 16:
        raise InputError(f"functions of {bits} bits: from 1 to 16")
    return numpy.array(list(product((0.0, 1.0), repeat=bits)))


def perceptrons(bits: int, count: int, generator: numpy.random.Generator) -> Bool[numpy.ndarray, "function input"]:
    """``<w, x> > 0`` for w of independent normal weights, without a bias. Of how many inputs it is 1 is uniform on
    0, ..., 2^n - 1 (Mingard et al. 2019, Theorem 4.1)."""
    return generator.standard_normal((count, bits)) @ inputs(bits).T > 0


def networks(
    bits: int, units: tuple[int, ...], count: int, generator: numpy.random.Generator
) -> Bool[numpy.ndarray, "function input"]:
    """``f(x) > 0`` of ReLU networks with hidden layers of so many ``units``; weights ~ N(0, 2 / fan-in), biases
    ~ N(0, 0.01)."""
    found = numpy.empty((count, 2**bits), bool)
    points = inputs(bits)
    for place in range(count):
        hidden = points
        for after in units:
            weights = generator.standard_normal((hidden.shape[1], after)) * (2 / hidden.shape[1]) ** 0.5
            hidden = numpy.maximum(hidden @ weights + 0.1 * generator.standard_normal(after), 0)
        found[place] = hidden @ generator.standard_normal(hidden.shape[1]) > -0.1 * generator.standard_normal()
    return found


def counted(functions: Bool[numpy.ndarray, "function input"]) -> Counter[bytes]:
    """How often each function is there, packed eight values a byte."""
    packed: UInt8[numpy.ndarray, "function byte"] = numpy.packbits(functions, axis=1)
    return Counter(row.tobytes() for row in packed)


def unpacked(function: bytes, bits: int) -> str:
    """The function's values as a word of 0 and 1."""
    return "".join(map(str, numpy.unpackbits(numpy.frombuffer(function, numpy.uint8))[: 2**bits]))


def words(sequence: str) -> int:
    """In how many words Lempel and Ziv (1976) part a sequence: each is the shortest that was not there before it ends.

    As Kaspar and Schuster (1987) count them; 6 for 0001101001000101, the example of the paper.
    """
    ends = [0]
    while ends[-1] < len(sequence):
        start, end = ends[-1], ends[-1] + 1
        while end <= len(sequence) and sequence[start:end] in sequence[: end - 1]:
            end += 1
        ends.append(min(end, len(sequence)))
    return sum(1 for _ in pairwise(ends))


def complexity(sequence: str) -> float:
    """``log2(l) (words(s) + words(s backwards)) / 2`` in bits, of a sequence of length l; ``log2 l`` of one of a single
    value (Dingle, Camargo, Louis 2018, Eq. (4)). Of short random sequences it is a little more than l."""
    size = float(numpy.log2(len(sequence)))
    if len(set(sequence)) == 1:
        return size
    return size * (words(sequence) + words(sequence[::-1])) / 2


def trained(
    labels: Bool[numpy.ndarray, " input"],
    known: Bool[numpy.ndarray, " input"],
    units: int,
    count: int,
    steps: int,
    generator: numpy.random.Generator,
) -> tuple[Bool[numpy.ndarray, "function input"], Bool[numpy.ndarray, " function"]]:
    """The functions of ``count`` networks of one hidden layer after descent on the ``known`` inputs' labels, and which
    of them fit those. They begin as ``networks`` do; descent is on the mean logistic loss, in steps of 0.5."""
    bits = (len(labels) - 1).bit_length()
    points = numpy.column_stack([inputs(bits), numpy.ones(2**bits)])
    inner = generator.standard_normal((count, units, bits + 1)) * numpy.array([(2 / bits) ** 0.5] * bits + [0.1])
    outer = generator.standard_normal((count, units + 1)) * numpy.array([1.0] * units + [0.1])
    some, signs = points[known], numpy.where(labels[known], 1.0, -1.0)

    def scores(points: numpy.ndarray) -> tuple[numpy.ndarray, numpy.ndarray]:
        hidden = numpy.maximum(inner @ points.T, 0)
        return hidden, (outer[:, None, :-1] @ hidden)[:, 0] + outer[:, -1:]

    for _ in range(steps):
        hidden, score = scores(some)
        pull = 0.5 * signs * expit(-signs * score) / len(some)
        inward = ((hidden > 0) * (outer[:, :-1, None] * pull[:, None])) @ some
        outer += numpy.column_stack([(hidden @ pull[..., None])[..., 0], pull.sum(1)])
        inner += inward
    functions = scores(points)[1] > 0
    return functions, (functions[:, known] == labels[known]).all(1)
