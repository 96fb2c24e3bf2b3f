"""How many clips of me? Writes results/known_clips/, and goes on where it stopped.

    python benchmarks/known_clips.py

The tested people's clips enter training one by one, from none to six of each, in five grouped
folds: the small network, a linear model on the signals' statistics, and somebody who knows who is
listening and when, each beside what it reaches with labels redrawn by the design, at every
count."""
from pathlib import Path

from redraws import fill, parser

from gingerbread_crnn.data.clips import ClipSpec
from gingerbread_crnn.data.known_clips import known_clips
from gingerbread_crnn.data.sources import load_dataset
from gingerbread_crnn.evaluation.contenders import crnn_contender, shortcuts
from gingerbread_crnn.training.features import extract_features
from gingerbread_crnn.training.recipes import FULL_BATCH_RECIPE

FOLDER = Path(__file__).resolve().parent.parent / "results" / "known_clips"
COUNTS = [{"known": count} for count in range(7)]
RIVALS = ("who and when", "statistics (linear)")


def folds_of(clips, key):
    "The same people, whatever their labels"
    return known_clips(clips, key["known"], folds=5)


def main():
    options = parser(__doc__).parse_args()
    dataset = load_dataset("real")
    features = extract_features(dataset, ClipSpec(1, 25), workers=options.workers)
    network = crnn_contender(features, FULL_BATCH_RECIPE)
    rivals = {one.name: one for one in shortcuts(dataset, features.clips) if one.name in RIVALS}
    made_with = {"data": dataset.fingerprint, "clips": len(features.clips),
                 "spec": features.spec_asdict(), "cell": network.cell,
                 "encoder": f"resnet34, {features.encoder.weights_name}",
                 "recipe": "FULL_BATCH_RECIPE", "seed": 0,
                 "protocol": "known_clips, folds=5"}
    for name, some in {"rivals": rivals, "crnn": {network.name: network}}.items():
        fill(FOLDER / f"{name}.csv", made_with, some, features.clips, folds_of, options,
             at_once=len(COUNTS), further=COUNTS)


if __name__ == "__main__":
    main()
