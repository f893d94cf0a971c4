"""python -m sim_study.verify FILE.npz: replay golden numbers and say how far off we are."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

import click
import numpy as np

from sim_study.entry import Verb
from sim_study.errors import Problem, UserError
from sim_study.verify.section import TOLERANCE, Section


@click.command(cls=Verb)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--device",
    type=click.Choice(["cpu", "cuda"]),
    default="cpu",
    show_default=True,
    help="Where training steps are replayed; everything downstream is replayed on the CPU.",
)
def verify(file: Path, device: str) -> None:
    """Replay golden numbers and report, part by part, the largest relative difference.

    FILE is an .npz archive of recorded training steps or of decoder outputs, losses and probes.
    The exit code is 1 when any part differs by more than 1e-9, and 2 when nothing in the file
    is known.
    """
    found = _sections(_read(file), file, device)
    for section in found:
        click.echo(_line(section))
    differing = sum(section.verdict == "differs" for section in found)
    agreeing = sum(section.verdict == "agrees" for section in found)
    click.echo(
        f"{agreeing} agree to {TOLERANCE:g}, {differing} differ, "
        f"{len(found) - agreeing - differing} not covered"
    )
    if differing:
        sys.exit(1)


def _read(file: Path) -> dict[str, np.ndarray]:
    """Read every array of the archive.

    Raises:
        UserError: When there is no such file, or it is not a whole .npz archive.
    """
    if not file.is_file():
        raise UserError(Problem(str(file), "no such file"))
    try:
        with np.load(file, allow_pickle=False) as archive:
            return {key: archive[key] for key in archive.files}
    except (ValueError, EOFError, zipfile.BadZipFile, AttributeError, TypeError) as error:
        raise UserError(Problem(str(file), f"cannot be read as .npz: {error}")) from None


def _sections(arrays: dict[str, np.ndarray], file: Path, device: str) -> list[Section]:
    """Compare every part that some room knows how to replay; name the others.

    Raises:
        UserError: When no part is known, or an array that a known part needs is missing.
    """
    from sim_study.verify import downstream, training

    try:
        found = training.sections(arrays, device) + downstream.sections(arrays)
    except KeyError as error:
        key = str(error.args[0])
        raise UserError(Problem(str(file), "is missing from the file", key)) from None
    if not found:
        law = "holds no golden section that is known"
        raise UserError(Problem(str(file), law, hint="expected sim/..., gim/... or decoder0/..."))
    replayed = {section.name.split("/")[0] for section in found}
    recorded = sorted({key.split("/")[0] for key in arrays if "/" in key})
    missing = (part for part in recorded if part not in replayed)
    return found + [Section(part, None, "nothing here replays it") for part in missing]


def _line(section: Section) -> str:
    if section.difference is None:
        return f"{section.name:<24} {section.verdict:<12} {section.worst}"
    arrays = f"{section.arrays} array{'s' * (section.arrays != 1)}"
    return (
        f"{section.name:<24} {section.verdict:<12} {section.difference:9.2e}  "
        f"{arrays:<10}  {section.worst}"
    )


if __name__ == "__main__":
    verify(prog_name="python -m sim_study.verify")
