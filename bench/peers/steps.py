"""Training steps and embedding in PyTorch (timm's backbones), driven from standard input, for bench/peers.ts.

Arguments: work (byol | finetune | embed), backbone (timm name), batch, side, mode, threads. Modes: eager,
channels-last, compile (channels-last as well), bf16 (autocast, channels-last).
"go N" does N steps and prints the seconds; "quit" ends. Normalisation statistics are frozen, as in the product; the
images are given, not decoded or augmented, which favours this side.
"""

import sys
import time

import timm
import torch
import torch.nn.functional as F
from torch import nn

work, backbone_name, batch, side, mode, threads = sys.argv[1:7]
batch, side = int(batch), int(side)
torch.set_num_threads(int(threads))
torch.set_flush_denormal(True)
torch.manual_seed(0)

layout = torch.contiguous_format if mode == "eager" else torch.channels_last
amp = torch.autocast("cpu", dtype=torch.bfloat16, enabled=mode == "bf16")


def backbone():
    return timm.create_model(backbone_name, num_classes=0).eval().to(memory_format=layout)


def mlp(inputs, hidden, outputs):
    return nn.Sequential(nn.Linear(inputs, hidden), nn.BatchNorm1d(hidden), nn.ReLU(), nn.Linear(hidden, outputs))


def compiled(function):
    return torch.compile(function, dynamic=False) if mode == "compile" else function


online = backbone()
width = online.num_features
images = [torch.rand(batch, 3, side, side).to(memory_format=layout) for _ in range(2)]
trained, pairs = [], []
if work == "byol":
    target = backbone().requires_grad_(False)
    projector, predictor, target_projector = mlp(width, 1024, 256), mlp(256, 1024, 256), mlp(width, 1024, 256)
    target_projector.requires_grad_(False)
    trained = [*online.parameters(), *projector.parameters(), *predictor.parameters()]
    followed = [*target.parameters(), *target_projector.parameters()]
    leading = [*online.parameters(), *projector.parameters()]
else:
    head = nn.Linear(width, 8)
    labels = torch.randint(0, 8, (batch,))
    trained = [*online.parameters(), *head.parameters()]
optimizer = torch.optim.AdamW(trained, lr=1e-4, weight_decay=1e-4, fused=True)


@compiled
def byol_loss(a, b):
    p = [predictor(projector(online(x))) for x in (a, b)]
    with torch.no_grad():
        z = [target_projector(target(x)) for x in (a, b)]
    cosine = F.cosine_similarity
    return 2 - cosine(p[0].float(), z[1].float()).mean() - cosine(p[1].float(), z[0].float()).mean()


@compiled
def finetune_loss(x):
    return F.cross_entropy(head(online(x)).float(), labels)


def learn(loss):
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()


def byol():
    with amp:
        loss = byol_loss(*images)
    learn(loss)
    with torch.no_grad():
        torch._foreach_lerp_(followed, leading, 0.01)


def finetune():
    with amp:
        loss = finetune_loss(images[0])
    learn(loss)


features = compiled(online)


def embed():
    with torch.inference_mode(), amp:
        features(images[0])


run = {"byol": byol, "finetune": finetune, "embed": embed}[work]
for line in sys.stdin:
    words = line.split()
    if words[0] == "quit":
        break
    started = time.perf_counter()
    for _ in range(int(words[1])):
        run()
    print(time.perf_counter() - started, flush=True)
