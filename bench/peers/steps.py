"""Training steps in PyTorch (timm's backbones), driven from standard input, for bench/steps.ts.

Arguments: step (byol | finetune), backbone (timm name), batch, side, mode (eager | channels-last | bf16), threads.
A line "go N" runs N steps and prints the seconds; "quit" ends. Normalisation statistics are frozen, as in the product;
the views are given, not computed, which favours this side.
"""

import sys
import time

import timm
import torch
import torch.nn.functional as F
from torch import nn

step_name, backbone_name, batch, side, mode, threads = sys.argv[1:7]
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


online = backbone()
width = online.num_features
images = [torch.rand(batch, 3, side, side).to(memory_format=layout) for _ in range(2)]

if step_name == "byol":
    target = backbone().requires_grad_(False)
    projector, predictor, target_projector = mlp(width, 1024, 256), mlp(256, 1024, 256), mlp(width, 1024, 256)
    target_projector.requires_grad_(False)
    trained = [*online.parameters(), *projector.parameters(), *predictor.parameters()]
    pairs = [*zip(online.parameters(), target.parameters()), *zip(projector.parameters(), target_projector.parameters())]
else:
    head = nn.Linear(width, 8)
    labels = torch.randint(0, 8, (batch,))
    trained = [*online.parameters(), *head.parameters()]
optimizer = torch.optim.AdamW(trained, lr=1e-4, weight_decay=1e-4)


def byol():
    with amp:
        p = [predictor(projector(online(x))) for x in images]
        with torch.no_grad():
            z = [target_projector(target(x)) for x in images]
        loss = 2 - F.cosine_similarity(p[0].float(), z[1].float()).mean() - F.cosine_similarity(p[1].float(), z[0].float()).mean()
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
    with torch.no_grad():
        for o, t in pairs:
            t.lerp_(o, 0.01)


def finetune():
    with amp:
        loss = F.cross_entropy(head(online(images[0])).float(), labels)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()


run = byol if step_name == "byol" else finetune
for line in sys.stdin:
    words = line.split()
    if words[0] == "quit":
        break
    started = time.perf_counter()
    for _ in range(int(words[1])):
        run()
    print(time.perf_counter() - started, flush=True)
