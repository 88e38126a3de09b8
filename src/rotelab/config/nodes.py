"""OmegaConf's nodes as plain Python."""

from typing import Any, cast

from omegaconf import DictConfig, OmegaConf


def plain(node: DictConfig) -> dict[str, Any]:
    """Its values, with what they refer to."""
    return cast(dict[str, Any], OmegaConf.to_container(node, resolve=True))


def written(node: Any) -> Any:
    """Its values as they were written: what they refer to is not looked up."""
    return OmegaConf.to_container(node)


def ours(config: DictConfig) -> DictConfig:
    """Without Hydra's node, and open: unknown keys would be added in silence."""
    return OmegaConf.masked_copy(config, [str(key) for key in config if key != "hydra"])
