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
# searched in ALL rows: a search among sampled rows would change the shares of the classes around a row.
QUERIES = 10_000
PAIRS = 5_000_000_000  # of a query and a row: above 500,000 rows there are fewer queries ...
FEWEST_QUERIES = 2_000  # ... down to this
# A share found on m rows has a standard error of at most 0.5 / sqrt(m): one point for 2,500 rows.
GROUPED = 10_000  # rows of a class whose own neighbours are searched, for its groups
SPREAD = 5_000  # rows drawn from all, for dimension, hubness and contrast

# --- Neighbours ---

K = 5  # of SMOTE (Chawla 2002); Napierala 2016 types rows by 5 neighbours as well
K_GEOMETRY = 10  # of the k-occurrence (Radovanovic 2010) and of the dimension (Levina 2004: 10 to 20)
DANGER = (
    0.5  # of a row's neighbours are of other classes, from here on: danger; all of them: noise (Han 2005)
)
MISMATCH = (
    1.0  # what a differing category adds to the squared distance, in standard deviations: the median of
)
# the columns' standard deviations (Chawla 2002, SMOTE-NC), which standardised columns make 1
JITTER = 1e-4  # standard deviations by which rows with repeated values are told apart at random: without it,
# ties would go to the rows that stand first in the table, and so to one class where it is sorted by class

# --- Imbalance: largest class over smallest ---

BALANCED = 1.5  # 60-40 and less: leave it (reasoning: the default threshold is hardly off)
MILD = 4.0  # 80-20: below, tune the threshold first (Elor 2022: balancing brought strong classifiers
# nothing)
EXTREME = (
    99.0  # 99-1 and more: with care (reasoning: each real row would stand behind dozens of synthetic ones)
)

# --- Small classes ---

ENOUGH = K + 1  # rows that SMOTE with its default k needs
FEWEST = 4  # rows below which a class is not over-sampled (reasoning: three rows span at most a triangle, and
# no held-out part tells whether it helped)
TRAINING_PART = 0.8  # of the rows are left to fit on in 5 folds: k is lowered so that it works there, too

# --- Rows among other classes ---

NOISE = (
    0.2  # share of a class's rows with nothing but other classes around: a warning (reasoning: SMOTE draws
)
# from each row alike, so one synthetic row in five would start among them)
MOSTLY_NOISE = 2 / 3  # from here on: a problem, and the class is not over-sampled (reasoning: two of three
# synthetic rows would start among other classes)

# --- Overlap: leave-one-out error of the nearest neighbour (N3 of Lorena 2019), a mean over classes ---
# Divided by that of guessing, 1 - 1/classes; 0: never wrong, 1: no better than guessing. (reasoning for all)

SEPARABLE = 0.02  # below: the nearest neighbour is right already; nothing to win by resampling
OVERLAPPING = 0.1  # from here on it is told
MUCH_OVERLAP = 0.5  # a warning
NO_SIGNAL = 0.9  # a problem: more rows of the same kind carry no news

# --- Groups of a class: connected components of its neighbour graph with K neighbours ---

GROUPS_HOLD = 0.9  # as many of the largest groups as hold this share of the class are counted; more than one
# is a warning (Jo 2004: small disjuncts make the errors). The rest may be chance: in a sparse tail, K rows
# can be each other's nearest.

# --- Repeated rows ---

REPEATED = (
    0.01  # share of rows that repeat another one: a warning (reasoning: of 100 synthetic rows one would
)
# be a copy; a single one in a test part is `leakage`)
NEAR = 0.1  # of the table's typical distance to the nearest other row: a near-duplicate (reasoning: in two or
# more dimensions chance alone brings 0.7 % of rows that close)
NEARLY_REPEATED = (
    0.1  # share of a class's rows with a near-duplicate in the class: a warning (in one dimension
)
# chance alone brings 7 %)

# --- Columns ---

SCALE_RATIO = (
    10.0  # largest standard deviation over smallest: a warning (reasoning: the wider column then makes
)
# 99 % of the squared distance of two columns)
CATEGORY_LIKE = 10  # at most so many distinct whole numbers: they may be codes of categories (reasoning)
ROWS_PER_VALUE = 10  # and at least so many rows a value
MOSTLY_MISSING = (
    0.5  # share of a column's values: from here on it takes no part in distances (reasoning: else
)
# the rows without it, most of the table, could not)

# --- Where "nearest" stops meaning anything ---

HIGH_DIMENSION = (
    15.0  # intrinsic dimension: a warning (Beyer 1999: nearest and farthest come close at 10 to 15)
)
LOW_CONTRAST = 1.25  # mean distance over distance to the nearest (He 2012): below, a problem (reasoning: the
# nearest row is four fifths as far as any)
HUBNESS = (
    1.4  # skewness of the k-occurrence: a warning (reasoning: independent normal columns reach it near 15
)
# dimensions; Radovanovic 2010 shows how hubs come with dimensions)
# More columns than rows: a warning. Blagus 2013: SMOTE did not help most classifiers there, where
# random under-sampling did.

# --- How far to go: minority over majority afterwards ---

CLOSE = 0.43  # 70-30, from 90-10 on (reasoning: balance costs calibration in proportion to the shift of the
# prior, and most of what over-sampling brings shows before full balance)
FAR = 0.25  # 80-20, for what is rarer
RARE = 0.1  # minority over minority and majority: below, FAR

# --- Which method ---
# SMOTE; SMOTENC or SMOTEN where columns hold categories (Chawla 2002); random over-sampling where the nearest
# row means nothing (LOW_CONTRAST). Never BorderlineSMOTE or another variant by default: no study that we know
# has one ahead of SMOTE on tables in general. Elor 2022 finds that balancing helps weak classifiers and not
# strong ones; Sakho 2024 shows that SMOTE's rows tend to copies of the originals as tables grow, and that
# doing nothing is often as good. So the advice is always to compare.

# --- What is printed ---

SHOWN_CLASSES = 12  # more are counted, not listed
SHOWN_NAMES = 3
LONGEST_NAME = 24  # characters of a label or of a column's name within a sentence
WIDTH = 80
PICTURED = 2_000  # points of each kind
PICTURED_OF_CLASS = 200  # of each class at least, where it has them
