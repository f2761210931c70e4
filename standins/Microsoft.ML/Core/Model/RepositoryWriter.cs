using System.IO.Compression;
using System.Reflection;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>Writes a model file: each entry goes into the zip when it is complete.</summary>
internal sealed class RepositoryWriter : Repository
{
    private readonly ZipArchive _archive;
    private readonly Queue<(string Path, Stream Stream)> _complete = new();

    private RepositoryWriter(Stream stream, IExceptionContext ectx, bool useFileSystem) : base(useFileSystem, ectx) =>
        _archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);

    public static RepositoryWriter CreateNew(Stream stream, IExceptionContext ectx = null, bool useFileSystem = true)
    {
        ectx.CheckValue(stream, nameof(stream));
        var repository = new RepositoryWriter(stream, ectx, useFileSystem);
        using Entry entry = repository.CreateEntry("TrainingInfo", "Version.txt");
        using var writer = new StreamWriter(entry.Stream, leaveOpen: true);
        writer.WriteLine(typeof(RepositoryWriter).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>().InformationalVersion);
        return repository;
    }

    public Entry CreateEntry(string name) => CreateEntry(null, name);

    public Entry CreateEntry(string dir, string name)
    {
        ExceptionContext.Check(!Disposed);
        Flush();
        GetPath(out string path, out string file, dir, name, createDir: true);
        if (!PathMap.TryAdd(path, file))
            throw ExceptionContext.ExceptParam(nameof(name), "Duplicate entry: '{0}'", path);
        return AddEntry(path, file is null ? new MemoryStream() : new FileStream(file, FileMode.CreateNew));
    }

    public void Commit()
    {
        ExceptionContext.Check(!Disposed);
        DisposeAllEntries();
        Flush();
        Dispose();
    }

    protected override void OnDispose(Entry ent)
    {
        RemoveEntry(ent);
        _complete.Enqueue((ent.Path, ent.Stream));
    }

    protected override void Dispose(bool disposing)
    {
        DisposeAllEntries();
        while (_complete.TryDequeue(out (string, Stream Stream) item))
            item.Stream.Dispose();
        if (disposing)
            _archive.Dispose();
        base.Dispose(disposing);
    }

    private void Flush()
    {
        while (_complete.TryDequeue(out (string Path, Stream Stream) item))
        {
            using (item.Stream)
            {
                using Stream target = _archive.CreateEntry(item.Path).Open();
                item.Stream.Position = 0;
                item.Stream.CopyTo(target);
            }
            if (item.Stream is FileStream file)
                File.Delete(file.Name);
        }
    }
}
