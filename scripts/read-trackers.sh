#!/usr/bin/env bash
# Hands a small study to TensorBoard and MLflow, and reads it back by their own packages: event files written live, by a run
# that is interrupted and goes on too, and by export; a file store, and a server on loopback where the whole of MLflow is.
# Where pip cannot install the packages, says so and is skipped.
#
#     npm run trackers                  # with mlflow-skinny, its client: a hundred packages fewer
#     MLFLOW=mlflow npm run trackers    # the server too
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
dir=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$dir"' EXIT
python=${TRACKERS_PYTHON:-}
if [ -z "$python" ]; then
  python=$dir/venv/bin/python
  if ! { python3 -m venv "$dir/venv" && "$python" -m pip install --quiet tensorboard "${MLFLOW:-mlflow-skinny}"; } 2> "$dir/pip.log"; then
    echo "skipped: tensorboard and mlflow cannot be installed here: $(tail -n 1 "$dir/pip.log")"
    exit 0
  fi
fi

byzsim() { node "$here/../bin/byzsim.js" "$@"; }
cd "$dir"
printf '1,2\n3,4\n-1,0.5\n0,0\n2,2\n' > points.csv
cat > study.yaml << 'YAML'
dataset: { points: points.csv }
workers: 5
byzantine: { count: 1, attack: sign-flip }
aggregator: { rule: cwmed, meta: [ctma] }
optimizer: mu2-sgd
updates: 3000
evaluate: { every: 100 }
seeds: [1, 2]
matrix: { optimizer.learningRate: [0.01, 0.02] }
YAML
options=(--backend cpu --tensorboard live)
node "$here/../bin/byzsim.js" sweep study.yaml "${options[@]}" --quiet > /dev/null &
sweep=$!
until ls live/*/*/*/events* > /dev/null 2>&1 || ! kill -0 "$sweep" 2> /dev/null; do sleep 0.1; done
sleep 0.5
kill -USR2 "$sweep" 2> /dev/null || true
wait "$sweep" || true
byzsim sweep study.yaml "${options[@]}" --quiet > /dev/null
byzsim export results --to tensorboard events
byzsim export results --to mlflow mlruns
byzsim export results --to mlflow mlruns

stores=("$dir/mlruns")
if "$python" -c 'import flask, sqlalchemy' 2> /dev/null; then
  port=$("$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  "$python" -m mlflow server --host 127.0.0.1 --port "$port" --backend-store-uri "sqlite:///$dir/mlflow.db" \
    --artifacts-destination "$dir/artifacts" > server.log 2>&1 &
  server=$!
  for _ in $(seq 120); do
    "$python" -c "import urllib.request; urllib.request.urlopen('http://127.0.0.1:$port/health')" 2> /dev/null && break
    sleep 1
  done
  byzsim export results --to mlflow "http://127.0.0.1:$port"
  byzsim export results --to mlflow "http://127.0.0.1:$port"
  stores+=("http://127.0.0.1:$port")
else
  echo 'no mlflow server here: the file store alone is read back'
fi
"$python" "$here/trackers/read_back.py" results live events -- "${stores[@]}"
