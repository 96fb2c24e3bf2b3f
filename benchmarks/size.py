"""How time and memory grow with the number of clips: writes results/size/size.csv.

    python benchmarks/size.py

Features are made up, as many as the real recordings give (182 clips x 25 frames x 512), ten and a
hundred times as many, and 100,000 clips to open. Measured are, in fresh processes: to open the
features, to make dataloaders of them, and both with one epoch of the small head; from the file, and
from memory for comparison. Memory is the most that the process held beyond what it had held before
the step, with packages and clip table loaded. The last epoch is one over features that are larger
than the memory that the process and its open files may have in all (a control group's limit, which
takes root; without it a line says that it was left out). Linux only. 6 GB of disk for a while, ten
minutes."""
import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from gingerbread_crnn.core import cache_folder, fingerprint, made_once, one_thread

REAL = 182  # Clips of the real recordings
FRAMES, COUNT = 25, 512
LIMITED, LIMIT = 100, 700  # Times the clips, and megabytes: for packages, head, and open files
RESULTS = Path(__file__).resolve().parent.parent / "results" / "size"


def kept_at(clips):
    "Where the features of so many clips are"
    return cache_folder("features") / f"table-{fingerprint('size', clips)}.npy"


def write(clips, path):
    "Made-up features, 182 clips at a time"
    block = np.random.default_rng(0).standard_normal((REAL, FRAMES, COUNT), np.float32)
    start = np.lib.format.open_memmap(path, "w+", np.float32, (clips, FRAMES, COUNT)).offset
    with open(path, "r+b") as file:
        file.seek(start)
        for first in range(0, clips, REAL):
            file.write((block[:clips - first] * np.float32(1 + first / 1e6)).tobytes())


def clip_table(clips):
    "A clip table in which everybody has heard eight pieces"
    numbers = np.arange(clips)
    people = (numbers // 8).astype(str)
    label = np.array(["classical", "instrumental", "pop"])[numbers % 3]
    return pd.DataFrame({"session": people, "participant": people, "position": numbers % 8,
                         "piece": label, "label": label,
                         "frames": list(np.tile(np.arange(FRAMES) * 30, (clips, 1)))})


def held(name):
    "Megabytes that this process holds (VmRSS), or the most that it has held (VmHWM)"
    return int(re.search(rf"{name}:\s+(\d+)", Path("/proc/self/status").read_text())[1]) / 1000


class Measured:
    "Prints seconds, and megabytes beyond those at the beginning"
    def __init__(self, step):
        self.step = step

    def __enter__(self):
        Path("/proc/self/clear_refs").write_text("5")  # forgets the most that was held
        self.before, self.start = held("VmRSS"), time.perf_counter()
        return self

    def __exit__(self, *_):
        self.seconds, self.megabytes = time.perf_counter() - self.start, held("VmHWM") - self.before
        print(f"measured {self.step} {self.seconds:.3f} {self.megabytes:.1f}")


def one_step(clips, step, way):
    "What one process does"
    from gingerbread_crnn.network.encoders import EncoderSpec
    from gingerbread_crnn.training.features import Features
    from gingerbread_crnn.training.learner import crnn_learner, feature_dataloaders

    def opened(clips, table):
        path = made_once(kept_at(clips), None)
        values = np.load(path, mmap_mode="r" if way == "file" else None)
        return Features(None, table, values, EncoderSpec("made up"), None)

    def epoch(dls):
        learn = crnn_learner(dls)
        with learn.no_bar(), learn.no_logging():
            learn.fit(1)

    with one_thread():
        table, few = clip_table(clips), clip_table(50)
        epoch(feature_dataloaders(Features(None, few, np.zeros((50, FRAMES, COUNT), np.float32),
                                   EncoderSpec("made up"), None)))  # all is loaded
        if step == "epoch":
            with Measured(step):
                epoch(feature_dataloaders(opened(clips, table)))
        else:
            with Measured("open"):
                features = opened(clips, table)
            with Measured("dataloaders"):
                feature_dataloaders(features)


@contextmanager
def little_memory(megabytes):
    "A function by which a process puts itself under a limit; None where no limit can be set"
    groups = Path("/sys/fs/cgroup")
    group, limit = ((groups / "memory", "memory.limit_in_bytes") if (groups / "memory").is_dir()
                    else (groups, "memory.max"))
    group = group / f"gingerbread_size_{os.getpid()}"
    try:
        group.mkdir()
        (group / limit).write_text(str(megabytes * 1_000_000))
    except OSError as error:
        print(f"left out: no limit on memory can be set here ({error.strerror})")
        with suppress(OSError):
            group.rmdir()
        yield None
        return
    try:
        yield lambda: (group / "cgroup.procs").write_text(str(os.getpid()))
    finally:
        group.rmdir()


def measured(clips, step, way, limit=None, enter=None):
    "Rows of the table, from a fresh process"
    command = [sys.executable, __file__, "--step", step, "--way", way, "--clips", str(clips)]
    found = subprocess.run(command, check=True, capture_output=True, text=True,
                           preexec_fn=enter).stdout
    rows = [dict(clips=clips, features_mb=round(clips * FRAMES * COUNT * 4 / 1e6, 1), step=name,
                 way=way, limit_mb=limit, seconds=float(seconds), megabytes=float(megabytes))
            for name, seconds, megabytes in re.findall(r"measured (\w+) (\S+) (\S+)", found)]
    for row in rows:
        print(*row.values(), sep="\t", flush=True)
    return rows


def main(sizes, largest):
    with tempfile.TemporaryDirectory() as folder:
        os.environ["GINGERBREAD_CACHE"] = folder
        rows = []
        for clips in [REAL * size for size in sizes] + [largest] * bool(largest):
            made_once(kept_at(clips), partial(write, clips))
            rows += measured(clips, "open", "file")
            if clips != largest:
                rows += measured(clips, "epoch", "file") + measured(clips, "epoch", "memory")
            if clips == REAL * LIMITED:
                with little_memory(LIMIT) as enter:
                    rows += measured(clips, "epoch", "file", LIMIT, enter) if enter else []
            kept_at(clips).unlink()
    RESULTS.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(rows).astype({"limit_mb": "Int64"}).to_csv(RESULTS / "size.csv", index=False)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sizes", nargs="*", type=int, default=[1, 10, 100],
                        help="times the real recordings' clips")
    parser.add_argument("--largest", type=int, default=100_000,
                        help="clips that are opened only; 0: none")
    parser.add_argument("--step", help=argparse.SUPPRESS)  # what a process of its own is told
    parser.add_argument("--way", help=argparse.SUPPRESS)
    parser.add_argument("--clips", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        one_step(options.clips, options.step, options.way)
    else:
        main(options.sizes, options.largest)
