"""Clips per second of a training, beside the same network on one batch that never moves."""
import copy
import statistics
import time
from contextlib import contextmanager

import pandas as pd
import torch
from fastai.callback.core import Callback, CancelFitException
from fastai.callback.fp16 import MixedPrecision
from fastai.learner import Learner

from gingerbread_crnn.errors import SettingError
from gingerbread_crnn.network.encoders import check_device
from gingerbread_crnn.training.finetuning import (
    DevicePrecision, FrozenStages, keep_frozen, number_type,
)
from gingerbread_crnn.training.parts import quiet
from gingerbread_crnn.training.recipes import SkipValidation


def throughput(
    learn: Learner,  # On frames; it stays as it is
    batches: int = 20,  # Batches that are timed, each time
    warmup: int = 5,  # Batches before, which are not
    repeats: int = 3,  # Each is measured so often, in turns
) -> pd.DataFrame:  # Clips per second of loop and bound: median, lowest, highest; share
    "Clips per second of a training, beside the same network on one batch that never moves"
    counts = (("batches", batches, 1), ("warmup", warmup, 0), ("repeats", repeats, 1))
    for name, value, least in counts:
        if not isinstance(value, int) or value < least:
            raise SettingError(f"{name}={value!r}", f"a whole number from {least}",
                               "20, 5 and 3 are a start.")
    speeds = {"training loop": [], "upper bound": []}
    with _set_apart(learn):
        batch = learn.dls.train.one_batch()
        for _ in range(repeats):
            speeds["training loop"].append(_loop_speed(_twin(learn), batches, warmup))
            speeds["upper bound"].append(_bound_speed(_twin(learn), batch, batches, warmup))
    columns = {name: [statistics.median(found), min(found), max(found)]
               for name, found in speeds.items()}
    table = pd.DataFrame(columns, index=["clips_per_second", "lowest", "highest"]).T
    table["share"] = table.clips_per_second / table.clips_per_second["upper bound"]
    dtype = str(number_type(_precision(learn))).removeprefix("torch.")
    device = device_name(learn.dls.device)
    table.attrs = dict(device=device, batch_size=len(batch[0]), batches=batches, dtype=dtype)
    return table


def device_name(
    device: str | torch.device,  # Such as "cpu", "cuda"
) -> str:  # What to call it in a table
    "The name of a GPU, or of another device"
    device = check_device(device)
    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type


def _precision(learn):
    return next((cb for cb in learn.cbs if isinstance(cb, MixedPrecision)), None)


@contextmanager
def _set_apart(learn):
    "Whatever is trained inside, order and random numbers go on as if nothing had been"
    loader = learn.dls.train
    rng = loader.rng
    state = loader.rng.getstate()
    with torch.random.fork_rng(range(torch.cuda.device_count())):
        yield
    loader.rng = rng
    loader.rng.setstate(state)


def _twin(learn):
    "A learner like this one, with a copy of its network"
    precision = _precision(learn)
    cbs = [FrozenStages()] * any(isinstance(cb, FrozenStages) for cb in learn.cbs)
    if precision is not None:
        cbs.append(type(precision)(precision.amp_mode))
    twin = Learner(learn.dls, copy.deepcopy(learn.model), learn.loss_func, learn.opt_func, learn.lr,
                   learn.splitter, cbs, wd=learn.wd, train_bn=learn.train_bn, moms=learn.moms)
    twin.create_opt()
    twin.model.to(learn.dls.device)
    return twin


def _now(device):
    "Seconds, when the device has done all that it was given"
    if torch.device(device).type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter()


class _Stopwatch(Callback):
    "Count clips between two moments, and end the training"
    order = 100
    run_valid = False
    def __init__(self, batches, warmup):
        self.batches, self.warmup = batches, warmup

    def before_fit(self):
        self.seen = self.clips = 0
        self.start = _now(self.dls.device)

    def after_batch(self):
        self.seen += 1
        if self.seen <= self.warmup:
            if self.seen == self.warmup:
                self.start = _now(self.dls.device)
            return
        self.clips += len(self.yb[0])
        if self.seen < self.warmup + self.batches: return
        self.speed = self.clips / (_now(self.dls.device) - self.start)
        raise CancelFitException


def _loop_speed(learn, batches, warmup):
    "Clips per second of fastai's training loop, from the file to the step"
    watch = _Stopwatch(batches, warmup)
    epochs = -(-(batches + warmup) // len(learn.dls.train))
    with quiet(learn), learn.added_cbs([SkipValidation(), watch]):
        learn.fit(epochs)
    return watch.speed


def _bound_speed(learn, batch, batches, warmup):
    "Clips per second of the bare steps on one batch"
    (*inputs, truth), device, dtype = batch, learn.dls.device, number_type(_precision(learn))
    scaler = torch.amp.GradScaler(enabled=dtype == torch.float16)
    acts = isinstance(_precision(learn), DevicePrecision) or torch.device(device).type == "cuda"
    learn.model.train()
    if any(isinstance(cb, FrozenStages) for cb in learn.cbs):
        keep_frozen(learn.model)

    def step():
        half = acts and dtype != torch.float32
        with torch.autocast(torch.device(device).type, dtype, enabled=half):
            loss = learn.loss_func(learn.model(*inputs).float(), truth)
        scaler.scale(loss).backward()
        scaler.step(learn.opt)
        scaler.update()
        learn.opt.zero_grad()

    for _ in range(warmup):
        step()
    start = _now(device)
    for _ in range(batches):
        step()
    return batches * len(truth) / (_now(device) - start)
