using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms;

[assembly: Microsoft.ML.LoadableClass(typeof(ValueToKeyMappingTransformer), null, typeof(Microsoft.ML.SignatureLoadModel),
    "Term Transform", ValueToKeyMappingTransformer.LoaderSignature)]

namespace Microsoft.ML.Transforms;

/// <summary>Replaces values by their keys; a value that was not there in training becomes the missing key.</summary>
public sealed class ValueToKeyMappingTransformer : OneToOneTransformerBase
{
    internal const string LoaderSignature = "TermTransform";
    private const string VocabularyDirectory = "Vocabulary";
    private const string RegistrationName = "Term";

    private readonly KeyVocabulary[] _vocabularies;
    private readonly bool _textAnnotations;

    internal ValueToKeyMappingTransformer(IHostEnvironment env, (string OutputColumnName, string InputColumnName)[] columns,
        KeyVocabulary[] vocabularies, bool textAnnotations) : base(env.Register(RegistrationName), columns)
    {
        _vocabularies = vocabularies;
        _textAnnotations = textAnnotations;
    }

    private ValueToKeyMappingTransformer(IHostEnvironment env, ModelLoadContext ctx) : base(env.Register(RegistrationName), ctx, GetVersionInfo())
    {
        _textAnnotations = ctx.Reader.ReadBoolean();
        _vocabularies = new KeyVocabulary[ColumnPairs.Length];
        bool found = ctx.TryProcessSubModel(VocabularyDirectory, context =>
        {
            context.CheckAtModel(GetVocabularyVersionInfo());
            for (int i = 0; i < _vocabularies.Length; i++)
                _vocabularies[i] = KeyVocabulary.Load(Host, context.Reader);
        });
        if (!found)
            throw Host.ExceptDecode("Missing {0} model", VocabularyDirectory);
    }

    private static VersionInfo GetVersionInfo() =>
        new("TERMTRNF", 0x00010003, 0x00010003, 0x00010003, typeof(ValueToKeyMappingTransformer).Assembly.FullName, LoaderSignature);

    private static VersionInfo GetVocabularyVersionInfo() =>
        new("TERM MAN", 0x00010002, 0x00010002, 0x00010002, typeof(ValueToKeyMappingTransformer).Assembly.FullName, "TermManager");

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(GetVersionInfo());
        SaveColumns(ctx);
        ctx.Writer.Write(_textAnnotations);
        ctx.SaveSubModel(VocabularyDirectory, context =>
        {
            context.CheckAtModel();
            context.SetVersionInfo(GetVocabularyVersionInfo());
            foreach (KeyVocabulary vocabulary in _vocabularies)
                vocabulary.Save(context.Writer);
        });
    }

    private protected override ColumnMap MapColumn(int pair, DataViewSchema.Column input)
    {
        KeyVocabulary vocabulary = _vocabularies[pair];
        if (!vocabulary.Type.Equals(input.Type.ItemType()))
            throw Host.Except("Could not apply a map over type '{0}' to column '{1}' since it has type '{2}'", vocabulary.Type, ColumnPairs[pair].OutputColumnName, input.Type.ItemType());
        var annotations = new DataViewSchema.Annotations.Builder();
        vocabulary.AddKeyValues(annotations, input, _textAnnotations);
        annotations.Add(input.Annotations, name => name == AnnotationKinds.SlotNames);
        return new ColumnMap(input.Type.WithItemType(vocabulary.KeyType), annotations.ToAnnotations(), row => vocabulary.MakeGetter(row, input));
    }
}
