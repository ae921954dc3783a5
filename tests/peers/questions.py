"""The official client is asked before a preemption, and reads what is not a tool, over HTTP."""

import subprocess
import sys

from http_server import serving
from peer import ALL_PERMISSIONS, HERE, PEERS, node, peer_environment, world


def main():
    house, _ = world()
    environment = peer_environment(house.root / "home") | {"OPENAVAIL_PEERS": str(PEERS)}
    environment["LOW_KEY"] = house.agent("low", "read_freebusy,create_bookings")
    environment["HIGH_KEY"] = house.agent("high", ALL_PERMISSIONS)
    with serving(house.environment()) as url:
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
