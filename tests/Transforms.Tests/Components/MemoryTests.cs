using System.Diagnostics;
using Microsoft.ML;
using MLNetLlm.Models;
using TorchSharp;

namespace MLNetLlm.Transforms.Tests;

[Collection(nameof(MemoryTests))]
[CollectionDefinition(nameof(MemoryTests), DisableParallelization = true)]
public sealed class MemoryTests
{
    private readonly MLContext ml = new(seed: 1);

    [Fact]
    public void MemoryIsFlatOverTenThousandPredictions()
    {
        using var transformer = new TextClassificationTransformer(ml, TinyModels.Classifier("false", "true"), new TextClassificationColumns(), binary: true);
        using var engine = ml.Model.CreatePredictionEngine<TextOnly, TextClassificationTests.Binary>(transformer);
        Predict(1_000);
        long tensors = LiveTensors();
        var (native, managed) = Bytes();

        Predict(10_000);

        Assert.Equal(tensors, LiveTensors());
        var (nativeAfter, managedAfter) = Bytes();
        Assert.True(nativeAfter - native < 15_000_000, $"{(nativeAfter - native) / 1e6:0} MB more of native memory after 10,000 predictions");
        Assert.True(managedAfter - managed < 5_000_000, $"{(managedAfter - managed) / 1e6:0} MB more of managed memory after 10,000 predictions");

        void Predict(int count)
        {
            for (int i = 0; i < count; i++)
            {
                engine.Predict(new TextOnly { Text = "see you at home tonight, number " + i % 10 });
                // Left alone, the collector lets a hundred megabytes of short-lived objects gather, which would hide a leak.
                if (i % 200 == 0)
                    GC.Collect(0);
            }
        }
    }

    [Fact]
    public void ABulkTransformLeavesNoTensorsBehind()
    {
        using LanguageModel model = TinyModels.LanguageModel();
        IDataView data = ml.Data.LoadFromEnumerable(Message.Many(500));
        using EmbeddingTransformer transformer = ml.Transforms.Text.EmbedText("Features", "Text", model).Fit(data);
        transformer.Transform(data).Vectors<float>("Features");
        long tensors = LiveTensors();

        for (int i = 0; i < 5; i++)
            transformer.Transform(data).Vectors<float>("Features");

        Assert.Equal(tensors, LiveTensors());
    }

    private static long LiveTensors() => DisposeScopeManager.Statistics.ThreadTotalLiveCount;

    private static (long Native, long Managed) Bytes()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        using var process = Process.GetCurrentProcess();
        return (process.WorkingSet64 - GC.GetGCMemoryInfo().TotalCommittedBytes, GC.GetTotalMemory(forceFullCollection: false));
    }
}
