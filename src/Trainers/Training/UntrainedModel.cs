using MLNetLlm.Models;

namespace MLNetLlm.Trainers;

/// <summary>A model as a training begins with it, where none was given: random weights for a tokenizer's tokens.</summary>
internal static class UntrainedModel
{
    // A multiple of 64 suits matrix products best.
    private const int RowsAtOnce = 64;

    public static LanguageModel Create(TransformerConfig network, TextTokenizer tokenizer, TrainingOptions training, int seed)
    {
        var rows = (tokenizer.VocabularySize + RowsAtOnce - 1) / RowsAtOnce * RowsAtOnce;
        return LanguageModel.Create(
            network with { VocabularySize = rows }, tokenizer, training.Precision, ComputeDevice.Select(training.Device), seed);
    }
}
