"""How source text has to look: lengths, spaces, marks of unfinished work, file comments."""

import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDERS = ("lib", "mcp", "cmd", "tests", "scripts", "schemas")
CODE = {".h", ".cc", ".py", ".sh", ".cmake", ".sql", ".txt", ""}
MAX_LINES = 600
MAX_COLUMNS = 100

# Spelled in parts, so that this file is not its own finding.
UNFINISHED = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
MACHINE_PATH = re.compile(r"(?<![\w.~-])/(home|work|root|Users)" + r"/\w")


def sources():
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and path.suffix in CODE and "__pycache__" not in path.parts:
                yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")


def long_lines(text):
    return [n for n, line in enumerate(text.splitlines(), 1) if len(line) > MAX_COLUMNS]


def trailing_space(text):
    return [n for n, line in enumerate(text.splitlines(), 1) if line != line.rstrip()]


class Text(unittest.TestCase):
    def found(self, problems):
        self.assertEqual(problems, [], "\n" + "\n".join(problems))

    def test_sources_are_found_at_all(self):
        self.assertGreater(len(list(sources())), 100)

    def test_no_file_is_longer_than_600_lines(self):
        self.found([f"{name}: {len(text.splitlines())} lines" for name, text in sources()
                    if len(text.splitlines()) > MAX_LINES])

    def test_no_line_is_longer_than_the_wall(self):
        self.found([f"{name}:{n}" for name, text in sources() for n in long_lines(text)])

    def test_no_line_ends_in_space(self):
        self.found([f"{name}:{n}" for name, text in sources() for n in trailing_space(text)])

    def test_nothing_is_marked_unfinished(self):
        self.found([name for name, text in sources() if UNFINISHED.search(text)])

    def test_no_path_of_somebodys_machine(self):
        self.found([f"{name}: {MACHINE_PATH.search(text).group()}" for name, text in sources()
                    if MACHINE_PATH.search(text)])

    def test_every_header_starts_with_what_it_is_for(self):
        self.found([name for name, text in sources()
                    if name.endswith(".h") and not text.startswith("//")])

    def test_the_checks_themselves_find_a_bad_line(self):
        self.assertEqual(long_lines("a\n" + "b" * 101 + "\n"), [2])
        self.assertEqual(trailing_space("a\nb \n"), [2])
        self.assertTrue(UNFINISHED.search("// TO" + "DO later"))
        self.assertTrue(MACHINE_PATH.search('"/home' + '/me/x"'))


if __name__ == "__main__":
    unittest.main()
