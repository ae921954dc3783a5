"""Hostile input against the real binary, from outside. Usage: hostile.py BINARY [MODULE [NAME…]].

MODULE is one of the hostile_*.py beside this file, without "hostile_"; NAME selects cases by a part
of their names. After each case the database is whole, the audit log verifies and no file of ours is
left half written.
"""

import importlib
import pathlib
import sys
import unittest

from hostile_case import HostileCase


def main():
    HostileCase.binary = pathlib.Path(sys.argv[1]).resolve()
    here = pathlib.Path(__file__).parent
    names = sorted(path.stem for path in here.glob("hostile_*.py") if path.stem != "hostile_case")
    if len(sys.argv) > 2:
        names = ["hostile_" + sys.argv[2]]
    loader = unittest.TestLoader()
    if len(sys.argv) > 3:
        loader.testNamePatterns = [f"*{part}*" for part in sys.argv[3:]]
    suite = unittest.TestSuite()
    for name in names:
        suite.addTests(loader.loadTestsFromModule(importlib.import_module(name)))
    result = unittest.TextTestRunner(verbosity=2).run(suite)
    sys.exit(0 if result.wasSuccessful() and result.testsRun > 0 else 1)


if __name__ == "__main__":
    main()
