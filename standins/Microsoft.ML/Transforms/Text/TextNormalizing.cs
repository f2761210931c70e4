using System.Text;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms.Text;

[assembly: Microsoft.ML.LoadableClass(typeof(TextNormalizingTransformer), null, typeof(Microsoft.ML.SignatureLoadModel),
    "Text Normalizer Transform", TextNormalizingTransformer.LoaderSignature)]

namespace Microsoft.ML.Transforms.Text;

public sealed class TextNormalizingEstimator : TrivialEstimator<TextNormalizingTransformer>
{
    internal TextNormalizingEstimator(IHostEnvironment env, TextNormalization rules, params (string OutputColumnName, string InputColumnName)[] columns)
        : base(env.Register(nameof(TextNormalizingEstimator)), new TextNormalizingTransformer(env, rules, columns))
    {
    }

    public enum CaseMode
    {
        Lower = 0,
        Upper = 1,
        None = 2,
    }

    public override SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        Host.CheckValue(inputSchema, nameof(inputSchema));
        return inputSchema.With(Transformer.ColumnPairs.Select(pair =>
        {
            SchemaShape.Column source = TextShapes.RequireText(Host, inputSchema, pair.InputColumnName);
            SchemaShape.Column.VectorKind kind = source.Kind == SchemaShape.Column.VectorKind.Scalar ? source.Kind : SchemaShape.Column.VectorKind.VariableVector;
            return new SchemaShape.Column(pair.OutputColumnName, kind, source.ItemType, false);
        }));
    }
}

/// <summary>What normalized text keeps.</summary>
internal readonly record struct TextNormalization(TextNormalizingEstimator.CaseMode Case, bool KeepDiacritics, bool KeepPunctuations, bool KeepNumbers);

/// <summary>Changes the case of text, and takes diacritics, punctuation and numbers out of it.</summary>
public sealed class TextNormalizingTransformer : OneToOneTransformerBase
{
    internal const string LoaderSignature = "TextNormalizerTransform";

    private readonly TextNormalization _rules;

    internal TextNormalizingTransformer(IHostEnvironment env, TextNormalization rules, params (string OutputColumnName, string InputColumnName)[] columns)
        : base(env.Register(nameof(TextNormalizingTransformer)), columns) => _rules = rules;

    private TextNormalizingTransformer(IHostEnvironment env, ModelLoadContext ctx)
        : base(env.Register(nameof(TextNormalizingTransformer)), ctx, GetVersionInfo()) =>
        _rules = new((TextNormalizingEstimator.CaseMode)ctx.Reader.ReadInt32(), ctx.Reader.ReadBoolean(), ctx.Reader.ReadBoolean(), ctx.Reader.ReadBoolean());

    private static VersionInfo GetVersionInfo() =>
        new("TEXTNORM", 0x00010001, 0x00010001, 0x00010001, typeof(TextNormalizingTransformer).Assembly.FullName, LoaderSignature);

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(GetVersionInfo());
        SaveColumns(ctx);
        ctx.Writer.Write((int)_rules.Case);
        ctx.Writer.Write(_rules.KeepDiacritics);
        ctx.Writer.Write(_rules.KeepPunctuations);
        ctx.Writer.Write(_rules.KeepNumbers);
    }

    private protected override ColumnMap MapColumn(int pair, DataViewSchema.Column input)
    {
        TextShapes.RequireText(Host, input);
        if (input.Type is not VectorDataViewType)
            return new ColumnMap(TextDataViewType.Instance, null, row => ValueMaps.MakeGetter<ReadOnlyMemory<char>, ReadOnlyMemory<char>>(row, input, Normalize));
        return new ColumnMap(new VectorDataViewType(TextDataViewType.Instance), null, row => TextShapes.MakeVectorGetter<ReadOnlyMemory<char>>(row, input,
            (text, items) =>
            {
                if (Normalize(text) is { IsEmpty: false } normalized)
                    items.Add(normalized);
            }));
    }

    private ReadOnlyMemory<char> Normalize(ReadOnlyMemory<char> text)
    {
        var result = new StringBuilder(text.Length);
        foreach (char original in text.Span)
        {
            char character = original;
            if ((!_rules.KeepPunctuations && char.IsPunctuation(character)) || (!_rules.KeepNumbers && char.IsNumber(character)))
                continue;
            if (!_rules.KeepDiacritics)
            {
                if (character is >= '\u0300' and <= '\u036F')
                    continue;
                character = Diacritics.Remove(character);
            }
            result.Append(_rules.Case switch
            {
                TextNormalizingEstimator.CaseMode.Lower => char.ToLowerInvariant(character),
                TextNormalizingEstimator.CaseMode.Upper => char.ToUpperInvariant(character),
                _ => character,
            });
        }
        return result.ToString().AsMemory();
    }
}
