"""Measure what the tutorial says about speed: `python benchmarks/benchmark.py sampling encoder
recipe --data real`.

Every part prints a table. Run it on a machine that does nothing else. Nothing is read from, or
left in, the cache."""
import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from functools import partial

REPEATS = 3


def table(title, rows):
    "Print rows of (what, value) as a Markdown table"
    print(f"\n### {title}\n\n| what | value |\n|---|---|")
    for what, value in rows:
        print(f"| {what} | {value} |")
    sys.stdout.flush()


def seconds_of(function, repeats=REPEATS):
    "Median seconds of a call, after one call that does not count"
    function()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def decode_only(dataset, rows):
    "Decode a session's video to its end and make no picture"
    from gingerbread_crnn.data.video import decoded_frames
    return sum(1 for _ in decoded_frames(dataset.video_path(rows.session.iloc[0])))


def first_look(dataset, rows):
    "Look through a session's video, as is done once for every file"
    from gingerbread_crnn.data.video import look_through
    return len(look_through(dataset.video_path(rows.session.iloc[0])).times)


def sample(dataset, rows):
    "Sample a session's clips"
    from gingerbread_crnn.data.clip_reading import session_clips
    return sum(len(clip) for _, clip in session_clips(dataset, rows))


def sampling(data):
    "Sampling at one frame a second against decoding alone, in turn, after a round that warms up"
    import numpy as np

    from gingerbread_crnn.core import available_workers
    from gingerbread_crnn.data.sources import load_dataset
    from gingerbread_crnn.data.clip_reading import map_sessions
    from gingerbread_crnn.data.clips import ClipSpec, clip_table
    dataset = load_dataset(data)
    clips, whole = clip_table(dataset, ClipSpec(1, 25)), dataset.usable
    whole["frames"] = [np.arange(row.start_frame + 29, row.end_frame, 30)
                       for row in whole.itertuples()]
    jobs = {"decoding only": (decode_only, clips),
            "the first look at each file": (first_look, clips),
            "clips of 25 frames": (sample, clips), "whole segments": (sample, whole)}
    times = {name: [] for name in jobs}
    for repeat in range(REPEATS + 1):
        for name, (job, rows) in jobs.items():
            start = time.perf_counter()
            count = sum(map_sessions(job, dataset, rows))
            if repeat:
                times[name].append(time.perf_counter() - start)
            else:
                print(f"{name}: {count} frames", file=sys.stderr)
    base = statistics.median(times["decoding only"])
    table(f"Sampling at one frame a second, {clips.session.nunique()} sessions, "
          f"{available_workers()} cores",
          [(name, f"{statistics.median(values):.2f} s, {statistics.median(values) / base:.2f} "
            "times decoding only") for name, values in times.items()])


def product_rates(dtype, size=2048):
    "GFLOP/s of a matrix product on one thread: torch.matmul's, and oneDNN's, as in convolutions"
    import torch
    a, b = (torch.randn(size, size).to(dtype) for _ in range(2))
    rates = {"torch.matmul": 2 * size**3 / seconds_of(lambda: a @ b, 9) / 1e9}
    if torch.backends.mkldnn.is_available():
        product = partial(torch.ops.mkldnn._linear_pointwise, a, b, None, "none", [], "")
        rates["oneDNN"] = 2 * size**3 / seconds_of(product, 9) / 1e9
    return rates


def encoder(data):
    "ResNet-34 on one thread, as share of the machine's own matrix product"
    import numpy as np
    import torch
    import torch._inductor.config

    from gingerbread_crnn.network.encoders import (
        EncoderSpec, encode_frames, normalise_frames, prepare_for_inference,
    )
    torch.set_num_threads(1)
    plain, flops = EncoderSpec("resnet34").build(), 7.3  # GFLOP a frame of 224 x 224
    frames = np.random.default_rng(0).integers(0, 256, (8, 224, 224, 3), dtype=np.uint8)
    pictures, rows = torch.from_numpy(frames).permute(0, 3, 1, 2).contiguous(), []
    with torch.inference_mode():
        ways = {"eager float32": (torch.float32, lambda: plain(normalise_frames(pictures)))}
        for dtype in ("float32", "bfloat16"):
            ways[f"prepared {dtype}"] = (getattr(torch, dtype), partial(
                encode_frames, prepare_for_inference(plain, dtype), frames, dtype))
        if shutil.which("g++") or shutil.which("clang++"):
            torch._inductor.config.freezing = True
            ready = prepare_for_inference(plain)
            ways["prepared and compiled float32"] = (
                torch.float32, partial(encode_frames, torch.compile(ready), frames))
        for name, (dtype, way) in ways.items():
            rates, speed = product_rates(dtype), len(frames) / seconds_of(way, 9)
            shares = ", ".join(f"{flops * speed / rate:.0%} of {kind} ({rate:.0f} GFLOP/s)"
                               for kind, rate in rates.items())
            rows.append((name, f"{speed:.1f} frames/s, {flops * speed:.0f} GFLOP/s, {shares}"))
    table("ResNet-34 on one thread beside the machine's matrix product of the same type", rows)


class PeakMemory(threading.Thread):
    "Proportional memory of a process and its children, at its highest"

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.peak = pid, 0

    def run(self):
        import psutil
        while psutil.pid_exists(self.pid):
            try:
                parent = psutil.Process(self.pid)
                used = sum(process.memory_full_info().pss
                           for process in (parent, *parent.children(recursive=True)))
                self.peak = max(self.peak, used)
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                pass
            time.sleep(0.2)


RECIPE = """
import sys, time
from gingerbread_crnn.data.sources import load_dataset
from gingerbread_crnn.training.recipes import ORIGINAL_RECIPE, SMALL_RECIPE, train_fold
from gingerbread_crnn.original import original_recipe
from gingerbread_crnn.training.features import extract_features
from gingerbread_crnn.data.splits import random_clips
start = time.perf_counter()
dataset = load_dataset({data!r})
learn = original_recipe(dataset, verbose=False, dtype={dtype!r})
with learn.no_bar(): probabilities, targets = learn.get_preds(ds_idx=1)
print("cold", time.perf_counter() - start)
features = extract_features(dataset, dtype={dtype!r})
fold, = random_clips(features.clips)
for name, recipe in (("original", ORIGINAL_RECIPE), ("small", SMALL_RECIPE)):
    start = time.perf_counter()
    train_fold(features, fold, recipe)
    print(name, time.perf_counter() - start)
print("right", int((probabilities.argmax(1) == targets).sum()))
probabilities.numpy().tofile({file!r})
"""


def recipe(data):
    "The original's recipe from raw videos to test predictions, from an empty cache"
    import numpy as np
    rows, found = [], {}
    for dtype in ("float32", "bfloat16"):
        with tempfile.TemporaryDirectory() as cache:
            file = os.path.join(cache, "probabilities")
            command = [sys.executable, "-c", RECIPE.format(data=data, dtype=dtype, file=file)]
            settings = {**os.environ, "GINGERBREAD_CACHE": cache, "TQDM_DISABLE": "1"}
            process = subprocess.Popen(command, env=settings, stdout=subprocess.PIPE, text=True)
            memory = PeakMemory(process.pid)
            memory.start()
            printed = process.communicate()[0]
            if process.returncode:
                sys.exit(f"the recipe in {dtype} failed")
            output = dict(line.split() for line in printed.splitlines() if len(line.split()) == 2)
            found[dtype] = np.fromfile(file, np.float32).reshape(-1, 3)
        rows += [
            (f"{dtype}: raw videos to test predictions, cache empty",
             f"{float(output['cold']):.0f} s"),
            (f"{dtype}: original's head on warm features", f"{float(output['original']):.1f} s"),
            (f"{dtype}: small head on warm features", f"{float(output['small']):.1f} s"),
            (f"{dtype}: peak memory of all processes together", f"{memory.peak / 2**30:.2f} GiB"),
            (f"{dtype}: test clips right", output["right"])]
    one, other = found.values()
    rows.append(("predictions that differ between the two number types",
                 f"{(one.argmax(1) != other.argmax(1)).sum()} of {len(one)}, probabilities by "
                 f"{abs(one - other).mean():.3f} on average"))
    table("The original's recipe: ResNet-34, clips of 25 frames, 25 epochs (imports aside)", rows)


def animation(data):
    "Rendering and reading back, on one core"
    import tempfile

    import numpy as np
    import pandas as pd

    from gingerbread_crnn.data.animation import animate, render
    from gingerbread_crnn.data.decoding import decode
    from gingerbread_crnn.data.signals import SIGNALS
    from gingerbread_crnn.core import one_thread
    moments = np.linspace(0, 60, 3000)
    signals = pd.DataFrame({name: 0.5 + 0.5 * np.sin(moments * (place + 1))
                            for place, name in enumerate(SIGNALS)})
    with tempfile.TemporaryDirectory() as folder, one_thread():
        film = animate(signals, f"{folder}/film.mp4")
        rows = [("render", 2900 / seconds_of(lambda: render(signals, frame_numbers=range(
            100, 3000)))), ("decode", 3000 / seconds_of(lambda: decode(film)))]
    table("The animation at 224 x 224, on one core",
          [(name, f"{rate:.0f} frames/s") for name, rate in rows])


def evaluation(data):
    "People held out, and permutation tests, on features that are in the cache already"
    from gingerbread_crnn.evaluation.contenders import crnn_contender, shortcuts
    from gingerbread_crnn.evaluation.measure import permutation_test
    from gingerbread_crnn.core import available_workers
    from gingerbread_crnn.data.sources import load_dataset
    from gingerbread_crnn.evaluation.evaluation import cross_validate
    from gingerbread_crnn.training.recipes import FULL_BATCH_RECIPE
    from gingerbread_crnn.data.clips import ClipSpec
    from gingerbread_crnn.data.splits import leave_participant_out
    from gingerbread_crnn.training.features import extract_features

    def timed(function):
        start = time.perf_counter()
        function()
        return time.perf_counter() - start

    features, rows = extract_features(load_dataset(data), ClipSpec(1, 25), "resnet34"), []
    folds = leave_participant_out(features.clips)
    seconds = [timed(lambda: cross_validate(features, folds)) for _ in range(REPEATS)]
    rows.append((f"small CRNN, {len(folds)} folds x 25 epochs, {len(features.clips)} clips",
                 f"{statistics.median(seconds):.0f} s"))
    draws, network = 40, crnn_contender(features, FULL_BATCH_RECIPE)
    test = dict(protocol="grouped_folds", permutations=draws, exceedances=draws + 1, observed=0,
                folds=5)
    rows.append(
        ("small CRNN, full batches, 25 epochs, five grouped folds",
         f"{60 * draws / timed(lambda: permutation_test(network, features.clips, **test)):.0f} "
         "permutations a minute"))
    rivals = {one.name: one for one in shortcuts(features.dataset, features.clips)}
    for name in ("statistics (linear)", "statistics (SVM)"):
        seconds = timed(lambda: permutation_test(rivals[name], features.clips, permutations=1000,
                                                 exceedances=1001))
        rows.append((f"1,000 permutations, {name}, {len(folds)} folds", f"{seconds:.0f} s"))
    table(f"Evaluation, {available_workers()} cores, features in the cache", rows)


def finetuning(data):
    "Clips per second of the unfrozen network, beside its bound: full-sized on a GPU, else small"
    import numpy as np
    import torch

    from gingerbread_crnn.data.sources import load_dataset
    from throughput import throughput

    from gingerbread_crnn.training.finetuning import (
        ClipAugmentation, cache_frames, fine_tuning_learner, frame_dataloaders, mixed_precision,
    )
    from gingerbread_crnn.data.clips import ClipSpec, clip_table
    from gingerbread_crnn.data.splits import Fold
    gpu, rows = torch.cuda.is_available(), []
    backbone, size, spec = (("resnet34", 224, ClipSpec(1, 12))
                            if gpu else ("resnet18", 48, ClipSpec(0.4, 4)))
    dataset = load_dataset(data)
    before = os.environ.get("GINGERBREAD_CACHE")
    with tempfile.TemporaryDirectory() as cache:
        os.environ["GINGERBREAD_CACHE"] = cache
        try:
            frames = cache_frames(dataset, clip_table(dataset, spec), size)
        finally:
            (os.environ.pop("GINGERBREAD_CACHE")
             if before is None else os.environ.update(GINGERBREAD_CACHE=before))
        fold = Fold("one for validation", np.arange(1, len(frames.clips)), np.array([0]))
        for dtype in ("float32", "bfloat16") + ("float16",) * gpu:
            dls = frame_dataloaders(frames, fold, 8, augment=ClipAugmentation(),
                                    device="cuda" if gpu else "cpu")
            learn = mixed_precision(fine_tuning_learner(dls, backbone=backbone), dtype)
            learn.unfreeze()
            speeds = throughput(learn, *((30, 10) if gpu else (4, 1)))
            loop, bound = speeds.clips_per_second
            rows.append((dtype,
                         f"{loop:.1f} clips/s, bound {bound:.1f} clips/s, {loop / bound:.0%}"))
    table(f"Fine-tuning {backbone}, clips of {spec.frame_count} frames, {size} x {size}, batches "
          f"of 8, {speeds.attrs['device']}", rows)


def command(data):
    "How long a newcomer waits for help"
    way = partial(subprocess.run, ["gingerbread", "--help"], stdout=subprocess.DEVNULL, check=True)
    table("From a terminal", [("gingerbread --help", f"{seconds_of(way, 9):.2f} s")])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parts = {"sampling": sampling, "encoder": encoder, "recipe": recipe, "animation": animation,
             "evaluation": evaluation, "finetuning": finetuning, "command": command}
    parser.add_argument("parts", nargs="*", default=list(parts), metavar="PART",
                        help=f"any of {', '.join(parts)}; default: all")
    parser.add_argument("--data", default="real", help="as in load_dataset")
    arguments = parser.parse_args()
    import torch
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
          f"PyTorch {torch.__version__}, {torch.backends.cpu.get_cpu_capability()}")
    for name in arguments.parts:
        parts[name](arguments.data)


if __name__ == "__main__":
    main()
