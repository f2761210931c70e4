using System.IO.Compression;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>Reads a model file; entries may be separated by either slash.</summary>
internal sealed class RepositoryReader : Repository
{
    private readonly ZipArchive _archive;
    private readonly Dictionary<string, ZipArchiveEntry> _entries = [];

    private RepositoryReader(Stream stream, IExceptionContext ectx, bool useFileSystem) : base(useFileSystem, ectx)
    {
        try
        {
            _archive = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true);
            foreach (ZipArchiveEntry entry in _archive.Entries)
                _entries[Key(entry.FullName)] = entry;
        }
        catch (Exception exception)
        {
            Dispose();
            throw ectx.ExceptDecode(exception, "Failed to open a zip archive");
        }
    }

    public static RepositoryReader Open(Stream stream, IExceptionContext ectx = null, bool useFileSystem = true)
    {
        ectx.CheckValue(stream, nameof(stream));
        return new RepositoryReader(stream, ectx, useFileSystem);
    }

    public Entry OpenEntry(string name) => OpenEntry(null, name);

    public Entry OpenEntry(string dir, string name)
    {
        Entry entry = OpenEntryOrNull(dir, name);
        if (entry is not null)
            return entry;
        GetPath(out string path, out _, dir, name, createDir: false);
        throw ExceptionContext.Except("Repository doesn't contain entry {0}", path);
    }

    public Entry OpenEntryOrNull(string name) => OpenEntryOrNull(null, name);

    public Entry OpenEntryOrNull(string dir, string name)
    {
        ExceptionContext.Check(!Disposed);
        GetPath(out string path, out string file, dir, name, createDir: false);
        if (!_entries.TryGetValue(Key(path), out ZipArchiveEntry entry))
            return null;
        if (file is null)
        {
            var memory = new MemoryStream();
            using (Stream source = entry.Open())
                source.CopyTo(memory);
            memory.Position = 0;
            return AddEntry(path, memory);
        }
        string extracted = PathMap.GetOrAdd(path, _ =>
        {
            entry.ExtractToFile(file);
            return file;
        });
        return AddEntry(path, new FileStream(extracted, FileMode.Open, FileAccess.Read, FileShare.Read));
    }

    protected override void OnDispose(Entry ent)
    {
        RemoveEntry(ent);
        ent.Stream.Dispose();
    }

    private static string Key(string path) => path.Replace('\\', '/');
}
