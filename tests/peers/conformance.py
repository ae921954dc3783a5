"""The official conformance suite: conformance.py fixtures|calendar REVISION.

fixtures: every scored scenario has to pass against the fixtures of the wire layer.
calendar: against the real server, what fails is what conformance/REVISION.yml lists with a reason,
no more and no less. The suite can send no key; a proxy brings one along.
"""

import contextlib
import os
import subprocess
import sys

from http_server import bringing_key, serving
from peer import HERE, PEERS, node, peer_environment, world


@contextlib.contextmanager
def calendar(house, key):
    with serving(house.environment()) as url, bringing_key(url, key) as open_url:
        yield open_url


def main():
    what, revision = sys.argv[1:]
    house, key = world()
    server = (serving({"PATH": os.environ["PATH"]}, "--conformance-fixtures")
              if what == "fixtures" else calendar(house, key))
    baseline = () if what == "fixtures" else (
        "--expected-failures", str(HERE / "conformance" / f"{revision}.yml"))
    suite = PEERS / "node_modules/@modelcontextprotocol/conformance/dist/index.js"
    with server as url:
        done = subprocess.run(
            [node(), str(suite), "server", "--url", url, "--requirements", revision, *baseline,
             "-o", str(house.root / "results")],
            env=peer_environment(house.root / "home"), text=True, capture_output=True, timeout=240,
            stdin=subprocess.DEVNULL)
    summary = done.stdout[done.stdout.find("=== SUMMARY ==="):]
    print(summary or done.stdout)
    assert done.returncode == 0, done.stderr + done.stdout
    # The suite judged something: a run that found no scenarios passes as well.
    assert summary.count("✓") + summary.count("✗") >= 30, done.stdout


main()
