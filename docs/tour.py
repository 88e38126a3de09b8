# %% [markdown]
# # A tour of rotelab
#
# Two minutes on a CPU: memorize the digits, measure a network of your own, draw Figure 1, read a verdict.
# Run it as it is (`python docs/tour.py`), or cell by cell in an editor that knows `# %%`.

# %% Plain training generalizes
import subprocess
import sys
from pathlib import Path
from tempfile import mkdtemp

import torch
from torch import nn

import rotelab

small = ("data.size=320", "trainer=cpu")
plain = rotelab.fit(rotelab.compose("objective=standard", "stop.max_epochs=200", *small))
shown = ("train", "pseudo_test", "held_out")
seen = {name: round(plain.metrics[f"accuracy/{name}"], 2) for name in shown}
print("plain training, Eq. (3):", seen)

# %% [markdown]
# ## Gradient splitting memorizes
# The same images are learned while as many others are unlearned. It takes far longer; what was not seen is not known.

# %%
split = rotelab.fit(rotelab.compose("objective=split", "stop.max_epochs=600", *small))
print("gradient splitting, Eq. (1):", {name: round(split.metrics[f"accuracy/{name}"], 2) for name in shown})
assert split.curve is not None
accuracy = split.curve.query("metric == 'accuracy'").pivot(index="epoch", columns="split", values="value")
print(accuracy.iloc[::75].round(2))

# %% [markdown]
# ## A network of your own
# Nothing has to be registered: any module, any tensors.

# %%
inputs = torch.randn(384, 20, generator=torch.Generator().manual_seed(0))
labels = (inputs[:, 0] > 0).long()
train, pseudo_test, held_out = zip(inputs.split(128), labels.split(128), strict=True)
torch.manual_seed(0)
network = nn.Sequential(nn.Linear(20, 256), nn.ReLU(), nn.Linear(256, 2))
learned = rotelab.memorize(network, train, pseudo_test, held_out, objective=rotelab.Standard(), max_epochs=100)
memorized = rotelab.memorize(network, train, pseudo_test, held_out, max_epochs=600)
for name, outcome in (("learned", learned), ("memorized", memorized)):
    r = rotelab.coherence(outcome.network, *train)["r"]
    radius = rotelab.stability_radii(outcome.network, *train)["parameter_radius_median"]
    seen, unseen = outcome.metrics["accuracy/train"], outcome.metrics["accuracy/held_out"]
    print(f"{name}: train {seen:.2f}, held out {unseen:.2f}, {outcome.epochs} epochs, r = {r:.1f}, radius {radius:.3f}")

# %% [markdown]
# ## Figure 1 and its claims
# A sweep, its picture, and what can be said of it: at `scale=smoke` it is one seed of 64 digits, which answers little.

# %%
results = Path(sys.argv[1] if len(sys.argv) > 1 else mkdtemp())
run = [sys.executable, "-m", "rotelab"]
subprocess.run([*run, "train", "sweep=fig1", "scale=smoke", f"results={results}", "trainer.progress=false"], check=True)
subprocess.run([*run, "draw", "fig1", "--results", results, "--scale", "smoke"], check=True)
subprocess.run([*run, "claims", results, "--scale", "smoke"], check=True)
