import math

import pytest

from analysis.answer import answer
from analysis.configurations import read_configurations
from analysis.facts import read_facts
from analysis.intervals import mean_interval
from analysis.runs import read_runs
from analysis.wording import findings, limits
from sim_study.errors import UserError

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
    found = answer(fake.ledger, fake.name, None, None)
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
    best = answer(fake.ledger, fake.name, None, None).best
    accuracy = row_of(best, "probe_accuracy", "syllable", "module_0")
    assert accuracy["null"] == pytest.approx(1 / 9)
    assert accuracy["untrained"] == pytest.approx(0.5 + 0.01 - 0.05)
    assert row_of(best, "mig", "vowel", "module_0")["null"] == pytest.approx(0.03)
    assert row_of(best, "decoder_mse", "mse_mel", "module_0")["null"] == pytest.approx(0.9)


def test_holm_holds_within_a_family(fake):
    rows = answer(fake.ledger, fake.name, None, None).best.rows
    for _, family in rows.groupby("family"):
        made = family["p"].notna().sum()
        assert family["p_holm"].min() == pytest.approx(min(1.0, made * family["p"].min()))


def test_the_metrics_stage_speaks_for_a_quantity_that_the_encoder_also_reports(fake):
    row = row_of(answer(fake.ledger, fake.name, None, None).best, "kl_nats", "", "module_0")
    assert row["a_mean"] == pytest.approx(10 * 0.51)


def test_a_missing_replicate_reduces_n_and_is_named(fabricate):
    made = fabricate(failing=[("sim", 0.001, 1)])
    found = answer(made.ledger, made.name, None, None)
    row = row_of(found.best, "probe_accuracy", "vowel", "module_0")
    assert (row["n"], row["n_asked"]) == (2, 3)
    assert row["a_mean"] == pytest.approx(0.8 + 0.01)  # gim over seeds 0 and 2 only
    assert math.isnan(row["hedges_g"])
    assert any("seed 1: its encoder is diverged (loss is NaN)" in line for line in limits(found))


def test_confirming_seeds_alone_count_where_there_are_any(fabricate):
    made = fabricate(confirm=(10, 11, 12))
    found = answer(made.ledger, made.name, None, None)
    assert (found.best.role, found.best.seeds) == ("confirm", (10, 11, 12))
    row = row_of(found.best, "probe_accuracy", "vowel", "module_0")
    assert row["a_mean"] == pytest.approx(0.8 + 0.11)
    others = [one for one in found.each if not one.b.is_best]
    assert {(one.role, one.seeds) for one in others} == {("search", (0, 1, 2))}
    assert any("only the confirming seeds 10, 11, 12 count" in line for line in limits(found))


def test_one_seed_gives_a_difference_and_admits_ignorance(fabricate):
    made = fabricate(seeds=(4,))
    found = answer(made.ledger, made.name, None, None)
    row = row_of(found.best, "probe_accuracy", "vowel", "module_0")
    assert row["n"] == 1
    assert math.isnan(row["low"])
    assert math.isnan(row["p_holm"])
    assert any("cannot say how sure" in line for line in limits(found))


def test_without_study_json_the_objective_is_unknown_and_nobody_wins(fabricate):
    made = fabricate()
    (made.ledger.study(made.name).path / "study.json").unlink()
    found = answer(made.ledger, made.name, None, None)
    assert found.best is None
    assert len(found.each) == 3
    assert "no winner yet" in findings(found)[0]


def test_without_a_named_best_the_objective_ranks(fabricate):
    made = fabricate()
    study = made.ledger.study(made.name)
    study.write("study.json", study.read("study.json") | {"best": {}})
    runs, facts = read_runs(made.ledger, made.name), read_facts(made.ledger, made.name)
    best = [one.label for one in read_configurations(runs, facts) if one.is_best]
    assert best == ["gim", "sim kld_weight=0.001", "random"]


def test_findings_say_which_way_differences_go(fake):
    text = "\n".join(findings(answer(fake.ledger, fake.name, None, None)))
    assert (
        "Accuracy: of 14 differences 14 have a 95 % interval without zero (14 larger in sim" in text
    )
    assert "Interquartile mean of probe accuracy" in text


def test_arms_are_checked(fake):
    with pytest.raises(UserError, match=r"--a = 'gmi': no such arm; did you mean 'gim'\?"):
        answer(fake.ledger, fake.name, "gmi", None)
    with pytest.raises(UserError, match="must be different arms"):
        answer(fake.ledger, fake.name, "sim", "sim")


def test_an_arm_can_be_held_against_the_untrained_encoder(fake):
    found = answer(fake.ledger, fake.name, "random", "gim")
    row = row_of(found.best, "probe_accuracy", "vowel", "module_0")
    assert row["difference"] == pytest.approx(0.05)
    assert math.isnan(row["p"])  # the same in every seed
