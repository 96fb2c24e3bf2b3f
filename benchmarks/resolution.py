"""Low and high resolution: what do more pixels bring? Writes results/resolution/, and goes on where
it stopped.

    python benchmarks/resolution.py                    # simulated listeners: an hour on two cores
    python benchmarks/resolution.py recordings FOLDER  # the real ones, in both resolutions

The same listeners are drawn at 224x224 and at 640x856. For each: how well the four signals are read
back (R2, beside what was drawn); then the LSTM on a random ResNet-34 that sees 112, 224 or 448
pixels, people held out, with seconds and memory for its features, measured in a process that does
nothing else. FOLDER holds the dataset as published; sessions that are there in low and in high
resolution are decoded, and compared with each other."""
import argparse
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

from gingerbread_crnn.core import derive_seed
from gingerbread_crnn.data.clips import ClipSpec
from gingerbread_crnn.data.decoding import decode, decode_all
from gingerbread_crnn.data.signals import SIGNALS, scale_signals
from gingerbread_crnn.data.sources import load_dataset
from gingerbread_crnn.data.synthetic import (
    DEFAULT_EFFECT, draw_traits, session_plan, simulate_session, synthesize,
)
from gingerbread_crnn.evaluation.contenders import crnn_contender
from gingerbread_crnn.evaluation.experiments import measured_rows
from gingerbread_crnn.evaluation.measure import measure_contender
from gingerbread_crnn.training.features import extract_features
from gingerbread_crnn.training.recipes import SMALL_RECIPE

RESULTS = Path(__file__).resolve().parent.parent / "results" / "resolution"
SIZES = {"224x224": 224, "640x856": (856, 640)}  # of the videos: height, width
LISTENERS, SPEC = 12, ClipSpec(1, 25)
PIXELS = 112, 224, 448  # that the encoder sees, square
HIGH, LOW = "High resolution original videos", "Low resolution original videos"


def drawn_signals(number):
    "What `synthesize` has drawn of a listener, 0 to 1"
    plan = session_plan(number)
    traits = draw_traits(plan, DEFAULT_EFFECT, 1, 1, derive_seed(0, "listener", number))
    signals = simulate_session(plan, traits, derive_seed(0, "signals", number))
    heard = (signals.life_seconds >= 0) & (signals.life_seconds < plan.end.iloc[-1])
    return scale_signals(signals[heard]).reset_index(drop=True)


def explained(true, read):
    "R2 of each signal, from 0 to 1, pulse without its level: 1 where all is read back"
    count = min(len(true), len(read))
    found = {}
    for name in SIGNALS:
        one, other = true[name].to_numpy()[:count], read[name].to_numpy()[:count]
        found[name] = round(1 - np.mean((one - other)**2) / np.var(one), 4)
    return found


def drawn(name, scratch):
    "The listeners at one size, and how long it took to draw them"
    start = time.perf_counter()
    folder = synthesize(scratch / name, LISTENERS, size=SIZES[name])
    return folder, time.perf_counter() - start


def decoding_row(name, folder, seconds):
    "How well the signals of all listeners are read back, and how large their videos are"
    dataset = load_dataset(folder)
    start = time.perf_counter()
    recordings = decode_all(dataset)
    decoding = time.perf_counter() - start
    rows = [explained(drawn_signals(number), read)
            for number, (_, read) in enumerate(sorted(recordings.items()))]
    megabytes = sum(path.stat().st_size for path in folder.rglob("*.mp4")) / 1e6
    return {**pd.DataFrame(rows).mean().round(4).to_dict(), "megabytes": round(megabytes, 1),
            "drawing_seconds": round(seconds), "decoding_seconds": round(decoding)}


def accuracy_row(folder, pixels):
    "The network on one kind of frames; its features come from a process of their own"
    command = [sys.executable, __file__, "features", str(folder), "--pixels", str(pixels)]
    told = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.split()
    dataset = load_dataset(folder)
    features = extract_features(dataset, SPEC, image_size=pixels)
    row = measure_contender(crnn_contender(features, SMALL_RECIPE), features.clips, runs=3)
    low, high = row["interval"]
    return {"accuracy": row["accuracy"], "deviation": row["deviation"], "right": row["right"],
            "tested": row["tested"], "low": low, "high": high, "seconds": float(told[-2]),
            "megabytes": float(told[-1])}


def extract(folder, pixels):
    "Seconds and megabytes of one process that computes all features; the last two words it prints"
    dataset = load_dataset(folder)
    start = time.perf_counter()
    extract_features(dataset, SPEC, image_size=pixels, workers=1)
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000  # Linux counts in kilobytes
    print(round(time.perf_counter() - start, 1), round(most))


def simulated():
    "Both tables of the simulated listeners"
    made_with = {"listeners": LISTENERS, "effect": DEFAULT_EFFECT, "seed": 0,
                 "spec": SPEC.asdict(), "encoder": "resnet34, random, seed 0", "cell": "LSTM",
                 "recipe": "SMALL_RECIPE, three seeds", "protocol": "leave_participant_out"}
    scratch = Path(tempfile.mkdtemp(prefix="resolution_"))
    folders = {}

    def folder_of(name):
        if name not in folders:
            folders[name] = drawn(name, scratch)
        return folders[name]

    try:
        sizes = [{"drawn": name} for name in SIZES]
        print(measured_rows(RESULTS / "decoding.csv", made_with, sizes, lambda keys: [
            decoding_row(key["drawn"], *folder_of(key["drawn"])) for key in keys]).to_string())
        both = [{"drawn": name, "pixels": pixels} for name in SIZES for pixels in PIXELS]
        print(measured_rows(RESULTS / "accuracy.csv", made_with, both, lambda keys: [
            accuracy_row(folder_of(key["drawn"])[0], key["pixels"]) for key in keys]).to_string())
    finally:
        shutil.rmtree(scratch)


def recordings(folder):
    "Sessions that are there twice: what each resolution says, beside the other"
    rows = []
    for high in sorted((folder / HIGH).glob("*.mp4")):
        low = folder / LOW / high.name
        if not low.is_file():
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of damaged ones; their length is in the table
            one, other = decode(high), decode(low)
        count = min(len(one), len(other))
        rows.append({"session": high.stem, "frames": count, **{
            name: round(np.corrcoef(one[name][:count], other[name][:count])[0, 1], 4)
            for name in SIGNALS}})
    if not rows:
        sys.exit(f"no session is in both '{HIGH}' and '{LOW}' of this folder")
    table = pd.DataFrame(rows)
    RESULTS.mkdir(parents=True, exist_ok=True)
    table.to_csv(RESULTS / "recordings.csv", index=False)
    print(table.to_string(index=False))


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", nargs="?", default="simulated",
                        choices=["simulated", "recordings", "features"])
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--pixels", type=int, help=argparse.SUPPRESS)  # what a process is told
    options = parser.parse_args()
    if options.part != "simulated" and options.folder is None:
        parser.error(f"{options.part} needs a folder")
    if options.part == "features":
        extract(options.folder, options.pixels)
    elif options.part == "recordings":
        recordings(options.folder)
    else:
        simulated()


if __name__ == "__main__":
    main()
