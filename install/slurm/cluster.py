"""A Slurm cluster of two nodes on this machine, from Debian's slurm-wlm and munge.

Everything (key, sockets, state, logs) lives in one temporary folder; all talk goes
through the loopback interface; no system service is needed or touched. The daemons run as the current
user and in the foreground, so that they are our children: stop() ends those and no others.
"""

import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time

PROGRAMS = ["munged", "slurmctld", "slurmd", "sbatch", "squeue", "scontrol", "sinfo", "scancel"]
NODES = ["n1", "n2"]


def which(name):
    """The path of a program; those of daemons are not on every user's PATH."""
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin:/usr/local/sbin")
    if not found:
        raise SystemExit(f"slurm: there is no {name}; on Debian: apt-get install slurm-wlm munge")
    return found


def free_ports(n):
    """Ports that nothing listens on now."""
    sockets = [socket.socket() for _ in range(n)]
    for s in sockets:
        s.bind(("127.0.0.1", 0))
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


class Cluster:
    def __init__(self, cpus=2):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="swingby-slurm-"))
        self.dir.chmod(0o755)
        self.cpus = cpus
        self.children = {}
        self.user = pwd.getpwuid(os.geteuid()).pw_name
        ctld, *nodes = free_ports(1 + len(NODES))
        host = socket.gethostname()
        conf = [
            "ClusterName=swingby",
            f"SlurmctldHost={host}(127.0.0.1)",
            f"SlurmctldPort={ctld}",
            f"SlurmUser={self.user}",
            f"SlurmdUser={self.user}",
            "AuthType=auth/munge",
            # A job whose node has died starts again once its credential has expired.
            f"AuthInfo=socket={self.dir}/munge.socket,cred_expire=5",
            "CommunicationParameters=NoInAddrAny,NoCtldInAddrAny",
            f"StateSaveLocation={self.dir}/state",
            f"SlurmdSpoolDir={self.dir}/spool-%n",
            f"SlurmctldPidFile={self.dir}/slurmctld.pid",
            f"SlurmdPidFile={self.dir}/slurmd-%n.pid",
            "ProctrackType=proctrack/linuxproc",
            "TaskPlugin=task/none",
            "SelectType=select/cons_tres",
            "SelectTypeParameters=CR_CPU",
            "SwitchType=switch/none",
            "MpiDefault=none",
            "AccountingStorageType=accounting_storage/none",
            "JobAcctGatherType=jobacct_gather/none",
            "JobCompType=jobcomp/none",
            # What takes minutes on a real cluster takes seconds here.
            "ReturnToService=2",
            "SlurmctldTimeout=30",
            "SlurmdTimeout=10",
            "MessageTimeout=5",
            "KillWait=2",
            "MinJobAge=10",
            "InactiveLimit=0",
            "Waittime=0",
            "SchedulerType=sched/backfill",
            "SchedulerParameters=batch_sched_delay=0,sched_interval=1,bf_interval=1,requeue_setup_env_fail",
            "SlurmdParameters=config_overrides",
        ]
        for name, port in zip(NODES, nodes):
            conf.append(f"NodeName={name} NodeHostname={host} NodeAddr=127.0.0.1 Port={port} CPUs={cpus} State=UNKNOWN")
        conf.append(f"PartitionName=main Nodes={','.join(NODES)} Default=YES MaxTime=INFINITE State=UP OverSubscribe=NO")
        conf.append(f"PartitionName=other Nodes={NODES[0]} MaxTime=10 State=UP")
        self.conf = self.dir / "slurm.conf"
        self.conf.write_text("\n".join(conf) + "\n")
        (self.dir / "state").mkdir()
        for name in NODES:
            (self.dir / f"spool-{name}").mkdir()
        self.env = dict(os.environ, SLURM_CONF=str(self.conf))

    def start(self):
        key = self.dir / "munge.key"
        key.write_bytes(os.urandom(1024))
        key.chmod(0o400)
        # --force: the folder for temporary files belongs to everybody, which munged does not like.
        self.spawn("munged", "--foreground", "--force", "--num-threads=2", f"--key-file={key}", f"--socket={self.dir}/munge.socket",
                   f"--pid-file={self.dir}/munged.pid", f"--log-file={self.dir}/munged.log", f"--seed-file={self.dir}/munged.seed")
        self.wait(lambda: (self.dir / "munge.socket").exists(), "munged does not listen")
        self.start_controller()
        for name in NODES:
            self.start_node(name)
        self.wait(self.idle, "the nodes do not become idle")

    def start_controller(self):
        self.spawn("slurmctld", "-D", "-f", str(self.conf))

    def start_node(self, name):
        self.spawn(f"slurmd-{name}", "-D", "-N", name, "-f", str(self.conf), program="slurmd")

    def spawn(self, name, *args, program=None):
        with open(self.dir / f"{name}.out", "ab") as log:
            self.children[name] = subprocess.Popen([which(program or name), *args], env=self.env, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.dir)

    def kill(self, name):
        """kill -9 of one daemon."""
        child = self.children.pop(name)
        child.kill()
        child.wait()

    def end(self, name):
        """An orderly end of one daemon."""
        child = self.children.pop(name)
        child.terminate()
        child.wait()

    def command(self, *args):
        """Runs a command of Slurm."""
        return subprocess.run([which(args[0]), *args[1:]], env=self.env, capture_output=True, text=True)

    def kill_node(self, name):
        """All of a node dies at once: its slurmd, the processes that watch its jobs, and the jobs."""
        child = self.children.pop(f"slurmd-{name}")
        for pid in [child.pid, *self.on_node(name)]:
            self.kill_process(pid)
        child.wait()

    @staticmethod
    def kill_process(pid):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def on_node(self, name):
        """The processes of jobs on a node, which have its name and this cluster in their environment, and those that watch them."""
        pids = set()
        for p in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                environ = (p / "environ").read_bytes().split(b"\0")
                if f"SLURM_CONF={self.conf}".encode() not in environ or f"SLURMD_NODENAME={name}".encode() not in environ:
                    continue
                pids.add(int(p.name))
                parent = int((p / "stat").read_text().rsplit(")", 1)[1].split()[1])
                if b"slurmstepd" in pathlib.Path(f"/proc/{parent}/cmdline").read_bytes():
                    pids.add(parent)
            except OSError:
                continue  # it has ended meanwhile
        return sorted(pids)

    def idle(self):
        out = subprocess.run([which("sinfo"), "-h", "-N", "-p", "main", "-o", "%T"], env=self.env, capture_output=True, text=True)
        return out.stdout.split() == ["idle"] * len(NODES)

    def wait(self, condition, what, seconds=60):
        end = time.monotonic() + seconds
        while not condition():
            for name, child in self.children.items():
                if child.poll() is not None:
                    raise SystemExit(f"slurm: {name} has ended:\n{self.logs()}")
            if time.monotonic() > end:
                raise SystemExit(f"slurm: {what}:\n{self.logs()}")
            time.sleep(0.1)

    def logs(self):
        return "\n".join(f"--- {p.name}\n" + "\n".join(p.read_text(errors="replace").splitlines()[-15:]) for p in sorted(self.dir.glob("*.out")) + sorted(self.dir.glob("munged.log")))

    def stop(self):
        """Ends what start() has started, and the jobs that still run."""
        for name in list(self.children):
            if name.startswith("slurmd-"):
                for pid in self.on_node(name.removeprefix("slurmd-")):
                    self.kill_process(pid)
        for name, child in reversed(list(self.children.items())):
            child.terminate()
        for name, child in list(self.children.items()):
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        self.children.clear()
        shutil.rmtree(self.dir, ignore_errors=True)


if __name__ == "__main__":
    cluster = Cluster()
    try:
        cluster.start()
        print("export SLURM_CONF=" + str(cluster.conf), flush=True)
        signal.sigwait({signal.SIGINT, signal.SIGTERM})
    finally:
        cluster.stop()
