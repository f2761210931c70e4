namespace Microsoft.ML.Tokenizers;

/// <summary>A vocabulary file: one token per line, the line's number its id.</summary>
internal sealed class WordPieceVocabulary
{
    public Dictionary<string, int> Ids { get; } = new(StringComparer.Ordinal);

    public Dictionary<int, string> Tokens { get; } = [];

    public static WordPieceVocabulary Read(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream, "vocabStream");
        WordPieceVocabulary vocabulary = new();
        StreamReader reader = new(stream);
        for (int id = 0; reader.ReadLine() is string token; id++)
        {
            if (token.Length > 0)
            {
                vocabulary.Ids.Add(token, id);
                vocabulary.Tokens.Add(id, token);
            }
        }

        return vocabulary;
    }

    public static WordPieceVocabulary Read(string path)
    {
        if (string.IsNullOrEmpty(path))
        {
            throw new ArgumentNullException("vocabFilePath");
        }

        using FileStream stream = File.OpenRead(path);
        return Read(stream);
    }
}
