"""The gap against measures."""

import gaps
import numpy

from rotelab.experiments.generalization_measures import against


def test_a_panel_a_measure_and_a_colour_a_share() -> None:
    table = gaps.networks({"path_norm": gaps.rising, "adaptive_sharpness": gaps.falling}, seeds=(0, 1))
    panels = [panel for panel in against.draw(table).axes if panel.axison]
    assert [panel.get_xlabel().partition(",")[0] for panel in panels] == ["params", "path_norm", "adaptive_sharpness"]
    for panel in panels:
        assert [line.get_label() for line in panel.lines] == [f"{share}% wrong labels" for share in (0, 20, 40)]
        assert [numpy.size(line.get_xdata()) for line in panel.lines] == [8, 8, 8]
    assert [panel.get_xscale() for panel in panels] == ["log", "log", "linear"]
    assert against.summary(table).startswith("gap from 0.100 to 0.341")
