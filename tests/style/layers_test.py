"""That scripts/check_layers finds what it is there to find, in small trees made for it."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]

ROWS = """
openavail_room(base)
openavail_room(time USES base LINKS date::date-tz)
openavail_room(crypto USES base)
openavail_room(store/sqlite USES base
               time)
openavail_room(transport USES base)
openavail_room(transport/httplib MODULE IMPLEMENTS transport USES base LINKS ssl)
"""


def findings(files, rows=ROWS):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        (root / "CMakeLists.txt").write_text(rows)
        for name, text in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        ran = subprocess.run([sys.executable, str(ROOT / "scripts/check_layers"), folder],
                             capture_output=True, text=True, check=False)
        assert ran.stderr == "", ran.stderr
        return ran.returncode, ran.stdout


class Layers(unittest.TestCase):
    def test_allowed_arrows_pass(self):
        code, out = findings({
            "lib/time/a.cc": '#include "base/x.h"\n#include "time/a.h"\n#include <date/tz.h>\n',
            "lib/store/sqlite/a.cc": '#include "time/a.h"\n#include <SQLiteCpp/SQLiteCpp.h>\n',
            "cmd/main.cc": '#include <CLI/CLI.hpp>\n#include "store/sqlite/a.h"\n'})
        self.assertEqual((code, out), (0, ""))

    def test_an_arrow_outside_the_row_is_found(self):
        code, out = findings({"lib/base/a.h": '// x\n#include "time/instant.h"\n'})
        self.assertEqual(code, 1)
        self.assertIn("lib/base/a.h:2: room base may not use time/instant.h", out)

    def test_a_row_over_two_lines_is_read_whole(self):
        code, out = findings({"lib/store/sqlite/a.cc": '#include "crypto/a.h"\n'})
        self.assertEqual(code, 1)
        self.assertIn("may not use crypto/a.h", out)

    def test_a_confined_header_elsewhere_is_found(self):
        for header in ("sqlite3.h", "openssl/evp.h", "libical/ical.h", "CLI/CLI.hpp", "httplib.h"):
            code, out = findings({"lib/time/a.cc": f"#include <{header}>\n"})
            self.assertEqual(code, 1)
            self.assertIn(header, out)

    def test_a_module_sees_what_it_implements_and_its_libraries(self):
        code, out = findings({
            "lib/transport/httplib/a.cc": '#include <httplib.h>\n#include <openssl/ssl.h>\n'
                                          '#include "base/x.h"\n#include "transport/a.h"\n'})
        self.assertEqual((code, out), (0, ""))

    def test_what_a_module_implements_does_not_see_the_module(self):
        code, out = findings({"lib/transport/a.cc": '#include "transport/httplib/b.h"\n'
                                                    '#include <httplib.h>\n'})
        self.assertEqual(code, 1)
        self.assertIn("room transport may not use transport/httplib/b.h", out)
        self.assertIn("httplib.h belongs in transport/httplib alone", out)

    def test_a_module_uses_no_other_room(self):
        code, out = findings({"lib/transport/httplib/a.cc": '#include "crypto/a.h"\n'})
        self.assertEqual(code, 1)
        self.assertIn("room transport/httplib may not use crypto/a.h", out)

    def test_a_circle_is_found(self):
        code, out = findings({}, "openavail_room(a USES b)\nopenavail_room(b USES a)\n")
        self.assertEqual(code, 1)
        self.assertIn("circle", out)

    def test_a_file_outside_all_rooms_is_found(self):
        code, out = findings({"lib/stray/a.cc": "int x;\n"})
        self.assertEqual(code, 1)
        self.assertIn("in no room", out)


if __name__ == "__main__":
    unittest.main()
