"""Which extensions are those of images that can be read here."""

import sys
from collections.abc import Iterator
from types import ModuleType

import pytest
from PIL import Image

from rotelab.data import formats
from rotelab.data.formats import readable


@pytest.fixture(autouse=True)
def forget() -> Iterator[None]:
    """What was found out in other tests, and in this one."""
    _forget()
    yield
    _forget()


def _forget() -> None:
    for function in (readable, formats._of_pillow):
        function.cache_clear()


def test_what_pillow_reads_by_itself() -> None:
    assert all(map(readable, (*formats.ALWAYS, ".gif", ".jfif", ".pnm")))
    assert not any(map(readable, ("", ".txt", ".pdf", ".eps", ".h5", ".mpg", ".JPG")))


def test_common_extensions_don_t_ask_pillow(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as context:
        context.setattr(formats, "_of_pillow", None)
        check_common()


def check_common() -> None:
    assert all(map(readable, formats.ALWAYS))
    assert not readable(".txt")


@pytest.mark.parametrize(("module", "extension"), [("pillow_heif", ".heic"), ("pillow_jxl", ".jxl")])
def test_plug_ins_that_are_installed_are_used(monkeypatch: pytest.MonkeyPatch, module: str, extension: str) -> None:
    monkeypatch.setitem(sys.modules, module, None)  # as if it were not installed
    monkeypatch.delitem(Image.EXTENSION, extension, raising=False)
    assert not readable(extension)
    _forget()

    def register() -> None:
        monkeypatch.setitem(Image.EXTENSION, extension, "PNG")

    plug_in = ModuleType(module)
    vars(plug_in)["register_heif_opener"] = register
    monkeypatch.setitem(sys.modules, module, plug_in)
    assert readable(extension)
