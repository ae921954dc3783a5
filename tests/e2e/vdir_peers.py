"""The folder is shared with programs that are not ours: khal and vdirsyncer, where installed."""

import os
import shutil
import subprocess
import sys

from installation import Installation

SKIPPED = 77
DAY = "2037-06-10"


def peer(home, *arguments):
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "LC_ALL": "C.UTF-8",
                   "TZ": "Europe/Paris"}
    done = subprocess.run(arguments, env=environment, text=True, capture_output=True, timeout=120)
    assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
    return done.stdout + done.stderr


def objects(folder):
    """The objects, whatever their files are called: each side names them by itself."""
    return sorted(path.read_bytes().replace(b"\r\n", b"\n").strip()
                  for path in folder.glob("[!.]*.ics"))


def main():
    if not (shutil.which("khal") and shutil.which("vdirsyncer")):
        print("khal and vdirsyncer are not installed")
        return SKIPPED
    place = Installation()
    home, other = place.root / "home", place.root / "other"
    for folder in (home, other):
        folder.mkdir()
    khal_config = home / "khal.conf"
    khal_config.write_text(f"""[calendars]
[[work]]
path = {place.calendar}
type = calendar
[locale]
local_timezone = Europe/Paris
default_timezone = Europe/Paris
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
[default]
default_calendar = work
[sqlite]
path = {home / "khal.db"}
""")
    khal = ("khal", "-c", str(khal_config))
    sync_config = home / "vdirsyncer.conf"
    sync_config.write_text(f"""[general]
status_path = "{home / "status"}"
[pair both]
a = "ours"
b = "theirs"
collections = null
[storage ours]
type = "filesystem"
path = "{place.calendar}"
fileext = ".ics"
[storage theirs]
type = "filesystem"
path = "{other}"
fileext = ".ics"
""")
    sync = ("vdirsyncer", "-c", str(sync_config))
    key = place.agent("planner", "read_freebusy,read_events,create_holds,create_bookings")

    def book(start, end, expect):
        return place.run("book", "--class", "Regular", "--start", f"{DAY}T{start}:00Z", "--end",
                         f"{DAY}T{end}:00Z", "--title", "Planning round", key=key, expect=expect)

    # Made with khal, at ten in Paris: eight o'clock UTC is taken, nine is not.
    peer(home, *khal, "new", DAY, "10:00", "11:00", "Dentist")
    book("08:30", "09:30", expect=11)
    book("09:00", "10:00", expect=0)

    # Ours stands in khal's list, at its time there.
    listed = peer(home, *khal, "list", DAY, "1d")
    assert "11:00-12:00 Planning round" in listed, listed
    assert "10:00-11:00 Dentist" in listed, listed

    # Synchronised, the folders hold the same objects; a second round finds nothing to do.
    peer(home, *sync, "discover")
    peer(home, *sync, "sync")
    assert objects(place.calendar) == objects(other) and len(objects(other)) == 2, objects(other)
    before = {path.name: path.read_bytes() for path in place.calendar.iterdir()}
    peer(home, *sync, "sync")
    assert before == {path.name: path.read_bytes() for path in place.calendar.iterdir()}
    assert not [name for name in os.listdir(other) if "openavail" in name], os.listdir(other)

    # What comes in by synchronisation counts at the next request; what goes out frees its time.
    for path in other.glob("*.ics"):
        if "Dentist" in path.read_text():
            path.unlink()
    peer(home, *sync, "sync")
    book("08:00", "09:00", expect=0)
    place.run("calendars", "check")
    shutil.rmtree(place.root)
    return 0


if __name__ == "__main__":
    sys.exit(main())
