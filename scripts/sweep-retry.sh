#!/usr/bin/env bash
# A sweep on a machine where processes get killed: what failed is tried again, three times in all.
# Usage: scripts/sweep-retry.sh configs/paper/figure-a-mnist.yaml [more words of byzsim sweep]
set -euo pipefail

for _ in 1 2 3; do
  status=0
  node "$(dirname "$0")/../bin/byzsim.js" sweep "$@" || status=$?
  if [ "$status" -ne 1 ]; then break; fi
done
exit "$status"
