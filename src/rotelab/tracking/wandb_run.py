"""A run of Weights & Biases."""

import json
import os
import secrets
import sys
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rotelab.errors import InputError
from rotelab.files import write
from rotelab.tracking import tracked
from rotelab.tracking.described import AXES
from rotelab.tracking.tracked import Tracked

RECORD = "wandb.json"
"""In the folder of a run: the ``id`` of its W&B run, and the fingerprint of what that was ``told`` to its end."""
ACCOUNT = (
    *("API_KEY", "IDENTITY_TOKEN_FILE", "CREDENTIALS_FILE", "ENTITY", "ORGANIZATION", "USERNAME", "USER_EMAIL"),
    *("BASE_URL", "APP_URL", "INSECURE_DISABLE_SSL", "HTTP_PROXY", "HTTPS_PROXY", "HTTP_TIMEOUT", "X_", "_"),
    *("SERVICE", "CONFIG_DIR", "DATA_DIR"),
)
"""How the names of the environment's variables begin, after ``WANDB_``, that say who logs, to which server and how. All
others say what a run is."""


@dataclass(frozen=True)
class Destination:
    """Where runs are told to: ``mode`` is ``offline`` (files in a folder ``wandb``, no network call) or ``online``. No
    call waits for the server for more than ``timeout`` seconds. ``trial``: see ``of_agent``."""

    project: str
    mode: str
    tags: Sequence[str] = ()
    timeout: float = 10.0
    trial: Mapping[str, str] | None = None


def of_agent(project: str, tags: Sequence[str], timeout: float) -> Destination:
    """Where the agent of a W&B sweep, whose command this process is, waits for the metrics of its trial.

    Raises InputError where no agent has set the environment.
    """
    missing = [name for name in ("WANDB_SWEEP_ID", "WANDB_RUN_ID") if not os.environ.get(name)]
    if missing:
        raise InputError(
            f"logger.wandb.agent = true is for the command of a W&B sweep, whose agent sets {' and '.join(missing)}"
        )
    trial = {"id": os.environ["WANDB_RUN_ID"], "sweep_id": os.environ["WANDB_SWEEP_ID"]}
    return Destination(os.environ.get("WANDB_PROJECT") or project, "online", tags, timeout, trial)


class WandbRun(Tracked):
    """The W&B run of what lies in the folder ``at``; its files are in ``files``/wandb, one folder for a sweep (default:
    that above).

    After a failure (no network, no key, a dead service process) the rest of it is not told, with one warning.
    Statistics of the machine, git and console are not collected: they cost more than a short run.

    Of the environment only the account and the way to the server are used: with ``WANDB_RUN_ID``, ``WANDB_SWEEP_ID``
    and the like all runs of a sweep would be one. What is empty there is not set. W&B's service, one for all
    runs of a process, writes its log into the ``wandb`` of the first: where it can't be written, it would be printed.

    What was begun before goes on as the same W&B run. It is told from its beginning, but for the steps that the server
    says it has. An offline run can't ask, has all of them every time, and of several with one id ``wandb sync`` keeps
    the last.
    """

    label = "W&B"

    def __init__(
        self,
        at: Path,
        destination: Destination,
        *,
        name: str,
        group: str,
        job_type: str,
        config: Mapping[str, Any],
        files: Path | None = None,
    ) -> None:
        super().__init__(at)
        self.destination, self.files = destination, files or at.parent
        self.settings: dict[str, Any] = {"name": name, "group": group, "job_type": job_type, "config": dict(config)}
        self.run: Any = None

    def start(self, goes_on: bool = False, axes: Sequence[str] = AXES) -> None:
        """As a new run, or, where it ``goes_on``, as that which was begun before. The first of the axes is the usual
        one of charts."""
        with _account_only(self.files):
            self._attempt(lambda: self._start(goes_on, axes))

    def _start(self, goes_on: bool, axes: Sequence[str]) -> None:
        import wandb  # here, so that a broken installation of it is one more failure that stops nothing

        to = self.destination
        trial: dict[str, Any] = dict(to.trial or {})
        before = recorded(self.at).get("id") if goes_on else None
        run_id = trial.pop("id", None) or before or secrets.token_hex(4)
        write(self.at / RECORD, json.dumps({"id": run_id, "told": None}))
        quiet = wandb.Settings(
            init_timeout=to.timeout,
            finish_timeout=to.timeout,
            finish_timeout_raises=True,  # or what a server never got would count as told
            login_timeout=to.timeout,
            silent=True,
            console="off",
            disable_git=True,
            x_disable_meta=True,
            x_disable_stats=True,
            sagemaker_disable=True,
            **trial,
        )
        self.run = wandb.init(
            **self.settings,
            project=to.project,
            mode=to.mode,  # ty: ignore[invalid-argument-type]  # one of its words, as the options check
            tags=list(to.tags),
            dir=self.files,
            id=run_id,
            resume="allow" if before and to.mode == "online" else None,
            reinit="create_new",
            settings=quiet,
        )
        for axis in axes:
            self.run.define_metric(axis)
        if axes:
            self.run.define_metric("*", step_metric=axes[0])

    def _log(self, step: int, values: Mapping[str, int | float]) -> None:
        if self.run and step >= self.run.starting_step:
            self._attempt(lambda: self.run.log(dict(values), step=step))

    def show(self, media: Callable[[Any], Mapping[str, Any]]) -> None:
        """Pictures and tables, which ``media(wandb)`` makes."""
        if self.run:
            self._attempt(lambda: self.run.log(dict(media(sys.modules["wandb"]))))

    def picture(self, name: str, file: Path) -> None:
        self.show(lambda wandb: {name: wandb.Image(str(file))})

    def finish(self, summary: Mapping[str, Any], exit_code: int, told: str | None = None) -> bool:
        def end() -> None:
            self.run.summary.update(dict(summary))
            self.run.finish(exit_code=exit_code)
            write(self.at / RECORD, json.dumps(recorded(self.at) | {"told": told}))

        if self.run:
            self._attempt(end)
        went_well, self.run = self.run is not None, None
        return went_well

    def _attempt(self, action: Callable[[], None]) -> None:
        try:
            action()
        except Exception as error:  # wandb raises its own errors, OSErrors and RuntimeErrors alike
            self.run = None
            self._warn(error)
            with suppress(Exception):  # the service may be dead; the next run of a sweep starts its own
                sys.modules["wandb"].teardown()


def recorded(at: Path) -> dict[str, Any]:
    """What ``RECORD`` says in a folder."""
    return tracked.recorded(at / RECORD)


@contextmanager
def _account_only(folder: Path) -> Generator[None, None, None]:
    """Hide what the environment says of a run: there is no setting that takes it back, and a value that wandb does not
    know would end every run's logging. What wandb caches, its service's log, goes into the ``folder``."""
    ours = tuple(f"WANDB_{name}" for name in ACCOUNT)
    given = {key: value for key, value in os.environ.items() if key.startswith("WANDB_")}
    hidden = {key: value for key, value in given.items() if not value or not key.startswith(ours)}
    try:
        for key in hidden:
            del os.environ[key]
        os.environ["WANDB_CACHE_DIR"] = str(folder.absolute())
        yield
    finally:
        del os.environ["WANDB_CACHE_DIR"]
        os.environ.update(hidden)
