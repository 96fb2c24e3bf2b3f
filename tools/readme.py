"""Write README.md and its pictures from nbs/index.ipynb: `python tools/readme.py`; with `--check`,
only compare.

It does what `nbdev-readme` does with Quarto, in pure Python, and puts badges under the title. All
addresses are made from [project.urls] in pyproject.toml."""
import argparse, os, re, sys
from pathlib import Path
from urllib.parse import quote

import nbformat
from docs import BUTTON, Pages, check_opening, colab_url, metadata, repository_path
from fastcore.nbio import read_nb
from nbconvert import MarkdownExporter
from nbdev.config import get_config
from nbdev.readme_filter import doc_link

pictures = "nbs/images"  # the README's figures are files here, named readme_*


def badges(config):
    "One line of badges"
    def badge(text, picture, target):
        return f"[![{text}]({picture})]({target})"

    python = metadata(config)["min_python"]
    workflow = f"{config.git_url}/actions/workflows/test.yml"
    return "\n".join([
        badge("Tests", f"{workflow}/badge.svg?branch={config.branch}", workflow),
        badge("Documentation", "https://img.shields.io/badge/docs-online-blue", config.doc_url),
        badge(
            f"Python {python} or newer",
            f"https://img.shields.io/badge/python-{python}%2B-blue",
            "settings.ini",
        ),
        badge(
            "Licence: Apache 2.0",
            "https://img.shields.io/badge/licence-Apache--2.0-blue",
            "LICENSE",
        ),
        badge(
            "Open in Colab",
            "https://colab.research.google.com/assets/colab-badge.svg",
            colab_url(config, f"nbs/{config.readme_nb}"),
        ),
    ])


def readme_link(config, notebook, target):
    "A link of the notebook as it must stand in README.md: pages on the site, files where they are"
    if re.match(r"[a-z]+:|#", target): return target
    if path := repository_path(config, notebook, target): return path
    page = doc_link(target, config.doc_url)
    if page != target: return page
    if not (notebook.parent / target).exists():
        sys.exit(f"{notebook.name}: links to {target}, and there is no such file.")
    return f"nbs/{target}"


def button(match):
    "A link that stands alone in bold, as a picture that can be clicked"
    text = match[1][1:-1]
    picture = f"https://img.shields.io/badge/{quote(text)}-2780e3?style=for-the-badge"
    return f"[![{text}]({picture})]{match[2]}"


def tidy(cell):
    "What GitHub would show as text: Quarto's options on code, the style of a table"
    if cell.cell_type == "code" and cell.source.startswith("#| echo: false"):
        cell.source = ""  # only its output is for the README
    if cell.cell_type == "code":
        cell.source = re.sub(r"^#\|.*\n", "", cell.source, flags=re.M)
    for output in cell.get("outputs", []):
        if "text/html" in output.get("data", {}):
            output.data["text/html"] = re.sub(r"<style.*?</style>\s*", "", output.data["text/html"],
                                              flags=re.S)


def render(config):
    "README.md and its pictures: a dictionary from path to bytes"
    notebook = config.nbs_path / config.readme_nb
    content = read_nb(notebook)
    check_opening(notebook, content.cells)
    title, _, sentence = "".join(content.cells[0].source).strip().partition("\n")
    Pages()(content)  # nbdev's processing: hidden cells go, names in backticks become links
    content = nbformat.from_dict(content)
    # was front matter
    content.cells[0] = nbformat.v4.new_markdown_cell(
        f"{title}\n\n{badges(config)}\n\n{sentence.strip()}")
    # nbdev-clean drops it, and the fences of code need it
    content.metadata.language_info = {"name": "python"}
    for cell in content.cells[1:]:
        tidy(cell)
        if cell.cell_type == "markdown":
            cell.source = re.sub(r"\]\(([^)\s]+)\)",
                                 lambda match: f"]({readme_link(config, notebook, match[1])})",
                                 cell.source)
            cell.source = re.sub(BUTTON, button, cell.source, flags=re.M)
    resources = dict(unique_key="readme", output_files_dir=pictures)
    body, resources = MarkdownExporter().from_notebook_node(content, resources=resources)
    body = body.replace("![png](", "![figure](").replace("```python\n\n```\n", "")
    body = re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]+$", "", body, flags=re.M)).strip() + "\n"
    return {"README.md": body.encode(), **resources["outputs"]}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true",
                        help="write nothing; exit with 1 where the files differ")
    arguments = parser.parse_args()
    config = get_config(Path(__file__).resolve().parent)
    os.chdir(config.config_path)
    sys.path.insert(0, str(config.config_path))
    wanted = {Path(name): data for name, data in render(config).items()}
    stale = [path for path in Path(pictures).glob("readme_*") if path not in wanted]
    changed = [path for path, data in wanted.items() if not path.exists()
               or path.read_bytes() != data]
    if arguments.check:
        if stale or changed:
            sys.exit(
                f"Found {', '.join(map(str, stale + changed))} out of step with "
                f"nbs/{config.readme_nb}. Run `python tools/readme.py` and commit what it writes.")
        return print(f"README.md agrees with nbs/{config.readme_nb}")
    for path in stale:
        path.unlink()
    for path in changed:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(wanted[path])
    print("wrote", ", ".join(map(str, changed))
          if changed else "nothing: README.md agrees with the notebook")


if __name__ == "__main__":
    main()
