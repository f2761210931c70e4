using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms.Text;

[assembly: Microsoft.ML.LoadableClass(typeof(WordTokenizingTransformer), null, typeof(Microsoft.ML.SignatureLoadModel),
    "Tokenizer Transform", WordTokenizingTransformer.LoaderSignature)]

namespace Microsoft.ML.Transforms.Text;

public sealed class WordTokenizingEstimator : TrivialEstimator<WordTokenizingTransformer>
{
    internal WordTokenizingEstimator(IHostEnvironment env, char[] separators, params (string OutputColumnName, string InputColumnName)[] columns)
        : base(env.Register(nameof(WordTokenizingEstimator)), new WordTokenizingTransformer(env, separators, columns))
    {
    }

    public override SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        Host.CheckValue(inputSchema, nameof(inputSchema));
        return inputSchema.With(Transformer.ColumnPairs.Select(pair => new SchemaShape.Column(pair.OutputColumnName,
            SchemaShape.Column.VectorKind.VariableVector, TextShapes.RequireText(Host, inputSchema, pair.InputColumnName).ItemType, false)));
    }
}

/// <summary>Splits text at separators, by default at spaces.</summary>
public sealed class WordTokenizingTransformer : OneToOneTransformerBase
{
    internal const string LoaderSignature = "TokenizeTextTransform";

    private readonly char[] _separators;

    internal WordTokenizingTransformer(IHostEnvironment env, char[] separators, params (string OutputColumnName, string InputColumnName)[] columns)
        : base(env.Register(nameof(WordTokenizingTransformer)), columns) => _separators = separators ?? [' '];

    private WordTokenizingTransformer(IHostEnvironment env, ModelLoadContext ctx)
        : base(env.Register(nameof(WordTokenizingTransformer)), ctx, GetVersionInfo()) => _separators = ctx.LoadNonEmptyString().ToCharArray();

    private static VersionInfo GetVersionInfo() =>
        new("WRDTOKNS", 0x00010001, 0x00010001, 0x00010001, typeof(WordTokenizingTransformer).Assembly.FullName, LoaderSignature);

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(GetVersionInfo());
        SaveColumns(ctx);
        ctx.SaveNonEmptyString(new string(_separators));
    }

    private protected override ColumnMap MapColumn(int pair, DataViewSchema.Column input)
    {
        TextShapes.RequireText(Host, input);
        return new ColumnMap(new VectorDataViewType(TextDataViewType.Instance), null, row => TextShapes.MakeVectorGetter<ReadOnlyMemory<char>>(row, input, AddWords));
    }

    private void AddWords(ReadOnlyMemory<char> text, List<ReadOnlyMemory<char>> words)
    {
        while (!text.IsEmpty)
        {
            int end = text.Span.IndexOfAny(_separators);
            ReadOnlyMemory<char> word = (end < 0 ? text : text[..end]).Trim(' ');
            if (!word.IsEmpty)
                words.Add(word);
            text = end < 0 ? default : text[(end + 1)..];
        }
    }
}
