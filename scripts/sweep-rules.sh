#!/usr/bin/env bash
# Rules against attacks on generated digits, and the heatmap of their final accuracies. After an interruption the same
# command goes on. Usage: scripts/sweep-rules.sh [more words of byzsim sweep, such as seeds=1 aggregator=cwmed,mean]
set -euo pipefail
cd "$(dirname "$0")/.."
out=${OUT:-results}

status=0
node bin/byzsim.js sweep configs/quickstart.yaml name=rules aggregator=mean,cwmed,geometric-median \
  byzantine.attack=sign-flip,little,empire seeds=1,2,3 --out "$out" "$@" || status=$?
# 1 means that runs ended early or failed: the heatmap is about the others.
if [ "$status" -gt 1 ]; then exit "$status"; fi
node bin/byzsim.js plot "$out/rules" kind=heatmap -o "$out/rules/heatmap.svg"
exit "$status"
