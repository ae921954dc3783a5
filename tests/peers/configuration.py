"""A client's configuration for the public npm MCP server, with its command replaced by ours."""

import os

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
    assert len(listed["tools"]) == 17, said
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

    # A setting that this version can't serve is said, not ignored.
    remote = dict(settings, OPENAVAIL_BASE_URL="https://calendar.example.org")
    _, said = ask(remote, "tools/list", expect=1)
    assert "OPENAVAIL_BASE_URL" in said and "openavail serve" in said, said
    print("configuration: the public server's settings work")


main()
