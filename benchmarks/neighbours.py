"""Whose clip is the nearest? Writes results/neighbours/real.json.

    python benchmarks/neighbours.py

For each test clip of the real recordings the training clip whose features are nearest, and how
often it is of the same person, or of the same genre; no network is trained."""
from pathlib import Path

from gingerbread_crnn.core import measured_once
from gingerbread_crnn.data.clips import ClipSpec
from gingerbread_crnn.data.sources import load_dataset
from gingerbread_crnn.data.splits import leave_participant_out, random_clips
from gingerbread_crnn.training.features import extract_features
from gingerbread_crnn.use.interpretation import neighbour_shares

FILE = Path(__file__).resolve().parent.parent / "results" / "neighbours" / "real.json"


def main():
    features = extract_features(load_dataset("real"), ClipSpec(1, 25))
    folds = {"random_clips": random_clips(features.clips, repeats=20),
             "leave_participant_out": leave_participant_out(features.clips)}

    def measure():
        return {"shares": {protocol: neighbour_shares(features, some).to_dict("index")
                           for protocol, some in folds.items()}}

    made_with = {"features": str(features), "draws": len(folds["random_clips"])}
    for protocol, rows in measured_once(FILE, made_with, measure)["shares"].items():
        for column, row in rows.items():
            print(f"{protocol:24}{column:14}{row['share']:.3f} (chance {row['chance']:.3f})")


if __name__ == "__main__":
    main()
