"""Times a round of the published synchronous code, to be read beside `byzsim bench runs --modes sync`:

    git clone https://github.com/dahan198/synchronous-fault-tolerant-ml published
    pip install torch torchmetrics prettytable tqdm pyyaml scipy
    python scripts/bench/published-rounds.py published [threads]

The same round as configs/mnist-sync.yaml: 17 workers, 8 of them under sign-flip, 4 images each, CTMA around the median,
μ²-SGD, in float64 as published. Images are noise, made beforehand: neither loading data nor evaluations are timed.
"""

import sys
import time
import types
from argparse import Namespace

checkout, threads = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 2
sys.path[0] = checkout  # in place of this folder, whose pytorch.py would be taken for a package of that name
sys.modules["wandb"] = types.ModuleType("wandb")  # imported by the code, used only when results are sent there

import torch  # noqa: E402
from mlopt.aggregators import get_aggregator  # noqa: E402
from mlopt.attacks import get_attack  # noqa: E402
from mlopt.model import MODEL_REGISTRY  # noqa: E402
from mlopt.optimizer import OPTIMIZER_REGISTRY  # noqa: E402
from mlopt.trainer.sync_trainer import SyncTrainer  # noqa: E402
from mlopt.worker import WorkerSTORM  # noqa: E402

workers, byzantine, batch, seconds = 17, 8, 4, 15.0
torch.set_num_threads(threads)
torch.manual_seed(1)
model = MODEL_REGISTRY["simple_mnist"]().double()
trainer = SyncTrainer(
    model,
    OPTIMIZER_REGISTRY["anytime_sgd"](model.parameters(), lr=0.1, use_alpha_t=True),
    None,
    None,
    Namespace(use_wandb=False),
    get_aggregator("ctma", workers, byzantine, agg2boost=get_aggregator("cwmed", workers, byzantine)),
    [WorkerSTORM(beta=0.9, use_beta_t=True) for _ in range(workers)],
    byzantine,
    get_attack("sf", device=torch.device("cpu"), epsilon=0.5, workers_num=workers, byzantine_num=byzantine),
    2.0,
)
model.train()
images = torch.randn(workers * batch, 1, 28, 28, dtype=torch.float64)
labels = torch.randint(10, (workers * batch,))


def play(first=False):
    trainer.make_optimization_step(images, labels, first)


play(first=True)
play()
rounds, start = 0, time.perf_counter()
while time.perf_counter() - start < seconds:
    play()
    rounds += 1
rate = rounds / (time.perf_counter() - start)
print(f"{rate:.2f} rounds/s: published code, PyTorch {torch.__version__}, {threads} threads")
