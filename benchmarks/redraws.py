"""What the benchmarks share that train again on labels redrawn by the design."""
import argparse
from functools import partial

from gingerbread_crnn.core import derive_seed, run_parallel
from gingerbread_crnn.data.design import redraw_design
from gingerbread_crnn.evaluation.experiments import measured_rows
from gingerbread_crnn.evaluation.measure import predict_folds


def parser(text):
    "A command line with the number of redraws and of workers"
    found = argparse.ArgumentParser(description=text,
                                    formatter_class=argparse.RawDescriptionHelpFormatter)
    found.add_argument("--redraws", type=int, default=200)
    found.add_argument("--workers", type=int, default=None, help="default: one a core")
    return found


def count_right(key, contenders, clips, folds_of):
    "Right answers of one contender, with the labels as they are (redraw -1) or redrawn"
    draw = key["redraw"]
    drawn = clips if draw < 0 else redraw_design(clips, derive_seed(0, "redraw", draw))
    answers = predict_folds(contenders[key["contender"]], drawn, folds_of(drawn, key), workers=1)
    return {"right": int((answers.label == answers.predicted).sum()), "tested": len(answers)}


def fill(path, made_with, contenders, clips, folds_of, options, *, at_once, further=({},)):
    "A table of all contenders' right answers, by redraw and whatever `further` tells apart"
    keys = [{"contender": name, **more, "redraw": draw} for draw in range(-1, options.redraws)
            for more in further for name in contenders]
    count = partial(count_right, contenders=contenders, clips=clips, folds_of=folds_of)
    return measured_rows(path, made_with, keys,
                         partial(run_parallel, count, workers=options.workers),
                         at_once=at_once * len(contenders), order=list(keys[0]))
