"""Notebooks as tests, run in nbdev's own shell: `pytest nbs`, or `pytest nbs --flags "real slow"`.

What stands above a notebook's `## Checks` is one item; below it each cell that asserts something
is an item of its own, in the same namespace, so that one failure does not hide the rest, and `-k`
finds a function's checks by its name."""
import gc, importlib, json, os, pkgutil, random, re, shutil, signal, sys, tempfile, traceback
import warnings
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from joblib import cpu_count
from execnb.shell import CaptureShell
from nbdev.config import get_config
from nbdev.test import nb_test_cells

# cells with one of these run only when asked for
flags = get_config(Path(__file__).parent).tst_flags.split()
askable = [flag for flag in flags if flag != "notest"]


def pytest_addoption(parser):
    parser.addoption(
        "--flags", default="",
        help=f"run cells with these flags too, separated by spaces: {' '.join(askable)}")


def pytest_configure(config):
    config.wanted = config.getoption("--flags").split()
    if unknown := set(config.wanted) - set(flags):
        raise pytest.UsageError(f"--flags: found {' '.join(sorted(unknown))}, expected one or more "
                                f"of {' '.join(askable)}")
    os.environ.setdefault("MPLBACKEND", "agg")
    os.environ.setdefault("TQDM_DISABLE", "1")
    os.environ.pop("COLUMNS", None)  # what is read here has no width
    if "cuda" not in config.wanted:
        os.environ["CUDA_VISIBLE_DEVICES"] = ""  # the same figures with a GPU as without
    share_cores(getattr(config, "workerinput", {}).get("workercount", 1))
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False  # `pytest_collection_modifyitems` has an order
    config.own_cache = None
    # the user's cache is left alone; one for all notebooks, as synthetic listeners take time
    if "GINGERBREAD_CACHE" not in os.environ:
        os.environ["GINGERBREAD_CACHE"] = config.own_cache = tempfile.mkdtemp(prefix="gingerbread_")


def share_cores(processes):
    "Each of pytest's processes takes its part of the cores: more would wait for each other"
    cores = str(max(1, cpu_count() // processes))
    if processes > 1:
        os.environ.setdefault("LOKY_MAX_CPU_COUNT", cores)  # of processes that share out work
        os.environ.setdefault("OMP_NUM_THREADS", cores)  # of PyTorch's threads


# These begin, or at the end one process would be alone with one of them
LONGEST = ["api/original", "api/commands/networks", "api/evaluation/contenders",
           "api/use/interpretation", "api/use/inference", "api/evaluation/report",
           "api/use/sharing", "explanations/interpretation", "tutorials/terminal",
           "explanations/simulated_listeners", "api/training/long_runs",
           "tutorials/several_machines", "api/network/timm_encoders", "api/use/app",
           "tutorials/on_a_gpu", "api/training/learner", "api/data/decoding", "06_people",
           "api/training/finetuning", "api/training/recipes"]


def pytest_collection_modifyitems(items):
    "The longest notebooks first; the others keep their order"
    place = {Path(__file__).parent/f"{name}.ipynb": place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path, len(place)))


def pytest_unconfigure(config):
    if getattr(config, "own_cache", None):
        shutil.rmtree(config.own_cache, ignore_errors=True)


@contextmanager
def restored(on_gpu):
    "Notebooks share this process: what one sets, the next must not meet"
    import matplotlib, numpy, torch
    from matplotlib import pyplot

    environment, folder, path = dict(os.environ), os.getcwd(), list(sys.path)
    python_state, numpy_state, torch_state = (random.getstate(), numpy.random.get_state(),
                                              torch.get_rng_state())
    threads, deterministic = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    interrupt, style = signal.getsignal(signal.SIGINT), matplotlib.rcParams.copy()
    classes = {kind: dict(vars(kind)) for kind in package_classes()}
    try:
        from fastai.torch_core import defaults
        if not on_gpu:
            defaults.use_cuda = False  # a Mac's GPU too
        with warnings.catch_warnings():
            yield
    finally:
        os.environ.clear()
        os.environ.update(environment)
        os.chdir(folder)
        sys.path[:] = path
        random.setstate(python_state)
        numpy.random.set_state(numpy_state)
        torch.set_rng_state(torch_state)
        torch.set_num_threads(threads)
        torch.use_deterministic_algorithms(deterministic)
        signal.signal(signal.SIGINT, interrupt)
        pyplot.close("all")
        # matplotlib warns of settings that it has deprecated itself
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            matplotlib.rcParams.update(style)
        for kind, attributes in classes.items():  # a notebook's `@patch` of an imported class
            for name, value in vars(kind).copy().items():
                if name not in attributes:
                    delattr(kind, name)
                elif value is not attributes[name]:
                    setattr(kind, name, attributes[name])


def package_classes():
    "The classes that the package's modules define; a notebook gets them back as they were"
    import gingerbread_crnn
    names = [module.name for module in pkgutil.walk_packages(gingerbread_crnn.__path__,
                                                             "gingerbread_crnn.")]
    modules = [importlib.import_module(name) for name in names if not name.endswith("__main__")]
    return {kind for module in modules for kind in vars(module).values()
            if isinstance(kind, type) and kind.__module__.startswith("gingerbread_crnn")}


ASSERTS = re.compile(
    r"\b(assert|test_eq|test_close|test_ne|test_is|expect_fail|assert_frame_equal|stops|refused)\b")


class Item(pytest.Item):
    def reportinfo(self): return self.path, None, self.name

    def run_cells(self, cells, failed):
        "Run cells in the notebook's shell; an error in one of them is shown, and fails this item"
        shell = self.parent.shell()
        for cell in cells:
            shell.exc = None
            try:
                shell.run_all(SimpleNamespace(cells=[cell]), exc_stop=True,
                              cell_timeout=self.parent.cell_timeout)
            except BaseException as error:
                if isinstance(error, KeyboardInterrupt) and shell.exc is not error: raise
                sys.__stderr__.write(
                    f"{shell.prettytb(fname=self.path) or traceback.format_exc()}\n")
                pytest.fail(failed, pytrace=False)
        if shell.leaks:
            sys.__stderr__.write(f"{self.path}: {len(shell.leaks)} leaked tasks\n")


class Notebook(Item):
    "Everything above `## Checks`, or a whole notebook without it"
    def runtest(self):
        self.parent.stopped = True
        self.run_cells(
            self.parent.chapter(),
            f"{self.path.name}: the cell and its error are under 'Captured stderr' below")
        self.parent.stopped = False


class Check(Item):
    "A cell below `## Checks`; cells without an assertion above it prepare it"
    def runtest(self):
        notebook = self.parent
        if notebook.stopped is None:
            Notebook.runtest(SimpleNamespace(parent=notebook, path=self.path,
                                             run_cells=self.run_cells))
        if notebook.stopped:
            pytest.skip(f"{self.path.name} stopped above its checks")
        self.run_cells(notebook.prepare(self.cell_id),
                       f"{self.path.name}, {self.name}: the error is under 'Captured stderr' below")


class Unrun(Item):
    def runtest(self):
        pytest.skip(
            f"{self.path.name} has cells that run only with --flags {self.name.split('-')[-1]}")


class File(pytest.File):
    stopped = None  # Whether a cell above the checks has failed; None: none has run yet
    running = None  # The shell, once there is one

    def collect(self):
        cells = json.loads(self.path.read_text(encoding="utf-8"))["cells"]
        self.skipped = [flag for flag in flags if flag not in self.config.wanted]
        heading = [place for place, cell in enumerate(cells)
                   if re.match(r"## Checks\b", "".join(cell["source"]))]
        start = heading[0] if heading else len(cells)
        self.below = [cell["id"] for cell in cells[start:] if cell["cell_type"] == "code"]
        yield Notebook.from_parent(self, name=self.path.stem)
        for name, cell in self.checks(cells, start):
            check = Check.from_parent(self, name=name)
            check.cell_id = cell["id"]
            yield check
        code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
        for flag in askable:
            if flag not in self.config.wanted and any(has_flag(source, flag) for source in code):
                yield Unrun.from_parent(self, name=f"{self.path.stem}-{flag}")

    def checks(self, cells, start):
        "Names and cells of the checks: made of the package's names in a cell, so that -k finds it"
        own = exported_names(cells)
        self.asserting, taken = [], {}
        for cell in cells[start:]:
            source = "".join(cell["source"])
            if (cell["cell_type"] != "code"
                    or not ASSERTS.search(re.sub(r"^(from|import) .*", "", source, flags=re.M))):
                continue
            self.asserting.append(cell["id"])
            if any(has_flag(source, flag) for flag in self.skipped): continue
            used = list(dict.fromkeys(name for name in re.findall(r"\w+", source) if name in own))
            name = f"{self.path.stem}-checks-{'-'.join(used[:4]) or 'others'}"
            taken[name] = taken.get(name, 0) + 1
            yield (f"{name}-{taken[name]}" if taken[name] > 1 else name), cell

    def shell(self):
        "The notebook's namespace, as nbdev's own runner makes it"
        if self.running: return self.running
        config = get_config(self.path.parent)
        self.cell_timeout = config.cell_timeout
        self.open = ExitStack()
        self.open.enter_context(restored("cuda" in self.config.wanted))
        os.environ["IN_TEST"] = "1"
        sys.path.insert(0, str(config.config_path))
        os.chdir(self.path.parent)
        self.running = CaptureShell(self.path, profile=bool(config.exec_profile))
        self.waiting = nb_test_cells(self.path, skip_flags=self.skipped,
                                     force_flags=self.config.wanted)
        return self.running

    def chapter(self):
        "The cells above the checks"
        self.shell()
        above = [cell for cell in self.waiting if cell.id not in self.below]
        self.waiting = [cell for cell in self.waiting if cell.id in self.below]
        return above

    def prepare(self, wanted):
        "A check, and before it what prepares it and has not run yet; other checks are left out"
        place = next(place for place, cell in enumerate(self.waiting) if cell.id == wanted)
        above, check = self.waiting[:place], self.waiting[place]
        self.waiting = self.waiting[place + 1:]
        return [*(cell for cell in above if cell.id not in self.asserting), check]

    def close(self):
        "Run what is left below the checks, such as tidying up, and give back what was borrowed"
        if not self.running: return
        try:
            left = [cell for cell in self.waiting if cell.id not in self.asserting]
            self.running.exc = None
            self.running.run_all(SimpleNamespace(cells=left), exc_stop=True,
                                 cell_timeout=self.cell_timeout)
        except Exception as error:
            # no check: what they promise has been tested; but nothing passes unseen
            warnings.warn(f"{self.path.name}: a closing cell failed ({error!r})", stacklevel=2)
        finally:
            self.running.user_ns.clear()  # features and networks of a notebook that is over
            self.running = None
            self.open.close()
            gc.collect()


def has_flag(source, flag):
    return bool(re.search(rf"^#\s*\|\s*{flag}\b", source, re.M))


def exported_names(cells):
    "Names that a notebook defines for others"
    sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    exported = [source for source in sources if re.match(r"#\s*\|\s*export", source)]
    return {name for source in exported
            for name in re.findall(r"^(?:def|class) (\w+)", source, re.M)}


def pytest_collect_file(file_path, parent):
    if file_path.suffix == ".ipynb" and file_path.name[0] not in "_.":
        return File.from_parent(parent, path=file_path)


def pytest_runtest_teardown(item, nextitem):
    if isinstance(item.parent, File) and (nextitem is None or nextitem.parent is not item.parent):
        item.parent.close()
