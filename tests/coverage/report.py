"""Lists the lines and branches that no test has taken; exit status 1 if there is one.

usage: report.py REPORT FOLDER…    REPORT: the JSON of llvm-cov export; FOLDERs of the source

Clang's own mapping is read, not that of gcov: it knows the conditions that are written in the
source, and none of those that a compiler adds for temporaries and exceptions. A condition inside a
macro (OA_TRY) counts where the macro is used. Always-on checks are left out, since nothing can
reach them; so is the way out of a switch over an enum past all its names, whose cases have lines of
their own.
"""

import collections
import json
import os
import pathlib
import re
import sys

ALWAYS_ON = re.compile(r"\b(OA_CHECK|check_failed)\(")
LEFT_OUT = re.compile(ALWAYS_ON.pattern + r"|\bswitch \(")
EXPANSION = 1  # kinds of llvm-cov's regions
CODE = 0


class Source:
    def __init__(self):
        self.lines = {}

    def line(self, path, number):
        if path not in self.lines:
            self.lines[path] = pathlib.Path(path).read_text(encoding="utf-8").split("\n")
        return self.lines[path][number - 1]


def places_of(function):
    """For each file of a function's regions: None where it is a file, else where it is used."""
    used_at = {}
    for region in function["regions"] + function["branches"]:
        if region[-1] == EXPANSION:
            used_at[region[6]] = (region[5], region[0], region[1])
    return used_at


def written_at(file, line, column, used_at):
    """Follows macros to where the outermost one is used."""
    while file in used_at:
        file, line, column = used_at[file]
    return file, line, column


def counts_of(functions, is_ours):
    """How often each region, and each way of each branch, was taken: by file and place."""
    regions, branches = collections.Counter(), collections.Counter()
    for function in functions:
        used_at = places_of(function)
        files = [os.path.normpath(name) for name in function["filenames"]]
        for start, column, _, _, count, file, _, kind in function["regions"]:
            if kind == CODE and file not in used_at and is_ours(files[file]):
                regions[files[file], start, column] += count
        for start, column, _, _, taken, not_taken, file, _, _ in function["branches"]:
            place = written_at(file, start, column, used_at)
            if not is_ours(files[place[0]]):
                continue
            inside = (start, column) if file in used_at else ()
            key = (files[place[0]], *place[1:], inside)
            branches[(*key, "true")] += taken
            branches[(*key, "false")] += not_taken
    return regions, branches


def main():
    report = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
    folders = [str(pathlib.Path.cwd() / folder) + "/" for folder in sys.argv[2:]]
    source = Source()
    regions, branches = counts_of(report["data"][0]["functions"],
                                  lambda path: path.startswith(tuple(folders)))
    for place in list(regions):
        if ALWAYS_ON.search(source.line(*place[:2])):
            del regions[place]
    for place in list(branches):
        if LEFT_OUT.search(source.line(*place[:2])):
            del branches[place]
    missing = [(*place, "never runs") for place, count in regions.items() if count == 0]
    missing += [(*place[:3], f"is never {place[-1]}")
                for place, count in branches.items() if count == 0]
    for path, line, column, what in sorted(missing):
        name = pathlib.Path(path).relative_to(pathlib.Path.cwd())
        print(f"{name}:{line}:{column} {what}: {source.line(path, line).strip()}")
    for folder in folders:
        inside = [count for (path, *_), count in branches.items() if path.startswith(folder)]
        if not inside:
            sys.exit(f"no branch was found in {folder}")
        print(f"{pathlib.Path(folder).relative_to(pathlib.Path.cwd())}: "
              f"{sum(count > 0 for count in inside)} of {len(inside)} branches")
    sys.exit(1 if missing else 0)


main()
