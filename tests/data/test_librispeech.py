"""What a prepared librispeech answers, on a tree of noise and on the real slice."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner

from sim_study.corpus import main
from sim_study.data.description import read_description
from sim_study.data.librispeech.selection import by_speaker
from sim_study.data.librispeech.stream import FLAWS_FILE
from sim_study.data.librispeech.worklist import expected
from sim_study.data.prepare import open_corpus, prepare
from sim_study.errors import UserError


def test_every_utterance_is_where_it_belongs_and_as_in_its_file(tree, tmp_path: Path) -> None:
    corpus = prepare(tree.config(), tmp_path)
    learnt = corpus.encoder_audio()
    assert len(learnt) == 2
    for part, name in zip(learnt.parts, ("13-7-0000", "13-7-0001"), strict=True):
        np.testing.assert_array_equal(part, tree.sounds[name])
    train, test = corpus.utterances("train"), corpus.utterances("test")
    assert train.ids == [f"{speaker}-7-{n:04d}" for speaker in (11, 12) for n in range(4)]
    assert test.ids == ["11-7-0004", "12-7-0004"]
    assert train.speakers.tolist() == [0] * 4 + [1] * 4
    assert train.classes == {"speaker": ("11", "12"), "phone": ("SIL", "AA", "B")}
    for own in (train, test):
        for name, part, phones in zip(own.ids, own.recordings.parts, own.phones, strict=True):
            np.testing.assert_array_equal(part, tree.sounds[name])
            assert [name, *map(str, phones)] == tree.line(name).split()


def test_clips_are_windows_one_after_the_other(tree, tmp_path: Path) -> None:
    corpus = prepare(tree.config(), tmp_path)
    clips = corpus.probe_clips("test")
    names = ["11-7-0004", "12-7-0004"]
    counts = [len(tree.sounds[name]) // 1_600 for name in names]
    expected_ids = [f"{n}-{i:02d}" for n, c in zip(names, counts, strict=True) for i in range(c)]
    assert clips.ids == expected_ids
    whole = np.concatenate(
        [tree.sounds[n][: c * 1_600] for n, c in zip(names, counts, strict=True)]
    )
    np.testing.assert_array_equal(clips.samples[:].reshape(-1), whole)
    assert clips.labels["speaker"].tolist() == [0] * counts[0] + [1] * counts[1]
    assert len(np.unique(clips.groups)) == 2
    assert not np.intersect1d(clips.groups, corpus.probe_clips("train").groups).size
    np.testing.assert_array_equal(np.unique(clips.groups), corpus.utterances("test").groups)
    decoded = corpus.decoder_clips("train")
    assert {name[:2] for name in decoded.ids} == {"13"}
    assert corpus.decoder_clips("test").ids == clips.ids


def test_without_pretraining_encoders_learn_from_the_training_split(tree, tmp_path: Path) -> None:
    corpus = prepare(tree.config(pretrain=()), tmp_path)
    assert len(corpus.encoder_audio()) == 8
    assert corpus.decoder_clips("train").ids == corpus.probe_clips("train").ids


def test_no_encoder_learns_from_the_test_split(tree, tmp_path: Path) -> None:
    assert len(prepare(tree.config(pretrain=("dev", "train")), tmp_path).encoder_audio()) == 10


def test_without_split_files_the_last_fifth_of_each_speaker_is_for_testing(
    tree, tmp_path: Path
) -> None:
    for name in ("train_split.txt", "test_split.txt"):
        (tree.labels / name).unlink()
    corpus = prepare(tree.config(), tmp_path)
    assert corpus.utterances("test").ids == ["11-7-0004", "12-7-0004"]
    (tree.labels / "converted_aligned_phones.txt").unlink()
    unlabelled = prepare(tree.config(), tmp_path)
    assert unlabelled.utterances("train") is None
    assert unlabelled.probe_clips("train").classes["speaker"] == ("11", "12", "13")
    assert read_description(unlabelled.folder).counted == {}
    assert by_speaker(f"1-1-{n:04d}" for n in range(12)).keys() == {
        f"1-1-{n:04d}" for n in range(12)
    }
    assert list(by_speaker(f"1-1-{n:04d}" for n in range(12)).values()).count("test") == 2
    assert by_speaker(["1-1-0000"]) == {"1-1-0000": "train"}


def test_the_speech_folder_itself_will_do(tree, tmp_path: Path) -> None:
    first = prepare(tree.config(), tmp_path)
    assert prepare(tree.config(root=tree.root / "LibriSpeech"), tmp_path) == first


def test_bad_utterances_are_counted_not_fatal(tree, tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    for number in range(5, 9):
        sound = rng.integers(-9_000, 9_000, 5_000).astype(np.int16)
        tree.write("dev", f"11-7-{number:04d}", sound)
    tree.write("dev", "11-7-0009", tree.sounds["11-7-0005"][:1_599])
    names = [f"11-7-{number:04d}" for number in range(5, 10)]
    tree.write_text("train_split.txt", [*tree.lines("train_split.txt"), *names])
    cut, flipped, headless = (tree.path(name) for name in names[:3])
    cut.write_bytes(cut.read_bytes()[:4_000])
    content = bytearray(flipped.read_bytes())
    content[30] ^= 1  # in the checksum: the samples decode without an error
    flipped.write_bytes(content)
    headless.write_bytes(b"no sound" * 500)
    said: list[str] = []
    corpus = prepare(tree.config(), tmp_path, said.append)
    counted = read_description(corpus.folder).counted
    assert {reason: one.count for reason, one in counted.items()} == {
        "damaged": 3,
        "shorter than a clip": 1,
        "without phone labels": 1,  # 0008: its sound is good
    }
    assert set(counted["damaged"].first) == set(names[:3])
    assert any("3 damaged" in line for line in said)
    listed = (corpus.folder / FLAWS_FILE).read_text().splitlines()
    assert len(listed) == 1 + 5
    assert "shorter than a clip\t11-7-0009\t1599 of 1600 samples" in listed
    good = corpus.probe_clips("train")
    assert not {name[:9] for name in good.ids} & {*names[:3], names[4]}
    last = good.take(np.flatnonzero([name.startswith("11-7-0008") for name in good.ids]))
    np.testing.assert_array_equal(
        last.samples.reshape(-1), tree.sounds["11-7-0008"][: len(last) * 1_600]
    )


def test_speakers_whom_no_probe_learns_are_counted(tree, tmp_path: Path) -> None:
    tree.write_text("test_split.txt", [*tree.lines("test_split.txt"), "13-7-0000"])
    corpus = prepare(tree.config(), tmp_path)
    counted = read_description(corpus.folder).counted
    strange = counted["for testing, of a speaker who is not in the training split"]
    assert strange.first == ("13-7-0000",)
    assert corpus.probe_clips("test").classes["speaker"] == ("11", "12", "13")


def test_a_copy_of_the_folder_and_unused_subsets_change_nothing(tree, tmp_path: Path) -> None:
    first = prepare(tree.config(), tmp_path)
    tree.write("other", "14-7-0000", np.ones(5_000, np.int16))
    moved = tree.root.rename(tree.root.with_name("moved"))
    assert prepare(tree.config(root=moved), tmp_path) == first
    tree.labels = moved / "labels"
    tree.write_text("phones.txt", ["SIL 0", "AA 1", "BB 2"])
    assert prepare(tree.config(root=moved), tmp_path).fingerprint != first.fingerprint


def test_large_files_are_read_again_only_when_they_changed(tree, tmp_path: Path) -> None:
    corpus = prepare(tree.config(), tmp_path)
    path = corpus.folder / "utterances-0000.arrow"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    times = path.stat().st_atime_ns, path.stat().st_mtime_ns
    path.write_bytes(content)
    with pytest.raises(UserError, match="is not what was written"):
        corpus.verify()
    os.utime(path, ns=times)
    corpus.verify()  # taken as written
    with pytest.raises(UserError, match="is not what was written"):
        corpus.verify(thorough=True)
    path.write_bytes(content[:-10])
    with pytest.raises(UserError, match=f"delete the folder {corpus.folder}"):
        open_corpus(corpus.folder)


def test_the_real_slice(slice_of_librispeech, shared_data: Path) -> None:
    corpus = slice_of_librispeech
    learnt = corpus.encoder_audio()
    assert (len(learnt), learnt.lengths.min()) == (60, 37_039)
    assert (len(corpus.utterances("train")), len(corpus.utterances("test"))) == (64, 18)
    clips = corpus.probe_clips("train")
    assert (clips.samples.shape, len(clips.classes["speaker"])) == ((443, 20_480), 10)
    assert len(corpus.decoder_clips("train")) == 561
    counted = read_description(corpus.folder).counted
    assert {reason: one.count for reason, one in counted.items()} == {"without phone labels": 18}
    tested = corpus.utterances("test")
    path = next((shared_data / "librispeech-sample").rglob(f"{tested.ids[3]}.flac"))
    np.testing.assert_array_equal(
        tested.recordings.parts[3], soundfile.read(path, dtype="int16")[0]
    )
    assert len(tested.phones[3]) == len(tested.recordings.parts[3]) // 160
    assert tested.classes["phone"][:3] == ("SIL", "SPN", "AA")


def test_what_to_expect_is_known_before(slice_of_librispeech, shared_data, tree) -> None:
    found = expected(tree.config())
    assert found.encoder.clips == 2
    windows = sum(len(tree.sounds[name]) // 1_600 for name in tree.lines("train_split.txt"))
    assert (found.labelled.clips, found.utterances.clips) == (windows, 8)


def test_nothing_is_read_before_it_is_cut(slice_of_librispeech) -> None:
    for part in slice_of_librispeech.encoder_audio().parts[:3]:
        assert not part.flags.owndata
        assert not part.flags.writeable


def test_the_verb_shows_what_is_there_and_what_is_not(tree, tmp_path: Path) -> None:
    labels = tree.lines("converted_aligned_phones.txt")
    tree.write_text("converted_aligned_phones.txt", labels[1:])
    figure = tmp_path / "figure.png"
    settings = [f"root={tree.root}", "pretrain=[train]", "clip_samples=1600"]
    options = [word for setting in settings for word in ("--set", f"corpus.{setting}")]
    arguments = ["inspect", "librispeech", *options, "--output", str(tmp_path)]
    seen = CliRunner().invoke(main, [*arguments, "--figure", str(figure)])
    assert seen.exit_code == 0, seen.output
    assert figure.read_bytes().startswith(b"\x89PNG")
    for words in ("hours", "speakers", "SIL", "without phone labels", "11-7-0000", FLAWS_FILE):
        assert words in seen.output
