"""Does the CRNN find what was planted, and nothing where nothing was? Writes
results/known_answer/, and goes on where it stopped.

    python benchmarks/known_answer.py --permutations 119 --seeds 10

The default synthetic listeners: the CRNN (ResNet-34, random weights, the small recipe) under
leave_participant_out, then the same with the design drawn again, retrained in every fold of every
draw. After that, listeners without any effect, ten times."""
import argparse
import shutil
from dataclasses import replace
from pathlib import Path

from gingerbread_crnn.data.sources import load_dataset
from gingerbread_crnn.evaluation.evaluation import cross_validate
from gingerbread_crnn.evaluation.experiments import measured_rows
from gingerbread_crnn.network.decoders import cell_of
from gingerbread_crnn.training.recipes import SMALL_RECIPE
from gingerbread_crnn.data.clips import ClipSpec
from gingerbread_crnn.data.design import redraw_design
from gingerbread_crnn.data.splits import leave_participant_out
from gingerbread_crnn.data.synthetic import DEFAULT_EFFECT, synthetic_folder
from gingerbread_crnn.training.features import extract_features

FOLDER = Path(__file__).resolve().parent.parent / "results" / "known_answer"


def features_of(folder):
    "ResNet-34 features of clips of 25 frames"
    return extract_features(load_dataset(folder), ClipSpec(1, 25), "resnet34")


def right(features):
    "How many clips of held-out participants the CRNN gets right"
    return cross_validate(features, leave_participant_out(features.clips),
                          SMALL_RECIPE).summary()["right"]


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--permutations", type=int, default=119)
    parser.add_argument("--seeds", type=int, default=10)
    options = parser.parse_args()
    planted = features_of("synthetic")
    made_with = {
        "cell": cell_of(SMALL_RECIPE.head),
        "effect": DEFAULT_EFFECT, "data": planted.dataset.fingerprint, "clips": len(planted.clips),
        "encoder": f"resnet34, {planted.encoder.weights_name}", "protocol": "leave_participant_out"}
    tables = {"redrawn": (options.permutations, lambda number: _redrawn(planted, number)),
              "no_effect": (options.seeds, lambda number: _listeners(0, number)),
              "planted": (3, lambda number: _listeners(DEFAULT_EFFECT, number))}
    for name, (count, measure) in tables.items():
        keys = [{"number": number} for number in range(count)]
        measured_rows(FOLDER / f"{name}.csv", made_with, keys,
                      lambda keys: [measure(**key) for key in keys])


def _redrawn(features, number):
    "The same people with the design drawn again"
    redrawn = replace(features, clips=redraw_design(features.clips, number))
    return {"right": right(redrawn), "clips": len(features.clips)}


def _listeners(effect, seed):
    "Twelve listeners of a seed; their folder goes afterwards, unless they are the default ones"
    folder = synthetic_folder(effect=effect, seed=seed)
    features = features_of(folder)
    row = {"right": right(features), "clips": len(features.clips)}
    if (effect, seed) != (DEFAULT_EFFECT, 0):
        shutil.rmtree(folder)
    return row


if __name__ == "__main__":
    main()
