"""Is there something to find? Writes results/three/, a folder a dataset; goes on where it stopped.

    python benchmarks/three.py                # needs the extra `exercises`; half an hour
    python benchmarks/three.py exercises      # one of them: simulated, exercises

One network, one drawing, one test: the small LSTM on a random ResNet-34, trained on all clips of a
fold at once, five groups of people held out in turn, five trainings, and 200 redraws of the labels,
all of them trained again. Simulated listeners, in whom an effect was planted; people who exercise,
whose watch is drawn as the gingerbread man; and, beside these, the people who listen to music, whom
`ladder.py grouped` has measured in the same way. What can be told without a network is asked of the
first two as well: the segment's length, and a linear model on the signals' statistics."""
import argparse
from pathlib import Path

from gingerbread_crnn.core import measured_once
from gingerbread_crnn.data.clips import ClipSpec
from gingerbread_crnn.data.design import redraw_design
from gingerbread_crnn.data.sources import load_dataset
from gingerbread_crnn.evaluation.contenders import crnn_contender, shortcuts
from gingerbread_crnn.evaluation.measure import measure_contender, shuffle_within_participants
from gingerbread_crnn.training.features import extract_features
from gingerbread_crnn.training.recipes import FULL_BATCH_RECIPE

FOLDER = Path(__file__).resolve().parent.parent / "results" / "three"
# A dataset, what a clip of it is, and how its experiment is drawn again
COLUMNS = {"simulated": ("synthetic", ClipSpec(1, 25), redraw_design),
           "exercises": ("exercises", ClipSpec(4, 9), shuffle_within_participants)}
RIVALS = "length", "statistics (linear)"
PROTOCOL, FOLDS = "grouped_folds", 5


def measure(name):
    "Rows of the network and of two rivals"
    source, spec, redraw = COLUMNS[name]
    dataset = load_dataset(source)
    features = extract_features(dataset, spec)
    described = features.encoder.asdict()
    made = dict(data=dict(kind=dataset.kind, fingerprint=dataset.fingerprint),
                clips=spec.asdict(), count=len(features.clips), protocol=f"{PROTOCOL}, {FOLDS}",
                encoder={key: described[key] for key in ("backbone", "weights_name")},
                redraw=redraw.__name__)
    network = crnn_contender(features, FULL_BATCH_RECIPE)
    rivals = [one for one in shortcuts(dataset, features.clips, signals=True)
              if one.name in RIVALS]
    for one in [network, *rivals]:
        row = measured_once(
            FOLDER / name / f"{one.name.split(' ')[0].lower()}.json", made | {"cell": one.cell},
            lambda: measure_contender(one, features.clips, PROTOCOL, folds=FOLDS,
                                      runs=5 if one is network else 1, permutations=200,
                                      exceedances=None, redraw=redraw), "made")
        print(f"{name:12}{row['contender']:22}{row['accuracy']:.3f}  chance {row['chance']:.3f}  "
              f"{row['redraws']} redraws", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("columns", nargs="*", default=list(COLUMNS), metavar="DATASET",
                        help="default: both")
    for name in parser.parse_args().columns:
        measure(name)


if __name__ == "__main__":
    main()
