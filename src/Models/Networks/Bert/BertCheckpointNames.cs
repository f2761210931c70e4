using System.Text.RegularExpressions;

namespace MLNetLlm.Models;

/// <summary>How public BERT checkpoints name their tensors.</summary>
internal static partial class BertCheckpointNames
{
    public const string Pooler = "pooler.dense";
    public const string MaskedTokenHead = "cls.predictions";
    public const string PairHead = "cls.seq_relationship";

    /// <summary>Files converted from the first release call the weights of norms gamma and beta.</summary>
    public static string Current(string name) => OlderNorm().Replace(name, match => match.Value == "LayerNorm.gamma" ? "LayerNorm.weight" : "LayerNorm.bias");

    // Buffers of counted positions, and second names of the token embedding and of the head's bias.
    public static bool IsIgnored(string name) =>
        name is "embeddings.position_ids" or "embeddings.token_type_ids" or "cls.predictions.decoder.weight" or "cls.predictions.decoder.bias";

    [GeneratedRegex(@"LayerNorm\.(gamma|beta)$")]
    private static partial Regex OlderNorm();
}
