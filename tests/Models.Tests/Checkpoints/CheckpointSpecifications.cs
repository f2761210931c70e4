using System.Text;
using System.Text.Json.Nodes;
using MLNetLlm.Models.Tests.Networks;
using static TorchSharp.torch;

namespace MLNetLlm.Models.Tests.Checkpoints;

public class CheckpointSpecifications
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void SavingAndLoadingChangesNoBit(bool tied)
    {
        using var scope = NewDisposeScope();
        using var directory = new TemporaryDirectory();
        using var model = Create(TestNetworks.SmallConfig with { TiedEmbeddings = tied });
        model.Save(directory.Path);
        using var loaded = LanguageModel.Load(directory.Path, Precision.Float32, "cpu");
        Assert.Equal(model.Config.ParameterCount, loaded.Config.ParameterCount);
        Assert.Equal(((GptConfig)model.Config).Activation, ((GptConfig)loaded.Config).Activation);
        Assert.Equal(model.Tokenizer.Encode("the cat 😀"), loaded.Tokenizer.Encode("the cat 😀"));
        Assert.False(loaded.Network.training);
        foreach (var (first, second) in model.Network.named_parameters().Zip(loaded.Network.named_parameters()))
        {
            Assert.Equal(first.Item1, second.Item1);
            Assert.True(first.Item2.eq(second.Item2).all().item<bool>(), first.Item1);
        }

        Assert.Equal(["config.json", "model.safetensors", "tokenizer.json"], Directory.GetFileSystemEntries(directory.Path).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void TheFileHasThePublicNamesAndLayouts()
    {
        using var directory = new TemporaryDirectory();
        using var model = Create();
        model.Save(directory.Path);
        using var reader = SafetensorsReader.Open(directory.File("model.safetensors"));
        var shapes = reader.Entries.ToDictionary(entry => entry.Name, entry => string.Join("x", entry.Shape));
        Assert.Equal("320x32", shapes["transformer.wte.weight"]);
        Assert.Equal("32x96", shapes["transformer.h.0.attn.c_attn.weight"]);
        Assert.Equal("128x32", shapes["transformer.h.2.mlp.c_proj.weight"]);
        Assert.DoesNotContain("lm_head.weight", shapes.Keys);
        Assert.Equal(2 + 3 * 12 + 2, shapes.Count);
    }

    [Fact]
    public void TheConfigurationTellsOtherProgramsTheSpecialTokens()
    {
        using var model = Create();
        var store = new MemoryStore();
        model.Write(store);
        var config = JsonNode.Parse(store.Text("config.json"))!;
        Assert.Equal(model.Tokenizer.EndOfTextId, config["eos_token_id"]!.GetValue<int>());
        Assert.Equal("GPT2LMHeadModel", config["architectures"]![0]!.GetValue<string>());
    }

    [Fact]
    public void AStoreThatOnlyReadsForwardsIsEnough()
    {
        using var model = Create();
        var store = new MemoryStore();
        model.Write(store);
        using var loaded = LanguageModel.Read(store, Precision.Float32, CPU);
        Assert.Equal(Greedy(model), Greedy(loaded));
    }

    [Fact]
    public void NarrowWeightsAreWidened()
    {
        using var scope = NewDisposeScope();
        using var directory = new TemporaryDirectory();
        using var model = Create();
        model.Save(directory.Path);
        CheckpointFiles.Rewrite(directory, tensors => tensors.Select(pair => KeyValuePair.Create(pair.Key, pair.Value.to(pair.Value.ndim == 2 ? ScalarType.BFloat16 : ScalarType.Float16))));
        using var loaded = LanguageModel.Load(directory.Path, Precision.Float32, "cpu");
        Assert.All(
            model.Network.parameters().Zip(loaded.Network.parameters()),
            pair => Assert.InRange(TestNetworks.LargestDifference(pair.First, pair.Second), 0, 0.01));
    }

    [Fact]
    public void EverythingThatDoesNotFitIsReportedAtOnce()
    {
        using var scope = NewDisposeScope();
        using var directory = new TemporaryDirectory();
        using var model = Create();
        model.Save(directory.Path);
        CheckpointFiles.Rewrite(directory, tensors => tensors
            .Where(pair => !pair.Key.EndsWith("h.1.ln_1.bias", StringComparison.Ordinal))
            .Select(pair => pair.Key.EndsWith("ln_f.weight", StringComparison.Ordinal) ? KeyValuePair.Create(pair.Key, ones(5)) : pair)
            .Select(pair => pair.Key.EndsWith("ln_f.bias", StringComparison.Ordinal) ? KeyValuePair.Create(pair.Key, ones(32, ScalarType.Int32)) : pair)
            .Append(KeyValuePair.Create("adapter.weight", ones(1)))
            .Append(KeyValuePair.Create("wpe.weight", ones(1))));
        var message = Assert.Throws<InvalidDataException>(() => LanguageModel.Load(directory.Path, Precision.Float32, "cpu")).Message;
        Assert.Contains(directory.File("model.safetensors"), message);
        Assert.Contains("Missing: h.1.ln_1.bias.", message);
        Assert.Contains("Unexpected: adapter.weight; wpe.weight.", message);
        Assert.Contains("transformer.ln_f.weight is [5], expected [32]", message);
        Assert.Contains("transformer.ln_f.bias is of type I32", message);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    public void WeightsThatAreNoNumbersAreRefused(float value)
    {
        using var scope = NewDisposeScope();
        using var directory = new TemporaryDirectory();
        using var model = Create();
        using (no_grad())
        {
            model.Network.parameters().First()[3, 4] = tensor(value);
        }

        model.Save(directory.Path);
        var message = Assert.Throws<InvalidDataException>(() => LanguageModel.Load(directory.Path, Precision.Float32, "cpu")).Message;
        Assert.Contains("transformer.wte.weight", message);
        Assert.Contains("element 100", message);
    }

    [Theory]
    [InlineData("config.json")]
    [InlineData("model.safetensors")]
    public void AMissingFileIsNamed(string name)
    {
        using var directory = new TemporaryDirectory();
        using var model = Create();
        model.Save(directory.Path);
        File.Delete(directory.File(name));
        Assert.Contains(directory.File(name), Assert.Throws<FileNotFoundException>(() => LanguageModel.Load(directory.Path, Precision.Float32, "cpu")).Message);
    }

    [Theory]
    [InlineData("pytorch_model.bin", "pickle")]
    [InlineData("pytorch_model.bin.index.json", "pickle")]
    [InlineData("pytorch_model-00001-of-00002.bin", "pickle")]
    [InlineData("model-Q4_K_M.gguf", "llama.cpp")]
    [InlineData("model.onnx", "exported")]
    [InlineData("tf_model.h5", "TensorFlow")]
    [InlineData("adapter_model.safetensors", "merge")]
    [InlineData("gpt2.safetensors", "rename")]
    public void WeightsInAnotherFormatAreRefusedWithWhatToDo(string name, string advice)
    {
        using var directory = new TemporaryDirectory();
        using var model = Create();
        model.Save(directory.Path);
        File.Move(directory.File("model.safetensors"), directory.File(name));
        var message = Assert.Throws<FileNotFoundException>(() => LanguageModel.Load(directory.Path, Precision.Float32, "cpu")).Message;
        Assert.Contains(directory.File("model.safetensors"), message);
        Assert.Contains($"'{name}'", message);
        Assert.Contains(advice, message);
        Assert.Contains("safetensors", message);
    }

    [Fact]
    public void TiedWeightsAreStoredOnce()
    {
        using var directory = new TemporaryDirectory();
        using var model = Create(TestNetworks.SmallConfig with { TiedEmbeddings = true });
        model.Save(directory.Path);
        using var reader = SafetensorsReader.Open(directory.File("model.safetensors"));
        Assert.Equal(model.Config.ParameterCount * sizeof(float), reader.Entries.Sum(entry => entry.ByteCount));
    }

    [Fact]
    public void ATruncatedCheckpointIsRefused()
    {
        using var directory = new TemporaryDirectory();
        using var model = Create();
        model.Save(directory.Path);
        var path = directory.File("model.safetensors");
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^100]);
        Assert.Contains(path, Assert.Throws<InvalidDataException>(() => LanguageModel.Load(directory.Path, Precision.Float32, "cpu")).Message);
    }

    [Fact]
    public void AConfigurationOfAnEnormousNetworkIsRefusedBeforeMemoryIsReserved()
    {
        using var directory = new TemporaryDirectory();
        using var model = Create();
        model.Save(directory.Path);
        var config = JsonNode.Parse(File.ReadAllText(directory.File("config.json")))!;
        config["n_embd"] = 1 << 20;
        File.WriteAllText(directory.File("config.json"), config.ToJsonString());
        var message = Assert.Throws<InvalidDataException>(() => LanguageModel.Load(directory.Path, Precision.Float32, "cpu")).Message;
        Assert.Contains("config.json", message);
        Assert.Contains("weights", message);
    }

    [Fact]
    public void ATokenizerWithMoreEntriesThanTheNetworkIsRefused()
    {
        using var model = Create();
        Assert.Contains("VocabularySize", Assert.Throws<ArgumentException>(() => LanguageModel.Create(
            TestNetworks.SmallConfig with { VocabularySize = 64 }, model.Tokenizer, Precision.Float32, CPU, 1)).Message);
    }

    [Fact]
    public void ACloneHasWeightsOfItsOwn()
    {
        using var scope = NewDisposeScope();
        using var model = Create();
        var expected = Greedy(model);
        using (var clone = model.Clone())
        {
            Assert.Equal(expected, Greedy(clone));
            using var noGradient = no_grad();
            foreach (var parameter in clone.Network.parameters())
            {
                parameter.zero_();
            }
        }

        Assert.Equal(expected, Greedy(model));
    }

    [Fact]
    public void AFailedSaveLeavesTheOldCheckpointWhole()
    {
        using var directory = new TemporaryDirectory();
        using var model = Create();
        model.Save(directory.Path);
        var before = Directory.GetFiles(directory.Path).Order().Select(File.ReadAllBytes).ToArray();
        Assert.Throws<IOException>(() => DirectoryCheckpointStore.WriteTogether(directory.Path, store =>
        {
            store.Write("config.json", stream => stream.Write("{}"u8));
            store.Write("model.safetensors", _ => throw new IOException("disk full"));
        }));
        Assert.Equal(before, Directory.GetFiles(directory.Path).Order().Select(File.ReadAllBytes).ToArray());
        Assert.Empty(Directory.GetDirectories(directory.Path));
    }

    [Theory]
    [InlineData("../config.json")]
    [InlineData("a/b")]
    [InlineData("")]
    public void AStoreTakesFileNamesOnly(string name)
    {
        using var directory = new TemporaryDirectory();
        Assert.Throws<ArgumentException>(() => new DirectoryCheckpointStore(directory.Path).Write(name, _ => { }));
    }

    private static LanguageModel Create(GptConfig? config = null)
    {
        using var template = TestNetworks.CreateLanguageModel();
        var model = LanguageModel.Create(config ?? TestNetworks.SmallConfig, template.Tokenizer, Precision.Float32, CPU, 3);
        model.Network.eval();
        return model;
    }

    private static IReadOnlyList<int> Greedy(LanguageModel model) =>
        new TextGenerator(model).Generate([5, 6, 7], new GenerationOptions { MaximumNewTokens = 10, StopAtEndOfText = false }).TokenIds;
}

/// <summary>A store in memory whose streams can only be read forwards.</summary>
internal sealed class MemoryStore : ICheckpointStore
{
    private readonly Dictionary<string, byte[]> files = [];

    public void Write(string name, Action<Stream> write)
    {
        using var stream = new MemoryStream();
        write(stream);
        files[name] = stream.ToArray();
    }

    public bool TryRead(string name, Action<Stream> read)
    {
        if (!files.TryGetValue(name, out var content))
        {
            return false;
        }

        using var compressed = new MemoryStream();
        using (var writer = new System.IO.Compression.DeflateStream(compressed, System.IO.Compression.CompressionLevel.Fastest, leaveOpen: true))
        {
            writer.Write(content);
        }

        compressed.Position = 0;
        using var stream = new System.IO.Compression.DeflateStream(compressed, System.IO.Compression.CompressionMode.Decompress);
        read(stream);
        return true;
    }

    public string Describe(string name) => $"'{name}' in memory";

    public string Text(string name) => Encoding.UTF8.GetString(files[name]);
}
