"""What serve measures with: a house for many, a server with TLS, and the load client."""

import datetime
import json
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "fault"))

from house import ALL_PERMISSIONS, START, House, text_of  # noqa: E402 (the path comes first)
from served import UNLIMITED, Server  # noqa: E402

MANY_OWNERS = 64
SEARCHED_EVENTS = 200
EVENT = ("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//bench//EN\r\nBEGIN:VEVENT\r\nUID:{uid}\r\n"
         "DTSTAMP:20260101T000000Z\r\nDTSTART:{start}\r\nDTEND:{end}\r\nSUMMARY:x\r\nEND:VEVENT\r\n"
         "END:VCALENDAR\r\n")


class BenchHouse(House):
    """Owners with calendars below `calendars`: the first for reads, with events, the second for
    all bookings at once, the rest one for each client; and keys of agents that may all of it."""

    def __init__(self, binary, folder, calendars):
        self.calendars = pathlib.Path(calendars)
        super().__init__(binary, folder, 2 + MANY_OWNERS)
        self.run("tls", "self-signed")
        self.reader = self.key_for("reader", self.owners[:1])
        self.crowded = self.key_for("crowded", self.owners[1:2])
        self.writer = self.key_for("writer", self.owners[2:])
        for n in range(SEARCHED_EVENTS):
            start = START + datetime.timedelta(days=n % 28, minutes=30 * (n // 28))
            end = start + datetime.timedelta(minutes=20)
            text = EVENT.format(uid=f"event{n}", start=start.strftime("%Y%m%dT%H%M%SZ"),
                                end=end.strftime("%Y%m%dT%H%M%SZ"))
            (self.calendar(self.owners[0]) / f"event{n}.ics").write_text(text)
        self.slots = {}

    def calendar(self, owner):
        return self.calendars / owner.split("@")[0]

    def key_for(self, name, owners):
        self.run("agents", "register", name, "--permissions", ALL_PERMISSIONS,
                 "--owners", ",".join(owners))
        return self.run("keys", "mint", "--agent", name).strip()

    def tls(self):
        return str(self.data / "tls_certificate.pem"), str(self.data / "tls_key.pem")

    def bookings(self, owners, key, count):
        """So many booking requests, each for a time that no other asks for."""
        requests = []
        for n in range(count):
            owner = owners[n % len(owners)]
            self.slots[owner] = self.slots.get(owner, 0) + 1
            start = START + datetime.timedelta(minutes=30 * self.slots[owner])
            end = start + datetime.timedelta(minutes=30)
            requests.append(request("POST", "/v1/bookings", key, {
                "owner_email": owner, "meeting_class": "Regular", "title": "Planning",
                "start": text_of(start), "end": text_of(end)}))
        return requests


def tls_server(house, settings=None):
    certificate, key = house.tls()
    return Server(house, "--tls-cert", certificate, "--tls-key", key,
                  settings=UNLIMITED if settings is None else settings)


def request(method, path, key=None, body=None, **headers):
    text = b"" if body is None else json.dumps(body).encode()
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost"]
    if key:
        lines.append(f"Authorization: Bearer {key}")
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(text)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines + ["", ""]).encode() + text


class Outcome:
    """What the load client saw."""

    def __init__(self, seen):
        self.seen = seen
        self.answers = {int(status): a for status, a in seen["answers"].items()}

    def count(self, *statuses):
        return sum(a["count"] for status, a in self.answers.items() if status in statuses)

    def good(self):
        return self.count(200, 201)

    def rate(self):
        return self.good() / self.seen["seconds"]

    def ms(self, share, *statuses):
        """p50, p90, p99 or max of the answers with the one status of these that came."""
        found = [a for status, a in self.answers.items() if status in (statuses or (200, 201))]
        assert len(found) == 1, self.seen
        return found[0][f"{share}_ms"]

    def all_good(self):
        bad = {status: a["count"] for status, a in self.answers.items()
               if status not in (200, 201)}
        assert self.good() and not bad and not self.seen["broken"], self.seen
        return self


class Load:
    """bench_load, with a folder for what it sends."""

    def __init__(self, client, folder):
        self.client, self.folder = client, pathlib.Path(folder)

    def arguments(self, port, requests, **options):
        with tempfile.NamedTemporaryFile(dir=self.folder, delete=False) as file:
            for text in requests:
                file.write(b"%d\n%s" % (len(text), text))
        words = [self.client, f"127.0.0.1:{port}", file.name]
        for name, value in options.items():
            words.append("--" + name.replace("_", "-"))
            words += [] if value is True else [str(value)]
        return words

    def start(self, port, requests, **options):
        return subprocess.Popen(self.arguments(port, requests, **options), text=True,
                                stdout=subprocess.PIPE)

    def run(self, port, requests, **options):
        return outcome_of(self.start(port, requests, **options))


def outcome_of(process):
    told, _ = process.communicate()
    assert process.returncode == 0, process.returncode
    return Outcome(json.loads(told))


class Crowd:
    """Connections that only hold a place, while the block runs."""

    def __init__(self, client, port, idle, dripping, sources):
        self.process = subprocess.Popen(
            [client, f"127.0.0.1:{port}", "--crowd", str(idle), str(dripping),
             "--sources", str(sources)],
            text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self.process.stdout.readline() == "ready\n"
        self.told = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        told, _ = self.process.communicate()
        self.told = json.loads(told) if told else None


def median_of(runs, measure):
    """Runs it several times; the median of what it gives: numbers, or tuples of numbers."""
    found = [measure() for _ in range(runs)]
    if not isinstance(found[0], tuple):
        return statistics.median(found)
    return tuple(statistics.median(column) for column in zip(*found))


def memory_mb(server, which):
    """VmRSS or VmHWM."""
    status = pathlib.Path(f"/proc/{server.process.pid}/status").read_text(encoding="utf-8")
    return int(status.split(which + ":")[1].split()[0]) / 1024


def packages(binary):
    """Where the official SDK is installed, and a Node that is new enough for it."""
    folder = pathlib.Path(binary).resolve().parent / "tests/peers/installed"
    subprocess.run([sys.executable, HERE.parent / "peers/install.py", folder], check=True,
                   stdout=subprocess.DEVNULL)
    beside = sorted(folder.glob("node_modules/node-linux-*/bin/node"))
    return str(folder), str(beside[0]) if beside else shutil.which("node")
