"""A headless Chromium, driven by ChromeDriver over plain WebDriver. Both come from Debian's packages."""

import http.client
import json
import os
import re
import subprocess

from processes import Process

ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]


class Browser:
    """Must be stopped even if the start failed."""

    def __init__(self, directory):
        self.driver = Process("chromedriver", ["chromedriver", "--port=0"], directory, stdout=subprocess.PIPE)
        self.session = None
        self.profile = os.path.join(directory, "profile")

    def start(self):
        for line in self.driver.popen.stdout:
            found = re.search(rb"started successfully on port (\d+)", line)
            if found:
                self.connection = http.client.HTTPConnection("127.0.0.1", int(found[1]), timeout=120)
                break
        else:
            self.driver.popen.wait()
            self.driver.check_alive()
        options = {"args": [*ARGUMENTS, f"--user-data-dir={self.profile}"]}
        capabilities = {"alwaysMatch": {"goog:chromeOptions": options}}
        made = self._send("POST", "/session", {"capabilities": capabilities})
        self.session = f"/session/{made['sessionId']}"

    def open(self, url):
        """Returns when the page has loaded; later requests and their drawing can still be in progress."""
        self._send("POST", f"{self.session}/url", {"url": url})

    def run(self, script, *arguments):
        """Returns the result of a function body; waits for a promise."""
        return self._send("POST", f"{self.session}/execute/sync", {"script": script, "args": arguments})

    def dev_tools(self, command, **parameters):
        return self._send("POST", f"{self.session}/goog/cdp/execute", {"cmd": command, "params": parameters})

    def stop(self):
        try:
            if self.session:
                self._send("DELETE", self.session)
        except (OSError, http.client.HTTPException):
            pass  # in this case the driver ends the browser
        finally:
            self.driver.stop()

    def _send(self, method, path, body=None):
        text = None if body is None else json.dumps(body)
        self.connection.request(method, path, text, {"Content-Type": "application/json"})
        answer = self.connection.getresponse()
        content = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path}: {content.decode(errors='replace')}")
        return json.loads(content)["value"]
