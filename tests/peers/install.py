"""Installs the npm packages of package-lock.json: install.py FOLDER [TRIES], of the build.

Exit code 75 when they can't be downloaded, which says nothing about Openavail. What is installed
already and still locked the same is kept.
"""

import hashlib
import pathlib
import shutil
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
FILES = ("package.json", "package-lock.json", ".npmrc")
EXIT_NO_DOWNLOAD = 75


def locked():
    """Changes when another set of packages is asked for."""
    return hashlib.sha256(b"".join((HERE / name).read_bytes() for name in FILES)).hexdigest()


def main():
    folder = pathlib.Path(sys.argv[1])
    tries = int(sys.argv[2]) if len(sys.argv) > 2 else 4
    digest = locked()
    stamp = folder / "installed.sha256"
    if stamp.is_file() and stamp.read_text() == digest:
        print("peers: installed already")
        return 0
    if shutil.which("npm") is None:
        print("peers: npm is not installed; scripts/setup installs it")
        return EXIT_NO_DOWNLOAD
    folder.mkdir(parents=True, exist_ok=True)
    stamp.unlink(missing_ok=True)
    for name in FILES:
        shutil.copyfile(HERE / name, folder / name)
    for attempt in range(1, tries + 1):
        # The engines that packages ask for are those of the Node that is installed beside them.
        done = subprocess.run(["npm", "ci", "--loglevel=error"], cwd=folder, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        if done.returncode == 0:
            stamp.write_text(digest)
            print(f"peers: installed into {folder}")
            return 0
        print(f"peers: npm ci failed, try {attempt} of {tries}:\n{done.stdout[-4000:]}", flush=True)
        if attempt < tries:
            time.sleep(5 * attempt)
    print("peers: DOWNLOAD FAILED. The npm packages of tests/peers could not be installed; the\n"
          "tests that need them did not run. Nothing is known of Openavail itself: look at the\n"
          "network or the npm registry, and run again.")
    return EXIT_NO_DOWNLOAD


if __name__ == "__main__":
    sys.exit(main())
