"""A whole BYOL adaptation in PyTorch, from image files to the adapted backbone, for bench/peers.ts.

Arguments: script (lightly | cached), backbone (timm name), folder, side, batch, mode (channels-last | compile | bf16),
threads. "go N" trains N passes from the start and prints the seconds; "quit" ends.

lightly: its own data set, transforms, heads, loss and momentum update (version in the output), a DataLoader with a
  worker per core, batch statistics, as its documentation shows BYOL.
cached: what a careful specialist writes: images decoded once into one uint8 tensor, views of a batch in tensor
  operations (crop and flips as one grid_sample with reflection, brightness, contrast, saturation), statistics frozen.
"""

import copy
import sys
import time
from pathlib import Path

import lightly
import timm
import torch
import torch.nn.functional as F
from lightly.data import LightlyDataset
from lightly.loss import NegativeCosineSimilarity
from lightly.models.modules import BYOLPredictionHead, BYOLProjectionHead
from lightly.models.utils import deactivate_requires_grad, update_momentum
from lightly.transforms.byol_transform import BYOLTransform, BYOLView1Transform, BYOLView2Transform
from PIL import Image
from torch import nn
from torchvision.transforms.functional import center_crop, pil_to_tensor, resize

script, backbone_name, folder, side, batch, mode, threads = sys.argv[1:8]
side, batch, threads = int(side), int(batch), int(threads)
record_side = -(-side * 4 // 3 // 32) * 32
torch.set_num_threads(threads)
torch.set_flush_denormal(True)
print(f"torch {torch.__version__}, lightly {lightly.__version__}, timm {timm.__version__}", file=sys.stderr)
amp = torch.autocast("cpu", dtype=torch.bfloat16, enabled=mode == "bf16")
mean = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
deviation = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)

start = timm.create_model(backbone_name, num_classes=0).to(memory_format=torch.channels_last)
width = start.num_features


class Byol(nn.Module):
    def __init__(self):
        super().__init__()
        self.backbone = copy.deepcopy(start)
        self.projector = BYOLProjectionHead(width, 1024, 256)
        self.predictor = BYOLPredictionHead(256, 1024, 256)
        self.target = copy.deepcopy(self.backbone)
        self.target_projector = copy.deepcopy(self.projector)
        deactivate_requires_grad(self.target)
        deactivate_requires_grad(self.target_projector)

    def online(self, x):
        return self.predictor(self.projector(self.backbone(x).flatten(start_dim=1)))

    def aim(self, x):
        return self.target_projector(self.target(x).flatten(start_dim=1)).detach()


criterion = NegativeCosineSimilarity()


def loss_of(model, a, b):
    return criterion(model.online(a), model.aim(b)) + criterion(model.online(b), model.aim(a))


compiled = torch.compile(loss_of, dynamic=False) if mode == "compile" else loss_of


def step(model, optimizer, a, b):
    update_momentum(model.backbone, model.target, m=0.99)
    update_momentum(model.projector, model.target_projector, m=0.99)
    a = a.contiguous(memory_format=torch.channels_last)
    b = b.contiguous(memory_format=torch.channels_last)
    with amp:
        loss = compiled(model, a, b)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
    return loss.item()


def optimizer_of(model):
    return torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=5e-4, weight_decay=1e-4)


def by_lightly(passes):
    transform = BYOLTransform(BYOLView1Transform(input_size=side), BYOLView2Transform(input_size=side))
    dataset = LightlyDataset(folder, transform=transform)
    loader = torch.utils.data.DataLoader(
        dataset, batch_size=batch, shuffle=True, drop_last=True, num_workers=threads, persistent_workers=True
    )
    model = Byol()
    optimizer = optimizer_of(model)
    for _ in range(passes):
        for (a, b), *_ in loader:
            step(model, optimizer, a, b)


def record(path):
    image = Image.open(path).convert("RGB")
    return pil_to_tensor(center_crop(resize(image, record_side, antialias=True), record_side))


def views(images):
    n = images.shape[0]
    x = images.float().div_(255)
    area = torch.empty(n).uniform_(0.4, 1)
    aspect = torch.empty(n).uniform_(-0.29, 0.29).exp()
    height, across = (area / aspect).sqrt(), (area * aspect).sqrt()
    flip = 1 - 2 * torch.randint(0, 2, (2, n)).float()
    turn = torch.randint(0, 2, (n,)).float()
    theta = torch.zeros(n, 2, 3)
    sx, sy = across * flip[0], height * flip[1]
    theta[:, 0, 0], theta[:, 0, 1] = sx * (1 - turn), sx * turn
    theta[:, 1, 1], theta[:, 1, 0] = sy * (1 - turn), sy * turn
    theta[:, 0, 2] = (torch.rand(n) * 2 - 1) * (1 - across)
    theta[:, 1, 2] = (torch.rand(n) * 2 - 1) * (1 - height)
    grid = F.affine_grid(theta, (n, 3, side, side), align_corners=False)
    x = F.grid_sample(x, grid, mode="bilinear", padding_mode="reflection", align_corners=False)
    bright, contrast, colour = (torch.empty(n, 1, 1, 1).uniform_(1 - r, 1 + r) for r in (0.25, 0.25, 0.125))
    x = x * bright
    centre = x.mean((1, 2, 3), keepdim=True)
    x = (x - centre) * contrast + centre
    grey = (x * torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)).sum(1, keepdim=True)
    x = ((x - grey) * colour + grey).clamp_(0, 1)
    return (x - mean) / deviation


def by_cache(passes):
    # Decoding runs in threads: libjpeg lets go of the interpreter's lock.
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(threads) as pool:
        cache = torch.stack(list(pool.map(record, sorted(Path(folder).iterdir()))))
    model = Byol()
    model.backbone.eval()
    model.target.eval()
    optimizer = optimizer_of(model)
    for _ in range(passes):
        order = torch.randperm(len(cache))
        for at in range(0, len(cache) - batch + 1, batch):
            images = cache[order[at : at + batch]]
            step(model, optimizer, views(images), views(images))


work = by_lightly if script == "lightly" else by_cache
for line in sys.stdin:
    words = line.split()
    if words[0] == "quit":
        break
    started = time.perf_counter()
    work(int(words[1]))
    print(time.perf_counter() - started, flush=True)
