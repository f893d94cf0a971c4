"""Whether there are phone labels only the corpus tells: a study is refused before it begins."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sim_study.data.corpus import Corpus
from sim_study.errors import UserError
from sim_study.space.spec import Spec
from sim_study.study.run.engine import run_study
from sim_study.study.run.rehearsal import rehearse


def test_neither_a_dry_run_nor_a_run_begins_without_the_phones_it_needs(
    shared_data: Path, tiny_corpus: Corpus, output: Path, tmp_path: Path
) -> None:
    sample = shared_data / "librispeech-sample"
    (tmp_path / "LibriSpeech").symlink_to(sample / "LibriSpeech")  # its labels stay behind
    corpus = {"name": "librispeech", "root": tmp_path, "pretrain": ["train-clean-100"]}
    content: dict[str, Any] = {
        "study": "s",
        "corpus": corpus,
        "arms": ["gim", "supervised"],
        "train": {"crop_samples": 20_480},
        "online_probe": {"target": "phone"},
        "downstream": {"probe": {"targets": ["speaker"]}, "metrics": {"factors": ["speaker"]}},
    }
    spec = Spec.model_validate(content)
    words = "online_probe.target = 'phone': librispeech has no phone labels here"
    with pytest.raises(UserError, match=words):
        rehearse(spec, "s.yaml", output)
    with pytest.raises(UserError, match=words):
        run_study(spec, "s.yaml", output, tiny_corpus)
    assert not output.exists()
