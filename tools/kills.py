"""Kill work in the middle, and see whether it can go on: `python tools/kills.py --kills 100`.

Seven kinds of work that takes long, each in a process that is killed (SIGKILL) at a moment drawn by
lot, three times in the same folder, and then left to end. What comes out must equal what a run
comes to that nobody killed, byte for byte; nothing may lie about but what the next writer sweeps;
and no process may outlive the one that was killed by more than ten seconds. A model that is being
replaced must be there after every kill, the old or the new. Exits 1 if something is not so."""
import argparse
import hashlib
import os
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import redirect_stderr, redirect_stdout, suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
import torch
from fastai.torch_core import set_seed
from joblib.externals.loky import reusable_executor
from tqdm import tqdm

from gingerbread_crnn.cli import main as gingerbread
from gingerbread_crnn.core import file_hash, fingerprint, left_over, sweep
from gingerbread_crnn.data.clips import ClipSpec
from gingerbread_crnn.data.sources import download, load_dataset
from gingerbread_crnn.data.splits import leave_participant_out
from gingerbread_crnn.data.synthetic import synthesize, synthetic_folder
from gingerbread_crnn.errors import GingerbreadError
from gingerbread_crnn.evaluation.experiments import run_recipes
from gingerbread_crnn.training.features import extract_features
from gingerbread_crnn.training.finetuning import (
    cache_frames,
    fine_tuning_learner,
    frame_dataloaders,
)
from gingerbread_crnn.training.long_runs import RunFolder
from gingerbread_crnn.training.parts import quiet
from gingerbread_crnn.training.recipes import Recipe, train_fold
from gingerbread_crnn.use.inference import as_classifier, load_model, save_model

LISTENERS = dict(participants=6, effect=6.0, piece_life_seconds=100)
SPEC = ClipSpec(1, 6)
A_ROUND = 3  # kills in one folder, before a run is left to end
SECONDS = 10  # that a worker may live on
GOOD = ["seconds whole", "rounds", "kills"]
FAULTS = ["another result", "could not go on", "left something", "workers lived on", "half"]


# --------------------------------------------------------------------------- what is killed

def content(folder):
    "Every file of a folder, and its hash"
    return [(path.relative_to(folder).as_posix(), file_hash(path))
            for path in sorted(folder.rglob("*")) if path.is_file() and path.name[0] != "."]


def fetch(home, served):
    "Download six files"
    folder, address = served
    registry = {path.name: file_hash(path) for path in sorted(folder.iterdir())}
    return fingerprint(content(download(home/"recordings", registry, address)))


def draw(home, drawn):
    "Simulate and draw six listeners, in two processes"
    return fingerprint(content(synthetic_folder(**LISTENERS)))


def small_features(drawn, workers=1):
    return extract_features(load_dataset(drawn), SPEC, "resnet18", image_size=32, workers=workers)


def encode(home, drawn):
    "Features of all clips, in two processes"
    values = small_features(drawn, workers=2).values
    return hashlib.sha256(values.tobytes()).hexdigest()


def evaluate(home, drawn):
    "The main job of the command line: all but the report's time"
    words = ["evaluate", "--data", str(drawn), "--run-folder", str(home/"run"),
             "--backbone", "resnet18", "--image-size", "32", "--frame-count", "6",
             "--epochs", "1", "--draws", "1", "--examined", "1", "--permutations", "1",
             "--protocol", "leave_participant_out", "--workers", "1"]
    gingerbread(words, standalone_mode=False)
    return fingerprint(content(home/"run"))


def ladder(home, drawn):
    "Three recipes, a file each"
    recipes = {f"{epochs} epochs": Recipe(epochs=epochs) for epochs in (1, 2, 3)}
    return fingerprint(run_recipes(small_features(drawn), recipes, home/"ladder", workers=1))


def fine_tune(home, drawn):
    "A whole network on frames, in a run folder"
    frames = cache_frames(load_dataset(drawn), SPEC, image_size=32, workers=1)
    set_seed(0)
    dls = frame_dataloaders(frames, leave_participant_out(frames.clips)[0], batch_size=8)
    learn = fine_tuning_learner(dls, backbone="resnet18")
    learn.unfreeze()
    with quiet(learn):
        learn.fit_one_cycle(4, 1e-3, cbs=RunFolder(home/"run"))
    weights = torch.cat([weight.detach().flatten() for weight in learn.model.parameters()])
    return hashlib.sha256(weights.numpy().tobytes()).hexdigest()


def replace_model(home, models):
    "One model after the other in the same folder"
    for number in range(40):
        save_model(models[number % 2], home/"model", overwrite=(home/"model").exists())
    return fingerprint(content(home/"model"))


def one_of_two(home, models):
    "The model that is there is one of the two, whole"
    if not (home/"model").exists(): return True
    weights = load_model(home/"model").model.head.state_dict()
    return any(all(torch.equal(value, weights[name])
                   for name, value in model.model.head.state_dict().items()) for model in models)


# --------------------------------------------------------------------------- killing

def in_a_child(work, home, given, log):
    "Start it; its answer comes through a file"
    child = os.fork()
    if child: return child
    os.setsid()
    os.environ["GINGERBREAD_CACHE"] = str(home/"cache")
    code = 1
    with open(log, "w") as told, redirect_stdout(told), redirect_stderr(told):
        try:
            log.with_suffix(".answer").write_text(work(home, given))
            code = 0
        except GingerbreadError as error:
            print(f"{type(error).__name__}: {error}")
        except BaseException as error:
            print(f"raw {type(error).__name__}: {error}")
    run_parallel_end()
    os._exit(code)


def run_parallel_end():
    "Its workers are told to go, as at the end of any program"
    executor = reusable_executor._executor
    if executor is not None:
        executor.shutdown(wait=True, kill_workers=True)


def whole_run(work, home, given):
    "What comes out of a run that nobody kills, and how many seconds it takes"
    log = home.parent/f"{home.name}.log"
    begun = time.monotonic()
    _, status = os.waitpid(in_a_child(work, home, given, log), 0)
    if status:
        raise RuntimeError(f"{home.name}: {log.read_text()[-500:]}")
    return log.with_suffix(".answer").read_text(), time.monotonic() - begun


def killed_run(work, home, given, seconds):
    "Whether it was killed before its end, and how many workers lived on"
    child = in_a_child(work, home, given, home.parent/f"{home.name}.log")
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if os.waitpid(child, os.WNOHANG)[0]: return False, 0
        time.sleep(0.002)
    workers = psutil.Process(child).children(recursive=True)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    _, alive = psutil.wait_procs(workers, timeout=SECONDS)
    for process in alive:
        process.kill()
    return True, len(alive)


def names(home):
    "What lies there, but for what the next writer sweeps"
    for path in [home, *home.rglob("*")]:
        os.utime(path, (time.time() - 600,) * 2)
    for folder in [home, *(path for path in home.rglob("*") if path.is_dir())]:
        sweep(folder)
    return sorted(path.relative_to(home).as_posix() for path in home.rglob("*")
                  if not left_over(path))


def kill(name, work, given, count, scratch, lot, holds=None):
    "A row of the table"
    (home := scratch/f"{name} whole").mkdir()
    right, seconds = whole_run(work, home, given)
    expected = names(home)
    found = Counter()
    while found["kills"] < count:
        (home := scratch/f"{name} {found['rounds']}").mkdir()
        found["rounds"] += 1
        for _ in range(A_ROUND):
            broken, alive = killed_run(work, home, given, seconds * lot.random())
            found["kills"] += broken
            found["workers lived on"] += alive
            if holds and not holds(home, given):
                found["half"] += 1
        try:
            found["another result"] += whole_run(work, home, given)[0] != right
        except RuntimeError as error:
            print(error, flush=True)
            found["could not go on"] += 1
        if more := sorted(set(names(home)) - set(expected)):
            print(f"{name}: left {more}", flush=True)
            found["left something"] += 1
    return {"work": name, "seconds whole": round(seconds, 1), **found}


# --------------------------------------------------------------------------- all kinds

class SlowHandler(SimpleHTTPRequestHandler):
    "A server that a kill can meet"
    def copyfile(self, source, outputfile):
        with suppress(ConnectionError):  # whoever asked was killed
            while part := source.read(100_000):
                outputfile.write(part)
                time.sleep(0.01)

    def log_message(self, *arguments):
        pass


def serve(folder):
    "Six files, and the address they are at"
    (folder/"files").mkdir()
    for number in range(6):
        content = np.random.default_rng(number).bytes(1_000_000)
        (folder/"files"/f"{number}.bin").write_bytes(content)
    handler = partial(SlowHandler, directory=folder/"files")
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return folder/"files", f"http://127.0.0.1:{server.server_port}/"


def two_models(drawn):
    "Two heads, trained and not"
    features = small_features(drawn)
    fold = leave_participant_out(features.clips)[0]
    return [as_classifier(train_fold(features, fold, Recipe(epochs=epochs))) for epochs in (1, 2)]


def kinds(scratch, drawn):
    "Every kind of work by its name: what is done, with what, and what holds at all times"
    return {"download": (fetch, lambda: serve(scratch), None),
            "drawing": (draw, lambda: drawn, None),
            "features": (encode, lambda: drawn, None),
            "evaluate": (evaluate, lambda: drawn, None),
            "ladder": (ladder, lambda: drawn, None),
            "fine-tuning": (fine_tune, lambda: drawn, None),
            "saving a model": (replace_model, lambda: two_models(drawn), one_of_two)}


NAMES = ("download", "drawing", "features", "evaluate", "ladder", "fine-tuning", "saving a model")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=105)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kinds", nargs="*", default=list(NAMES), choices=NAMES)
    parser.add_argument("--out", metavar="FILE", help="write the table here, too")
    options = parser.parse_args()
    torch.set_num_threads(1)
    tqdm.monitor_interval = 0  # a child forked while its thread holds tqdm's lock waits for ever
    rows = []
    with tempfile.TemporaryDirectory(prefix="kills_") as scratch:
        scratch = Path(scratch)
        os.environ["GINGERBREAD_CACHE"] = str(scratch/"cache")
        (scratch/"drawn").mkdir()
        # in this process: one that is forked must not take over the workers of its parent
        drawn = synthesize(scratch/"drawn"/"listeners", **LISTENERS, workers=1)
        for name in options.kinds:
            work, given, holds = kinds(scratch, drawn)[name]
            lot = np.random.default_rng([options.seed, NAMES.index(name)])
            count = -(-options.kills // len(options.kinds))
            rows.append(kill(name, work, given(), count, scratch, lot, holds))
            print(rows[-1], flush=True)
    table = pd.DataFrame(rows).set_index("work").reindex(columns=[*GOOD, *FAULTS]).fillna(0)
    table = table.astype(dict.fromkeys(FAULTS, int))
    print(table.to_string())
    if options.out:
        table.to_csv(options.out)
    sys.exit(int(table[FAULTS].to_numpy().sum() > 0))


if __name__ == "__main__":
    main()
