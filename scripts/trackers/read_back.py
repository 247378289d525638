"""Reads what byzsim handed to TensorBoard and MLflow by their own packages, and holds it to metrics.csv.

    read_back.py RESULTS EVENTS [EVENTS ...] -- STORE [STORE ...]

Folders of event files, and stores of MLflow: folders or URLs of servers. Exit status: 0, or 1 with what differs.
"""

import csv
import json
import math
import os
import struct
import sys
from pathlib import Path

os.environ.setdefault("MLFLOW_ALLOW_FILE_STORE", "true")

faults = []


def expect(what, found, expected):
    if found != expected:
        faults.append(f"{what}: {found!r} ({expected!r} expected)")


def as_float32(value):
    return struct.unpack("f", struct.pack("f", value))[0]


def runs_in(results):
    """Every finished run: its summary, and its rows as numbers."""
    for summary in sorted(results.glob("*/*/seed-*/summary.json")):
        folder = summary.parent
        with open(folder / "metrics.csv") as file:
            rows = [
                {key: float(cell) for key, cell in row.items() if cell != ""}
                for row in csv.DictReader(file)
            ]
        yield folder, json.loads(summary.read_text()), rows


def read_events(results, events):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.plugins.hparams import plugin_data_pb2

    for folder, summary, rows in runs_in(results):
        path = events / folder.relative_to(results)
        reader = EventAccumulator(str(path), size_guidance={"scalars": 0})
        reader.Reload()
        tags = sorted({key for row in rows for key in row} - {"update"})
        expect(f"{path}: tags", sorted(reader.Tags()["scalars"]), tags)
        for tag in tags:
            found = [(event.step, event.value) for event in reader.Scalars(tag)]
            expected = [(int(row["update"]), as_float32(row[tag])) for row in rows if tag in row]
            expect(f"{path}: {tag}", found, expected)
        times = [event.wall_time for event in reader.Scalars("train_loss")]
        expect(f"{path}: times in order", times, sorted(times))
        content = reader.summary_metadata["_hparams_/session_start_info"].plugin_data.content
        session = plugin_data_pb2.HParamsPluginData.FromString(content).session_start_info
        expect(f"{path}: seed", session.hparams["seed"].number_value, summary["seed"])
        expect(f"{path}: group", session.group_name, f"{summary['slug']}-{summary['hash8']}")
        expect(f"{path}: mode", session.hparams["mode"].string_value, "async")
        content = reader.summary_metadata["_hparams_/session_end_info"].plugin_data.content
        expect(f"{path}: end", plugin_data_pb2.HParamsPluginData.FromString(content).session_end_info.status, 1)


def read_store(results, store):
    from mlflow.tracking import MlflowClient

    client = MlflowClient(store)
    for folder, summary, rows in runs_in(results):
        name = f"{summary['slug']}-{summary['hash8']}-seed-{summary['seed']}"
        experiment = client.get_experiment_by_name(summary["name"])
        runs = client.search_runs([experiment.experiment_id], f"tags.mlflow.runName = '{name}'")
        expect(f"{store}: runs called {name}", len(runs), 1)
        if len(runs) != 1:
            continue
        (run,) = runs
        expect(f"{name}: status", run.info.status, "FINISHED")
        expect(f"{name}: seed", run.data.params["seed"], str(summary["seed"]))
        for key in sorted({key for row in rows for key in row} - {"update"}):
            history = sorted((point.step, point.value) for point in client.get_metric_history(run.info.run_id, key))
            expected = [(int(row["update"]), row[key]) for row in rows if key in row and math.isfinite(row[key])]
            expect(f"{name}: {key}", history, expected)


def main():
    results, *rest = sys.argv[1:]
    split = rest.index("--")
    for events in rest[:split]:
        read_events(Path(results), Path(events))
    for store in rest[split + 1 :]:
        read_store(Path(results), store)
    for fault in faults:
        print(fault)
    print(f"{sum(1 for _ in runs_in(Path(results)))} runs read back, {len(faults)} faults")
    sys.exit(1 if faults else 0)


main()
