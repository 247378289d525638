#!/usr/bin/env bash
# Runs a study and holds it to its thresholds, for CI; the outcome is also written to RESULTS/junit.xml. What is done
# already is not computed again. Exit status: 0 all thresholds met, 1 one is missed, 2 a run is missing or a mistake.
# Usage: scripts/accuracy-check.sh [study, default configs/ci/accuracy.yaml] [results, default results]
set -euo pipefail
study=${1:-configs/ci/accuracy.yaml}
results=${2:-results}
byzsim() { node "$(dirname "${BASH_SOURCE[0]}")/../bin/byzsim.js" "$@"; }

status=0
byzsim sweep "$study" --out "$results" || status=$?
# 1 means that a run ended early or failed: what the others did is told all the same.
if [ "$status" -gt 1 ]; then exit "$status"; fi
byzsim check --config "$study" --out "$results" --junit "$results/junit.xml"
