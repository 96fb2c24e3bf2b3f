"""What do others reach on the very 37 clips that the original tested? Writes
results/original_fold/, and goes on where it stopped.

    python benchmarks/original_fold.py               # 200 redraws of each

Every rival that costs little, and the small network with either cell, on the one fold that the
original drew: first with the labels as they are (redraw -1), then with the participants' orders
redrawn and everything trained again. The fold keeps its clips in every redraw."""
import argparse
from dataclasses import replace
from functools import partial
from pathlib import Path

from gingerbread_crnn.core import derive_seed, run_parallel
from gingerbread_crnn.data.clips import ClipSpec
from gingerbread_crnn.data.design import redraw_design
from gingerbread_crnn.data.sources import load_dataset
from gingerbread_crnn.evaluation.contenders import crnn_contender, shortcuts
from gingerbread_crnn.evaluation.experiments import measured_rows
from gingerbread_crnn.evaluation.measure import predict_folds
from gingerbread_crnn.original import original_split, with_twins
from gingerbread_crnn.training.features import extract_features
from gingerbread_crnn.training.recipes import SMALL_RECIPE

FOLDER = Path(__file__).resolve().parent.parent / "results" / "original_fold"


def count_right(key, contenders, clips, fold):
    "Right answers of one contender, with the labels as they are or redrawn"
    draw = key["redraw"]
    drawn = clips if draw < 0 else redraw_design(clips, derive_seed(0, "redraw", draw))
    answers = predict_folds(contenders[key["contender"]], drawn, [fold], workers=1)
    return {"right": int((answers.label == answers.predicted).sum())}


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--redraws", type=int, default=200)
    parser.add_argument("--workers", type=int, default=None, help="default: one a core")
    options = parser.parse_args()
    dataset = with_twins(load_dataset("real"))
    features = extract_features(dataset, ClipSpec(1, 25), workers=options.workers)
    fold, = original_split(features.clips)
    networks = {f"CRNN ({cell.upper()})": replace(SMALL_RECIPE, head=cell)
                for cell in ("lstm", "gru")}
    contenders = {one.name: one for one in shortcuts(dataset, features.clips)}
    contenders |= {name: crnn_contender(features, recipe, name)
                   for name, recipe in networks.items()}
    made_with = {"data": dataset.fingerprint, "clips": len(features.clips),
                 "tested": len(fold.test), "spec": features.spec_asdict(),
                 "encoder": f"resnet34, {features.encoder.weights_name}",
                 "recipe": "SMALL_RECIPE, with the cell named"}
    keys = [{"contender": name, "redraw": draw} for draw in range(-1, options.redraws)
            for name in contenders]
    count = partial(count_right, contenders=contenders, clips=features.clips, fold=fold)
    measured_rows(FOLDER / "redrawn.csv", made_with, keys,
                  partial(run_parallel, count, workers=options.workers),
                  at_once=4 * len(contenders), order=["contender", "redraw"])


if __name__ == "__main__":
    main()
