using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetLlm.Transforms.Tests;

public sealed class PredictionEngineTests
{
    private readonly MLContext ml = new(seed: 1);

    public sealed class LengthOnly
    {
        public float Length { get; set; }
    }

    public sealed class Everything
    {
        public string? Text { get; set; }
        public float Length { get; set; }
        public string? Shout { get; set; }
        public int[] Codes { get; set; } = [];
    }

    [Fact]
    public void EachPredictionIsOfItsOwnText()
    {
        using var engine = ml.Model.CreatePredictionEngine<TextOnly, Everything>(new FakeTransformer(ml, new FakeMapper()));

        foreach (string? text in new[] { "ab", "", null, "abc", "abc", "d" })
        {
            Everything prediction = engine.Predict(new TextOnly { Text = text });
            Assert.Equal((text ?? "").Length, prediction.Length);
            Assert.Equal((text ?? "").ToUpperInvariant(), prediction.Shout);
            Assert.Equal((text ?? "").Select(character => (int)character), prediction.Codes);
            Assert.Equal(text ?? "", prediction.Text);
        }
    }

    [Fact]
    public void ARowIsComputedOnceForAllItsColumns()
    {
        var mapper = new FakeMapper();
        using var engine = ml.Model.CreatePredictionEngine<TextOnly, Everything>(new FakeTransformer(ml, mapper));

        engine.Predict(new TextOnly { Text = "a" });
        engine.Predict(new TextOnly { Text = "b" });

        Assert.Equal(2, mapper.Calls.Count);
        Assert.All(mapper.Calls, call => Assert.Equal(1, call.Rows));
    }

    [Fact]
    public void ColumnsThatTheOutputClassLacksAreNotComputed()
    {
        var mapper = new FakeMapper();
        using var engine = ml.Model.CreatePredictionEngine<TextOnly, LengthOnly>(new FakeTransformer(ml, mapper));

        engine.Predict(new TextOnly { Text = "a" });

        Assert.Equal([true, false, false], Assert.Single(mapper.Calls).Active);
    }

    [Fact]
    public void BatchedAndSinglePredictionsAreEqual()
    {
        Message[] messages = Message.Many(30);
        var transformer = new FakeTransformer(ml, new FakeMapper());
        using var engine = ml.Model.CreatePredictionEngine<Message, LengthOnly>(transformer);

        IEnumerable<float> single = messages.Select(message => engine.Predict(message).Length);

        Assert.Equal(transformer.Transform(ml.Data.LoadFromEnumerable(messages)).Column<float>("Length"), single);
    }

    [Fact]
    public void WorksInTheMiddleOfAChain()
    {
        var chain = new TransformerChain<ITransformer>(
            ml.Transforms.CopyColumns("Copy", "Text").Fit(ml.OfTexts("a")),
            new FakeTransformer(ml, new FakeMapper { InputColumn = "Copy" }),
            ml.Transforms.CopyColumns("Result", "Length").Fit(new FakeTransformer(ml, new FakeMapper()).Transform(ml.OfTexts("a"))));
        using var engine = ml.Model.CreatePredictionEngine<TextOnly, ResultOnly>(chain);

        Assert.Equal(3, engine.Predict(new TextOnly { Text = "abc" }).Result);
        Assert.Equal(1, engine.Predict(new TextOnly { Text = "a" }).Result);
    }

    [Fact]
    public void DependenciesAreTheTextOnlyWhereItIsNeeded()
    {
        IRowToRowMapper mapper = new FakeTransformer(ml, new FakeMapper()).GetRowToRowMapper(ml.Data.LoadFromEnumerable(Message.Many(1)).Schema);

        Assert.Equal(["Text"], mapper.GetDependencies([mapper.OutputSchema["Length"]]).Select(column => column.Name));
        Assert.Equal(["Number"], mapper.GetDependencies([mapper.OutputSchema["Number"]]).Select(column => column.Name));
        Assert.Equal(["Text", "Number"], mapper.GetDependencies([mapper.OutputSchema["Number"], mapper.OutputSchema["Shout"]]).Select(column => column.Name));
    }

    public sealed class ResultOnly
    {
        public float Result { get; set; }
    }
}
