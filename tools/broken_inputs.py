"""Break inputs, and count what comes of it: `python tools/broken_inputs.py --inputs 600 --seed 0`.

Whole files of every kind that this package reads (films, tables of one's own, workbooks, signals,
segments, models) are damaged by lot, and read in a process of its own. Each must end in a named
error or in an answer that can be true; none in a bare traceback, after more than ten seconds, with
more than a gigabyte, or with a file left where none was asked for. With `--show` every input that
does not is kept, and where. Exits 1 if there is one."""
import argparse
import json
import os
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
import zipfile
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from gingerbread_crnn.data.clips import ClipSpec
from gingerbread_crnn.data.own_csv import load_csv
from gingerbread_crnn.data.signals import SIGNALS, practice_signals, read_signals
from gingerbread_crnn.data.splits import Fold
from gingerbread_crnn.data.tables import read_workbook, write_workbook
from gingerbread_crnn.data.video import iterate_frames, video_info, write_video
from gingerbread_crnn.errors import GingerbreadError
from gingerbread_crnn.training.features import extract_features
from gingerbread_crnn.training.recipes import Recipe, train_fold
from gingerbread_crnn.use.inference import as_classifier, load_model, predict, save_model

SECONDS, GIGABYTES = 10, 1
FRAMES = 90
NASTY = ("", " ", "0", "-1", "1e300", "-1e-300", "nan", "inf", "1e12", "0,5", "12:34", "#N/A",
         "'", '"', "a" * 5000,
         "../../x", "~nobody/x", "\0", "\ufeff", "é" * 200, "$x_1^$", "<b>", "=1+1",
         "99999999999999999999", "true", "None", "1_0", "٣", "NULL", "C:\\x", "/dev/zero", "?", "[")


# --------------------------------------------------------------------------- whole inputs

def film(path, count=FRAMES):
    "A small film whose frames differ"
    pictures = (np.full((64, 64, 3), 2 * number, np.uint8) for number in range(count))
    return write_video(path, pictures)


def own_table(films):
    "Four people, two labels, a second each"
    rows = [(f"p{number}", films[number % 2].name, start, start + 1, "ab"[number % 2])
            for number, start in enumerate((0, 0, 1.5, 1.5))]
    return pd.DataFrame(rows, columns=["participant", "video", "start_video_seconds",
                                       "end_video_seconds", "label"])


def make_inputs(folder):
    "One whole input of every kind, by its name: a file, or a folder"
    torch.set_num_threads(1)
    films = [film(folder/"one.mp4"), film(folder/"two.mp4", 80)]
    own_table(films).to_csv(folder/"own.csv", index=False)
    signals = practice_signals(40)
    signals.to_csv(folder/"signals.csv", index=False)
    (folder/"segments.csv").write_text("start_video_seconds,end_video_seconds\n0,1\n1.5,2.5\n")
    start = 1_500_000_000
    pieces = pd.DataFrame({"piece": range(1, 9), "start": [start + 10 * k for k in range(8)],
                           "end": [start + 10 * k + 8 for k in range(8)]})
    samples = 0.1 + 0.01 * np.arange(400) % 7
    seconds = start + np.arange(len(samples)) / 4
    write_workbook(folder/"P01.xlsx", pieces, pd.DataFrame(
        {"unix_seconds": seconds, "electrodermal_activity": samples}))
    dataset = load_csv(folder/"own.csv")
    features = extract_features(dataset, ClipSpec(4, 4), "resnet18", image_size=32, workers=1)
    learned = train_fold(features, Fold("", np.arange(2), np.arange(2, 4)),
                         Recipe(epochs=1, batch_size=2, head="mean"))
    save_model(as_classifier(learned), folder/"model")
    return folder


# --------------------------------------------------------------------------- what reads them

def check(holds, what):
    "What was accepted must be possible"
    if not holds:
        raise AssertionError(what)


def read_film(folder):
    "Every frame, and what is said about the file"
    about = video_info(folder/"one.mp4")
    count = sum(frame.dtype == np.uint8 and frame.ndim == 3
                for _, frame in iterate_frames(folder/"one.mp4", range(about.frame_count)))
    check(count == about.frame_count and about.frame_count > 0, f"{count} frames of {about}")


def read_own(folder):
    "A table of one's own"
    used = load_csv(folder/"own.csv").segments.query("excluded == ''")
    check(len(used) and used.label.astype(str).str.strip().all(), "a segment without a label")
    check((used.end_video_seconds > used.start_video_seconds).all(), "a segment that ends first")


def read_book(folder):
    "A session's workbook"
    pieces, signal_ = read_workbook(folder/"P01.xlsx")
    check((pieces.end > pieces.start).all(), "a piece that ends first")
    steps = np.diff(signal_.unix_seconds)
    check(np.allclose(steps, steps[0]), "samples that are not evenly spaced")


def read_curves(folder):
    "A table of signals"
    signals = read_signals(folder/"signals.csv")
    check(len(signals), "no samples")
    check(np.allclose(np.diff(signals.life_seconds), 0.25), "another rate than 4 Hz")
    check(np.isfinite(signals[list(SIGNALS)].dropna(axis=1)).all(axis=None), "a sample without end")


def answer(folder, **options):
    "What a model says of a film"
    table = predict(load_model(folder/"model"), folder/"one.mp4", **options)
    shares = table.filter(like="probability_").to_numpy()
    check(len(table) and np.allclose(shares.sum(1), 1), "probabilities that do not add to one")


def read_segments(folder):
    "Segments to be answered"
    answer(folder, segments=folder/"segments.csv")


KINDS = {"film": ("one.mp4", read_film), "own table": ("own.csv", read_own),
         "workbook": ("P01.xlsx", read_book), "signals": ("signals.csv", read_curves),
         "segments": ("segments.csv", read_segments), "model": ("model", answer)}


# --------------------------------------------------------------------------- damage

def damaged_bytes(content, lot):
    "Bytes changed, lost, doubled, moved"
    content = bytearray(content)
    size = max(len(content), 1)
    at, length = lot.integers(size), int(lot.integers(1, max(2, size // 4)))
    match lot.integers(8):
        case 0: del content[at:]
        case 1 | 2:
            for place in lot.integers(size, size=lot.integers(1, 9)):
                content[place] ^= 1 << lot.integers(8)
        case 3: content[at:at + length] = bytes(len(content[at:at + length]))
        case 4: del content[at:at + length]
        case 5: content[at:at] = content[at:at + length]
        case 6: content[at:at] = lot.bytes(length)
        case 7: content = lot.bytes(int(lot.integers(64))) + bytes(content)
    return bytes(content)


def damaged_text(text, lot):
    "A table with other cells, columns, rows, signs or encoding; its bytes"
    rows = [line.split(",") for line in text.splitlines()]
    row = lot.integers(len(rows))
    column = lot.integers(len(rows[0]))
    match lot.integers(12):
        case 0 | 1 | 2 | 3: rows[row][column % len(rows[row])] = str(lot.choice(NASTY))
        case 4: rows = [[*cells[:column], *cells[column + 1:]] for cells in rows]
        case 5: rows = [[*cells, cells[column]] for cells in rows]
        case 6: rows[row:row] = [rows[row]] * int(lot.integers(1, 5))
        case 7: rows = rows[1:]
        case 8: rows[row] = rows[row][:column]
        case 9: return "\n".join(map(",".join, rows)).encode(str(lot.choice(
            ["utf-16", "utf-32", "utf-8-sig", "latin-1"])))
        case 10: return lot.choice([";", "\t", "|", "  "]).join(text.split(",")).encode()
        case 11: lot.shuffle(rows[0])
    return "\n".join(map(",".join, rows)).encode("utf-8", "surrogatepass")


def damaged_book(path, lot):
    "A workbook whose sheets say something else, in a container that is whole"
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    name = str(lot.choice([name for name in parts if "sheet" in name]))
    cells = parts[name].split(b"<c ")
    at = int(lot.integers(len(cells)))
    match lot.integers(5):
        case 0: cells[at] = cells[at].replace(b"<v>", b"<v>" + str(lot.choice(NASTY)).encode())
        case 1: cells[at] = cells[at].replace(b'r="', b'r="XFD%d' % lot.integers(10**6))
        case 2: del cells[at]
        case 3: cells[at] = cells[at].replace(b"<v>", b"<v>-")
        case 4: cells = [damaged_bytes(b"<c ".join(cells), lot)]
    parts[name] = b"<c ".join(cells)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for part, content in parts.items():
            book.writestr(part, content)


def damaged_json(content, lot):
    "A leaf replaced, a name lost or added, somewhere"
    nasty = [None, True, -1, 0, 1e400, -1e308, 10**400, "", "x" * 5000, [], {}, [[[]]],
             float("nan"), "$x$", [1, "a"], {"a": {}}]
    place, *rest = [json.loads(content)]
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        if not keys: break
        key = keys[lot.integers(len(keys))]
        if isinstance(place[key], (dict, list)) and place[key] and lot.random() < 0.7:
            rest, place = [*rest, place], place[key]
            continue
        match lot.integers(4):
            case 0: del place[key]
            case 1 if isinstance(place, dict):
                place[str(lot.choice(NASTY))] = nasty[lot.integers(len(nasty))]
            case _: place[key] = nasty[lot.integers(len(nasty))]
        break
    return json.dumps(rest[0] if rest else place).encode()


def damage(folder, kind, lot):
    "Break one input of a kind, in its folder"
    path = folder / KINDS[kind][0]
    if kind == "model":
        names = sorted(file.name for file in path.iterdir())
        path = path / str(lot.choice(names + ["model.json"] * len(names)))
        if path.suffix == ".json" and lot.random() < 0.8:
            path.write_bytes(damaged_json(path.read_text(), lot))
            return
    if path.suffix == ".csv" and lot.random() < 0.8:
        path.write_bytes(damaged_text(path.read_text(), lot))
    elif path.suffix == ".xlsx" and lot.random() < 0.7:
        damaged_book(path, lot)
    else:
        path.write_bytes(damaged_bytes(path.read_bytes(), lot))


# --------------------------------------------------------------------------- trying

def files(folder):
    "What lies there"
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def tried(read, folder, told):
    "What comes of reading, in this process"
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        read(folder)
        outcome = "answered"
    except GingerbreadError:
        outcome = "named"
    except AssertionError:
        outcome = "wrong"
        traceback.print_exc(file=told)
    except BaseException:
        outcome = "raw"
        traceback.print_exc(file=told)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 2**20
    return "large" if grown > GIGABYTES and outcome in ("answered", "named") else outcome


def in_a_process(read, folder, log):
    "The outcome of `tried` in a child, whatever becomes of it"
    child = os.fork()
    if not child:
        with open(log, "w") as told:
            os.dup2(told.fileno(), 1)
            os.dup2(told.fileno(), 2)
            code = ["answered", "named", "wrong", "raw", "large"].index(tried(read, folder, told))
        os._exit(code)
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            if os.WIFSIGNALED(status): return "crashed"
            return ["answered", "named", "wrong", "raw", "large"][os.WEXITSTATUS(status)]
        time.sleep(0.005)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return "slow"


def one_input(whole, number, seed, kind, keep):
    "Damage the `number`th input of a kind, have it read, and look at what is left"
    lot = np.random.default_rng([seed, number, list(KINDS).index(kind)])
    with tempfile.TemporaryDirectory(prefix="broken_") as home:
        folder = Path(home)/"input"
        shutil.copytree(whole, folder)
        damage(folder, kind, lot)
        before = files(folder)
        outcome = in_a_process(KINDS[kind][1], folder, log := Path(home)/"told")
        if outcome in ("answered", "named") and files(folder) != before:
            outcome = "left something"
        if keep and outcome not in ("answered", "named"):
            kept = Path(keep)/f"{kind}-{number}".replace(" ", "-")
            shutil.copytree(home, kept, dirs_exist_ok=True)
            print(f"{outcome}: {kept}: {log.read_text().strip().splitlines()[-1:]}", flush=True)
    return outcome


def try_all(count, seed=0, kinds=tuple(KINDS), keep=None):
    "A row a kind: how many inputs, and what came of them"
    with tempfile.TemporaryDirectory(prefix="whole_") as home:
        whole = Path(home)/"whole"
        whole.mkdir()
        os.environ["GINGERBREAD_CACHE"] = str(Path(home)/"cache")
        make_inputs(whole)
        found = {}
        for kind in kinds:
            assert in_a_process(KINDS[kind][1], whole, Path(home)/"told") == "answered", kind
            found[kind] = Counter(one_input(whole, number, seed, kind, keep)
                                  for number in range(count // len(kinds)))
    table = pd.DataFrame(found).T.reindex(kinds).fillna(0).astype(int)
    for name in ("answered", "named"):
        table[name] = table.get(name, 0)
    return table.assign(tried=table.sum(axis=1))


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, default=600)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kinds", nargs="*", default=list(KINDS), choices=list(KINDS))
    parser.add_argument("--show", metavar="FOLDER", help="keep those that end badly, here")
    parser.add_argument("--out", metavar="FILE", help="write the table here, too")
    options = parser.parse_args()
    table = try_all(options.inputs, options.seed, options.kinds, options.show)
    print(table.to_string())
    if options.out:
        table.rename_axis("input").to_csv(options.out)
    total = table.sum()
    sys.exit(int(total.tried != total.answered + total.named))


if __name__ == "__main__":
    main()
