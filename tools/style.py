"""Long lines and shared lines in notebooks and scripts: `python tools/style.py`; `--check` fails.

A line of code has at most 100 columns, in the prose too; a text of several lines that the code
holds, such as a page, is as wide as it is. What follows a colon stands on a line of its own, but
for a guard (`if done: return`), a definition whose body is one short expression, and a class that
is only its docstring. What a cell shows is committed with it, and no empty output. A reader who
runs all cells must not write the package: no `nbdev_export()`, and in `api/` a cell that not
everybody can run comes after one that leaves it out.
"""
import ast, io, json, re, sys, tokenize
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COLUMNS = 100
AFTER_COLON = 40  # columns of a body that may stand on its header's line
SCRIPTS = ["benchmarks/*.py", "tools/*.py", "examples/*.py", "nbs/*.py",
           "gingerbread_crnn/**/__init__.py", "setup.py"]
HEADERS = {"if", "elif", "else", "for", "while", "with", "try", "except", "finally", "def", "class",
           "async"}
GUARDS = (ast.Return, ast.Raise, ast.Continue, ast.Break, ast.Pass)
MAGIC = re.compile(r"[ \t]*(%\w|!(?!=)|\?\w|[\w.,\[\] ]+= ?[%!]\w|[\w.]+\?\??$)")
EXPORT = re.compile(r"(nbdev\.)?nbdev_export\(\)")
FLAG = re.compile(r"^#[ \t]*\|[ \t]*(real|slow|cuda|pretrained|exercises|browser)[ \t]*$", re.M)
LOAD = "%load_ext gingerbread_crnn.notebooks"
UNSEEN = re.compile(rf"{FLAG.pattern}|^#[ \t]*\|[ \t]*(hide|exporti?|exports|imagenet)[ \t]*$|^%%",
                    re.M)
VALUES = ast.Name, ast.Attribute, ast.Subscript, ast.Compare, ast.BinOp, ast.JoinedStr
BLOCK = re.compile(r"^```[^\n]*\n(.*?)^```", re.M | re.S)
SKIPPED = {tokenize.NL, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT}


def sources(root):
    "Place and text of each code cell and script"
    for path in sorted((root / "nbs").rglob("*.ipynb")):
        if ".ipynb_checkpoints" in path.parts: continue
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            text = "".join(cell["source"])
            if cell["cell_type"] != "code" or text.startswith("%%"): continue
            yield f"{path.relative_to(root).as_posix()}:{cell['id']}", text
    for pattern in SCRIPTS:
        for path in sorted(root.glob(pattern)):
            yield path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")


def unasked(root):
    "Notebooks of the api with a cell that not everybody can run, and nothing that leaves it out"
    for path in sorted((root / "nbs" / "api").rglob("*.ipynb")):
        if ".ipynb_checkpoints" in path.parts: continue
        loaded = False
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            text = "".join(cell["source"])
            loaded |= LOAD in text.splitlines()
            if cell["cell_type"] == "code" and FLAG.search(text) and not loaded:
                place = f"{path.relative_to(root).as_posix()}:{cell['id']}"
                yield f"{place}: not everybody can run it, expected a cell before it with {LOAD}"


def wide(root):
    "Lines of code in the prose of notebooks that the site would cut"
    for path in sorted((root / "nbs").rglob("*.ipynb")):
        if ".ipynb_checkpoints" in path.parts: continue
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] != "markdown": continue
            for block in BLOCK.findall("".join(cell["source"])):
                for line in block.splitlines():
                    if len(line) > COLUMNS:
                        place = f"{path.relative_to(root).as_posix()}:{cell['id']}"
                        yield f"{place}: {len(line)} columns, expected at most {COLUMNS}"


def shows(text):
    "Does this cell print, or end with a value?"
    tree = ast.parse(plain(text))
    inner = {id(node) for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)
             for node in ast.walk(one)}
    prints = any(isinstance(node, ast.Call) and getattr(node.func, "id", "") == "print"
                 for node in ast.walk(tree) if id(node) not in inner)
    last = tree.body[-1] if tree.body else None
    value = (isinstance(last, ast.Expr) and isinstance(last.value, VALUES)
             and not getattr(last.value, "id", "").startswith("magic_"))
    return prints or (value and not text.rstrip().endswith(";"))


def blank(root):
    "Cells on the site whose output is nothing, or is not there"
    for path in sorted((root / "nbs").rglob("*.ipynb")):
        if ".ipynb_checkpoints" in path.parts: continue
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            text = "".join(cell["source"])
            if text.strip() == "## Checks": break
            if cell["cell_type"] != "code": continue
            place = f"{path.relative_to(root).as_posix()}:{cell['id']}"
            for output in cell["outputs"]:
                written = ["".join(output.get("text", "-")),
                           "".join(output.get("data", {}).get("text/html", "-"))]
                if not all(part.strip() for part in written) or output.get("name") == "stderr":
                    yield f"{place}: an output of nothing, or of warnings; expected none such"
            if not cell["outputs"] and not UNSEEN.search(text) and shows(text):
                yield f"{place}: shows something and has no output, expected one: run the cell"


def plain(text):
    "IPython's magics as names, so that Python can read the rest"
    lines = text.split("\n")
    return "\n".join(re.sub(r"\S.*", f"magic_{row}", line) if MAGIC.match(line) else line
                     for row, line in enumerate(lines))


def statements(text):
    "The logical lines of a source, each as a list of tokens that ends with its NEWLINE"
    found = []
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if found or token.type not in SKIPPED:
            found.append(token)
        if token.type == tokenize.NEWLINE:
            yield found
            found = []


def top(tokens, sign):
    "Indices of `sign` outside all brackets; a lambda's colon is not counted"
    depth = lambdas = 0
    for index, token in enumerate(tokens):
        if token.type == tokenize.OP and token.string in "([{":
            depth += 1
        elif token.type == tokenize.OP and token.string in ")]}":
            depth -= 1
        elif depth: continue
        elif token.string == "lambda":
            lambdas += 1
        elif token.string == ":" and lambdas:
            lambdas -= 1
        elif token.type == tokenize.OP and token.string == sign: yield index


def code_of(tokens, lines):
    "The text of some tokens of one statement, without a comment at the end"
    tokens = [token for token in tokens
              if token.type not in (tokenize.NEWLINE, tokenize.COMMENT, tokenize.NL)]
    if not tokens: return ""
    (first, start), (last, end) = tokens[0].start, tokens[-1].end
    if first == last: return lines[first - 1][start:end]
    return "\n".join([lines[first - 1][start:], *lines[first:last - 1], lines[last - 1][:end]])


def body_of(tokens, lines):
    "Index of the colon and what follows it on the header's line; None where there is none"
    if tokens[0].string not in HEADERS: return None
    colon = next(top(tokens, ":"), None)
    body = "" if colon is None else code_of(tokens[colon + 1:], lines)
    return (colon, body) if body else None


def allowed(header, body):
    "May this body stand on its header's line?"
    found = ast.parse(body.strip()).body
    if len(found) != 1 or "\n" in body: return False
    expression = isinstance(found[0], ast.Expr)
    if header == "class":
        return expression or isinstance(found[0], ast.Pass)
    if len(body) > AFTER_COLON: return False
    if header in ("def", "async"):
        return expression or isinstance(found[0], (ast.Return, ast.Raise, ast.Pass))
    guard = (isinstance(found[0], GUARDS) or expression
             and isinstance(found[0].value, (ast.Yield, ast.YieldFrom)))
    return header in ("if", "elif", "else") and guard


def rows_of_text(found):
    "Rows inside strings of several lines that are no docstrings: a page, a card, another program"
    kinds = (tokenize.STRING, getattr(tokenize, "FSTRING_MIDDLE", None))
    return {row for tokens in found for token in tokens[1:] if token.type in kinds
            for row in range(token.start[0], token.end[0] + 1) if token.end[0] > token.start[0]}


def faults(text):
    "Row and sentence of each fault in a source"
    lines = plain(text).split("\n")
    found = list(statements("\n".join(lines)))
    written = rows_of_text(found)
    for row, line in enumerate(text.split("\n"), 1):
        if len(line) > COLUMNS and row not in written:
            yield row, f"{len(line)} columns, expected at most {COLUMNS}"
        if EXPORT.match(line):
            yield row, "a reader who runs all cells writes the package, expected nbdev-export"
    for tokens in found:
        row = tokens[0].start[0]
        if found := body_of(tokens, lines):
            header = tokens[0].string
            if not allowed(header, found[1]):
                yield row, f"`{header}` and its body in one line, expected two lines"
        elif any(tokens[index + 1].type not in (tokenize.NEWLINE, tokenize.COMMENT)
                 for index in top(tokens, ";")):
            yield row, "two statements in one line, expected two lines"


def main():
    root = Path(sys.argv[-1]) if Path(sys.argv[-1]).is_dir() else ROOT
    found = [f"{place}:{row}: {what}" for place, text in sources(root)
             for row, what in sorted(faults(text))] + [
        *wide(root), *blank(root), *unasked(root)]
    print("\n".join(found)
          if found else f"All lines have at most {COLUMNS} columns, and no statement shares one")
    if found and "--check" in sys.argv:
        sys.exit(f"Found {len(found)} faults, expected none. Break these lines in the notebook.")


if __name__ == "__main__":
    main()
