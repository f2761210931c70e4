using System.Reflection;
using System.Text;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>Where a component reads itself from: a directory of a model file with its main stream, or a single stream.</summary>
internal sealed partial class ModelLoadContext : IDisposable
{
    public const string ModelStreamName = "Model.key";
    internal const string NameBinary = "Model.bin";

    public readonly RepositoryReader Repository;
    public readonly string Directory;
    public readonly BinaryReader Reader;
    public readonly string[] Strings;
    public readonly string LoaderAssemblyName;
    public readonly long FpMin;
    internal ModelHeader Header;

    private readonly IExceptionContext _context;

    internal ModelLoadContext(RepositoryReader rep, Repository.Entry ent, string dir)
    {
        Contracts.CheckValue(null, rep, nameof(rep));
        _context = rep.ExceptionContext;
        _context.CheckValue(ent, nameof(ent));
        Repository = rep;
        Directory = dir;
        Reader = new BinaryReader(ent.Stream, Encoding.UTF8, leaveOpen: true);
        ModelHeader.BeginRead(out FpMin, out Header, out Strings, out LoaderAssemblyName, Reader);
    }

    internal ModelLoadContext(BinaryReader reader, IExceptionContext ectx = null)
    {
        _context = ectx;
        _context.CheckValue(reader, nameof(reader));
        Reader = reader;
        ModelHeader.BeginRead(out FpMin, out Header, out Strings, out LoaderAssemblyName, Reader);
    }

    public bool InRepository => Repository is not null;

    public void CheckAtModel() => _context.Check(Reader.BaseStream.Position == FpMin + Header.FpModel);

    public void CheckAtModel(VersionInfo ver)
    {
        CheckAtModel();
        CheckVersionInfo(ver);
    }

    public void CheckVersionInfo(VersionInfo ver) => ModelHeader.CheckVersionInfo(ref Header, ver);

    public string LoadStringOrNull()
    {
        int id = Reader.ReadInt32();
        return id == -1 ? null : StringAt(id);
    }

    public string LoadString() => StringAt(Reader.ReadInt32());

    public string LoadNonEmptyString()
    {
        string value = LoadString();
        _context.CheckDecode(value.Length > 0);
        return value;
    }

    private string StringAt(int id)
    {
        _context.CheckDecode(id >= 0 && id < (Strings?.Length ?? 0));
        return Strings[id];
    }

    public bool TryLoadBinaryStream(string name, Action<BinaryReader> action) => TryReadEntry(name, action, stream =>
    {
        using var reader = new BinaryReader(stream, Encoding.UTF8, leaveOpen: true);
        action(reader);
    });

    public bool TryLoadTextStream(string name, Action<TextReader> action) => TryReadEntry(name, action, stream =>
    {
        using var reader = new StreamReader(stream);
        action(reader);
    });

    private bool TryReadEntry(string name, Delegate action, Action<Stream> read)
    {
        CheckInRepository();
        _context.CheckNonEmpty(name, nameof(name));
        _context.CheckValue(action, nameof(action));
        using Repository.Entry entry = Repository.OpenEntryOrNull(Directory, name);
        if (entry is null)
            return false;
        read(entry.Stream);
        return true;
    }

    public void Done()
    {
        ModelHeader.EndRead(FpMin, ref Header, Reader);
        Dispose();
    }

    public void Dispose()
    {
        if (InRepository)
            Reader.Dispose();
    }

    private void CheckInRepository() => _context.Check(InRepository, "Can't load a sub-model when reading from a single stream");

    private void EnsureLoaderAssemblyIsRegistered(ComponentCatalog catalog)
    {
        if (!string.IsNullOrEmpty(LoaderAssemblyName))
            catalog.RegisterAssembly(Assembly.Load(LoaderAssemblyName));
    }
}
