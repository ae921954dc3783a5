"""A download that fails says so and has an exit code of its own; what is installed is kept."""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

INSTALL = pathlib.Path(__file__).resolve().parent / "install.py"
EXIT_NO_DOWNLOAD = 75


def install(folder, tries=1):
    # Nothing listens on port 1, and an empty cache has nothing to fall back on.
    environment = dict(os.environ, npm_config_registry="http://127.0.0.1:1/",
                       npm_config_cache=str(folder / "cache"), npm_config_fetch_retries="0")
    return subprocess.run([sys.executable, str(INSTALL), str(folder / "peers"), str(tries)],
                          text=True, env=environment, capture_output=True, timeout=120)


class Install(unittest.TestCase):
    def setUp(self):
        self.kept = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.kept.name)
        self.addCleanup(self.kept.cleanup)

    def test_a_failed_download_is_told_from_a_failed_test(self):
        done = install(self.folder, tries=2)
        self.assertEqual(done.returncode, EXIT_NO_DOWNLOAD, done.stdout + done.stderr)
        self.assertIn("try 2 of 2", done.stdout)
        self.assertIn("DOWNLOAD FAILED", done.stdout)
        self.assertFalse((self.folder / "peers" / "installed.sha256").exists())

    def test_what_is_installed_needs_no_network(self):
        install(self.folder)
        sys.path.insert(0, str(INSTALL.parent))
        from install import locked
        (self.folder / "peers" / "installed.sha256").write_text(locked())
        self.assertEqual(install(self.folder).returncode, 0)
        (self.folder / "peers" / "installed.sha256").write_text("of another lock")
        self.assertEqual(install(self.folder).returncode, EXIT_NO_DOWNLOAD)

    def test_the_lock_names_no_registry(self):
        self.assertNotIn('"resolved"', (INSTALL.parent / "package-lock.json").read_text())


if __name__ == "__main__":
    unittest.main()
