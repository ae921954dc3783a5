"""The official TypeScript clients take the tour of all tools.

clients.py v1|v2-legacy|v2-auto|v2-modern [http|remote]: over standard input and output, over HTTP,
or through mcp-remote.
"""

import contextlib
import json
import subprocess
import sys

from http_server import serving
from peer import BINARY, HERE, PEERS, node, peer_environment, world


def main():
    house, key = world()
    other = house.agent("assistant", "read_freebusy,create_bookings")
    environment = peer_environment(house.root / "home") | house.environment(key)
    environment |= {"OPENAVAIL_PEERS": str(PEERS), "OPENAVAIL_BINARY": BINARY,
                    "TOUR_CLIENT": sys.argv[1], "TOUR_OTHER_KEY": other}
    way = sys.argv[2] if len(sys.argv) > 2 else "stdio"
    with contextlib.nullcontext() if way == "stdio" else serving(house.environment()) as url:
        environment |= {"TOUR_URL": url} if url else {}
        environment |= {"TOUR_REMOTE": "1"} if way == "remote" else {}
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
