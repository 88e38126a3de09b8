"""What larger images, and more of them, take under good settings."""

import drawn
import pandas
import pytest
from conditioned import made
from tables import together

from rotelab.experiments.gradient_splitting.conditioning_sizes import EXPERIMENT


def everything() -> pandas.DataFrame:
    """More pixels take Eq. (1) twice as long, more images do not."""
    cells = {(side, size): 20 * side // 8 for side in (8, 16) for size in (512, 1280)}
    return together(
        *(made({"good": epochs}, of={"data.side": side, "data.size": size}) for (side, size), epochs in cells.items())
    )


def test_a_row_a_size() -> None:
    epochs, _ = EXPERIMENT.draw(everything(), None).axes
    labels = [tick.get_text() for tick in epochs.get_yticklabels()]
    assert labels == [f"{side}x{side}, {size} images" for side in (16, 8) for size in ("1,280", "512")]
    assert sorted(value for line in epochs.lines for value in drawn.xs(line)) == [*[10.5] * 4, 20.5, 20.5, 40.5, 40.5]


def test_the_summary() -> None:
    lines = EXPERIMENT.summary(everything(), None).splitlines()
    assert lines[0] == "8x8, 512 images:"
    assert lines[-1] == "  to 0.9: 3.7 to 4.0 times the epochs and optimizer steps, 7.5 to 8.0 times the images"


def test_missing_runs_are_a_sentence() -> None:
    table = everything()
    with pytest.raises(ValueError, match=r"conditioning_sizes, which name data\.size"):
        EXPERIMENT.draw(table.drop(columns="data.size"), None)
    with pytest.raises(ValueError, match="every line needs the same seeds"):
        EXPERIMENT.draw(table[(table.seed > 0) | (table["data.side"] == 8)], None)
