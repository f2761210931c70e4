using System.Text;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

internal sealed partial class ModelLoadContext
{
    public bool ContainsModel(string name)
    {
        if (!InRepository || string.IsNullOrEmpty(name))
            return false;
        string directory = Path.Combine(Directory ?? "", name);
        using Repository.Entry entry = Repository.OpenEntryOrNull(directory, ModelStreamName) ?? Repository.OpenEntryOrNull(directory, NameBinary);
        return entry is not null;
    }

    public bool TryProcessSubModel(string dir, Action<ModelLoadContext> action)
    {
        CheckInRepository();
        _context.CheckNonEmpty(dir, nameof(dir));
        _context.CheckValue(action, nameof(action));
        string path = Path.Combine(Directory ?? "", dir);
        using Repository.Entry entry = Repository.OpenEntryOrNull(path, ModelStreamName);
        if (entry is null)
            return false;
        using var context = new ModelLoadContext(Repository, entry, path);
        action(context);
        return true;
    }

    public bool LoadModelOrNull<TRes, TSig>(IHostEnvironment env, out TRes result, string name, params object[] extra) where TRes : class
    {
        _context.CheckValue(env, nameof(env));
        CheckInRepository();
        return LoadModelOrNull<TRes, TSig>(env, out result, Repository, Path.Combine(Directory ?? "", name), extra);
    }

    public void LoadModel<TRes, TSig>(IHostEnvironment env, out TRes result, string name, params object[] extra) where TRes : class
    {
        if (!LoadModelOrNull<TRes, TSig>(env, out result, name, extra))
            throw _context.ExceptDecode("Corrupt model file");
    }

    public static bool LoadModelOrNull<TRes, TSig>(IHostEnvironment env, out TRes result, RepositoryReader rep, string dir, params object[] extra)
        where TRes : class
    {
        Contracts.CheckValue(null, env, nameof(env));
        env.CheckValue(rep, nameof(rep));
        using (Repository.Entry entry = rep.OpenEntryOrNull(dir, ModelStreamName))
        {
            if (entry is not null)
            {
                LoadModel<TRes, TSig>(env, out result, rep, entry, dir, extra);
                return true;
            }
        }
        using (Repository.Entry entry = rep.OpenEntryOrNull(dir, NameBinary))
        {
            if (entry is not null)
            {
                LoadModel<TRes, TSig>(env, out result, entry.Stream, extra);
                return true;
            }
        }
        result = null;
        return false;
    }

    public static void LoadModel<TRes, TSig>(IHostEnvironment env, out TRes result, RepositoryReader rep, string dir, params object[] extra)
        where TRes : class
    {
        if (!LoadModelOrNull<TRes, TSig>(env, out result, rep, dir, extra))
            throw env.ExceptDecode("Corrupt model file");
    }

    public static void LoadModel<TRes, TSig>(IHostEnvironment env, out TRes result, RepositoryReader rep, Repository.Entry ent, string dir,
        params object[] extra) where TRes : class
    {
        Contracts.CheckValue(null, env, nameof(env));
        env.CheckValue(rep, nameof(rep));
        using var context = new ModelLoadContext(rep, ent, dir);
        if (!context.TryLoad<TRes, TSig>(env, out result, extra))
            throw env.ExceptDecode("Couldn't load model: '{0}'", dir);
    }

    public static bool TryLoadModel<TRes, TSig>(IHostEnvironment env, out TRes result, BinaryReader reader, params object[] extra) where TRes : class
    {
        Contracts.CheckValue(null, env, nameof(env));
        using var context = new ModelLoadContext(reader);
        return context.TryLoad<TRes, TSig>(env, out result, extra);
    }

    public static bool TryLoadModel<TRes, TSig>(IHostEnvironment env, out TRes result, Stream stream, params object[] extra) where TRes : class
    {
        using var reader = new BinaryReader(stream, Encoding.UTF8, leaveOpen: true);
        return TryLoadModel<TRes, TSig>(env, out result, reader, extra);
    }

    public static void LoadModel<TRes, TSig>(IHostEnvironment env, out TRes result, BinaryReader reader, params object[] extra) where TRes : class
    {
        if (!TryLoadModel<TRes, TSig>(env, out result, reader, extra))
            throw Contracts.ExceptDecode(null, "Couldn't load model");
    }

    public static void LoadModel<TRes, TSig>(IHostEnvironment env, out TRes result, Stream stream, params object[] extra) where TRes : class
    {
        if (!TryLoadModel<TRes, TSig>(env, out result, stream, extra))
            throw Contracts.ExceptDecode(null, "Couldn't load model");
    }

    // The assembly that can load this model is named in it, so a fresh process needs no registration.
    private bool TryLoad<TRes, TSig>(IHostEnvironment env, out TRes result, object[] extra) where TRes : class
    {
        EnsureLoaderAssemblyIsRegistered(env.ComponentCatalog);
        object[] arguments = [this, .. extra];
        foreach (string signature in new[] { ModelHeader.GetLoaderSig(ref Header), ModelHeader.GetLoaderSigAlt(ref Header) })
        {
            if (!string.IsNullOrWhiteSpace(signature)
                && ComponentCatalog.TryCreateInstance<object, TSig>(env, out object instance, signature, arguments)
                && instance is TRes typed)
            {
                Done();
                result = typed;
                return true;
            }
        }
        Reader.BaseStream.Position = FpMin;
        result = null;
        return false;
    }
}
