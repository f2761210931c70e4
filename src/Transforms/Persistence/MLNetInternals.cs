// The only file that uses what ML.NET keeps internal: see eng/Publicize.targets.
using System.Runtime.CompilerServices;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNetLlm.Models;
using MLNetLlm.Transforms;

[assembly: IgnoresAccessChecksTo("Microsoft.ML.Core")]
[assembly: IgnoresAccessChecksTo("Microsoft.ML.Data")]

[assembly: LoadableClass(typeof(TokenizingTransformer), typeof(ModelLoader<TokenizingTransformer>), null, typeof(SignatureLoadModel),
    "Text to token ids", TokenizingTransformer.LoaderSignature)]
[assembly: LoadableClass(typeof(EmbeddingTransformer), typeof(ModelLoader<EmbeddingTransformer>), null, typeof(SignatureLoadModel),
    "Text to language model embedding", EmbeddingTransformer.LoaderSignature)]
[assembly: LoadableClass(typeof(ScoringTransformer), typeof(ModelLoader<ScoringTransformer>), null, typeof(SignatureLoadModel),
    "Text to log-likelihood", ScoringTransformer.LoaderSignature)]
[assembly: LoadableClass(typeof(TextGenerationTransformer), typeof(ModelLoader<TextGenerationTransformer>), null, typeof(SignatureLoadModel),
    "Text written by a language model", TextGenerationTransformer.LoaderSignature)]
[assembly: LoadableClass(typeof(LanguageModelTransformer), typeof(ModelLoader<LanguageModelTransformer>), null, typeof(SignatureLoadModel),
    "Language model", LanguageModelTransformer.LoaderSignature)]
[assembly: LoadableClass(typeof(TextClassificationTransformer), typeof(ModelLoader<TextClassificationTransformer>), null, typeof(SignatureLoadModel),
    "Text classification by a language model", TextClassificationTransformer.LoaderSignature)]
[assembly: LoadableClass(typeof(InstructionTransformer), typeof(ModelLoader<InstructionTransformer>), null, typeof(SignatureLoadModel),
    "Responses to instructions by a language model", InstructionTransformer.LoaderSignature)]

namespace MLNetLlm.Transforms;

/// <summary>What components need of the environment that they run in.</summary>
internal static class MLEnvironment
{
    /// <summary>The environment of a catalog: <c>ml.Transforms.Text</c>, <c>ml.BinaryClassification.Trainers</c> and so on.</summary>
    public static IHostEnvironment Of(object catalog)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return ((IInternalCatalog)catalog).Environment;
    }

    /// <summary>Whether <c>MLContext.CancelExecution</c> was called.</summary>
    public static bool IsCanceled(IHostEnvironment environment) => environment is ICancelable { IsCanceled: true };
}

/// <summary>Columns of a schema whose data is not there yet.</summary>
internal static class ShapeColumn
{
    public static SchemaShape.Column Create(
        string name, SchemaShape.Column.VectorKind kind, DataViewType itemType, bool isKey = false, params SchemaShape.Column[] annotations) =>
        new(name, kind, itemType, isKey, new SchemaShape(annotations));
}

/// <summary>Puts transformers into ML.NET's model zip. The header is ML.NET's; then the list of <see cref="ModelArchiveWriter"/>.</summary>
internal static class NativePersistence
{
    public static void Save<T>(ModelSaveContext context, T transformer) where T : IPersistedTransformer<T>
    {
        ArgumentNullException.ThrowIfNull(context);
        context.CheckAtModel();
        context.SetVersionInfo(VersionOf<T>());
        var archive = new ModelArchiveWriter(name =>
        {
            Repository.Entry entry = context.Repository.CreateEntry(context.Directory, name);
            return new ArchivePart(entry.Stream, entry);
        });
        transformer.Write(archive);
        archive.WriteContents(context.Writer);
    }

    public static T Load<T>(IHostEnvironment environment, ModelLoadContext context) where T : IPersistedTransformer<T>
    {
        context.CheckAtModel(VersionOf<T>());
        var archive = new ModelArchiveReader(context.Reader, context.Directory, name =>
        {
            Repository.Entry? entry = context.Repository.OpenEntryOrNull(context.Directory, name);
            return entry is null ? null : new ArchivePart(entry.Stream, entry);
        });
        return T.Read(environment, archive);
    }

    private static VersionInfo VersionOf<T>() where T : IPersistedTransformer<T> => new(
        modelSignature: T.Format.ModelSignature,
        verWrittenCur: T.Format.Version,
        verReadableCur: T.Format.Version,
        verWeCanReadBack: 0x00010001,
        // Without its version: a zip from a newer version is to be refused for that reason, not because an assembly was not found.
        loaderAssemblyName: typeof(T).Assembly.GetName().Name,
        loaderSignature: T.Format.LoaderSignature);
}

/// <summary>What ML.NET calls to get a transformer back from a model zip.</summary>
internal static class ModelLoader<T> where T : IPersistedTransformer<T>
{
    internal static T Create(IHostEnvironment environment, ModelLoadContext context) => NativePersistence.Load<T>(environment, context);
}
