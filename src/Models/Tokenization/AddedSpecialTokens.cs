namespace MLNetLlm.Models;

/// <summary>Tokenizers with more special tokens than they were made with.</summary>
internal static class AddedSpecialTokens
{
    /// <summary>The tokenizer with these special tokens too; those that it lacks get the ids after its last.</summary>
    public static TextTokenizer WithSpecialTokens(this TextTokenizer tokenizer, IEnumerable<string> tokens)
    {
        var missing = tokens.Where(token => !tokenizer.SpecialTokens.ContainsKey(token)).Distinct(StringComparer.Ordinal).ToArray();
        if (missing.Length == 0)
        {
            return tokenizer;
        }

        var definition = tokenizer.Definition;
        var known = definition.AddedTokens.Where(token => missing.Contains(token.Content)).ToDictionary(token => token.Content, token => token.Id);
        var next = tokenizer.VocabularySize;
        var added = missing.Select(content => new AddedToken(
            content,
            known.TryGetValue(content, out var id) || definition.Model.Vocabulary.TryGetValue(content, out id) ? id : next++,
            Special: true));
        return new TextTokenizer(definition with
        {
            AddedTokens = [.. definition.AddedTokens.Where(token => !known.ContainsKey(token.Content)), .. added],
        });
    }
}
