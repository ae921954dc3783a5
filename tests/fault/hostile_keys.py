"""Keys and secrets that are wrong, damaged or somebody else's, and words that administrators
mistype.
"""

import concurrent.futures
import json
import os

from hostile_case import HostileCase, meeting, result_of
from house import House

LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def crc32_text(body):
    """The checksum of a key, by the published rule."""
    import binascii
    rest, text = binascii.crc32(body.encode()), ""
    for _ in range(6):
        rest, digit = divmod(rest, 62)
        text = LETTERS[digit] + text
    return text


class Keys(HostileCase):
    def with_key(self, key):
        return self.search(env=self.environment(OPENAVAIL_API_KEY=key))

    def test_wrong_keys_can_not_be_told_apart(self):
        (self.house.folder / "other").mkdir()
        other = House(str(self.binary), self.house.folder / "other", 1)
        foreign = other.key("agent")
        other.log.close()
        last = "0" if self.key[-1] != "0" else "1"
        secret = self.key[16:59]
        swapped = self.key[:16] + secret[::-1]
        unknown = "ak_" + "0" * 12 + "_" + secret
        answers = []
        for key in (self.key[:-1] + last, self.key[:-1], self.key + "0", self.key[3:], foreign, "x",
                    "ak_", "Bearer " + self.key, self.key.upper(), "x" * 100_000, "\u00e9" * 65,
                    self.key.replace("_", "-"), swapped + crc32_text(swapped),
                    unknown + crc32_text(unknown), "rc_" + self.key[3:]):
            with self.subTest(key=key[:70]):
                ran = self.with_key(key)
                self.assertEqual(ran.code, 4)
                self.assert_refused(ran.body, "unknown_api_key")
                self.assertNotIn(key, ran.err)
                answers.append(ran.body)
        self.assertTrue(all(body == answers[0] for body in answers), answers)
        self.assertEqual(crc32_text(self.key[:59]), self.key[59:])
        self.assertEqual(self.with_key(self.key).code, 0)

    def test_key_files_of_every_kind(self):
        where = self.house.folder / "key"
        self.assertEqual(self.house.attempt("search", "--key-file", str(where / "none")).returncode,
                         2)
        options = ("--class", "Regular", "--minutes", "30", "--from", "2031-03-04T09:00:00Z",
                   "--to",
                   "2031-03-04T17:00:00Z")
        os.mkdir(where)
        for path in (str(where), str(where / "none"), "/dev/zero", "/dev/null"):
            with self.subTest(path=path):
                ran = self.house.attempt("search", "--key-file", path, *options)
                self.assertEqual(ran.returncode, 3 if path.endswith("none") else 4)
                self.assert_log(ran.stderr, "openavail: ", "hint: ")
        ran = self.house.attempt("search", "--key-file", "-", *options,
                                 stdin=open("/dev/zero", "rb"))
        self.assertEqual(ran.returncode, 4)
        file = where / "right"
        file.write_text(self.key + "\r\nand more\n" + "x" * 10_000_000)
        self.assertEqual(self.house.attempt("search", "--key-file", str(file), *options).returncode,
                         0)

    def test_revoked_and_disabled(self):
        agent = self.client()
        self.assertFalse(agent.call("list-meeting-classes")[0])
        self.house.run("agents", "disable", "agent")
        self.assert_refused(agent.call("list-meeting-classes")[1], "agent_disabled")
        self.house.run("agents", "enable", "agent")
        self.assertFalse(agent.call("list-meeting-classes")[0])
        self.house.run("keys", "revoke", self.key[3:15])
        self.assert_refused(agent.call("list-meeting-classes")[1], "api_key_revoked")
        self.assert_refused(agent.call("create-event", **meeting(9))[1], "api_key_revoked")
        self.assertEqual(self.events(), [])

    def test_damaged_secrets(self):
        """Whichever file is damaged: nothing is decided, the operator learns which, doctor too."""
        for name in ("pepper", "signing_key.pem", "idempotency_secret"):
            path = self.house.data / name
            whole = path.read_bytes()
            kinds = {"gone": None, "empty": b"", "half": whole[:len(whole) // 2],
                     "binary": bytes(range(256)),
                     "huge": b"x" * 1_000_000, "open to all": whole,
                     "a folder": None}
            for kind, content in kinds.items():
                with self.subTest(name=name, kind=kind):
                    path.unlink()
                    if kind == "a folder":
                        path.mkdir(mode=0o700)
                    if content is not None:
                        path.write_bytes(content)
                        path.chmod(0o644 if kind == "open to all" else 0o600)
                    before = self.events()
                    ran = self.call("create-event", meeting(9, idempotency_key="once"))
                    self.assertEqual(ran.code, 1, ran)
                    self.assert_refused(ran.body, "INTERNAL")
                    self.assert_log(ran.err, name)
                    self.assertEqual(self.events(), before)
                    ran = self.house.attempt("doctor")
                    self.assertEqual(ran.returncode, 1)
                    self.assertIn(name, ran.stdout)
                if path.is_dir():
                    path.rmdir()
                path.unlink(missing_ok=True)
                path.write_bytes(whole)
                path.chmod(0o600)
        self.assertEqual(self.call("create-event", meeting(9)).code, 0)

    def test_a_damaged_database(self):
        path = self.house.data / "openavail.db"
        whole = path.read_bytes()
        for kind, content in (("garbage", b"x" * 100_000), ("half", whole[:len(whole) // 2]),
                              ("an empty file", b""),
                              ("another's", b"SQLite format 3\0" + b"\0" * 4096)):
            with self.subTest(kind=kind):
                path.write_bytes(content)
                ran = self.call("create-event", meeting(9))
                self.assertIn(ran.code, (1, 3))
                self.assertTrue(ran.body["error"]["next"])
                self.assertEqual(self.events(), [])
                self.assert_log(ran.err)
                ran = self.house.attempt("doctor")
                self.assertEqual(ran.returncode, 1)
            for left in self.house.data.glob("openavail.db-*"):
                left.unlink()
        path.write_bytes(whole)

    def test_one_idempotency_key_in_two_processes_at_once(self):
        first, second = self.client(), self.client()
        for number in range(40):
            arguments = meeting(9, day=f"2031-03-{4 + number % 20:02}",
                                idempotency_key=f"key {number}")
            if number >= 20:
                arguments.update(start=arguments["start"].replace("T09", "T12"),
                                 end=arguments["end"].replace("T09", "T12"))
            before = len(self.events())
            with concurrent.futures.ThreadPoolExecutor(2) as pool:
                tries = [pool.submit(client.call, "create-event", **arguments)
                         for client in (first, second)]
                answers = [one.result() for one in tries]
            made = [body["bookingId"] for is_error, body in answers if not is_error]
            self.assertTrue(made, answers)
            self.assertEqual(len(set(made)), 1, answers)
            for is_error, body in answers:
                if is_error:
                    self.assert_refused(body, "IDEMPOTENCY_IN_FLIGHT")
            self.assertEqual(len(self.events()), before + 1)
            again = first.call("create-event", **arguments)
            self.assertEqual((again[0], again[1]["bookingId"]), (False, made[0]))
            is_error, body = second.call("create-event", **{**arguments, "title": "another"})
            self.assertTrue(is_error)
            self.assert_refused(body, "IDEMPOTENCY_CONFLICT")

    def test_idempotency_keys_of_every_kind(self):
        agent = self.client()
        for number, key in enumerate(("x", "x" * 255, "a\u0000", "'; --", "\U0001F600" * 63, " ")):
            for _ in range(2):
                is_error, body = agent.call("create-event",
                                            **meeting(9 + number, idempotency_key=key))
                self.assertFalse(is_error, body)
        self.assertEqual(len(self.events()), 6)

    def test_words_of_administrators(self):
        """Bytes that are not UTF-8, control characters and numbers without end, on the command
        line.
        """
        evil = [b"\xff", b"a\xc3(", b"a\nb", b"a\x1b[31m", b"", b"x" * 100_000]
        commands = [("owners", "add", "@"),
                    ("agents", "register", "@", "--permissions", "read_events",
                                             "--owners", self.owner),
                    ("classes", "add", "@", "--tier", "low", "--policy", "protected"),
                    ("keys", "mint", "--agent", "agent", "--label", "@"),
                    ("rules", "set", "--owner", self.owner, "--hard-block", "Mon 12:00-13:00 @"),
                    ("agents", "update", "agent", "--name", "@"),
                    ("keys", "revoke", "@"), ("audit", "show", "@"), ("undo", "@"),
                    ("owners", "update", self.owner, "--timezone", "@"),
                    ("keys", "rotate", self.key[3:15], "--grace", "99999999999999999999d"),
                    ("keys", "rotate", self.key[3:15], "--grace", "-1d")]
        for command in commands:
            for word in evil:
                if word == b"" and {"--label", "--hard-block", "--timezone"} & set(command):
                    continue  # none is allowed there
                arguments = [os.fsencode(a).replace(b"@", word) if "@" in a and a != self.owner
                             else a
                             for a in command]
                if command[:2] == ("owners", "add"):
                    arguments[2] = word + b"@example.org"
                for form in ("table", "json"):
                    with self.subTest(arguments=str(arguments)[:120], form=form):
                        ran = self.house.attempt("--output", form, *arguments)
                        self.assertIn(ran.returncode, (2, 3),
                                      (ran.stdout[-300:], ran.stderr[-300:]))
                        self.assert_log(ran.stderr)
                        if form == "json":
                            self.assertTrue(json.loads(ran.stdout)["error"]["next"])
        is_error, _ = result_of(self.client().request("tools/call", {
            "name": "get-agent-context", "arguments": {}}))
        self.assertFalse(is_error)
