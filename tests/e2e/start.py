"""What an agent's client pays for a process it starts: nothing is opened, and little held, until a
key is checked. Times are measured by tests/bench, not here."""

import json
import os
import pathlib
import re
import subprocess
import tempfile

BINARY = os.environ["OPENAVAIL_BINARY"]
MEMORY_KIB_MAX = 20 * 1024
# Every further shared library costs each start; others are linked in (scripts/cmake/rooms.cmake).
SHARED_LIBRARIES = {"libc", "libdate-tz", "libgcc_s", "libm", "libstdc++", "ld-linux-x86-64",
                    "ld-linux-aarch64", "libpthread", "libdl"}
MODERN = {"_meta": {"io.modelcontextprotocol/protocolVersion": "2026-07-28",
                    "io.modelcontextprotocol/clientCapabilities": {}}}
LEGACY = {"protocolVersion": "2025-11-25", "capabilities": {},
          "clientInfo": {"name": "start", "version": "1"}}


def main():
    data = pathlib.Path(tempfile.mkdtemp(prefix="openavail-test-")) / "data"
    environment = {"PATH": os.environ["PATH"], "OPENAVAIL_DATA_DIR": str(data),
                   "OPENAVAIL_API_KEY": "unchecked"}
    server = subprocess.Popen([BINARY, "mcp"], env=environment, stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True)
    requests = [("server/discover", MODERN), ("initialize", LEGACY), ("tools/list", {}),
                ("tools/list", MODERN)]
    for number, (method, parameters) in enumerate(requests):
        server.stdin.write(json.dumps({"jsonrpc": "2.0", "id": number, "method": method,
                                       "params": parameters}) + "\n")
        server.stdin.flush()
        assert "result" in json.loads(server.stdout.readline()), method
    status = pathlib.Path(f"/proc/{server.pid}/status").read_text()
    held = int(re.search(r"VmHWM:\s+(\d+) kB", status).group(1))
    threads = int(re.search(r"Threads:\s+(\d+)", status).group(1))
    server.stdin.close()
    assert server.wait(timeout=30) == 0
    assert held < MEMORY_KIB_MAX, f"{held} KiB held before any key was checked"
    assert threads == 1, f"{threads} threads before any call"
    assert not data.exists(), "listing tools made a data directory"

    dynamic = subprocess.run(["readelf", "--dynamic", BINARY], text=True, capture_output=True,
                             check=True)
    needed = set(re.findall(r"\(NEEDED\).*\[(.+?)\.so", dynamic.stdout))
    assert needed and needed <= SHARED_LIBRARIES, f"new libraries: {needed - SHARED_LIBRARIES}"
    print(f"{held} KiB held, shared libraries: {', '.join(sorted(needed))}")


main()
