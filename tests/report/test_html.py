"""The page of a report: what it holds, that nothing of a name becomes markup, and how large it is."""

import json
import re
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from reporting import HOSTILE, write_sweep

from rotelab.errors import InputError
from rotelab.report import html
from rotelab.results import files
from rotelab.results.states import DEAD, FAILED, FINISHED, LEFT


class Found(HTMLParser):
    """Tags with their attributes, and texts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def ids(self) -> list[str]:
        return [name for _, attributes in self.tags if (name := attributes.get("id"))]


@pytest.fixture(scope="module")
def sweep(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("results") / "<script>alert(2)<"
    write_sweep(folder, folder=f"/images/{HOSTILE}")
    return folder


@pytest.fixture(scope="module")
def page(sweep: Path) -> str:
    return html.report(sweep)


def data(page: str) -> dict:
    (found,) = re.findall(r'<script type="application/json" class="sweep">(.*?)</script>', page)
    return json.loads(found)


def test_runs_have_their_settings_states_and_commands(page: str, sweep: Path) -> None:
    found = Found(page)
    for run in files.runs(sweep):
        assert run in found.texts
    for state in (FINISHED, DEAD, FAILED, LEFT):
        assert state in found.texts
    assert "12 runs: 9 finished, 1 dead, 1 failed, 1 left" in " ".join(found.texts)
    command = next(text for text in found.texts if text.startswith("rotelab train objective=standard"))
    assert "'model.widths=[16]'" in command and "stop.max_epochs=40" in command


def test_no_name_becomes_markup(page: str) -> None:
    found = Found(page)
    assert [attributes.get("type") for tag, attributes in found.tags if tag == "script"] == ["application/json", None]
    texts = " ".join(found.texts)
    assert f"the disk is full of {HOSTILE}" in texts  # of the failed run
    assert f"/images/{HOSTILE}" in texts.replace('\\"', '"')  # of the commands
    assert "<script>alert(2)<" in texts and "alert(2)" not in "".join(re.findall(r"<script.*?</script>", page, re.S))


def test_the_data_of_the_script_are_escaped(sweep: Path, tmp_path: Path) -> None:
    """Also where a value that is varied ends a script."""
    hostile = tmp_path / "sweep"
    write_sweep(hostile, seeds=1)
    first, second = files.runs(hostile)[:2]
    for run, model in ((first, "</script><script>alert(3)</script>"), (second, "mlp")):
        path = hostile / run / files.RESULT
        path.write_text(
            json.dumps(
                json.loads(path.read_text()) | {"choices": {"objective": "split", "model": model, "data": "digits"}}
            )
        )
    page = html.report(hostile)
    assert len(re.findall("<script", page)) == 2
    assert any("</script><script>alert(3)" in label for label in data(page)["groups"])


def test_the_curves_are_those_of_the_files(page: str, sweep: Path) -> None:
    found, runs = data(page), files.runs(sweep)
    assert len(found["runs"]) == 12 and len(found["groups"]) == 4 and found["chance"] == 0.1
    assert len(found["curves"]) == 10 and {curve["r"] for curve in found["curves"]} == set(range(10))
    curve = next(curve for curve in found["curves"] if curve["r"] == 0)
    axis, values = curve["y"]["accuracy/train"]
    place, steps, images = found["axes"][axis]
    assert found["lists"][place] == [0, 1, 2, 5, 10, 20] and (steps, images) == (10, 640)
    written = [line.split(",") for line in (sweep / runs[0] / files.CURVE).read_text().splitlines()]
    expected = [float(row[-1]) for row in written if row[3:5] == ["train", "accuracy"]]
    assert values == pytest.approx(expected, rel=5e-3)
    assert found["runs"][9].get("d") == 1 and not found["runs"][0].get("d")


def test_links_lead_into_the_page_and_nothing_leaves_it(page: str) -> None:
    found = Found(page)
    ids = found.ids()
    assert len(ids) == len(set(ids))
    for _, attributes in found.tags:
        for name in ("href", "src", "action", "srcset", "poster"):
            to = attributes.get(name)
            assert to is None or to.startswith("data:") or to.removeprefix("#") in ids
    assert not re.search(r"url\(|@import|fetch\(|XMLHttpRequest|import\(", page)
    policy = next(attributes["content"] for _, attributes in found.tags if attributes.get("http-equiv"))
    assert policy and policy.startswith("default-src 'none'")


def test_what_is_drawn_is_said_in_words(page: str) -> None:
    found = Found(page)
    assert [of for tag, of in found.tags if tag == "svg" and of.get("role") != "img"] == []
    heads = [of for tag, of in found.tags if tag == "th"]
    assert heads and all(of.get("scope") == "col" for of in heads)
    assert "The last accuracies of each line, means over its seeds" in found.texts


@pytest.mark.slow
def test_several_sweeps_have_an_index(sweep: Path, tmp_path: Path) -> None:
    for name in ("gradient_splitting_fig1-smoke", "own"):
        write_sweep(tmp_path / name, seeds=1)
    page = html.report(tmp_path)
    found = Found(page)
    for name in ("gradient_splitting_fig1-smoke", "own"):
        assert found.texts.count(name) == 2  # in the index and above its section
    assert "2 sweeps, 8 runs: 2 finished, 2 dead, 2 failed, 2 left" in " ".join(found.texts)
    assert found.texts.count("Claims") == 2  # of the sweep of ours alone
    assert "rotelab train sweep=gradient_splitting/fig1 scale=smoke" in found.texts


def test_what_is_no_results_folder_is_refused(sweep: Path, tmp_path: Path) -> None:
    for folder, words in (
        (tmp_path, "holds no runs"),
        (tmp_path / "none", "there is no such folder"),
        (sweep / files.runs(sweep)[0], "is a run"),
    ):
        with pytest.raises(InputError, match=words):
            html.report(folder)


def test_the_command_writes_the_page_in_a_line(
    sweep: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["rotelab report", str(sweep)])
    html.main()
    assert capsys.readouterr().out == f"the page: {sweep / 'report.html'}\n"
    assert (sweep / "report.html").read_text().startswith("<!DOCTYPE html>")
    monkeypatch.setattr(sys, "argv", ["rotelab report", str(tmp_path), "--out", str(tmp_path / "a" / "b.html")])
    with pytest.raises(SystemExit) as end:
        html.main()
    assert end.value.code == 2 and capsys.readouterr().err == f"rotelab: {tmp_path} holds no runs\n"
    assert not (tmp_path / "a").exists()


def test_no_run_has_finished(tmp_path: Path) -> None:
    write_sweep(tmp_path / "sweep", seeds=1)
    for run in files.runs(tmp_path / "sweep"):
        (tmp_path / "sweep" / run / files.RESULT).unlink(missing_ok=True)
    found = Found(html.report(tmp_path / "sweep"))
    assert "Curves" not in found.texts and "Provenance" not in found.texts
    assert "standard" in found.texts and "interrupted" in found.texts


@pytest.mark.slow
def test_two_hundred_runs_are_300_kilobytes(tmp_path: Path) -> None:
    write_sweep(tmp_path / "sweep", seeds=50, epochs=range(0, 1500, 10))
    page = html.report(tmp_path / "sweep")
    assert 150_000 < len(page.encode()) <= html.MOST
