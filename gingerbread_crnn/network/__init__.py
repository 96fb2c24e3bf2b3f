"Networks for clips: torch and torchvision, nothing of fastai"
