namespace MLNetLlm.Models;

/// <summary>How a family's public classifiers score the pooled vector.</summary>
/// <param name="Name">Name of the linear layer in files.</param>
/// <param name="HasBias">Whether it has a bias.</param>
/// <param name="Pooling">What its public classifiers pool.</param>
internal sealed record ClassifierHead(string Name, bool HasBias, Pooling Pooling);
