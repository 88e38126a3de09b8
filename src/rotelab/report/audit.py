"""Audits images of your own: will a network memorize them, which labels deserve a look, and is the test set one? One
page for a browser, and a table beside it, audit.csv.

rotelab audit ~/images --minutes 10 --out audit.html
rotelab audit digits --model mlp model.widths=[256]
"""

import platform
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from rotelab.audit.configs import configs
from rotelab.config import identity
from rotelab.config.exits import ended_by_signals, exiting
from rotelab.config.flags import Flags
from rotelab.errors import InputError, printable
from rotelab.files import check_writable, write
from rotelab.plurals import plural
from rotelab.results.locks import hold
from rotelab.training.duration import in_words

if TYPE_CHECKING:  # it imports torch
    from rotelab.audit.audit import Audit

LEAST_MINUTES = 0.5


def page(audit: "Audit", name: str, command: str) -> str:
    """The file."""
    from rotelab.audit import memorization
    from rotelab.report.audited import map as drawn
    from rotelab.report.audited import memorization as memorizing
    from rotelab.report.audited import parts, properties, suspects
    from rotelab.report.page.page import Section, fill
    from rotelab.report.page.page import page as filled

    times = memorization.times(audit.curves, audit.images.chance)
    answers = [
        ("memorized", "Will a network memorize them?", memorizing.sentence(times)),
        ("labels", "Are the labels right?", f"{suspects.sentence(audit)} {suspects.trust(audit)}"),
        ("parts", "Is the test set fair?", f"{parts.sentence(audit)} {parts.alike(audit)}"),
        ("properties", "Is anything odd about the files?", properties.sentence(audit)),
    ]
    sections = [
        Section("short", "In short", fill("audit_short.html", answers=answers)),
        Section("memorized", "Will a network memorize these images?", memorizing.contents(audit)),
        Section("labels", "Labels that deserve a look", suspects.contents(audit)),
        Section("parts", "Train against test", parts.contents(audit)),
        Section("map", "The map of the images", drawn.contents(audit)),
        Section("properties", "Properties of the files", properties.contents(audit)),
        Section(
            "made", "How this was made", fill("audit_made.html", audit=audit, command=command, facts=_facts(audit))
        ),
    ]
    count, classes = len(audit.images), len(audit.images.classes)
    about = (
        f"{count:,} images in {plural(classes, 'class')}, audited in {in_words(audit.seconds)}. Made by rotelab audit."
    )
    return filled(name, about, sections)


def _facts(audit: "Audit") -> list[tuple[str, str]]:
    from rotelab.audit import memorization
    from rotelab.audit.plan import PLANTINGS

    looking, memorizing = audit.looking, audit.memorizing
    epochs = audit.curves.groupby("run").epoch.max()
    took = audit.suspects.epochs
    unlearned = memorization.unlearned(audit.curves)
    return [
        ("time", f"{in_words(audit.seconds)}, of {audit.minutes:g} minutes that were given"),
        (
            "wrong labels",
            f"{looking.images:,} images of at most {looking.side} pixels a side; {PLANTINGS * 2 * looking.seeds} "
            f"networks, {2 * looking.seeds} for each kind of planted labels, {plural(took, 'epoch')} each"
            + (f" of {looking.epochs}: time was up" if took < looking.epochs else ""),
        ),
        (
            "memorization",
            f"halves of at most {memorizing.size:,} images; {plural(len(epochs), 'network')}, "
            + plural(f"{epochs.min()} to {epochs.max()}" if epochs.min() < epochs.max() else epochs.max(), "epoch")
            + (f"; {unlearned} had not learned all their images when they ended" if unlearned else ""),
        ),
        ("device", audit.device),
        (
            "versions",
            ", ".join(f"{name} {version(name)}" for name in ("rotelab", "torch"))
            + f", Python {platform.python_version()}",
        ),
    ]


def run(images: str, model: str, overrides: Sequence[str], minutes: int | float) -> "Audit":
    """The audit, in a folder of its own below the results, from which one that was stopped goes on."""
    looking, memorizing = configs(images, model, overrides)
    name = f"{identity.digest(looking.values)}-{minutes:g}"
    folder = Path(looking.results).expanduser() / "audit" / name
    from rotelab.audit.audit import Networks, audit
    from rotelab.audit.images import read
    from rotelab.config.instantiate import recipe, source

    with hold(folder):
        networks = Networks(recipe(looking), recipe(memorizing))
        return audit(read(source(looking)()), networks, minutes, folder)


@ended_by_signals("goes on")
def main() -> None:
    parser = Flags(__doc__)
    parser.add_argument("images", help="a folder or file of images in any layout (docs/images.md), or a set: digits")
    parser.add_argument("--minutes", type=float, default=10, help="that it may take (default: %(default)s)")
    parser.add_argument("--out", type=Path, default=Path("audit.html"), help="the page (default: %(default)s)")
    parser.add_argument("--model", default="convnet5_quarter", help="one of conf/model (default: %(default)s)")
    parser.add_argument("options", nargs="*", default=[], help="key=value, of the model, optimizer, trainer and data")
    options = parser.parse_intermixed_args()
    if not options.minutes >= LEAST_MINUTES:
        raise InputError(f"--minutes {options.minutes:g}: an audit takes half a minute at least")
    out = options.out.expanduser()
    if out.suffix.lower() not in (".html", ".htm"):
        raise InputError(f"--out {printable(out)}: the page is a file whose name ends in .html")
    with exiting(out):
        check_writable(out.parent)
    audit = run(options.images, options.model, options.options, options.minutes)
    from rotelab.audit import table

    name = Path(options.images).expanduser().resolve().name
    csv = out.with_suffix(".csv")
    with exiting(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        write(csv, table.text(audit))
        write(out, page(audit, f"Audit of {printable(name)}", " ".join(["rotelab audit", *sys.argv[1:]])))
    print(f"the page: {out}\nthe table, a row an image: {csv}")


if __name__ == "__main__":
    main()
