"""The ladder of the real recordings. Writes results/ladder/, a file a row, and goes on
where it stopped, in the middle of a row's redraws too.

    # all parts, on the real recordings, hours on two cores
    python benchmarks/ladder.py
    python benchmarks/ladder.py shortcuts crnn       # two of them

Parts: shortcuts, thousand (redraws of the two classifiers on statistics), tuned (statistics,
settings chosen on training people), signals (networks on the decoded signals), crnn, skip (without
each segment's first 42 frames), grouped (the CRNN under five grouped folds), encoders (four more
random encoders), pretrained (needs the extra `pretrained`), original (its head), controls
(simulated listeners with and without an effect, like the real ones in number), exercises (people
whose exercises a watch has measured; needs the extra `exercises`), rescaled (videos drawn anew,
each segment on a scale of its own). Grouped, controls and exercises are one question to people who
listen, who are simulated, and who exercise: one network, one drawing, one test."""
import argparse
import re
import shutil
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from gingerbread_crnn.evaluation.contenders import crnn_contender, shortcuts
from gingerbread_crnn.evaluation.tuned import tuned_contender
from gingerbread_crnn.evaluation.measure import (
    measure_contender, permutation_test, shuffle_within_participants, test_figures,
)
from gingerbread_crnn.data.decoding import redraw_videos
from gingerbread_crnn.data.sources import load_dataset
from gingerbread_crnn.core import measured_once, write_json
from gingerbread_crnn.evaluation.evaluation import load_evaluation
from gingerbread_crnn.training.recipes import FULL_BATCH_RECIPE, ORIGINAL_RECIPE
from gingerbread_crnn.data.clips import ClipSpec, clip_table
from gingerbread_crnn.original import with_twins
from gingerbread_crnn.data.synthetic import synthetic_folder
from gingerbread_crnn.training.features import extract_features, signal_features

AT_ONCE = 8  # Redraws until a row's file is written again
MOST = {"leave_both_out": 0}  # Redraws of dear protocols: one of these takes a network minutes
FOLDER = Path(__file__).resolve().parent.parent / "results" / "ladder"
SPEC = ClipSpec(1, 25)
LADDER = {"random_clips": dict(repeats=20), "leave_piece_out": {}, "leave_participant_out": {},
          "leave_both_out": {}}
# a run of random_clips is 20 draws
RUNS = {"random_clips": 1, "leave_piece_out": 5, "leave_participant_out": 5, "leave_both_out": 1}


def rung(part, contender, features, protocol, runs=1, *, permutations=0, exceedances=None,
         predictions=None, **settings):
    "Measure a contender under a protocol, unless its file is there already; then the redraws"
    name = re.sub("[^a-z0-9]+", "-", contender.name.lower()).strip("-")
    path = FOLDER / part / f"{name}-{protocol}.json"
    described = features.encoder.asdict()
    encoder = {name: described[name] for name in ("backbone", "weights_name", "dtype")}
    made = dict(part=part, cell=contender.cell, clips=features.spec_asdict(),
                count=len(features.clips), encoder=encoder,
                data=dict(kind=features.dataset.kind, fingerprint=features.dataset.fingerprint))

    def measure():
        start = time.monotonic()
        row = measure_contender(contender, features.clips, protocol, runs=runs,
                                predictions=predictions, **settings)
        return row | dict(seconds=round(time.monotonic() - start))

    row = measured_once(path, made, measure, "made")
    while len(row.get("null", ())) < permutations and not row.get("stopped_early"):
        start, known = time.monotonic(), row.get("null", [])
        test = permutation_test(
            contender, features.clips, protocol, exceedances=exceedances, observed=row["right"],
            permutations=min(len(known) + AT_ONCE, permutations), redrawn=known, **settings)
        seconds = row["seconds"] + round(time.monotonic() - start)
        row |= test_figures(test) | dict(seconds=seconds)
        write_json(path, row)
    print(f"{part:12}{contender.name:22}{protocol:24}{row['accuracy']:.3f}  chance "
          f"{row.get('chance', float('nan')):.3f}  p {row.get('p', float('nan')):.3f}  "
          f"{row.get('redraws', 0)} redraws", flush=True)


def climb(part, contender, features, protocols, runs=RUNS, permutations=200):
    "Several protocols: first all rows, then their redraws, all of them"
    for count in (0, permutations):
        for protocol in protocols:
            rung(part, contender, features, protocol, runs[protocol],
                 permutations=min(count, MOST.get(protocol, count)), **LADDER[protocol])


def real_features(change=None, **settings):
    "Features of the real recordings: ResNet-34 unless told otherwise"
    dataset = load_dataset("real")
    return extract_features(change(dataset) if change else dataset, SPEC, **settings)


def run_shortcuts():
    features = real_features()
    for one in shortcuts(features.dataset, features.clips):
        lots = 5 if one.name in ("who", "when") else 1  # only these two answer by lot
        for protocol, settings in LADDER.items():
            many = (dict(permutations=64, exceedances=5) if protocol == "leave_both_out"
                    else dict(permutations=200, exceedances=20))  # the first has 182 folds
            rung("shortcuts", one, features, protocol, lots, **many, **settings)


def run_thousand():
    "The two classifiers on statistics, people held out, with a thousand redraws"
    features = real_features()
    for one in shortcuts(features.dataset, features.clips):
        if one.name.startswith("statistics"):
            rung("thousand", one, features, "leave_participant_out", permutations=1000)


def run_tuned():
    "The classifier that chooses its settings on people of the training part"
    dataset = load_dataset("real")
    features = real_features()
    one = tuned_contender(dataset, features.clips)
    rung("tuned", one, features, "leave_participant_out", permutations=200)


def run_signals():
    dataset = load_dataset("real")
    features = signal_features(dataset, clip_table(dataset, SPEC))
    one = crnn_contender(features, FULL_BATCH_RECIPE, "1-D network", "four numbers a frame")
    climb("signals", one, features, LADDER)


def run_crnn():
    features = real_features()
    climb("crnn", crnn_contender(features, FULL_BATCH_RECIPE), features, LADDER)


def run_skip():
    "Clips that begin 42 frames later: nothing of the time before the piece shows in their rings"
    features = extract_features(load_dataset("real"), replace(SPEC, skip_frames=42))
    one = crnn_contender(features, FULL_BATCH_RECIPE, "CRNN, first 42 frames skipped")
    rung("skip", one, features, "leave_participant_out", 5, permutations=200)


def run_grouped():
    features = real_features()
    rung("grouped", crnn_contender(features, FULL_BATCH_RECIPE), features, "grouped_folds", 5,
         permutations=200, folds=5)


def run_encoders():
    "Four more random encoders: how much hangs on the one that was drawn"
    for seed in range(1, 5):
        features = real_features(seed=seed)
        one = crnn_contender(features, FULL_BATCH_RECIPE, f"CRNN, encoder {seed}")
        rung("encoders", one, features, "leave_participant_out", 5)


def run_pretrained():
    features = real_features(backbone="efficientnet_lite0", weights="imagenet")
    one, once = crnn_contender(features, FULL_BATCH_RECIPE, "CRNN, ImageNet weights",
                               "the frames, through EfficientNet-Lite0"), dict.fromkeys(LADDER, 1)
    climb("pretrained", one, features, LADDER, once)


def run_original():
    "Once, on the original's own 183 clips, as results/original has it"
    features = real_features(with_twins)
    for protocol in ("random_clips", "leave_participant_out"):
        found = load_evaluation(FOLDER.parent / "original" / protocol)
        one = crnn_contender(features, ORIGINAL_RECIPE, "the original's head",
                             "the frames, with 8.6 million parameters")
        rung("original", one, features, protocol, predictions=found.predictions)


def run_controls():
    for effect in (4.0, 0.0):
        folder = synthetic_folder(participants=23, effect=effect)
        features = extract_features(load_dataset(folder), SPEC)
        one = crnn_contender(features, FULL_BATCH_RECIPE, f"CRNN, effect {effect:g}")
        rung("controls", one, features, "grouped_folds", 5, permutations=99, folds=5)
        shutil.rmtree(folder)


def run_exercises():
    "Real people, in whom there is something to find; two rivals that need no network"
    dataset = load_dataset("exercises")
    features = extract_features(dataset, ClipSpec(4, 9))  # nine frames fit into every exercise
    rivals = [one for one in shortcuts(dataset, features.clips)
              if one.name in ("length", "statistics (linear)")]
    for one in [crnn_contender(features, FULL_BATCH_RECIPE), *rivals]:
        rung("exercises", one, features, "grouped_folds", 1 if one in rivals else 5,
             permutations=200, folds=5, redraw=shuffle_within_participants)


def run_rescaled():
    real = load_dataset("real")
    for name, change in (("segment", {}), ("session", {"rescale": None})):
        with tempfile.TemporaryDirectory() as folder:
            features = extract_features(
                load_dataset(redraw_videos(real, Path(folder) / name, **change)), SPEC)
            one = crnn_contender(features, FULL_BATCH_RECIPE, f"CRNN, scaled by {name}")
            for protocol in ("leave_participant_out", "random_clips"):
                rung("rescaled", one, features, protocol, RUNS[protocol], **LADDER[protocol])


PARTS = {name: globals()[f"run_{name}"] for name in (
    "shortcuts", "thousand", "tuned", "signals", "crnn", "skip", "grouped", "encoders",
    "pretrained", "original", "controls", "exercises", "rescaled")}


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", default=list(PARTS), metavar="PART",
                        help="default: all")
    for name in parser.parse_args().parts:
        PARTS[name]()


if __name__ == "__main__":
    main()
