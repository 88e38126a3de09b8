"""Figure 2c: are larger sets easier to memorize, of noise and of images?"""

import pandas

from rotelab.claims.claim import Ask, Claim, Values
from rotelab.claims.questions import ease_per_doubling
from rotelab.claims.verdicts import Above, Below
from rotelab.experiments.gradient_splitting import fig2c
from rotelab.results.lines import plain


def _sizes(inputs: str, control: bool = False) -> Ask:
    def values(table: pandas.DataFrame) -> Values:
        shown = [line for line in fig2c.lines(table) if line.where["data/inputs"] == inputs]
        return ease_per_doubling(table, [plain(line) for line in shown] if control else shown)

    return values


CLAIMS = [
    Claim(
        text="Larger sets of noise are memorized more easily",
        where="section 2, Fig. 2c",
        paper="easier",
        recorded=".5 after 96, 60, 46, 38 epochs; 480, 600, 920, 1520 steps (corrected)",
        quantity="change of the mean train accuracy, over the same number of each unit, per doubling of the set",
        rule=Above(0.0),
        values=_sizes("gaussian_blend"),
        sweep=("fig2c",),
    ),
    Claim(
        text="Larger sets of images are memorized less easily",
        where="section 2, Fig. 2c",
        paper="harder",
        recorded=".35 after 89, 117, > 200 epochs (corrected)",
        quantity="the same, images",
        rule=Below(0.0),
        values=_sizes("clean"),
        sweep=("fig2c",),
    ),
    *(
        Claim(
            text=f"Plain training: larger sets of {what} are learned {how} easily",
            where="Fig. 2c, our control",
            paper="none",
            quantity="the same under Eq. (3)",
            rule=rule,
            values=_sizes(inputs, control=True),
            sweep=("fig2c",),
        )
        for what, how, inputs, rule in (
            ("noise", "more", "gaussian_blend", Above(0.0)),
            ("images", "less", "clean", Below(0.0)),
        )
    ),
]
