"""Each notebook is one pytest item, run by nbdev's own runner: `pytest nbs`, or `pytest nbs --flags "real slow"`."""
import json, os, random, re, shutil, signal, sys, tempfile, warnings
from contextlib import contextmanager
from pathlib import Path

import pytest
from nbdev.config import get_config
from nbdev.test import test_nb as run_notebook

flags = get_config(Path(__file__).parent).tst_flags.split()  # cells with one of these run only when asked for
askable = [flag for flag in flags if flag != "notest"]


def pytest_addoption(parser):
    parser.addoption("--flags", default="", help=f"run cells with these flags too, separated by spaces: {' '.join(askable)}")


def pytest_configure(config):
    config.wanted = config.getoption("--flags").split()
    if unknown := set(config.wanted) - set(flags):
        raise pytest.UsageError(f"--flags: found {' '.join(sorted(unknown))}, expected one or more of {' '.join(askable)}")
    os.environ.setdefault("MPLBACKEND", "agg")
    os.environ.setdefault("TQDM_DISABLE", "1")
    if "cuda" not in config.wanted: os.environ["CUDA_VISIBLE_DEVICES"] = ""  # the same figures with a GPU as without
    config.own_cache = None
    if "GINGERBREAD_CACHE" not in os.environ:  # the user's cache is left alone; one for all notebooks, as synthetic listeners take time
        os.environ["GINGERBREAD_CACHE"] = config.own_cache = tempfile.mkdtemp(prefix="gingerbread_")


def pytest_unconfigure(config):
    if getattr(config, "own_cache", None): shutil.rmtree(config.own_cache, ignore_errors=True)


@contextmanager
def restored(on_gpu):
    "Notebooks share this process: what one sets, the next must not meet"
    import matplotlib, numpy, torch
    from matplotlib import pyplot

    environment, folder, path = dict(os.environ), os.getcwd(), list(sys.path)
    python_state, numpy_state, torch_state = random.getstate(), numpy.random.get_state(), torch.get_rng_state()
    threads, deterministic = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    interrupt, style = signal.getsignal(signal.SIGINT), matplotlib.rcParams.copy()
    try:
        from fastai.torch_core import defaults
        if not on_gpu: defaults.use_cuda = False  # a Mac's GPU too
        with warnings.catch_warnings(): yield
    finally:
        os.environ.clear(); os.environ.update(environment); os.chdir(folder); sys.path[:] = path
        random.setstate(python_state); numpy.random.set_state(numpy_state); torch.set_rng_state(torch_state)
        torch.set_num_threads(threads); torch.use_deterministic_algorithms(deterministic)
        signal.signal(signal.SIGINT, interrupt); pyplot.close("all")
        with warnings.catch_warnings():  # matplotlib warns of settings that it has deprecated itself
            warnings.simplefilter("ignore"); matplotlib.rcParams.update(style)


class Notebook(pytest.Item):
    def runtest(self):
        config, wanted = get_config(self.path.parent), self.config.wanted
        skipped = [flag for flag in flags if flag not in wanted]
        with restored("cuda" in wanted):
            ok, _ = run_notebook(self.path, skip_flags=skipped, force_flags=wanted, basepath=config.config_path,
                                 cell_timeout=config.cell_timeout)
        if not ok: pytest.fail(f"{self.path.name}: the cell and its error are under 'Captured stderr' below", pytrace=False)

    def reportinfo(self): return self.path, None, self.path.name


class Unrun(pytest.Item):
    def runtest(self): pytest.skip(f"{self.path.name} has cells that run only with --flags {self.name.split('-')[-1]}")

    def reportinfo(self): return self.path, None, self.name


class File(pytest.File):
    def collect(self):
        yield Notebook.from_parent(self, name=self.path.stem)
        cells = json.loads(self.path.read_text(encoding="utf-8"))["cells"]
        code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
        for flag in askable:
            if flag not in self.config.wanted and any(re.search(rf"^#\s*\|\s*{flag}\b", source, re.M) for source in code):
                yield Unrun.from_parent(self, name=f"{self.path.stem}-{flag}")


def pytest_collect_file(file_path, parent):
    if file_path.suffix == ".ipynb" and file_path.name[0] not in "_.": return File.from_parent(parent, path=file_path)
