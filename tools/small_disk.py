"""The main job on disks that are too small for it: `python tools/small_disk.py`. Linux, as root.

`gingerbread evaluate` runs with its cache, then with its run folder, on a disk in memory (tmpfs)
that has less room than the job takes, from a few kB up to enough. Each run must end with the right
report, or with one line that names the error and says what to do, without a traceback; and once
there is room, the job must go on from what is there to the report of an undisturbed run, byte for
byte. Exits 1 if something is not so; says in a line why where no disk can be mounted."""
import argparse
import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

from gingerbread_crnn.core import file_hash

KB = {"cache": (40, 1000, 4000, 300_000), "run folder": (0, 40, 120, 30_000)}  # of room
JOB = ["evaluate", "--data", "synthetic-small", "--backbone", "resnet18", "--image-size", "32",
       "--frame-count", "6", "--epochs", "1", "--draws", "1", "--examined", "1", "--protocol",
       "random_clips", "--workers", "1"]
PROGRAM = [sys.executable, "-c", "from gingerbread_crnn.cli import main; main()"]


def mounted(options, folder):
    "Whether a disk in memory is there now"
    return not subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder],
                              capture_output=True).returncode


@contextmanager
def small_disk(kilobytes):
    "A folder with so much room, a function that gives it more; all is gone afterwards"
    with tempfile.TemporaryDirectory(prefix="small_disk_") as folder:
        # tmpfs takes whole pages, and none of size 0
        if not mounted("size=4k" if not kilobytes else f"size={kilobytes}k", folder):
            print("left out: no disk can be mounted here; that takes Linux, and its root")
            sys.exit()
        if not kilobytes:
            (Path(folder)/"filler").write_bytes(bytes(4096))
        try:
            yield Path(folder), lambda: subprocess.run(
                ["mount", "-o", "remount,size=1g", folder], check=True)
        finally:
            subprocess.run(["umount", "-l", folder], check=True)


def job(cache, runs):
    "The main job: its exit code and what it said"
    done = subprocess.run([*PROGRAM, *JOB, "--run-folder", str(runs)], capture_output=True,
                          text=True, env={**os.environ, "GINGERBREAD_CACHE": str(cache)})
    return done.returncode, done.stderr + done.stdout


def content(runs):
    "Every file of a run folder, and its hash"
    return [(path.relative_to(runs).as_posix(), file_hash(path)) for path in sorted(runs.rglob("*"))
            if path.is_file()]


def tried(place, kilobytes, scratch, right):
    "A row of the table: what became of a run on a small disk, and of the next one"
    with small_disk(kilobytes) as (disk, more_room), tempfile.TemporaryDirectory(
            dir=scratch) as room:
        room = Path(room)
        cache, runs = (disk, room/"run") if place == "cache" else (room/"cache", disk/"run")
        code, said = job(cache, runs)
        named = code in (1, 2) and "Error: " in said and "Traceback" not in said
        went_well = code == 0 and content(runs) == right
        if not (named or went_well):
            print(f"{place}, {kilobytes} kB, exit code {code}:\n{said[-1500:]}", flush=True)
        more_room()
        again, said = job(cache, runs)
        goes_on = again == 0 and content(runs) == right
        if not goes_on:
            print(f"{place}, {kilobytes} kB, with room again, exit code {again}:\n{said[-1500:]}",
                  flush=True)
    return {"on the small disk": place, "kB": kilobytes, "report": int(went_well),
            "named error": int(named), "another end": int(not (named or went_well)),
            "then did not go on": int(not goes_on)}


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--few", action="store_true", help="one size of each")
    parser.add_argument("--out", metavar="FILE", help="write the table here, too")
    options = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory(prefix="undisturbed_") as scratch:
        scratch = Path(scratch)
        code, said = job(scratch/"cache", scratch/"run")
        if code:
            sys.exit(f"the undisturbed run ends with {code}:\n{said[-1500:]}")
        right = content(scratch/"run")
        for place, sizes in KB.items():
            for kilobytes in sizes[1:2] if options.few else sizes:
                rows.append(tried(place, kilobytes, scratch, right))
                print(rows[-1], flush=True)
    table = pd.DataFrame(rows)
    if options.out:
        table.to_csv(options.out, index=False)
    sys.exit(int(table[["another end", "then did not go on"]].to_numpy().sum() > 0))


if __name__ == "__main__":
    main()
