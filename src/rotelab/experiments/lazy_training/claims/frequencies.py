"""Are low frequencies learned first, and by how much?"""

import numpy
import pandas

from rotelab.claims.claim import Claim, Values
from rotelab.claims.verdicts import Below, Within
from rotelab.exact import infinite_width


def _power(_: pandas.DataFrame) -> Values:
    frequencies = numpy.arange(8, 65)
    values = infinite_width.harmonics(1, 1.0, 2**14)[frequencies]
    return {"": [float(numpy.polyfit(numpy.log(frequencies), -numpy.log(values), 1)[0])]}


def _odd(_: pandas.DataFrame) -> Values:
    values = infinite_width.harmonics(1, 0.0)
    return {"": [float(abs(values[3:64:2]).max() / values[1])]}


CLAIMS = [
    Claim(
        text="On a circle the time to learn a frequency grows like its square",
        where="Basri et al. (2019), section 4",
        paper="k^2 steps for frequency k",
        recorded="arithmetic",
        quantity="slope of log 1 / eigenvalue over log k, k = 8 to 64; one hidden layer with a bias, infinite width",
        rule=Within(1.9, 2.1),
        values=_power,
    ),
    Claim(
        text="Without a bias odd frequencies above 1 are never learned",
        where="Basri et al. (2019), Theorem 2",
        paper="they lie in the kernel's null space",
        recorded="arithmetic",
        quantity="greatest eigenvalue of k = 3, 5, ..., 63 over that of k = 1; one hidden layer, infinite width",
        rule=Below(1e-9),
        values=_odd,
    ),
]
