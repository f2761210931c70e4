using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.ML;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetLlm.Models;
using MLNetLlm.Transforms;

namespace MLNetLlm.Services.Tests.Pools;

public sealed class TextRow
{
    public string Text { get; set; } = "";
}

public sealed class Vectors
{
    [VectorType]
    public float[] Features { get; set; } = [];

    [VectorType]
    public float[] Twin { get; set; } = [];
}

/// <summary>Model zips, each of which embeds with other weights, and a pool that serves one file.</summary>
internal sealed class PoolFixture : IDisposable
{
    public const string HealthName = "prediction-pool-MLNetLlm.Services.Tests.Pools.TextRow-MLNetLlm.Services.Tests.Pools.Vectors";

    private static readonly MLContext Ml = new(seed: 1);
    private readonly TemporaryDirectory directory = new();
    private readonly List<ServiceProvider> providers = [];

    public static TextRow Row { get; } = new() { Text = "the cat sat on the mat" };

    public string Path => directory.File("model.zip");

    public ManualTime Time { get; } = new();

    public Errors Log { get; } = new();

    /// <summary>A zip with two columns of the same values, so that a prediction that mixes models can be told.</summary>
    public static byte[] Zip(long seed, string column = "Features", string input = "Text", LanguageModel? model = null)
    {
        using var owned = model is null ? TestModels.Random(seed) : null;
        var rows = Ml.Data.LoadFromEnumerable([Row]);
        var first = Ml.Transforms.Text.EmbedText(column, "Text", model ?? owned!);
        using var stream = new MemoryStream();
        if (input == "Text")
        {
            Ml.Model.Save(first.Append(Ml.Transforms.CopyColumns("Twin", column)).Fit(rows), rows.Schema, stream);
        }
        else
        {
            var other = Ml.Data.LoadFromEnumerable([new OtherRow()]);
            Ml.Model.Save(Ml.Transforms.Text.EmbedText(column, input, model ?? owned!).Fit(other), other.Schema, stream);
        }

        return stream.ToArray();
    }

    public static float[] Expected(byte[] zip)
    {
        var model = Ml.Model.Load(new MemoryStream(zip), out _);
        using var engine = Ml.Model.CreatePredictionEngine<TextRow, Vectors>(model);
        return engine.Predict(Row).Features;
    }

    public static bool AreNear(float[] left, float[] right) =>
        left.Length == right.Length && left.Zip(right).All(pair => Math.Abs(pair.First - pair.Second) < 1e-3);

    /// <summary>Replaces the file as careful writers do: under another name first.</summary>
    public void Replace(byte[] zip)
    {
        File.WriteAllBytes(Path + ".new", zip);
        File.Move(Path + ".new", Path, overwrite: true);
    }

    public ServiceProvider Provider(Action<PredictionEnginePoolBuilder<TextRow, Vectors>>? configure = null, CheckedModelOptions<TextRow, Vectors>? options = null)
    {
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(Time);
        services.AddLogging(logging => logging.AddProvider(Log));
        var builder = services.AddPredictionEnginePool<TextRow, Vectors>();
        (configure ?? (pool => pool.FromCheckedFile(Path, options)))(builder);
        var provider = services.BuildServiceProvider();
        providers.Add(provider);
        return provider;
    }

    public static PredictionEnginePool<TextRow, Vectors> Pool(IServiceProvider provider) => provider.GetRequiredService<PredictionEnginePool<TextRow, Vectors>>();

    public static CheckedModelLoader<TextRow, Vectors> Loader(IServiceProvider provider, string name = "") =>
        provider.GetRequiredKeyedService<CheckedModelLoader<TextRow, Vectors>>(name);

    public static async Task StartAsync(IServiceProvider provider)
    {
        foreach (var service in provider.GetServices<IHostedService>())
        {
            await service.StartAsync(CancellationToken.None);
        }
    }

    public static async Task<HealthReportEntry> HealthAsync(IServiceProvider provider, string name = HealthName) =>
        (await provider.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries[name];

    /// <summary>The language model that serves now.</summary>
    public static LanguageModel Served(IServiceProvider provider, string name = "") =>
        Find(Assert.IsType<ReloadableTransformer>(Loader(provider, name).GetModel()).Current.Model)!.LanguageModel;

    public void Dispose()
    {
        providers.ForEach(provider => provider.Dispose());
        directory.Dispose();
    }

    private static EmbeddingTransformer? Find(ITransformer transformer) => transformer as EmbeddingTransformer
        ?? (transformer as IEnumerable<ITransformer>)?.Select(Find).OfType<EmbeddingTransformer>().FirstOrDefault();

    private sealed class OtherRow
    {
        public string Message { get; set; } = "";
    }

    /// <summary>Keeps the errors that were logged.</summary>
    internal sealed class Errors : ILoggerProvider, ILogger
    {
        private readonly List<string> messages = [];

        public IReadOnlyList<string> Messages
        {
            get
            {
                lock (messages)
                {
                    return [.. messages];
                }
            }
        }

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                lock (messages)
                {
                    messages.Add(formatter(state, exception));
                }
            }
        }

        public void Dispose()
        {
        }
    }
}
