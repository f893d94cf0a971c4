from __future__ import annotations

import numpy as np
import pytest

from sim_study.config.downstream import ProbeConfig
from sim_study.downstream.linear_probe import fit_linear_probe
from sim_study.metrics.probe_fit import fit_probes

SHORT = ProbeConfig(epochs=5)


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("clip", [None, 0.05])
def test_one_probe_equals_the_downstream_probe(mixed_sample, bias, clip):
    config = SHORT.model_copy(update={"gradient_clip": clip})
    labels = mixed_sample.train_factors["vowel"]
    fit = fit_linear_probe(
        mixed_sample.train_codes,
        labels,
        mixed_sample.test_codes,
        mixed_sample.test_factors["vowel"],
        3,
        config,
        bias=bias,
        seed=4,
    )
    weight, biases = fit_probes(
        mixed_sample.train_codes, labels[None], 3, config, bias=bias, seed=4
    )
    assert weight[0] == pytest.approx(fit.weight, abs=1e-9)
    assert (biases is not None) == bias
    if biases is not None:
        assert biases[0] == pytest.approx(fit.bias, abs=1e-9)


def test_probes_side_by_side_do_not_touch_each_other(mixed_sample):
    codes = mixed_sample.train_codes
    vowel, consonant = (mixed_sample.train_factors[name] for name in ("vowel", "consonant"))
    alone, _ = fit_probes(codes, vowel[None], 3, SHORT, bias=False, seed=1)
    together, _ = fit_probes(codes, np.stack([vowel, consonant]), 3, SHORT, bias=False, seed=1)
    other, _ = fit_probes(codes, np.stack([vowel, vowel]), 3, SHORT, bias=False, seed=1)
    assert together.shape == (2, 3, codes.shape[1])
    assert together[0] == pytest.approx(other[0], abs=1e-12)
    assert together[1] != pytest.approx(other[1])
    assert alone.shape == (1, 3, codes.shape[1])
