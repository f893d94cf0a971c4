"""NumPy arrays by name in one `.npz`: written whole, read one at a time."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Self
from zipfile import BadZipFile

import numpy as np

from sim_study.errors import Problem, UserError
from sim_study.ledger.damage import TRIAL_ANEW, damaged
from sim_study.ledger.files import write_bytes

MADE_ANEW = TRIAL_ANEW
"""What to do about a file of arrays that cannot be read."""

_DAMAGE = (BadZipFile, ValueError, EOFError, OSError)
"""What NumPy raises on files that are torn, or are something else."""


def write_arrays(path: Path, arrays: Mapping[str, Any]) -> None:
    """Write arrays as NumPy's `.npz`, atomically: the result that follows vouches for them."""
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    write_bytes(path, buffer.getvalue())


class Arrays(Mapping[str, np.ndarray]):
    """The arrays of a file; each is read when it is asked for, since a file may hold gigabytes.

    Raises:
        UserError: It is missing or damaged; also when an array of it is asked for.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._names = dict.fromkeys(self._open().files)

    def __getitem__(self, name: str) -> np.ndarray:
        if name not in self._names:
            raise KeyError(name)
        try:
            with self._open() as file:
                array: np.ndarray = file[name]
        except _DAMAGE as error:
            raise self._damaged(error) from error
        return array

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def _open(self) -> np.lib.npyio.NpzFile:
        try:
            opened = np.load(self.path, allow_pickle=False)
        except FileNotFoundError as error:
            raise UserError(Problem(str(self.path), "is missing", hint=MADE_ANEW)) from error
        except _DAMAGE as error:
            raise self._damaged(error) from error
        if not isinstance(opened, np.lib.npyio.NpzFile):
            raise self._damaged("one array, not several by name")
        return opened

    def _damaged(self, why: object) -> UserError:
        return damaged(self.path, why, MADE_ANEW)


def classes_key(target: str) -> str:
    """Where a file keeps the names of a target's labels."""
    return f"classes/{target}"


class ArrayParts:
    """What goes into a trial's file of arrays, added part by part."""

    file_name: ClassVar[str]

    def __init__(self) -> None:
        self._arrays: dict[str, Any] = {}

    def add_classes(self, target: str, names: Sequence[str]) -> None:
        """Add the names of a target's labels."""
        self._arrays[classes_key(target)] = np.array(names)

    def write(self, folder: Path) -> None:
        """Write the file into a folder, atomically."""
        write_arrays(folder / self.file_name, self._arrays)


class ArrayFile:
    """What a trial's file of arrays holds; each is read when it is asked for.

    Args:
        arrays: By key.
        place: Where they are, for errors.
    """

    file_name: ClassVar[str]
    remedy: ClassVar[str] = MADE_ANEW
    """What to do about a file without a wanted array."""

    def __init__(self, arrays: Mapping[str, np.ndarray], place: str = "") -> None:
        self._arrays = arrays
        self._place = place or self.file_name

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Open the file of a folder.

        Raises:
            UserError: It is missing or damaged.
        """
        arrays = Arrays(folder / cls.file_name)
        return cls(arrays, str(arrays.path))

    def _array(self, key: str) -> np.ndarray:
        if key not in self._arrays:
            raise self._lacks(key)
        return self._arrays[key]

    def _lacks(self, what: str) -> UserError:
        return UserError(Problem(self._place, f"holds no {what}", hint=self.remedy))
