"""What every corpus must do. A new one is tested here once it is in the registry and in SMALL."""

from __future__ import annotations

import json
import pickle
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import numpy as np
import pytest
from click.testing import CliRunner

from sim_study import corpus as verb
from sim_study.config.metrics import Factor
from sim_study.config.strict import build
from sim_study.data import prepare as prepare_module
from sim_study.data.amounts import amounts_of
from sim_study.data.artificial_speech.read import FOLDERS as RECORDED
from sim_study.data.clips import SPLITS
from sim_study.data.corpora import CORPORA, FOLDERS, kind_of
from sim_study.data.corpus import Corpus
from sim_study.data.description import DESCRIPTION, read_description
from sim_study.data.kind import CorpusKind, CorpusSettings
from sim_study.data.prepare import open_corpus, prepare
from sim_study.data.recordings import Recordings
from sim_study.errors import UserError
from sim_study.naming.targets import Target
from sim_study.space.laws import check
from sim_study.space.spec import Spec

FILES = 24
"""Of each folder of artificial speech."""


def few_recordings(request: pytest.FixtureRequest, folder: Path) -> dict[str, Any]:
    """The first recordings of each folder of artificial speech."""
    root = request.getfixturevalue("shared_data") / "artificial-speech"
    for form in RECORDED.values():
        for split in SPLITS:
            own = folder / form / split
            own.mkdir(parents=True)
            for path in sorted((root / form / split).glob("*.wav"))[:FILES]:
                (own / path.name).symlink_to(path)
    return {"root": folder}


def slice_of_librispeech(request: pytest.FixtureRequest, _: Path) -> dict[str, Any]:
    """The sample with its labels, of which encoders learn another part."""
    root = request.getfixturevalue("shared_data") / "librispeech-sample"
    return {"root": root, "pretrain": ("train-clean-100",)}


SMALL: dict[str, Callable[[pytest.FixtureRequest, Path], dict[str, Any]]] = {
    "synthetic-speech": lambda *_: {"train_words": 12, "test_words": 6, "phones": True},
    "artificial-speech": few_recordings,
    "librispeech": slice_of_librispeech,
}
"""Settings under which a corpus is prepared in seconds, with every label that it may have; the
folder is new and the corpus' own."""


@dataclass(frozen=True)
class Made:
    """A corpus prepared for these tests: its record, its settings, and where."""

    kind: CorpusKind[Any]
    settings: CorpusSettings
    output: Path
    corpus: Corpus


@pytest.fixture(scope="module", params=CORPORA)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Made:
    name = request.param
    if name not in SMALL:
        pytest.fail(f"the corpus {name} has no entry in SMALL, so nothing of it is tested")
    kind, folder = CORPORA[name], tmp_path_factory.mktemp(name)
    small = SMALL[name](request, folder / "root")
    settings = build(kind.settings, {"name": name, **small}, name)
    return Made(kind, settings, folder, prepare(settings, folder))


@pytest.fixture(params=CORPORA.values(), ids=CORPORA)
def kind(request: pytest.FixtureRequest) -> CorpusKind[Any]:
    kind: CorpusKind[Any] = request.param
    return kind


def test_every_folder_with_a_record_is_registered_once() -> None:
    room = Path(prepare_module.__file__).parent
    records = {
        path.parent.name
        for path in room.glob("*/kind.py")
        if "\nKIND = " in path.read_text(encoding="utf-8")
    }
    assert records == set(FOLDERS)
    assert len(CORPORA) == len(FOLDERS)
    assert set(SMALL) == set(CORPORA)


def test_settings_have_a_name_of_their_own_and_defaults(kind: CorpusKind[Any]) -> None:
    settings = kind.settings()
    assert settings.name == kind.name
    assert kind_of(settings) is kind
    annotation = kind.settings.model_fields["name"].annotation
    assert get_origin(annotation) is Literal
    assert get_args(annotation) == (kind.name,)
    assert kind.settings.__doc__
    assert kind.needs
    described = {key for key, field in kind.settings.model_fields.items() if field.description}
    assert described == kind.settings.model_fields.keys() - {"name"}
    with pytest.raises(UserError, match="no_such_key: unknown key"):
        build(kind.settings, {"no_such_key": 1}, "here")


def test_facts_fit_together(kind: CorpusKind[Any]) -> None:
    facts = kind.facts
    assert set(facts.targets) <= set(get_args(Target))
    assert set(facts.factors) <= set(get_args(Factor))
    assert set(facts.probed) <= set(facts.targets)
    assert facts.online in facts.targets
    assert set(facts.measured) <= set(facts.factors)
    for asked in (facts.targets, facts.factors, facts.probed, facts.measured):
        assert asked
        assert len(set(asked)) == len(asked)
    assert bool(facts.where_phones) == ("phone" in facts.targets)


def test_a_study_of_it_that_names_nothing_else_is_lawful(kind: CorpusKind[Any]) -> None:
    crops = {"train": {"crop_samples": 1_600}} if kind.facts.needs_crops else {}
    arms = ["gim", "sim", "cpc", "supervised", "random"]
    content = {"study": "s", "corpus": {"name": kind.name}, "arms": arms, **crops}
    if kind.facts.needs_crops:
        content["objective"] = {"prediction_steps": 5}
    spec = Spec.model_validate(content)
    check(spec, "s.yaml")
    assert spec.online_probe.target == kind.facts.online
    assert type(spec.corpus) is kind.settings


def test_a_folder_that_must_be_given_is_asked_for(kind: CorpusKind[Any]) -> None:
    if "root" in kind.settings.model_fields:
        with pytest.raises(UserError, match=r"corpus\.root: is required"):
            kind.recipe(kind.settings())
    else:
        assert kind.recipe(kind.settings())["name"] == kind.name


def test_the_recipe_is_plain_and_says_whose_it_is(made: Made) -> None:
    recipe = made.kind.recipe(made.settings)
    assert recipe["name"] == made.kind.name
    assert recipe == made.kind.recipe(made.settings)
    assert json.loads(json.dumps(recipe)) == recipe
    description = read_description(made.corpus.folder)
    assert description.recipe == recipe
    assert description.name == made.corpus.name == made.kind.name
    assert made.corpus.folder.parent == made.output / "corpora"


def test_two_settings_never_share_a_folder(made: Made) -> None:
    """A setting that the recipe forgets would open what was made under another value of it."""
    recipe = made.kind.recipe(made.settings)
    for key, field in made.kind.settings.model_fields.items():
        if "Path" not in str(field.annotation):  # files count by what is in them
            value = made.settings.model_dump(mode="json")[key]
            assert recipe[key] in (value, sorted(value) if isinstance(value, list) else value), key


def test_prepared_twice_it_is_the_same_and_then_opened_at_once(made: Made, tmp_path: Path) -> None:
    again = prepare(made.settings, tmp_path)
    assert again.fingerprint == made.corpus.fingerprint
    assert again.folder.name == made.corpus.folder.name
    hashes = [
        {name: record.sha256 for name, record in read_description(one.folder).files.items()}
        for one in (again, made.corpus)
    ]
    assert hashes[0] == hashes[1]
    said: list[str] = []
    assert prepare(made.settings, made.output, said.append) == made.corpus
    assert said == []


def test_the_folder_holds_what_is_described_and_nothing_else(made: Made) -> None:
    folder = made.corpus.folder
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*")}
    assert found == {DESCRIPTION, *read_description(folder).files}
    assert open_corpus(folder) == made.corpus
    made.corpus.verify(thorough=True)
    assert len(pickle.dumps(made.corpus)) < 2_000, "corpora travel without their samples"


def test_an_interrupted_preparation_leaves_no_corpus_and_does_not_spoil_the_next(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(prepare_module, "write_description", interrupted)
    with pytest.raises(KeyboardInterrupt):
        prepare(made.settings, tmp_path)
    kept = [path.name for path in (tmp_path / "corpora").iterdir() if path.is_dir()]
    assert all(name.startswith(".") for name in kept)
    assert bool(kept) == made.kind.resumable
    monkeypatch.undo()
    assert prepare(made.settings, tmp_path).fingerprint == made.corpus.fingerprint


def test_amounts_are_expected_as_they_come(made: Made) -> None:
    expected, found = made.kind.expected(made.settings), amounts_of(made.corpus)
    assert (expected.utterances is None) == (found.utterances is None)
    assert expected.decoder.samples == found.decoder.samples
    assert expected.labelled.samples == found.labelled.samples
    for ours, theirs in zip(expected, found, strict=True):
        if ours is not None and theirs is not None:
            assert tuple(ours) == pytest.approx(tuple(theirs), rel=made.kind.expected_within, abs=0)


def test_clips_are_of_one_length_and_named_once(made: Made) -> None:
    for clips_of in (made.corpus.decoder_clips, made.corpus.probe_clips):
        lengths = set()
        for split in SPLITS:
            clips = clips_of(split)
            lengths.add(clips.samples.shape[1])
            assert len(clips) == len(clips.samples) == len(clips.groups) > 0
            assert len(set(clips.ids)) == len(clips)
            some = clips.take([0, len(clips) - 1])
            assert some.samples.dtype == np.int16
            assert some.samples.any(axis=1).all(), "a clip is silent"
        assert len(lengths) == 1


def test_sounds_are_as_long_as_promised(made: Made) -> None:
    learnt, probed = made.corpus.encoder_audio(), made.corpus.probe_clips("train").samples
    promised, labelled = (
        made.kind.shortest_samples(made.settings, labelled=labelled) for labelled in (False, True)
    )
    assert isinstance(learnt, Recordings) == made.kind.facts.needs_crops
    if isinstance(learnt, Recordings):
        assert learnt.lengths.min() >= promised
        assert probed.shape[1] >= labelled
    else:
        assert learnt.shape[1] == promised
        assert probed.shape[1] == labelled


def test_labels_are_those_that_the_facts_promise(made: Made) -> None:
    facts, classes = made.kind.facts, read_description(made.corpus.folder).classes
    of_clips = {*facts.targets, *facts.factors} - {"phone"}
    for split in SPLITS:
        clips = made.corpus.probe_clips(split)
        assert of_clips <= set(clips.labels)
        for factor, codes in clips.labels.items():
            assert codes.dtype == np.int64
            assert codes.shape == (len(clips),)
            assert codes.min() >= 0
            assert codes.max() < len(clips.classes[factor])
            assert clips.classes[factor] == classes[factor]
            assert len(set(clips.classes[factor])) == len(clips.classes[factor])
        for values in clips.values.values():
            assert values.shape == (len(clips),)
            assert np.isfinite(values).all()
    for target in of_clips:
        assert len(np.unique(made.corpus.probe_clips("train").labels[target])) > 1, target


def test_phones_are_there_where_they_are_promised(made: Made) -> None:
    for split in SPLITS:
        utterances = made.corpus.utterances(split)
        assert (utterances is not None) == ("phone" in made.kind.facts.targets)
        if utterances is None:
            continue
        assert len(set(utterances.ids)) == len(utterances) == len(utterances.phones)
        assert len(np.unique(utterances.groups)) == len(utterances)
        for phones, samples in zip(utterances.phones, utterances.recordings.lengths, strict=True):
            assert 0 < len(phones) <= samples // 160
            assert 0 <= phones.min() <= phones.max() < len(utterances.classes["phone"])
        assert utterances.speakers.max() < len(utterances.classes["speaker"])


def test_no_test_clip_is_known_to_a_probe(made: Made) -> None:
    trained, tested = (made.corpus.probe_clips(split).groups for split in SPLITS)
    assert not np.intersect1d(trained, tested).size


def test_the_verb_lists_it(made: Made) -> None:
    listed = CliRunner().invoke(verb.main, ["list", "--output", str(made.output)])
    assert listed.exit_code == 0, listed.output
    assert made.kind.name in listed.output
    counts = sum(one.clips for one in read_description(made.corpus.folder).files.values())
    line = f"prepared: {made.corpus.folder}  {counts} {made.kind.counted_as}"
    assert line in listed.output


def test_the_verb_shows_it_and_says_which_test_clips_an_encoder_has_heard(
    made: Made, tmp_path: Path
) -> None:
    figure = tmp_path / "figure.png"
    arguments = ["inspect", str(made.corpus.folder), "--figure", str(figure)]
    seen = CliRunner().invoke(verb.main, arguments, env={"COLUMNS": "400"})
    assert seen.exit_code == 0, seen.output
    assert f"{made.kind.name}: " in seen.output, "a table"
    assert made.corpus.fingerprint in seen.output
    assert figure.read_bytes().startswith(b"\x89PNG")
    tested = made.corpus.probe_clips("test").groups
    heard = np.isin(tested, made.corpus.decoder_clips("train").groups).sum()
    assert not heard or f"{heard} of {len(tested)} test" in seen.output


def test_it_can_be_fetched_under_a_licence_or_says_that_it_cannot(
    kind: CorpusKind[Any], tmp_path: Path
) -> None:
    if not kind.licence:
        assert not kind.subsets
        with pytest.raises(UserError, match=f"{kind.name}: needs no fetching"):
            kind.fetch(tmp_path, (), print)


def _damage(made: Made, folder: Path, harm: Callable[[bytes], bytes | None]) -> list[Path]:
    """A copy of the corpus whose files are all harmed; None: a file is missing."""
    shutil.copytree(made.corpus.folder, folder)
    paths = [folder / name for name in read_description(folder).files]
    for path in paths:
        left = harm(path.read_bytes())
        path.unlink()
        if left is not None:
            path.write_bytes(left)
    return paths


@pytest.mark.parametrize("damage", ["truncated", "missing", "changed"])
def test_every_damaged_file_is_named(made: Made, tmp_path: Path, damage: str) -> None:
    harms: dict[str, Callable[[bytes], bytes | None]] = {
        "truncated": lambda content: content[:-1],
        "missing": lambda _: None,
        "changed": lambda content: content[:-9] + bytes([content[-9] ^ 1]) + content[-8:],
    }
    paths = _damage(made, tmp_path / "copy", harms[damage])
    with pytest.raises(UserError) as caught:
        open_corpus(tmp_path / "copy").verify()
    lines = str(caught.value).splitlines()
    assert len(lines) == len(paths)
    for path, line in zip(paths, lines, strict=True):
        assert line.startswith(f"{path}: ")
        assert f"delete the folder {path.parent}" in line
