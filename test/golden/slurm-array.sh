#!/bin/bash
#SBATCH --job-name=figure-a
#SBATCH --array=0-11
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=/data/results/figure-a/tasks/1/%A_%a.log
#SBATCH --signal=B:USR2@120

# Written by byzsim sweep: a task for each element of the array. byzsim status shows how they stand.

byzsim=
trap 'kill -s USR2 "$byzsim"' USR2
trap 'kill -s TERM "$byzsim"' TERM
/usr/bin/node /opt/byzsim/bin/byzsim.js task /data/results/figure-a/tasks/1/plan.jsonl "$SLURM_ARRAY_TASK_ID" &
byzsim=$!
# A signal ends a wait, and not byzsim.
status=0
while kill -0 "$byzsim" 2> /dev/null; do
  wait "$byzsim"
  status=$?
done
wait "$byzsim"
again=$?
[ "$again" -eq 127 ] || status=$again

# Out of time, with a checkpoint: it goes on from there.
if [ "$status" -eq 75 ] && [ "${SLURM_RESTART_COUNT:-0}" -lt 100 ]; then
  scontrol requeue "${SLURM_ARRAY_JOB_ID}_${SLURM_ARRAY_TASK_ID}" && status=0
fi
exit "$status"
