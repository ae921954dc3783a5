"""A client's configuration for the public npm MCP server, with its command replaced by ours."""

import os

from http_server import serving
from peer import BINARY, OWNER, configuration, inspector, peer_environment, world

TOOL_ERROR = 5


def main():
    house, key = world()
    home = house.root / "home"
    # What a client starts: a command of that name, and the data where it lies by default.
    (home / "bin").mkdir(parents=True)
    (home / "bin" / "openavail").symlink_to(BINARY)
    (home / ".local/share").mkdir(parents=True)
    house.data.rename(home / ".local/share/openavail")
    environment = peer_environment(home, f"{home}/bin{os.pathsep}{os.environ['PATH']}")
    settings = {"OPENAVAIL_API_KEY": key, "OPENAVAIL_OWNER_EMAIL": OWNER}

    def ask(settings, *arguments, expect=0):
        return inspector(environment, *configuration(home, "openavail", settings), "--method",
                         *arguments, expect=expect)

    listed, said = ask(settings, "tools/list")
    assert len(listed["tools"]) == 19, said
    found, said = ask(settings, "tools/call", "--tool-name", "list-calendars")
    assert found["structuredContent"]["calendars"][0]["calendar_type"] == "work", said

    # The default owner is used: one outside the key's scope is refused.
    elsewhere = dict(settings, OPENAVAIL_OWNER_EMAIL="nobody@example.org")
    _, said = ask(elsewhere, "tools/call", "--tool-name", "list-calendars", expect=TOOL_ERROR)
    assert "owner_scope_denied" in said, said

    # Without a key nothing is listed, and the instructions say why.
    hello, said = ask({}, "initialize")
    assert "OPENAVAIL_API_KEY" in hello["instructions"], said
    assert ask({}, "tools/list")[0]["tools"] == []

    # A server behind the command, without the data directory; one that is not there is named.
    nowhere = dict(settings, OPENAVAIL_BASE_URL="http://127.0.0.1:9", OPENAVAIL_DATA_DIR="/none")
    _, said = ask(nowhere, "tools/call", "--tool-name", "list-calendars", expect=TOOL_ERROR)
    assert "http://127.0.0.1:9" in said, said
    here = {"PATH": os.environ["PATH"], "OPENAVAIL_DATA_DIR": f"{home}/.local/share/openavail"}
    with serving(here, command="serve") as url:
        remote = dict(nowhere, OPENAVAIL_BASE_URL=url.removesuffix("/mcp"))
        listed, said = ask(remote, "tools/call", "--tool-name", "list-calendars")
        assert not listed["isError"], said
    print("configuration: the public server's settings work")


main()
