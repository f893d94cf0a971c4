"""What else differs, in a few plain sentences: exploratory, beside the primary tests."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import pandas as pd

from analysis.read.replicates import PAPERS, leading
from analysis.statistics.answer import Answer
from analysis.statistics.comparison import DISCOVERED, Comparison
from analysis.statistics.overall import overall
from analysis.words.limits import clearly_better
from analysis.words.numbers import interval_text, number
from analysis.words.quantities import short_title
from sim_study.config.primary import ALIGNMENT_SUFFIX
from sim_study.metrics.catalogue import CATALOGUE
from sim_study.naming.configurations import setting_words
from sim_study.naming.result_keys import layer_order, layer_title

NAMED = 2
"""Clear differences that a sentence names; the tables hold all."""

WHOLE = ("dci_disentanglement_alignment", "dci_completeness_alignment")
OLDER_WHOLE = ("mig", "dci_disentanglement", "hoyer")
"""Entanglement whose size the answer gives, the second where no alignment was measured; more of
each means less entangled."""

ROLES = {
    "confirm": "confirming seeds",
    "search": "seeds",
    "mixed": "seeds, which one side searched with and which confirm the other:",
}

CLEAR = (
    "Exploratory: not decided beforehand, so that it suggests what to test, and proves nothing. "
    "Stands out: at a false discovery rate of 5 % (Benjamini-Hochberg) over all rows compared. On "
    "the whole: mean over targets and layers of what lies between chance (0) and 1 of an accuracy, "
    "of anything else as it is, paired by seed, with its 95 % t interval."
)


def plain_answer(answer: Answer) -> list[str]:
    """Say what differs between the two arms' winners, then under every setting."""
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
        _accuracy(comparison, "accuracy", "Accuracy, mean code"),
        _accuracy(comparison, "accuracy_sampled", "Accuracy, sampled code"),
        *_empty_codes(answer),
        _entanglement(comparison),
        *_settings(answer.each),
        *clearly_better(comparison),
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
    clear = rows[rows["p_fdr"] < DISCOVERED]
    if clear.empty:
        return f"{heading(comparison)}: nothing stands out in {len(rows)} comparisons."
    below = (clear["family"] == "entanglement") | clear["quantity"].isin(
        [comparison.leading(quantity) for quantity in PAPERS]
    )
    others = "; ".join(_named(row) for _, row in clear[~below].head(NAMED).iterrows())
    return (
        f"{heading(comparison)}: {len(clear)} of {len(rows)} comparisons "
        f"stand{'s' * (len(clear) == 1)} out{f' ({others})' if others else ''}."
    )


def _difference(whole: Mapping[str, float]) -> str:
    """Difference on the whole with its interval."""
    return (
        f"{number(whole['difference'], signed=True)} "
        f"{interval_text(whole['low'], whole['high'], int(whole['n']))}"
    )


def _accuracy(comparison: Comparison, quantity: str, name: str) -> str:
    quantity = comparison.leading(quantity)
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
    text = f"Entanglement, {_as_read(rows)}: {_verdict(rows, comparison, 'less entangled')}."
    unreadable = int((rows["a_at_chance"] | rows["b_at_chance"]).sum())
    if unreadable:
        text += f" {unreadable} of them read the weights of a probe at chance."
    there = set(rows["quantity"])
    sizes = [
        f"{short_title(quantity)} {_difference(overall(comparison, quantity))}"
        for quantity in (WHOLE if there & {*WHOLE} else OLDER_WHOLE)
        if quantity in there
    ]
    whole = f" On the whole {comparison.b.arm} - {comparison.a.arm}: {', '.join(sizes)}."
    return text + whole * bool(sizes)


def _as_read(rows: pd.DataFrame) -> str:
    """What the values of entanglement rows stand above."""
    null = "above each arm's own permuted-label null"
    aligned = rows["quantity"].str.endswith(ALIGNMENT_SUFFIX)
    plain = rows[~aligned]
    some = f"{null} where there is one" if plain["above_null"].any() else "as read"
    within = null if plain["above_null"].all() else some
    both = "alignment with factors" if aligned.any() else ""
    return ", and ".join(part for part in (both, within if len(plain) else "") if part)


def _verdict(rows: pd.DataFrame, comparison: Comparison, better: str = "higher") -> str:
    """What is clear among these rows; otherwise how many hints there are beside luck's.

    `better` says what the arm is that a difference speaks for: of some quantities (dimensions
    needed), the smaller value does.
    """
    clear = rows[rows["p_fdr"] < DISCOVERED]
    n = f"{len(rows)} comparison{'s' * (len(rows) != 1)}"
    if clear.empty:
        apart = int(((rows["low"] > 0) | (rows["high"] < 0)).sum())
        by_luck = math.ceil(0.05 * rows["p"].notna().sum())
        if not by_luck:
            return f"{n}, in none of which it can be said how sure"
        hints = f" ({apart} intervals exclude zero, where luck alone gives about {by_luck})"
        return f"nothing stands out in {n}" + hints * (apart > by_luck)
    wanted = [-1 if CATALOGUE[name].better == "lower" else 1 for name in clear["quantity"]]
    for_b = int((clear["difference"] * wanted > 0).sum())
    counts = [
        f"{arm} {better} in {count}"
        for arm, count in ((comparison.b.arm, for_b), (comparison.a.arm, len(clear) - for_b))
        if count
    ]
    strongest = clear.reindex(clear["p_fdr"].sort_values(kind="stable").index).head(NAMED)
    named = "; ".join(_named(row) for _, row in strongest.iterrows())
    most = "" if len(clear) <= NAMED else "surest: "
    stand = f"{len(clear)} stand{'s' * (len(clear) == 1)} out"
    return f"of {n} {stand}, {', '.join(counts)} ({most}{named})"


def _named(row: pd.Series) -> str:
    place = ", ".join(part for part in (row["target"], layer_title(row["layer"])) if part)
    return (
        f"{short_title(row['quantity'])}, {place} {number(row['difference'], signed=True)} "
        f"{interval_text(row['low'], row['high'], row['n'])}"
    )


def _settings(each: Sequence[Comparison]) -> list[str]:
    """What stands out by setting; one sentence, none when there is only one setting."""
    if len(each) < 2 or not any(len(one.rows) and one.rows["p"].notna().any() for one in each):
        return []
    parts = []
    for one in each:
        words = " ".join(setting_words(one.b.settings)) or one.b.label
        clear = one.rows[one.rows["p_fdr"] < DISCOVERED] if len(one.rows) else one.rows
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
    return [f"What stands out of {b} against {a}, by setting: {'; '.join(parts)}."]


def _empty_codes(answer: Answer) -> list[str]:
    """Name trained configurations whose sampled code tells little or nothing of the labels."""
    parts = []
    listed = {one.key for one in answer.study.shown}
    for measured in answer.measured:
        one, empty = measured.one, measured.at_chance
        if one.key not in listed or one.is_untrained or not empty:
            continue
        sampled = leading("accuracy_sampled", measured.values)
        places = [place for place in measured.values if place.quantity == sampled]
        ordered = sorted(empty, key=lambda place: (place[0], layer_order(place[1])))
        named = ", ".join(f"{target} at {layer_title(layer)}" for target, layer in ordered)
        few = named if len(empty) <= NAMED else f"{len(empty)} of {len(places)} places"
        parts.append(f"{one.label} ({'everywhere' if len(empty) == len(places) else few})")
    return [f"At chance, the probe on the sampled code of {'; '.join(parts)}."] if parts else []
