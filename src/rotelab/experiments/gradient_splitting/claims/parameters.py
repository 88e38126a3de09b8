"""The size of the network, which says that it is the author's."""

from rotelab.claims.claim import Claim
from rotelab.claims.questions import parameters
from rotelab.claims.verdicts import Within

CLAIMS = [
    Claim(
        text="The ConvNet has 905,930 parameters",
        where="section 2",
        paper="905,930",
        recorded="905,930 (its code)",
        quantity="parameters of convnet5 at 3x32x32, ten classes",
        rule=Within(905_930.0, 905_930.0),
        values=parameters("convnet5", (3, 32, 32)),
    ),
]
