"""The original's grid: 2 backbones x 3 frame rates x 3 fractions of a segment. Writes
results/grid/grid.csv, and goes on where it stopped.

    python benchmarks/original_grid.py                                    # all of it
    python benchmarks/original_grid.py --backbones resnet34 --rates 1 2   # a part

For each cell: the original's recipe under its random split (one draw, seed 42, its own cut of the
segments), test and training clips counted apart, once as they are and once with BatchNorm's
statistics taken from the batch, as in training; and the small CRNN with participants held out. The
features of a whole segment are computed once for each backbone and frame rate (kept in the cache,
session by session, so that an interruption costs little); shorter clips are their first frames."""
import argparse
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import nn

from gingerbread_crnn.core import derive_seed, run_parallel
from gingerbread_crnn.data.sources import load_dataset
from gingerbread_crnn.evaluation.evaluation import cross_validate
from gingerbread_crnn.evaluation.experiments import measured_rows
from gingerbread_crnn.network.decoders import cell_of
from gingerbread_crnn.training.recipes import FULL_BATCH_RECIPE, ORIGINAL_RECIPE, train_fold
from gingerbread_crnn.data.clip_specs import ORIGINAL_CLIP_SPECS
from gingerbread_crnn.data.splits import leave_participant_out, random_clips
from gingerbread_crnn.training.features import extract_features

FOLDER = Path(__file__).resolve().parent.parent / "results" / "grid"
# of the encoder: the ResNet-152 features of all three frame rates take ten minutes, not forty
DTYPE = "bfloat16"


def first_frames(features, count):
    "The same features for shorter clips"
    clips = features.clips.assign(frames=[frames[:count] for frames in features.clips.frames],
                                  frame_count=count)
    return replace(features, clips=clips, values=np.ascontiguousarray(features.values[:, :count]),
                   spec=replace(features.spec, frame_count=count))


def original(features):
    "Right answers of the original's recipe, test and training clips; and with BatchNorm by batch"
    fold, = random_clips(features.clips, seed=42)
    model = train_fold(features, fold, ORIGINAL_RECIPE, seed=derive_seed(0, fold.name)).model
    classes, labels = np.unique(features.clips.label.to_numpy(str), return_inverse=True)
    found, generator = {}, np.random.default_rng(0)
    # in this order: batches move the running statistics
    for ending, by_batch in (("", False), ("_by_batch", True)):
        model.eval()
        for layer in model.modules():
            if isinstance(layer, nn.BatchNorm1d):
                layer.train(by_batch)
        for name, rows in (("test", fold.test), ("train", fold.train)):
            # of mixed people, as in training
            batches = np.array_split(generator.permutation(rows), len(rows) // 25 + 1)
            with torch.no_grad():
                answers = [model(torch.from_numpy(features.values[batch])).argmax(1).numpy()
                           for batch in batches]
            found |= {f"{name}_right{ending}": int((np.concatenate(
                answers) == labels[np.concatenate(batches)]).sum()), f"{name}_clips": len(rows)}
    return found


def cells(backbone, frame_rate, keys):
    "Several fractions of one backbone and frame rate"
    dataset = load_dataset("real", boundaries="original")
    whole = extract_features(dataset, ORIGINAL_CLIP_SPECS[frame_rate, 100], backbone, dtype=DTYPE)
    counts = [ORIGINAL_CLIP_SPECS[frame_rate, key["percent"]].frame_count for key in keys]
    features = [first_frames(whole, count) for count in counts]
    for part, row in zip(features, run_parallel(original, features)):
        small = cross_validate(part, leave_participant_out(whole.clips),
                               FULL_BATCH_RECIPE).summary()
        yield dict(frame_count=part.values.shape[1], **row, held_out_right=small["right"],
                   held_out_clips=small["clips"], weights=whole.encoder.weights_name)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--backbones", nargs="+", default=["resnet34", "resnet152"],
                        choices=["resnet34", "resnet152"])
    parser.add_argument("--rates", nargs="+", type=int, default=[1, 2, 3], choices=[1, 2, 3],
                        help="frames per second of video")
    options = parser.parse_args()
    made_with = {"boundaries": "original", "dtype": DTYPE, "seed": 0,
                 "split": "random_clips, seed 42", "cell": cell_of(FULL_BATCH_RECIPE.head)}
    for backbone in options.backbones:
        for rate in options.rates:
            keys = [dict(backbone=backbone, frame_rate=rate, percent=part)
                    for part in (100, 80, 50)]
            measure = partial(cells, backbone, rate)
            measured_rows(FOLDER / "grid.csv", made_with, keys, measure, at_once=3)


if __name__ == "__main__":
    main()
