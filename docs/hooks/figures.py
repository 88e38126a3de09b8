"""A page for each figure, from its module, its sweeps and its results: what it shows, how it is read, what came out,
how it is made again and where it is written; and a page of all of them."""

import csv
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from rotelab.claims.claim import Answer, Claim, answer
from rotelab.experiments import catalogue
from rotelab.report import verdicts
from rotelab.report.rows import rows

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "docs" / "results"
SCALES = {
    "small": "CIFAR-10 from a JPEG copy, shrunk, on two cores",
    "demo": "the digits, in minutes",
}
"""Of which there may be a picture: the largest first."""
ABOVE = (
    "[All figures](../index.md), [what the paper says](../../experiments/{work}.md), "
    "[what came out](../../results/README.md)"
)
OF_RUNS = """
On the digits, in minutes of a CPU; on images of your own, or CIFAR-10 as a folder, in up to hours; at the paper's sizes
on a GPU:

```bash
make {name}
make {name} SCALE=small DATA=~/images
make {name} SCALE=paper ARGS="trainer=gpu precision=bf16 data.download=true"
```

The sweep alone, and what it would cost: `rotelab train sweep={sweep} scale=demo dry_run=true`. Any option of it can be
given, for instance `ARGS="axis.seeds=0"` for one seed; bf16 is faster on a GPU, and rounds products. On a cluster:
`ARGS="hydra/launcher=submitit_slurm"`, see [running](../../running.md).
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
    lines = [f"# {shows}", "", ABOVE.format(work=work), "", catalogue.read(name), ""]
    for picture in pictures(name):
        link = f"../../{_in_docs(picture)}"
        lines += [f"[![{shows}]({link})]({link})", f"*`{picture.parent.name}`: {SCALES[picture.parent.name]}*", ""]
    if not pictures(name):
        lines += ["No picture of it is kept: make one.", ""]
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
            lines += [f"    [![{catalogue.shows(name)}](../{_in_docs(shown[0])})]({name}.md)", ""] if shown else []
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
    kept = _kept(work)
    found = [row for claim in asked for row in kept.get(claim.text) or _now(work, claim)]
    return [
        "At `small`, or by arithmetic; *ours* is a mean with its 95 % interval over seeds, or why there is none.",
        "[What a verdict is](../../concepts.md#a-claim-gets-a-verdict).",
        "",
        *verdicts.table(found),
    ]


def _kept(work: str) -> dict[str, list[verdicts.Row]]:
    """Of each claim that was asked at small, its rows."""
    path = RESULTS / work / "small" / "claims.csv"
    if not path.exists():
        return {}
    with path.open() as file:
        found = list(csv.DictReader(file))
    return {claim: list(of) for claim, of in groupby(found, itemgetter("claim"))}


def _now(work: str, claim: Claim) -> list[dict[str, str]]:
    """Of a claim that was never asked at small, or needs no runs."""
    found = Answer(claim, {}, "never run at small") if claim.sweep else answer(claim, {}, "small")
    return rows({work: [found]}, "small")
