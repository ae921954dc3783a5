"""The official Inspector's command line in both eras: inspector.py [http]."""

import json
import sys

from http_server import serving
from peer import BINARY, configuration, inspector, peer_environment, world

# One day for each way to open the conversation; auto finds the modern era by itself.
DAYS = {"legacy": "2031-01-06", "modern": "2031-01-07", "auto": "2031-01-08"}
AUTHENTICATION = 3
TOOL_ERROR = 5


def over_http(environment, url, key):
    """The words that reach the server, after one look at what it says without a key."""
    server = (url, "--transport", "http")
    _, said = inspector(environment, *server, "--stored-auth-only", "--method", "tools/list",
                        expect=AUTHENTICATION)
    return (*server, "--header", f"Authorization: Bearer {key}")


def main():
    house, key = world()
    environment = peer_environment(house.root / "home")
    if sys.argv[1:] == ["http"]:
        with serving(house.environment()) as url:
            look_around(house, environment, over_http(environment, url, key))
    else:
        look_around(house, environment, configuration(house.root, BINARY, house.environment(key)))
    print("inspector: both eras, strict lint clean")


def look_around(house, environment, server):
    def ask(era, method, *arguments, expect=0):
        return inspector(environment, *server, "--protocol-era", era, "--method", method,
                         *arguments, expect=expect)

    def call(era, tool, expect=0, **arguments):
        return ask(era, "tools/call", "--tool-name", tool,
                   "--tool-args-json", json.dumps(arguments), expect=expect)

    for era, day in DAYS.items():
        hello, said = ask(era, "initialize")
        assert hello["serverInfo"]["name"] == "openavail", said
        assert "get-agent-context" in hello["instructions"], said
        assert hello["protocolVersion"] == ("2025-11-25" if era == "legacy" else "2026-07-28"), said

        # The portability lint finds nothing at all, not even what it would let pass.
        listed, said = ask(era, "tools/list", "--strict")
        assert len(listed["tools"]) == 19, said
        assert "Warning:" not in said and "Error:" not in said, said

        context, said = call(era, "get-agent-context")
        assert context["structuredContent"]["agent"]["name"] == "planner", said
        booking = {"meeting_class": "Regular", "title": "Seen by the Inspector",
                   "start": f"{day}T09:00:00Z", "end": f"{day}T09:30:00Z"}
        booked, said = call(era, "create-event", **booking)
        assert booked["structuredContent"]["status"] == "committed", said
        found, said = call(era, "search-events", q="inspector", timeMin=f"{day}T00:00:00Z",
                           timeMax=f"{day}T23:00:00Z")
        assert len(found["structuredContent"]["bookings"]) == 1, said

        # A refusal and an unknown tool both end with the Inspector's code for a tool's error.
        _, said = call(era, "create-event", expect=TOOL_ERROR, **booking)
        assert "ARBITRATION_REJECTED" in said and "alternatives" in said, said
        call(era, "no-such-tool", expect=TOOL_ERROR)

    booked = sorted(event[0][:8] for event in house.busy_events())
    assert booked == sorted(day.replace("-", "") for day in DAYS.values()), booked


main()
