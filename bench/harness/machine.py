"""Describes the machine of a measurement, and builds the commands that run on the JVM."""

import datetime
import gzip
import os
import platform
import re
import shutil
import subprocess


def java():
    return os.path.join(os.environ["JAVA_HOME"], "bin", "java") if os.environ.get("JAVA_HOME") else shutil.which("java")


def stand_in(*arguments):
    """Returns the command that starts the stand-in API server."""
    with open("target/bench.classpath", encoding="utf-8") as file:
        classpath = os.path.abspath("target/classes") + ":" + file.read().strip()
    return [java(), "-cp", classpath, "io.tokenguardian.standin.StandInMain", *arguments]


def first_line(command):
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    return (run.stdout + run.stderr).strip().splitlines()[0]


def _from(path, pattern):
    with open(path, encoding="utf-8") as file:
        found = re.search(pattern, file.read(), re.MULTILINE)
    return found[1].strip() if found else "unknown"


def place():
    """Returns the date, revision, machine and load."""
    memory = int(_from("/proc/meminfo", r"^MemTotal:\s+(\d+)")) / 1024 / 1024
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "revision": first_line(["git", "describe", "--always", "--dirty", "--tags"]),
        "machine": f"{os.cpu_count()} cores ({_from('/proc/cpuinfo', r'^model name.*: (.*)$')}), {memory:.0f} GiB, "
        f"Linux {platform.release()} {platform.machine()}, {_from('/etc/os-release', r'^PRETTY_NAME=.?(.*?).?$')}",
        "load": f"{os.getloadavg()[0]:.1f}",
    }


def description(java):
    versions = [
        first_line([java, "-version"]),
        "kubectl " + first_line(["kubectl", "version", "--client"]).rpartition(" ")[2],
        first_line(["nginx", "-v"]).rpartition(" ")[2],
        " ".join(first_line(["haproxy", "-v"]).split()[:3]),
        " ".join(first_line(["wrk", "-v"]).split()[:2]),
        first_line(["openssl", "version"]).partition(" (")[0],
    ]
    return {**place(), "versions": ", ".join(versions)}


def sizes(executable):
    """Returns the size of a file, uncompressed and as a registry stores it, in MB."""
    with open(executable, "rb") as file:
        content = file.read()
    return {"size": len(content) / 1e6, "gzip": len(gzip.compress(content, 6)) / 1e6}
