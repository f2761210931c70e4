using Microsoft.ML.Transforms;

namespace Packages.MLNet.Tests;

public class ConversionTests
{
    private readonly MLContext _ml = new(1);

    private sealed class Row
    {
        public string Text { get; set; }
        public float Number { get; set; }
        public int Integer { get; set; }
        public bool Flag { get; set; }
        public string[] Words { get; set; }

        [VectorType(2)]
        public float[] Pair { get; set; }
    }

    private IDataView Data => _ml.Data.LoadFromEnumerable(new[]
    {
        new Row { Text = "b", Number = 1.5f, Integer = 3, Flag = true, Words = ["x", "y"], Pair = [1, 2] },
        new Row { Text = "a", Number = -2, Integer = -4, Words = [], Pair = [3, 4] },
        new Row { Text = "b", Number = float.NaN, Integer = 0, Words = ["y"], Pair = [5, 6] },
        new Row { Text = "", Number = 0, Integer = 7, Words = ["x", "", "z"], Pair = [7, 8] },
    });

    private static string[] KeyValues(DataViewSchema.Column column)
    {
        VBuffer<ReadOnlyMemory<char>> values = default;
        column.GetKeyValues(ref values);
        return values.DenseValues().Select(value => value.ToString()).ToArray();
    }

    [Fact]
    public void Values_become_keys_in_order_of_occurrence()
    {
        IDataView keyed = _ml.Transforms.Conversion.MapValueToKey("Key", "Text").Fit(Data).Transform(Data);

        Assert.Equal([1u, 2u, 1u, 0u], keyed.GetColumn<uint>("Key"));
        Assert.Equal("Key<UInt32, 0-1>", keyed.Schema["Key"].Type.ToString());
        Assert.Equal(["b", "a"], KeyValues(keyed.Schema["Key"]));
        Assert.True(keyed.Schema["Key"].HasKeyValues());
    }

    [Fact]
    public void Keys_may_be_sorted_limited_or_given()
    {
        var byValue = _ml.Transforms.Conversion.MapValueToKey("Key", "Text", keyOrdinality: ValueToKeyMappingEstimator.KeyOrdinality.ByValue);
        Assert.Equal([2u, 1u, 2u, 0u], byValue.Fit(Data).Transform(Data).GetColumn<uint>("Key"));

        var limited = _ml.Transforms.Conversion.MapValueToKey("Key", "Text", maximumNumberOfKeys: 1);
        Assert.Equal([1u, 0u, 1u, 0u], limited.Fit(Data).Transform(Data).GetColumn<uint>("Key"));

        IDataView keys = _ml.Data.LoadFromEnumerable(new[] { new { Value = "z" }, new { Value = "a" } });
        var given = _ml.Transforms.Conversion.MapValueToKey("Key", "Text", keyData: keys);
        Assert.Equal([0u, 2u, 0u, 0u], given.Fit(Data).Transform(Data).GetColumn<uint>("Key"));
    }

    [Fact]
    public void Numbers_and_words_become_keys_too()
    {
        IDataView keyed = _ml.Transforms.Conversion.MapValueToKey([new InputOutputColumnPair("N", "Number"), new InputOutputColumnPair("W", "Words")])
            .Fit(Data).Transform(Data);

        Assert.Equal([1u, 2u, 0u, 3u], keyed.GetColumn<uint>("N"));
        Assert.Equal([1u, 0u, 3u], keyed.GetColumn<uint[]>("W").Last());
        VBuffer<float> values = default;
        keyed.Schema["N"].GetKeyValues(ref values);
        Assert.Equal([1.5f, -2, 0], values.DenseValues());
    }

    [Fact]
    public void Keys_map_back_to_their_values()
    {
        IDataView mapped = _ml.Transforms.Conversion.MapValueToKey("Key", "Text").Append(_ml.Transforms.Conversion.MapKeyToValue("Back", "Key"))
            .Fit(Data).Transform(Data);

        Assert.Equal(["b", "a", "b", ""], mapped.GetColumn<string>("Back"));
        Assert.Equal("String", mapped.Schema["Back"].Type.ToString());
    }

    [Fact]
    public void Mapping_keys_needs_keys_with_values()
    {
        var notAKey = Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Transforms.Conversion.MapKeyToValue("Text").Append(_ml.Transforms.CopyColumns("A", "Text")).Fit(Data));
        Assert.Contains("Schema mismatch for input column 'Text': expected KeyType, got String", notAKey.Message);

        var missing = Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Transforms.Conversion.MapKeyToValue("X").Fit(Data));
        Assert.Contains("Could not find input column 'X'", missing.Message);
        Assert.Equal("inputSchema", missing.ParamName);
    }

    [Fact]
    public void Types_convert()
    {
        IDataView converted = _ml.Transforms.Conversion.ConvertType("IntegerAsSingle", "Integer")
            .Append(_ml.Transforms.Conversion.ConvertType("IntegerAsText", "Integer", DataKind.String))
            .Append(_ml.Transforms.Conversion.ConvertType("FlagAsSingle", "Flag"))
            .Append(_ml.Transforms.Conversion.ConvertType("NumberAsFlag", "Number", DataKind.Boolean))
            .Append(_ml.Transforms.Conversion.ConvertType("PairAsDouble", "Pair", DataKind.Double))
            .Append(_ml.Transforms.Conversion.ConvertType("TextAsSingle", "Text"))
            .Fit(Data).Transform(Data);

        Assert.Equal([3f, -4, 0, 7], converted.GetColumn<float>("IntegerAsSingle"));
        Assert.Equal(["3", "-4", "0", "7"], converted.GetColumn<string>("IntegerAsText"));
        Assert.Equal([1f, 0, 0, 0], converted.GetColumn<float>("FlagAsSingle"));
        Assert.Equal([true, true, true, false], converted.GetColumn<bool>("NumberAsFlag"));
        Assert.Equal([3.0, 4], converted.GetColumn<double[]>("PairAsDouble").ElementAt(1));
        Assert.True(float.IsNaN(converted.GetColumn<float>("TextAsSingle").First()));
        Assert.True(converted.Schema["FlagAsSingle"].IsNormalized());
    }

    [Fact]
    public void Keys_convert_to_unsigned_integers_as_they_are_stored_and_to_nothing_else()
    {
        IDataView keyed = _ml.Transforms.Conversion.MapValueToKey("Key", "Text").Fit(Data).Transform(Data);

        IDataView converted = _ml.Transforms.Conversion.ConvertType("Number", "Key", DataKind.UInt64).Fit(keyed).Transform(keyed);
        Assert.Equal([1ul, 2, 1, 0], converted.GetColumn<ulong>("Number"));

        var exception = Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Transforms.Conversion.ConvertType("Number", "Key").Fit(keyed));
        Assert.Contains("source column 'Key' with item type 'Key<UInt32, 0-1>' is not compatible with destination type 'Single'", exception.Message);
    }

    [Fact]
    public void Reals_do_not_convert_to_integers()
    {
        var exception = Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Transforms.Conversion.ConvertType("X", "Number", DataKind.Int32)
            .Append(_ml.Transforms.CopyColumns("Y", "X")).Fit(Data));

        Assert.Contains("Don't know how to convert Number into Int32", exception.Message);
    }

    [Fact]
    public void Values_are_looked_up()
    {
        var flags = new Dictionary<string, bool> { ["a"] = true, ["b"] = false };
        var names = new Dictionary<int, string> { [3] = "three", [7] = "seven" };
        IDataView mapped = _ml.Transforms.Conversion.MapValue("IsA", flags, "Text").Append(_ml.Transforms.Conversion.MapValue("Name", names, "Integer"))
            .Fit(Data).Transform(Data);

        Assert.Equal([false, true, false, false], mapped.GetColumn<bool>("IsA"));
        Assert.Equal(["three", "", "", "seven"], mapped.GetColumn<string>("Name"));
    }

    [Fact]
    public void Looked_up_values_may_be_keys_or_vectors()
    {
        var classes = new Dictionary<string, string> { ["a"] = "first", ["b"] = "second" };
        var vectors = new Dictionary<string, float[]> { ["a"] = [1, 2], ["b"] = [3, 4] };
        IDataView mapped = _ml.Transforms.Conversion.MapValue("Class", classes, "Text", treatValuesAsKeyType: true)
            .Append(_ml.Transforms.Conversion.MapValue("Vector", vectors, "Text")).Fit(Data).Transform(Data);

        Assert.Equal([2u, 1u, 2u, 0u], mapped.GetColumn<uint>("Class"));
        Assert.Equal(["first", "second"], KeyValues(mapped.Schema["Class"]));
        Assert.Equal([3f, 4], mapped.GetColumn<float[]>("Vector").First());
    }

    [Fact]
    public void Duplicate_keys_are_an_error()
    {
        KeyValuePair<string, int>[] pairs = [new("a", 1), new("a", 2)];

        Assert.ThrowsAny<Exception>(() => _ml.Transforms.Conversion.MapValue("X", pairs, "Text").Fit(Data).Transform(Data).GetColumn<int>("X").ToArray());
    }
}
