using System.Text.Json.Nodes;
using static TorchSharp.torch;

namespace MLNetLlm.Models.Tests.Classification;

/// <summary>Texts stand between the special tokens that their network has learned to see around them.</summary>
public class FramedClassificationSpecifications
{
    private static readonly TextTokenizer Tokenizer = BytePairLearner.Learn(["to be or not to be"], BytePairOptions.Bert with { VocabularySize = 270 });

    private static int Classifier => Tokenizer.ClassifierId!.Value;

    private static int Separator => Tokenizer.SeparatorId!.Value;

    [Fact]
    public void TheTokenizersOwnFrameIsUsedWhereItHasOne()
    {
        using var model = Create(framesTexts: true);

        Assert.Equal([Classifier, 20, 21, Separator], model.Frame([20, 21]));
        Assert.Equal(22, model.MaximumTextTokens);
        using var directory = new TemporaryDirectory();
        model.Save(directory.Path);
        using var loaded = TextClassificationModel.Load(directory.Path, Precision.Float32, "cpu");
        Assert.Equal([Classifier, 20, 21, Separator], loaded.Frame([20, 21]));
    }

    [Fact]
    public void AFrameThatIsNotWantedIsNotPutThere()
    {
        using var model = Create(framesTexts: false);
        using var directory = new TemporaryDirectory();
        model.Save(directory.Path);
        using var loaded = TextClassificationModel.Load(directory.Path, Precision.Float32, "cpu");

        Assert.Equal([20, 21], loaded.Frame([20, 21]));
        Assert.Equal(24, loaded.MaximumTextTokens);
    }

    [Fact]
    public void APublicClassifierThatSaysNothingOfFramesIsUsedAsItsTokenizerFramesTexts()
    {
        using var model = Create(framesTexts: false);
        using var directory = new TemporaryDirectory();
        model.Save(directory.Path);
        var path = Path.Combine(directory.Path, "config.json");
        var config = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        config.Remove("frame_texts");
        File.WriteAllText(path, config.ToJsonString());

        using var loaded = TextClassificationModel.Load(directory.Path, Precision.Float32, "cpu");

        Assert.Equal([Classifier, 20, Separator], loaded.Frame([20]));
    }

    [Fact]
    public void ARowMustHoldMoreThanItsFrame() => Assert.Contains(
        "MaximumTokens", Assert.Throws<ArgumentException>(() => Create(framesTexts: true, maximumTokens: 2)).Message);

    private static TextClassificationModel Create(bool framesTexts, int maximumTokens = 24) => TextClassificationModel.Create(
        LanguageModel.Create(BertConfig.Tiny with { VocabularySize = 270, Width = 32, ContextLength = 32 }, Tokenizer, Precision.Float32, CPU, seed: 1),
        ["ham", "spam"], Pooling.Pooler, maximumTokens, dropout: 0, seed: 1, framesTexts);
}
