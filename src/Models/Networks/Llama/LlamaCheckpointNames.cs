using System.Text.RegularExpressions;

namespace MLNetLlm.Models;

/// <summary>How public LLaMA checkpoints name their tensors.</summary>
internal static partial class LlamaCheckpointNames
{
    public const string Head = "lm_head";

    public static bool IsIgnored(string name, bool isHeadTied) => RotaryBuffer().IsMatch(name) || (isHeadTied && name == $"{Head}.weight");

    // Old files hold the frequencies as a buffer, of the network or of each layer.
    [GeneratedRegex(@"^(layers\.\d+\.self_attn\.)?rotary_emb\.inv_freq$")]
    private static partial Regex RotaryBuffer();
}
