"""The primary tests of a fabricated study whose effects are known: what they come to and say."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.read.study import StudyRecord
from analysis.report.primary_grid import primary_grid
from analysis.statistics.answer import answer
from analysis.statistics.primary import primary
from analysis.statistics.primary_table import primary_table
from analysis.words.limits import blind_probes, limits
from analysis.words.primary_answer import NONE, command, primary_answer
from sim_study.config.primary import Matters, PrimaryTest, with_matters

ASKED = ["--space", "kld.yaml", "--set", "train.epochs=20"]


def named(*words):
    tests = with_matters([PrimaryTest.model_validate(one) for one in words], Matters())
    return [one.model_dump(mode="json") for one in tests]


@pytest.fixture(scope="module")
def fabricated(fabricate):
    """Without and with confirming seeds, each with the facts that it began with."""
    made = {confirm: fabricate(confirm=confirm) for confirm in ((), (3, 4, 5))}
    return {key: (one, one.ledger.study(one.name).read("study.json")) for key, one in made.items()}


@pytest.fixture
def study(fabricated):
    """A fabricated study with facts of its own."""

    def build(tests=None, confirm=(), **facts):
        made, plain = fabricated[confirm]
        folder = made.ledger.study(made.name)
        written = {"tests": tests, "tests_first": tests, "asked": ASKED, **facts}
        written["seeds"] = facts.get("seeds", {"search": [1, 2, 3], "confirm": []})
        folder.write("study.json", plain | written)
        return StudyRecord.read(made.ledger, made.name)

    return build


VOWEL = "probe_accuracy, vowel, context, sim - gim"


def test_a_test_is_about_the_winners_and_their_paired_difference(study):
    found = primary(study(named(VOWEL)))
    (one,) = found.outcomes
    assert found.recorded
    assert one.reading.b.label == "sim kld_weight=0.001"
    assert one.reading.difference.mean == pytest.approx(0.06)  # the effect, by construction
    assert one.reading.difference.error == pytest.approx(0.02 / np.sqrt(3))
    assert one.judged.p == pytest.approx(one.reading.difference.p)
    assert one.judged.verdict == "larger"
    row = primary_table(found).iloc[0]
    assert row["correlation"] == pytest.approx(1)  # both rise from seed to seed
    assert (row["n"], row["n_asked"], row["matters"]) == (3, 3, 0.05)


def test_the_other_way_round_is_smaller(study):
    (one,) = primary(study(named("probe_accuracy, vowel, context, gim - sim"))).outcomes
    assert one.judged.verdict == "smaller"


def test_several_tests_share_one_holm(study):
    layers = ("module 0", "module 1", "module 2", "context")
    words = [f"probe_accuracy, vowel, {layer}, sim - gim" for layer in layers]
    found = primary(study(named(*words)))
    assert found.made == 4
    for one in found.outcomes:  # equal effects, so equal p: the first factor holds for all
        assert one.judged.p == pytest.approx(4 * one.reading.difference.p)
        assert one.judged.verdict == "undecided"


def test_the_mean_over_layers_is_taken_seed_by_seed(study):
    (one,) = primary(study(named("probe_accuracy, vowel, mean over layers, sim - gim"))).outcomes
    assert one.reading.a_values == pytest.approx([0.65, 0.66, 0.67])  # 0.8, 0.7, 0.6, 0.5
    assert one.reading.difference.mean == pytest.approx(0.06)


def test_a_study_of_before_is_read_by_the_papers_probe_and_says_so(study):
    found = primary(study())
    assert not found.recorded
    places = [one.reading.place for one in found.outcomes]
    assert [place[:2] for place in places] == [("probe_accuracy", "vowel")] * 2
    assert [place.layer for place in places] == ["context", "module_2"]
    said = primary_answer(found, study().facts)
    assert any("recorded no tests before it ran" in line for line in said)
    assert primary_grid(found).rows[0][0] == "probe accuracy, vowel, context"


def test_what_is_not_measured_is_said_and_costs_nothing(study):
    aligned = "DCI disentanglement alignment, context, sim - gim"
    found = primary(study(named(VOWEL, aligned)))
    assert [one.judged.verdict for one in found.outcomes] == ["larger", "not measured"]
    assert found.made == 1
    assert primary_grid(found).rows[1][2:6] == ("0 of 3", "-", "-", "-")
    assert primary_answer(found, study().facts)[0] == ("2 primary tests: 1 larger, 1 not measured.")


def test_an_undecided_test_names_its_seeds_and_the_command(study):
    record = study(named("probe_interpretability, vowel, module 2, sim - gim", VOWEL))
    found = primary(record)
    lines = primary_answer(found, record.facts)
    needed = {one.seeds_needed for one in found.outcomes}
    assert {one.judged.verdict for one in found.outcomes} == {"undecided"}
    (n,) = needed
    line = f"python -m sim_study.sweep --space kld.yaml --set train.epochs=20 --set seeds={n}"
    assert any(one.endswith(line) for one in lines)
    assert [command(one, record.facts) for one in found.outcomes] == [line, line]
    assert primary_grid(found).rows[0][-1] == str(n)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"space": {"objective.kld_weight": {}}}, "seeds.confirm="),
        ({"seeds": {"search": [4, 9], "confirm": []}}, "'seeds=[4,9,10,11,"),
    ],
)
def test_more_seeds_are_asked_for_where_they_judge(study, facts, words):
    record = study(named("probe_interpretability, vowel, module 2, sim - gim", VOWEL), **facts)
    assert words in command(primary(record).outcomes[0], record.facts)


def test_confirming_seeds_judge_where_there_are_any(study):
    seeds = {"search": [0, 1, 2], "confirm": [3, 4, 5]}
    record = study(
        named(VOWEL, "probe_accuracy, syllable, context, sim - gim"),
        (3, 4, 5),
        seeds=seeds,
    )
    one = primary(record).outcomes[0]
    assert (one.reading.role, one.reading.asked) == ("confirm", (3, 4, 5))
    assert f"seeds.confirm={one.seeds_needed}" in command(one, record.facts)
    assert not any("luck flatters" in line for line in limits_of(record))


def limits_of(record):
    return limits(answer(record))


def test_the_optimism_of_a_choice_is_printed(study):
    """The winner beats its rivals at every seed alike: leaving one out chooses it too."""
    said = next(line for line in limits_of(study()) if "luck flatters the objective" in line)
    assert "(by about sim +0.000 in online/vowel/mean" in said
    assert "confirming seeds (seeds.confirm) would tell" in said


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({}, "Decided beforehand: recorded before any trial"),
        ({"ended_before": 7}, "Recorded when 7 trials of the study had ended already"),
        ({"tests_first": named("probe_accuracy, syllable, context, sim - gim")},
         "Changed after results existed, so that these were not decided beforehand. At first: "
         "probe_accuracy, syllable, context, sim - gim (matters from 0.05)."),
    ],
)  # fmt: skip
def test_when_the_tests_were_named_is_said(study, facts, words):
    record = study(named(VOWEL), **facts)
    assert any(line.startswith(words) for line in primary_answer(primary(record), record.facts))


def test_a_study_may_name_none(study):
    record = study([])
    assert primary_answer(primary(record), record.facts) == [NONE]
    assert primary_grid(primary(record)) is None


def test_a_probe_that_lags_its_own_training_clips_is_named(fabricate):
    made = fabricate()
    for member in made.members:
        folder = made.ledger.folder(member.trial_id)
        result = folder.result()
        if member.stage == "probe" and member.arm == "gim":
            fitted = {}
            for layer, lag in (("module_0", 0.04), ("module_1", 0.11), ("module_2", 0.2)):
                fitted[f"probe_interpretability_train/vowel/{layer}"] = 0.7
                fitted[f"accuracy_sampled_train/vowel/{layer}"] = 0.7 + lag
            folder.end(result.model_copy(update={"metrics": result.metrics | fitted}))
    measured = answer(StudyRecord.read(made.ledger, made.name)).measured
    (said,) = blind_probes(measured)
    assert said.startswith(
        "gim: the paper's probe of the sampled code reads up to 0.200 less of its own"
    )
    assert "at 2 of 3 places" in said
