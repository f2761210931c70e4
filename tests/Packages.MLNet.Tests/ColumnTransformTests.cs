using Microsoft.ML.Transforms;

namespace Packages.MLNet.Tests;

public class ColumnTransformTests
{
    private readonly MLContext _ml = new(1);

    private sealed class Row
    {
        public float A { get; set; }
        public float B { get; set; }
        public int C { get; set; }
        public string Text { get; set; }

        [VectorType(2)]
        public float[] V { get; set; }

        public float[] Any { get; set; }
    }

    private IDataView Data => _ml.Data.LoadFromEnumerable(new[]
    {
        new Row { A = 1, B = 2, C = 3, Text = "x", V = [4, 5], Any = [6] },
        new Row { A = 7, B = 8, C = 9, Text = "y", V = [10, 11], Any = [] },
    });

    [Fact]
    public void A_copy_has_the_type_values_and_annotations_of_its_source()
    {
        IDataView copied = _ml.Transforms.Conversion.MapValueToKey("Key", "Text").Append(_ml.Transforms.CopyColumns("Copy", "Key")).Fit(Data).Transform(Data);

        Assert.Equal(copied.Schema["Key"].Type, copied.Schema["Copy"].Type);
        Assert.True(copied.Schema["Copy"].HasKeyValues());
        Assert.Equal([1u, 2u], copied.GetColumn<uint>("Copy"));
        var exception = Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Transforms.CopyColumns("A", "Nothing").Fit(Data));
        Assert.Contains("Could not find input column 'Nothing'", exception.Message);
    }

    [Fact]
    public void A_column_of_the_same_name_hides_its_source()
    {
        IDataView copied = _ml.Transforms.CopyColumns("A", "B").Fit(Data).Transform(Data);

        Assert.Equal([2f, 8], copied.GetColumn<float>("A"));
        Assert.True(copied.Schema[0].IsHidden);
    }

    [Fact]
    public void Scalars_and_vectors_are_joined_with_their_names()
    {
        IDataView joined = _ml.Transforms.Concatenate("F", "A", "V", "B").Fit(Data).Transform(Data);

        Assert.Equal("Vector<Single, 4>", joined.Schema["F"].Type.ToString());
        Assert.Equal([7f, 10, 11, 8], joined.GetColumn<float[]>("F").Last());
        VBuffer<ReadOnlyMemory<char>> names = default;
        joined.Schema["F"].GetSlotNames(ref names);
        Assert.Equal(["A", "", "", "B"], names.DenseValues().Select(name => name.ToString()));
    }

    [Fact]
    public void Nested_names_are_qualified()
    {
        IDataView joined = _ml.Transforms.Concatenate("F", "A", "B").Append(_ml.Transforms.Concatenate("G", "F", "A")).Fit(Data).Transform(Data);

        VBuffer<ReadOnlyMemory<char>> names = default;
        joined.Schema["G"].GetSlotNames(ref names);
        Assert.Equal(["F.A", "F.B", "A"], names.DenseValues().Select(name => name.ToString()));
    }

    [Fact]
    public void A_part_of_any_length_makes_a_vector_of_any_length()
    {
        IDataView joined = _ml.Transforms.Concatenate("F", "A", "Any").Fit(Data).Transform(Data);

        Assert.Equal("Vector<Single>", joined.Schema["F"].Type.ToString());
        Assert.Equal([1f, 6], joined.GetColumn<float[]>("F").First());
        Assert.Equal([7f], joined.GetColumn<float[]>("F").Last());
    }

    [Fact]
    public void Different_types_are_not_joined()
    {
        var early = Assert.Throws<InvalidOperationException>(() => _ml.Transforms.Concatenate("F", "A", "C").Append(_ml.Transforms.CopyColumns("G", "F")).Fit(Data));
        Assert.Equal("Concatenated columns should have the same type. Column 'C' has type of Int32, but expected column type is Single.", early.Message);

        var late = Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Transforms.Concatenate("F", "A", "C").Fit(Data).Transform(Data));
        Assert.Contains("Schema mismatch for input column 'C': expected Single, got Int32", late.Message);
    }

    [Fact]
    public void Columns_are_kept_in_the_order_asked_for_or_dropped()
    {
        Assert.Equal(["Text", "A"], Names(_ml.Transforms.SelectColumns("Text", "A")));
        Assert.Equal(["C", "Text", "V", "Any"], Names(_ml.Transforms.DropColumns("A", "B")));
        var exception = Assert.Throws<ArgumentOutOfRangeException>(() => Names(_ml.Transforms.SelectColumns("Nope")));
        Assert.Contains("Could not find input column 'Nope'", exception.Message);
    }

    [Fact]
    public void Hidden_columns_are_kept_only_when_asked_for()
    {
        IDataView hidden = _ml.Transforms.CopyColumns("A", "B").Fit(Data).Transform(Data);

        Assert.Single(_ml.Transforms.SelectColumns("A").Fit(hidden).Transform(hidden).Schema);
        Assert.Equal(2, _ml.Transforms.SelectColumns(["A"], keepHidden: true).Fit(hidden).Transform(hidden).Schema.Count);
    }

    [Fact]
    public void Values_follow_a_selection()
    {
        IDataView selected = _ml.Transforms.SelectColumns("V", "Text").Fit(Data).Transform(Data);

        Assert.Equal(["x", "y"], selected.GetColumn<string>("Text"));
        Assert.Equal([10f, 11], selected.GetColumn<float[]>("V").Last());
        Assert.Equal(2, selected.GetRowCount());
    }

    private string[] Names(ColumnSelectingEstimator estimator) => estimator.Fit(Data).Transform(Data).Schema.Select(column => column.Name).ToArray();

    public sealed class Source
    {
        public float A { get; set; }
        public string Text { get; set; }
    }

    public sealed class Result
    {
        public float Double { get; set; }
        public string Upper { get; set; }
    }

    [CustomMappingFactoryAttribute("double and upper")]
    public sealed class DoubleAndUpper : CustomMappingFactory<Source, Result>
    {
        public static int Calls;

        public static void Map(Source source, Result result)
        {
            Interlocked.Increment(ref Calls);
            result.Double = 2 * source.A;
            result.Upper = source.Text.ToUpperInvariant();
        }

        public override Action<Source, Result> GetMapping() => Map;
    }

    [Fact]
    public void A_function_is_called_once_per_row()
    {
        IDataView mapped = _ml.Transforms.CustomMapping<Source, Result>(DoubleAndUpper.Map, null).Fit(Data).Transform(Data);
        DoubleAndUpper.Calls = 0;

        Result[] results = _ml.Data.CreateEnumerable<Result>(mapped, false).ToArray();

        Assert.Equal([2f, 14], results.Select(result => result.Double));
        Assert.Equal(["X", "Y"], results.Select(result => result.Upper));
        Assert.Equal(2, DoubleAndUpper.Calls);
    }

    [Fact]
    public void A_function_with_a_contract_name_is_saved_and_found_again()
    {
        ITransformer model = _ml.Transforms.CustomMapping<Source, Result>(DoubleAndUpper.Map, "double and upper").Fit(Data);
        using var stream = new MemoryStream();
        _ml.Model.Save(model, Data.Schema, stream);
        stream.Position = 0;

        ITransformer loaded = new MLContext().Model.Load(stream, out _);

        Assert.Equal(["X", "Y"], loaded.Transform(Data).GetColumn<string>("Upper"));
    }

    [Fact]
    public void A_function_without_a_contract_name_cannot_be_saved()
    {
        ITransformer model = _ml.Transforms.CustomMapping<Source, Result>(DoubleAndUpper.Map, null).Fit(Data);

        var exception = Assert.Throws<InvalidOperationException>(() => _ml.Model.Save(model, Data.Schema, new MemoryStream()));
        Assert.Equal("Empty contract name for a transform: the transform cannot be saved", exception.Message);
    }

    private sealed class Mistyped
    {
        public int Text { get; set; }
    }

    [Fact]
    public void A_function_checks_its_input_columns_before_any_data_is_read()
    {
        IEstimator<ITransformer> estimator = _ml.Transforms.CustomMapping<Mistyped, Result>((_, _) => { }, null).Append(_ml.Transforms.CopyColumns("X", "Double"));

        var exception = Assert.Throws<ArgumentOutOfRangeException>(() => estimator.Fit(Data));

        Assert.Contains("Schema mismatch for input column 'Text': expected Int32, got String (Parameter 'inputSchema')", exception.Message);
    }
}
