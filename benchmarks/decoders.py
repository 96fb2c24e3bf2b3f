"""Which decoder? Writes results/decoders/, a file a decoder and dataset, and goes on where it
stopped.

    python benchmarks/decoders.py               # all three parts
    python benchmarks/decoders.py synthetic     # one of them: synthetic, real or maximum

Every decoder of `DECODERS` on features that are computed once, and torchvision's r3d_18, which
sees a clip at once; people held out, three seeds each, on the simulated listeners and on the real
recordings. The part `maximum` asks what the best of the eight is worth on the real recordings: all
are trained again, in five grouped folds and full batches, on labels redrawn by the design."""
from dataclasses import replace
from pathlib import Path

from redraws import fill, parser

from gingerbread_crnn.data.sources import load_dataset
from gingerbread_crnn.data.splits import grouped_folds
from gingerbread_crnn.evaluation.contenders import crnn_contender
from gingerbread_crnn.network.decoders import DECODERS
from gingerbread_crnn.evaluation.experiments import run_recipes
from gingerbread_crnn.training.recipes import FULL_BATCH_RECIPE, SMALL_RECIPE
from gingerbread_crnn.data.clips import ClipSpec
from gingerbread_crnn.training.features import extract_features

FOLDER = Path(__file__).resolve().parent.parent / "results" / "decoders"


def measure(features, names, source, **changes):
    "Measure, and print what was measured"
    recipes = {name: replace(SMALL_RECIPE, head=head, **changes) for name, head in names.items()}
    for row in run_recipes(features, recipes, FOLDER / source, runs=3):
        print(f"{source:12}{row['contender']:18}{row['accuracy']:.3f} ({row['deviation']:.3f})",
              flush=True)


def features_at_once(dataset, spec):
    "A row a clip, from a network that sees whole clips, at the size that it was made for"
    return extract_features(dataset, spec, "r3d_18")


def five_folds(clips, key):
    "Five folds, nobody in two of them"
    return grouped_folds(clips, folds=5)


def maximum(options):
    "How good is the best of the eight with labels that mean nothing?"
    dataset, spec = load_dataset("real"), ClipSpec(1, 25)
    features = extract_features(dataset, spec, workers=options.workers)
    at_once = features_at_once(dataset, spec)
    contenders = {name: crnn_contender(features, replace(FULL_BATCH_RECIPE, head=name), name)
                  for name in DECODERS}
    contenders["r3d_18"] = crnn_contender(at_once, replace(FULL_BATCH_RECIPE, head="mean"),
                                          "r3d_18")
    made_with = {"data": dataset.fingerprint, "clips": len(features.clips),
                 "spec": features.spec_asdict(), "protocol": "grouped_folds, 5", "seed": 0,
                 "encoder": f"resnet34, {features.encoder.weights_name}",
                 "recipe": "FULL_BATCH_RECIPE, with the decoder named"}
    fill(FOLDER / "maximum" / "redrawn.csv", made_with, contenders, features.clips, five_folds,
         options, at_once=2)


def main():
    command = parser(__doc__)
    command.add_argument("parts", nargs="*", default=["synthetic", "real", "maximum"])
    options = command.parse_args()
    for source in options.parts:
        if source == "maximum":
            maximum(options)
            continue
        dataset, spec = load_dataset(source), ClipSpec(1, 25)
        measure(extract_features(dataset, spec), {name: name for name in DECODERS}, source)
        # one row a clip, and no batch of one clip
        measure(features_at_once(dataset, spec), {"r3d_18": "mean"}, source, batch_size=24)


if __name__ == "__main__":
    main()
