"""Chromium, for the scripts that look at pages as readers do. What is missing is said in a line."""
import shutil, signal, sys
from contextlib import contextmanager
from pathlib import Path

BROWSERS = "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]
WIDTHS = 1400, 390  # pixels: a laptop, a phone
HEIGHT = 900  # of a window
PATIENCE = 120_000  # milliseconds, for a busy computer
AXE = """async rules => (await axe.run(rules ? { runOnly: rules } : {})).violations
  .filter(fault => ["serious", "critical"].includes(fault.impact))
  .map(fault => `${fault.id}: ${fault.nodes[0].html.slice(0, 80)}`)"""


def left_out(why):
    print(f"left out: {why}")
    sys.exit()


@contextmanager
def chromium():
    "A browser; exits where there is none"
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        left_out("no Chromium or Chrome on this computer")
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError as error:
        left_out(f'no package {error.name}; pip install -e ".[browser]" brings it')
    # whoever is told to end also ends what it has started
    signal.signal(signal.SIGTERM, lambda *given: sys.exit(128 + signal.SIGTERM))
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        except Error as error:
            left_out(f"{program} does not start ({str(error).splitlines()[0][:80]})")
        yield browser
        browser.close()


def axe_core():
    "The text of axe-core, which a page is given before it is asked `AXE`"
    try:
        from axe_playwright_python.base import AxeBase
    except ImportError as error:
        left_out(f'no package {error.name}; pip install -e ".[browser]" brings it')
    folder = Path(sys.modules[AxeBase.__module__].__file__).parent
    return (folder / "axe.min.js").read_text(encoding="utf-8")


def watched(page, root, wrong):
    "From now on `wrong` gets what a page asks of others, what it does not get, and its errors"
    page.on("request", lambda request: wrong.append(f"asks {request.url[:80]}")
            if not request.url.startswith((root, "data:", "blob:")) else None)
    page.on("response", lambda answer: wrong.append(f"{answer.status}: {answer.url}")
            if answer.status >= 400 else None)
    page.on("pageerror", lambda error: wrong.append(str(error)[:80]))


def themes(browser, root, wrong):
    "A page in the light theme, then one in the dark one, wide, patient and `watched`"
    for scheme in ("light", "dark"):
        context = browser.new_context(color_scheme=scheme)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        watched(page, root, wrong)
        page.set_viewport_size({"width": WIDTHS[0], "height": HEIGHT})
        yield scheme, page
        context.close()
