"""How often do the 95 % intervals hold what they should? Writes results/coverage/, and goes on
where it stopped.

    # groups of simulated listeners without an effect, the design drawn again and again: redrawn.csv
    python benchmarks/coverage.py
    # the experiments of power.py with their counts for each person: experiments.csv
    python benchmarks/coverage.py --effects

A group is 23 simulated listeners of power.py, with no effect in them. Their design is drawn again,
200 times, and the model trained again in every fold of every draw. Each draw is then taken for the
experiment that was made, and the mean of its group's draws for the truth that its interval should
hold. The tables keep the right answers of each person (eight segments each) and the ends of
`participant_interval`; intervals from the redraws are computed where the tables are read."""
import argparse
from functools import partial
from pathlib import Path

import pandas as pd

from gingerbread_crnn.core import derive_seed, run_parallel
from gingerbread_crnn.data.design import redraw_design
from gingerbread_crnn.data.splits import leave_participant_out
from gingerbread_crnn.evaluation.experiments import measured_rows
from gingerbread_crnn.evaluation.leaks import statistics_contender
from gingerbread_crnn.evaluation.measure import (
    answers_by_participant,
    participant_interval,
    predict_folds,
)
from power import PARTICIPANTS, SAMPLES, listener, seed_of

FOLDER = Path(__file__).resolve().parent.parent / "results" / "coverage"
EFFECTS = (0, 0.2, 0.4, 0.6, 0.8, 1)  # of results/power/linear.csv
MODELS = ("logistic_regression", "svm")
GROUPS, DRAWS, EXPERIMENTS = 5, 200, 21


def listeners(effect, number):
    "The table of an experiment of power.py: a row a segment of each of its listeners"
    seed = seed_of(effect, number)
    return pd.concat([listener(person, effect, seed, SAMPLES) for person in range(PARTICIPANTS)],
                     ignore_index=True)


def row_of(table, model):
    "Right answers about people held out, in all and person by person, and the bootstrap interval"
    answers = predict_folds(statistics_contender(table, model), table,
                            leave_participant_out(table), workers=1)
    counts = answers_by_participant(answers)
    low, high = participant_interval(counts)
    return {"right": int(counts.right.sum()), "tested": int(counts.tested.sum()), "low": low,
            "high": high, "people": ";".join(map(str, counts.right))}


def redrawn(key, tables):
    "One draw of a group's design: the rest of its row"
    table = redraw_design(tables[key["group"]],
                          derive_seed(seed_of(0, key["group"]), "coverage", key["draw"]))
    return row_of(table, key["model"])


def experiment(key):
    "One experiment with an effect: the rest of its row"
    return row_of(listeners(**key), MODELS[0])


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--effects", action="store_true", help="with an effect: experiments.csv")
    parser.add_argument("--groups", type=int, default=GROUPS)
    parser.add_argument("--draws", type=int, default=DRAWS, help="of each group's design")
    parser.add_argument("--experiments", type=int, default=EXPERIMENTS, help="for each effect")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    settings = {"participants": PARTICIPANTS, "samples": SAMPLES,
                "protocol": "leave_participant_out", "models": list(MODELS),
                "listeners": "of benchmarks/power.py"}
    if options.effects:
        name, order, one = "experiments", ["effect", "number"], experiment
        keys = [{"effect": effect, "number": number} for number in range(options.experiments)
                for effect in EFFECTS]
    else:
        name, order = "redrawn", ["model", "group", "draw"]
        one = partial(redrawn, tables=[listeners(0, group) for group in range(options.groups)])
        keys = [{"model": model, "group": group, "draw": draw} for model in MODELS
                for draw in range(options.draws) for group in range(options.groups)]
    measured_rows(FOLDER / f"{name}.csv", {"settings": settings}, keys,
                  partial(run_parallel, one, workers=options.workers),
                  at_once=10 * options.workers, order=order)


if __name__ == "__main__":
    main()
