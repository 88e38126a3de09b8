"""A real Slurm on this machine, with one node, for as long as tests need it: Debian's slurmctld, slurmd and munge."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

NEEDED = ("slurmctld", "slurmd", "sbatch", "srun", "scancel", "munged", "munge")
CPUS = 2
CONF = """
ClusterName=tests
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
SlurmctldPort={controller}
SlurmdPort={node}
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket={folder}/munge.sock,cred_expire=5
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
ReturnToService=2
SchedulerParameters=sched_interval=1
MinJobAge=600
KillWait=10
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} State=UNKNOWN
PartitionName=normal Nodes={host} Default=YES MaxTime=INFINITE DefaultTime=10
"""
"""``config_overrides``: the node has as many CPUs as stand here, whatever the machine has."""


class Missing(Exception):
    """Why there can be no Slurm here."""


@contextmanager
def slurm(folder: Path) -> Generator[dict[str, str], None, None]:
    """The variables under which its commands find it. Raises Missing, with the reason."""
    if absent := [name for name in NEEDED if not shutil.which(name)]:
        raise Missing(f"needs {', '.join(absent)} (Debian: slurmctld slurmd slurm-client munge)")
    if os.getuid():
        raise Missing("needs root, as whom its daemons start jobs")
    for name in ("state", "spool"):
        (folder / name).mkdir()
    conf, key = folder / "slurm.conf", folder / "munge.key"
    controller, node = _free_ports()
    host = socket.gethostname().split(".")[0]
    conf.write_text(CONF.format(folder=folder, host=host, controller=controller, node=node, cpus=CPUS))
    key.write_bytes(os.urandom(128))
    key.chmod(0o400)
    folder.chmod(0o755)
    environment = {**os.environ, "SLURM_CONF": str(conf)}
    munge = ["munged", "--foreground", f"--key-file={key}", f"--socket={folder / 'munge.sock'}", "--force"]
    munge += [f"--{name}={folder / f'munge.{name}'}" for name in ("pid-file", "log-file", "seed-file")]
    daemons = []
    try:
        for command in (munge, ["slurmctld", "-D", "-i", "-f", str(conf)], ["slurmd", "-D", "-f", str(conf)]):
            with (folder / f"{command[0]}.out").open("w") as out:
                daemons.append(subprocess.Popen(command, env=environment, stdout=out, stderr=out))
            time.sleep(1)
        _wait_for_node(environment, folder)
        yield environment
    finally:
        for more in (["--full", "--signal=KILL"], []):  # jobs that a test which failed has left
            subprocess.run(["scancel", *more, "--user=root"], env=environment, capture_output=True, check=False)
        time.sleep(1)
        for daemon in reversed(daemons):
            daemon.terminate()
        for daemon in daemons:
            try:
                daemon.wait(10)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        for found in (one, other):
            found.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


def _wait_for_node(environment: dict[str, str], folder: Path) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        asked = subprocess.run(
            ["sinfo", "--noheader", "--format=%T"], env=environment, capture_output=True, text=True, check=False
        )
        if asked.stdout.strip() == "idle":
            return
        time.sleep(0.5)
    told = "".join(path.read_text()[-300:] for path in folder.glob("slurm*.log"))
    raise Missing(f"Slurm does not start here: {asked.stdout.strip()} {told}")
