"""How far a count moves although nothing has been learnt in between: the runs of results/small/
again, on features disturbed by a hundred-thousandth of their size, and with other seeds. Writes
results/rounding/, and goes on where it stopped. Half an hour on two cores.

    python benchmarks/rounding.py"""
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from gingerbread_crnn.core import run_parallel
from gingerbread_crnn.data.clips import ClipSpec
from gingerbread_crnn.data.sources import load_dataset
from gingerbread_crnn.data.splits import PROTOCOLS
from gingerbread_crnn.evaluation.evaluation import cross_validate
from gingerbread_crnn.evaluation.experiments import measured_rows
from gingerbread_crnn.training.features import extract_features

FOLDER = Path(__file__).resolve().parent.parent / "results" / "rounding"
TRAININGS = {"features": {"random_clips": 100, "leave_participant_out": 20},
             "seed": {"random_clips": 100, "leave_participant_out": 8}}
DISTURBANCE = 1e-5  # Standard deviation of the factors that features are multiplied by, about 1


def disturbed(features, draw):
    "`features` with each number multiplied by nearly 1; draw 0 leaves them as they are"
    factor = np.ones(features.values.shape, dtype=np.float32)
    if draw:
        factor += DISTURBANCE * np.random.default_rng(draw).standard_normal(factor.shape)
    return replace(features, values=features.values * factor)


def count_right(key, features):
    "Right answers of one whole run; its folds stay those of results/small"
    folds = PROTOCOLS[key["protocol"]](features.clips)
    noise, seed = (key["draw"], 0) if key["changed"] == "features" else (0, key["draw"])
    found = cross_validate(disturbed(features, noise), folds, seed=seed, workers=1).summary()
    return {"right": found["right"], "tested": found["clips"]}


def main():
    dataset = load_dataset("real")
    features = extract_features(dataset, ClipSpec(1, 25))
    made_with = {"data": dataset.fingerprint, "clips": len(features.clips),
                 "spec": features.spec_asdict(), "recipe": "SMALL_RECIPE",
                 "encoder": f"resnet34, {features.encoder.weights_name}",
                 "disturbance": DISTURBANCE}
    keys = [{"changed": changed, "protocol": protocol, "draw": draw}
            for changed, protocols in TRAININGS.items()
            for protocol, trainings in protocols.items() for draw in range(trainings)]
    measured_rows(FOLDER / "rounding.csv", made_with, keys,
                  partial(run_parallel, partial(count_right, features=features)),
                  at_once=4, order=["changed", "protocol", "draw"])


if __name__ == "__main__":
    main()
