"""Build the docs site in _docs from nbs/: `python tools/docs.py`, or with `--quarto` by Quarto. A
broken link fails, and so does a picture that nothing tells of.

nbdev turns the notebooks into pages (signatures, links to source); then smalldocs, which is pure
Python, or Quarto, which is not, lays them out as nbs/_quarto.yml says."""
import argparse, ast, dataclasses, html, inspect, json, os, re, shutil, subprocess, sys
import textwrap
from configparser import ConfigParser
from html.parser import HTMLParser
from importlib import import_module
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbdev.serve
import nbdev.showdoc
import yaml
from fastcore.docments import docments
from nbdev.config import get_config
from nbdev.processors import FilterDefaults, exec_show_docs
from nbdev.quarto import nbdev_sidebar, refresh_quarto_yml
from nbdev.readme_filter import doc_link
from nbdev.showdoc import BasicMarkdownRenderer

BUTTON = r"^\*\*(\[[^\]\n]+\])(\([^)\s]+\))\*\*$"  # a link, alone and in bold
CARDS = r"(?:^- \*\*\[[^\]\n]+\]\([^)\s]+\)\*\*<br>.*\n?)+"  # items that begin with such a link
# A picture, a player or a frame in HTML that says nothing to those who cannot see it
UNTOLD = r"""<(img|video|audio|iframe)\b(?![^>]*\s(?:alt|aria-label|title)=["'][^"'])"""
# A name's signature, at the end of what `Signature` writes of it
SIGNATURE = re.compile(r"\n```\{\.python \.signature\}\n.*?\n```(?=\n|$)", re.S)
CODE_WIDTH = 88  # columns of a signature
HEADINGS = {"tutorials": "Tutorials", "explanations": "Explanations", "api": "API"}

# The sidebar's order, where it is not the alphabet's: folders, then the modules of each wing as
# they build on each other
ORDER = """tutorials explanations api
    explanations/dataset_card explanations/the_published_figure explanations/shortcuts
     explanations/simulated_listeners explanations/animation explanations/what_a_frame_shows
     explanations/decoders explanations/lengths explanations/interpretation explanations/choosing
     explanations/checklist explanations/trust explanations/glossary
    other_layouts fine_tuning on_a_gpu long_runs several_machines
    data network training evaluation use original commands cli notebooks errors core cache cluster names
    video containers tables own_csv signals animation decoding statistics synthetic exercises
     sources explore clip_room clip_reading clips clip_specs fold_checks splits known_clips labels
     validation design
    weights guards padding crnn building layers decoders clip_encoders timm_encoders drawn
     encoders
    features batches parts learner whole_network recipes finetuning long_runs
    measure contenders tuned leaks evaluation report lengths experiments
     grid_files grids inference
    interpretation sharing app shared films networks terminal""".split()


# A style's order to fetch another from elsewhere
FETCHED = re.compile(r"""@import\s+(?:url\((["']?)(?:https?:)?//[^)]*\)"""
                     r"""|(["'])(?:https?:)?//[^"']*["'])[^;]*;""")


def metadata(config):
    "The table in settings.ini"
    ini = ConfigParser(delimiters=["="], interpolation=None)
    ini.read(config.config_path / "settings.ini", encoding="utf-8")
    return ini["DEFAULT"]


def file_url(config, path):
    "Where GitHub shows a file of the repository"
    return f"{config.git_url}/blob/{config.branch}/{path}"


def colab_url(config, path, version=None):
    "Where Colab opens a notebook of the repository: of a release's tag, or else of the branch"
    place = f"{config.user}/{config.repo}/blob/{version or config.branch}/{path}"
    return f"https://colab.research.google.com/github/{place}"


def released(config, path):
    "The last tag that has a notebook, as its first line installs a release on Colab; or None"
    def asked(*words):
        return subprocess.run(["git", "-C", config.config_path, *words], capture_output=True,
                              text=True)

    tag = asked("describe", "--tags", "--abbrev=0", "--match", "v*").stdout.strip()
    return tag if tag and asked("cat-file", "-e", f"{tag}:{path}").returncode == 0 else None


def repository_path(config, notebook, target):
    "The path in the repository of a relative link in `notebook`, or None where that is in nbs/"
    path = Path(os.path.normpath(notebook.parent / target))
    if path.is_relative_to(config.nbs_path): return None
    if not path.exists():
        sys.exit(
            f"{notebook.name}: links to {target}, and there is no such file. Correct the link.")
    return path.relative_to(config.config_path).as_posix()


def put_in_order(pages):
    "Sort the sidebar's pages and folders, each folder's too"
    def place(page):
        if isinstance(page, dict):
            names = [page["section"]]
        else:
            names = [Path(page).with_suffix("").as_posix(), Path(page).stem]
        return next((ORDER.index(name) for name in names if name in ORDER), len(ORDER))

    pages.sort(key=place)
    for page in pages:
        if isinstance(page, dict):
            put_in_order(page["contents"])


def title_of(notebook):
    "What stands in a notebook's first line"
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return "".join(cells[0]["source"]).splitlines()[0].removeprefix("# ")


def in_groups(config, pages):
    "The sidebar: the road's chapters with their numbers, then the other folders"
    road, folders = [], []
    for page in pages:
        if isinstance(page, dict):
            folders.append({**page, "section": HEADINGS.get(page["section"], page["section"])})
        elif number := re.match(r"0*(\d+)_", page):
            road.append(dict(text=f"{number[1]}. {title_of(config.nbs_path / page)}", href=page))
    return [dict(section="The road", href="index.ipynb", contents=road), *folders]


def write_settings(config):
    "nbs/nbdev.yml and nbs/sidebar.yml, which nbs/_quarto.yml includes"
    refresh_quarto_yml()
    settings = config.nbs_path / "nbdev.yml"
    site = yaml.safe_load(settings.read_text())
    site["website"]["description"] = metadata(config)["description"]
    settings.write_text(yaml.safe_dump(site, sort_keys=False))
    nbdev_sidebar()
    sidebar = config.nbs_path / "sidebar.yml"
    site = yaml.safe_load(sidebar.read_text())
    contents = site["website"]["sidebar"]["contents"]
    put_in_order(contents)
    site["website"]["sidebar"]["contents"] = in_groups(config, contents)
    sidebar.write_text(yaml.safe_dump(site, sort_keys=False))


def type_text(annotation):
    "A type as one writes it where it is imported: `Fold`, not `gingerbread_crnn.data.splits.Fold`"
    if annotation is inspect.Parameter.empty: return ""
    text = annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
    return re.sub(r"\b(?:[A-Za-z_]\w*\.)+(?=[A-Za-z_])", "", text).replace("NoneType", "None")


def default_text(value):
    "A default; a dataclass's only as far as it differs from that class's own"
    if isinstance(value, type) or inspect.isroutine(value): return value.__name__
    if not dataclasses.is_dataclass(value): return repr(value)
    said = [f"{field.name}={getattr(value, field.name)!r}" for field in dataclasses.fields(value)
            if field.init and getattr(value, field.name) != field.default]
    return f"{type(value).__name__}({', '.join(said)})"


def with_comment(line, comment):
    "A signature's line, its comment beside it or, where there is no room, above"
    if not comment: return [line]
    comment = " ".join(comment.split())
    if len(line) + len(comment) + 4 <= CODE_WIDTH: return [f"{line}  # {comment}"]
    indent = " " * (len(line) - len(line.lstrip()))
    return [*textwrap.wrap(comment, CODE_WIDTH, initial_indent=f"{indent}# ",
                           subsequent_indent=f"{indent}# "), line]


def parameter_lines(signature, comments):
    "A line for each parameter, with its comment; and the stars"
    kinds = inspect.Parameter
    lines, starred = [], False
    for parameter in signature.parameters.values():
        if parameter.name in ("self", "cls"): continue
        if parameter.kind is kinds.KEYWORD_ONLY and not starred:
            lines.append("    *,")
        starred |= parameter.kind in (kinds.KEYWORD_ONLY, kinds.VAR_POSITIONAL)
        stars = {kinds.VAR_POSITIONAL: "*", kinds.VAR_KEYWORD: "**"}.get(parameter.kind, "")
        kind = type_text(parameter.annotation)
        line = f"    {stars}{parameter.name}{f': {kind}' if kind else ''}"
        if parameter.default is not kinds.empty:
            line += f"{' = ' if kind else '='}{default_text(parameter.default)}"
        lines += with_comment(f"{line},", comments.get(parameter.name, {}).get("docment"))
    return lines


def signature_text(symbol, name, signature, comments):
    "A signature as the package writes its own"
    own = {"__init__", "__new__"} & vars(symbol).keys() if isinstance(symbol, type) else True
    if not own:  # what it takes, its base takes
        bases = ", ".join(base.__name__ for base in symbol.__bases__ if base is not object)
        return f"class {name}({bases})"
    word = "class" if isinstance(symbol, type) else "def"
    kind = "" if word == "class" else type_text(signature.return_annotation)
    end = [f"){f' -> {kind}' if kind and kind != 'None' else ''}"]
    if word == "def":
        end = with_comment(end[0], comments.get("return", {}).get("docment"))
    lines = parameter_lines(signature, comments)
    if not lines:
        return "\n".join([*end[:-1], f"{word} {name}({end[-1]}"])
    return "\n".join([f"{word} {name}(", *lines, *end])


def comments_of(symbol, found):
    "What the source says of each parameter: a dataclass's only its module's file can tell"
    if not dataclasses.is_dataclass(symbol): return found
    index = import_module("gingerbread_crnn._modidx").d["syms"]
    module = next((module.replace("/", ".") for module, names in index.items()
                   if any(name.endswith(f".{symbol.__name__}") for name in names)), None)
    twin = getattr(import_module(module), symbol.__name__) if module else symbol
    return docments(twin, full=True)


class Signature(BasicMarkdownRenderer):
    "A name, its sentence, and its signature below, which `example_first` moves below an example"

    def _repr_markdown_(self):
        text = super()._repr_markdown_()
        if self.sig is None or not hasattr(self.dm, "dm"): return text
        head, _, rest = text.partition("```python\n")
        written = signature_text(self.sym, self.nm.split(".")[-1], self.sig,
                                 comments_of(self.sym, self.dm.dm))
        return (head + rest.partition("\n```")[2].strip()
                + f"\n\n```{{.python .signature}}\n{written}\n```\n")


class RunExported(exec_show_docs):
    "Run what signatures need, exported cells, imports, `show_doc`, and no other example"

    def __call__(self, cell):
        example = (cell.cell_type == "code"
                   and not cell.directives_.keys() & {"export", "exports", "exporti", "exec_doc"})
        if example and "show_doc" not in cell.source and any(not isinstance(
                part, (ast.Import, ast.ImportFrom)) for part in cell.parsed_() or []):
            return
        super().__call__(cell)


class Pages(FilterDefaults):
    "nbdev's processing of a notebook into a page, with `RunExported`"

    def base_procs(self):
        return [RunExported if step is exec_show_docs else step for step in super().base_procs()]


def check_opening(notebook, cells):
    "nbdev makes a page's title of its first cell and drops the rest of that cell"
    lines = [line for line in "".join(cells[0]["source"]).splitlines() if line.strip()]
    rest = [line for line in lines[1:] if not line.startswith(">")]
    if not lines or not lines[0].startswith("# ") or rest:
        sys.exit(f"{notebook.name}: the first cell must be '# Title' and one '> sentence', and "
                 f"nothing else. Found {(rest or lines or ['an empty cell'])[0]!r}: move it to a "
                 "cell of its own.")


def is_untold(output):
    "Is this output of a cell a picture, or HTML with one, that has no text of its own?"
    data = output.get("data", {})
    if "text/html" in data:
        return bool(re.search(UNTOLD, "".join(data["text/html"])))
    return any(kind.startswith("image/") for kind in data)


def texts_of(cell, name, count):
    "What a cell's line `#| name: ...` says of each of its `count` pictures: texts, or None"
    line = re.search(rf"^#\| {name}: (.+)$", "".join(cell["source"]), flags=re.M)
    said = yaml.safe_load(line[1]) if line else None
    if isinstance(said, list) and len(said) == count: return said
    if not isinstance(said, str): return [None] * count
    if count == 1: return [said]
    return [f"{said.rstrip('.')}, {number} of {count}" for number in range(1, count + 1)]


def tell(page, text, caption):
    "HTML whose pictures and players have a text, above its caption"
    def named(match):
        name = {"img": "alt", "iframe": "title"}.get(match[1], "aria-label")
        return f'{match[0]} {name}="{html.escape(text)}"'

    page = re.sub(UNTOLD, named, page)
    if not caption: return page
    return (f'<div class="quarto-figure quarto-figure-left">\n<figure class="figure">\n{page}\n'
            f"<figcaption>{html.escape(caption)}</figcaption>\n</figure>\n</div>")


def told(cell):
    """A page's cell as cells of one picture each, with a text for those who cannot see it: the
    line `#| fig-alt`, or else the caption, `#| fig-cap`. None where a picture has neither"""
    outputs = cell.get("outputs", [])
    ends = [place + 1 for place, output in enumerate(outputs) if is_untold(output)]
    if not ends: return [cell]
    captions, texts = (texts_of(cell, name, len(ends)) for name in ("fig-cap", "fig-alt"))
    if not all(text or caption for text, caption in zip(texts, captions)): return None
    source = re.sub(r"^#\| fig-(cap|alt|align):.*\n", "", "".join(cell["source"]), flags=re.M)
    cells = []
    for start, end, text, caption in zip([0, *ends], [*ends[:-1], len(outputs)], texts, captions):
        part = dict(cell, id=f"{cell['id']}-{start}" if start else cell["id"],
                    outputs=outputs[start:end])
        options = {"echo": False} if start else {}
        for output in filter(is_untold, part["outputs"]):
            if page := output["data"].get("text/html"):
                output["data"]["text/html"] = tell("".join(page), text or caption, caption)
            else:
                options |= {"fig-alt": text or caption, "fig-align": "left"}
                options |= {"fig-cap": caption} if caption else {}
        # JSON is YAML, too
        lines = [f"#| {name}: {json.dumps(value, ensure_ascii=False)}\n"
                 for name, value in options.items()]
        cells.append({**part, "source": "".join(lines) + source})
    return cells


def tell_pictures(cells):
    "A page's cells with a text for each picture, and the sources of those where one has none"
    found, untold = [], []
    for cell in cells:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code":
            parts = told(cell)
        else:
            prose = re.sub(r"(`+).*?\1", "", source, flags=re.S)
            parts = None if re.search(rf"!\[\s*\]\(|{UNTOLD}", prose) else [cell]
        if parts is None:
            untold.append((cell.get("id"), source))
        found += parts or [cell]
    return found, untold


def documented(cell):
    "The names that a page's cell documents, or none"
    if cell["cell_type"] != "code": return None
    name = re.search(r"^show_doc\(([\w.]+)", "".join(cell["source"]), flags=re.M)
    return name[1].split(".")[-1] if name and cell.get("outputs") else None


def has_heading(cell):
    return cell["cell_type"] == "markdown" and bool(
        re.search(r"^#{1,6} ", "".join(cell["source"]), flags=re.M))


def cut_signature(cell):
    "A documenting cell without its signature, and the signature as a cell of its own"
    head, found = json.loads(json.dumps(cell)), []
    for output in head["outputs"]:
        text = "".join(output.get("data", {}).get("text/markdown", ""))
        found += SIGNATURE.findall(text)
        if text:
            output["data"]["text/markdown"] = SIGNATURE.sub("\n", text)
    return head, dict(cell_type="markdown", id=f"{cell['id']}-signature", metadata={},
                      source="\n".join(found).strip())


def source_instead(cells):
    "A page's cells, without the signature of what is shown whole just below"
    names, found = [documented(cell) for cell in cells], []
    for place, cell in enumerate(cells):
        below = []
        for other, name in zip(cells[place + 1:], names[place + 1:]):
            if has_heading(other): break
            if not name and other["cell_type"] == "code":
                below.append("".join(other["source"]))
        shown = names[place] and re.search(rf"^(?:def|class) {names[place]}\b", "\n".join(below),
                                           flags=re.M)
        found.append(cut_signature(cell)[0] if shown else cell)
    return found


def example_first(cells):
    "A page's cells in a reader's order: a name and its sentence, its example, then its signature"
    names, found, place = [documented(cell) for cell in cells], [], 0
    while place < len(cells):
        end = place
        while end < len(cells) and names[end]:
            end += 1
        if end == place:
            found.append(cells[place])
            place += 1
            continue
        after = end
        while after < len(cells) and not names[after] and not has_heading(cells[after]):
            after += 1
        while after > end and cells[after - 1]["cell_type"] != "code":
            after -= 1  # what stands below the last example leads to the next name
        example = cells[end:after]
        code = "\n".join("".join(cell["source"]) for cell in example
                         if cell["cell_type"] == "code")
        shown = [number for number in range(place, end)
                 if re.search(rf"\b{names[number]}\b", code)]
        run = cells[place:end]
        if shown and SIGNATURE.search("".join(
                run[shown[-1] - place]["outputs"][0]["data"].get("text/markdown", ""))):
            head, signature = cut_signature(run.pop(shown[-1] - place))
            found += [*run, head, *example, signature]
        else:
            found += [*run, *example]
        place = after
    return found


def finish_page(config, page, notebook):
    """Add a page's link to Colab, and point its links to files outside nbs/ at the repository; a
    link that stands alone in bold becomes a button, items that begin with one become cards, and
    folded answers are folded whole; examples come before signatures; pictures get their texts.
    Returns a line for each cell with a picture that has none"""
    check_opening(notebook, json.loads(notebook.read_text(encoding="utf-8"))["cells"])
    content = json.loads(page.read_text(encoding="utf-8"))
    front = yaml.safe_load("".join(content["cells"][0]["source"]).strip().strip("-"))
    place = notebook.relative_to(config.config_path).as_posix()
    link = dict(text="Open in Colab", icon="play-circle",
                href=colab_url(config, place, released(config, place)))
    content["cells"][0]["source"] = f"---\n{yaml.safe_dump({**front, 'code-links': [link]})}---\n"

    texts = ["".join(cell["source"]).strip() for cell in content["cells"]]
    if "## Checks" in texts:
        # its cells are hidden, so the heading is too
        del content["cells"][texts.index("## Checks"):]
    content["cells"] = example_first(source_instead(content["cells"]))

    def absolute(match):
        path = repository_path(config, notebook, match[1])
        return f"]({file_url(config, path)})" if path else match[0]

    for cell in content["cells"]:
        if cell["cell_type"] == "markdown":
            text = re.sub(r"\]\((\.\./[^)\s]+)\)", absolute, "".join(cell["source"]))
            text = re.sub(BUTTON, r"\1\2{.btn .btn-primary .btn-lg}", text, flags=re.M)
            cell["source"] = re.sub(CARDS, r"::: {.cards}\n\g<0>\n:::\n", text, flags=re.M)
        elif '#| code-summary: "Answers"' in "".join(cell["source"]):
            # a name by which styles.css finds the cell, to fold what it prints too
            cell["source"] = "#| label: answers\n" + "".join(cell["source"])
    content["cells"], untold = tell_pictures(content["cells"])
    page.write_text(json.dumps(content), encoding="utf-8")
    return [f"{place}, cell {name}: {re.sub('^#.*', '', source, flags=re.M).strip()[:60]!r}"
            for name, source in untold]


def build_smalldocs(config, pages):
    from smalldocs.config import load
    from smalldocs.site import Site

    class NbdevSite(Site):
        "A site whose pages keep the names that nbdev gives them: 00_core.ipynb is core.html"

        def read(self, source):
            page = super().read(source)
            page.out = page.out.with_name(page.meta.get("output-file", page.out.name))
            return page

    site = NbdevSite(load(pages), quiet=True)
    site.build()
    for page in site.pages.values():  # the modules' docstrings name these: core.html.md
        text, files = site.llms_copy(page)
        target = site.out / f"{page.out}.md"
        text = text.replace(".llms.md", ".html.md").replace("```{.python .signature}", "```python")
        target.write_text(text, encoding="utf-8")
        for name, picture in files.items():
            (target.parent / name).parent.mkdir(parents=True, exist_ok=True)
            (target.parent / name).write_bytes(picture)
    return site.out, [f"{source}: {link}" for source, link in site.broken]


def build_quarto(config, pages):
    from nbdev.quarto_render import render_quarto

    render_quarto(pages, pages / config.doc_path.name)
    return pages / config.doc_path.name, []


class Links(HTMLParser):
    "The addresses that a page refers to, and the names in it that others can refer to"

    def __init__(self, path):
        super().__init__()
        self.found, self.names = [], {""}
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        for key, value in attributes:
            if key in ("href", "src") and value:
                self.found.append(value)
            if key in ("id", "name") and value:
                self.names.add(value)


def make_relative(config):
    "nbdev's links have the site's address: make them relative, for a site in a folder"
    names = {path: Links(path).names for path in config.doc_path.rglob("*.html")}
    for path in names:
        def relative(match):
            target, name = config.doc_path / (match[1] or "index.html"), match[2] or ""
            if unquote(name)[1:] not in names.get(target, {""}):
                name = ""  # nbdev also links names that have no heading
            return f'href="{os.path.relpath(target, path.parent)}{name}"'

        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub(rf'href="{re.escape(config.doc_url)}([^"#]*)(#[^"]*)?"', relative,
                               text), encoding="utf-8")


def keep_to_ourselves(folder):
    "Take out of the styles what they fetch from others, fonts: the next in each list is here"
    for path in folder.rglob("*.css"):
        text = path.read_text(encoding="utf-8")
        path.write_text(FETCHED.sub("", text), encoding="utf-8")


def broken_links(folder):
    "Links between the pages of a built site that lead nowhere"
    pages = {path: Links(path) for path in folder.rglob("*.html")}
    for path, page in sorted(pages.items()):
        for link in dict.fromkeys(page.found):
            url = urlsplit(link)
            if url.scheme or url.netloc: continue
            target = Path(os.path.normpath(path.parent / unquote(url.path))) if url.path else path
            if target.is_dir():
                target = target / "index.html"
            if (not target.exists()
                    or (target in pages and unquote(url.fragment) not in pages[target].names)):
                yield f"{path.relative_to(folder)}: {link}"


def listed(config, pages, contents, heading, first=None):
    "Lines of llms.txt for a part of the sidebar: a heading, then title, address and sentence"
    lines, folders = [f"## {heading}", ""], []
    # a heading of the sidebar leads to a page of its own
    for entry in [*([first] if first else []), *contents]:
        if isinstance(entry, dict) and "section" in entry:
            folders += listed(config, pages, entry["contents"], f"{heading}: {entry['section']}",
                              entry.get("href"))
            continue
        path = entry["href"] if isinstance(entry, dict) else entry
        cells = json.loads((pages / path).read_text(encoding="utf-8"))["cells"]
        front = yaml.safe_load("".join(cells[0]["source"]).strip().strip("-"))
        title = entry["text"] if isinstance(entry, dict) else front["title"]
        address = doc_link(path, config.doc_url)
        lines.append(f"- [{title}]({address}.md): {front.get('description', '')}".rstrip(": "))
    return [*lines, "", *folders]


def write_index(config, pages):
    "llms.txt, for programs that read: each page of the sidebar, as Markdown; dead links"
    text = (config.nbs_path / "sidebar.yml").read_text(encoding="utf-8")
    lines = [f"# {config.title}", "", f"> {metadata(config)['description']}", ""]
    for part in yaml.safe_load(text)["website"]["sidebar"]["contents"]:
        lines += listed(config, pages, part["contents"], part["section"], part.get("href"))
    index = config.doc_path / "llms.txt"
    index.write_text("\n".join(lines), encoding="utf-8")
    addresses = re.findall(r"\]\((.+?)\)", index.read_text(encoding="utf-8"))
    for path in config.doc_path.rglob("*.html"):
        name = path.relative_to(config.doc_path).as_posix()
        if not any(address.endswith(f"/{name}.md") for address in addresses):
            yield f"llms.txt: not a word of {name}"
    for address in addresses:
        if not (config.doc_path / address.removeprefix(config.doc_url).lstrip("/")).exists():
            yield f"llms.txt: {address}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quarto", action="store_true",
                        help="lay the pages out with Quarto, which must be installed")
    arguments = parser.parse_args()
    config = get_config(Path(__file__).resolve().parent)
    os.chdir(config.config_path)
    sys.path.insert(0, str(config.config_path))  # this tree's package, whatever is installed
    nbdev.serve.FilterDefaults = Pages
    nbdev.showdoc.BasicMarkdownRenderer = Signature
    write_settings(config)
    # what an earlier build left there is finished: it is made again, not finished twice
    pages = nbdev.serve.proc_nbs(config.nbs_path, n_workers=0, force=True)
    untold = []
    for page in sorted(pages.rglob("*.ipynb")):
        notebook = config.nbs_path / page.relative_to(pages)
        if notebook.exists():
            untold += finish_page(config, page, notebook)
    if untold:
        sys.exit("Found pictures without a text, expected none. Say what each shows, for those who "
                 "cannot see it, above the code that draws it: `#| fig-cap: \"...\"`, which is "
                 "also its caption, or `#| fig-alt: \"...\"`; in prose, ![...](...).\n"
                 + "\n".join(untold))
    out, broken = (build_quarto if arguments.quarto else build_smalldocs)(config, pages)
    shutil.rmtree(config.doc_path, ignore_errors=True)
    shutil.move(out, config.doc_path)
    make_relative(config)
    keep_to_ourselves(config.doc_path)
    broken = sorted({*broken, *broken_links(config.doc_path), *write_index(config, pages)})
    if broken:
        sys.exit("Found links that lead nowhere, expected none. Correct them in the notebooks:\n"
                 + "\n".join(broken))
    print(f"{len(list(config.doc_path.rglob('*.html')))} pages in {config.doc_path.name}")


if __name__ == "__main__":
    main()
