"""Quantities of how entangled a code is, and of how few dimensions a probe rests on."""

from __future__ import annotations

from math import inf

from sim_study.naming.quantity import PADDED, Quantity

ENTANGLEMENT: dict[str, Quantity] = {
    "mig": Quantity(
        "MIG",
        "fraction",
        0,
        1,
        "higher",
        "Gap between the two dimensions that tell most about a factor, as a fraction of the "
        "factor's entropy; mean code, held out." + PADDED,
    ),
    "sap": Quantity(
        "SAP",
        "fraction",
        0,
        1,
        "higher",
        "Gap between the balanced accuracies of the two dimensions that name a factor's class "
        "best; mean code, held out." + PADDED,
    ),
    "dci_disentanglement": Quantity(
        "DCI disentanglement",
        "fraction",
        0,
        1,
        "higher",
        "How far each dimension serves a single factor; mean code." + PADDED,
    ),
    "dci_completeness": Quantity(
        "DCI completeness",
        "fraction",
        0,
        1,
        "higher",
        "How far each factor is served by a single dimension; mean code." + PADDED,
    ),
    "dci_informativeness": Quantity(
        "DCI informativeness",
        "fraction",
        0,
        1,
        "higher",
        "Held-out accuracy of the classifier whose weights DCI reads; mean code." + PADDED,
    ),
    "modularity": Quantity(
        "Modularity",
        "fraction",
        0,
        1,
        "higher",
        "How far each dimension tells one factor alone (Ridgeway and Mozer), mean over dimensions "
        "however little they tell, so that noise reads about 0.5; says nothing where explicitness "
        "of a factor is at its null, since a code that lost one factor tells the others alone; "
        "mean code, held out." + PADDED,
    ),
    "explicitness": Quantity(
        "Explicitness",
        "fraction",
        0,
        1,
        "higher",
        "Area under the curve of each class against the others, of a linear classifier, mean over "
        "classes; 0.5 says nothing; mean code, held out." + PADDED,
    ),
    "infom": Quantity(
        "InfoM modularity",
        "fraction",
        0,
        1,
        "higher",
        "How far each dimension that tells some factor tells one alone; says nothing where "
        "explicitness of a factor is at its null, since a code that lost one factor tells the "
        "others alone; mean code, held out." + PADDED,
    ),
    "infoe": Quantity(
        "InfoE explicitness",
        "fraction",
        0,
        1,
        "higher",
        "Share of a factor's entropy that a linear classifier takes away; 0 where it is so sure of "
        "itself that naming frequencies would do better, as on a test split that was recorded "
        "otherwise, which explicitness forgives; mean code, held out." + PADDED,
    ),
    "infoc": Quantity(
        "InfoC compactness",
        "fraction",
        0,
        1,
        "higher",
        "How far each factor is told by one dimension alone, among those that tell some factor; "
        "mean code, held out." + PADDED,
    ),
    "told_dimensions": Quantity(
        "Dimensions that tell a factor",
        "dimensions",
        0,
        inf,
        "neither",
        "Dimensions whose relation to some factor chance does not explain (5 %, adjusted for the "
        "number of dimensions and factors): those that InfoM and InfoC go by; mean code, held out."
        + PADDED,
    ),
    "total_correlation": Quantity(
        "Total correlation",
        "nats",
        0,
        inf,
        "lower",
        "Dependence between the dimensions of a Gaussian with the codes' shrunk covariance; grows "
        "with their number; mean code." + PADDED,
        chance="independent dimensions",
    ),
    "total_correlation_kde": Quantity(
        "Total correlation, the reference's estimate",
        "nats",
        -inf,
        inf,
        "neither",
        "From kernel densities scored on their own points: far from 0 on independent dimensions, "
        "and follows the scale of the code; mean code." + PADDED,
        chance="independent dimensions",
    ),
    "active_dimensions": Quantity(
        "Dimensions that vary",
        "dimensions",
        0,
        inf,
        "neither",
        "Dimensions that vary over clips by more than rounding explains: those that all "
        "entanglement metrics go by; mean code." + PADDED,
        chance="none",
    ),
    "burda_units": Quantity(
        "Dimensions that vary by more than 0.01",
        "dimensions",
        0,
        inf,
        "neither",
        "Dimensions whose mean over a clip varies by more than 0.01 (variance) over clips; a share "
        "of SIM's prior variance of 1, while any other code's count follows its scale; mean code."
        + PADDED,
        chance="none",
    ),
    "udr": Quantity(
        "UDR",
        "fraction",
        0,
        1,
        "higher",
        "How far encoders of other seeds have the same dimensions, up to order, sign and "
        "stretching: 1 when each dimension goes with one of another seed's alone; mean code of "
        "test clips." + PADDED,
        chance="shuffled clips",
    ),
    "hoyer": Quantity(
        "Hoyer sparsity",
        "fraction",
        0,
        1,
        "higher",
        "Concentration of a label's probe weights: 1 on one dimension, 0 even over all; mean "
        "over labels; sampled code." + PADDED,
    ),
    "gini": Quantity(
        "Gini index",
        "fraction",
        0,
        1,
        "higher",
        "Inequality of a label's probe weights: 1 - 1/dimensions on one dimension, 0 even over "
        "all; mean over labels; sampled code." + PADDED,
    ),
    "effective_dimensions": Quantity(
        "Effective dimensions",
        "dimensions",
        1,
        inf,
        "lower",
        "exp of the entropy of the dimensions' shares in a label's logit variance; mean over "
        "labels; sampled code." + PADDED,
    ),
    "top_k_accuracy": Quantity(
        "Accuracy kept by the top 4 dimensions",
        "fraction",
        0,
        1,
        "higher",
        "Test accuracy of the probe when all but its 4 heaviest dimensions are held at their mean; "
        "sampled code." + PADDED,
    ),
    "dimensions_for_90": Quantity(
        "Dimensions for 90 % of the accuracy",
        "dimensions",
        1,
        inf,
        "lower",
        "How many of its heaviest dimensions keep 90 % of a probe's accuracy above chance on test "
        "clips, the others held at their mean; read from the best non-decreasing curve; all of "
        "them where the probe does not beat chance by more than luck; sampled code." + PADDED,
    ),
    "dimensions_for_90_random_order": Quantity(
        "Dimensions for 90 % of the accuracy, random order",
        "dimensions",
        1,
        inf,
        "neither",
        "The same when dimensions are added in a random order; mean over orders.",
    ),
}
