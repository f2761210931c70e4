using System.IO.Compression;
using System.Reflection;
using Microsoft.ML;
using MLNetLlm.Models;

namespace MLNetLlm.Transforms.Tests;

public sealed class SaveAndLoadTests : IDisposable
{
    private static readonly string[] Texts = ["win a free prize", "see you at home tonight, thanks", "", "call me"];

    private readonly MLContext ml = new(seed: 1);
    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Theory]
    [InlineData("Tokens")]
    [InlineData("Features")]
    [InlineData("Score")]
    [InlineData("Probability")]
    [InlineData("LogLikelihood")]
    [InlineData("Continuation")]
    public void AModelGivesTheSameInAFreshProcess(string column)
    {
        ITransformer model = Create(column);
        string zip = Save(model);

        IReadOnlyList<string> fresh = FreshProcess.Run(zip, column, Texts);

        Assert.Equal(Lines(model, column), fresh);
    }

    [Theory]
    [InlineData("Tokens")]
    [InlineData("Features")]
    [InlineData("Score")]
    [InlineData("LogLikelihood")]
    public void AModelGivesTheSameUnderANewContext(string column)
    {
        ITransformer model = Create(column);
        string zip = Save(model);

        ITransformer loaded = new MLContext().Model.Load(zip, out DataViewSchema schema);

        Assert.Equal(model.GetType(), loaded.GetType());
        Assert.Equal(["Text"], schema.Select(input => input.Name));
        Assert.Equal(Lines(model, column), Lines(loaded, column));
    }

    [Fact]
    public void AChainWithStockTransformsComesBack()
    {
        IDataView data = ml.OfTexts(Texts);
        using LanguageModel language = TinyModels.LanguageModel();
        ITransformer chain = ml.Transforms.CopyColumns("Body", "Text")
            .Append(ml.Transforms.Text.EmbedText("Embedding", "Body", language))
            .Append(ml.Transforms.Text.TokenizeIntoIds("Tokens", "Body", TinyModels.Tokenizer))
            .Append(ml.Transforms.CopyColumns("Features", "Embedding"))
            .Fit(data);
        string zip = Save(chain);

        Assert.Equal(Lines(chain, "Features"), FreshProcess.Run(zip, "Features", Texts));
        Assert.Equal(Lines(chain, "Tokens"), Lines(new MLContext().Model.Load(zip, out _), "Tokens"));
    }

    [Fact]
    public void SavingTwiceGivesTheSameModelFiles()
    {
        string first = Save(Create("Features")), second = Save(new MLContext().Model.Load(first, out _));

        Assert.Equal(Entries(first).Where(name => name.Contains("safetensors")), Entries(second).Where(name => name.Contains("safetensors")));
        Assert.Contains(Entries(first), name => name.EndsWith("config.json", StringComparison.Ordinal));
        Assert.Contains(Entries(first), name => name.EndsWith("model.safetensors", StringComparison.Ordinal));
        Assert.Contains(Entries(first), name => name.EndsWith("tokenizer.json", StringComparison.Ordinal));
    }

    [Fact]
    public void AZipFromANewerVersionIsRefusedWithBothVersions()
    {
        string zip = Save(Create("Features"));
        // ModelHeader of ML.NET: the version written is at 0x48, the least version that can read it at 0x4C.
        Rewrite(zip, "Model.key", bytes => BitConverter.GetBytes(0x00020001_00020001UL).CopyTo(bytes, 0x48));

        Exception exception = Innermost(Assert.ThrowsAny<Exception>(() => ml.Model.Load(zip, out _)));

        Assert.IsType<FormatException>(exception);
        Assert.Contains("the model is too new", exception.Message);
        Assert.Contains(0x00010001.ToString(), exception.Message);
        Assert.Contains(0x00020001.ToString(), exception.Message);
    }

    [Theory]
    [InlineData("model.safetensors")]
    [InlineData("config.json")]
    [InlineData("tokenizer.json")]
    [InlineData("transform.json")]
    public void AChangedFileInTheZipIsNamed(string file)
    {
        string zip = Save(Create("Features"));
        Rewrite(zip, file, bytes => bytes[^3] ^= 1);

        Exception exception = Innermost(Assert.ThrowsAny<Exception>(() => ml.Model.Load(zip, out _)));

        Assert.Contains(file, exception.Message);
    }

    [Theory]
    [InlineData("model.safetensors")]
    [InlineData("config.json")]
    [InlineData("transform.json")]
    public void AMissingFileInTheZipIsNamed(string file)
    {
        string zip = Save(Create("Features"));
        using (ZipArchive archive = ZipFile.Open(zip, ZipArchiveMode.Update))
            archive.Entries.Single(entry => entry.Name == file).Delete();

        Exception exception = Innermost(Assert.ThrowsAny<Exception>(() => ml.Model.Load(zip, out _)));

        Assert.Contains(file, exception.Message);
        Assert.Contains("missing", exception.Message);
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.5)]
    [InlineData(0.99)]
    public void ATruncatedZipIsRefusedWithoutAHugeAllocation(double share)
    {
        string zip = Save(Create("Features"));
        byte[] bytes = File.ReadAllBytes(zip);
        File.WriteAllBytes(zip, bytes[..(int)(bytes.Length * share)]);
        long before = GC.GetTotalAllocatedBytes();

        Assert.ThrowsAny<Exception>(() => ml.Model.Load(zip, out _));

        Assert.True(GC.GetTotalAllocatedBytes() - before < 20_000_000);
    }

    [Fact]
    public void AnyDamagedByteGivesAnExceptionOrTheSameModel()
    {
        ITransformer model = Create("Features");
        string zip = Save(model);
        byte[] bytes = File.ReadAllBytes(zip);
        var random = new Random(7);
        for (int i = 0; i < 40; i++)
        {
            byte[] damaged = bytes.ToArray();
            damaged[random.Next(damaged.Length)] ^= (byte)random.Next(1, 256);
            File.WriteAllBytes(zip, damaged);
            ITransformer? loaded = null;
            Exception? exception = Record.Exception(() => loaded = ml.Model.Load(zip, out _));
            if (loaded is not null)
                Assert.Equal(Lines(model, "Features"), Lines(loaded, "Features"));
            else
                Assert.IsNotType<OutOfMemoryException>(Innermost(exception!));
        }
    }

    private ITransformer Create(string column) => column switch
    {
        "Tokens" => ml.Transforms.Text.TokenizeIntoIds("Tokens", "Text", TinyModels.Tokenizer).Fit(ml.OfTexts(Texts)),
        "Features" => ml.Transforms.Text.EmbedText("Features", "Text", TinyModels.LanguageModel(), Pooling.LastToken).Fit(ml.OfTexts(Texts)),
        "Score" => new TextClassificationTransformer(ml, TinyModels.Classifier("news", "spam", "talk"), new TextClassificationColumns(), binary: false),
        "Probability" => new TextClassificationTransformer(ml, TinyModels.Classifier("false", "true"), new TextClassificationColumns(), binary: true),
        _ => new LanguageModelTransformer(ml, TinyModels.LanguageModel(), new LanguageModelColumns(), new GenerationOptions { MaximumNewTokens = 5 }),
    };

    private string Save(ITransformer model)
    {
        string zip = directory.File($"{Guid.NewGuid():N}.zip");
        ml.Model.Save(model, ml.OfTexts(Texts).Schema, zip);
        return zip;
    }

    private IReadOnlyList<string> Lines(ITransformer model, string column)
    {
        IDataView output = model.Transform(ml.OfTexts(Texts));
        IEnumerable<string> lines = column switch
        {
            "Tokens" => output.Vectors<int>(column).Select(ids => string.Join(' ', ids)),
            "Features" or "Score" => output.Vectors<float>(column).Select(FreshProcess.Format),
            "Continuation" => output.Strings(column),
            _ => output.Column<float>(column).Select(value => FreshProcess.Format([value])),
        };
        return lines.SelectMany(line => line.Split('\n', StringSplitOptions.RemoveEmptyEntries)).ToList();
    }

    private static List<string> Entries(string zip)
    {
        using ZipArchive archive = ZipFile.OpenRead(zip);
        return archive.Entries.Select(entry => $"{entry.Crc32:x8} {entry.FullName}").ToList();
    }

    private static void Rewrite(string zip, string file, Action<byte[]> change)
    {
        using ZipArchive archive = ZipFile.Open(zip, ZipArchiveMode.Update);
        using Stream stream = archive.Entries.Single(entry => entry.Name == file).Open();
        var copy = new MemoryStream();
        stream.CopyTo(copy);
        byte[] bytes = copy.ToArray();
        change(bytes);
        stream.SetLength(0);
        stream.Write(bytes);
    }

    private static Exception Innermost(Exception exception)
    {
        while (exception is TargetInvocationException or InvalidOperationException && exception.InnerException is { } inner)
            exception = inner;
        return exception;
    }
}
