"`python -m gingerbread_crnn` is the command `gingerbread`"
from .cli import main

if __name__ == "__main__":
    main(prog_name="gingerbread")
