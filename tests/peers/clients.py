"""The official TypeScript clients tour all tools: clients.py v1|v2-legacy|v2-auto|v2-modern."""

import json
import subprocess
import sys

from peer import BINARY, HERE, PEERS, node, peer_environment, world


def main():
    house, key = world()
    other = house.agent("assistant", "read_freebusy,create_bookings")
    environment = peer_environment(house.root / "home") | house.environment(key)
    environment |= {"OPENAVAIL_PEERS": str(PEERS), "OPENAVAIL_BINARY": BINARY,
                    "TOUR_CLIENT": sys.argv[1], "TOUR_OTHER_KEY": other}
    done = subprocess.run([node(), str(HERE / "clients.mjs")], env=environment, text=True,
                          capture_output=True, timeout=240, stdin=subprocess.DEVNULL)
    sys.stdout.write(done.stdout + done.stderr)
    if done.returncode != 0:
        sys.exit(1)
    # What the client was told stands in the calendar, and every decision is signed.
    titles = sorted(event[2] for event in house.busy_events())
    assert titles == json.loads(done.stdout.splitlines()[-1])["titles"], titles
    house.check_signatures()


main()
