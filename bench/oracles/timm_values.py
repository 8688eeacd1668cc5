"""Values of timm for `npm run check:oracles`, of backbones and sides that need no pretrained weights.

Arguments: folder, then timm's names with a side each, such as efficientnet_b1:96. Of each: formula-filled weights
(backbone_<timm name>_<side>.json: names, shapes, features, logits). A name with a third part, such as
efficientnet_b4:64:efficientnet-b4, gives weights as timm starts them as well, in a .safetensors file, and what the
network says with them (pretrained_<our name>_<side>.json): the file goes through our import. Weights are float32,
everything after them float64, so that the distance told is ours alone.
"""

import copy
import json
import sys
from pathlib import Path

import numpy as np
import timm
import torch
from safetensors.torch import save_file


def unit(n, seed):
    i = np.arange(n, dtype=np.uint32)
    x = np.uint32(seed) + i * np.uint32(0x9E3779B9)
    x ^= x >> np.uint32(16)
    x *= np.uint32(0x7FEB352D)
    x ^= x >> np.uint32(15)
    x *= np.uint32(0x846CA68B)
    x ^= x >> np.uint32(16)
    return x.astype(np.float64) / 2**31 - 1


def name_hash(name):
    value = 2166136261
    for byte in name.encode():
        value = ((value ^ byte) * 16777619) & 0xFFFFFFFF
    return value


def by_formula(name, shape):
    u = unit(int(np.prod(shape)), name_hash(name))
    if name.endswith("running_var"):
        u = 1 + 0.5 * u
    elif name.endswith("running_mean"):
        u = 0.1 * u
    elif len(shape) >= 2:
        u = 1.2 * u * np.sqrt(3 / np.prod(shape[1:]))
    elif name.endswith(".bias"):
        u = 0.1 * u
    else:
        u = 1 + 0.2 * u
    return torch.from_numpy(u.reshape(shape)).float()


def tensors(model):
    return {k: v for k, v in model.state_dict().items() if not k.endswith("num_batches_tracked")}


def said(model, side):
    model = copy.deepcopy(model).double()
    x = torch.from_numpy(unit(2 * side * side * 3, 7).reshape(2, side, side, 3)).permute(0, 3, 1, 2)
    features = model.forward_head(model.forward_features(x), pre_logits=True)
    values = {
        "input": {"batch": 2, "size": side, "seed": 7, "range": "(u+1)/2 then *2-1"},
        "features_first16": features[:, :16].tolist(),
        "features_norm": features.norm(dim=1).tolist(),
    }
    return values, model(x)


folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
torch.manual_seed(0)
with torch.no_grad():
    for word in sys.argv[2:]:
        name, side, *ours = word.split(":")
        options = {"dynamic_img_size": True} if name.startswith("vit") else {}
        model = timm.create_model(name, num_classes=10, **options).eval()
        names = {key: list(value.shape) for key, value in tensors(model).items()}
        for own in ours:
            save_file(tensors(model), folder / f"{own}.safetensors")
            values, logits = said(model, int(side))
            top = [[i, row[i].item()] for row in logits for i in row.topk(5).indices.tolist()]
            values |= {"weights": f"{own}.safetensors", "logits_top5": top}
            (folder / f"pretrained_{own}_{side}.json").write_text(json.dumps(values))
        for key, value in tensors(model).items():
            value.copy_(by_formula(key, value.shape))
        values, logits = said(model, int(side))
        values |= {"timm": name, "names": names, "logits": logits.tolist()}
        (folder / f"backbone_{name}_{side}.json").write_text(json.dumps(values))
        print(word, file=sys.stderr)
