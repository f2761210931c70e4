using System.Text.Json.Nodes;

namespace MLNetLlm.Models;

/// <summary>How public configurations spell activations; several spellings may mean the same, and the one in a file stays.</summary>
internal static class ActivationNames
{
    private static readonly Spelling[] Known =
    [
        new("gelu_new", Activation.GeluTanh), new("gelu_pytorch_tanh", Activation.GeluTanh), new("gelu_fast", Activation.GeluTanh),
        new("gelu", Activation.Gelu), new("relu", Activation.Relu), new("silu", Activation.Silu), new("swish", Activation.Silu),
    ];

    /// <summary>The activation that a key names, which stays in the object.</summary>
    public static Activation Read(JsonKeys keys, string key, Activation absent, params Activation[] allowed)
    {
        var name = keys.Peek<string?>(key, null);
        if (name is null)
        {
            return absent;
        }

        var usable = Known.Where(known => allowed.Contains(known.Activation)).ToArray();
        keys.Require(usable.Any(known => known.Name == name), key, string.Join(" or ", usable.Select(known => known.Name)), name);
        return usable.First(known => known.Name == name).Activation;
    }

    public static void Write(JsonObject json, string key, Activation activation)
    {
        var stated = json[key]?.ToString();
        json.Remove(key);
        json[key] = Known.FirstOrDefault(
            known => known.Activation == activation && known.Name == stated, Known.First(known => known.Activation == activation)).Name;
    }

    private sealed record Spelling(string Name, Activation Activation);
}
