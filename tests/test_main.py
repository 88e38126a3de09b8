"""The command ``rotelab``: what there is, what is imported when, and what is said of anything else."""

import subprocess
import sys
from importlib.metadata import version

import pytest
from command import run

from rotelab import __main__
from rotelab.__main__ import COMMANDS

IMPORTED = """
import sys
from rotelab.__main__ import main
try:
    main()
finally:
    assert not {"torch", "hydra", "pandas", "matplotlib"} & set(sys.modules) - {"hydra"}
"""


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"]])
def test_help_lists_the_commands_and_imports_nothing(arguments: list[str]) -> None:
    command = [sys.executable, "-c", IMPORTED, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert all(f"\n  {name} " in done.stdout for name in COMMANDS)


def test_ctrl_c_during_imports_is_a_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    """Little is imported before somebody is there to say it."""
    code = "import sys, rotelab.__main__; assert not {'hydra', 'omegaconf', 'torch'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)

    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(__main__, "_main", interrupted)
    with pytest.raises(SystemExit) as end:
        __main__.main()
    assert (end.value.code, capsys.readouterr().err) == (130, "interrupted: the same command starts again\n")


def test_it_says_which_version_it_is() -> None:
    assert run("--version", module="rotelab.__main__") == (0, f"rotelab {version('rotelab')}\n", "")


def test_help_whose_reader_leaves_is_no_fault() -> None:
    """As in ``rotelab | head -1``: what can't be written is dropped."""
    process = subprocess.Popen([sys.executable, "-m", "rotelab"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout
    process.stdout.close()
    _, err = process.communicate()
    assert (process.returncode, err) == (0, b"")


@pytest.mark.parametrize("command", COMMANDS)
def test_each_has_a_help_of_its_own(command: str) -> None:
    code, out, err = run(command, "--help", module="rotelab.__main__")
    assert (code, err) == (0, "")
    assert "rotelab" in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["trian"], f"trian is none of {', '.join(COMMANDS)}: did you mean train?"),
        (["xyz"], f"xyz is none of {', '.join(COMMANDS)}: rotelab --help"),
        (["bench", "epohc"], "did you mean epoch?"),
        (["bench", "x"], "rotelab bench = 'x' is not one of epoch, coherence, storage, gpu"),
        (["train", "objective=slpit"], "did you mean split?"),
        (["draw", "fig99"], "fig99 is not the name of one experiment"),
        (["draw"], "required: name:"),
        (["audit"], "required: images:"),
        (["bench", "audit"], "required: images, --out:"),
        (["export"], "required: to:"),
        (["draw", "fig1", "--scale", "dmo"], "there is no scale dmo: did you mean demo?"),
        (["claims", "--scale", "x"], "there is no scale x: there are demo, imagenet, paper, small, smoke"),
        (["claims", "--scle=demo"], "did you mean --scale?"),
        (["claims", "scale=demo"], "scale=demo: this command takes it as --scale demo"),
        (["audit", "digits", "minutes=5"], "minutes=5: this command takes it as --minutes 5"),
    ],
)
def test_anything_else_is_a_line_and_2(arguments: list[str], words: str) -> None:
    code, out, err = run(*arguments, module="rotelab.__main__")
    assert (code, out) == (2, "")
    assert err.count("\n") == 1 and words in err
