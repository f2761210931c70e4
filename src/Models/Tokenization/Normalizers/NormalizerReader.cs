using System.Text;
using System.Text.RegularExpressions;

namespace MLNetLlm.Models;

/// <summary>Turns the <c>normalizer</c> of a <c>tokenizer.json</c> into the steps that it describes.</summary>
internal static class NormalizerReader
{
    private const string Supported =
        "one of Sequence, BertNormalizer, Lowercase, NFC, NFD, NFKC, NFKD, Nmt, Precompiled, Prepend, Replace, Strip, StripAccents";

    public static NormalizerSequence Read(JsonSection section) => new(section.Steps("normalizers").Select(ReadStep).ToList());

    private static ITextNormalizer ReadStep(JsonSection step) => step.Type switch
    {
        "BertNormalizer" => Bert(step),
        "Lowercase" => new LowerCase(),
        "NFC" => new UnicodeFormNormalizer(NormalizationForm.FormC),
        "NFD" => new UnicodeFormNormalizer(NormalizationForm.FormD),
        "NFKC" => new UnicodeFormNormalizer(NormalizationForm.FormKC),
        "NFKD" => new UnicodeFormNormalizer(NormalizationForm.FormKD),
        "Nmt" => new NmtNormalizer(),
        "Precompiled" => Precompiled(step),
        "Prepend" => new PrependText(step.Text("prepend")),
        "Replace" => Replace(step),
        "Strip" => new StripWhiteSpace(step.Flag("strip_left", true), step.Flag("strip_right", true)),
        "StripAccents" => new StripAccents(),
        _ => throw step.NotSupported("type", Supported),
    };

    private static BertTextNormalizer Bert(JsonSection step)
    {
        bool lowersCase = step.Flag("lowercase", true);
        return new BertTextNormalizer(
            step.Flag("clean_text", true),
            step.Flag("handle_chinese_chars", true),
            step.OptionalFlag("strip_accents") ?? lowersCase,
            lowersCase);
    }

    private static ITextNormalizer Precompiled(JsonSection step)
    {
        JsonSection map = step.Required("precompiled_charsmap", "base64 text");
        return map.Element.TryGetBytesFromBase64(out byte[]? content)
            ? new PrecompiledMap(content, $"{map.Source}: {map.Path}")
            : throw map.Expected("base64 text");
    }

    private static ITextNormalizer Replace(JsonSection step)
    {
        string content = step.Text("content");
        (string? literal, Regex? expression) = PatternReader.Read(step);
        return expression is null ? new ReplaceText(literal!, content) : new ReplaceMatches(expression, content);
    }
}
