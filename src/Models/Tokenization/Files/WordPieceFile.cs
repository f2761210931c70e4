using System.Text;

namespace MLNetLlm.Models;

/// <summary>BERT's <c>vocab.txt</c>: one token per line, the line's number from 0 on its id.</summary>
internal static class WordPieceFile
{
    public static TokenizerDefinition Read(TokenizerBytes source, TokenizerConfiguration configuration)
    {
        Dictionary<string, int> vocabulary = ReadVocabulary(source);
        string unknown = configuration.Token("unk_token") ?? WordPieceModel.UsualUnknownToken;
        if (!vocabulary.ContainsKey(unknown))
        {
            throw new InvalidDataException($"{source.Name}: a WordPiece vocabulary should have the unknown token '{unknown}'; it has none.");
        }

        AddedToken? classifier = Special("cls_token", "[CLS]");
        AddedToken? separator = Special("sep_token", "[SEP]");
        AddedToken?[] special = [Special("pad_token", "[PAD]"), Special("unk_token", unknown), classifier, separator, Special("mask_token", "[MASK]")];
        TokenizerSections sections = TokenizerSections.Bert(
            configuration.Flag("do_lower_case") ?? !HasUpperCase(vocabulary.Keys),
            configuration.Flag("tokenize_chinese_chars") ?? true,
            configuration.Flag("strip_accents"),
            WordPieceModel.UsualPrefix);
        return new TokenizerDefinition
        {
            Source = source.Name,
            Model = new WordPieceModel { Vocabulary = vocabulary, UnknownToken = unknown },
            AddedTokens = special.OfType<AddedToken>().DistinctBy(token => token.Id).OrderBy(token => token.Id).ToList(),
            Sections = classifier is not null && separator is not null ? sections.WithFrame([classifier], [separator], typesPairs: true) : sections,
        };

        AddedToken? Special(string key, string usual)
        {
            string token = configuration.Token(key) ?? usual;
            return vocabulary.TryGetValue(token, out int id) ? new AddedToken(token, id, Special: true) : null;
        }
    }

    public static Dictionary<string, int> ReadVocabulary(TokenizerBytes source)
    {
        UTF8Encoding strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
        Dictionary<string, int> vocabulary = new(StringComparer.Ordinal);
        int lineNumber = 0;
        foreach ((int offset, ReadOnlyMemory<byte> line) in source.Lines())
        {
            lineNumber++;
            if (line.IsEmpty)
            {
                throw source.Damaged(offset, $"line {lineNumber} should be a token; it is empty");
            }

            string token;
            try
            {
                token = strict.GetString(line.Span);
            }
            catch (DecoderFallbackException exception)
            {
                throw source.Damaged(offset, $"line {lineNumber} should be a token in UTF-8; its bytes are not", exception);
            }

            if (!vocabulary.TryAdd(token, lineNumber - 1))
            {
                throw source.Damaged(offset, $"each line should be another token; '{token}' is line {vocabulary[token] + 1} and again line {lineNumber}");
            }
        }

        return vocabulary.Count > 0 ? vocabulary : throw source.Damaged(0, "a vocabulary should have at least one token; the file is empty");
    }

    // Published vocabularies of models that tell case apart have thousands of such words; the others none.
    private static bool HasUpperCase(IEnumerable<string> tokens) =>
        tokens.Any(token => !token.StartsWith('[') && token.AsSpan().ContainsAnyInRange('A', 'Z'));
}
