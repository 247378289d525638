#!/usr/bin/env bash
# Runs a sweep of 12 on a real Slurm, set up here on loopback, with one task queued again by hand and one that runs out of
# time, and compares the tables with those of a sweep without Slurm. Takes some minutes. Without slurmctld, slurmd and
# munge it says so and is skipped.
#
#     npm run slurm
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
for program in slurmctld slurmd munged sbatch; do
  if ! command -v "$program" > /dev/null; then
    echo "skipped: there is no $program here (apt-get install slurmctld slurmd slurm-client munge)"
    exit 0
  fi
done
if [ "$(id -u)" != 0 ]; then
  echo "skipped: a Slurm of one's own takes root"
  exit 0
fi

byzsim() { node "$here/../bin/byzsim.js" "$@"; }
dir=$(mktemp -d)
export SLURM_CONF=$dir/slurm/slurm.conf
trap '"$here/slurm/cluster.sh" stop "$dir/slurm"; rm -rf "$dir"' EXIT
cd "$dir"

printf '1,2\n3,4\n-1,0.5\n0,0\n2,2\n' > points.csv
cat > pace.yaml << 'YAML'
dataset: { points: points.csv }
workers: 5
byzantine: { count: 1, attack: sign-flip }
aggregator: cwmed
optimizer: sgd
updates: 60
evaluate: { every: 20 }
YAML
cp pace.yaml study.yaml
cat >> study.yaml << 'YAML'
matrix: { aggregator: [cwmed, mean], optimizer.learningRate: [0.01, 0.02, 0.03, 0.04, 0.05] }
slurm: { mem: 400M, signal: 'B:USR2@10' }
YAML

# How many updates take so many seconds here, once code is warm: what takes more than a minute runs out of time.
byzsim run pace.yaml updates=20000 evaluate.every=20000 --backend cpu --threads 1 --json --quiet > pace.json
seconds=$(node -p "JSON.parse(require('fs').readFileSync('pace.json', 'utf8')).runs[0].wall_seconds")
updates_in() { node -p "Math.ceil(20000 / $seconds) * $1"; }
cat >> study.yaml << YAML
include:
  - { aggregator: krum, updates: $(updates_in 30), evaluate.every: 1000 }
  - { aggregator: monna, updates: $(updates_in 80), evaluate.every: 1000 }
YAML

"$here/slurm/cluster.sh" start "$dir/slurm"
byzsim sweep study.yaml --backend cpu --threads 1 --launcher slurm --time 1 --checkpoint-every 500
folder=$(byzsim sweep study.yaml -n --json | node -p "JSON.parse(require('fs').readFileSync(0)).runs.find(({ id }) => id.includes('krum')).path")
of_krum=$(node -p "require('fs').readFileSync('results/study/tasks/1/plan.jsonl', 'utf8').split('\n').slice(1, -1).map(JSON.parse).find(({ id }) => id.includes('krum')).task")
job=$(node -p "const job = JSON.parse(require('fs').readFileSync('results/study/tasks/1/jobs.json')).find(({ first, count }) => $of_krum >= first && $of_krum < first + count); job.id + '_' + ($of_krum - job.first)")

requeued=no
for _ in $(seq 900); do
  if [ $requeued = no ] && [ -f "$folder/metrics.csv" ] && [ "$(wc -l < "$folder/metrics.csv")" -gt 1 ]; then
    scontrol requeue "$job"
    requeued=yes
    byzsim status study.yaml
  fi
  [ -z "$(squeue --noheader)" ] && break
  sleep 2
done
byzsim status study.yaml
if [ -n "$(squeue --noheader)" ]; then
  echo 'tasks are still queued' >&2
  exit 1
fi

byzsim sweep study.yaml --backend cpu --threads 1 --out alone --quiet > /dev/null
for table in runs.csv metrics.csv; do cmp "results/study/$table" "alone/study/$table"; done
resumed() { node -p "(JSON.parse(require('fs').readFileSync('$1/meta.json')).resumed ?? []).length"; }
monna=$(dirname "$(ls -d results/study/*monna*/seed-1/meta.json)")
echo "queued again by hand: went on $(resumed "$folder") times; out of time: went on $(resumed "$monna") times"
if [ $requeued = no ] || [ "$(resumed "$folder")" -eq 0 ] || [ "$(resumed "$monna")" -eq 0 ]; then
  echo 'one of them did not go on from a checkpoint' >&2
  exit 1
fi
echo '12 runs on Slurm: the tables are those of a sweep without it'
