"""Booking proposals when processes die amid an approval, calendars refuse and time passes.

However a proposal ends, what it said is gone from every file of the database, also while a server
has that database open.
"""

import datetime
import os
import shutil
import signal
import sqlite3
import subprocess
import threading

from hostile_case import HostileCase, meeting
from house import text_of
from served import Caller, Server

ASKED = {"meeting_class": "Regular", "duration_minutes": 30, "title": "secret title",
         "description": "secret words " * 900}  # more than a page of the database
PIECE = 32  # of sealed bytes; one of them left is too many
TRIES = 60


def hours(number):
    now = datetime.datetime.now(datetime.timezone.utc).replace(minute=0, second=0, microsecond=0)
    return text_of(now + datetime.timedelta(hours=number))


class ProposalCase(HostileCase):
    def setUp(self):
        super().setUp()
        self.asker = self.house.key("asker", "read_freebusy,create_booking_proposals")

    def propose(self, first=48, last=52):
        ran = self.call("create-booking-proposal",
                        {**ASKED, "requested_window": {"start": hours(first), "end": hours(last)}},
                        env=self.environment(OPENAVAIL_API_KEY=self.asker))
        self.assertEqual(ran.code, 0, ran)
        self.assertEqual(ran.body["status"], "pending_owner_decision")
        sealed = self.stored(ran.body["proposal_id"])["sealed_text"]
        self.assertGreater(len(sealed), len(ASKED["description"]))
        return ran.body["proposal_id"], sealed

    def read(self, proposal, tool="get-booking-proposal"):
        ran = self.call(tool, {"proposal_id": proposal},
                        env=self.environment(OPENAVAIL_API_KEY=self.asker))
        return ran.body

    def owner_says(self, what, proposal, *more):
        return self.house.attempt("proposals", what, proposal, *more)

    def stored(self, proposal):
        with sqlite3.connect(self.house.data / "openavail.db") as database:
            database.row_factory = sqlite3.Row
            row = database.execute("SELECT * FROM proposals WHERE id = ?", (proposal,)).fetchone()
        database.close()
        return row

    def assert_sealed(self, sealed):
        """Pieces are missing only where a page of the database ends."""
        self.assertGreater(self.left_of(sealed), 0.9 * (len(sealed) // PIECE))

    def left_of(self, sealed):
        """How many pieces of it stand in some file of the database."""
        files = b"".join(path.read_bytes() for path in self.house.data.glob("openavail.db*"))
        self.assertNotIn(b"secret", files)
        return sum(sealed[at:at + PIECE] in files
                   for at in range(0, len(sealed) - PIECE + 1, PIECE))

    def assert_ended(self, proposal, sealed, status):
        body = self.read(proposal)
        self.assertEqual(body["status"], status, body)
        self.assertEqual((body["title"], body["description"], body["attendees"]),
                         (None, None, []), body)
        self.assertIsNone(self.stored(proposal)["sealed_text"])
        self.assertEqual(self.left_of(sealed), 0, "of the sealed text")
        again = self.owner_says("approve", proposal)
        self.assertEqual(again.returncode, 5, again.stderr)
        self.assert_log(again.stderr, status)


class Ends(ProposalCase):
    def end(self, server):
        """Every end that needs no misfortune, with a server beside it or without."""
        for status, act in (
                ("booked", lambda p: self.owner_says("approve", p)),
                ("rejected", lambda p: self.owner_says("reject", p, "--note", "not now")),
                ("needs_new_window", lambda p: self.owner_says("ask-new-window", p)),
                ("withdrawn", lambda p: self.read(p, "withdraw-booking-proposal"))):
            with self.subTest(status=status, server=server):
                proposal, sealed = self.propose()
                self.assert_sealed(sealed)
                act(proposal)
                self.assert_ended(proposal, sealed, status)

    def test_by_themselves(self):
        self.end(server=False)

    def test_beside_a_server(self):
        with Server(self.house) as server:
            caller = Caller(server.port, self.asker)
            # The database has to be open, and its log be written to.
            self.assertEqual(caller.call("GET", "/v1/agent")[0], 200)
            self.end(server=True)
            proposal, sealed = self.propose()
            status, body = caller.call("POST", f"/v1/booking-proposals/{proposal}/withdraw")
            self.assertEqual((status, body["status"]), (200, "withdrawn"))
            self.assert_ended(proposal, sealed, "withdrawn")
            caller.close()
            server.end()

    def test_a_person_who_is_removed(self):
        proposal, sealed = self.propose()
        self.house.run("owners", "remove", self.owner)
        self.assertEqual(self.stored(proposal)["status"], "withdrawn")
        self.assertEqual(self.left_of(sealed), 0)


class Expiry(ProposalCase):
    def look(self, offset, *command):
        environment = self.environment(OPENAVAIL_API_KEY=self.asker,
                                       FAKETIME_DONT_FAKE_MONOTONIC="1", NO_FAKE_STAT="1")
        binary, self.house.binary = self.house.binary, "faketime"
        try:
            ran = self.house.attempt("-m", "-f", offset, binary, *command, env=environment)
        finally:
            self.house.binary = binary
        self.assertEqual(ran.returncode, 0, ran.stderr)

    def test_after_a_day(self):
        self.assertTrue(shutil.which("faketime"))
        proposal, sealed = self.propose(48, 52)
        self.look("+86300s", "proposals", "list")
        self.assertEqual(self.read(proposal)["status"], "pending_owner_decision")
        self.assert_sealed(sealed)
        self.look("+86500s", "proposals", "list")
        self.assert_ended(proposal, sealed, "expired")

    def test_at_the_end_of_the_window(self):
        proposal, sealed = self.propose(2, 4)
        now = datetime.datetime.now(datetime.timezone.utc)
        left = 4 * 3600 - now.minute * 60 - now.second
        self.look(f"+{left - 60}s", "proposals", "show", proposal)
        self.assertEqual(self.read(proposal)["status"], "pending_owner_decision")
        self.look(f"+{left + 60}s", "proposals", "show", proposal)
        self.assert_ended(proposal, sealed, "expired")

    def test_a_server_ends_it_without_being_asked(self):
        proposal, sealed = self.propose(48, 52)
        self.look("+86500s", "agents", "disable", "agent")  # a write moves the installation's time
        self.assertEqual(self.stored(proposal)["status"], "pending_owner_decision")
        with Server(self.house) as server:
            self.assertEqual(self.stored(proposal)["status"], "expired")
            self.assertEqual(self.left_of(sealed), 0)
            server.end()
        self.assert_ended(proposal, sealed, "expired")


class Refused(ProposalCase):
    as_nobody = True

    def test_the_calendar_takes_no_event(self):
        proposal, sealed = self.propose()
        self.calendar.chmod(0o555)
        try:
            ran = self.owner_says("approve", proposal)
        finally:
            self.calendar.chmod(0o777)
        self.assertEqual(ran.returncode, 13, ran.stderr)
        self.assert_ended(proposal, sealed, "failed")
        self.assertEqual(self.events(), [])
        second, sealed = self.propose()  # nothing is left taken
        self.assertEqual(self.owner_says("approve", second).returncode, 0)
        self.assert_ended(second, sealed, "booked")


class Killed(ProposalCase):
    """kill -9 of an approval between its two transactions. Where a try comes too early or too late
    the next one is made."""

    def tearDown(self):
        """What a killed process had begun to write goes with a later write, once it is old."""
        for path in self.calendar.glob(".openavail-*.tmp"):
            os.utime(path, (0, 0))
        self.assertEqual(self.call("create-event", meeting(9)).code, 0)
        super().tearDown()

    def caught(self, proposal):
        """A process that was stopped while it carried out the approval; None: it was missed."""
        process = subprocess.Popen([self.house.binary, "proposals", "approve", proposal],
                                   env=self.house.environment, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        database = sqlite3.connect(self.house.data / "openavail.db", isolation_level=None)
        try:
            while process.poll() is None:
                (status,), = database.execute("SELECT status FROM proposals WHERE id = ?",
                                              (proposal,))
                if status == "approved_executing":
                    process.send_signal(signal.SIGSTOP)
                    (status,), = database.execute("SELECT status FROM proposals WHERE id = ?",
                                                  (proposal,))
                    if status == "approved_executing":
                        return process
                    break
        finally:
            database.close()
        if process.poll() is None:
            process.send_signal(signal.SIGCONT)
        process.wait()
        return None

    def look(self, caller, proposal):
        """The status, or None where the stopped process holds what is needed to tell it."""
        found = []
        thread = threading.Thread(target=lambda: found.append(
            caller.call("GET", f"/v1/booking-proposals/{proposal}")))
        thread.start()
        thread.join(5)
        return thread, found

    def test_amid_an_approval(self):
        ends = set()
        with Server(self.house) as server:
            caller = Caller(server.port, self.asker)
            for number in range(TRIES):
                first = 48 + 5 * number
                proposal, sealed = self.propose(first, first + 4)
                process = self.caught(proposal)
                if process is None:
                    self.assert_ended(proposal, sealed, "booked")
                    continue
                thread, found = self.look(caller, proposal)
                if not thread.is_alive():
                    status, body = found[0]
                    self.assertEqual((status, body["status"]), (200, "approved_executing"), body)
                    self.assertEqual(body["title"], "secret title")
                process.kill()
                process.wait()
                thread.join()
                status, body = caller.call("GET", f"/v1/booking-proposals/{proposal}")
                self.assertEqual(status, 200, body)
                is_there = (self.calendar / f"{body['booking_id']}.ics").exists()
                self.assertEqual(body["status"], "booked" if is_there else "failed", body)
                self.assert_ended(proposal, sealed, body["status"])
                ends.add(body["status"])
                if number >= 9:
                    break
            caller.close()
            server.end()
        self.assertTrue(ends, f"no approval was caught in {TRIES} tries")

    def test_nobody_asks_before_the_next_server_starts(self):
        for number in range(TRIES):
            first = 48 + 5 * number
            proposal, sealed = self.propose(first, first + 4)
            process = self.caught(proposal)
            if process is None:
                continue
            process.kill()
            process.wait()
            self.assertEqual(self.stored(proposal)["status"], "approved_executing")
            with Server(self.house) as server:
                self.assertIn(self.stored(proposal)["status"], ("booked", "failed"))
                self.assertEqual(self.left_of(sealed), 0)
                server.end()
            return
        self.fail(f"no approval was caught in {TRIES} tries")
