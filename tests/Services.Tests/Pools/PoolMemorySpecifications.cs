using Microsoft.Extensions.ML;

namespace MLNetLlm.Services.Tests.Pools;

/// <summary>Runs when no other test does: the memory of the process is everybody's.</summary>
[CollectionDefinition(nameof(PoolMemorySpecifications), DisableParallelization = true)]
[Collection(nameof(PoolMemorySpecifications))]
public sealed class PoolMemorySpecifications : IDisposable
{
    private readonly PoolFixture fixture = new();

    public void Dispose() => fixture.Dispose();

    [Fact]
    public async Task Memory_is_flat_over_twenty_reloads()
    {
        // 8 MB of weights each: twenty that stayed would be 160 MB.
        byte[][] zips = [Large(1), Large(2)];
        fixture.Replace(zips[0]);
        var provider = fixture.Provider();
        var pool = PoolFixture.Pool(provider);
        var engine = pool.GetPredictionEngine();
        // Until then the runtime and the C library's heaps still grow to the size that reloads take.
        for (var warmUp = 0; warmUp < 10; warmUp++)
        {
            await Reload(warmUp);
        }

        var before = Settled();
        for (var reload = 0; reload < 20; reload++)
        {
            await Reload(reload);
        }

        var grown = (Settled() - before) / 1e6;
        Assert.True(grown < 60, $"{grown:0} MB more after twenty reloads");

        async Task Reload(int reload)
        {
            fixture.Replace(zips[(reload + 1) % 2]);
            Assert.True(await PoolFixture.Loader(provider).LookAsync());
            pool.Predict(PoolFixture.Row);
            engine.Predict(PoolFixture.Row);
        }

        static long Settled()
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            return Environment.WorkingSet;
        }

        static byte[] Large(long seed)
        {
            using var model = MLNetLlm.Models.LanguageModel.Create(
                Models.GptConfig.Tiny with { VocabularySize = 320, ContextLength = 32, Width = 192, HeadCount = 4, LayerCount = 5 },
                TestModels.Tokenizer, Models.Precision.Float32, TorchSharp.torch.CPU, seed);
            return PoolFixture.Zip(seed, model: model);
        }
    }
}
