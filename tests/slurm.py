"""A real Slurm on this machine, with one node, for as long as tests need it: Debian's slurmctld, slurmd and munge."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
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


class Cluster:
    """``environment``: the variables under which Slurm's commands find it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.conf = folder, folder / "slurm.conf"
        self.host = socket.gethostname().split(".")[0]
        self.environment = {**os.environ, "SLURM_CONF": str(self.conf)}
        self.daemons: dict[str, subprocess.Popen] = {}

    def begin(self, *command: str) -> None:
        with (self.folder / f"{command[0]}.out").open("a") as out:
            self.daemons[command[0]] = subprocess.Popen(command, env=self.environment, stdout=out, stderr=out)

    def begin_node(self) -> None:
        self.begin("slurmd", "-D", "-f", str(self.conf))

    def lose_node(self) -> None:
        """Its daemon and all of its jobs' processes end at once, as by a loss of power, and the controller is told."""
        self.daemons["slurmd"].kill()
        self.daemons["slurmd"].wait()
        while left := self._of_jobs():
            for process in left:
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
            time.sleep(0.05)
        self.ask("scontrol", "update", f"nodename={self.host}", "state=down", "reason=lost")

    def ask(self, *command: str) -> str:
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, check=True).stdout

    def _of_jobs(self) -> list[int]:
        """Whose environment is this cluster's; that of a job says so, and who watches over it is called so."""
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                environment = (process / "environ").read_bytes().split(b"\0")
                step = (process / "comm").read_text().startswith("slurmstepd")
                of_a_job = any(variable.startswith(b"SLURM_JOB_ID=") for variable in environment)
                if f"SLURM_CONF={self.conf}".encode() in environment and (step or of_a_job):
                    found.append(int(process.name))
        return found


@contextmanager
def slurm(folder: Path) -> Generator[Cluster, None, None]:
    """Raises Missing, with the reason."""
    if absent := [name for name in NEEDED if not shutil.which(name)]:
        raise Missing(f"needs {', '.join(absent)} (Debian: slurmctld slurmd slurm-client munge)")
    if os.getuid():
        raise Missing("needs root, as whom its daemons start jobs")
    for name in ("state", "spool"):
        (folder / name).mkdir()
    cluster, key = Cluster(folder), folder / "munge.key"
    controller, node = _free_ports()
    cluster.conf.write_text(CONF.format(folder=folder, host=cluster.host, controller=controller, node=node, cpus=CPUS))
    key.write_bytes(os.urandom(128))
    key.chmod(0o400)
    folder.chmod(0o755)
    munge = ["munged", "--foreground", f"--key-file={key}", f"--socket={folder / 'munge.sock'}", "--force"]
    munge += [f"--{name}={folder / f'munge.{name}'}" for name in ("pid-file", "log-file", "seed-file")]
    try:
        cluster.begin(*munge)
        time.sleep(1)
        cluster.begin("slurmctld", "-D", "-i", "-f", str(cluster.conf))
        time.sleep(1)
        cluster.begin_node()
        _wait_for_node(cluster.environment, folder)
        yield cluster
    finally:
        for more in (["--full", "--signal=KILL"], []):  # jobs that a test which failed has left
            command = ["scancel", *more, "--user=root"]
            subprocess.run(command, env=cluster.environment, capture_output=True, check=False)
        time.sleep(1)
        daemons = list(cluster.daemons.values())
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
