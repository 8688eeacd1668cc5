"""What an exported model says under Python's onnxruntime, beside the app's own table of predictions.

python compare.py <folder of the export> <records, back to back> <rows of the table as JSON>
"""
import importlib.util
import json
import sys
import time
from pathlib import Path

import numpy as np
import onnxruntime

folder, records_file, rows_file = map(Path, sys.argv[1:])
spec = importlib.util.spec_from_file_location("predict", folder / "predict.py")
predict = importlib.util.module_from_spec(spec)
spec.loader.exec_module(predict)
if (folder / "predict.py").read_text().strip() not in (folder / "model-card.md").read_text():
    raise SystemExit("the card's snippet is not predict.py")

rows = json.loads(rows_file.read_text())
side, classes = predict.side, predict.about["classes"]
pixels = np.memmap(records_file, np.uint8, "r").reshape(len(rows), side, side, 3)
BATCH = 16


def batches(records):
    return np.concatenate([predict.probabilities(records(i, i + BATCH)) for i in range(0, len(rows), BATCH)])


start = time.perf_counter()
same = batches(lambda a, b: pixels[a:b])
seconds = time.perf_counter() - start
named = np.array([[classes.index(row["predicted"]), classes.index(row["second"])] for row in rows])
told = np.array([[row["probability"], row["p_second"]] for row in rows])
distance = np.abs(np.take_along_axis(same, named, 1) - told).max()

files = batches(lambda a, b: [predict.record(row["path"]) for row in rows[a:b]])
is_same = files.argmax(1) == named[:, 0]

expected = json.loads((folder / "test-image.json").read_text())
own = predict.probabilities([predict.record(folder / expected["image"])])[0]
print(
    json.dumps(
        {
            "onnxruntime": onnxruntime.__version__,
            "images": len(rows),
            "distance": float(distance),
            "sameClass": float(is_same.mean()),
            "fileDistance": float(np.abs(files - same).max()),
            "meanFileDistance": float(np.abs(files - same).mean()),
            "testImageDistance": float(np.abs(own - np.array(expected["probabilities"])).max()),
            "imagesPerSecond": len(rows) / seconds,
        }
    )
)
