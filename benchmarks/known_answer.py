"""Does the CRNN find what was planted, and nothing where nothing was? Writes results/known_answer/, and goes on where it stopped.

    python benchmarks/known_answer.py --permutations 119 --seeds 10

The default synthetic listeners: the CRNN (ResNet-34, random weights, the small recipe) under leave_participant_out, then the same
with the design drawn again, retrained in every fold of every draw. After that, listeners without any effect, ten times."""
import argparse
import shutil
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

import pandas as pd
from tqdm import tqdm

from gingerbread_crnn.core import atomic_path
from gingerbread_crnn.data.sources import load_dataset
from gingerbread_crnn.core import package_versions, write_json
from gingerbread_crnn.evaluation.evaluation import cross_validate
from gingerbread_crnn.training.recipes import SMALL_RECIPE
from gingerbread_crnn.data.clips import ClipSpec
from gingerbread_crnn.data.splits import leave_participant_out, redraw_design
from gingerbread_crnn.data.synthetic import DEFAULT_EFFECT, synthetic_folder
from gingerbread_crnn.training.features import extract_features

FOLDER = Path(__file__).resolve().parent.parent / "results" / "known_answer"


def features_of(folder):
    "ResNet-34 features of clips of 25 frames"
    return extract_features(load_dataset(folder), ClipSpec(1, 25), "resnet34")


def right(features):
    "How many clips of held-out participants the CRNN gets right"
    return cross_validate(features, leave_participant_out(features.clips), SMALL_RECIPE).summary()["right"]


def table(name, numbers, measure):
    "Measure what is missing of a table, a row a number, and write it after each row"
    path = FOLDER / f"{name}.csv"
    rows = pd.read_csv(path).to_dict("records") if path.is_file() else []
    for number in tqdm([number for number in numbers if number not in {row["number"] for row in rows}], desc=name):
        rows.append({"number": number, **measure(number)})
        with atomic_path(path) as temporary: pd.DataFrame(rows).to_csv(temporary, index=False)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--permutations", type=int, default=119)
    parser.add_argument("--seeds", type=int, default=10)
    options = parser.parse_args()
    planted = features_of("synthetic")
    configuration = {"effect": DEFAULT_EFFECT, "data": planted.dataset.fingerprint, "clips": len(planted.clips),
                     "encoder": "resnet34, " + planted.encoder["weights_name"], "protocol": "leave_participant_out",
                     "versions": package_versions(), "date": datetime.now(timezone.utc).date().isoformat()}
    write_json(FOLDER / "configuration.json", configuration)
    table("redrawn", range(options.permutations), lambda draw: {
        "right": right(replace(planted, clips=redraw_design(planted.clips, draw))), "clips": len(planted.clips)})
    table("no_effect", range(options.seeds), lambda seed: _listeners(0, seed))
    table("planted", range(3), lambda seed: _listeners(DEFAULT_EFFECT, seed))


def _listeners(effect, seed):
    "Twelve listeners of a seed; their folder goes afterwards, unless they are the default ones"
    folder = synthetic_folder(effect=effect, seed=seed)
    features = features_of(folder)
    row = {"right": right(features), "clips": len(features.clips)}
    if (effect, seed) != (DEFAULT_EFFECT, 0): shutil.rmtree(folder)
    return row


if __name__ == "__main__": main()
