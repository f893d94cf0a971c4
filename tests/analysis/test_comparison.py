import math

import pandas as pd
import pytest
from scipy import stats

from analysis.read.configurations import Configuration
from analysis.read.replicates import values_by_configuration
from analysis.read.runs import Run
from analysis.read.study import StudyRecord
from analysis.report.comparison_grid import comparison_grids, each_grids, footnotes
from analysis.statistics.answer import answer
from analysis.statistics.comparison import compare_configurations
from analysis.statistics.intervals import mean_interval
from analysis.statistics.measured import Measured, at_chance
from analysis.words.limits import limits
from analysis.words.plain_answer import heading, plain_answer
from analysis.words.primary_answer import primary_answer
from sim_study.config.model import ModelConfig
from sim_study.errors import UserError
from sim_study.ledger.records import Member, Result
from sim_study.naming.result_keys import MetricKey

EFFECT = {0.0001: 0.02, 0.001: 0.06, 0.01: -0.10}
WEIGHT = "objective.kld_weight"


def row_of(comparison, quantity, target, layer):
    rows = comparison.rows
    found = rows[
        (rows["quantity"] == quantity) & (rows["target"] == target) & (rows["layer"] == layer)
    ]
    assert len(found) == 1
    return found.iloc[0]


def test_paired_differences_equal_the_known_ones(fake):
    found = answer(StudyRecord.read(fake.ledger, fake.name))
    assert (found.best.a.arm, found.best.b.label) == ("gim", "sim kld_weight=0.001")
    for one in found.each:
        effect = EFFECT[one.b.settings[WEIGHT]]
        row = row_of(one, "probe_accuracy", "vowel", "module_2")
        assert row["difference"] == pytest.approx(effect)
        expected = mean_interval([effect - 0.02, effect, effect + 0.02])
        assert row["low"] == pytest.approx(expected.low)
        assert row["high"] == pytest.approx(expected.high)
        assert row["n"] == row["n_asked"] == 3
    assert len(found.each) == 3


def test_rows_stand_beside_null_and_untrained(fake):
    best = answer(StudyRecord.read(fake.ledger, fake.name)).best
    accuracy = row_of(best, "probe_accuracy", "syllable", "module_0")
    assert accuracy["a_null"] == accuracy["b_null"] == pytest.approx(1 / 9)
    assert accuracy["untrained"] == pytest.approx(0.5 + 0.01 - 0.05)
    assert accuracy["untrained_n"] == 3
    assert row_of(best, "decoder_mse", "mse_mel", "module_0")["b_null"] == pytest.approx(0.9)


def test_entanglement_is_compared_above_each_sides_own_null(fake):
    """Raw, sim exceeds gim by the effect; its null exceeds gim's by 0.04: the sign can flip."""
    for one in answer(StudyRecord.read(fake.ledger, fake.name)).each:
        effect = EFFECT[one.b.settings[WEIGHT]]
        row = row_of(one, "hoyer", "vowel", "module_1")
        assert row["above_null"]
        assert row["b_raw"] - row["a_raw"] == pytest.approx(effect)
        assert (row["a_null"], row["b_null"]) == pytest.approx((0.03, 0.07))
        assert row["difference"] == pytest.approx(effect - 0.04)
        assert row["a_mean"] == pytest.approx(row["a_raw"] - 0.03)
        assert row["untrained"] == pytest.approx(0.22 + 0.01 - 0.05 - 0.03)
        assert not row_of(one, "probe_accuracy", "vowel", "module_1")["above_null"]


def test_an_untrained_encoder_of_other_seeds_is_marked():
    place = MetricKey("probe_accuracy", "vowel", "module_0")
    shape = ModelConfig(channels=8)
    a, b, untrained = (
        Configuration(
            arm, arm, 0, "a" if arm == "random" else arm, model=shape, roles={seed: "search"}
        )
        for arm, seed in (("a", 0), ("b", 0), ("random", 7))
    )
    sides = [Measured(one, {place: {0: 0.5}}) for one in (a, b)]
    found = compare_configurations(*sides, Measured(untrained, {place: {7: 0.9}}))
    assert found.rows["untrained"].tolist() == [0.9]
    assert found.rows["untrained_n"].tolist() == [0]
    (grid,) = comparison_grids(found)
    assert grid.rows[0][-1] == "0.900~"
    assert any("over other seeds" in note for note in footnotes([found]))


def test_weights_of_a_probe_at_chance_are_marked(fake):
    for one in answer(StudyRecord.read(fake.ledger, fake.name)).each:
        row = row_of(one, "hoyer", "vowel", "module_1")
        assert not row["a_at_chance"]
        assert row["b_at_chance"] == (one.b.settings[WEIGHT] == 0.01)
        assert not row_of(one, "mig", "vowel", "module_1")["b_at_chance"]


@pytest.mark.parametrize(
    ("accuracy", "shuffled", "found"),
    [
        ({0: 0.36, 1: 0.37}, {0: 0.38, 1: 0.38}, True),  # above chance, within its luck
        ({0: 0.40, 1: 0.95}, {0: 0.38, 1: 0.38}, False),  # unequal seeds are no ignorance
        ({0: 0.35, 1: 0.36}, None, False),  # labels never shuffled: plain chance
        ({0: 0.30, 1: 0.34}, None, True),
    ],
)
def test_a_probe_is_at_chance_when_shuffled_labels_do_as_well(accuracy, shuffled, found):
    values = {
        MetricKey("probe_interpretability", "vowel", "module_0"): accuracy,
        MetricKey("chance", "vowel", "all"): {0: 0.33, 1: 0.33},
    }
    if shuffled:
        values[MetricKey("top_k_accuracy_null_p95", "vowel", "module_0")] = shuffled
    assert at_chance(values, [0, 1]) == ({("vowel", "module_0")} if found else set())


def measured(one, values):
    """Of a configuration, from values of seed 0 by key."""
    return Measured(one, {MetricKey(*key.split("/")): {0: value} for key, value in values.items()})


def test_a_loss_that_is_the_mse_counts_once():
    values = {
        "decoder_mse/mse/module_1": 0.5,
        "decoder_loss/mse/module_1": 0.5,
        "decoder_mse/mel/module_1": 0.6,
        "decoder_loss/mel/module_1": 30.0,
    }
    a, b = (Configuration(arm, "sim", 0, arm, roles={0: "search"}) for arm in "ab")
    rows = compare_configurations(measured(a, values), measured(b, values)).rows
    assert list(zip(rows["quantity"], rows["target"], strict=True)) == [
        ("decoder_mse", "mel"),
        ("decoder_mse", "mse"),
        ("decoder_loss", "mel"),
    ]


def test_the_latest_stage_speaks_for_a_quantity_that_several_report():
    runs = []
    for stage, value in (("metrics", 2.0), ("encoder", 1.0)):
        member = Member(trial_id=stage, arm="a", number=0, config_hash="a", stage=stage, seed=0)
        result = Result(status="finished", metrics={"kl_nats_mean_path/module_0": value})
        runs.append(Run(member, member, None, None, result, None))
    values = values_by_configuration(runs)["a", "a"]
    assert [*values.values()] == [{0: 2.0}]


@pytest.mark.parametrize(
    ("of_a", "of_b", "role", "seeds"),
    [
        ({0: "search"}, {0: "search"}, "search", (0,)),
        ({0: "search", 5: "confirm"}, {0: "search", 5: "confirm"}, "confirm", (5,)),
        ({0: "search", 5: "confirm"}, {0: "search"}, "search", (0,)),
        ({0: "search", 5: "search"}, {0: "search", 5: "confirm"}, "mixed", (0, 5)),
    ],
)
def test_seeds_of_both_roles_are_not_mixed_in_silence(of_a, of_b, role, seeds):
    a = Configuration("a", "sim", 0, "a", roles=of_a)
    b = Configuration("b", "sim", 0, "b", roles=of_b)
    values = {"hoyer/vowel/module_0": 0.1}
    found = compare_configurations(measured(a, values), measured(b, values))
    assert (found.role, found.seeds) == (role, seeds)
    assert ("one side searched with" in heading(found)) == (role == "mixed")


def test_one_false_discovery_rate_over_every_setting(fake):
    """The winners' comparison is among those of every setting, and counts once."""
    found = answer(StudyRecord.read(fake.ledger, fake.name))
    rows = pd.concat([one.rows for one in found.each])
    expected = stats.false_discovery_control(rows["p"].dropna())
    assert rows["p_fdr"].dropna().tolist() == pytest.approx(expected.tolist())
    same = next(one for one in found.each if one.b.is_best).rows
    assert found.best.rows["p_fdr"].equals(same["p_fdr"])


def test_a_row_has_both_ways_of_testing(fake):
    best = answer(StudyRecord.read(fake.ledger, fake.name)).best
    row = row_of(best, "probe_accuracy", "vowel", "module_0")
    one = best.paired["probe_accuracy", "vowel", "module_0"]
    a, b = ([side[seed] for seed in (0, 1, 2)] for side in (one.a, one.b))
    assert row["p"] == pytest.approx(stats.ttest_rel(b, a).pvalue)
    unpaired = stats.ttest_ind(b, a, equal_var=False)
    assert row["welch_p"] == pytest.approx(unpaired.pvalue)
    limits_of = unpaired.confidence_interval(0.95)
    assert (row["welch_low"], row["welch_high"]) == pytest.approx((limits_of.low, limits_of.high))


def test_a_missing_replicate_reduces_n_and_is_named(fabricate):
    made = fabricate(failing=[("sim", 0.001, 1)])
    found = answer(StudyRecord.read(made.ledger, made.name))
    row = row_of(found.best, "probe_accuracy", "vowel", "module_0")
    assert (row["n"], row["n_asked"]) == (2, 3)
    assert row["a_mean"] == pytest.approx(0.8 + 0.01)  # gim over seeds 0 and 2 only
    assert math.isnan(row["hedges_g"])
    assert any("seed 1: its encoder is diverged (loss is NaN)" in line for line in limits(found))


def test_confirming_seeds_alone_count_where_there_are_any(fabricate):
    made = fabricate(confirm=(10, 11, 12))
    found = answer(StudyRecord.read(made.ledger, made.name))
    assert (found.best.role, found.best.seeds) == ("confirm", (10, 11, 12))
    row = row_of(found.best, "probe_accuracy", "vowel", "module_0")
    assert row["a_mean"] == pytest.approx(0.8 + 0.11)
    others = [one for one in found.each if not one.b.is_best]
    assert {(one.role, one.seeds) for one in others} == {("search", (0, 1, 2))}
    rows = next(iter(each_grids(found.each))).rows
    assert [row[2] for row in rows] == ["3 search", "3 confirm", "3 search"]
    assert any("only the confirming seeds 10, 11, 12 count" in line for line in limits(found))


def test_one_seed_gives_a_difference_and_admits_ignorance(fabricate):
    made = fabricate(seeds=(4,))
    found = answer(StudyRecord.read(made.ledger, made.name))
    row = row_of(found.best, "probe_accuracy", "vowel", "module_0")
    assert row["n"] == 1
    assert math.isnan(row["low"])
    assert math.isnan(row["p_fdr"])
    said = primary_answer(found.primary, found.study.facts)
    assert any("cannot say how sure" in line for line in said)
    text = "\n".join(plain_answer(found))
    assert "one seed" in text
    assert "no spread" not in text


def test_without_study_json_the_objective_is_unknown_and_nobody_wins(fabricate):
    made = fabricate()
    (made.ledger.study(made.name).path / "study.json").unlink()
    found = answer(StudyRecord.read(made.ledger, made.name))
    assert found.best is None
    assert len(found.each) == 3
    assert "no winner yet" in plain_answer(found)[0]


def test_without_a_named_best_the_objective_ranks(fabricate):
    made = fabricate()
    study = made.ledger.study(made.name)
    study.write("study.json", study.read("study.json") | {"best": {}})
    best = [one.label for one in StudyRecord.read(made.ledger, made.name).best]
    assert best == ["gim", "sim kld_weight=0.001", "random"]


def test_a_mean_over_fewer_seeds_does_not_lead(fabricate):
    """As in the engine's own ranking: whatever its mean, it is not the same measurement."""
    made = fabricate(failing=[("sim", 0.001, 2)])
    study = made.ledger.study(made.name)
    study.write("study.json", study.read("study.json") | {"best": {}})
    best = [one.label for one in StudyRecord.read(made.ledger, made.name).best]
    assert best == ["gim", "sim kld_weight=0.0001", "random"]


def test_arms_are_checked(fake):
    with pytest.raises(UserError, match=r"--a = 'gmi': no such arm; did you mean 'gim'\?"):
        answer(StudyRecord.read(fake.ledger, fake.name), "gmi", None)
    with pytest.raises(UserError, match="must be different arms"):
        answer(StudyRecord.read(fake.ledger, fake.name), "sim", "sim")


@pytest.mark.parametrize(
    ("a", "b", "pair"),
    [
        (None, None, ("gim", "sim")),
        (None, "gim", ("sim", "gim")),
        ("sim", None, ("sim", "gim")),
        ("gim", None, ("gim", "sim")),
        (None, "random", ("gim", "random")),
    ],
)
def test_an_arm_is_never_compared_with_itself(fake, a, b, pair):
    best = answer(StudyRecord.read(fake.ledger, fake.name), a, b).best
    assert (best.a.arm, best.b.arm) == pair


def test_an_arm_can_be_held_against_the_untrained_encoder(fake):
    found = answer(StudyRecord.read(fake.ledger, fake.name), "random", "gim")
    row = row_of(found.best, "probe_accuracy", "vowel", "module_0")
    assert row["difference"] == pytest.approx(0.05)
    assert math.isnan(row["p"])  # the same in every seed
