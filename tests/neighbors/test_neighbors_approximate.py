"""Approximate backends: exact distances, a recall that is true, the same answer every time."""

from __future__ import annotations

import pickle
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import faiss
import pytest
import torch

from torchsmote import SMOTE, SMOTENC, KNeighbors, LeeSMOTE, ProWSyn, Recipe
from torchsmote.exceptions import PerformanceWarning
from torchsmote.neighbors import approximate, engine, faiss_index, knn, neighbors_among
from torchsmote.neighbors.rows import Problem, Rows

BACKENDS = ("faiss-ivf", "faiss-hnsw")
N, D, K = 5000, 12, 5
both = pytest.mark.parametrize("backend", BACKENDS)


def clustered(n=N, d=D, seed=0):
    g = torch.Generator().manual_seed(seed)
    centers = 3 * torch.randn(30, d, generator=g)
    return centers[torch.randint(0, 30, (n,), generator=g)] + torch.randn(n, d, generator=g)


X = clustered()


def true_recall(found, exact):
    return (found.distances <= exact.distances[:, -1:]).float().mean().item()


def true_distances(query, reference, indices):
    return (query[:, None].double() - reference[indices].double()).norm(dim=2)


@pytest.fixture(scope="module")
def exact():
    return knn(X, k=K, exclude_self=True)


@pytest.fixture(scope="module", params=BACKENDS)
def found(request):
    return knn(X, k=K, exclude_self=True, backend=request.param)


def test_the_recall_is_what_it_says(found, exact):
    assert found.recall >= 0.99
    assert true_recall(found, exact) == pytest.approx(found.recall, abs=0.01)
    assert exact.recall == 1.0


def test_the_pair_is_a_pair_of_two(found):
    distances, indices = found
    assert distances is found.distances
    assert indices is found.indices
    assert pickle.loads(pickle.dumps(found)).recall == found.recall


def test_distances_are_exact_and_ranked(found):
    torch.testing.assert_close(
        found.distances.double(), true_distances(X, X, found.indices), rtol=1e-6, atol=0
    )
    assert (found.distances.diff(dim=1) >= 0).all()


def test_no_row_finds_itself_and_none_is_missing(found):
    assert (found.indices != torch.arange(N)[:, None]).all()
    assert (found.indices >= 0).all()
    assert all(len(set(row)) == K for row in found.indices[:100].tolist())


@both
def test_the_answer_is_the_same_for_any_number_of_threads(backend):
    def search(threads):
        faiss.omp_set_num_threads(threads)  # of the pool's own thread
        return knn(X, k=K, backend=backend)

    before = faiss.omp_get_max_threads()
    answers = []
    for threads in (1, 4, 1):
        with ThreadPoolExecutor(1) as pool:
            answers.append(pool.submit(search, threads).result())
    assert faiss.omp_get_max_threads() == before
    for answer in answers[1:]:
        assert torch.equal(answer.indices, answers[0].indices)
        assert torch.equal(answer.distances, answers[0].distances)
        assert answer.recall == answers[0].recall


@both
def test_other_queries_and_classes(backend):
    query = clustered(1500, seed=1)
    answer, truth = knn(query, X, K, backend=backend), knn(query, X, K)
    assert true_recall(answer, truth) >= 0.98
    labels = torch.arange(N) % 5 == 0  # 1,000 rows: too few for an index, and 4,000
    same = knn(X, k=K, relation="same", query_labels=labels, exclude_self=True, backend=backend)
    apart = knn(X, k=K, relation="same", query_labels=labels, exclude_self=True)
    assert (labels[same.indices] == labels[:, None]).all()
    assert torch.equal(same.indices, apart.indices)  # both have fewer than 4,096 rows, so an exact search
    assert same.recall == 1.0


@both
@pytest.mark.parametrize(("queries", "rows"), [(1280, N), (4095, 4095)])
def test_few_rows_or_queries_are_searched_exactly(backend, queries, rows, monkeypatch):
    monkeypatch.setattr(approximate.Index, "of", lambda *_: pytest.fail("an index was built"))
    found = knn(X[:queries], X[:rows], K, backend=backend)
    assert torch.equal(found.indices, knn(X[:queries], X[:rows], K).indices)
    assert found.recall == 1.0


@both
def test_copies(backend):
    x = X.clone()
    x[::2] = x[0]
    with warnings.catch_warnings():  # a graph of copies is a bad one
        warnings.simplefilter("ignore", PerformanceWarning)
        found = knn(x, k=K, exclude_self=True, backend=backend)
    assert (found.indices >= 0).all()
    assert (found.indices != torch.arange(N)[:, None]).all()
    truth = knn(x, k=K, exclude_self=True)
    assert true_recall(found, truth) == pytest.approx(found.recall, abs=0.02)


def test_more_neighbors_than_the_index_finds_are_searched_exactly():
    x, k = X[:4200], 700  # eight lists of some 40 rows
    found = neighbors_among(x, k, queries=torch.arange(1300), backend="faiss-ivf")
    assert torch.equal(found.indices, neighbors_among(x, k, queries=torch.arange(1300)).indices)


def test_rows_without_structure_get_a_warning():
    x = torch.randn(5000, 64, generator=torch.Generator().manual_seed(0))
    with pytest.warns(PerformanceWarning, match=r"'faiss-ivf' finds \d\d\.\d% of the nearest rows"):
        found = knn(x, k=K, exclude_self=True, backend="faiss-ivf")
    assert found.recall < 0.95
    assert true_recall(found, knn(x, k=K, exclude_self=True)) == pytest.approx(found.recall, abs=0.03)


@both
@pytest.mark.parametrize("scale", [1e-30, 1e30, 1e200])
def test_units_do_not_matter(backend, scale):
    found = knn(X.double() * scale, k=K, exclude_self=True, backend=backend)
    assert found.recall >= 0.99


@both
def test_cosine(backend):
    found, truth = (knn(X, k=K, metric="cosine", backend=name) for name in (backend, "auto"))
    assert true_recall(found, truth) >= 0.985


def test_auto_never_takes_them():
    rows = Rows(X)
    assert engine.choose_backend(Problem.of(rows, rows, K), "auto") not in faiss_index.KINDS


def test_blocks_have_no_index():
    rows = Rows(X)
    with pytest.raises(ValueError, match="needs all rows in one table in memory"):
        engine.nearest(Problem.of(rows, rows, K), "faiss-ivf")


@both
def test_categories_are_refused(backend):
    table = [[float(i), i % 3] for i in range(30)]
    with pytest.raises(ValueError, match="the rows have categories"):
        SMOTENC([1], k_neighbors=2, backend=backend).fit_resample(table, [0] * 20 + [1] * 10)


@pytest.fixture(params=BACKENDS)
def counted(request, monkeypatch):
    """A backend, and how often it built an index."""
    kind, times = faiss_index.KINDS[request.param], []
    built = replace(kind, build=lambda problem: times.append(1) or kind.build(problem))
    monkeypatch.setitem(faiss_index.KINDS, request.param, built)
    return request.param, times


def test_the_estimator_builds_one_index_and_keeps_it(counted, exact):
    backend, times = counted
    fitted = KNeighbors(K, backend=backend).fit(X)
    assert fitted.recall_ >= 0.99
    indices = fitted.kneighbors(return_distance=False)
    assert (indices == exact.indices).float().mean() >= 0.985
    assert torch.equal(fitted.kneighbors(X[:7], 1)[1][:, 0], torch.arange(7))
    copy = pickle.loads(pickle.dumps(fitted))
    assert torch.equal(copy.kneighbors(return_distance=False), indices)
    assert copy.recall_ == fitted.recall_
    assert len(times) == 1


def test_the_estimator_searches_queries_in_other_units_exactly(counted):
    backend, times = counted
    fitted = KNeighbors(1, backend=backend).fit(X.double().numpy())
    far = X[:3].double().numpy()
    far[0, 0] = 1e100
    assert fitted.kneighbors(far, return_distance=False)[1:, 0].tolist() == [1, 2]
    assert len(times) == 1


def test_exact_estimators_have_a_recall_of_one():
    for backend in ("auto", *BACKENDS):
        assert KNeighbors(2, backend=backend).fit(X[:50]).recall_ == 1.0


def table():
    """600 rows of class 0, and a class 1 that is large enough for an index but not easy for one."""
    g = torch.Generator().manual_seed(0)
    return torch.randn(N + 600, 12, generator=g), (torch.arange(N + 600) >= 600).long()


def test_a_fit_says_its_recall_and_a_file_keeps_it(tmp_path):
    rows, y = table()
    smote = SMOTE(sampling_strategy={0: 700, 1: N + 300}, backend="faiss-ivf", random_state=0)
    made, _ = smote.fit_resample(rows, y)
    assert 0.95 <= smote.recall_ < 1.0
    assert torch.equal(made, smote.fit_resample(rows, y)[0])
    recipe = smote.recipe(rows, y)
    assert recipe.recall == smote.recall_
    recipe.save(tmp_path / "recipe")
    assert Recipe.load(tmp_path / "recipe").recall == recipe.recall
    assert torch.equal(Recipe.load(tmp_path / "recipe").table, recipe.table)


def test_redraws_share_an_index(counted):
    backend, times = counted
    rows, y = table()
    lee = LeeSMOTE(sampling_strategy={0: 3000}, backend=backend, random_state=0, max_redraws=500)
    lee.fit_resample(rows, y)
    assert len(times) == 1  # of all rows; the class itself is too small


def test_levels_know_their_recall(counted):
    backend, _ = counted
    rows, y = table()
    sampler = ProWSyn(sampling_strategy={0: 700, 1: N + 100}, backend=backend, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PerformanceWarning)
        sampler.fit_resample(rows, y)
    assert sampler.recall_ <= 1.0


def test_nothing_is_printed(counted, capfd):
    knn(X, k=K, backend=counted[0])
    assert capfd.readouterr() == ("", "")
