using System.Text.Json.Nodes;
using static TorchSharp.torch;

namespace MLNetLlm.Models.Tests.Checkpoints;

public class ShardedCheckpointSpecifications : IDisposable
{
    private const long ShardBytes = 30_000;
    private const string Index = "model.safetensors.index.json";

    private readonly TemporaryDirectory directory = new();
    private readonly LanguageModel model = TestNetworks.CreateLanguageModel();

    public void Dispose()
    {
        model.Dispose();
        directory.Dispose();
    }

    [Fact]
    public void ShardsHoldTheSameBitsUnderTheSameNames()
    {
        using var scope = NewDisposeScope();
        using var whole = new TemporaryDirectory();
        model.Save(directory.Path, ShardBytes);
        model.Save(whole.Path);
        var shards = Shards();
        Assert.InRange(shards.Length, 3, 100);
        Assert.Equal(Enumerable.Range(1, shards.Length).Select(i => $"model-{i:00000}-of-{shards.Length:00000}.safetensors"), shards);
        Assert.False(File.Exists(directory.File("model.safetensors")));
        var map = JsonNode.Parse(File.ReadAllText(directory.File(Index)))!["weight_map"]!.AsObject();
        using var reference = SafetensorsReader.Open(whole.File("model.safetensors"));
        Assert.Equal(reference.Entries.Select(entry => entry.Name).Order(StringComparer.Ordinal), map.Select(pair => pair.Key));
        foreach (var entry in reference.Entries)
        {
            using var shard = SafetensorsReader.Open(directory.File(map[entry.Name]!.GetValue<string>()));
            var stored = shard.ReadTensor(shard.Entries.Single(other => other.Name == entry.Name));
            Assert.Equal(reference.ReadTensor(entry).bytes.ToArray(), stored.bytes.ToArray());
        }
    }

    [Fact]
    public void EachShardStaysBelowTheLimitUnlessOneTensorIsLarger()
    {
        model.Save(directory.Path, ShardBytes);
        var total = 0L;
        foreach (var shard in Shards())
        {
            using var reader = SafetensorsReader.Open(directory.File(shard));
            var bytes = reader.Entries.Sum(entry => entry.ByteCount);
            Assert.True(bytes <= ShardBytes || reader.Entries.Count == 1, $"{shard} holds {bytes} bytes");
            total += bytes;
        }

        Assert.Equal(total, JsonNode.Parse(File.ReadAllText(directory.File(Index)))!["metadata"]!["total_size"]!.GetValue<long>());
    }

    [Fact]
    public void AShardedCheckpointLoadsBitForBit()
    {
        using var scope = NewDisposeScope();
        model.Save(directory.Path, ShardBytes);
        using var loaded = LanguageModel.Load(directory.Path, Precision.Float32, "cpu");
        foreach (var (first, second) in model.Network.named_parameters().Zip(loaded.Network.named_parameters()))
        {
            Assert.Equal(first.Item1, second.Item1);
            Assert.Equal(first.Item2.detach().bytes.ToArray(), second.Item2.detach().bytes.ToArray());
        }
    }

    [Fact]
    public void SavingAnewLeavesNoFilesOfOtherShardings()
    {
        model.Save(directory.Path, ShardBytes);
        model.Save(directory.Path, 3 * ShardBytes);
        Assert.All(Shards(), name => Assert.EndsWith($"-of-{Shards().Length:00000}.safetensors", name));
        model.Save(directory.Path);
        Assert.Equal(["model.safetensors"], Directory.GetFiles(directory.Path, "model*").Select(Path.GetFileName));
        model.Save(directory.Path, ShardBytes);
        Assert.False(File.Exists(directory.File("model.safetensors")));
        using var loaded = LanguageModel.Load(directory.Path, Precision.Float32, "cpu");
    }

    [Fact]
    public void EveryMissingShardIsNamed()
    {
        model.Save(directory.Path, ShardBytes);
        File.Delete(directory.File(Shards()[1]));
        var last = Shards()[^1];
        File.Delete(directory.File(last));
        var message = Assert.Throws<FileNotFoundException>(Load).Message;
        Assert.Contains(directory.File(Index), message);
        Assert.Contains("model-00002-of", message);
        Assert.Contains(last, message);
    }

    [Fact]
    public void EveryContradictionBetweenIndexAndShardsIsListed()
    {
        model.Save(directory.Path, ShardBytes);
        var (first, second) = (Shards()[0], Shards()[1]);
        ChangeIndex(map =>
        {
            map.Remove("transformer.wte.weight");
            map["transformer.ln_f.weight"] = first;
            map["phantom"] = second;
        });
        var message = Assert.Throws<InvalidDataException>(Load).Message;
        Assert.Contains($"'transformer.wte.weight' of '{first}' is not in the index", message);
        Assert.Contains($"'transformer.ln_f.weight' should be in '{first}', but is in", message);
        Assert.Contains($"'phantom' should be in '{second}', but is in none", message);
    }

    [Fact]
    public void ATensorInTwoShardsIsRefused()
    {
        using var scope = NewDisposeScope();
        model.Save(directory.Path, ShardBytes);
        using (var stream = File.Create(directory.File("extra.safetensors")))
        {
            SafetensorsWriter.Write(stream, [KeyValuePair.Create("extra", ones(1)), KeyValuePair.Create("transformer.ln_f.bias", ones(32))]);
        }

        ChangeIndex(map => map["extra"] = "extra.safetensors");
        var message = Assert.Throws<InvalidDataException>(Load).Message;
        Assert.Contains("tensor 'transformer.ln_f.bias' is in", message);
        Assert.Contains("extra.safetensors", message);
    }

    [Fact]
    public void WhatDoesNotFitIsReportedOverAllShardsWithTheirFiles()
    {
        using var scope = NewDisposeScope();
        model.Save(directory.Path, ShardBytes);
        using (var stream = File.Create(directory.File("extra.safetensors")))
        {
            SafetensorsWriter.Write(stream, [KeyValuePair.Create("adapter", ones(1)), KeyValuePair.Create("wpe.weight", ones(1))]);
        }

        ChangeIndex(map =>
        {
            map["adapter"] = "extra.safetensors";
            map["wpe.weight"] = "extra.safetensors";
        });
        var config = JsonNode.Parse(File.ReadAllText(directory.File("config.json")))!;
        config["n_layer"] = 4;
        config["n_positions"] = 64;
        File.WriteAllText(directory.File("config.json"), config.ToJsonString());
        var message = Assert.Throws<InvalidDataException>(Load).Message;
        Assert.Contains("Missing: h.3.attn.c_attn.bias; h.3.attn.c_attn.weight", message);
        Assert.Contains($"adapter in '{directory.File("extra.safetensors")}'", message);
        Assert.Contains("expected [64, 32]", message);
    }

    [Theory]
    [InlineData("\"../other/model.safetensors\"")]
    [InlineData("\"/etc/passwd\"")]
    [InlineData("\"..\"")]
    [InlineData("\"C:model.safetensors\"")]
    [InlineData("\"\"")]
    [InlineData("3")]
    public void AnIndexReachesNoFileElsewhere(string place)
    {
        model.Save(directory.Path, ShardBytes);
        File.WriteAllText(directory.File(Index), $$"""{"weight_map":{"a":{{place}}} }""");
        var message = Assert.Throws<InvalidDataException>(Load).Message;
        Assert.Contains(directory.File(Index), message);
        Assert.Contains("beside the index", message);
    }

    [Theory]
    [InlineData("{", "not valid JSON")]
    [InlineData("[]", "weight_map")]
    [InlineData("""{"weight_map":[]}""", "weight_map")]
    [InlineData("""{"weight_map":{"a":"b","a":"c"}}""", "Duplicate")]
    [InlineData("""{"weight_map":{"\ud800":"b"}}""", "not valid JSON")]
    public void ADamagedIndexIsRefused(string content, string reason)
    {
        model.Save(directory.Path, ShardBytes);
        File.WriteAllText(directory.File(Index), content);
        var message = Assert.Throws<InvalidDataException>(Load).Message;
        Assert.Contains(directory.File(Index), message);
        Assert.Contains(reason, message);
    }

    [Fact]
    public void ADamagedShardIsNamed()
    {
        model.Save(directory.Path, ShardBytes);
        var shard = directory.File(Shards()[2]);
        File.WriteAllBytes(shard, File.ReadAllBytes(shard)[..^1]);
        Assert.Contains(shard, Assert.Throws<InvalidDataException>(Load).Message);
    }

    private string[] Shards() =>
        [.. Directory.GetFiles(directory.Path, "model-*.safetensors").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    private void Load() => LanguageModel.Load(directory.Path, Precision.Float32, "cpu").Dispose();

    private void ChangeIndex(Action<JsonObject> change)
    {
        var index = JsonNode.Parse(File.ReadAllText(directory.File(Index)))!;
        change(index["weight_map"]!.AsObject());
        File.WriteAllText(directory.File(Index), index.ToJsonString());
    }
}
