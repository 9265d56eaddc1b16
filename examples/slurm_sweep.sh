#!/bin/bash
#SBATCH --job-name=skyvox-sweep
#SBATCH --array=1-16
#SBATCH --cpus-per-task=4
#SBATCH --mem-per-cpu=1G
#SBATCH --time=04:00:00
#SBATCH --requeue
#SBATCH --signal=TERM@30
#SBATCH --output=sweep-%A_%a.log
# One shard of a sweep per task; DIR lies on a file system that all nodes share.
#
#   sbatch --array=1-32 examples/slurm_sweep.sh scenarios/swarm200-det.json 1:101 out/swarm --set duration_s=20
#
# A task that was killed or requeued goes on where it was; the task that finishes the last run writes DIR/sweep.html.
set -eu
[ $# -ge 3 ] || { echo "usage: slurm_sweep.sh SCENARIO.json A:B DIR [OPTION of skyvox sweep ...]" >&2; exit 2; }
scenario=$1 seeds=$2 folder=$3
shift 3

# The shards are counted from 1 whatever the first task's number is. Without Slurm there is one shard.
task=${SLURM_ARRAY_TASK_ID:-1} first=${SLURM_ARRAY_TASK_MIN:-1} n=${SLURM_ARRAY_TASK_COUNT:-1}
exec "${SKYVOX:-skyvox}" sweep "$scenario" --seeds "$seeds" -o "$folder" --shard "$((task - first + 1))/$n" \
    --threads "${SLURM_CPUS_PER_TASK:-1}" "$@"
