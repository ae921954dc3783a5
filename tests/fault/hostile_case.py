"""What each hostile case starts from, and what must hold when it is over."""

import collections
import json
import os
import pathlib
import re
import shutil
import sqlite3
import subprocess
import tempfile
import threading
import unittest

from house import Client, House

NOBODY = 65534
DAY = "2031-03-04"  # a Tuesday

Ran = collections.namedtuple("Ran", "code body err")
Exchange = collections.namedtuple("Exchange", "code answers err peak_mib")


def at(clock, day=DAY):
    return f"{day}T{clock}:00Z"


def meeting(hour, day=DAY, **changes):
    """Arguments of a create-event that is accepted."""
    return {"start": at(f"{hour:02}:00", day), "end": at(f"{hour:02}:30", day),
            "meeting_class": "Regular", "title": "hostile", **changes}


def rpc(method, params, number=1):
    return json.dumps({"jsonrpc": "2.0", "id": number, "method": method,
                       "params": params}).encode() + b"\n"


def tool_call(tool, arguments, number=1):
    return rpc("tools/call", {"name": tool, "arguments": arguments}, number)


def result_of(answer):
    """(is_error, object) of a tool's answer."""
    result = answer["result"]
    return result["isError"], json.loads(result["content"][0]["text"])


class HostileCase(unittest.TestCase):
    """A data directory with one owner and one agent that may do everything."""

    binary = None
    as_nobody = False  # root can write everywhere; modes bite only another user

    def setUp(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="openavail-hostile-"))
        self.addCleanup(shutil.rmtree, folder)
        binary = self.binary
        if self.as_nobody and os.geteuid() == 0:
            binary = self._binary_of_nobody(folder)
        self.house = House(str(binary), folder, 1)
        self.addCleanup(self.house.log.close)
        self.owner = self.house.owners[0]
        self.calendar = self.house.calendar(self.owner)
        self.key = self.house.key("agent")

    def _binary_of_nobody(self, folder):
        copy = folder / "openavail"
        shutil.copy(self.binary, copy)
        for path in (folder, copy):
            os.chown(path, NOBODY, NOBODY)
            path.chmod(0o755)
        script = folder / "as_nobody"
        script.write_text(f"#!/bin/sh\nexec setpriv --reuid={NOBODY} --regid={NOBODY} "
                          f'--clear-groups {copy} "$@"\n')
        script.chmod(0o755)
        # House makes the calendar's folder as the user that runs the test.
        self.addCleanup(os.umask, os.umask(0))
        (folder / "calendars").mkdir(mode=0o777)
        return script

    def tearDown(self):
        self.assert_whole()

    # --- doing things

    def environment(self, **more):
        return {**self.house.environment, "OPENAVAIL_API_KEY": self.key, **more}

    def call(self, tool, arguments, **options):
        """One tool through a process of its own."""
        options.setdefault("env", self.environment())
        ran = self.house.attempt("call", tool, "--input", json.dumps(arguments), **options)
        body = json.loads(ran.stdout) if ran.stdout else None
        return Ran(ran.returncode, body, ran.stderr)

    def search(self, **options):
        return self.call("search-availability",
                         {"duration_minutes": 30, "earliest_start": at("09:00"),
                          "latest_end": at("17:00"), "meeting_class": "Regular"}, **options)

    def client(self):
        client = Client(self.house, self.key)
        self.addCleanup(client.process.stdout.close)
        self.addCleanup(client.kill)
        return client

    def exchange(self, *raw, answers):
        """Writes bytes to an MCP process, waits for so many answers, then closes its input."""
        process = subprocess.Popen([self.house.binary, "mcp"], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   env=self.environment())

        def feed():
            for piece in raw:
                process.stdin.write(piece)
            process.stdin.flush()

        writer = threading.Thread(target=feed)
        writer.start()
        lines = [process.stdout.readline() for _ in range(answers)]
        writer.join()
        status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
        peak = int(re.search(r"VmHWM:\s+(\d+) kB", status).group(1)) // 1024
        process.stdin.close()
        lines += process.stdout.readlines()
        err = process.stderr.read().decode(errors="replace")
        process.stdout.close()
        process.stderr.close()
        self.assertEqual(len(lines), answers, lines)
        return Exchange(process.wait(timeout=60), [json.loads(line) for line in lines], err, peak)

    def snapshot(self):
        return {path.name: path.read_bytes() for path in self.calendar.iterdir() if path.is_file()}

    def events(self):
        return sorted(path.name for path in self.calendar.glob("*.ics"))

    # --- what must hold

    def assert_refused(self, body, code, *words):
        """An error that says what to do and gives away no path, no file and no marker."""
        error = body["error"]
        if isinstance(error, dict):  # the command line's form
            message, following, found = error["message"], error.get("next", ""), error["code"]
        else:
            message, following, found = body["message"], body.get("next", ""), error
        self.assertEqual(found, code, body)
        self.assertTrue(message, body)
        self.assertTrue(following, body)
        for word in words:
            self.assertIn(word, message)
        text = json.dumps(body)
        for secret in (str(self.house.folder), ".ics", ".openavail", "sqlite", self.key):
            self.assertNotIn(secret, text)

    def assert_log(self, err, *words):
        """Every line of the log is ours and plain, and some line holds each word."""
        for line in err.splitlines():
            self.assertRegex(line, r"^(openavail|hint): ")
        self.assertFalse(re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]", err),
                         err)
        for word in words:
            self.assertIn(word, err)

    def assert_whole(self):
        """The database is sound, the audit log verifies, no temporary file is left."""
        with sqlite3.connect(self.house.data / "openavail.db") as database:
            self.assertEqual(database.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
        database.close()
        rows = [line["row"] for line in self.house.verify()]
        self.assertEqual([row["seq"] for row in rows], list(range(1, len(rows) + 1)))
        self.assertEqual([row["timestamp"] for row in rows],
                         sorted(row["timestamp"] for row in rows))
        left = [path.name for path in self.house.data.iterdir()
                if path.name.startswith(".") or ".new-" in path.name]
        self.assertEqual(left, [])
        if self.calendar.is_dir():
            left = [path.name for path in self.calendar.iterdir() if path.name.endswith(".tmp")]
            self.assertEqual(left, [])
        return rows
