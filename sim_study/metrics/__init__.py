"""Entanglement metrics from arrays only, one file a metric, each beside its null."""
