#!/usr/bin/env bash
# Figure A of "Weight for Robustness" on MNIST: weighted against unweighted rules, under label-flip and sign-flip.
# Prints a Markdown table of final test accuracies, mean ± deviation over the seeds. Runs that are done are not
# computed again. Usage: scripts/figure-a.sh [seeds, default 1,2,3] [more options of byzsim run ...]
set -euo pipefail
cd "$(dirname "$0")/.."
seeds=${1:-1,2,3}
shift || true

cell() { # attack, rule, weighted
  node bin/byzsim.js run "configs/mnist-$1.yaml" "aggregator.rule=$2" "aggregator.weighted=$3" "seeds=[$seeds]" \
    name=figure-a --json "${@:4}" | node -e '
      const { final } = JSON.parse(require("fs").readFileSync(0, "utf8"));
      const { mean, deviation = 0 } = final.test_accuracy;
      console.log(`${(100 * mean).toFixed(2)} ± ${(100 * deviation).toFixed(2)}`);'
}

echo '| rule | label-flip, λ = 0.3 | sign-flip, λ = 0.4 |'
echo '| --- | --- | --- |'
for rule in cwmed geometric-median; do
  for weighted in false true; do
    name=$([ $weighted = true ] && echo "weighted $rule" || echo "$rule")
    echo "| $name | $(cell labelflip $rule $weighted "$@") | $(cell signflip $rule $weighted "$@") |"
  done
done
