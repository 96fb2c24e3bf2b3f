"""Train the drawn encoder, and say how well it reads listeners whom it has never seen.

    python benchmarks/drawn.py                      # an hour on two cores, minutes on a GPU
    python benchmarks/drawn.py --shards 4 --listeners 200   # a short try
    python benchmarks/drawn.py --install            # and put the weights into the package

Writes drawn.safetensors and results.json into a work folder; `--install` puts the weights into the
package and the results into results/drawn/. Killed, it goes on where it stopped: each shard of
listeners is followed by a checkpoint, and what is drawn depends on seed and shard alone.

1. Signals. Thousands of listeners are simulated at four samples a second, with traits that have
   nothing to do with genres: a person, a slow change, two blocks of four pieces, each shifted in
   each trait by itself. The samples that a frame shows of each signal are summed up by principal
   components, whitened. On them, with the noise that pictures will have, reader and LSTM learn to
   say the traits: minutes, as nothing is drawn.
2. Pictures. Listeners are drawn in shards, each frame with the two before it, through H.264 at 224
   pixels, and read back at 112. A ridge regression finds the components in coarse pixels; then the
   residual network learns what it misses; then reader and LSTM learn behind it; then all of it is
   trained from pixels to traits.
3. Measures. R2 of every trait on listeners whom nobody has seen, beside what the signals
   themselves give: the network of part 1, and a linear model and a support vector machine on the
   68 statistics. Then the README's main job: a head on frozen features, people held out."""
import argparse
import json
import math
import os
import shutil
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import torch
from safetensors.torch import load_file, save_file
from sklearn.linear_model import RidgeCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVR
from torch import nn

from gingerbread_crnn.core import (
    atomic_path,
    cache_folder,
    derive_seed,
    fingerprint,
    package_versions,
    run_parallel,
    write_json,
)
from gingerbread_crnn.data.animation import DISCS, iterate_rendered
from gingerbread_crnn.data.clips import ClipSpec, clip_table
from gingerbread_crnn.data.signals import SIGNAL_RATE, SIGNALS, scale_signals
from gingerbread_crnn.data.sources import load_dataset
from gingerbread_crnn.data.splits import split
from gingerbread_crnn.data.statistics import segment_statistics, segment_table, signal_statistics
from gingerbread_crnn.data.synthetic import TRAITS, session_plan, simulate_session
from gingerbread_crnn.data.video import iterate_frames, write_video
from gingerbread_crnn.network.drawn import (
    COMPONENTS,
    DRAWN_SIZE,
    DrawnClip,
    drawn_input,
)
from gingerbread_crnn.network.encoders import default_device

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "results" / "drawn"
FRAMES, STEP = 25, 30  # Of a clip; samples from one to the next: a second of video
SPAN = FRAMES * STEP
RINGS = [disc.rings for disc in DISCS]
NOISE = (0.03, 0.03, 0.10, 0.006)  # What a picture adds to each signal's samples, about
PRESETS = ("superfast", "superfast", "superfast", "ultrafast", "veryfast")
BEFORE = 2  # Frames drawn before each one that is kept, so that the codec has something to predict
NAMES = [trait.name for trait in TRAITS]


# ---- listeners ----

def trait_deviations(pieces, seed):
    "Standard deviations from the middle listener, pieces x 5: no genre is in them"
    generator = np.random.default_rng(seed)
    count = len(TRAITS)
    person = generator.normal(size=count)
    slope = generator.normal(size=count) * np.linspace(-0.5, 0.5, pieces)[:, None]
    block = 1.8 * generator.normal(size=(2, count))[np.arange(pieces) * 2 // pieces]
    return (person + slope + block + 0.25 * generator.normal(size=(pieces, count))).clip(-4, 4)


def simulate(seed):
    "One listener: samples x 4 on the drawing's scale, where each clip starts, its traits"
    generator = np.random.default_rng(derive_seed(seed, "clips"))
    plan = session_plan(int(generator.integers(6)))
    deviations = trait_deviations(len(plan), derive_seed(seed, "traits"))
    traits = pd.DataFrame({trait.name: trait.value(column)
                           for trait, column in zip(TRAITS, deviations.T)})
    signals = simulate_session(plan, traits, derive_seed(seed, "signals"))
    heard = signals[(signals.life_seconds >= 0) & (signals.life_seconds < plan.end.iloc[-1])]
    values = scale_signals(heard)[list(SIGNALS)].to_numpy(np.float32).clip(0, 1)
    first, end = ((plan[name] * SIGNAL_RATE).round().astype(int) for name in ("start", "end"))
    starts = [int(generator.integers(one, max(one, last - SPAN) + 1))
              for one, last in zip(first, end)]
    return values, np.array(starts), deviations, PRESETS[int(generator.integers(len(PRESETS)))]


def frame_numbers(starts):
    "Of each clip the last frame of each second of video: clips x 25"
    return np.asarray(starts)[:, None] + STEP * np.arange(1, FRAMES + 1) - 1


def samples_shown(values, numbers):
    "What each frame shows of the signals, the newest sample first: clips x 25 x 161"
    shown = [values[np.maximum(numbers[..., None] - np.arange(rings), 0), column]
             for column, rings in enumerate(RINGS)]
    return np.concatenate(shown, -1)


def signals_of(seed):
    "A listener without pictures: clips x 25 x 161 (float16), clips x 5, clips x 68 or nothing"
    values, starts, deviations, _ = simulate(seed)
    shown = samples_shown(values, frame_numbers(starts)).astype(np.float16)
    return shown, deviations.astype(np.float32)


def statistics_of(seed):
    "The 68 statistics of each clip's span of the signals themselves"
    values, starts, deviations, _ = simulate(seed)
    rows = [[number for column in values[start:start + SPAN].T.astype(float)
             for number in signal_statistics(column).values()] for start in starts]
    return np.array(rows), deviations


def pictures_of(seed):
    "A listener with pictures: frames clips x 25 x 112 x 112 x 3, samples shown, traits"
    values, starts, deviations, preset = simulate(seed)
    numbers = frame_numbers(starts)
    runs = np.concatenate([np.maximum(np.arange(number - BEFORE, number + 1), 0)
                           for number in numbers.ravel()])
    kept = np.arange(numbers.size) * (BEFORE + 1) + BEFORE
    with TemporaryDirectory() as folder:
        film = write_video(Path(folder) / "film.mp4",
                           iterate_rendered(values.astype(float), 224, runs), preset=preset)
        frames = np.stack([frame for _, frame in iterate_frames(film, kept, DRAWN_SIZE)])
    return (frames.reshape(*numbers.shape, *frames.shape[1:]),
            samples_shown(values, numbers).astype(np.float32), deviations.astype(np.float32))


def seeds_of(options, part, count, shard=0):
    return [derive_seed(options.seed, part, shard, number) for number in range(count)]


# ---- part 1: signals ----

class Components:
    "The samples that a frame shows, summed up signal by signal: principal components, whitened"
    def __init__(self, tensors):
        self.tensors = tensors

    @classmethod
    def fit(cls, shown):
        "From N x 161, without noise; what noise would drown is kept small"
        tensors = {}
        parts = zip(shown.split(RINGS, 1), NOISE, COMPONENTS)
        for number, (part, noise, count) in enumerate(parts):
            middle = part.mean(0)
            spread, axes = torch.linalg.eigh((part - middle).T @ (part - middle) / len(part))
            spread, axes = spread.flip(0)[:count], axes.flip(1)[:, :count]
            tensors |= {f"middle{number}": middle,
                        f"axes{number}": axes / (spread.clamp_min(0) + noise**2).sqrt()}
        return cls(tensors)

    def __call__(self, shown, generator=None):
        "... x 161 -> ... x 54; with a generator, as noisy as pictures make it"
        found = []
        for number, (part, noise) in enumerate(zip(shown.split(RINGS, -1), NOISE)):
            if generator is not None:
                part = part + noise * torch.randn(part.shape, generator=generator)
            found.append((part - self.tensors[f"middle{number}"]) @ self.tensors[f"axes{number}"])
        return torch.cat(found, -1)


def trait_loss(network, features, traits, spread):
    "Both readings of the traits, each trait in its own standard deviations"
    return sum(((said - traits) / spread).square().mean()
               for said in network.say_traits(features))


def shortened(clips, generator):
    "In one batch of two the first 10 to 24 frames: clips are not always of 25"
    if torch.rand((), generator=generator) < 0.5: return clips
    return clips[:, :int(torch.randint(10, FRAMES, (), generator=generator))]


def optimiser(network, rate):
    "AdamW as ever"
    learning = [tensor for tensor in network.parameters() if tensor.requires_grad]
    return torch.optim.AdamW(learning, rate, weight_decay=1e-2)


def step_of(network, optimizer, loss, rate):
    "One step at a rate"
    for group in optimizer.param_groups:
        group["lr"] = rate
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    optimizer.step()


def rate_at(share, highest):
    "Up in the first twentieth, then down along a cosine"
    rise = min(1.0, share / 0.05 + 0.02)
    return highest * rise * (0.01 + 0.99 * (1 + math.cos(math.pi * share)) / 2)


def learn_signals(options, folder):
    "Components, and a network whose reader, LSTM and readings know signals; kept in a file"
    path = folder / "signals.safetensors"
    if path.is_file():
        kept = load_file(path)
        network = DrawnClip()
        network.load_state_dict({name.removeprefix("network."): tensor for name, tensor in
                                 kept.items() if name.startswith("network.")})
        return network, Components({name.removeprefix("components."): tensor for name, tensor in
                                    kept.items() if name.startswith("components.")}), kept["spread"]
    started = time.time()
    seeds = seeds_of(options, "signals", options.listeners)
    shown, traits = (torch.from_numpy(np.concatenate(part)) for part in
                     zip(*run_parallel(signals_of, seeds, options.workers, "simulating")))
    print(f"{len(shown)} clips of signals in {time.time() - started:.0f} s", flush=True)
    some = shown.flatten(0, 1)[::max(1, shown.shape[0] // 800)].float()
    components, spread = Components.fit(some), traits.std(0)
    network = DrawnClip(seed=options.seed)
    optimizer = optimiser(network, 1e-3)
    generator = torch.Generator().manual_seed(derive_seed(options.seed, "signal order"))
    batches = len(shown) // 64
    for epoch in range(options.signal_epochs):
        order, total = torch.randperm(len(shown), generator=generator), 0.0
        for number in range(batches):
            rows = order[number * 64:(number + 1) * 64]
            clips = shortened(components(shown[rows].float(), generator), generator)
            loss = trait_loss(network, network.encoder.reader(clips), traits[rows], spread)
            share = (epoch + number / batches) / options.signal_epochs
            step_of(network, optimizer, loss, rate_at(share, 4e-3))
            total += loss.item()
        print(f"signals, epoch {epoch + 1}: loss {total / batches:.3f}, "
              f"{time.time() - started:.0f} s", flush=True)
    kept = {f"network.{name}": tensor for name, tensor in network.state_dict().items()}
    kept |= {f"components.{name}": tensor.contiguous()
             for name, tensor in components.tensors.items()} | {"spread": spread}
    with atomic_path(path) as temporary:
        save_file(kept, temporary)
    return network, components, spread


# ---- part 2: pictures ----

def draw_shard(options, part, shard, count, pool):
    "Draw a shard's listeners in the pool's processes: futures, a listener each"
    return [pool.submit(pictures_of, seed) for seed in seeds_of(options, part, count, shard)]


def gathered(futures):
    "Frames, samples shown and traits of a shard's clips"
    frames, shown, traits = (np.concatenate(part)
                             for part in zip(*(future.result() for future in futures)))
    return frames, torch.from_numpy(shown), torch.from_numpy(traits)


def as_pictures(frames, device):
    "uint8, ... x 112 x 112 x 3 -> N x 3 x 112 x 112, normalised"
    made_for = drawn_input()
    mean, deviation = (torch.tensor(made_for[name], device=device).view(-1, 1, 1)
                       for name in ("mean", "deviation"))
    pictures = torch.from_numpy(frames).to(device).flatten(0, -4).permute(0, 3, 1, 2)
    return (pictures.float() / 255 - mean) / deviation


def seen(network, frames, device):
    "Components that the encoder finds in frames: N x 54"
    pictures = as_pictures(frames, device)
    with torch.autocast(device.type, torch.bfloat16, enabled=not network.exact):
        maps = network.encoder.blocks(network.encoder.first(pictures))
    return network.encoder.signals(maps.float()) + network.encoder.straight(pictures)


@torch.no_grad()
def fit_straight(network, components, options, pool, device):
    "The straight way from pixels to components in closed form: ridge regression, then kept"
    *coarse, layer = network.encoder.straight
    products, targets, ridge = 0, 0, 0.1
    for drawn in draw_shard(options, "straight", 0, options.line_listeners, pool):
        frames, shown, _ = drawn.result()
        rows = nn.Sequential(*coarse)(as_pictures(frames, device)).double()
        rows = torch.cat([rows, rows.new_ones(len(rows), 1)], 1)
        wanted = components(torch.from_numpy(shown)).flatten(0, 1).to(device).double()
        products, targets = products + rows.T @ rows, targets + rows.T @ wanted
    products.diagonal().add_(ridge * 16)  # pixels are in quarters here
    found = torch.linalg.solve(products, targets).T.float()
    layer.weight.copy_(found[:, :-1])
    layer.bias.copy_(found[:, -1])
    for tensor in network.encoder.signals[-1].parameters():
        tensor.zero_()  # what the blocks add begins at nothing


def train_shard(network, optimizer, shard_data, components, spread, options, shard, device):
    "Some passes over a shard's clips; the mean losses"
    frames, shown, traits = shard_data
    target = components(shown)
    # of this shard: what is drawn at random depends on nothing but seed and shard
    generator = torch.Generator().manual_seed(derive_seed(options.seed, "order", shard))
    stage = sum(shard >= options.shards * share for share in (options.behind, options.together))
    network.train()
    losses = []
    for turn in range(options.passes):
        order = torch.randperm(len(frames), generator=generator)
        batches = order.split(options.batch)
        for number, rows in enumerate(batches):
            share = (shard + (turn + number / len(batches)) / options.passes) / options.shards
            clips = shortened(torch.from_numpy(frames[rows.numpy()]), generator).numpy()
            count = clips.shape[1]
            found = seen(network, clips, device)
            wanted = target[rows, :count].flatten(0, 1).to(device)
            read = (found - wanted).square().mean()
            said = torch.zeros((), device=device)
            if stage:  # first what stands behind gets used to what is seen; then all learns
                features = network.encoder.reader(found if stage == 2 else found.detach())
                said = trait_loss(network, features.unflatten(0, (-1, count)),
                                  traits[rows].to(device), spread.to(device))
            loss = read + options.trait_weight * said
            step_of(network, optimizer, loss, rate_at(share, options.rate))
            losses.append((read.item(), said.item()))
    return np.mean(losses, 0)


def settings_of(options):
    "What the weights depend on"
    names = ("seed", "listeners", "signal_epochs", "shards", "shard_listeners", "passes", "batch",
             "rate", "line_listeners", "behind", "together", "trait_weight")
    return {name: getattr(options, name) for name in names}


def train(options, folder, device):
    "All shards, from the last checkpoint on; the network"
    network, components, spread = learn_signals(options, folder)
    network = network.to(device, memory_format=torch.channels_last)
    network.exact = options.float32
    network.encoder.straight.requires_grad_(False)  # fitted in closed form
    optimizer, start, curve = optimiser(network, options.rate), 0, []
    checkpoint = folder / "checkpoint.pt"
    if checkpoint.is_file():
        kept = torch.load(checkpoint, map_location=device, weights_only=True)
        if kept["settings"] != settings_of(options):
            raise SystemExit(f"{checkpoint} was made with {kept['settings']}: name another "
                             "--folder")
        network.load_state_dict(kept["network"])
        optimizer.load_state_dict(kept["optimizer"])
        start, curve = kept["shard"], kept["curve"]
        print(f"going on after shard {start} of {options.shards}", flush=True)
    context = get_context("spawn")
    with ProcessPoolExecutor(options.drawers, context) as pool:
        held_out = gathered(draw_shard(options, "held out", 0, options.held_out, pool))
        if not start:
            fit_straight(network, components, options, pool, device)
            print("straight", json.dumps(look(network, held_out, components, device)), flush=True)
        coming = None
        for shard in range(start, options.shards):
            began = time.time()
            drawn = coming or draw_shard(options, "pictures", shard, options.shard_listeners, pool)
            data = gathered(drawn)
            coming = None
            if shard + 1 < options.shards:
                coming = draw_shard(options, "pictures", shard + 1, options.shard_listeners, pool)
            waited = time.time() - began
            read, said = train_shard(network, optimizer, data, components, spread, options, shard,
                                     device)
            row = {"shard": shard + 1, "read": float(read), "said": float(said),
                   "waited": waited, "seconds": time.time() - began}
            if (shard + 1) % options.look == 0 or shard + 1 == options.shards:
                row |= look(network, held_out, components, device)
            curve.append(row)
            print(json.dumps({name: round(value, 3) for name, value in row.items()}), flush=True)
            with atomic_path(checkpoint) as temporary:
                torch.save({"network": network.state_dict(), "optimizer": optimizer.state_dict(),
                            "shard": shard + 1, "curve": curve,
                            "settings": settings_of(options)}, temporary)
    return network, held_out, components, curve


# ---- part 3: measures ----

def r_squared(said, truth):
    "Share of the variance that is explained, column by column"
    said, truth = np.asarray(said, float), np.asarray(truth, float)
    return 1 - ((said - truth)**2).mean(0) / truth.var(0)


@torch.no_grad()
def look(network, held_out, components, device):
    "R2 of each signal's components (their mean) and of each trait, on a held-out shard"
    frames, shown, traits = held_out
    network.eval()
    found = torch.cat([seen(network, frames[rows], device)
                       for rows in np.array_split(np.arange(len(frames)), len(frames) // 4)])
    features = network.encoder.reader(found).unflatten(0, (-1, FRAMES))
    by_state, by_mean = (said.cpu() for said in network.say_traits(features))
    wanted = components(shown).flatten(0, 1)
    parts = np.split(r_squared(found.cpu(), wanted), np.cumsum(COMPONENTS)[:-1])
    row = {f"seen {signal}": float(part.mean()) for signal, part in zip(SIGNALS, parts)}
    for way, said in (("", by_state), (" (mean)", by_mean)):
        row |= {f"{name}{way}": float(value)
                for name, value in zip(NAMES, r_squared(said, traits))}
    return row


@torch.no_grad()
def trait_table(network, held_out, components, signal_network, options, device):
    "R2 of each trait on unseen listeners: from pixels, and from the signals themselves"
    shown, traits = held_out[1:]
    row = look(network, held_out, components, device)
    by_state, by_mean = signal_network.say_traits(signal_network.encoder.reader(components(shown)))
    table = {"from pixels (LSTM)": [row[name] for name in NAMES],
             "from pixels (mean)": [row[f"{name} (mean)"] for name in NAMES],
             "signals, network (LSTM)": r_squared(by_state, traits),
             "signals, network (mean)": r_squared(by_mean, traits)}
    seeds = seeds_of(options, "signals", min(400, options.listeners))
    known, known_traits = map(np.concatenate, zip(*run_parallel(
        statistics_of, seeds, options.workers, "statistics")))
    asked, asked_traits = map(np.concatenate, zip(*run_parallel(
        statistics_of, seeds_of(options, "held out", options.held_out), options.workers,
        "statistics")))
    for name, make in (("statistics, linear", lambda: RidgeCV(np.logspace(-1, 4, 12))),
                       ("statistics, SVM", lambda: SVR(C=3))):
        models = [make_pipeline(StandardScaler(), make()).fit(known, column)
                  for column in known_traits.T]
        table[f"signals, {name}"] = r_squared(
            np.stack([model.predict(asked) for model in models], 1), asked_traits)
    found = pd.DataFrame(table, index=NAMES).T
    found.loc["signals, the best"] = found[found.index.str.startswith("signals")].max()
    return found


def main_job(path, options):
    "The README's main job: a head on frozen features, people held out, beside its rivals"
    from gingerbread_crnn.evaluation.contenders import MODELS, scaled
    from gingerbread_crnn.evaluation.evaluation import cross_validate
    from gingerbread_crnn.training.features import extract_features
    from gingerbread_crnn.training.recipes import SMALL_RECIPE
    from sklearn.model_selection import LeaveOneGroupOut, cross_val_predict
    rows = []
    dataset = load_dataset("synthetic")
    clips = clip_table(dataset, ClipSpec(1, 25))
    table = segment_table(dataset)[["session", "position"]].join(
        segment_statistics(dataset, options.workers))
    values = clips[["session", "position"]].merge(table, how="left").iloc[:, 2:].to_numpy()
    for name in ("linear", "svm"):
        said = cross_val_predict(scaled(MODELS[name]()), values, clips.label,
                                 groups=clips.participant, cv=LeaveOneGroupOut())
        rows.append({"encoder": f"statistics ({name})", "head": "",
                     "accuracy": float((said == clips.label).mean())})
    encoders = {"drawn": ("drawn", path), "drawn, random weights": ("drawn", None)}
    for name, (backbone, weights) in encoders.items():
        features = extract_features(dataset, clips, backbone, weights=weights,
                                    workers=options.workers)
        folds = split(features.clips, "leave_participant_out")
        for head in ("small", "lstm_mean", "mean"):
            for seed in range(options.head_seeds):
                run = cross_validate(features, folds, replace(SMALL_RECIPE, head=head), seed=seed,
                                     workers=options.workers)
                rows.append({"encoder": name, "head": head, "seed": seed,
                             "accuracy": run.summary()["accuracy"]})
    return pd.DataFrame(rows)


def write_weights(network, path, options, table):
    "The whole clip network, and what is to be known of it"
    state = {name: tensor.detach().cpu().float().contiguous()
             for name, tensor in network.state_dict().items()
             if not name.endswith("num_batches_tracked")}
    about = {"made_by": "benchmarks/drawn.py", "settings": json.dumps(settings_of(options)),
             "r_squared": table.round(3).to_json(orient="index")}
    with atomic_path(path) as temporary:
        save_file(state, temporary, about)


def arguments():
    found = argparse.ArgumentParser(description=__doc__,
                                    formatter_class=argparse.RawDescriptionHelpFormatter)
    found.add_argument("--seed", type=int, default=0)
    found.add_argument("--listeners", type=int, default=2000, help="of signals alone")
    found.add_argument("--signal-epochs", type=int, default=15)
    found.add_argument("--shards", type=int, default=40)
    found.add_argument("--shard-listeners", type=int, default=40)
    found.add_argument("--passes", type=int, default=3, help="over each shard")
    found.add_argument("--batch", type=int, default=6, help="clips of 25 frames")
    found.add_argument("--rate", type=float, default=3e-3)
    found.add_argument("--line-listeners", type=int, default=120,
                       help="by whom the straight way from pixels to components is fitted")
    found.add_argument("--behind", type=float, default=0.5,
                       help="share of the shards after which reader and LSTM learn, too")
    found.add_argument("--together", type=float, default=0.65,
                       help="share of the shards after which traits reach the pixels")
    found.add_argument("--trait-weight", type=float, default=0.2,
                       help="of what is said of the traits, beside 1 for what is seen; with more, "
                       "the network forgets how to see")
    found.add_argument("--held-out", type=int, default=40, help="listeners to measure by")
    found.add_argument("--head-seeds", type=int, default=3)
    found.add_argument("--look", type=int, default=2, help="measure after so many shards")
    found.add_argument("--drawers", type=int, default=1, help="processes that draw")
    found.add_argument("--threads", type=int, default=1, help="of the training")
    found.add_argument("--workers", type=int, default=None, help="default: one a core")
    found.add_argument("--device", default=None, help="default: a GPU where there is one")
    found.add_argument("--folder", type=Path, default=None, help="default: in the cache")
    found.add_argument("--float32", action="store_true",
                       help="for processors that are slow with bfloat16")
    found.add_argument("--install", action="store_true", help="put the weights into the package")
    return found.parse_args()


def main():
    options = arguments()
    torch.set_num_threads(options.threads)
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # of the processes that draw
    device = torch.device(options.device or default_device())
    folder = options.folder or cache_folder("drawn") / fingerprint(settings_of(options))
    folder.mkdir(parents=True, exist_ok=True)
    path, started = folder / "drawn.safetensors", time.time()
    print(f"work folder {folder}; {device}, {options.threads} threads", flush=True)
    network, held_out, components, curve = train(options, folder, device)
    print(f"trained after {time.time() - started:.0f} s of this call", flush=True)
    signal_network = learn_signals(options, folder)[0]
    table = trait_table(network, held_out, components, signal_network, options, device)
    print(table.round(2).to_string(), flush=True)
    write_weights(network, path, options, table)
    job = main_job(path, options)
    shown = job.groupby(["encoder", "head"], sort=False).accuracy.agg(["mean", "min", "max"])
    print(shown.round(3).to_string(), flush=True)
    write_json(folder / "results.json", {
        "settings": settings_of(options), "device": str(device), "curve": curve,
        "r_squared": table.round(4).to_dict("index"), "main_job": job.to_dict("records"),
        "seconds": sum(row["seconds"] for row in curve), "versions": package_versions(),
        "date": date.today().isoformat()})
    if options.install:
        RESULTS.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, ROOT / "gingerbread_crnn" / "network" / "drawn.safetensors")
        shutil.copy(folder / "results.json", RESULTS / "results.json")


if __name__ == "__main__":
    main()
