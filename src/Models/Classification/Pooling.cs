namespace MLNetLlm.Models;

/// <summary>How the hidden states of a row's tokens become one vector.</summary>
public enum Pooling
{
    /// <summary>The last token's; in a causal network it is the only one that has seen the whole text.</summary>
    LastToken,

    /// <summary>The mean of all tokens'.</summary>
    Mean,

    /// <summary>The first token's; of use only in networks that look both ways.</summary>
    FirstToken,

    /// <summary>The last token's, followed by the mean: twice the width.</summary>
    LastTokenAndMean,

    /// <summary>The first token's through the network's own pooler, as in BERT; only where the network has one.</summary>
    Pooler,
}
