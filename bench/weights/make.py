"""Checkpoints as PyTorch, timm, torchvision and NumPy write them, with random weights, and the features of the models.

Used by bench/weights.ts: make.py <folder> <backbone>. Writes one line of JSON for each checkpoint.
"""

import json
import sys
from collections import OrderedDict
from functools import partial
from pathlib import Path

import numpy as np
import timm
import torch
import torchvision
from safetensors.torch import save_file

folder, only = Path(sys.argv[1]), sys.argv[2]
torch.manual_seed(1)
# A transformer looks at the side it was made for.
SIDE = 224 if only.startswith("vit") else 64
images = torch.randn(2, 3, SIDE, SIDE)
# Ours are [n, h, w, c].
images.permute(0, 2, 3, 1).contiguous().numpy().tofile(folder / "images")

TIMM = {
    "efficientnet-lite0": "tf_efficientnet_lite0",
    "efficientnet-lite1": "tf_efficientnet_lite1",
    "efficientnet-lite2": "tf_efficientnet_lite2",
    **{f"efficientnet-b{n}": f"efficientnet_b{n}" for n in range(5)},
    "resnet18": "resnet18",
    "resnet34": "resnet34",
    "resnet50": "resnet50",
    "vit-small-patch16": "vit_small_patch16_224",
    "bit-resnet50x1": "resnetv2_50x1_bit",
    "bit-resnet101x1": "resnetv2_101x1_bit",
}
# torchvision has no ViT-S, but what it is made of.
TORCHVISION = {
    **{name: partial(torchvision.models.get_model, name) for name in ("resnet18", "resnet34", "resnet50")},
    **{f"efficientnet-b{n}": partial(torchvision.models.get_model, f"efficientnet_b{n}") for n in range(5)},
    "vit-small-patch16": partial(
        torchvision.models.VisionTransformer, SIDE, 16, num_layers=12, num_heads=6, hidden_dim=384, mlp_dim=1536
    ),
}


def randomised(model):
    """Nothing at a value that a mistake could leave unseen, such as a scale of one or a mean of zero."""
    with torch.no_grad():
        for name, value in model.state_dict().items():
            if name.endswith("running_var") or (name.endswith("weight") and value.ndim == 1):
                value.uniform_(0.5, 1.5)
            elif name.endswith("running_mean") or name.endswith("bias"):
                value.normal_(0, 0.1)
    return model.eval()


def features(model):
    with torch.no_grad():
        if hasattr(model, "forward_head"):
            return model.forward_head(model.forward_features(images), pre_logits=True)
        # torchvision has no other way to the pooled features than taking the classifier off.
        name = next(part for part in ("fc", "classifier", "heads") if hasattr(model, part))
        head = getattr(model, name)
        setattr(model, name, torch.nn.Identity())
        found = model(images)
        setattr(model, name, head)
        return found


def case(backbone, what, name, model, write):
    write(folder / name)
    features(model).flatten(1).numpy().tofile(folder / f"{name}.features")
    print(json.dumps({"backbone": backbone, "what": what, "file": name}), flush=True)


def legacy(value):
    return lambda path: torch.save(value, path, _use_new_zipfile_serialization=False)


def modern(value, **options):
    return lambda path: torch.save(value, path, **options)


def checkpoint(model):
    """What a training script leaves: the model beside counters, a schedule and the optimizer's state."""
    optimizer = torch.optim.AdamW(model.parameters())
    sum(p.sum() for p in model.parameters()).backward()
    optimizer.step()
    optimizer.zero_grad()
    state = OrderedDict((f"module.{name}", value) for name, value in model.state_dict().items())
    return {"epoch": 7, "arch": "any", "best": 0.5, "lr": [1e-3, 1e-4], "state_dict": state, "optimizer": optimizer.state_dict()}


def flat(model):
    """Every tensor a view of one storage, as some sharded trainers leave them."""
    state = model.state_dict()
    whole = torch.cat([v.flatten().float() for v in state.values()])
    parts, at = OrderedDict(), 0
    for name, value in state.items():
        parts[name] = whole[at : at + value.numel()].view(value.shape)
        at += value.numel()
    return parts


def bit_names(model):
    """The names of google-research/big_transfer for timm's tensors of a BiT."""
    arrays = {}
    for name, value in model.state_dict().items():
        array = value.numpy()
        if array.ndim == 4:
            array = array.transpose(2, 3, 1, 0)
        parts = name.split(".")
        leaf = {"weight": "gamma", "bias": "beta"}[parts[-1]]
        if parts[0] == "stages":
            unit = f"resnet/block{int(parts[1]) + 1}/unit{int(parts[3]) + 1:02d}/"
            inner = parts[4]
            if inner == "downsample":
                key = unit + "a/proj/standardized_conv2d/kernel"
            elif inner.startswith("conv"):
                key = unit + "abc"[int(inner[4]) - 1] + "/standardized_conv2d/kernel"
            else:
                key = unit + "abc"[int(inner[4]) - 1] + "/group_norm/" + leaf
        elif parts[0] == "stem":
            key = "resnet/root_block/standardized_conv2d/kernel"
        elif parts[0] == "norm":
            key = "resnet/group_norm/" + leaf
        else:
            key = "resnet/head/conv2d/" + {"weight": "kernel", "bias": "bias"}[parts[-1]]
        arrays[key] = array
    return arrays


for backbone, name in TIMM.items():
    if backbone != only:
        continue
    model = randomised(timm.create_model(name, pretrained=False))
    state = model.state_dict()
    case(backbone, "timm, state dict, zip", f"{backbone}.pth", model, modern(state))
    case(backbone, "timm, state dict, legacy", f"{backbone}-legacy.pth", model, legacy(state))
    case(backbone, "timm, safetensors", f"{backbone}.safetensors", model, lambda path: save_file(state, path))
    if sum(p.numel() for p in model.parameters()) < 15e6:
        case(backbone, "timm, pickle protocol 4", f"{backbone}-4.bin", model, modern(state, pickle_protocol=4))
        case(backbone, "timm, parameters in one storage", f"{backbone}-flat.pt", model, modern(flat(model)))
        last = OrderedDict((n, v.contiguous(memory_format=torch.channels_last) if v.ndim == 4 else v) for n, v in state.items())
        case(backbone, "timm, channels last", f"{backbone}-last.pt", model, modern(last))
        named = {"model": {f"backbone.{n}": p for n, p in [*model.named_parameters(), *model.named_buffers()]}}
        case(backbone, "timm, parameters under model, prefix backbone.", f"{backbone}-model.pt", model, modern(named))
        double = OrderedDict((n, v.double() if v.is_floating_point() else v) for n, v in state.items())
        case(backbone, "timm, double precision", f"{backbone}-double.pt", model, legacy(double))
    if backbone in TORCHVISION:
        theirs = randomised(TORCHVISION[backbone]())
        case(backbone, "torchvision, state dict, zip", f"{backbone}-torchvision.pth", theirs, modern(theirs.state_dict()))
        for form, write in (("zip", modern), ("legacy", legacy)):
            left = checkpoint(theirs)
            case(backbone, f"torchvision, whole checkpoint with optimizer, {form}", f"{backbone}-{form}.pth.tar", theirs, write(left))
    if backbone.startswith("bit"):
        arrays = bit_names(model)
        for form, write in (("savez", np.savez), ("savez_compressed", np.savez_compressed)):
            path = folder / "timm.npz"
            write(path, **arrays)
            # Read back by timm's own loader, so that the names are timm's reading of Google's and not only ours.
            loaded = timm.create_model(name, pretrained=False).eval()
            loaded.load_pretrained(str(path))
            case(backbone, f"BiT's names, {form}", f"{backbone}-{form}.npz", loaded, path.rename)
