using Microsoft.ML.Transforms;

namespace Packages.MLNet.Tests;

public class ChainTests
{
    private readonly MLContext _ml = new(1);

    private sealed class Row
    {
        public float A { get; set; }
    }

    private sealed class Output
    {
        public float Plus { get; set; }
    }

    private IDataView Data => _ml.Data.LoadFromEnumerable(new[] { new Row { A = 1 }, new Row { A = 2 } });

    [Fact]
    public void A_chain_of_estimators_fits_each_on_the_output_of_the_one_before()
    {
        EstimatorChain<ColumnConcatenatingTransformer> chain = _ml.Transforms.CopyColumns("B", "A").Append(_ml.Transforms.Concatenate("F", "A", "B"));

        TransformerChain<ColumnConcatenatingTransformer> model = chain.Fit(Data);

        Assert.Equal([2f, 2], model.Transform(Data).GetColumn<float[]>("F").Last());
        Assert.Same(model.LastTransformer, model.Last());
        Assert.Equal(2, model.Count());
        Assert.Equal(["A", "B", "F"], model.GetOutputSchema(Data.Schema).Select(column => column.Name));
        Assert.NotNull(chain.LastEstimator);
    }

    [Fact]
    public void Schemas_are_checked_before_any_data_is_read()
    {
        int fitted = 0;
        IEstimator<ITransformer> chain = _ml.Transforms.CopyColumns("B", "A").WithOnFitDelegate(_ => fitted++).Append(_ml.Transforms.CopyColumns("C", "Nope"));

        Assert.Throws<ArgumentOutOfRangeException>(() => chain.Fit(Data));
        Assert.Equal(0, fitted);
    }

    [Fact]
    public void A_transformer_applies_only_in_its_scope()
    {
        TransformerChain<ColumnCopyingTransformer> model = _ml.Transforms.CopyColumns("B", "A")
            .Append(_ml.Transforms.CopyColumns("C", "A"), TransformerScope.TrainTest).Fit(Data);

        Assert.Null(model.GetOutputSchema(Data.Schema).GetColumnOrNull("C"));
        Assert.NotNull(model.GetOutputSchema(Data.Schema, TransformerScope.Everything).GetColumnOrNull("C"));
        Assert.Single(model.GetModelFor(TransformerScope.Scoring));
        Assert.Equal(2, model.Transform(Data, TransformerScope.Testing).Schema.Count(column => column.Name is "B" or "C"));
    }

    [Fact]
    public void A_cache_checkpoint_saves_later_estimators_from_reading_again()
    {
        int reads = 0;
        IEnumerable<Row> Source()
        {
            reads++;
            yield return new Row { A = 1 };
        }
        IDataView data = _ml.Data.LoadFromEnumerable(Source());
        ValueToKeyMappingEstimator Learn(string name) => _ml.Transforms.Conversion.MapValueToKey(name, "A");

        _ml.Transforms.CopyColumns("B", "A").Append(Learn("C")).Append(Learn("D")).Fit(data);
        Assert.Equal(2, reads);
        reads = 0;
        _ml.Transforms.CopyColumns("B", "A").AppendCacheCheckpoint(_ml).Append(Learn("C")).Append(Learn("D")).Fit(data);
        Assert.Equal(1, reads);
        Assert.Throws<InvalidOperationException>(() => new EstimatorChain<ITransformer>().AppendCacheCheckpoint(_ml));
    }

    [Fact]
    public void Foreign_transformers_take_part_in_chains()
    {
        var foreign = new PlusTransformer(10);
        TransformerChain<ColumnCopyingTransformer> model = new TransformerChain<ITransformer>(foreign)
            .Append(_ml.Transforms.CopyColumns("Copy", "Plus").Fit(foreign.Transform(Data)));

        Assert.Equal([11f, 12], model.Transform(Data).GetColumn<float>("Copy"));
        Assert.True(((ITransformer)model).IsRowToRowMapper);
        using PredictionEngine<Row, Output> engine = _ml.Model.CreatePredictionEngine<Row, Output>(model);
        Assert.Equal(15, engine.Predict(new Row { A = 5 }).Plus);
    }

    [Fact]
    public void A_chain_with_a_transformer_that_is_no_row_mapper_has_no_row_mapper()
    {
        var model = new TransformerChain<ITransformer>(new PlusTransformer(1) { IsRowToRowMapper = false });

        Assert.False(((ITransformer)model).IsRowToRowMapper);
        Assert.Throws<InvalidOperationException>(() => ((ITransformer)model).GetRowToRowMapper(Data.Schema));
        var exception = Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Model.CreatePredictionEngine<Row, Output>(model));
        Assert.Contains("Must be a row to row mapper", exception.Message);
    }

    [Fact]
    public void Saving_a_chain_saves_its_foreign_transformers()
    {
        var foreign = new PlusTransformer(1);

        // A transformer that writes no version is refused, which happens only after it has been asked to write.
        var exception = Assert.Throws<InvalidOperationException>(() =>
            _ml.Model.Save(new TransformerChain<ITransformer>(foreign), Data.Schema, new MemoryStream()));

        Assert.Equal("ModelSignature not specified!", exception.Message);
        Assert.True(foreign.WasSaved);
    }

    [Fact]
    public void Disposing_a_chain_disposes_its_transformers_once()
    {
        var foreign = new PlusTransformer(1);
        var model = new TransformerChain<ITransformer>(foreign);

        model.Dispose();
        model.Dispose();

        Assert.Equal(1, foreign.Disposals);
    }

    [Fact]
    public void A_transformer_can_be_appended_to_another()
    {
        TransformerChain<PlusTransformer> model = new PlusTransformer(1).Append(new PlusTransformer(5));

        Assert.Equal(5, model.LastTransformer.Summand);
        Assert.Equal([6f, 7], model.Transform(Data).GetColumn<float>("Plus"));
    }
}
