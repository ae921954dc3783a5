"""A data directory with owners and agents, and clients that speak MCP to the real binary."""

import datetime
import json
import os
import pathlib
import queue
import re
import subprocess
import threading

START = datetime.datetime(2031, 3, 3, 8, 0, tzinfo=datetime.timezone.utc)
ALL_PERMISSIONS = "read_freebusy,read_events,create_holds,create_bookings,preempt"


def text_of(instant):
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


def instant_of(text):
    return datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(
        tzinfo=datetime.timezone.utc)


class Client:
    """One `openavail mcp` process. call() answers (is_error, object), or None if it died."""

    def __init__(self, house, key):
        environment = dict(house.environment, OPENAVAIL_API_KEY=key)
        self.process = subprocess.Popen([house.binary, "mcp"], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=house.log,
                                        env=environment)
        self.lines = queue.Queue()
        self.next_id = 0
        threading.Thread(target=self._read, daemon=True).start()
        self.request("initialize", {"protocolVersion": "2025-06-18", "capabilities": {},
                                    "clientInfo": {"name": "fault", "version": "1"}})
        self.write({"jsonrpc": "2.0", "method": "notifications/initialized"})

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(line)
        self.lines.put(None)

    def write(self, message):
        try:
            self.process.stdin.write(json.dumps(message).encode() + b"\n")
            self.process.stdin.flush()
            return True
        except (BrokenPipeError, ValueError):
            return False

    def request(self, method, params):
        self.next_id += 1
        if not self.write({"jsonrpc": "2.0", "id": self.next_id, "method": method,
                           "params": params}):
            return None
        while True:
            line = self.lines.get(timeout=60)
            if line is None:
                return None
            answer = json.loads(line)
            if answer.get("id") == self.next_id:
                return answer

    def call(self, tool, **arguments):
        answer = self.request("tools/call", {"name": tool, "arguments": arguments})
        if answer is None:
            return None
        assert "result" in answer, answer
        result = answer["result"]
        return bool(result.get("isError")), json.loads(result["content"][0]["text"])

    def close(self):
        self.process.stdin.close()
        assert self.process.wait(timeout=30) == 0

    def kill(self):
        self.process.kill()
        self.process.wait()


class House:
    """A fresh data directory below `folder`, with `owners` owners and their calendar folders."""

    def __init__(self, binary, folder, owners):
        self.binary = binary
        self.folder = pathlib.Path(folder)
        self.data = self.folder / "data"
        self.log = open(self.folder / "stderr.log", "ab")
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("OPENAVAIL_")}
        self.environment["OPENAVAIL_DATA_DIR"] = str(self.data)
        self.run("init")
        self.owners = [f"owner{n}@example.org" for n in range(owners)]
        for owner in self.owners:
            self.calendar(owner).mkdir(parents=True)
            self.run("owners", "add", owner, "--timezone", "UTC")
            self.run("calendars", "add", "--owner", owner, "--type", "work", "--provider", "vdir",
                     "--path", str(self.calendar(owner)), "--primary")

    def calendar(self, owner):
        return self.folder / "calendars" / owner.split("@")[0]

    def attempt(self, *arguments, **options):
        """Runs one command, whatever becomes of it."""
        settings = {"env": self.environment, "stdin": subprocess.DEVNULL,
                    "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "timeout": 120, **options}
        return subprocess.run([self.binary, *arguments], text=True, errors="replace", check=False,
                              **settings)

    def run(self, *arguments):
        ran = self.attempt(*arguments)
        assert ran.returncode == 0, (arguments, ran.returncode, ran.stdout, ran.stderr)
        return ran.stdout

    def key(self, name, permissions=ALL_PERMISSIONS):
        self.run("agents", "register", name, "--permissions", permissions, "--owners",
                 ",".join(self.owners))
        return self.run("keys", "mint", "--agent", name).strip()

    def bookings(self, client, owner):
        """All committed bookings of an owner, by the door's own list."""
        found, cursor = [], {}
        while True:
            is_error, page = client.call(
                "list-events", owner_email=owner, maxResults=100,
                timeMin=text_of(START - datetime.timedelta(days=1)),
                timeMax=text_of(START + datetime.timedelta(days=4000)), **cursor)
            assert not is_error, page
            found += [b for b in page["bookings"] if b["status"] == "committed"]
            if page["nextCursor"] is None:
                return found
            cursor = {"cursor": page["nextCursor"]}

    def events(self, owner):
        """(start, end) of every busy event file of an owner, read without any code of ours."""
        spans = []
        for path in sorted(self.calendar(owner).glob("*.ics")):
            text = re.sub(r"\r?\n[ \t]", "", path.read_text(encoding="utf-8"))
            if re.search(r"^TRANSP:TRANSPARENT\r?$", text, re.M):
                continue  # displaced: shown as free
            spans.append(tuple(
                datetime.datetime.strptime(
                    re.search(rf"^{name}[^:\n]*:(\d{{8}}T\d{{6}})Z\r?$", text, re.M).group(1),
                    "%Y%m%dT%H%M%S").replace(tzinfo=datetime.timezone.utc)
                for name in ("DTSTART", "DTEND")))
        return spans

    def verify(self):
        """Exports the audit log and verifies it; the rows."""
        exported = self.run("audit", "export")
        path = self.folder / "audit.jsonl"
        path.write_text(exported)
        self.run("audit", "verify", str(path))
        lines = [json.loads(line) for line in exported.splitlines()]
        return [line for line in lines if "row" in line]


def overlaps(spans):
    ordered = sorted(spans)
    return [(a, b) for a, b in zip(ordered, ordered[1:]) if b[0] < a[1]]
