#!/bin/bash
#SBATCH --job-name=figure-a
#SBATCH --array=0-11
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=/data/results/figure-a/tasks/1/%A_%a.log
#SBATCH --signal=B:USR2@120

# Written by byzsim sweep: a task for each element of the array. byzsim status shows how they stand.

# A signal waits for byzsim to be there: the shell that is to become it would lose one.
byzsim=
early=
pass() { if [ -n "$byzsim" ]; then sleep 1; kill -s "$1" "$byzsim"; else early=$1; fi; }
trap 'pass USR2' USR2
trap 'pass TERM' TERM

/usr/bin/node /opt/byzsim/bin/byzsim.js task /data/results/figure-a/tasks/1/plan.jsonl "$SLURM_ARRAY_TASK_ID" &
byzsim=$!
[ -z "$early" ] || pass "$early"
# A signal ends a wait, and not byzsim.
status=0
while kill -0 "$byzsim" 2> /dev/null; do
  wait "$byzsim"
  status=$?
done
wait "$byzsim"
again=$?
[ "$again" -eq 127 ] || status=$again

# Out of time: it goes on from its checkpoint. 140: USR2 ended it before it could answer.
if { [ "$status" -eq 75 ] || [ "$status" -eq 140 ]; } && [ "${SLURM_RESTART_COUNT:-0}" -lt 100 ]; then
  scontrol requeue "${SLURM_ARRAY_JOB_ID}_${SLURM_ARRAY_TASK_ID}" && status=0
fi
exit "$status"
