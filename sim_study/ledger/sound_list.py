"""`sounds.csv`: what the sounds of a folder are, row by row, and where a decoder's folders lie."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from sim_study.ledger.arrays import MADE_ANEW
from sim_study.ledger.damage import damaged
from sim_study.ledger.files import csv_text, write_text

SOUND_LIST = "sounds.csv"

RECONSTRUCTIONS = "reconstructions"
DRAWS, INTERPOLATIONS, TRAVERSALS = OTHER_SOUNDS = ("draws", "interpolations", "traversals")
"""Folders of a decoder's artifacts, besides reconstructions, in the order they are shown."""

ORIGINAL, RECONSTRUCTED = "original_", "reconstructed_"
"""How the files of a test clip and of its reconstruction begin; then comes the clip's name."""


class ListedSound(NamedTuple):
    """One line of the list.

    Args:
        row: Sounds of one row are to be compared with each other.
        title: Above its picture.
        file: In the same folder.
        peak: Largest magnitude as decoded, 1 at full scale.
        gain: What the file's amplitudes were multiplied by.
    """

    row: int
    title: str
    file: str
    peak: float
    gain: float


def write_sound_list(folder: Path, sounds: Iterable[ListedSound]) -> None:
    """Write the list into a folder of sounds."""
    rows = ((*one[:3], f"{one.peak:.6g}", f"{one.gain:.6g}") for one in sounds)
    write_text(folder / SOUND_LIST, csv_text([ListedSound._fields, *rows]))


def read_sound_list(folder: Path) -> list[ListedSound]:
    """Read a folder's list; empty where it has none.

    Raises:
        UserError: The list is damaged.
    """
    path = folder / SOUND_LIST
    if not path.exists():
        return []
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return [
                ListedSound(
                    int(line["row"]),
                    line["title"],
                    line["file"],
                    float(line["peak"]),
                    float(line["gain"]),
                )
                for line in csv.DictReader(file, strict=True)
            ]
    except (KeyError, TypeError, ValueError, csv.Error) as error:
        raise damaged(path, error, MADE_ANEW) from error
