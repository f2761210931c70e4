using System.Globalization;

namespace MLNetLlm.Services;

/// <summary>A model file that is looked at again and again; unlike a watcher that sees a file replaced by renaming, and network drives too.</summary>
internal sealed class FileModelSource(string path) : IModelSource
{
    private readonly string path = Path.GetFullPath(path);

    public string Description => $"the model file '{path}'";

    public Task<ModelVersion?> LookAsync(string? knownStamp, CancellationToken cancellationToken)
    {
        var stamp = Stamp() ?? throw new FileNotFoundException($"The model file '{path}' does not exist.", path);
        return Task.FromResult(stamp == knownStamp
            ? null
            : new ModelVersion(stamp, new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete)));
    }

    public bool IsStill(string stamp) => Stamp() == stamp;

    private string? Stamp()
    {
        var file = new FileInfo(path);
        return file.Exists ? string.Create(CultureInfo.InvariantCulture, $"{file.Length} bytes of {file.LastWriteTimeUtc.Ticks}") : null;
    }
}
