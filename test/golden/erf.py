"""erf over the whole range, exact to the last bit of float64 (mpmath with 50 digits). Writes erf.json: [[x, erf x], ...]."""
import json
import pathlib
import random

from mpmath import erf, mp

mp.dps = 50
random.seed(0)
edges = [0.84375, 1.25, 1 / 0.35, 6.0]
xs = [i / 32 for i in range(-224, 225)] + [random.uniform(-7, 7) for _ in range(400)]
xs += [e * (1 + d) for e in edges for d in (-1e-9, -1e-15, 0, 1e-15, 1e-9)] + [10.0**-e for e in range(1, 300, 13)]
pairs = [[x, float(erf(x))] for x in xs]
pathlib.Path(__file__).with_suffix('.json').write_text(json.dumps(pairs, separators=(',', ':')) + '\n')
