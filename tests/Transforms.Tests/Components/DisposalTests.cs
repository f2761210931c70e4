using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetLlm.Transforms.Tests;

public sealed class DisposalTests
{
    private readonly MLContext ml = new(seed: 1);

    private sealed class Model : IDisposable
    {
        public int Disposals;

        public void Dispose() => Disposals++;
    }

    [Fact]
    public void AModelIsDisposedWithItsTransformerWhenNobodyUsesIt()
    {
        var model = new Model();
        var shared = new SharedModel<Model>(model, owned: true);

        shared.Release();
        shared.Release();

        Assert.Equal(1, model.Disposals);
        Assert.Throws<ObjectDisposedException>(() => shared.Value);
        Assert.Throws<ObjectDisposedException>(shared.Hold);
    }

    [Fact]
    public void AModelLivesAsLongAsItIsUsed()
    {
        var model = new Model();
        var shared = new SharedModel<Model>(model, owned: true);
        IDisposable first = shared.Hold(), second = shared.Hold();

        shared.Release();
        first.Dispose();
        first.Dispose();
        Assert.Same(model, shared.Value);
        Assert.Equal(0, model.Disposals);
        second.Dispose();

        Assert.Equal(1, model.Disposals);
    }

    [Fact]
    public void AModelOfSomebodyElseIsNotDisposed()
    {
        var model = new Model();

        new SharedModel<Model>(model, owned: false).Release();

        Assert.Equal(0, model.Disposals);
    }

    [Fact]
    public void AnEngineOutlivesAnotherThatDisposesTheTransformer()
    {
        var transformer = new TextClassificationTransformer(ml, TinyModels.Classifier("false", "true"), new TextClassificationColumns(), binary: true);
        var chain = new TransformerChain<ITransformer>(transformer);
        using var survivor = ml.Model.CreatePredictionEngine<TextOnly, TextClassificationTests.Binary>(chain);
        var other = ml.Model.CreatePredictionEngine<TextOnly, TextClassificationTests.Binary>(chain);
        float expected = other.Predict(new TextOnly { Text = "call me" }).Score;

        other.Dispose();

        Assert.Equal(expected, survivor.Predict(new TextOnly { Text = "call me" }).Score);
        Assert.Contains("OwnsTransformer", Assert.Throws<ObjectDisposedException>(
            () => ml.Model.CreatePredictionEngine<TextOnly, TextClassificationTests.Binary>(chain)).Message);
    }

    [Fact]
    public void AnEngineThatDoesNotOwnTheTransformerLeavesItAlone()
    {
        using var transformer = new TextClassificationTransformer(ml, TinyModels.Classifier("false", "true"), new TextClassificationColumns(), binary: true);
        var options = new PredictionEngineOptions { OwnsTransformer = false };

        for (int i = 0; i < 3; i++)
        {
            using var engine = ml.Model.CreatePredictionEngine<TextOnly, TextClassificationTests.Binary>(transformer, options);
            engine.Predict(new TextOnly { Text = "call me" });
        }

        Assert.NotNull(transformer.Model);
    }

    [Fact]
    public void ACursorFinishesAfterItsTransformerIsDisposed()
    {
        var transformer = new TextClassificationTransformer(ml, TinyModels.Classifier("false", "true"), new TextClassificationColumns(), binary: true);
        IDataView output = transformer.Transform(ml.Data.LoadFromEnumerable(Message.Many(600)));
        DataViewSchema.Column column = output.Schema["Score"];
        int rows = 0;
        using (DataViewRowCursor cursor = output.GetRowCursor([column]))
        {
            cursor.MoveNext();
            transformer.Dispose();
            do
                rows++;
            while (cursor.MoveNext());
        }

        Assert.Equal(600, rows);
        Assert.Throws<ObjectDisposedException>(() => transformer.Model);
        Assert.Throws<ObjectDisposedException>(() => output.GetRowCursor([column]));
    }
}
