"""Classify video with a CNN and an LSTM, honestly.

The names below are imported when they are first used, so that `import gingerbread_crnn` loads
neither torch nor fastai."""
import warnings
from importlib import import_module

__version__ = "0.1.0"

# fastai, when imported after this, makes PyTorch say that torch.jit.script will go; a reader can
# do nothing about it
warnings.filterwarnings("ignore", message=".*torch.jit.script", category=FutureWarning)

_HOMES = {
    "data.animation": ["animate"],
    "data.decoding": ["decode"],
    "data.signals": ["read_signals", "scale_signals"],
    "data.clips": ["ClipSpec", "clip_table"],
    "data.sources": ["load_dataset"],
    "data.splits": ["Fold", "split"],
    "data.video": ["read_frames", "show_strip", "video_info", "write_video"],
    "errors": ["GingerbreadError"],
    "evaluation.evaluation": ["compare", "cross_validate"],
    "evaluation.report": ["evaluation_report"],
    "network.building": ["small_crnn"],
    "network.crnn": ["CRNN"],
    "original": ["original_crnn"],
    "training.features": ["extract_features"],
    "training.learner": ["clip_dataloaders", "crnn_learner", "feature_dataloaders"],
    "training.recipes": ["Recipe", "train_fold"],
    "use.inference": ["as_classifier", "load_model", "predict", "save_model"],
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}
__all__ = [*_HOME_OF]  # noqa: PLE0604 (they are strings)


def __getattr__(name):
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)
    globals()[name] = found
    return found


def __dir__():
    return sorted({*globals(), *__all__})
