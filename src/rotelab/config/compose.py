"""The configuration, composed as the command line does, in a program of one's own."""

from hydra import compose as composed
from hydra import initialize_config_dir

from rotelab.config import arguments, choices, resolvers, schema
from rotelab.config.exits import COMPOSING, in_a_line
from rotelab.errors import InputError


def compose(*overrides: str) -> schema.Config:
    """Of one run: ``compose("objective=threshold", "objective.k=0.2")``. Raises InputError for what the command line
    refuses as well."""
    texts = [arguments.expanded(text) for text in overrides]
    arguments.check_overrides(texts)
    resolvers.register()
    with initialize_config_dir(str(choices.CONF), version_base="1.3"):
        try:
            return schema.check(composed("train", texts))
        except COMPOSING as error:
            raise InputError(in_a_line(error)) from error
