#!/usr/bin/env python3
"""Every command's help ends with examples and exit codes, and each option says what it is for.

Usage: help_test.py BINARY. The commands come from the completion script, which is made from the
command tree itself.
"""

import re
import subprocess
import sys
import unittest

BINARY = sys.argv.pop()


def output(*arguments):
    return subprocess.run([BINARY, *arguments], capture_output=True, text=True, check=True).stdout


class Help(unittest.TestCase):
    def commands(self):
        found = re.findall(r'^    "([a-z -]*)"\) words=', output("completion", "bash"), re.M)
        self.assertGreater(len(found), 50)
        return [path.split() for path in found]

    def test_help_ends_with_examples_and_exit_codes(self):
        for path in self.commands():
            text = output(*path, "--help")
            self.assertRegex(
                text, r"(?s)\nExamples:\n  .*openavail .*\n\nExit codes: .*\S\n?\Z", path)
            codes = text[text.rindex("\nExit codes:"):]
            if path != ["completion"] and "subcommands" not in codes:
                self.assertRegex(codes, r"\b0 ", path)
            self.assertLessEqual(max(len(line) for line in codes.splitlines()), 100, path)

    def test_each_option_says_what_it_is_for(self):
        for line in output("completion", "fish").splitlines():
            self.assertNotRegex(line, r" -d ''$")

    def test_examples_use_options_that_the_command_has(self):
        for path in self.commands():
            text = output(*path, "--help")
            examples = re.search(r"(?s)\nExamples:\n(.*?)\n\nExit codes:", text)[1]
            for example in examples.splitlines():
                words = example.split("openavail ", 1)[1].split()
                command = [w for w in words[:2] if re.fullmatch("[a-z-]+", w)]
                while command and command not in self.commands():
                    command.pop()
                known = output(*command, "--help")
                for option in re.findall(r"(?<!\S)--[a-z-]+", example):
                    self.assertRegex(known, rf"(?<!\S){option}\b|Everywhere:.*{option}",
                                     f"{path}: {example}")


if __name__ == "__main__":
    unittest.main()
