"The parts of the command `gingerbread`; `gingerbread_crnn.cli` gathers them"
