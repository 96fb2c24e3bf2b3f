"""What the lengths of clips give away. Writes results/lengths/, a file a variant, and goes on
where it stopped.

    python benchmarks/lengths.py

The small CRNN on whole segments of the real recordings, one frame a second, five grouped folds,
five seeds: with lengths and with padding read as frames; the same without any content; and, beside
them, clips of one length."""
from pathlib import Path

from gingerbread_crnn.data.sources import load_dataset
from gingerbread_crnn.evaluation.experiments import run_recipes
from gingerbread_crnn.evaluation.lengths import padding_as_data, without_content
from gingerbread_crnn.training.recipes import SMALL_RECIPE
from gingerbread_crnn.data.clips import ClipSpec
from gingerbread_crnn.training.features import extract_features

FOLDER = Path(__file__).resolve().parent.parent / "results" / "lengths" / "real"


def main():
    dataset = load_dataset("real")
    whole = extract_features(dataset, ClipSpec(1, None))
    variants = {"one length, 25 frames": extract_features(dataset, ClipSpec(1, 25)),
                "padding not read": whole, "padding read as frames": padding_as_data(whole),
                "no content, padding not read": without_content(whole),
                "no content, padding read": padding_as_data(without_content(whole))}
    for name, features in variants.items():
        row, = run_recipes(features, {name: SMALL_RECIPE}, FOLDER, protocol="grouped_folds", runs=5)
        print(f"{row['contender']:32}{row['accuracy']:.3f} ({row['deviation']:.3f})", flush=True)


if __name__ == "__main__":
    main()
