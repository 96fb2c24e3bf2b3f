"""What do others reach on the very 37 clips that the original tested? Writes
results/original_fold/, and goes on where it stopped.

    python benchmarks/original_fold.py               # 200 redraws of each

Every rival that costs little, and the small network with either cell, on the one fold that the
original drew: first with the labels as they are (redraw -1), then with the participants' orders
redrawn and everything trained again. The fold keeps its clips in every redraw."""
from dataclasses import replace
from pathlib import Path

from redraws import fill, parser

from gingerbread_crnn.data.clips import ClipSpec
from gingerbread_crnn.data.sources import load_dataset
from gingerbread_crnn.evaluation.contenders import crnn_contender, shortcuts
from gingerbread_crnn.original import original_split
from gingerbread_crnn.training.features import extract_features
from gingerbread_crnn.training.recipes import SMALL_RECIPE

FOLDER = Path(__file__).resolve().parent.parent / "results" / "original_fold"


def main():
    options = parser(__doc__).parse_args()
    dataset = load_dataset("real")
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
    fill(FOLDER / "redrawn.csv", made_with, contenders, features.clips,
         lambda clips, key: [fold], options, at_once=4)


if __name__ == "__main__":
    main()
