import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.read.configurations import Configuration
from analysis.read.runs import Run
from analysis.read.study import StudyRecord
from analysis.statistics.answer import answer
from analysis.statistics.comparison import Comparison, Paired
from analysis.statistics.overall import overall
from analysis.words.limits import (
    better_on_average,
    clearly_better,
    flattered,
    limits,
    missing_replicates,
    unlike_modules,
)
from analysis.words.plain_answer import _entanglement, plain_answer
from sim_study.config.model import ModelConfig
from sim_study.ledger.records import Member, Result
from sim_study.ledger.study_facts import StudyFacts
from sim_study.naming.result_keys import MetricKey

GIM, SIM = (Configuration(arm, arm, 0, arm) for arm in ("gim", "sim"))


def comparison(paired, seeds=(0, 1, 2)):
    return Comparison(GIM, SIM, "search", tuple(seeds), pd.DataFrame(), paired)


def by_seed(*values):
    return dict(enumerate(values))


def test_it_says_what_differs_by_how_much_and_what_went_unseen(fake):
    lines = plain_answer(answer(StudyRecord.read(fake.ledger, fake.name)))
    text = "\n".join(lines)
    assert lines[0].startswith("sim kld_weight=0.001 against gim, over the shared seeds 0, 1, 2:")
    assert "nothing stands out in" in lines[0]
    # Above their own nulls: 0.06 - 0.04.
    assert "MIG +0.020 [-0.030, +0.070]" in text
    # 0.06 of what lies above chance: of vowels a share of 0.06 / (2/3), of syllables 0.06 / (8/9);
    # mean 0.07875, with the spread of 0.02 between three seeds stretched alike.
    assert "difference +0.079 [+0.014, +0.144]" in text
    assert "nothing stands out in 8 comparisons (8 intervals exclude zero, where luck" in text
    assert "At chance, the probe on the sampled code of sim kld_weight=0.01 (everywhere)" in text
    assert len(lines) <= 8


def test_a_clear_difference_is_named(fabricate):
    made = fabricate(seeds=range(20))
    text = "\n".join(plain_answer(answer(StudyRecord.read(made.ledger, made.name))))
    assert (
        "of 8 comparisons 8 stand out, sim higher in 8 (surest: Probe accuracy, mean code" in text
    )
    assert "kld_weight=0.01: " in text
    assert "lower at" in text


def entangled(quantity, difference, above_null):
    return {
        "quantity": quantity,
        "target": "vowel",
        "layer": "module_0",
        "family": "entanglement",
        "difference": difference,
        "low": difference - 0.01,
        "high": difference + 0.01,
        "n": 3,
        "p_fdr": 0.001,
        "above_null": above_null,
        "a_at_chance": False,
        "b_at_chance": False,
    }


def test_fewer_dimensions_needed_speak_for_the_arm_that_needs_them():
    rows = [entangled("dimensions_for_90", -6.0, False), entangled("mig", 0.2, True)]
    paired = {MetricKey("mig", "vowel", "module_0"): Paired(by_seed(0.1), by_seed(0.3), {}, True)}
    found = replace(comparison(paired), rows=pd.DataFrame(rows))
    text = _entanglement(found)
    assert "of 2 comparisons 2 stand out, sim less entangled in 2 (" in text
    assert "permuted-label null where there is one:" in text
    assert "On the whole sim - gim: MIG +0.200" in text
    alone = _entanglement(replace(found, rows=pd.DataFrame(rows[:1])))
    assert "as read:" in alone
    assert "On the whole" not in alone


def against(a, b, untrained):
    place = MetricKey("probe_accuracy", "vowel", "module_0")
    found = comparison({place: Paired(a, b, untrained, False)})
    return clearly_better(found), better_on_average(found)


def test_the_untrained_encoder_is_paired_by_seed():
    """Seed 9 of the untrained encoder is far better, but no arm has a seed 9."""
    arm = by_seed(0.5, 0.6, 0.7)
    assert against(arm, arm, by_seed(0.4, 0.5, 0.65) | {9: 5.0}) == ([], [])


def test_clearly_better_only_where_the_intervals_exclude_zero():
    arm = by_seed(0.5, 0.6, 0.7)
    clearly, on_average = against(arm, arm, by_seed(0.60, 0.71, 0.80))
    assert "is clearly higher than that of gim and sim for vowel at module 0" in clearly[0]
    assert on_average == []
    clearly, on_average = against(arm, arm, by_seed(0.60, 0.61, 0.71))
    assert clearly == []
    assert "is on average, not clearly, higher" in on_average[0]


def test_better_than_one_arm_is_not_better_than_both():
    low, high = by_seed(0.5, 0.6, 0.7), by_seed(0.8, 0.9, 0.9)
    assert against(low, high, by_seed(0.7, 0.8, 0.8)) == ([], [])


class Study:
    """Configurations, and nobody's objective."""

    facts = StudyFacts()

    def __init__(self, configurations):
        self.configurations = configurations


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ([], None),
        ([SIM], "sim was chosen among several configurations by the same seeds that it is"),
        ([GIM], "gim was chosen"),
        ([GIM, SIM], "gim and sim were chosen among several configurations by the same seeds that"),
    ],
)
def test_whoever_was_chosen_among_several_is_named(more, words):
    said = flattered(comparison({}), Study([GIM, SIM, *more]))
    assert [line.startswith(words) for line in said] == ([True] if words else [])


def test_sides_of_unlike_modules_are_named():
    whole, split = (
        replace(GIM, model=ModelConfig(modules=modules), arm=arm)
        for modules, arm in ((1, "cpc"), (3, "gim"))
    )
    one = comparison({})
    assert unlike_modules(replace(one, a=whole, b=split))[0].startswith(
        "cpc has modules of 5 layers, gim has modules of 2+2+1 layers: modules of the same number"
    )
    assert unlike_modules(replace(one, a=split, b=split)) == unlike_modules(one) == []


def test_missing_replicates_are_gathered():
    def run(seed, stage, status="waiting"):
        member = Member(
            trial_id=f"{stage}{seed}",
            arm="sim",
            number=0,
            config_hash="sim",
            stage=stage,
            seed=seed,
        )
        result = Result(status=status, reason="NaN") if status == "diverged" else None
        return Run(member, member, None, None, result, None)

    runs = [run(seed, stage) for seed in (1, 2) for stage in ("probe", "metrics")]
    runs.append(run(3, "encoder", "diverged"))
    assert missing_replicates(runs, [SIM]) == [
        "sim, seeds 1, 2: their probe and metrics are waiting and count in no mean.",
        "sim, seed 3: its encoder is diverged (NaN) and counts in no mean.",
    ]


def test_nobody_is_flattered_on_confirming_seeds(fabricate):
    made = fabricate(confirm=(10, 11, 12))
    found = answer(StudyRecord.read(made.ledger, made.name))
    assert not any("luck flatters" in line for line in limits(found))


def places(a, b, chance=0.0):
    """Paired values from arrays (place, seed)."""
    return {
        MetricKey("probe_accuracy", "vowel", f"module_{number}"): Paired(
            by_seed(*map(float, left)), by_seed(*map(float, right)), {}, False, chance
        )
        for number, (left, right) in enumerate(zip(a, b, strict=True))
    }


@pytest.mark.parametrize("n", [3, 40])
def test_overall_is_a_t_interval_at_every_number_of_seeds(n):
    b = np.random.default_rng(n).normal(0.5, 0.1, size=(4, n))  # (place, seed)
    found = overall(comparison(places(np.zeros((4, n)), b), range(n)), "probe_accuracy")
    low, high = stats.t.interval(0.95, n - 1, b.mean(), stats.sem(b.mean(axis=0)))
    assert (found["low"], found["high"]) == pytest.approx((low, high))
    assert found["n"] == n


def test_overall_counts_what_lies_above_chance_everywhere():
    """One easy and one hard place: an interquartile mean of raw values would drop both."""
    easy = places(np.full((1, 3), 0.90), np.full((1, 3), 0.95), chance=0.5)
    hard = places(np.full((2, 3), 0.20), np.full((2, 3), 0.29), chance=0.1)
    both = hard | easy
    found = overall(comparison(both), "probe_accuracy")
    assert found["difference"] == pytest.approx((0.05 / 0.5 + 0.09 / 0.9) / 2)
    assert found["a_mean"] == pytest.approx((0.4 / 0.5 + 0.1 / 0.9) / 2)


def test_an_accuracy_without_chance_is_not_normalised_by_a_guess():
    unknown = places(np.zeros((1, 3)), np.ones((1, 3)), chance=math.nan)
    assert overall(comparison(unknown), "probe_accuracy")["n"] == 0


def test_overall_leaves_out_a_mean_over_targets():
    one = places(np.zeros((1, 3)), np.ones((1, 3)))
    far = Paired(by_seed(0.0, 0.0, 0.0), by_seed(9.0, 9.0, 9.0), {}, False, 0.0)
    both = one | {MetricKey("probe_accuracy", "mean", "module_0"): far}
    assert overall(comparison(both), "probe_accuracy")["difference"] == pytest.approx(1)
