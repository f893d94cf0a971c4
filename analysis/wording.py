"""A comparison in sentences: what it found, and what it cannot tell."""

from __future__ import annotations

import pandas as pd

from analysis.answer import Answer
from analysis.comparison import SIGNIFICANT, Comparison, overall
from analysis.completeness import missing_replicates, role_sentences
from analysis.configurations import shown
from analysis.metric_key import layer_title
from analysis.power import detection_sentence
from analysis.quantities import interval_text, number, p_text, short_title


def heading(comparison: Comparison) -> str:
    """Say what is compared, over which seeds."""
    seeds = ", ".join(map(str, comparison.seeds)) or "none"
    kind = "confirming seeds" if comparison.role == "confirm" else "seeds"
    return f"a = {comparison.a.label}, b = {comparison.b.label}; shared {kind}: {seeds}"


def findings(answer: Answer) -> list[str]:
    """Say which differences between the winners are more than chance, and which way they go."""
    comparison = answer.best
    if comparison is None:
        return ["An arm has no winner yet: see the comparison of every configuration."]
    if comparison.rows.empty:
        return [
            f"{comparison.a.label} and {comparison.b.label} share no finished seed with final "
            "metrics: nothing can be paired."
        ]
    lines = []
    for family, rows in comparison.rows.groupby("family", sort=False):
        clear = rows[rows["p_holm"] < SIGNIFICANT]
        apart = rows[(rows["low"] > 0) | (rows["high"] < 0)]
        larger = int((apart["difference"] > 0).sum())
        lines.append(
            f"{str(family).capitalize()}: of {len(rows)} differences {len(apart)} have a 95 % "
            f"interval without zero ({larger} larger in {comparison.b.arm}, {len(apart) - larger} "
            f"larger in {comparison.a.arm}); {len(clear)} survive Holm's adjustment."
        )
        lines += [_finding(row, comparison) for _, row in clear.iterrows()]
    lines += [_below_untrained(comparison)] if _below_untrained(comparison) else []
    targets = sorted(set(comparison.rows["target"]))
    middle = overall(answer.metrics, comparison, "probe_accuracy", targets)
    if middle["n"]:
        lines.append(
            "Interquartile mean of probe accuracy over targets and layers: "
            f"a {number(middle['a_mean'])}, b {number(middle['b_mean'])}, b - a "
            f"{number(middle['difference'], signed=True)} "
            f"{interval_text(middle['low'], middle['high'])}, n = {middle['n']:.0f}."
        )
    return lines


def limits(answer: Answer) -> list[str]:
    """Say what the study can and cannot detect, and what its means leave out."""
    listed = shown(answer.configurations)
    lines = [detection_sentence(answer.best.n), *_in_units(answer.best)] if answer.best else []
    if answer.best and answer.best.role == "search" and len(answer.each) > 1:
        lines.append(
            f"{answer.best.b.label} was chosen on the same seeds that it is judged by, so its "
            "objective is flattered by luck; confirming seeds would tell."
        )
    lines += role_sentences(listed)
    lines += missing_replicates(answer.runs, listed)
    return lines


def _in_units(comparison: Comparison) -> list[str]:
    """Translate the detectable effect into accuracy, with the spread that was seen."""
    if comparison.rows.empty:
        return []
    rows = comparison.rows[comparison.rows["quantity"] == "probe_accuracy"]
    sizes = rows["detectable"].dropna()
    if sizes.empty:
        return []
    return [
        "With the spread seen, that is a true difference in probe accuracy of "
        f"{number(sizes.median())} (median over targets and layers; {number(sizes.min())} to "
        f"{number(sizes.max())})."
    ]


def _finding(row: pd.Series, comparison: Comparison) -> str:
    place = ", ".join(part for part in (row["target"], layer_title(row["layer"])) if part)
    return (
        f"  {short_title(row['quantity'])}, {place}: {comparison.b.arm} "
        f"{number(row['b_mean'])} against {comparison.a.arm} {number(row['a_mean'])}, difference "
        f"{number(row['difference'], signed=True)} {interval_text(row['low'], row['high'])}, "
        f"p = {p_text(row['p_holm'])}, n = {row['n']}."
    )


def _below_untrained(comparison: Comparison) -> str:
    rows = comparison.rows[comparison.rows["quantity"] == "probe_accuracy"]
    below = rows[(rows[["a_mean", "b_mean"]].max(axis=1) < rows["untrained"])]
    if below.empty:
        return ""
    places = ", ".join(
        f"{target} at {layer_title(layer)}"
        for target, layer in zip(below["target"], below["layer"], strict=True)
    )
    return f"The untrained encoder's probe accuracy beats both arms for: {places}."
