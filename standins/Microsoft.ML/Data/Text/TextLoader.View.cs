using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

public sealed partial class TextLoader
{
    /// <summary>A column with the fields that it is read from, and where the fields go on to the end of each line.</summary>
    private sealed record BoundColumn(string Name, DataViewType Type, int[] FixedFields, int? VariableStart)
    {
        public static BoundColumn Create(IHost host, Column column, Lazy<int> fieldCount)
        {
            host.CheckNonWhiteSpace(column.Name, nameof(column.Name));
            host.CheckUserArg(column.Source is { Length: > 0 }, nameof(column.Source), "Must specify some source column indices");
            PrimitiveDataViewType itemType = PrimitiveTypes.FromKind(column.DataKind);
            if (column.KeyCount is { } key)
                itemType = new KeyDataViewType(itemType.RawType, key.Count ?? (itemType.RawType == typeof(byte) ? byte.MaxValue : uint.MaxValue));
            var fields = new List<int>();
            int? variableStart = null;
            foreach (Range range in column.Source)
            {
                host.CheckUserArg(range.Min >= 0 && (range.Max is null || range.Min <= range.Max), nameof(range.Min), "Must not be negative, nor beyond the maximum");
                if (range.VariableEnd && range.Max is null)
                {
                    variableStart = range.Min;
                    continue;
                }
                int last = range.Max ?? (range.AutoEnd ? fieldCount.Value - 1 : range.Min);
                if (range.AutoEnd && range.Min > last)
                    throw host.ExceptUserArg(nameof(range.Min), "Column #{0} not found in the dataset (it only has {1} columns)", range.Min, fieldCount.Value);
                fields.AddRange(Enumerable.Range(range.Min, last - range.Min + 1));
            }
            bool isScalar = variableStart is null && fields.Count == 1 && column.Source is [{ ForceVector: false, AutoEnd: false }];
            DataViewType type = isScalar ? itemType : new VectorDataViewType(itemType, variableStart is null ? fields.Count : 0);
            return new BoundColumn(column.Name.Trim(), type, [.. fields], variableStart);
        }
    }

    /// <summary>The fields of the line that a cursor is at.</summary>
    private sealed class CurrentLine(Options options)
    {
        private readonly FieldSplitter _splitter = new(options);
        private Dictionary<int, ReadOnlyMemory<char>> _sparse;
        private List<ReadOnlyMemory<char>> _dense;

        public long Number { get; private set; }
        public int FieldCount { get; private set; }

        public void Read((string Text, long Number) line)
        {
            (_sparse, _dense, FieldCount) = _splitter.Split(line.Text);
            Number = line.Number;
        }

        public ReadOnlyMemory<char> Field(int index) => index < _dense.Count ? _dense[index]
            : _sparse is not null && _sparse.TryGetValue(index, out ReadOnlyMemory<char> value) ? value
            : default;
    }

    private sealed class View(TextLoader loader, IMultiStreamSource files) : IDataView
    {
        public bool CanShuffle => false;
        public DataViewSchema Schema => loader._schema;
        public long? GetRowCount() => null;

        public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null) =>
            new Cursor(loader, files, Columns.Flags(columnsNeeded, Schema));

        public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null) =>
            [GetRowCursor(columnsNeeded, rand)];
    }

    private sealed class Cursor : RootCursor
    {
        private static readonly GenericMethod GetterMaker = new(typeof(Cursor), nameof(MakeGetter));

        private readonly IEnumerator<(string, long)> _lines;
        private readonly CurrentLine _line;
        private readonly Options _options;

        public Cursor(TextLoader loader, IMultiStreamSource files, bool[] active) : base(loader._schema)
        {
            _options = loader._options;
            _line = new CurrentLine(_options);
            _lines = LineReader.ReadRows(_options, files).GetEnumerator();
            Getters = loader._columns.Select((column, i) =>
                active[i] ? GetterMaker.Call<Delegate>(column.Type.ItemType().RawType, this, column) : null).ToArray();
        }

        protected override bool MoveNextCore()
        {
            if (Position + 1 >= (_options.MaxRows ?? long.MaxValue) || !_lines.MoveNext())
                return false;
            _line.Read(_lines.Current);
            return true;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                _lines.Dispose();
            base.Dispose(disposing);
        }

        private static Delegate MakeGetter<T>(Cursor cursor, BoundColumn column)
        {
            Func<int, T> read = cursor.FieldReader<T>(column);
            if (column.Type is not VectorDataViewType)
            {
                int only = column.FixedFields[0];
                return (ValueGetter<T>)((ref T value) =>
                {
                    cursor.CheckPosition();
                    value = read(only);
                });
            }
            return (ValueGetter<VBuffer<T>>)((ref VBuffer<T> value) =>
            {
                cursor.CheckPosition();
                int variable = column.VariableStart is { } start ? Math.Max(0, cursor._line.FieldCount - start) : 0;
                VBufferEditor<T> editor = VBufferEditor.Create(ref value, column.FixedFields.Length + variable);
                for (int i = 0; i < column.FixedFields.Length; i++)
                    editor.Values[i] = read(column.FixedFields[i]);
                for (int i = 0; i < variable; i++)
                    editor.Values[column.FixedFields.Length + i] = read(column.VariableStart.Value + i);
                value = editor.Commit();
            });
        }

        // Text is taken as it is. A number that cannot be read is NaN where the type has it, and an error where it has not.
        private Func<int, T> FieldReader<T>(BoundColumn column)
        {
            if (typeof(T) == typeof(ReadOnlyMemory<char>))
                return (Func<int, T>)(Delegate)(Func<int, ReadOnlyMemory<char>>)_line.Field;
            ValueParsing.Parser<T> parse = ValueParsing.For<T>();
            bool isReal = typeof(T) == typeof(float) || typeof(T) == typeof(double);
            ulong keyCount = (column.Type.ItemType() as KeyDataViewType)?.Count ?? 0;
            return field =>
            {
                ReadOnlySpan<char> text = _line.Field(field).Span;
                if (text.IsEmpty && isReal && _options.MissingRealsAsNaNs)
                    text = "?";
                bool understood = parse(text, out T value);
                if (keyCount > 0)
                    return KeyOf(text, understood, value, keyCount);
                if (understood || isReal)
                    return value;
                throw Contracts.ExceptDecode(null, Contracts.Except(null, $"Could not parse value {text} in line {_line.Number}, column {column.Name}"),
                    $"Parsing failed with an exception: Could not parse value {text} in line {_line.Number}, column {column.Name}");
            };
        }

        // Files count key values from 0, columns from 1.
        private static T KeyOf<T>(ReadOnlySpan<char> text, bool understood, T value, ulong count)
        {
            ulong key = Convert.ToUInt64(value);
            return text.IsEmpty || !understood || key >= count ? default : (T)Convert.ChangeType(key + 1, typeof(T));
        }
    }
}
