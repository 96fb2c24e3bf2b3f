"""Look at the app and at a report with a browser: `python tools/app_and_report.py`. Exits 1 where
something is wrong, and says in a line what is missing where it cannot look.

Both are made by the commands, small and on simulated listeners: `evaluate` writes the report,
`train` the model, and `app` serves it; there a film is dropped, and an answer must come. Each is
seen in both themes, 1400 pixels wide and as wide as a phone; axe-core looks for what keeps people
out, and nobody else may be asked for anything."""
import argparse, os, socket, subprocess, sys, tempfile, time
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

from chromium import AXE, HEIGHT, PATIENCE, WIDTHS, axe_core, chromium, left_out, themes

SMALL = ["--data", "synthetic-small", "--backbone", "resnet18", "--image-size", "64",
         "--frame-count", "12", "--epochs", "2"]
LISTENER = """import sys
from gingerbread_crnn.use.app import example_video
from gingerbread_crnn.use.inference import load_model
example_video(load_model(sys.argv[1]), sys.argv[2])"""
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
PLAYS = """() => {
  const video = document.querySelector("#explained video")
  return video && video.readyState >= 2 && video.currentTime > 0.2
}"""


def gingerbread(*words):
    return [sys.executable, "-m", "gingerbread_crnn", *words]


def made(folder, environment):
    "A report, a model and the film of a listener whom it does not know"
    for command in (gingerbread("evaluate", *SMALL, "--draws", "1", "--examined", "1",
                                "--run-folder", "report"),
                    gingerbread("train", *SMALL, "--run-folder", "trained"),
                    [sys.executable, "-c", LISTENER, "trained/model", "listener.mp4"]):
        done = subprocess.run(command, cwd=folder, env=environment, text=True, capture_output=True)
        if done.returncode:
            words = " ".join(command[1:4])
            sys.exit(f"{words} ends with {done.returncode}:\n{done.stderr[-2000:]}")


@contextmanager
def app(folder, environment):
    "The address of `gingerbread app`"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with open(folder / "log", "w+") as log:
        process = subprocess.Popen(
            gingerbread("app", "--model", "trained/model", "--port", str(port)), cwd=folder,
            env=environment, stdout=log, stderr=log)
        try:
            address = f"http://127.0.0.1:{port}/"
            for _ in range(PATIENCE // 500):
                if process.poll() is not None: break
                try:
                    urlopen(address, timeout=30).close()
                    break
                except OSError:
                    time.sleep(0.5)
            else:
                process.kill()
            if process.poll() is not None:
                log.seek(0)
                sys.exit(f"gingerbread app does not answer:\n{log.read()[-2000:]}")
            yield address
        finally:
            process.terminate()
            process.wait(60)


def drop_and_ask(page, film):
    "Drop a film, ask, and wait until the explained window plays; what the page says"
    page.locator("#video input[type=file]").set_input_files(film)
    page.locator("#video video").wait_for()
    page.locator("#ask").click()
    page.wait_for_function(PLAYS)
    return page.locator("#label h2").inner_text()


def look_at(browser, name, address, axe, screenshots, then=None):
    "What is wrong with a page, by theme and width"
    wrong = []
    for scheme, page in themes(browser, address, wrong):
        page.on("console", lambda message: wrong.append(f"complains: {message.text[:80]}")
                if message.type == "error" else None)
        page.goto(address)
        if then:
            print(f"{name}, {scheme}: {then(page)}")
        page.evaluate(axe)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": HEIGHT})
            page.wait_for_timeout(300)
            if page.evaluate(WIDER) > 2:
                wrong.append("wider than the window")
            wrong += page.evaluate(AXE, None)
            if screenshots:
                page.screenshot(path=screenshots / f"{name}_{scheme}_{width}.png", full_page=True)
            yield from (f"{name}, {scheme}, {width} pixels: {what}" for what in wrong)
            wrong.clear()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--screenshots", type=Path, metavar="FOLDER", help="keep them there")
    options = parser.parse_args()
    try:
        import gradio  # noqa: F401
    except ImportError:
        left_out('no package gradio; pip install -e ".[app]" brings it')
    if options.screenshots:
        options.screenshots.mkdir(parents=True, exist_ok=True)
    axe, start = axe_core(), time.monotonic()
    with chromium() as browser, tempfile.TemporaryDirectory(prefix="in_use_") as folder:
        folder = Path(folder).resolve()
        environment = {"GINGERBREAD_CACHE": str(folder / "cache"), **os.environ}
        made(folder, environment)
        print(f"a report and a model in {time.monotonic() - start:.0f} seconds", flush=True)
        report = (folder / "report/report.html").as_uri()
        wrong = list(look_at(browser, "report", report, axe, options.screenshots))
        with app(folder, environment) as address:
            film = folder / "listener.mp4"
            wrong += look_at(browser, "app", address, axe, options.screenshots,
                             lambda page: drop_and_ask(page, film))
    print(f"both seen in {time.monotonic() - start:.0f} seconds")
    if wrong:
        sys.exit(f"Found {len(wrong)} faults, expected none:\n" + "\n".join(wrong))


if __name__ == "__main__":
    main()
