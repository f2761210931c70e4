using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms.Text;

[assembly: Microsoft.ML.LoadableClass(typeof(TokenizingByCharactersTransformer), null, typeof(Microsoft.ML.SignatureLoadModel),
    "Character Tokenizer Transform", TokenizingByCharactersTransformer.LoaderSignature)]

namespace Microsoft.ML.Transforms.Text;

public sealed class TokenizingByCharactersEstimator : TrivialEstimator<TokenizingByCharactersTransformer>
{
    internal TokenizingByCharactersEstimator(IHostEnvironment env, bool useMarkers, params (string OutputColumnName, string InputColumnName)[] columns)
        : base(env.Register(nameof(TokenizingByCharactersEstimator)), new TokenizingByCharactersTransformer(env, useMarkers, columns))
    {
    }

    public override SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        Host.CheckValue(inputSchema, nameof(inputSchema));
        return inputSchema.With(Transformer.ColumnPairs.Select(pair =>
        {
            SchemaShape.Column source = TextShapes.RequireText(Host, inputSchema, pair.InputColumnName);
            var annotations = new SchemaShape(Shapes.Pick(source.Annotations, AnnotationKinds.SlotNames)
                .Append(Shapes.Annotation(AnnotationKinds.KeyValues, TextDataViewType.Instance)));
            return new SchemaShape.Column(pair.OutputColumnName, SchemaShape.Column.VectorKind.VariableVector, NumberDataViewType.UInt16, true, annotations);
        }));
    }
}

/// <summary>The characters of text as keys, between marks of start and end.</summary>
public sealed class TokenizingByCharactersTransformer : OneToOneTransformerBase
{
    internal const string LoaderSignature = "CharToken";
    private const ushort StartMark = 2;
    private const ushort EndMark = 3;

    private static readonly Lazy<VBuffer<ReadOnlyMemory<char>>> CharacterNames = new(() => new VBuffer<ReadOnlyMemory<char>>(char.MaxValue,
        Enumerable.Range(1, char.MaxValue).Select(code => NameOf((char)code).AsMemory()).ToArray()));

    private readonly bool _useMarkers;

    internal TokenizingByCharactersTransformer(IHostEnvironment env, bool useMarkers, params (string OutputColumnName, string InputColumnName)[] columns)
        : base(env.Register(nameof(TokenizingByCharactersTransformer)), columns) => _useMarkers = useMarkers;

    private TokenizingByCharactersTransformer(IHostEnvironment env, ModelLoadContext ctx)
        : base(env.Register(nameof(TokenizingByCharactersTransformer)), ctx, GetVersionInfo()) => _useMarkers = ctx.Reader.ReadBoolean();

    private static VersionInfo GetVersionInfo() =>
        new("CHARTOKN", 0x00010002, 0x00010002, 0x00010002, typeof(TokenizingByCharactersTransformer).Assembly.FullName, LoaderSignature);

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(GetVersionInfo());
        SaveColumns(ctx);
        ctx.Writer.Write(_useMarkers);
    }

    private protected override ColumnMap MapColumn(int pair, DataViewSchema.Column input)
    {
        TextShapes.RequireText(Host, input);
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.Add(AnnotationKinds.KeyValues, new VectorDataViewType(TextDataViewType.Instance, char.MaxValue),
            (ref VBuffer<ReadOnlyMemory<char>> value) => CharacterNames.Value.CopyTo(ref value));
        return new ColumnMap(new VectorDataViewType(new KeyDataViewType(typeof(ushort), char.MaxValue)), annotations.ToAnnotations(),
            row => TextShapes.MakeVectorGetter<ushort>(row, input, AddCharacters));
    }

    private void AddCharacters(ReadOnlyMemory<char> text, List<ushort> keys)
    {
        if (_useMarkers)
            keys.Add(StartMark);
        foreach (char character in text.Span)
            keys.Add(character);
        if (_useMarkers)
            keys.Add(EndMark);
    }

    private static string NameOf(char character) => character switch
    {
        <= ' ' => $"<{(char)('\u2400' + character)}>",
        '\u007F' => "<\u2421>",
        _ when char.IsSurrogate(character) => $"\\u{((int)character).ToString("X4", CultureInfo.InvariantCulture)}",
        _ => character.ToString(),
    };
}
