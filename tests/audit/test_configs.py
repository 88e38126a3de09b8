"""What the command line of an audit stands for."""

from pathlib import Path

import pytest
from layouts import as_csv, as_folders, pictures

from rotelab.audit.configs import configs, data
from rotelab.errors import InputError


def test_sets_by_name_and_images_in_any_layout(tmp_path: Path) -> None:
    assert data("digits") == ["data=digits"]
    assert data("cifar10") == ["data=cifar10", "data.side=32"]
    folders = data(str(as_folders(tmp_path / "a", pictures())))
    assert folders[0] == "data=image_folder" and folders[2:] == ["data.on_bad_image=skip", "data.side=32"]
    assert data(str(as_csv(tmp_path / "b", pictures())))[0] == "data=csv"
    with pytest.raises(InputError, match="there is no folder or file"):
        data(str(tmp_path / "nothing"))


def test_networks_of_both_kinds() -> None:
    looking, memorizing = configs("digits", "mlp", ["model.widths=[16]", "trainer.threads=2"])
    assert looking.model.widths == memorizing.model.widths == [16]
    assert not looking.model.softmax and memorizing.model.softmax
    assert looking.model.init == "default" and memorizing.model.init == "he"
    assert looking.trainer.threads == 2


def test_what_was_given_counts() -> None:
    looking, _ = configs("digits", "mlp", ["model.softmax=true", "data.side=4"])
    assert looking.model.softmax and looking.data.side == 4


@pytest.mark.parametrize("option", ["objective=split", "stop.max_epochs=3", "sweep=fig1"])
def test_what_an_audit_chooses_itself_is_refused(option: str) -> None:
    with pytest.raises(InputError, match="an audit takes options of"):
        configs("digits", "mlp", [option])
