using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MLNetLlm.Models;

/// <summary>What a classifier's <c>config.json</c> says beyond its network's shape.</summary>
/// <param name="Labels">Names of the classes.</param>
/// <param name="Pooling">How a row's hidden states become one vector.</param>
/// <param name="MaximumTokens">Most tokens of a row.</param>
/// <param name="FramesTexts">Whether special tokens stand around each text; <see langword="null"/> where the tokenizer decides.</param>
/// <param name="Dropout">Dropout before the head while training.</param>
internal sealed record ClassificationSettings(IReadOnlyList<string> Labels, Pooling Pooling, int MaximumTokens, bool? FramesTexts, double Dropout)
{
    private static readonly Dictionary<string, Pooling> Poolings = new()
    {
        ["last_token"] = Pooling.LastToken,
        ["mean"] = Pooling.Mean,
        ["first_token"] = Pooling.FirstToken,
        ["last_token_and_mean"] = Pooling.LastTokenAndMean,
        ["pooler"] = Pooling.Pooler,
    };

    public void Validate(TransformerConfig config, int frameLength = 0)
    {
        if (Labels.Count < 2 || Labels.Distinct().Count() != Labels.Count)
        {
            throw new ArgumentException($"A classifier needs at least 2 labels, all different, but has: {string.Join(", ", Labels)}.", nameof(Labels));
        }

        if (!Enum.IsDefined(Pooling))
        {
            throw new ArgumentException($"The pooling {Pooling} is not known.", nameof(Pooling));
        }

        var fewest = 1 + frameLength;
        if (MaximumTokens < fewest || MaximumTokens > config.ContextLength)
        {
            throw new ArgumentException(
                $"MaximumTokens must be {fewest} to the context length, {config.ContextLength}, but is {MaximumTokens}.", nameof(MaximumTokens));
        }
    }

    public string ToJson(JsonObject json, TransformerFamily family)
    {
        var (byId, byLabel) = (new JsonObject(), new JsonObject());
        for (var id = 0; id < Labels.Count; id++)
        {
            byId[id.ToString(CultureInfo.InvariantCulture)] = Labels[id];
            byLabel[Labels[id]] = id;
        }

        json["architectures"] = new JsonArray(family.ClassifierArchitecture);
        json["problem_type"] = "single_label_classification";
        json["id2label"] = byId;
        json["label2id"] = byLabel;
        json["pooling"] = Poolings.First(pair => pair.Value == Pooling).Key;
        json["maximum_tokens"] = MaximumTokens;
        json["frame_texts"] = FramesTexts;
        json["classifier_dropout"] = Dropout;
        return json.ToJsonString(TransformerConfig.Indented);
    }

    public static (TransformerConfig Config, ClassificationSettings Settings) FromJson(string text, string fileName)
    {
        try
        {
            var root = TransformerConfig.ParseObject(text, fileName);
            var keys = new JsonKeys(root, fileName);
            var family = TransformerFamily.Of(keys);
            root["model_type"] ??= family.ModelTypes[0];
            var labels = ReadLabels(root, keys, fileName);
            var pooling = keys.Take<string?>("pooling", null) ?? Poolings.First(pair => pair.Value == family.ClassifierHead.Pooling).Key;
            keys.Require(Poolings.ContainsKey(pooling), "pooling", string.Join(" or ", Poolings.Keys), pooling);
            var maximumTokens = keys.Take<int?>("maximum_tokens", null);
            var framesTexts = keys.Take<bool?>("frame_texts", null);
            var dropout = keys.Take("classifier_dropout", 0.0);
            keys.Require(dropout is >= 0 and < 1, "classifier_dropout", "0 to below 1", dropout);
            foreach (var key in new[] { "architectures", "problem_type", "label2id", "num_labels" })
            {
                root.Remove(key);
            }

            var config = TransformerConfig.FromJsonObject(root, fileName);
            var settings = new ClassificationSettings(labels, Poolings[pooling], maximumTokens ?? config.ContextLength, framesTexts, dropout);
            settings.Validate(config);
            return (config, settings);
        }
        catch (ArgumentException exception)
        {
            throw new InvalidDataException($"{fileName} is not usable: {exception.Message}", exception);
        }
    }

    private static string[] ReadLabels(JsonObject root, JsonKeys keys, string fileName)
    {
        if (root["id2label"] is not JsonObject byId)
        {
            // Public files do not state the usual two.
            var isClassifier = keys.FirstOf("architectures")?.EndsWith("ForSequenceClassification", StringComparison.Ordinal) == true;
            var count = keys.Peek("num_labels", isClassifier ? 2 : 0);
            keys.Require(count is >= 2 and <= 100_000, "num_labels", "at least 2 where 'id2label' is missing: this is no classifier's configuration", count);
            return Enumerable.Range(0, count).Select(id => $"LABEL_{id}").ToArray();
        }

        root.Remove("id2label");
        var names = new JsonKeys(byId, $"{fileName}, id2label");
        return Enumerable.Range(0, byId.Count)
            .Select(id => id.ToString(CultureInfo.InvariantCulture))
            .Select(id => names.Peek(id, "") is { Length: > 0 } name ? name : throw new InvalidDataException($"{fileName}: 'id2label' has no name for {id}."))
            .ToArray();
    }
}
