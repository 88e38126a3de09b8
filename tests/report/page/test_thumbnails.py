"""Images in the page itself: JPEG of a bounded size, their words escaped."""

import re
from base64 import b64decode
from io import BytesIO

import numpy
import pytest
from PIL import Image

from rotelab.report.page.thumbnails import SIDE, Thumbnail, thumbnails


@pytest.mark.parametrize(
    ("mode", "size", "shown"), [("RGB", (300, 100), (SIDE, 21)), ("L", (8, 8), (8, 8)), ("RGBA", (64, 64), (64, 64))]
)
def test_an_image_is_a_small_jpeg(mode: str, size: tuple[int, int], shown: tuple[int, int]) -> None:
    pixels = numpy.random.default_rng(0).integers(0, 256, (size[1], size[0], 4), dtype=numpy.uint8)
    page = thumbnails([Thumbnail(Image.fromarray(pixels).convert(mode), 'a "cat"', ["<script>", "epoch 3"])])
    (data,) = re.findall(r'src="data:image/jpeg;base64,([^"]+)"', page)
    with Image.open(BytesIO(b64decode(data))) as image:
        assert (image.format, image.size) == ("JPEG", shown)
    assert 'alt="a &#34;cat&#34;"' in page and "<span>&lt;script&gt;</span><span>epoch 3</span>" in page
