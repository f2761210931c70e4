namespace MLNetLlm.Models;

/// <summary>How public GPT-2 checkpoints lay out their tensors.</summary>
internal static class GptCheckpointNames
{
    public const string Head = "lm_head";

    /// <summary>GPT-2's projections are one-dimensional convolutions in its source, whose weights are [inputs, outputs].</summary>
    public static bool IsTransposed(string name) =>
        WithinBlock(name) is "attn.c_attn.weight" or "attn.c_proj.weight" or "mlp.c_fc.weight" or "mlp.c_proj.weight";

    /// <summary>Old files hold the causal mask as a buffer of each layer.</summary>
    public static bool IsIgnored(string name, bool isHeadTied) =>
        WithinBlock(name) is "attn.bias" or "attn.masked_bias" || (isHeadTied && name == $"{Head}.weight");

    // What follows "h.", the number of a block and a dot.
    private static ReadOnlySpan<char> WithinBlock(string name)
    {
        if (!name.StartsWith("h.", StringComparison.Ordinal))
        {
            return default;
        }

        var rest = name.AsSpan(2);
        var dot = rest.IndexOf('.');
        return dot > 0 && !rest[..dot].ContainsAnyExceptInRange('0', '9') ? rest[(dot + 1)..] : default;
    }
}
