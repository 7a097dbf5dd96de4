"""The API server of bench/abuse: nginx with TLS, and behind it a server for everything that nginx can't do."""

import base64
import json
import os
import socket
import subprocess
import sys
import time

from processes import Process, free_port
from rows import ENDLESS, HANGS, LARGE, LARGE_BYTES, REFUSED, SINK, TUNNEL
from upstream import CREATE, LIST, LIST_BYTES, SMALL, USER, config_map, make_certificate, small_pod, write

LEEWAY = 60  # seconds by which the API server accepts a token before it is valid
UNAUTHORIZED = '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Unauthorized","reason":"Unauthorized","code":401}'

NGINX = """
{user} daemon off; worker_processes 1; pid nginx.pid; error_log /dev/null; worker_rlimit_nofile 20000;
events {{ worker_connections 16384; }}
http {{
  access_log off; default_type application/json; tcp_nodelay on; keepalive_requests 1000000000; keepalive_timeout 1h;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
  client_body_buffer_size 16k; client_max_body_size 0; large_client_header_buffers 4 128k; output_buffers 2 16k;
  map $connection $behind {{ default ""; {behind} }}
  proxy_http_version 1.1; proxy_buffering off; proxy_buffer_size 4k; proxy_buffers 4 4k; proxy_read_timeout 1h;
  server {{
    listen 127.0.0.1:{port} ssl backlog=4096;
    ssl_certificate server.crt; ssl_certificate_key server.key;
    ssl_protocols TLSv1.3; ssl_conf_command Ciphersuites TLS_AES_128_GCM_SHA256;
    if (-f {refuses}) {{ return 401 '{unauthorized}'; }}
    if ($behind) {{ rewrite ^ {refused} last; }}
    location = {small} {{ return 200 '{pod}'; }}
    location = {list} {{ alias list.json; }}
    location = {large} {{ alias large; }}
    location / {{ proxy_pass http://unix:small.sock; proxy_set_header Connection ""; }}
    location = {refused} {{ # with its own Date
      internal; proxy_pass http://unix:{origin}; proxy_pass_header Date;
      proxy_method GET; proxy_pass_request_body off; proxy_set_header Content-Length ""; proxy_set_header Connection "";
    }}
    location {tunnel} {{ proxy_pass http://unix:{origin}; proxy_set_header Connection Upgrade; proxy_set_header Upgrade $http_upgrade; }}
    location ~ ^({create}|{sink}|{hangs}|{endless})$ {{
      proxy_pass http://unix:{origin}; proxy_set_header Connection ""; proxy_request_buffering off;
    }}
  }}
  server {{ # nginx proxies to this server, so that a body is read completely before the response
    listen unix:small.sock backlog=4096;
    location = /apis/authentication.k8s.io/v1/selfsubjectreviews {{
      return 201 '{{"kind":"SelfSubjectReview","apiVersion":"authentication.k8s.io/v1","status":{{"userInfo":{{"username":"system:serviceaccount:default:default"}}}}}}';
    }}
    location / {{ return 404 '{{}}'; }}
  }}
}}
"""


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def token(start):
    """Returns a token of the default service account that is valid from ``start`` for an hour."""
    account = {"namespace": "default", "serviceaccount": {"name": "default", "uid": "8f14e45f-ceea-467f-a9d4-000000000001"}}
    claims = {
        "iss": "https://kubernetes.default.svc",
        "aud": ["https://kubernetes.default.svc"],
        "sub": "system:serviceaccount:default:default",
        "iat": start,
        "nbf": start,
        "exp": start + 3_600,
        "kubernetes.io": account,
    }
    parts = [json.dumps({"alg": "RS256", "kid": "bench"}).encode(), json.dumps(claims).encode(), os.urandom(256)]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


class ApiServer:
    """The API server; ``token`` and ``ca`` are paths. It must be stopped even if the start failed."""

    def __init__(self, directory, behind=False):
        """``behind``: three of ten connections lead to a replica whose clock is an hour behind and which refuses the token."""
        self.behind = behind
        self.directory = directory
        self.token = os.path.join(directory, "token")
        self.ca = os.path.join(directory, "own-ca.pem")
        self.refuses = os.path.join(directory, "refuses")
        self.port = free_port()
        self.processes = []

    def start(self):
        make_certificate(self.directory)
        origin = os.path.join(self.directory, "origin.sock")
        with open(os.path.join(self.directory, "large"), "wb") as file:
            file.truncate(LARGE_BYTES)
        items = [config_map(f"bench-{number}", 4_000) for number in range(LIST_BYTES // 4_190)]
        listing = {"kind": "ConfigMapList", "apiVersion": "v1", "metadata": {"resourceVersion": "1"}, "items": items}
        write(self.directory, "list.json", json.dumps(listing))
        paths = {"small": SMALL, "list": LIST, "create": CREATE, "large": LARGE, "sink": SINK, "hangs": HANGS, "endless": ENDLESS}
        # nginx numbers its connections; three of the ten last digits match
        values = {"refused": REFUSED, "behind": "~[147]$ 1;" if self.behind else ""}
        values |= {"tunnel": TUNNEL, "origin": origin, "refuses": self.refuses, "unauthorized": UNAUTHORIZED, "user": USER}
        write(self.directory, "nginx.conf", NGINX.format(port=self.port, pod=json.dumps(small_pod()), **paths, **values))
        here = os.path.dirname(os.path.abspath(__file__))
        self._run("origin", [sys.executable, os.path.join(here, "origin.py"), origin])
        self._run("nginx", ["nginx", "-p", self.directory, "-c", "nginx.conf", "-e", "stderr"])
        self._await_port()

    def _run(self, name, command):
        """Runs at a lower priority than the program, because a real API server is on another machine."""
        self.processes.append(Process(name, ["nice", "-n", "5", *command], self.directory))

    def _await_port(self, timeout=60):
        deadline = time.monotonic() + timeout
        while not listens(self.port):
            for process in self.processes:
                process.check_alive()
            if time.monotonic() > deadline:
                raise RuntimeError(f"nginx did not listen within {timeout} s")
            time.sleep(0.05)

    def issue(self, seconds):
        """Issues a new token that is accepted after ``seconds``, or at once if that is 0 or less."""
        if seconds > 0:
            write(self.directory, "refuses", "")
        else:
            self.accept()
        now = int(time.time())
        start = now + seconds + LEEWAY if seconds > 0 else now
        write(self.directory, "token", token(start))

    def accept(self):
        if os.path.exists(self.refuses):
            os.unlink(self.refuses)

    def lose_packets(self, on):
        """Drops every packet to this server, or stops doing so. ``bench/abuse`` has a network namespace of its own."""
        rule = ["INPUT", "-p", "tcp", "--dport", str(self.port), "-j", "DROP"]
        subprocess.run(["iptables", "--insert" if on else "--delete", *rule], check=True)

    def stop(self):
        for process in reversed(self.processes):
            process.stop()
