"""How large must an effect be for 23 listeners to show it? Writes results/power/, and goes on
where it stopped.

    # linear model on simulated signals: linear.csv
    python benchmarks/power.py
    # the same without an effect, on whole segments: whole_segments.csv
    python benchmarks/power.py --whole
    # a few of the same experiments through pixels and a CRNN: crnn.csv
    python benchmarks/power.py --crnn

An experiment is one simulated run of the real one: 23 listeners, two genres each, four pieces of a
genre, the real lengths. Every row has its own listeners. A model is tested on people whom it has
not seen; what counts is how many segments it gets right.

The test for an effect draws the design again: each listener's two genres anew, and the model is
trained again in every fold. Ten redraws are too few to judge one experiment by. So the redraws of
all experiments with one effect are pooled, and the critical count is the smallest that at most one
pooled redraw in twenty reaches. An experiment that reaches it too has found the effect.

A segment is its first 750 samples: 25 seconds of video, what a clip of the CRNN spans. On whole
segments the linear model reads the length of the piece in its statistics, and the lengths tell the
genre: see --whole."""
import argparse
import os
import shutil
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from gingerbread_crnn.data.signals import SIGNAL_RATE, SIGNALS, scale_signals
from gingerbread_crnn.core import cache_folder, derive_seed, run_parallel
from gingerbread_crnn.data.sources import load_dataset
from gingerbread_crnn.evaluation.evaluation import cross_validate
from gingerbread_crnn.evaluation.experiments import measured_rows
from gingerbread_crnn.evaluation.leaks import statistics_contender
from gingerbread_crnn.evaluation.measure import predict_folds
from gingerbread_crnn.data.statistics import signal_statistics
from gingerbread_crnn.network.decoders import cell_of
from gingerbread_crnn.training.recipes import FULL_BATCH_RECIPE
from gingerbread_crnn.data.clips import ClipSpec
from gingerbread_crnn.data.design import redraw_design
from gingerbread_crnn.data.splits import grouped_folds, leave_participant_out
from gingerbread_crnn.data.synthetic import draw_traits, session_plan, simulate_session, synthesize
from gingerbread_crnn.training.features import extract_features


FOLDER = Path(__file__).resolve().parent.parent / "results" / "power"
PARTICIPANTS, SAMPLES = 23, 750
EFFECTS, REDRAWS = (0, 0.2, 0.4, 0.6, 0.8, 1, 2), 10
CRNN_EFFECTS, CRNN_EXPERIMENTS, CRNN_REDRAWS = (0.6, 0.8, 1, 1.4, 2), 4, 8


def seed_of(effect, number):
    "The seed of an experiment's listeners: the same for both models"
    return derive_seed(0, "power", f"{effect:g}", number)


def listener(number, effect, seed, samples):
    "One listener, as `synthesize` makes them: a row a segment, 68 statistics of its first samples"
    plan = session_plan(number)
    traits = draw_traits(plan, effect, 1, 1, derive_seed(seed, "listener", number))
    signals = simulate_session(plan, traits, derive_seed(seed, "signals", number))
    heard = scale_signals(signals[(signals.life_seconds >= 0)
                                  & (signals.life_seconds < plan.end.iloc[-1])])
    rows = []
    for start, end in (plan[["start", "end"]] * SIGNAL_RATE).round().astype(int).to_numpy():
        part = heard.iloc[start:min(end, start + samples) if samples else end]
        rows.append({f"{name}_{key}": value for name in SIGNALS
                     for key, value in signal_statistics(part[name]).items()})
    name = f"{number + 1:02d}"
    return plan.assign(session=name, participant=name, label=plan.genre).join(pd.DataFrame(rows))


def linear_right(table):
    "How many segments of held-out participants logistic regression gets right"
    linear = statistics_contender(table, "logistic_regression")
    answers = predict_folds(linear, table, leave_participant_out(table), workers=1)
    return int((answers.predicted == answers.label).sum())


def linear_experiment(key, samples):
    "One experiment: the rest of its row of the table"
    seed = seed_of(**key)
    people = [listener(person, key["effect"], seed, samples) for person in range(PARTICIPANTS)]
    table = pd.concat(people, ignore_index=True)
    redrawn = [linear_right(redraw_design(table, derive_seed(seed, "redraw", draw)))
               for draw in range(REDRAWS)]
    return row_of(seed, linear_right(table), len(table), redrawn)


def row_of(seed, right, tested, redrawn):
    "What an experiment came to; the counts of the redraws are one text"
    return {"seed": seed, "right": right, "tested": tested, "redrawn": ";".join(map(str, redrawn))}


def crnn_right(job):
    "Held-out clips that the CRNN gets right, with the design drawn again or (None) as it was"
    features, seed, draw = job
    clips = (features.clips
             if draw is None else redraw_design(features.clips, derive_seed(seed, "redraw", draw)))
    found = cross_validate(replace(features, clips=clips), grouped_folds(clips, 5),
                           FULL_BATCH_RECIPE, seed=seed, workers=1)
    return found.summary()["right"]


def crnn_experiment(effect, number, workers):
    "The same listeners as in the linear model's experiment, as videos, shown to the CRNN"
    seed = seed_of(effect, number)
    folder = synthesize(cache_folder() / "listeners", PARTICIPANTS, effect, seed=seed, size=112,
                        workers=workers)
    features = extract_features(load_dataset(folder), ClipSpec(1, 25), "resnet18", image_size=112,
                                workers=workers, device="cpu")
    jobs = [(features, seed, draw) for draw in (None, *range(CRNN_REDRAWS))]
    right, *redrawn = run_parallel(crnn_right, jobs, workers, "redraws")
    shutil.rmtree(cache_folder())  # the videos and the features: nothing needs them again
    return row_of(seed, right, len(features.clips), redrawn)


def fill(name, effects, experiments, measure, at_once):
    "Measure the experiments that a table lacks, a few at once, and write it after each few"
    settings = {"participants": PARTICIPANTS, "samples": SAMPLES, "participant_effect": 1,
                "drift": 1, "linear": {"model": "logistic_regression, balanced",
                                       "protocol": "leave_participant_out", "redraws": REDRAWS},
                "crnn": {"encoder": "resnet18, random, seed 0",
                         "cell": cell_of(FULL_BATCH_RECIPE.head),
                         "video_size": 112, "clips": ClipSpec(1, 25).asdict(),
                         "recipe": {**asdict(FULL_BATCH_RECIPE), "faults": []},
                         "protocol": "grouped_folds, 5", "redraws": CRNN_REDRAWS}}
    keys = [{"effect": effect, "number": number} for number in range(experiments)
            for effect in effects]
    measured_rows(FOLDER / f"{name}.csv", {"settings": settings}, keys, measure, at_once=at_once,
                  order=["effect", "number"])


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--experiments", type=int, default=42,
                        help="of the linear model, for each effect")
    parser.add_argument("--whole", action="store_true", help="whole segments, no effect")
    parser.add_argument("--crnn", action="store_true", help="through pixels")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    if options.crnn:
        # of its own: the shared one would grow
        with TemporaryDirectory() as os.environ["GINGERBREAD_CACHE"]:
            one = partial(crnn_experiment, workers=options.workers)
            return fill("crnn", CRNN_EFFECTS, CRNN_EXPERIMENTS,
                        lambda keys: [one(**key) for key in keys], 1)
    name, effects, samples = (("whole_segments", (0,), None)
                              if options.whole else ("linear", EFFECTS, SAMPLES))
    measure = partial(run_parallel, partial(linear_experiment, samples=samples),
                      workers=options.workers)
    fill(name, effects, options.experiments, measure, 2 * options.workers)


if __name__ == "__main__":
    main()
