using Microsoft.ML;

namespace MLNetLlm.Transforms.Tests;

public sealed class TruncationReportTests
{
    private readonly MLContext ml = new(seed: 1);
    private readonly RecordedLog log;

    public TruncationReportTests() => log = new RecordedLog(ml);

    [Fact]
    public void OnePassGivesOneWarningWithRowsAndTokens()
    {
        IDataView output = Transform(new FakeMapper(2, maximumTokens: 3), "abcd", "ab", "abcdefgh", "abc", null);

        output.Column<float>("Length");

        Assert.Equal("Column 'Text': 2 of 5 texts were longer than 3 tokens and were cut; 6 tokens were dropped.", Assert.Single(log.Warnings));
    }

    [Fact]
    public void EachPassIsReported()
    {
        IDataView output = Transform(new FakeMapper(2, maximumTokens: 3), "abcd");

        output.Column<float>("Length");
        output.Column<float>("Length");

        Assert.Equal(2, log.Warnings.Count);
    }

    [Fact]
    public void APassThatIsGivenUpIsReportedWhenItsCursorIsDisposed()
    {
        IDataView output = Transform(new FakeMapper(1, maximumTokens: 3), "abcd", "abcd");

        using (DataViewRowCursor cursor = output.GetRowCursor(output.Schema))
            cursor.MoveNext();

        Assert.StartsWith("Column 'Text': 1 of 1 texts", Assert.Single(log.Warnings));
    }

    [Fact]
    public void NothingIsSaidWhereNothingIsCut()
    {
        Transform(new FakeMapper(2, maximumTokens: 3), "abc", "").Column<float>("Length");
        Transform(new FakeMapper(2), new string('a', 1000)).Column<float>("Length");

        Assert.Empty(log.Warnings);
    }

    [Fact]
    public void APredictionEngineWarnsOfItsFirstCutTextOnly()
    {
        using var engine = ml.Model.CreatePredictionEngine<TextOnly, PredictionEngineTests.LengthOnly>(new FakeTransformer(ml, new FakeMapper(2, maximumTokens: 3)));

        for (int i = 0; i < 5; i++)
            Assert.Equal(3, engine.Predict(new TextOnly { Text = "abcdef" }).Length);

        Assert.Contains("3 tokens were dropped", Assert.Single(log.Warnings));
    }

    private IDataView Transform(FakeMapper mapper, params string?[] texts) => new FakeTransformer(ml, mapper).Transform(ml.OfTexts(texts));
}
