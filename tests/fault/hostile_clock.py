"""A clock that is set forward and back. The installation's time never goes back: nothing lives
longer for it, nothing comes to life again, no row stands before an earlier one.
"""

import datetime
import shutil

from hostile_case import HostileCase, at, meeting

SLOT = {"start": at("09:00"), "end": at("09:30")}
HOLD = {"meeting_class": "Regular", "hold_scope": "candidate", "candidate": SLOT}


def instant(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


class Clock(HostileCase):
    def setUp(self):
        self.assertTrue(shutil.which("faketime"),
                        "install the packages of scripts/debian-packages.txt")
        super().setUp()

    def at_offset(self, offset, *command, key=None):
        """One command in a process whose wall clock is off by `offset`, as "-1d" or "+10m"."""
        environment = self.environment(FAKETIME_DONT_FAKE_MONOTONIC="1", NO_FAKE_STAT="1")
        if key:
            environment["OPENAVAIL_API_KEY"] = key
        binary, self.house.binary = self.house.binary, "faketime"
        try:
            ran = self.house.attempt("-m", "-f", offset, binary, *command, env=environment)
        finally:
            self.house.binary = binary
        self.assert_log(ran.stderr if ran.returncode else "")
        self.assertNotIn("sqlite", ran.stderr)
        return ran

    def tool_at(self, offset, tool, arguments, **options):
        import json
        ran = self.at_offset(offset, "call", tool, "--input", json.dumps(arguments), **options)
        return ran.returncode, json.loads(ran.stdout)

    def test_the_tool_does_what_it_says(self):
        code, body = self.tool_at("+1000d", "create-hold", HOLD)
        self.assertEqual(code, 0, body)
        now = datetime.datetime.now(datetime.timezone.utc)
        self.assertGreater(instant(body["expires_at"]), now + datetime.timedelta(days=999))

    def test_set_back_a_hold_is_not_extended(self):
        code, made = self.tool_at("+0", "create-hold", {**HOLD, "idempotency_key": "once"})
        self.assertEqual(code, 0, made)
        for offset in ("-1h", "-1d", "-3000d"):
            code, again = self.tool_at(offset, "create-hold", {**HOLD, "idempotency_key": "once"})
            self.assertEqual(code, 0, again)
            self.assertEqual(again["hold_id"], made["hold_id"])
            self.assertEqual(again["expires_at"], made["expires_at"])
            self.assertLessEqual(again["expires_in_seconds"], 300)
            # Nobody else gets it meanwhile.
            code, body = self.tool_at(offset, "create-event", meeting(9))
            self.assertEqual(body["error"]["code"], "ARBITRATION_REJECTED")

    def test_forward_and_back_a_hold_stays_over(self):
        code, made = self.tool_at("+0", "create-hold", HOLD)
        confirm = {"hold_id": made["hold_id"], "title": "x", **SLOT}
        code, body = self.tool_at("+10m", "confirm-hold", confirm)
        self.assertEqual(body["error"]["code"], "HOLD_EXPIRED", body)
        for offset in ("+0", "-1d"):
            code, body = self.tool_at(offset, "confirm-hold", confirm)
            self.assertEqual(body["error"]["code"], "HOLD_EXPIRED", body)
        self.assertEqual(self.events(), [])
        code, body = self.tool_at("-1d", "create-event", meeting(9))
        self.assertEqual(code, 0, body)

    def test_rows_keep_their_order(self):
        for offset in ("+0", "+2d", "-2d", "+1d", "+3d", "-3000d", "+0"):
            self.tool_at(offset, "list-meeting-classes", {})
            self.tool_at(offset, "create-hold", HOLD)
        rows = self.assert_whole()  # in order of seq, timestamps never fall
        last = instant(rows[-1]["timestamp"])
        now = datetime.datetime.now(datetime.timezone.utc)
        self.assertGreater(last, now + datetime.timedelta(days=2, hours=23))
        # A listing of a span finds them by the installation's time.
        listed = self.house.run("--json", "audit", "list", "--since",
                                (now + datetime.timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ"))
        self.assertIn(rows[-1]["decision_id"], listed)

    def test_a_grace_is_not_revived(self):
        ran = self.at_offset("+0", "keys", "rotate", self.key[3:15], "--grace", "1h")
        self.assertEqual(ran.returncode, 0, ran.stderr)
        code, _ = self.tool_at("+30m", "list-meeting-classes", {})
        self.assertEqual(code, 0)
        code, body = self.tool_at("+2h", "list-meeting-classes", {})
        self.assertEqual(body["error"]["code"], "api_key_revoked")
        for offset in ("+0", "-1d"):
            code, body = self.tool_at(offset, "list-meeting-classes", {})
            self.assertEqual(body["error"]["code"], "api_key_revoked", offset)
        code, _ = self.tool_at("+0", "list-meeting-classes", {}, key=ran.stdout.strip())
        self.assertEqual(code, 0)

    def test_a_grace_is_not_lengthened_by_a_clock_set_back(self):
        self.tool_at("+1d", "list-meeting-classes", {})
        ran = self.at_offset("-1d", "keys", "rotate", self.key[3:15], "--grace", "1h")
        self.assertEqual(ran.returncode, 0, ran.stderr)
        code, body = self.tool_at("+26h", "list-meeting-classes", {})
        self.assertEqual(body["error"]["code"], "api_key_revoked")

    def test_what_was_past_stays_past(self):
        self.tool_at("+3000d", "create-hold", HOLD)  # 2035: the slot is over
        code, body = self.tool_at("+0", "create-event", meeting(9))
        self.assertEqual(body["error"]["code"], "PAST_TIME")
        later = meeting(9, day="2040-03-04")
        code, body = self.tool_at("-3000d", "create-event", later)
        self.assertEqual(code, 0, body)

    def test_a_server_whose_clock_is_behind_the_others(self):
        agent = self.client()
        is_error, made = agent.call("create-hold", **HOLD)
        self.assertFalse(is_error, made)
        self.tool_at("+10m", "list-meeting-classes", {})  # another process, whose clock is ahead
        is_error, body = agent.call("confirm-hold", hold_id=made["holdId"], title="x", **SLOT)
        self.assertTrue(is_error)
        self.assert_refused(body, "HOLD_EXPIRED")
        is_error, body = agent.call("create-event", **meeting(9))
        self.assertFalse(is_error, body)

    def test_a_repeat_is_known_for_its_day_and_no_longer(self):
        arguments = meeting(9, idempotency_key="once")
        code, first = self.tool_at("+0", "create-event", arguments)
        self.assertEqual(code, 0, first)
        for offset in ("-1d", "+23h", "-3000d"):
            code, again = self.tool_at(offset, "create-event", arguments)
            self.assertEqual((code, again["booking_id"]), (0, first["booking_id"]))
        code, body = self.tool_at("+25h", "create-event", arguments)
        self.assertEqual(body["error"]["code"], "ARBITRATION_REJECTED")
