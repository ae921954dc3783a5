"""/openapi.json of a running server, judged by a validator that no one here wrote."""

import subprocess
import sys

from http_server import serving
from peer import HERE, PEERS, node, peer_environment, world


def main():
    house, key = world()
    with serving(house.environment(), command="serve") as url:
        environment = peer_environment(house.root / "home") | {
            "OPENAVAIL_PEERS": str(PEERS), "TOUR_URL": url.removesuffix("/mcp"), "KEY": key}
        done = subprocess.run([node(), str(HERE / "openapi.mjs")], text=True, timeout=240,
                              env=environment, capture_output=True, stdin=subprocess.DEVNULL)
    sys.stdout.write(done.stdout + done.stderr)
    sys.exit(done.returncode)


main()
