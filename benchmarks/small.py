"""The default recipe on the real recordings, one seed: writes results/small/, and results/
small-skip-42/ for clips that begin 42 frames later, a folder a protocol. Ten minutes on two cores.

    python benchmarks/small.py"""
from pathlib import Path

from gingerbread_crnn.data.clips import ClipSpec
from gingerbread_crnn.data.sources import load_dataset
from gingerbread_crnn.data.splits import PROTOCOLS
from gingerbread_crnn.evaluation.evaluation import cross_validate
from gingerbread_crnn.training.features import extract_features

RESULTS = Path(__file__).resolve().parent.parent / "results"
SPECS = {"small": ClipSpec(1, 25), "small-skip-42": ClipSpec(1, 25, skip_frames=42)}


def main():
    dataset = load_dataset("real")
    for name, spec in SPECS.items():
        features = extract_features(dataset, spec)
        for protocol in ("random_clips", "leave_participant_out"):
            run = cross_validate(features, PROTOCOLS[protocol](features.clips))
            run.save(RESULTS / name / protocol)
            found = run.summary()
            print(f"{name:15}{protocol:23}{found['right']} of {found['clips']} right")


if __name__ == "__main__":
    main()
