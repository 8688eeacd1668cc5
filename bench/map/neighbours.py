"""Trustworthiness of places beside those of umap-learn on the same rows: neighbours.py ROWS PLACES WIDTH"""

import json
import sys
import time
import warnings

import numpy as np
import umap
from sklearn.manifold import trustworthiness

warnings.filterwarnings("ignore")
rows = np.fromfile(sys.argv[1], dtype="<f4").reshape(-1, int(sys.argv[3]))
places = np.fromfile(sys.argv[2], dtype="<f4").reshape(-1, 2)
told = {"trustworthiness, ours": float(trustworthiness(rows, places, n_neighbors=15))}
begun = time.time()
theirs = umap.UMAP(n_neighbors=15, min_dist=0.1, random_state=1).fit_transform(rows)
told["umap-learn, s (with compiling)"] = time.time() - begun
told["trustworthiness, umap-learn"] = float(trustworthiness(rows, theirs, n_neighbors=15))
told["umap-learn"] = umap.__version__
print(json.dumps(told))
