"""The two TLS upstreams, under one CA bundle and one token.

nginx responds to the plain requests: it needs a quarter of the CPU of the stand-in API server, so more CPU remains for the
proxies. The stand-in serves the watches and issues the token.
"""

import json
import os
import subprocess

import machine
from processes import Process, free_port

SERVER_NAME = "kubernetes.default.svc"
SMALL = "/api/v1/namespaces/bench/pods/small"
LIST = "/api/v1/configmaps"
CREATE = "/api/v1/namespaces/bench/configmaps"
LIST_BYTES = 5_000_000
# If nginx ran as root, its workers would have another user, who can't read the directory.
USER = "user root root;" if os.geteuid() == 0 else ""
EVERLASTING = "keepalive_requests 1000000000; keepalive_timeout 1h;"

# Go's TLS server selects AES-128-GCM, and so does the API server.
NGINX = """
{user} daemon off; worker_processes 1; pid nginx-upstream.pid; error_log stderr;
events {{ worker_connections 4096; }}
http {{
  access_log off; default_type application/json; sendfile on; tcp_nodelay on;
  {everlasting}
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
  client_body_buffer_size 64k; http2_chunk_size 16k; output_buffers 4 64k; open_file_cache max=10;
  upstream behind {{ server unix:created.sock; keepalive 64; keepalive_requests 1000000000; }}
  server {{
    listen 127.0.0.1:{port} ssl; http2 on;
    ssl_certificate server.crt; ssl_certificate_key server.key;
    ssl_protocols TLSv1.3; ssl_conf_command Ciphersuites TLS_AES_128_GCM_SHA256;
    location = {small} {{ return 200 '{pod}'; }}
    location = {list} {{ alias list.json; }}
    location / {{ proxy_pass http://behind; proxy_http_version 1.1; proxy_set_header Connection ""; }}
  }}
  server {{ # nginx proxies to this server, so that the body is read completely before the response
    listen unix:created.sock;
    location = {create} {{ return 201 '{{"kind":"ConfigMap","apiVersion":"v1","metadata":{{"name":"bench-1"}}}}'; }}
    location = /apis/authentication.k8s.io/v1/selfsubjectreviews {{
      return 201 '{{"kind":"SelfSubjectReview","apiVersion":"authentication.k8s.io/v1","status":{{"userInfo":{{"username":"system:serviceaccount:default:default"}}}}}}';
    }}
  }}
}}
"""


def config_map(name, length):
    metadata = {"name": name, "namespace": "bench", "resourceVersion": "4711", "labels": {"app": "bench"}}
    return {"kind": "ConfigMap", "apiVersion": "v1", "metadata": metadata, "data": {"text": "x" * length}}


def small_pod():
    """Returns a pod of about 1 KB."""
    container = {"name": "main", "image": "registry.example/app:1", "env": [{"name": "FILLER", "value": "y" * 600}]}
    return {
        "kind": "Pod",
        "apiVersion": "v1",
        "metadata": {"name": "small", "namespace": "bench", "uid": "8f14e45f-ceea-467f-a9d4-000000000000"},
        "spec": {"nodeName": "node-1", "serviceAccountName": "default", "containers": [container]},
        "status": {"phase": "Running", "podIP": "10.0.0.7", "qosClass": "BestEffort"},
    }


def make_certificate(directory):
    """Creates ``server.crt`` and ``server.key``, and the CA ``own-ca.pem`` that signed the certificate."""
    names = f"subjectAltName=DNS:{SERVER_NAME},DNS:localhost,IP:127.0.0.1"
    authority = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    for command in (
        [*authority, "-keyout", "ca.key", "-out", "own-ca.pem", "-days", "2", "-subj", "/CN=bench"],
        [*authority, "-keyout", "server.key", "-out", "server.crt", "-days", "2", "-subj", "/CN=kube-apiserver",
         "-CA", "own-ca.pem", "-CAkey", "ca.key", "-addext", names, "-addext", "basicConstraints=CA:FALSE"],
    ):  # fmt: skip
        subprocess.run(command, cwd=directory, check=True, capture_output=True)
    parts = []
    for part in ("server.crt", "server.key"):
        with open(os.path.join(directory, part), encoding="ascii") as file:
            parts.append(file.read())
    write(directory, "server.pem", "".join(parts))  # the format that haproxy needs


class Upstreams:
    """Both upstreams; ``token`` and ``ca`` are paths. They must be stopped even if the start failed."""

    def __init__(self, directory):
        self.directory = directory
        self.token = os.path.join(directory, "mount", "token")
        self.ca = os.path.join(directory, "ca.pem")
        self.processes = []

    def start(self):
        self._start_stand_in()
        self._make_certificate()
        self._start_nginx()

    def _start_stand_in(self):
        stand_in = Process("stand-in", machine.stand_in("mount"), self.directory, stdout=subprocess.PIPE)
        self.processes.append(stand_in)
        line = stand_in.popen.stdout.readline()
        if not line:
            stand_in.popen.wait()
            stand_in.check_alive()
        self.watch_port = int(json.loads(line)["url"].rpartition(":")[2])

    def _make_certificate(self):
        make_certificate(self.directory)
        with open(self.ca, "w", encoding="ascii") as bundle:
            for part in ("own-ca.pem", os.path.join("mount", "ca.crt")):
                with open(os.path.join(self.directory, part), encoding="ascii") as certificates:
                    bundle.write(certificates.read().rstrip() + "\n")

    def _start_nginx(self):
        self.plain_port = free_port()
        items = [config_map(f"bench-{number}", 4_000) for number in range(LIST_BYTES // 4_190)]
        listing = {"kind": "ConfigMapList", "apiVersion": "v1", "metadata": {"resourceVersion": "1"}, "items": items}
        with open(os.path.join(self.directory, "list.json"), "w", encoding="ascii") as file:
            json.dump(listing, file)
        pod = json.dumps(small_pod())
        paths = {"small": SMALL, "list": LIST, "create": CREATE}
        text = NGINX.format(port=self.plain_port, pod=pod, everlasting=EVERLASTING, user=USER, **paths)
        write(self.directory, "nginx-upstream.conf", text)
        command = ["nginx", "-p", self.directory, "-c", "nginx-upstream.conf", "-e", "stderr"]
        self.processes.append(Process("nginx upstream", command, self.directory))

    def bearer(self):
        with open(self.token, encoding="ascii") as file:
            return file.read().strip()

    def stop(self):
        for process in reversed(self.processes):
            process.stop()


def write(directory, name, text):
    """Makes the file readable only for its owner, because a configuration contains the token."""
    path = os.path.join(directory, name)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    return path
