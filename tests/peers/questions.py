"""The official client is asked before a preemption, and reads what is not a tool.

questions.py [bridge]: over HTTP, or through `openavail mcp` processes that speak to a server.
"""

import subprocess
import sys

from http_server import serving
from peer import ALL_PERMISSIONS, BINARY, HERE, OWNER, PEERS, node, peer_environment, world


def main():
    house, _ = world()
    environment = peer_environment(house.root / "home") | {"OPENAVAIL_PEERS": str(PEERS)}
    environment["LOW_KEY"] = house.agent("low", "read_freebusy,create_bookings")
    environment["HIGH_KEY"] = house.agent("high", ALL_PERMISSIONS)
    john = "john@example.org"
    house.run("owners", "add", john, "--timezone", "UTC")
    (house.root / "john").mkdir()
    house.run("calendars", "add", "--owner", john, "--type", "work", "--path",
              str(house.root / "john"))
    house.run("agents", "register", "both", "--permissions", "read_freebusy", "--owners",
              f"{OWNER},{john}")
    environment["BOTH_KEY"] = house.run("keys", "mint", "--agent", "both").stdout.strip()
    is_bridge = sys.argv[1:] == ["bridge"]
    with serving(house.environment(), command="serve" if is_bridge else "mcp") as url:
        if is_bridge:
            environment |= {"TOUR_BRIDGE": url.removesuffix("/mcp"), "OPENAVAIL_BINARY": BINARY}
        done = subprocess.run([node(), str(HERE / "questions.mjs")], text=True, timeout=240,
                              env=environment | {"TOUR_URL": url}, capture_output=True,
                              stdin=subprocess.DEVNULL)
    sys.stdout.write(done.stdout + done.stderr)
    if done.returncode != 0:
        sys.exit(1)
    assert len(house.busy_events()) == 1, house.busy_events()
    rows = house.check_signatures()
    # Each question left one row of its own kind; the booking is one decision.
    actions = [row["action"] for row in rows]
    assert actions.count("ask_preemption") == 5, actions
    assert actions.count("preempt") == 1, actions


main()
