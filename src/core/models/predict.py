# Names images by model.onnx, as Acclimate does.
#   pip install onnxruntime pillow numpy
#   python predict.py image.png another.jpg
import io
import json
import pathlib
import sys

import numpy as np
import onnxruntime
from PIL import Image, ImageCms, ImageOps

here = pathlib.Path(__file__).parent
session = onnxruntime.InferenceSession(here / "model.onnx", providers=["CPUExecutionProvider"])
about = {name: json.loads(text) for name, text in session.get_modelmeta().custom_metadata_map.items()}
side = about["recordSide"]


def record(path):
    """An image as the model takes it: fitted whole into a square, its edges repeated outwards. uint8 [side, side, 3]"""
    image = ImageOps.exif_transpose(Image.open(path))
    is_deep = image.mode[0] in "IF"
    if is_deep:
        image = image.convert("F")
    elif "icc_profile" in image.info and image.mode in ("RGB", "CMYK"):
        profile = ImageCms.ImageCmsProfile(io.BytesIO(image.info["icc_profile"]))
        image = ImageCms.profileToProfile(image, profile, ImageCms.createProfile("sRGB"), outputMode="RGB")
    elif "transparency" in image.info or image.mode in ("RGBA", "LA", "PA"):
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    else:
        image = image.convert("RGB")
    scale = side / max(image.size)
    width, height = (max(1, int(length * scale + 0.5)) for length in image.size)
    pixels = np.asarray(image.resize((width, height), Image.Resampling.LANCZOS))
    if is_deep:  # more than 8 bits: spread over the range the image uses
        low, high = np.percentile(pixels, (0.1, 99.9))
        pixels = np.clip(np.rint((pixels - low) * 255 / max(high - low, 1e-9)), 0, 255).astype(np.uint8)
        pixels = np.repeat(pixels[:, :, None], 3, axis=2)
    top, left = (side - height) // 2, (side - width) // 2
    return np.pad(pixels, ((top, side - height - top), (left, side - width - left), (0, 0)), mode="edge")


def probabilities(records):
    """Of each class, in the order of about["classes"]. records: uint8 [n, side, side, 3]; float32 [n, classes]"""
    return session.run(None, {"images": np.stack(records)})[0]


if __name__ == "__main__":
    for path in sys.argv[1:]:
        row = probabilities([record(path)])[0]
        best = int(row.argmax())
        is_sure = row[best] >= about["thresholds"][best]
        print(f"{path}: {about['classes'][best]} ({row[best]:.3f})" + ("" if is_sure else ", to be reviewed"))
