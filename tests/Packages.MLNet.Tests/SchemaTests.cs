namespace Packages.MLNet.Tests;

public class SchemaTests
{
    [Fact]
    public void The_last_column_of_a_name_hides_the_others()
    {
        var builder = new DataViewSchema.Builder();
        builder.AddColumn("A", NumberDataViewType.Single);
        builder.AddColumn("B", TextDataViewType.Instance);
        builder.AddColumn("A", NumberDataViewType.Double);
        DataViewSchema schema = builder.ToSchema();

        Assert.Equal(2, schema["A"].Index);
        Assert.True(schema[0].IsHidden);
        Assert.False(schema[2].IsHidden);
        Assert.Null(schema.GetColumnOrNull("C"));
        Assert.Equal("3 columns", schema.ToString());
    }

    [Fact]
    public void An_unknown_column_is_named_in_the_error()
    {
        DataViewSchema schema = new DataViewSchema.Builder().ToSchema();

        var exception = Assert.Throws<ArgumentOutOfRangeException>(() => schema["Missing"]);

        Assert.Contains("Column 'Missing' not found", exception.Message);
        Assert.Throws<ArgumentNullException>(() => schema[""]);
        Assert.Throws<ArgumentOutOfRangeException>(() => schema[0]);
    }

    [Fact]
    public void Types_say_what_they_are()
    {
        Assert.Equal("String", TextDataViewType.Instance.ToString());
        Assert.Equal("Single", NumberDataViewType.Single.ToString());
        Assert.Equal("Boolean", BooleanDataViewType.Instance.ToString());
        Assert.Equal("Key<UInt32, 0-4>", new KeyDataViewType(typeof(uint), 5).ToString());
        Assert.Equal("Vector<Single, 3>", new VectorDataViewType(NumberDataViewType.Single, 3).ToString());
        Assert.Equal("Vector<Single>", new VectorDataViewType(NumberDataViewType.Single).ToString());
        Assert.Equal("Vector<Single, 2, *>", new VectorDataViewType(NumberDataViewType.Single, 2, 0).ToString());
        Assert.Equal("DateTime", DateTimeDataViewType.Instance.ToString());
        Assert.Equal("TimeSpan", TimeSpanDataViewType.Instance.ToString());
        Assert.Equal("DataViewRowId", RowIdDataViewType.Instance.ToString());
    }

    [Fact]
    public void Types_are_equal_by_content()
    {
        Assert.Equal(new KeyDataViewType(typeof(uint), 5), new KeyDataViewType(typeof(uint), 5));
        Assert.NotEqual(new KeyDataViewType(typeof(uint), 5), new KeyDataViewType(typeof(uint), 6));
        Assert.Equal(new VectorDataViewType(NumberDataViewType.Single, 3), new VectorDataViewType(NumberDataViewType.Single, 3));
        Assert.NotEqual(new VectorDataViewType(NumberDataViewType.Single, 3), new VectorDataViewType(NumberDataViewType.Double, 3));
        Assert.False(new VectorDataViewType(NumberDataViewType.Single).IsKnownSize);
        Assert.Equal(typeof(VBuffer<float>), new VectorDataViewType(NumberDataViewType.Single, 3).RawType);
        Assert.Equal(6, new VectorDataViewType(NumberDataViewType.Single, 2, 3).Size);
    }

    [Fact]
    public void A_key_type_needs_an_unsigned_type_and_a_count()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new KeyDataViewType(typeof(uint), 0));
        Assert.ThrowsAny<ArgumentException>(() => new KeyDataViewType(typeof(int), 3));
        Assert.True(KeyDataViewType.IsValidDataType(typeof(byte)));
        Assert.False(KeyDataViewType.IsValidDataType(typeof(long)));
    }

    [Fact]
    public void Annotations_are_read_by_kind()
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.AddPrimitiveValue("IsNormalized", BooleanDataViewType.Instance, true);
        var names = new VBuffer<ReadOnlyMemory<char>>(2, ["x".AsMemory(), "y".AsMemory()]);
        annotations.Add("SlotNames", new VectorDataViewType(TextDataViewType.Instance, 2), (ref VBuffer<ReadOnlyMemory<char>> value) => names.CopyTo(ref value));
        var builder = new DataViewSchema.Builder();
        builder.AddColumn("F", new VectorDataViewType(NumberDataViewType.Single, 2), annotations.ToAnnotations());
        DataViewSchema.Column column = builder.ToSchema()["F"];

        bool normalized = false;
        column.Annotations.GetValue("IsNormalized", ref normalized);
        VBuffer<ReadOnlyMemory<char>> read = default;
        column.GetSlotNames(ref read);

        Assert.True(normalized);
        Assert.True(column.IsNormalized());
        Assert.True(column.HasSlotNames());
        Assert.Equal(["x", "y"], read.DenseValues().Select(name => name.ToString()));
        Assert.Equal("F: Vector<Single, 2> {IsNormalized, SlotNames}", column.ToString());
        Assert.Throws<InvalidOperationException>(() => column.Annotations.GetValue("KeyValues", ref normalized));
    }

    [Fact]
    public void An_annotation_getter_must_fit_its_type()
    {
        var annotations = new DataViewSchema.Annotations.Builder();

        Assert.Throws<ArgumentException>(() => annotations.Add("X", NumberDataViewType.Single, (ref double value) => value = 1));
        Assert.Throws<ArgumentNullException>(() => annotations.Add<float>("", NumberDataViewType.Single, (ref float value) => value = 1));
    }

    [Fact]
    public void Derived_row_ids_are_reproducible_and_differ()
    {
        var id = new DataViewRowId(5, 7);

        Assert.Equal(new DataViewRowId(5, 7).Fork(), id.Fork());
        Assert.NotEqual(id.Fork(), id.Next());
        Assert.NotEqual(id.Combine(new DataViewRowId(1, 0)), id.Combine(new DataViewRowId(2, 0)));
        Assert.True(new DataViewRowId(9, 0).CompareTo(new DataViewRowId(0, 1)) < 0);
    }
}
