using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetLlm.Transforms.Tests;

public sealed class LabelColumnTests
{
    private readonly MLContext ml = new(seed: 1);

    public sealed class Named
    {
        public string? Text { get; set; }
        public string? Topic { get; set; }
    }

    /// <summary>In memory, ML.NET counts the values of a key from 0; what is out of range is a missing key.</summary>
    public sealed class Numbered
    {
        [KeyType(3)]
        public uint Label { get; set; }
    }

    [Fact]
    public void TextsAreReadInOrderAndMissingOnesAreEmpty() =>
        Assert.Equal(["a", "", "", "b"], TextColumn.Read(ml, ml.OfTexts("a", null, "", "b"), "Text"));

    [Fact]
    public void BooleansBecomeZeroAndOne() =>
        Assert.Equal([1, 0, 0, 1], LabelColumn.ReadBoolean(ml, ml.Data.LoadFromEnumerable(Message.Many(4)), "Label"));

    [Fact]
    public void KeysComeWithTheirNames()
    {
        IDataView data = ml.Data.LoadFromEnumerable(new[] { new Named { Topic = "spam" }, new Named { Topic = "news" }, new Named { Topic = "spam" } });
        IDataView keyed = ml.Transforms.Conversion.MapValueToKey("Label", "Topic").Fit(data).Transform(data);

        var (labels, indices) = LabelColumn.ReadKey(ml, keyed, "Label");

        Assert.Equal(["spam", "news"], labels);
        Assert.Equal([0, 1, 0], indices);
    }

    [Fact]
    public void KeysWithoutNamesAreNumbers()
    {
        var (labels, indices) = LabelColumn.ReadKey(ml, ml.Data.LoadFromEnumerable(new[] { new Numbered { Label = 2 }, new Numbered { Label = 0 } }), "Label");

        Assert.Equal(["1", "2", "3"], labels);
        Assert.Equal([2, 0], indices);
    }

    [Fact]
    public void RowsWithoutALabelAreNamed()
    {
        IDataView data = ml.Data.LoadFromEnumerable(new uint[] { 1, 3, 2, 3 }.Select(label => new Numbered { Label = label }));

        var exception = Assert.Throws<InvalidOperationException>(() => LabelColumn.ReadKey(ml, data, "Label"));

        Assert.Contains("2 of 4 rows have no label; counted from 0, rows 1, 3", exception.Message);
    }

    [Fact]
    public void ALabelOfAnotherTypeIsNamedWithBothTypes()
    {
        IDataView data = ml.Data.LoadFromEnumerable(Message.Many(4));

        Assert.StartsWith("Schema mismatch for label column 'Number': expected Boolean, got Single",
            Assert.Throws<ArgumentOutOfRangeException>(() => LabelColumn.ReadBoolean(ml, data, "Number")).Message);
        Assert.StartsWith("Schema mismatch for label column 'Text': expected Key, got String",
            Assert.Throws<ArgumentOutOfRangeException>(() => LabelColumn.ReadKey(ml, data, "Text")).Message);
        Assert.StartsWith("Could not find label column 'Spam'",
            Assert.Throws<ArgumentOutOfRangeException>(() => LabelColumn.ReadBoolean(ml, data, "Spam")).Message);
    }
}
