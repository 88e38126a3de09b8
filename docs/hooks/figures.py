"""A page for each figure, from its module, its sweeps and its results: what it shows, how it is read, what came out,
how it is made again and where it is written; and a page of all of them."""

import csv
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from rotelab.experiments import catalogue

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "docs" / "results"
SCALES = ("small", "small-32x32", "small-bf16", "demo")
"""Of which there may be a picture: the largest first."""
OF_RUNS = """
On the digits, in minutes of a CPU; on images of your own, or CIFAR-10 as a folder, in up to hours; at the paper's sizes
on a GPU:

```bash
make {name}
make {name} SCALE=small DATA=~/images
make {name} SCALE=paper ARGS="trainer=gpu precision=bf16 data.download=true"
```

The sweep alone, and what it would cost: `rotelab train sweep={sweep} scale=demo dry_run=true`. Any option of it can be
given: `ARGS="axis.seeds=0,1"`. On a cluster: `ARGS="hydra/launcher=submitit_slurm"`, see [running](../../running.md).
"""
EXACT = """
Arithmetic and small fits, without runs: minutes of a CPU at any scale.

```bash
make {name}
make {name} SCALE=small
```
"""


def on_files(files: Files, config: MkDocsConfig) -> Files:
    for name in catalogue.names():
        files.append(File.generated(config, f"figures/{name}.md", content=page(name)))
    files.append(File.generated(config, "figures/index.md", content=gallery()))
    return files


def pictures(name: str) -> list[Path]:
    """Of an experiment, those that were kept, the largest scale first."""
    work, _, own = name.partition("/")
    return [path for scale in SCALES if (path := RESULTS / work / scale / f"{own}.png").exists()]


def page(name: str) -> str:
    work, _, own = name.partition("/")
    shows = catalogue.shows(name).rstrip(".")
    lines = [f"# {shows}", "", catalogue.read(name), ""]
    for picture in pictures(name):
        lines += [f"![{shows}](../../{_in_docs(picture)})", f"*`{picture.parent.name}`*", ""]
    lines += ["## Make it again", _commands(name), "## What came out", "", *_claims(name), ""]
    lines += [
        "## Where it is written",
        "",
        f"- the figure: [{own}.py](../../files/src/rotelab/experiments/{name}.py.md)",
    ]
    lines += [f"- a sweep: [{sweep}](../../files/conf/sweep/{sweep}.yaml.md)" for sweep in catalogue.sweeps(name)]
    lines += [f"- the work: [{catalogue.work(work).title}](../../experiments/{work}.md)"]
    return "\n".join(lines) + "\n"


def gallery() -> str:
    lines = [
        "---",
        "title: Figures",
        "---",
        "",
        "# Figures",
        "",
        "A click on one says how it is read and made again.",
        "",
    ]
    for work in catalogue.works():
        lines += [f"## {catalogue.work(work).title}", "", '<div class="grid cards" markdown>', ""]
        for name in (name for name in catalogue.names() if name.startswith(f"{work}/")):
            shown = pictures(name)
            lines += [f"-   [{catalogue.shows(name)}]({name}.md)", ""]
            lines += [f"    [![](../{_in_docs(shown[0])})]({name}.md)", ""] if shown else []
        lines += ["</div>", ""]
    return "\n".join(lines)


def _in_docs(path: Path) -> str:
    return path.relative_to(ROOT / "docs").as_posix()


def _commands(name: str) -> str:
    if sweeps := catalogue.sweeps(name):
        return OF_RUNS.format(name=name, sweep=sweeps[0])
    return EXACT.format(name=name)


def _claims(name: str) -> list[str]:
    """The claims that are asked of its sweeps, or that go by its name, with their verdicts at small."""
    work = name.partition("/")[0]
    sweeps = {sweep.partition("/")[2] for sweep in catalogue.sweeps(name)}
    asked = [claim for claim in catalogue.claims(work) if sweeps & set(claim.sweep)] or catalogue.claims_of(name)
    if not asked:
        return ["No claim is asked of it."]
    verdicts = _verdicts(work)
    head = ["| claim | holds if | verdict at `small` |", "| --- | --- | --- |"]
    return head + [
        f"| {_cell(claim.text)} | {_cell(claim.rule)} | {verdicts.get(claim.text, 'not asked')} |" for claim in asked
    ]


def _verdicts(work: str) -> dict[str, str]:
    table = RESULTS / work / "small" / "claims.csv"
    if not table.exists():
        return {}
    with table.open() as file:
        return {row["claim"]: row["verdict"] for row in csv.DictReader(file)}


def _cell(value: object) -> str:
    return str(value).replace("|", "/")
