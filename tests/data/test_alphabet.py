from __future__ import annotations

from sim_study.data.syllables import (
    NEIGHBOURS,
    SYLLABLES,
    is_word,
    syllable_labels,
    word_labels,
)


def test_syllable_codes_are_the_papers() -> None:
    assert SYLLABLES == ("ba", "bi", "bu", "da", "di", "du", "ga", "gi", "gu")


def test_words_are_three_of_the_nine_syllables() -> None:
    assert is_word("babagi")
    assert not any(map(is_word, ["baba", "babagibu", "babaki", "abagib", ""]))


def test_labels_of_syllables_cut_from_a_word() -> None:
    labels, classes = syllable_labels(["bidagu"] * 3, [0, 1, 2])
    assert labels["syllable"].tolist() == [1, 3, 8]
    assert labels["consonant"].tolist() == [0, 1, 2]
    assert labels["vowel"].tolist() == [1, 0, 2]
    assert labels["position"].tolist() == [0, 1, 2]
    assert [NEIGHBOURS[code] for code in labels["previous"]] == ["none", "bi", "da"]
    assert [NEIGHBOURS[code] for code in labels["next"]] == ["da", "gu", "none"]
    assert classes["vowel"] == ("a", "i", "u")
    assert set(classes) == set(labels)


def test_labels_of_a_word_name_each_position() -> None:
    labels, classes = word_labels(["bidagu"])
    assert [int(labels[f"syllable_{position}"][0]) for position in (1, 2, 3)] == [1, 3, 8]
    assert set(classes) == set(labels)
