"""Look at the docs site in _docs with a browser, as readers do: `python tools/browser.py`. Exits 1
where something is wrong, and says in a line what is missing where it cannot look.

Each page is opened in the light theme and in the dark one, 1400 pixels wide and as wide as a phone;
axe-core looks for what keeps people out. It needs Chromium or Chrome, and the extra `browser`."""
import argparse, sys, threading, time
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from chromium import AXE, HEIGHT, PATIENCE, WIDTHS, axe_core, chromium, left_out, themes

SITE = Path(__file__).resolve().parent.parent / "_docs"
KEPT = dict(zip(WIDTHS, ("light", "dark")))  # a screenshot of each of these
# What readers look for, and where one of the first three hits must lead
SEARCHES = {"crnn_learner": "training.html#crnn_learner", "ClipSpec": "clips.html#clipspec",
            "lr_find": "training.html#find-a-learning-rate",
            "leave_participant_out": "people.html#leave_participant_out",
            "gingerbread app": "api/commands/networks.html#gingerbread-app", "colab": "index.html"}

LOOK = """async width => {
  for (const box of document.querySelectorAll("details")) box.open = true
  dispatchEvent(new Event("resize"))
  await new Promise(done => setTimeout(done, 50))
  const all = chosen => [...document.querySelectorAll(chosen)]
  const style = (element, name) => parseFloat(getComputedStyle(element)[name])
  const wider = element => element.clientWidth && element.scrollWidth > element.clientWidth + 2
  const scrolls = element => /auto|scroll/.test(getComputedStyle(element).overflowX)
  const found = []
  // what is too wide would be clipped here, and never widen the window
  if (all("html, #quarto-content").some(wider)) found.push("wider than the window")
  for (const element of all("main pre, main .cell-output-display, main table").filter(wider)) {
    const start = element.innerText.trim().slice(0, 50)
    if (scrolls(element) && element.tabIndex !== 0) found.push(`no key scrolls "${start}"`)
    if (width > 1000 && element.tagName === "PRE") found.push(`cut: "${start}"`)
  }
  for (const image of document.images)
    if (!image.alt || /^(figure|image|png)$/i.test(image.alt)) found.push(`untold: ${image.src.slice(-50)}`)
  for (const cell of all("main td, main th"))
    if (style(cell, "paddingLeft") + style(cell, "paddingRight") < 8) {
      found.push(`cells touch: "${cell.closest("table").innerText.trim().slice(0, 50)}"`)
      break
    }
  if (!document.querySelector(".nav-page a, [rel=next], [rel=prev]")) found.push("no next page")
  return found
}"""


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *words):
        "Nothing"


def look_at(browser, root, name, axe, screenshots):
    "What is wrong with a page, by theme and width"
    wrong = []
    for scheme, page in themes(browser, root, wrong):
        page.goto(root + name)
        page.evaluate(axe)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": HEIGHT})
            wrong += page.evaluate(LOOK, width)
            # what the themes share was looked at in the first
            wrong += page.evaluate(AXE, None if scheme == "light" else ["color-contrast"])
            if screenshots and scheme == KEPT[width]:
                path = screenshots / f"{name.replace('/', '_')}_{width}.jpg"
                page.screenshot(path=path, full_page=True, quality=50)
            yield from (f"{name}, {scheme}, {width} pixels: {what}" for what in wrong)
            wrong.clear()


def search(browser, root):
    "Words of `SEARCHES` whose page is not among the first three hits"
    for width in WIDTHS:
        page = browser.new_page(viewport={"width": width, "height": 900})
        page.set_default_timeout(PATIENCE)
        page.goto(root + "index.html")
        box = page.locator(".smalldocs-search input")
        if not box.is_visible():
            page.locator(".navbar-toggler").click()
        for words, wanted in SEARCHES.items():
            box.fill("")
            shown = page.locator(".smalldocs-search-results.show")
            shown.wait_for(state="detached")
            box.fill(words)
            shown.wait_for()  # the first words wait for the index
            hits = [hit.get_attribute("href").removeprefix("./")
                    for hit in shown.locator(".search-result").all()[:3]]
            if not any(hit.startswith(wanted) for hit in hits):
                yield f"search, {width} pixels: {words!r} finds {hits}, expected {wanted}"
        page.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=240,
                        help="look at no further page after so long")
    parser.add_argument("--screenshots", type=Path, metavar="FOLDER", help="keep two a page")
    arguments = parser.parse_args()
    if arguments.screenshots:
        arguments.screenshots.mkdir(parents=True, exist_ok=True)
    if not (SITE / "index.html").exists():
        left_out("no site in _docs; python tools/docs.py builds it")
    axe = axe_core()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=SITE))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    root = f"http://127.0.0.1:{server.server_port}/"
    # the road first, which has no folder
    names = sorted((path.relative_to(SITE).as_posix() for path in SITE.rglob("*.html")),
                   key=lambda name: (name.count("/"), name))
    seen, start = 0, time.monotonic()
    with chromium() as browser:
        wrong = list(search(browser, root))
        for name in names:
            if time.monotonic() - start > arguments.seconds: break
            wrong += look_at(browser, root, name, axe, arguments.screenshots)
            seen += 1
    server.shutdown()
    print(f"{seen} of {len(names)} pages seen in {time.monotonic() - start:.0f} seconds")
    if wrong:
        sys.exit(f"Found {len(wrong)} faults, expected none:\n" + "\n".join(wrong))


if __name__ == "__main__":
    main()
