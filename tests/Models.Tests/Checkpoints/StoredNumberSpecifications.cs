using static TorchSharp.torch;

namespace MLNetLlm.Models.Tests.Checkpoints;

/// <summary>Weights of every type that files hold, loaded into a network, from files and from streams.</summary>
public class StoredNumberSpecifications
{
    private static readonly GptConfig Config = TestNetworks.SmallConfig with { VocabularySize = 2_048, LayerCount = 1 };

    [Theory]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.BFloat16)]
    public void EveryFiniteNarrowNumberIsWidenedExactly(ScalarType type)
    {
        using var scope = NewDisposeScope();
        var patterns = arange(0, 65_536, dtype: ScalarType.Int32).to(ScalarType.Int16);
        var all = zeros(65_536, type);
        all.bytes = patterns.bytes;
        all = where(all.isfinite(), all, zeros(1, type));
        var expected = all.to(ScalarType.Float32).reshape(2_048, 32);
        AssertLoads(all.reshape(2_048, 32), expected);
    }

    [Fact]
    public void SingleNumbersKeepTheirBits()
    {
        using var scope = NewDisposeScope();
        var random = new Random(1);
        var values = Enumerable.Range(0, 65_536).Select(_ => BitConverter.UInt32BitsToSingle((uint)random.NextInt64(1L << 32))).ToArray();
        float[] special = [0f, -0f, float.Epsilon, -float.Epsilon, float.MaxValue, float.MinValue];
        special.CopyTo(values, 0);
        var stored = tensor([.. values.Select(value => float.IsFinite(value) ? value : -0f)]).reshape(2_048, 32);
        AssertLoads(stored, stored);
    }

    [Fact]
    public void DoubleNumbersAreRounded()
    {
        using var scope = NewDisposeScope();
        var random = new Random(2);
        var stored = tensor(Enumerable.Range(0, 65_536).Select(_ => random.NextDouble() * Math.Pow(10, random.Next(-45, 38))).ToArray()).reshape(2_048, 32);
        AssertLoads(stored, stored.to(ScalarType.Float32));
    }

    [Theory]
    [InlineData(ScalarType.Float64, 1e39, "Infinity")]
    [InlineData(ScalarType.Float64, double.NaN, "NaN")]
    [InlineData(ScalarType.Float32, double.PositiveInfinity, "Infinity")]
    [InlineData(ScalarType.Float16, double.NegativeInfinity, "-Infinity")]
    [InlineData(ScalarType.Float16, double.NaN, "NaN")]
    [InlineData(ScalarType.BFloat16, double.NaN, "NaN")]
    public void ANumberThatIsNotFiniteIsRefusedByNameAndPlace(ScalarType type, double value, string found)
    {
        using var scope = NewDisposeScope();
        // One of a whole vector, one of the rest that no vector is filled with.
        foreach (var (name, rows, place) in new[] { ("transformer.wte.weight", 2_048L, 40_000), ("transformer.h.0.mlp.c_fc.weight", 32L, 32 * 128 - 1) })
        {
            var values = zeros(name.EndsWith("wte.weight", StringComparison.Ordinal) ? 65_536 : 4_096, type);
            values[place] = tensor(value).to(type);
            var stored = values.reshape(rows, -1);
            using var directory = new TemporaryDirectory();
            Save(directory.Path, name, stored);
            var message = Assert.Throws<InvalidDataException>(() => LanguageModel.Load(directory.Path, Precision.Float32, "cpu")).Message;
            Assert.Contains(directory.File("model.safetensors"), message);
            Assert.Contains($"tensor '{name}'", message);
            Assert.Contains($"element {place} is {found}", message);
        }
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void TransposedWeightsOfAnyShapeArriveInPlace(ScalarType type)
    {
        using var scope = NewDisposeScope();
        // Widths that are no multiple of a tile, and more values than go through at once.
        var config = TestNetworks.SmallConfig with { Width = 132, HeadCount = 4, FeedForwardWidth = 1_003, LayerCount = 1 };
        using var directory = new TemporaryDirectory();
        using var model = Create(config);
        var name = "transformer.h.0.mlp.c_fc.weight";
        var stored = arange(132 * 1_003, ScalarType.Float32).reshape(132, 1_003).to(type);
        model.Save(directory.Path);
        Replace(directory.Path, name, stored);
        using var loaded = LanguageModel.Load(directory.Path, Precision.Float32, "cpu");
        var parameter = loaded.Network.named_parameters().Single(pair => pair.Item1 == "h.0.mlp.c_fc.weight").Item2;
        Assert.True(parameter.eq(stored.to(ScalarType.Float32).t()).all().item<bool>());
    }

    [Fact]
    public void LargeWeightsArriveWhileTheirMemoryIsStillBeingPrepared()
    {
        using var scope = NewDisposeScope();
        using var directory = new TemporaryDirectory();
        using var model = Create(TestNetworks.SmallConfig with { Width = 512, HeadCount = 4, FeedForwardWidth = 2_048, LayerCount = 2 });
        model.Save(directory.Path);
        for (var round = 0; round < 3; round++)
        {
            using var loaded = LanguageModel.Load(directory.Path, Precision.Float32, "cpu");
            foreach (var (expected, found) in model.Network.named_parameters().Zip(loaded.Network.named_parameters()))
            {
                Assert.True(found.Item2.eq(expected.Item2).all().item<bool>(), expected.Item1);
            }
        }
    }

    private static void AssertLoads(Tensor stored, Tensor expected)
    {
        using var directory = new TemporaryDirectory();
        Save(directory.Path, "transformer.wte.weight", stored);
        var store = new MemoryStore();
        foreach (var path in Directory.GetFiles(directory.Path))
        {
            store.Write(Path.GetFileName(path), stream => stream.Write(File.ReadAllBytes(path)));
        }

        using var fromFile = LanguageModel.Load(directory.Path, Precision.Float32, "cpu");
        using var fromStream = LanguageModel.Read(store, Precision.Float32, CPU);
        foreach (var loaded in new[] { fromFile, fromStream })
        {
            var weight = loaded.Network.named_parameters().Single(pair => pair.Item1 == "wte.weight").Item2.detach();
            Assert.Equal(expected.contiguous().bytes.ToArray(), weight.bytes.ToArray());
        }
    }

    private static void Save(string directory, string name, Tensor stored)
    {
        using var model = Create(Config);
        model.Save(directory);
        Replace(directory, name, stored);
    }

    private static void Replace(string directory, string name, Tensor stored)
    {
        var path = Path.Combine(directory, "model.safetensors");
        KeyValuePair<string, Tensor>[] tensors;
        using (var reader = SafetensorsReader.Open(path))
        {
            tensors = [.. reader.Entries.Select(entry => KeyValuePair.Create(entry.Name, entry.Name == name ? stored : reader.ReadTensor(entry)))];
        }

        using var stream = File.Create(path);
        SafetensorsWriter.Write(stream, tensors);
    }

    private static LanguageModel Create(GptConfig config)
    {
        using var template = TestNetworks.CreateLanguageModel();
        return LanguageModel.Create(config, template.Tokenizer, Precision.Float32, CPU, 3);
    }
}
