"""How many clips of me? Writes results/known_clips/, and goes on where it stopped.

    python benchmarks/known_clips.py

The tested person's clips enter training one by one, from none to six: the small network, a linear
model on the signals' statistics, and somebody who knows who is listening and when, each beside
what it reaches with labels redrawn by the design, at every count."""
import argparse
from functools import partial
from pathlib import Path

from gingerbread_crnn.core import derive_seed, measured_rows, run_parallel
from gingerbread_crnn.data.clips import ClipSpec
from gingerbread_crnn.data.design import redraw_design
from gingerbread_crnn.data.known_clips import known_clips
from gingerbread_crnn.data.sources import load_dataset
from gingerbread_crnn.evaluation.contenders import crnn_contender, shortcuts
from gingerbread_crnn.evaluation.measure import predict_folds
from gingerbread_crnn.training.features import extract_features
from gingerbread_crnn.training.recipes import FULL_BATCH_RECIPE

FOLDER = Path(__file__).resolve().parent.parent / "results" / "known_clips"
COUNTS = range(7)
RIVALS = ("who and when", "statistics, linear")


def count_right(key, contenders, clips):
    "Right answers at one count, with the labels as they are (redraw -1) or redrawn"
    draw = key["redraw"]
    drawn = clips if draw < 0 else redraw_design(clips, derive_seed(0, "redraw", draw))
    folds = known_clips(drawn, key["known"])
    answers = predict_folds(contenders[key["contender"]], drawn, folds, workers=1)
    return {"right": int((answers.label == answers.predicted).sum()), "tested": len(answers)}


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--redraws", type=int, default=200)
    parser.add_argument("--workers", type=int, default=None, help="default: one a core")
    options = parser.parse_args()
    dataset = load_dataset("real")
    features = extract_features(dataset, ClipSpec(1, 25), workers=options.workers)
    network = crnn_contender(features, FULL_BATCH_RECIPE)
    contenders = {one.name: one for one in shortcuts(dataset, features.clips)
                  if one.name in RIVALS}
    made_with = {"data": dataset.fingerprint, "clips": len(features.clips),
                 "spec": features.spec_asdict(), "cell": network.cell,
                 "encoder": f"resnet34, {features.encoder.weights_name}",
                 "recipe": "FULL_BATCH_RECIPE", "seed": 0}
    for name, some in {"rivals": contenders, "crnn": {network.name: network}}.items():
        keys = [{"contender": contender, "known": count, "redraw": draw}
                for draw in range(-1, options.redraws) for count in COUNTS for contender in some]
        count = partial(count_right, contenders=some, clips=features.clips)
        measured_rows(FOLDER / f"{name}.csv", made_with, keys,
                      partial(run_parallel, count, workers=options.workers),
                      at_once=len(COUNTS) * len(some), order=["contender", "known", "redraw"])


if __name__ == "__main__":
    main()
