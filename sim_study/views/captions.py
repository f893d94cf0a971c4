"""How to read each view: one text below every picture of its kind."""

WEIGHTS = (
    "Weights of the probe without bias on the sampled code, each label's stretched so that its "
    "smallest is -1 and its largest 1, as in the paper: white need not mean no weight, and unless "
    "codes were standardised, a strong cell may be a dimension that hardly varies (the picture of "
    "the dimensions that carry each label counts that). Below: the number of the dimension. A "
    "concentrated code has few strong cells a row. Where the probe is at chance, nothing is told."
)

CARRIERS = (
    "A row a label: the numbers of its five strongest dimensions; the darker, the larger the "
    "dimension's share in what tells this label from the others (squared weight on the "
    "standardised code, relative to the mean over labels). One dark cell: the label sits on one "
    "dimension; all pale: it is spread out. Full rankings are in the CSV files."
)

KEPT = (
    "Test accuracy of the probe when only its k heaviest dimensions may speak and the others are "
    "held at their mean (not fitted again). Above each panel: how many dimensions keep 90 % "
    "of the accuracy above chance (read from the best non-decreasing curve, so that a lucky or "
    "unlucky number does not count), and how many that takes in a random order, on average; at "
    "chance: all dimensions are right no more often than luck allows in 95 % of cases. A large gap "
    "between the two lines means that few dimensions do the work."
)

DECISION = (
    "Regions: what the probe decides along its two strongest dimensions when all others are held "
    "at their mean; points: test clips (or frames), coloured by their true label. Above each "
    "panel: how much of the test part these two dimensions alone get right, and how much all do. "
    "Points inside their own colour show what two dimensions can tell. 0 is the mean over the "
    "training part, 1 its deviation: a cloud far from 0 means that the test part differs from it."
)

SCATTER = (
    "Test clips (or frames) in the three dimensions to which the probe gives most weight, in "
    "deviations from the mean over the training part; above and below are the same points, turned "
    "by a quarter. Clouds that come apart: three dimensions are enough to tell these labels."
)

HISTOGRAMS = (
    "Values of single frames of the test part, as densities; dashed: N(0, 1), the prior that SIM "
    "is drawn to (no other method is, and never the context). First all dimensions together, then "
    "those of largest variance. In each panel: mean ± standard deviation, in the colour of the "
    "code. Mean codes much narrower than the sampled ones: the dimension holds little more than "
    "noise. A spike: many frames alike, such as those of the silence around a padded syllable."
)

TSNE = (
    "{points} test clips, each the mean of its context over frames (mean code), laid out by t-SNE "
    "(perplexity {perplexity:.3g}, started from two principal components, seeded). Neighbours are "
    "alike; distances between clumps, their sizes and the axes mean nothing. The same map in every "
    "panel, coloured by another factor."
)
