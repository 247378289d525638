#!/usr/bin/env bash
# A Slurm of one node on loopback, all of whose files lie in a folder: `cluster.sh start DIR`, `cluster.sh stop DIR`.
# Commands find it by SLURM_CONF=DIR/slurm.conf. Needs root, and slurmctld, slurmd and munge (Debian has them).
set -euo pipefail
verb=$1
mkdir -p "$2"
dir=$(cd "$2" && pwd)

case $verb in
  start)
    node=$(hostname -s)
    mkdir -p "$dir/state" "$dir/spool"
    chmod 755 "$dir"
    head -c 1024 /dev/urandom > "$dir/munge.key"
    chmod 400 "$dir/munge.key"
    cat > "$dir/slurm.conf" << CONF
ClusterName=loopback
SlurmctldHost=$node(127.0.0.1)
SlurmUser=root
SlurmctldPort=${SLURM_PORT:-16817}
SlurmdPort=$((${SLURM_PORT:-16817} + 1))
AuthType=auth/munge
# A task that is queued again waits for the old credential to expire.
AuthInfo=socket=$dir/munge.sock,cred_expire=5
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/spool
SlurmctldPidFile=$dir/slurmctld.pid
SlurmdPidFile=$dir/slurmd.pid
SlurmctldLogFile=$dir/slurmctld.log
SlurmdLogFile=$dir/slurmd.log
ProctrackType=proctrack/pgid
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
ReturnToService=2
KillWait=10
MaxArraySize=8
NodeName=$node NodeAddr=127.0.0.1 CPUs=$(nproc) RealMemory=1000 State=UNKNOWN
PartitionName=loopback Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF
    echo 'CgroupMountpoint=/sys/fs/cgroup' > "$dir/cgroup.conf"
    munged --force --socket "$dir/munge.sock" --key-file "$dir/munge.key" --pid-file "$dir/munged.pid" \
      --seed-file "$dir/munge.seed" --log-file "$dir/munged.log"
    slurmctld -f "$dir/slurm.conf"
    slurmd -f "$dir/slurm.conf"
    export SLURM_CONF=$dir/slurm.conf
    for _ in $(seq 60); do
      [ "$(sinfo --noheader --format=%t 2> /dev/null)" = idle ] && exit 0
      sleep 1
    done
    echo "the node is not idle after a minute: $(sinfo 2>&1)" >&2
    exit 1
    ;;
  stop)
    for daemon in slurmd slurmctld munged; do
      [ -f "$dir/$daemon.pid" ] || continue
      pid=$(cat "$dir/$daemon.pid")
      kill "$pid" 2> /dev/null || true
      while kill -0 "$pid" 2> /dev/null; do sleep 0.1; done
    done
    ;;
  *)
    echo "usage: cluster.sh start|stop DIR" >&2
    exit 2
    ;;
esac
