using MLNetLlm.Models;

namespace MLNetLlm.Models.Tests.Tokenization;

/// <summary>Texts and tokenizers that several specifications share.</summary>
internal static class TokenizerTestData
{
    public const string Corpus =
        "The quick brown fox jumps over the lazy dog. The dog isn't amused, but the fox is.\n" +
        "Pack my box with five dozen liquor jugs; 12,345 jugs would be too many.\n\n" +
        "\tZwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich. 😀😀 你好，世界！\r\n";

    private static readonly Lazy<TextTokenizer> SmallTokenizer = new(() =>
        BytePairLearner.Learn([Corpus, Corpus], new BytePairOptions { VocabularySize = 400 }));

    public static TextTokenizer Small => SmallTokenizer.Value;

    /// <summary>A file of the data that lies beside the repository; skips the test where there is none.</summary>
    public static string SharedFile(params string[] parts) => Repository.SharedFile(["data", .. parts]);

    public static TextTokenizer LoadGpt2()
    {
        _ = SharedFile("vocab.bpe");
        return TextTokenizer.Load(SharedFile("encoder.json"));
    }

    public static byte[] Written(TextTokenizer tokenizer)
    {
        using MemoryStream stream = new();
        tokenizer.Write(stream);
        return stream.ToArray();
    }
}
