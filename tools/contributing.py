"""Follow CONTRIBUTING.md: `python tools/contributing.py`. Exits 1 where it leads nowhere.

Each command in its code blocks must be one that this computer's Python brings, or a script that is
here, with options, parts and paths that exist. Each script in tools/ and benchmarks/ must be named;
a benchmark with the title of a page that reads its results. Files that it speaks of must be there,
its table of flags must be the tests' own, and a tool that `.ci/run` calls must be named."""
import ast, json, re, shlex, sys
from configparser import ConfigParser
from importlib.metadata import entry_points
from pathlib import Path

from nbdev.config import get_config

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.M | re.S)
SYSTEM = {"git", "pip", "python", "python3", "bash", "apt-get", "."}  # and what packages install
OUTPUTS = "--out", "--show", "-d", ">"  # what follows may be made by the command
FLAG_ROW = re.compile(r"^\| `(\w+)` \|", re.M)
BENCHMARK = re.compile(r"^python (benchmarks/\w+\.py)[^#\n]*(?:# (.*))?$", re.M)
FILE = re.compile(r"(?:`|\]\()((?:[\w.]+/)*[\w.]+\.(?:py|yml|ini|toml|md|cff|ipynb|csv))\b")
NO_PAGE = "no page yet: "


def commands(text):
    "The commands of the code blocks, as lists of words, without what stands in front"
    for block in BLOCK.findall(text):
        for line in block.splitlines():
            for part in re.split(r"&&|;", line.partition(" #")[0]):
                words = shlex.split(part)
                while words and re.match(r"[A-Z_]+=", words[0]):
                    words.pop(0)
                if words: yield words


def strings(script):
    "All texts in a script, and in those beside it that it imports"
    found, names = set(), set()
    for node in ast.walk(ast.parse(script.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(node.value)
        elif isinstance(node, ast.keyword) and node.arg:
            found.add(node.arg)
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module)
    beside = [script.with_name(f"{name}.py") for name in names]
    return found.union(*(strings(path) for path in beside if path.exists()))


def script_faults(words):
    "What a call of one of our scripts asks for in vain"
    script = ROOT / words[0]
    if not script.is_file():
        yield f"no script {words[0]}"
        return
    known, words = strings(script), words[1:]
    options = [word for word in words if re.match(r"--\w", word)]
    parts = words[:words.index(options[0])] if options else words
    for word in options + [part for part in parts if part.isidentifier()]:
        if word not in known:
            yield f"{script.name} knows no {word}"


def program_faults(program):
    "A sentence where nothing is called so"
    installed = {entry.name for entry in entry_points(group="console_scripts")}
    if program not in SYSTEM | installed:
        yield f"no command {program}"


def pytest_faults(words, flags):
    "Flags that no cell has"
    if "--flags" in words:
        for flag in words[words.index("--flags") + 1].split():
            if flag not in flags:
                yield f"no flag {flag}"


def path_faults(words):
    "Paths of the repository among a command's words that are not there"
    for before, word in zip(["", *words], words):
        if (re.fullmatch(r"(nbs|tools|benchmarks|examples|results|\.ci)(/[\w.]+)*", word)
                and before not in OUTPUTS and not (ROOT / word).exists()):
            yield f"no {word}"


def command_faults(words, flags):
    "What is wrong with one command"
    program = words[0].removeprefix(".venv/bin/")
    yield from program_faults(program)
    if program.startswith("python") and len(words) > 1 and words[1].endswith(".py"):
        yield from script_faults(words[1:])
    if program == "pytest":
        yield from pytest_faults(words, flags)
    yield from path_faults(words)


def pages():
    "The notebooks' texts by title"
    found = {}
    for path in sorted((ROOT / "nbs").rglob("*.ipynb")):
        if ".ipynb_checkpoints" in path.parts: continue
        cells = ["".join(cell["source"])
                 for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]]
        title = cells[0].splitlines()[0].removeprefix("# ")
        found[title] = found.get(title, "") + "\n".join(cells)
    return found


def benchmark_faults(text):
    "Benchmarks that are said to be for a page that is not there, or does not read their results"
    titles = pages()
    for script, comment in BENCHMARK.findall(text):
        if not comment:
            yield f"{script}: not a word on what it measures"
            continue
        written = re.search(r"results/\s*(\w+)", (ROOT / script).read_text(encoding="utf-8"))
        if not written or comment.startswith(NO_PAGE): continue
        title = comment.partition(": ")[0]
        if title not in titles:
            yield f"{script}: no page has the title {title!r}"
        elif not re.search(rf"\b{written[1]}\b", titles[title]):
            yield f"{script}: {title!r} does not read results/{written[1]}"


def named_faults(text):
    "Scripts that are not named, and files that are named and not there"
    called = re.findall(r"tools/\w+\.py", (ROOT / ".ci/run").read_text(encoding="utf-8"))
    scripts = {path.relative_to(ROOT).as_posix() for folder in ("tools", "benchmarks")
               for path in (ROOT / folder).glob("*.py")}
    for script in sorted(scripts | set(called)):
        if script not in text:
            yield f"{script} is not named"
    for name in FILE.findall(BLOCK.sub("", text)):
        places = [ROOT / name, ROOT / ".github/workflows" / name, ROOT / "gingerbread_crnn" / name]
        if not any(place.exists() for place in places):
            yield f"no file {name}"


def faults(text):
    "A line for each thing in the text that leads nowhere"
    config = get_config(ROOT)
    flags = set(config.tst_flags.split()) - {"notest"}
    for words in commands(text):
        for fault in command_faults(words, flags):
            yield f"{shlex.join(words)}: {fault}"
    yield from benchmark_faults(text)
    yield from named_faults(text)
    if (said := set(FLAG_ROW.findall(text))) != flags:
        yield f"the table of flags differs from the tests' by {', '.join(sorted(said ^ flags))}"
    ini = ConfigParser(delimiters=["="], interpolation=None)
    ini.read(ROOT / "settings.ini", encoding="utf-8")
    for extra in re.findall(r"\.\[([\w,]+)\]", text):
        for name in extra.split(","):
            if f"{name}_requirements" not in ini["DEFAULT"]:
                yield f"no extra {name}"


def main():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    if found := list(faults(text)):
        sys.exit("Found in CONTRIBUTING.md what leads nowhere, expected nothing. Correct it "
                 "there:\n" + "\n".join(found))
    print(f"CONTRIBUTING.md: {len(list(commands(text)))} commands can be given, and what it names "
          "is there")


if __name__ == "__main__":
    main()
