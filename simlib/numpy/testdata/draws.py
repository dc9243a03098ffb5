# Writes draws.json: numbers of NumPy's legacy generator. Run with NumPy 1.24.
import json, sys, numpy as np

def draw(seed):
    np.random.seed(seed)
    out = []
    def add(op, a, **kw):
        out.append({"op": op, **kw, "want": np.asarray(a, float).ravel().tolist()})
    add("random_sample", np.random.random_sample(5), n=5)
    add("standard_normal", np.random.standard_normal(7), n=7)
    add("standard_normal", np.random.standard_normal(500), n=500)
    for mean, cov in (
        ([1, 2], [[.5, 0], [0, .25]]),
        ([1, 2], [[.25, 0], [0, .5]]),
        ([0, 0, 0], [[.1, 0, 0], [0, .3, 0], [0, 0, .2]]),
        ([1, 2, 3, 4], (np.eye(4) * .5).tolist()),
        ([0, 0], [[0, 0], [0, 1]]),
        ([1, -1], [[1, .5], [.5, 2]]),
        ([1, -1], [[2, -.5], [-.5, 1]]),
        ([0, 1, 2], [[2, .3, -.4], [.3, 1, .2], [-.4, .2, .7]]),
        ([0, 1, 2, 3, 4], [[3, .1, .2, .3, .4], [.1, 2, .5, 0, .1], [.2, .5, 1.5, .2, 0], [.3, 0, .2, 1, .6], [.4, .1, 0, .6, .9]]),
    ):
        add("multivariate_normal", np.random.multivariate_normal(mean, cov, 6), n=6, mean=mean, cov=cov)
    add("standard_normal", np.random.standard_normal(3), n=3)
    return {"seed": seed, "draws": out}

json.dump({"numpy": np.__version__, "streams": [draw(s) for s in (0, 7, 2333, 2**32 - 1)]}, sys.stdout)
