using System.Text.Json.Nodes;

namespace MLNetLlm.Models;

/// <summary>
/// Rotary positions in a configuration: <c>rope_theta</c> beside <c>rope_scaling</c> in older files, both within
/// <c>rope_parameters</c> in newer ones. What a file says stays in its spelling as long as it is true.
/// </summary>
internal static class RotaryKeys
{
    private const string ContextKey = "max_position_embeddings";
    private const string OriginalContextKey = "original_max_position_embeddings";

    private static readonly Dictionary<string, RotaryScalingKind?> Kinds = new()
    {
        ["default"] = null,
        ["linear"] = RotaryScalingKind.Linear,
        ["dynamic"] = RotaryScalingKind.Dynamic,
        ["llama3"] = RotaryScalingKind.Llama3,
    };

    /// <summary>Context length, base and scaling.</summary>
    public static (int ContextLength, double Base, RotaryScaling? Scaling) Read(JsonKeys keys, int absentContextLength)
    {
        var newer = keys.Child("rope_parameters");
        var older = newer is null ? keys.Child("rope_scaling") : null;
        var contextLength = keys.Peek(ContextKey, absentContextLength);
        var rotaryBase = newer?.Peek<double?>("rope_theta", null) ?? keys.Peek("rope_theta", 10_000.0);
        RequireWhole(keys);
        var scaling = (newer ?? older) is { } stated ? ReadScaling(stated, contextLength) : null;

        // Where the original length is not stated, the context's key holds it, and sequences may be longer by the factor.
        return scaling is { Kind: RotaryScalingKind.Dynamic } && !(newer ?? older)!.Has(OriginalContextKey)
            ? (Stretched(scaling), rotaryBase, scaling)
            : (contextLength, rotaryBase, scaling);
    }

    /// <summary>Makes an object say the same; what says so already is left as it is.</summary>
    public static void Write(JsonObject json, double rotaryBase, RotaryScaling? scaling, int contextLength)
    {
        var isStated = json.ContainsKey(ContextKey) && (json.ContainsKey("rope_theta") || json.ContainsKey("rope_parameters"));
        if (isStated && Read(new JsonKeys(json, "config.json"), contextLength) == (contextLength, rotaryBase, scaling))
        {
            return;
        }

        var isStretched = scaling is { Kind: RotaryScalingKind.Dynamic } && contextLength == Stretched(scaling);
        json[ContextKey] = isStretched ? scaling!.OriginalContextLength : contextLength;
        var parameters = json["rope_parameters"] as JsonObject;
        if (parameters is not null)
        {
            parameters["rope_theta"] = rotaryBase;
        }
        else
        {
            json["rope_theta"] = rotaryBase;
        }

        if (scaling is not null)
        {
            var target = parameters ?? json["rope_scaling"] as JsonObject;
            if (target is null)
            {
                json["rope_scaling"] = target = [];
            }

            WriteScaling(target, scaling, statesOriginal: !isStretched);
        }
        else if (parameters is not null)
        {
            json["rope_parameters"] = new JsonObject { ["rope_theta"] = rotaryBase, ["rope_type"] = "default" };
        }
        else
        {
            json["rope_scaling"] = null;
        }
    }

    private static RotaryScaling? ReadScaling(JsonKeys keys, int contextLength)
    {
        var typeKey = keys.Has("rope_type") || !keys.Has("type") ? "rope_type" : "type";
        var type = keys.Peek(typeKey, "default");
        foreach (var layerType in new[] { "full_attention", "sliding_attention" })
        {
            keys.Require(!keys.Has(layerType), layerType, "absent: angles that differ between layers are not supported", "there");
        }

        keys.Require(Kinds.TryGetValue(type, out var kind), typeKey, string.Join(", ", Kinds.Keys), type);
        if (kind is null)
        {
            return null;
        }

        return new RotaryScaling
        {
            Kind = kind.Value,
            Factor = Needed(keys, "factor"),
            LowFrequencyFactor = kind == RotaryScalingKind.Llama3 ? Needed(keys, "low_freq_factor") : 1,
            HighFrequencyFactor = kind == RotaryScalingKind.Llama3 ? Needed(keys, "high_freq_factor") : 4,
            OriginalContextLength = kind switch
            {
                RotaryScalingKind.Llama3 => (int)Needed(keys, OriginalContextKey),
                RotaryScalingKind.Dynamic => keys.Peek(OriginalContextKey, contextLength),
                _ => null,
            },
        };
    }

    private static void WriteScaling(JsonObject target, RotaryScaling scaling, bool statesOriginal)
    {
        var type = Kinds.First(pair => pair.Value == scaling.Kind).Key;
        if (target.ContainsKey("type"))
        {
            target["type"] = type;
        }

        if (target.ContainsKey("rope_type") || !target.ContainsKey("type"))
        {
            target["rope_type"] = type;
        }

        target["factor"] = scaling.Factor;
        if (scaling.Kind == RotaryScalingKind.Llama3)
        {
            target["low_freq_factor"] = scaling.LowFrequencyFactor;
            target["high_freq_factor"] = scaling.HighFrequencyFactor;
        }

        if (scaling.Kind == RotaryScalingKind.Llama3 || (scaling.Kind == RotaryScalingKind.Dynamic && statesOriginal))
        {
            target[OriginalContextKey] = scaling.OriginalContextLength;
        }
        else
        {
            target.Remove(OriginalContextKey);
        }
    }

    private static void RequireWhole(JsonKeys keys)
    {
        foreach (var place in new[] { keys, keys.Child("rope_parameters"), keys.Child("rope_scaling") })
        {
            var share = place?.Peek("partial_rotary_factor", 1.0) ?? 1;
            keys.Require(share == 1, "partial_rotary_factor", "1", share);
        }
    }

    private static double Needed(JsonKeys keys, string key)
    {
        var value = keys.Peek<double?>(key, null);
        keys.Require(value is not null, key, "a number", "missing");
        return value!.Value;
    }

    private static int Stretched(RotaryScaling scaling) => (int)Math.Min(int.MaxValue, scaling.OriginalContextLength!.Value * scaling.Factor);
}
