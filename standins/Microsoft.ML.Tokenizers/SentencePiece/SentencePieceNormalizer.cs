using System.Text;

namespace Microsoft.ML.Tokenizers;

public sealed class SentencePieceNormalizer : Normalizer
{
    internal const char WordMark = '\u2581';

    private readonly CharacterMap? _map;

    public SentencePieceNormalizer(bool removeExtraWhiteSpaces, bool addDummyPrefix, bool escapeWhiteSpaces, bool treatWhitespaceAsSuffix, IReadOnlyDictionary<string, int>? specialTokens)
    {
        RemoveExtraWhiteSpaces = removeExtraWhiteSpaces;
        AddDummyPrefix = addDummyPrefix;
        EscapeWhiteSpaces = escapeWhiteSpaces;
        TreatWhitespaceAsSuffix = treatWhitespaceAsSuffix;
        SpecialTokens = specialTokens;
    }

    internal SentencePieceNormalizer(SentencePieceModel model, IReadOnlyDictionary<string, int>? specialTokens)
        : this(model.RemoveExtraWhitespaces, model.AddDummyPrefix, model.EscapeWhitespaces, model.TreatWhitespaceAsSuffix, specialTokens)
    {
        _map = model.CharacterMap.IsEmpty ? null : new CharacterMap(model.CharacterMap.Span);
    }

    public bool AddDummyPrefix { get; }

    public bool EscapeWhiteSpaces { get; }

    public bool RemoveExtraWhiteSpaces { get; }

    public IReadOnlyDictionary<string, int>? SpecialTokens { get; }

    public bool TreatWhitespaceAsSuffix { get; }

    private char Space => EscapeWhiteSpaces ? WordMark : ' ';

    public override string Normalize(ReadOnlySpan<char> original) => Normalize(original.ToString());

    public override string Normalize(string original)
    {
        if (string.IsNullOrEmpty(original))
        {
            return "";
        }

        string text = RemoveExtraWhiteSpaces ? original.Trim(' ') : original;
        if (text.Length == 0)
        {
            return "";
        }

        StringBuilder normalized = new(text.Length + 1);
        int start = 0;
        if (AddDummyPrefix && !TreatWhitespaceAsSuffix)
        {
            // Special tokens at the start are no words and get no mark.
            while (SpecialTokens?.Keys.FirstOrDefault(token => string.CompareOrdinal(text, start, token, 0, token.Length) == 0) is string token)
            {
                normalized.Append(token);
                start += token.Length;
            }

            if (start < text.Length)
            {
                normalized.Append(Space);
            }
        }

        for (int i = start; i < text.Length; i++)
        {
            bool repeated = RemoveExtraWhiteSpaces && i > start && text[i] == ' ' && text[i - 1] == ' ';
            if (!repeated)
            {
                normalized.Append(text[i] == ' ' ? Space : text[i]);
            }
        }

        if (AddDummyPrefix && TreatWhitespaceAsSuffix)
        {
            normalized.Append(Space);
        }

        return normalized.ToString();
    }

    /// <summary>As <see cref="Normalize(string)"/>, after the model's own character replacements, which only Unigram models apply.</summary>
    internal string NormalizeCharacters(string original) => Normalize(_map is null ? original : _map.Apply(original));
}
