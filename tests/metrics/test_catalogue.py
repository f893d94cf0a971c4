from __future__ import annotations

import subprocess
import sys

import pytest

from sim_study.metrics.catalogue import CATALOGUE, describe
from sim_study.metrics.registry import METRICS


@pytest.mark.parametrize("name", sorted(CATALOGUE))
def test_entries_are_complete(name):
    quantity = CATALOGUE[name]
    assert quantity.title
    assert quantity.meaning.endswith(".")
    assert quantity.low < quantity.high
    assert quantity.label.startswith(quantity.title)


def test_every_metric_is_listed():
    for metric in METRICS.values():
        assert set(metric.quantity_names) <= set(CATALOGUE)


def test_describe_reads_result_keys():
    assert describe("probe_accuracy/vowel/module_1") is CATALOGUE["probe_accuracy"]
    assert describe("probe_accuracy_train/vowel/context") is CATALOGUE["probe_accuracy_train"]
    null = describe("mig_null/mean/module_0")
    assert null.title == "MIG, label-permutation null"
    assert null.better == "neither"
    assert "95th" in describe("dci_completeness_null_p95/module_0").title
    total = describe("total_correlation_null/module_0")
    assert total.title == "Total correlation, independent-dimensions null"
    with pytest.raises(KeyError):
        describe("migg/mean")


def test_reading_the_catalogue_imports_nothing_heavy():
    code = (
        "import sys, sim_study.metrics.catalogue; "
        "print([m for m in ('numpy', 'sklearn', 'torch', 'pydantic') if m in sys.modules])"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert printed.stdout.strip() == "[]", printed.stderr
