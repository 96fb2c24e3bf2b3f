"Videos, tables, signals, clips and folds: nothing of torch"
