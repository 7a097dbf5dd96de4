"""The proxies: each listens on plain HTTP on loopback, puts the token into each request, and verifies the upstream.

All but kubectl proxy can listen over TLS as well.
"""

import http.client
import os
import time

from processes import Process, file_name, free_port
from upstream import EVERLASTING, SERVER_NAME, USER, write

NGINX = """
{user} daemon off; worker_processes auto; pid {name}.pid; error_log stderr; worker_rlimit_nofile 16384;
events {{ worker_connections 8192; }}
http {{
  access_log off; tcp_nodelay on; {everlasting}
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
  upstream api {{ server 127.0.0.1:{upstream}; keepalive 256; keepalive_requests 1000000000; keepalive_timeout 1h; }}
  server {{
    listen 127.0.0.1:{port} backlog=1024;
    {tls_listener}
    client_body_buffer_size 64k; client_max_body_size 3m;
    location / {{
      proxy_pass https://api; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_set_header Host {server_name}; proxy_set_header Authorization "Bearer {token}";
      proxy_ssl_server_name on; proxy_ssl_name {server_name}; proxy_ssl_protocols TLSv1.3;
      proxy_ssl_verify on; proxy_ssl_trusted_certificate {ca};
      # Passes on each chunk at once, as a proxy for watches must.
      proxy_buffering off; proxy_buffer_size 16k; proxy_buffers 8 16k; proxy_read_timeout 1h;
    }}
  }}
}}
"""

HAPROXY = """
global
  maxconn 8192
defaults
  mode http
  timeout connect 10s
  timeout client 1h
  timeout server 1h
  option http-no-delay
  http-reuse always
frontend local
  bind 127.0.0.1:{port} backlog 1024
  {tls_listener}
  default_backend api
backend api
  http-request set-header Authorization "Bearer {token}"
  http-request set-header Host {server_name}
  server api 127.0.0.1:{upstream} ssl alpn http/1.1 ssl-min-ver TLSv1.3 verify required ca-file {ca} sni str({server_name}) verifyhost {server_name}
"""

KUBECONFIG = """
apiVersion: v1
kind: Config
clusters: [{{name: bench, cluster: {{server: "https://127.0.0.1:{upstream}", certificate-authority: {ca}, tls-server-name: {server_name}}}}}]
users: [{{name: bench, user: {{token: {token}}}}}]
contexts: [{{name: bench, context: {{cluster: bench, user: bench}}}}]
current-context: bench
"""


class Peer:
    """A proxy that can be started in front of either upstream."""

    TLS = None  # the configuration of a TLS listener, if the proxy supports it

    def __init__(self, name, note):
        self.name = name
        self.note = note

    def start(self, upstreams, upstream_port, path, tls=False):
        """Starts the proxy, and returns after it has responded to a request for ``path`` with 200."""
        directory, port = upstreams.directory, free_port()
        tls_port = free_port() if tls and self.TLS is not None else None
        values = {
            "name": file_name(self.name),
            "port": port,
            "tls": tls_port,
            "tls_listener": self.TLS.format(port=tls_port, directory=directory) if tls_port else "",
            "management": free_port(),
            "upstream": upstream_port,
            "server_name": SERVER_NAME,
            "token": upstreams.bearer(),
            "ca": upstreams.ca,
            "everlasting": EVERLASTING,
            "user": USER,
        }
        begin = time.monotonic()
        process = Process(self.name, self.command(directory, values), directory, self.environment(upstreams, values))
        try:
            await_answer(process, port, path)
        except BaseException:
            process.stop()
            raise
        return Running(self, process, values, time.monotonic() - begin)

    def command(self, directory, values):
        raise NotImplementedError

    def environment(self, upstreams, values):
        return {}

    def probe(self, values):
        """Sends kubelet's probes, if the proxy has health checks."""


class Running:
    """A running proxy: its process and its port."""

    def __init__(self, peer, process, values, start_seconds):
        self.name, self.process, self.port, self.start_seconds = peer.name, process, values["port"], start_seconds
        self.tls_port = values["tls"]
        self.peer, self.values = peer, values

    def takes(self, case):
        return self.tls_port is not None or not case.tls

    def probe(self):
        self.peer.probe(self.values)


class Guardian(Peer):
    TLS = ""  # the listener is configured in the environment

    def __init__(self, name, note, executable):
        super().__init__(name, note)
        self.executable = executable

    def command(self, directory, values):
        return self.executable

    def probe(self, values):
        for check in ("ready", "live"):
            get(values["management"], f"/q/health/{check}")

    def ready_seconds(self, upstreams, upstream_port):
        """Returns the time from exec to the first 200 of the readiness check, and stops the process."""
        values = {"upstream": upstream_port, "port": free_port(), "management": free_port(), "tls": None}
        environment = self.environment(upstreams, values)
        begin = time.monotonic()
        process = Process(self.name + " start", self.executable, upstreams.directory, environment)
        try:
            await_answer(process, values["management"], "/q/health/ready", pause=0.001)
            return time.monotonic() - begin
        finally:
            process.stop()

    def check_seconds(self, upstreams, upstream_port):
        """Returns the time from exec to exit of ``check``."""
        environment = self.environment(upstreams, {"upstream": upstream_port, "port": 0, "management": 0, "tls": None})
        begin = time.monotonic()
        process = Process(self.name + " check", [*self.executable, "check"], upstreams.directory, environment)
        try:
            process.wait(60)
            return time.monotonic() - begin
        finally:
            process.stop()

    def environment(self, upstreams, values):
        in_cluster = {
            "GUARDIAN_IN_CLUSTER_PORT": str(values["tls"]),
            "GUARDIAN_IN_CLUSTER_DIRECTORY": os.path.join(upstreams.directory, "in-cluster-" + file_name(self.name)),
        }
        return (in_cluster if values["tls"] else {}) | {
            "GUARDIAN_TOKEN_PATH": upstreams.token,
            "GUARDIAN_API_SERVER_URL": f"https://127.0.0.1:{values['upstream']}",
            "GUARDIAN_API_SERVER_CA": upstreams.ca,
            "GUARDIAN_API_SERVER_SERVER_NAME": SERVER_NAME,
            "GUARDIAN_PROXY_PORT": str(values["port"]),
            "QUARKUS_HTTP_PORT": str(free_port()),
            "QUARKUS_MANAGEMENT_HOST": "127.0.0.1",
            "QUARKUS_MANAGEMENT_PORT": str(values["management"]),
        }


class Kubectl(Peer):
    def command(self, directory, values):
        config = write(directory, f"{values['name']}.kubeconfig", KUBECONFIG.format(**values))
        return ["kubectl", "proxy", f"--port={values['port']}", f"--kubeconfig={config}"]


class Nginx(Peer):
    TLS = (
        "listen 127.0.0.1:{port} ssl backlog=1024; ssl_certificate server.crt; ssl_certificate_key server.key;"
        " ssl_protocols TLSv1.3;"
    )

    def command(self, directory, values):
        config = write(directory, f"{values['name']}.conf", NGINX.format(**values))
        return ["nginx", "-p", directory, "-c", config, "-e", "stderr"]


class Haproxy(Peer):
    TLS = "bind 127.0.0.1:{port} backlog 1024 ssl crt {directory}/server.pem ssl-min-ver TLSv1.3"

    def command(self, directory, values):
        config = write(directory, f"{values['name']}.cfg", HAPROXY.format(**values))
        return ["haproxy", "-f", config]


def await_answer(process, port, path, timeout=60, pause=0.005):
    deadline = time.monotonic() + timeout
    seen = "nothing"
    while time.monotonic() < deadline:
        process.check_alive()
        try:
            seen = str(get(port, path))
            if seen == "200":
                return
        except (OSError, http.client.HTTPException) as error:
            seen = str(error)
        time.sleep(pause)
    raise RuntimeError(f"{process.name} did not answer within {timeout} s: {seen}\n{process.last_output()}")


def get(port, path):
    """Returns the status of the response."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()
