"""Which networks a run has kept, and that a file says of which run it is."""

from pathlib import Path

import pytest
from finished import write_finished
from kept import ABOUT
from kept import write_network as keep

from rotelab.errors import InputError
from rotelab.results import files, networks, record


def test_the_network_of_the_end_or_of_an_epoch_is_found(tmp_path: Path) -> None:
    last, first = keep(tmp_path), keep(tmp_path, 1, ABOUT | {"epoch": 1})
    assert networks.find(tmp_path) == (last, ABOUT)
    assert networks.find(tmp_path, 1) == (first, ABOUT | {"epoch": 1})
    assert networks.find(tmp_path, 3) == (last, ABOUT), "the last epoch"


@pytest.mark.parametrize(
    ("kept", "epoch", "words"),
    [
        ([], None, "holds no network.safetensors: a run keeps its network where it is trained with save=true"),
        ([10, 100], None, "holds no network.safetensors: there is network-10.safetensors, network-100.safetensors"),
        ([None], 2, "holds no network-2.safetensors: there is network.safetensors"),
    ],
)
def test_what_is_not_there_is_a_sentence(kept: list[int | None], epoch: int | None, words: str, tmp_path: Path) -> None:
    for of in kept:
        keep(tmp_path, of)
    with pytest.raises(InputError, match=words):
        networks.find(tmp_path, epoch)
    with pytest.raises(InputError, match=r"holds no network.safetensors"):
        networks.find(tmp_path / "nowhere")
    files.write_runs(tmp_path, ["split-1"])
    with pytest.raises(InputError, match=r"it is the folder of a sweep"):
        networks.find(tmp_path, 7)


def test_a_damaged_file_is_a_sentence(tmp_path: Path) -> None:
    path = keep(tmp_path)
    whole = path.read_bytes()
    others = keep(tmp_path / "other", about={"run": "of another program"}).read_bytes()
    for content in (b"", whole[:20], whole[:-1], b"{}" + whole[2:], others):
        path.write_bytes(content)
        with pytest.raises(InputError, match=f"{path} is no network that a run has kept whole"):
            networks.find(tmp_path)


def test_what_has_finished_without_a_network_is_not_trained_again(tmp_path: Path) -> None:
    """Of 3 epochs."""
    run = tmp_path / "split-1"
    networks.check_kept(run, [None, 1])  # it has not finished
    write_finished(run)
    networks.check_kept(run, [])
    keep(run, 1)
    networks.check_kept(run, [1, 4])  # there was no epoch 4
    for wanted, missing in (([None, 1], "network.safetensors"), ([0, 3, 4], "network-0.safetensors, network-3.safet")):
        with pytest.raises(InputError, match=f"has finished without {missing}.*move that folder away"):
            networks.check_kept(run, wanted)


def test_a_twin_is_copied_with_the_networks_that_are_wanted(tmp_path: Path) -> None:
    bare, whole, run = (tmp_path / sweep / "split-1" for sweep in ("a", "b", "c"))
    for of in (bare, whole):
        write_finished(of)
    kept = [keep(whole), keep(whole, 1), keep(whole, 2)]
    assert networks.twin(run, ()) == bare
    assert networks.twin(run, (None, 1, 9)) == whole
    assert networks.twin(run, (None, 3)) is None
    run.mkdir(parents=True)
    assert record.adopt(run, {}, (None, 3)) is None and not list(run.iterdir())
    assert record.adopt(run, {}, (None, 1, 9)) == whole
    assert files.finished(run)
    assert sorted(run.glob("*.safetensors*")) == [run / kept[1].name, run / kept[0].name]
    assert all((run / path.name).read_bytes() == path.read_bytes() for path in kept[:2])


def test_a_network_is_copied_before_the_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that has finished has what it was asked for, whatever kills the process."""
    twin, run = tmp_path / "a" / "split-1", tmp_path / "b" / "split-1"
    write_finished(twin)
    keep(twin)
    run.mkdir(parents=True)
    monkeypatch.setattr(networks, "write", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        record.adopt(run, {}, [None])
    assert not files.finished(run)
