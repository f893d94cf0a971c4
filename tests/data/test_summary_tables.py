from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from sim_study.data.clip_files.corpus import ClipCorpus
from sim_study.data.clip_files.tables import counts_table, is_shared, shared_recordings
from sim_study.data.clips import Clips, Split
from sim_study.data.description import Counted


class Recorded(ClipCorpus):
    """A corpus of silence, of which only the recordings matter."""

    groups: dict[tuple[str, Split], list[int]]

    def clips(self, form: str, split: Split) -> Clips:
        groups = np.array(self.groups[form, split])
        return Clips(
            ids=[f"{form}_{split}_{number}" for number in range(len(groups))],
            samples=np.zeros((len(groups), 160), np.int16),
            labels={},
            classes={},
            values={},
            groups=groups,
        )


def corpus_of(groups: dict[tuple[str, Split], list[int]]) -> Recorded:
    corpus = Recorded("recorded", "", Path(), "words", "syllables")
    object.__setattr__(corpus, "groups", groups)
    return corpus


@pytest.fixture
def mixed() -> Recorded:
    """Of five test syllables, three are cut from training words, one from a training syllable's."""
    return corpus_of(
        {
            ("words", "train"): [0, 1, 2],
            ("words", "test"): [3, 4],
            ("syllables", "train"): [0, 3, 5],
            ("syllables", "test"): [1, 1, 2, 5, 7],
        }
    )


def test_recordings_are_compared_over_both_forms(mixed: Recorded) -> None:
    both: tuple[str, str] = ("words", "syllables")
    assert is_shared(mixed, "syllables", ("words",)).tolist() == [True, True, True, False, False]
    assert is_shared(mixed, "syllables", ("syllables",)).tolist() == [False] * 3 + [True, False]
    assert is_shared(mixed, "syllables", both).sum() == 4
    assert is_shared(mixed, "words", both).tolist() == [True, False]


def test_what_is_shared_is_said_plainly(mixed: Recorded) -> None:
    assert shared_recordings(mixed) == [
        "1 of 2 test words (50%) come from recordings that training syllables come from too: "
        "only probes are fitted to syllables.",
        "3 of 5 test syllables (60%) come from recordings that training words come from too: "
        "an encoder hears them, without labels, while it learns.",
        "1 of 5 test syllables (20%) come from recordings that training syllables come from too: "
        "only probes are fitted to syllables.",
    ]


def test_the_table_shows_counts_and_sentences(mixed: Recorded) -> None:
    table = counts_table(mixed, {"too quiet": Counted(count=2, first=("a", "b"))})
    assert list(table.columns[-1].cells) == ["", "1", "", "4"]
    console = Console(width=400)
    with console.capture() as captured:
        console.print(table)
    printed = " ".join(captured.get().split())
    assert "3 of 5 test syllables (60%) come from recordings that training words" in printed
    assert "2 clips are too quiet: a, b." in printed


def test_a_clean_corpus_is_called_clean(synthetic: ClipCorpus) -> None:
    clean = ["No test clip comes from a recording that a training clip comes from."]
    assert shared_recordings(synthetic) == clean


def test_most_test_syllables_of_artificial_speech_are_cut_from_training_words(
    real: ClipCorpus,
) -> None:
    assert is_shared(real, "syllables", ("words",)).sum() == 285
    assert not is_shared(real, "syllables", ("syllables",)).any()
    assert not is_shared(real, "words", ("words",)).any()
    assert any("285 of 360 test syllables (79%)" in line for line in shared_recordings(real))
