using System.IO.Compression;
using System.Reflection;
using Microsoft.ML.Tokenizers;

namespace MLNetLlm.Models;

/// <summary>
/// Finds the vocabulary of a tokenizer that came out of the Microsoft.ML.Tokenizers.Data packages. A
/// <see cref="TiktokenTokenizer"/> shows its special tokens, not its vocabulary; the package's own resource holds it.
/// </summary>
internal static class TokenizerDataPackage
{
    private const string EndOfText = "<|endoftext|>";
    private const string Prefix = "Microsoft.ML.Tokenizers.Data.";

    // Chosen so that the encodings give different ids: numbers, contractions, runs of spaces, other scripts, line ends.
    private const string Probe = "Hello, WORLD! It's 12345 don'T\r\n\n    return x  \t naïve Привет 你好 👍";

    private static readonly (string Package, string Resource, int EndOfTextId)[] Encodings =
    [
        ("Gpt2", "gpt2.tiktoken.deflate", 50_256),
        ("R50kBase", "r50k_base.tiktoken.deflate", 50_256),
        ("P50kBase", "p50k_base.tiktoken.deflate", 50_256),
        ("Cl100kBase", "cl100k_base.tiktoken.deflate", 100_257),
        ("O200kBase", "o200k_base.tiktoken.deflate", 199_999),
    ];

    public static TokenizerDefinition DefinitionOf(Tokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        if (tokenizer is not TiktokenTokenizer { Normalizer: null, SpecialTokens: { } specialTokens }
            || !specialTokens.TryGetValue(EndOfText, out int endOfTextId))
        {
            throw new NotSupportedException(
                $"Expected a TiktokenTokenizer made by CreateForModel or CreateForEncoding, found {tokenizer.GetType().Name}; " +
                "load other tokenizers from their files with TextTokenizer.Load.");
        }

        var candidates = Encodings.Where(encoding => encoding.EndOfTextId == endOfTextId).ToList();
        foreach ((string package, string resource, _) in candidates)
        {
            if (Read(package, resource) is TokenizerDefinition definition && GivesSameIds(tokenizer, definition))
            {
                return definition with
                {
                    AddedTokens = specialTokens.Select(token => new AddedToken(token.Key, token.Value, Special: true)).ToList(),
                };
            }
        }

        throw new NotSupportedException(
            $"The tokenizer's vocabulary should be in one of the packages [{string.Join(", ", candidates.Select(candidate => Prefix + candidate.Package))}]; " +
            "none that is referenced gives its ids. Reference the package, or load the vocabulary's file with TextTokenizer.Load.");
    }

    private static TokenizerDefinition? Read(string package, string resource)
    {
        using Stream? stream = Open(Prefix + package, resource);
        return stream is null ? null : TiktokenFile.Read(TokenizerBytes.ReadAll(stream, $"{Prefix}{package}/{resource}"));
    }

    private static bool GivesSameIds(Tokenizer tokenizer, TokenizerDefinition definition) =>
        tokenizer.EncodeToIds(Probe).SequenceEqual(new TextTokenizer(definition).Encode(Probe));

    private static Stream? Open(string package, string resource)
    {
        try
        {
            Stream? compressed = Assembly.Load(package).GetManifestResourceStream(resource);
            return compressed is null ? null : new DeflateStream(compressed, CompressionMode.Decompress);
        }
        catch (FileNotFoundException)
        {
            // Not referenced; the caller names every package that would do.
            return null;
        }
    }
}
