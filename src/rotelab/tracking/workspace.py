"""A dashboard of W&B as code: what of a work's runs is shown, and how, for ``wandb-workspaces``."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from rotelab.data.splits import NAMES as SPLITS
from rotelab.errors import InputError
from rotelab.results.record import LEVELS
from rotelab.tracking.described import COUNTED
from rotelab.tracking.ratios import SIZE


@dataclass(frozen=True)
class Shown:
    """What there is to show of a work: the ``metrics`` of its runs, the ``ratios`` that an export tells of its sweeps,
    and the names of the ``figures`` that it draws."""

    metrics: Collection[str]
    ratios: Collection[str]
    figures: Collection[str]


def workspace(work: str, shown: Shown, entity: str, project: str) -> Any:
    """The ``Workspace`` of a work: accuracies by epoch, mean and range of each objective's runs; epochs, steps and
    images to each level; how these are to plain training by size; coherence; and the verdicts of its claims.

    Raises InputError where wandb-workspaces is not installed.
    """
    try:
        import wandb_workspaces.reports.v2 as panels
        import wandb_workspaces.workspaces as workspaces
    except ImportError:
        raise InputError("a dashboard needs wandb-workspaces: pip install 'rotelab[dashboard]'") from None
    grouped: dict[str, Any] = {
        "groupby": panels.Config("objective"),
        "groupby_aggfunc": "mean",
        "groupby_rangefunc": "minmax",
    }

    def by_epoch(metric: str, **more: Any) -> Any:
        return panels.LinePlot(title=metric, x="epoch", y=[metric], title_x="epochs", log_x=True, **grouped, **more)

    accuracies = [by_epoch(f"accuracy/{split}", range_y=(0, 1)) for split in SPLITS]
    difficulty = [
        panels.BarPlot(
            title=f"{unit} to a train accuracy, of ten classes", metrics=_levels(unit), orientation="v", **grouped
        )
        for unit in COUNTED
    ]
    ratios = [
        panels.LinePlot(
            title=f"{unit} of an objective over those of plain training",
            x=SIZE,
            y=[*(name for name in sorted(shown.ratios) if name.endswith(tuple(_levels(unit))))],
            title_x="images to train on",
            log_x=True,
            log_y=True,
        )
        for unit in COUNTED
    ]
    coherence = [
        by_epoch(name) for name in sorted(shown.metrics) if name.startswith(("coherence_r/", "coherence_alpha/"))
    ]
    claims = [panels.WeavePanelSummaryTable(table_name="claims")]
    figures = [panels.MediaBrowser(title=name, media_keys=[f"figures/{name}"]) for name in sorted(shown.figures)]
    sections: Any = {
        "Accuracy": accuracies,
        "Difficulty": difficulty,
        "Ratio against size": ratios if shown.ratios else [],
        "Coherence": coherence,
        "Claims": [*claims, *figures],
    }
    ours = workspaces.Metric("JobType") == work, workspaces.Config("work") == work  # its runs, and those of its claims
    return workspaces.Workspace(
        entity=entity,
        project=project,
        name=work.replace("_", " "),
        sections=[workspaces.Section(name=name, panels=of, is_open=True) for name, of in sections.items() if of],
        runset_settings=workspaces.RunsetSettings(filters=workspaces.Or(*ours)),
    )


def _levels(unit: str) -> list[Any]:
    return [f"{unit}_to/{level}" for level in LEVELS]


def specification(workspace: Any) -> str:
    """What W&B keeps of it, as JSON."""
    return workspace._to_model().spec.model_dump_json(by_alias=True, exclude_none=True, indent=1)
