namespace Packages.MLNet.Tests;

public class EnumerableTests
{
    private readonly MLContext _ml = new(1);

    private sealed class Row
    {
        public string Text { get; set; }
        public float Number;
        public bool Flag { get; set; }

        [ColumnName("Renamed")]
        public int Original { get; set; }

        [VectorType(3)]
        public float[] Fixed { get; set; }

        public string[] Words { get; set; }

        [KeyType(4)]
        public uint Key { get; set; }

        [NoColumn]
        public object Ignored { get; set; }

        public const int Constant = 3;
    }

    private static Row[] Rows =>
    [
        new() { Text = "one", Number = 1, Flag = true, Original = 11, Fixed = [1, 2, 3], Words = ["a", "b"], Key = 0 },
        new() { Text = null, Number = 2, Original = 12, Fixed = [4, 5, 6], Words = [], Key = 3 },
        new() { Text = "", Number = float.NaN, Original = 13, Fixed = [7, 8, 9], Words = null, Key = 9 },
    ];

    [Fact]
    public void Members_become_columns()
    {
        DataViewSchema schema = _ml.Data.LoadFromEnumerable(Rows).Schema;

        Assert.Equal("Number: Single", schema["Number"].ToString());
        Assert.Equal("Text: String", schema["Text"].ToString());
        Assert.Equal("Flag: Boolean", schema["Flag"].ToString());
        Assert.Equal("Renamed: Int32", schema["Renamed"].ToString());
        Assert.Equal("Fixed: Vector<Single, 3>", schema["Fixed"].ToString());
        Assert.Equal("Words: Vector<String>", schema["Words"].ToString());
        Assert.Equal("Key: Key<UInt32, 0-3>", schema["Key"].ToString());
        Assert.Equal(7, schema.Count);
        Assert.Equal("Number", schema[0].Name);
    }

    [Fact]
    public void Values_come_back_as_they_went_in()
    {
        Row[] read = _ml.Data.CreateEnumerable<Row>(_ml.Data.LoadFromEnumerable(Rows), reuseRowObject: false).ToArray();

        Assert.Equal(3, read.Length);
        Assert.Equal("one", read[0].Text);
        Assert.Equal("", read[1].Text);
        Assert.True(read[0].Flag);
        Assert.Equal([7, 8, 9], read[2].Fixed);
        Assert.Equal(["a", "b"], read[0].Words);
        Assert.True(read[1].Words is null or []);
        Assert.Equal(12, read[1].Original);
        Assert.True(float.IsNaN(read[2].Number));
    }

    [Fact]
    public void Key_values_are_counted_from_one_and_missing_beyond_the_count()
    {
        IDataView data = _ml.Data.LoadFromEnumerable(Rows);

        Assert.Equal([1u, 4u, 0u], data.GetColumn<uint>("Key"));
    }

    [Fact]
    public void A_reused_object_is_one_object()
    {
        IDataView data = _ml.Data.LoadFromEnumerable(Rows);

        Assert.Single(_ml.Data.CreateEnumerable<Row>(data, reuseRowObject: true).Distinct());
        Assert.Equal(3, _ml.Data.CreateEnumerable<Row>(data, reuseRowObject: false).Distinct().Count());
    }

    private sealed class Wider
    {
        public string Text { get; set; }
        public float Other { get; set; }
    }

    [Fact]
    public void A_missing_column_is_an_error_unless_ignored()
    {
        IDataView data = _ml.Data.LoadFromEnumerable(Rows);

        var exception = Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Data.CreateEnumerable<Wider>(data, false).ToArray());

        Assert.Contains("Could not find  column 'Other'", exception.Message);
        Assert.Equal(["one", "", ""], _ml.Data.CreateEnumerable<Wider>(data, false, ignoreMissingColumns: true).Select(row => row.Text));
    }

    private sealed class Mistyped
    {
        public int Text { get; set; }
    }

    [Fact]
    public void A_member_of_another_type_is_an_error_with_both_types()
    {
        IDataView data = _ml.Data.LoadFromEnumerable(Rows);

        var exception = Assert.Throws<InvalidOperationException>(() => _ml.Data.CreateEnumerable<Mistyped>(data, false).ToArray());

        Assert.Equal("Can't bind the IDataView column 'Text' of type 'String' to field or property 'Text' of type 'System.Int32'.", exception.Message);
    }

    private sealed class Unsupported
    {
        public decimal Price { get; set; }
    }

    private sealed class Nullable
    {
        public float? Value { get; set; }
    }

    private sealed class NotAVector
    {
        [VectorType(2)]
        public float Value { get; set; }
    }

    private sealed class BadKey
    {
        [KeyType(2)]
        public int Value { get; set; }
    }

    private sealed class Duplicate
    {
        public float Value { get; set; }

        [ColumnName("Value")]
        public float Other { get; set; }
    }

    [Fact]
    public void Members_that_cannot_be_columns_are_named()
    {
        Assert.Contains("Could not determine an IDataView type and registered custom types for member Price", Error<Unsupported>());
        Assert.Contains("Could not determine an IDataView type and registered custom types for member Value", Error<Nullable>());
        Assert.Contains("Member Value marked with VectorTypeAttribute, but does not appear to be a vector type", Error<NotAVector>());
        Assert.Contains("Member Value marked with KeyType attribute, but does not appear to be a valid kind of data for a key type", Error<BadKey>());
        Assert.Contains("Duplicate column name 'Value' detected, this is disallowed", Error<Duplicate>());
    }

    private string Error<T>() where T : class =>
        Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Data.LoadFromEnumerable(Array.Empty<T>())).Message;

    [Fact]
    public void A_schema_definition_overrides_names_and_types()
    {
        SchemaDefinition definition = SchemaDefinition.Create(typeof(Row));
        definition["Words"].ColumnName = "Tokens";
        definition["Fixed"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, 3);
        definition["Number"].AddAnnotation("IsNormalized", true, BooleanDataViewType.Instance);

        DataViewSchema schema = _ml.Data.LoadFromEnumerable(Rows, definition).Schema;

        Assert.NotNull(schema.GetColumnOrNull("Tokens"));
        Assert.Null(schema.GetColumnOrNull("Words"));
        Assert.True(schema["Number"].IsNormalized());
    }

    [Fact]
    public void A_null_row_is_an_error()
    {
        IDataView data = _ml.Data.LoadFromEnumerable(new Row[] { null });

        Assert.Throws<InvalidOperationException>(() => data.GetColumn<float>("Number").ToArray());
    }

    [Fact]
    public void Every_pass_enumerates_the_source_anew_and_only_when_asked()
    {
        int enumerations = 0;
        IEnumerable<Row> Source()
        {
            enumerations++;
            foreach (Row row in Rows)
                yield return row;
        }
        IDataView data = _ml.Data.LoadFromEnumerable(Source());

        Assert.Equal(0, enumerations);
        Assert.Null(data.GetRowCount());
        _ = data.GetColumn<float>("Number").ToArray();
        _ = data.GetColumn<float>("Number").ToArray();
        Assert.Equal(2, enumerations);
        Assert.Equal(3, _ml.Data.LoadFromEnumerable(Rows.ToList()).GetRowCount());
    }

    [Fact]
    public void GetColumn_converts_text_and_vectors()
    {
        IDataView data = _ml.Data.LoadFromEnumerable(Rows);

        Assert.Equal(["one", "", ""], data.GetColumn<string>("Text"));
        Assert.Equal([4f, 5, 6], data.GetColumn<float[]>("Fixed").ElementAt(1));
        Assert.Equal(["a", "b"], data.GetColumn<string[]>("Words").First());
        Assert.Equal(3, data.GetColumn<VBuffer<float>>("Fixed").First().Length);
        Assert.ThrowsAny<Exception>(() => data.GetColumn<double>("Number").ToArray());
    }

    [Fact]
    public void A_cursor_gives_only_active_columns_and_only_while_on_a_row()
    {
        IDataView data = _ml.Data.LoadFromEnumerable(Rows);
        using DataViewRowCursor cursor = data.GetRowCursor([data.Schema["Number"]]);

        Assert.Equal(-1, cursor.Position);
        Assert.True(cursor.IsColumnActive(data.Schema["Number"]));
        Assert.False(cursor.IsColumnActive(data.Schema["Text"]));
        Assert.ThrowsAny<Exception>(() => cursor.GetGetter<ReadOnlyMemory<char>>(data.Schema["Text"]));
        Assert.Throws<InvalidOperationException>(() => cursor.GetGetter<double>(data.Schema["Number"]));
        ValueGetter<float> getter = cursor.GetGetter<float>(data.Schema["Number"]);
        float value = 0;
        Assert.True(cursor.MoveNext());
        getter(ref value);
        Assert.Equal(1, value);
        Assert.Equal(0, cursor.Position);
    }

    [Fact]
    public void A_preview_shows_rows_and_columns()
    {
        DataDebuggerPreview preview = _ml.Data.LoadFromEnumerable(Rows).Preview(maxRows: 2);

        Assert.Equal(2, preview.RowView.Length);
        Assert.Equal(7, preview.ColumnView.Length);
        Assert.Equal("Number", preview.RowView[0].Values[0].Key);
        Assert.Equal(1f, preview.ColumnView[0].Values[0]);
    }
}
