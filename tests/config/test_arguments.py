"""What a command line may not say is refused in one line that begins with it; the rest passes."""

import re
from pathlib import Path

import pytest
from composing import composed
from omegaconf import OmegaConf

from rotelab.config import arguments, choices, schema
from rotelab.errors import InputError


@pytest.mark.parametrize(
    "given",
    [
        "hydra.run.dir=.",
        "hydra.sweep.dir=/tmp/x",
        "hydra.sweep.subdir='seed${seed}'",
        "hydra.sweep.subdir=../../x",
        " hydra.run.dir=x",
        "hydra.callbacks.start=null",
        "hydra/callbacks=none",
        "hydra.output_subdir=.hydra",
        "hydra.job.chdir=true",
        "hydra.job.name=x",
        "hydra.searchpath=[file:///tmp]",
        "hydra/output=default",
        "hydra/sweeper=basic",
        "hydra.sweeper.params={objective:'../x'}",
        "hydra.mode=MULTIRUN",
        "hydra.launcher._target_=os.system",
        "hydra={}",
        "hydra/launcher=../x",
        "objective@hydra.callbacks=split",
        "objective=../objective/split",
        "objective=/objective/split",
        "objective=split.yaml",
        "objective=standard,../objective/split",
        "objective=choice(standard,'../objective/split')",
        "objective={_target_:os.system}",
        "measure=[coherence,../measure/coherence]",
        "measure=[coherence],[../measure/coherence]",
        "measure=[]",
        "logger=[]",
        "logger=[],[csv]",
        "model=[]",
        "data/split=${oc.env:HOME}",
        "sweep=base/fig2",
        "scale=null",
        "model._target_=os.system",
        "+new_key=1",
        "++seed=1",
        "~seed",
        "axis.seeds=0,1",
        "axis.seeds=range(3)",
        "",
        "seed",
        "--experimental-rerun=config.pickle",
        "--experimental-re=config.pickle",
        "--config-dir=/tmp",
        "--config-name=other",
        "--config-path=/tmp",
        "--shell-completion",
        "--unknown",
    ],
)
def test_what_is_refused(given: str) -> None:
    with pytest.raises(InputError) as caught:
        arguments.check([given])
    assert "\n" not in str(caught.value)
    assert given.strip(" ~-").split("=")[0].split("@")[0][:9] in str(caught.value)


@pytest.mark.parametrize(
    "given",
    [
        ["-m", "objective=threshold,split", "objective.k=0.1,0.2", "seed=range(0,3)"],
        ["--multirun", "objective=glob(*)", "hydra/launcher=submitit_slurm", "hydra.launcher.timeout_min=5"],
        ["hydra.verbose=true", "measure=[coherence,agreement]"],
        ["data/inputs=chain", "data/inputs@data.inputs.first=shuffled_pixels"],
        ["data.folder='/home/müller'", "results=${oc.env:HOME}/results"],
        ["--cfg", "job", "--resolve", "--package", "data"],
        ["--info", "defaults"],
        ["--help"],
        ["--hydra-help"],
    ],
)
def test_what_has_a_use_passes(given: list[str]) -> None:
    arguments.check(given)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["-cd=/tmp"], "--config-dir"),
        (["objective=slpit"], "did you mean split?"),
        (["data/splt=halves"], "did you mean data/split?"),
        (["data.split=halves"], "data/split=halves"),
        (["data/inputs=nothing_like_it"], "there are blurred, chain, clean, gaussian"),
        (["data.folder=/home/müller"], """'data.folder="/home/müller"'"""),
        (["data.folder=it's"], "quotes"),
        (["optimizer.lr=1e-3;1e-4"], "commas between the values of a sweep"),
        (["results=a", "results=b"], "results is given twice (with make it is given by RESULTS="),
        (["data.folder=a", "data.folder=b"], "DATA="),
        (["seed=1", "seed=2"], "seed is given twice"),
        (["-m", "seed=range(5,0)"], "seed=range(5,0): a range has to hold 1"),
        (["-m", "seed=range(0,5,0)"], "seed=range(0,5,0): a range has to hold 1"),
        (["-m", "seed=range(0,1e12)"], "seed=range(0,1e12): a range has to hold 1"),
        (["-m", "seed=interval(0,5)"], "seed=interval(0,5): a sweep needs single values"),
        (["seed=1", "-m"], None),
        (["seed=1", "-m", "seed=2"], "flags such as -m come before"),
    ],
)
def test_what_is_said_instead(given: list[str], words: str | None) -> None:
    if words is None:
        return arguments.check(given)
    with pytest.raises(InputError) as caught:
        arguments.check(given)
    assert words in str(caught.value)


def test_save_is_short_for_the_network_of_the_end() -> None:
    assert arguments.expanded("save=true") == "save.last=true"
    for text in ("save.last=true", "save.epochs=[0,10]", "save={last:true,epochs:[1]}"):
        assert arguments.expanded(text) == text
    given = ["save=true", "save.epochs=[0,10]"]
    for texts in (given, given[::-1]):
        found = schema.check(composed(*map(arguments.expanded, texts))).save
        assert found.wanted == (None, 0, 10)
    assert schema.check(composed("save.epochs=[3,3]")).save.wanted == (3,)


def test_home_is_expanded_where_a_shell_leaves_it() -> None:
    assert arguments.expanded("data.folder=~/images") == f"data.folder={Path.home()}/images"
    assert arguments.expanded("model.widths=[~]") == "model.widths=[~]"


def test_an_option_is_known_by_the_choices_that_have_it() -> None:
    assert choices.owners("objective", "k") == ["threshold"]
    assert choices.owners("data/inputs", "noise") == ["gaussian_blend"]
    assert choices.owners("measure", "coherence") == ["coherence"]
    assert choices.owners("nowhere", "k") == []
    assert choices.of("objective")[0] == "split"
    assert choices.of("../conf/objective") == []


def test_a_sweep_of_ones_own_is_named_by_what_it_varies() -> None:
    given = ["-m", "seed=0,1", "optimizer.lr=1e-3,2e-3"]
    flag, name, *rest = arguments.named(given)
    assert (flag, rest) == (given[0], given[1:])
    assert re.fullmatch("name=sweep-[0-9a-f]{6}", name)
    assert arguments.named(["--multirun", *given[:0:-1]])[1] == name
    observed = [
        "dry_run=true",
        "trainer.threads=1",
        "trainer=cpu",
        "results=/tmp",
        "logger=wandb",
        "data.storage=stream",
        "draw=false",
        "hydra/launcher=joblib",
        "hydra.launcher.n_jobs=2",
        "hydra.verbose=true",
    ]
    assert arguments.named([*given[1:], *observed, "-m"])[0] == name
    for another in ("data.folder=/tmp", "scale=demo", "axis.seeds=1", "objective=split", "model.softmax=false"):
        assert arguments.named([*given, another])[1] != name


@pytest.mark.parametrize(
    "same",
    [
        ["seed=0,1", "seed=0, 1", "seed=1,0", "seed='0','1'", 'seed="0",1', "seed=range(0,2)", "seed=choice(0,1.0)"],
        ["seed=shuffle(0,1,2,3,4,5,6,7)", "seed=shuffle(range(0,8))", "seed=sort(7,6,5,4,3,2,1,0)"],
        ["optimizer.lr=1e-3,2", "optimizer.lr=0.001,2.0", "optimizer.lr='1e-3','2'"],
        ["model.widths=[8,16],[8]", "model.widths=[8, 16],[8]", "model.widths=['8',16.0],[8]"],
        ["model.softmax=true", "model.softmax=True", "model.softmax='true'"],
        ["data/labels=glob(c*)", "data/labels=clean,corrupted"],
        ["stop={max_epochs:3}", "stop={max_epochs: '3'}"],
        ["data.crop=null,4", "data.crop=NULL,4"],
    ],
)
def test_another_spelling_is_the_same_sweep(same: list[str]) -> None:
    assert len({arguments.named(["-m", given])[1] for given in same}) == 1


def test_other_values_are_another_sweep() -> None:
    given = ["seed=0,1", "seed=0", "seed=01,2", "data.order_seed=0,1", "model.widths=[0,1]", "model.widths=[0],[1]"]
    given += ["data/inputs@data.inputs.first=clean", "data/inputs@data.inputs.then=clean", "data.folder=a"]
    assert len({arguments.named(["-m", one])[1] for one in given}) == len(given)


@pytest.mark.parametrize(
    "given",
    [["seed=0"], ["-m", "name=x", "seed=0,1"], ["-m", "sweep=fig1"], ["--cfg", "job", "sweep=fig1"]],
)
def test_what_has_a_name_keeps_it(given: list[str]) -> None:
    assert arguments.named(given) == given


def test_a_sweep_of_ours_is_one_without_a_flag() -> None:
    assert arguments.named(["sweep=fig1", "seed=0"]) == ["--multirun", "sweep=fig1", "seed=0"]


@pytest.mark.parametrize(
    "folder",
    ["/cats", "/cats and dogs", "/a,b=c", '/"quoted"', "/back\\slash", '/back\\"both', "/${home}", "/it's", "/[x]{y}"],
)
@pytest.mark.parametrize("joined", [True, False])
def test_a_folder_of_images_whatever_it_is_called(folder: str, joined: bool) -> None:
    flag = [f"--images={folder}"] if joined else ["--images", folder]
    given = arguments.images(["-m", *flag, "seed=0,1"])
    assert given[:3] == ["-m", "seed=0,1", "data=image_folder"]
    arguments.check(given)
    read = OmegaConf.create({"folder": arguments.override(given[3]).value()})
    assert read.folder == folder


def test_the_home_of_a_folder_of_images() -> None:
    assert arguments.images(["--images", "~/cats"])[1] == f'data.folder="{Path.home()}/cats"'


@pytest.mark.parametrize("given", [["--images"], ["--images", "/a", "--images=/b"]])
def test_images_are_one_folder(given: list[str]) -> None:
    with pytest.raises(InputError, match="--images FOLDER: one folder of images"):
        arguments.images(given)
