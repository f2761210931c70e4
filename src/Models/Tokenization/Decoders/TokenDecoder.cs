using System.Text;
using System.Text.RegularExpressions;

namespace MLNetLlm.Models;

/// <summary>How tokens become text again: the steps that the <c>decoder</c> of a <c>tokenizer.json</c> describes.</summary>
internal sealed class TokenDecoder
{
    private const string Supported = "one of Sequence, ByteFallback, ByteLevel, Fuse, Metaspace, Replace, Strip, WordPiece";

    private readonly IReadOnlyList<DecodingStep> _steps;

    private TokenDecoder(IReadOnlyList<DecodingStep> steps) => _steps = steps;

    public static TokenDecoder Read(JsonSection section)
    {
        List<DecodingStep> steps = [];
        bool fused = false;
        foreach (JsonSection step in section.Steps("decoders"))
        {
            // From here on there is one token, the text; the stages after it only need to know.
            if (step.Type == "Fuse")
            {
                fused = true;
                continue;
            }

            steps.Add(ReadStep(step, fused));
        }

        return new TokenDecoder(section.IsNull ? [next => new SpacingStage(next)] : steps);
    }

    /// <summary>The first of a run's stages; text goes where it is told to.</summary>
    public IDecodingStage Start(StringBuilder text)
    {
        IDecodingStage stage = new CollectingStage(text);
        foreach (DecodingStep step in _steps.Reverse())
        {
            stage = step(stage);
        }

        return stage;
    }

    private static DecodingStep ReadStep(JsonSection step, bool fused)
    {
        switch (step.Type)
        {
            case "ByteFallback":
                return next => new ByteFallbackStage(next);
            case "ByteLevel":
                return next => new ByteLevelStage(next);
            case "Metaspace":
                char mark = OneCharacter(step, "replacement", "\u2581");
                bool dropsFirst = PreTokenizerReader.Scheme(step) != PrefixScheme.Never;
                return next => new MetaspaceStage(mark, dropsFirst, next);
            case "Replace":
                (string? literal, Regex? expression) = PatternReader.Read(step);
                string content = step.Text("content");
                ITextNormalizer replacement = expression is null ? new ReplaceText(literal!, content) : new ReplaceMatches(expression, content);
                return next => new ReplacingStage(replacement, next);
            case "Strip":
                char stripped = OneCharacter(step, "content", " ");
                (int start, int stop) = (step.Number("start", 0), step.Number("stop", 0));
                return next => new StrippingStage(stripped, start, stop, fused, next);
            case "WordPiece":
                string prefix = step.Text("prefix", WordPieceModel.UsualPrefix);
                bool cleansUp = step.Flag("cleanup", true);
                return next => new WordPieceStage(prefix, cleansUp, next);
            default:
                throw step.NotSupported("type", Supported);
        }
    }

    private static char OneCharacter(JsonSection step, string name, string missing)
    {
        string text = step.Text(name, missing);
        return text.Length == 1 ? text[0] : throw step.Find(name)!.Value.Expected("one character");
    }
}
