using System.Collections.Concurrent;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>A zip file of named streams. Open streams live in a temporary directory, or in memory where there is none.</summary>
internal abstract class Repository : IDisposable
{
    private readonly List<Entry> _open = [];

    protected readonly string DirTemp;

    /// <summary>The files of the temporary directory that hold entries, by entry path.</summary>
    protected readonly ConcurrentDictionary<string, string> PathMap = new();

    internal Repository(bool needDir, IExceptionContext ectx)
    {
        ExceptionContext = ectx;
        if (needDir)
            DirTemp = System.IO.Directory.CreateTempSubdirectory("ml_dotnet_").FullName;
        else
            GC.SuppressFinalize(this);
    }

    ~Repository()
    {
        if (!Disposed)
            Dispose(false);
    }

    public IExceptionContext ExceptionContext { get; }

    protected bool Disposed { get; private set; }

    public void Dispose()
    {
        if (Disposed)
            return;
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        DisposeAllEntries();
        if (DirTemp is not null && System.IO.Directory.Exists(DirTemp))
            System.IO.Directory.Delete(DirTemp, recursive: true);
        Disposed = true;
    }

    protected abstract void OnDispose(Entry ent);

    protected Entry AddEntry(string pathEnt, Stream stream)
    {
        var entry = new Entry(this, pathEnt, stream);
        _open.Add(entry);
        return entry;
    }

    protected void RemoveEntry(Entry ent) => _open.Remove(ent);

    protected void DisposeAllEntries()
    {
        while (_open.Count > 0)
            _open[^1].Dispose();
    }

    protected static string NormalizeForArchiveEntry(string path) => path?.Replace('/', Path.DirectorySeparatorChar);

    /// <summary>The archive path of an entry, which never leaves the archive's root, and a fresh file to hold it.</summary>
    protected void GetPath(out string pathEnt, out string pathTemp, string dir, string name, bool createDir)
    {
        ExceptionContext.CheckParam(dir is null || !dir.Contains(".."), nameof(dir));
        ExceptionContext.CheckParam(!string.IsNullOrWhiteSpace(name) && !name.Contains(".."), nameof(name));
        string root = Path.GetFullPath("archive", Path.GetTempPath());
        string full = Path.GetFullPath(Path.Combine(root, dir ?? "", name));
        ExceptionContext.Check(full.StartsWith(root + Path.DirectorySeparatorChar, StringComparison.Ordinal));
        pathEnt = NormalizeForArchiveEntry(full[(root.Length + 1)..]);
        pathTemp = DirTemp is null ? null : Path.Combine(DirTemp, Path.GetRandomFileName());
        if (createDir && DirTemp is not null)
            System.IO.Directory.CreateDirectory(DirTemp);
    }

    /// <summary>An open stream of the repository.</summary>
    public sealed class Entry : IDisposable
    {
        private Repository _repository;

        internal Entry(Repository rep, string path, Stream stream)
        {
            _repository = rep;
            Path = path;
            Stream = stream;
        }

        public string Path { get; }
        public Stream Stream { get; }

        public void Dispose()
        {
            _repository?.OnDispose(this);
            _repository = null;
        }
    }
}
