"""Train a head on simulated or real clips, in one process or in several.

    # two processes on a processor
    torchrun --standalone --nproc_per_node=2 examples/train_distributed.py --cpu
    # one process a GPU
    accelerate launch --multi_gpu examples/train_distributed.py --device cuda
"""
import argparse
import json
from pathlib import Path

from accelerate import PartialState
from fastai.torch_core import no_random, num_distrib, rank_distrib

from gingerbread_crnn.data.sources import load_dataset
from gingerbread_crnn.data.clips import ClipSpec
from gingerbread_crnn.data.splits import leave_participant_out
from gingerbread_crnn.training.features import extract_features
from gingerbread_crnn.training.learner import crnn_learner, feature_dataloaders
from gingerbread_crnn.training.parts import quiet
from gingerbread_crnn.training.long_runs import RunFolder, several_processes


def arguments(given=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="synthetic-small",
                        help="synthetic-small, synthetic, real, exercises, a folder or a .csv file")
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--batch-size", type=int, default=8,
                        help="clips in a step, of all processes together; 0: all clips")
    parser.add_argument("--learning-rate", type=float, default=3e-3)
    parser.add_argument("--frames", type=int, default=12, help="frames in a clip, one a second")
    parser.add_argument("--backbone", default="resnet18")
    parser.add_argument("--image-size", type=int, default=64)
    parser.add_argument("--device", default="cpu", help="where the head is trained: cpu or cuda")
    parser.add_argument("--cpu", action="store_true", help="leave GPUs alone, also for the encoder")
    parser.add_argument("--run-folder", help="go on from here where a training was interrupted")
    parser.add_argument("--report", help="a .json file for losses and metrics, epoch by epoch")
    return parser.parse_args(given)


def main(given=None):
    args = arguments(given)
    processes = max(num_distrib(), 1)
    # the processes meet, and each takes its own GPU
    state = PartialState(cpu=args.cpu or args.device == "cpu")
    dataset = load_dataset(args.data)
    # the first one computes the features, the others find them in the cache
    with state.local_main_process_first():
        features = extract_features(dataset, ClipSpec(1, args.frames), args.backbone,
                                    image_size=args.image_size, device="cpu" if args.cpu else None)
    fold = leave_participant_out(features.clips)[0]
    # fastai counts the clips of one process
    batch_size = (args.batch_size or len(fold.train)) // processes
    dls = feature_dataloaders(features, fold, batch_size, device=state.device)
    cbs = RunFolder(args.run_folder) if args.run_folder else None
    with no_random(rank_distrib()):  # each process drops other values
        learn = crnn_learner(dls)
        dls.train.rng.seed(0)
        with quiet(learn), several_processes(learn):
            learn.fit_one_cycle(args.epochs, args.learning_rate, cbs=cbs)
    if rank_distrib() == 0:
        report = dict(processes=processes, columns=list(learn.recorder.metric_names)[1:-1],
                      epochs=learn.history)
        if args.report:
            Path(args.report).write_text(json.dumps(report))
        print(f"{processes} processes:",
              {name: round(value, 4) for name, value in zip(report["columns"], learn.history[-1])})
    return learn


if __name__ == "__main__":
    main()
