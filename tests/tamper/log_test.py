#!/usr/bin/env python3
"""A log that is rolled back, forked, or changed where it lies, against what was kept elsewhere.

usage: log_test.py BINARY. Both verifiers judge: `openavail audit` and scripts/verify_audit.py.
"""
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import unittest

BINARY = str(pathlib.Path(sys.argv.pop()).resolve())
SECOND = str(pathlib.Path(__file__).resolve().parents[2] / "scripts" / "verify_audit.py")


class Log:
    def __init__(self, folder):
        self.data = pathlib.Path(folder)

    def run(self, *arguments, expect=0):
        done = subprocess.run([BINARY, "--data-dir", str(self.data), *arguments], text=True,
                              capture_output=True, timeout=120,
                              env={"PATH": os.environ["PATH"], "HOME": str(self.data.parent)})
        if done.returncode != expect:
            raise AssertionError(f"{arguments}: exit {done.returncode}, not {expect}\n"
                                 f"{done.stdout}{done.stderr}")
        return done

    def add_rows(self, name, count=1):
        for i in range(count):
            self.run("classes", "add", f"{name}{i}", "--tier", "low", "--policy", "replaceable")

    def copy_to(self, folder):
        shutil.copytree(self.data, folder)
        return Log(folder)

    def save(self, path, *arguments):
        pathlib.Path(path).write_text(self.run(*arguments).stdout, encoding="utf-8")
        return str(path)


def second(*arguments, expect):
    done = subprocess.run([sys.executable, "-B", SECOND, *arguments], text=True,
                          capture_output=True, timeout=300)
    if done.returncode != expect:
        raise AssertionError(f"{arguments}: exit {done.returncode}, not {expect}\n"
                             f"{done.stdout}{done.stderr}")
    return done.stdout


class Tamper(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="openavail-tamper-")
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.log = Log(self.root / "data")
        self.log.run("init")
        self.log.add_rows("First", 3)
        self.pem = self.log.save(self.root / "key.pem", "audit", "public-key")
        self.witness = str(self.root / "witness")

    def both(self, log, what, **witness):
        """The log and an export of it, under both verifiers; `what` is found, or nothing."""
        expect = 20 if what else 0
        kept = ["--witness", witness.get("kept", self.witness)]
        judged = log.run("audit", "verify", *kept, "--public-key", self.pem, expect=expect)
        self.assertIn(what, judged.stderr)
        export = log.save(self.root / "export.jsonl", "audit", "export")
        judged = log.run("audit", "verify", export, *kept, "--public-key", self.pem, expect=expect)
        self.assertIn(what, judged.stderr)
        self.assertIn(what, second("verify", export, *kept, "--public-key", self.pem,
                                   expect=expect))

    def test_a_log_that_is_rolled_back_to_yesterday(self):
        yesterday = self.log.copy_to(self.root / "yesterday")
        self.log.add_rows("Today", 2)
        self.log.run("audit", "witness", "--to", self.witness)
        self.both(self.log, "")
        judged = yesterday.run("audit", "verify", "--witness", self.witness, expect=20)
        self.assertIn("the log was cut back", judged.stderr)
        export = yesterday.save(self.root / "export.jsonl", "audit", "export")
        for said in (yesterday.run("audit", "verify", export, "--witness", self.witness,
                                   expect=20).stderr,
                     second("verify", export, "--public-key", self.pem, "--witness", self.witness,
                            expect=20)):
            self.assertIn("the log was cut back", said)
        # It grows beyond what the witness has: then it is another log.
        yesterday.add_rows("Instead", 4)
        self.both(yesterday, "the log was rewritten")
        said = yesterday.run("audit", "witness", "--to", self.witness, expect=20)
        self.assertIn("does not begin with the older one", said.stderr)

    def test_two_forks_both_whole_and_signed(self):
        other = self.log.copy_to(self.root / "other")
        self.log.add_rows("Here", 3)
        other.add_rows("There", 3)
        notes = [log.save(self.root / f"note{i}", "audit", "checkpoint")
                 for i, log in enumerate([self.log, other])]
        for i, log in enumerate([self.log, other]):
            self.both(log, "", kept=notes[i])
            self.both(log, "the log was rewritten", kept=notes[1 - i])
            log.run("audit", "consistency", "--from", notes[i])
            log.run("audit", "consistency", "--from", notes[1 - i], expect=20)

    def test_consistency_is_proved_to_the_second_verifier_too(self):
        older = self.log.save(self.root / "older", "audit", "checkpoint")
        self.log.add_rows("Later", 5)
        proof = self.log.save(self.root / "proof.json", "audit", "consistency", "--from", older,
                              "--json")
        second("consistency", proof, "--public-key", self.pem, expect=0)
        changed = json.loads(pathlib.Path(proof).read_text(encoding="utf-8"))
        changed["consistency_proof"] = changed["consistency_proof"][::-1][1:]
        pathlib.Path(proof).write_text(json.dumps(changed), encoding="utf-8")
        second("consistency", proof, "--public-key", self.pem, expect=20)

    def test_receipts_prove_their_rows_to_both_without_the_log(self):
        for name in ("1", "3", "4"):
            receipt = self.log.save(self.root / "receipt.json", "audit", "prove", name)
            nobody = Log(self.root / "nobody")
            nobody.run("audit", "check", receipt, "--public-key", self.pem)
            second("check", receipt, "--public-key", self.pem, expect=0)
            text = pathlib.Path(receipt).read_text(encoding="utf-8")
            pathlib.Path(receipt).write_text(text.replace('"actor":"admin"', '"actor":"adnin"'),
                                             encoding="utf-8")
            nobody.run("audit", "check", receipt, "--public-key", self.pem, expect=20)
            second("check", receipt, "--public-key", self.pem, expect=20)

    def test_a_log_that_changed_its_key_goes_on(self):
        self.log.run("audit", "witness", "--to", self.witness)
        self.log.run("audit", "rotate-key")
        self.log.add_rows("After", 2)
        self.both(self.log, "")  # with the old public key alone
        self.log.run("audit", "consistency", "--from",
                     str(next(pathlib.Path(self.witness).iterdir())))
        self.log.run("audit", "witness", "--to", self.witness)
        keys = self.log.save(self.root / "keys.pem", "audit", "public-key")
        receipt = self.log.save(self.root / "receipt.json", "audit", "prove", "7")
        for verifier in (self.log.run, second):
            name = ("check",) if verifier is second else ("audit", "check")
            verifier(*name, receipt, "--public-key", keys, expect=0)
            verifier(*name, receipt, "--public-key", self.pem, expect=20)

    def test_a_database_whose_tail_was_cut_and_signed_anew(self):
        """Whoever has database and key can make a shorter log; the witness has the longer one."""
        self.log.add_rows("Today", 2)
        self.log.run("audit", "witness", "--to", self.witness)
        database = sqlite3.connect(self.log.data / "openavail.db")
        names = [row[0] for row in database.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'trigger' AND name LIKE 'audit_%'")]
        for name in names:
            database.execute(f"DROP TRIGGER {name}")
        database.execute("DELETE FROM audit_contents WHERE seq > 4")
        database.execute("DELETE FROM audit_leaves WHERE seq > 4")
        database.execute("DELETE FROM audit_checkpoints")
        database.commit()
        database.close()
        said = self.log.run("audit", "verify", "--witness", self.witness, expect=20).stderr
        self.assertIn("the log was cut back", said)
        self.assertIn("the tree is of 6 rows and there are 4", said)


if __name__ == "__main__":
    unittest.main()
