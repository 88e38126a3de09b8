"""Who looks on at a run may be told, too, whether its result came to lie on the disk: Lightning's ``teardown`` says
that the training has ended, not that there is a result.

``written(result)`` follows a training, or comes to one who looked at none, as the run had ended before; ``lost(error)``
says that there will be no result, or not in this sitting. A callback need not have them.
"""

from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from typing import Any

from lightning import Callback


def written(observers: Iterable[Callback], result: Mapping[str, Any]) -> None:
    for observer in observers:
        getattr(observer, "written", _ignored)(result)


@contextmanager
def losing(observers: Iterable[Callback]) -> Generator[None, None, None]:
    """What ends this they hear of: it is the end of their run, unless they have heard of another one."""
    try:
        yield
    except BaseException as error:
        for observer in observers:
            getattr(observer, "lost", _ignored)(error)
        raise


def _ignored(_: object) -> None:
    pass
