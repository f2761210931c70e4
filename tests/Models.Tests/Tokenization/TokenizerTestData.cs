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
    public static string SharedFile(params string[] parts)
    {
        DirectoryInfo? directory = new(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "Directory.Build.props")))
        {
            directory = directory.Parent;
        }

        string path = Path.Combine([directory?.Parent?.FullName ?? "", "shared", "data", .. parts]);
        Skip.IfNot(File.Exists(path), $"The data file {string.Join('/', parts)} is not on this machine.");
        return path;
    }

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

/// <summary>A directory that is gone after the test.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("tokenizer").FullName;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
