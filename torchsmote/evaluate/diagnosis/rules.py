"""Every threshold of a diagnosis and every rule of its advice, each with its source.

No number stands elsewhere. Where a source is "reasoning", no paper gives the number: it is a convention, and
the reason is told beside it.

Sources:
    Beyer 1999: Beyer, Goldstein, Ramakrishnan and Shaft, "When is nearest neighbor meaningful?", ICDT.
    Blagus 2013: Blagus and Lusa, "SMOTE for high-dimensional class-imbalanced data", BMC Bioinformatics 14.
    Chawla 2002: Chawla, Bowyer, Hall and Kegelmeyer, "SMOTE", JAIR 16.
    Elor 2022: Elor and Averbuch-Elor, "To SMOTE, or not to SMOTE?", arXiv 2201.08528.
    Han 2005: Han, Wang and Mao, "Borderline-SMOTE", ICIC.
    He 2012: He, Kumar and Chang, "On the difficulty of nearest neighbor search", ICML.
    Jo 2004: Jo and Japkowicz, "Class imbalances versus small disjuncts", SIGKDD Explorations 6.
    Levina 2004: Levina and Bickel, "Maximum likelihood estimation of intrinsic dimension", NIPS; its average
        as MacKay and Ghahramani corrected it in 2005.
    Lorena 2019: Lorena, Garcia, Lehmann, Souto and Ho, "How complex is your classification problem?", ACM
        Computing Surveys 52.
    Menon 2021: Menon, Jayasumana, Rawat, Jain, Veit and Kumar, "Long-tail learning via logit adjustment",
        ICLR.
    Napierala 2016: Napierala and Stefanowski, "Types of minority class examples and their influence on
        learning classifiers from imbalanced data", Journal of Intelligent Information Systems 46.
    Radovanovic 2010: Radovanovic, Nanopoulos and Ivanovic, "Hubs in space", JMLR 11.
    Sakho 2024: Sakho, Malherbe and Scornet, "Do we need rebalancing strategies?", arXiv 2402.03819.
"""

from __future__ import annotations

# --- How much is looked at (reasoning: 1,000,000 x 30 within a minute and 1 GiB on two cores) ---

# Rows whose neighbours are searched, over all classes; each class gets an equal part, or all it has. They are
# searched in ALL rows: a search among sampled rows would change the shares of the classes around a row. A
# share found on m rows has a standard error of at most 0.5 / sqrt(m): one point for 2,500 rows.
QUERIES = 10_000
# Pairs of a query and a row: above 500,000 rows there are fewer queries, down to FEWEST_QUERIES.
PAIRS = 5_000_000_000
FEWEST_QUERIES = 2_000
# Rows of a class whose neighbours within the class are searched, for its groups.
GROUPED = 10_000
# Rows drawn from all, for dimension, hubness and contrast.
SPREAD = 5_000

# --- Neighbours ---

# Of SMOTE (Chawla 2002); Napierala 2016 types rows by 5 neighbours as well.
K = 5
# Of the k-occurrence (Radovanovic 2010) and of the dimension (Levina 2004: 10 to 20).
K_GEOMETRY = 10
# Share of a row's neighbours that are of other classes: danger from here on; all of them: noise (Han 2005).
DANGER = 0.5
# What a differing category adds to the squared distance, in standard deviations: the median of the columns'
# standard deviations (Chawla 2002, SMOTE-NC), which standardised columns make 1.
MISMATCH = 1.0
# Standard deviations by which rows with repeated values are told apart at random: without it, ties would go
# to the rows that stand first in the table, and so to one class where it is sorted by class.
JITTER = 1e-4

# --- Imbalance: largest class over smallest ---

# 60-40 and less: leave it (reasoning: the default threshold is hardly off).
BALANCED = 1.5
# 80-20: below, tune the threshold first (reasoning: the prior is hardly off. Elor 2022 finds no gain of
# balancing for strong classifiers, but draws no such line).
MILD = 4.0
# Beyond 99-1: with care (reasoning: each real row would stand behind dozens of synthetic ones).
EXTREME = 99.0

# --- Small classes ---

# Rows that SMOTE with its default k needs.
ENOUGH = K + 1
# Rows below which a class is not over-sampled (reasoning: three rows span at most a triangle, and no held-out
# part tells whether it helped).
FEWEST = 4
# Share of the rows that is left to fit on in 5 folds: k is lowered so that it works there, too.
TRAINING_PART = 0.8

# --- Rows among other classes ---

# Share of a class's rows with nothing but other classes around: a warning (reasoning: SMOTE draws from each
# row alike, so one synthetic row in five would start among them).
NOISE = 0.2
# From here on a problem, and the class is not over-sampled (reasoning: two of three synthetic rows would
# start among other classes).
MOSTLY_NOISE = 2 / 3

# --- Overlap: leave-one-out error of the nearest neighbour (N3 of Lorena 2019), a mean over classes ---

# The error divided by that of guessing, 1 - 1/classes; 0: never wrong, 1: no better than guessing. All four
# by reasoning.
# Below: the nearest neighbour is right already, and resampling has nothing to win. This one is the error of a
# class itself: in a mean over many classes, one that is lost would not show.
SEPARABLE = 0.02
# From here on it is told.
OVERLAPPING = 0.1
# A warning.
MUCH_OVERLAP = 0.5
# A problem, and a reason not to resample: more rows of the same kind carry no news.
NO_SIGNAL = 0.9
# So is an error that is nearer to guessing than so many of its standard errors: few rows show nothing (the
# usual bound of one in forty, one-sided).
STANDARD_ERRORS = 2.0

# --- Groups of a class: connected components of its neighbour graph with K neighbours ---

# As many of the largest groups as hold this share of the class are counted; more than one is a warning (Jo
# 2004: small disjuncts make the errors). The rest may be chance: in a sparse tail, K + 1 rows can be each
# other's nearest.
GROUPS_HOLD = 0.9

# --- Repeated rows ---

# Share of rows that repeat another one: a warning (reasoning: so many rows count twice, and a split by rows
# parts them; a single one in a test part is `leakage`).
REPEATED = 0.01
# Of the table's typical distance to the nearest other row: within it is a near-duplicate (reasoning: in two
# or more dimensions chance alone brings 0.7 % of rows that close, in one 7 %).
NEAR = 0.1
# Share of a class's rows with a near-duplicate in the class: a warning (reasoning: more than chance brings).
NEARLY_REPEATED = 0.1

# --- Columns ---

# Largest standard deviation over smallest: a warning (reasoning: of two columns the wider one then makes 99 %
# of the squared distance).
SCALE_RATIO = 10.0
# At most so many distinct whole numbers, and at least so many rows a value: they may be codes of categories
# (reasoning).
CATEGORY_LIKE = 10
ROWS_PER_VALUE = 10
# Distinct values of a column of categories over its rows: from here on they tell rows apart, not kinds of
# rows (reasoning: the votes of five neighbours are then about five different values). So does a column of
# whole numbers that rises from row to row. In fewer rows than MANY_ROWS either may be chance (reasoning).
OWN_VALUES = 0.5
MANY_ROWS = 20
# Share of a column's values that are missing: from here on it takes no part in distances (reasoning: else the
# rows without it, most of the table, could not).
MOSTLY_MISSING = 0.5

# --- Where "nearest" stops meaning anything ---

# Intrinsic dimension: a warning (Beyer 1999: nearest and farthest come close at 10 to 15 dimensions). So are
# more columns than rows (Blagus 2013: there SMOTE did not help most classifiers, nor did random
# over-sampling; random under-sampling did).
HIGH_DIMENSION = 15.0
# Mean distance over distance to the nearest (He 2012): below, a problem, and a reason not to resample
# (reasoning: the nearest row is then four fifths as far away as any; 5,000 independent normal rows come to it
# at some 120 columns).
LOW_CONTRAST = 1.25
# Skewness of the k-occurrence: a warning (reasoning: 5,000 independent normal rows reach it at 15 columns;
# Radovanovic 2010 shows how it grows with the dimension).
HUBNESS = 1.4

# --- How far to go: minority over majority afterwards ---

# 70-30 for classes of 10 % and more of the two, 80-20 for rarer ones (reasoning: what over-sampling costs in
# calibration grows with the shift of the prior, so full balance is the last to try).
CLOSE = 0.43
FAR = 0.25
RARE = 0.1

# --- Which method ---

# SMOTE; SMOTENC or SMOTEN where columns hold categories (Chawla 2002). Never BorderlineSMOTE or another
# variant by default: no study that we know has one ahead of SMOTE on tables in general. Elor 2022 finds that
# balancing helps weak classifiers and not strong ones; Sakho 2024 shows that SMOTE's rows tend to copies of
# the originals as tables grow, and that doing nothing is often as good. So the advice is always to compare.
# For more than two classes the code beside "do not resample" divides probabilities by the classes' sizes
# (Menon 2021).

# --- What is shown ---

# Classes in a printed table; more are counted.
SHOWN_CLASSES = 12
# Names in a list; more are counted.
SHOWN_NAMES = 3
# Characters of a label or of a column's name within a sentence.
LONGEST_NAME = 24
# Points of each kind in the picture, and of each class at least, where it has them.
PICTURED = 2_000
PICTURED_OF_CLASS = 200
