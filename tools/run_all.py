"""Run All of the road's chapters, as readers do, in JupyterLab: `python tools/run_all.py`. Exits 1
where something is wrong, and says in a line what is missing where it cannot run.

A copy of nbs/ lies in a folder of its own, without outputs; home, settings, cache and temporary
folder are new, so nothing of the user's is met or touched (a cache that `GINGERBREAD_CACHE` names
is used). The kernel is that of `--python`. Every cell must run, none may fail, warn or name a path
of this computer, and nothing may be written but into the copy."""
import argparse, json, os, re, secrets, shutil, signal, socket, subprocess, sys, tempfile, time
from contextlib import contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

from chromium import PATIENCE, chromium, left_out

ROOT = Path(__file__).resolve().parent.parent
KEPT = "nbs", "gingerbread_crnn", "results"  # of the tree: no cell may change them
OWN = {"nbs", "results", "home", "cache", "temporary"}  # beside the copy
HIDDEN = "JUPYTER", "IPYTHON", "XDG_", "MPL", "TQDM_"  # a reader's kernel has none of these
ASK = "import jupyterlab, gingerbread_crnn, sys; print(gingerbread_crnn.__path__[0], sys.prefix)"
SETTINGS = {  # of JupyterLab: cells out of view are drawn, too, and it asks nobody for news
    "notebook-extension/tracker": {"windowingMode": "none", "scrollPastEnd": False},
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False}}
TALLEST = 16_000  # pixels of a screenshot

SCREEN = """() => {
  const panel = document.querySelector(".jp-NotebookPanel:not(.lm-mod-hidden)")
  const all = chosen => [...panel.querySelectorAll(chosen)]
  const text = element => element.innerText.trim().slice(0, 80)
  return [
    ...all(".jp-InputPrompt").filter(one => one.innerText.includes("*")).map(() => "a cell still runs"),
    ...all("[data-mime-type$=stderr], [data-mime-type$=error]").filter(text).map(one => `shows ${text(one)}`),
    ...all(".jp-OutputArea-output").filter(one => /Error (displaying|rendering)|Loading widget/.test(one.innerText)).map(text),
    ...all("img").filter(one => one.complete && !one.naturalWidth).map(() => "an image that is not shown"),
    ...all("video").filter(one => one.error || !one.readyState).map(() => "a film that does not play"),
    ...[...document.querySelectorAll(".jp-Dialog")].map(one => `asks ${text(one)}`),
  ]
}"""


def surroundings(folder):
    "The environment of a reader who has just come: a home with nothing in it"
    environment = {name: value for name, value in os.environ.items()
                   if not name.startswith(HIDDEN)}
    for name in ("home", "temporary"):
        (folder / name).mkdir()
    for name, values in SETTINGS.items():
        path = folder / f"home/.jupyter/lab/user-settings/@jupyterlab/{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values))
    return {"GINGERBREAD_CACHE": str(folder / "cache"), **environment,
            "HOME": str(folder / "home"), "TMPDIR": str(folder / "temporary")}


def copy_chapters(folder, results):
    "nbs/ as it stands here, without outputs, and the names of the road's chapters"
    ignored = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints", "dances", "models")
    shutil.copytree(ROOT / "nbs", folder / "nbs", ignore=ignored)
    if results:
        shutil.copytree(ROOT / "results", folder / "results")
    road = sorted((folder / "nbs").glob("0*.ipynb"))
    for path in road:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                cell.update(outputs=[], execution_count=None)
        path.write_text(json.dumps(notebook), encoding="utf-8")
    return [path.name for path in road]


def state(*folders):
    "Size and time of each file"
    return {path: (path.stat().st_size, path.stat().st_mtime_ns)
            for folder in folders for path in Path(folder).rglob("*")
            if path.is_file() and not {"__pycache__", ".ipynb_checkpoints"} & {*path.parts}}


class Lab:
    "A JupyterLab that serves the copy"
    def __init__(self, python, folder, environment):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.root, self.token = f"http://127.0.0.1:{port}/", secrets.token_hex(16)
        self.log = open(folder / "home" / ".log", "w+b")
        options = [f"--ServerApp.port={port}", "--ServerApp.port_retries=0", "--no-browser",
                   "--ip=127.0.0.1", "--allow-root", f"--IdentityProvider.token={self.token}"]
        self.process = subprocess.Popen(
            [python, "-m", "jupyterlab", *options], cwd=folder / "nbs", env=environment,
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, start_new_session=True)

    def ask(self, what, method="GET"):
        "The server's answer"
        request = Request(f"{self.root}api/{what}", method=method,
                          headers={"Authorization": f"token {self.token}"})
        with urlopen(request, timeout=30) as answer:
            return json.loads(answer.read() or "null")

    def wait(self):
        "Until it answers"
        for _ in range(PATIENCE // 500):
            if self.process.poll() is not None: break
            try:
                return self.ask("status")
            except OSError:
                time.sleep(0.5)
        self.log.seek(0)
        sys.exit(f"JupyterLab does not start:\n{self.log.read().decode(errors='replace')[-2000:]}")

    def busy(self):
        return any(kernel["execution_state"] != "idle" for kernel in self.ask("kernels"))

    def end_kernels(self):
        for kernel in self.ask("kernels"):
            self.ask(f"kernels/{kernel['id']}", "DELETE")

    def close(self):
        "End it, its kernels and their workers"
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.log.close()


@contextmanager
def jupyterlab(python, folder, environment):
    lab = Lab(python, folder, environment)
    try:
        lab.wait()
        yield lab
    finally:
        lab.close()


def run_all(page, lab, path, end):
    "Open a chapter, click Run > Run All Cells, wait; the notebook as it was saved, and seconds"
    page.goto(f"{lab.root}lab/tree/{path.name}?reset&token={lab.token}")
    page.locator(".jp-NotebookPanel .jp-Cell").first.wait_for()
    page.locator("#jp-main-statusbar").get_by_text(re.compile(r"\| Idle")).wait_for()
    start = time.monotonic()
    page.locator(".lm-MenuBar-itemLabel").get_by_text("Run", exact=True).click()
    page.locator(".lm-Menu-itemLabel").get_by_text("Run All Cells", exact=True).click()
    while True:
        page.wait_for_timeout(1000)
        over = time.monotonic() > end or page.locator(".jp-Dialog").count()
        if not over and lab.busy(): continue
        seconds = time.monotonic() - start
        page.keyboard.press("Control+s")
        page.wait_for_timeout(1000)
        notebook = json.loads(path.read_text(encoding="utf-8"))
        code = code_cells(notebook)
        failed = any(output["output_type"] == "error"
                     for cell in code for output in cell["outputs"])
        if over or failed or all(cell["execution_count"] for cell in code):
            return notebook, seconds


def code_cells(notebook):
    return [cell for cell in notebook["cells"]
            if cell["cell_type"] == "code" and "".join(cell["source"]).strip()]


def shown(output):
    "The text of an output, without what is embedded in it, and without what was written over"
    parts = output.get("text") or [part for kind, value in output.get("data", {}).items()
                                   if kind.startswith("text/") for part in value]
    text = re.sub(r"data:[\w/]+;base64,[\w+/=\s]+", "", "".join(parts))
    return "\n".join(line.rsplit("\r", 1)[-1] for line in text.rstrip("\r").split("\n")).strip()


def faults(notebook, paths):
    "What is wrong in a notebook that was run"
    code = code_cells(notebook)
    if left := sum(not cell["execution_count"] for cell in code):
        yield f"{left} of {len(code)} cells were not run"
    for cell in code:
        place = f"cell [{cell['execution_count']}]"
        for output in cell["outputs"]:
            text = shown(output)
            if output["output_type"] == "error":
                yield f"{place}: {output['ename']}: {output['evalue'][:200]}"
            elif output.get("name") == "stderr" and text:
                yield f"{place} warns: {text[:200]}"
            yield from [f"{place} names {path}" for path in paths if path in text][:1]


def picture(page, path):
    "The whole chapter, not only what a window shows"
    height = page.evaluate("""() => {
      const panel = document.querySelector(".jp-WindowedPanel-outer")
      panel.scrollTop = 0
      return panel.scrollHeight
    }""")
    page.set_viewport_size({"width": 1400, "height": min(height + 120, TALLEST)})
    page.wait_for_timeout(1000)
    if path:
        page.screenshot(path=path)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("chapters", nargs="*", help="such as 01 04, if not all")
    parser.add_argument("--python", default=sys.executable,
                        help="whose JupyterLab and kernel, if not this one's")
    parser.add_argument("--results", action="store_true",
                        help="results/ beside the chapters, as in a clone")
    parser.add_argument("--screenshots", type=Path, metavar="FOLDER", help="keep one a chapter")
    parser.add_argument("--seconds", type=float, default=3600, help="stop after so long")
    options = parser.parse_args()
    python, wrong = shutil.which(options.python), []
    if python is None:
        left_out(f"no {options.python}")
    python = os.path.abspath(python)  # seen from another folder
    with tempfile.TemporaryDirectory(prefix="run_all_", ignore_cleanup_errors=True) as folder:
        folder = Path(folder).resolve()
        environment = surroundings(folder)
        asked = subprocess.run([python, "-c", ASK], cwd=folder, env=environment, text=True,
                               capture_output=True)
        if asked.returncode:
            left_out(f"{python}: {asked.stderr.strip().splitlines()[-1]}")
        package, prefix = asked.stdout.split()
        names = [name for name in copy_chapters(folder, options.results)
                 if not options.chapters or name.startswith(tuple(options.chapters))]
        paths = [f"{folder}/", f"{Path.home()}/", f"{prefix}/", f"{tempfile.gettempdir()}/",
                 environment["GINGERBREAD_CACHE"], "site-packages"]
        if options.screenshots:
            options.screenshots.mkdir(parents=True, exist_ok=True)
        watched = [*(ROOT / name for name in KEPT), Path(package), folder / "results"]
        before, end = state(*watched), time.monotonic() + options.seconds
        with chromium() as browser, jupyterlab(python, folder, environment) as lab:
            for name in names:
                if time.monotonic() > end:
                    wrong.append(f"{name} was not run: no time left")
                    continue
                page = browser.new_page(viewport={"width": 1400, "height": 1000})
                page.set_default_timeout(PATIENCE)
                page.on("pageerror", lambda error, name=name: wrong.append(f"{name}: {error}"))
                notebook, seconds = run_all(page, lab, folder / "nbs" / name, end)
                shot = options.screenshots and options.screenshots / f"{Path(name).stem}.png"
                picture(page, shot)
                found = [*faults(notebook, paths), *page.evaluate(SCREEN)]
                print(f"{name}: {len(code_cells(notebook))} cells in {seconds:.0f} seconds, "
                      f"{len(found) or 'no'} faults", flush=True)
                wrong += [f"{name}, {fault}" for fault in found]
                page.close()
                lab.end_kernels()
        after = state(*watched)
        written = [str(path) for path in sorted({*before, *after})
                   if before.get(path) != after.get(path)]
        if written:
            wrong.append(f"{len(written)} files were written: {', '.join(written[:10])}")
        left = [path for path in folder.iterdir() if path.name not in OWN]
        left += [path for path in (folder / "home").iterdir() if path.name[0] != "."]
        wrong += [f"{path.relative_to(folder)} was left beside the copy" for path in left]
    if wrong:
        sys.exit(f"Found {len(wrong)} faults, expected none:\n" + "\n".join(wrong))


if __name__ == "__main__":
    main()
