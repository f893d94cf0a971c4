"""Wrong input of a librispeech: all of it at once, each with its line or path."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner

from sim_study.corpus import main
from sim_study.data.librispeech.kind import LibriSpeech
from sim_study.data.prepare import prepare
from sim_study.errors import UserError

LABELS = "converted_aligned_phones.txt"


def _problems(config: LibriSpeech, output: Path) -> list[str]:
    with pytest.raises(UserError) as caught:
        prepare(config, output)
    assert not [path for path in output.rglob("*") if path.is_dir() and "-" in path.name]
    return [str(problem) for problem in caught.value.problems]


def test_everything_wrong_is_listed_at_once(tree, tmp_path: Path) -> None:
    labels = tree.lines(LABELS)
    labels[1] = labels[1] + " 3 -1 x"  # unknown phones
    labels[2] = labels[2] + " 0"  # one label more than frames
    labels[3] = " ".join(labels[3].split()[:9])  # labels of less than half of it
    labels[4] = labels[4].split()[0]  # none
    labels += [labels[0], "11-7-0099 0 1", tree.line("12-7-0000").replace(" 1 ", " 0.5 ", 1)]
    path = tree.write_text(LABELS, labels)
    train = tree.write_text(
        "train_split.txt",
        [*tree.lines("train_split.txt"), "11-7-0001", "99-9-0000", "two words"],
    )
    test = tree.write_text("test_split.txt", [*tree.lines("test_split.txt"), "11-7-0002"])
    names = tree.write_text("phones.txt", ["SIL 0", "AA 2", "B"])
    noise = tree.sounds["13-7-0000"]
    tree.write("train", "13-7-0002", np.stack([noise, noise], 1))
    tree.write("train", "13-7-0003", noise, rate_hz=8_000)
    tree.path("13-7-0004", "train").touch()
    odd = tree.path("13-7-0000", "train").with_name("take1.flac")
    odd.touch()
    tree.write("other", "11-7-0000", tree.sounds["11-7-0000"])
    found = "\n".join(_problems(tree.config(), tmp_path / "out"))
    expected = [
        f"{path}:2: '3, -1, x': 11-7-0001 has unknown phones, must be whole numbers of 0-2",
        f"{path}:3: 11-7-0002 has",
        f"{path}:4: 11-7-0003 has 8 labels, must have",
        f"{path}:5: 11-7-0004 has no labels",
        f"{path}:11: '11-7-0000': is given twice; first in {path}:1",
        f"{path}:12: '11-7-0099': has no sound",
        f"{path}:13: '12-7-0000': is given twice",
        f"{train}:9: '11-7-0001': is given twice; first in {train}:2",
        f"{train}:10: '99-9-0000': has no sound",
        f"{train}:11: 'two words': must be one utterance's id, is 2 words",
        f"{test}:3: '11-7-0002': is in both splits; also in {train}:3",
        f"{names}:2: 'AA 2': must count up from 0 without a gap: 1 comes next",
        f"{names}:3: 'B': must be `NAME number`",
        f"{tree.path('13-7-0002', 'train')}: channels = 2: must be mono",
        f"{tree.path('13-7-0003', 'train')}: rate = 8000: must be 16000 Hz",
        f"{tree.path('13-7-0004', 'train')}: is empty",
        f"{odd}: must be named 13-7-NUMBER.flac",
        f"{tree.path('11-7-0000', 'other')}: this utterance is there twice",
    ]
    for words in expected:
        assert words in found, words


def test_times_are_no_phones(tree, tmp_path: Path) -> None:
    """The form has a number a frame; lines of an alignment with times are another form."""
    tree.write_text(LABELS, [*tree.lines(LABELS)[1:], "11-7-0000 0.00 0.25 SIL 0.25 0.20 AA"])
    (problem,) = _problems(tree.config(), tmp_path / "out")
    assert "0.00, 0.25, SIL" in problem
    assert "6 of 6 labels, the first is label 1" in problem


def test_labels_may_be_a_little_short_and_in_any_order(tree, tmp_path: Path) -> None:
    ids = [line.split()[0] for line in tree.lines(LABELS)]
    tree.write_text(LABELS, [tree.line(name, fewer=2) for name in reversed(ids)])
    utterances = prepare(tree.config(), tmp_path).utterances("train")
    assert utterances.ids == sorted(utterances.ids)
    lengths = utterances.recordings.lengths // 160 - 2
    assert [len(phones) for phones in utterances.phones] == lengths.tolist()


def test_what_is_not_there_is_named(tree, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert "corpus.root: is required; get it with" in _problems(LibriSpeech(), out)[0]
    assert "there is no such folder" in _problems(LibriSpeech(root=tmp_path / "no"), out)[0]
    assert "holds no LibriSpeech/<subset>" in _problems(LibriSpeech(root=tree.labels), out)[0]
    wrong = tree.config(pretrain=("trian",), phones=tmp_path / "none.txt")
    found = _problems(wrong, out)
    assert "corpus.pretrain.0 = 'trian': there is no such subset" in found[0]
    assert "did you mean 'train'?" in found[0]
    assert "corpus.phones" in found[1]
    with pytest.raises(ValueError, match="give both or neither"):
        LibriSpeech(train_split=tmp_path)


def test_a_corpus_needs_something_to_learn_from_and_to_test_on(tree, tmp_path: Path) -> None:
    found = _problems(tree.config(clip_samples=160_000), tmp_path / "out")
    assert [problem.split(": ")[1] for problem in found] == [
        "train split",
        "test split",
        "corpus.pretrain",
    ]


def test_real_files_with_mistakes_end_with_code_2(shared_data: Path, tmp_path: Path) -> None:
    source = shared_data / "librispeech-sample"
    folder = tmp_path / "LibriSpeech" / "test-other" / "1688" / "142285"
    shutil.copytree(source / "LibriSpeech" / "test-other" / "1688" / "142285", folder)
    sound, rate_hz = soundfile.read(folder / "1688-142285-0000.flac", dtype="int16")
    soundfile.write(folder / "1688-142285-0000.flac", np.stack([sound, sound], 1), rate_hz)
    soundfile.write(folder / "1688-142285-0001.flac", sound, 8_000)
    (folder / "1688-142285-0002.flac").write_bytes(b"")
    arguments = ["prepare", "librispeech", "--set", f"corpus.root={tmp_path}"]
    result = CliRunner().invoke(main, [*arguments, "--output", str(tmp_path / "out")])
    assert result.exit_code == 2
    for number, law in enumerate(("must be mono", "must be 16000 Hz", "is empty")):
        path = folder / f"1688-142285-{number:04d}.flac"
        assert any(str(path) in line and law in line for line in result.output.splitlines())
