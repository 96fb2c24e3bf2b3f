"From clips to a trained learner"
