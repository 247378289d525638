"""Times gradients and the weighted median of PyTorch on one device, and prints JSON: bench_pytorch.py DEVICE [--quick].

The yardstick of `npm run bench:gpu`: the same networks, batch sizes and vectors, gradients as one flat vector.
Products of ten bits (TF32) are off, as in the other engines when they are compared.
"""

import json
import sys
import time

import torch
from torch import nn

device, quick = sys.argv[1], "--quick" in sys.argv
budget = 0.1 if quick else 5.0
torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False


def settle():
    if device == "cuda":
        torch.cuda.synchronize()


def measure(run):
    run()
    settle()
    times, end = [], time.perf_counter() + budget
    while len(times) < 3 or time.perf_counter() < end:
        start = time.perf_counter()
        run()
        settle()
        times.append(1000 * (time.perf_counter() - start))
    times.sort()
    return {"fastest": times[0], "median": times[len(times) // 2], "runs": len(times)}


def cnn():
    return nn.Sequential(
        nn.Conv2d(1, 20, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(20, 50, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(800, 50), nn.BatchNorm1d(50), nn.ReLU(), nn.Linear(50, 10),
    )


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(),
            nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False), nn.BatchNorm2d(outputs),
        )
        same = inputs == outputs and stride == 1
        self.shortcut = nn.Identity() if same else nn.Sequential(
            nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
        )

    def forward(self, x):
        return torch.relu(self.body(x) + self.shortcut(x))


def resnet18():
    width = 4 if quick else 64
    layers = [nn.Conv2d(3, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU()]
    inputs = width
    for stage in range(4):
        outputs = width * 2**stage
        layers += [Block(inputs, outputs, 1 if stage == 0 else 2), Block(outputs, outputs, 1)]
        inputs = outputs
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(inputs, 10))


def weighted_median(rows, weights):
    values, order = torch.sort(rows, dim=0)
    enough = torch.cumsum(weights[order], dim=0) > weights.sum() / 2
    return values.gather(0, enough.to(torch.uint8).argmax(dim=0, keepdim=True))[0]


gradients, aggregations = [], []
for name, make, shape, batch in [
    ("cnn-mnist", cnn, (1, 28, 28), 16), ("resnet18", resnet18, (3, 32, 32), 8), ("resnet18", resnet18, (3, 32, 32), 64),
]:
    model = make().to(device)
    parameters = list(model.parameters())
    d = sum(p.numel() for p in parameters)
    inputs, labels = torch.randn(batch, *shape), torch.arange(batch) % 10

    def gradient():
        loss = nn.functional.cross_entropy(model(inputs.to(device)), labels.to(device))
        flat = torch.cat([g.flatten() for g in torch.autograd.grad(loss, parameters)])
        return loss.item(), flat

    gradients.append({"model": name, "d": d, "batch": batch, **measure(gradient)})
    if all(other["d"] != d for other in aggregations):
        rows = torch.rand(17, d, device=device) - 0.5
        weights = 1.0 + torch.arange(1, 18, device=device) ** 2
        aggregations.append({"rule": "cwmed", "m": 17, "d": d, **measure(lambda: weighted_median(rows, weights))})
        del rows

print(json.dumps({"backend": "pytorch", "device": device, "version": torch.__version__,
                  "gradients": gradients, "aggregations": aggregations}))
