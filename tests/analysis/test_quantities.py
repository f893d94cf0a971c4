"""The order of tables, which quantities decide for themselves, as it has been from the start."""

from __future__ import annotations

from analysis.statistics.at_chance import CONCENTRATION
from analysis.words.quantities import EXPLAINED, FAMILIES, HEADLINES, READOUTS, family_of
from sim_study.naming.quantity import TARGETS

ENTANGLEMENT = (
    "mig", "sap", "dci_disentanglement", "dci_completeness", "modularity", "infom", "infoc",
    "hoyer", "gini", "effective_dimensions", "top_k_accuracy", "dimensions_for_90",
)  # fmt: skip
RATE = ("kl_nats", "kl_nats_mean_path", "active_units")


def test_families_and_their_order():
    assert [*FAMILIES.items()] == [
        (
            "accuracy",
            (
                "probe_accuracy", "probe_interpretability", "balanced_accuracy",
                "dci_informativeness", "explicitness", "infoe",
            ),
        ),
        ("entanglement", ENTANGLEMENT),
        ("dependence", ("total_correlation",)),
        ("rate", RATE),
        ("reconstruction", ("decoder_mse", "decoder_loss")),
        ("contribution", ("contribution_half", "contribution_tenth")),
    ]  # fmt: skip
    assert family_of("gini") == "entanglement"
    assert family_of("udr") is family_of("nce") is family_of("migg") is None


def test_what_a_report_explains():
    compared = [name for names in FAMILIES.values() for name in names]
    described = ["told_dimensions", "active_dimensions", "burda_units", "udr"]
    assert [*EXPLAINED] == compared + described


def test_printed_tables_and_their_order():
    assert TARGETS == ("vowel", "syllable", "phone", "speaker", "consonant")
    assert (
        tuple(
            (name, target)
            for target in TARGETS
            for name in ("probe_accuracy", "probe_interpretability")
        )
        == READOUTS
    )
    assert (
        *READOUTS,
        ("balanced_accuracy", "phone"),
        ("mig", "mean"),
        ("sap", "mean"),
        ("dci_disentanglement", ""),
        ("modularity", ""),
        ("infom", ""),
        ("infoc", ""),
        *(("explicitness", target) for target in TARGETS),
        ("infoe", "mean"),
        ("total_correlation", ""),
        *(("hoyer", target) for target in TARGETS),
        *((name, "") for name in RATE),
    ) == HEADLINES


def test_what_a_probe_at_chance_makes_meaningless():
    wanted = ("hoyer", "gini", "effective_dimensions", "top_k_accuracy", "dimensions_for_90")
    assert wanted == CONCENTRATION
