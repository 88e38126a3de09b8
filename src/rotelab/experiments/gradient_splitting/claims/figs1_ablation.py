"""Does a softmax slow ResNet18 down, and with which outputs and batch norm?"""

import pandas

from rotelab.claims.claim import Ask, Claim, NotMeasured, Values, our_question
from rotelab.claims.questions import chance, ease
from rotelab.claims.verdicts import Above
from rotelab.experiments.gradient_splitting import figs1_ablation


def _softmax_slows(norm: str, outputs: int) -> Ask:
    def values(table: pandas.DataFrame) -> Values:
        without, with_ = (
            ease(table, line) for line in figs1_ablation.lines(norm) if line.where["model.head_classes"] == outputs
        )
        if without.max() < 2 * chance(table):
            raise NotMeasured("without a softmax the network does not learn either")
        return {"": without - with_}

    return values


CLAIMS = [
    Claim(
        text="A softmax slows ResNet18 down on noise, as the author ran it",
        where="section 2",
        paper="rather slow, unclear why",
        quantity="mean train accuracy over all epochs, without minus with softmax; 1000 outputs, frozen batch norm",
        rule=Above(0.0),
        values=_softmax_slows("frozen_init", 1000),
        sweep=("figs1_ablation",),
    ),
    *(
        our_question(
            text=f"... with {words} outputs and live batch norm by more than .05",
            quantity=f"the same; {outputs} outputs, live batch norm",
            rule=Above(0.05),
            values=_softmax_slows("batch", outputs),
            sweep=("figs1_ablation",),
        )
        for words, outputs in (("1000", 1000), ("ten", 10))
    ),
]
