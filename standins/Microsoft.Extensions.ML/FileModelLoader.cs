using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Microsoft.ML;

namespace Microsoft.Extensions.ML;

/// <summary>Loads a model from a file and again when the file was written to.</summary>
internal sealed class FileModelLoader(IOptions<MLOptions> options, ILogger<FileModelLoader> logger) : ModelLoader, IDisposable
{
    private const int OpenAttempts = 100;
    private const int MillisecondsBetweenAttempts = 50;

    private readonly MLContext _context = options.Value.MLContext;
    private readonly Lock _loading = new();
    private string _path;
    private FileSystemWatcher _watcher;
    private ModelReloadToken _reloadToken;
    private ITransformer _model;

    public void Start(string path, bool watch)
    {
        if (!File.Exists(path))
        {
            throw new ArgumentException($"The provided model file {path} doesn't exist.");
        }

        _path = path;
        _reloadToken = new ModelReloadToken();
        Load();
        if (watch)
        {
            string directory = Path.GetDirectoryName(path);
            _watcher = new FileSystemWatcher(
                string.IsNullOrEmpty(directory) ? Directory.GetCurrentDirectory() : directory,
                Path.GetFileName(path));
            _watcher.Changed += (_, _) => Reload();
            _watcher.EnableRaisingEvents = true;
        }
    }

    public override ITransformer GetModel() => _model ?? throw NotStarted();

    public override IChangeToken GetReloadToken() => _reloadToken ?? throw NotStarted();

    public void Dispose() => _watcher?.Dispose();

    private void Reload()
    {
        Stopwatch watch = Stopwatch.StartNew();
        try
        {
            logger.LogDebug(new EventId(100, "FileReloadBegin"), "File reload for '{filePath}'", _path);
            ModelReloadToken previous = Interlocked.Exchange(ref _reloadToken, new ModelReloadToken());
            lock (_loading)
            {
                Load();
            }

            previous.OnReload();
            logger.LogDebug(
                new EventId(101, "FileReloadEnd"), "File reload for '{filePath}' completed after {ElapsedMilliseconds}ms", _path, watch.Elapsed.TotalMilliseconds);
        }
        catch (Exception exception)
        {
            // The watcher's thread has nobody above it: the model loaded before stays in use, and the log says why.
            logger.LogError(
                new EventId(103, "FileReloadError"),
                exception,
                "File reload for '{filePath}' threw an unhandled exception after {ElapsedMilliseconds}ms",
                _path,
                watch.Elapsed.TotalMilliseconds);
        }
    }

    private void Load()
    {
        using FileStream stream = OpenWhenWritten();
        _model = _context.Model.Load(stream, out _);
    }

    // A watcher reports a change while the writer still has the file open.
    private FileStream OpenWhenWritten()
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return new FileStream(_path, FileMode.Open, FileAccess.Read, FileShare.Read);
            }
            catch (IOException exception)
            {
                if (attempt == OpenAttempts)
                {
                    throw new IOException($"Model file {_path} still got locked after 5 seconds, fail to reload.", exception);
                }
            }

            Thread.Sleep(MillisecondsBetweenAttempts);
        }
    }

    private static InvalidOperationException NotStarted() => new("Start must be called on a ModelLoader before it can be used.");
}
