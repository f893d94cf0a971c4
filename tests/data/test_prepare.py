from __future__ import annotations

import os
import pickle
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from sim_study.data import prepare as module
from sim_study.data.clip_files import corpus as corpus_module
from sim_study.data.clip_files.corpus import read_clips, write_clips
from sim_study.data.clips import Clips
from sim_study.data.corpus import Corpus
from sim_study.data.description import FileRecord, read_description, write_description
from sim_study.data.prepare import open_corpus, prepare
from sim_study.data.synthetic_speech.kind import SyntheticSpeech
from sim_study.errors import UserError

TINY = SyntheticSpeech(seed=3, train_words=4, test_words=2)


def test_a_prepared_corpus_is_opened_at_once(synthetic, small, prepared_output: Path) -> None:
    said: list[str] = []
    begin = time.perf_counter()
    again = prepare(small, prepared_output, said.append)
    assert time.perf_counter() - begin < 0.5
    assert again == synthetic
    assert said == []


def test_another_recipe_is_another_folder(tmp_path: Path) -> None:
    first = prepare(TINY, tmp_path)
    second = prepare(TINY.model_copy(update={"rate": (210, 220)}), tmp_path)
    assert first.folder != second.folder
    assert first.fingerprint != second.fingerprint


def test_a_corpus_of_the_earlier_layout_is_made_anew_under_its_name(tmp_path: Path) -> None:
    """As earlier versions left it: no spans, no classes of values, no word about a layout."""
    today = prepare(TINY, tmp_path)
    folder, bounds = today.folder, today.probe_clips("test").spans["vowel"].copy()
    description = read_description(folder)
    files = {}
    for name, record in description.files.items():
        clips = read_clips(folder / name)
        labels = {key: codes for key, codes in clips.labels.items() if key not in ("pitch", "rate")}
        write_clips(tmp_path / name, replace(clips, labels=labels, spans={}))
        (tmp_path / name).replace(folder / name)
        files[name] = FileRecord.of(folder / name, record.clips)
    write_description(folder, description.model_copy(update={"files": files, "layout": 1}))
    assert open_corpus(folder).probe_clips("test").spans == {}, "it stays readable"
    again = prepare(TINY, tmp_path)
    assert again == today
    np.testing.assert_array_equal(again.probe_clips("test").spans["vowel"], bounds)
    assert "pitch" in again.probe_clips("test").labels
    assert [path.name for path in folder.parent.iterdir() if path.is_dir()] == [folder.name]
    stale = read_description(folder).model_copy(update={"layout": 1, "fingerprint": "other"})
    write_description(folder, stale)
    with pytest.raises(UserError, match="was prepared with fingerprint other"):
        prepare(TINY, tmp_path)
    shutil.rmtree(folder)
    assert prepare(TINY, tmp_path) == today


def test_arrays_are_views_into_the_file(synthetic: Corpus) -> None:
    before = pa.total_allocated_bytes()
    clips = synthetic.probe_clips("train")
    assert pa.total_allocated_bytes() - before < 100_000  # samples: 12.7 MB
    by_name = (clips.labels, clips.values, clips.spans)
    arrays = [array for some in by_name for array in some.values()]
    for array in (clips.samples, clips.groups, *arrays):
        assert not array.flags.owndata
        assert not array.flags.writeable
    address = clips.samples.__array_interface__["data"][0]
    assert _is_mapped(address, "syllables-train.arrow")


def test_a_process_maps_each_file_once_for_all_trials(synthetic: Corpus, monkeypatch) -> None:
    mapped: list[str] = []
    monkeypatch.setattr(
        corpus_module, "read_clips", lambda path: mapped.append(path.name) or read_clips(path)
    )
    corpus_module._mapped.cache_clear()
    trials = [open_corpus(synthetic.folder) for _ in range(3)]
    clips = [trial.decoder_clips("train") for trial in trials]
    assert mapped == ["words-train.arrow"]
    assert all(np.shares_memory(clips[0].samples, other.samples) for other in clips[1:])
    corpus_module._mapped.cache_clear()


def test_a_file_that_was_replaced_is_mapped_anew(tmp_path: Path) -> None:
    corpus = prepare(TINY, tmp_path)
    before = corpus.decoder_clips("test")
    path = corpus.folder / "words-test.arrow"
    write_clips(tmp_path / "new", before.take([1]))
    (tmp_path / "new").replace(path)
    assert corpus.decoder_clips("test").ids == [before.ids[1]]


def _is_mapped(address: int, name: str) -> bool:
    """Whether `address` of this process lies in the mapping of a file called `name`."""
    maps = Path("/proc/self/maps")
    if not maps.exists():  # only Linux tells
        return True
    for line in maps.read_text().splitlines():
        begin, end = (int(part, 16) for part in line.split()[0].split("-"))
        if begin <= address < end:
            return line.endswith(name)
    return False


def test_a_corpus_travels_to_other_processes_without_its_samples(synthetic: Corpus) -> None:
    letter = pickle.dumps(synthetic)
    assert len(letter) < 2_000
    assert pickle.loads(letter).decoder_clips("test").ids == synthetic.decoder_clips("test").ids


def test_what_is_read_is_what_was_written(tmp_path: Path) -> None:
    from sim_study.data.synthetic_speech.synthesise import synthesise

    parts, corpus = synthesise(TINY, lambda _: None), prepare(TINY, tmp_path)
    for (form, split), written in parts.items():
        read = corpus.clips(form, split)
        assert read.ids == written.ids
        assert read.labels.keys() - written.labels.keys() == {"pitch", "rate"}
        assert read.classes.items() > written.classes.items()
        assert list(read.values) == list(written.values)
        assert list(read.spans) == list(written.spans)
        np.testing.assert_array_equal(read.samples, written.samples)
        for kind in ("labels", "values", "spans"):
            ours, theirs = getattr(read, kind), getattr(written, kind)
            for factor in theirs:
                np.testing.assert_array_equal(ours[factor], theirs[factor])


def test_take_picks_rows_in_order(synthetic: Corpus) -> None:
    clips = synthetic.probe_clips("test")
    taken = clips.take([5, 0])
    assert isinstance(taken, Clips)
    assert taken.ids == [clips.ids[5], clips.ids[0]]
    np.testing.assert_array_equal(taken.samples, clips.samples[[5, 0]])
    assert taken.labels["voice"].tolist() == clips.labels["voice"][[5, 0]].tolist()
    vowel_u = clips.labels["vowel"] == 2
    assert len(clips.take(vowel_u)) == vowel_u.sum()


def test_an_interrupted_preparation_leaves_no_corpus(tmp_path: Path, monkeypatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "write_description", interrupted)
    with pytest.raises(KeyboardInterrupt):
        prepare(TINY, tmp_path)
    assert [path.name for path in (tmp_path / "corpora").iterdir() if path.is_dir()] == []
    monkeypatch.undo()
    folder = prepare(TINY, tmp_path).folder
    leftover = folder.with_name(f".{folder.name}.partial")  # as kill -9 would leave it
    folder.rename(leftover)
    (leftover / "words-train.arrow").write_bytes(b"half")
    assert prepare(TINY, tmp_path).decoder_clips("train").samples.shape == (4, 10_240)
    assert not leftover.exists()


def test_two_processes_at_once_are_harmless(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from sim_study.data.synthetic_speech.kind import SyntheticSpeech\n"
        "from sim_study.data.prepare import prepare\n"
        "config = SyntheticSpeech(seed=3, train_words=4, test_words=2)\n"
        "print(prepare(config, Path(sys.argv[1])).fingerprint)"
    )
    root = Path(module.__file__).parents[2]
    children = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path)],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(root)},
        )
        for _ in range(2)
    ]
    fingerprints = {child.communicate(timeout=120)[0] for child in children}
    assert [child.returncode for child in children] == [0, 0]
    assert len(fingerprints) == 1


@pytest.mark.parametrize("damage", ["truncated", "missing", "changed", "description"])
def test_a_damaged_corpus_says_which_folder_to_delete(tmp_path: Path, damage: str) -> None:
    corpus = prepare(TINY, tmp_path)
    path = corpus.folder / "syllables-train.arrow"
    content = path.read_bytes()
    if damage == "truncated":
        path.write_bytes(content[:-100])
    elif damage == "missing":
        path.unlink()
    elif damage == "changed":
        path.write_bytes(content[:20_000] + b"?" + content[20_001:])
    else:
        path = corpus.folder / "corpus.json"
        path.write_text("{")
    with pytest.raises(UserError) as caught:
        prepare(TINY, tmp_path)
    assert str(path) in str(caught.value)
    assert f"delete the folder {corpus.folder}" in str(caught.value)


def test_a_folder_without_a_corpus_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"holds no prepared corpus .*prepare it with"):
        open_corpus(tmp_path)


def test_the_description_says_what_is_there(synthetic: Corpus) -> None:
    description = read_description(synthetic.folder)
    assert {name: record.clips for name, record in description.files.items()} == {
        "words-train.arrow": 240,
        "words-test.arrow": 60,
        "syllables-train.arrow": 720,
        "syllables-test.arrow": 180,
    }
    assert description.classes["vowel"] == ("a", "i", "u")
    assert description.fingerprint == synthetic.fingerprint
