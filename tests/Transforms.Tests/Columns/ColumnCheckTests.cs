using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetLlm.Transforms.Tests;

public sealed class ColumnCheckTests
{
    private readonly MLContext ml = new(seed: 1);

    [Fact]
    public void AMissingColumnIsNamedBeforeAnyDataIsRead()
    {
        IDataView view = ml.Data.LoadFromEnumerable(new[] { new NumberOnly() });
        var transformer = new FakeTransformer(ml, new FakeMapper());

        foreach (Action action in new Action[] { () => transformer.GetOutputSchema(view.Schema), () => transformer.Transform(view), () => transformer.GetRowToRowMapper(view.Schema) })
        {
            var exception = Assert.Throws<ArgumentOutOfRangeException>(action);
            Assert.StartsWith("Could not find input column 'Text'", exception.Message);
        }
    }

    [Fact]
    public void AColumnOfAnotherTypeIsNamedWithBothTypes()
    {
        IDataView view = ml.Data.LoadFromEnumerable(new[] { new WrongText() });

        var exception = Assert.Throws<ArgumentOutOfRangeException>(() => new FakeTransformer(ml, new FakeMapper()).Transform(view));

        Assert.StartsWith("Schema mismatch for input column 'Text': expected String, got Single", exception.Message);
    }

    [Fact]
    public void AVectorOfTextsIsNotAText()
    {
        IDataView view = ml.Data.LoadFromEnumerable(new[] { new ManyTexts() });

        var exception = Assert.Throws<ArgumentOutOfRangeException>(() => new FakeTransformer(ml, new FakeMapper()).Transform(view));

        Assert.StartsWith("Schema mismatch for input column 'Text': expected String, got Vector<String", exception.Message);
    }

    public sealed class NumberOnly
    {
        public float Number { get; set; }
    }

    public sealed class WrongText
    {
        public float Text { get; set; }
    }

    public sealed class ManyTexts
    {
        [VectorType(2)]
        public string[] Text { get; set; } = ["a", "b"];
    }
}
