"""The tables of claims: a row a claim, whatever there is."""

import csv
import io
from pathlib import Path

import pandas
import pytest
from command import run
from tables import constant, runs, together

from rotelab.claims.claim import CHECK, CLAIM, EXACT, Answer
from rotelab.claims.samples import Mean
from rotelab.claims.verdicts import DEPENDS, FAILS, HOLDS, NOT_MEASURED, UNDECIDED
from rotelab.experiments import catalogue
from rotelab.report import claims, verdicts

OF_ONE_KIND = ("coherent_gradients", "benign_overfitting")
VERDICTS = {HOLDS, FAILS, UNDECIDED, DEPENDS, NOT_MEASURED}


@pytest.fixture(scope="module")
def answers() -> dict[str, list[Answer]]:
    """Of one sweep of each work: fig2a, in which noise is memorized more easily, early_stopping, fig4, and a ranking
    and widths that are none."""
    tables = [
        runs({"objective": "threshold", "data/inputs": inputs}, {"accuracy/train": constant(value, spread=0.01)})
        for inputs, value in (("gaussian_blend", 0.9), ("clean", 0.3))
    ]
    stopped = runs({"network": "inception"}, {"accuracy/train": constant(0.5), "accuracy/held_out": constant(0.5)})
    wrong = runs({"aggregator": "mean"}, {"accuracy/train_corrupted": constant(0.95)})
    found: claims.Tables = {work: {} for work in catalogue.works()} | {
        "architecture": {"bias": wrong},
        "coherent_gradients": {"fig4": wrong},
        "distribution_shift": {"line": wrong},
        "double_descent": {"width": wrong},
        "flat_minima": {"sharpness": wrong},
        "increasing_complexity": {"explained": wrong},
        "initialization": {"normalization": wrong},
        "latent_generalization": {"probes": wrong, "wrong_labels": wrong},
        "frozen_networks": {"widths": wrong},
        "lottery_tickets": {"tickets": wrong},
        "generalization_measures": {"ranking": wrong},
        "gradient_splitting": {"fig2a": together(*tables)},
        "randomization_tests": {"early_stopping": stopped},
    }
    return claims.answered(found, "small")


@pytest.mark.slow
def test_the_csv_has_rows_of_every_claim(answers: dict[str, list[Answer]]) -> None:
    """A row a claim and unit, and one for what was not measured."""
    read = list(csv.DictReader(io.StringIO(claims.as_csv(answers, "small"))))
    for name in catalogue.works():
        of = [row["claim"] for row in read if row["work"] == name]
        assert list(dict.fromkeys(of)) == [claim.text for claim in catalogue.claims(name)]
    assert {row["scale"] for row in read} == {"small"}
    by_seed = {(name, claim.text) for name in catalogue.works() for claim in catalogue.claims(name) if claim.by_seed}
    assert (
        {row["verdict"] for row in read if (row["work"], row["claim"]) not in by_seed}
        == {HOLDS, NOT_MEASURED}
        < VERDICTS
    )
    assert {row["verdict"] for row in read} <= VERDICTS
    (noise,) = (row for row in read if row["where"] == "section 2, Fig. 2a")
    assert [noise[name] for name in ("verdict", "rule", "mean", "low", "high")] == [
        HOLDS,
        "above 0",
        "0.6",
        "0.6",
        "0.6",
    ]
    assert (noise["seeds"], noise["note"]) == ("2", "")
    for row in read:
        assert bool(row["mean"]) != bool(row["note"])  # the number, or why there is none
        assert bool(row["note"]) == (row["verdict"] == NOT_MEASURED)


@pytest.mark.slow
def test_the_csv_has_a_row_a_unit(answers: dict[str, list[Answer]]) -> None:
    samples = {unit: Mean((mean,) * 3) for unit, mean in (("epochs", 0.5), ("optimizer steps", -0.25))}
    claim = next(found.claim for found in answers["gradient_splitting"] if found.claim.sweep == ("fig2c",))
    text = claims.as_csv({"gradient_splitting": [Answer(claim, samples)]}, "small")
    read = list(csv.DictReader(io.StringIO(text)))
    assert [(row["unit"], row["mean"], row["verdict"], row["values"]) for row in read] == [
        ("epochs", "0.5", DEPENDS, "0.5 0.5 0.5"),
        ("optimizer steps", "-0.25", DEPENDS, "-0.25 -0.25 -0.25"),
    ]


@pytest.mark.slow
def test_the_csv_has_every_digit_of_a_count(answers: dict[str, list[Answer]]) -> None:
    read = list(csv.DictReader(io.StringIO(claims.as_csv(answers, "small"))))
    (inception,) = (row for row in read if row["claim"] == "Inception has 1,649,402 parameters")
    assert (inception["mean"], inception["rule"]) == ("1649402", "exactly 1,649,402")


@pytest.mark.slow
def test_the_markdown_has_a_row_a_claim_and_a_table_a_kind(answers: dict[str, list[Answer]]) -> None:
    text = claims.markdown(answers, "small", "On what it was run.")
    assert text.startswith("# The papers' claims at `scale=small`\n\nOn what it was run.\n")
    head, *parts = text.split("\n## ")
    assert "|" not in head
    assert len(parts) == len(catalogue.works())
    for part, name in zip(parts, catalogue.works(), strict=True):
        work, of = catalogue.work(name), catalogue.claims(name)
        assert part.startswith(f"{work.title}\n\n{work.seeds}\n")
        lines = [line for line in part.splitlines() if line.startswith("|")]
        kinds = [kind for kind in (CLAIM, CHECK, EXACT) if any(claim.kind == kind for claim in of)]
        in_order = [claim.text for kind in kinds for claim in of if claim.kind == kind]
        rows = [line for line in lines if not line.startswith(("| claim |", "| --- |"))]
        assert [row.split("<br>")[0] for row in rows] == [f"| {text}" for text in in_order]
        assert len(lines) == len(rows) + 2 * len(kinds)
        assert {line.count("|") for line in lines} == {len(verdicts.HEADER) + 1}


@pytest.mark.slow
def test_checks_and_arithmetic_are_no_verdicts(answers: dict[str, list[Answer]]) -> None:
    """Of coherent gradients SGD alone was measured, which is a check; of the exact work there is arithmetic."""
    text = claims.markdown(answers, "small")
    sgd, exact = (text.partition(f"## {catalogue.work(name).title}")[2].partition("\n## ")[0] for name in OF_ONE_KIND)
    assert "\nVerdicts: 0; decided: 0;" in sgd
    assert sgd.index("**Checks of the set-up.**") < sgd.index("| SGD learns the wrong labels as well")
    assert "Verdicts:" not in exact and "**Arithmetic**" in exact


@pytest.mark.slow
def test_a_work_without_a_finished_run_is_a_line() -> None:
    fig2a = runs({"objective": "threshold", "data/inputs": "clean"}, {"accuracy/train": constant(0.5)})
    tables = {work: {"fig2a": fig2a} if work == "gradient_splitting" else {} for work in catalogue.works()}
    answered = claims.answered(tables, "small")
    assert list(answered) == catalogue.works()
    _, part = claims.markdown(answered, "small").split(f"## {catalogue.work('coherent_gradients').title}")
    (line,) = part.split("## ")[0].strip().splitlines()
    first, *_ = of_work = catalogue.claims("coherent_gradients")
    count, (sweep, *_) = len(of_work), first.sweep
    assert line.startswith(f"not measured: {count} of {count} claims: no finished run of sweep={sweep} (")


@pytest.mark.slow
def test_works_that_were_not_asked_are_named(tmp_path: Path) -> None:
    (tmp_path / "grokking_modular_addition-demo").mkdir()
    code, out, err = run(str(tmp_path), "--scale", "demo", module="rotelab.report.claims")
    assert (code, err) == (0, "")
    (line,) = (line for line in out.splitlines() if line.startswith("neither a sweep nor a figure at scale=demo: "))
    titles = [catalogue.work(name).title for name in catalogue.works() if name != "grokking"]
    assert line.partition(": ")[2] == ", ".join(titles)
    assert "## " + catalogue.work("grokking").title in (tmp_path / "claims.md").read_text()


@pytest.mark.slow
def test_arithmetic_stays_without_a_finished_run() -> None:
    answered = claims.answered({work: {} for work in catalogue.works()}, "small")
    _, part = claims.markdown(answered, "small").split(f"## {catalogue.work('double_descent').title}")
    of_work = catalogue.claims("double_descent")
    exact = [of for of in of_work if not of.sweep]
    first, *rest = part.split("\n## ")[0].strip().splitlines()
    assert first.startswith(f"not measured: {len(of_work) - len(exact)} of {len(of_work)} claims")
    heads = 2 * len({of.kind for of in exact})  # arithmetic, and small fits
    assert len([line for line in rest if line.startswith("| ")]) == heads + len(exact)


@pytest.mark.slow
def test_what_is_measured_has_no_line(answers: dict[str, list[Answer]]) -> None:
    measured = [found for of_work in answers.values() for found in of_work if found.intervals]
    assert claims.unmeasured(measured) == ""
    assert claims.unmeasured([]) == ""


def test_an_empty_folder_is_one_sentence(tmp_path: Path) -> None:
    code, out, err = run(str(tmp_path), "--scale", "demo", module="rotelab.report.claims")
    assert (code, out) == (1, "")
    assert err == f"rotelab: {tmp_path}: no sweep and no figure at scale=demo\n"
    assert not list(tmp_path.iterdir())


def test_sweeps_of_the_scale_are_loaded_and_no_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there = {
        "gradient_splitting_fig1-demo",
        "gradient_splitting_fig2b-demo",
        "randomization_tests_fig1a-demo",
        "unknown-demo",
    }
    there |= {"gradient_splitting_fig2a-small"}

    def load(folder: Path) -> pandas.DataFrame:
        assert folder.parent == tmp_path
        if folder.name not in there:
            raise FileNotFoundError(folder)
        return pandas.DataFrame({"folder": [folder.name]})

    for name in (*there, "max_margin_decay-demo", "grokking_wait-small"):
        (tmp_path / name).mkdir()
    monkeypatch.setattr(claims.table, "load_sweep", load)
    assert {work: set(of) for work, of in claims.load(tmp_path, "demo").items()} == {
        "gradient_splitting": {"fig1", "fig2b"},
        "max_margin": set(),  # a figure without runs
        "randomization_tests": {"fig1a"},
    }
