"""Which part of the package a chapter of the road uses first: `python tools/chapters.py` prints it
as a table in Markdown, whose links are those of `nbs/api/index.ipynb`, which shows it.

Read from the chapters' imports, in the order of the road; a module in bold is made there."""
import ast, json, re
from pathlib import Path

from imports import PACKAGE, PLACES

PAGES = PACKAGE.parent / "nbs"


def cells_of(path):
    "A notebook's title, and the sources of its code cells"
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    title = "".join(cells[0]["source"]).splitlines()[0].removeprefix("# ")
    return title, ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


def made_by(sources):
    "The module that a notebook makes, or none"
    found = re.search(r"^#\| default_exp (\S+)", "\n".join(sources), flags=re.M)
    return found[1] if found else None


def homes():
    "Module by name of what `from gingerbread_crnn import ...` finds"
    for node in ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and node.targets[0].id == "_HOMES":
            table = ast.literal_eval(node.value)
            return {name: home for home, names in table.items() for name in names}


def used(sources):
    "Pairs of module and name that the cells import from the package"
    top = homes()
    for source in sources:
        python = re.sub(r"^[ \t]*[!%].*", "", source, flags=re.M)
        for node in ast.walk(ast.parse(python)):
            if not isinstance(node, ast.ImportFrom): continue
            package, _, module = (node.module or "").partition(".")
            if package == PACKAGE.name:
                for name in (alias.name for alias in node.names):
                    whole = f"{module}.{name}"  # a module, and no name in one
                    yield (whole, "") if whole in PLACES else (module or top[name], name)


def table():
    "Lines of Markdown: a chapter, what it makes, and what no chapter before it has used"
    notebooks = [path for path in sorted(PAGES.rglob("*.ipynb"))
                 if ".ipynb_checkpoints" not in path.parts]
    page = {made_by(cells_of(path)[1]): path.relative_to(PAGES).as_posix() for path in notebooks}

    def link(module):
        path = page[module]
        return f"[{module}]({path.removeprefix('api/') if path[:4] == 'api/' else f'../{path}'})"

    known = set()
    yield from ("| chapter | first uses |", "|:---|:---|")
    for path in sorted(PAGES.glob("0*.ipynb")):
        title, sources = cells_of(path)
        made = made_by(sources)
        new = {made: []} if made else {}
        for module, name in used(sources):
            if (module, name) not in known and module != made:
                new.setdefault(module, []).extend([f"`{name}`"] if name else [])
            known.add((module, name))
        texts = [f"**{link(module)}**" if module == made else f"{link(module)} {', '.join(names)}"
                 for module, names in sorted(new.items(), key=lambda one: PLACES.index(one[0]))]
        yield f"| [{title}](../{path.name}) | {'; '.join(texts)} |"


if __name__ == "__main__":
    print("\n".join(table()))
