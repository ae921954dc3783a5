#!/usr/bin/env python3
"""The runner itself: a script that expects something false must fail."""

import pathlib
import tempfile
import unittest

from run_script import run_script


class Runner(unittest.TestCase):
    def outcome(self, *lines):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "script"
            path.write_text("\n".join(lines), encoding="utf-8")
            return run_script("/bin/echo", path)

    def test_true_expectations_pass(self):
        self.assertIsNone(self.outcome(
            "# a comment", "openavail one two", "stdout '^one two$'", "! stdout three",
            "empty stderr", "capture X '(t.o)'", "openavail $X", "stdout '^two$'",
            "[3] sh 'exit 3'", "! sh false", "save kept", "env A=b", "sh 'test \"$$A\" = b'",
            "openavail one \\", "two", "stdout '^one two$'"))

    def test_each_false_expectation_fails(self):
        for lines in (["sh false"], ["! sh true"], ["[3] sh 'exit 4'"], ["! sh 'kill -9 $$$$'"],
                      ["openavail a", "stdout b"], ["openavail a", "! stdout a"],
                      ["openavail a", "empty stdout"], ["openavail a", "capture X '(b)'"],
                      ["sh 'echo a >&2'", "stderr b"], ["nonsense"], ["# nothing"]):
            self.assertIsNotNone(self.outcome(*lines), lines)


if __name__ == "__main__":
    unittest.main()
