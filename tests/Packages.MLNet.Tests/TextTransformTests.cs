using Microsoft.ML.Transforms;
using Microsoft.ML.Transforms.Text;

namespace Packages.MLNet.Tests;

public class TextTransformTests
{
    private readonly MLContext _ml = new(1);

    private sealed class Document
    {
        public string Text { get; set; }
    }

    private IDataView Data(params string[] texts) => _ml.Data.LoadFromEnumerable(texts.Select(text => new Document { Text = text }).ToArray());

    private static string[] SlotNames(DataViewSchema.Column column)
    {
        VBuffer<ReadOnlyMemory<char>> names = default;
        column.GetSlotNames(ref names);
        return names.DenseValues().Select(name => name.ToString()).ToArray();
    }

    private static IDataView Apply(IEstimator<ITransformer> estimator, IDataView data) => estimator.Fit(data).Transform(data);

    [Fact]
    public void Text_is_normalized()
    {
        IDataView data = Data("Crème BRÛLÉE, 2 for 1!", "");

        Assert.Equal("creme brulee, 2 for 1!", Apply(_ml.Transforms.Text.NormalizeText("Out", "Text"), data).GetColumn<string>("Out").First());
        Assert.Equal("CRÈME BRÛLÉE  FOR ", Apply(_ml.Transforms.Text.NormalizeText("Out", "Text", TextNormalizingEstimator.CaseMode.Upper,
            keepDiacritics: true, keepPunctuations: false, keepNumbers: false), data).GetColumn<string>("Out").First());
        Assert.Equal("", Apply(_ml.Transforms.Text.NormalizeText("Out", "Text"), data).GetColumn<string>("Out").Last());
    }

    [Fact]
    public void Text_is_split_into_words()
    {
        IDataView data = Data(" one  two,three ", "");

        Assert.Equal(["one", "two,three"], Apply(_ml.Transforms.Text.TokenizeIntoWords("Out", "Text"), data).GetColumn<string[]>("Out").First());
        Assert.Equal(["one", "two", "three"], Apply(_ml.Transforms.Text.TokenizeIntoWords("Out", "Text", [' ', ',']), data).GetColumn<string[]>("Out").First());
        Assert.Empty(Apply(_ml.Transforms.Text.TokenizeIntoWords("Out", "Text"), data).GetColumn<string[]>("Out").Last());
    }

    [Fact]
    public void Text_is_split_into_characters()
    {
        IDataView data = Data("ab");

        Assert.Equal([(ushort)2, 'a', 'b', (ushort)3], Apply(_ml.Transforms.Text.TokenizeIntoCharactersAsKeys("Out", "Text"), data).GetColumn<ushort[]>("Out").First());
        IDataView plain = Apply(_ml.Transforms.Text.TokenizeIntoCharactersAsKeys("Out", "Text", useMarkerCharacters: false), data);
        Assert.Equal(['a', 'b'], plain.GetColumn<ushort[]>("Out").First());
        VBuffer<ReadOnlyMemory<char>> names = default;
        plain.Schema["Out"].GetKeyValues(ref names);
        Assert.Equal("a", names.GetItemOrDefault('a' - 1).ToString());
        Assert.Equal("<\u2402>", names.GetItemOrDefault(1).ToString());
    }

    private IEstimator<ITransformer> Ngrams(int length, bool all = true, int skips = 0, int most = 100,
        NgramExtractingEstimator.WeightingCriteria weighting = NgramExtractingEstimator.WeightingCriteria.Tf) =>
        _ml.Transforms.Text.TokenizeIntoWords("Words", "Text").Append(_ml.Transforms.Conversion.MapValueToKey("Keys", "Words"))
            .Append(_ml.Transforms.Text.ProduceNgrams("Counts", "Keys", length, skips, all, most, weighting));

    [Fact]
    public void Sequences_of_words_are_counted()
    {
        IDataView counted = Apply(Ngrams(2), Data("a b a b", "b c"));

        Assert.Equal(["a", "a|b", "b", "b|a", "b|c", "c"], SlotNames(counted.Schema["Counts"]));
        Assert.Equal([2f, 2, 2, 1, 0, 0], counted.GetColumn<float[]>("Counts").First());
        Assert.Equal([0f, 0, 1, 0, 1, 1], counted.GetColumn<float[]>("Counts").Last());
    }

    [Fact]
    public void Sequences_may_be_of_one_length_with_gaps_and_limited_in_number()
    {
        Assert.Equal(["a|b", "b|c"], SlotNames(Apply(Ngrams(2, all: false), Data("a b c")).Schema["Counts"]));
        Assert.Equal(["a", "a|b", "a|c", "b", "b|c", "c"], SlotNames(Apply(Ngrams(2, skips: 1), Data("a b c")).Schema["Counts"]));
        Assert.Equal(["a", "a|b"], SlotNames(Apply(Ngrams(2, most: 1), Data("a b c")).Schema["Counts"]));
    }

    [Fact]
    public void Rare_sequences_may_weigh_more()
    {
        IDataView data = Data("a a b", "b");

        Assert.Equal([2 * MathF.Log(2), 0], Apply(Ngrams(1, weighting: NgramExtractingEstimator.WeightingCriteria.TfIdf), data).GetColumn<float[]>("Counts").First());
        Assert.Equal([MathF.Log(2), 0], Apply(Ngrams(1, weighting: NgramExtractingEstimator.WeightingCriteria.Idf), data).GetColumn<float[]>("Counts").First());
    }

    [Fact]
    public void Words_that_were_not_there_in_training_do_not_count()
    {
        ITransformer model = Ngrams(2).Fit(Data("a b"));

        Assert.Equal([1f, 0, 1], model.Transform(Data("a x b")).GetColumn<float[]>("Counts").Single());
    }

    [Fact]
    public void A_bag_of_words_takes_text()
    {
        IDataView counted = Apply(_ml.Transforms.Text.ProduceWordBags("Bag", "Text", ngramLength: 1), Data("a b a", "c"));

        Assert.Equal([2f, 1, 0], counted.GetColumn<float[]>("Bag").First());
        Assert.Equal(["Text", "Bag"], counted.Schema.Where(column => !column.IsHidden).Select(column => column.Name));
    }

    private sealed class Vectors
    {
        [VectorType(3)]
        public float[] V { get; set; }
    }

    [Fact]
    public void Vectors_are_scaled_to_unit_length()
    {
        IDataView data = _ml.Data.LoadFromEnumerable(new[] { new Vectors { V = [3, 0, -4] }, new Vectors { V = [0, 0, 0] } });
        float[] First(IDataView scaled) => scaled.GetColumn<float[]>("Out").First();

        IDataView scaled = Apply(_ml.Transforms.NormalizeLpNorm("Out", "V"), data);
        Assert.Equal([0.6f, 0, -0.8f], First(scaled), (a, b) => Math.Abs(a - b) < 1e-6);
        Assert.Equal([0f, 0, 0], scaled.GetColumn<float[]>("Out").Last());
        Assert.True(scaled.Schema["Out"].IsNormalized());
        Assert.Equal([3 / 7f, 0, -4 / 7f], First(Apply(_ml.Transforms.NormalizeLpNorm("Out", "V", LpNormNormalizingEstimatorBase.NormFunction.L1), data)), (a, b) => Math.Abs(a - b) < 1e-6);
        Assert.Equal([0.75f, 0, -1], First(Apply(_ml.Transforms.NormalizeLpNorm("Out", "V", LpNormNormalizingEstimatorBase.NormFunction.Infinity), data)), (a, b) => Math.Abs(a - b) < 1e-6);
    }

    [Fact]
    public void Featurized_text_counts_character_sequences_and_words()
    {
        IDataView features = Apply(_ml.Transforms.Text.FeaturizeText("F", "Text"), Data("Hi hi", "yo"));

        Assert.Equal(["Char.<\u2402>|h|i", "Char.h|i|<\u2420>", "Char.i|<\u2420>|h", "Char.<\u2420>|h|i", "Char.h|i|<\u2403>", "Char.<\u2402>|y|o", "Char.y|o|<\u2403>", "Word.hi", "Word.hi|hi", "Word.yo"],
            SlotNames(features.Schema["F"]));
        float five = 1 / MathF.Sqrt(5);
        float two = 1 / MathF.Sqrt(2);
        Assert.Equal([five, five, five, five, five, 0, 0, 2 * five, five, 0], features.GetColumn<float[]>("F").First(), (a, b) => Math.Abs(a - b) < 1e-6);
        Assert.Equal([0, 0, 0, 0, 0, two, two, 0, 0, 1], features.GetColumn<float[]>("F").Last(), (a, b) => Math.Abs(a - b) < 1e-6);
        Assert.Equal(["Text", "F"], features.Schema.Where(column => !column.IsHidden).Select(column => column.Name));
    }

    [Fact]
    public void Featurizing_has_options()
    {
        var options = new TextFeaturizingEstimator.Options
        {
            CharFeatureExtractor = null,
            WordFeatureExtractor = new WordBagEstimator.Options { NgramLength = 2, UseAllLengths = true },
            Norm = TextFeaturizingEstimator.NormFunction.None,
            OutputTokensColumnName = "Tokens",
        };
        IDataView features = Apply(_ml.Transforms.Text.FeaturizeText("F", options, "Text"), Data("A b a"));

        Assert.Equal(["a", "a|b", "b", "b|a"], SlotNames(features.Schema["F"]));
        Assert.Equal([2f, 1, 1, 1], features.GetColumn<float[]>("F").Single());
        Assert.Equal(["a", "b", "a"], features.GetColumn<string[]>("Tokens").Single());
    }

    [Fact]
    public void Featurized_text_trains_a_classifier_that_can_be_saved()
    {
        var rows = Enumerable.Range(0, 60).Select(i => new { Text = i % 2 == 0 ? $"win free prize {i}" : $"see you at {i}", Label = i % 2 == 0 }).ToArray();
        IDataView data = _ml.Data.LoadFromEnumerable(rows);
        ITransformer model = _ml.Transforms.Text.FeaturizeText("Features", "Text").Append(_ml.BinaryClassification.Trainers.AveragedPerceptron()).Fit(data);
        using var stream = new MemoryStream();
        _ml.Model.Save(model, data.Schema, stream);
        stream.Position = 0;

        ITransformer loaded = new MLContext().Model.Load(stream, out _);

        Assert.Equal(1, _ml.BinaryClassification.EvaluateNonCalibrated(loaded.Transform(data)).Accuracy);
        Assert.Equal(model.Transform(data).GetColumn<float>("Score"), loaded.Transform(data).GetColumn<float>("Score"));
    }

    [Fact]
    public void Only_text_is_featurized()
    {
        IDataView data = _ml.Data.LoadFromEnumerable(new[] { new Vectors { V = [1, 2, 3] } });

        var exception = Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Transforms.Text.FeaturizeText("F", "V").Append(_ml.Transforms.CopyColumns("G", "F")).Fit(data));
        Assert.Contains("Schema mismatch for input column 'V': expected scalar or vector of String, got Vector<Single>", exception.Message);
    }
}
