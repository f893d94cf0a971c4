"""The list of a folder's sounds."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from sim_study.errors import UserError
from sim_study.ledger.sound_list import ListedSound, read_sound_list, write_sound_list

STORED = Path(__file__).parents[1] / "stored_ledger" / "ledger.tar.xz"


def test_what_is_listed_is_read(tmp_path: Path) -> None:
    listed = [
        ListedSound(0, 'dimension 3, "+1.5 sd"', "a.wav", 0.25, 1.0),
        ListedSound(1, "draw 0: N(0, 1)", "b.wav", 4.0, 0.25),
    ]
    write_sound_list(tmp_path, listed)
    assert read_sound_list(tmp_path) == listed
    first = (tmp_path / "sounds.csv").read_text().splitlines()[0]
    assert first == "row,title,file,peak,gain"


def test_a_folder_without_a_list_has_none(tmp_path: Path) -> None:
    assert read_sound_list(tmp_path) == []


@pytest.mark.parametrize(
    "content",
    [
        b"row,title\n0,a\n",
        b"row,title,file,peak,gain\nx,a,a.wav,1,1\n",
        b"row,title,file,peak,gain\n0,a\n",
        b'row,title,file,peak,gain\n0,"a\n',
        b"\xff\xfe\x00",
    ],
)
def test_a_damaged_list_is_named_with_what_to_do(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "sounds.csv").write_bytes(content)
    with pytest.raises(UserError, match=r"sounds.csv: is damaged \(.*; delete the trial"):
        read_sound_list(tmp_path)


def test_what_an_earlier_version_wrote_is_read(tmp_path: Path) -> None:
    with tarfile.open(STORED) as archive:
        archive.extractall(tmp_path, filter="data")
    lists = [read_sound_list(path.parent) for path in tmp_path.rglob("sounds.csv")]
    assert lists
    for sounds in lists:
        assert all(one.file.endswith(".wav") and 0 < one.gain <= 1 for one in sounds)
