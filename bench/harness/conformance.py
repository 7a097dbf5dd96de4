"""bench/conformance: runs Kubernetes' conformance tests of the API directly against the API server and, meanwhile, through the proxy.

It needs administrator permissions for the cluster in KUBECONFIG or in kubectl's default kubeconfig. It creates a namespace and a service
account with all permissions, and finally deletes both. The tests use the token of that account, directly and through the proxy.
"""

import argparse
import base64
import collections
import concurrent.futures
import contextlib
import glob
import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as xml

import table
from peers import await_answer
from processes import Process, free_port

FOCUS = r"\[sig-api-machinery\].*\[Conformance\]"

# These tests start pods and wait until they run: webhooks and namespaces (agnhost), an aggregated API server with etcd (sample-apiserver), busybox, pause.
NEEDS_IMAGES = (
    r"AdmissionWebhook|CustomResourceConversionWebhook|CustomResourceFieldSelectors|Aggregator|Secrets should be consumable"
    r"|all pods are removed when a namespace is deleted|OrderedNamespaceDeletion"
)

# These tests create an object of a fixed name, so the direct and the proxied run must not meet.
ALONE = r"CustomResourceDefinition Watch"

# A test waits 30 s until the definition that it deleted is gone. With several API servers, this can take minutes: their controllers that
# delete it change its status at the same time, and a conflict is only retried at the next resync (kubernetes#138085). Directly, with three
# servers of Kubernetes 1.36, it took 3 of 150 definitions 173 to 277 s. So a test that fails with this message is run again, once.
SLOW_DELETION = "deleting CustomResourceDefinition: context deadline exceeded"

# What ginkgo adds to a test's name.
LABELS = re.compile(r" \[[^\]]*, [^\]]*\]$")
NAME = f"token-guardian-conformance-{os.getpid()}"
LIFETIME = "12h"

DIRECT = """apiVersion: v1
kind: Config
current-context: direct
clusters: [{{name: direct, cluster: {{server: "{server}", certificate-authority: "{ca}"}}}}]
users: [{{name: direct, user: {{tokenFile: "{token}"}}}}]
contexts: [{{name: direct, context: {{cluster: direct, user: direct}}}}]
"""


def arguments():
    parser = argparse.ArgumentParser(prog="bench/conformance", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--e2e", metavar="E2E_TEST", required=True, help="Kubernetes' e2e.test, preferably in the cluster's version")
    parser.add_argument("--native", metavar="EXECUTABLE", required=True, help="the guardian's native executable")
    parser.add_argument("--focus", metavar="REGEX", default=FOCUS, help="the tests to run (default: %(default)s)")
    parser.add_argument("--jobs", metavar="N", type=int, default=4, help="how many programs run the tests, each directly and by the proxy")
    parser.add_argument("--images", action="store_true", help="also run the tests that need running pods; the cluster must be able to pull images")
    return parser.parse_args()


def say(text):
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def kubectl(*command, check=True):
    return subprocess.run(["kubectl", *command], check=check, stdout=subprocess.PIPE, text=True).stdout


def write(path, content):
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
    return path


class Cluster:
    """The cluster's address and CA, and the service account for the tests."""

    def __init__(self, directory, stack):
        at = json.loads(kubectl("config", "view", "--minify", "--raw", "--flatten", "-o", "json"))["clusters"][0]["cluster"]
        self.server = at["server"]
        self.ca = write(os.path.join(directory, "ca.crt"), base64.b64decode(at["certificate-authority-data"]))
        kubectl("create", "namespace", NAME)
        stack.callback(kubectl, "delete", "namespace", NAME, check=False)
        kubectl("create", "serviceaccount", NAME, "-n", NAME)
        kubectl("create", "clusterrolebinding", NAME, "--clusterrole=cluster-admin", f"--serviceaccount={NAME}:{NAME}")
        stack.callback(kubectl, "delete", "clusterrolebinding", NAME, check=False)
        token = kubectl("create", "token", NAME, "-n", NAME, f"--duration={LIFETIME}").strip()
        self.token = write(os.path.join(directory, "token"), token.encode())
        self.direct = write(
            os.path.join(directory, "direct.kubeconfig"),
            DIRECT.format(server=self.server, ca=self.ca, token=self.token).encode(),
        )


class Guardian:
    """The guardian in front of the cluster. It writes the kubeconfig for the tests itself, without a credential."""

    def __init__(self, executable, cluster, directory, stack):
        self.kubeconfig = os.path.join(directory, "proxy.kubeconfig")
        self.proxy, self.local, management = free_port(), free_port(), free_port()
        environment = {
            "GUARDIAN_TOKEN_PATH": cluster.token,
            "GUARDIAN_API_SERVER_URL": cluster.server,
            "GUARDIAN_API_SERVER_CA": cluster.ca,
            "GUARDIAN_VETTED_KUBECONFIG": self.kubeconfig,
            "GUARDIAN_PROXY_PORT": str(self.proxy),
            "QUARKUS_HTTP_PORT": str(self.local),
            "QUARKUS_MANAGEMENT_HOST": "127.0.0.1",
            "QUARKUS_MANAGEMENT_PORT": str(management),
        }
        process = Process("guardian", [executable, "serve"], directory, environment)
        stack.callback(process.stop)
        await_answer(process, management, "/q/health/ready", timeout=300, pause=0.1)

    def counts(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.local, timeout=60)
        connection.request("GET", "/status")
        return json.load(connection.getresponse())["proxy"]


def run(given, name, kubeconfig, focus, *more):
    """Runs the tests and returns the result of each: passed, failed or skipped, and how it failed."""
    report = os.path.abspath(os.path.join("target", "conformance", name))
    shutil.rmtree(report, ignore_errors=True)
    os.makedirs(report)
    command = [
        os.path.abspath(given.e2e),
        f"--kubeconfig={kubeconfig}",
        f"--kubectl-path={shutil.which('kubectl')}",
        "--provider=skeleton",
        "--e2e-verify-service-account=false",  # before 1.24, this check waits for a secret that accounts no longer have
        "--dump-logs-on-failure=false",
        f"--report-dir={report}",
        "--ginkgo.seed=1",
        f"--ginkgo.focus={focus}",
        *more,
    ]
    begin = time.monotonic()
    process = Process("e2e", command, report)
    try:
        process.popen.wait()  # the exit code is 1 if a test has failed
    finally:
        process.stop()
    reports = glob.glob(os.path.join(report, "junit*.xml"))
    if not reports:
        raise RuntimeError(f"no test ran; the end of {process.log}:\n{process.last_output()}")
    say(f"{name}: {time.monotonic() - begin:.0f} s; the output is {process.log}")
    results = {}
    for case in (case for file in reports for case in xml.parse(file).iter("testcase")):
        test = LABELS.sub("", case.get("name").removeprefix("[It] ").strip())
        failure = case.find("failure") if case.find("failure") is not None else case.find("error")
        if failure is not None:
            results[test] = "failed", failure.get("message") or failure.text or ""
        elif re.search(focus, test):
            results[test] = "skipped" if case.find("skipped") is not None else "passed", ""
    return results


def run_all(given, kubeconfigs):
    """Runs the tests with each of the kubeconfigs at the same time, and returns the results by the kubeconfig's name."""
    skip = [] if given.images else [f"--ginkgo.skip={NEEDS_IMAGES}"]
    planned = run(given, "list", os.devnull, given.focus, "--ginkgo.dry-run", *skip)
    tests = sorted(test for test, (result, _) in planned.items() if result == "passed")
    alone = [test for test in tests if re.search(ALONE, test)]
    shared = [test for test in tests if test not in alone]
    say(f"{len(tests)} tests")

    def start(pool, name, part, some):
        return name, pool.submit(run, given, f"{name}-{part}", kubeconfigs[name], "|".join(map(re.escape, some)))

    with concurrent.futures.ThreadPoolExecutor(len(kubeconfigs) * given.jobs) as pool:
        parts = [some for some in (shared[part :: given.jobs] for part in range(given.jobs)) if some]
        futures = [start(pool, name, part, some) for name in kubeconfigs for part, some in enumerate(parts)]
    if alone:
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            futures += [start(pool, name, "alone", alone) for name in kubeconfigs]
    figures = {name: {} for name in kubeconfigs}
    for name, future in futures:
        figures[name].update(future.result())
    for name, results in figures.items():
        slow = [test for test, (result, how) in results.items() if result == "failed" and SLOW_DELETION in how]
        if slow:
            say(f"{name}: again, because a deletion took more than 30 s: " + ", ".join(slow))
            results.update(run(given, f"{name}-again", kubeconfigs[name], "|".join(map(re.escape, slow))))
    return figures


def document(figures):
    lines = []
    for name, results in figures.items():
        count = collections.Counter(result for result, _ in results.values())
        lines.append((name, *(str(count[result]) for result in ("passed", "failed", "skipped"))))
    yield from table.rows(("", "passed", "failed", "skipped"), lines)
    for name, results in figures.items():
        for test, (result, how) in sorted(results.items()):
            if result == "failed":
                yield f"{name} failed: {test}\n    " + " ".join(how.split())[:300]


def main():
    given = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with contextlib.ExitStack() as stack:
        directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-"))
        cluster = Cluster(directory, stack)
        guardian = Guardian(os.path.abspath(given.native), cluster, directory, stack)
        figures = run_all(given, {"direct": cluster.direct, "proxy": guardian.kubeconfig})
        say("the proxy: " + ", ".join(f"{name} {count}" for name, count in guardian.counts().items()))
    print("\n".join(document(figures)))
    direct, proxy = figures["direct"], figures["proxy"]
    different = sorted(test for test in direct if direct[test][0] != proxy[test][0])
    for test in different:
        print(f"DIRECTLY {direct[test][0]}, THROUGH THE PROXY {proxy[test][0]}: {test}", file=sys.stderr)
    return 0 if direct and not different else 1


if __name__ == "__main__":
    sys.exit(main())
