using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.ML;
using Microsoft.ML;

namespace Packages.Extensions.Tests;

public sealed class Row
{
    public float First { get; set; }

    public float Second { get; set; }
}

public sealed class Copied
{
    public float Copy { get; set; }
}

/// <summary>Model files, each of which copies one of a row's two columns, in a directory that is gone after the test.</summary>
internal sealed class PoolFixture : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("pool");
    private readonly List<ServiceProvider> _providers = [];

    public string Save(string column, string name = "model.zip")
    {
        string path = Path.Combine(_directory.FullName, name);
        using FileStream stream = File.Create(path);
        stream.Write(Model(column));
        return path;
    }

    public static byte[] Model(string column)
    {
        MLContext ml = new();
        IDataView rows = ml.Data.LoadFromEnumerable(new[] { new Row() });
        using MemoryStream stream = new();
        ml.Model.Save(ml.Transforms.CopyColumns("Copy", column).Fit(rows), rows.Schema, stream);
        return stream.ToArray();
    }

    public PredictionEnginePool<Row, Copied> Pool(Action<PredictionEnginePoolBuilder<Row, Copied>> configure, Action<IServiceCollection> services = null)
    {
        ServiceCollection collection = new();
        services?.Invoke(collection);
        configure(collection.AddPredictionEnginePool<Row, Copied>());
        ServiceProvider provider = collection.BuildServiceProvider();
        _providers.Add(provider);
        return provider.GetRequiredService<PredictionEnginePool<Row, Copied>>();
    }

    public static async Task Eventually(Func<bool> condition)
    {
        for (int attempt = 0; attempt < 200 && !condition(); attempt++)
        {
            await Task.Delay(100);
        }

        Assert.True(condition(), "The change did not take effect within 20 seconds.");
    }

    public void Dispose()
    {
        _providers.ForEach(provider => provider.Dispose());
        _directory.Delete(recursive: true);
    }
}
