using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

[assembly: Microsoft.ML.LoadableClass(typeof(ColumnConcatenatingTransformer), null, typeof(Microsoft.ML.SignatureLoadModel),
    "Concat Transform", ColumnConcatenatingTransformer.LoaderSignature)]

namespace Microsoft.ML.Data;

/// <summary>Joins columns of one item type into a vector.</summary>
public sealed class ColumnConcatenatingTransformer : RowToRowTransformerBase
{
    internal const string LoaderSignature = "ConcatTransform";

    private readonly string _outputColumnName;
    private readonly string[] _inputColumnNames;

    // What stands before the slot names of each input; nothing stands there where it is empty.
    private readonly string[] _prefixes;

    internal ColumnConcatenatingTransformer(IHostEnvironment env, string outputColumnName, string[] inputColumnNames, string[] prefixes = null)
        : base(env.Register(nameof(ColumnConcatenatingTransformer)))
    {
        _outputColumnName = outputColumnName;
        _inputColumnNames = inputColumnNames;
        _prefixes = prefixes ?? inputColumnNames;
    }

    private ColumnConcatenatingTransformer(IHostEnvironment env, ModelLoadContext ctx) : base(env.Register(nameof(ColumnConcatenatingTransformer)))
    {
        ctx.CheckAtModel(GetVersionInfo());
        _outputColumnName = ctx.LoadNonEmptyString();
        _inputColumnNames = new string[ctx.Reader.ReadInt32()];
        _prefixes = new string[_inputColumnNames.Length];
        for (int i = 0; i < _inputColumnNames.Length; i++)
        {
            _inputColumnNames[i] = ctx.LoadNonEmptyString();
            _prefixes[i] = ctx.LoadString();
        }
    }

    private static VersionInfo GetVersionInfo() =>
        new("CONCAT F", 0x00010003, 0x00010003, 0x00010003, typeof(ColumnConcatenatingTransformer).Assembly.FullName, LoaderSignature);

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(GetVersionInfo());
        ctx.SaveNonEmptyString(_outputColumnName);
        ctx.Writer.Write(_inputColumnNames.Length);
        for (int i = 0; i < _inputColumnNames.Length; i++)
        {
            ctx.SaveNonEmptyString(_inputColumnNames[i]);
            ctx.SaveString(_prefixes[i]);
        }
    }

    private protected override IColumnMapper MakeMapper(DataViewSchema inputSchema) => new Mapper(this, inputSchema);

    private sealed class Mapper : IColumnMapper
    {
        private static readonly GenericMethod Joiner = new(typeof(Mapper), nameof(MakeGetter));

        private readonly DataViewSchema.Column[] _inputs;
        private readonly string[] _prefixes;
        private readonly DataViewType _itemType;

        public Mapper(ColumnConcatenatingTransformer parent, DataViewSchema inputSchema)
        {
            _inputs = parent._inputColumnNames.Select(name => inputSchema.Require(parent.Host, nameof(inputSchema), "input", name)).ToArray();
            _prefixes = parent._prefixes;
            _itemType = _inputs[0].Type.ItemType();
            foreach (DataViewSchema.Column input in _inputs.Where(input => !input.Type.ItemType().Equals(_itemType)))
                throw parent.Host.ExceptSchemaMismatch(nameof(inputSchema), "input", input.Name, _itemType.ToString(), input.Type.ToString());
            OutputColumns = [_inputs is [{ Type: VectorDataViewType } only]
                ? new DataViewSchema.DetachedColumn(parent._outputColumnName, only.Type, only.Annotations)
                : new DataViewSchema.DetachedColumn(parent._outputColumnName, new VectorDataViewType((PrimitiveDataViewType)_itemType, Size()), Annotate())];
        }

        public IReadOnlyList<DataViewSchema.DetachedColumn> OutputColumns { get; }
        public IEnumerable<int> InputsOf(int output) => _inputs.Select(input => input.Index);

        public Delegate[] CreateGetters(DataViewRow input, bool[] activeOutputs) =>
            [activeOutputs[0] ? Joiner.Call<Delegate>(_itemType.RawType, input, _inputs) : null];

        private static int SizeOf(DataViewSchema.Column column) => column.Type is VectorDataViewType vector ? vector.Size : 1;

        private int Size() => _inputs.Any(input => SizeOf(input) == 0) ? 0 : _inputs.Sum(SizeOf);

        private DataViewSchema.Annotations Annotate()
        {
            var builder = new DataViewSchema.Annotations.Builder();
            int size = Size();
            if (_itemType is NumberDataViewType && _inputs.All(input => input.IsNormalized()))
                builder.AddPrimitiveValue(AnnotationKinds.IsNormalized, BooleanDataViewType.Instance, true);
            if (size == 0 || _inputs.All(input => input.Type is VectorDataViewType && !input.HasSlotNames()))
                return builder.ToAnnotations();
            var names = new VBuffer<ReadOnlyMemory<char>>(size, _inputs.Zip(_prefixes).SelectMany(pair => NamesOf(pair.First, pair.Second)).ToArray());
            builder.Add(AnnotationKinds.SlotNames, new VectorDataViewType(TextDataViewType.Instance, size),
                (ref VBuffer<ReadOnlyMemory<char>> value) => names.CopyTo(ref value));
            return builder.ToAnnotations();
        }

        private static IEnumerable<ReadOnlyMemory<char>> NamesOf(DataViewSchema.Column column, string prefix)
        {
            if (column.Type is not VectorDataViewType vector)
                return [(prefix.Length > 0 ? prefix : column.Name).AsMemory()];
            if (!column.HasSlotNames())
                return Enumerable.Repeat(ReadOnlyMemory<char>.Empty, vector.Size);
            VBuffer<ReadOnlyMemory<char>> names = default;
            column.GetSlotNames(ref names);
            return names.DenseValues().Select(name => name.IsEmpty || prefix.Length == 0 ? name : $"{prefix}.{name}".AsMemory());
        }

        private static Delegate MakeGetter<T>(DataViewRow row, DataViewSchema.Column[] inputs)
        {
            ValueGetter<VBuffer<T>>[] parts = inputs.Select(input => PartGetter<T>(row, input)).ToArray();
            var buffers = new VBuffer<T>[parts.Length];
            return (ValueGetter<VBuffer<T>>)((ref VBuffer<T> value) =>
            {
                for (int i = 0; i < parts.Length; i++)
                    parts[i](ref buffers[i]);
                VBufferEditor<T> editor = VBufferEditor.Create(ref value, buffers.Sum(part => part.Length), buffers.Sum(part => part.GetValues().Length));
                int stored = 0;
                int offset = 0;
                foreach (VBuffer<T> part in buffers)
                {
                    ReadOnlySpan<T> values = part.GetValues();
                    values.CopyTo(editor.Values[stored..]);
                    for (int i = 0; i < values.Length && !editor.Indices.IsEmpty; i++)
                        editor.Indices[stored + i] = offset + (part.IsDense ? i : part.GetIndices()[i]);
                    stored += values.Length;
                    offset += part.Length;
                }
                value = editor.Commit();
            });
        }

        private static ValueGetter<VBuffer<T>> PartGetter<T>(DataViewRow row, DataViewSchema.Column column)
        {
            if (column.Type is VectorDataViewType)
                return row.GetGetter<VBuffer<T>>(column);
            ValueGetter<T> getter = row.GetGetter<T>(column);
            T[] single = new T[1];
            return (ref VBuffer<T> value) =>
            {
                getter(ref single[0]);
                value = new VBuffer<T>(1, single);
            };
        }
    }
}
