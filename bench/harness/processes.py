"""Starts the processes under measurement, reads their figures from /proc, and stops them by their id."""

import contextlib
import os
import re
import select
import signal
import socket
import subprocess

TICK = os.sysconf("SC_CLK_TCK")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def file_name(name):
    return re.sub(r"[^a-z0-9]+", "-", name.lower())


class Process:
    """One command and its children. The output goes to a file, which is shown if the command fails."""

    def __init__(self, name, command, directory, environment=None, stdout=None):
        self.name = name
        self.log = os.path.join(directory, file_name(name) + ".log")
        with open(self.log, "ab") as log:
            self.popen = subprocess.Popen(
                command,
                cwd=directory,
                env={**os.environ, **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=stdout or log,
                stderr=log,
            )

    def check_alive(self):
        if self.popen.poll() is not None:
            raise RuntimeError(f"{self.name} ended with exit code {self.popen.returncode}:\n{self.last_output()}")

    def last_output(self):
        with open(self.log, encoding="utf-8", errors="replace") as log:
            return log.read()[-2000:]

    def wait(self, seconds):
        """Waits until the process ends; any exit code except 0 is an error. ``Popen.wait`` with a timeout polls every 50 ms or less."""
        ended = os.pidfd_open(self.popen.pid)
        try:
            if not select.select([ended], [], [], seconds)[0]:
                raise RuntimeError(f"{self.name} did not end within {seconds} s:\n{self.last_output()}")
        finally:
            os.close(ended)
        if self.popen.wait() != 0:
            self.check_alive()

    def stop(self):
        if self.popen.poll() is None:
            self.popen.send_signal(signal.SIGTERM)
            try:
                self.popen.wait(5)
            except subprocess.TimeoutExpired:
                self.popen.kill()
                self.popen.wait()

    def pids(self):
        """Returns the process and its descendants."""
        found = [self.popen.pid]
        for pid in found:
            with contextlib.suppress(FileNotFoundError):
                for task in os.listdir(f"/proc/{pid}/task"):
                    with open(f"/proc/{pid}/task/{task}/children", encoding="ascii") as children:
                        found += [int(child) for child in children.read().split()]
        return found

    def cpu_seconds(self):
        """Returns the user and system time of the process, its descendants and children that have ended."""
        ticks = 0
        for pid in self.pids():
            with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:
                fields = stat.read().rpartition(")")[2].split()
            ticks += sum(int(field) for field in fields[11:15])
        return ticks / TICK

    def _kilobytes(self, file, key):
        total = 0
        for pid in self.pids():
            with open(f"/proc/{pid}/{file}", encoding="utf-8") as lines:
                total += next(int(line.split()[1]) for line in lines if line.startswith(key + ":"))
        return total / 1024

    def peak(self):
        """Returns the peak RSS in MiB. Unlike the figures below, it is cheap enough to read often."""
        return self._kilobytes("status", "VmHWM")

    def memory(self):
        """Returns the memory in MiB. RSS counts shared pages once per process; PSS counts them once in total."""
        return {
            "rss": self._kilobytes("status", "VmRSS"),
            "peak": self._kilobytes("status", "VmHWM"),
            "pss": self._kilobytes("smaps_rollup", "Pss"),
        }
