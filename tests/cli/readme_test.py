#!/usr/bin/env python3
"""What the README says to type is typed as it stands, and what it shows is compared.

Usage: readme_test.py BINARY. Blocks marked `sh` run in order in one shell, in an empty home folder;
a `text` block behind one is its output, but for numbers, ids and widths. The `json` block is the
configuration of an MCP client.
"""

import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHOWN_HOME = "/" + "home/jane"
README = (ROOT / "README.md").read_text(encoding="utf-8")
BINARY = pathlib.Path(sys.argv.pop()).resolve()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README, re.M | re.S)


def blocks(kind):
    return [text for found, text in BLOCKS if found == kind]


def leveled(text):
    """The text without what differs from run to run."""
    text = re.sub(r"\b(own|cal|agt|dec)_\w{22}\b", r"\1_ID", text)
    text = re.sub(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "UUID", text)
    text = re.sub(r"(key ref: +)\w{12}$", r"\1REF", text, flags=re.M)
    text = re.sub(r"\d+", "N", text)
    return [re.sub(r" +", " ", line) for line in text.splitlines()]


class Readme(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="openavail-readme-")
        self.addCleanup(folder.cleanup)
        self.home = pathlib.Path(folder.name)
        commands = self.home / "bin"
        commands.mkdir()
        (commands / "openavail").symlink_to(BINARY)
        self.environment = {"HOME": str(self.home),
                            "PATH": f"{commands}:{os.environ.get('PATH', '/usr/bin:/bin')}"}

    def shell(self, text, status=0):
        done = subprocess.run(["bash", "-c", text], cwd=self.home, env=self.environment, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=False,
                              stderr=subprocess.STDOUT, timeout=60)
        self.assertEqual(done.returncode, status, done.stdout)
        return done.stdout.replace(str(self.home), SHOWN_HOME)

    def test_the_set_up_is_ten_lines_and_answers_as_shown(self):
        self.assertEqual([kind for kind, _ in BLOCKS],
                         ["console", "sh", "text", "json", "bash", "sh", "console"])
        setup, _ = blocks("sh")
        self.assertLessEqual(len(setup.splitlines()), 10)
        self.assertEqual(leveled(self.shell("set -e\n" + setup)), leveled(blocks("text")[0]))
        self.assertEqual(len(list((self.home / "calendars" / "work").glob("*.ics"))), 1)
        self.shell("openavail doctor")
        again = "book --class Regular --title Again --start ${day}T09:00:00Z --end ${day}T09:30:00Z"
        export = next(line for line in setup.splitlines() if line.startswith("export"))
        self.shell(f"{export}\nopenavail {again}", status=11)

    def test_the_client_configuration_starts_a_server(self):
        setup, _ = blocks("sh")
        self.shell("set -e\n" + setup)
        server = json.loads(blocks("json")[0])["mcpServers"]["openavail"]
        self.assertEqual(server["env"]["OPENAVAIL_API_KEY"], "ak_…")
        server["env"]["OPENAVAIL_API_KEY"] = (self.home / "bot.key").read_text().strip()
        call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call",
                "params": {"name": "get-agent-context", "arguments": {}}}
        done = subprocess.run([server["command"], *server["args"]], text=True, check=True,
                              env=self.environment | server["env"], input=json.dumps(call) + "\n",
                              stdout=subprocess.PIPE, timeout=60)
        result = json.loads(done.stdout)["result"]
        self.assertFalse(result["isError"], result)
        self.assertEqual(result["structuredContent"]["agent"]["name"], "bot")

    def test_the_nightly_export_has_each_row_once_and_stops_at_a_gap(self):
        setup, nightly = blocks("sh")
        self.shell("set -e\n" + setup)
        for _ in range(3):
            self.shell(nightly)
        seqs = []
        files = sorted(self.home.glob("audit-*.jsonl"), key=lambda f: int(f.stem.split("-")[1]))
        self.assertEqual(len(files), 3)
        for file in files:
            lines = [json.loads(line) for line in file.read_text().splitlines()]
            seqs += [line["row"]["seq"] for line in lines if "row" in line]
            self.assertIn("checkpoint", lines[-1])
        self.assertEqual(seqs, list(range(1, len(seqs) + 1)))
        # Somebody takes a row away between the export and its verification.
        before = (self.home / "last_seq").read_text()
        self.shell("openavail owners add john@example.org")
        cut = nightly.replace('openavail audit verify', 'sed -i 2d "audit-$last.jsonl"\n'
                              'openavail audit verify', 1)
        self.assertIn("is missing before this one", self.shell(cut, status=20))
        self.assertEqual((self.home / "last_seq").read_text(), before)

    def test_a_decision_can_be_proved(self):
        setup, nightly = blocks("sh")
        self.shell("set -e\n" + setup + nightly)
        said = self.shell("set -e\n" + blocks("console")[1])
        self.assertRegex(said, r"(?m)^consistent: +yes$")
        self.assertRegex(said, r"(?m)^warnings: +0$")

    def test_the_server_answers(self):
        setup, _ = blocks("sh")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = str(free.getsockname()[1])
        (served,) = blocks("bash")
        said = self.shell(f"set -e\n{setup}\n{served.replace('8443', port)}\n"
                          "echo; kill %1; wait %1; echo ended $?")
        self.assertIn('"meeting_classes":', said)
        self.assertIn("ended 0", said)

    def test_the_two_commands_are_there(self):
        for line in blocks("console")[0].splitlines():
            self.assertTrue(os.access(ROOT / line.split()[0], os.X_OK), line)

    def test_each_setting_has_its_line(self):
        schema = json.loads((ROOT / "schemas" / "config.json").read_text())
        count = 0
        for section, inner in schema["properties"].items():
            for name, setting in inner["properties"].items():
                self.assertIn(f"| `{section}.{name}` | `{setting['environment']}` |", README)
                count += 1
        self.assertEqual(len(re.findall(r"^\| `\w+\.\w+` \| `OPENAVAIL_", README, re.M)), count)

    def test_links_lead_somewhere(self):
        for target in re.findall(r"\]\(([^)#:]+)\)", README):
            self.assertTrue((ROOT / target).exists(), target)
        for place in re.findall(r"^\| `([\w/]+)` \|", README, re.M):
            self.assertTrue((ROOT / place).is_dir(), place)


if __name__ == "__main__":
    unittest.main()
