"From clips to a trained learner"
import warnings

# fastai, when imported, makes PyTorch say that torch.jit.script will go; a reader can do
# nothing about it
warnings.filterwarnings("ignore", message=".*torch.jit.script", category=FutureWarning)
