"""What an audit finds against cleanlab and cleanvision, of wrong labels and copies that are put among real images.

python -m rotelab.benchmarks.audit ~/cifar10 ~/fashion.npz --out docs/results/audit

Of each set some images are taken, the first of each class. Wrong labels: a tenth, any other class or the next one,
drawn three times; average precision of the ranking, seconds of this process's CPU, the share that is estimated.
cleanlab has five folds of the same network and 12 epochs. Copies: fifty of each kind. Needs the extra ``audit``.
"""

import csv
import io
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy
import torch
from jaxtyping import Float, Int64
from PIL import Image, ImageEnhance
from sklearn.metrics import average_precision_score
from torch import Tensor
from torch.nn.functional import cross_entropy

from rotelab.audit import calibration
from rotelab.audit.audit import suspects
from rotelab.audit.configs import configs
from rotelab.audit.copies import copies
from rotelab.audit.images import Images, at_most, read, standardized
from rotelab.audit.plan import Looking
from rotelab.audit.progress import Progress
from rotelab.config.exits import ended_by_signals
from rotelab.config.flags import Flags
from rotelab.config.instantiate import recipe, source
from rotelab.data.sizes import batch_of
from rotelab.files import write
from rotelab.randomness import stream
from rotelab.training.recipe import Recipe

COUNT, NOISE, FOLDS, EPOCHS = 2000, 0.1, 5, 12
COLUMNS = ("set", "noise", "draw", "who", "average_precision", "cpu_seconds", "share", "low", "high", "true_share")
COPIED = 50


def some(images: Images, count: int) -> Images:
    """The first of each class."""
    each = count // len(images.classes)
    chosen = torch.cat([(images.labels == label).nonzero().flatten()[:each] for label in range(len(images.classes))])
    return replace(
        images,
        pixels=images.pixels[chosen],
        labels=images.labels[chosen],
        part=images.part[chosen],
        files=[images.files[number] for number in chosen.tolist()],
        sizes=images.sizes[chosen.numpy()],
    )


def noisy(labels: Int64[Tensor, " image"], kind: str, draw: int, classes: int) -> Int64[Tensor, " image"]:
    """A tenth is wrong: any other class, or the one after."""
    random = stream("noise of a benchmark", kind, draw)
    chosen = torch.randperm(len(labels), generator=random)[: round(NOISE * len(labels))]
    steps = torch.randint(1, classes, (len(chosen),), generator=random) if kind == "symmetric" else 1
    made = labels.clone()
    made[chosen] = (labels[chosen] + steps) % classes
    return made


Found = tuple[Float[numpy.ndarray, " image"], tuple[float, float | None, float | None]]
"""A score, and the share of wrong labels with its range, where there is one."""


def ours(images: Images, base: Recipe, epochs: int) -> Found:
    looking = Looking(len(images), max(images.pixels.shape[2:]), 1, epochs, float("inf"))
    with TemporaryDirectory() as folder:
        found, _ = suspects(images, base, looking, Path(folder), Progress(0, 0))
    share = calibration.share_of_wrong(found.plantings)
    return found.suspicion, (share.mean, share.low, share.high)


def folds(images: Images, base: Recipe) -> Float[numpy.ndarray, "image class"]:
    """Probabilities by networks that have not learned the image, as cleanlab is given them."""
    inputs = standardized(at_most(images.pixels, 10**6)).to(memory_format=torch.channels_last)
    order = torch.randperm(len(images), generator=stream("folds"))
    found = torch.zeros(len(images), len(images.classes))
    for fold in range(FOLDS):
        torch.manual_seed(fold)
        held_out = order[fold::FOLDS]
        learned = order[torch.arange(len(order)) % FOLDS != fold]
        network = base.network(tuple(inputs.shape[1:]), len(images.classes)).to(memory_format=torch.channels_last)
        optimizer = base.optimizer(network.parameters())
        for epoch in range(EPOCHS):
            mixed = learned[torch.randperm(len(learned), generator=stream("epoch", fold, epoch))]
            for batch in mixed.split(batch_of(len(learned) // 2)):
                optimizer.zero_grad()
                cross_entropy(network(inputs[batch]), images.labels[batch]).backward()
                optimizer.step()
        with torch.inference_mode():
            network.eval()
            found[held_out] = torch.cat([network(inputs[piece]).softmax(1) for piece in held_out.split(64)])
    return found.double().numpy()


def cleanlab(images: Images, base: Recipe) -> Found:
    """The rank by self-confidence, and the share that it flags."""
    from cleanlab.filter import find_label_issues  # ty: ignore[import-not-found]
    from cleanlab.rank import get_self_confidence_for_each_label  # ty: ignore[import-not-found]

    probabilities, labels = folds(images, base), images.labels.numpy()
    flagged = find_label_issues(labels, probabilities)
    score = 1 - get_self_confidence_for_each_label(labels, probabilities)
    return score, (float(numpy.mean(flagged)), None, None)


def of_labels(name: str, images: Images, base: Recipe, draws: int, epochs: int) -> Iterator[tuple]:
    for kind in ("symmetric", "next class"):
        for draw in range(draws):
            given = replace(images, labels=noisy(images.labels, kind, draw, len(images.classes)))
            wrong = (given.labels != images.labels).numpy()
            for who, find in (("rotelab", partial(ours, epochs=epochs)), ("cleanlab", cleanlab)):
                start = time.process_time()
                score, share = find(given, base)
                seconds = time.process_time() - start
                yield (name, kind, draw, who, average_precision_score(wrong, score), seconds, *share, wrong.mean())


def _recompressed(image: Image.Image, _: numpy.random.Generator) -> Image.Image:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=50)
    return Image.open(file)


def _cropped(image: Image.Image, draw: numpy.random.Generator) -> Image.Image:
    """By 3 to 12 % of each side, in any place, and of its size again."""
    width, height = (int(side * draw.uniform(0.88, 0.97)) for side in image.size)
    left, top = (int(draw.integers(full - cut + 1)) for full, cut in zip(image.size, (width, height), strict=True))
    return image.crop((left, top, left + width, top + height)).resize(image.size)


WAYS: dict[str, Callable[[Image.Image, numpy.random.Generator], Image.Image]] = {
    "recompressed": _recompressed,
    "mirrored": lambda image, _: image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    "darkened": lambda image, _: ImageEnhance.Brightness(image).enhance(0.6),
    "cropped": _cropped,
}


def planted(images: Images) -> tuple[list[Image.Image], list[tuple[str, int]]]:
    """The images and copies of some behind them; of each copy how it was made, and of which image."""
    pixels = images.pixels.expand(-1, 3, -1, -1).permute(0, 2, 3, 1).contiguous().numpy()
    all_, made, draw = [Image.fromarray(image) for image in pixels], [], numpy.random.default_rng(0)
    for way, change in WAYS.items():
        for number in draw.choice(len(pixels), COPIED, replace=False).tolist():
            all_.append(change(all_[number], draw).convert("RGB"))
            made.append((way, number))
    return all_, made


def of_copies(name: str, images: Images) -> Iterator[tuple]:
    """The share of each kind that is found, and of images that are in a pair which is none that was planted."""
    all_, made = planted(images)
    for who, find in (("rotelab", _our_copies), ("cleanvision", _cleanvision)):
        start = time.process_time()
        pairs = find(all_)
        seconds = time.process_time() - start
        for way in WAYS:
            mine = [(number, len(images) + at) for at, (how, number) in enumerate(made) if how == way]
            yield name, who, way, sum(pair in pairs for pair in mine) / len(mine), seconds
        false = {number for pair in pairs for number in pair if max(pair) < len(images)}
        yield name, who, "others, taken for copies", len(false) / len(images), seconds


def _our_copies(images: list[Image.Image]) -> set[tuple[int, int]]:
    pixels = torch.from_numpy(numpy.stack([numpy.array(image) for image in images])).permute(0, 3, 1, 2).contiguous()
    return {(copy.first, copy.second) for copy in copies(pixels).pairs}


def _cleanvision(images: list[Image.Image]) -> set[tuple[int, int]]:
    from cleanvision import Imagelab  # ty: ignore[import-not-found]

    with TemporaryDirectory() as folder:
        paths = [str(Path(folder) / f"{number:06}.png") for number in range(len(images))]
        for image, path in zip(images, paths, strict=True):
            image.save(path)
        lab = Imagelab(filepaths=paths)
        lab.find_issues({"exact_duplicates": {}, "near_duplicates": {}}, n_jobs=1, verbose=False)
        sets = [one for kind in ("exact_duplicates", "near_duplicates") for one in lab.info[kind]["sets"]]
    numbers = [sorted(int(Path(path).stem) for path in one) for one in sets]
    return {(one, other) for group in numbers for at, one in enumerate(group) for other in group[at + 1 :]}


def _table(columns: tuple[str, ...], rows: list[tuple]) -> str:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([f"{value:.4g}" if isinstance(value, float) else value for value in row] for row in rows)
    return file.getvalue()


@ended_by_signals("starts again")
def main() -> None:
    parser = Flags(__doc__)
    parser.add_argument("images", nargs="+", help="sets, as rotelab audit takes them")
    parser.add_argument("--count", type=int, default=COUNT, help="images of each (default: %(default)s)")
    parser.add_argument("--draws", type=int, default=3, help="of each kind of noise (default: %(default)s)")
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="of ours (default: %(default)s)")
    parser.add_argument("--model", default="convnet5_quarter", help="one of conf/model (default: %(default)s)")
    parser.add_argument("--out", type=Path, required=True, help="the folder for labels.csv and copies.csv")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    found: dict[str, list[tuple]] = {"copies": [], "labels": []}
    columns = {"labels": COLUMNS, "copies": ("set", "who", "kind", "share", "cpu_seconds")}
    for given in options.images:
        looking, _ = configs(given, options.model, ["trainer.accelerator=cpu"])
        images, base, name = some(read(source(looking)()), options.count), recipe(looking), Path(given).stem
        torch.set_num_threads(base.threads or torch.get_num_threads())
        for kind, rows in (
            ("copies", of_copies(name, images)),
            ("labels", of_labels(name, images, base, options.draws, options.epochs)),
        ):
            for row in rows:
                print(*(f"{value:.3g}" if isinstance(value, float) else value for value in row), flush=True)
                found[kind].append(row)
                write(options.out / f"{kind}.csv", _table(columns[kind], found[kind]))


if __name__ == "__main__":
    main()
