using System.Text.RegularExpressions;

namespace MLNetLlm.Models;

/// <summary>How public GPT-2 checkpoints lay out their tensors.</summary>
internal static partial class GptCheckpointNames
{
    public const string Head = "lm_head";

    /// <summary>GPT-2's projections are one-dimensional convolutions in its source, whose weights are [inputs, outputs].</summary>
    public static bool IsTransposed(string name) => ProjectionWeight().IsMatch(name);

    public static bool IsIgnored(string name, bool isHeadTied) => AttentionMask().IsMatch(name) || (isHeadTied && name == $"{Head}.weight");

    [GeneratedRegex(@"^h\.\d+\.(attn|mlp)\.c_(attn|fc|proj)\.weight$")]
    private static partial Regex ProjectionWeight();

    // Old files hold the causal mask as a buffer of each layer.
    [GeneratedRegex(@"^h\.\d+\.attn\.(bias|masked_bias)$")]
    private static partial Regex AttentionMask();
}
