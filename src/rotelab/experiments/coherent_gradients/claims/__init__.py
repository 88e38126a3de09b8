"""The claims of Chatterjee and Zielinski about coherent gradients, and ours about gradient splitting, by figure."""
