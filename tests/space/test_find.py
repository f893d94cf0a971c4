"""Space files are found, and laid over the ones that they include."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim_study.errors import UserError
from sim_study.space.load import find, load, read, shipped

BASE = """
study: base
corpus: {name: synthetic-speech}
arms: {gim: , sim: {set: {train.epochs: 3}}}
model: {channels: 8, context_channels: 4}
seeds: [1, 2]
"""


def _write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_the_current_folder_comes_before_the_shipped_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert find("kld.yaml").parent.name == "search_spaces"
    assert find("kld").name == "kld.yaml"
    _write(tmp_path, "kld.yaml", BASE)
    monkeypatch.chdir(tmp_path)
    assert load("kld")[0].study == "base"


def test_files_of_a_folder_are_found_and_suggested() -> None:
    assert find("paper/artificial_speech_probes").parent.name == "paper"
    assert find("paper/artificial_speech_probes.yaml") in shipped()
    for name, hint in (
        ("kldd.yaml", "did you mean 'kld.yaml'?"),
        ("paper/artificial_speech_prob", "did you mean 'paper/artificial_speech_probes.yaml'?"),
        ("nothing like it", "paper/artificial_speech_encoder.yaml"),
    ):
        with pytest.raises(UserError) as caught:
            find(name)
        assert hint in str(caught.value)


def test_a_file_is_laid_over_the_one_it_includes(tmp_path: Path) -> None:
    _write(tmp_path, "base.yaml", BASE)
    _write(tmp_path, "middle.yaml", "include: base.yaml\nmodel: {channels: 16}\nseeds: [5]\n")
    top = _write(tmp_path, "top.yaml", "include: middle.yaml\nstudy: top\narms: [sim]\n")
    data = read(top)
    assert data == {
        "study": "top",
        "corpus": {"name": "synthetic-speech"},
        "arms": ["sim"],
        "model": {"channels": 16, "context_channels": 4},
        "seeds": [5],
    }
    assert load(str(top))[0].model.channels == 16


def test_an_included_file_is_looked_for_beside_the_including_one(tmp_path: Path) -> None:
    _write(tmp_path, "base.yaml", BASE)
    inner = _write(tmp_path, "inner/one.yaml", "include: ../base.yaml\n")
    assert read(inner)["study"] == "base"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("include: none.yaml", "one.yaml: include = 'none.yaml': no such file"),
        ("include: [base.yaml]", "no such file"),
        ("include: one.yaml", "include = 'one.yaml': the file leads back to itself"),
        ("include: two.yaml", "two.yaml: include = 'one.yaml': the file leads back to itself"),
        ("include: broken.yaml", "broken.yaml: line 1: is not valid YAML"),
    ],
)
def test_a_wrong_include_is_named(tmp_path: Path, text: str, words: str) -> None:
    _write(tmp_path, "two.yaml", "include: one.yaml")
    _write(tmp_path, "broken.yaml", "study: [")
    with pytest.raises(UserError) as caught:
        read(_write(tmp_path, "one.yaml", text))
    assert words in str(caught.value)
