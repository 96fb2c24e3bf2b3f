"""The main job with the network closed: `python tools/offline.py`, and whether it asked for it.

Every process of `gingerbread evaluate`, its workers too, is watched by an audit hook of Python's:
whoever asks for a name's address, or for a connection to another machine, is refused and written
down. Exits 1 if there is one, or if the job does not end well. Words behind `--` take the place
of the short job's options: `python tools/offline.py -- --data synthetic` is the whole one."""
import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

SHORT = ["--data", "synthetic-small", "--backbone", "resnet18", "--image-size", "64",
         "--frame-count", "12", "--epochs", "2", "--draws", "1", "--examined", "1"]
HOOK = '''
import os
import sys

def watch(event, given):
    if event not in ("socket.connect", "socket.sendto", "socket.getaddrinfo",
                     "socket.gethostbyname", "socket.gethostbyaddr"):
        return
    asked = given[1] if event in ("socket.connect", "socket.sendto") else given[0]
    host = asked[0] if isinstance(asked, tuple) else asked
    host = os.fsdecode(host) if isinstance(host, bytes) else host
    if host is None or host in ("localhost", "127.0.0.1", "::1") or host[:1] in ("/", "\\0"):
        return  # this machine; a path is one of its own sockets
    with open(os.environ["ASKED_FOR"], "a") as told:
        print(event, asked, file=told)
    raise OSError(f"the network is closed: {asked}")

sys.addaudithook(watch)
'''


def asked_for(command, folder):
    "The exit code of a command under the hook, and what it asked the network for"
    (folder/"hook").mkdir()
    (folder/"hook"/"sitecustomize.py").write_text(HOOK)
    path = os.pathsep.join([str(folder/"hook"), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(command, cwd=folder, env={
        **os.environ, "PYTHONPATH": path, "ASKED_FOR": str(folder/"asked"),
        "GINGERBREAD_CACHE": str(folder/"cache")})
    asked = (folder/"asked").read_text() if (folder/"asked").exists() else ""
    return done.returncode, asked.splitlines()


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", metavar="FILE", help="write what is said here, too")
    parser.add_argument("words", nargs="*", default=SHORT, help="of gingerbread evaluate")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="offline_") as folder:
        folder = Path(folder)
        (folder/"seen").mkdir()
        question = "import socket; socket.getaddrinfo('example.org', 80)"
        code, asked = asked_for([sys.executable, "-c", question], folder/"seen")
        if not (code and asked):
            sys.exit("the hook does not see a question for example.org")
        (folder/"job").mkdir()
        job = [sys.executable, "-c", "from gingerbread_crnn.cli import main; main()", "evaluate"]
        code, asked = asked_for([*job, *options.words], folder/"job")
        reports = list((folder/"job"/"runs").rglob("report.html"))
    said = [f"exit code {code}, {len(reports)} report, {len(asked)} questions to the network"]
    print("\n".join(said + asked))
    if options.out:
        Path(options.out).write_text("\n".join(said + asked) + "\n")
    sys.exit(int(code != 0 or len(reports) != 1 or bool(asked)))


if __name__ == "__main__":
    main()
