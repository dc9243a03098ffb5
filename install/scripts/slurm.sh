#!/bin/sh
# Sweeps on a cluster: swingby sweep on two Slurm nodes, which this script starts on this
# machine as the current user, and ends. Arguments go to the test: a name runs that one.
. "$(dirname "$0")/common.sh"

PATH=$PATH:/usr/sbin:/sbin
for c in munged slurmctld slurmd sbatch; do
	command -v "$c" >/dev/null || die "make: slurm needs $c; on Debian and Ubuntu: apt-get install slurm-wlm munge"
done
python=$(find_python)
sh install/scripts/build.sh
export SWINGBY="$program"
say "sweeps on Slurm, $(slurmd -V)"
"$python" install/slurm/test_slurm.py "$@"
