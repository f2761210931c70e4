using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms.Text;
using WeightingCriteria = Microsoft.ML.Transforms.Text.NgramExtractingEstimator.WeightingCriteria;

[assembly: Microsoft.ML.LoadableClass(typeof(NgramExtractingTransformer), null, typeof(Microsoft.ML.SignatureLoadModel),
    "Ngram Transform", NgramExtractingTransformer.LoaderSignature)]

namespace Microsoft.ML.Transforms.Text;

/// <summary>Counts the known sequences in vectors of keys.</summary>
public sealed class NgramExtractingTransformer : OneToOneTransformerBase
{
    internal const string LoaderSignature = "NgramTransform";
    internal const string ExpectedType = "vector of Key type";

    private readonly NgramVocabulary _vocabulary;
    private readonly int _skipLength;
    private readonly WeightingCriteria _weighting;
    private readonly float[] _weights;

    internal NgramExtractingTransformer(IHostEnvironment env, (string OutputColumnName, string InputColumnName) column, NgramVocabulary vocabulary,
        int skipLength, WeightingCriteria weighting, float[] weights) : base(env.Register(nameof(NgramExtractingTransformer)), column)
    {
        _vocabulary = vocabulary;
        _skipLength = skipLength;
        _weighting = weighting;
        _weights = weights;
    }

    private NgramExtractingTransformer(IHostEnvironment env, ModelLoadContext ctx) : base(env.Register(nameof(NgramExtractingTransformer)), ctx, GetVersionInfo())
    {
        BinaryReader reader = ctx.Reader;
        _skipLength = reader.ReadInt32();
        _weighting = (WeightingCriteria)reader.ReadInt32();
        int longest = reader.ReadInt32();
        int count = reader.ReadInt32();
        Host.CheckDecode(longest is > 0 and <= 10 && count >= 0);
        _vocabulary = new NgramVocabulary(new int[longest]);
        var weights = new List<float>();
        for (int i = 0; i < count; i++)
        {
            byte length = reader.ReadByte();
            Host.CheckDecode(length > 0 && length <= longest);
            _vocabulary.Add(Enumerable.Range(0, length).Select(_ => reader.ReadUInt32()).ToArray());
            weights.Add(reader.ReadSingle());
        }
        _weights = [.. weights];
    }

    private static VersionInfo GetVersionInfo() =>
        new("NGRAMTRN", 0x00010003, 0x00010003, 0x00010003, typeof(NgramExtractingTransformer).Assembly.FullName, LoaderSignature);

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(GetVersionInfo());
        SaveColumns(ctx);
        ctx.Writer.Write(_skipLength);
        ctx.Writer.Write((int)_weighting);
        ctx.Writer.Write(_vocabulary.LongestLength);
        ctx.Writer.Write(_vocabulary.All.Count);
        for (int i = 0; i < _weights.Length; i++)
        {
            uint[] ngram = _vocabulary.All[i];
            ctx.Writer.Write((byte)ngram.Length);
            foreach (uint key in ngram)
                ctx.Writer.Write(key);
            ctx.Writer.Write(_weights[i]);
        }
    }

    internal static void CheckType(IHost host, DataViewSchema.Column column)
    {
        if (column.Type is not VectorDataViewType { ItemType: KeyDataViewType })
            throw host.ExceptSchemaMismatch("inputSchema", "input", column.Name, ExpectedType, column.Type.ToString());
    }

    /// <summary>Reads the keys of a row's vector, whatever their width.</summary>
    internal static Func<ReadOnlySpan<uint>> KeyReader(DataViewRow row, DataViewSchema.Column column)
    {
        var getter = (ValueGetter<VBuffer<uint>>)Conversions.MakeGetter(row, column, typeof(uint));
        VBuffer<uint> keys = default;
        VBuffer<uint> dense = default;
        return () =>
        {
            getter(ref keys);
            if (keys.IsDense)
                return keys.GetValues();
            keys.CopyToDense(ref dense);
            return dense.GetValues();
        };
    }

    private protected override ColumnMap MapColumn(int pair, DataViewSchema.Column input)
    {
        CheckType(Host, input);
        var annotations = new DataViewSchema.Annotations.Builder();
        if (_weights.Length > 0 && input.HasKeyValues())
        {
            var names = new Lazy<VBuffer<ReadOnlyMemory<char>>>(() => SlotNames(input));
            annotations.Add(AnnotationKinds.SlotNames, new VectorDataViewType(TextDataViewType.Instance, _weights.Length),
                (ref VBuffer<ReadOnlyMemory<char>> value) => names.Value.CopyTo(ref value));
        }
        return new ColumnMap(new VectorDataViewType(NumberDataViewType.Single, _weights.Length), annotations.ToAnnotations(), row => MakeGetter(row, input));
    }

    private VBuffer<ReadOnlyMemory<char>> SlotNames(DataViewSchema.Column input)
    {
        VBuffer<ReadOnlyMemory<char>> terms = default;
        input.GetKeyValues(ref terms);
        string Term(uint key) => key > 0 && key <= terms.Length ? terms.GetItemOrDefault((int)key - 1).ToString() : "*";
        return new VBuffer<ReadOnlyMemory<char>>(_weights.Length,
            _vocabulary.All.Select(ngram => string.Join('|', ngram.Select(Term)).AsMemory()).ToArray());
    }

    private Delegate MakeGetter(DataViewRow row, DataViewSchema.Column input)
    {
        Func<ReadOnlySpan<uint>> read = KeyReader(row, input);
        var counts = new SortedDictionary<int, int>();
        void Count(ReadOnlySpan<uint> ngram)
        {
            if (_vocabulary.Find(ngram) is var number and >= 0)
                counts[number] = counts.GetValueOrDefault(number) + 1;
        }
        return (ValueGetter<VBuffer<float>>)((ref VBuffer<float> value) =>
        {
            counts.Clear();
            _vocabulary.Visit(read(), _skipLength, Count);
            VBufferEditor<float> editor = VBufferEditor.Create(ref value, _weights.Length, counts.Count, requireIndicesOnDense: true);
            int stored = 0;
            foreach ((int number, int count) in counts)
            {
                editor.Indices[stored] = number;
                editor.Values[stored++] = _weighting == WeightingCriteria.Idf ? _weights[number] : count * _weights[number];
            }
            value = editor.Commit();
        });
    }
}
