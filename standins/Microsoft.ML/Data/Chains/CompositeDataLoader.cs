using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using TextModelLoader = Microsoft.ML.Data.CompositeDataLoader<Microsoft.ML.Data.IMultiStreamSource, Microsoft.ML.ITransformer>;

[assembly: Microsoft.ML.LoadableClass(typeof(TextModelLoader), null, typeof(Microsoft.ML.SignatureLoadModel), "Composite Loader", TextModelLoader.LoaderSignature)]

namespace Microsoft.ML.Data;

/// <summary>A data loader with the transformers that its rows go through.</summary>
public sealed class CompositeDataLoader<TSource, TLastTransformer> : IDataLoader<TSource>, IDisposable
    where TLastTransformer : class, ITransformer
{
    internal const string LoaderSignature = "CompositeLoader";
    internal const string TransformerDirectory = TransformerChain.LoaderSignature;
    private const string LoaderDirectory = "Loader";

    public readonly IDataLoader<TSource> Loader;
    public readonly TransformerChain<TLastTransformer> Transformer;

    public CompositeDataLoader(IDataLoader<TSource> loader, TransformerChain<TLastTransformer> transformerChain = null)
    {
        Contracts.CheckValue(null, loader, nameof(loader));
        Loader = loader;
        Transformer = transformerChain ?? new TransformerChain<TLastTransformer>();
    }

    private CompositeDataLoader(IHostEnvironment env, ModelLoadContext ctx)
    {
        ctx.CheckAtModel(GetVersionInfo());
        ctx.LoadModel<IDataLoader<TSource>, SignatureLoadModel>(env, out Loader, LoaderDirectory);
        ctx.LoadModel<TransformerChain<TLastTransformer>, SignatureLoadModel>(env, out Transformer, TransformerDirectory);
    }

    public IDataView Load(TSource input) => Transformer.Transform(Loader.Load(input));

    public DataViewSchema GetOutputSchema() => Transformer.GetOutputSchema(Loader.GetOutputSchema());

    public CompositeDataLoader<TSource, TNewLast> AppendTransformer<TNewLast>(TNewLast transformer) where TNewLast : class, ITransformer
    {
        Contracts.CheckValue(null, transformer, nameof(transformer));
        return new CompositeDataLoader<TSource, TNewLast>(Loader, Transformer.Append(transformer));
    }

    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(GetVersionInfo());
        ctx.SaveModel(Loader, LoaderDirectory);
        ctx.SaveModel(Transformer, TransformerDirectory);
    }

    public void Dispose() => Transformer.Dispose();

    private static VersionInfo GetVersionInfo() =>
        new("CMPSTLDR", 0x00010001, 0x00010001, 0x00010001, typeof(TransformerChain).Assembly.FullName, LoaderSignature);
}
