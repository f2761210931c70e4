namespace Packages.MLNet.Tests;

public class PredictionEngineTests
{
    private readonly MLContext _ml = new(1);

    private sealed class Input
    {
        public float A { get; set; }
        public string Text { get; set; }
    }

    private sealed class Output
    {
        public float Copy { get; set; }
        public uint Key { get; set; }

        [ColumnName("Joined")]
        public float[] Vector { get; set; }

        public string Text { get; set; }
    }

    private IDataView Data => _ml.Data.LoadFromEnumerable(new[] { new Input { A = 1, Text = "x" }, new Input { A = 2, Text = "y" } });

    private ITransformer Fit() => _ml.Transforms.CopyColumns("Copy", "A").Append(_ml.Transforms.Concatenate("Joined", "A", "Copy"))
        .Append(_ml.Transforms.Conversion.MapValueToKey("Key", "Text")).Fit(Data);

    [Fact]
    public void A_prediction_takes_one_object_through_the_chain()
    {
        using PredictionEngine<Input, Output> engine = _ml.Model.CreatePredictionEngine<Input, Output>(Fit());

        Output first = engine.Predict(new Input { A = 5, Text = "y" });
        Output second = engine.Predict(new Input { A = 6, Text = "unknown" });

        Assert.Equal(5, first.Copy);
        Assert.Equal([5f, 5], first.Vector);
        Assert.Equal(2u, first.Key);
        Assert.Equal("y", first.Text);
        Assert.Equal([6f, 6], second.Vector);
        Assert.Equal(0u, second.Key);
        Assert.Equal([5f, 5], first.Vector);
    }

    [Fact]
    public void A_prediction_can_fill_an_object_that_exists()
    {
        using PredictionEngine<Input, Output> engine = _ml.Model.CreatePredictionEngine<Input, Output>(Fit());
        var output = new Output();
        Output same = output;

        engine.Predict(new Input { A = 3, Text = "x" }, ref output);

        Assert.Same(same, output);
        Assert.Equal(3, output.Copy);
    }

    [Fact]
    public void The_output_schema_is_that_of_the_model()
    {
        using PredictionEngine<Input, Output> engine = _ml.Model.CreatePredictionEngine<Input, Output>(Fit());

        Assert.Equal(["A", "Text", "Copy", "Joined", "Key"], engine.OutputSchema.Select(column => column.Name));
    }

    private sealed class WithoutText
    {
        public float A { get; set; }
    }

    private sealed class WrongText
    {
        public float A { get; set; }
        public int Text { get; set; }
    }

    [Fact]
    public void A_missing_or_mistyped_input_is_named()
    {
        var missing = Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Model.CreatePredictionEngine<WithoutText, Output>(Fit()));
        Assert.Contains("Could not find input column 'Text'", missing.Message);

        Assert.ThrowsAny<Exception>(() => _ml.Model.CreatePredictionEngine<WrongText, Output>(Fit()));
    }

    private sealed class ExtraOutput
    {
        public float Copy { get; set; }
        public float Nowhere { get; set; }
    }

    [Fact]
    public void A_missing_output_is_ignored_unless_asked_otherwise()
    {
        using PredictionEngine<Input, ExtraOutput> engine = _ml.Model.CreatePredictionEngine<Input, ExtraOutput>(Fit());
        Assert.Equal(4, engine.Predict(new Input { A = 4, Text = "x" }).Copy);

        var exception = Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Model.CreatePredictionEngine<Input, ExtraOutput>(Fit(), ignoreMissingColumns: false));
        Assert.Contains("Could not find  column 'Nowhere'", exception.Message);
    }

    [Fact]
    public void The_input_schema_of_a_loaded_model_can_be_used()
    {
        using var stream = new MemoryStream();
        _ml.Model.Save(Fit(), Data.Schema, stream);
        stream.Position = 0;
        ITransformer loaded = _ml.Model.Load(stream, out DataViewSchema schema);

        using PredictionEngine<Input, Output> engine = _ml.Model.CreatePredictionEngine<Input, Output>(loaded, schema);

        Assert.Equal(8, engine.Predict(new Input { A = 8, Text = "x" }).Copy);
        var exception = Assert.Throws<InvalidOperationException>(() => _ml.Model.CreatePredictionEngine<WithoutText, Output>(loaded, schema));
        Assert.Equal("Type should contain a member named Text", exception.Message);
    }

    private sealed class PlusOutput
    {
        public float Plus { get; set; }
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 0)]
    public void An_engine_disposes_its_transformer_only_when_it_owns_it(bool owns, int disposals)
    {
        var transformer = new PlusTransformer(1);
        PredictionEngine<Input, PlusOutput> engine = _ml.Model.CreatePredictionEngine<Input, PlusOutput>(transformer, new PredictionEngineOptions { OwnsTransformer = owns });
        Assert.Equal(3, engine.Predict(new Input { A = 2 }).Plus);

        engine.Dispose();
        engine.Dispose();

        Assert.Equal(disposals, transformer.Disposals);
        // The rows that transformers made are not the engine's to dispose.
        Assert.Equal(0, transformer.RowDisposals);
    }

    [Fact]
    public void A_null_example_is_an_error()
    {
        using PredictionEngine<Input, Output> engine = _ml.Model.CreatePredictionEngine<Input, Output>(Fit());

        Assert.Throws<ArgumentNullException>(() => engine.Predict(null));
    }

    [Fact]
    public void Two_engines_of_one_model_do_not_disturb_each_other()
    {
        ITransformer model = Fit();
        var options = new PredictionEngineOptions { OwnsTransformer = false };
        using PredictionEngine<Input, Output> first = _ml.Model.CreatePredictionEngine<Input, Output>(model, options);
        using PredictionEngine<Input, Output> second = _ml.Model.CreatePredictionEngine<Input, Output>(model, options);

        Output one = first.Predict(new Input { A = 1, Text = "x" });
        Output two = second.Predict(new Input { A = 2, Text = "y" });

        Assert.Equal((1f, 1u), (one.Copy, one.Key));
        Assert.Equal((2f, 2u), (two.Copy, two.Key));
    }
}
