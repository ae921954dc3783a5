"""A fresh installation for a test: a data directory, an owner with a folder, agents with keys."""

import json
import os
import pathlib
import re
import subprocess
import tempfile

BINARY = os.environ["OPENAVAIL_BINARY"]
OWNER = "jane@example.org"


class Installation:
    def __init__(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="openavail-test-"))
        self.data = self.root / "data"
        self.calendar = self.root / "calendar"
        self.calendar.mkdir()
        self.run("init")
        self.run("owners", "add", OWNER, "--timezone", "UTC")
        self.run("calendars", "add", "--owner", OWNER, "--type", "work", "--path",
                 str(self.calendar))

    def environment(self, key=None):
        environment = {"PATH": os.environ["PATH"], "OPENAVAIL_DATA_DIR": str(self.data)}
        if key:
            environment["OPENAVAIL_API_KEY"] = key
        return environment

    def run(self, *arguments, key=None, expect=0):
        done = subprocess.run([BINARY, *arguments], env=self.environment(key), text=True,
                              capture_output=True, timeout=120)
        if expect is not None and done.returncode != expect:
            raise AssertionError(f"{arguments}: exit {done.returncode}, not {expect}\n"
                                 f"{done.stdout}{done.stderr}")
        return done

    def agent(self, name, permissions):
        self.run("agents", "register", name, "--permissions", permissions, "--owners", OWNER)
        return self.run("keys", "mint", "--agent", name).stdout.strip()

    def server(self, key):
        return Server(self.environment(key))

    def busy_events(self):
        """(start, end, title) of every opaque event in the folder, read without our code."""
        events = []
        for path in self.calendar.glob("*.ics"):
            text = re.sub(r"\r\n[ \t]", "", path.read_text())
            if "TRANSP:TRANSPARENT" in text:
                continue
            field = lambda name: re.search(rf"^{name}[^:\r\n]*:([^\r\n]*)", text, re.M).group(1)
            events.append((field("DTSTART"), field("DTEND"), field("SUMMARY")))
        return sorted(events)

    def check_signatures(self):
        export = self.root / "export.jsonl"
        export.write_text(self.run("audit", "export").stdout)
        self.run("audit", "verify", str(export))
        lines = [json.loads(line) for line in export.read_text().splitlines()]
        return [line["row"] for line in lines if "row" in line]


class Server:
    """One `openavail mcp` process, called one request at a time."""

    def __init__(self, environment):
        self.process = subprocess.Popen([BINARY, "mcp"], env=environment, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.sent = 0

    def request(self, method, parameters):
        self.sent += 1
        self.process.stdin.write(json.dumps({"jsonrpc": "2.0", "id": self.sent, "method": method,
                                             "params": parameters}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise EOFError("the server ended")
        answer = json.loads(line)
        assert answer["id"] == self.sent, answer
        return answer

    def call(self, tool, **arguments):
        """(accepted, body)"""
        result = self.request("tools/call", {"name": tool, "arguments": arguments})["result"]
        body = json.loads(result["content"][0]["text"])
        if not result["isError"]:
            assert result["structuredContent"] == body
        return not result["isError"], body

    def end(self):
        self.process.stdin.close()
        return self.process.wait(timeout=30)
