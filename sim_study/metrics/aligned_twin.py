"""A code that tells as much as another, each factor on axes of its own: the ceiling of alignment.

Turning a code to its factors' discriminant directions is not enough. Directions and classifier are
then found on the same clips: in that basis a classifier gives no weight at all to the other
dimensions, where one of truly aligned axes still has the noise of a finite number of clips, and so
a planted aligned code would read 0.7 to 0.8 of such a ceiling (2,181 clips, 32 dimensions). And an
orthogonal basis leaves the code's dimensions correlated, so that on real codes it reads hardly more
than a random rotation: DCI completeness of a GIM context is 0.06 in either, where a twin's is 0.35.

The twin is built of the code's own parts. In a basis of the discriminant directions, each of unit
variance and uncorrelated with all others, every row is what its classes contribute along their
directions plus a rest. The rests are dealt anew among the rows, so that what a classifier finds in
them by accident is found afresh, as on new clips (see `dealt`). What the classes contribute is
shrunk to what the test rows confirm of it.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sim_study.downstream.codes.standardise import standardise

RIDGE = 1e-6
"""Added to the variance of every standardised dimension within classes, so that directions in which
a code does not vary count for nothing. On 60 layers of finished studies a classifier reads 0.03
less from the twin than from the code (mean of both factors; 0.05 less with 1e-3, 0.08 with 1e-2):
its ceiling is rather low than high."""
SHARED = 1e-6
"""Share of its variance that a direction must have for itself, to be one more."""


def aligned_twin(
    train: tuple[np.ndarray, Mapping[str, np.ndarray]],
    test: tuple[np.ndarray, Mapping[str, np.ndarray]],
    seed: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Return codes of as many rows and dimensions, aligned.

    Args:
        train: Codes (row, dim), standardised, and by factor the class indices (row,), -1 for a row
            that does not carry the factor.
        test: The same of the part that is scored, standardised by the training part.
        seed: Deals the rests.

    Returns:
        Training and test codes (row, dim), standardised by the training part.
    """
    (codes, labels), (test_codes, test_labels) = train, test
    owners, basis = factor_basis(codes, labels)
    turned, test_turned = standardise(codes @ basis, test_codes @ basis)
    rest, test_rest = turned.copy(), test_turned.copy()
    told, test_told = np.zeros_like(turned), np.zeros_like(test_turned)
    for factor, of_one in labels.items():
        columns = np.flatnonzero([owner == factor for owner in owners])
        rows, test_rows = of_one >= 0, test_labels[factor] >= 0
        place, test_place = np.ix_(rows, columns), np.ix_(test_rows, columns)
        means = class_means(turned[place], of_one[rows], test_labels[factor][test_rows])
        given, test_given = means[of_one[rows]], means[test_labels[factor][test_rows]]
        rest[place] -= given
        test_rest[test_place] -= test_given
        share = confirmed(test_given, test_turned[test_place])  # (direction,)
        told[place] += share * given
        test_told[test_place] += share * test_given
    generator = np.random.default_rng([seed, codes.shape[1]])
    train_twin, test_twin = standardise(
        told + dealt(rest, len(owners), generator),
        test_told + dealt(test_rest, len(owners), generator),
    )
    return train_twin, test_twin


def dealt(rests: np.ndarray, singly: int, generator: np.random.Generator) -> np.ndarray:
    """Deal rests (row, dim) anew among the rows.

    Each of the first dimensions by itself, what follows them together: the basis leaves no
    correlation at all between dimensions, where those of true axes have that of a finite number of
    rows, which a classifier that leans on a direction pays for with weight on all others.
    """
    orders = [generator.permutation(len(rests)) for _ in range(singly + 1)]
    columns = [rests[orders[one], one : one + 1] for one in range(singly)]
    return np.hstack([*columns, rests[orders[singly], singly:]])


def factor_basis(
    codes: np.ndarray, labels: Mapping[str, np.ndarray]
) -> tuple[list[str], np.ndarray]:
    """Return a basis of uncorrelated dimensions that begins with every factor's directions.

    The direction that tells most is kept as it is, the next loses what it shares with it, and so
    on: were all changed alike, a direction that only chance has found would bend those that tell.

    Args:
        codes: (row, dim), standardised.
        labels: By factor, (row,), -1 for rows that do not carry it.

    Returns:
        The factor of each of the first dimensions, and the basis (dim, dim); after the factors'
        come the principal axes of what is left of the code.
    """
    dims = codes.shape[1]
    most = dims // len(labels)
    found = [(factor, *one) for factor, of in labels.items() for one in directions(codes, of, most)]
    found.sort(key=lambda one: -one[1])
    covariance = codes.T @ codes / len(codes)
    owners: list[str] = []
    first = np.zeros((dims, 0))
    for factor, _, direction in found:
        own = direction - first @ (first.T @ covariance @ direction)
        before, left = (float(one @ covariance @ one) for one in (direction, own))
        if left > SHARED * before:
            owners.append(factor)
            first = np.column_stack([first, own / np.sqrt(left)])
    rest = np.eye(dims) - first @ (first.T @ covariance)  # of a code, what these do not tell
    _, axes = np.linalg.eigh(rest.T @ covariance @ rest)
    return owners, np.hstack([first, rest @ axes[:, len(owners) :]])


def directions(codes: np.ndarray, labels: np.ndarray, most: int) -> list[tuple[float, np.ndarray]]:
    """Return how much each discriminant direction of one factor tells, and the direction (dim,).

    Args:
        codes: (row, dim), standardised.
        labels: (row,), -1 for rows that do not carry the factor.
        most: Directions at most; else as many as classes less one.

    Source:
        Fisher 1936, "The use of multiple measurements in taxonomic problems", for several classes.
    """
    codes, labels = codes[labels >= 0], labels[labels >= 0]
    means = class_means(codes, labels, labels)
    within = codes - codes.mean(axis=0) - means[labels]
    counts = np.bincount(labels, minlength=len(means))
    variance, axes = np.linalg.eigh(within.T @ within / len(codes))
    whiten = axes / np.sqrt(np.maximum(variance, 0) + RIDGE)  # (dim, dim)
    between = np.sqrt(counts / len(codes))[:, None] * means @ whiten
    _, told, best = np.linalg.svd(between, full_matrices=False)
    number = min(int((counts > 0).sum()) - 1, most)
    return [(float(told[one]), whiten @ best[one]) for one in range(number)]


def class_means(codes: np.ndarray, labels: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return each class's mean code relative to that of all rows: (class, dim).

    Args:
        codes: (row, dim).
        labels: (row,) class indices.
        others: Labels of other rows, whose classes have a mean too: 0 of a class without rows.
    """
    classes = 1 + max(labels.max(), others.max())
    counts = np.bincount(labels, minlength=classes)
    sums = np.stack([codes[labels == label].sum(axis=0) for label in range(classes)])
    found: np.ndarray = sums - counts[:, None] * codes.mean(axis=0)
    return found / np.maximum(counts, 1)[:, None]


def confirmed(expected: np.ndarray, found: np.ndarray) -> np.ndarray:
    """Return the share of each direction's class means that other rows confirm.

    Args:
        expected: (row, direction), the training part's class means for test rows.
        found: (row, direction), these rows.

    Returns:
        (direction,), 0-1: the slope of the one over the other.
    """
    expected, found = expected - expected.mean(axis=0), found - found.mean(axis=0)
    total = (expected**2).sum(axis=0)
    slope: np.ndarray = np.divide(
        (expected * found).sum(axis=0), total, out=np.zeros(len(total)), where=total > 0
    )
    shares: np.ndarray = np.clip(slope, 0.0, 1.0)
    return shares
