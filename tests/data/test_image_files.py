"""One image from a file, whatever is in the file; a part of a folder that is read when it is asked for."""

import os
import pickle
import struct
import warnings
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy
import pytest
import torch
from PIL import Image
from torchvision.datasets.folder import default_loader
from torchvision.transforms.v2 import functional as transforms

from rotelab.data.image_files import BadImage, ImageFiles, decode, size
from rotelab.data.places import Paths
from rotelab.errors import InputError

RAMP = numpy.arange(5 * 6 * 3, dtype=numpy.uint8).reshape(5, 6, 3)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    Image.fromarray(numpy.kron(RAMP, numpy.ones((9, 9, 1), numpy.uint8))).save(tmp_path / "photo.jpg")
    return tmp_path / "photo.jpg"


def written(image: Image.Image, path: Path, **options: Any) -> torch.Tensor:
    """The image as it is decoded from a file, without a warning."""
    image.save(path, **options)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return decode(path, None)


def test_an_image_is_what_torchvision_reads(photo: Path) -> None:
    assert torch.equal(decode(photo, None), transforms.pil_to_tensor(default_loader(str(photo))))
    expected = transforms.resize(transforms.pil_to_tensor(default_loader(str(photo))), [7, 7], antialias=True)
    assert torch.equal(decode(photo, 7), expected)


def truncated(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def header_only(path: Path) -> None:
    os.truncate(path, 20)


def empty(path: Path) -> None:
    os.truncate(path, 0)


def text(path: Path) -> None:
    path.write_text("no image")


@pytest.mark.parametrize("damage", [truncated, header_only, empty, text])
@pytest.mark.parametrize("kind", ["jpg", "png"])
def test_a_broken_file(photo: Path, damage: Callable[[Path], None], kind: str) -> None:
    path = photo.with_name(f"it.{kind}")
    Image.open(photo).save(path)
    damage(path)
    with pytest.raises(BadImage, match=f"^{path} can't be read as an image: .*data.on_bad_image=skip") as raised:
        decode(path, 4)
    assert " at 0x" not in str(raised.value)
    if damage is text:
        assert "it is of no format that Pillow knows here (with" in str(raised.value)


def test_no_message_ends_in_an_address(photo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(image: Image.Image, *_: object) -> None:
        raise OSError(f"cannot decode {object()} and {image!r}")

    monkeypatch.setattr(Image.Image, "convert", fail)
    with pytest.raises(BadImage, match=r"cannot decode object and PIL.Image.Image .with"):
        decode(photo, None)


def test_a_name_that_is_no_utf_8_can_be_printed(tmp_path: Path) -> None:
    path = tmp_path / "caf\udce9.png"
    path.write_text("no image")
    with pytest.raises(BadImage, match=r"/caf\\xe9.png can't be read as an image: ") as raised:
        decode(path, None)
    str(raised.value).encode()


@pytest.mark.parametrize("limit", [29, 15, 14, 1])
def test_a_decompression_bomb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: int) -> None:
    Image.fromarray(RAMP).save(tmp_path / "bomb.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", limit)
    monkeypatch.setattr(Image.Image, "load", None)  # it is not decoded
    with warnings.catch_warnings(record=True) as leaked:
        warnings.simplefilter("always")
        with pytest.raises(
            BadImage,
            match=f"bomb.png is not decoded, since it has more pixels than the {limit} that.*on_bad_image=skip",
        ):
            decode(tmp_path / "bomb.png", 4)
    assert not leaked


@pytest.mark.parametrize("limit", [30, None])
def test_no_decompression_bomb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: int | None) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", limit)
    assert written(Image.fromarray(RAMP), tmp_path / "it.png").shape == (3, 5, 6)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=f"^{tmp_path}/x.png: No such file or directory$") as raised:
        decode(tmp_path / "x.png", None)
    assert not isinstance(raised.value, BadImage)


def test_a_file_that_may_not_be_read_is_no_bad_image(photo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> bytes:  # not by its mode, since root may read all
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(InputError, match=f"^{photo}: Permission denied$") as raised:
        decode(photo, None)
    assert not isinstance(raised.value, BadImage)


def test_memory_that_ran_out_is_no_bad_image(photo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(Image.Image, "convert", fail)
    with pytest.raises(MemoryError):
        decode(photo, None)


def test_an_extension_in_capitals(tmp_path: Path) -> None:
    assert written(Image.fromarray(RAMP), tmp_path / "IT.PNG").shape == (3, 5, 6)


@pytest.mark.parametrize("kind", ["png", "tif", "pgm"])
def test_16_bits_of_grey_keep_the_upper_8(tmp_path: Path, kind: str) -> None:
    levels = numpy.array([[0, 255, 256, 0x7FFF], [0x8000, 0xFF00, 0xFFFE, 0xFFFF]], dtype=numpy.uint16)
    decoded = written(Image.fromarray(levels), tmp_path / f"it.{kind}")
    assert decoded.tolist() == 3 * [[[0, 0, 1, 127], [128, 255, 255, 255]]]


@pytest.mark.parametrize(("bits", "greatest"), [(8, 0), (8, 255), (12, 256), (12, 4095), (16, 4096), (16, 65535)])
@pytest.mark.parametrize("kind", ["png", "tif"])
def test_levels_of_fewer_than_16_bits_are_not_black(tmp_path: Path, kind: str, bits: int, greatest: int) -> None:
    levels = numpy.array([[0, greatest // 3], [greatest // 2, greatest]], dtype=numpy.uint16)
    decoded = written(Image.fromarray(levels), tmp_path / f"it.{kind}")
    assert decoded.tolist() == 3 * [(levels >> (bits - 8)).tolist()]


def test_a_file_that_says_its_range_is_believed(tmp_path: Path) -> None:
    """A dark image of a PGM, whose greatest level stands in the file, stays dark."""
    (tmp_path / "it.pgm").write_bytes(b"P5 2 1 65535\n" + bytes([0, 200, 1, 200]))
    assert decode(tmp_path / "it.pgm", None)[0].tolist() == [[0, 1]]


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_of_16_bits(levels: numpy.ndarray, colour: int) -> bytes:
    """A PNG file, of a colour type that Pillow can't write."""
    height, width, _ = levels.shape
    rows = b"".join(b"\0" + row.tobytes() for row in levels.astype(">u2"))
    header = struct.pack(">IIBBBBB", width, height, 16, colour, 0, 0, 0)
    parts = chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def tiff_of_16_bits(
    levels: numpy.ndarray, order: str, photometric: int, extra: int | None, packed: bool, planes: bool = False
) -> bytes:
    """A TIFF file, of colours that Pillow can't write: its header, the levels, the table of its tags."""
    height, width, channels = levels.shape
    strips = levels.transpose(2, 0, 1) if planes else levels[None]
    strips = [strip.astype(f"{order}u2").tobytes() for strip in strips]
    strips = [zlib.compress(strip) if packed else strip for strip in strips]
    sizes = [len(strip) for strip in strips]
    starts = [8 + sum(sizes[:number]) for number in range(len(strips))]
    tags = {256: [width], 257: [height], 258: [16] * channels, 259: [8 if packed else 1], 262: [photometric]}
    tags |= {273: starts, 277: [channels], 278: [height], 279: sizes, 284: [2 if planes else 1]}
    tags |= {} if extra is None else {338: [extra]}
    body, table = b"".join(strips), b""
    for tag, values in tags.items():
        content = struct.pack(f"{order}{len(values)}I", *values)
        if len(values) > 1:
            content, body = struct.pack(f"{order}I", 8 + len(body)), body + content
        table += struct.pack(f"{order}HHI", tag, 4, len(values)) + content
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}I", 8 + len(body))
    return head + body + struct.pack(f"{order}H", len(tags)) + table + bytes(4)


DEPTHS = pytest.mark.parametrize(("bits", "greatest"), [(8, 255), (12, 4095), (16, 4096), (16, 65535)])


def ramp(greatest: int, channels: int) -> numpy.ndarray:
    return numpy.linspace(0, greatest, 5 * 6 * channels).astype(numpy.uint16).reshape(5, 6, channels)


def check_colours(path: Path, levels: numpy.ndarray, bits: int) -> None:
    expected = torch.from_numpy((levels >> (bits - 8)).astype(numpy.uint8)).permute(2, 0, 1)
    assert torch.equal(decode(path, None), expected.expand(3, -1, -1))


@DEPTHS
@pytest.mark.parametrize("alpha", [None, 0, 77, 65535])
@pytest.mark.parametrize("channels", [1, 3])
def test_pngs_of_fewer_than_16_bits_are_not_black(
    tmp_path: Path, channels: int, alpha: int | None, bits: int, greatest: int
) -> None:
    """Grey or RGB, whatever the alpha channel."""
    levels = ramp(greatest, channels)
    layers = [levels] if alpha is None else [levels, numpy.full((5, 6, 1), alpha)]
    colour = {1: 0, 3: 2}[channels] + (0 if alpha is None else 4)
    (tmp_path / "it.png").write_bytes(png_of_16_bits(numpy.concatenate(layers, 2), colour))
    check_colours(tmp_path / "it.png", levels, bits)


@DEPTHS
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("extra", [None, 0, 2])
def test_tiffs_of_fewer_than_16_bits_are_not_black(
    tmp_path: Path, extra: int | None, packed: bool, order: str, bits: int, greatest: int
) -> None:
    """RGB, with a fourth channel of no or of some meaning, of which alpha is at its greatest."""
    levels = ramp(greatest, 3)
    layers = [levels] if extra is None else [levels, numpy.full((5, 6, 1), 65535)]
    content = tiff_of_16_bits(numpy.concatenate(layers, 2), order, 2, extra, packed)
    (tmp_path / "it.tif").write_bytes(content)
    check_colours(tmp_path / "it.tif", levels, bits)


@pytest.mark.parametrize("bits", [8, 12, 16])
@pytest.mark.parametrize("packed", [False, True])
def test_tiffs_whose_channels_are_no_colours_yet(tmp_path: Path, packed: bool, bits: int) -> None:
    """Colours that were multiplied by their alpha, and CMYK: as the same image of 8 bits."""
    eight = numpy.random.default_rng(0).integers(256, size=(5, 6, 4), dtype=numpy.uint8)
    eight[..., 3], eight[0, 0] = 128, 255
    for photometric, extra, mode in ((2, 1, "RGBa"), (5, None, "CMYK")):
        if mode == "RGBa":
            eight[..., :3] = numpy.minimum(eight[..., :3], eight[..., 3:])
        levels = eight.astype(numpy.uint16) << (bits - 8)
        (tmp_path / "it.tif").write_bytes(tiff_of_16_bits(levels, "<", photometric, extra, packed))
        expected = Image.frombytes(mode, (6, 5), eight.tobytes())
        expected = (expected.convert("RGBA") if mode == "RGBa" else expected).convert("RGB")
        assert torch.equal(decode(tmp_path / "it.tif", None), transforms.pil_to_tensor(expected))


@pytest.mark.parametrize(
    ("packed", "greatest", "said"), [(False, 65535, "its 16-bit"), (True, 4095, "its dark 16-bit")]
)
def test_planes_that_pillow_misreads(tmp_path: Path, packed: bool, greatest: int, said: str) -> None:
    (tmp_path / "it.tif").write_bytes(tiff_of_16_bits(ramp(greatest, 3), "<", 2, None, packed, planes=True))
    with pytest.raises(BadImage, match=f"it.tif can't be read as an image: {said} colours lie in planes of their own"):
        decode(tmp_path / "it.tif", None)


def test_planes_that_pillow_reads(tmp_path: Path) -> None:
    (tmp_path / "it.tif").write_bytes(tiff_of_16_bits(ramp(65535, 3), "<", 2, None, packed=True, planes=True))
    check_colours(tmp_path / "it.tif", ramp(65535, 3), 16)


TURNED = {
    1: lambda image: image,
    2: lambda image: image.flip(-1),
    3: lambda image: image.flip(-1, -2),
    4: lambda image: image.flip(-2),
    5: lambda image: image.mT,
    6: lambda image: image.mT.flip(-1),
    7: lambda image: image.mT.flip(-1, -2),
    8: lambda image: image.mT.flip(-2),
}
"""What viewers do with an image of this EXIF orientation."""


@pytest.mark.parametrize("orientation", TURNED)
@pytest.mark.parametrize("kind", ["png", "tif", "webp", "jpg"])
def test_images_are_upright(tmp_path: Path, kind: str, orientation: int) -> None:
    image = Image.fromarray(numpy.kron(RAMP, numpy.ones((8, 8, 1), numpy.uint8)))
    options: dict[str, Any] = {"lossless": True} if kind == "webp" else {}
    plain = written(image, tmp_path / f"plain.{kind}", **options)
    exif = Image.Exif()
    exif[0x0112] = orientation
    decoded = written(image, tmp_path / f"it.{kind}", exif=exif, **options)
    assert torch.equal(decoded, TURNED[orientation](plain))
    assert size(tmp_path / f"it.{kind}") == decoded.shape[1:]


def test_broken_metadata_turns_nothing(tmp_path: Path) -> None:
    image = Image.fromarray(RAMP)
    plain = written(image, tmp_path / "plain.jpg")
    assert torch.equal(written(image, tmp_path / "it.jpg", exif=b"Exif\0\0MM\0*no tags"), plain)
    assert size(tmp_path / "it.jpg") == (5, 6)


@pytest.mark.parametrize("levels", [numpy.full((2, 2), 2**16, numpy.int32), numpy.ones((2, 2), numpy.float32)])
def test_grey_levels_of_an_unknown_range(tmp_path: Path, levels: numpy.ndarray) -> None:
    with pytest.raises(BadImage, match=r"it.tif can't be read as an image: its grey levels"):
        written(Image.fromarray(levels), tmp_path / "it.tif")


def test_a_palette_gives_its_colours(tmp_path: Path) -> None:
    image = Image.fromarray(numpy.array([[0, 1], [2, 1]], dtype=numpy.uint8)).convert("P")
    image.putpalette([10, 20, 30, 40, 50, 60, 70, 80, 90])
    for options in ({}, {"transparency": bytes([0, 128, 255])}):
        decoded = written(image, tmp_path / "it.png", **options)
        assert decoded.permute(1, 2, 0).tolist() == [[[10, 20, 30], [40, 50, 60]], [[70, 80, 90], [40, 50, 60]]]


def test_alpha_is_left_out(tmp_path: Path) -> None:
    image = Image.new("RGBA", (2, 2), (10, 20, 30, 0))
    assert written(image, tmp_path / "it.png")[:, 0, 0].tolist() == [10, 20, 30]
    assert written(Image.new("LA", (2, 2), (77, 128)), tmp_path / "it.png")[:, 0, 0].tolist() == [77, 77, 77]


def test_cmyk_becomes_rgb(tmp_path: Path) -> None:
    image = Image.new("CMYK", (2, 2), (0, 255, 255, 0))
    red, green, blue = written(image, tmp_path / "it.tif")[:, 0, 0].tolist()
    assert (red, green, blue) == (255, 0, 0)


@pytest.mark.parametrize("kind", ["gif", "tiff", "png", "webp"])
def test_the_first_frame_counts(tmp_path: Path, kind: str) -> None:
    frames = [Image.new("RGB", (4, 4), colour) for colour in ("red", "blue", "green")]
    frames[0].save(tmp_path / "it", format=kind, save_all=True, append_images=frames[1:])
    (tmp_path / "it").rename(tmp_path / "it.png")
    red, _, blue = decode(tmp_path / "it.png", None)[:, 0, 0].tolist()
    assert red > 240
    assert blue < 15


NAMES = ["cat/0.png", "dog/a longer name.png", "cat/\u00e9\udcff.png", "dog/3.png"]
"""One with a byte that is no UTF-8, as file systems may hold."""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for grey, name in enumerate(NAMES):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        Image.new("L", (6, 5), grey).save(tmp_path / name, format="png")
    return tmp_path


def test_files_are_images_in_the_order_of_their_paths(root: Path) -> None:
    files = ImageFiles(Paths(root, NAMES), None)
    assert len(files) == 4
    assert files.shape == (4, 3, 5, 6)
    assert [files.places[index] for index in range(4)] == [root / name for name in NAMES]
    assert [int(image[0, 0, 0]) for image in files] == [0, 1, 2, 3]
    assert files[-1].unique().tolist() == [3]
    for index in (4, -5):
        with pytest.raises(IndexError):
            files[index]


def test_files_are_resized(root: Path) -> None:
    files = ImageFiles(Paths(root, NAMES), 2)
    assert files.shape == (4, 3, 2, 2)
    assert files[1].shape == (3, 2, 2)


def test_files_are_not_opened_before_they_are_asked_for(tmp_path: Path) -> None:
    files = ImageFiles(Paths(tmp_path, ["nowhere.png"]), 8)
    assert files.shape == (1, 3, 8, 8)
    with pytest.raises(InputError, match=f"{tmp_path}/nowhere.png: No such file"):
        files[0]


def test_a_first_file_that_is_no_image(root: Path) -> None:
    (root / NAMES[0]).write_text("no image")
    with pytest.raises(BadImage, match=f"{root}/cat/0.png can't be read as an image"):
        ImageFiles(Paths(root, NAMES), None)


def test_a_file_of_another_size(root: Path) -> None:
    Image.new("L", (7, 8)).save(root / NAMES[1])
    with pytest.raises(InputError, match=r"name.png is 8x7, .*cat/0.png is 5x6: give data.side=N to resize all to NxN"):
        ImageFiles(Paths(root, NAMES), None)[1]


def test_files_need_paths(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no images"):
        ImageFiles(Paths(tmp_path, []), 4)


def test_files_can_be_pickled(root: Path) -> None:
    files = ImageFiles(Paths(root, NAMES), 3)
    copy = pickle.loads(pickle.dumps(files))
    assert copy.shape == files.shape
    assert torch.equal(torch.stack([*copy]), torch.stack([*files]))


def test_many_paths_take_little_memory() -> None:
    paths = [f"train/n{index % 1000:08}/n{index % 1000:08}_{index}.JPEG" for index in range(50_000)]
    files = ImageFiles(Paths(Path("/data"), paths), 224)
    assert len(pickle.dumps(files)) < 50_000 * 50
    assert files.places[49_999] == Path("/data") / paths[-1]
