"""Options of how a run is trained: its steps, their gradients, its end, its machine. No torch here."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from omegaconf import MISSING

from rotelab.errors import InputError, Refusal
from rotelab.options import (
    Choice,
    Custom,
    describes,
    require,
    require_at_most,
    require_group,
    require_one_of,
    require_positive,
    require_unit_interval,
)
from rotelab.results import networks


@dataclass
class Start(Choice):
    """What a network begins as."""

    in_rounds: ClassVar[bool] = False
    """Whether it begins with what runs of the same sweep have kept, which differ in their rounds."""
    after_another: ClassVar[bool] = False
    """Whether it begins with what one run of the same sweep has kept, which differs in some options."""


@describes("rotelab.training.start.random")
@dataclass
class RandomStart(Start):
    pass


@describes("rotelab.training.start.run")
@dataclass
class RunStart(Start):
    folder: str = MISSING
    """Folder of a run that has kept its network. That run and the epoch name the new one, not where it lies."""
    epoch: int | None = MISSING
    """After which epoch, of those that it has kept; null: at its end."""

    def __post_init__(self) -> None:
        require(self, "0 or later", lambda epoch: epoch >= 0, "epoch")
        try:
            networks.find(Path(self.folder).expanduser(), self.epoch)
        except InputError as error:
            raise Refusal(f"folder (epoch = {self.epoch}): {error}") from error


@describes("rotelab.training.start.pretrained")
@dataclass
class PretrainedStart(Start):
    after_another: ClassVar[bool] = True
    instead: Any = MISSING
    """Options of the run before, such as `{data:{labels:{fraction:1}}}`; in all others it is this run as drawn."""
    keep: str = MISSING
    """What is kept of that run's network: `weights`; `norms`, the drawn weights scaled to its; or `nothing`."""

    def __post_init__(self) -> None:
        require_group(self, "instead")
        require_one_of(self, "keep", "nothing", "norms", "weights")


@describes("rotelab.training.start.pruned")
@dataclass
class PrunedStart(Start):
    in_rounds: ClassVar[bool] = True
    rounds: int = MISSING
    """Rounds of pruning before it; that of one less lies beside it, under plain training, finished and kept."""
    share: float = MISSING
    """Of what is left, pruned in a round."""
    head_share: float = MISSING
    """Of what is left of the last layer, pruned in a round; with `global`, that of all counts."""
    scope: str = MISSING
    """Whether the share is of each `layer` or `global`, of all weights together."""
    rewind: int = MISSING
    """Epoch of round 0 to whose weights it goes back, of those kept; 0: the initial weights."""
    arm: str = MISSING
    """What begins: the `ticket`, or one of its controls."""

    def __post_init__(self) -> None:
        require(self, "0 or later", lambda value: value >= 0, "rounds", "rewind")
        require(self, "in [0, 1)", lambda value: 0 <= value < 1, "share", "head_share")
        require_one_of(self, "scope", "layer", "global")
        require_one_of(self, "arm", "ticket", "reinitialized", "random_mask", "magnitude_at_start")


@dataclass
class Optimizer(Choice):
    lr: float = MISSING
    """The learning rate."""
    weight_decay: float = MISSING
    """An L2 penalty, added to the gradient."""
    head_decay: float = MISSING
    """Decay of the last layer alone: each step multiplies it by 1 - lr head_decay."""
    lr_decay: float = MISSING
    """The learning rate of an epoch over that of the one before."""
    trained: str = MISSING
    """Which parameters are trained: `all`; `batch_norm`, its scales and shifts; `scattered`, two weights of each
    channel of a convolution, drawn by chance, as many as batch norm has; or `head`, the last layer."""

    def __post_init__(self) -> None:
        require_at_most(self, 1e30, "lr")  # a step of Adam multiplies it, in 32 bits
        require(self, "in [0, 1e30]", lambda value: 0 <= value <= 1e30, "weight_decay", "head_decay")
        require(self, "in (0, 1]", lambda value: 0 < value <= 1, "lr_decay")
        require_one_of(self, "trained", "all", "batch_norm", "scattered", "head")

    @property
    def averages(self) -> str:
        """What of the optimizer averages gradients over steps, with its value; nothing if nothing does."""
        return ""


@describes("torch.optim.Adam")
@dataclass
class Adam(Optimizer):
    betas: list[float] = MISSING
    """Share of the last average in the next: of the gradient's, and of its square's."""

    def __post_init__(self) -> None:
        super().__post_init__()
        require(
            self,
            "two numbers in [0, 1)",
            lambda betas: len(betas) == 2 and all(0 <= beta < 1 for beta in betas),
            "betas",
        )

    @property
    def averages(self) -> str:
        return "optimizer = Adam keeps averages of the gradients"


@describes("torch.optim.SGD")
@dataclass
class SGD(Optimizer):
    momentum: float = MISSING
    """Share of the last step in the next."""

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self, "in [0, 1)", lambda value: 0 <= value < 1, "momentum")

    @property
    def averages(self) -> str:
        return f"optimizer.momentum = {self.momentum}" if self.momentum else ""


@describes("rotelab.training.options.CustomOptimizer")
@dataclass
class CustomOptimizer(Custom, Optimizer):
    """An optimizer of one's own: ``target(parameters, lr=..., weight_decay=..., **options)``."""

    def __post_init__(self) -> None:
        Optimizer.__post_init__(self)
        super().__post_init__()

    @property
    def averages(self) -> str:
        return f"optimizer.target = {self.target} may keep averages of the gradients"


@dataclass
class Aggregator(Choice):
    plain: ClassVar[bool] = False
    """Whether the gradient is that of the mean loss: it needs no care with momentum and weight decay."""


@describes("rotelab.aggregators.Mean")
@dataclass
class MeanAggregator(Aggregator):
    plain: ClassVar[bool] = True
    groups: int = MISSING
    """Parts of a batch whose gradients are formed apart."""

    def __post_init__(self) -> None:
        require_positive(self, "groups")


@describes("rotelab.aggregators.Median")
@dataclass
class MedianAggregator(Aggregator):
    groups: int = MISSING
    """Parts of a batch, of whose gradients the median is taken."""

    def __post_init__(self) -> None:
        require(self, "3 or more: a median of fewer is their mean", lambda groups: groups >= 3, "groups")


@describes("rotelab.aggregators.rolling_mean")
@describes("rotelab.aggregators.rolling_median")
@dataclass
class RollingAggregator(Aggregator):
    steps: int = MISSING
    """So many last gradients are averaged, or their median taken."""

    def __post_init__(self) -> None:
        require(self, "2 or more", lambda steps: steps >= 2, "steps")


@dataclass
class Stop:
    train_accuracy: float | None = MISSING
    """The run ends when it is reached; null: it goes on to the last epoch."""
    train_loss: float | None = MISSING
    """In nats, of the labels that are trained on: the run ends when it is reached as well; null: not."""
    max_epochs: int = MISSING
    """The last epoch."""
    dead_epochs: int | None = MISSING
    """Epochs of one class and unchanged losses, after which a run is dead and ends; null: it goes on."""

    def __post_init__(self) -> None:
        require_unit_interval(self, "train_accuracy")
        require_positive(self, "train_loss", "max_epochs", "dead_epochs")


@dataclass
class Save:
    last: bool = MISSING
    """Whether the trained network is kept, as `network.safetensors`; `save=true` is short for it."""
    epochs: list[int] = MISSING
    """Epochs after which it is kept as well, as `network-10.safetensors`; 0: before the first step."""

    def __post_init__(self) -> None:
        require(self, "a list of epochs, 0 or later", lambda epochs: all(epoch >= 0 for epoch in epochs), "epochs")

    @property
    def wanted(self) -> tuple[int | None, ...]:
        """Epochs, None for the end."""
        return (*([None] if self.last else []), *dict.fromkeys(self.epochs))


@dataclass
class Trainer:
    accelerator: str = MISSING
    """The device."""
    devices: int = MISSING
    """So many devices train a run, each on a share of every batch."""
    threads: int | None = MISSING
    """Threads of torch on a CPU; null: its own choice."""
    workers: int = MISSING
    """Processes that read ahead where images stay on the disk."""
    progress: bool = MISSING
    """Whether there is a bar, or lines."""
    log_every: float | None = MISSING
    """Seconds between two lines where no bar can be drawn; null: none."""
    compile: str | None = MISSING
    """The mode of torch.compile; null: it is not used."""
    pad_channels: int = MISSING
    """Channels are computed in multiples of this, the added ones zero."""
    one_pass: bool = MISSING
    """Whether both batches of a step go through the network as one."""
    graph: bool = MISSING
    """Whether a step's passes are one CUDA graph, on a GPU."""
    fastest: bool = MISSING
    """Whether a few steps are tried to find which of compile, pad_channels, one_pass and graph are faster here."""
    together: int = MISSING
    """Runs of a sweep that may train as one stack."""
    checkpoint_minutes: float = MISSING
    """Between two checkpoints, from which a run that was stopped goes on; 0: none."""

    def __post_init__(self) -> None:
        require_one_of(self, "accelerator", "auto", "cpu", "gpu")
        require_positive(self, "log_every", "together", "devices")
        require_at_most(self, 1024, "devices")
        require_at_most(self, 1024, "threads", "pad_channels")
        require_one_of(self, "compile", "default", "reduce-overhead", "max-autotune")
        require(self, "in [0, 1e6] minutes", lambda value: 0 <= value <= 1e6, "checkpoint_minutes")
        require(self, "in [0, 1024] processes", lambda value: 0 <= value <= 1024, "workers")
        if self.together > 1 and (self.compile or self.pad_channels > 1 or self.graph):
            raise Refusal(
                f"together = {self.together} goes with none of compile, pad_channels and graph: choose one of them"
            )
        if self.devices > 1 and (
            self.together > 1 or self.compile or self.pad_channels > 1 or self.graph or self.fastest
        ):
            others = "together, compile, pad_channels, graph and fastest"
            raise Refusal(f"devices = {self.devices} goes with none of {others}: choose one of them")
        if self.graph and self.compile == "reduce-overhead":
            raise Refusal("graph = true: compile = reduce-overhead makes graphs of its own; choose one of them")
