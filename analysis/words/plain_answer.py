"""The answer in a few plain sentences: what differs, by how much, how sure, what went unseen."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import pandas as pd

from analysis.statistics.answer import Answer
from analysis.statistics.comparison import SIGNIFICANT, Comparison, overall
from analysis.words.limits import clearly_better
from analysis.words.numbers import interval_text, number
from analysis.words.quantities import short_title
from sim_study.metrics.catalogue import CATALOGUE
from sim_study.naming.configurations import setting_words
from sim_study.naming.result_keys import layer_order, layer_title

NAMED = 2
"""Clear differences that a sentence names; the tables hold all."""

WHOLE = ("mig", "dci_disentanglement", "hoyer")
"""Entanglement whose size the answer gives; more of each means less entangled."""

ROLES = {
    "confirm": "confirming seeds",
    "search": "seeds",
    "mixed": "seeds, which one side searched with and which confirm the other:",
}

CLEAR = (
    "Clear: survives the adjustment for the number of comparisons (Holm, 5 %). On the whole: "
    "interquartile mean over targets and layers, with its 95 % interval."
)


def plain_answer(answer: Answer) -> list[str]:
    """Answer the study's question about the two arms' winners, then about every setting."""
    comparison = answer.best
    if comparison is None:
        first = "An arm has no winner yet: see the comparison of every configuration."
        return [first, *_settings(answer.each), *_empty_codes(answer)]
    if comparison.rows.empty:
        return [
            f"{comparison.a.label} and {comparison.b.label} share no finished seed with final "
            "metrics: nothing can be paired."
        ]
    lines = [
        _lead(comparison),
        _accuracy(comparison, "probe_accuracy", "Accuracy, mean code"),
        _accuracy(comparison, "probe_interpretability", "Accuracy, sampled code"),
        *_empty_codes(answer),
        _entanglement(comparison),
        *_settings(answer.each),
        *clearly_better(comparison),
        _unseen(comparison),
    ]
    return [line for line in lines if line]


def heading(comparison: Comparison) -> str:
    """Say what is compared, over which seeds."""
    seeds = ", ".join(map(str, comparison.seeds)) or "none"
    return (
        f"{comparison.b.label} against {comparison.a.label}, over the shared "
        f"{ROLES[comparison.role]} {seeds}"
    )


def _lead(comparison: Comparison) -> str:
    """Everything compared in one sentence, naming what no sentence below does."""
    rows = comparison.rows
    clear = rows[rows["p_holm"] < SIGNIFICANT]
    if clear.empty:
        return f"{heading(comparison)}: no clear difference in {len(rows)} comparisons."
    below = (clear["family"] == "entanglement") | clear["quantity"].str.startswith("probe_")
    others = "; ".join(_named(row) for _, row in clear[~below].head(NAMED).iterrows())
    return (
        f"{heading(comparison)}: {len(clear)} clear difference{'s' * (len(clear) != 1)} in "
        f"{len(rows)} comparisons{f' ({others})' if others else ''}."
    )


def _difference(whole: Mapping[str, float]) -> str:
    """Difference of the interquartile means with its interval."""
    return (
        f"{number(whole['difference'], signed=True)} "
        f"{interval_text(whole['low'], whole['high'], int(whole['n']))}"
    )


def _accuracy(comparison: Comparison, quantity: str, name: str) -> str:
    rows = comparison.rows[comparison.rows["quantity"] == quantity]
    whole = overall(comparison, quantity)
    if rows.empty:
        return ""
    text = f"{name}: {_verdict(rows, comparison)}."
    if not whole["n"]:
        return text
    return (
        f"{text} On the whole {comparison.b.arm} {number(whole['b_mean'])}, {comparison.a.arm} "
        f"{number(whole['a_mean'])}: difference {_difference(whole)}."
    )


def _entanglement(comparison: Comparison) -> str:
    rows = comparison.rows[comparison.rows["family"] == "entanglement"]
    if rows.empty:
        return ""
    null = "above each arm's own permuted-label null"
    some = f"{null} where there is one" if rows["above_null"].any() else "as read"
    within = null if rows["above_null"].all() else some
    text = f"Entanglement, {within}: {_verdict(rows, comparison, 'less entangled')}."
    unreadable = int((rows["a_at_chance"] | rows["b_at_chance"]).sum())
    if unreadable:
        text += f" {unreadable} of them read the weights of a probe at chance."
    sizes = [
        f"{short_title(quantity)} {_difference(overall(comparison, quantity))}"
        for quantity in WHOLE
        if quantity in set(rows["quantity"])
    ]
    whole = f" On the whole {comparison.b.arm} - {comparison.a.arm}: {', '.join(sizes)}."
    return text + whole * bool(sizes)


def _verdict(rows: pd.DataFrame, comparison: Comparison, better: str = "higher") -> str:
    """What is clear among these rows; otherwise how many hints there are beside luck's.

    `better` says what the arm is that a difference speaks for: of some quantities (dimensions
    needed), the smaller value does.
    """
    clear = rows[rows["p_holm"] < SIGNIFICANT]
    n = f"{len(rows)} comparison{'s' * (len(rows) != 1)}"
    if clear.empty:
        apart = int(((rows["low"] > 0) | (rows["high"] < 0)).sum())
        by_luck = math.ceil(0.05 * rows["p"].notna().sum())
        if not by_luck:
            return f"{n}, in none of which it can be said how sure"
        hints = f" ({apart} intervals exclude zero, where luck alone gives about {by_luck})"
        return f"no clear difference in {n}" + hints * (apart > by_luck)
    wanted = [-1 if CATALOGUE[name].better == "lower" else 1 for name in clear["quantity"]]
    for_b = int((clear["difference"] * wanted > 0).sum())
    counts = [
        f"{arm} clearly {better} in {count}"
        for arm, count in ((comparison.b.arm, for_b), (comparison.a.arm, len(clear) - for_b))
        if count
    ]
    strongest = clear.reindex(clear["p_holm"].sort_values(kind="stable").index).head(NAMED)
    named = "; ".join(_named(row) for _, row in strongest.iterrows())
    most = "" if len(clear) <= NAMED else "surest: "
    return f"of {n} {', '.join(counts)} ({most}{named})"


def _named(row: pd.Series) -> str:
    place = ", ".join(part for part in (row["target"], layer_title(row["layer"])) if part)
    return (
        f"{short_title(row['quantity'])}, {place} {number(row['difference'], signed=True)} "
        f"{interval_text(row['low'], row['high'], row['n'])}"
    )


def _unseen(comparison: Comparison) -> str:
    """The smallest difference in accuracy that could have been seen, with the spread there was."""
    rows = comparison.rows[comparison.rows["quantity"] == "probe_accuracy"]
    sizes = rows["detectable"].dropna()
    n = f"{comparison.n} shared seed{'s' * (comparison.n != 1)}"
    if rows.empty:
        return ""
    if sizes.empty:
        return f"Unseen: {n} cannot say how sure any difference is."
    return (
        f"Unseen: with {n} a true difference in accuracy (mean code) below about "
        f"{number(sizes.median())} would mostly have gone unnoticed ({number(sizes.min())} to "
        f"{number(sizes.max())} by target and layer)."
    )


def _settings(each: Sequence[Comparison]) -> list[str]:
    """Which settings differ clearly; one sentence, none when there is only one setting."""
    if len(each) < 2 or not any(len(one.rows) and one.rows["p"].notna().any() for one in each):
        return []
    parts = []
    for one in each:
        words = " ".join(setting_words(one.b.settings)) or one.b.label
        clear = one.rows[one.rows["p_holm"] < SIGNIFICANT] if len(one.rows) else one.rows
        if clear.empty:
            parts.append(f"{words}: none")
            continue
        named = [
            f"{short_title(str(quantity))} {'higher' if higher else 'lower'} at {len(rows)} "
            f"place{'s' * (len(rows) != 1)}"
            for (quantity, higher), rows in clear.groupby(
                ["quantity", clear["difference"] > 0], sort=False
            )
        ]
        parts.append(f"{words}: {', '.join(named)}")
    b, a = each[0].b.arm, each[0].a.arm
    return [f"Clear differences of {b} from {a}, by setting: {'; '.join(parts)}."]


def _empty_codes(answer: Answer) -> list[str]:
    """Name trained configurations whose sampled code tells little or nothing of the labels."""
    parts = []
    listed = {one.key for one in answer.study.shown}
    for measured in answer.measured:
        one, empty = measured.one, measured.at_chance
        if one.key not in listed or one.is_untrained or not empty:
            continue
        places = [place for place in measured.values if place.quantity == "probe_interpretability"]
        ordered = sorted(empty, key=lambda place: (place[0], layer_order(place[1])))
        named = ", ".join(f"{target} at {layer_title(layer)}" for target, layer in ordered)
        few = named if len(empty) <= NAMED else f"{len(empty)} of {len(places)} places"
        parts.append(f"{one.label} ({'everywhere' if len(empty) == len(places) else few})")
    return [f"At chance, the probe on the sampled code of {'; '.join(parts)}."] if parts else []
