"""python -m benchmarks [SECTION ...]: measure, print the tables, write them and a figure.

Every section is a module of this package with a function `measure(quick)` that yields
measurements; `quick` asks for few repeats and small cases, to see that it works.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from pathlib import Path

import click

from benchmarks.measurement import Measurement
from benchmarks.tables import print_section, write

SECTIONS = (
    "step",
    "parts",
    "epoch",
    "probes",
    "contribution",
    "planted",
    "start",
    "scale",
    "compare",
    "together",
    "decisions",
)
"""In the order they are run and printed."""


@click.command(help=(__doc__ or "").split(": ", 1)[1])
@click.argument("sections", nargs=-1, type=click.Choice(SECTIONS))
@click.option("--quick", is_flag=True, help="Few repeats, small cases.")
@click.option("--output", type=click.Path(path_type=Path), default=Path("runs/benchmarks"))
def main(sections: tuple[str, ...], quick: bool, output: Path) -> None:
    """Run the sections asked for, or all."""
    for name in sections or SECTIONS:
        measure: Callable[[bool], Iterator[Measurement]] = importlib.import_module(
            f"benchmarks.{name}"
        ).measure
        measurements = list(measure(quick))
        print_section(name, measurements)
        write(name, measurements, output)


if __name__ == "__main__":
    main()
