"""Thumbnails by libvips' own call, the one of vipsthumbnail, driven from standard input, for bench/thumbnails.ts.

Arguments: folder of photographs, folder to write to, workers, threads of one image.
"go N" does all photographs N times and prints the seconds; "quit" ends.
"""

import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor

source, target, workers, threads = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
os.environ["VIPS_CONCURRENCY"] = threads

import pyvips  # noqa: E402  reads the environment when it is loaded

os.makedirs(target, exist_ok=True)
names = sorted(os.listdir(source))


def thumbnail(name):
    small = pyvips.Image.thumbnail(os.path.join(source, name), 256)
    small.jpegsave(os.path.join(target, name), Q=80, keep="none")


with ThreadPoolExecutor(workers) as pool:
    for line in sys.stdin:
        word, *rest = line.split()
        if word != "go":
            break
        start = time.perf_counter()
        for _ in range(int(rest[0])):
            list(pool.map(thumbnail, names))
        print(time.perf_counter() - start, flush=True)
