"""Too little room: `python tools/small_disk.py`, as root on Linux, which may mount a small tmpfs.

The cache and then the run folder of `gingerbread` lie on a file system of 0.05 to 40 MB, so that
it fills up at another moment each time: before anything is written, while listeners are drawn,
while features or a model are written, with all but the report. Each command must end well or with
a named error that says so, and leave nothing behind that the next command does not sweep; with
room made, the same command must end well. Exits 1 if something is not so."""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from gingerbread_crnn.core import left_over, sweep

SMALL = ["--data", "synthetic-small", "--backbone", "resnet18", "--image-size", "64",
         "--frame-count", "12", "--epochs", "1"]
JOBS = {"evaluate": ["evaluate", *SMALL, "--protocol", "grouped_folds", "--folds", "2",
                     "--examined", "1"],
        "train": ["train", *SMALL]}
MEGABYTES = {"cache": (0.05, 1, 10, 20, 28.5), "run folder": (0.05, 0.2, 0.5, 40)}


def mount(folder, megabytes):
    "A file system that is full after so much"
    folder.mkdir(exist_ok=True)
    size = f"size={round(megabytes * 1e6)}"
    subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", folder],
                   check=True)


def run(job, cache, runs, log):
    "Its exit code, and what it said"
    command = [sys.executable, "-c", "from gingerbread_crnn.cli import main; main()", *JOBS[job],
               "--run-folder", runs/job]
    done = subprocess.run(command, cwd=log.parent, capture_output=True, text=True,
                          env={**os.environ, "GINGERBREAD_CACHE": str(cache)})
    log.write_text(done.stdout + done.stderr)
    return done.returncode, done.stdout + done.stderr


def left(folder):
    "What lies there that nobody would sweep, and is not whole: names only a writer gives"
    for path in [folder, *folder.rglob("*")]:
        if path.is_dir():
            sweep(path)
    return [path.name for path in folder.rglob("*") if path.name[0] == "." and not left_over(path)
            and path.suffix not in (".lock", ".sha256")]


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", metavar="FILE", help="write the table here, too")
    options = parser.parse_args()
    if not sys.platform.startswith("linux") or os.geteuid():
        sys.exit("Found no right to mount a file system; expected root on Linux.")
    rows, faults = ["full,megabytes,job,ended"], 0
    with tempfile.TemporaryDirectory(prefix="small_disk_") as scratch:
        scratch = Path(scratch)
        large = scratch/"large"
        for job in JOBS:  # with room for all, and the whole cache for the second part
            code, said = run(job, large, scratch/"runs", scratch/"log")
            if code:
                sys.exit(f"{job} does not end well with room for all: {said}")
        for full, sizes in MEGABYTES.items():
            for size in sizes:
                for job in JOBS:
                    disk = scratch/"disk"
                    mount(disk, size)
                    places = ((disk, scratch/"runs of it") if full == "cache"
                              else (large, disk/"runs"))
                    try:
                        code, said = run(job, *places, scratch/"log")
                        named = "Error: found " in said and "Traceback" not in said
                        ended = "well" if code == 0 else "named" if named else "raw"
                        remains = left(disk)
                        if ended == "raw" or remains:
                            faults += 1
                            print(said[-1500:], remains)
                        rows.append(f"{full},{size},{job},{ended}")
                        print(rows[-1], flush=True)
                        subprocess.run(["mount", "-o", "remount,size=200m", disk], check=True)
                        code, said = run(job, *places, scratch/"log")
                        if code:
                            faults += 1
                            print(f"does not go on with more room: {said[-1500:]}")
                    finally:
                        subprocess.run(["umount", disk], check=True)
                    shutil.rmtree(scratch/"runs of it", ignore_errors=True)
    print(f"{len(rows) - 1} commands, {faults} faults")
    if options.out:
        Path(options.out).write_text("\n".join(rows) + "\n")
    sys.exit(int(faults > 0))


if __name__ == "__main__":
    main()
