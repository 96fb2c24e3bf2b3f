"""Which decoder? Writes results/decoders/, a file a decoder and dataset, and goes on where it
stopped.

    python benchmarks/decoders.py               # the simulated listeners and the real recordings
    python benchmarks/decoders.py synthetic     # one of them

Every decoder of `DECODERS` on features that are computed once, and torchvision's r3d_18, which
sees a clip at once; people held out, three seeds each."""
import argparse
from dataclasses import replace
from pathlib import Path

from gingerbread_crnn.data.sources import load_dataset
from gingerbread_crnn.network.decoders import DECODERS, r3d_encoder
from gingerbread_crnn.evaluation.experiments import run_recipes
from gingerbread_crnn.training.recipes import SMALL_RECIPE
from gingerbread_crnn.data.clips import ClipSpec
from gingerbread_crnn.training.features import extract_features

FOLDER = Path(__file__).resolve().parent.parent / "results" / "decoders"


def measure(features, names, source, **changes):
    "Measure, and print what was measured"
    recipes = {name: replace(SMALL_RECIPE, head=head, **changes) for name, head in names.items()}
    for row in run_recipes(features, recipes, FOLDER / source, runs=3):
        print(f"{source:12}{row['contender']:18}{row['accuracy']:.3f} ({row['deviation']:.3f})",
              flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="*", default=["synthetic", "real"])
    for source in parser.parse_args().data:
        dataset, spec = load_dataset(source), ClipSpec(1, 25)
        measure(extract_features(dataset, spec), {name: name for name in DECODERS}, source)
        # as it was made for
        at_once = extract_features(dataset, spec, r3d_encoder(), whole_clips=True, image_size=112)
        # one row a clip, and no batch of one clip
        measure(at_once, {"r3d_18": "mean"}, source, batch_size=24)


if __name__ == "__main__":
    main()
