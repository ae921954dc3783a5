#!/usr/bin/env python3
"""Runs one script of command lines and expectations against the binary.

Usage: run_script.py BINARY SCRIPT. One step a line, in an empty folder of its own ($WORK):

    openavail ARGS…        must end with exit code 0
    ! openavail ARGS…      must end with another one
    [5] openavail ARGS…    must end with exactly this one
    sh 'COMMAND'           the same three forms; openavail is on the PATH
    stdout 'REGEX'         the last command's output matches somewhere; `! stdout` must not
    stderr 'REGEX'         the same for its errors
    empty stdout|stderr    nothing was written there
    save FILE              keeps the last standard output as FILE
    capture NAME 'REGEX'   $NAME is the first group found in the last standard output
    env NAME=VALUE         for the commands behind it; `env NAME=` takes it away
    # …                    a comment

A line that ends in a backslash goes on in the next one. $NAME is replaced everywhere but in
patterns. $DAY is a Tuesday a week or more from now.
"""

import datetime
import os
import pathlib
import re
import shlex
import string
import subprocess
import sys
import tempfile

WAIT_SECONDS = 30


class Failure(Exception):
    pass


class Script:
    def __init__(self, binary, work):
        today = datetime.datetime.now(datetime.timezone.utc).date() + datetime.timedelta(days=7)
        day = today + datetime.timedelta(days=(1 - today.weekday()) % 7)
        self.work = work
        self.out = self.err = ""
        self.names = {"WORK": str(work), "DAY": day.isoformat()}
        commands = work / ".commands"
        commands.mkdir()
        (commands / "openavail").symlink_to(pathlib.Path(binary).resolve())
        self.environment = {"PATH": f"{commands}:{os.environ.get('PATH', '/usr/bin:/bin')}",
                            "HOME": str(work), "OPENAVAIL_DATA_DIR": str(work / "data")}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"):
            if name in os.environ:
                self.environment[name] = os.environ[name]

    def step(self, line):
        expected, negated = 0, False
        if line.startswith("! "):
            negated, line = True, line[2:].lstrip()
        elif match := re.match(r"\[(\d+)\]\s+", line):
            expected, line = int(match[1]), line[match.end():]
        word, *arguments = shlex.split(line)
        if word not in ("stdout", "stderr", "capture"):
            arguments = [string.Template(a).safe_substitute(self.names) for a in arguments]
        if word in ("openavail", "sh"):
            self.run(["sh", "-c", arguments[0]] if word == "sh" else [word, *arguments],
                     expected, negated)
        elif word in ("stdout", "stderr"):
            text = self.out if word == "stdout" else self.err
            if bool(re.search(arguments[0], text, re.M)) == negated:
                raise Failure(f"{word} {'matches' if negated else 'does not match'}")
        elif word == "empty":
            if (self.out if arguments[0] == "stdout" else self.err) != "":
                raise Failure(f"{arguments[0]} is not empty")
        elif word == "save":
            (self.work / arguments[0]).write_text(self.out, encoding="utf-8")
        elif word == "capture":
            match = re.search(arguments[1], self.out, re.M)
            if match is None:
                raise Failure("nothing to capture")
            self.names[arguments[0]] = match[1]
        elif word == "env":
            name, _, value = arguments[0].partition("=")
            self.environment.pop(name, None)
            if value:
                self.environment[name] = value
        else:
            raise Failure(f"no such word: {word}")

    def run(self, command, expected, negated):
        done = subprocess.run(command, cwd=self.work, env=self.environment, timeout=WAIT_SECONDS,
                              stdin=subprocess.DEVNULL, capture_output=True, check=False)
        self.out = done.stdout.decode("utf-8", "replace")
        self.err = done.stderr.decode("utf-8", "replace")
        if negated and done.returncode == 0:
            raise Failure("it succeeded")
        if negated and done.returncode < 0:
            raise Failure(f"it died of signal {-done.returncode}")
        if not negated and done.returncode != expected:
            raise Failure(f"exit code {done.returncode}, not {expected}")


def steps_of(lines):
    """Number and text of each step, with the lines that it goes on in."""
    first, begun = 0, ""
    for number, line in enumerate(lines, 1):
        line = line.strip()
        if not begun and (not line or line.startswith("#")):
            continue
        first = first if begun else number
        if line.endswith("\\"):
            begun += line[:-1]
            continue
        yield first, begun + line
        begun = ""
    if begun:
        yield first, begun


def run_script(binary, path):
    """None, or what went wrong."""
    with tempfile.TemporaryDirectory(prefix="openavail-cli-") as folder:
        script = Script(binary, pathlib.Path(folder))
        lines = pathlib.Path(path).read_text(encoding="utf-8").splitlines()
        steps = list(steps_of(lines))
        if not steps:
            return f"{path}: no steps"
        for number, line in steps:
            try:
                script.step(line)
            except (Failure, ValueError, IndexError, subprocess.TimeoutExpired) as problem:
                return (f"{path}:{number}: {line}\n{problem}\n"
                        f"--- stdout\n{script.out}--- stderr\n{script.err}")
    return None


if __name__ == "__main__":
    wrong = run_script(sys.argv[1], sys.argv[2])
    if wrong is not None:
        sys.exit(wrong)
